"""Scans and photographs that are grey in grey: their colours put as far apart as ink and paper are elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FADED, USUAL = 160.0, 210.0
"""Levels between paper and the darkest ink, or the lightest, below which a picture is faded; and what is usual."""
LIGHT = 96
"""Level of a faded page at least: on dark ones, hatching stands out as grain does."""
GAIN = 3.0
"""How many times further apart colours are put at the most."""
GRAIN = 20.0
"""Levels by which the page itself may vary at the most then: more would look like strokes."""
RARE = 0.002
"""Share of a picture's pixels that the darkest ink has at least: letters have more."""


def stretched(rgb: NDArray[np.uint8], spread: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture with its colours further from the page's where all of it is faded and there is little grain.

    Args:
        rgb: (H, W, 3) uint8 RGB, calmed.
        spread: (H, W) levels by which every pixel's neighbourhood varied before.

    Returns:
        The picture itself where it is not faded.
    """
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    low, middle, high = (_level(grey, share) for share in (RARE, 0.5, 1.0 - RARE))
    across = max(middle - low, high - middle)
    if middle < LIGHT or not 0 < across < FADED:
        return rgb
    gain = min(GAIN, USUAL / across, GRAIN / max(1, _level(spread, 0.5)))
    if gain <= 1.0:
        return rgb
    page = np.median(rgb[grey == middle], axis=0)
    levels = np.arange(256.0)[:, None]
    table = np.clip(page + gain * (levels - page), 0, 255).astype(np.uint8)
    planes = [cv2.LUT(plane, table[:, k].copy()) for k, plane in enumerate(cv2.split(rgb))]
    return np.asarray(cv2.merge(planes), np.uint8)


def _level(grey: NDArray[np.uint8], share: float) -> int:
    """The level that a share of the pixels does not exceed."""
    counts = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel())
    return int(np.searchsorted(counts, share * grey.size))
