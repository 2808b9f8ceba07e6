"""draw.io (diagrams.net) files, both ways; also those inside .drawio.png and .drawio.svg."""

from __future__ import annotations

from typing import Any

from diagrasp.carriers import PNG_MAGIC, looks_like_svg, sources
from diagrasp.errors import InputError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats.drawio.read import read_drawio
from diagrasp_formats.drawio.write import FEATURES, write_drawio


class DrawioFormat:
    """Reads plain and compressed files page by page; writes one page."""

    spec = FormatSpec(
        id="drawio",
        title="draw.io",
        media_type="application/vnd.jgraph.mxfile",
        suffixes=(".drawio", ".drawio.xml", ".dio"),
        aliases=("diagrams.net", "mxgraph"),
        kinds=frozenset(
            {"flowchart", "bpmn", "activity", "state", "sequence", "class", "er", "usecase", "c4", "mindmap", "block"}
        ),
        features=FEATURES,
        options={"compressed": "yes or no (default): whether the page is packed as older versions do"},
    )  # fmt: skip

    def sniff(self, data: bytes) -> float:
        head = data[:4096]
        if data.startswith(PNG_MAGIC) or looks_like_svg(data):
            if b"mxfile" not in data and b"mxGraphModel" not in data:
                return 0.0
            return 0.8 if any(c.format == "drawio" for c in sources(data)) else 0.0
        return 0.95 if b"<mxfile" in head or b"<mxGraphModel" in head else 0.0

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        return read_drawio(data, page)

    def write(self, diagram: Diagram, **options: Any) -> Written:
        packed = str(options.pop("compressed", "no")).lower()
        if packed not in ("yes", "no", "true", "false", "1", "0"):
            raise InputError(f"the option compressed is yes or no, not {packed!r}")
        if options:
            raise InputError(f"drawio has no option {min(options)!r}; it has compressed")
        return write_drawio(diagram, compressed=packed in ("yes", "true", "1"))
