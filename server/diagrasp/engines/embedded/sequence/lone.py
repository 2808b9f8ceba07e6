"""Sequence diagrams of one participant, who sends messages to itself: the notes on its lifeline are no steps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.sequence.heads import HIDDEN, TALLEST, Head
from diagrasp.engines.embedded.sequence.lifelines import Column
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text

WIDE = 6.0
"""Width of what is compared on both sides of the lifeline, in letter heights."""
SAME = 0.8
"""Share of the ink of the name above, and of that of the name below, that is the other's as well."""
MIDDLE = 1.0
"""How far from the lifeline the middle of its name is at most, in letter heights."""


@dataclass(frozen=True)
class Lone:
    """A lifeline, and the places of its name above and below it."""

    column: Column
    upper: Rect
    lower: Rect

    def head(self, symbols: list[Symbol], text: Text, letter: float) -> Head | None:
        """The participant: a box with the name in it, however pale; None where no text is found there."""
        lines = [t for t in text.lines if self.upper.grow(round(0.5 * letter)).inside(t.box.cx, t.box.cy)]
        if not lines:
            return None
        name = bounding_box([t.box for t in lines])
        around = [
            s for s in symbols
            if s.box.h <= TALLEST * letter and s.box.overlap(name) >= 0.9 * name.w * name.h
            and abs(s.box.cx - self.column.x) <= max(0.4 * letter, 0.05 * s.box.w)
        ]  # fmt: skip
        if around:
            best = min(around, key=lambda s: s.box.w * s.box.h)
            return Head(best.box, lines, sure=float(best.outline.fit.score))
        return Head(name.grow(round(0.8 * letter)), lines, sure=0.8)


def lone_lifeline(found: list[Column], ink: Mask, letter: float) -> Lone | None:
    """The one column that leads from a name down to the same one again; None where there is none.

    Args:
        found: columns that may be lifelines.
        ink: (H, W) bool.
    """
    for column in sorted(found, key=lambda c: c.top - c.bottom)[:3]:
        x0 = max(0, round(column.x - WIDE * letter))
        letters = _letters(ink[:, x0 : round(column.x + WIDE * letter) + 1], letter)
        bands = _bands(letters, letter)
        if len(bands) < 3 or bands[0][0] > column.top or bands[-1][1] < column.bottom:
            continue
        reach = (HIDDEN + TALLEST) * letter
        if column.top - bands[0][0] > reach or bands[-1][1] - column.bottom > reach:
            continue
        upper, lower = (_bounds(letters, *bands[k]) for k in (0, -1))
        if abs(x0 + upper.cx - column.x) <= MIDDLE * letter and _same(letters, upper, lower, letter):
            return Lone(column, *(Rect(b.x0 + x0, b.y0, b.x1 + x0, b.y1) for b in (upper, lower)))
    return None


def _letters(strip: Mask, letter: float) -> Mask:
    """The ink of a strip without borders, lifelines and what is smaller than letters."""
    image = strip.astype(np.uint8)
    n = max(3, round(2.5 * letter))
    across = np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((1, n), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((n, 1), np.uint8)), np.uint8)
    _, labels, stats, _ = components(cv2.subtract(image, across | down))
    large = np.asarray(stats[:, 2:4].max(axis=1) >= 0.45 * letter)
    large[0] = False
    return looked_up(large, labels)


def _bands(letters: Mask, letter: float) -> list[tuple[int, int]]:
    """First row, and the one after the last, of what stands one below another with room between."""
    rows = np.flatnonzero(letters.any(axis=1))
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(rows) > max(2.0, 0.9 * letter))
    first: NDArray[np.intp] = np.concatenate([[rows[0]], rows[cuts + 1]])
    last: NDArray[np.intp] = np.concatenate([rows[cuts], [rows[-1]]]) + 1
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _bounds(letters: Mask, top: int, bottom: int) -> Rect:
    columns = np.flatnonzero(letters[top:bottom].any(axis=0))
    return Rect(int(columns[0]), top, int(columns[-1]) + 1, bottom)


def _same(letters: Mask, a: Rect, b: Rect, letter: float) -> bool:
    """Whether the same is written in two places, a pixel apart at most."""
    one = letters[a.y0 : a.y1, a.x0 : a.x1]
    if abs(a.w - b.w) > 2 or abs(a.h - b.h) > 2 or one.sum() < 0.4 * letter * letter or a.h > 6 * letter:
        return False
    near = np.ones((3, 3), np.uint8)
    two = np.zeros((a.h, a.w), bool)
    part = letters[b.y0 : min(b.y1, b.y0 + a.h), b.x0 : min(b.x1, b.x0 + a.w)]
    two[: part.shape[0], : part.shape[1]] = part
    for first, second in ((one, two), (two, one)):
        grown = cv2.dilate(second.astype(np.uint8), near) > 0
        if np.count_nonzero(first & grown) < SAME * np.count_nonzero(first):
            return False
    return True
