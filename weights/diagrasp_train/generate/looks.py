"""BPMN as tools other than bpmn-js draw it: our own SVG in the manners of desktop and web modellers.

Colours by kind of symbol, gradients, shadows, thick lines, filled heads of lanes, dotted and squared canvases, icons
that stand in the way of names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

from diagrasp.model import Diagram, Group, Node, Point
from diagrasp_train.generate.beside import decorate_bpmn
from diagrasp_train.generate.bpmn import BpmnStyle, in_pixels, lay_out, outside
from diagrasp_train.generate.browser import Browser
from diagrasp_train.generate.place import Placed, Spacing
from diagrasp_train.generate.process import Looks, random_process, write
from diagrasp_train.generate.styles import Picture, Workshop
from diagrasp_train.generate.text import wrap

TASKS = ("task", "user_task", "service_task", "send_task", "receive_task", "script_task")
FONTS = ("Liberation Sans", "DejaVu Sans", "Roboto", "Open Sans", "PT Sans", "Noto Sans")


@dataclass(frozen=True, slots=True)
class Look:
    """How a modeller draws; fills are by kind of symbol, `radius` is of tasks' corners, `dots` the canvas's period."""

    font: str = "Liberation Sans"
    size: float = 12.0
    ink: str = "#22242a"
    width: float = 1.5
    radius: float = 10.0
    task: str = "white"
    gateway: str = "white"
    start: str = "white"
    end: str = "white"
    between: str = "white"
    pool: str = "white"
    head: str = "white"
    title: str = "#22242a"
    gradient: bool = False
    shadow: bool = False
    dots: float = 0.0
    grid: float = 0.0
    icons: bool = True
    cross: float = 2.5
    scale: float = 1.0


def random_look(rng: random.Random) -> Look:
    """The manner of one modeller, with what its users choose."""
    manner = rng.choice(("office", "canvas", "steel", "charts", "slides"))
    look = Look(font=rng.choice(FONTS), scale=rng.choice((0.8, 1.0, 1.0, 1.5, 2.0)))
    if manner == "office":  # colours by kind, rounded tasks in blue
        task, ink = rng.choice((("#ecefff", "#3c5aa6"), ("#d9e8fb", "#1f5fa8"), ("#fff7d6", "#a98b1e")))
        return replace(
            look, task=task, ink=ink, gateway="#ffffcc", start="#e6ffb3", end="#ffc7c7", between="#fff3cf",
            radius=6.0, cross=4.0, title="#000",
        )  # fmt: skip
    if manner == "canvas":  # the dots of the canvas, names over icons
        return replace(look, dots=rng.choice((10.0, 12.0, 15.0)), width=2.0, size=13.0)
    if manner == "steel":  # gradients, thin lines, sharp tasks
        return replace(look, gradient=True, width=1.0, radius=rng.choice((0.0, 4.0)), task="#ececec", pool="#f2f2f2")
    if manner == "charts":  # plain boxes with large symbols on a squared canvas
        return replace(look, radius=rng.choice((0.0, 14.0)), icons=False, grid=rng.choice((0.0, 10.0)), ink="#000")
    head = rng.choice(("#1f3a5f", "#2e7d32", "#5d4037", "#37474f"))
    return replace(look, head=head, title="white", shadow=rng.random() < 0.6, task=rng.choice(("white", "#f5f5f5")))


def source(placed: Placed, look: Look, rng: random.Random) -> str:
    """The SVG."""
    pad, groups = 20, placed.diagram.groups
    w, h = placed.width + 2 * pad, placed.height + 2 * pad
    frame = f'width="{w:g}" height="{h:g}" viewBox="{-pad} {-pad} {w:g} {h:g}"'
    fade = f'<stop stop-color="white"/><stop offset="1" stop-color="{look.task}"/>'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} font-family="{look.font}">',
        f'<defs><linearGradient id="fade" x2="0" y2="1">{fade}</linearGradient></defs>',
        f'<rect x="{-pad}" y="{-pad}" width="{w:g}" height="{h:g}" fill="white"/>',
        *_canvas(look, w, h, pad),
    ]
    inner = {g.parent for g in groups}
    for g in groups:
        out += _band(g, look, bare=g.kind == "pool" and g.id in inner) if g.box else []
    for e in placed.diagram.edges:
        if e.path:
            dash = {"message": ' stroke-dasharray="8 6"', "association": ' stroke-dasharray="2 4"'}.get(e.kind, "")
            dash = ' stroke-dasharray="2 4"' if e.kind == "data" else dash
            line = "M" + "L".join(f"{p.x:g} {p.y:g}" for p in e.path)
            out.append(f'<path d="{line}" fill="none" stroke="{look.ink}" stroke-width="{look.width:g}"{dash}/>')
            out += [_arrow(e.path, look, hollow=e.kind == "message")] if e.head != "none" else []
    for n in placed.diagram.nodes:
        out += _node(n, look, rng) if n.box else []
    for n in placed.diagram.nodes:
        spot = placed.labels.get(n.id)
        if spot and outside(n) and n.label:
            out.append(_text(wrap(n.label, look.size, 90), *spot.center, look))
    for e in placed.diagram.edges:
        if e.id in placed.labels:
            out.append(_text([e.label], *placed.labels[e.id].center, look))
    return "\n".join([*out, "</svg>"]) + "\n"


def _canvas(look: Look, w: float, h: float, pad: int) -> list[str]:
    step = look.dots or look.grid
    if not step:
        return []
    shape = (
        '<circle cx="1" cy="1" r="0.8" fill="#ccc"/>'
        if look.dots
        else f'<path d="M0 0H{step:g}M0 0V{step:g}" stroke="#eee" fill="none"/>'
    )
    return [
        f'<pattern id="canvas" width="{step:g}" height="{step:g}" patternUnits="userSpaceOnUse">{shape}</pattern>',
        f'<rect x="{-pad}" y="{-pad}" width="{w:g}" height="{h:g}" fill="url(#canvas)"/>',
    ]


def _band(group: Group, look: Look, *, bare: bool) -> list[str]:
    """A pool or a lane with the strip of its title; of a pool with lanes the strip only."""
    if group.box is None:
        return []
    x, y, w, h = group.box
    paint = f'stroke="{look.ink}" stroke-width="{look.width:g}"'
    fill = "none" if look.dots or look.grid or bare else look.pool
    head = look.head if not (look.dots or look.grid) or look.head != "white" else "none"
    return [
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}" {paint}/>',
        f'<rect x="{x:g}" y="{y:g}" width="30" height="{h:g}" fill="{head}" {paint}/>',
        _text([group.label], x + 15, y + h / 2, replace(look, ink=look.title),
              f' transform="rotate(-90 {x + 15:g} {y + h / 2:g})"'),
    ]  # fmt: skip


def _node(node: Node, look: Look, rng: random.Random) -> list[str]:
    box = node.box
    if box is None:
        return []
    (x, y, w, h), (cx, cy) = box, box.center
    stroke = f'stroke="{look.ink}" stroke-width="{look.width:g}"'
    if node.shape.endswith("event"):
        return _event(node, cx, cy, w / 2, look)
    if node.shape.endswith("gateway"):
        body = (
            f'<path d="M{cx:g} {y:g}L{x + w:g} {cy:g}L{cx:g} {y + h:g}L{x:g} {cy:g}Z" fill="{look.gateway}" {stroke}/>'
        )
        return [body, _sign(node.shape, cx, cy, 0.2 * w, look)]
    if node.shape == "data_object":
        fold = rng.choice((0.3, 0.4)) * w
        edge = x + w - fold
        page = f"M{x:g} {y:g}H{edge:g}l{fold:g} {fold:g}V{y + h:g}H{x:g}ZM{edge:g} {y:g}v{fold:g}h{fold:g}"
        return [f'<path d="{page}" fill="white" {stroke}/>']
    if node.shape == "data_store":
        arc = f"a{w / 2:g} 6 0 0 0 {w:g} 0"
        rings = "".join(f"M{x:g} {y + 6 + k:g}{arc}" for k in (0, 6, 12))
        body = f"M{x:g} {y + 6:g}a{w / 2:g} 6 0 0 1 {w:g} 0V{y + h - 6:g}a{w / 2:g} 6 0 0 1 {-w:g} 0Z"
        return [f'<path d="{body}" fill="white" {stroke}/><path d="{rings}" fill="none" {stroke}/>']
    if node.shape == "annotation":
        lines = wrap(node.label, look.size, w - 20)
        return [f'<path d="M{x + 10:g} {y:g}H{x:g}V{y + h:g}h10" fill="none" {stroke}/>', _text(lines, cx, cy, look)]
    out = []
    rect = f'width="{w:g}" height="{h:g}" rx="{look.radius:g}"'
    if look.shadow:
        out.append(f'<rect x="{x + 4:g}" y="{y + 4:g}" {rect} fill="#000" opacity="0.2"/>')
    fill = "url(#fade)" if look.gradient else look.task
    wide = 3 * look.width if node.shape == "call_activity" else look.width
    out.append(f'<rect x="{x:g}" y="{y:g}" {rect} fill="{fill}" stroke="{look.ink}" stroke-width="{wide:g}"/>')
    if look.icons:
        out.append(_icon(node.shape, x + 6, y + 6, look))
    return [*out, _text(wrap(node.label, look.size, w - 12), cx, cy, look)]


def _event(node: Node, cx: float, cy: float, r: float, look: Look) -> list[str]:
    fill = {"start_event": look.start, "end_event": look.end}.get(node.shape, look.between)
    wide = look.width * (2.6 if node.shape == "end_event" else 1)
    ring = f'<circle cx="{cx:g}" cy="{cy:g}" r="%g" fill="{fill}" stroke="{look.ink}" stroke-width="{wide:g}"/>'
    out = [ring % r]
    if node.shape in ("intermediate_event", "boundary_event"):
        out.append(ring % (r - 3.5))
    paint = f'fill="none" stroke="{look.ink}" stroke-width="1.5"'
    if node.trigger == "message":
        x, y, w, h = cx - 0.5 * r, cy - 0.35 * r, r, 0.7 * r
        solid = node.shape == "end_event" or "throwing" in node.markers
        envelope = f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}ZM{x:g} {y:g}l{w / 2:g} {h / 2:g}l{w / 2:g} {-h / 2:g}"
        out.append(f'<path d="{envelope}" {paint}/>' if not solid else
                   f'<path d="{envelope}" fill="{look.ink}" stroke="white" stroke-width="1"/>')  # fmt: skip
    elif node.trigger == "timer":
        hands = f"M{cx:g} {cy - 0.35 * r:g}V{cy:g}h{0.3 * r:g}"
        out.append(f'<circle cx="{cx:g}" cy="{cy:g}" r="{0.55 * r:g}" {paint}/><path d="{hands}" {paint}/>')
    elif node.trigger == "terminate":
        out.append(f'<circle cx="{cx:g}" cy="{cy:g}" r="{0.6 * r:g}" fill="{look.ink}"/>')
    return out


def _sign(shape: str, cx: float, cy: float, a: float, look: Look) -> str:
    wide = f'fill="none" stroke="{look.ink}" stroke-width="{look.cross:g}"'
    if shape == "exclusive_gateway":
        return (
            f'<path d="M{cx - 0.8 * a:g} {cy - a:g}l{1.6 * a:g} {2 * a:g}m0 {-2 * a:g}l{-1.6 * a:g} {2 * a:g}" {wide}/>'
        )
    if shape == "parallel_gateway":
        return f'<path d="M{cx - 1.2 * a:g} {cy:g}h{2.4 * a:g}M{cx:g} {cy - 1.2 * a:g}v{2.4 * a:g}" {wide}/>'
    return f'<circle cx="{cx:g}" cy="{cy:g}" r="{1.1 * a:g}" {wide}/>'


def _icon(shape: str, x: float, y: float, look: Look) -> str:
    """A small figure in a task's corner: a person, a wheel, an envelope, a sheet."""
    line = f'fill="none" stroke="{look.ink}" stroke-width="1"'
    if shape == "user_task":
        return (
            f'<circle cx="{x + 8:g}" cy="{y + 4:g}" r="4" {line}/><path d="M{x:g} {y + 16:g}v-4q8 -7 16 0v4Z" {line}/>'
        )
    if shape == "service_task":
        return (
            f'<circle cx="{x + 8:g}" cy="{y + 8:g}" r="6" {line} stroke-dasharray="3 2"/>'
            f'<circle cx="{x + 8:g}" cy="{y + 8:g}" r="2.5" {line}/>'
        )
    if shape in ("send_task", "receive_task"):
        fill = look.ink if shape == "send_task" else "none"
        edge = "white" if shape == "send_task" else look.ink
        return (
            f'<rect x="{x:g}" y="{y:g}" width="18" height="12" fill="{fill}" stroke="{look.ink}"/>'
            f'<path d="M{x:g} {y:g}l9 7l9 -7" fill="none" stroke="{edge}"/>'
        )
    if shape == "script_task":
        return f'<path d="M{x + 2:g} {y:g}h12q-4 7 0 14h-12q4 -7 0 -14m3 4h6m-6 3h6" {line}/>'
    return ""


