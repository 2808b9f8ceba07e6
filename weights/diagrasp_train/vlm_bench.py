"""Figures of the engine `qwen3-vl` with a given model: overhead, drafts, batches, cancelling, memory.

Each figure compares two ways of doing the same on the same weights, turn by turn, so that a busy machine slows both.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import statistics
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from diagrasp.engines import Request
from diagrasp.engines.qwen3vl import generation
from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.constraint import Constraint
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.engines.qwen3vl.generation import Generator
from diagrasp.engines.qwen3vl.loading import resident
from diagrasp.engines.qwen3vl.memory import estimate_for, shapes_of
from diagrasp.engines.qwen3vl.pixels import BUDGET
from diagrasp.engines.qwen3vl.prompt import answer_tokens, draft_of
from diagrasp.engines.qwen3vl.worker import Job, Told
from diagrasp.images import Picture
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.lora.examples import Example


def overhead(config: Config, examples: Sequence[Example], rounds: int = 5) -> dict[str, float]:
    """Seconds of the engine and of bare `generate` (same weights, prompt and logits processor), prefill and all.

    Clock and processor time are both told: on a busy machine only the latter says something.
    """

    async def run() -> dict[str, float]:
        engine = QwenEngine(config)
        await engine.recognize(_picture(examples[0]), Request(), _silent)
        generator: Generator = engine._worker._generator
        times: list[tuple[float, float, float, float]] = []
        for number in range(rounds * len(examples)):
            example = examples[number % len(examples)]
            taken: dict[bool, tuple[float, float]] = {}
            for ours in (False, True) if (number + number // len(examples)) % 2 else (True, False):
                clock, work = time.perf_counter(), time.process_time()
                if ours:
                    await engine.recognize(_picture(example), Request(), _silent)
                else:
                    await asyncio.to_thread(_bare, generator, example)
                taken[ours] = time.perf_counter() - clock, time.process_time() - work
            times.append((*taken[False], *taken[True]))
        await engine.aclose()
        bare, bare_work, ours_, our_work = map(list, zip(*times, strict=True))
        return {
            "bare_seconds": statistics.median(bare),
            "engine_seconds": statistics.median(ours_),
            "overhead": _more(ours_, bare),
            "overhead_of_sums": sum(ours_) / sum(bare) - 1,
            "overhead_of_processor_time": _more(our_work, bare_work),
            "overhead_of_its_sums": sum(our_work) / sum(bare_work) - 1,
        }

    return asyncio.run(run())


def _more(ours: Sequence[float], bare: Sequence[float]) -> float:
    """By what share more, in the median of pairs."""
    return statistics.median(a / b - 1 for a, b in zip(ours, bare, strict=True))


def _bare(generator: Generator, example: Example) -> None:
    """What one would write without the engine: the picture prepared, `generate` called with the logits processor."""
    loaded = generator.loaded
    shown = generator.show(Job(example.pixels), BUDGET[loaded.device.type])
    length = len(shown.prompt.ids)
    with torch.inference_mode():
        said = loaded.model.generate(
            **generator._inputs([shown], length),
            max_new_tokens=generator._tokens,
            do_sample=False,
            logits_processor=[Constraint(generator.guide, 1, length, lambda _: False)],
            eos_token_id=loaded.stop,
            pad_token_id=loaded.pad,
        )
    loaded.tokenizer.decode(said[0, length:].tolist())


def drafts(config: Config, examples: Sequence[Example], *, scripted: bool = True) -> dict[str, float]:
    """Decoding with a draft in the prompt, verified many tokens at a step, against the same prompt told plainly.

    Args:
        config: the model.
        examples: pictures with their truths; drafts are truths spoilt as another engine would.
        scripted: whether the model's choices are led to the truth, so that any weights will do: every step is really
            computed, and how much of the draft is right is known.
    """
    generator = Generator(config)
    rates: dict[bool, list[float]] = {False: [], True: []}
    same, kept, told_tokens = 0, [], 0
    for example in examples:
        draft = draft_of(spoilt(example.diagram, example.name), example.width, example.height)
        target = answer_tokens(
            generator.loaded.tokenizer, write(ordered(example.diagram), example.width, example.height)
        )
        told = {}
        for verified in (False, True):
            with _changed(None if verified else _no_lookup, target if scripted else None):
                found = generator.tell([Job(example.pixels, draft)])[0]
            assert isinstance(found, Told)  # noqa: S101
            told[verified] = found
            rates[verified].append(found.tokens / max(1e-9, found.seconds - found.prefill))
        same += told[False].text == told[True].text
        told_tokens += told[True].tokens
        lines = told[True].text.split("\n")
        kept.append(sum(line in draft.split("\n") for line in lines) / len(lines))
    plain, quick = statistics.median(rates[False]), statistics.median(rates[True])
    gains = [b / a for a, b in zip(rates[False], rates[True], strict=True)]
    return {
        "plain_tokens_per_second": plain,
        "draft_tokens_per_second": quick,
        "gain": statistics.median(gains),
        "identical": same / len(examples),
        "lines_of_answer_in_draft": statistics.fmean(kept),
        "tokens_of_an_answer": told_tokens / len(examples),
    }


@contextlib.contextmanager
def _changed(lookup: Any, target: list[int] | None) -> Iterator[None]:
    """Generation without look-up, or led to a target, for a while."""
    module: Any = generation
    before = module.lookup, module.Constraint

    class Led(Constraint):
        """Prefers the target's token at each place of an answer."""

        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            place = input_ids.shape[1] - self._prompt
            if target is not None and place < len(target):
                scores = scores.clone()
                scores[:, target[place]] += 1e4
            return super().__call__(input_ids, scores)

    module.lookup = lookup or before[0]
    module.Constraint = Led if target is not None else before[1]
    try:
        yield
    finally:
        module.lookup, module.Constraint = before


