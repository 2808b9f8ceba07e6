"""Rectangles with wide round corners: four sides that stop short of one another by as much, and the arcs between them.

The general search for frames leads sides on to where they meet, which wide corners are too far from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect

LEAST = 1.4
"""Letter heights of the radius from which on corners are wide."""
ALIKE = 0.7
"""Letter heights by which radii and the ends of opposite sides differ at most."""
DEEP = 1 - 0.7071
"""How far into its corner's square an arc's middle lies, in parts of the radius."""
CORNERS = 3
"""Arcs that are seen at least: a connector may hide the fourth."""


class Side(Protocol):
    """A straight stroke: position across, first and last pixel along."""

    @property
    def at(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def round_frames(rows: Sequence[Side], columns: Sequence[Side], ink: Mask, letter: float) -> list[Rect]:
    """The outer bounds of such rectangles.

    Args:
        rows: the horizontal strokes.
        columns: the vertical ones.
        ink: (H, W) bool.
    """
    out = []
    for left in columns:
        tops = [r for r in rows if _turns(r.start - left.at, left.start - r.at, letter)]
        bottoms = [r for r in rows if _turns(r.start - left.at, r.at - left.end, letter)] if tops else []
        if not bottoms:
            continue
        for right in columns:
            if right.at - left.at < 4 * letter or not _level(left, right, letter):
                continue
            for top in tops:
                radius = left.start - top.at
                if radius > 0.6 * (right.at - left.at) or not _turns(right.at - top.end, radius, letter):
                    continue
                for bottom in bottoms:
                    box = Rect(left.at, top.at, right.at + 1, bottom.at + 1)
                    if _level(top, bottom, letter) and _arcs(box, radius, ink, letter) >= CORNERS:
                        out.append(box)
    return out


def _level(a: Side, b: Side, letter: float) -> bool:
    """Whether two sides begin and end together."""
    return abs(a.start - b.start) <= ALIKE * letter and abs(a.end - b.end) <= ALIKE * letter


def _turns(aside: float, along: float, letter: float) -> bool:
    """Whether two sides stop short of their corner by as much, and by what makes it a wide one."""
    return along >= LEAST * letter and abs(aside - along) <= max(ALIKE * letter, 0.2 * along)


def _arcs(box: Rect, radius: float, ink: Mask, letter: float) -> int:
    """In how many corners of a rectangle something is drawn where an arc's middle should be."""
    near, deep = max(2, round(0.35 * letter)), radius * DEEP
    seen = 0
    for x in (box.x0 + deep, box.x1 - 1 - deep):
        for y in (box.y0 + deep, box.y1 - 1 - deep):
            a, b = round(x), round(y)
            seen += bool(np.any(ink[max(0, b - near) : b + near + 1, max(0, a - near) : a + near + 1]))
    return seen


def corner_arcs(ink: Mask, box: Rect, letter: float) -> Mask | None:
    """The ink of a rectangle's wide round corners, (H, W) bool; None where it has none.

    Args:
        ink: (H, W) bool.
        box: its outer bounds.
    """
    radius = _radius(ink, box, letter)
    if radius < LEAST * letter or radius > 0.5 * min(box.w, box.h):
        return None
    lines, thick = np.zeros(ink.shape, np.uint8), max(5, 2 * round(0.25 * letter) + 1)
    r = round(radius)
    x0, y0, x1, y1 = box.x0 + 1, box.y0 + 1, box.x1 - 2, box.y1 - 2
    for x, y, angle in ((x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90)):
        cv2.ellipse(lines, (x, y), (r, r), angle, 0, 90, 1, thick)
    return ink & (lines > 0)


def _radius(ink: Mask, box: Rect, letter: float) -> float:
    """The radius of the corners by where the upper and lower sides begin, if both ends of one agree; else 0.

    What is seen in the rows looked at begins on the arc, `deep` below the side's outer edge.
    """
    near = max(2, round(0.15 * letter))
    found = []
    for y in (box.y0 + 1, box.y1 - 2):
        row = ink[max(0, y - near) : y + near + 1, max(0, box.x0) : box.x1].mean(axis=0) > 0
        drawn = np.flatnonzero(row)
        if len(drawn) and abs(int(drawn[0]) - (len(row) - 1 - int(drawn[-1]))) <= ALIKE * letter:
            found.append(float(drawn[0] + len(row) - 1 - drawn[-1]) / 2)
    if not found or min(found) < 1:
        return 0.0
    aside, deep = float(np.median(found)), near + 1.0
    return aside + deep + float(np.sqrt(2 * aside * deep))
