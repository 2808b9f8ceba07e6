"""Heads of dashed connectors that stand apart from the last dash: no letters V or Y, no digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect

NEAR = 0.5
"""How far from its symbol a head's tip is at most, in letter heights."""
TIP, WINGS = 0.4, 0.25
"""Greatest breadth of a tip, and least reach of the wings to either side, in letter heights."""
EVEN = 0.55
"""Least ratio of the reach of one wing to that of the other."""
BEHIND = 1.5
"""How far behind a head the last dash begins at most, in letter heights."""
DASH = 0.35
"""Least length of that dash, in letter heights."""
AHEAD = 0.15
"""How far a head's middle lies behind its tip at least, in letter heights: a flat stroke has no tip."""
FRONT = 0.2
"""Length of what counts as the tip, in letter heights; the wings are behind it."""


def points_at(box: Rect, mark: Rect, mask: Mask, ink: Mask, letter: float) -> bool:
    """Whether a mark spreads evenly from a tip at a symbol, and a dash follows.

    Args:
        box: of the symbol.
        mark, mask: bounds of the mark, and its own ink within them.
        ink: (H, W) bool, all that is drawn but text.
    """
    if box.apart(mark) > NEAR * letter:
        return False
    ys, xs = np.nonzero(mask)
    at = np.stack([xs + mark.x0, ys + mark.y0], axis=1).astype(np.float64)
    far = np.maximum(
        np.maximum(box.x0 - at[:, 0], at[:, 0] - box.x1 + 1), np.maximum(box.y0 - at[:, 1], at[:, 1] - box.y1 + 1)
    )
    tip = at[far <= far.min() + 1].mean(axis=0)
    away = at.mean(axis=0) - tip
    norm = float(np.hypot(*away))
    if norm < AHEAD * letter:
        return False
    axis = away / norm
    along, across = (at - tip) @ axis, (at - tip) @ np.array([-axis[1], axis[0]])
    front, back = along <= FRONT * letter, along > FRONT * letter
    if not back.any() or np.ptp(across[front]) > TIP * letter:
        return False
    low, high = sorted((float(across[back].max()), float(-across[back].min())))
    if low < max(WINGS * letter, EVEN * high):
        return False
    steps = tip + (float(along.max()) + 1 + np.arange(BEHIND * letter)[:, None]) * axis
    return bool(_drawn(steps, ink).sum() >= DASH * letter)


def _drawn(steps: NDArray[np.float64], ink: Mask) -> NDArray[np.bool_]:
    """(N,) whether ink is at each step, or a pixel beside it."""
    height, width = ink.shape
    x, y = steps.round().astype(int).T
    inside = (x >= 1) & (y >= 1) & (x < width - 1) & (y < height - 1)
    out = np.zeros(len(steps), bool)
    for k in np.flatnonzero(inside):
        out[k] = ink[y[k] - 1 : y[k] + 2, x[k] - 1 : x[k] + 2].any()
    return out
