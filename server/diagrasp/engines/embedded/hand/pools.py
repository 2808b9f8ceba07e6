"""Pools and lanes drawn by hand: bands between long level strokes that sway, lean and gape, with names at their left.

The borders are followed at a small scale, where a pen's wobble is less than a stroke's width, and are taken out of the
ink as ruled lines are: what is left encloses no area that looks like a symbol and leads no connector astray.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.hand.borders import UNIT, Border, borders, runs, shrunk, uncrossed
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

LONG, WIDE = 18.0, 0.5
"""Least length of a level border, in letter heights, and as a share of what all writing spans."""
ALIKE, ENDS = 0.75, 6.0
"""Share of the longer of two borders that lies beside the other one, and letter heights between their left ends."""
LOWEST = 1.6
"""Least height of a pool, in letter heights."""
SIDE, NEAR = 0.6, 1.2
"""Least share of a side that is drawn, and how far off in letter heights it may be."""
STRIP = (1.0, 5.0)
"""Width of a strip with a name, in letter heights."""
FLAT = 5.0
"""Height, in letter heights, up to which a pool is closed: nothing but its name is in it."""
CORNER = 2.5
"""Distance from a pool's upper left corner, in letter heights, within which its name begins where it is level."""
PART = 0.35
"""Share of a turned line of writing that lies in a band that it names: it may name the next one, too."""
BESIDE, WORDS = 0.6, 1.2
"""Share of the narrower of two turned pieces of writing that lies beside the other, and the gap between them in letter
heights, where they are one line."""


class _Band(NamedTuple):
    """What lies between two borders; its left, whether its right side is drawn, and where a strip at its left ends."""

    top: Border
    bottom: Border
    left: float
    closed: bool
    strip: float | None


class Pools(NamedTuple):
    """Frames, (H, W) bool the ink of their borders, and the lines of writing, names parted where lanes are."""

    frames: list[Frame]
    borders: Mask
    lines: list[TextLine]


def find_pools(ink: Mask, text: Mask, lines: Sequence[TextLine], letter: float) -> Pools | None:
    """The pools and lanes of a page; None where there are none.

    Args:
        ink: (H, W) bool.
        text: (H, W) bool, that of the writing.
        lines: the writing.
    """
    if len(lines) < 3:
        return None
    small, scale = shrunk(ink & ~text, letter)
    words = np.zeros(small.shape, bool)
    for line in lines:
        x0, y0, x1, y1 = (round(v * scale) for v in line.box)
        words[max(0, y0) : y1 + 1, max(0, x0) : x1 + 1] = True
    span = (max(t.box.x1 for t in lines) - min(t.box.x0 for t in lines)) * scale
    level = runs(small)
    long = [b for b in borders(level, words) if b.end - b.start >= max(LONG * UNIT, WIDE * span)]
    if len(long) < 2:
        return None
    upright = runs(np.ascontiguousarray(small.T)).T
    bands = [b for b in _bands(long, upright) if _is_pool(b, lines, scale)]
    if not bands:
        return None
    frames: list[Frame] = []
    out = list(lines)
    for stack in _stacks(bands):
        more, out = _frames(stack, out, letter)
        frames += more
    return Pools(frames, _mask(bands, ink, upright, scale), out)


def _is_pool(band: _Band, lines: Sequence[TextLine], scale: float) -> bool:
    """Whether a band is a pool or a lane: it has a name written upwards, or it is closed and has a strip or a name."""
    names = _names(band, lines, scale)
    return any(lines[k].vertical for k in names) or (band.closed and (bool(names) or band.strip is not None))


def _bands(found: list[Border], upright: Mask) -> list[_Band]:
    """The bands between borders next to one another, the left sides of which are drawn."""
    out: list[_Band] = []
    for i, top in enumerate(found):
        for bottom in found[i + 1 :]:
            long = max(top.end - top.start, bottom.end - bottom.start)
            both = min(top.end, bottom.end) - max(top.start, bottom.start)
            if both < ALIKE * long or abs(top.start - bottom.start) > ENDS * UNIT:
                continue
            middle = 0.5 * (max(top.start, bottom.start) + min(top.end, bottom.end))
            if bottom.over(middle) - top.over(middle) < LOWEST * UNIT:
                continue
            band = _band(top, bottom, upright)
            if band is not None:
                out = [b for b in out if b.bottom is not bottom]  # a side may be drawn twice
                out.append(band)
                break
    return out


