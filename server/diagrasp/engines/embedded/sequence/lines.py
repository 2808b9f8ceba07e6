"""Long straight strokes, solid, dashed or dotted: what lifelines, messages and frames are drawn with."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.runs import long_runs, pieces_of, turned

BROAD = 0.54
"""Thickness, in letter heights, from which a run of ink is no stroke but a letter, a head or a bar."""
CROWDED = 0.4
"""Share of a stroke's length along which other ink may run close beside it on both sides: text has more."""
WRITTEN, STEMS = 0.95, 0.14
"""Share of its length up to which a stroke is broken, and share of that along which letters' stems cross it."""
HEAD = 1.8
"""Length of the longest head at a stroke's end, in letter heights."""


@dataclass(frozen=True)
class Stroke:
    """A straight stroke along an axis, in pixels.

    Attributes:
        at: position across.
        start, end: first pixel along, and the one after the last.
        thick: thickness.
        inked: share of its length that is ink; dashes leave gaps.
    """

    at: float
    start: int
    end: int
    thick: int
    inked: float

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def dashed(self) -> bool:
        return self.inked < 0.86


def horizontal(ink: Mask, letter: float, *, least: float, gap: float, heads: bool = True) -> list[Stroke]:
    """The horizontal strokes of a drawing, from the top down.

    Args:
        ink: (H, W) bool.
        letter: height of a capital letter in pixels.
        least: length of the shortest stroke, in letter heights.
        gap: widest gap between dashes, in letter heights.
        heads: whether strokes include the heads and discs that they run into.
    """
    raw = ink.view(np.uint8)
    across = np.ones((max(4, round(BROAD * letter)), 1), np.uint8)
    broad = np.asarray(cv2.morphologyEx(raw, cv2.MORPH_OPEN, across), np.uint8)
    thin = np.asarray(cv2.subtract(raw, broad), np.uint8)
    reach = int(gap * letter) + 1
    closed = cv2.morphologyEx(cv2.copyMakeBorder(thin, 0, 0, reach, reach, cv2.BORDER_CONSTANT), cv2.MORPH_CLOSE,
                              np.ones((1, reach), np.uint8))[:, reach:-reach]  # fmt: skip
    core = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, int(least * letter)), np.uint8)), np.uint8)
    out = []
    for piece in pieces_of(long_runs(core, 1)):
        x, y, right, _ = piece.bounds
        for y0, y1 in _rows(np.bincount(piece.y - y, piece.end - piece.start).astype(float), right - x, y, letter):
            xs = np.flatnonzero(core[y0:y1, x:right].any(axis=0))
            if len(xs) < least * letter:
                continue
            a, b = x + int(xs[0]), x + int(xs[-1]) + 1
            if _crowded(ink, y0, y1, a, b, letter):
                continue
            inked = raw[y0:y1, a:b]
            rows = inked.sum(axis=1)
            thick = max(1, int((rows > 0.5 * rows.max()).sum()))
            at = float((rows * np.arange(y0, y1)).sum() / max(1, rows.sum()))
            share = float(inked.any(axis=0).mean())
            if heads and share < WRITTEN and _stemmed(ink, y0, y1, a, b, letter):
                continue
            if not heads:
                a, b = _trimmed(np.asarray(inked.any(axis=0)), a, letter)
            else:
                row = broad[min(max(round(at), 0), len(broad) - 1)]
                a, b = _onward(row, a, -1, letter), _onward(row, b - 1, 1, letter) + 1
            out.append(Stroke(at, a, b, thick, share))
    return sorted(out, key=lambda s: s.at)


def vertical(ink: Mask, letter: float, *, least: float, gap: float) -> list[Stroke]:
    """The vertical strokes, from left to right, without heads; arguments as for `horizontal`."""
    return horizontal(turned(ink).view(np.bool_), letter, least=least, gap=gap, heads=False)


