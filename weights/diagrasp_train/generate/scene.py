"""Excalidraw scenes and draw.io files from a placed diagram: symbols, bound texts and connectors."""

from __future__ import annotations

import itertools
import json
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from diagrasp.model import Box, Diagram, Node, Point
from diagrasp_train.generate.bpmn import in_pixels
from diagrasp_train.generate.browser import Browser
from diagrasp_train.generate.place import Placed, Spacing, label_spot, obstacles, place
from diagrasp_train.generate.text import text_width, wrap

FONT_SIZE = 16.0


@dataclass(frozen=True, slots=True)
class SceneStyle:
    """Colours, line width, roughness (Excalidraw), font and pixels a unit."""

    fills: tuple[str, ...] = ("transparent",)
    stroke: str = "#1e1e1e"
    stroke_width: float = 2
    roughness: int = 1
    font: int | str = 5
    scale: float = 1.0
    background: str = "#ffffff"
    dark: bool = False
    seed: int = 1
    sharp: bool = False
    vertical: bool = True


def size(node: Node) -> tuple[float, float]:
    """A symbol wide enough for its label on a few lines."""
    text = text_width(node.label, FONT_SIZE) * 1.12
    words = max((text_width(w, FONT_SIZE) * 1.12 for w in node.label.split()), default=0)
    if node.shape in ("decision", "hexagon"):
        width = max(words * 1.7, (text * FONT_SIZE * 1.25 * 4) ** 0.5 * 1.3, 100)
        return round(width / 2) * 2.0, round(max(90, width * 0.62) / 2) * 2.0
    if node.shape in ("circle", "double_circle", "initial", "final") and not node.label:
        return 32.0, 32.0
    width = max(words + 30, min(text + 36, 200), 110)
    lines = len(wrap(node.label, FONT_SIZE * 1.12, width - 24))
    return round(width / 2) * 2.0, round(max(60, lines * 21 + 30) / 2) * 2.0


def lay_out(diagram: Diagram, *, vertical: bool) -> Placed:
    """Place a flowchart and its connectors' labels."""
    placed = place(diagram, size, Spacing(column=70, row=60, vertical=vertical))
    taken = obstacles(placed)
    for edge in placed.diagram.edges:
        if edge.label and edge.path:
            spot = label_spot(edge.path, (text_width(edge.label, FONT_SIZE) * 1.15 + 4, 20), taken)
            placed.labels[edge.id] = spot
            taken.append(spot)
    return placed


def excalidraw(placed: Placed, style: SceneStyle) -> str:
    """The JSON of an .excalidraw file."""
    rng = random.Random(style.seed)
    elements: list[dict[str, Any]] = []

    def add(kind: str, box: Box, **more: Any) -> dict[str, Any]:
        element = {
            "id": f"x{len(elements)}", "type": kind, "x": box.x, "y": box.y, "width": box.w, "height": box.h,
            "strokeColor": style.stroke, "backgroundColor": "transparent", "fillStyle": "solid",
            "strokeWidth": style.stroke_width, "roughness": style.roughness, "seed": rng.randrange(1, 2**31),
            "angle": 0, "opacity": 100, "strokeStyle": "solid", "groupIds": [], "isDeleted": False, **more,
        }  # fmt: skip
        elements.append(element)
        return element

    def text(lines: list[str], cx: float, cy: float) -> None:
        width = max(text_width(line, FONT_SIZE) * 1.12 for line in lines)
        height = 20.0 * len(lines)
        add(
            "text", Box(cx - width / 2, cy - height / 2, width, height), text="\n".join(lines), fontSize=FONT_SIZE,
            originalText="\n".join(lines), fontFamily=style.font, textAlign="center", verticalAlign="middle",
            lineHeight=1.25, strokeWidth=1, autoResize=True,
        )  # fmt: skip

    for g in placed.diagram.groups:
        if g.box:
            add("rectangle", g.box, strokeStyle="dashed", roundness=None)
            text([g.label], g.box.x + g.box.w / 2, g.box.y + 14)
    for i, n in enumerate(placed.diagram.nodes):
        box = _box(n)
        kind = {"decision": "diamond", "ellipse": "ellipse", "circle": "ellipse", "double_circle": "ellipse"}.get(
            n.shape, "rectangle"
        )
        round_ = {"type": 3} if n.shape in ("rounded", "stadium", "terminal") else None
        add(kind, box, roundness=round_, backgroundColor=style.fills[i % len(style.fills)])
        if n.label:
            room = box.w * (0.6 if kind == "diamond" else 0.78 if kind == "ellipse" else 1) - 16
            text(wrap(n.label, FONT_SIZE * 1.12, room), *box.center)
    for e in placed.diagram.edges:
        if not e.path:
            continue
        x, y = e.path[0]
        points = [[p.x - x, p.y - y] for p in e.path]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        add(
            "arrow", Box(x, y, max(xs) - min(xs), max(ys) - min(ys)), points=points,
            roundness=None if style.sharp else {"type": 2}, strokeStyle="dashed" if e.line == "dashed" else "solid",
            endArrowhead={"arrow": "arrow", "triangle": "triangle", "none": None}[e.head],
            startArrowhead="arrow" if e.tail == "arrow" else None,
        )  # fmt: skip
        if e.label and e.id in placed.labels:
            text([e.label], *placed.labels[e.id].center)
    scene = {
        "type": "excalidraw",
        "version": 2,
        "source": "diagrasp",
        "elements": elements,
        "appState": {},
        "files": {},
    }
    return json.dumps(scene, ensure_ascii=False, indent=1) + "\n"


