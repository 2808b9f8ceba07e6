"""The diagrasp server as an MCP client sees it: recognise, convert, list formats.

A session is opened and closed in one task, one for each message of the user: nothing is kept that a restart of the
server could break, and anyio's cancel scopes are left by the task that entered them.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio
import httpx
from mcp import ClientSession, McpError, types
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl

from diagrasp_chat.settings import ChatSettings

Progress = Callable[[float, str], Awaitable[None]]
"""Called with the share done (0..1) and what is being done."""

CONNECT_TIMEOUT = 5.0
GOODBYE_TIMEOUT = 2.0


class ChatError(Exception):
    """Something to tell the user in one line."""


class ServerDown(ChatError):
    """Nothing answers at the server's address."""


class ServerRefused(ChatError):
    """The server wants a token, or another one."""


class TooLarge(ChatError):
    """The server takes no body of that size."""


class ToolFailed(ChatError):
    """The server answered with an error; the message is the server's own line."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that the server lists."""

    id: str
    title: str = ""
    media_type: str = "text/plain"
    suffixes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    reads: bool = True
    writes: bool = True

    @property
    def suffix(self) -> str:
        return self.suffixes[0] if self.suffixes else f".{self.id}"

    @property
    def name(self) -> str:
        return self.title or self.id


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a format cannot express: the feature's stable name, the element it befell, the server's line."""

    feature: str
    element: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A picture read: the diagram as plain JSON data and how far to trust it."""

    diagram: dict[str, Any]
    confidence: float | None
    warnings: tuple[str, ...]
    engine: str
    cached: bool
    elapsed_ms: float
    pages: int


@dataclass(frozen=True, slots=True)
class Converted:
    """A conversion's outcome, with what the format cannot say."""

    data: bytes
    binary: bool
    format: str
    media_type: str
    losses: tuple[Loss, ...]
    diagram: dict[str, Any]

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", errors="replace")


class Diagrasp:
    """An open session with the server."""

    def __init__(self, session: ClientSession, *, timeout: float) -> None:
        self._session = session
        self._timeout = timedelta(seconds=timeout)

    async def recognize(
        self, data: bytes, media_type: str, *, page: int | None = None, progress: Progress | None = None
    ) -> Recognised:
        """Read a picture.  Raises ToolFailed; cancelling the task cancels the server's work."""
        uri = f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
        # as JSON, which says everything: in another format its losses would be among the warnings
        arguments: dict[str, Any] = {"image": uri, "format": "json"}
        if page is not None:
            arguments["page"] = page
        found = await self._call("recognize_diagram", arguments, progress)
        confidence = found.get("confidence")
        return Recognised(
            diagram=_mapping(found.get("diagram")),
            confidence=float(confidence) if isinstance(confidence, int | float) else None,
            warnings=tuple(str(warning) for warning in found.get("warnings") or ()),
            engine=str(found.get("engine") or ""),
            cached=bool(found.get("cached")),
            elapsed_ms=float(found.get("elapsed_ms") or 0),
            pages=int(found.get("pages") or 1),
        )

    async def convert(
        self, source: str, to_format: str, *, from_format: str = "auto", page: int | None = None
    ) -> Converted:
        """Convert text, or a data: URI of a file, into a format.  Raises ToolFailed."""
        arguments: dict[str, Any] = {"source": source, "to_format": to_format, "from_format": from_format}
        if page is not None:
            arguments["page"] = page
        made = await self._call("convert_format", arguments, None)
        text, data = made.get("text"), made.get("data")
        return Converted(
            data=base64.b64decode(data) if text is None and isinstance(data, str) else str(text or "").encode(),
            binary=text is None,
            format=str(made.get("format") or to_format),
            media_type=str(made.get("media_type") or "application/octet-stream"),
            losses=tuple(
                Loss(str(loss.get("feature") or ""), str(loss.get("element") or ""), str(loss.get("message") or ""))
                for loss in made.get("losses") or ()
                if isinstance(loss, dict)
            ),
            diagram=_mapping(made.get("diagram")),
        )

    async def formats(self) -> list[Format]:
        """What the server can read and write, in its own order."""
        try:
            answer = await self._session.read_resource(AnyUrl("formats://"))
        except McpError as error:
            raise ToolFailed(error.error.message) from error
        text = next((c.text for c in answer.contents if isinstance(c, types.TextResourceContents)), "[]")
        return parse_formats(text)

    async def _call(self, tool: str, arguments: dict[str, Any], tell: Progress | None) -> dict[str, Any]:
        async def report(progress: float, total: float | None, message: str | None) -> None:
            if tell is not None:
                await tell(min(1.0, progress / total if total else progress), message or "")

        request = _next_request(self._session)
        try:
            # not session.call_tool: it lists the tools and checks the answer against their schema in Python, a second
            # for a large diagram; what is read of the answer is checked where it is read
            result = await self._session.send_request(
                types.ClientRequest(
                    types.CallToolRequest(params=types.CallToolRequestParams(name=tool, arguments=arguments))
                ),
                types.CallToolResult,
                request_read_timeout_seconds=self._timeout,
                progress_callback=report if tell else None,
            )
        except asyncio.CancelledError:
            with anyio.move_on_after(GOODBYE_TIMEOUT, shield=True):
                await _cancel(self._session, request)
            raise
        except McpError as error:
            raise ToolFailed(error.error.message) from error
        if result.isError or result.structuredContent is None:
            line = next((c.text for c in result.content if isinstance(c, types.TextContent)), "no answer")
            raise ToolFailed(line.removeprefix(f"Error executing tool {tool}: ").strip())
        return result.structuredContent


