"""The canvas of a drawing tool: the dots of its grid, taken out of a picture before anything is looked for in it.

Modellers show a grid of dots, and some export it or are photographed with it.  Taken for ink, its rows and columns are
dashed lines.  Its dots are alike, alone, and stand at the points of one square lattice all over the page.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Image, Mask

SEEN = 12
"""Levels by which a dot differs from the page at least."""
LARGEST = 14
"""Side of the largest dot, in pixels: of the largest pictures, which are drawn several times enlarged."""
APART = (3.0, 60.0)
"""Distance between dots, in sides of a dot."""
FEWEST = 80
"""Dots from which on a lattice is no chance."""
NEAR = 0.12
"""How far from its point a dot may lie, in distances between points."""
FITTING, PRESENT = 0.85, 0.25
"""Share of the dots that lie on the lattice, and of the lattice's points that hold one; symbols hide the others."""

STRIP = 2_000_000
"""Pixels looked at in one go."""

Centres = NDArray[np.float64]


def without_dots(pixels: Image) -> Image:
    """The picture without the dots of a canvas; the same array where it has none.

    Args:
        pixels: (H, W, 3) RGB.
    """
    height, width = pixels.shape[:2]
    page = _page_colour(pixels)
    rows = max(8 * LARGEST, STRIP // width)
    out = pixels
    for top in range(0, height, rows):
        first, last = max(0, top - LARGEST), min(height, top + rows + LARGEST)
        gone = _dots(pixels[first:last], page)
        if gone is None:
            continue
        if out is pixels:
            out = pixels.copy()
        kept = slice(top - first, min(height, top + rows) - first)
        out[top : top + rows][gone[kept]] = page
    return out


def _page_colour(pixels: Image) -> NDArray[np.uint8]:
    """(3,) the commonest colour, to eight levels."""
    step = max(1, int((pixels.shape[0] * pixels.shape[1] / 40_000) ** 0.5))
    some = pixels[::step, ::step].reshape(-1, 3)
    keys = (some // 8).astype(np.int32) @ np.array([1024, 32, 1], np.int32)
    return np.asarray(np.median(some[keys == np.bincount(keys).argmax()], axis=0), np.uint8)


def _dots(pixels: Image, page: NDArray[np.uint8]) -> Mask | None:
    """(H, W) the pixels of the dots; None where there is no lattice of them."""
    a, b, c = cv2.split(cv2.absdiff(pixels, np.broadcast_to(page, pixels.shape)))
    seen = cv2.max(cv2.max(a, b), c) >= SEEN
    _, labels, stats, centres = components(seen)
    dots = _alike(stats)
    if len(dots) < FEWEST:
        return None
    on = _on_lattice(centres[dots], float(np.median(stats[dots, 2:4])), seen.shape)
    if on is None:
        return None
    gone = np.zeros(len(stats), np.uint8)
    gone[dots[on]] = 1
    small = np.asarray(cv2.dilate(looked_up(gone, labels), np.ones((3, 3), np.uint8)), np.bool_)
    return np.asarray(small & ((labels == 0) | looked_up(gone > 0, labels)), np.bool_)


def _alike(stats: NDArray[np.int32]) -> NDArray[np.intp]:
    """The pieces that are as large as most small ones are, within a pixel."""
    w, h = stats[:, 2], stats[:, 3]
    small = np.flatnonzero((w > 0) & (np.maximum(w, h) <= LARGEST) & (np.abs(w - h) <= 1 + w // 3))
    if len(small) < FEWEST:
        return small
    usual = int(np.bincount(np.maximum(w, h)[small]).argmax())
    return np.asarray(small[np.abs(np.maximum(w, h)[small] - usual) <= 1], np.intp)


def _on_lattice(centres: Centres, side: float, shape: tuple[int, ...]) -> Mask | None:
    """(N,) which of the dots lie on a square lattice that most of them lie on; None where there is none."""
    order = np.lexsort((centres[:, 0], np.rint(centres[:, 1])))
    x, y = centres[order].T
    steps = np.diff(x)[np.abs(np.diff(y)) < 1.5]
    steps = steps[(steps >= APART[0] * side) & (steps <= APART[1] * side)]
    if len(steps) < FEWEST // 2:
        return None
    period = float(np.median(steps))
    for _ in range(2):  # where dots are missing, steps are whole multiples
        times = np.rint(steps / period)
        whole = steps[(np.abs(steps / period - times) < NEAR) & (times > 0)]
        if len(whole) < 0.6 * len(steps):
            return None
        period = float((whole / np.rint(whole / period)).mean())
    turn = 2j * np.pi / period
    on = np.ones(len(centres), bool)
    for axis in (0, 1):
        at = centres[:, axis]
        phase = np.angle(np.exp(turn * at).sum()) / (2 * np.pi)
        away = at / period - phase
        on &= np.abs(away - np.rint(away)) < NEAR
    points = shape[0] * shape[1] / period**2
    if on.sum() < max(FEWEST, PRESENT * points) or on.mean() < FITTING:
        return None
    return on
