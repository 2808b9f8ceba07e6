"""Fork and join bars so thick that their inside is flat colour, as a fill's is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

THICK = 0.85
"""Half the thickness of the thickest bar, in letter heights."""
SLIM, LONG = 9.0, 5.0
"""Length of a bar, in half thicknesses and in letter heights, at least."""
FULL, FULLEST = 0.8, 1.5
"""Area of a bar with the heads that end at it, as a share of its length times its thickness."""
HOLES = 0.05
"""Pixels that a bar encloses, in squares of a letter's height, at most: a title's strip has letters in it."""


def bars(
    labels: NDArray[np.int32], stats: NDArray[np.int32], thick: NDArray[np.float32], letter: float
) -> NDArray[np.bool_]:
    """Which flat regions are long, straight, evenly thick and without a hole.

    Args:
        labels: (H, W) int32, the flat regions.
        stats: (N, 5) their bounds as x, y, width, height, and areas.
        thick: (N,) half their greatest thickness, in pixels.
        letter: height of a capital letter, in pixels.
    """
    side = np.maximum(stats[:, 2], stats[:, 3])
    even = stats[:, 4] / np.maximum(2 * thick * side, 1)
    out = (thick <= THICK * letter) & (side >= np.maximum(SLIM * thick, LONG * letter)) & (even >= FULL)
    out &= (even <= FULLEST) & (np.minimum(stats[:, 2], stats[:, 3]) <= 4 * thick)
    out[0] = False
    for i in np.flatnonzero(out):
        x, y, w, h, area = (int(v) for v in stats[i])
        mine = np.pad((labels[y : y + h, x : x + w] == i).astype(np.uint8), 1)
        contours, _ = cv2.findContours(mine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        whole = np.zeros_like(mine)
        cv2.drawContours(whole, contours, -1, 1, cv2.FILLED)
        out[i] = int(whole.sum()) - area <= HOLES * letter * letter
    return np.asarray(out, bool)
