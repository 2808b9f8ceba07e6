"""The engine `qwen3-vl`: a local Qwen3-VL, with a LoRA adapter where there is one, that tells pictures as graphs."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from diagrasp.engines import EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.engines.qwen3vl.adapter import adapter_warning, checked_adapter
from diagrasp.engines.qwen3vl.answer import Answer, read
from diagrasp.engines.qwen3vl.confidence import rated
from diagrasp.engines.qwen3vl.config import Config, checked_folder, find_folder
from diagrasp.engines.qwen3vl.grounding import grounded
from diagrasp.engines.qwen3vl.memory import describe, estimate, free_memory
from diagrasp.engines.qwen3vl.prompt import draft_of
from diagrasp.engines.qwen3vl.revision import model_revision
from diagrasp.engines.qwen3vl.worker import Job, Statistics, Told, Worker
from diagrasp.errors import EngineError, EngineUnavailable, ParseError

if TYPE_CHECKING:
    from diagrasp.images import Picture
    from diagrasp.model import Diagram

SPEC: Final = EngineSpec(
    id="qwen3-vl",
    title="Qwen3-VL with LoRA",
    description="a local vision-language model through transformers and peft; weights from a folder or the Hub",
    options={"adapter": "none leaves the LoRA adapter aside"},
)
_PACKAGES: Final = ("torch", "transformers", "peft", "tokenizers", "safetensors")
_USUAL_TOKENS: Final = 600
"""Tokens of a usual answer, for telling progress where there is no draft to go by."""


class QwenEngine:
    """Reads pictures with a Qwen3-VL.  Nothing is loaded before the first request.

    Args:
        config: the settings that concern it.

    A request's options: `adapter=none` leaves the adapter aside.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.spec = replace(SPEC, description=f"{SPEC.description}; {describe(config)}")
        self._worker = Worker(config)
        self._revision = ""

    @property
    def revision(self) -> str:
        if not (self._worker.loaded and self._revision):
            self._revision = model_revision(self._config)
        return self._revision

    @property
    def statistics(self) -> Statistics:
        """Seconds of loading, answers, tokens, tokens a second."""
        return self._worker.statistics

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Tell a picture.

        Raises:
            EngineUnavailable: packages or weights are missing or do not fit together.
            EngineError: generation failed, ran out of memory or of time.
            Overloaded: too many wait already.
        """
        self._check_packages()
        plain = _plain(request)
        width, height = picture.width, picture.height
        draft = draft_of(request.draft, width, height) if request.draft and request.draft.nodes else ""
        expected = max(32, len(draft) // 3) if draft else _USUAL_TOKENS

        def told(tokens: int) -> None:
            # It nears the end but never reaches it: how long the answer will be is not known.
            progress(0.1 + 0.88 * (1 - math.exp(-1.5 * tokens / expected)), f"{tokens} tokens read")

        progress(0.02, "reading with Qwen3-VL" if self._worker.loaded else "loading Qwen3-VL")
        job = Job(picture.pixels, draft, plain, told)
        try:
            answer = await asyncio.wrap_future(self._worker.submit(job))
        except asyncio.CancelledError:
            job.abandoned.set()
            raise
        progress(0.99, "checking")
        return self._recognition(answer, picture, request.draft, plain)

    def check(self) -> list[Problem]:
        problems = []
        try:
            self._check_packages()
            folder = checked_folder(self._config.model)
            if self._config.adapter:
                warning = adapter_warning(checked_adapter(self._config.adapter, folder))
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
        lacking = [name for name in _PACKAGES if find_spec(name) is None]
        if lacking:
            raise EngineUnavailable(f"{', '.join(lacking)} not installed: pip install 'diagrasp[vlm]'")

    def _recognition(self, told: Told, picture: Picture, draft: Diagram | None, plain: bool) -> Recognition:
        try:
            answer = read(told.text, picture.width, picture.height)
        except ParseError as error:
            raise EngineError(f"the vision model's answer is not of the grammar: {error}") from error
        diagram, confidence, doubts = grounded(*rated(answer, told.shares), draft)
        adapter = "" if plain or not self._config.adapter else f" + {_short(self._config.adapter)}"
        model = f"{_short(self._config.model)}{adapter} ({told.model})"
        return Recognition(diagram, confidence, (*_warnings(answer, told), *doubts), model)


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
    if not answer.diagram.nodes:
        found.append("the model found no diagram in the picture")
    return found


def _plain(request: Request) -> bool:
    wanted = request.options.get("adapter")
    if wanted in (None, "", "on"):
        return False
    if wanted in ("none", "off"):
        return True
    raise EngineError(f"the engine qwen3-vl takes adapter=none or no adapter option, not adapter={wanted}")


def _short(name: str) -> str:
    folder = find_folder(name)
    return (
        name.rstrip("/").rsplit("/", 1)[-1] if folder is None or "snapshots" in folder.parts else folder.resolve().name
    )
