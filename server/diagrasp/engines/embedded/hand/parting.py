"""The ink of found lines of writing parted from outlines and connectors that it touches or that run through it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.short import squarish
from diagrasp.engines.embedded.hand.writing import Line, Writing
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

LETTER = 0.62
"""Height of a letter over the height of a found line."""
WHOLE = 0.8
"""Share of a piece of ink within lines from which on all of it is writing."""
LEVEL, UPRIGHT = 2.2, 2.6
"""Length, in letter heights, of straight strokes that no letter has: outlines and connectors."""
LEANS = (-0.18, -0.09, 0.0, 0.09, 0.18)
"""How much such strokes rise over their length, or lean."""
LEAVES = 0.15
"""Share of such a stroke that lies outside of writing."""
SIGNS = 6
"""Strokes and rings that signs and dashed lines consist of at most."""
LONGISH = 1.8
"""Width over height of the widest ring: short words are wider."""
GAPING = 0.28
"""Gap, in letter heights, that a ring may have and be one."""
ALONE = 3.2
"""Length, in letter heights, of a straight level stroke that no letter has, though it keeps to its line of text."""
SPARSE, ENCLOSED = 0.2, 0.6
"""Share of its bounds that an outline's strokes cover at most, and that its hull covers at least."""
FREE = 3
"""Letters that stand free in a line from which on what touches an outline is the outline."""
THIN = 0.35
"""Greatest breadth of such a stroke, in letter heights."""
ARROW, SHORT, HEAD, SHAFT = 2.0, 1.5, 1.4, 0.3
"""Least length of an arrow beside letters and of one alone, greatest breadth of its head and of most of its length, in
letter heights."""
HOLE = 0.58
"""Least side, in letter heights, of what an event's ring encloses that touches a connector."""


def letter_of(writing: Writing) -> float | None:
    """Height of a letter in pixels of the picture, by the usual height of its lines; None without lines."""
    heights = [line.height for line in writing.lines if not squarish(line)]
    return LETTER * float(np.median(heights)) if heights else None


def scaled(writing: Writing, shape: tuple[int, ...], pad: int) -> Writing:
    """The same writing on a sheet of another size, with a margin around it."""
    height, width = shape[0] - 2 * pad, shape[1] - 2 * pad
    fx, fy = width / writing.areas.shape[1], height / writing.areas.shape[0]
    areas = cv2.resize(writing.areas, (width, height), interpolation=cv2.INTER_NEAREST)
    lines = [
        Line(
            Rect(*(round(v * f) + pad for v, f in zip(line.box, (fx, fy, fx, fy), strict=True))),
            line.height * 0.5 * (fx + fy),
            line.vertical,
            line.word,
        )
        for line in writing.lines
    ]
    return Writing(lines, np.pad(np.asarray(areas, np.int32), pad))


def part(ink: Mask, writing: Writing, letter: float) -> tuple[Mask, Mask, list[TextLine]]:
    """The ink of the writing, which of it hangs together with what is drawn, and the lines.

    Args:
        ink: (H, W) bool, the sheet's.
        writing: at the sheet's size.
    """
    pieces = _pieces(ink)
    areas = _without_signs(np.where(ink, writing.areas, 0), writing, pieces)
    within = areas > 0
    share = np.bincount(pieces.labels[within], minlength=len(pieces.stats)) / np.maximum(pieces.stats[:, 4], 1)
    whole, mixed = share >= WHOLE, (share > 0) & (share < WHOLE)
    whole[0] = mixed[0] = False
    several = mixed[pieces.labels]
    text = whole[pieces.labels] | (several & within & ~_strokes(several, within, letter))
    alone = _alone(whole[pieces.labels], pieces.stats[1:, :4].tolist(), letter)
    sides = _alone(text & several, [(b.x0, b.y0, b.w, b.h) for b in _fitting(writing.lines, ink)], letter)
    alone |= sides | _of_outlines(sides, text & several, whole[pieces.labels], areas, pieces)
    hanging = several.copy() if alone.any() else several
    if alone.any():
        text &= ~alone
        hanging |= np.isin(pieces.labels, np.unique(pieces.labels[alone]))
    text = _without_rings(text, hanging, areas, letter)
    text = _without_drawn(text, areas, writing, letter)
    text |= _scraps(ink & ~text, text, letter)
    return text, text & several, _text_lines(text, writing, areas, letter)