DRAWIO_SHAPES = {
    "process": "rounded=0;", "rounded": "rounded=1;", "decision": "rhombus;", "ellipse": "ellipse;",
    "circle": "ellipse;aspect=fixed;", "double_circle": "ellipse;shape=doubleEllipse;aspect=fixed;",
    "hexagon": "shape=hexagon;perimeter=hexagonPerimeter2;",
    "data": "shape=parallelogram;perimeter=parallelogramPerimeter;",
    "database": "shape=cylinder3;size=10;boundedLbl=1;",
    "subprocess": "shape=process;",
    "document": "shape=document;boundedLbl=1;size=0.2;", "terminal": "rounded=1;arcSize=50;",
    "stadium": "rounded=1;arcSize=50;", "note": "shape=note;size=12;",
}  # fmt: skip


def drawio(placed: Placed, style: SceneStyle) -> str:
    """An uncompressed draw.io file; lanes are swimlanes."""
    cells = ['<mxCell id="0"/>', '<mxCell id="1" parent="0"/>']
    common = f"whiteSpace=wrap;html=1;fontSize=14;strokeWidth={style.stroke_width:g};"
    if isinstance(style.font, str):
        common += f"fontFamily={style.font};"
    if style.roughness > 1:
        common += "sketch=1;jiggle=2;"

    def geometry(box: Box) -> str:
        return f'<mxGeometry x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" as="geometry"/>'

    for g in placed.diagram.groups:
        if g.box:
            flat = f"swimlane;startSize=28;horizontal={int(style.vertical)};html=1;fontSize=14;fillColor=#f5f5f5;"
            cells.append(
                f'<mxCell id="{g.id}" value={quoteattr(g.label)} style="{flat}" vertex="1" parent="1">'
                f"{geometry(g.box)}</mxCell>"
            )
    for i, n in enumerate(placed.diagram.nodes):
        fill = style.fills[i % len(style.fills)]
        paint = "" if fill == "transparent" else f"fillColor={fill};"
        cells.append(
            f'<mxCell id="{n.id}" value={quoteattr(n.label)} vertex="1" parent="1" '
            f'style="{DRAWIO_SHAPES[n.shape]}{common}{paint}strokeColor={style.stroke};">{geometry(_box(n))}</mxCell>'
        )
    heads = {"arrow": "classic", "open_arrow": "open", "triangle": "block", "none": "none", "diamond": "diamond"}
    for e in placed.diagram.edges:
        looks = f"html=1;rounded={int(not style.sharp)};strokeColor={style.stroke};strokeWidth={style.stroke_width:g};"
        looks += "dashed=1;" if e.line == "dashed" else ""
        looks += f"endArrow={heads[e.head]};startArrow={heads[e.tail]};" + ("sketch=1;" if style.roughness > 1 else "")
        points = ""
        if e.path:
            ports = _ports(e.path[0], _box(placed.diagram.node(e.source)), "exit") + _ports(
                e.path[-1], _box(placed.diagram.node(e.target)), "entry"
            )
            looks += ports
            inner = "".join(f'<mxPoint x="{p.x:g}" y="{p.y:g}"/>' for p in e.path[1:-1])
            points = f'<Array as="points">{inner}</Array>' if inner else ""
        cells.append(
            f'<mxCell id="{e.id}" style="{looks}" edge="1" parent="1" source="{e.source}" target="{e.target}">'
            f'<mxGeometry relative="1" as="geometry">{points}</mxGeometry></mxCell>'
        )
        if e.label and e.path and e.id in placed.labels:
            share, off = _along(e.path, placed.labels[e.id].center)
            style_ = f"edgeLabel;html=1;align=center;verticalAlign=middle;fontSize=13;{_font(style)}"
            cells.append(
                f'<mxCell id="{e.id}_label" value={quoteattr(e.label)} style="{style_}" vertex="1" connectable="0" '
                f'parent="{e.id}"><mxGeometry x="{2 * share - 1:.3f}" relative="1" as="geometry">'
                f'<mxPoint x="{off[0]:.1f}" y="{off[1]:.1f}" as="offset"/></mxGeometry></mxCell>'
            )
    body = "\n        ".join(cells)
    return (
        '<mxfile host="diagrasp"><diagram id="page1" name="Page-1">\n    <mxGraphModel><root>\n        '
        f"{body}\n    </root></mxGraphModel>\n</diagram></mxfile>\n"
    )


