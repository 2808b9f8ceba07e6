"""Lines that cross a frame's side at so flat an angle that the side hides them for a while."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.lines.bridges import Pieces
from diagrasp.engines.embedded.lines.skeleton import Skeleton
from diagrasp.engines.embedded.picture.raster import Mask

LONG = 5.0
"""Longest way along a side, in letter heights."""
ALIKE, AHEAD = 0.94, 0.9
"""Cosine of the angle between the two lines at most, and between each of them and the way across."""
OWN = 0.7
"""Share of the way across, at least, that is the side's own ink."""


def cross(skeleton: Skeleton, sides: Mask, ink: Mask, letter: float) -> None:
    """Join the ends of lines that look at each other along a frame's side.

    Args:
        skeleton: changed in place.
        sides: (H, W) bool, the frames' own ink.
        ink: (H, W) bool, all the drawing's ink.
        letter: height of a capital letter, in pixels.
    """
    if not sides.any():
        return
    height, width = sides.shape
    reach = max(2, round(0.3 * letter))
    ends = []
    for n in range(len(skeleton.places)):
        if skeleton.degree(n) != 1 or skeleton.segments[skeleton.at[n][0]].length < 1.5 * letter:
            continue
        x, y = skeleton.places[n].astype(int)
        if sides[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].any():
            ends.append(n)
    if len(ends) < 2:
        return
    ways = {n: -skeleton.segments[skeleton.at[n][0]].leaving(n, 1.1 * letter) for n in ends}
    offers = []
    for k, n in enumerate(ends):
        for m in ends[k + 1 :]:
            way = skeleton.places[m] - skeleton.places[n]
            far = float(np.hypot(*way))
            if not 1 <= far <= LONG * letter or float(ways[n] @ ways[m]) > -ALIKE:
                continue
            if min(float(ways[n] @ way), -float(ways[m] @ way)) < AHEAD * far:
                continue
            steps = skeleton.places[n] + np.linspace(0, 1, max(3, int(far)))[:, None] * way
            xs = np.clip(steps[:, 0].astype(int), 0, width - 1)
            ys = np.clip(steps[:, 1].astype(int), 0, height - 1)
            if float(sides[ys, xs].mean()) >= OWN and float(ink[ys, xs].mean()) >= OWN:
                offers.append((far, n, m))
    taken: set[int] = set()
    pieces = Pieces(skeleton)
    for _, n, m in sorted(offers):
        if n not in taken and m not in taken and pieces.union(n, m):
            taken |= {n, m}
            skeleton.add(n, m, np.array([skeleton.places[n], skeleton.places[m]]))
    for n in taken:
        skeleton.dissolve(n)
