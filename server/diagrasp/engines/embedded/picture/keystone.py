"""Drawings seen at a slant, as cameras see pages and screens: where the lines that run along the two axes meet.

Seen at a slant, level lines run towards one point far beside the picture and upright ones towards another, so that
their angles change from rim to rim.  The two points are found as most of the lines' length agrees on them (Fischler and
Bolles, "Random sample consensus", 1981; here every pair of the longest lines is a sample), and the view is undone that
puts them at infinity (Hartley and Zisserman, "Multiple View Geometry", 2003, section 8.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Lines = Values
Matrix = Values

STEEPEST = 18.0
"""Degrees by which a line may miss its axis: what is further off is slanted in any view that can still be read."""
SLANT = 0.3
"""How much further than a picture's middle its rim may be, as a share of the distance."""
EXACT, WAVERING = 0.3, 0.3
"""Degrees by which a line may miss the point that it runs to, and pixels by which its ends do besides."""
SAMPLED = 40
"""Longest lines of either axis of which every two are tried."""
FEWEST = 6
"""Lines of either axis that tell a view at least."""
EITHER, MOSTLY, GAINED = 0.5, 0.7, 0.07
"""Share of the length of the lines along either axis that runs to its point at least; the same over both, and along the
axis whose lines turn more; and how much more it is over both than what any turn of the picture explains: a straight
drawing's lines agree on a turn already."""
LEFT, LEFT_FLAT = 0.6, 0.35
"""Share of the length that no turn explains which the view of a photograph, and of another picture, may leave at the
most: in a straight drawing, too, the connectors to a symbol run to one point, but others do not."""
SPREAD = 0.3
"""How far apart the lines of either axis lie, as a share of the picture's side: near one another they tell nothing."""
TELLING = 1.0
"""Degrees by which lines turn from one rim to the other at least where it is worth it to draw the picture anew."""


@dataclass(frozen=True)
class _Meeting:
    """Where lines along one axis meet: (1, slope, bend) in homogeneous coordinates, the axis first.

    Attributes:
        point: (2,) slope in the picture's middle, and by how much it changes per half diagonal.
        same: (N,) which of the lines run there.
    """

    point: Values
    same: NDArray[np.bool_]


def view(lines: Lines, scale: float, width: int, height: int, *, photographed: bool) -> Matrix | None:
    """(3, 3) from pixels of the drawing seen straight on, its middle at 0 0, to those of the picture.

    Args:
        lines: (N, 4) straight strokes as x0, y0, x1, y1, in pixels of the picture.
        scale: pixels in which they were seen for one of the picture.
        width: of the picture.
        height: of the picture.
        photographed: whether the picture has a camera's or a scanner's grain.

    Returns:
        None where the drawing is seen straight on, or its lines do not tell.
    """
    half = float(np.hypot(width, height)) / 2
    ends = (lines.reshape(-1, 2, 2) - (width / 2, height / 2)) / half
    along = ends[:, 1] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    slope = np.tan(np.radians(STEEPEST))
    level = np.abs(along[:, 1]) < slope * np.abs(along[:, 0])
    plumb = np.abs(along[:, 0]) < slope * np.abs(along[:, 1])
    if min(np.count_nonzero(level), np.count_nonzero(plumb)) < FEWEST:
        return None
    near = np.sin(np.radians(EXACT)) + 2 * WAVERING / (scale * half * length)
    votes = np.zeros_like(length)  # those of either axis have half: symbols of long low drawings have short sides
    votes[level] += 0.5 * length[level] / length[level].sum()
    votes[plumb] += 0.5 * length[plumb] / length[plumb].sum()
    turned = _turned(along, votes, near)
    if turned > 1.0 - GAINED:
        return None
    meetings, shares = [], []
    for mine, axis, side in ((level, slice(None), width), (plumb, slice(None, None, -1), height)):
        at = ends[mine][:, :, axis]
        found = _meeting(at, length[mine], near[mine], SLANT * 2 * half / side)
        if found is None or np.count_nonzero(found.same) < FEWEST:
            return None
        inside = float(votes[mine][found.same].sum())
        spread = np.ptp(at[found.same].mean(axis=1)[:, 1]) * half
        if inside < 0.5 * EITHER or spread < SPREAD * (width + height - side):
            return None
        meetings.append(found.point)
        shares.append(inside)
    agreed, left = sum(shares), LEFT if photographed else LEFT_FLAT
    if agreed < max(MOSTLY, turned + GAINED) or 1.0 - agreed > left * (1.0 - turned):
        return None
    (s, k), (t, m) = meetings
    turns = np.degrees((abs(k) * height, abs(m) * width)) / half
    if turns.max() < TELLING or shares[int(turns.argmax())] < 0.5 * MOSTLY:
        return None
    columns = np.array([(1.0, t, 0.0), (s, 1.0, 0.0), (k, m, 1.0)])
    columns[:, 0] /= np.hypot(1.0, s)
    columns[:, 1] /= np.hypot(1.0, t)
    columns[2, :2] /= half
    columns[:2] += np.outer((width / 2, height / 2), columns[2])
    return np.asarray(columns, np.float64)


