"""Crow's feet: what entity-relationship diagrams draw at the ends of relations to say how many.

Told from the ink around an end, laid out along the line: row 0 lies at the entity's border.  Three things are looked
for, each by what only it has.  A foot's toes leave paper between them and come together with the distance; a circle
is round once its holes are filled, whether or not the line runs through it; a bar is a thin solid row.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.uml.strips import entry, sampled
from diagrasp.model import Head

REACH, ASIDE = 3.7, 1.2
"""How far the largest sign reaches along the line, and to either side, in letter heights."""
FAR = 1.0
"""How far from the border a foot may begin, in letter heights."""
TOES = 0.22
"""How far a foot's toes, and a bar, reach to either side at least, in letter heights."""
THIN = 0.42
"""Thickest bar along the line, in letter heights."""


class Count(NamedTuple):
    """How many stand at an end, by the signs that say so."""

    foot: bool
    circle: bool
    bars: int

    @property
    def head(self) -> Head:
        """The notation's name."""
        if self.foot:
            return "zero_or_many" if self.circle else "one_or_many" if self.bars else "many"
        if self.circle:
            return "zero_or_one"
        return "one" if self.bars else "none"


def look(path: Points, ink: Mask, box: Rect | None, letter: float) -> Count:
    """What stands at the end where a path begins.

    The path may have come in by an outer toe: of the places nearby at the border, the sign's middle is where what is
    seen looks most alike on both sides.

    Args:
        path: (N, 2) from the entity on.
        ink: (H, W) bool, ink without text and symbols.
        box: the entity's bounds, None where they are not known.
    """
    along = lengths(path)
    reach = min(REACH * letter, 0.55 * along[-1])
    far = path[min(int(np.searchsorted(along, reach)), len(path) - 1)]
    tip = entry(path[0], far, box) if box is not None else path[0]
    across = _side(tip, box)
    extent = (0.0, max(letter, reach), ASIDE * letter)
    steps = np.arange(-0.9, 0.91, 0.15) * letter if across is not None else np.zeros(1)
    places = sorted(steps.tolist(), key=abs)
    strips = [sampled(ink, tip + step * across if across is not None else tip, far, extent, 0.2 * letter)
              for step in places]  # fmt: skip
    best = max(range(len(places)), key=lambda k: _alike(strips[k]) - 0.04 * abs(places[k]) / letter)
    return count(strips[best], letter)


def _side(tip: Points, box: Rect | None) -> Points | None:
    """The way along the side of a box that a point lies on."""
    if box is None:
        return None
    level = min(abs(tip[1] - box.y0), abs(tip[1] - box.y1)) <= min(abs(tip[0] - box.x0), abs(tip[0] - box.x1))
    return np.asarray([1.0, 0.0] if level else [0.0, 1.0])