def _along(path: tuple[Point, ...], spot: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    """The share of a path's length at which it comes nearest to a spot, and the way from there to the spot."""
    total = sum(math.dist(a, b) for a, b in itertools.pairwise(path))
    best, walked = (math.inf, 0.0, path[0]), 0.0
    for a, b in itertools.pairwise(path):
        length = math.dist(a, b)
        if length:
            t = ((spot[0] - a.x) * (b.x - a.x) + (spot[1] - a.y) * (b.y - a.y)) / length**2
            t = min(1.0, max(0.0, t))
            point = Point(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))
            best = min(best, (math.dist(point, spot), (walked + t * length) / max(total, 1e-9), point))
        walked += length
    return best[1], (spot[0] - best[2].x, spot[1] - best[2].y)


def _font(style: SceneStyle) -> str:
    return f"fontFamily={style.font};" if isinstance(style.font, str) else ""


def _box(node: Node) -> Box:
    if node.box is None:
        raise ValueError(f"node {node.id!r} has no place")
    return node.box


def _ports(point: tuple[float, float], box: Box, word: str) -> str:
    return f"{word}X={(point[0] - box.x) / box.w:.3g};{word}Y={(point[1] - box.y) / box.h:.3g};{word}Dx=0;{word}Dy=0;"


def draw_excalidraw(diagram: Diagram, style: SceneStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw with Excalidraw into a PNG file; the diagram in the picture's pixels and the scene."""
    placed = lay_out(diagram, vertical=style.vertical)
    text = excalidraw(placed, style)
    geometry = browser.draw("excalidraw", text, out, scale=style.scale, dark=style.dark, background=style.background)
    return in_pixels(placed.diagram, geometry), text


def draw_drawio(diagram: Diagram, style: SceneStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw with draw.io's viewer into a PNG file; the diagram in the picture's pixels and the file."""
    placed = lay_out(diagram, vertical=style.vertical)
    text = drawio(placed, style)
    geometry = browser.draw("drawio", text, out, scale=style.scale, background=style.background)
    return in_pixels(placed.diagram, geometry), text
