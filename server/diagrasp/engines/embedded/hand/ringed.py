"""Symbols whose outlines lack more than any gap that is closed: the most drawn way around the words is the outline.

The ink around a block of writing is unrolled along the block's rim; the closed way through it that stays on strokes for
most of its length is found by dynamic programming, as the rims of cells and irises are (Amini et al. 1990).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.boxes import OVERRUNS, covering, overruns
from diagrasp.engines.embedded.hand.enclosed import RIM, between, shaped
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol

STEP, BIN = 0.15, 0.1
"""Distance between places along the block's rim, and between those outwards from it, in letter heights."""
FAN = 9
"""Places around each corner of the block."""
REACH = 3.2
"""How far from the words an outline runs at most, in letter heights."""
STEEP = 3
"""Bins that the way goes outwards or inwards from one place to the next at most."""
SWERVE, FAR = 0.06, 0.003
"""Cost of a bin outwards or inwards, and of each bin away from the words; a place without ink costs 1."""
DRAWN, EACH = 0.66, 0.3
"""Share of the way that is drawn, and of its part at each side of the words."""
INSET, WORD, SNUG = 0.2, 2.5, 0.92
"""How far within the words an outline may run that was taken for letters, least width of such words, both in letter
heights, and its least fit."""
SPIKE = 0.2
"""Half the width, in letter heights, of what sticks out of an outline at most."""
LONG = 1.5
"""Least length of a pale stroke, in letter heights."""
HELD = 0.3
"""Share of the words' block from which on a symbol holds it."""
SHARED = 0.12
"""Share of the rim that may be another symbol's."""


def ringed(
    sheet: Sheet, drawn: Mask, pale: Mask | None, blocks: Sequence[Rect], nodes: Sequence[Symbol]
) -> list[Symbol]:
    """Symbols around blocks of writing that no symbol holds.

    Args:
        drawn: (H, W) bool, all ink but that of words.
        pale: (H, W) bool, what a paler pen may have drawn, where that can be told.
    """
    blocks = [b for b in blocks if not any(n.outline.box.overlap(b) > HELD * b.w * b.h for n in nodes)]
    if not blocks:
        return []
    out: list[Symbol] = []
    drawn = drawn if pale is None else drawn | _long(pale, LONG * sheet.letter)
    thick, every = _thick(drawn), _thick(drawn | sheet.ink)
    for block in sorted(blocks, key=lambda b: -b.w * b.h):
        taken = [s.outline.box for s in (*nodes, *out)]
        if any(t.overlap(block) > HELD * block.w * block.h for t in taken):
            continue
        wide = block.w >= WORD * sheet.letter  # its letters are known
        core = block.grow(-min(INSET * sheet.letter, 0.2 * block.h)) if wide else block
        symbol = _around(sheet, thick, block, core)
        if symbol is None and wide:  # strokes that were taken for letters
            symbol = _around(sheet, every, block, core)
            symbol = symbol if symbol is not None and symbol.outline.fit.score >= SNUG else None
        if symbol is None or between(symbol, covering(drawn.shape, [*nodes, *out], RIM * sheet.letter), SHARED):
            continue
        b = symbol.outline.box
        if overruns(every > 0, b, sheet.letter) > OVERRUNS:
            continue
        if not any(b.overlap(t) > 0.3 * min(b.w * b.h, t.w * t.h) for t in taken):
            out.append(symbol)
    return out


def _thick(ink: Mask) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8)


