"""The paper under strokes: the pixel of paper nearest to every other one.

What is no paper is narrow, as a rule, so that the nearest paper is near: bands of rows are looked at one by one, each
with some rows beyond it, which takes half the time and little memory.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

BAND, BEYOND = 256, 48
"""Rows in which the nearest paper is looked for at a time, and rows beyond them that are looked at as well."""


def nearest_paper(rgb: Image, paper: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], Image]:
    """Flat indices of the pixels that are no paper, of the paper pixel nearest to each, and that one's colour.

    Args:
        rgb: (H, W, 3).
        paper: (H, W).
    """
    if not paper.any():
        holes = np.arange(paper.size)
        colour = np.median(rgb.reshape(-1, 3), axis=0).astype(np.uint8)
        return holes, np.zeros(len(holes), np.int64), np.broadcast_to(colour, (len(holes), 3)).copy()
    away = (~paper).view(np.uint8)
    bands = [_nearest_in(away, top, BEYOND) for top in range(0, len(away), BAND)]
    holes, sources = (np.concatenate(part) for part in zip(*bands, strict=True))
    return holes, sources, rgb.reshape(-1, 3)[sources]


def _nearest_in(away: Image, top: int, beyond: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat indices of what is set in a band of rows, and of the pixel nearest to each that is not set."""
    wide = away.shape[1]
    first, last = max(0, top - beyond), min(len(away), top + BAND + beyond)
    view, start = away[first:last], (top - first) * wide
    holes = np.flatnonzero(away[top : top + BAND])
    if not len(holes):
        return holes, holes
    far, index = cv2.distanceTransformWithLabels(view, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    if last - first < len(away) and float(far.ravel()[holes + start].max()) >= beyond - 2:
        return _nearest_in(away, top, 2 * beyond)
    # Each paper pixel has a label of its own; the nearest one of a hole is among those at the holes' rims.
    rims = np.flatnonzero(cv2.dilate(view, np.ones((3, 3), np.uint8)) > view)
    places = np.zeros(view.size + 1, np.int32)
    places[index.ravel()[rims]] = rims
    return holes + top * wide, places[index.ravel()[holes + start]].astype(np.int64) + first * wide
