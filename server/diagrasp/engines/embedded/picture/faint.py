"""Drawings in hardly any contrast, such as light grey boxes on a white page, made as strong as others."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import FLAT, Image, variation

GAIN = 3.0
"""How many times further every colour is put from the page's."""
NOISE = 2
"""Levels by which a rendering's flat parts vary at the most; a photograph or a JPEG is noisier."""

STILL = 0.8
"""Share of a rendering's flat parts that vary no more than that at least: soft shadows around its boxes do."""


def strengthened(pixels: Image) -> Image | None:
    """A rendering with all its colours further from the page's; None where the page is not flat.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    page = _page(pixels)
    if page is None:
        return None
    levels = np.arange(256.0)[:, None]
    table = np.clip(page + GAIN * (levels - page), 0, 255).astype(np.uint8)  # (256, 3): what each level becomes
    planes = [cv2.LUT(plane, table[:, k].copy()) for k, plane in enumerate(cv2.split(pixels))]
    return np.asarray(cv2.merge(planes), np.uint8)


def _page(pixels: Image) -> NDArray[np.float64] | None:
    """The colour of most of a picture's edge, if its flat parts are as flat as a rendering's."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    page = np.asarray(np.median(edge, axis=0), np.float64)
    if (np.abs(edge - page).max(axis=1) <= NOISE).mean() < 0.8:
        return None
    varying = variation(pixels)
    calm = np.count_nonzero(varying <= FLAT)
    return page if calm and np.count_nonzero(varying <= NOISE) > STILL * calm else None
