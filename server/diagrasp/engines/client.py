"""The engine `client`: the model of the host application itself, asked through MCP sampling.

Only the host can reach that model, so the question goes out over the MCP connection (`diagrasp.mcp.sampling`) before
the engine is called, with the picture and the prompt that every vision model gets; the engine reads what came back.
Over any other door there is nobody to ask, and it says so.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from diagrasp.engines import Engine, EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.engines.qwen3vl.answer import read_unguided
from diagrasp.engines.qwen3vl.grounding import grounded
from diagrasp.engines.qwen3vl.pixels import letter_height, plan, resized
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION, PROMPT_VERSION, instruction
from diagrasp.errors import EngineError, EngineUnavailable, ParseError

if TYPE_CHECKING:
    from diagrasp.images import Picture
    from diagrasp.settings import Settings

ID: Final = "client"
SPEC: Final = EngineSpec(
    id=ID,
    title="The host application's own model",
    description="asked through MCP sampling, where the host offers it; the picture goes to the host",
)
BUDGET: Final = 2048
"""Tokens of 32 x 32 pixels that the picture may cost; hosts shrink what is larger."""
CONFIDENCE: Final = 0.5
"""Hosts tell no probabilities."""
WAY: Final = (
    "the engine client asks the model of the host application: call recognize_diagram over MCP from a host that "
    "offers sampling (over HTTP to clients of protocols before 2026-07-28 with DIAGRASP_SESSIONS=true)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the host's model is asked: a PNG, the words, the most tokens of an answer."""

    picture: bytes
    words: str
    tokens: int


class ClientEngine:
    """Reads what the host's model said of a picture.

    Args:
        max_new_tokens: the longest answer asked for.
    """

    spec = SPEC

    def __init__(self, max_new_tokens: int) -> None:
        self.max_new_tokens = max_new_tokens

    @property
    def revision(self) -> str:
        told = f"{PROMPT_VERSION}\n{INSTRUCTION}\n{self.max_new_tokens}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def check(self) -> list[Problem]:
        return [Problem("works over MCP only, for hosts that offer sampling", fatal=False)]

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Read what was said.

        Raises:
            EngineUnavailable: nobody was asked, for the call did not come from such a host.
            EngineError: what was said is no answer.
        """
        if request.said is None:
            raise EngineUnavailable(WAY)
        progress(0.9, "reading the host's answer")
        said = request.said
        try:
            answer = read_unguided(said.text, picture.width, picture.height, complete=said.complete)
        except ParseError as error:
            begun = " ".join(said.text.split())[:80]
            raise EngineError(
                f"the host's model did not answer in the grammar ({error}): {begun!r}; use another engine"
            ) from None
        confidence = CONFIDENCE / 2 if answer.cut else CONFIDENCE
        diagram, confidence, doubts = grounded(answer.diagram, confidence, request.draft)
        warnings = []
        if answer.cut:
            warnings.append("the host's answer was cut short: elements are missing (DIAGRASP_MAX_NEW_TOKENS)")
        if not diagram.nodes:
            warnings.append("the model found no diagram in the picture")
        return Recognition(diagram, confidence, (*warnings, *doubts), said.model[:100])

    async def aclose(self) -> None:
        """Nothing is held."""


def create(settings: Settings) -> Engine:
    """The engine of these settings."""
    return ClientEngine(settings.max_new_tokens)


async def question(picture: Picture, max_new_tokens: int) -> Question:
    """What to ask of a picture; the same picture gives the same question."""

    def prepared() -> bytes:
        from PIL import Image

        shown = plan(picture.width, picture.height, letter_height(picture.pixels), budget=BUDGET)
        buffer = BytesIO()
        Image.fromarray(resized(picture.pixels, shown)).save(buffer, "PNG")
        return buffer.getvalue()

    return Question(await asyncio.to_thread(prepared), instruction(), max_new_tokens)