def _band(top: Border, bottom: Border, upright: Mask) -> _Band | None:
    lefts = sorted({top.start, bottom.start})
    left = next((x for x in lefts if _side(upright, x, top, bottom) >= SIDE), None)
    if left is None:
        return None
    closed = any(_side(upright, x, top, bottom) >= SIDE for x in {top.end, bottom.end})
    strip = None
    low, high = (round(left + s * UNIT) for s in STRIP)
    for x in range(low, high + 1):
        if _side(upright, float(x), top, bottom, near=0.3) >= 0.75:
            strip = float(x)
            break
    return _Band(top, bottom, left, closed, strip)


def _side(upright: Mask, x: float, top: Border, bottom: Border, near: float = NEAR) -> float:
    """The share of a side between two borders that is drawn."""
    y0, y1 = round(top.over(x)) + 2, round(bottom.over(x)) - 1
    if y1 - y0 < UNIT:
        return 0.0
    columns = slice(max(0, round(x - near * UNIT)), round(x + near * UNIT) + 1)
    drawn = upright[max(0, y0) : y1, columns].any(axis=1)
    return float(drawn.mean()) if drawn.size else 0.0


def _names(band: _Band, lines: Sequence[TextLine], scale: float) -> list[int]:
    """The lines of writing at a band's left that name it: turned ones, else a level one in its corner."""
    out = []
    for k, line in enumerate(lines):
        x = line.box.cx * scale
        if not line.vertical or not -NEAR * UNIT <= x - band.left <= (STRIP[1] + ENDS) * UNIT:
            continue
        y0, y1 = max(line.box.y0 * scale, band.top.over(x)), min(line.box.y1 * scale, band.bottom.over(x))
        if y1 - y0 >= PART * line.box.h * scale:
            out.append(k)
    if out:
        return out
    flat = float(np.median(band.bottom.ys)) - float(np.median(band.top.ys)) <= FLAT * UNIT
    for k, line in enumerate(lines):
        x, y = line.box.x0 * scale, line.box.cy * scale
        if line.vertical or not band.top.over(x) < y < band.bottom.over(x) or not band.left < x < band.top.end:
            continue
        corner = x - band.left <= CORNER * UNIT and line.box.y0 * scale - band.top.over(x) <= CORNER * UNIT
        if flat or corner:
            out.append(k)
    return out[:1]


def _stacks(bands: list[_Band]) -> list[list[_Band]]:
    """Bands one below the other that share a border, as lanes of a pool do."""
    out: list[list[_Band]] = []
    for band in sorted(bands, key=lambda b: b.top.at):
        for stack in out:
            if stack[-1].bottom is band.top:
                stack.append(band)
                break
        else:
            out.append([band])
    return out


def _frames(stack: list[_Band], lines: list[TextLine], letter: float) -> tuple[list[Frame], list[TextLine]]:
    """A pool, and its lanes where it has several; and the lines, those parted that name several lanes."""
    scale = UNIT / letter
    left = min(b.left for b in stack)
    right = max(max(b.top.end, b.bottom.end) for b in stack)
    inner = left
    if len(stack) > 1:
        start = float(np.median([b.bottom.start for b in stack[:-1]]))
        inner = start if start - left >= STRIP[0] * UNIT else left
    whole = _box(left, stack[0].top, right, stack[-1].bottom, scale)
    if len(stack) == 1:
        lines = _whole(lines, _names(stack[0], lines, scale), letter)
        return [Frame(whole, title=_title(stack[0], whole, left, lines, scale))], lines
    frames: list[Frame] = []
    if inner > left:
        strip = Rect(whole.x0, whole.y0, round(inner / scale), whole.y1)
        frames.append(Frame(whole, title=strip))
        inside = [k for k, t in enumerate(lines) if t.vertical and strip.inside(int(t.box.cx), int(t.box.cy))]
        lines = _whole(lines, inside, letter)
    lines = _parted(stack, inner, lines, scale)
    for band in stack:
        box = _box(inner, band.top, right, band.bottom, scale)
        names = [k for k in _names(band, lines, scale) if lines[k].box.cx * scale >= inner]
        lines = _whole(lines, names, letter)
        frames.append(Frame(box, title=_title(band, box, inner, lines, scale)))
    return frames, lines


