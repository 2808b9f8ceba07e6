"""Upright rectangles of pixels: where a symbol, a letter or a line of text is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Rect(NamedTuple):
    """Left, top, right, bottom in pixels; right and bottom are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def w(self) -> int:
        return self.x1 - self.x0

    @property
    def h(self) -> int:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    def union(self, other: Rect) -> Rect:
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grow(self, by: float) -> Rect:
        return Rect(int(self.x0 - by), int(self.y0 - by), int(self.x1 + by), int(self.y1 + by))

    def scaled(self, by: float) -> Rect:
        """The same on a sheet so many times as large."""
        return Rect(*(round(v * by) for v in (self.x0, self.y0, self.x1, self.y1)))

    def inside(self, x: float, y: float) -> bool:
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def overlap(self, other: Rect) -> int:
        """Area in common, in pixels."""
        w, h = min(self.x1, other.x1) - max(self.x0, other.x0), min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0, w) * max(0, h)

    def apart(self, other: Rect) -> float:
        """Distance in pixels; 0 where they touch or overlap."""
        w, h = max(self.x0, other.x0) - min(self.x1, other.x1), max(self.y0, other.y0) - min(self.y1, other.y1)
        return math.hypot(max(0, w), max(0, h))


def bounding_box(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle around all of one or more rectangles."""
    return Rect(min(r.x0 for r in rects), min(r.y0 for r in rects), max(r.x1 for r in rects), max(r.y1 for r in rects))
