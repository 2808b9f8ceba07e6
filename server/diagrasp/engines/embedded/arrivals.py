"""Free ends that miss the symbol they belong to because something small touches them there: a sign, a head, a dash."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.skeleton import Skeleton

TOUCHING = 0.45
"""How near to a symbol a line must come to be at it, in letter heights."""
HOOK = 2.0
"""Length of the end that may belong to a sign rather than to the line, in letter heights."""
AHEAD = 3.0
"""How far before a symbol a line may break off where ink goes on from it, in letter heights."""


def settle(skeleton: Skeleton, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float) -> None:
    """Shorten ends that turn away once they are at a symbol, and lengthen those whose ink goes on to one.

    Args:
        skeleton: changed in place.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        ink: (H, W) bool, connector ink.
    """
    for node in range(len(skeleton.places)):
        if skeleton.degree(node) != 1:
            continue
        x, y = skeleton.places[node].astype(int)
        if near[y, x] <= TOUCHING * letter:
            continue
        id = skeleton.at[node][0]
        segment = skeleton.segments[id]
        points = segment.points if segment.a == node else segment.points[::-1]
        fresh = _cut(points, near, letter)
        for hook in (0.0, 0.5 * HOOK, HOOK):
            if fresh is None:
                fresh = _drawn_on(points, hook * letter, near, ink, letter)
        if fresh is None:
            continue
        far = segment.other(node)
        skeleton.remove(id)
        skeleton.places[node] = fresh[0]
        skeleton.add(node, far, fresh, gap=segment.gap, gaps=segment.gaps)


def _cut(points: NDArray[np.float64], near: NDArray[np.float32], letter: float) -> NDArray[np.float64] | None:
    """The points without the hook at their beginning; None where the line comes to no symbol there."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if along[-1] < 2 * HOOK * letter:
        return None
    hook = points[along <= HOOK * letter].astype(int)
    far = near[hook[:, 1], hook[:, 0]]
    k = int(far.argmin())
    return points[k:] if far[k] <= TOUCHING * letter else None


def _drawn_on(
    points: NDArray[np.float64], hook: float, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float
) -> NDArray[np.float64] | None:
    """The points from `hook` pixels on with a straight piece to the symbol ahead, if most of that piece is drawn."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if along[-1] < hook + 1.1 * letter and hook:
        return None
    rest = points[along >= hook]
    back = rest[min(int(np.searchsorted(along - hook, 1.1 * letter)), len(rest) - 1)] - rest[0]
    norm = float(np.hypot(*back))
    if norm < 1:
        return None
    height, width = near.shape
    steps = rest[0] - np.arange(1.0, AHEAD * letter)[:, None] * back / norm
    steps = steps[((steps >= 0) & (steps < [width, height])).all(axis=1)]
    x, y = steps[:, 0].astype(int), steps[:, 1].astype(int)
    at = np.flatnonzero(near[y, x] <= 1)
    if not len(at) or at[0] < 0.5 * letter or ink[y[: at[0]], x[: at[0]]].mean() < 0.55:
        return None
    return np.vstack([steps[at[0]], rest])
