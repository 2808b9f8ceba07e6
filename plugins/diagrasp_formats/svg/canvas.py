"""Writing SVG elements: numbers short and equal everywhere, all text escaped, geometry noted for the view box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagrasp.layout.text import LINE_HEIGHT
from diagrasp.xmltree import xml_attr, xml_text

Point = tuple[float, float]


def num(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def path_of(points: Iterable[Point], *, closed: bool = False) -> str:
    """The path data of a polyline."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + ("Z" if closed else "")


class Canvas:
    """Collects elements; `attrs` are given ready to write, except that values are escaped here."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def path(self, d: str, *, fill: str = "none", stroke: str = "none", width: float = 1.0, extra: str = "") -> None:
        line = f' stroke="{stroke}" stroke-width="{num(width)}"' if stroke != "none" else ""
        self.parts.append(f'<path d="{d}" fill="{fill}"{line}{extra}/>')

    def rect(
        self, x: float, y: float, w: float, h: float, *, r: float = 0.0, fill: str = "none", stroke: str = "none",
        width: float = 1.0, extra: str = "",
    ) -> None:  # fmt: skip
        corner = f' rx="{num(r)}"' if r else ""
        line = f' stroke="{stroke}" stroke-width="{num(width)}"' if stroke != "none" else ""
        self.parts.append(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"{corner} fill="{fill}"{line}{extra}/>'
        )

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float, *, fill: str = "none", stroke: str = "none",
        width: float = 1.0, extra: str = "",
    ) -> None:  # fmt: skip
        line = f' stroke="{stroke}" stroke-width="{num(width)}"' if stroke != "none" else ""
        self.parts.append(
            f'<ellipse cx="{num(cx)}" cy="{num(cy)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"{line}{extra}/>'
        )

    def text(
        self, lines: Sequence[str], x: float, cy: float, size: float, color: str, *, anchor: str = "middle",
        bold: bool = False, italic: bool = False, halo: str = "", turn: bool = False,
    ) -> None:  # fmt: skip
        """Lines centred on `cy`; `halo` is the colour around the letters, `turn` writes upwards about (x, cy)."""
        if not lines:
            return
        step = size * LINE_HEIGHT
        y = cy - (len(lines) - 1) / 2 * step + size * 0.35
        extra = f' text-anchor="{anchor}"' if anchor != "start" else ""
        extra += ' font-weight="600"' if bold else ""
        extra += ' font-style="italic"' if italic else ""
        if halo:
            extra += f' stroke="{halo}" stroke-width="{num(size * 0.3)}" stroke-linejoin="round" paint-order="stroke"'
        extra += f' transform="rotate(-90 {num(x)} {num(cy)})"' if turn else ""
        body = xml_text(lines[0])
        if len(lines) > 1:
            body = "".join(_tspan(line, x, step if k else 0.0) for k, line in enumerate(lines))
        self.parts.append(
            f'<text x="{num(x)}" y="{num(y)}" font-size="{num(size)}" fill="{color}"{extra}>{body}</text>'
        )

    def open(self, kind: str, id: str, title: str = "") -> None:
        """Start an element of the diagram, which viewers find by `data-id`."""
        self.parts.append(f'<g class="{kind}" data-id="{xml_attr(id)}">')
        if title:
            self.parts.append(f"<title>{xml_text(title)}</title>")

    def close(self) -> None:
        self.parts.append("</g>")


def _tspan(line: str, x: float, step: float) -> str:
    down = f' dy="{num(step)}"' if step else ""
    return f'<tspan x="{num(x)}"{down}>{xml_text(line)}</tspan>'