def _whole(lines: list[TextLine], names: list[int], letter: float) -> list[TextLine]:
    """The lines, pieces of one turned line that stand above one another as one.

    Args:
        names: which lines may be pieces.
    """
    turned = sorted((lines[k] for k in names if lines[k].vertical), key=lambda t: t.box.y0)
    whole: list[TextLine] = []
    for line in turned:
        for k, other in enumerate(whole):
            a, b = other.box, line.box
            beside = min(a.x1, b.x1) - max(a.x0, b.x0) >= BESIDE * min(a.w, b.w)
            if beside and b.y0 - a.y1 <= WORDS * letter:
                whole[k] = replace(other, box=a.union(b), letters=(*other.letters, *line.letters))
                break
        else:
            whole.append(line)
    if len(whole) == len(turned):
        return lines
    return [t for t in lines if not any(t is o for o in turned)] + whole


def _box(left: float, top: Border, right: float, bottom: Border, scale: float) -> Rect:
    return Rect(*(round(v / scale) for v in (left, top.at, right, bottom.at)))


def _title(band: _Band, box: Rect, left: float, lines: Sequence[TextLine], scale: float) -> Rect:
    """Where a band's name stands: around it, else its strip, else its left end."""
    names = [lines[k].box for k in _names(band, lines, scale)]
    names = [r for r in names if r.cx * scale >= left] or names
    if names:
        rect = names[0]
        for other in names[1:]:
            rect = rect.union(other)
        return Rect(max(rect.x0, box.x0) if rect.cx >= box.x0 else rect.x0, rect.y0, rect.x1, rect.y1)
    end = band.strip if band.strip is not None and band.strip > left else left + STRIP[0] * UNIT
    return Rect(box.x0, box.y0, round(end / scale), box.y1)


def _parted(stack: list[_Band], inner: float, lines: list[TextLine], scale: float) -> list[TextLine]:
    """The lines; a turned one that runs on over a border between two lanes as one for each."""
    out: list[TextLine] = []
    for line in lines:
        x = line.box.cx * scale
        if not line.vertical or not inner <= x <= inner + STRIP[1] * UNIT:
            out.append(line)
            continue
        cuts = [b.bottom.over(x) / scale for b in stack[:-1]]
        cuts = [c for c in cuts if line.box.y0 + 0.15 * line.box.h < c < line.box.y1 - 0.15 * line.box.h]
        rows = np.searchsorted(np.array(cuts), [r.cy for r in line.letters])
        for row in sorted(set(rows.tolist())):
            own = tuple(r for r, k in zip(line.letters, rows, strict=True) if k == row)
            box = Rect(min(r.x0 for r in own), min(r.y0 for r in own), max(r.x1 for r in own), max(r.y1 for r in own))
            out.append(replace(line, box=box, letters=own) if cuts else line)
    return out


def _mask(bands: list[_Band], ink: Mask, upright: Mask, scale: float) -> Mask:
    """(H, W) bool: the ink of borders, without the strokes that cross them."""
    letter = UNIT / scale
    near = np.zeros(ink.shape, np.uint8)
    sides = np.zeros(ink.shape, np.uint8)
    wide = max(3, round(0.5 * letter))
    for border in {id(b): b for band in bands for b in (band.top, band.bottom)}.values():
        points = np.stack([(border.xs + 0.5) / scale, (border.ys + 0.5) / scale], axis=1)
        cv2.polylines(near, [np.rint(points).astype(np.int32)], False, 1, wide)
    for band in bands:
        for x in {band.left, band.top.end, band.bottom.end} | ({band.strip} if band.strip is not None else set()):
            y0, y1 = band.top.over(x), band.bottom.over(x)
            box = [round(v / scale) for v in (x - NEAR * UNIT, y0, x + NEAR * UNIT, y1)]
            sides[max(0, box[1]) : box[3], max(0, box[0]) : box[2]] = 1
    long = cv2.resize(upright.astype(np.uint8), (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    long = cv2.dilate(long.astype(np.uint8), np.ones((1, 2 * round(0.15 * letter) + 1), np.uint8)) > 0
    return uncrossed(ink, ink & (near > 0), letter) | uncrossed(ink.T, (ink & (sides > 0) & long).T, letter).T
