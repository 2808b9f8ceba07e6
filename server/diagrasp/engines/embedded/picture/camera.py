"""Pictures that a camera or a scanner took, told by their grain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

ALIKE, GRAIN = 0.85, 0.1
"""Share of pixels that are like the one beside them, below which, and share of those that differ by 1 to 3 levels,
above which a picture was photographed."""


def on_paper(pixels: NDArray[np.uint8]) -> bool:
    """Whether a camera or a scanner made a picture: most pixels differ a little from the one beside them.

    Args:
        pixels: (H, W, 3) RGB.
    """
    return grainy(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))


def grainy(grey: NDArray[np.uint8]) -> bool:
    """The same of a picture in levels of grey, (H, W)."""
    if min(grey.shape) < 2:
        return False
    steps = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    alike = 1.0 - cv2.countNonZero(steps) / steps.size
    return alike < ALIKE and cv2.countNonZero(cv2.inRange(steps, 1, 3)) / steps.size > GRAIN
