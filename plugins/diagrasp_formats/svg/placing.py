"""Where labels go that have no place of their own: the freest of a few candidates, by a grid of what is taken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from diagrasp.model import Box

Point = tuple[float, float]


@dataclass(slots=True)
class Taken:
    """Rectangles with weights in a uniform grid; the cost of a box is the weighted area it shares with them."""

    cell: float
    grid: dict[tuple[int, int], list[tuple[Box, float, str]]] = field(default_factory=dict)

    def add(self, box: Box, weight: float, owner: str = "") -> None:
        for key in self._cells(box):
            self.grid.setdefault(key, []).append((box, weight, owner))

    def add_line(self, path: Sequence[Point], width: float, weight: float, owner: str = "") -> None:
        for (ax, ay), (bx, by) in pairwise(path):
            # Slanting lines are cut so that their rectangles stay thin.
            parts = (
                1
                if min(abs(ax - bx), abs(ay - by)) < width
                else min(24, max(1, int(math.hypot(bx - ax, by - ay) / self.cell * 2)))
            )
            for k in range(parts):
                px, py = ax + (bx - ax) * k / parts, ay + (by - ay) * k / parts
                qx, qy = ax + (bx - ax) * (k + 1) / parts, ay + (by - ay) * (k + 1) / parts
                x, y = min(px, qx) - width / 2, min(py, qy) - width / 2
                self.add(Box(x, y, abs(px - qx) + width, abs(py - qy) + width), weight, owner)

    def cost(self, box: Box, *, own: str = "") -> float:
        """Shared area as shares of the box, weighted; what belongs to `own` counts a fifth."""
        total, seen = 0.0, set()
        area = max(1.0, box.w * box.h)
        for key in self._cells(box):
            for item in self.grid.get(key, ()):
                if id(item) in seen:
                    continue
                other, weight, owner = item
                w = min(box.right, other.right) - max(box.x, other.x)
                h = min(box.bottom, other.bottom) - max(box.y, other.y)
                if w > 0 and h > 0:
                    seen.add(id(item))
                    total += weight * (0.1 + w * h / area) * (0.2 if own and owner == own else 1.0)
        return total

    def _cells(self, box: Box) -> Iterable[tuple[int, int]]:
        x0, x1 = int(box.x // self.cell), int(box.right // self.cell)
        y0, y1 = int(box.y // self.cell), int(box.bottom // self.cell)
        if (x1 - x0 + 1) * (y1 - y0 + 1) > 4096:
            x1, y1 = min(x1, x0 + 63), min(y1, y0 + 63)
        return ((i, j) for i in range(x0, x1 + 1) for j in range(y0, y1 + 1))


def beside(box: Box, w: float, h: float, gap: float) -> list[tuple[Box, str]]:
    """Places for a label about a symbol, best first, with the text's anchor."""
    cx, cy = box.center
    return [
        (Box(cx - w / 2, box.bottom + gap, w, h), "middle"),
        (Box(cx - w / 2, box.y - gap - h, w, h), "middle"),
        (Box(box.right + gap, cy - h / 2, w, h), "start"),
        (Box(box.right - box.w * 0.2 + gap, box.y - h - gap * 0.3, w, h), "start"),
        (Box(box.right - box.w * 0.2 + gap, box.bottom + gap * 0.3, w, h), "start"),
        (Box(box.x + box.w * 0.2 - gap - w, box.bottom + gap * 0.3, w, h), "end"),
        (Box(box.x + box.w * 0.2 - gap - w, box.y - h - gap * 0.3, w, h), "end"),
        (Box(box.x - gap - w, cy - h / 2, w, h), "end"),
    ]


def along(path: Sequence[Point], w: float, h: float, gap: float, *, early: bool) -> list[tuple[Box, float]]:
    """Places for a label on a path with the cost of being away from where one looks for it."""
    lengths = [math.dist(a, b) for a, b in pairwise(path)]
    total = sum(lengths) or 1.0
    wish = min(0.5, (max(w, h) / 2 + gap * 3) / total) if early else 0.5
    places: list[tuple[Box, float]] = []
    done = 0.0
    for (a, b), length in zip(pairwise(path), lengths, strict=True):
        level, upright = abs(a[1] - b[1]) < 1.0, abs(a[0] - b[0]) < 1.0
        steps = max(1, min(9, int(length / max(h, gap * 2))))
        for k in range(steps):
            t = (k + 0.5) / steps
            x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
            away = abs((done + t * length) / total - wish) * 1.2
            short = 0.5 if (level and length < w) or (upright and length < h) else 0.0
            if level:
                places += [(Box(x - w / 2, y - h - gap * 0.4, w, h), away + short)]
                places += [(Box(x - w / 2, y + gap * 0.4, w, h), away + short + 0.1)]
            elif upright:
                places += [
                    (Box(x + gap, y - h / 2, w, h), away + short),
                    (Box(x - gap - w, y - h / 2, w, h), away + short + 0.1),
                ]
            places.append((Box(x - w / 2, y - h / 2, w, h), away + (0.25 if level or upright else 0.0)))
        done += length
    return places
