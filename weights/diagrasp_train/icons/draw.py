"""BPMN's signs drawn by ourselves, each time in another hand: proportions, strokes, fills, ticks and teeth vary.

Modellers agree on what a sign shows and on little else.  Everything is drawn on a large canvas in units of which 1 is
half the canvas' side; the caller scales it down as a renderer would.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 128
"""Side of the canvas, in pixels."""

Canvas = NDArray[np.uint8]
Points = Sequence[tuple[float, float]]


class Pen:
    """A canvas (0 paper, 255 ink) with a stroke's width, and where on it the sign is drawn.

    Args:
        width: of strokes, in units.
        size: of the sign, a share of the canvas.
    """

    def __init__(self, rng: random.Random, width: float, size: float = 1.0, solid: bool = False) -> None:
        self.canvas: Canvas = np.zeros((SIDE, SIDE), np.uint8)
        self.rng, self.width, self.size, self.solid = rng, width, size, solid

    def _px(self, points: Points) -> NDArray[np.int32]:
        half = SIDE / 2
        scaled = [[(half + x * self.size * half) * 16, (half + y * self.size * half) * 16] for x, y in points]
        return np.round(np.array(scaled)).astype(np.int32)

    def _thick(self, width: float | None = None) -> int:
        return max(1, round((self.width if width is None else width) * SIDE / 2))

    def line(self, *points: tuple[float, float], width: float | None = None) -> None:
        """An open line."""
        cv2.polylines(self.canvas, [self._px(points)], False, 255, self._thick(width), cv2.LINE_AA, 4)

    def shape(self, *points: tuple[float, float], fill: int | None = None, border: bool = True) -> None:
        """A closed line; filled with ink where the sign is solid, else with `fill`, by default paper."""
        level = fill if fill is not None else 255 if self.solid else 0
        cv2.fillPoly(self.canvas, [self._px(points)], level, cv2.LINE_AA, 4)
        if border:
            cv2.polylines(self.canvas, [self._px(points)], True, 255, self._thick(), cv2.LINE_AA, 4)

    def hollow(self, *points: tuple[float, float], width: float | None = None) -> None:
        """A line in paper, across what is filled."""
        cv2.polylines(self.canvas, [self._px(points)], False, 0, self._thick(width), cv2.LINE_AA, 4)

    def arc(self, x: float, y: float, r: float, start: float = 0, end: float = 360, squeeze: float = 1.0) -> Points:
        """Points of an arc, in degrees, clockwise from the right."""
        steps = np.linspace(math.radians(start), math.radians(end), 40)
        return [(x + r * math.cos(t), y + r * squeeze * math.sin(t)) for t in steps]


Sign = Callable[[Pen], None]


def nothing(pen: Pen) -> None:
    """No sign."""


def envelope(pen: Pen) -> None:
    """A letter: message events, tasks that send and receive."""
    a, b = pen.rng.uniform(0.75, 1.0), pen.rng.uniform(0.5, 0.72)
    deep = pen.rng.uniform(-0.15, 0.35) * b
    pen.shape((-a, -b), (a, -b), (a, b), (-a, b))
    flap = [(-a, -b), (0.0, deep), (a, -b)]
    if pen.solid:
        pen.hollow(*flap, width=pen.rng.uniform(0.06, 0.13))
        if pen.rng.random() < 0.3:
            pen.hollow((-a, -b), (a, -b), width=0.07)
    else:
        pen.line(*flap)
        if pen.rng.random() < 0.1:
            pen.line((-a, b), (-0.25 * a, 0))
            pen.line((a, b), (0.25 * a, 0))


def clock(pen: Pen) -> None:
    """Timer events."""
    rng = pen.rng
    pen.shape(*pen.arc(0, 0, 1), fill=rng.choice((0, 0, 40)))
    ticks = rng.choice((0, 4, 4, 8, 12, 12))
    long = rng.uniform(0.12, 0.3)
    for k in range(ticks):
        t = 2 * math.pi * k / ticks
        pen.line(
            (math.cos(t) * (1 - long), math.sin(t) * (1 - long)), (math.cos(t), math.sin(t)), width=0.8 * pen.width
        )
    hour, minute = rng.choice(((0.0, -90.0), (15.0, -80.0), (0.0, -60.0), (90.0, -60.0), (rng.uniform(0, 360), -90.0)))
    far = rng.uniform(0.45, 0.8)
    for angle, r in ((hour, far * rng.uniform(0.6, 1.0)), (minute, far)):
        pen.line((0, 0), (r * math.cos(math.radians(angle)), r * math.sin(math.radians(angle))))


def bolt(pen: Pen) -> None:
    """Error events."""
    a, k = pen.rng.uniform(0.55, 0.9), pen.rng.uniform(-0.1, 0.2)
    if pen.rng.random() < 0.75:
        pen.shape((-a, 0.75), (-0.35 + k / 2, -0.65), (0.2, 0.15), (a, -0.8), (0.35 - k / 2, 0.65), (-0.2, -0.15 + k))
    else:  # an open zigzag
        pen.line((-a, 0.7), (-0.3, -0.6), (0.3, 0.6), (a, -0.7), width=1.6 * pen.width)


def triangle(pen: Pen) -> None:
    """Signal events."""
    a, top = pen.rng.uniform(0.75, 0.98), pen.rng.uniform(-0.98, -0.75)
    low = pen.rng.uniform(0.5, 0.8)
    pen.shape((0, top), (a, low), (-a, low))


def arrow_up(pen: Pen) -> None:
    """Escalation events."""
    a, notch = pen.rng.uniform(0.5, 0.8), pen.rng.uniform(-0.05, 0.35)
    pen.shape((0, -0.95), (a, 0.8), (0, notch), (-a, 0.8))


def rewind(pen: Pen) -> None:
    """Compensation: two triangles to the left."""
    h, gap = pen.rng.uniform(0.5, 0.75), pen.rng.uniform(0.0, 0.08)
    pen.shape((-1, 0), (-gap, -h), (-gap, h))
    pen.shape((gap, 0), (1 - 0.05, -h), (1 - 0.05, h))


def page(pen: Pen) -> None:
    """Conditional events: a sheet with lines."""
    rng = pen.rng
    a, b = rng.uniform(0.6, 0.8), rng.uniform(0.75, 0.95)
    pen.shape((-a, -b), (a, -b), (a, b), (-a, b), fill=0)
    count, inset = rng.choice((3, 4, 4, 5)), rng.uniform(0.1, 0.3) * a
    for k in range(count):
        y = -b + 2 * b * (k + 0.7) / (count + 0.4)
        pen.line((-a + inset, y), (a - inset, y))


def arrow(pen: Pen) -> None:
    """Link events: a broad arrow to the right."""
    t, h, neck = pen.rng.uniform(0.2, 0.4), pen.rng.uniform(0.6, 0.85), pen.rng.uniform(0.0, 0.3)
    pen.shape((-0.9, -t), (neck, -t), (neck, -h), (0.95, 0), (neck, h), (neck, t), (-0.9, t))


def disc(pen: Pen) -> None:
    """Terminate events."""
    pen.shape(*pen.arc(0, 0, pen.rng.uniform(0.85, 1.1)), fill=255)


def cross(pen: Pen) -> None:
    """Cancel events, exclusive gateways: an X."""
    a, w = pen.rng.uniform(0.6, 0.9), pen.rng.uniform(0.1, 0.3)
    _arms(pen, a * 1.3, w, 45)


def plus(pen: Pen) -> None:
    """Parallel gateways, parallel multiple events."""
    _arms(pen, pen.rng.uniform(0.8, 1.0), pen.rng.uniform(0.1, 0.36), 0)


def hollow_plus(pen: Pen) -> None:
    """Parallel multiple events: a plus with an outline."""
    pen.solid = False
    _arms(pen, pen.rng.uniform(0.85, 1.0), pen.rng.uniform(0.22, 0.36), 0)


def _arms(pen: Pen, a: float, w: float, turn: float) -> None:
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    flat = [(-a, -w), (-w, -w), (-w, -a), (w, -a), (w, -w), (a, -w), (a, w), (w, w), (w, a), (-w, a), (-w, w), (-a, w)]
    pen.shape(*((x * c - y * s, x * s + y * c) for x, y in flat))


def ring(pen: Pen) -> None:
    """Inclusive gateways."""
    pen.line(*pen.arc(0, 0, pen.rng.uniform(0.75, 1.0)), width=pen.rng.uniform(0.12, 0.3))


def star(pen: Pen) -> None:
    """Complex gateways: a plus and an X together."""
    w, a = pen.rng.uniform(0.1, 0.28), pen.rng.uniform(0.8, 1.0)
    d = a * pen.rng.uniform(0.6, 0.8)
    for x, y in ((a, 0), (0, a), (d, d), (d, -d)):
        pen.line((-x, -y), (x, y), width=w)


def pentagon(pen: Pen, r: float = 0.95) -> None:
    """Multiple events."""
    pen.shape(*[(r * math.sin(2 * math.pi * k / 5), -r * math.cos(2 * math.pi * k / 5)) for k in range(5)])


def ringed_pentagon(pen: Pen) -> None:
    """Event gateways: a pentagon (or a plus, where it starts a process) in one ring or two, or alone."""
    rings = pen.rng.choice((0, 1, 2, 2))
    if rings:
        pen.line(*pen.arc(0, 0, 1.0))
    if rings == 2:
        pen.line(*pen.arc(0, 0, pen.rng.uniform(0.78, 0.88)))
    pen.solid = False
    if not rings:
        pentagon(pen, pen.rng.uniform(0.75, 1.0))
        return
    if pen.rng.random() < 0.2:
        _arms(pen, 0.55, pen.rng.uniform(0.12, 0.2), 0)
    else:
        pentagon(pen, pen.rng.uniform(0.5, 0.65))


def person(pen: Pen) -> None:
    """User tasks: a head above shoulders."""
    rng = pen.rng
    r, y = rng.uniform(0.3, 0.46), rng.uniform(-0.6, -0.42)
    a, neck = rng.uniform(0.7, 0.95), y + r * rng.uniform(0.55, 1.05)
    style = rng.random()
    if style < 0.4:
        body: list[tuple[float, float]] = [(-a, 0.95), *pen.arc(0, 0.95, a, 180, 360, (0.95 - neck) / a), (a, 0.95)]
    elif style < 0.8:
        b = rng.uniform(0.35, 0.55) * a
        body = [(-a, 0.95), (-a, neck + 0.5), (-b, neck), (b, neck), (a, neck + 0.5), (a, 0.95)]
    else:
        body = [(-a, 0.95), (0, neck - 0.1), (a, 0.95)]
    pen.shape(*body)
    if not pen.solid and rng.random() < 0.5:
        for x in (-0.5 * a, 0.5 * a):
            pen.line((x, 0.95), (x, rng.uniform(0.5, 0.75)))
    pen.shape(*pen.arc(0, y, r))
    if not pen.solid and rng.random() < 0.5:  # hair
        pen.shape(*pen.arc(0, y, r, 180 - rng.uniform(0, 40), 360 + rng.uniform(0, 30)), fill=255)


def gears(pen: Pen) -> None:
    """Service tasks: one gear or two."""
    rng = pen.rng
    if rng.random() < 0.35:
        _gear(pen, 0, 0, 0.95)
    else:
        k = rng.uniform(0.55, 0.7)
        _gear(pen, k - 1, k - 1, k)
        k = rng.uniform(0.5, 0.7)
        _gear(pen, 1 - k, 1 - k, k)


def _gear(pen: Pen, x: float, y: float, r: float) -> None:
    teeth, inner = pen.rng.choice((6, 8, 8, 10)), r * pen.rng.uniform(0.68, 0.82)
    turn = pen.rng.uniform(0, math.pi)
    points = []
    for k in range(teeth):
        for part, far in ((0.0, r), (0.4, r), (0.5, inner), (0.9, inner)):
            t = turn + 2 * math.pi * (k + part) / teeth
            points.append((x + far * math.cos(t), y + far * math.sin(t)))
    pen.shape(*points)
    hole = pen.arc(x, y, r * pen.rng.uniform(0.28, 0.45))
    pen.shape(*hole, fill=0)


def scroll(pen: Pen) -> None:
    """Script tasks: a scroll with lines."""
    rng = pen.rng
    a, b, swing = rng.uniform(0.5, 0.8), rng.uniform(0.8, 0.98), rng.uniform(0.15, 0.35)
    lean = rng.uniform(0.0, 0.25)
    ys = np.linspace(-b, b, 24)
    left = [(-a + swing * math.sin(math.pi * y / b) + lean * -y / b, float(y)) for y in ys]
    right = [(a + swing * math.sin(math.pi * y / b) + lean * -y / b, float(y)) for y in ys]
    pen.shape(*left, *right[::-1], fill=0)
    count, short = rng.choice((3, 4, 4, 5)), rng.uniform(0.15, 0.35)
    for k in range(count):
        i = int(24 * (k + 0.7) / (count + 0.4))
        pen.line((left[i][0] + short * a, left[i][1]), (right[i][0] - short * a, right[i][1]))


def hand(pen: Pen) -> None:
    """Manual tasks: a hand, its fingers to the right."""
    rng = pen.rng
    h = rng.uniform(0.24, 0.3)
    top = rng.uniform(-0.45, -0.3)
    wrist, knuckles = -0.95, rng.uniform(-0.1, 0.1)
    tips = [rng.uniform(0.75, 0.98), rng.uniform(0.8, 0.98), rng.uniform(0.6, 0.85), rng.uniform(0.4, 0.65)]
    bottom = top + 4 * h
    pen.shape((wrist, top + 0.1), (knuckles, top), (knuckles, bottom), (wrist, bottom - 0.1))
    for k, tip in enumerate(tips):
        y = top + (k + 0.5) * h
        round_ = pen.arc(tip - h / 2, y, h / 2, -90, 90)
        pen.shape((knuckles - 0.3, y - h / 2), *round_, (knuckles - 0.3, y + h / 2))
    thumb = rng.uniform(0.2, 0.5)
    pen.shape((wrist, top + 0.15), (-0.4, top - 0.35), (thumb, top - 0.4), (thumb, top - 0.15), (-0.1, top))
    if not pen.solid:
        pen.shape((wrist, top + 0.12), (knuckles - 0.3, top + 0.1), (knuckles - 0.3, bottom - 0.12),
                  (wrist, bottom - 0.12), fill=0, border=False)  # fmt: skip
        pen.line((wrist, top + 0.12), (wrist, bottom - 0.12))


def table(pen: Pen) -> None:
    """Business rule tasks: a table with a head."""
    rng = pen.rng
    a, b = rng.uniform(0.8, 1.0), rng.uniform(0.55, 0.85)
    pen.shape((-a, -b), (a, -b), (a, b), (-a, b), fill=0)
    head = -b + 2 * b * rng.uniform(0.22, 0.36)
    pen.shape((-a, -b), (a, -b), (a, head), (-a, head), fill=rng.choice((0, 90, 150, 190, 255)))
    rows = rng.choice((2, 2, 3))
    for k in range(1, rows):
        y = head + (b - head) * k / rows
        pen.line((-a, y), (a, y))
    split = rng.uniform(-0.6, -0.2) * a
    pen.line((split, head), (split, b))
    if rng.random() < 0.3:
        pen.line((split + 0.6 * a, head), (split + 0.6 * a, b))


def loop(pen: Pen) -> None:
    """A loop marker: an open ring with a head."""
    rng = pen.rng
    gap, at = rng.uniform(30, 70), rng.uniform(60, 150)
    clockwise = rng.random() < 0.5
    pen.line(*pen.arc(0, -0.05, 0.85, at + gap / 2, at + 360 - gap / 2))
    t = math.radians(at + gap / 2 if clockwise else at - gap / 2)
    x, y = 0.85 * math.cos(t), -0.05 + 0.85 * math.sin(t)
    k = rng.uniform(0.3, 0.5)
    for turn in (-1.0, 0.7):
        way = t + (math.pi / 2 if clockwise else -math.pi / 2) * -1 + turn * 0.8 + math.pi
        pen.line((x, y), (x - k * math.cos(way), y - k * math.sin(way)))


def bars(pen: Pen) -> None:
    """Several at a time: three upright bars."""
    _bars(pen, upright=True)


def rows(pen: Pen) -> None:
    """Several one after the other: three flat bars."""
    _bars(pen, upright=False)


def _bars(pen: Pen, *, upright: bool) -> None:
    rng = pen.rng
    step, long, w = rng.uniform(0.5, 0.7), rng.uniform(0.75, 1.0), rng.uniform(0.12, 0.36)
    for k in (-1, 0, 1):
        ends = [(k * step, -long), (k * step, long)] if upright else [(-long, k * step), (long, k * step)]
        x0, y0 = ends[0]
        x1, y1 = ends[1]
        half = w / 2
        box = (x0 - half, y0, x1 + half, y1) if upright else (x0, y0 - half, x1, y1 + half)
        pen.shape((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]), fill=255, border=False)


def tilde(pen: Pen) -> None:
    """An ad-hoc marker."""
    a, h = pen.rng.uniform(0.85, 1.0), pen.rng.uniform(0.25, 0.45)
    xs = np.linspace(-a, a, 30)
    pen.line(*[(float(x), -h * math.sin(math.pi * x / a)) for x in xs], width=pen.rng.uniform(0.12, 0.36))


def boxed_plus(pen: Pen) -> None:
    """The marker of a collapsed subprocess."""
    a = pen.rng.uniform(0.85, 1.0)
    if pen.rng.random() < 0.9:
        pen.shape((-a, -a), (a, -a), (a, a), (-a, a), fill=0)
    r, w = a * pen.rng.uniform(0.5, 0.85), pen.rng.uniform(0.08, 0.2)
    pen.line((-r, 0), (r, 0), width=w)
    pen.line((0, -r), (0, r), width=w)


TRIGGERS: dict[str, Sign] = {
    "none": nothing, "message": envelope, "timer": clock, "error": bolt, "signal": triangle, "escalation": arrow_up,
    "compensation": rewind, "conditional": page, "link": arrow, "terminate": disc, "cancel": cross,
    "multiple": pentagon, "parallel_multiple": hollow_plus,
}  # fmt: skip
GATEWAYS: dict[str, Sign] = {
    "none": nothing, "exclusive": cross, "parallel": plus, "inclusive": ring, "event": ringed_pentagon, "complex": star,
}  # fmt: skip
CORNERS: dict[str, Sign] = {
    "user": person, "service": gears, "script": scroll, "send": envelope, "receive": envelope, "manual": hand,
    "business_rule": table,
}  # fmt: skip
FEET: dict[str, Sign] = {
    "loop": loop, "parallel": bars, "sequential": rows, "compensation": rewind, "adhoc": tilde, "collapsed": boxed_plus,
}  # fmt: skip
