"""Ruled and squared paper: lines that run through the page at even distances are taken away."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.faint import pen_above_rulings
from diagrasp.engines.embedded.hand.lined import followed
from diagrasp.engines.embedded.hand.paper import FAINTEST, Share, strokes
from diagrasp.engines.embedded.picture.components import runs_of
from diagrasp.engines.embedded.picture.raster import Mask

PIECE = 0.024
"""Least length of a ruled line's pieces, as a share of the picture's longer side."""
LONG = 0.2
"""Least length of a ruled line, as a share of the picture's side along it."""
FEWEST = 8
"""Ruled lines that a page has at least."""
THROUGH = 0.45
"""Length that the third longest of them has at least, as a share of the picture's side: boxes are not as wide."""
EVEN = 0.55
"""Share of the distances between lines that are alike, or multiples of it."""
MORE = 1.15
"""How much more ruled ink is found on a page that is bent when its lines are followed."""
CLEARLY = 1.95
"""How much darker than the ruling a pen is that a threshold parts from it."""
ABOVE = 1.36
"""That threshold, over the ruling's usual darkness."""
FLAWLESS = 1e-4
"""Usual deviation of darkness on the paper of a picture that no camera took; rulings there are paler than the pen."""
LEANS = (0.0, 0.6, -0.6, 1.2, -1.2)
"""How far strokes that cross a ruled line go along it, over how far across."""
DARKER = 1.4
"""How much darker than the ruling a pen's line upon it is."""
SURELY, PERHAPS = 0.5, 0.25
"""How far from the ruling's usual colour or darkness to the pen's a pixel is that the pen drew upon a ruled line, and
one that it may have drawn across it."""
COLOURED, GREY = 2.0, 0.04
"""How much more coloured than nearly all of the ruling a pen is that is told by its colour, and the tint that grey
lines have at most."""


def without_rulings(dark: Share, ink: Mask, tints: Share) -> tuple[Mask, int]:
    """The ink without ruled lines, level and upright, and how many of these there were.

    Where the pen is clearly darker than the ruling, a threshold between the two parts them; else the lines are erased
    and what crossed them is mended.

    Args:
        dark: (H, W) float32, darkness.
        ink: (H, W) bool.
        tints: (H, W) float32, how coloured each pixel is.
    """
    soft = np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.8), np.float32)
    above = pen_above_rulings(soft, tints)
    if above is not None:
        return above
    if float(np.median(np.abs(soft - np.median(soft)))) < FLAWLESS:
        return ink, 0
    level, rows = _ruled(soft, ink)
    upright, columns = _ruled(np.ascontiguousarray(soft.T), np.ascontiguousarray(ink.T))
    upright = upright.T
    if not rows and not columns:
        return ink, 0
    lines = level | upright
    near = cv2.dilate(lines.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    middle = strokes(soft, FAINTEST) & ink
    if (middle & lines).any():
        usual = float(np.median(soft[middle & lines]))
        pen = soft[middle & ~near & (soft > ABOVE * usual)]
        if len(pen) > 100 and float(np.median(pen)) >= CLEARLY * usual:
            return np.asarray(soft >= ABOVE * usual), rows + columns
    found = _of_pen(soft, tints, middle & lines, middle & ~near)
    if found is not None:
        level, upright = level & ~found.surely, upright & ~found.surely
        lines = level | upright
    out = ink & ~lines
    # Where two ruled lines cross, each looks like a stroke that crosses the other.
    dots, specks, stats, _ = cv2.connectedComponentsWithStats(out.astype(np.uint8), connectivity=8)
    width = max(_width(ink, level), _width(ink.T, upright.T))
    small = np.maximum(stats[:, 2], stats[:, 3]) <= 2 + 2 * width
    touching = np.zeros(dots, bool)
    touching[np.unique(specks[near & out])] = True
    small &= touching
    small[0] = False
    out &= ~small[specks]
    if found is not None:
        level, upright = level & found.perhaps, upright & found.perhaps
    return _mended(out, level, 0, width) | _mended(out, upright, 1, width) | out, rows + columns


class _Pen(NamedTuple):
    """(H, W) bool: what is too coloured or too dark for a ruling, and what may be the pen's where it crosses one."""

    surely: Mask
    perhaps: Mask


def _of_pen(soft: Share, tints: Share, ruled: Mask, drawn: Mask) -> _Pen | None:
    """What the pen drew upon ruled lines, by its colour or its darkness; None where it is like the ruling in both.

    Args:
        ruled: (H, W) bool, the middle of ruled lines, with what was drawn upon them.
        drawn: (H, W) bool, the middle of all other strokes.
    """
    if not ruled.any() or np.count_nonzero(drawn) < 100:
        return None
    shares: list[Share] = []  # how far from the ruling to the pen each pixel is
    grey, coloured = float(np.percentile(tints[ruled], 90)), float(np.percentile(tints[drawn], 75))
    if coloured >= COLOURED * max(grey, GREY):
        shares.append((tints - grey) / (coloured - grey))
    pale, black = float(np.median(soft[ruled])), float(np.median(soft[drawn]))
    if black >= DARKER * pale:
        shares.append((soft - pale) / (black - pale))
    if not shares:
        return None
    share = np.maximum(shares[0], shares[-1])
    return _Pen(share >= SURELY, share >= PERHAPS)


def _ruled(dark: Share, ink: Mask) -> tuple[Mask, int]:
    """The pixels of level ruled lines, and how many lines there are; none where they are not even."""
    piece = max(16, round(PIECE * max(ink.shape)))
    image = ink.astype(np.uint8)
    thick = np.asarray(cv2.dilate(image, np.ones((3, 1), np.uint8)), np.uint8)
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8))
    bent, many = _followed(dark, ink, np.asarray(runs > 0), thick)
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, 2 * piece + 1), np.uint8))
    _, found, stats, centres = cv2.connectedComponentsWithStats(joined, connectivity=8)
    labels = np.asarray(found, np.int32)
    long = (stats[:, 2] >= LONG * ink.shape[1]) & (stats[:, 3] <= 0.07 * stats[:, 2] + 8)
    long[0] = False
    ids = np.flatnonzero(long)
    through = np.sort(stats[ids, 2])[-3:]
    if len(ids) < FEWEST or through[0] < THROUGH * ink.shape[1] or not _even(centres[ids, 1], piece):
        return bent, many
    on = np.asarray((runs > 0) & ink)
    shade = np.array([_shade(dark, on, labels, int(i), stats[i]) for i in ids])
    usual = float(np.median(shade))
    ruled = ids[shade <= DARKER * usual]
    lines = on & np.isin(labels, ruled)
    # A pen's line upon a ruled one is thicker or darker; so is all ink that only crosses it.
    width = _width(on, lines)
    across = _run_length(ink)
    plain = lines & (across <= 1.7 * width + 1) & (dark <= DARKER * max(usual, 0.05) + 0.05)
    if np.count_nonzero(bent) > MORE * np.count_nonzero(plain):
        return bent, many
    return np.asarray(plain), len(ruled)


