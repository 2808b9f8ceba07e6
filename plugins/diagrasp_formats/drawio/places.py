"""Where boxes and points of a drawing are to one another, and what is dark."""

from __future__ import annotations

from diagrasp.model import Box, Point


def touch(a: Box, b: Box) -> bool:
    """Whether two boxes of one height stand side by side."""
    return abs(a.y - b.y) < 3 and abs(a.h - b.h) < 3 and (abs(a.right - b.x) < 3 or abs(b.right - a.x) < 3)


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box lies within a larger one."""
    x, y = inner.center
    return outer.contains(x, y) and inner.w < outer.w and inner.h < outer.h and outer.contains(inner.x + 1, inner.y + 1)


def away(box: Box, p: Point) -> float:
    """How far a point is from a box."""
    dx = max(box.x - p.x, 0.0, p.x - box.right)
    dy = max(box.y - p.y, 0.0, p.y - box.bottom)
    return float((dx * dx + dy * dy) ** 0.5)


def line_away(a: Point, b: Point, x: float, y: float) -> float:
    """How far the point (x, y) is from the line between two points."""
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((x - a.x) * dx + (y - a.y) * dy) / length))
    return float(((a.x + t * dx - x) ** 2 + (a.y + t * dy - y) ** 2) ** 0.5)


def is_dark(style: dict[str, str]) -> bool:
    """Whether a shape is filled so darkly that it is a bar or a dot."""
    color = style.get("fillColor", "").lstrip("#").lower()
    if color == "strokecolor":
        return True
    try:
        return len(color) == 6 and sum(bytes.fromhex(color)) < 200
    except ValueError:
        return False
