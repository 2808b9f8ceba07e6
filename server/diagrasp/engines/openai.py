"""Engine `openai`: any OpenAI-compatible server that serves a vision model (vLLM, SGLang, llama.cpp, Ollama, ...).

It asks the very prompt that the local engine asks, so an adapter trained here can be served there.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
import math
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from diagrasp.engines import Engine, EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.engines.openai_wire import MOST_BYTES, Retry, check_status, events, short, whole_body
from diagrasp.engines.qwen3vl.answer import read_unguided
from diagrasp.engines.qwen3vl.confidence import rated
from diagrasp.engines.qwen3vl.gbnf import held_to
from diagrasp.engines.qwen3vl.grounding import grounded
from diagrasp.engines.qwen3vl.merging import Part, bridged, merged, within
from diagrasp.engines.qwen3vl.pixels import Plan, letter_height, plan, resized
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION, PROMPT_VERSION, draft_of, instruction
from diagrasp.engines.qwen3vl.tiles import Tile, cut
from diagrasp.errors import EngineError, EngineUnavailable, ParseError

if TYPE_CHECKING:
    import httpx2
    import numpy as np
    from numpy.typing import NDArray

    from diagrasp.images import Picture
    from diagrasp.model import Diagram
    from diagrasp.settings import Settings

log = logging.getLogger(__name__)

SPEC: Final = EngineSpec(
    id="openai",
    title="OpenAI-compatible server",
    description="a vision model behind /v1/chat/completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio",
)
BUDGET: Final = 4096
"""Tokens that a picture may cost."""
TRIES: Final = 4
BACKOFF: Final = 0.5
"""Seconds before the second try; doubled each time."""
LONGEST_WAIT: Final = 20.0
UNKNOWN_CONFIDENCE: Final = 0.5
"""Where the server tells no probabilities."""


@dataclass(slots=True)
class _Said:
    """An answer as it comes in: text, whether the model ended by itself, and each line's least probability.

    `refused` holds the words of a refusal, `thought` counts what was said aside, as thinking models do.
    """

    text: str = ""
    ended: bool = False
    refused: str = ""
    thought: int = 0
    tokens: int = 0
    shares: list[float] = field(default_factory=list)
    least: float = 1.0

    def add(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta") or {}
        self.text += delta.get("content") or ""
        self.refused += delta.get("refusal") or ""
        self.thought += bool(delta.get("reasoning_content") or delta.get("reasoning"))
        reason = choice.get("finish_reason")
        self.ended = self.ended or reason == "stop"
        if reason == "content_filter":
            self.refused = self.refused or "a filter of contents"
        self.tokens += 1
        for each in (choice.get("logprobs") or {}).get("content") or ():
            self.least = min(self.least, math.exp(min(0.0, float(each.get("logprob", 0.0)))))
            if str(each.get("token", "")).endswith("\n"):
                self.shares.append(self.least)
                self.least = 1.0

    @property
    def lines(self) -> tuple[float, ...]:
        """The shares of the answer's lines; empty where the server told none, or they cannot be told apart."""
        found = (*self.shares, self.least)
        # A fence or thoughts before the answer, and tokens that hold more than one line, would shift them.
        aligned = self.text[:1].isalpha() and len(found) == self.text.count("\n") + 1
        return found if self.shares and aligned else ()


class _Unknown(Exception):
    """The server refuses a request that holds more than any server knows."""


