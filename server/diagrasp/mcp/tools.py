"""The two tools: `recognize_diagram` and `convert_format`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Resolve
from mcp.types import (
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    CreateMessageResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    ToolAnnotations,
)
from pydantic import Field

from diagrasp.errors import DiagraspError
from diagrasp.mcp.calls import DIAGRAM, Calls
from diagrasp.mcp.progress import reporting
from diagrasp.mcp.sampling import asked
from diagrasp.mcp.sampling import said as said_by
from diagrasp.mcp.viewer import TOOL_META
from diagrasp.service import ConversionResult, RecognitionResult

if TYPE_CHECKING:
    from mcp.server import MCPServer

RECOGNIZE = (
    "Read a picture of a diagram (BPMN with lanes, flowchart, UML, state machine, ...; Russian and English labels) and "
    "return its graph, written in the format asked for. Use `steps` for the algorithm in words with roles, `mermaid` "
    "to show it, `json` for the bare graph. Works locally; the same picture again is answered from a cache."
)
CONVERT = (
    "Convert a diagram between formats: literal text (Mermaid, PlantUML, BPMN XML, draw.io, DOT, diagram JSON, "
    "numbered steps, ...), a diagram already recognised (diagram://id), or a file. Everything that the target cannot "
    "express is listed in `losses`."
)

Image = Annotated[
    str,
    Field(
        description="The picture: a path in an allowed folder, a file:// or data: URI, an upload's id, "
        "or an https URL where the server allows it"
    ),
]
Format = Annotated[str, Field(description="Format of the answer, e.g. mermaid, steps, json, svg; formats:// lists all")]
Engine = Annotated[str, Field(description="auto, or an engine that engines:// lists")]
Language = Annotated[
    str | None, Field(description="Language of the labels in the picture where known: ru, en or ru,en")
]
Page = Annotated[int | None, Field(description="Page of a file with several, from 1", ge=1)]
UseCache = Annotated[bool, Field(description="Whether an earlier answer for the same picture will do")]
Source = Annotated[
    str, Field(description="Text of a diagram, diagram://id, a path in an allowed folder or a data: URI")
]
FromFormat = Annotated[str, Field(description="Format of the source; auto tells it by its look")]


def register(server: MCPServer[Calls]) -> None:
    """Add the tools to a server whose lifespan yields `Calls`."""

    @server.tool(
        title="Recognise a diagram",
        description=RECOGNIZE,
        meta=TOOL_META,
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )
    async def recognize_diagram(
        image: Image,
        ctx: Context[Calls],
        format: Format = "mermaid",
        engine: Engine = "auto",
        language: Language = None,
        page: Page = None,
        use_cache: UseCache = True,
        host: Annotated[CreateMessageResult | None, Resolve(asked)] = None,
    ) -> Annotated[CallToolResult, RecognitionResult]:
        calls = ctx.request_context.lifespan_context
        try:
            async with reporting(ctx.report_progress) as progress:
                result = await calls.recognize(
                    image,
                    format=format,
                    engine=engine,
                    language=language,
                    page=page,
                    use_cache=use_cache,
                    progress=progress,
                    said=said_by(host),
                )
        except DiagraspError as error:
            raise ToolError(said(error)) from error
        return CallToolResult(content=_recognised(result), structured_content=result.model_dump(mode="json"))

    @server.tool(
        title="Convert a diagram",
        description=CONVERT,
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )
    async def convert_format(
        source: Source,
        to_format: Format,
        ctx: Context[Calls],
        from_format: FromFormat = "auto",
        page: Page = None,
    ) -> Annotated[CallToolResult, ConversionResult]:
        calls = ctx.request_context.lifespan_context
        try:
            result = await calls.convert(source, to_format, from_format=from_format, page=page)
        except DiagraspError as error:
            raise ToolError(said(error)) from error
        name = f"diagram.{result.format}"
        content: list[ContentBlock] = [_written(result.text, result.data, result.media_type, name)]
        if result.losses:
            lost = "; ".join(loss.message or f"{loss.feature} {loss.element}".strip() for loss in result.losses)
            content.append(TextContent(type="text", text=f"Not expressed in {result.format}: {lost}"))
        return CallToolResult(content=content, structured_content=result.model_dump(mode="json"))


def _recognised(result: RecognitionResult) -> list[ContentBlock]:
    """The writing in the format asked for, a link to the diagram, and what the reader should know of it."""
    uri = f"{DIAGRAM}{result.id}"
    content: list[ContentBlock] = [
        _written(result.text, result.data, result.media_type, f"{uri}/{result.format}"),
        ResourceLink(
            type="resource_link",
            uri=uri,
            name=f"diagram {result.id}",
            title=result.diagram.title,
            description="The recognised graph; add /FORMAT for another format",
            mime_type="application/json",
        ),
    ]
    if result.warnings:
        content.append(TextContent(type="text", text="Warnings: " + "; ".join(result.warnings)))
    return content


def _written(text: str | None, data: str | None, media_type: str, uri: str) -> ContentBlock:
    if text is not None or data is None:
        return TextContent(type="text", text=text or "")
    if media_type.startswith("image/") and media_type != "image/svg+xml":
        return ImageContent(type="image", data=data, mime_type=media_type)
    if "://" not in uri:
        uri = f"attachment://{uri}"
    return EmbeddedResource(type="resource", resource=BlobResourceContents(uri=uri, blob=data, mime_type=media_type))


def said(error: DiagraspError) -> str:
    """One line for the model: what is wrong and what to do."""
    return " ".join(str(error).split()) or error.code
