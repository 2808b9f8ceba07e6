"""Connectors: paths cleaned and led to the symbols' outlines, drawn with round corners, heads and tails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from diagrasp.model import Edge, Head
from diagrasp_formats.svg.canvas import Canvas, num, path_of
from diagrasp_formats.svg.outline import crossing, inside, nearest
from diagrasp_formats.svg.symbols import Look

Point = tuple[float, float]

_DASHES = {"dashed": (6.0, 4.0), "dotted": (1.5, 3.5)}


def tidy(points: Sequence[Point], font: float) -> list[Point]:
    """A drawn path without its noise: near points joined, nearly level and upright parts made so."""
    path: list[Point] = []
    for x, y in points:
        if not path or math.hypot(x - path[-1][0], y - path[-1][1]) > 0.5:
            path.append((x, y))
    path = _thin(path, font * 0.16)
    if len(path) < 3:
        return _level_pair(path, font)
    if _is_curve(path):
        return _without_stubs(path, font * 0.9)
    for _ in range(2):
        for k in range(len(path) - 1):
            (ax, ay), (bx, by) = path[k], path[k + 1]
            dx, dy = abs(ax - bx), abs(ay - by)
            if 0 < dy < min(font * 0.6, dx * 0.12):
                y = _kept(path, k, 1)
                path[k], path[k + 1] = (ax, y), (bx, y)
            elif 0 < dx < min(font * 0.6, dy * 0.12):
                x = _kept(path, k, 0)
                path[k], path[k + 1] = (x, ay), (x, by)
    return _thin(path, 0.3)


def _without_stubs(path: list[Point], short: float) -> list[Point]:
    """A curve without the short parts at its ends, where heads and outlines bend what was followed."""
    if len(path) > 3 and math.dist(path[0], path[1]) < short:
        path = [path[0], *path[2:]]
    if len(path) > 3 and math.dist(path[-1], path[-2]) < short:
        path = [*path[:-2], path[-1]]
    return path


def _kept(path: list[Point], k: int, axis: int) -> float:
    """The coordinate a part is levelled to: an end of the whole path stays where it is."""
    a, b = path[k][axis], path[k + 1][axis]
    if k == 0:
        return a
    return b if k + 2 == len(path) else (a + b) / 2


def _level_pair(path: list[Point], font: float) -> list[Point]:
    if len(path) != 2:
        return path
    (ax, ay), (bx, by) = path
    if abs(ay - by) < min(font * 0.5, abs(ax - bx) * 0.08):
        ay = by = (ay + by) / 2
    elif abs(ax - bx) < min(font * 0.5, abs(ay - by) * 0.08):
        ax = bx = (ax + bx) / 2
    return [(ax, ay), (bx, by)]


def _thin(path: list[Point], tolerance: float) -> list[Point]:
    """Ramer-Douglas-Peucker, without recursion."""
    if len(path) < 3:
        return path
    keep = {0, len(path) - 1}
    stack = [(0, len(path) - 1)]
    while stack:
        first, last = stack.pop()
        (ax, ay), (bx, by) = path[first], path[last]
        length = math.hypot(bx - ax, by - ay)
        worst, index = tolerance, -1
        for k in range(first + 1, last):
            px, py = path[k]
            if length < 1e-9:
                away = math.hypot(px - ax, py - ay)
            else:
                away = abs((bx - ax) * (ay - py) - (ax - px) * (by - ay)) / length
            if away > worst:
                worst, index = away, k
        if index >= 0:
            keep.add(index)
            stack += [(first, index), (index, last)]
    return [path[k] for k in sorted(keep)]


def attach(path: list[Point], polygon: list[Point], gap: float) -> list[Point]:
    """Lead the path's first point onto an outline: cut what runs inside, bridge what is missing."""
    if len(path) < 2 or not polygon:
        return path
    if inside(polygon, path[0]):
        for k in range(1, len(path)):
            if not inside(polygon, path[k]):
                point = crossing(polygon, path[k], path[k - 1])
                return [point or path[k - 1], *path[k:]]
        return path
    near = nearest(polygon, path[0])
    away = math.hypot(near[0] - path[0][0], near[1] - path[0][1])
    if away < 0.3:
        return path
    hit = crossing(polygon, path[1], path[0], ray=True)
    if hit is not None and math.hypot(hit[0] - path[0][0], hit[1] - path[0][1]) < max(2.5 * away, gap * 0.3):
        return [hit, *path[1:]]
    return [near, *path] if away > gap * 0.35 else [near, *path[1:]]


