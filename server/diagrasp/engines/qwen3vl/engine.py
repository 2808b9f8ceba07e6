"""The engine `qwen3-vl`: a local Qwen3-VL, with a LoRA adapter where there is one, that tells pictures as graphs."""

from __future__ import annotations

import asyncio
import contextlib
import math
import platform
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Final

from diagrasp.engines import EngineSpec, Outlook, Problem, Progress, Recognition, Request
from diagrasp.engines.qwen3vl.adapter import CARD, adapter_warning, checked_adapter
from diagrasp.engines.qwen3vl.answer import Answer, read
from diagrasp.engines.qwen3vl.confidence import rated
from diagrasp.engines.qwen3vl.config import NO_ADAPTER, Config, checked_folder, find_folder, read_json
from diagrasp.engines.qwen3vl.grounding import grounded
from diagrasp.engines.qwen3vl.memory import describe, estimate, free_memory
from diagrasp.engines.qwen3vl.merging import Part, bridged, merged, within
from diagrasp.engines.qwen3vl.pixels import BUDGET, letter_height, plan
from diagrasp.engines.qwen3vl.prompt import draft_of
from diagrasp.engines.qwen3vl.revision import model_revision
from diagrasp.engines.qwen3vl.speed import PROMPT_TOKENS, expected_seconds, guessed
from diagrasp.engines.qwen3vl.tiles import Tile, cut
from diagrasp.engines.qwen3vl.worker import Job, Statistics, Told, Worker
from diagrasp.errors import EngineError, EngineUnavailable, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from diagrasp.images import Picture
    from diagrasp.model import Diagram

SPEC: Final = EngineSpec(
    id="qwen3-vl",
    title="Qwen3-VL with LoRA",
    description="a local vision-language model through transformers and peft; weights from a folder or the Hub",
    options={"adapter": "name of the LoRA adapter; none leaves it aside"},
)
_PACKAGES: Final = ("torch", "transformers", "peft", "tokenizers", "safetensors")
_AT_ONCE: Final = 4
"""Tiles of one picture in the queue at a time, so that others are not kept waiting for all of them."""
_USUAL_TOKENS: Final = 600
"""Tokens of a usual answer, for telling progress where there is no draft to go by."""


