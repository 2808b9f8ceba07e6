"""Small signs: BPMN task types, event triggers, gateway signs, activity markers, the actor."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from diagrasp.model import Box
from diagrasp_formats.svg.canvas import Canvas, num, path_of


def _polar(cx: float, cy: float, r: float, degrees: float) -> tuple[float, float]:
    return cx + r * math.sin(math.radians(degrees)), cy - r * math.cos(math.radians(degrees))


def _star(cx: float, cy: float, outer: float, inner: float, tips: int) -> list[tuple[float, float]]:
    return [_polar(cx, cy, outer if k % 2 == 0 else inner, 180 * k / tips) for k in range(2 * tips)]


def gateway(canvas: Canvas, shape: str, cx: float, cy: float, size: float, color: str, fill: str) -> None:
    """The sign inside a gateway."""
    a, w = size * 0.17, size * 0.065
    if shape == "exclusive_gateway":
        canvas.path(
            path_of([(cx - a, cy - a), (cx + a, cy + a)]) + path_of([(cx + a, cy - a), (cx - a, cy + a)]),
            stroke=color,
            width=w,
        )
    elif shape == "parallel_gateway":
        a *= 1.3
        canvas.path(
            path_of([(cx, cy - a), (cx, cy + a)]) + path_of([(cx - a, cy), (cx + a, cy)]), stroke=color, width=w
        )
    elif shape == "inclusive_gateway":
        canvas.ellipse(cx, cy, a * 1.3, a * 1.3, stroke=color, width=w)
    elif shape == "complex_gateway":
        a *= 1.3
        rays = [path_of([_polar(cx, cy, a, d), _polar(cx, cy, a, d + 180)]) for d in (0, 45, 90, 135)]
        canvas.path("".join(rays), stroke=color, width=w)
    else:
        canvas.ellipse(cx, cy, a * 1.6, a * 1.6, fill=fill, stroke=color, width=w / 2.4)
        canvas.ellipse(cx, cy, a * 1.3, a * 1.3, stroke=color, width=w / 2.4)
        canvas.path(
            path_of([_polar(cx, cy, a * 0.8, 72 * k) for k in range(5)], closed=True), stroke=color, width=w / 2.4
        )


_BOLT = ((-0.8, 0.75), (-0.3, -0.7), (0.2, 0.15), (0.8, -0.8), (0.3, 0.7), (-0.25, -0.1))
_ARROW = ((-0.85, -0.3), (0.1, -0.3), (0.1, -0.7), (0.85, 0), (0.1, 0.7), (0.1, 0.3), (-0.85, 0.3))


def _at(points: Sequence[tuple[float, float]], cx: float, cy: float, r: float) -> list[tuple[float, float]]:
    return [(cx + x * r, cy + y * r) for x, y in points]


def trigger(canvas: Canvas, kind: str, cx: float, cy: float, r: float, color: str, fill: str, *, filled: bool) -> None:
    """The sign inside an event; thrown ones are filled."""
    inner, line = (color, fill) if filled else ("none", color)
    w = r * 0.14

    def shape(points: Sequence[tuple[float, float]]) -> None:
        canvas.path(path_of(points, closed=True), fill=inner, stroke=color, width=w, extra=' stroke-linejoin="round"')

    if kind == "message":
        a, b = r * 0.85, r * 0.6
        shape([(cx - a, cy - b), (cx + a, cy - b), (cx + a, cy + b), (cx - a, cy + b)])
        canvas.path(path_of([(cx - a, cy - b), (cx, cy + b * 0.15), (cx + a, cy - b)]), stroke=line, width=w)
    elif kind == "timer":
        canvas.ellipse(cx, cy, r * 0.95, r * 0.95, stroke=color, width=w)
        ticks = "".join(
            path_of([_polar(cx, cy, r * 0.76, 30 * k), _polar(cx, cy, r * 0.95, 30 * k)]) for k in range(12)
        )
        canvas.path(ticks, stroke=color, width=w * 0.7)
        canvas.path(
            path_of([_polar(cx, cy, r * 0.62, 15), (cx, cy), _polar(cx, cy, r * 0.5, 95)]), stroke=color, width=w
        )
    elif kind == "error":
        shape(_at(_BOLT, cx, cy, r))
    elif kind == "signal":
        shape([_polar(cx, cy, r, 120 * k) for k in range(3)])
    elif kind == "escalation":
        shape([(cx, cy - r * 0.9), (cx + r * 0.65, cy + r * 0.8), (cx, cy + r * 0.1), (cx - r * 0.65, cy + r * 0.8)])
    elif kind == "compensation":
        for dx in (-r * 0.85, r * 0.0):
            shape([(cx + dx, cy), (cx + dx + r * 0.8, cy - r * 0.65), (cx + dx + r * 0.8, cy + r * 0.65)])
    elif kind == "conditional":
        a, b = r * 0.65, r * 0.85
        canvas.rect(cx - a, cy - b, 2 * a, 2 * b, stroke=color, width=w)
        rows = "".join(
            path_of([(cx - a * 0.65, cy + b * d), (cx + a * 0.65, cy + b * d)]) for d in (-0.6, -0.2, 0.2, 0.6)
        )
        canvas.path(rows, stroke=color, width=w)
    elif kind == "link":
        shape(_at(_ARROW, cx, cy, r))
    elif kind == "terminate":
        canvas.ellipse(cx, cy, r * 0.95, r * 0.95, fill=color)
    elif kind == "cancel":
        shape(_cross(cx, cy, r, 45))
    elif kind == "multiple":
        shape([_polar(cx, cy, r, 72 * k) for k in range(5)])
    elif kind == "parallel_multiple":
        shape(_cross(cx, cy, r, 0))


def _cross(cx: float, cy: float, r: float, turn: float) -> list[tuple[float, float]]:
    points = []
    for k in range(4):
        angle = turn + 90 * k
        points += [_polar(cx, cy, r, angle - 16), _polar(cx, cy, r, angle + 16), _polar(cx, cy, r * 0.38, angle + 45)]
    return points


def glyph(d: str, x: float, y: float, size: float) -> str:
    """Path data of a sign drawn in a unit square with one absolute `M` and relative commands, put to (x, y)."""
    out: list[str] = []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", d):
        values = [float(n) * size for n in numbers.split()]
        if command == "M":
            values = [values[0] + x, values[1] + y]
        out.append(command + " ".join(num(v) for v in values))
    return "".join(out)


_USER = "M.05 1 v-.18 c0 -.28 .2 -.3 .45 -.3 s.45 .02 .45 .3 v.18 z"
_SCRIPT = "M.3 0 h.65 c-.4 .35 .2 .6 -.15 1 h-.7 c.4 -.4 -.25 -.6 .2 -1 z"
_ROWS = ("M.3 .22 h.35", "M.28 .42 h.35", "M.38 .62 h.35", "M.36 .82 h.35")
_HAND = (
    "M0 .38 l.22 -.24 h.34 c.1 0 .1 .14 0 .14 h.36 c.11 0 .11 .16 0 .16 h.04 c.1 0 .1 .15 0 .15 h-.06 "
    "c.09 0 .09 .14 0 .14 h-.08 c.08 0 .08 .13 0 .13 h-.62 l-.2 -.12 z"
)


def task(canvas: Canvas, shape: str, x: float, y: float, size: float, color: str, fill: str) -> None:
    """The sign in a task's upper left corner."""
    s, w = size, size * 0.075
    round_ends = ' stroke-linejoin="round" stroke-linecap="round"'
    if shape == "user_task":
        canvas.path(glyph(_USER, x, y, s), fill=fill, stroke=color, width=w, extra=round_ends)
        canvas.ellipse(x + s / 2, y + s * 0.27, s * 0.23, s * 0.25, fill=color, stroke=color, width=w)
    elif shape == "service_task":
        for cx, cy, r in ((x + s * 0.4, y + s * 0.4, s * 0.4), (x + s * 0.66, y + s * 0.66, s * 0.36)):
            canvas.path(path_of(_gear(cx, cy, r), closed=True), fill=fill, stroke=color, width=w, extra=round_ends)
            canvas.ellipse(cx, cy, r * 0.36, r * 0.36, fill=fill, stroke=color, width=w)
    elif shape == "script_task":
        canvas.path(glyph(_SCRIPT, x, y, s), fill=fill, stroke=color, width=w, extra=round_ends)
        canvas.path("".join(glyph(row, x, y, s) for row in _ROWS), stroke=color, width=w)
    elif shape in ("send_task", "receive_task"):
        sent = shape == "send_task"
        top = y + s * 0.12
        canvas.rect(x, top, s * 1.05, s * 0.72, fill=color if sent else fill, stroke=color, width=w)
        flap = path_of([(x, top), (x + s * 0.525, top + s * 0.42), (x + s * 1.05, top)])
        canvas.path(flap, stroke=fill if sent else color, width=w, extra=round_ends)
    elif shape == "manual_task":
        canvas.path(glyph(_HAND, x, y, s), fill=fill, stroke=color, width=w, extra=round_ends)
    elif shape == "business_rule_task":
        canvas.rect(x, y + s * 0.1, s * 1.05, s * 0.8, fill=fill, stroke=color, width=w)
        canvas.rect(x, y + s * 0.1, s * 1.05, s * 0.24, fill=color, stroke=color, width=w)
        canvas.path(glyph("M0 .62 h1.05", x, y, s) + glyph("M.34 .34 v.56", x, y, s), stroke=color, width=w)


