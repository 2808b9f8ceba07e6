"""Drop shadows taken off a picture before it is taken apart: they are neither paper nor strokes.

A shadow is a thin band of the paper's own hue, darker by up to a half and fading outwards, right of and below
something drawn; at least one goes round a lower right corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Image, Mask, Sheet, darkest, median_colour, taken_apart

DARKEST, PALEST = 0.5, 0.95
"""A shadow's brightness as a share of the paper's."""
CONSTANT = 8
"""Levels by which the colour of a symbol's fill may vary."""
LINE = 16
"""Levels by which an outline is darker than the shadow behind it."""
HUE = 0.07
"""How far the channels' shares may differ."""


def without_shadows(sheet: Sheet) -> Sheet:
    """The sheet as it would be without shadows; the same where there are none."""
    rgb = shadowless(sheet)
    return sheet if rgb is sheet.rgb else taken_apart(rgb, sheet.scale, sheet.letter)


def shadowless(sheet: Sheet) -> Image:
    """(H, W, 3) a sheet's picture without shadows; the very same where there are none."""
    rgb = sheet.rgb
    fills = _Fills(sheet)
    for colour, where in _papers(sheet):
        shadow = _shadows(rgb, colour, sheet.letter, fills)
        if where is not None:
            shadow &= where
        if shadow.any():
            rgb = rgb.copy() if rgb is sheet.rgb else rgb
            rgb[shadow] = colour
    return rgb


