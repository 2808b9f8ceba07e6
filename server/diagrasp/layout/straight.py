"""Lines that need no router: straight ones between boxes, and from a box to itself."""

from __future__ import annotations

from diagrasp.layout.router import clip
from diagrasp.model import Box, Point


def direct(start: Box, end: Box) -> list[Point]:
    """One straight line between two boxes: upright or level where they face each other, else between the centres."""
    if holds(start, end) or holds(end, start):
        inner = end if holds(start, end) else start
        x = inner.center[0]
        outer = start if inner is end else end
        points = [Point(x, inner.bottom), Point(x, outer.bottom)]
        return points if inner is start else points[::-1]
    low, high = max(start.x, end.x), min(start.right, end.right)
    if low < high:
        x = min(
            (start.center[0], end.center[0], (low + high) / 2),
            key=lambda x: (not low <= x <= high, abs(x - start.center[0])),
        )
        down = start.bottom <= end.y
        return [Point(x, start.bottom if down else start.y), Point(x, end.y if down else end.bottom)]
    low, high = max(start.y, end.y), min(start.bottom, end.bottom)
    if low < high:
        y = min(
            (start.center[1], end.center[1], (low + high) / 2),
            key=lambda y: (not low <= y <= high, abs(y - start.center[1])),
        )
        right = start.right <= end.x
        return [Point(start.right if right else start.x, y), Point(end.x if right else end.right, y)]
    return clip([Point(*start.center), Point(*end.center)], start, end)


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box lies within another."""
    return outer.x <= inner.x and outer.y <= inner.y and outer.right >= inner.right and outer.bottom >= inner.bottom


def loop(box: Box) -> list[Point]:
    """From a symbol to itself, round its upper right corner."""
    x = box.x + box.w * 0.72
    return [
        Point(x, box.y), Point(x, box.y - 18), Point(box.right + 18, box.y - 18), Point(box.right + 18, box.center[1]),
        Point(box.right, box.center[1]),
    ]  # fmt: skip