def _gear(cx: float, cy: float, r: float) -> list[tuple[float, float]]:
    points = []
    for k in range(8):
        for offset, share in ((-13, 1.0), (13, 1.0), (17, 0.74), (28, 0.74)):
            points.append(_polar(cx, cy, r * share, 45 * k + offset))
    return points


def markers(canvas: Canvas, marks: Sequence[str], cx: float, cy: float, size: float, color: str) -> None:
    """Activity markers in a row about (cx, cy)."""
    shown = [m for m in ("loop", "parallel", "sequential", "compensation", "adhoc", "collapsed") if m in marks]
    for k, mark in enumerate(shown):
        x = cx + (k - (len(shown) - 1) / 2) * size * 1.35
        r, w = size / 2, size * 0.1
        if mark == "collapsed":
            canvas.rect(x - r, cy - r, size, size, stroke=color, width=w)
            canvas.path(
                path_of([(x, cy - r * 0.6), (x, cy + r * 0.6)]) + path_of([(x - r * 0.6, cy), (x + r * 0.6, cy)]),
                stroke=color,
                width=w,
            )
        elif mark == "parallel":
            canvas.path(
                "".join(path_of([(x + d * r, cy - r), (x + d * r, cy + r)]) for d in (-0.6, 0, 0.6)),
                stroke=color,
                width=w * 1.6,
            )
        elif mark == "sequential":
            canvas.path(
                "".join(path_of([(x - r, cy + d * r), (x + r, cy + d * r)]) for d in (-0.6, 0, 0.6)),
                stroke=color,
                width=w * 1.6,
            )
        elif mark == "loop":
            a, b = _polar(x, cy, r * 0.85, 215), _polar(x, cy, r * 0.85, 150)
            canvas.path(
                f"M{num(a[0])} {num(a[1])}A{num(r * 0.85)} {num(r * 0.85)} 0 1 1 {num(b[0])} {num(b[1])}",
                stroke=color,
                width=w,
            )
            canvas.path(
                path_of([(a[0] - r * 0.5, a[1] + r * 0.1), a, (a[0] - r * 0.02, a[1] - r * 0.5)]), stroke=color, width=w
            )
        elif mark == "compensation":
            for dx in (-r, 0.0):
                canvas.path(
                    path_of([(x + dx, cy), (x + dx + r, cy - r * 0.7), (x + dx + r, cy + r * 0.7)], closed=True),
                    stroke=color,
                    width=w,
                )
        else:
            d = glyph("M-1 .25 c.4 -1.1 .9 -.6 1 -.25 s.6 .8 1 -.35", x, cy, r)
            canvas.path(d, stroke=color, width=w * 1.8, extra=' stroke-linecap="round"')


