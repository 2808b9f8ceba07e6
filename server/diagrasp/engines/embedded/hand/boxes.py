"""Boxes around writing whose outlines do not close: a side for each side of the words, most of them drawn.

A hurried hand leaves corners open, and printed squares that a stroke follows are taken away with the squares.  Where
lines of writing stand between strokes that run along at least three of their sides, these are a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import TextLine

REACH = 2.2
"""Distance from the words, in letter heights, within which a box's side lies."""
SWAY = 0.35
"""How far a side strays from straight, in letter heights, either way."""
DRAWN, PARTLY = 0.6, 0.2
"""Share of a side that is drawn, and the share that a weak one has."""
SUM = 2.5
"""Shares of all four sides together that a box has at least."""
OTHERS = 0.4
"""Distance from a symbol, in letter heights, at which strokes are that symbol's and no side of another one."""
OVERRUNS = 1
"""Sides' ends that go straight on beyond the box's corners at most."""
FIT = 0.85
"""How well such a box counts as fitting."""


class _Side(NamedTuple):
    """A side: its place across, and the share of it that is drawn."""

    at: int
    share: float


def open_boxes(sheet: Sheet, drawn: Mask, lines: Sequence[TextLine], nodes: Sequence[Symbol]) -> list[Symbol]:
    """Boxes around lines that no symbol holds.

    Args:
        drawn: (H, W) bool, ink of outlines and connectors.
    """
    free = unheld(lines, nodes)
    out: list[Symbol] = []
    thick = cv2.dilate(drawn.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    own = thick & (covering(sheet.ink.shape, nodes, OTHERS * sheet.letter) == 0) if free else thick
    for block in blocks_of(free, sheet.letter):
        box = _box(own, block, sheet.letter)
        if (
            box is None
            or overruns(thick, box, sheet.letter) > OVERRUNS
            or any(box.overlap(n.outline.box) > 0.3 * min(_area(box), _area(n.outline.box)) for n in nodes)
        ):
            continue
        symbol = _symbol(sheet, drawn, box)
        if not any(symbol.outline.box.overlap(o.outline.box) > 0.3 * _area(o.outline.box) for o in out):
            out.append(symbol)
    return out


def covering(shape: tuple[int, ...], nodes: Sequence[Symbol], by: float) -> NDArray[np.uint8]:
    """(H, W) uint8: 1 where symbols are, their outlines and `by` pixels around them included."""
    out = np.zeros(shape, np.uint8)
    for node in nodes:
        b = node.outline.box
        view = out[b.y0 : b.y1, b.x0 : b.x1]
        view |= (node.outline.mask[: view.shape[0], : view.shape[1]] > 0).astype(np.uint8)
    side = 2 * max(1, round(by)) + 1
    return np.asarray(cv2.dilate(out, np.ones((side, side), np.uint8)), np.uint8)


def unheld(lines: Sequence[TextLine], nodes: Sequence[Symbol]) -> list[TextLine]:
    """The level lines of writing that no symbol holds."""
    return [t for t in lines if not t.vertical and not any(_holds(n, t) for n in nodes)]


def _area(r: Rect) -> int:
    return r.w * r.h


def _holds(node: Symbol, line: TextLine) -> bool:
    b, x, y = node.outline.box, int(line.box.cx), int(line.box.cy)
    return b.inside(x, y) and bool(node.outline.mask[y - b.y0, x - b.x0])


def blocks_of(lines: Sequence[TextLine], letter: float) -> list[Rect]:
    """The bounds of lines that stand close below one another, and those of each line alone."""
    blocks: list[Rect] = []
    for line in sorted(lines, key=lambda t: t.box.y0):
        b = line.box
        for k, other in enumerate(blocks):
            across = min(b.x1, other.x1) - max(b.x0, other.x0)
            if -letter <= b.y0 - other.y1 <= 1.2 * letter and across >= 0.5 * min(b.w, other.w):
                blocks[k] = other.union(b)
                break
        else:
            blocks.append(b)
    return blocks + [t.box for t in lines if t.box not in blocks]


def _box(drawn: Mask, words: Rect, letter: float) -> Rect | None:
    height, width = drawn.shape
    reach, sway = round(REACH * letter), max(2, round(SWAY * letter))
    rows = slice(max(0, words.y0), min(height, words.y1))
    columns = slice(max(0, words.x0), min(width, words.x1))
    left = _side(drawn[rows, max(0, words.x0 - reach) : words.x0 + sway][:, ::-1], sway)
    right = _side(drawn[rows, words.x1 - sway : words.x1 + reach], sway)
    top = _side(drawn[max(0, words.y0 - reach) : words.y0 + sway, columns].T[:, ::-1], sway)
    bottom = _side(drawn[words.y1 - sway : words.y1 + reach, columns].T, sway)
    sides = (left, right, top, bottom)
    shares = [s.share if s is not None else 0.0 for s in sides]
    firm = sum(share >= DRAWN for share in shares)
    if sum(shares) < SUM or firm < 2 or min(shares) < PARTLY * (firm < 3):
        return None
    if firm == 2 and not (min(shares[:2]) >= 0.8 or min(shares[2:]) >= 0.8):
        return None
    ends = [s.at if s is not None else round(1.2 * letter) for s in sides]
    box = Rect(
        words.x0 + sway - ends[0], words.y0 + sway - ends[2], words.x1 - sway + ends[1], words.y1 - sway + ends[3]
    )
    return box if box.w >= 2 * letter and box.h >= 1.3 * letter else None


def overruns(drawn: Mask, box: Rect, letter: float) -> int:
    """How many ends of the sides go straight on beyond the corners: lanes and connectors do, a box does not."""
    sway, near, far = max(2, round(SWAY * letter)), round(0.6 * letter), round(1.6 * letter)
    found = 0
    for flat, at, ends in (
        (True, box.y0, (box.x0, box.x1)), (True, box.y1, (box.x0, box.x1)),
        (False, box.x0, (box.y0, box.y1)), (False, box.x1, (box.y0, box.y1)),
    ):  # fmt: skip
        for end, way in zip(ends, (-1, 1), strict=True):
            a, b = sorted((end + way * near, end + way * far))
            across = slice(max(0, at - sway), at + sway + 1)
            along = slice(max(0, a), max(0, b))
            band = drawn[across, along] if flat else drawn[along, across].T
            if band.size and np.count_nonzero(np.any(band, axis=0)) >= 0.8 * band.shape[1]:
                found += 1
    return found


def _side(band: Mask, sway: int) -> _Side | None:
    """The stroke along the words that is nearest to them among the well drawn ones.

    Args:
        band: (N, D) bool, the ink beside the words, by place along the side and distance from them.
    """
    if not band.size or band.shape[1] <= sway:
        return None
    count = np.cumsum(np.pad(band, ((0, 0), (1, 0))), axis=1)
    span = min(2 * sway + 1, band.shape[1])
    inked = np.asarray(count[:, span:] - count[:, :-span], np.int64) > 0
    share = np.mean(inked, axis=0)
    if not len(share) or share.max() < PARTLY:
        return None
    good = np.flatnonzero(share >= min(DRAWN, float(share.max())))
    first = int(good[0])
    k = first + int(share[first : first + span].argmax())
    ink = np.flatnonzero(band[:, k : k + span].any(axis=0))
    return _Side(k + int(np.median(ink)), float(share[k]))


def _symbol(sheet: Sheet, drawn: Mask, box: Rect) -> Symbol:
    """A box as a symbol: the hull of its sides."""
    letter = sheet.letter
    sway = max(2, round(SWAY * letter))
    x0, y0 = max(0, box.x0 - sway), max(0, box.y0 - sway)
    x1, y1 = min(sheet.width, box.x1 + sway), min(sheet.height, box.y1 + sway)
    near: NDArray[np.uint8] = np.zeros((y1 - y0, x1 - x0), np.uint8)
    corners = (box.x0 - x0, box.y0 - y0), (box.x1 - x0, box.y1 - y0)
    cv2.rectangle(near, *corners, 1, 2 * sway)
    inset = max(1, round(0.25 * letter))
    own = np.zeros_like(near)
    (left, top), (right, bottom) = corners
    cv2.rectangle(own, (left + inset, top + inset), (right - inset, bottom - inset), 1, -1)
    own |= ((near > 0) & drawn[y0:y1, x0:x1]).astype(np.uint8)
    ys, xs = np.nonzero(own)
    hull = cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.int32).reshape(-1, 1, 2))
    mask = np.zeros_like(near)
    cv2.fillConvexPoly(mask, hull, 1)
    rect = Rect(x0 + int(xs.min()), y0 + int(ys.min()), x0 + int(xs.max()) + 1, y0 + int(ys.max()) + 1)
    mask = np.ascontiguousarray(mask[rect.y0 - y0 : rect.y1 - y0, rect.x0 - x0 : rect.x1 - x0])
    outline = Outline(sheet.page, rect, mask, Fit("rounded", FIT), int(mask.sum()), sheet.page)
    return Symbol(outline, "rounded", max(3, round(0.16 * letter)))
