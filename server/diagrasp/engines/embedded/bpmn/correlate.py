"""Rings and diamonds of every size tried everywhere on a picture, by Fourier transforms of its tiles.

`cv2.filter2D` would transform the picture anew for each size, and each size's outline for each picture: here a tile is
transformed once, and the outlines once for good.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

TILE = 256
"""Side of a tile, in pixels: its transforms stay within a processor's cache."""

Plane = NDArray[np.float32]


def best_outlines(
    image: Plane, sizes: tuple[float, ...], round_: bool, least: float
) -> tuple[Plane, NDArray[np.uint8]]:
    """How well an outline around every pixel is drawn, and which of the sizes is drawn best.

    Args:
        image: (H, W) float32, how much of each pixel is inked, 0 to 1.
        sizes: half the sides of the outlines, in pixels.
        round_: rings, else diamonds.
        least: what is drawn worse than that may be told as 0.
    """
    reach = _reach(sizes)
    inner = TILE - 2 * reach
    height, width = image.shape
    spectra, heaviest = _spectra(sizes, round_)
    best, which = np.zeros((height, width), np.float32), np.zeros((height, width), np.uint8)
    tile = np.zeros((TILE, TILE), np.float32)
    for y in range(0, height, inner):
        for x in range(0, width, inner):
            y0, x0 = max(0, y - reach), max(0, x - reach)
            view = image[y0 : y + inner + reach, x0 : x + inner + reach]
            if float(view.sum()) * heaviest < least:
                continue
            tile[:] = 0
            top, left = y0 - (y - reach), x0 - (x - reach)
            tile[top : top + view.shape[0], left : left + view.shape[1]] = view
            spectrum = np.fft.rfft2(tile)
            h, w = best[y : y + inner, x : x + inner].shape
            here, size = np.zeros((h, w), np.float32), np.zeros((h, w), np.uint8)
            for k, outline in enumerate(spectra):
                rows = np.fft.ifft(spectrum * outline, axis=0)[:h]
                score = np.fft.irfft(rows, TILE, axis=1)[:, :w]
                better = np.asarray(cv2.compare(score, here, cv2.CMP_GT), np.uint8)
                cv2.copyTo(score, better, here)
                size[better > 0] = k
            best[y : y + inner, x : x + inner], which[y : y + inner, x : x + inner] = here, size
    return best, which


def _reach(sizes: tuple[float, ...]) -> int:
    """Pixels from an outline's middle to where it, and what it weighs around itself, has ended."""
    return int(np.ceil(max(sizes))) + 5


@lru_cache(maxsize=4)
def _spectra(sizes: tuple[float, ...], round_: bool) -> tuple[list[NDArray[np.complex64]], float]:
    """The transforms of outlines, conjugated, their middles at `_reach` from a tile's corner; the largest weight."""
    reach = _reach(sizes)
    kernels = [_kernel(size, round_, reach) for size in sizes]
    out = []
    for kernel in kernels:
        tile = np.zeros((TILE, TILE), np.float32)
        tile[: len(kernel), : len(kernel)] = kernel
        out.append(np.asarray(np.conj(np.fft.rfft2(tile)), np.complex64))
    return out, max(float(kernel.max()) for kernel in kernels)


def _kernel(r: float, round_: bool, n: int) -> Plane:
    """(2n + 1, 2n + 1): a thin outline of half side `r` that weighs 1 in all, less what lies just outside of it."""
    ys, xs = np.mgrid[-n : n + 1, -n : n + 1]
    far = np.hypot(xs, ys) if round_ else (np.abs(xs) + np.abs(ys)) * 1.0
    wide = 1.0 if round_ else 1.2
    weight = np.clip(1.0 - np.abs(far - r) / wide, 0, None)
    beyond = np.clip(1.0 - np.abs(far - r - 2.4 * wide) / wide, 0, None)
    return np.asarray(weight / weight.sum() - 0.6 * beyond / beyond.sum(), np.float32)