class OpenAIEngine:
    """Reads pictures through a server.

    Args:
        url: the server's base URL, with its `/v1`.
        model: as the server names it (vLLM: the name of a LoRA module); None takes the only one that it lists.
        key: the bearer token, if it wants one.
        max_new_tokens: the longest answer.
        timeout: seconds of silence that are borne.
    """

    spec = SPEC

    def __init__(
        self, url: str | None, model: str | None, key: str | None, *, max_new_tokens: int, timeout: float
    ) -> None:
        self._url = (url or "").rstrip("/")
        self._model, self._key = model, key
        self._max_new_tokens, self._timeout = max_new_tokens, timeout
        self._client: httpx2.AsyncClient | None = None
        self._extras: dict[str, Any] | None = None

    @property
    def revision(self) -> str:
        told = f"{self._url}\n{self._model}\n{self._max_new_tokens}\n{PROMPT_VERSION}\n{INSTRUCTION}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def check(self) -> list[Problem]:
        if not self._url:
            return [Problem("no server is configured", "set DIAGRASP_OPENAI_URL, e.g. http://localhost:8001/v1")]
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return [Problem("DIAGRASP_OPENAI_URL is no http(s) URL", "set it like http://localhost:8001/v1")]
        return []

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Tell a picture.

        Raises:
            EngineUnavailable: the server is not configured, not there, or refuses the key or the model.
            EngineError: it answered with an error, or with something that is no answer.
            Overloaded: it is too busy, also after several tries.
        """
        for problem in self.check():
            raise EngineUnavailable(f"{problem.message}; {problem.remedy}")
        progress(0.02, "preparing the picture")
        letters, tiles = await asyncio.to_thread(_cut, picture)
        model = await self._served()
        parts = []
        for i, tile in enumerate(tiles):

            def part(share: float, doing: str, i: int = i) -> None:
                progress((i + share) / len(tiles), doing)

            shown, image = await asyncio.to_thread(_encoded, tile.of(picture.pixels), letters)
            words = instruction(_draft(request.draft, tile, len(tiles)))
            said = await self._ask(self._body(model, image, words), part)
            parts.append((tile, shown, said))
        return _recognition(parts, picture, model, request.draft)

    def _body(self, model: str, image: str, words: str) -> dict[str, Any]:
        return {
            "model": model,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": image}},
                        {"type": "text", "text": words},
                    ],
                }
            ],
            "max_tokens": self._max_new_tokens,
            "temperature": 0,
            "stream": True,
        }

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _connection(self) -> httpx2.AsyncClient:
        if self._client is None:
            import httpx2

            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            timeout = httpx2.Timeout(self._timeout, connect=min(10.0, self._timeout))
            # Redirects are not followed: the key and the picture are for this server only.
            self._client = httpx2.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False)
        return self._client

    async def _ask(self, body: dict[str, Any], progress: Progress) -> _Said:
        """The answer, asked for again where that may help."""
        extras, attempt = self._extras or {}, 0
        while True:
            attempt += 1
            try:
                said = await self._stream({**body, **extras}, progress)
                self._extras = extras  # what it took, the next picture is asked with too
                return said
            except _Unknown:
                # Some servers refuse what they do not know: first without the grammar, then without probabilities.
                extras = {"logprobs": True} if len(extras) > 1 else {}
                attempt -= 1
            except Retry as retry:
                if attempt == TRIES:
                    raise retry.error from None
                pause = BACKOFF * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311  jitter
                wait = min(LONGEST_WAIT, pause if retry.after is None else retry.after)
                log.info("try %d of %d in %.1f s: %s", attempt + 1, TRIES, wait, retry.error)
                await asyncio.sleep(wait)

    async def _stream(self, body: dict[str, Any], progress: Progress) -> _Said:
        said = _Said()
        async with self._sent("POST", "/chat/completions", body) as response:
            if response.status_code in (400, 422) and "logprobs" in body:
                raise _Unknown
            await check_status(response, str(body["model"]))
            async for event in events(response):
                if "error" in event:
                    raise EngineError(f"the server failed: {short(event['error'])}")
                for choice in event.get("choices") or ():
                    said.add(choice)
                if len(said.text) > MOST_BYTES:
                    raise EngineError(f"the server's answer exceeds {MOST_BYTES} bytes")
                progress(0.1 + 0.88 * (1 - math.exp(-said.tokens / 400)), f"{said.tokens} tokens read")
        if said.refused:
            raise EngineError(f"the server's model refused to answer: {short(said.refused)}")
        if not said.text.strip():
            if said.thought:
                raise EngineError(
                    f"the server's model only thought ({said.thought} parts) and said nothing: serve an Instruct "
                    "model, or raise DIAGRASP_MAX_NEW_TOKENS"
                )
            raise EngineError("the server answered nothing")
        return said

    @contextlib.asynccontextmanager
    async def _sent(self, method: str, path: str, body: dict[str, Any] | None = None) -> AsyncIterator[httpx2.Response]:
        """A response under way; what goes wrong with the connection is told as ours."""
        import httpx2

        place = _shown(self._url)
        try:
            async with self._connection().stream(method, self._url + path, json=body) as response:
                yield response
        except httpx2.ConnectError:
            raise Retry(
                EngineUnavailable(f"no server answers at {place}; start it, or set DIAGRASP_OPENAI_URL")
            ) from None
        except httpx2.TimeoutException:
            raise EngineError(f"the server at {place} was silent for {self._timeout:g} s (DIAGRASP_TIMEOUT)") from None
        except httpx2.TransportError as error:
            raise Retry(EngineError(f"the connection to {place} broke: {type(error).__name__}")) from None

    async def _served(self) -> str:
        """The model to ask for; on the way, whether the server is one that holds models to a grammar."""
        if self._model and self._extras is not None:
            return self._model
        try:
            async with self._sent("GET", "/models") as response:
                await check_status(response, "")
                listed = json.loads(await whole_body(response))
            names = [str(each["id"]) for each in listed["data"]]
            owner = str(listed["data"][0].get("owned_by", "")) if names else ""
        except (Retry, EngineError, ValueError, KeyError, TypeError, AttributeError) as error:
            if self._model:  # it need not list them
                self._extras = self._extras or {"logprobs": True}
                return self._model
            if isinstance(error, Retry):
                raise error.error from None
            if isinstance(error, EngineError):
                raise
            raise EngineUnavailable("the server lists no models; set DIAGRASP_OPENAI_MODEL") from None
        if self._extras is None:
            self._extras = {"logprobs": True, **held_to(owner.lower())}
        if self._model:
            return self._model
        if len(names) != 1:
            told = ", ".join(names[:8]) or "none"
            raise EngineUnavailable(f"the server lists {len(names)} models ({told}); set DIAGRASP_OPENAI_MODEL")
        return names[0]


def create(settings: Settings) -> Engine:
    """The engine of these settings; connects to nothing before its first picture."""
    return OpenAIEngine(
        settings.openai_url,
        settings.openai_model,
        settings.openai_key.get_secret_value() if settings.openai_key else None,
        max_new_tokens=settings.max_new_tokens,
        timeout=settings.timeout,
    )


def _cut(picture: Picture) -> tuple[float, list[Tile]]:
    letters = letter_height(picture.pixels)
    return letters, cut(picture.pixels, letters, budget=BUDGET)


def _draft(draft: Diagram | None, tile: Tile, tiles: int) -> str:
    """What another engine made of a tile, as it goes into the prompt."""
    if draft is None or not draft.nodes:
        return ""
    shown = draft if tiles == 1 else within(draft, tile)
    return draft_of(shown, tile.width, tile.height) if shown.nodes else ""


def _encoded(pixels: NDArray[np.uint8], letters: float) -> tuple[Plan, str]:
    """A picture at the size its letters ask for, as a data URI."""
    from PIL import Image

    shown = plan(pixels.shape[1], pixels.shape[0], letters, budget=BUDGET)
    buffer = BytesIO()
    Image.fromarray(resized(pixels, shown)).save(buffer, "PNG")
    return shown, "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _recognition(
    told: Sequence[tuple[Tile, Plan, _Said]], picture: Picture, model: str, draft: Diagram | None
) -> Recognition:
    parts, rates, warnings = [], [], []
    for tile, shown, said in told:
        try:
            answer = read_unguided(said.text, tile.width, tile.height, complete=said.ended)
        except ParseError as error:
            begun = " ".join(said.text.split())[:80]
            raise EngineError(
                f"{model} did not answer in the grammar ({error}): {begun!r}; serve it with an adapter trained by "
                "diagrasp-train lora, or choose a larger model"
            ) from None
        diagram, rate = rated(answer, said.lines)
        if not said.lines:
            diagram, rate = answer.diagram, UNKNOWN_CONFIDENCE / 2 if answer.cut else UNKNOWN_CONFIDENCE
        parts.append(Part(tile, diagram))
        rates.append(rate)
        if answer.cut:
            warnings.append("the server's answer was cut short: elements are missing (DIAGRASP_MAX_NEW_TOKENS)")
        if not shown.legible:
            warnings.append(f"letters are only about {shown.letters:.0f} pixels high as the model saw them")
    whole = bridged(merged(parts, picture.width, picture.height), draft, [part.tile for part in parts])
    diagram, confidence, doubts = grounded(whole, fmean(rates), draft)
    if len(parts) > 1:
        warnings.append(f"the picture was read in {len(parts)} parts")
    if not diagram.nodes:
        warnings.append("the model found no diagram in the picture")
    return Recognition(diagram, confidence, (*dict.fromkeys(warnings), *doubts), model)


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