def _followed(dark: Share, ink: Mask, runs: Mask, thick: NDArray[np.uint8]) -> tuple[Mask, int]:
    """The same where the page is tilted or bent.

    Args:
        runs: (H, W) bool, level runs.
        thick: (H, W) uint8, the ink thickened across.
    """
    expected, count = followed(runs)
    if not count:
        return expected, 0
    lines = expected & runs & ink
    usual, width = float(np.median(dark[lines])) if lines.any() else 0.0, _width(ink, lines)
    short = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, max(8, round(4 * width))), np.uint8)) > 0
    plain = expected & short & ink & (_run_length(ink) <= 1.7 * width + 1)
    return np.asarray(plain & (dark <= DARKER * max(usual, 0.05) + 0.05)), count


def _shade(dark: Share, on: Mask, labels: NDArray[np.int32], i: int, box: NDArray[np.int32]) -> float:
    """The usual darkness of a line; 1 where nothing is left of it."""
    x, y, w, h, _ = (int(v) for v in box)
    mine = on[y : y + h, x : x + w] & (labels[y : y + h, x : x + w] == i)
    return float(np.median(dark[y : y + h, x : x + w][mine])) if mine.any() else 1.0


def _even(places: NDArray[np.float64], piece: int) -> bool:
    """Whether most distances between neighbouring lines are alike."""
    at = np.sort(places)
    gaps = np.diff(at)
    gaps = gaps[gaps > 0.25 * piece]
    if len(gaps) < FEWEST - 1:
        return False
    step = float(np.median(gaps))
    times = np.maximum(1, np.round(gaps / step))
    return bool((np.abs(gaps / times - step) <= 0.2 * step).mean() >= EVEN)


def _run_length(ink: Mask) -> NDArray[np.int32]:
    """(H, W) int32: for every pixel of ink, how many lie above one another in its column without a gap."""
    turned = np.ascontiguousarray(ink.T).view(np.uint8)
    starts, ends = runs_of(turned)
    out = np.zeros(turned.shape, np.int32)
    out.ravel()[np.flatnonzero(turned)] = np.repeat(ends - starts, ends - starts)
    return np.ascontiguousarray(out.T)


def _width(ink: Mask, lines: Mask) -> float:
    """The usual thickness of level ruled lines, in pixels."""
    return max(2.0, float(np.median(_run_length(ink)[lines]))) if lines.any() else 2.0


def _mended(kept: Mask, removed: Mask, axis: int, width: float) -> Mask:
    """Removed pixels with kept ink on both sides of the line: strokes that cross it, upright to it or aslant.

    Args:
        axis: 0 for level lines.
        width: thickness of the lines, in pixels.
    """
    reach = max(5, round(width) + 3)
    image = kept.astype(np.uint8)
    out = np.zeros_like(removed)
    for lean in LEANS:
        aside = round(lean * (reach - 1))
        kernel = np.zeros((reach, 2 * abs(aside) + 1), np.uint8)
        cv2.line(kernel, (abs(aside), 0), (abs(aside) + aside, reach - 1), 1, 1)
        anchor = (abs(aside), 0)
        other = np.ascontiguousarray(kernel[::-1, ::-1])
        if axis:
            kernel, other, anchor = np.ascontiguousarray(kernel.T), np.ascontiguousarray(other.T), anchor[::-1]
        back = (other.shape[1] - 1 - anchor[0], other.shape[0] - 1 - anchor[1])
        first = cv2.dilate(image, kernel, anchor=anchor)
        second = cv2.dilate(image, other, anchor=back)
        out |= (first > 0) & (second > 0)
    return np.asarray(removed & out)