def line_data(path: list[Point], radius: float) -> str:
    """Path data with round corners; a path of many slanting parts becomes a smooth curve."""
    if len(path) < 3:
        return path_of(path)
    if _is_curve(path):
        return _smooth(path)
    d = [f"M{num(path[0][0])} {num(path[0][1])}"]
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        before, after = math.dist(a, b), math.dist(b, c)
        r = min(radius, before / 2, after / 2)
        if r < 0.5:
            d.append(f"L{num(b[0])} {num(b[1])}")
            continue
        p = (b[0] + (a[0] - b[0]) * r / before, b[1] + (a[1] - b[1]) * r / before)
        q = (b[0] + (c[0] - b[0]) * r / after, b[1] + (c[1] - b[1]) * r / after)
        d.append(f"L{num(p[0])} {num(p[1])}Q{num(b[0])} {num(b[1])} {num(q[0])} {num(q[1])}")
    d.append(f"L{num(path[-1][0])} {num(path[-1][1])}")
    return "".join(d)


def _is_curve(path: list[Point]) -> bool:
    """Whether most parts slant, and there are several: what is left of a curve after thinning."""
    slanting = sum(
        min(abs(a[0] - b[0]), abs(a[1] - b[1])) > 0.15 * max(abs(a[0] - b[0]), abs(a[1] - b[1]))
        for a, b in pairwise(path)
    )
    return slanting > 2 and slanting >= 0.6 * (len(path) - 1)


def _smooth(path: list[Point]) -> str:
    """Cubic Bezier curves through the points; handles are a third of their own part, so nothing overshoots."""
    d = [f"M{num(path[0][0])} {num(path[0][1])}"]
    ways = [_unit(a, b) for a, b in zip([path[0], *path], [*path[1:], path[-1]], strict=False)]
    for k, (a, b) in enumerate(pairwise(path)):
        third = math.dist(a, b) / 3
        c1 = (a[0] + ways[k][0] * third, a[1] + ways[k][1] * third)
        c2 = (b[0] - ways[k + 1][0] * third, b[1] - ways[k + 1][1] * third)
        d.append(f"C{num(c1[0])} {num(c1[1])} {num(c2[0])} {num(c2[1])} {num(b[0])} {num(b[1])}")
    return "".join(d)


def _unit(a: Point, b: Point) -> Point:
    length = math.dist(a, b) or 1.0
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


_BACK = {"arrow": 0.8, "triangle": 1.0, "diamond": 1.6, "filled_diamond": 1.6, "circle": 0.7}


def draw_edge(canvas: Canvas, edge: Edge, path: list[Point], look: Look) -> None:
    """Draw the connector; the line stops behind filled heads so that it does not show through."""
    u, s = look.unit, look.stroke * 0.95
    color, ground = look.theme.line, look.theme.background
    width = s * 2.2 if edge.line == "thick" else s
    size = 9.0 * u + (2.5 * u if edge.line == "thick" else 0)
    message = edge.kind == "message" and look.bpmn
    head = "triangle" if message and edge.head == "arrow" else edge.head
    tail = "circle" if message and edge.tail == "none" else edge.tail
    scale = 0.8 if message else 1.0
    shown = _shorten(path, _BACK.get(head, 0.0) * size * scale)
    shown = _shorten(shown[::-1], _BACK.get(tail, 0.0) * size * scale)[::-1]
    extra = ' stroke-linejoin="round"'
    if edge.line in _DASHES:
        on, off = _DASHES[edge.line]
        extra += f' stroke-dasharray="{num(on * u)} {num(off * u)}"'
        extra += ' stroke-linecap="round"' if edge.line == "dotted" else ""
    canvas.path(line_data(shown, 7 * u), stroke=color, width=width, extra=extra)
    _head(canvas, head, path[-1], _direction(path), size * scale, color, ground, s)
    _head(canvas, tail, path[0], _direction(path[::-1]), size * scale, color, ground, s)
    if edge.default and look.bpmn and len(path) > 1:
        _slash(canvas, path, 9 * u, color, s)


