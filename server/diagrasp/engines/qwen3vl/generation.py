"""Pictures to answers: prepares a batch, generates under the guide, and copes with memory running out.

Importing this module imports torch and transformers; only the worker's thread does.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch

from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.constraint import Constraint, Row, Watch
from diagrasp.engines.qwen3vl.guide import RESERVE, Guide
from diagrasp.engines.qwen3vl.loading import Loaded, load, resident
from diagrasp.engines.qwen3vl.pixels import BUDGET, Plan, letter_height, plan, resized
from diagrasp.engines.qwen3vl.prompt import PromptTokens, prompt_tokens
from diagrasp.engines.qwen3vl.worker import Job, Told
from diagrasp.errors import EngineError, RecognitionTimeout

BATCH: Final = {"cuda": 8, "mps": 2, "cpu": 4}
LOOKUP: Final = 12
"""Tokens of a draft verified at a step."""
MATCHING: Final = 6
"""The longest run of tokens by which the place in the draft is found; numbers are a token a digit and recur."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as the model gets it: patches (N, 3*2*side*side/4) and their grid (1, rows, columns)."""

    plan: Plan
    patches: torch.Tensor
    grid: torch.Tensor
    prompt: PromptTokens


class Generator:
    """A loaded model at work.  Used from one thread; `stop` from any.

    Raises:
        EngineUnavailable: the model cannot be loaded.
    """

    def __init__(self, config: Config, loaded: Loaded | None = None) -> None:
        self._config = config
        self.loaded = loaded or load(config)
        self.batch = BATCH[self.loaded.device.type]
        self._stopping = threading.Event()
        tokens = max(2 * RESERVE, config.max_new_tokens)
        self.guide = Guide(self.loaded.vocabulary, self.loaded.stop, tokens)
        self._tokens = tokens

    def stop(self) -> None:
        """End what runs at its next token."""
        self._stopping.set()

    def tell(self, jobs: list[Job]) -> list[Told | EngineError | None]:
        """Answer jobs side by side: what was told, an error, or None for one that was given up.

        When memory runs out they are answered one by one, and then once more with the picture at half its budget.

        Raises:
            EngineError: memory does not even suffice for that.
        """
        budget = BUDGET[self.loaded.device.type]
        try:
            return self._tell(jobs, budget)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
        self._release()
        if len(jobs) > 1:
            return [outcome for job in jobs for outcome in self.tell([job])]
        try:
            return self._tell(jobs, budget // 2, shrunk=True)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            self._release()
            raise EngineError(
                f"memory ran out twice over this picture ({self.loaded.name}); choose a smaller model or number type "
                "(DIAGRASP_VLM_MODEL, DIAGRASP_DTYPE, DIAGRASP_QUANTIZATION)"
            ) from None

    def show(self, job: Job, budget: int) -> Shown:
        """Scale a picture and write its prompt."""
        height, width = job.pixels.shape[:2]
        side = self.loaded.side
        letters = letter_height(job.pixels) if job.letters is None else job.letters
        size = plan(width, height, letters, budget=budget, side=side)
        features = self.loaded.processor(images=[resized(job.pixels, size)], do_resize=False, return_tensors="pt")
        prompt = prompt_tokens(self.loaded.tokenizer, size.tokens, job.draft)
        return Shown(size, features["pixel_values"], features["image_grid_thw"], prompt)

    def _tell(self, jobs: list[Job], budget: int, *, shrunk: bool = False) -> list[Told | EngineError | None]:
        started = time.monotonic()
        shown = [self.show(job, budget) for job in jobs]
        length = max(len(each.prompt.ids) for each in shown)
        watch = Watch(
            [partial(self._dropped, job) for job in jobs],
            [job.progress for job in jobs],
            length,
            started + self._config.timeout,
        )
        constraint = Constraint(self.guide, len(jobs), length, lambda row: watch.stopped[row])
        with torch.inference_mode(), self._weights(jobs[0]):
            said = self.loaded.model.generate(
                **self._inputs(shown, length),
                max_new_tokens=self._tokens,
                do_sample=False,
                logits_processor=[constraint],
                stopping_criteria=[watch],
                eos_token_id=self.loaded.stop,
                pad_token_id=self.loaded.pad,
                **lookup(jobs[0]),
            )
        now = time.monotonic()
        prefill = (watch.first or now) - started
        outcomes: list[Told | EngineError | None] = []
        for i, (job, each, row) in enumerate(zip(jobs, shown, constraint.rows, strict=True)):
            if self._dropped(job):
                outcomes.append(None)
            elif watch.stopped[i]:
                outcomes.append(
                    RecognitionTimeout(
                        f"the vision model took longer than {self._config.timeout:g} s (DIAGRASP_TIMEOUT) at "
                        f"{len(row.tokens)} tokens"
                    )
                )
            else:
                tokens = said[i, length:].tolist()
                row.follow(tokens[: tokens.index(self.loaded.stop)])
                outcomes.append(self._told(each, row, shrunk, prefill, now - started))
        return outcomes

    def _dropped(self, job: Job) -> bool:
        return job.dropped or self._stopping.is_set()

    def _inputs(self, shown: list[Shown], length: int) -> dict[str, Any]:
        device = self.loaded.device
        pads = [length - len(each.prompt.ids) for each in shown]

        def stacked(rows: list[list[int]]) -> torch.Tensor:
            return torch.tensor(rows, dtype=torch.long, device=device)

        prompts = list(zip(pads, (each.prompt for each in shown), strict=True))
        return {
            "input_ids": stacked([[self.loaded.pad] * pad + prompt.ids for pad, prompt in prompts]),
            "attention_mask": stacked([[0] * pad + [1] * len(prompt.ids) for pad, prompt in prompts]),
            "mm_token_type_ids": stacked([[0] * pad + prompt.types for pad, prompt in prompts]),
            "pixel_values": _joined([each.patches for each in shown]).to(device, self.loaded.dtype),
            "image_grid_thw": torch.cat([each.grid for each in shown]).to(device),
        }

    def _told(self, shown: Shown, row: Row, shrunk: bool, prefill: float, seconds: float) -> Told:
        shares, least = [], 1.0
        for token, share in zip(row.tokens, row.shares, strict=False):
            least = min(least, share)
            if (self.loaded.vocabulary.bytes_of(token) or b"").endswith(b"\n"):
                shares.append(least)
                least = 1.0
        return Told(
            text=self.loaded.vocabulary.text(row.tokens).decode(),
            shares=(*shares, least),
            shortened=row.point.shortened,
            prompt=len(shown.prompt.ids),
            tokens=len(row.tokens),
            letters=shown.plan.letters,
            legible=shown.plan.legible,
            shrunk=shrunk,
            prefill=prefill,
            seconds=seconds,
            model=self.loaded.name,
        )

    def _weights(self, job: Job) -> contextlib.AbstractContextManager[Any]:
        """The adapter that was asked for; all of them left aside where that was."""
        if not self.loaded.adapters:
            return contextlib.nullcontext()
        if job.plain:
            return self.loaded.model.disable_adapter()  # type: ignore[no-any-return]
        wanted = job.adapter or self.loaded.adapters[0]
        if self.loaded.model.active_adapter != wanted:
            self.loaded.model.set_adapter(wanted, inference_mode=True)
        return contextlib.nullcontext()

    def unload(self) -> None:
        """Let go of the weights; the generator is of no use afterwards."""
        del self.loaded
        self._release("cuda")

    def memory(self) -> int:
        """Bytes that the process holds for the model, at the peak so far: the device's, or of main memory."""
        if self.loaded.device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(self.loaded.device))
        return max(0, resident() - self.loaded.before)

    def _release(self, device: str = "") -> None:
        gc.collect()
        if (device or self.loaded.device.type) == "cuda" and torch.cuda.is_available():
            torch.cuda.empty_cache()


def _joined(patches: list[torch.Tensor]) -> torch.Tensor:
    """The patches of all pictures; those of a single one are not copied, for they are large."""
    return patches[0] if len(patches) == 1 else torch.cat(patches)


def lookup(job: Job) -> dict[str, Any]:
    """What makes `generate` verify a draft that stands in the prompt, many tokens at a step."""
    return {"prompt_lookup_num_tokens": LOOKUP, "max_matching_ngram_size": MATCHING} if job.draft else {}


def _out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out; torch on a CPU only says so in words."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = str(error).lower()
    return "out of memory" in words or "can't allocate memory" in words or "not enough memory" in words
