"""Events and gateways as pens leave them: rings that gape, second rings around them, signs that cut them to pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.hand.parting import GAPING, closed_gaps
from diagrasp.engines.embedded.hand.symbols import EMPTY, fit_by_hand
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

LARGEST = 4.5
"""Side of the largest event or gateway, in letter heights."""
LONE = (0.75, 3.2)
"""Least and greatest side of a ring that nothing touches."""
COMMON = 0.3
"""Share of the smaller of two small symbols that lies in the other from which on they are pieces of one."""
APART = (0.12, 0.75)
"""Distance of a second ring from the first, in letter heights."""
AROUND, EVEN = 0.7, 0.22
"""Share of directions in which a second ring is seen, and how far its distance varies, in letter heights."""
RAYS = 48
SHEET = (1.1, 4.2)
"""Least width and greatest height of a sheet of paper, in letter heights."""
ALONG = 0.72
"""Share of its hull that a sheet's ink runs along."""


def whole_signs(sheet: Sheet, drawn: Mask, nodes: Sequence[Symbol]) -> list[Symbol]:
    """The symbols with events and gateways made whole.

    Args:
        drawn: (H, W) bool, ink of outlines and connectors.
    """
    out = _merged(sheet, list(nodes))
    out = [_twice(drawn, n, sheet.letter) for n in out]
    out += _lone(sheet, drawn, out)
    return out + _sheets(sheet, drawn, out)


def _small(symbol: Symbol, letter: float) -> bool:
    b = symbol.outline.box
    return symbol.shape in ("circle", "decision") and max(b.w, b.h) <= LARGEST * letter


def _merged(sheet: Sheet, nodes: list[Symbol]) -> list[Symbol]:
    """Without pairs of small symbols that overlap: each pair is one, whose hull has a shape of its own."""
    letter = sheet.letter
    k = 0
    while k < len(nodes):
        a = nodes[k].outline.box
        mate = next(
            (
                m for m in range(k + 1, len(nodes))
                if _small(nodes[k], letter) and _small(nodes[m], letter)
                and a.overlap(nodes[m].outline.box) >= COMMON * min(a.w * a.h, nodes[m].outline.area)
            ),
            None,
        )  # fmt: skip
        both = _union(sheet, nodes[k], nodes[mate]) if mate is not None else None
        if mate is None or both is None:
            k += 1
            continue
        nodes[k] = both
        del nodes[mate]
    return nodes


def _union(sheet: Sheet, a: Symbol, b: Symbol) -> Symbol | None:
    box = a.outline.box.union(b.outline.box)
    mask = np.zeros((box.h, box.w), np.uint8)
    for symbol in (a, b):
        r = symbol.outline.box
        mask[r.y0 - box.y0 : r.y1 - box.y0, r.x0 - box.x0 : r.x1 - box.x0] |= (symbol.outline.mask > 0).astype(np.uint8)
    points = cv2.findNonZero(mask)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    if max(box.w, box.h) > LARGEST * sheet.letter:
        return None
    fit = fit_by_hand(mask, sheet.letter)
    if fit.shape not in ("circle", "ellipse", "decision", "rounded", "hexagon"):
        return None
    shape = "decision" if "decision" in (a.shape, b.shape, fit.shape) else "circle"
    outline = Outline(sheet.page, box, mask, Fit(shape, fit.score), int(mask.sum()), sheet.page)
    return Symbol(outline, shape, max(a.border, b.border))


