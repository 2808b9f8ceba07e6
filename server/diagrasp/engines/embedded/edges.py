"""Soft edges, as enlarging leaves them, and the grey between strokes that are close together."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

VALLEY = 0.35
"""Share of the darkest ink close by below which ink is a soft edge, or the space between two strokes."""


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
