"""Symbols whose outline is drawn in dashes: each dash is led on to the next, and what the row closes in is looked at.

Only dashes close an outline here; what solid lines and dashed ones enclose together is space between connectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline
from diagrasp.engines.embedded.symbols.shapes import classify

SHAPES = frozenset({"process", "rounded", "stadium", "ellipse", "decision", "hexagon"})
LONGEST, THICKEST = 2.2, 0.34
"""A dash's length and thickness, in letter heights at most."""
GAP, HIDDEN = 1.05, 3.2
"""From one dash to the next, in letter heights at most: over paper, and where a connector touches one between."""
TURNING = 0.8
"""Letter heights from which on a dash may turn around a corner."""
FEWEST, MOST = 10, 1500
"""Dashes around the smallest symbol, and pieces like dashes in a drawing that is looked at."""
LOWEST, HIGHEST, WIDEST = 1.8, 9.0, 90.0
"""Bounds of a symbol with a name in it, in letter heights."""


def dashed_outlines(sheet: Sheet, found: list[Outline]) -> list[Outline]:
    """The outlines drawn in dashes around something written, smallest first.

    Args:
        found: the other outlines; what holds one of a symbol's size is a container.
    """
    letter = sheet.letter
    _, labels, stats, _ = components(sheet.ink)
    dashes = _dashes(labels, stats, letter)
    if not FEWEST <= len(dashes.numbers) <= MOST:
        return []
    joints = _joints(dashes, sheet.ink, letter)
    if len(joints) < FEWEST:
        return []
    mine = np.zeros(len(stats), bool)
    mine[dashes.numbers] = True
    joined = looked_up(mine, labels).astype(np.uint8)
    for a, b in joints:
        cv2.line(joined, a, b, 1, 2)
    symbols = [o.box for o in found if min(o.box.w, o.box.h) >= LOWEST * letter and o.fit.score >= CLOSED]
    out = []
    count, spaces, bounds, _ = components(joined == 0, 4)
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in bounds[i])
        if not LOWEST * letter <= min(w, h) <= HIGHEST * letter or max(w, h) > WIDEST * letter or area < 0.3 * w * h:
            continue
        box = Rect(x, y, x + w, y + h)
        if any(box.inside(s.cx, s.cy) and s.w * s.h < w * h for s in symbols):
            continue
        mask = _filled(spaces[y : y + h, x : x + w] == i)
        fit = classify(mask, letter=letter)
        if fit.shape in SHAPES and fit.score >= CLOSED and _written(sheet, mask, box):
            out.append(Outline(sheet.page, box, mask, fit, int(mask.sum()), sheet.page))
    return sorted(out, key=lambda o: o.area)


_Points = NDArray[np.float64]
_Corner = tuple[int, tuple[tuple[int, int], tuple[int, int]], tuple[tuple[float, float], tuple[float, float]]]


class _Dashes(NamedTuple):
    """The ink's N pieces that are long and thin, or dots.

    Attributes:
        numbers: (N,) of the pieces.
        ends: (N, 2, 2) the two ends of each.
        ways: (N, 2, 2) where each end leads on, of length 1.
        lengths: (N,) in pixels.
    """

    numbers: NDArray[np.intp]
    ends: _Points
    ways: _Points
    lengths: _Points


