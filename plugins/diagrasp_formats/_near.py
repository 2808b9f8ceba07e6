"""Which of many boxes are near a point, without looking at each."""

from __future__ import annotations

from collections.abc import Iterable

from diagrasp.model import Box, Point

_MANY = 64
"""Squares of the grid that a box may cover before it is looked at every time."""


class Near:
    """Boxes in a grid of squares about as large as they are.

    Args:
        boxes: names with their boxes, in the order in which answers come.
    """

    def __init__(self, boxes: Iterable[tuple[str, Box]]) -> None:
        self.boxes = dict(boxes)
        sizes = sorted(max(box.w, box.h) for box in self.boxes.values())
        self.step = max(sizes[len(sizes) // 2] if sizes else 1.0, 1.0)
        self.ranks = {name: k for k, name in enumerate(self.boxes)}
        self.squares: dict[tuple[int, int], list[str]] = {}
        self.large: list[str] = []
        for name, box in self.boxes.items():
            squares = self._covered(box)
            if squares is None:
                self.large.append(name)
            for square in squares or ():
                self.squares.setdefault(square, []).append(name)

    def within(self, x: float, y: float, reach: float = 0.0) -> list[str]:
        """The names of the boxes no farther than `reach` from a point, in their order."""
        around = self._covered(Box(x - reach, y - reach, 2 * reach, 2 * reach))
        found = set(self.large)
        if around is None:
            found.update(self.boxes)
        for square in around or ():
            found.update(self.squares.get(square, ()))
        here = Point(x, y)
        return sorted((n for n in found if away(self.boxes[n], here) <= reach), key=self.ranks.__getitem__)

    def centered(self, box: Box) -> list[str]:
        """The names of the boxes whose centre lies in this one, in their order."""
        left, top = int(box.x // self.step), int(box.y // self.step)
        right, bottom = int(box.right // self.step), int(box.bottom // self.step)
        found = set(self.large)
        if (right - left + 1) * (bottom - top + 1) > len(self.boxes):
            found.update(self.boxes)
        else:
            for i in range(left, right + 1):
                for j in range(top, bottom + 1):
                    found.update(self.squares.get((i, j), ()))
        return sorted((n for n in found if box.contains(*self.boxes[n].center)), key=self.ranks.__getitem__)

    def nearest(self, x: float, y: float, reach: float) -> str | None:
        """The name of the box nearest to a point, the smallest of several; None where none is within reach."""
        here = Point(x, y)
        found = [(away(self.boxes[n], here), self.boxes[n].area, self.ranks[n], n) for n in self.within(x, y, reach)]
        return min(found)[3] if found else None

    def _covered(self, box: Box) -> list[tuple[int, int]] | None:
        left, top = int(box.x // self.step), int(box.y // self.step)
        right, bottom = int(box.right // self.step), int(box.bottom // self.step)
        if (right - left + 1) * (bottom - top + 1) > _MANY:
            return None
        return [(i, j) for i in range(left, right + 1) for j in range(top, bottom + 1)]


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


def around(points: Iterable[Point]) -> Box:
    """The box that holds all the points."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def on_border(outer: Box, small: Box) -> bool:
    """Whether a small symbol sits on the border of a larger one."""
    x, y = small.center
    reach = 0.6 * max(small.w, small.h)
    near = outer.x - reach <= x <= outer.right + reach and outer.y - reach <= y <= outer.bottom + reach
    deep = min(x - outer.x, outer.right - x, y - outer.y, outer.bottom - y)
    return near and deep <= reach and small.area < 0.5 * outer.area