class _Pieces(NamedTuple):
    """Connected pieces of ink: (H, W) their numbers, and their bounds and areas."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]


def _pieces(ink: Mask) -> _Pieces:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    return _Pieces(np.asarray(labels, np.int32), np.asarray(stats, np.int32))


def _without_drawn(text: Mask, areas: NDArray[np.int32], writing: Writing, letter: float) -> Mask:
    """The writing without what is drawn: lines of strokes and rings only, rings above or below a line's letters."""
    pieces = _pieces(text)
    mine: list[list[int]] = [[] for _ in writing.lines]
    for i in range(1, len(pieces.stats)):
        x, y, w, h, area = (int(v) for v in pieces.stats[i])
        if area < 0.03 * letter * letter:
            continue
        inside = areas[y : y + h, x : x + w][pieces.labels[y : y + h, x : x + w] == i]
        inside = inside[inside > 0]
        if len(inside):
            mine[int(np.bincount(inside).argmax()) - 1].append(i)
    drop = np.zeros(len(pieces.stats), bool)
    for line, numbers in zip(writing.lines, mine, strict=True):
        looks = {i: _look(pieces, i, letter) for i in numbers}
        around = _around(pieces, numbers)
        drop[around] = True
        numbers = [i for i in numbers if i not in around]
        letters = [i for i in numbers if looks[i] is None or (looks[i] == "arrow" and len(numbers) > 1)]
        level = [i for i in numbers if looks[i] == "stroke" and pieces.stats[i, 2] >= 1.5 * pieces.stats[i, 3]]
        others = [i for i in numbers if i not in level]  # a head, a corner
        dashes = len(level) >= max(1, len(others)) and (len(others) <= 1 or len(level) >= 2)
        dashes = dashes and len(others) <= 2 and all(_brief(pieces, [i], letter) for i in others)
        dashes = dashes and (len(others) <= 1 or not _overlapping(pieces, level))
        if not numbers or line.word:
            continue
        if _brief(pieces, numbers, letter) or dashes or (not letters and len(numbers) <= SIGNS):
            drop[numbers] = True
            continue
        drop[[i for i in numbers if looks[i] == "arrow" and pieces.stats[i, 2:4].max() >= ARROW * letter]] = True
        at, size = (0, 2) if line.vertical else (1, 3)
        spans = pieces.stats[letters] if letters else pieces.stats[numbers]
        middle = float(np.median(spans[:, at] + 0.5 * spans[:, size]))
        tall = float(np.percentile(spans[:, size], 80))
        for i in numbers:
            off = abs(float(pieces.stats[i, at] + 0.5 * pieces.stats[i, size]) - middle)
            side = int(pieces.stats[i, 2:4].max())
            if looks[i] == "ring" and side >= letter and (off >= 0.45 * letter or side > 1.35 * tall):
                drop[i] = True
        left = [i for i in numbers if not drop[i]]
        if left and len(left) < len(numbers) and _sparse(pieces, left, looks, letter):  # a fold, dashes beside a sheet
            drop[left] = True
    return text & ~drop[pieces.labels]


def _around(pieces: _Pieces, numbers: list[int]) -> list[int]:
    """The outlines among a line's pieces: one that most of the others, two at least, lie within."""
    if len(numbers) < 3:
        return []
    x, y, w, h = pieces.stats[numbers, :4].T
    within = (x[:, None] <= x) & (y[:, None] <= y) & ((x + w)[:, None] >= x + w) & ((y + h)[:, None] >= y + h)
    held = within.sum(axis=1) - 1
    return [
        i
        for i, many in zip(numbers, held.tolist(), strict=True)
        if many >= max(2, 0.6 * (len(numbers) - 1)) and _hollow(pieces, i)
    ]


