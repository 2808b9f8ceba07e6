"""The MCP App that shows a recognised diagram, and the original picture that it shows beside it.

Hosts without MCP Apps never ask for either: the tool's text says all that the viewer shows.
"""

from __future__ import annotations

import io
from importlib import resources
from typing import TYPE_CHECKING

import anyio.to_thread
from mcp.server.apps import Apps, ResourceCsp, ResourcePermissions
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from diagrasp.errors import DiagraspError

if TYPE_CHECKING:
    from diagrasp.mcp.calls import Calls
    from diagrasp.settings import Settings

VIEWER = "ui://diagrasp/viewer.html"
PICTURE = "picture://"
TOOL_META = {"ui": {"resourceUri": VIEWER}, "ui/resourceUri": VIEWER}
"""What binds a tool to the viewer; the flat key is what hosts looked for before MCP Apps 2026-01-26."""

LONGEST_SIDE = 2000
LARGEST_PNG = 500_000


def viewer() -> Apps:
    """The extension with the viewer's page, which needs no network and asks for the clipboard only."""
    apps = Apps()
    apps.add_html_resource(
        VIEWER,
        resources.files("diagrasp.mcp").joinpath("viewer.html").read_text(encoding="utf-8"),
        name="viewer",
        title="Diagram viewer",
        description="Shows a recognised diagram beside its picture",
        csp=ResourceCsp(connect_domains=[], resource_domains=[]),
        permissions=ResourcePermissions(clipboard_write={}),
        prefers_border=True,
    )
    return apps


async def read_picture(calls: Calls, uri: str) -> ReadResourceContents:
    """The picture behind `picture://{id}`, read again by the reference that it came by, within the same limits.

    Returns:
        PNG or JPEG of at most `LONGEST_SIDE` pixels a side; `_meta["diagrasp/size"]` is its true size, in which the
        diagram's boxes are measured.

    Raises:
        ResourceNotFoundError: it was not recognised here, came as bytes, or is gone.
        ResourceError: it cannot be read any more.
    """
    known = calls.origin(uri.removeprefix(PICTURE).strip("/"))
    if known is None:
        raise ResourceNotFoundError("the picture of that diagram is not known here")
    reference, page = known
    try:
        given = await calls.inputs.read(reference)
        settings = calls.service.settings
        return await anyio.to_thread.run_sync(_preview, given.data, given.name, page, settings)
    except DiagraspError as error:
        raise ResourceError(str(error)) from None


def _preview(data: bytes, name: str, page: int | None, settings: Settings) -> ReadResourceContents:
    from PIL import Image

    from diagrasp.images import load_picture

    picture = load_picture(data, name=name, page=page, max_bytes=settings.max_bytes, max_pixels=settings.max_pixels)
    meta = {"diagrasp/size": [picture.width, picture.height]}
    image = Image.fromarray(picture.pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG")
    if file.tell() <= LARGEST_PNG:
        return ReadResourceContents(file.getvalue(), "image/png", meta)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return ReadResourceContents(file.getvalue(), "image/jpeg", meta)
