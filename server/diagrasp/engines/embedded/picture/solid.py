"""What is solid though its inside is flat colour, as paper's is: heads, thick strokes, and thick fork and join bars."""

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


def unmark_solid(
    rgb: NDArray[np.uint8],
    labels: NDArray[np.int32],
    stats: NDArray[np.int32],
    thick: NDArray[np.float32],
    paper: NDArray[np.bool_],
    letter: float,
    ink: int,
) -> None:
    """Mark flat regions as no paper that are the inside of heads, of thick strokes and of small filled marks.

    They are small or thin, and differ much from the flat pixels around them.

    Args:
        rgb: (H, W, 3) the drawing.
        labels: (H, W) int32, the flat regions.
        stats: (N, 5) their bounds as x, y, width, height, and areas.
        thick: (N,) half their greatest thickness, in pixels.
        paper: (N,) which of them are paper; changed in place.
        letter: height of a capital letter, in pixels.
        ink: levels by which ink differs from its ground.
    """
    side = np.maximum(stats[:, 2], stats[:, 3])
    small = paper & (((side <= 2.3 * letter) & (stats[:, 4] <= 2.6 * letter * letter)) | (thick < 0.5 * letter))
    small |= paper & (thick < 0.8 * letter) & (stats[:, 4] < 0.4 * stats[:, 2] * stats[:, 3])  # a line with its head
    small |= paper & bars(labels, stats, thick, letter)
    pad = max(3, round(0.5 * letter))
    for i in np.flatnonzero(small):
        x, y, w, h, _ = (int(v) for v in stats[i])
        x0, y0, x1, y1 = max(0, x - pad), max(0, y - pad), x + w + pad, y + h + pad
        view = labels[y0:y1, x0:x1]
        colours = rgb[y0:y1, x0:x1]
        mine = view == i
        others = (view > 0) & ~mine
        if others.sum() < 4:
            continue
        inner = np.median(colours[mine], axis=0)
        outer = np.median(colours[others], axis=0)
        differs = float(np.abs(inner - outer).max())
        # A faint line differs less; it is long and thin, with its head too.
        drawn = side[i] > 6 * thick[i] and (thick[i] < 0.3 * letter or stats[i, 4] < 0.4 * w * h)
        if differs >= 90 or (differs >= ink and drawn and _amid(mine, others)):
            paper[i] = False


def _amid(mine: NDArray[np.bool_], others: NDArray[np.bool_]) -> bool:
    """Whether flat paper is on all sides of a region, as of a line; beside a strip of a label's ground are letters."""
    near, far = (cv2.dilate(mine.astype(np.uint8), np.ones((n, n), np.uint8)) for n in (7, 11))
    ring = (far > 0) & (near == 0)
    return bool(ring.any() and others[ring].mean() >= 0.75)