class QwenEngine:
    """Reads pictures with a Qwen3-VL.  Nothing is loaded before the first request.

    Args:
        config: the settings that concern it.

    A request's options: `adapter=NAME` takes one of several adapters, `adapter=none` leaves them aside.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.spec = replace(SPEC, description=f"{SPEC.description}; {describe(config)}")
        self._worker = Worker(config)
        self._revision = ""
        self._complete = False

    @property
    def revision(self) -> str:
        if not (self._worker.loaded and self._revision):
            self._revision = model_revision(self._config)
        return self._revision

    @property
    def statistics(self) -> Statistics:
        """Seconds of loading, answers, tokens, tokens a second."""
        return self._worker.statistics

    def figures(self) -> dict[str, float]:
        """The same for the metrics: the cold start in seconds, tokens a second, bytes, and counts."""
        done = self._worker.statistics
        return {
            "load_seconds": done.load_seconds,
            "loads": done.loads,
            "loaded": int(self._worker.loaded),
            "answers": done.answers,
            "tokens": done.tokens,
            "tokens_per_second": done.tokens_per_second,
            "memory_bytes": done.memory,
        }

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Tell a picture.

        Raises:
            EngineUnavailable: packages or weights are missing or do not fit together.
            EngineError: generation failed, ran out of memory or of time.
            Overloaded: too many wait already.
        """
        self._check_packages()
        adapter = self._adapter(request)
        jobs: list[Job] = []
        try:
            with self._worker.announced():
                progress(0.01, "measuring the letters")
                letters, tiles = await asyncio.to_thread(self._tiles, picture.pixels)
                jobs = self._jobs(picture, letters, tiles, request.draft, adapter, progress)
                progress(0.02, "reading with Qwen3-VL" if self._worker.loaded else "loading Qwen3-VL")
                begun = [asyncio.wrap_future(self._worker.submit(job)) for job in jobs[:_AT_ONCE]]
            answers = await self._answers(jobs, begun)
        except BaseException:
            for job in jobs:
                job.abandoned.set()
            raise
        progress(0.99, "checking")
        return self._recognition(answers, tiles, picture, request.draft, adapter)

    def _jobs(
        self,
        picture: Picture,
        letters: float,
        tiles: list[Tile],
        draft: Diagram | None,
        adapter: str | None,
        progress: Progress,
    ) -> list[Job]:
        """What the worker is asked: a job a tile."""
        drafts = [_draft(draft, tile, len(tiles)) for tile in tiles]
        expected = sum(max(32, len(each) // 3) if each else _USUAL_TOKENS for each in drafts)
        told = [0] * len(tiles)

        def listener(number: int) -> Callable[[int], None]:
            def listen(tokens: int) -> None:
                told[number] = tokens
                # It nears the end but never reaches it: how long the answer will be is not known.
                progress(0.1 + 0.88 * (1 - math.exp(-1.5 * sum(told) / expected)), f"{sum(told)} tokens read")

            return listen

        return [
            Job(tile.of(picture.pixels), words, adapter is None, adapter or "", letters, listener(i))
            for i, (tile, words) in enumerate(zip(tiles, drafts, strict=True))
        ]

    async def _answers(self, jobs: list[Job], begun: list[asyncio.Future[Told]]) -> list[Told]:
        """What the model says of each tile, a few tiles at a time; `begun` are the first of them."""
        answers = []
        try:
            for number in range(len(jobs)):
                answers.append(await begun[number])
                if len(begun) < len(jobs):
                    begun.append(asyncio.wrap_future(self._worker.submit(jobs[len(begun)])))
        except BaseException:
            for each in begun:
                if not each.cancel() and not each.cancelled():
                    each.exception()  # nobody else asks for it
            raise
        return answers

    def _tiles(self, pixels: NDArray[np.uint8]) -> tuple[float, list[Tile]]:
        letters = letter_height(pixels)
        return letters, cut(pixels, letters, budget=BUDGET[_likely_device(self._config)])

    def outlook(self, picture: Picture, draft: Diagram | None) -> Outlook:
        """How long a picture would take by the speed measured here, and what the adapter's card promises."""
        speed = self._worker.measured
        if speed is None and _likely_device(self._config) == "cpu":
            speed = guessed(self._config)
        seconds = None
        if speed is not None:
            letters, tiles = self._tiles(picture.pixels)
            budget = BUDGET[_likely_device(self._config)]
            seen = sum(plan(tile.width, tile.height, letters, budget=budget).tokens for tile in tiles)
            told = sum(len(_draft(draft, tile, len(tiles))) // 2 for tile in tiles) if draft else 0
            prompt = seen + told + PROMPT_TOKENS * len(tiles)
            seconds = expected_seconds(speed, prompt, told or _USUAL_TOKENS * len(tiles), drafted=told > 0)
        return Outlook(seconds, self._promise())

    def _promise(self) -> float | None:
        """The mean of node and edge F1 that the first adapter's card states of pictures it never learnt from.

        A base that reads one family of pictures alone says in its card what it gets right of others: `elsewhere`.
        """
        base = find_folder(self._config.model)
        with contextlib.suppress(EngineUnavailable, KeyError, TypeError, ValueError):
            if base is not None and (base / CARD).is_file():
                return float(read_json(base / CARD)["elsewhere"])
        for place in self._config.adapters.values():
            folder = find_folder(place)
            if folder is None or not (folder / CARD).is_file():
                return None
            try:
                figures = read_json(folder / CARD)["outcome"]["figures"]
                return (float(figures["node"]) + float(figures["edge"])) / 2
            except (EngineUnavailable, KeyError, TypeError, ValueError):
                return None
        return None

    def check(self) -> list[Problem]:
        problems = []
        try:
            self._check_packages()
            folder = checked_folder(self._config.model)
            for place in self._config.adapters.values():
                warning = adapter_warning(checked_adapter(place, folder))
                if warning:
                    problems.append(Problem(warning, "train the adapter again with diagrasp-train lora", fatal=False))
        except EngineUnavailable as error:
            message, _, remedy = str(error).partition(": ")
            return [Problem(message, remedy)] if remedy else [Problem(str(error))]
        need, have = estimate(self._config).total, free_memory(self._config)
        if have and need > have:
            message = f"{self._config.model} needs about {need / 1e9:.1f} GB and {have / 1e9:.1f} GB are free"
            remedy = "set DIAGRASP_DTYPE=bfloat16 or DIAGRASP_QUANTIZATION=int8, or choose a smaller DIAGRASP_VLM_MODEL"
            problems.append(Problem(message, remedy, fatal=False))
        return problems

    async def aclose(self) -> None:
        """Stop what runs at its next token and let go of the model."""
        await asyncio.to_thread(self._worker.close)

    def _check_packages(self) -> None:
        if self._complete:
            return
        lacking = [name for name in _PACKAGES if find_spec(name) is None]
        if lacking:
            raise EngineUnavailable(f"{', '.join(lacking)} not installed: pip install 'diagrasp[vlm]'")
        self._complete = True

    def _recognition(
        self, told: list[Told], tiles: list[Tile], picture: Picture, draft: Diagram | None, adapter: str | None
    ) -> Recognition:
        parts, rates, warnings = [], [], []
        for each, tile in zip(told, tiles, strict=True):
            try:
                answer = read(each.text, tile.width, tile.height)
            except ParseError as error:
                raise EngineError(f"the vision model's answer is not of the grammar: {error}") from error
            diagram, rate = rated(answer, each.shares)
            parts.append(Part(tile, diagram))
            rates.append(rate)
            warnings += _warnings(answer, each)
        whole = bridged(merged(parts, picture.width, picture.height), draft, tiles)
        diagram, confidence, doubts = grounded(whole, fmean(rates), draft)
        if len(tiles) > 1:
            warnings.append(f"the picture was read in {len(tiles)} parts")
        if not diagram.nodes:
            warnings.append("the model found no diagram in the picture")
        name = f" + {_short(self._config.adapters[adapter])}" if adapter else ""
        model = f"{_short(self._config.model)}{name} ({told[0].model})"
        return Recognition(diagram, confidence, (*dict.fromkeys(warnings), *doubts), model)

    def _adapter(self, request: Request) -> str | None:
        """The name of the adapter asked for; None where there is to be none.  Raises EngineError, EngineUnavailable."""
        names = list(self._config.adapters)
        wanted = request.options.get("adapter")
        if wanted in (None, "", "on"):
            return names[0] if names else None
        if wanted in NO_ADAPTER:
            if names and self._config.merge:
                raise EngineError("the adapter is merged into the model (DIAGRASP_VLM_MERGE) and cannot be left aside")
            return None
        if wanted in names:
            return str(wanted)
        able = f"choose {', '.join(names)} or none" if names else "no adapter is configured (DIAGRASP_VLM_ADAPTER)"
        raise EngineError(f"the engine qwen3-vl has no adapter={wanted}: {able}")


def _warnings(answer: Answer, told: Told) -> list[str]:
    found = []
    if answer.cut:
        found.append(
            f"the answer was cut short after {told.tokens} tokens: elements are missing (DIAGRASP_MAX_NEW_TOKENS)"
        )
    if told.shortened:
        found.append(f"{told.shortened} labels ran in circles or grew too long and were cut")
    if told.shrunk:
        found.append("memory ran out once: the picture was read at half its size")
    if not told.legible:
        found.append(f"letters are only about {told.letters:.0f} pixels high as the model saw them; labels are guesses")
    return found


def _draft(draft: Diagram | None, tile: Tile, tiles: int) -> str:
    """What another engine made of a tile, as it goes into the prompt."""
    if draft is None or not draft.nodes:
        return ""
    shown = draft if tiles == 1 else within(draft, tile)
    return draft_of(shown, tile.width, tile.height) if shown.nodes else ""


def _likely_device(config: Config) -> str:
    """The sort of device that will be used, without asking torch: what a tile may cost depends on it."""
    if config.device != "auto":
        return kind if (kind := config.device.partition(":")[0]) in BUDGET else "cpu"
    if Path("/proc/driver/nvidia/version").exists():
        return "cuda"
    return "mps" if sys.platform == "darwin" and platform.machine() == "arm64" else "cpu"


def _short(name: str) -> str:
    folder = find_folder(name)
    return (
        name.rstrip("/").rsplit("/", 1)[-1] if folder is None or "snapshots" in folder.parts else folder.resolve().name
    )