def _long(pale: Mask, least: float) -> Mask:
    """The pieces of so many pixels' length at least."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(pale.astype(np.uint8), connectivity=8)
    long = np.maximum(stats[:, 2], stats[:, 3]) >= least
    long[0] = False
    return np.asarray(long[labels])


def _around(sheet: Sheet, thick: NDArray[np.uint8], block: Rect, core: Rect) -> Symbol | None:
    """The symbol around a block, outside of its core; None where there is none."""
    letter = sheet.letter
    base, way, side = _rim(core, letter)
    far = np.arange(0.0, REACH + 0.2, BIN) * letter
    xs = np.rint(base[:, None, 0] + far[None] * way[:, None, 0]).astype(np.int64)
    ys = np.rint(base[:, None, 1] + far[None] * way[:, None, 1]).astype(np.int64)
    height, width = thick.shape
    inside = (xs >= 0) & (ys >= 0) & (xs < width) & (ys < height)
    on = inside & (thick[ys.clip(0, height - 1), xs.clip(0, width - 1)] > 0)
    if np.count_nonzero(on.any(axis=1)) < DRAWN * len(on):
        return None
    bins = _way(np.where(on, 0.0, 1.0) + FAR * np.arange(len(far)))
    at = np.arange(len(bins))
    points = np.stack([xs[at, bins], ys[at, bins]], axis=1)
    length = np.hypot(*(np.roll(points, -1, axis=0) - points).T) + np.hypot(*(np.roll(points, 1, axis=0) - points).T)
    drawn = on[at, bins] * length
    if drawn.sum() < DRAWN * length.sum():
        return None
    if any(drawn[side == k].sum() < EACH * length[side == k].sum() for k in range(4)):
        return None
    x0, y0 = (int(v) for v in points.min(axis=0))
    x1, y1 = (int(v) for v in points.max(axis=0))
    if min(x0, y0) < 0 or x1 >= width or y1 >= height:
        return None
    region = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(region, [(points - (x0, y0)).astype(np.int32)], 1)
    by = max(1, round(SPIKE * letter))  # the way may run out along a connector, and back
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    region = np.asarray(cv2.morphologyEx(np.pad(region, by), cv2.MORPH_OPEN, disc), np.uint8)[by:-by, by:-by]
    return shaped(sheet, region > 0, block, x0, y0, 0) if region.any() else None


def _rim(core: Rect, letter: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Places around a block in order: (N, 2) where, (N, 2) the way outwards, (N,) which of four sides each is at."""
    x0, y0, x1, y1 = core.x0, core.y0, core.x1 - 1, core.y1 - 1
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    base: list[tuple[float, float]] = []
    way: list[tuple[float, float]] = []
    side: list[int] = []
    for k, ((ax, ay), (bx, by)) in enumerate(zip(corners, corners[1:] + corners[:1], strict=True)):
        out = -0.5 * np.pi + 0.5 * np.pi * k  # up, right, down, left
        for share in np.linspace(0.0, 1.0, max(2, round(np.hypot(bx - ax, by - ay) / (STEP * letter)))):
            base.append((ax + share * (bx - ax), ay + share * (by - ay)))
            way.append((np.cos(out), np.sin(out)))
            side.append(k)
        for j in range(1, FAN + 1):
            turn = out + 0.5 * np.pi * j / (FAN + 1)
            base.append((bx, by))
            way.append((np.cos(turn), np.sin(turn)))
            side.append(k if 2 * j <= FAN else (k + 1) % 4)
    return np.array(base), np.array(way), np.array(side)


def _way(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """(N,) the bin at every place along the cheapest way around.

    Args:
        cost: (N, D) of each bin; the way is led around twice, and what is between its loose ends is kept.
    """
    n, depth = cost.shape
    twice = np.concatenate([cost, cost])
    total = twice[0]
    back = np.zeros((2 * n, depth), np.int64)
    swerve = SWERVE * np.abs(np.arange(-STEEP, STEEP + 1))
    padded = np.full(depth + 2 * STEEP, np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * STEEP + 1)
    for i in range(1, 2 * n):
        padded[STEEP:-STEEP] = total
        offers = around + swerve
        best = offers.argmin(axis=1)
        back[i] = best - STEEP
        total = offers[np.arange(depth), best] + twice[i]
    bins = np.zeros(2 * n, np.int64)
    bins[-1] = int(total.argmin())
    for i in range(2 * n - 1, 0, -1):
        bins[i - 1] = bins[i] + back[i, bins[i]]
    half = n // 2
    return np.roll(bins[half : half + n], half)
