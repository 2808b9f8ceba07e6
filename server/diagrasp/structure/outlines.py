"""Which symbol an outline is, by how far it reaches to either side at some heights."""

from __future__ import annotations

from collections.abc import Sequence

from diagrasp.model import Point, Shape
from diagrasp.structure.geometry import bounds

_NEAR = 0.04
"""Of a shape's size: what counts as reaching a side."""


def shape_of(points: Sequence[Point]) -> Shape | None:
    """The symbol that a closed outline is; None where it is none of those known."""
    box = bounds(points)
    if box is None or box.w <= 0 or box.h <= 0:
        return None
    unit = [((x - box.x) / box.w, (y - box.y) / box.h) for x, y in points]
    top, middle, bottom = (_reach(unit, at) for at in (0.01, 0.5, 0.99))
    if top is None or middle is None or bottom is None:
        return None
    left = [reach[0] for reach in (top, middle, bottom)]
    right = [1 - reach[1] for reach in (top, middle, bottom)]
    if _straight(left) and _straight(right):
        return "process" if max(*left, *right) < _NEAR else None
    if middle[0] < _NEAR and 1 - middle[1] < _NEAR:
        return _wide_in_the_middle(unit, left, right, box.h / box.w)
    return _slanted(left, right)


def _wide_in_the_middle(
    unit: list[tuple[float, float]], left: list[float], right: list[float], ratio: float
) -> Shape | None:
    """Outlines that reach both sides at half their height."""
    quarter = _reach(unit, 0.25)
    if quarter is None:
        return None
    if _flat(left) and _flat(right):
        return "process"
    if left[0] > 0.4 and right[0] > 0.4 and left[2] > 0.4 and right[2] > 0.4:
        return "decision" if quarter[0] > 0.18 else "ellipse"
    if left[0] > _NEAR and right[0] > _NEAR and left[2] > _NEAR and right[2] > _NEAR:
        # A straight side is half way at a quarter of the height, a round one much further.
        straight_left, straight_right = (
            side > 0.4 * end for side, end in ((quarter[0], left[0]), (1 - quarter[1], right[0]))
        )
        if straight_left and straight_right:
            return "hexagon"
        return "display" if straight_left else "stadium"
    if _flat(left) and right[0] > _NEAR and right[2] > _NEAR:
        return "delay"
    if (left[0] > 0.4) != (right[0] > 0.4) and _flat([left[2], right[2]]):
        return "manual_input"
    if _flat([left[0], right[0]]):
        return "document"
    return None


def _slanted(left: list[float], right: list[float]) -> Shape | None:
    """Outlines with slanted sides."""
    if left[0] > _NEAR and right[2] > _NEAR and left[2] < _NEAR and right[0] < _NEAR:
        return "data"
    if left[2] > _NEAR and right[0] > _NEAR and left[0] < _NEAR and right[2] < _NEAR:
        return "data"
    if left[2] > _NEAR and right[2] > _NEAR and left[0] < _NEAR and right[0] < _NEAR:
        return "manual_operation"
    if left[0] > _NEAR and right[0] > _NEAR and left[2] < _NEAR and right[2] < _NEAR:
        return "manual_operation"
    return None


def _straight(side: list[float]) -> bool:
    return max(side) - min(side) < _NEAR


def _flat(side: list[float]) -> bool:
    return max(side) < _NEAR


def _reach(unit: list[tuple[float, float]], at: float) -> tuple[float, float] | None:
    """The leftmost and rightmost points of the outline at a height."""
    found: list[float] = []
    for (x0, y0), (x1, y1) in zip(unit, [*unit[1:], unit[0]], strict=True):
        if min(y0, y1) <= at <= max(y0, y1):
            found.append(x0 if y0 == y1 else x0 + (x1 - x0) * (at - y0) / (y1 - y0))
            if y0 == y1:
                found.append(x1)
    return (min(found), max(found)) if found else None