def actor(canvas: Canvas, box: Box, color: str, width: float, fill: str) -> None:
    """A stick figure that fills its box."""
    x, y, w, h = box
    cx, r = x + w / 2, min(w * 0.25, h * 0.16)
    canvas.ellipse(cx, y + r + width / 2, r, r, fill=fill, stroke=color, width=width)
    neck, hip = y + 2 * r + width, y + h * 0.66
    reach = min(w / 2, h * 0.32)
    d = path_of([(cx, neck), (cx, hip)]) + path_of([(cx - reach, y + h * 0.44), (cx + reach, y + h * 0.44)])
    d += path_of([(cx - reach * 0.85, y + h), (cx, hip), (cx + reach * 0.85, y + h)])
    canvas.path(d, stroke=color, width=width, extra=' stroke-linecap="round" stroke-linejoin="round"')


def robustness(canvas: Canvas, shape: str, box: Box, fill: str, color: str, width: float) -> None:
    """UML boundary, control and entity."""
    x, y, w, h = box
    r = min(w, h) / 2 * (0.9 if shape != "boundary" else 1.0)
    cx, cy = (x + w - r, y + h / 2) if shape == "boundary" else (x + w / 2, y + h - r)
    canvas.ellipse(cx, cy, r, r, fill=fill, stroke=color, width=width)
    if shape == "boundary":
        canvas.path(path_of([(x, cy - r), (x, cy + r)]) + path_of([(x, cy), (cx - r, cy)]), stroke=color, width=width)
    elif shape == "entity":
        canvas.path(path_of([(cx - r, y + h), (cx + r, y + h)]), stroke=color, width=width)
    else:
        top = cy - r
        canvas.path(
            path_of([(cx + r * 0.3, top - r * 0.28), (cx, top), (cx + r * 0.3, top + r * 0.28)]),
            stroke=color,
            width=width,
        )