def _turned(along: Values, votes: Values, near: Values) -> float:
    """The most votes of lines that one turn of the picture brings along its axes."""
    angle = ((np.arctan2(along[:, 1], along[:, 0]) + np.pi / 4) % (np.pi / 2)) - np.pi / 4
    tried = np.radians(np.arange(-STEEPEST, STEEPEST + 0.05, 0.1))
    low, high = (np.searchsorted(tried, angle + side * near) for side in (-1, 1))
    gains = np.bincount(low, votes, len(tried) + 1) - np.bincount(high, votes, len(tried) + 1)
    return float(gains.cumsum().max())


def _meeting(ends: Values, length: Values, near: Values, most: float) -> _Meeting | None:
    """Where most of the lines meet that run along the first axis.

    Args:
        ends: (N, 2, 2) in half diagonals from the picture's middle, the axis first.
        length: (N,).
        near: (N,) the sine of the angle by which each may miss the point.
        most: bend, to either side.
    """
    a, b = ends[:, 0], ends[:, 1]
    # A line through both ends holds (1, slope, bend) where normal . (1, slope) + bend * away = 0.
    normal = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]], axis=1) / length[:, None]
    away = (a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]) / length
    longest = np.argsort(-length, kind="stable")[:SAMPLED]
    i, j = (longest[k] for k in np.triu_indices(len(longest), 1))
    bent = away[j] * normal[i, 1] - away[i] * normal[j, 1]
    apart = np.abs(bent) > 1e-3
    i, j, bent = i[apart], j[apart], bent[apart]
    if not len(i):
        return None
    k = (normal[i, 0] * normal[j, 1] - normal[j, 0] * normal[i, 1]) / bent
    s = (away[i] * normal[j, 0] - away[j] * normal[i, 0]) / bent
    tried = np.stack([s, k], axis=1)[np.abs(k) <= most]
    if not len(tried):
        return None
    missed = np.abs(normal[:, 0] + tried[:, :1] * normal[:, 1] + tried[:, 1:] * away)
    best = tried[int(((missed < near) @ length).argmax())]
    rows = np.stack([normal[:, 1], away], axis=1)
    for _ in range(3):
        same = np.abs(normal[:, 0] + rows @ best) < near
        if np.count_nonzero(same) < 2:
            return None
        weight = length[same]  # what is longer tells more exactly
        best = np.linalg.lstsq(rows[same] * weight[:, None], -normal[same, 0] * weight, rcond=None)[0]
    same = np.abs(normal[:, 0] + rows @ best) < near
    return _Meeting(best, same) if abs(best[1]) <= most else None
