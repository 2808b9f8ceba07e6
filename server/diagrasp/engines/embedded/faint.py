"""Drawings in hardly any contrast, such as light grey boxes on a white page, made as strong as others."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.raster import FLAT, Image

GAIN = 3.0
"""How many times further every colour is put from the page's."""
NOISE = 2
"""Levels by which a rendering's flat parts vary at the most; a photograph or a JPEG is noisier."""


def strengthened(pixels: Image) -> Image | None:
    """A rendering with all its colours further from the page's; None where the page is not flat.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    page = _page(pixels)
    if page is None:
        return None
    away = pixels.astype(np.float32) - page
    return np.asarray(np.clip(page + GAIN * away, 0, 255), np.uint8)


def _page(pixels: Image) -> NDArray[np.float64] | None:
    """The colour of most of a picture's edge, if its flat parts are as flat as a rendering's."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    page = np.asarray(np.median(edge, axis=0), np.float64)
    if (np.abs(edge - page).max(axis=1) <= NOISE).mean() < 0.8:
        return None
    kernel = np.ones((3, 3), np.uint8)
    spread = cv2.subtract(cv2.dilate(pixels, kernel), cv2.erode(pixels, kernel)).max(axis=2)
    calm = spread[spread <= FLAT]
    return page if calm.size and (calm <= NOISE).mean() > 0.9 else None
