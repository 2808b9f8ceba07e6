"""Resources: every diagram that was recognised, in every format, and lists of formats and engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from diagrasp.engines import EngineSpec, Problem
from diagrasp.errors import DiagraspError, NotFoundError, UnsupportedFormat
from diagrasp.formats import Reader, Writer
from diagrasp.mcp.calls import DIAGRAM
from diagrasp.mcp.viewer import PICTURE, read_picture

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from diagrasp.mcp.calls import Calls
    from diagrasp.service import Service

FORMATS, ENGINES = "formats://", "engines://"


def describe_formats(service: Service) -> list[dict[str, Any]]:
    """The formats installed here: what each is called, and whether it is read, written or both."""
    return [
        {
            "id": found.spec.id,
            "title": found.spec.title,
            "aliases": list(found.spec.aliases),
            "media_type": found.spec.media_type,
            "suffixes": list(found.spec.suffixes),
            "read": isinstance(found, Reader),
            "write": isinstance(found, Writer),
            "binary": found.spec.binary,
            "kinds": sorted(found.spec.kinds),
            "options": dict(found.spec.options),
        }
        for found in service.formats
    ]


def describe_engines(service: Service) -> list[dict[str, Any]]:
    """The engines installed here, and what keeps each from working."""
    return [_engine(service, id) for id in service.engines.ids]


def _engine(service: Service, id: str) -> dict[str, Any]:
    try:
        engine = service.engines.get(id)
        spec, problems = engine.spec, engine.check()
    except DiagraspError as error:
        spec, problems = EngineSpec(id, id), [Problem(str(error))]
    return {
        "id": spec.id,
        "title": spec.title,
        "description": spec.description,
        "available": not any(problem.fatal for problem in problems),
        "problems": [{"message": p.message, "remedy": p.remedy, "fatal": p.fatal} for p in problems],
    }


def register(server: MCPServer, calls: Callable[[], Calls]) -> None:
    """Add the resources.  A template has one media type for all it matches; `DiagraspServer` gives the format's own."""

    @server.resource(FORMATS, name="formats", title="Formats", mime_type="application/json")
    def formats() -> str:
        """The diagram formats that can be read and written here."""
        return _json(describe_formats(calls().service))

    @server.resource(ENGINES, name="engines", title="Engines", mime_type="application/json")
    def engines() -> str:
        """The recognition engines installed here, and what keeps any from working."""
        return _json(describe_engines(calls().service))

    @server.resource(f"{DIAGRAM}{{id}}", name="diagram", title="Diagram", mime_type="application/json")
    async def diagram(id: str) -> str | bytes:
        """A recognised diagram as diagram JSON."""
        return (await read_diagram(calls().service, f"{DIAGRAM}{id}")).content

    @server.resource(f"{DIAGRAM}{{id}}/{{format}}", name="diagram-in-format", title="Diagram in a format")
    async def diagram_in_format(id: str, format: str) -> str | bytes:
        """A recognised diagram written in a format, e.g. mermaid, steps or svg."""
        return (await read_diagram(calls().service, f"{DIAGRAM}{id}/{format}")).content

    @server.resource(f"{PICTURE}{{id}}", name="picture", title="Original picture", mime_type="image/png")
    async def picture(id: str) -> str | bytes:
        """The picture that a diagram was recognised from, for as long as it lies where it lay."""
        return (await read_picture(calls(), f"{PICTURE}{id}")).content


async def read_diagram(service: Service, uri: str) -> ReadResourceContents:
    """What lies behind `diagram://{id}` or `diagram://{id}/{format}`.

    Raises:
        ResourceNotFoundError: no such diagram or format.
        ResourceError: the diagram cannot be written in that format.
    """
    id, _, format = uri.removeprefix(DIAGRAM).strip("/").partition("/")
    try:
        if not format:
            return ReadResourceContents((await service.diagram(id)).to_json(), "application/json")
        spec = service.formats.writer(format).spec
        written = await service.write(id, format)
        return ReadResourceContents(written.data if spec.binary else written.text, spec.media_type)
    except (NotFoundError, UnsupportedFormat) as error:
        raise ResourceNotFoundError(str(error)) from None
    except DiagraspError as error:
        raise ResourceError(str(error)) from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
