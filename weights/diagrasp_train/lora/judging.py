"""Judging a model by the graphs that it answers, as the engine would ask it: with a draft in the prompt or without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from diagrasp.engines import Request
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.qwen3vl.answer import read
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.generation import Generator
from diagrasp.engines.qwen3vl.loading import Loaded
from diagrasp.engines.qwen3vl.prompt import draft_of
from diagrasp.engines.qwen3vl.worker import Job, Told
from diagrasp.errors import DiagraspError
from diagrasp.images import Picture
from diagrasp.model import Diagram
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.lora.examples import Example
from diagrasp_train.lora.scores import mean, score

LONGEST: Final = 4096
"""Tokens of an answer, unless told otherwise."""
Drafts = Callable[[Example], Diagram | None]
"""What another engine makes of a picture; None where it makes nothing of it."""


def evaluate(
    loaded: Loaded,
    examples: Sequence[Example],
    *,
    plain: bool = False,
    drafts: Drafts | None = None,
    tokens: int = LONGEST,
) -> dict[str, float]:
    """The graph's F1 over pictures, as the engine would answer them: node, edge, exact, and the share cut short.

    Args:
        loaded: the model.
        examples: pictures with their truths.
        plain: whether the adapter is left aside.
        drafts: what stands in the prompt to be corrected; None for prompts without.
        tokens: the longest answer; one that is cut there counts with what it had said.
    """
    loaded.model.eval()
    generator = Generator(Config(max_new_tokens=tokens, timeout=3600.0), loaded)
    scores, cut = [], 0
    size = 1 if drafts else generator.batch  # drafts are verified one at a time
    for start in range(0, len(examples), size):
        batch = examples[start : start + size]
        told = generator.tell([Job(each.pixels, _words(each, drafts), plain=plain) for each in batch])
        for example, answer in zip(batch, told, strict=True):
            assert isinstance(answer, Told)  # noqa: S101  nobody cancels, and an hour is enough
            found = read(answer.text, example.width, example.height)
            cut += found.cut
            scores.append(score(example.diagram, found.diagram))
    return mean(scores) | {"cut": cut / max(1, len(examples))}


def of_drafts(examples: Sequence[Example], drafts: Drafts) -> dict[str, float]:
    """The figures of the drafts themselves."""
    return mean(score(each.diagram, drafts(each) or Diagram()) for each in examples) | {"cut": 0.0}


def spoilt_truth(example: Example) -> Diagram:
    """The truth, about a fifth of it spoilt as another engine would; the same each time."""
    return spoilt(example.diagram, example.name)


def by_embedded(examples: Sequence[Example]) -> Drafts:
    """The embedded engine's diagrams of pictures, each read once; a picture that it refuses has none."""

    async def read_all() -> list[Diagram | None]:
        engine = EmbeddedEngine()
        found: list[Diagram | None] = []
        for example in examples:
            picture = Picture(data=b"", pixels=example.pixels, media_type="image/png", name=example.name)
            try:
                found.append((await engine.recognize(picture, Request(), lambda share, doing: None)).diagram)
            except DiagraspError:
                found.append(None)
        await engine.aclose()
        return found

    known = dict(zip(map(id, examples), asyncio.run(read_all()), strict=True))
    return lambda example: known[id(example)]


def _words(example: Example, drafts: Drafts | None) -> str:
    draft = drafts(example) if drafts else None
    return draft_of(draft, example.width, example.height) if draft and draft.nodes else ""
