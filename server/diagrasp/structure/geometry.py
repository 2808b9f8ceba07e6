"""Places in an SVG: transforms, outlines of shapes, boxes, distances.  All in the units of the root's viewBox."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from diagrasp.model import Box, Point
from diagrasp.xmltree import Tag

Matrix = tuple[float, float, float, float, float, float]
"""`x' = a x + c y + e`, `y' = b x + d y + f`, as SVG has it."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MAX_NAME = 2_000
"""Characters of an id or title that is taken apart."""
_MAX_PAIRS = 10_000_000
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]*)\)")
_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def numbers(text: str) -> list[float]:
    """The finite numbers in a text."""
    found = (float(word) for word in _NUMBER.findall(text))
    return [number for number in found if math.isfinite(number)]


def number(tag: Tag, key: str, default: float = 0.0) -> float:
    found = numbers(tag.get(key))
    return found[0] if found else default


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """First `n`, then `m`."""
    return (
        m[0] * n[0] + m[2] * n[1], m[1] * n[0] + m[3] * n[1], m[0] * n[2] + m[2] * n[3], m[1] * n[2] + m[3] * n[3],
        m[0] * n[4] + m[2] * n[5] + m[4], m[1] * n[4] + m[3] * n[5] + m[5],
    )  # fmt: skip


def matrix(text: str) -> Matrix:
    """What a `transform` attribute says."""
    result = IDENTITY
    for name, inside in _TRANSFORM.findall(text):
        given = numbers(inside)
        step = IDENTITY
        if name == "matrix" and len(given) == 6:
            step = (given[0], given[1], given[2], given[3], given[4], given[5])
        elif name == "translate" and given:
            step = (1.0, 0.0, 0.0, 1.0, given[0], given[1] if len(given) > 1 else 0.0)
        elif name == "scale" and given:
            step = (given[0], 0.0, 0.0, given[1] if len(given) > 1 else given[0], 0.0, 0.0)
        elif name == "rotate" and given:
            sine, cosine = math.sin(math.radians(given[0])), math.cos(math.radians(given[0]))
            step = (cosine, sine, -sine, cosine, 0.0, 0.0)
            if len(given) == 3:
                there: Matrix = (1.0, 0.0, 0.0, 1.0, given[1], given[2])
                back: Matrix = (1.0, 0.0, 0.0, 1.0, -given[1], -given[2])
                step = multiply(multiply(there, step), back)
        result = multiply(result, step)
    return result


def apply(m: Matrix, points: Sequence[tuple[float, float]]) -> list[Point]:
    return [Point(m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]) for x, y in points]


def placed(tag: Tag, at: Matrix = IDENTITY) -> Iterator[tuple[Tag, Matrix]]:
    """An element and everything inside in document order, each with its transform; markers and symbols left out."""
    stack = [(tag, at)]
    while stack:
        here, base = stack.pop()
        if here.name in ("marker", "defs", "symbol", "clipPath", "style"):
            continue
        own = multiply(base, matrix(here.get("transform"))) if here.get("transform") else base
        yield here, own
        stack.extend((child, own) for child in reversed(here.children))


def outline(tag: Tag) -> list[Point]:
    """Points along an element's outline in its own coordinates: corners, ends of curves, four of an ellipse."""
    if tag.name == "rect":
        x, y, w, h = (number(tag, key) for key in ("x", "y", "width", "height"))
        return [Point(x, y), Point(x + w, y), Point(x + w, y + h), Point(x, y + h)]
    if tag.name in ("circle", "ellipse"):
        rx, ry = number(tag, "rx", number(tag, "r")), number(tag, "ry", number(tag, "r"))
        x, y = number(tag, "cx"), number(tag, "cy")
        steps = [math.tau * i / 16 for i in range(16)]
        return [Point(x + rx * math.cos(a), y + ry * math.sin(a)) for a in steps]
    if tag.name in ("polygon", "polyline"):
        given = numbers(tag.get("points"))
        return [Point(x, y) for x, y in zip(given[::2], given[1::2], strict=False)]
    if tag.name == "line":
        return [Point(number(tag, "x1"), number(tag, "y1")), Point(number(tag, "x2"), number(tag, "y2"))]
    return path_points(tag.get("d")) if tag.name == "path" else []


def path_points(text: str) -> list[Point]:
    """The ends of a path's segments, with the middle of each curve between two of them."""
    found: list[Point] = []
    x = y = 0.0
    first = (0.0, 0.0)
    for command, inside in _COMMAND.findall(text):
        kind, relative = command.upper(), command.islower()
        given = numbers(inside)
        size = _TAKES[kind]
        if kind == "Z":
            x, y = first
            continue
        for i in range(0, len(given) - size + 1, size):
            part = given[i : i + size]
            dx, dy = (x, y) if relative else (0.0, 0.0)
            if kind == "H":
                end = (part[0] + dx, y)
            elif kind == "V":
                end = (x, part[0] + dy)
            else:
                end = (part[-2] + dx, part[-1] + dy)
            if kind == "C":  # the curve's own middle
                ax, ay, bx, by = part[0] + dx, part[1] + dy, part[2] + dx, part[3] + dy
                found.append(Point((x + 3 * ax + 3 * bx + end[0]) / 8, (y + 3 * ay + 3 * by + end[1]) / 8))
            elif kind == "A":
                found.append(_arc_middle((x, y), end, part))
            if kind == "M" and i == 0:
                first = end
            x, y = end
            found.append(Point(x, y))
    return found


def _arc_middle(start: tuple[float, float], end: tuple[float, float], part: list[float]) -> Point:
    """The middle of an elliptical arc whose axes are upright."""
    rx, ry = abs(part[0]) or 1.0, abs(part[1]) or 1.0
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    dx, dy = (end[0] - start[0]) / 2 / rx, (end[1] - start[1]) / 2 / ry
    half = min(1.0, math.hypot(dx, dy))
    if not half:
        return Point(x, y)
    away = 1 + math.sqrt(max(0.0, 1 - half * half)) * (1 if part[3] else -1)
    sign = 1 if part[4] else -1
    return Point(x + sign * dy / half * away * rx, y - sign * dx / half * away * ry)


def bounds(points: Sequence[tuple[float, float]]) -> Box | None:
    if not points:
        return None
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def to_border(box: Box, point: tuple[float, float]) -> float:
    """How far a point is from a box's border, from within or without."""
    dx = max(box.x - point[0], point[0] - box.right)
    dy = max(box.y - point[1], point[1] - box.bottom)
    if dx <= 0 and dy <= 0:
        return min(-dx, -dy)
    return math.hypot(max(dx, 0.0), max(dy, 0.0))


def within(inner: Box, outer: Box) -> bool:
    """Whether a box's middle lies in a larger one."""
    return outer.contains(*inner.center) and inner.area < outer.area


def heading(pairs: Sequence[tuple[Box, Box]]) -> str | None:
    """The direction that most connectors run in: TB, BT, LR, RL."""
    if not pairs:
        return None
    down = sum(b.center[1] - a.center[1] for a, b in pairs)
    right = sum(b.center[0] - a.center[0] for a, b in pairs)
    upright = sum(b.y >= a.bottom or a.y >= b.bottom for a, b in pairs)
    level = sum(b.x >= a.right or a.x >= b.right for a, b in pairs)
    if (upright, abs(down)) >= (level, abs(right)):
        return "TB" if down >= 0 else "BT"
    return "LR" if right >= 0 else "RL"


def too_many(*counts: tuple[int, int]) -> bool:
    """Whether comparing each with each would take longer than any drawing that was made by people."""
    return any(a * b > _MAX_PAIRS for a, b in counts)
