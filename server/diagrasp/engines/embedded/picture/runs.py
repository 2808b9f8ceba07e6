"""Long level runs of what is drawn, and the pieces that they make: what opening by a bar leaves, without its planes."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import runs_of

Numbers = NDArray[np.int64]


class Runs(NamedTuple):
    """N runs of set pixels in a row, from the top down and from left to right: the row, the first pixel, the end."""

    y: Numbers
    start: Numbers
    end: Numbers

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, and the first column and row beyond."""
        return int(self.start.min()), int(self.y[0]), int(self.end.max()), int(self.y[-1]) + 1

    def within(self, x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
        """(y1 - y0, x1 - x0): 1 where a run is."""
        out = np.zeros((y1 - y0, x1 - x0), np.uint8)
        here = self.some((self.y >= y0) & (self.y < y1) & (self.end > x0) & (self.start < x1))
        for y, start, end in zip(*(part.tolist() for part in here), strict=True):
            out[y - y0, max(0, start - x0) : end - x0] = 1
        return out

    def some(self, which: NDArray[np.bool_] | Numbers) -> Runs:
        """Those chosen."""
        return Runs(self.y[which], self.start[which], self.end[which])


def long_runs(image: NDArray[np.uint8], least: int) -> Runs:
    """The runs of `cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((1, least)))`, pixel by pixel.

    OpenCV takes what is beyond the picture for set, so that half of a run is enough at its edge; where `least` is even,
    it moves what is left by a pixel.
    """
    width = image.shape[1]
    first, last = runs_of(image)
    y, start = np.divmod(first, width)
    end = start + (last - first)
    before = least // 2
    after = least - 1 - before
    low = np.where(start == 0, 0, start + before)  # where the bar's anchor fits
    high = np.where(end == width, width, end - after)
    kept = low < high
    low, high = low[kept] - after, high[kept] + before
    return Runs(y[kept], np.maximum(low, 0), np.minimum(high, width))


def turned(mask: NDArray[np.bool_] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask's columns as rows."""
    return np.asarray(cv2.transpose(mask.view(np.uint8)), np.uint8)


def pieces_of(runs: Runs) -> list[Runs]:
    """Runs that touch, corners too, gathered: in the order in which OpenCV numbers the pieces of a mask."""
    number = _numbers(runs)
    if not len(number):
        return []
    # OpenCV goes through a picture by squares of four pixels.
    square = (runs.y // 2) * (int(runs.end.max()) + 2) + runs.start // 2
    first = np.full(int(number.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, number, square)
    order = np.lexsort((number, first[number]))  # stable: a piece's runs stay in order
    cuts = np.flatnonzero(np.diff(number[order])) + 1
    return [runs.some(part) for part in np.split(order, cuts)]


def _numbers(runs: Runs) -> Numbers:
    """(N,) the least of the numbers of the runs in each one's piece."""
    wide = int(runs.end.max(initial=0)) + 2
    below = (runs.y + 1) * wide
    a = np.searchsorted(runs.y * wide + runs.end, below + runs.start, side="left")
    b = np.searchsorted(runs.y * wide + runs.start, below + runs.end, side="right")
    times = np.maximum(b - a, 0)
    upper = np.repeat(np.arange(len(times)), times)
    lower = np.arange(len(upper)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(a, times)
    number = np.arange(len(times))
    while True:
        least = np.minimum(number[upper], number[lower])
        now = number.copy()
        np.minimum.at(now, number[upper], least)
        np.minimum.at(now, number[lower], least)
        now = now[now]
        if np.array_equal(now, number):
            return number
        number = now