def _hollow(pieces: _Pieces, i: int) -> bool:
    """Whether a piece is thin strokes around most of its bounds."""
    x, y, w, h, area = (int(v) for v in pieces.stats[i])
    if area > SPARSE * w * h:
        return False
    own = np.pad((pieces.labels[y : y + h, x : x + w] == i).astype(np.uint8), 1)
    return bool(cv2.contourArea(cv2.convexHull(_outer(own))) >= ENCLOSED * w * h)


def _overlapping(pieces: _Pieces, numbers: list[int]) -> bool:
    """Whether two strokes lie above one another, as those of an equals sign do."""
    spans = sorted((int(pieces.stats[i, 0]), int(pieces.stats[i, 0] + pieces.stats[i, 2])) for i in numbers)
    return any(b[0] < a[1] for a, b in pairwise(spans))


def _sparse(pieces: _Pieces, numbers: list[int], looks: dict[int, str | None], letter: float) -> bool:
    """Whether what is left beside a ring is a stroke or two and a head."""
    others = [i for i in numbers if looks[i] != "stroke"]
    return len(numbers) <= 3 and (not others or _brief(pieces, others, letter)) and len(others) <= 1


def _brief(pieces: _Pieces, numbers: list[int], letter: float) -> bool:
    """Whether a line is one piece or two, no wider than a letter: a head, a fold, a sign."""
    mine = pieces.stats[numbers]
    wide = int((mine[:, 0] + mine[:, 2]).max() - mine[:, 0].min())
    high = int((mine[:, 1] + mine[:, 3]).max() - mine[:, 1].min())
    return len(numbers) <= 2 and max(wide, high) <= 1.6 * letter


def _look(pieces: _Pieces, i: int, letter: float) -> str | None:
    """Whether a piece is a straight "stroke", an "arrow" or a "ring", open or with something in it; else None."""
    x, y, w, h, area = (int(v) for v in pieces.stats[i])
    by = max(1, round(0.5 * GAPING * letter))
    own = np.pad((pieces.labels[y : y + h, x : x + w] == i).astype(np.uint8), by + 1)
    contour = _outer(own)
    (_, sides, _) = cv2.minAreaRect(contour)
    if min(sides) <= 0.3 * letter and max(sides) >= 2.0 * min(sides):
        return "stroke"
    if max(w, h) >= SHORT * letter and min(w, h) <= HEAD * letter and max(w, h) >= 1.6 * min(w, h):
        along = own.argmax(axis=int(h >= w)), own[:, ::-1].argmax(axis=1) if h >= w else own[::-1].argmax(axis=0)
        across = (own.shape[int(h >= w)] - along[1] - along[0])[by + 1 : -by - 1]
        if float(np.percentile(across, 60)) <= SHAFT * letter:
            return "arrow"
    if min(w, h) >= 1.5 * letter and w <= LONGISH * h and area <= 0.22 * w * h:  # a sheet whose side is missing
        return "ring"
    if min(w, h) >= 0.7 * letter:
        contour = _outer(closed_gaps(own, by))
    filled, hull = cv2.contourArea(contour), cv2.contourArea(cv2.convexHull(contour))
    if min(w, h) >= 0.7 * letter and 0.5 <= w / h <= LONGISH and filled >= 0.85 * hull and area <= 0.65 * filled:
        return "ring"
    return None