def _no_lookup(job: Job) -> dict[str, Any]:
    return {}


def batches(config: Config, examples: Sequence[Example], size: int = 8) -> dict[str, float]:
    """Tokens a second, prefill apart, of pictures told side by side and one by one."""
    generator = Generator(config)
    generator.batch = size
    chosen = [examples[i % len(examples)] for i in range(size)]
    alone, beside = [], []
    for _ in range(3):
        one = [generator.tell([Job(each.pixels)])[0] for each in chosen]
        all_ = generator.tell([Job(each.pixels) for each in chosen])
        alone.append(_rate(one, together=False))
        beside.append(_rate(all_, together=True))
    return {
        "one_by_one": statistics.median(alone),
        "together": statistics.median(beside),
        "gain": statistics.median([b / a for a, b in zip(alone, beside, strict=True)]),
    }


def _rate(told: Sequence[Any], *, together: bool) -> float:
    seconds = [each.seconds - each.prefill for each in told]
    return float(sum(each.tokens for each in told) / (max(seconds) if together else sum(seconds)))


def cancelling(config: Config, examples: Sequence[Example], times: int = 200, seed: int = 0) -> dict[str, float]:
    """Growth in megabytes and threads after so many cancellations at random moments."""

    async def run() -> dict[str, float]:
        engine = QwenEngine(config)
        rng = random.Random(seed)
        pages = [_picture(each) for each in examples]
        started = time.perf_counter()
        await engine.recognize(pages[0], Request(), _silent)
        await engine.recognize(pages[0], Request(), _silent)
        usual = (time.perf_counter() - started) / 2
        stopped = 0

        async def cancel() -> None:
            nonlocal stopped
            task = asyncio.ensure_future(engine.recognize(rng.choice(pages), Request(), _silent))
            await asyncio.sleep(rng.uniform(0, 0.7 * usual))
            task.cancel()
            outcome = (await asyncio.gather(task, return_exceptions=True))[0]
            stopped += isinstance(outcome, asyncio.CancelledError)

        for _ in range(max(3, times // 10)):  # until allocators have what they want
            await cancel()
        gc.collect()
        stopped = 0
        before, threads = resident(), threading.active_count()
        for _ in range(times):
            await cancel()
        again = await engine.recognize(pages[0], Request(), _silent)
        gc.collect()
        grown = resident() - before
        more = threading.active_count() - threads
        await engine.aclose()
        left = sum(each.name == "diagrasp-qwen3vl" for each in threading.enumerate())
        return {
            "cancelled": stopped,
            "grown_megabytes": grown / 1e6,
            "more_threads": more,
            "threads_left": left,
            "answers_after": float(bool(again)),
        }

    return asyncio.run(run())


class Ledger(TorchDispatchMode):
    """Bytes of all tensors alive at a time, and the most there were."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self._known: dict[int, int] = {}

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = function(*args, **(kwargs or {}))
        torch.utils._pytree.tree_map_only(torch.Tensor, self.count, made)
        return made

    def count(self, tensor: torch.Tensor) -> None:
        """Note a tensor's storage until it goes."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._known:
            return
        self._known[key] = size = storage.nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, key)

    def _gone(self, key: int) -> None:
        self.now -= self._known.pop(key, 0)


def memory(config: Config, example: Example) -> dict[str, float]:
    """Bytes that tensors take at the peak of answering a picture, and what is estimated for just that many tokens."""
    generator = Generator(config)
    loaded = generator.loaded
    weights = sum(each.numel() * each.element_size() for each in _own(loaded.model))
    ledger = Ledger()
    with ledger:
        told = generator.tell([Job(example.pixels)])[0]
    assert isinstance(told, Told)  # noqa: S101
    shown = generator.show(Job(example.pixels), BUDGET[loaded.device.type])
    dtype = str(loaded.dtype).removeprefix("torch.")
    guess = estimate_for(shapes_of(config), dtype, image_tokens=shown.plan.tokens, tokens=told.prompt + told.tokens)
    measured = weights + ledger.peak
    return {
        "measured_megabytes": measured / 1e6,
        "estimated_megabytes": guess.total / 1e6,
        "estimate_off_by": guess.total / measured - 1,
        "weights_megabytes": weights / 1e6,
        "cold_start_seconds": loaded.seconds,
        "image_tokens": shown.plan.tokens,
        "tokens": told.prompt + told.tokens,
    }


def _own(model: Any) -> list[torch.Tensor]:
    return list({each.data_ptr(): each for each in [*model.parameters(), *model.buffers()]}.values())


def _picture(example: Example) -> Picture:
    return Picture(data=b"", pixels=example.pixels, media_type="image/png", name=example.name)


def _silent(share: float, doing: str) -> None:
    return None