def _trimmed(inked: Mask, start: int, letter: float) -> tuple[int, int]:
    """Where a solid stroke begins and ends without the dots beyond it: those of a dotted line that it points at.

    Args:
        inked: (N,) bool, from the first to the last pixel.
        start: position of the first.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    a, b = edges[::2], edges[1::2]
    main = int((b - a).argmax())
    if len(a) == 1 or b[main] - a[main] < 2.5 * letter or len(a) > 3:
        return start, start + len(inked)
    first, last = main, main
    while last + 1 < len(a) and b[last + 1] - a[last + 1] > min(0.35 * letter, a[last + 1] - b[last]):
        last += 1
    while first > 0 and b[first - 1] - a[first - 1] > min(0.35 * letter, a[first] - b[first - 1]):
        first -= 1
    return start + int(a[first]), start + int(b[last])


def _rows(inked: NDArray[np.float64], width: int, top: int, letter: float) -> list[tuple[int, int]]:
    """The strokes that a component consists of, as ranges of rows: close parallel ones may have grown together.

    Args:
        inked: (H,) pixels of it in every row, of `width` there are.
    """
    if len(inked) <= BROAD * letter:
        return [(top, top + len(inked))]
    filled = inked > 0.5 * width
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(int), [0]])))
    return [(top + int(a), top + int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _onward(row: NDArray[np.uint8], x: int, way: int, letter: float) -> int:
    """The last pixel of the head or the disc that a stroke runs into at one end, else of the stroke itself."""
    end, bare = x, 0
    for step in range(1, round(HEAD * letter) + 1):
        here = x + way * step
        if not 0 <= here < len(row) or bare > 0.25 * letter:
            break
        end, bare = (here, 0) if row[here] else (end, bare + 1)
    return end


def _stemmed(ink: Mask, y0: int, y1: int, a: int, b: int, letter: float) -> bool:
    """Whether a broken stroke goes on above or below along much of its length, as the stems of letters do.

    What crosses it in its middle counts, for heads stand at its ends.
    """
    inset = round(1.8 * letter) if b - a > 6 * letter else 0
    a, b = a + inset, b - inset
    more = max(2, round(0.25 * letter))
    inked = np.asarray(ink[y0:y1, a:b].any(axis=0), bool)
    above, below = ink[max(0, y0 - more) : y0, a:b].all(axis=0), ink[y1 : y1 + more, a:b].all(axis=0)
    crossed = np.asarray(above | below, bool)
    return bool(inked.any() and float(crossed[inked].mean()) > (STEMS if inset else 2 * STEMS))


def _crowded(ink: Mask, y0: int, y1: int, a: int, b: int, letter: float) -> bool:
    """Whether other ink runs close beside a stroke, above and below: a row of text then."""
    near = max(2, round(0.2 * letter))
    above = ink[max(0, y0 - 1 - near) : max(0, y0 - 1), a:b]
    below = ink[y1 + 1 : y1 + 1 + near, a:b]
    shares = [float(part.any(axis=0).mean()) if part.size else 0.0 for part in (above, below)]
    return max(shares) > 2 * CROWDED or min(shares) > 0.6 * CROWDED


def collinear(strokes: list[Stroke], slack: float) -> list[list[Stroke]]:
    """Strokes gathered into rows of one position, each within `slack` of the longest."""
    out: list[list[Stroke]] = []
    for stroke in sorted(strokes, key=lambda s: -s.length):
        home = next((row for row in out if abs(row[0].at - stroke.at) <= slack), None)
        if home is None:
            out.append([stroke])
        else:
            home.append(stroke)
    return [sorted(row, key=lambda s: s.start) for row in out]


def erase(rgb: NDArray[np.uint8], ground: NDArray[np.uint8], mask: Mask) -> NDArray[np.uint8]:
    """A copy of a picture with the ground's colour where the mask is set."""
    out = rgb.copy()
    out[mask] = ground[mask]
    return out