def closed_gaps(piece: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """A piece of ink, padded, with gaps of up to twice `by` pixels closed."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return np.asarray(cv2.morphologyEx(piece, cv2.MORPH_CLOSE, disc), np.uint8)


def _outer(piece: NDArray[np.uint8]) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=len), np.int32)


def _without_rings(text: Mask, several: Mask, areas: NDArray[np.int32], letter: float) -> Mask:
    """The writing without the rings of events that hang together with a connector and stand off the line's middle.

    Args:
        several: (H, W) bool, ink of pieces that are writing only in part.
    """
    _, holes, stats, centres = cv2.connectedComponentsWithStats((~several).astype(np.uint8), connectivity=4)
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    round_ = (np.minimum(w, h) >= HOLE * letter) & (np.maximum(w, h) <= 2.6 * letter)
    round_ &= (np.minimum(w, h) >= 0.6 * np.maximum(w, h)) & (area >= 0.66 * w * h)
    out = text
    for i in np.flatnonzero(round_):
        x, y, wide, high = (int(v) for v in stats[i, :4])
        by = max(2, round(0.25 * letter))
        view = slice(max(0, y - by), y + high + by), slice(max(0, x - by), x + wide + by)
        hole = (holes[view] == i).astype(np.uint8)
        ring = (cv2.dilate(hole, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0) & text[view] & several[view]
        numbers = areas[view][ring]
        if not len(numbers) or bool((text[view] & (hole > 0)).any()):
            continue
        rows = np.flatnonzero((areas == int(np.bincount(numbers).argmax())).any(axis=1))
        middle, tall = 0.5 * float(rows[0] + rows[-1]), float(rows[-1] - rows[0])
        aside = abs(float(centres[i][1]) - middle) >= 0.4 * letter
        if aside or (high >= letter and high + 0.3 * letter > 0.9 * tall):
            out = out.copy() if out is text else out
            out[view] &= ~ring
    return out


def _without_signs(areas: NDArray[np.int32], writing: Writing, pieces: _Pieces) -> NDArray[np.int32]:
    """The areas without those that hold one piece of ink, or ink of something larger: signs, heads, dashes."""
    out = areas
    for number, line in enumerate(writing.lines, 1):
        if not squarish(line):
            continue
        b = line.box
        view = areas[b.y0 : b.y1, b.x0 : b.x1] == number
        found, counts = np.unique(pieces.labels[b.y0 : b.y1, b.x0 : b.x1][view], return_counts=True)
        found, counts = found[counts >= 0.1 * counts.sum()], counts[counts >= 0.1 * counts.sum()]
        larger = np.maximum(pieces.stats[found, 2], pieces.stats[found, 3]) > 1.5 * max(b.w, b.h)
        if line.word:
            continue
        if (~larger).sum() < 2 or counts[larger].sum() > 0.4 * counts.sum():
            if out is areas:
                out = areas.copy()
            out[b.y0 : b.y1, b.x0 : b.x1][view] = 0
    return out


def _strokes(ink: Mask, within: Mask, letter: float) -> Mask:
    """Straight strokes longer than those of letters, level or upright or nearly so, that leave their line of text."""
    long = _straight(ink, letter, ((LEVEL, False), (UPRIGHT, True)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(long.astype(np.uint8), connectivity=8)
    outside = np.bincount(labels[long & ~within], minlength=count)
    leaves = outside >= LEAVES * stats[:, 4]
    leaves[0] = False
    return np.asarray(leaves[labels])


def _alone(ink: Mask, places: Sequence[Sequence[int]], letter: float) -> Mask:
    """Level strokes so long and so straight that they are no letters', though they keep to a line of text.

    Args:
        places: x, y, width and height of where to look.
    """
    out = np.zeros_like(ink)
    for x, y, w, h in places:
        view = slice(y, y + h), slice(x, x + w)
        if w < ALONE * letter or not ink[view].any():
            continue
        long = _straight(ink[view], letter, ((ALONE, False),), (-0.09, -0.045, 0.0, 0.045, 0.09))
        count, labels = cv2.connectedComponents(long.astype(np.uint8), connectivity=8)
        for i in range(1, count):
            points = cv2.findNonZero((labels == i).astype(np.uint8))
            _, sides, _ = cv2.minAreaRect(points)
            if max(sides) >= ALONE * letter and min(sides) <= THIN * letter:
                out[view] |= labels == i
    return out


def _of_outlines(sides: Mask, touching: Mask, letters: Mask, areas: NDArray[np.int32], pieces: _Pieces) -> Mask:
    """The rest of outlines with such sides that are drawn close around a line, most letters of which stand free.

    Args:
        touching: (H, W) bool, ink in lines that hangs together with what is drawn.
        letters: (H, W) bool, ink in lines that does not.
    """
    out = np.zeros_like(sides)
    for number in np.unique(areas[sides]).tolist():
        mine = areas == number
        free = np.unique(pieces.labels[mine & letters])
        if number and len(free) >= FREE:
            held = np.unique(pieces.labels[mine & sides])
            out |= mine & touching & np.isin(pieces.labels, held)
    return out


def _fitting(lines: list[Line], ink: Mask) -> list[Rect]:
    """The lines' bounds, as far as they lie on the sheet."""
    sheet = Rect(0, 0, ink.shape[1], ink.shape[0])
    return [cut for line in lines if not line.vertical and (cut := _common(line.box, sheet)) is not None]


def _straight(ink: Mask, letter: float, runs: tuple[tuple[float, bool], ...], leans: tuple[float, ...] = LEANS) -> Mask:
    """The pixels of straight runs of so many letter heights, level (False) or upright (True), or leaning a little."""
    height, width = ink.shape
    halves = max(1, width // 2), max(1, height // 2)
    half = cv2.resize(ink.astype(np.float32), halves, interpolation=cv2.INTER_AREA) > 0
    thick = half.astype(np.uint8)
    found = np.zeros(thick.shape, bool)
    for length, turned in runs:
        reach = max(3, round(0.5 * length * letter))
        for lean in leans:
            rise = round(lean * reach)
            kernel = np.zeros((abs(rise) + 1, reach), np.uint8)
            cv2.line(kernel, (0, max(0, -rise)), (reach - 1, max(0, rise)), 1, 1)
            kernel = np.ascontiguousarray(kernel.T) if turned else kernel
            found |= np.asarray(cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel)) > 0
    return np.asarray(ink & (cv2.resize(found.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0))


def _scraps(rest: Mask, text: Mask, letter: float) -> Mask:
    """Ends of letters that reach beyond their line: small pieces that touch the writing."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    near = cv2.dilate(text.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touching = np.bincount(labels[near & rest], minlength=count) > 0
    small = np.maximum(stats[:, 2], stats[:, 3]) <= 0.9 * letter
    small &= touching
    small[0] = False
    return np.asarray(small[labels])


def _common(a: Rect, b: Rect) -> Rect | None:
    both = Rect(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1))
    return both if both.w > 0 and both.h > 0 else None


def _text_lines(text: Mask, writing: Writing, areas: NDArray[np.int32], letter: float) -> list[TextLine]:
    """The lines with their pieces of ink; a piece belongs to the line that most of it lies in."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(text.astype(np.uint8), connectivity=8)
    letters: list[list[Rect]] = [[] for _ in writing.lines]
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        own = labels[y : y + h, x : x + w] == i
        numbers, counts = np.unique(areas[y : y + h, x : x + w][own], return_counts=True)
        for number, many in zip(numbers.tolist(), counts.tolist(), strict=True):
            if number == 0 or many < min(0.3 * area, 0.3 * letter * letter):
                continue
            if many >= 0.7 * area:
                letters[number - 1].append(Rect(x, y, x + w, y + h))
                continue
            ys, xs = np.nonzero(own & (areas[y : y + h, x : x + w] == number))  # letters of two lines that touch
            letters[number - 1].append(
                Rect(x + int(xs.min()), y + int(ys.min()), x + int(xs.max()) + 1, y + int(ys.max()) + 1)
            )
    out = []
    for line, found in zip(writing.lines, letters, strict=True):
        around = line.box.grow(0.2 * letter)  # tails of letters reach into other lines
        rects = [cut for r in found if (cut := _common(r, around)) is not None]
        if rects and max(max(r.w, r.h) for r in rects) >= 0.4 * letter:
            box = Rect(
                min(r.x0 for r in rects), min(r.y0 for r in rects), max(r.x1 for r in rects), max(r.y1 for r in rects)
            )
            out.append(TextLine(box, tuple(rects), 0, line.vertical, LETTER * line.height))
    return out