def _alike(strip: Mask) -> float:
    """How much the ink on both sides of a strip's middle is alike, 0..1."""
    wide = cv2.dilate(strip.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    mirrored = strip[:, ::-1]
    return float((wide & mirrored).sum()) / max(1.0, float(strip.sum())) if strip.any() else 0.0


def count(strip: Mask, letter: float) -> Count:
    """What stands at an end.

    Args:
        strip: (D, S) bool, ink around the end: rows from the border outwards, columns across the line.
        letter: height of a capital letter in pixels.
    """
    axis = strip.shape[1] // 2
    circle = _circle(strip, axis, letter)
    rest = strip.copy()
    if circle is not None:
        rest[max(0, circle[0] - round(0.12 * letter)) : circle[1] + round(0.12 * letter)] = False
    reach, solid = _rows(rest, axis)
    wide = reach >= TOES * letter
    foot, filled, bars = False, False, 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wide.astype(int), [0]])))
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        height = b - a
        if _blob(reach[a:b], solid[a:b], letter):  # a circle filled with the line's colour
            filled = True
            continue
        third = max(1, height // 3)
        closing = float(reach[a : a + third].mean()) > 1.25 * float(reach[b - third : b].mean())
        open_ = float((solid[a:b] < 0.8).mean())
        if height >= 0.3 * letter and closing and (open_ >= 0.4 or height > THIN * letter) and a <= FAR * letter:
            foot = True
        elif height <= THIN * letter and (solid[a:b] >= 0.8).any():
            bars += 1
        elif height <= 2.2 * THIN * letter and solid[a:b].min() >= 0.8 and reach[a:b].min() >= 0.7 * reach[a:b].max():
            bars += 2  # run together
    return Count(foot, filled or circle is not None, bars)


def _rows(strip: Mask, axis: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the ink reaches to both sides at least, for every row, and which share of the way there it covers."""
    height = len(strip)
    reach, solid = np.zeros(height), np.ones(height)
    for d in range(height):
        right, left = np.flatnonzero(strip[d, axis:]), np.flatnonzero(strip[d, axis::-1])
        if len(right) and len(left):
            reach[d] = min(right[-1], left[-1])
            solid[d] = min(len(right) / (right[-1] + 1), len(left) / (left[-1] + 1))
    return reach, solid


def _blob(reach: NDArray[np.float64], solid: NDArray[np.float64], letter: float) -> bool:
    """Whether rows of ink are a filled disc: solid, widest in the middle, about as long as wide."""
    height, widest = len(reach), float(reach.max())
    if not 0.45 * letter <= height <= 1.4 * letter or float(solid.mean()) < 0.9:
        return False
    middle = abs(float(np.flatnonzero(reach >= 0.9 * widest).mean()) - 0.5 * (height - 1)) <= 0.15 * height
    return middle and 0.6 <= height / (2 * widest + 1) <= 1.15 and float(reach[[0, -1]].max()) < 0.85 * widest


def _circle(strip: Mask, axis: int, letter: float) -> tuple[int, int] | None:
    """The rows that a circle on the line takes; the line may run through it or stop at it."""
    padded = np.pad(~strip, 1, constant_values=True).astype(np.uint8)
    number, labels, stats, _ = cv2.connectedComponentsWithStats(padded, connectivity=4)
    page = int(labels[0, 0])
    near = 0.3 * letter + 1
    holes = []
    for i in range(1, number):
        x, y, w, h, area = (int(v) for v in stats[i])
        x, y = x - 1, y - 1
        if i != page and area >= 0.02 * letter * letter and x - near <= axis <= x + w + near:
            holes.append((x, y, x + w, y + h, area))
    for seed in sorted(holes, key=lambda h: -h[4]):
        mine = [
            h for h in holes if min(h[3], seed[3]) - max(h[1], seed[1]) >= 0.5 * min(h[3] - h[1], seed[3] - seed[1])
        ]
        x0, y0 = min(h[0] for h in mine), min(h[1] for h in mine)
        x1, y1 = max(h[2] for h in mine), max(h[3] for h in mine)
        w, h = x1 - x0, y1 - y0
        if not (0.3 * letter <= max(w, h) <= 1.6 * letter and 0.62 <= w / h <= 1.6):
            continue
        if abs((x0 + x1 - 1) / 2 - axis) > 0.22 * max(w, h) + 1:
            continue
        inside = labels[1:-1, 1:-1][y0:y1, x0:x1]
        if _round((inside != page) & (inside > 0)):
            return y0, y1
    return None


def _round(holes: Mask) -> bool:
    """Whether paper enclosed by a line is a disc, a line across it set aside: bare corners, ends alike."""
    h, w = holes.shape
    ys, xs = np.mgrid[0:h, 0:w]
    u, v = abs(xs + 0.5 - w / 2) / (w / 2), abs(ys + 0.5 - h / 2) / (h / 2)
    far = np.hypot(u, v)
    corners = far > 1.2
    bare = not corners.any() or float(holes[corners].mean()) <= 0.35
    slanted = (far > 0.7) & (far < 0.95) & (abs(u - v) < 0.35)  # where a diamond has nothing
    bare = bare and (not slanted.any() or float(holes[slanted].mean()) >= 0.5)
    spread = [float(np.ptp(np.flatnonzero(row))) + 1 if row.any() else 0.0 for row in holes]
    part = max(1, h // 4)
    ends = sum(spread[:part]), sum(spread[-part:])
    return bool(bare and min(ends) >= 0.5 * max(ends) and float(holes.mean()) >= 0.3)