def _papers(sheet: Sheet) -> list[tuple[NDArray[np.uint8], Mask | None]]:
    """The page's colour, and those of other large papers with where they are."""
    letter = sheet.letter
    out: list[tuple[NDArray[np.uint8], Mask | None]] = []
    sizes = sheet.stats[:, 4]
    large = [int(i) for i in np.argsort(-sizes)[:4] if i and i != sheet.page and sizes[i] > 300 * letter * letter]
    for i in [sheet.page, *large]:
        x, y, w, h, _ = sheet.stats[i].tolist()
        view = slice(y, y + h), slice(x, x + w)
        places = np.flatnonzero((sheet.regions[view] == i) & sheet.paper[view])
        if len(places) == 0:
            continue
        sample = places[:: max(1, len(places) // 5000)]
        colour = median_colour(sheet.rgb[sample // w + y, sample % w + x]).astype(np.uint8)
        if any(np.abs(colour.astype(int) - c).max() <= 4 for c, _ in out):
            continue
        where: Mask | None = None
        if i != sheet.page:
            reach = 2 * round(letter) + 1
            mine = ((sheet.regions == i) & sheet.paper).view(np.uint8)
            where = cv2.dilate(mine, np.ones((reach, reach), np.uint8)) > 0
        out.append((colour, where))
    return out


class _Fills:
    """Paper of symbols, which is of one colour throughout, as no shadow is."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._plain: dict[int, bool] = {}

    def among(self, shade: NDArray[np.uint8]) -> Mask:
        """(H, W) those of the pixels set that are fills."""
        out = np.zeros(shade.shape, bool)
        sheet = self._sheet
        shaded = np.flatnonzero(shade)
        shaded = shaded[sheet.paper.ravel()[shaded]]
        home = sheet.regions.ravel()[shaded]
        plain = np.array([bool(n) and self._is_plain(i) for i, n in enumerate(np.bincount(home, minlength=1).tolist())])
        out.ravel()[shaded[plain[home]]] = True
        return out

    def _is_plain(self, i: int) -> bool:
        if i not in self._plain:
            self._plain[i] = self._looked_at(i)
        return self._plain[i]

    def _looked_at(self, i: int) -> bool:
        sheet = self._sheet
        x, y, w, h, area = sheet.stats[i].tolist()
        if i in (0, sheet.page) or min(w, h) < 1.4 * sheet.letter or area < 0.3 * w * h:
            return False
        view = slice(y, y + h), slice(x, x + w)
        mine = (sheet.regions[view] == i) & sheet.paper[view]
        levels = darkest(sheet.rgb[view])[mine]
        if not len(levels):
            return False
        below = np.bincount(levels, minlength=256).cumsum()
        low, high = np.searchsorted(below, (0.1 * len(levels), 0.9 * len(levels)))
        return bool(high - low <= CONSTANT)


@dataclass(frozen=True)
class _Shades:
    """A picture beside a colour: (3, 256) float32, each level of each channel as a share of the colour's."""

    rgb: Image
    levels: NDArray[np.float32]

    def within(self, shares: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """255 where all channels are of the levels chosen: (3, 256) bool, a range of levels for each channel."""
        if not shares.any(axis=1).all():
            return np.zeros(self.rgb.shape[:2], np.uint8)
        first, last = shares.argmax(axis=1), 255 - shares[:, ::-1].argmax(axis=1)
        return np.asarray(cv2.inRange(self.rgb, tuple(first.tolist()), tuple(last.tolist())), np.uint8)

    def extremes(self, places: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The least and the largest share of some pixels' channels, by flat index."""
        a, b, c = (self.levels[k][self.rgb.reshape(-1, 3)[places, k]] for k in range(3))
        return np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)

    def of_the_hue(self, where: NDArray[np.uint8], below: float) -> NDArray[np.uint8]:
        """The pixels, of those set, that are darker than paper and of its hue: 255 there."""
        places = np.flatnonzero(where)
        low, high = self.extremes(places)
        out = np.zeros(where.shape, np.uint8)
        out.ravel()[places[(high - low < HUE) & (high < below) & (low > DARKEST)]] = 255
        return out


def _shadows(rgb: Image, colour: NDArray[np.uint8], letter: float, fills: _Fills) -> Mask:
    """The shadows on paper of a colour; fills are none, nor are the thin lines that part them from their shadows."""
    levels = np.arange(256, dtype=np.float32)[:, None] / np.maximum(colour.astype(np.float32), 1)
    shades = _Shades(rgb, np.ascontiguousarray(levels.T))
    shady = shades.within((shades.levels > DARKEST) & (shades.levels < PALEST))
    side = max(3, round(0.26 * letter))
    square = np.ones((side, side), np.uint8)
    out = np.zeros(shady.shape, bool)
    if not np.any(cv2.erode(shady, square)):
        return out
    shade = shades.of_the_hue(shady, PALEST)
    if not np.any(cv2.erode(shade, square)):
        return out
    kept = fills.among(shade)
    if kept.any():
        near = cv2.dilate(kept.astype(np.uint8), np.ones((2 * side + 1, 2 * side + 1), np.uint8)) > 0
        lines = cv2.morphologyEx(darkest(rgb), cv2.MORPH_BLACKHAT, square) >= LINE
        kept |= lines & near
        shade[kept] = 0
    core = np.asarray(cv2.morphologyEx(shade, cv2.MORPH_OPEN, square), np.uint8)
    _, labels, stats, _ = components(core)
    if not (stats[:, 2:4] >= 1.1 * letter).any():
        return out
    depth = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    drawn = ~(shades.within(shades.levels >= PALEST) | shade)
    reach = round(1.1 * letter)
    cast = cv2.dilate(drawn, np.ones((reach + 1, reach + 1), np.uint8), anchor=(reach, reach)) > 0  # down and right
    corners = 0
    for i, (x, y, w, h, _) in enumerate(stats[1:].tolist(), 1):
        if max(w, h) < 1.1 * letter:
            continue
        view = (slice(y, y + h), slice(x, x + w))
        mine = labels[view] == i
        if depth[view][mine].max() > 0.7 * letter or cast[view][mine].mean() < 0.85:
            continue
        ys, xs = np.nonzero(mine)
        if shades.extremes((ys + y) * rgb.shape[1] + xs + x)[0].std() < 0.025:
            continue
        out[view] |= mine
        rest = mine[: h - round(0.8 * letter), : w - round(0.8 * letter)]
        corners += bool(min(w, h) > 1.6 * letter and rest.size and rest.mean() < 0.04)
    if not corners:  # a shadow goes round a corner
        out[:] = False
        return out
    fringe = np.asarray(cv2.dilate(out.astype(np.uint8), np.ones((7, 7), np.uint8)), np.uint8)
    return np.asarray((out | (shades.of_the_hue(fringe, 0.995) > 0)) & ~kept)