def _next_request(session: ClientSession) -> int:
    """The id of the request that the session sends next; mcp 1.x keeps it private and has no way to cancel by call."""
    return session._request_id


async def _cancel(session: ClientSession, request: int) -> None:
    """Tell the server that nobody waits for a request any more.

    The ping after it makes sure that the notification has left before the connection is closed: the transport sends
    one message after another.
    """
    gone = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=request))
    await session.send_notification(types.ClientNotification(gone))
    await session.send_ping()


@asynccontextmanager
async def connect(settings: ChatSettings) -> AsyncIterator[Diagrasp]:
    """A session with the server, for one task.

    Raises:
        ServerDown, ServerRefused, TooLarge, ToolFailed: also those that happen inside the block.
    """
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"} if settings.token else {}
    timeout = httpx.Timeout(settings.timeout + 10, connect=CONNECT_TIMEOUT)
    try:
        async with (
            httpx.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http,
            streamable_http_client(settings.mcp_url, http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            yield Diagrasp(session, timeout=settings.timeout)
    except BaseExceptionGroup as group:
        raise _first(group, settings) from group
    except McpError as error:
        raise ServerDown(settings.url) from error


def _first(group: BaseExceptionGroup[BaseException], settings: ChatSettings) -> BaseException:
    """What really happened, out of the wrapping of anyio's task groups."""
    leaves = list(_leaves(group))
    for leaf in leaves:
        if isinstance(leaf, ChatError):
            return leaf
    for leaf in leaves:
        if isinstance(leaf, httpx.HTTPStatusError):
            code = leaf.response.status_code
            if code in (401, 403):
                return ServerRefused(settings.url)
            if code == 413:
                return TooLarge(settings.url)
            if code in (429, 503):
                return ToolFailed("the server is busy; try again in a moment")
            return ServerDown(settings.url)
        if isinstance(leaf, httpx.TransportError):
            return ServerDown(settings.url)
    return leaves[0]


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def parse_formats(text: str) -> list[Format]:
    """The server's list of formats out of the JSON of its resource `formats://`."""
    listed = json.loads(text)
    entries = listed.get("formats", []) if isinstance(listed, dict) else listed
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or entry.get("broken"):
            continue
        found.append(
            Format(
                id=entry["id"],
                title=str(entry.get("title") or ""),
                media_type=str(entry.get("media_type") or "text/plain"),
                suffixes=tuple(map(str, entry.get("suffixes") or ())),
                aliases=tuple(map(str, entry.get("aliases") or ())),
                reads=bool(entry.get("reads", entry.get("read", True))),
                writes=bool(entry.get("writes", entry.get("write", True))),
            )
        )
    return found
