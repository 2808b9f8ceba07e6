"""What OpenAI-compatible servers answer: streams of events, bodies of a bounded size, errors in plain words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from diagrasp.errors import EngineError, EngineUnavailable, Overloaded

if TYPE_CHECKING:
    import httpx2

MOST_BYTES: Final = 4_000_000
"""Of an answer; nothing of the grammar needs more."""


class Retry(Exception):
    """Something that may pass; `after` seconds where the server said."""

    def __init__(self, error: EngineError | Overloaded, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.after = error, after


async def events(response: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    """The server-sent events of a stream, or the one answer of a server that does not stream."""
    if "event-stream" not in response.headers.get("content-type", ""):
        whole = json_object(await whole_body(response))
        for choice in whole.get("choices") or ():
            choice["delta"] = choice.pop("message", None)
        yield whole
        return
    size = 0
    async for line in response.aiter_lines():
        size += len(line)
        if size > 64 * MOST_BYTES:
            raise EngineError("the server does not stop")
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            return
        yield json_object(data.encode())


def json_object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        raise EngineError("the server's answer is no JSON") from None
    if not isinstance(found, dict):
        raise EngineError("the server's answer is no JSON object")
    return found


async def whole_body(response: httpx2.Response) -> bytes:
    found = bytearray()
    async for part in response.aiter_bytes():
        found += part
        if len(found) > MOST_BYTES:
            raise EngineError(f"the server's answer exceeds {MOST_BYTES} bytes")
    return bytes(found)


async def check_status(response: httpx2.Response, model: str) -> None:
    status = response.status_code
    if status < 300:
        return
    if status < 400:
        raise EngineUnavailable("the server redirects elsewhere; set DIAGRASP_OPENAI_URL to where it really is")
    reason = await reason_of(response)
    if status in (401, 403):
        raise EngineUnavailable(f"the server refuses the key (DIAGRASP_OPENAI_KEY): {reason}")
    if status == 404:
        wanted = f" for the model {model!r}" if model else ""
        raise EngineUnavailable(
            f"the server has nothing there{wanted} (DIAGRASP_OPENAI_URL, DIAGRASP_OPENAI_MODEL): {reason}"
        )
    if status == 429:
        raise Retry(Overloaded(f"the server is too busy: {reason}"), after=_seconds(response.headers))
    if status >= 500:
        raise Retry(EngineError(f"the server failed with {status}: {reason}"), after=_seconds(response.headers))
    raise EngineError(f"the server refused the request with {status}: {reason}")


async def reason_of(response: httpx2.Response) -> str:
    """What an error's body says, in one short line."""
    data = await whole_body(response)
    try:
        return short(json.loads(data)["error"])
    except (ValueError, KeyError, TypeError):
        return short(data.decode(errors="replace")) or response.reason_phrase


def short(error: Any) -> str:
    told = error.get("message", "") if isinstance(error, dict) else str(error)
    return " ".join(str(told).split())[:200]


def _seconds(headers: Any) -> float | None:
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None
