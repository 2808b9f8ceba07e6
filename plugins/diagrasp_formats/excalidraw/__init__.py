"""Excalidraw scenes, both ways; also those inside PNG and SVG exported with their scene."""

from __future__ import annotations

from typing import Any

from diagrasp.carriers import PNG_MAGIC, looks_like_svg, sources
from diagrasp.errors import InputError, NotFoundError, ParseError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats.excalidraw.read import read_excalidraw
from diagrasp_formats.excalidraw.write import FEATURES, write_excalidraw


class ExcalidrawFormat:
    """Reads shapes, bound text and arrows; writes a scene that opens in Excalidraw and reads back exactly."""

    spec = FormatSpec(
        id="excalidraw",
        title="Excalidraw",
        media_type="application/vnd.excalidraw+json",
        suffixes=(".excalidraw", ".excalidraw.json"),
        kinds=frozenset(
            {"flowchart", "bpmn", "activity", "state", "sequence", "class", "er", "usecase", "c4", "mindmap", "block"}
        ),
        features=FEATURES,
    )

    def sniff(self, data: bytes) -> float:
        if data.startswith(PNG_MAGIC) or looks_like_svg(data):
            return 0.8 if b"excalidraw" in data and _carried(data) is not None else 0.0
        head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head.startswith(b"{") or b"excalidraw" not in data[:100_000]:
            return 0.0
        return 0.9 if b'"type":"excalidraw"' in b"".join(head.split())[:400] else 0.5

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        if page not in (None, 1):
            raise NotFoundError(f"a scene has one page, not {page}")
        if data.startswith(PNG_MAGIC) or looks_like_svg(data):
            found = _carried(data)
            if found is None:
                raise ParseError("the picture carries no Excalidraw scene", expected=["one exported with its scene"])
            data = found
        return read_excalidraw(data)

    def write(self, diagram: Diagram, **options: Any) -> Written:
        if options:
            raise InputError(f"excalidraw has no option {min(options)!r}")
        return write_excalidraw(diagram)


def _carried(data: bytes) -> bytes | None:
    return next((c.payload for c in sources(data) if c.format == "excalidraw"), None)