def _twice(drawn: Mask, symbol: Symbol, letter: float) -> Symbol:
    """An event whose outer ring gapes, grown to that ring."""
    if symbol.shape != "circle" or not _small(symbol, letter) or symbol.rings == 2:
        return symbol
    b = symbol.outline.box
    cx, cy, rx, ry = b.cx, b.cy, 0.5 * b.w, 0.5 * b.h
    height, width = drawn.shape
    low, high = APART
    far: list[float] = []
    steps = np.arange(low * letter, high * letter + 1.0, 1.0) + symbol.border
    for turn in np.linspace(0, 2 * np.pi, RAYS, endpoint=False):
        xs = np.rint(cx + np.cos(turn) * (rx + steps)).astype(int)
        ys = np.rint(cy + np.sin(turn) * (ry + steps)).astype(int)
        ok = (xs >= 0) & (ys >= 0) & (xs < width) & (ys < height)
        on = np.flatnonzero(ok & drawn[ys.clip(0, height - 1), xs.clip(0, width - 1)])
        if len(on):
            far.append(float(steps[on[0]]))
    if len(far) < AROUND * RAYS:
        return symbol
    usual = float(np.median(far))
    if float((np.abs(np.array(far) - usual) <= EVEN * letter).sum()) < AROUND * RAYS:
        return symbol
    by = round(usual)
    box = b.grow(by)
    x0, y0, x1, y1 = max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1)
    box = Rect(x0, y0, x1, y1)
    mask = np.zeros((box.h, box.w), np.uint8)
    cv2.ellipse(mask, (box.w // 2, box.h // 2), (box.w // 2, box.h // 2), 0, 0, 360, 1, cv2.FILLED)
    outline = replace(symbol.outline, box=box, mask=mask, area=int(mask.sum()))
    grown = Symbol(outline, "circle", symbol.border)
    grown.rings = 2
    grown.icons = list(symbol.icons)
    return grown


def _lone(sheet: Sheet, drawn: Mask, nodes: Sequence[Symbol]) -> list[Symbol]:
    """Rings that nothing touches and that enclose too little paper, or none for good."""
    letter = sheet.letter
    _, labels, stats, _ = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    side, least = np.maximum(stats[:, 2], stats[:, 3]), np.minimum(stats[:, 2], stats[:, 3])
    fits = (side <= LONE[1] * letter) & (least >= LONE[0] * letter) & (least >= 0.55 * side)
    fits[0] = False
    by = max(1, round(0.5 * GAPING * letter))
    out: list[Symbol] = []
    for i in np.flatnonzero(fits):
        x, y, w, h, area = (int(v) for v in stats[i])
        box = Rect(x, y, x + w, y + h)
        if any(n.outline.box.grow(0.2 * letter).overlap(box) > 0.3 * w * h for n in nodes):
            continue
        piece = np.pad((labels[y : y + h, x : x + w] == i).astype(np.uint8), by + 1)
        contours, _ = cv2.findContours(closed_gaps(piece, by), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        contour = np.asarray(max(contours, key=len), np.int32)
        hull = cv2.convexHull(contour)
        filled = cv2.contourArea(contour)
        if filled < 0.9 * cv2.contourArea(hull) or area > 0.8 * filled:
            continue
        mask = np.zeros((h, w), np.uint8)
        cv2.fillConvexPoly(mask, hull - (by + 1), 1)
        fit = fit_by_hand(mask, letter)
        if fit.score < EMPTY or fit.shape not in ("circle", "ellipse", "decision", "stadium", "rounded"):
            continue
        shape = "decision" if fit.shape == "decision" else "circle"
        if shape == "circle" and fit.shape == "rounded" and mask.mean() > 0.87:
            continue
        outline = Outline(sheet.page, box, mask, Fit(shape, fit.score), int(mask.sum()), sheet.page)
        out.append(Symbol(outline, shape, 2))
    return out


def _sheets(sheet: Sheet, drawn: Mask, nodes: Sequence[Symbol]) -> list[Symbol]:
    """Sheets of paper, a side of which is missing: upright pieces whose ink runs along most of their hull."""
    letter = sheet.letter
    _, labels, stats, _ = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    w, h = stats[:, 2], stats[:, 3]
    fits = (w >= SHEET[0] * letter) & (h <= SHEET[1] * letter) & (h >= 1.0 * w) & (h <= 2.2 * w)
    fits[0] = False
    out: list[Symbol] = []
    for i in np.flatnonzero(fits):
        x, y, wide, high, area = (int(v) for v in stats[i])
        box = Rect(x, y, x + wide, y + high)
        if any(n.outline.box.grow(0.2 * letter).overlap(box) > 0.3 * wide * high for n in nodes):
            continue
        piece = (labels[y : y + high, x : x + wide] == i).astype(np.uint8)
        hull = cv2.convexHull(cv2.findNonZero(piece))
        mask = np.zeros((high, wide), np.uint8)
        cv2.fillConvexPoly(mask, hull, 1)
        rim = np.zeros_like(mask)
        cv2.polylines(rim, [hull], True, 1, 1)
        by = 2 * max(1, round(0.15 * letter)) + 1
        near = cv2.dilate(piece, np.ones((by, by), np.uint8)) > 0
        fit = fit_by_hand(mask, letter)
        if fit.shape not in ("process", "rounded", "data") or fit.score < EMPTY or area > 0.4 * mask.sum():
            continue
        if float(near[rim > 0].mean()) < ALONG:
            continue
        outline = Outline(sheet.page, box, mask, Fit("process", fit.score), int(mask.sum()), sheet.page)
        out.append(Symbol(outline, "note", 2))
    return out