def _direction(path: list[Point]) -> Point:
    b = path[-1]
    for a in reversed(path[:-1]):
        length = math.dist(a, b)
        if length > 2.0:
            return (b[0] - a[0]) / length, (b[1] - a[1]) / length
    return 1.0, 0.0


def _shorten(path: list[Point], by: float) -> list[Point]:
    if by <= 0 or len(path) < 2:
        return path
    path = list(path)
    while len(path) > 2 and math.dist(path[-1], path[-2]) <= by:
        by -= math.dist(path[-1], path[-2])
        path.pop()
    length = math.dist(path[-1], path[-2])
    share = max(0.0, 1 - by / length) if length > 0 else 1.0
    (ax, ay), (bx, by_) = path[-2], path[-1]
    path[-1] = (ax + (bx - ax) * share, ay + (by_ - ay) * share)
    return path


def _head(
    canvas: Canvas, kind: Head, at: Point, way: Point, size: float, color: str, ground: str, width: float
) -> None:
    """A head whose tip is `at`, pointing along `way`."""
    (x, y), (dx, dy) = at, way

    def spot(back: float, side: float) -> Point:
        return x - dx * back * size - dy * side * size, y - dy * back * size + dx * side * size

    extra = ' stroke-linejoin="round" stroke-linecap="round"'
    if kind == "arrow":
        canvas.path(path_of([at, spot(1.0, 0.42), spot(0.8, 0), spot(1.0, -0.42)], closed=True), fill=color)
    elif kind == "open_arrow":
        canvas.path(path_of([spot(0.95, 0.48), at, spot(0.95, -0.48)]), stroke=color, width=width, extra=extra)
    elif kind == "triangle":
        canvas.path(
            path_of([at, spot(1.05, 0.55), spot(1.05, -0.55)], closed=True),
            fill=ground,
            stroke=color,
            width=width,
            extra=extra,
        )
    elif kind in ("diamond", "filled_diamond"):
        fill = ground if kind == "diamond" else color
        canvas.path(
            path_of([at, spot(0.8, 0.42), spot(1.6, 0), spot(0.8, -0.42)], closed=True),
            fill=fill,
            stroke=color,
            width=width,
            extra=extra,
        )
    elif kind == "circle":
        center = spot(0.36, 0)
        canvas.ellipse(*center, size * 0.36, size * 0.36, fill=ground, stroke=color, width=width)
    elif kind == "cross":
        a = path_of([spot(0.95, 0.42), spot(0.25, -0.42)]) + path_of([spot(0.95, -0.42), spot(0.25, 0.42)])
        canvas.path(a, stroke=color, width=width * 1.2, extra=extra)
    elif kind != "none":
        many = path_of([spot(0, 0.5), spot(1.0, 0), spot(0, -0.5)])
        bar = path_of([spot(1.25, 0.5), spot(1.25, -0.5)])
        near = path_of([spot(0.75, 0.5), spot(0.75, -0.5)])
        if kind == "one":
            canvas.path(near + bar, stroke=color, width=width)
        elif kind == "zero_or_one":
            canvas.path(near, stroke=color, width=width)
        else:
            canvas.path(many + (bar if kind == "one_or_many" else ""), stroke=color, width=width)
        if kind.startswith("zero"):
            center = spot(1.35, 0)
            canvas.ellipse(*center, size * 0.35, size * 0.35, fill=ground, stroke=color, width=width)


def _slash(canvas: Canvas, path: list[Point], size: float, color: str, width: float) -> None:
    """The default flow's stroke near its source."""
    (ax, ay), (bx, by) = path[0], path[1]
    length = math.dist(path[0], path[1]) or 1.0
    dx, dy = (bx - ax) / length, (by - ay) / length
    x, y = ax + dx * min(size, length / 2), ay + dy * min(size, length / 2)
    h = size * 0.45
    a = (x - dx * h * 0.6 - dy * h, y - dy * h * 0.6 + dx * h)
    b = (x + dx * h * 0.6 + dy * h, y + dy * h * 0.6 - dx * h)
    canvas.path(path_of([a, b]), stroke=color, width=width)
