"""Drawing one symbol in its proper notation, without its label."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.layout.sizes import EVENTS, GATEWAYS, TASKS
from diagrasp.model import Box, Node
from diagrasp_formats.svg import icons
from diagrasp_formats.svg.canvas import Canvas, num, path_of
from diagrasp_formats.svg.outline import outline
from diagrasp_formats.svg.theme import Theme


@dataclass(frozen=True, slots=True)
class Look:
    """What all symbols of a drawing share; `unit` is a 14th of the font size, the scale of lines and icons."""

    theme: Theme
    font: float
    bpmn: bool = False

    @property
    def unit(self) -> float:
        return self.font / 14

    @property
    def stroke(self) -> float:
        return 1.4 * self.unit


def draw_symbol(canvas: Canvas, node: Node, box: Box, look: Look) -> None:
    """Draw the symbol into its box."""
    paint, u, s = look.theme.paint(node.shape), look.unit, look.stroke
    fill, stroke = paint.fill, paint.stroke
    x, y, w, h = box
    cx, cy = box.center
    shape = node.shape
    if shape in EVENTS:
        _event(canvas, node, box, look)
    elif shape in GATEWAYS:
        canvas.path(path_of(outline(shape, box), closed=True), fill=fill, stroke=stroke, width=s * 1.2)
        icons.gateway(canvas, shape, cx, cy, min(w, h), stroke, fill)
    elif shape in TASKS and (look.bpmn or shape != "subprocess"):
        _task(canvas, node, box, look)
    elif shape == "subprocess":
        inset = min(10 * u, w * 0.1)
        canvas.rect(x, y, w, h, r=2 * u, fill=fill, stroke=stroke, width=s)
        canvas.path(
            f"M{num(x + inset)} {num(y)}v{num(h)}M{num(x + w - inset)} {num(y)}v{num(h)}", stroke=stroke, width=s
        )
        icons.markers(canvas, node.markers, cx, box.bottom - 9 * u, 12 * u, stroke)
    elif shape in ("database", "data_store"):
        _cylinder(canvas, box, fill, stroke, s)
    elif shape == "document":
        wave = min(h * 0.2, 14 * u)
        d = f"M{num(x)} {num(y)}h{num(w)}v{num(h - wave / 2)}"
        d += f"c{num(-w * 0.25)} {num(-wave * 1.3)} {num(-w * 0.5)} {num(wave * 1.6)} {num(-w)} 0Z"
        canvas.path(d, fill=fill, stroke=stroke, width=s)
    elif shape in ("note", "data_object"):
        fold = min(12 * u, w * 0.3, h * 0.3)
        d = f"M{num(x)} {num(y)}h{num(w - fold)}l{num(fold)} {num(fold)}v{num(h - fold)}h{num(-w)}Z"
        canvas.path(d, fill=fill, stroke=stroke, width=s)
        canvas.path(f"M{num(x + w - fold)} {num(y)}v{num(fold)}h{num(fold)}", stroke=stroke, width=s)
        if shape == "data_object":
            icons.markers(canvas, node.markers, cx, box.bottom - 8 * u, 10 * u, stroke)
    elif shape == "annotation":
        arm = min(12 * u, w * 0.2)
        canvas.path(f"M{num(x + arm)} {num(y)}h{num(-arm)}v{num(h)}h{num(arm)}", stroke=stroke, width=s)
    elif shape == "text":
        return
    elif shape in ("ellipse", "circle", "usecase", "connector"):
        canvas.ellipse(cx, cy, w / 2, h / 2, fill=fill, stroke=stroke, width=s)
    elif shape == "double_circle":
        canvas.ellipse(cx, cy, w / 2, h / 2, fill=fill, stroke=stroke, width=s)
        canvas.ellipse(cx, cy, w / 2 - 3.5 * u, h / 2 - 3.5 * u, stroke=stroke, width=s)
    elif shape == "initial":
        canvas.ellipse(cx, cy, w / 2, h / 2, fill=stroke)
    elif shape == "final":
        canvas.ellipse(cx, cy, w / 2, h / 2, fill=fill, stroke=stroke, width=s)
        canvas.ellipse(cx, cy, w * 0.3, h * 0.3, fill=stroke)
    elif shape == "bar":
        canvas.rect(x, y, w, h, r=min(w, h) / 3, fill=stroke)
    elif shape == "delay":
        r = min(h / 2, w)
        d = f"M{num(x)} {num(y)}h{num(w - r)}a{num(r)} {num(h / 2)} 0 0 1 0 {num(h)}h{num(r - w)}Z"
        canvas.path(d, fill=fill, stroke=stroke, width=s)
    elif shape == "display":
        tip, r = min(h * 0.5, w * 0.25), min(h * 0.35, w * 0.2)
        d = f"M{num(x)} {num(cy)}L{num(x + tip)} {num(y)}H{num(x + w - r)}"
        d += f"a{num(r)} {num(h / 2)} 0 0 1 0 {num(h)}H{num(x + tip)}Z"
        canvas.path(d, fill=fill, stroke=stroke, width=s)
    elif shape == "actor":
        icons.actor(canvas, box, stroke, s * 1.2, fill)
    elif shape in ("boundary", "control", "entity") and not node.rows:
        icons.robustness(canvas, shape, box, fill, stroke, s)
    elif shape == "collections":
        off = 5 * u
        canvas.rect(x + off, y, w - off, h - off, fill=fill, stroke=stroke, width=s)
        canvas.rect(x, y + off, w - off, h - off, fill=fill, stroke=stroke, width=s)
    elif shape in ("rounded", "state"):
        canvas.rect(x, y, w, h, r=min(12 * u, h / 3), fill=fill, stroke=stroke, width=s)
    elif shape in ("terminal", "stadium"):
        canvas.rect(x, y, w, h, r=min(w, h) / 2, fill=fill, stroke=stroke, width=s)
    elif shape in ("process", "participant", "class", "entity"):
        canvas.rect(x, y, w, h, r=3 * u, fill=fill, stroke=stroke, width=s)
    else:
        canvas.path(
            path_of(outline(shape, box), closed=True),
            fill=fill,
            stroke=stroke,
            width=s,
            extra=' stroke-linejoin="round"',
        )


def _event(canvas: Canvas, node: Node, box: Box, look: Look) -> None:
    paint, s = look.theme.paint(node.shape), look.stroke
    cx, cy = box.center
    r = min(box.w, box.h) / 2
    dash = f' stroke-dasharray="{num(r * 0.28)} {num(r * 0.18)}"' if "non_interrupting" in node.markers else ""
    width = s * 2.4 if node.shape == "end_event" else s * 1.1
    canvas.ellipse(
        cx,
        cy,
        r - width / 2 + s / 2,
        r - width / 2 + s / 2,
        fill=paint.fill,
        stroke=paint.stroke,
        width=width,
        extra=dash,
    )
    if node.shape in ("intermediate_event", "boundary_event"):
        canvas.ellipse(cx, cy, r * 0.8, r * 0.8, stroke=paint.stroke, width=s * 0.9, extra=dash)
    if node.trigger:
        throwing = node.shape == "end_event" or "throwing" in node.markers
        icons.trigger(canvas, node.trigger, cx, cy, r * 0.56, paint.stroke, paint.fill, filled=throwing)


def _task(canvas: Canvas, node: Node, box: Box, look: Look) -> None:
    paint, u, s = look.theme.paint(node.shape), look.unit, look.stroke
    x, y, w, h = box
    width = s * 2.4 if node.shape == "call_activity" else s
    canvas.rect(x, y, w, h, r=min(9 * u, h / 4), fill=paint.fill, stroke=paint.stroke, width=width)
    icons.task(canvas, node.shape, x + 5 * u, y + 5 * u, min(15 * u, h * 0.3), paint.stroke, paint.fill)
    marks = node.markers
    if node.shape == "subprocess" and "collapsed" not in marks:
        marks = (*marks, "collapsed")
    icons.markers(canvas, marks, x + w / 2, y + h - 9 * u, min(12 * u, h * 0.25), paint.stroke)


def _cylinder(canvas: Canvas, box: Box, fill: str, stroke: str, s: float) -> None:
    x, y, w, h = box
    cap = min(h * 0.16, w * 0.18)
    arc = f"a{num(w / 2)} {num(cap)} 0 0 "
    d = f"M{num(x)} {num(y + cap)}{arc}1 {num(w)} 0v{num(h - 2 * cap)}{arc}1 {num(-w)} 0Z"
    canvas.path(d, fill=fill, stroke=stroke, width=s)
    canvas.path(f"M{num(x)} {num(y + cap)}{arc}0 {num(w)} 0", stroke=stroke, width=s)