def _arrow(path: tuple[Point, ...], look: Look, *, hollow: bool) -> str:
    tip, last = path[-1], path[-2]
    far = max(1e-6, ((tip.x - last.x) ** 2 + (tip.y - last.y) ** 2) ** 0.5)
    u, v, size = (tip.x - last.x) / far, (tip.y - last.y) / far, 7 + 2 * look.width
    a = f"{tip.x - size * u - 0.45 * size * v:g} {tip.y - size * v + 0.45 * size * u:g}"
    b = f"{tip.x - size * u + 0.45 * size * v:g} {tip.y - size * v - 0.45 * size * u:g}"
    fill = "white" if hollow else look.ink
    return f'<path d="M{tip.x:g} {tip.y:g}L{a}L{b}Z" fill="{fill}" stroke="{look.ink}"/>'


def _text(lines: list[str], x: float, y: float, look: Look, more: str = "") -> str:
    step = 1.2 * look.size
    rows = "".join(
        f'<tspan x="{x:g}" y="{y + (k - (len(lines) - 1) / 2) * step:g}">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    return (
        f'<text fill="{look.ink}" font-size="{look.size:g}" text-anchor="middle"'
        f' dominant-baseline="central"{more}>{rows}</text>'
    )


def draw(diagram: Diagram, look: Look, rng: random.Random, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw into a PNG file; the diagram in the picture's pixels and the SVG."""
    placed = lay_out(diagram, BpmnStyle(spacing=Spacing(column=60, row=60)))
    text = source(placed, look, rng)
    geometry = browser.draw("svg", text, out, scale=look.scale, background="white", font=look.font)
    return in_pixels(placed.diagram, geometry), text


def bpmn_looks(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A BPMN process as one of many modellers draws it."""
    process = random_process(rng, language, shop.length(rng), lanes=rng.randint(2, 4))
    kinds = Looks(
        kind="bpmn", shapes=TASKS, decision="exclusive_gateway", start="start_event", end="end_event", ends="events",
        groups="lane" if rng.random() < 0.75 else "none", joins=rng.random() < 0.6,
    )  # fmt: skip
    diagram = decorate_bpmn(rng, write(rng, process, kinds), process)
    truth, text = draw(diagram, random_look(rng), rng, shop.browser, path)
    return shop.finish(rng, truth, text, ".svg", "bpmn", "svg modeller", path)


MODELLERS = {"modellers": bpmn_looks}
"""Renderers drawn on demand."""
