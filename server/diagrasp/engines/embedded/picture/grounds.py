"""Grounds of labels in strong colours: paper of their own, though nothing in them is flat but strips by the letters.

Where a label's ground differs much from the page, its letters leave of it only rims too thin for paper, and ground and
letters together look like one block of ink.  Such a block is a rectangle of a line's height in two colours, the lighter
or darker of which runs all around the other.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up

Image = NDArray[np.uint8]
Labels = NDArray[np.int32]

LIKE, UNLIKE = 40, 60
"""Levels by which pixels of one ground may differ, and by which letters must differ from it."""
AROUND = 0.75
"""Share of a block's rim that is of the ground's colour: connectors cross it, letters touch it."""


def clear_grounds(
    contrast: Image, regions: Labels, rgb: Image, ground: Image, stats: NDArray[np.int32], letter: float, ink: int
) -> None:
    """Take grounds of labels from what counts as ink; changes `contrast`, `regions` and `stats` in place.

    Args:
        contrast: (H, W) how far each pixel is from its ground.
        regions: (H, W) the paper region of every pixel.
        rgb: (H, W, 3).
        ground: (H, W, 3) the colour under every pixel.
        stats: (N + 1, 5) left, top, width, height, area of the regions.
        letter: height of a capital in pixels.
        ink: contrast from which on a pixel is ink.
    """
    side = max(3, round(0.9 * letter))
    strips = (stats[:, 3] <= 1.1 * letter) & (stats[:, 2] <= 30 * letter)
    strips[0] = False
    block = contrast >= ink
    if strips.any():
        block |= looked_up(strips, regions)
    gap = np.ones((2 * round(0.15 * letter) + 1,) * 2, np.uint8)  # where neither strips nor letters reach
    closed = cv2.morphologyEx(block.view(np.uint8), cv2.MORPH_CLOSE, gap)
    solid = cv2.erode(closed, np.ones((side, side), np.uint8))
    if not solid.any():
        return
    for x, y, w, h, area in components(solid)[2][1:]:
        high, wide = int(h) + side - 1, int(w) + side - 1
        if not 1.1 * letter <= high <= 5 * letter or not 1.1 * letter <= wide or area < 0.85 * w * h:
            continue
        left, top = max(0, int(x) - side // 2), max(0, int(y) - side // 2)  # eroding wears nothing off at the rim
        _clear(contrast, regions, rgb, ground, stats, (left, top, left + wide, top + high))


def _clear(
    contrast: Image,
    regions: Labels,
    rgb: Image,
    ground: Image,
    stats: NDArray[np.int32],
    box: tuple[int, int, int, int],
) -> None:
    x0, y0, x1, y1 = box
    inside = rgb[y0:y1, x0:x1].astype(np.int16)
    rim = np.zeros(inside.shape[:2], bool)
    rim[1:3] = rim[-3:-1] = rim[:, 1:3] = rim[:, -3:-1] = True
    colour = np.median(inside[rim], axis=0)
    far = np.abs(inside - colour).max(axis=2)
    within = far[2:-2, 2:-2]  # the rim itself is softened
    letters = np.count_nonzero(within >= UNLIKE) / within.size
    if np.mean(far[rim] < LIKE) < AROUND or not 0.04 <= letters <= 0.5 or np.mean(far < LIKE) < 0.35:
        return
    view = slice(max(0, y0 - 3), y1 + 3), slice(max(0, x0 - 3), x1 + 3)
    outside = np.ones(contrast[view].shape, bool)
    outside[2:-2, 2:-2] = False
    around = regions[view][outside]
    home = int(np.bincount(around).argmax())
    page = np.median(ground[view][outside][around == home], axis=0)
    apart = inside[2:-2, 2:-2][within >= UNLIKE]
    if np.mean(np.abs(apart - page).max(axis=1) < LIKE) > 0.4:  # a sign with the page showing through
        return
    seen = rgb[view].astype(np.float32)
    step = colour - page  # pixels at the rim are a mixture of both: their distance to the segment between them counts
    share = np.clip((seen - page) @ step / max(1.0, float(step @ step)), 0, 1)
    contrast[view] = np.abs(seen - (page + share[..., None] * step)).max(axis=2).astype(np.uint8)
    for i in np.unique(regions[view]):
        x, y, w, h, _ = stats[i]
        if i != home and x0 - 3 <= x and y0 - 3 <= y and x + w <= x1 + 3 and y + h <= y1 + 3:
            stats[i, 2:] = 0  # a strip that is no region any more
    regions[view] = home
