"""`create_server`: the MCP server with its tools, resources and prompts, built from the settings."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    InputRequiredResult,
    PromptReference,
    ResourceTemplateReference,
)

from diagrasp import __version__
from diagrasp.mcp import prompts, resources, tools
from diagrasp.mcp.calls import DIAGRAM, Calls, Observer, inputs_for
from diagrasp.mcp.viewer import PICTURE, read_picture, viewer

if TYPE_CHECKING:
    from diagrasp.mcp.inputs import Inputs
    from diagrasp.service import Service
    from diagrasp.settings import Settings

ServiceOpener = Callable[[], AbstractAsyncContextManager["Service"]]

INSTRUCTIONS = """\
diagrasp reads pictures of diagrams (BPMN, flowcharts, UML; labels in Russian and English) on this machine.
recognize_diagram turns a picture into a graph and writes it as Mermaid, steps in words, BPMN, PlantUML, draw.io, ...
Its answer names the diagram's id: read diagram://{id}/{format} or call convert_format with source "diagram://{id}" for
any other format; neither reads the picture again. Report its warnings and low confidence to the user."""


class DiagraspServer(MCPServer[Calls]):
    """The SDK's server, which answers a diagram in the media type of its format."""

    def __init__(self, **options: Any) -> None:
        super().__init__("diagrasp", title="diagrasp", version=__version__, instructions=INSTRUCTIONS, **options)
        self._calls: Calls | None = None

    @property
    def calls(self) -> Calls:
        """What the tools work through.  Raises RuntimeError outside the lifespan."""
        if self._calls is None:
            raise RuntimeError("the server is not running")
        return self._calls

    @asynccontextmanager
    async def serving(self, calls: Calls) -> AsyncIterator[Calls]:
        """The time during which requests are answered."""
        self._calls = calls
        try:
            yield calls
        finally:
            self._calls = None

    async def read_resource(
        self, uri: Any, context: Context[Calls, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """As in the base class; diagrams have the media type of the format asked for."""
        if str(uri).startswith(DIAGRAM):
            return [await resources.read_diagram(self.calls.service, str(uri))]
        if str(uri).startswith(PICTURE):
            return [await read_picture(self.calls, str(uri))]
        return await super().read_resource(uri, context)


def create_server(
    settings: Settings,
    *,
    open_service: ServiceOpener | None = None,
    inputs: Inputs | None = None,
    local: bool = True,
    observe: Observer | None = None,
) -> DiagraspServer:
    """Build the MCP server; nothing is opened before it runs.

    Args:
        settings: of the service, the roots and the limits.
        open_service: gives the service for as long as the server runs; None opens one from the settings.
        inputs: what callers may name as a picture or source; None derives it from the settings.
        local: whether the caller is the user of this machine (stdio): decides the default roots.
        observe: is told of each call of a tool.
    """

    @asynccontextmanager
    async def lifespan(server: MCPServer[Calls]) -> AsyncIterator[Calls]:
        from diagrasp.service import Service

        opened = open_service() if open_service is not None else Service.open(settings)
        async with opened as service:
            calls = Calls(service, inputs or inputs_for(settings, local=local), door="mcp", observe=observe)
            async with built.serving(calls):
                yield calls

    level: Any = settings.log_level.upper()
    built = DiagraspServer(lifespan=lifespan, log_level=level, extensions=[viewer()])
    tools.register(built)
    resources.register(built, lambda: built.calls)
    prompts.register(built, lambda: built.calls)

    @built.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        offered = await _offer(built.calls.service, argument.name)
        values = [value for value in offered if value.startswith(argument.value.strip().lower())]
        return Completion(values=values[:100], total=len(values), has_more=len(values) > 100)

    return built


async def _offer(service: Service, argument: str) -> list[str]:
    """What an argument of a prompt or a template may be."""
    if argument == "format":
        return [found["id"] for found in resources.describe_formats(service) if found["write"]]
    if argument in ("id", "diagram_id"):
        return list(dict.fromkeys(entry.result for entry in await service.recent(100) if entry.result))
    if argument == "language":
        return list(prompts.LANGUAGES)
    return list(prompts.PROGRAMMING_LANGUAGES) if argument == "programming_language" else []


def run_stdio(settings: Settings) -> None:
    """Serve MCP over standard input and output until the client closes them.

    The SDK takes both descriptors for itself: whatever else writes to stdout ends up on stderr, as logging does.
    """
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    server = create_server(settings, local=True)
    try:
        anyio.run(server.run_stdio_async)
    except KeyboardInterrupt:
        return
