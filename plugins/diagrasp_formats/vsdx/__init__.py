"""Visio drawings (.vsdx), read: shapes by their masters, glued connectors, containers and swimlanes."""

from __future__ import annotations

import zipfile

import pydantic

from diagrasp.errors import NotFoundError, ParseError
from diagrasp.formats import FormatSpec, Read
from diagrasp.model import Diagram
from diagrasp_formats.vsdx.package import Package
from diagrasp_formats.vsdx.read import Reader


class VsdxFormat:
    """Reads the pages of a Visio file."""

    spec = FormatSpec(
        id="vsdx",
        title="Visio",
        media_type="application/vnd.ms-visio.drawing",
        suffixes=(".vsdx",),
        aliases=("visio",),
        kinds=frozenset({"flowchart", "bpmn", "state", "class", "er", "usecase", "block"}),
        features=frozenset(
            {
                "label", "title", "shape.*", "rows", "trigger", "marker.*", "attached_to", "group", "group.*",
                "edge.label", "edge.default", "edge.kind.*", "line.*", "head.*", "tail.*", "box", "path",
            }
        ),
        binary=True,
    )  # fmt: skip

    def sniff(self, data: bytes) -> float:
        return 0.9 if data.startswith(b"PK\x03\x04") and b"visio/" in data[:20_000] + data[-20_000:] else 0.0

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        try:
            package = Package(data)
            pages = package.parts_of("visio/pages/pages.xml", "Page")
            pages = [each for each in pages if each[0].get("Background") not in ("1", "true")] or pages
            number = page or 1
            if not 1 <= number <= max(1, len(pages)):
                raise NotFoundError(f"there is no page {number}; the drawing has {len(pages)}")
            if not pages:
                return Read(Diagram())
            sheet, part = pages[number - 1]
            reader = Reader(package, part, sheet)
            return Read(reader.run(self.spec.kinds), tuple(reader.losses), len(pages))
        except zipfile.BadZipFile as error:
            raise ParseError(f"not a .vsdx: {error}", expected=["a ZIP package of Visio"]) from None
        except (pydantic.ValidationError, NotImplementedError, RuntimeError) as error:
            raise ParseError(f"the drawing cannot be read: {str(error).splitlines()[0]}") from None