def _dashes(labels: NDArray[np.int32], stats: NDArray[np.int32], letter: float) -> _Dashes:
    """By the moments of their pixels: a straight stroke's length is the root of twelve times its variance.

    Long dashes turn around corners: those have two arms along the sides of their bounds, and no more.
    """
    area = stats[:, 4].astype(np.float64)
    small = (np.maximum(stats[:, 2], stats[:, 3]) <= LONGEST * letter) & (area >= 2)
    small &= area <= LONGEST * THICKEST * letter * letter
    small[0] = False
    inked = np.flatnonzero(looked_up(small, labels))
    (ys, xs), piece, count = np.divmod(inked, labels.shape[1]), labels.ravel()[inked], len(stats)
    n = np.maximum(np.bincount(piece, minlength=count), 1)
    x, y = np.bincount(piece, xs, count) / n, np.bincount(piece, ys, count) / n
    dx, dy = xs - x[piece], ys - y[piece]
    xx, yy, xy = (np.bincount(piece, v, count) / n for v in (dx * dx, dy * dy, dx * dy))
    half, root = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    length, aside = np.sqrt(12 * (half + root)) + 1, np.sqrt(12 * np.maximum(half - root, 0)) + 1
    thick = THICKEST * letter + 1
    kept = np.flatnonzero(small & (area / length <= thick) & (aside <= np.maximum(thick, 0.6 * length)))
    angle = 0.5 * np.arctan2(2 * xy[kept], xx[kept] - yy[kept])
    ways = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    reach = ways * (length[kept, None] - 1) / 2
    middle = np.stack([x[kept], y[kept]], axis=1)
    ends = np.stack([middle - reach, middle + reach], axis=1)
    return _with_corners(
        _Dashes(kept, ends, np.stack([-ways, ways], axis=1), length[kept]), small, labels, stats, letter
    )


def _with_corners(
    straight: _Dashes, small: NDArray[np.bool_], labels: NDArray[np.int32], stats: NDArray[np.int32], letter: float
) -> _Dashes:
    """The dashes, and where these are long the pieces that turn around a corner, which looked straight or like letters.

    Args:
        small: (M,) which pieces of the ink are small enough.
    """
    long = straight.lengths[straight.lengths >= TURNING * letter]
    if len(long) < FEWEST:
        return straight
    long_pieces = straight.numbers[straight.lengths >= TURNING * letter]
    thick = float(np.median(stats[long_pieces, 4] / long))
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    angled = small & (np.minimum(wide, high) >= 2 * thick) & (area <= 1.2 * (wide + high) * thick)
    corners = [c for i in np.flatnonzero(angled)[:MOST].tolist() if (c := _corner(labels, stats, i, thick))]
    if not corners:
        return straight
    numbers, ends, ways = (np.asarray(part) for part in zip(*corners, strict=True))
    lengths = np.full(len(corners), np.median(long))
    rest = (part[~np.isin(straight.numbers, numbers)] for part in straight)
    return _Dashes(*(np.concatenate(both) for both in zip(rest, (numbers, ends, ways, lengths), strict=True)))


def _corner(labels: NDArray[np.int32], stats: NDArray[np.int32], i: int, thick: float) -> _Corner | None:
    """A piece of ink that is two arms at a right angle: its number, ends, and where these lead on."""
    x, y, w, h, area = (int(v) for v in stats[i])
    t = round(thick) + 1
    mask = labels[y : y + h, x : x + w] == i
    rows, columns = (
        (mask[:t].any(0).mean(), mask[-t:].any(0).mean()),
        (mask[:, :t].any(1).mean(), mask[:, -t:].any(1).mean()),
    )
    up, left = rows[0] > rows[1], columns[0] > columns[1]
    arms = mask.copy()
    arms[slice(0, t) if up else slice(h - t, h)] = False
    arms[:, slice(0, t) if left else slice(w - t, w)] = False
    if max(rows) < 0.95 or max(columns) < 0.95 or arms.sum() > 0.03 * area:
        return None
    level, upright = (y if up else y + h - 1), (x if left else x + w - 1)
    ends = ((x + w - 1 if left else x, level), (upright, y + h - 1 if up else y))
    return i, ends, ((1.0 if left else -1.0, 0.0), (0.0, 1.0 if up else -1.0))


