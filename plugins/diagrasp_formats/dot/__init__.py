"""Graphviz' DOT language."""

from __future__ import annotations

import re
from typing import Any

from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, encode, head_text, only_page, source_text
from diagrasp_formats.dot import write as writer

_HEAD = re.compile(
    r"(?:\s|//[^\n]*\n|/\*.*?\*/|#[^\n]*\n)*(?:strict\s+)?(di)?graph\b[^{\n;]*\{", re.IGNORECASE | re.DOTALL
)


class DotFormat:
    """Reads and writes DOT."""

    spec = FormatSpec(
        id="dot",
        title="Graphviz DOT",
        media_type="text/vnd.graphviz",
        suffixes=(".dot", ".gv"),
        aliases=("graphviz", "gv"),
        kinds=frozenset({"flowchart", "block", "state", "mindmap", "c4"}),
        features=writer.FEATURES,
    )

    def sniff(self, data: bytes) -> float:
        return 0.93 if _HEAD.match(head_text(data)) else 0.0

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Raises ParseError."""
        only_page(page)
        from diagrasp_formats.dot.read import DotReader

        losses = Losses()
        return Read(DotReader(losses).read(source_text(data, "DOT")), losses.done())

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "dot")
        losses = Losses()
        return Written(encode(writer.write(diagram, self.spec, losses)), losses.done())
