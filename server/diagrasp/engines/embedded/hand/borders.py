"""Long level strokes that sway, lean and gape, followed at a small scale: borders of pools and lanes drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect

UNIT = 8
"""Pixels of a letter's height where borders are followed."""
RUN, LEANS = 2.5, (-0.16, -0.08, 0.0, 0.08, 0.16)
"""Length of a stroke's straight pieces, in letter heights, and how much they rise over their length."""
GAP, STRAY = 2.5, 0.7
"""Widest gap between two pieces of a border, and how far the second may lie off, in letter heights."""
HIDDEN = 8.0
"""The same gap where words hide it."""
THICK = 0.9
"""Thickness of a border, in letter heights, beyond which something crosses it."""
DRAWN = 0.85
"""Least share of a border that is drawn or hidden."""
THROUGH, BEYOND, NEARLY = 0.6, 0.15, 0.75
"""Length of a page's margin line, how far it runs on beyond the writing, and its length from which on it is enough that
it runs from above all writing to below it, as shares of the page's height."""
ACROSS = 2.2
"""Thickness, over a border's own, from which on ink on it is a stroke that crosses it."""

Points = NDArray[np.float64]


@dataclass
class Border:
    """A long level stroke: (N,) its places along and across, in small pixels."""

    xs: Points
    ys: Points

    @property
    def start(self) -> float:
        return float(self.xs[0])

    @property
    def end(self) -> float:
        return float(self.xs[-1])

    @property
    def at(self) -> float:
        return float(np.median(self.ys))

    def over(self, x: float) -> float:
        """Its place across at a place along."""
        return float(np.interp(x, self.xs, self.ys))


def runs(small: Mask) -> Mask:
    """The pixels of level runs, straight ones that may lean a little."""
    image = small.astype(np.uint8)
    reach = round(RUN * UNIT)
    found = np.zeros(small.shape, bool)
    for lean in LEANS:
        rise = round(lean * reach)
        kernel = np.zeros((abs(rise) + 1, reach), np.uint8)
        cv2.line(kernel, (0, max(0, -rise)), (reach - 1, max(0, rise)), 1, 1)
        found |= np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, kernel)) > 0
    return found


def margin_lines(ink: Mask, text: Mask, writing: Rect, letter: float) -> Mask:
    """(H, W) bool: the ink of upright lines that run through most of a page, far beyond all writing: its margins.

    Args:
        text: (H, W) bool, that of the writing.
        writing: the bounds of all writing.
    """
    small, scale = shrunk(ink & ~text, letter)
    near = np.zeros(ink.shape, np.uint8)
    for line in borders(runs(np.ascontiguousarray(small.T)), np.zeros(small.T.shape, bool)):
        start, end = line.start / scale, line.end / scale
        above, below = writing.y0 - start, end - writing.y1
        through = min(above, below) >= -letter and end - start >= NEARLY * len(ink)
        if end - start < THROUGH * len(ink) or not (through or max(above, below) >= BEYOND * len(ink)):
            continue
        points = np.stack([(line.ys + 0.5) / scale, (line.xs + 0.5) / scale], axis=1)
        cv2.polylines(near, [np.rint(points).astype(np.int32)], False, 1, max(3, round(0.5 * letter)))
    return uncrossed(ink.T, (ink & (near > 0)).T, letter).T


def shrunk(ink: Mask, letter: float) -> tuple[Mask, float]:
    """Ink at the scale at which borders are followed, and that scale."""
    scale = UNIT / letter
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    return np.asarray(cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.12), scale


def _middle(level: Mask) -> Mask:
    """The middle of each stroke in each column; nothing where it is so thick that something crosses it."""
    edges = np.diff(np.pad(level.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    columns, starts = np.nonzero(edges.T == 1)
    ends = np.nonzero(edges.T == -1)[1]
    thin = ends - starts <= THICK * UNIT
    out = np.zeros(level.shape, bool)
    out[(starts[thin] + ends[thin]) // 2, columns[thin]] = True
    return out


def borders(level: Mask, words: Mask) -> list[Border]:
    """Level runs joined across gaps to the longest strokes."""
    middle = _middle(level)
    around = cv2.dilate(middle.astype(np.uint8), np.ones((2 * round(THICK * UNIT) + 1, 1), np.uint8))
    words = words | (level & (around == 0))
    thick = cv2.dilate(middle.astype(np.uint8), np.ones((3, 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    pieces: list[Border] = []
    for i, (x, y, w, h, _) in enumerate(stats[1:].tolist(), 1):
        if w < RUN * UNIT:
            continue
        own = labels[y : y + h, x : x + w] == i
        count = np.maximum(own.sum(axis=0), 1)
        ys = (own * np.arange(h)[:, None]).sum(axis=0) / count + y
        pieces.append(Border(np.arange(x, x + w, dtype=float), ys))
    pieces.sort(key=lambda b: -len(b.xs))
    out: list[Border] = []
    free = [True] * len(pieces)
    for k, piece in enumerate(pieces):
        if not free[k]:
            continue
        free[k] = False
        found, drawn = piece, float(len(piece.xs))
        while True:
            link = _next(found, pieces, free, words)
            if link is None:
                break
            free[link] = False
            found = _joined(found, pieces[link])
            drawn += len(pieces[link].xs)
        inside = words[np.clip(found.ys.astype(int), 0, len(words) - 1), found.xs.astype(int)]
        if min(drawn + float(inside.sum()), found.end - found.start + 1) >= DRAWN * (found.end - found.start + 1):
            out.append(found)
    return sorted(out, key=lambda b: b.at)


def _next(found: Border, pieces: list[Border], free: list[bool], words: Mask) -> int | None:
    """The nearest piece that goes on with a border at either end."""
    best, nearest = None, np.inf
    for k, piece in enumerate(pieces):
        if not free[k]:
            continue
        gap = max(piece.start - found.end, found.start - piece.end)
        if not -1.5 * UNIT <= gap <= HIDDEN * UNIT or gap >= nearest:
            continue
        right = piece.start - found.end == gap
        here, there = (found, piece) if right else (piece, found)
        y0, y1 = float(here.ys[-4:].mean()), float(there.ys[:4].mean())
        if abs(y1 - y0) > STRAY * UNIT + 0.1 * max(gap, 0):
            continue
        if gap > GAP * UNIT:
            view = words[round(min(y0, y1)) : round(max(y0, y1)) + 1, round(here.end) : round(there.start) + 1]
            if not view.size or view.any(axis=0).sum() < gap - GAP * UNIT:
                continue
        best, nearest = k, gap
    return best


def _joined(a: Border, b: Border) -> Border:
    first, last = (a, b) if a.start <= b.start else (b, a)
    xs = np.arange(first.start, max(first.end, last.end) + 1)
    known = np.concatenate([first.xs, last.xs[last.xs > first.end]])
    values = np.concatenate([first.ys, last.ys[last.xs > first.end]])
    return Border(xs, np.interp(xs, known, values))


def uncrossed(ink: Mask, found: Mask, letter: float) -> Mask:
    """Found ink of level borders without columns that go on above or below: strokes that cross."""
    if not found.any():
        return found
    rows = np.arange(len(ink), dtype=np.int32)[:, None]
    last = np.maximum.accumulate(np.where(ink, -1, rows), axis=0)
    after = np.minimum.accumulate(np.where(ink, len(ink), rows)[::-1], axis=0)[::-1]
    run = np.where(found, after - last - 1, 0)
    usual = max(2.0, float(np.median(run[found])))
    return np.asarray(found & (run <= max(ACROSS * usual, 0.3 * letter)))
