"""SVG: a clean redraw that carries its diagram and so reads back exactly."""

from __future__ import annotations

import math
from typing import Any

from diagrasp.carriers import looks_like_svg, parse_svg, svg_metadata
from diagrasp.errors import InputError, ParseError
from diagrasp.formats import FormatSpec, Loss, Read, Written
from diagrasp.model import Diagram
from diagrasp.xmltree import xml_text
from diagrasp_formats.svg.canvas import num
from diagrasp_formats.svg.carried import read_carried
from diagrasp_formats.svg.draw import draw
from diagrasp_formats.svg.theme import FAMILY, THEMES

_KINDS = frozenset(
    {"flowchart", "bpmn", "activity", "state", "sequence", "class", "er", "usecase", "c4", "mindmap", "block"}
)
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.*", "shape.*", "rows", "trigger", "marker.*", "attached_to",
        "group", "group.*", "edge.*", "line.*", "head.*", "tail.*", "box", "path", "confidence",
    }
)  # fmt: skip


class SvgFormat:
    """Writes every diagram; reads what it wrote, and the sources that other tools leave in SVG."""

    spec = FormatSpec(
        id="svg",
        title="SVG picture",
        media_type="image/svg+xml",
        suffixes=(".svg",),
        kinds=_KINDS,
        features=FEATURES,
        options={
            "theme": "light (default) or dark",
            "background": "yes (default) or no: whether the ground is painted",
            "carry": "yes (default) or no: whether the diagram itself is put into the file",
        },
    )

    def sniff(self, data: bytes) -> float:
        if not looks_like_svg(data):
            return 0.0
        return 0.9 if b"urn:diagrasp:diagram" in data else 0.3

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        if not looks_like_svg(data):
            raise ParseError("not an SVG", expected=["<svg"])
        parse_svg(data)  # says where it is damaged
        return read_carried(data, page, "SVG")

    def write(self, diagram: Diagram, **options: Any) -> Written:
        theme = THEMES.get(str(options.pop("theme", "light")))
        if theme is None:
            raise InputError(f"the option theme is one of {', '.join(sorted(THEMES))}")
        ground, carry = flag("background", options.pop("background", True)), flag("carry", options.pop("carry", True))
        if options:
            raise InputError(f"svg has no option {min(options)!r}; it has {', '.join(self.spec.options)}")
        drawing = draw(diagram, theme)
        x, y, w, h = drawing.view
        x, y, w, h = math.floor(x), math.floor(y), math.ceil(w) + 1, math.ceil(h) + 1
        title = diagram.title or ""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="{x} {y} {w} {h}" role="img" '
            f'font-family="{FAMILY}">'
        )
        parts = [head]
        if title:
            parts.append(f"<title>{xml_text(title)}</title>")
        if carry:
            parts.append(svg_metadata(diagram))
        if ground:
            parts.append(f'<rect x="{num(x)}" y="{num(y)}" width="{w}" height="{h}" fill="{theme.background}"/>')
        parts += drawing.canvas.parts
        parts.append("</svg>\n")
        labels = {n.id: n.label for n in diagram.nodes}
        losses = tuple(
            Loss("label", id, f"the label {labels[id]!r} is too long for its box and is cut in the picture")
            for id in drawing.cut
        )
        return Written("\n".join(parts).encode("utf-8", "replace"), losses)


def flag(name: str, value: Any) -> bool:
    """A yes/no option in the forms that people type.  Raises InputError."""
    text = str(value).strip().lower()
    if text in ("1", "true", "yes", "on", "да"):
        return True
    if text in ("0", "false", "no", "off", "нет"):
        return False
    raise InputError(f"the option {name} is yes or no, not {value!r}")
