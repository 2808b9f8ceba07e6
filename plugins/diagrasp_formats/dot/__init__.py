"""Graphviz' DOT language."""

from __future__ import annotations

import re
from typing import Any

from diagrasp.errors import NotFoundError
from diagrasp.formats import FormatSpec, Read, Written
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses, check_options, encode, head_text, source_text
from diagrasp_formats.dot import write as writer

_LATIN = re.compile(rb'\bcharset\s*=\s*"?(?:latin-?1|iso-8859-1)\b', re.IGNORECASE)
_BLANK = r"(?:\s|//[^\n]*\n|/\*.*?\*/|#[^\n]*\n)*"
_HEAD = re.compile(
    rf"{_BLANK}(?:strict{_BLANK})?(?:di)?graph\b{_BLANK}(?:[\w.\x80-\U0010ffff-]+|\"(?:[^\"\\]|\\.)*\")?{_BLANK}\{{",
    re.IGNORECASE | re.DOTALL,
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
        from diagrasp_formats.dot.read import DotReader, graphs

        if _LATIN.search(data[:4096]):
            data = data.decode("latin-1").encode()
        found = graphs(source_text(data, "DOT"))
        if page is not None and not 1 <= page <= len(found):
            raise NotFoundError(f"no page {page}; there {'is' if len(found) == 1 else 'are'} {len(found)}")
        losses = Losses()
        return Read(DotReader(losses).read(found[(page or 1) - 1]), losses.done(), len(found))

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "dot")
        losses = Losses()
        return Written(encode(writer.write(diagram, self.spec, losses)), losses.done())
