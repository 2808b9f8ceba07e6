"""Pictures too large to be legible in one go: cut along empty bands, with overlap.

A tile may cost as many tokens as a picture, at a scale at which its letters can be read.  Where the whole picture fits
so, it is one tile.  Else its longer side is parted where least ink is crossed, between two rows of symbols; the first
part reaches on to the next such place, so that the symbols between the two, and the connectors on either side of them,
stand whole in one part or in both.  `merging` puts the graphs together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMFORTABLE: Final = 10.0
"""Pixels of height that letters must keep; where the whole picture cannot give them so much, it is cut."""
MOST: Final = 16
"""Tiles of a picture; rather than have more, letters are shown smaller."""
MIDDLE: Final = 0.4
"""The share of a side, about its middle, in which a cut is looked for."""
OVERLAP: Final = 8.0
"""The least overlap in heights of letters: what a symbol of two lines takes."""
WIDEST_OVERLAP: Final = 0.3
"""The most, as a share of the side that is cut."""
FURTHEST: Final = 0.95
"""Where the first part may end, as a share of that side: one as large as the whole would be cut for ever."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, in its pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of (H, W, 3) that the tile covers, not copied."""
        return pixels[self.y : self.bottom, self.x : self.right]


def cut(pixels: NDArray[np.uint8], letters: float, *, budget: int, side: int = 32) -> list[Tile]:
    """The tiles of a picture, from the top or the left; one where its letters are legible as a whole.

    Args:
        pixels: (H, W, 3) RGB.
        letters: the height of its letters in pixels, 0 where unknown.
        budget: the most tokens that a tile may cost.
        side: pixels along a token's side.
    """
    height, width = pixels.shape[:2]
    whole = Tile(0, 0, width, height)
    if letters <= 0:
        return [whole]
    room = budget * side * side * (letters / COMFORTABLE) ** 2
    if width * height <= room:
        return [whole]
    shrink = max(1, int(letters / 5))
    ink = _ink(pixels, shrink)
    room = max(room, width * height / MOST)
    while True:
        tiles = _parted(whole, ink, shrink, letters, room)
        if len(tiles) <= MOST:
            return tiles
        room *= 1.25


def _parted(tile: Tile, ink: NDArray[np.bool_], shrink: int, letters: float, room: float) -> list[Tile]:
    if tile.width * tile.height <= room or max(tile.width, tile.height) < 6 * OVERLAP * letters:
        return [tile]
    down = tile.height >= tile.width
    part = ink[tile.y // shrink : -(-tile.bottom // shrink), tile.x // shrink : -(-tile.right // shrink)]
    begin, end = _seam(part.sum(1 if down else 0), OVERLAP * letters / shrink)
    start, stop = begin * shrink, end * shrink
    if down:
        first = Tile(tile.x, tile.y, tile.width, min(stop, tile.height))
        second = Tile(tile.x, tile.y + start, tile.width, tile.height - start)
    else:
        first = Tile(tile.x, tile.y, min(stop, tile.width), tile.height)
        second = Tile(tile.x + start, tile.y, tile.width - start, tile.height)
    return [*_parted(first, ink, shrink, letters, room), *_parted(second, ink, shrink, letters, room)]


def _seam(crossed: NDArray[Any], overlap: float) -> tuple[int, int]:
    """Where the second part begins and where the first one ends, given the ink on each line across.

    Args:
        crossed: ink pixels on each line.
        overlap: the least number of lines that both have.
    """
    lines = len(crossed)
    low, high = round(lines * (0.5 - MIDDLE / 2)), round(lines * (0.5 + MIDDLE / 2))
    longest = max(overlap, WIDEST_OVERLAP * lines)
    # As much after the middle as before it, once the overlap is taken off.
    begin = _emptiest(crossed, low, high, lines / 2 - overlap)
    # Symbols must stand between the two: on from the first line below that crosses much, and some more.
    usual = float(np.percentile(crossed[low:high], 75)) if high > low else 0.0
    busy = np.flatnonzero(crossed[begin : round(begin + longest)] >= max(1.0, usual))
    least = max(overlap, busy[0] + overlap / 2) if len(busy) else overlap
    end = _emptiest(crossed, round(begin + least), round(begin + longest), begin + least + overlap / 2)
    return begin, end if end <= FURTHEST * lines else round(begin + overlap)


def _emptiest(crossed: NDArray[Any], low: int, high: int, wanted: float) -> int:
    """The middle of the widest run of lines with little ink in a range; of several, one near the wanted line."""
    low, high = max(0, low), min(len(crossed), max(low + 1, high))
    window = crossed[low:high]
    if not len(window):
        return int(min(len(crossed), max(0, wanted)))
    least = int(window.min())
    empty = window <= least + 0.15 * (float(np.median(window)) - least)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]]).astype(np.int8)))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))

    def worth(run: tuple[int, int]) -> float:
        far = abs(low + (run[0] + run[1]) / 2 - wanted) / max(1, high - low)
        return (run[1] - run[0]) * (1.2 - min(1.0, far))

    start, stop = max(runs, key=worth)
    return low + int(start + stop) // 2


def _ink(pixels: NDArray[np.uint8], shrink: int) -> NDArray[np.bool_]:
    """Where strokes and letters are, at a fraction of the picture's size."""
    import cv2

    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    darkest = cv2.erode(grey, np.ones((3, 3), np.uint8))
    lightest = cv2.dilate(grey, np.ones((3, 3), np.uint8))
    size = (math.ceil(width / shrink), math.ceil(height / shrink))
    # A thin stroke must survive the shrinking: what counts is contrast within a cell, at its mean.
    contrast = cv2.resize(cv2.subtract(lightest, darkest), size, interpolation=cv2.INTER_AREA)
    found: NDArray[np.bool_] = np.asarray(contrast) > 12
    return found
