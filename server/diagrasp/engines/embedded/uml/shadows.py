"""Drop shadows taken off a picture before it is taken apart: they are neither paper nor strokes.

A shadow is a thin band of the paper's own hue, darker by up to a half and fading outwards, right of and below
something drawn; at least one goes round a lower right corner.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.raster import Image, Mask, Sheet, taken_apart

DARKEST, PALEST = 0.5, 0.95
"""A shadow's brightness as a share of the paper's."""
HUE = 0.07
"""How far the channels' shares may differ."""


def without_shadows(sheet: Sheet) -> Sheet:
    """The sheet as it would be without shadows; the same where there are none."""
    rgb = sheet.rgb
    for colour, where in _papers(sheet):
        shadow = _shadows(rgb, colour, sheet.letter)
        if where is not None:
            shadow &= where
        if shadow.any():
            rgb = rgb.copy() if rgb is sheet.rgb else rgb
            rgb[shadow] = colour
    return sheet if rgb is sheet.rgb else taken_apart(rgb, sheet.scale, sheet.letter)


def _papers(sheet: Sheet) -> list[tuple[NDArray[np.uint8], Mask | None]]:
    """The page's colour, and those of other large papers with where they are."""
    letter = sheet.letter
    out: list[tuple[NDArray[np.uint8], Mask | None]] = []
    sizes = sheet.stats[:, 4]
    large = [int(i) for i in np.argsort(-sizes)[:4] if i and i != sheet.page and sizes[i] > 300 * letter * letter]
    for i in [sheet.page, *large]:
        mine = (sheet.regions == i) & sheet.paper
        if not mine.any():
            continue
        colour = np.median(sheet.rgb[mine][:: max(1, int(mine.sum()) // 5000)], axis=0).astype(np.uint8)
        if any(np.abs(colour.astype(int) - c).max() <= 4 for c, _ in out):
            continue
        where: Mask | None = None
        if i != sheet.page:
            reach = 2 * round(letter) + 1
            where = cv2.dilate(mine.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        out.append((colour, where))
    return out


def _shares(rgb: Image, colour: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(H, W) twice: the least and the largest of every pixel's channels, as shares of a colour's."""
    levels = np.arange(256, dtype=np.float32)[:, None] / np.maximum(colour.astype(np.float32), 1)
    a, b, c = (cv2.LUT(plane, levels[:, k].copy()) for k, plane in enumerate(cv2.split(rgb)))
    low, high = cv2.min(cv2.min(a, b), c), cv2.max(cv2.max(a, b), c)
    return np.asarray(low, np.float32), np.asarray(high, np.float32)


def _shadows(rgb: Image, colour: NDArray[np.uint8], letter: float) -> Mask:
    """The shadows on paper of a colour."""
    low, high = _shares(rgb, colour)
    shade = (high - low < HUE) & (high < PALEST) & (low > DARKEST)
    side = max(3, round(0.26 * letter))
    core = cv2.morphologyEx(shade.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    out = np.zeros(shade.shape, bool)
    if not core.any():
        return out
    depth = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    drawn = (~shade & (low < PALEST)).astype(np.uint8)
    reach = round(1.1 * letter)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    kernel[: reach + 1, : reach + 1] = 1  # dilation mirrors: down and right
    cast = cv2.dilate(drawn, kernel) > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    corners = 0
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        if max(w, h) < 1.1 * letter:
            continue
        view = (slice(y, y + h), slice(x, x + w))
        mine = labels[view] == i
        if depth[view][mine].max() > 0.7 * letter or low[view][mine].std() < 0.025 or cast[view][mine].mean() < 0.85:
            continue
        out[view] |= mine
        rest = mine[: h - round(0.8 * letter), : w - round(0.8 * letter)]
        corners += bool(min(w, h) > 1.6 * letter and rest.size and rest.mean() < 0.04)
    if not corners:  # a shadow goes round a corner
        out[:] = False
        return out
    fringe = cv2.dilate(out.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    pale = (high - low < HUE) & (high < 0.995) & (low > DARKEST)
    return np.asarray(out | (fringe & pale))
