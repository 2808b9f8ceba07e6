"""Asking the host application's own model: MCP sampling, for the engine `client`.

`asked` is a resolver of the SDK: it runs before the tool.  Clients of protocol 2026-07-28 get the question in an
`input_required` result and call the tool again with the answer; earlier ones are asked in the middle of the call.
"""

from __future__ import annotations

import base64
from typing import Final

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Sample
from mcp.types import CreateMessageResult, ImageContent, SamplingMessage, TextContent

from diagrasp.engines import Said
from diagrasp.engines.client import ID, ClientEngine, question
from diagrasp.errors import DiagraspError
from diagrasp.mcp.calls import Calls

NO_SAMPLING: Final = (
    "this host offers no sampling, so its model cannot be asked: use engine auto, or a host with MCP sampling"
)


async def asked(
    image: str, engine: str, page: int | None, language: str | None, use_cache: bool, ctx: Context[Calls]
) -> Sample | None:
    """The question for the host's model; None where another engine was asked for, or the answer is known already."""
    if engine != ID:
        return None
    calls = ctx.request_context.lifespan_context
    try:
        client = calls.service.engines.get(ID)
        picture = await calls.picture(image, engine=ID, language=language, page=page, use_cache=use_cache)
        if picture is None:
            return None
        capabilities = ctx.client_capabilities
        if capabilities is None or capabilities.sampling is None:
            raise ToolError(NO_SAMPLING)
        if not isinstance(client, ClientEngine):  # somebody else's engine of that name asks for itself
            return None
        wanted = await question(picture, client.max_new_tokens)
    except DiagraspError as error:
        raise ToolError(" ".join(str(error).split())) from error
    data = base64.b64encode(wanted.picture).decode()
    messages = [
        SamplingMessage(role="user", content=ImageContent(type="image", data=data, mime_type="image/png")),
        SamplingMessage(role="user", content=TextContent(type="text", text=wanted.words)),
    ]
    return Sample(messages, max_tokens=wanted.tokens, temperature=0.0, include_context="none")


def said(result: CreateMessageResult | None) -> Said | None:
    """What the host's model said, as the engine takes it."""
    if result is None:
        return None
    content = result.content
    text = content.text if isinstance(content, TextContent) else ""
    return Said(text, complete=result.stop_reason != "maxTokens", model=result.model)