def _joints(dashes: _Dashes, ink: Mask, letter: float) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """From which end of a dash to which end of another its line goes on: to the nearest that lies ahead of it."""
    places = dashes.ends.reshape(-1, 2)
    ways = dashes.ways.reshape(-1, 2).copy()
    short = np.repeat(dashes.lengths < 0.3 * letter + 1, 2)
    long = np.repeat(dashes.lengths, 2)
    for k in np.flatnonzero(short)[::2]:  # a dot's line comes from the dot next to it
        far = np.hypot(*(places - places[k]).T)
        far[k : k + 2] = np.inf
        way = places[k] - places[int(far.argmin())]
        ways[k], ways[k + 1] = way / max(1.0, float(far.min())), -way / max(1.0, float(far.min()))
    out = []
    far_off = 3.1 * np.where(long >= TURNING * letter, long, 0)
    hidden = np.maximum(HIDDEN * letter, far_off)
    for k, near in enumerate(_close_by(places, float(hidden.max()))):
        place, way = places[k], ways[k]
        near = near[near // 2 != k // 2]
        gap = places[near] - place
        far = np.hypot(gap[:, 0], gap[:, 1])
        reached = np.maximum(far, 1e-6)
        ahead, towards = (gap @ way) / reached, -(gap * ways[near]).sum(axis=1) / reached
        on = (ahead >= 0.5) | short[k] | ((ahead >= -0.2) & (towards >= 0.9))  # or it ends in a corner
        apart = np.maximum(GAP * letter, 1.1 * np.minimum(long[k], long[near]))  # long dashes stand as far apart
        fits = (far <= apart) & on & ((towards >= 0.3) | short[near] | ((towards >= -0.2) & (ahead >= 0.9)))
        if fits.any():
            best = int(np.where(fits, far, np.inf).argmin())
            out.append((_pixel(place), _pixel(places[near[best]])))
            continue
        on = np.minimum(ahead, towards) >= np.where(abs(ahead - towards) <= 0.15, 0.6, 0.9)  # straight on, or an arc
        for m in near[(far <= np.minimum(hidden[k], hidden[near])) & (on | (short[near] & (ahead >= 0.9)))]:
            if _touched(ink, place, places[m], 0.25 * letter):
                out.append((_pixel(place), _pixel(places[m])))
                break
    return out


def _close_by(places: _Points, reach: float) -> Iterator[NDArray[np.intp]]:
    """For every place the numbers of those that are no farther from it than `reach`, and others, in order."""
    x = places[:, 0]
    order = np.argsort(x, kind="stable")
    first, last = np.searchsorted(x[order], x - reach), np.searchsorted(x[order], x + reach, side="right")
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        yield np.sort(order[a:b])


def _touched(ink: Mask, a: _Points, b: _Points, aside: float) -> bool:
    """Whether ink lies along much of the way between two points, or close beside it where the line bends."""
    way = b - a
    far = float(np.hypot(*way))
    steps = np.linspace(0.0, 1.0, max(2, int(far)))[:, None, None]
    across = np.array([-way[1], way[0]]) / far * np.array([-aside, 0.0, aside])[:, None]
    at = np.rint(a + steps * way + across).astype(int)
    x, y = at[..., 0].clip(0, ink.shape[1] - 1), at[..., 1].clip(0, ink.shape[0] - 1)
    return bool(ink[y, x].any(axis=1).mean() >= 0.3)


def _pixel(place: _Points) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def _filled(mask: Mask) -> NDArray[np.uint8]:
    """A mask without holes."""
    padded = np.pad(mask.astype(np.uint8), 1)
    contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(padded, contours, -1, 1, cv2.FILLED)
    return padded[1:-1, 1:-1]


def _written(sheet: Sheet, mask: NDArray[np.uint8], box: Rect) -> bool:
    """Whether ink stands around the middle of an outline and leaves its rim free."""
    rim = max(2, round(0.15 * sheet.letter))
    inner = cv2.erode(np.pad(mask, 1), np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))[1:-1, 1:-1] > 0
    ys, xs = np.nonzero(sheet.ink[box.y0 : box.y1, box.x0 : box.x1] & inner)
    if len(ys) < 0.5 * sheet.letter * sheet.letter:
        return False
    middle = (int(xs.min()) + int(xs.max())) / 2, (int(ys.min()) + int(ys.max())) / 2
    return abs(middle[0] - box.w / 2) <= 0.12 * box.w + 2 and abs(middle[1] - box.h / 2) <= 0.2 * box.h + 2
