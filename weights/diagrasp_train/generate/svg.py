"""Our own SVG drawings in random styles, for looks that no single tool has."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from diagrasp.model import Box, Diagram, Node, Point
from diagrasp_train.generate.bpmn import in_pixels
from diagrasp_train.generate.browser import Browser
from diagrasp_train.generate.place import Placed, Spacing, label_spot, obstacles, place
from diagrasp_train.generate.text import text_width, wrap

FONTS = ("DejaVu Sans", "Liberation Sans", "Liberation Serif", "Roboto", "PT Sans", "Open Sans", "Noto Serif")


@dataclass(frozen=True, slots=True)
class SvgStyle:
    """Colours, widths, font, corners of lines ("sharp", "round" or "curve"), heads ("filled", "open", "hollow"), ..."""

    font: str
    size: float
    ink: str
    text: str
    background: str
    fills: tuple[str, ...]
    width: float
    corners: str
    head: str
    dashed: float
    shadow: bool
    label_on_line: bool
    scale: float


def random_style(rng: random.Random) -> SvgStyle:
    """A style that somebody might have chosen."""
    dark = rng.random() < 0.2
    ink = rng.choice(
        ("#e6e6e6", "#9ecbff", "#ffd479") if dark else ("#000", "#222", "#3b5b92", "#7a3e12", "#555", "#999")
    )
    return SvgStyle(
        font=rng.choice(FONTS),
        size=rng.choice((12.0, 14.0, 16.0)),
        ink=ink,
        text="#f0f0f0" if dark else rng.choice(("#000", "#222", "#1a237e")),
        background=rng.choice(("#1e1e1e", "#10233f", "#2b2b2b")) if dark else rng.choice(("#fff", "#fff", "#fcf8ee")),
        fills=rng.choice(
            (("none",), ("#2d3b4f", "#3a2f4a")) if dark
            else (("none",), ("#fff",), ("#e3f2fd", "#fffde7", "#f1f8e9"), ("#ffd54f", "#81d4fa"), ("#eee",))
        ),
        width=rng.choice((1.0, 1.5, 2.0, 3.0)),
        corners=rng.choice(("sharp", "round", "curve")),
        head=rng.choice(("filled", "filled", "open", "hollow")),
        dashed=rng.choice((0.0, 0.0, 0.15)),
        shadow=rng.random() < 0.15,
        label_on_line=rng.random() < 0.4,
        scale=rng.choice((0.8, 1.0, 1.0, 1.5, 2.0)),
    )  # fmt: skip


def _size(style: SvgStyle, node: Node) -> tuple[float, float]:
    words = max((text_width(w, style.size) * 1.1 for w in node.label.split()), default=0)
    text = text_width(node.label, style.size) * 1.1
    line = style.size * 1.3
    if node.shape == "decision":
        width = max(90.0, words * 1.8, (text * line * 3.2) ** 0.5 * 1.2)
        return round(width / 2) * 2.0, round(max(70.0, width * 0.62) / 2) * 2.0
    width = max(100.0, words + 30, min(text + 30, 170))
    lines = len(wrap(node.label, style.size * 1.1, width - 20))
    extra = 26 if node.shape in ("document", "database") else 18
    return round(width / 2) * 2.0, round(max(44.0, lines * line + extra) / 2) * 2.0


def lay_out(diagram: Diagram, style: SvgStyle) -> Placed:
    """Place a flowchart, with lanes where it has them."""
    vertical = diagram.direction in (None, "TB")
    placed = place(diagram, lambda n: _size(style, n), Spacing(column=60, row=50, vertical=vertical))
    taken = obstacles(placed)
    for edge in placed.diagram.edges:
        if edge.label and edge.path:
            size = (text_width(edge.label, style.size * 0.9) * 1.1 + 4, style.size * 1.2)
            spot = _middle(edge.path, size) if style.label_on_line else label_spot(edge.path, size, taken)
            placed.labels[edge.id] = spot
            taken.append(spot)
    return placed


def _middle(path: tuple[Point, ...], size: tuple[float, float]) -> Box:
    a, b = max(itertools.pairwise(path), key=lambda s: abs(s[0].x - s[1].x) + abs(s[0].y - s[1].y))
    return Box((a.x + b.x) / 2 - size[0] / 2, (a.y + b.y) / 2 - size[1] / 2, *size)


def source(placed: Placed, style: SvgStyle) -> str:
    """The SVG."""
    pad = 16
    w, h = placed.width + 2 * pad, placed.height + 2 * pad
    paint = f'stroke="{style.ink}" stroke-width="{style.width:g}"'
    frame = f'width="{w:g}" height="{h:g}" viewBox="{-pad} {-pad} {w:g} {h:g}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} font-family="{style.font}">',
        f'<rect x="{-pad}" y="{-pad}" width="{w:g}" height="{h:g}" fill="{style.background}"/>',
    ]
    vertical = placed.diagram.direction in (None, "TB")
    for g in placed.diagram.groups:
        if not g.box:
            continue
        x, y, gw, gh = g.box
        out.append(f'<rect x="{x:g}" y="{y:g}" width="{gw:g}" height="{gh:g}" fill="none" {paint}/>')
        if vertical:
            out.append(f'<line x1="{x:g}" y1="{y + 30:g}" x2="{x + gw:g}" y2="{y + 30:g}" {paint}/>')
            out.append(_text([g.label], x + gw / 2, y + 15, style))
        else:
            out.append(f'<line x1="{x + 30:g}" y1="{y:g}" x2="{x + 30:g}" y2="{y + gh:g}" {paint}/>')
            turned = f' transform="rotate(-90 {x + 15:g} {y + gh / 2:g})"'
            out.append(_text([g.label], x + 15, y + gh / 2, style, turned))
    for e in placed.diagram.edges:
        if e.path:
            dash = ' stroke-dasharray="6 4"' if e.line == "dashed" else ""
            out.append(f'<path d="{_line(e.path, style)}" fill="none" {paint}{dash}/>')
            out.append(_head(e.path, style))
    for i, n in enumerate(placed.diagram.nodes):
        if n.box:
            fill = style.fills[i % len(style.fills)]
            fill = style.background if fill == "none" and n.shape != "process" else fill
            if style.shadow:
                moved = Box(n.box.x + 4, n.box.y + 4, n.box.w, n.box.h)
                out.append(f'<g opacity="0.25">{_symbol(n.shape, moved, "#000", "")}</g>')
            out.append(_symbol(n.shape, n.box, fill, paint))
            room = n.box.w * (0.62 if n.shape == "decision" else 1) - 14
            down = 4 if n.shape == "database" else -4 if n.shape == "document" else 0
            out.append(_text(wrap(n.label, style.size * 1.1, room), n.box.center[0], n.box.center[1] + down, style))
    for e in placed.diagram.edges:
        if e.id in placed.labels:
            spot = placed.labels[e.id]
            if style.label_on_line:
                x, y, lw, lh = spot
                out.append(f'<rect x="{x:g}" y="{y:g}" width="{lw:g}" height="{lh:g}" fill="{style.background}"/>')
            out.append(_text([e.label], *spot.center, style, size=style.size * 0.9))
    return "\n".join([*out, "</svg>"]) + "\n"


def _text(lines: list[str], x: float, y: float, style: SvgStyle, more: str = "", size: float | None = None) -> str:
    size = size or style.size
    step = size * 1.25
    spans = "".join(
        f'<tspan x="{x:g}" y="{y + (k - (len(lines) - 1) / 2) * step:g}">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    return (
        f'<text fill="{style.text}" font-size="{size:g}" text-anchor="middle" dominant-baseline="central"{more}>'
        f"{spans}</text>"
    )


def _symbol(shape: str, box: Box, fill: str, paint: str) -> str:
    x, y, w, h = box
    look = f'fill="{fill}" {paint}'
    cx, cy = box.center
    if shape in ("stadium", "rounded", "terminal"):
        r = 8 if shape == "rounded" else h / 2
        return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" {look}/>'
    if shape in ("ellipse", "circle"):
        return f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{w / 2:g}" ry="{h / 2:g}" {look}/>'
    if shape == "decision":
        return f'<path d="M{cx:g} {y:g}L{x + w:g} {cy:g}L{cx:g} {y + h:g}L{x:g} {cy:g}Z" {look}/>'
    if shape == "data":
        return f'<path d="M{x + 14:g} {y:g}H{x + w:g}L{x + w - 14:g} {y + h:g}H{x:g}Z" {look}/>'
    if shape == "document":
        low = y + h - 8
        wave = f"C{x + w * 0.7:g} {low - 12:g} {x + w * 0.3:g} {low + 20:g} {x:g} {low:g}"
        return f'<path d="M{x:g} {y:g}H{x + w:g}V{low:g}{wave}Z" {look}/>'
    if shape == "database":
        r = 7
        arc = f"A{w / 2:g} {r} 0 0 1"
        body = f"M{x:g} {y + r:g}{arc} {x + w:g} {y + r:g}V{y + h - r:g}{arc} {x:g} {y + h - r:g}Z"
        lid = f"M{x:g} {y + r:g}A{w / 2:g} {r} 0 0 0 {x + w:g} {y + r:g}"
        return f'<path d="{body}" {look}/><path d="{lid}" fill="none" {paint}/>'
    inner = ""
    if shape == "subprocess":
        inner = f'<path d="M{x + 8:g} {y:g}V{y + h:g}M{x + w - 8:g} {y:g}V{y + h:g}" fill="none" {paint}/>'
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" {look}/>{inner}'


def _line(path: tuple[Point, ...], style: SvgStyle) -> str:
    if style.corners == "sharp" or len(path) < 3:
        return "M" + "L".join(f"{p.x:g} {p.y:g}" for p in path)
    r = 8.0 if style.corners == "round" else 22.0
    out = f"M{path[0].x:g} {path[0].y:g}"
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        into, onto = _toward(b, a, r), _toward(b, c, r)
        out += f"L{into.x:g} {into.y:g}Q{b.x:g} {b.y:g} {onto.x:g} {onto.y:g}"
    return out + f"L{path[-1].x:g} {path[-1].y:g}"


def _toward(a: Point, b: Point, r: float) -> Point:
    length = max(1e-6, ((b.x - a.x) ** 2 + (b.y - a.y) ** 2) ** 0.5)
    r = min(r, length / 2)
    return Point(a.x + (b.x - a.x) * r / length, a.y + (b.y - a.y) * r / length)


def _head(path: tuple[Point, ...], style: SvgStyle) -> str:
    tip = path[-1]
    back = _toward(tip, path[-2], 8 + 2 * style.width)
    dx, dy = (tip.y - back.y) * 0.45, (back.x - tip.x) * 0.45
    a, b = f"{back.x + dx:g} {back.y + dy:g}", f"{back.x - dx:g} {back.y - dy:g}"
    stroke = f'stroke="{style.ink}" stroke-width="{style.width:g}"'
    if style.head == "open":
        return f'<path d="M{a}L{tip.x:g} {tip.y:g}L{b}" fill="none" {stroke}/>'
    fill = style.ink if style.head == "filled" else style.background
    return f'<path d="M{a}L{tip.x:g} {tip.y:g}L{b}Z" fill="{fill}" {stroke}/>'


def draw(diagram: Diagram, style: SvgStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw into a PNG file; the diagram in the picture's pixels and the SVG."""
    rng = random.Random(len(diagram.nodes))
    head = "triangle" if style.head == "hollow" else "open_arrow" if style.head == "open" else "arrow"
    edges = tuple(e.replace(head=head, line="dashed" if rng.random() < style.dashed else e.line) for e in diagram.edges)
    placed = lay_out(diagram.replace(edges=edges), style)
    text = source(placed, style)
    geometry = browser.draw("svg", text, out, scale=style.scale, background=style.background, font=style.font)
    return in_pixels(placed.diagram, geometry), text
