"""The ink of a pen on paper that is lit unevenly: how much darker each pixel is than the paper around it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import FLAT, GRAINY, Image, Mask, variation

Share = NDArray[np.float32]

FAINTEST = 0.09
"""Least darkness of a stroke, as a share of the paper's brightness: a hard pencil's in a photograph."""
OF_PEN = 0.42
"""Share of the pen's usual darkness from which on a pixel is ink."""


OF_OTHER = 0.17
"""The same of a paler pen or a pencil that was used beside it."""

WIDEST = 101
"""Widest neighbourhood in which paper is looked for, in pixels, as no stroke is: its square is what a pixel costs."""
HATCH = (0.25, 0.5)
"""Darkness, by luminance, that hatching stays below, and from which on a stroke is black."""


HATCHED, BARELY = 0.03, 0.03
"""Share of a picture that is hatching or a fill, where there is any, and the darkness that paper stays below."""

AREA, FILLED, LARGE = 0.025, 0.8, 0.02
"""Side of a large dark area at least, as a share of the picture's longer side, the share of it that is dark, and the
share of the picture that such areas take where they count."""

CELL, MARKED, EVERYWHERE = 3.0, 0.3, 0.35
"""Side of the squares, in letter heights, that a page is looked at in, the ink of one with a mark, as a share of a line
of a pixel through it, and the share of a page with such marks that no drawing has."""

STRIP = 512
"""Rows of a picture worked on at a time where shares of all of it would take much memory."""


def darkness_and_tint(pixels: Image) -> tuple[Share, Share]:
    """Two (H, W) float32, 0 to 1: how much darker than the paper around it each pixel is, and how coloured the ink is.

    Darkness is that of the darkest channel; a grey ink's tint is 0, a pure colour's 1.

    Args:
        pixels: (H, W, 3) RGB.  Light ink on dark paper is turned over first.
    """
    shares = _shares(_dark_on_light(pixels))
    for share in shares:
        np.clip(share, 0.0, 1.0, out=share)
    dark = cv2.max(cv2.max(shares[0], shares[1]), shares[2])
    red, green, blue = (cv2.GaussianBlur(share, (0, 0), 0.8) for share in shares)
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray(dark, np.float32), np.asarray((high - low) / np.maximum(high, 0.05), np.float32)


def _shares(rgb: Image) -> list[Share]:
    """Three (H, W) float32: how much darker than the paper each channel is; below 0 where it is lighter.

    One channel at a time: NumPy's reductions over three neighbours in memory take longer than all the rest.
    """
    ground = cv2.split(_ground(rgb))
    shares = [c.astype(np.float32) / np.maximum(g, 1.0) for c, g in zip(cv2.split(rgb), ground, strict=True)]
    return [np.asarray(1.0 - share, np.float32) for share in shares]


def without_hatching(pixels: Image) -> Image:
    """Strokes and text in black on white, what is much paler gone: fills, hatched or not.

    Args:
        pixels: (H, W, 3) RGB.
    """
    grey = np.asarray(cv2.cvtColor(_dark_on_light(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
    ground = np.maximum(_ground(grey), 1.0)
    low, high = HATCH
    out = np.empty_like(grey)
    for top in range(0, len(grey), STRIP):
        rows = slice(top, top + STRIP)
        share = 1.0 - grey[rows].astype(np.float32) / ground[rows]
        out[rows] = 255 - 255 * np.clip((share - low) / (high - low), 0.0, 1.0)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_GRAY2RGB), np.uint8)


def without(pixels: Image, marks: Mask) -> Image:
    """The picture with the paper's colour in place of marks.

    Args:
        pixels: (H, W, 3) RGB.
        marks: (h, w) bool, of any size.
    """
    height, width = pixels.shape[:2]
    full = cv2.resize(marks.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.asarray(np.where(full[:, :, None], _ground(pixels).astype(np.uint8), pixels), np.uint8)


def hatched(pixels: Image) -> bool:
    """Whether there is anything as pale as hatching.

    Args:
        pixels: (H, W, 3) RGB.
    """
    grey = np.asarray(cv2.cvtColor(_dark_on_light(pixels), cv2.COLOR_RGB2GRAY), np.uint8)
    share = grey.astype(np.float32) / np.maximum(_ground(grey), 1.0)
    return float(((share < 1.0 - BARELY) & (share > 1.0 - HATCH[0])).mean()) >= HATCHED


def textured(pixels: Image) -> bool:
    """Whether a pattern covers a rendering's page: hatching or a raster from edge to edge, no drawing's strokes.

    Args:
        pixels: (H, W, 3) RGB.
    """
    varying = variation(pixels) > FLAT
    return float(varying.mean()) > GRAINY


def all_over(marks: Mask, letter: float) -> bool:
    """Whether pale marks are the paper's, as squares that hardly show are, and not a pen's: they are all over the page.

    Args:
        marks: (H, W) bool, without the edges of darker strokes.
        letter: height of a letter in pixels.
    """
    side = max(1, round(CELL * letter))
    cells = max(1, marks.shape[1] // side), max(1, marks.shape[0] // side)
    shares = cv2.resize(marks.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    return float((shares >= MARKED / side).mean()) >= EVERYWHERE


def _dark_on_light(rgb: Image) -> Image:
    low, middle, high = np.percentile(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0.5, 50, 99.5))
    light_on_dark = high - middle > 1.5 * (middle - low) and middle < 110
    return np.asarray(255 - rgb if light_on_dark else rgb, np.uint8)


def _ground(rgb: Image) -> Share:
    """The paper's brightness under every pixel: the lightest of a neighbourhood wider than any stroke, smoothed."""
    height, width = rgb.shape[:2]
    small: Any = (
        cv2.resize(rgb, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) if min(height, width) > 64 else rgb
    )
    reach = max(5, min(round(max(small.shape[:2]) / 40), min(small.shape[:2]), WIDEST)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    lightest = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    lightest = cv2.medianBlur(lightest, min(2 * (reach // 2) + 1, 255))
    smooth = cv2.GaussianBlur(lightest.astype(np.float32), (0, 0), 0.5 * reach)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def pen(dark: Share, least: float = OF_PEN) -> Mask:
    """The pixels that a pen made, by their darkness against what strokes on this paper have.

    Args:
        least: share of the pen's usual darkness from which on a pixel is ink.
    """
    soft = np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.8), np.float32)
    noise = 1.4826 * float(np.median(np.abs(soft - np.median(soft))))
    floor = max(FAINTEST, 4.0 * noise)
    ridge = strokes(soft, floor)
    usual = float(np.percentile(soft[ridge], 75)) if ridge.any() else 1.0
    return np.asarray(soft >= max(floor, least * usual))


def strokes(dark: Share, least: float) -> Mask:
    """The middle of strokes at least so dark, without that of large dark areas: a table beside the page, a shadow.

    Args:
        dark: (H, W) float32, darkness, smoothed a little.
    """
    on = dark >= least
    side = max(9, round(AREA * max(dark.shape))) | 1
    filled = cv2.boxFilter(on.astype(np.float32), -1, (side, side), borderType=cv2.BORDER_REPLICATE) > FILLED
    if np.count_nonzero(filled) >= LARGE * filled.size:
        on &= cv2.dilate(filled.astype(np.uint8), np.ones((side, side), np.uint8)) == 0
    return np.asarray(ridges(dark) & on)


def ridges(dark: Share) -> Mask:
    """The pixels as dark as any beside them: the middle of strokes."""
    return np.asarray(dark >= cv2.dilate(dark, np.ones((3, 3), np.uint8)) - 1e-6)
