"""Soft edges, as enlarging leaves them, and the grey between strokes that are close together."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

VALLEY = 0.35
"""Share of the darkest ink close by below which ink is a soft edge, or the space between two strokes."""

SHARP = 0.9
"""Share of their darkness by which the steepest edges rise within a pixel: in renderings, all of it."""
STEEP, DARK = 90.0, 120
"""Which percentile of the edges that is, and least darkness, in levels, of the strokes looked at."""


def blurred(contrast: NDArray[np.uint8], ink: NDArray[np.bool_]) -> bool:
    """Whether no stroke has a sharp edge, as after scaling up, turning, or in a photograph.

    Args:
        contrast: (H, W) how far each pixel is from its ground.
        ink: (H, W) bool.
    """
    down = np.asarray(cv2.absdiff(contrast[1:], contrast[:-1]), np.uint8)[:, 1:]
    across = np.asarray(cv2.absdiff(contrast[:, 1:], contrast[:, :-1]), np.uint8)[1:]
    darkest: Any = cv2.dilate(contrast, np.ones((5, 5), np.uint8))[1:, 1:]
    looked = ink[1:, 1:] & (darkest > DARK)
    if not looked.any():
        return False
    return bool(np.percentile(np.maximum(down, across)[looked] / darkest[looked], STEEP) < SHARP)


def without_valleys(contrast: NDArray[np.uint8], reach: int, ink: int) -> None:
    """Take soft edges of dark strokes, and the space between two of them, for no ink; changes `contrast` in place.

    Args:
        contrast: (H, W) how far each pixel is from its ground.
        reach: pixels by which edges are soft.
        ink: what counts as ink.
    """
    darkest: Any = cv2.dilate(contrast, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    pale = (contrast >= ink) & (contrast < VALLEY * darkest)
    contrast[pale] = ink - 1
