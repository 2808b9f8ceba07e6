"""Symbols among closed outlines that a hand drew: judged by their convex hull, with patience.

Every symbol that people draw is convex; what dents a closed region is text that touches its outline.  The region's hull
is compared with the few templates that are drawn by hand, and what is written inside decides the doubtful cases.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit, classify

DRAWN: Final = frozenset(["process", "rounded", "stadium", "ellipse", "decision", "data", "triangle", "hexagon"])
WRITTEN = 0.80
"""Least fit of an outline with words in it."""
FLATTEST = (1.3, 1.05)
"""Lesser side of a region with words, in letter heights: where other text may be outlines, and where none is."""
EMPTY = 0.84
"""Least fit of a small empty one: a circle or a diamond."""
DENTED = 0.72
"""Least share of its hull that a region fills."""
SMALL = 6.0
"""Side of the largest event or gateway, in letter heights."""
LARGEST, DIAMOND = 9.0, 15.0
"""Lesser side of the largest box and of the largest diamond with words."""
TURN = 9.0
"""Degrees that a box may stand askew."""
OVAL, ASKEW = 0.9, 0.03
"""Least fit of an oval that stands askew, and how much better than the others it fits."""
LEVEL, SLANT = 16.0, 11.0
"""Degrees that a level side may lean, and that a slanted one leans at least."""

OF_BOX = 0.71
"""Share of its bounds that a diamond with rounded corners fills at most; a circle fills 0.785."""
LONGEST = 16.0
"""Longest side of a symbol on paper, in letter heights."""

NEAR, OUTLINED = 0.3, 0.6
"""Distance from a symbol's rim, in letter heights, at which a stroke is its outline, and the share that has one."""

WAVE = 0.14
"""How much lower a document's lower side is at its left, as a share of its height."""

LAP, MARKER = 0.04, 3.2
"""Share of a symbol that another one's hull covers from which on that one is an area between symbols; largest side, in
letter heights, of a mark in a symbol."""

Filled = NDArray[np.uint8]


def pen_symbols(sheet: Sheet, words: Mask, *, known: bool = False) -> tuple[list[Symbol], list[Symbol]]:
    """The symbols, and the larger outlines that may be containers; smallest first.

    Args:
        words: (H, W) bool, ink that is text for certain.
        known: there is hardly other text, so that small rings are symbols and no letters.
    """
    letter = sheet.letter
    border = max(3, round(0.16 * letter), round(pen_width(sheet.ink)) + 1 if known else 0)
    drawn = sheet.ink & ~words
    found: list[Symbol] = []
    boxes: list[Symbol] = []
    for region in range(1, len(sheet.stats)):
        x, y, w, h, _ = (int(v) for v in sheet.stats[region])
        if region == sheet.page or min(w, h) < (0.6 if known else 0.8) * letter:
            continue
        own = (sheet.regions[y : y + h, x : x + w] == region) & sheet.paper[y : y + h, x : x + w]
        symbol = _symbol(sheet, own, x, y, region, border, known=known)
        if symbol is not None and (not known or _outlined(symbol, drawn, letter)):
            _judge(sheet, symbol, words, found, boxes, known=known)
    for own, x, y in _split(sheet, found):
        region = int(sheet.regions[y + own.shape[0] // 2, x + own.shape[1] // 2])
        symbol = _symbol(sheet, own, x, y, region, border, known=known)
        if symbol is not None and _outlined(symbol, drawn, letter):
            _judge(sheet, _cornered(symbol, letter) if known else symbol, words, found, [], known=known)
    if not known:
        found = _without_bays(found, letter)
    else:
        found = _without_lapping([_rounder(s, letter) for s in found], letter)
        boxes += [s for s in found if _pool(s, letter)]
        found = [s for s in found if not _pool(s, letter) and not _strip(s, letter)]
    return _outermost(found, letter), boxes


def _outlined(symbol: Symbol, drawn: Mask, letter: float) -> bool:
    """Whether something is drawn along most of a symbol's rim: words that stand close enclose paper, too."""
    b = symbol.outline.box.grow(NEAR * letter)
    x0, y0 = max(0, b.x0), max(0, b.y0)
    by = 2 * max(1, round(NEAR * letter)) + 1
    view = cv2.dilate(drawn[y0 : b.y1, x0 : b.x1].astype(np.uint8), np.ones((by, by), np.uint8))
    contours, _ = cv2.findContours(symbol.outline.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = max(contours, key=len).reshape(-1, 2)
    xs = np.clip(points[:, 0] + symbol.outline.box.x0 - x0, 0, view.shape[1] - 1)
    ys = np.clip(points[:, 1] + symbol.outline.box.y0 - y0, 0, view.shape[0] - 1)
    return float(view[ys, xs].mean()) >= OUTLINED


def _pool(symbol: Symbol, letter: float) -> bool:
    """Whether an outline is too large for a symbol."""
    b = symbol.outline.box
    return max(b.w, b.h) > LONGEST * letter and min(b.w, b.h) > 2.5 * letter


def _strip(symbol: Symbol, letter: float) -> bool:
    """Whether an outline is a lane's title: narrow and high."""
    b = symbol.outline.box
    return b.h > 3.0 * b.w and b.h > 4.0 * letter


def _cornered(symbol: Symbol, letter: float) -> Symbol:
    """A small diamond that its sign cuts into pieces has lost its corners, and looks round: its area tells."""
    b, mask = symbol.outline.box, symbol.outline.mask
    small = max(b.w, b.h) <= 4.5 * letter and 0.7 <= b.w / b.h <= 1.4
    if small and symbol.shape in ("circle", "ellipse", "hexagon", "stadium", "rounded") and mask.mean() < OF_BOX:
        return Symbol(replace(symbol.outline, fit=Fit("decision", symbol.outline.fit.score)), "decision", symbol.border)
    return symbol


def _rounder(symbol: Symbol, letter: float) -> Symbol:
    """A small oval about as wide as high is a circle."""
    b = symbol.outline.box
    if symbol.shape == "hexagon" and max(b.w, b.h) <= 4.5 * letter and 0.7 <= b.w / b.h <= 1.4:
        fit = classify(symbol.outline.mask, letter=letter, among=frozenset(["decision", "ellipse"]))
        return Symbol(symbol.outline, "circle" if fit.shape == "ellipse" else fit.shape, symbol.border)
    if symbol.shape in ("ellipse", "stadium") and max(b.w, b.h) <= 4.5 * letter and 0.7 <= b.w / b.h <= 1.4:
        return Symbol(symbol.outline, "circle", symbol.border)
    return symbol


def pen_width(ink: Mask) -> float:
    """The usual width of strokes, in pixels."""
    depth = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)
    middle = ink & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    return 2.0 * float(np.median(depth[middle])) if middle.any() else 1.0


def _symbol(sheet: Sheet, own: Mask, x: int, y: int, region: int, border: int, *, known: bool = False) -> Symbol | None:
    """A closed area as a symbol of the shape that its hull has; None where it is too dented to be one."""
    hull, inner = _hull(own)
    if inner.sum() < DENTED * hull.sum():
        return None
    fit = fit_by_hand(hull, sheet.letter)
    fit = with_wave(fit, inner) if known else fit
    if fit.shape == "triangle":
        return None
    box = Rect(x, y, x + hull.shape[1], y + hull.shape[0])
    outline = Outline(region, box, hull, fit, int(hull.sum()), sheet.page)
    return Symbol(outline, fit.shape, border)


def _judge(sheet: Sheet, symbol: Symbol, words: Mask, found: list[Symbol], boxes: list[Symbol], *, known: bool) -> None:
    """Put a symbol where it belongs, by what is in it; most closed areas between strokes belong nowhere."""
    letter, fit = sheet.letter, symbol.outline.fit
    b, hull = symbol.outline.box, symbol.outline.mask
    inside = np.asarray(cv2.erode(np.pad(hull, 1), np.ones((7, 7), np.uint8)), np.uint8)[1:-1, 1:-1] > 0
    ink = sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & inside
    written = float((ink | (words[b.y0 : b.y1, b.x0 : b.x1] & (hull > 0))).sum())
    if written >= 0.25 * letter * letter and min(b.w, b.h) >= FLATTEST[known] * letter and fit.score >= WRITTEN:
        largest = DIAMOND if fit.shape == "decision" else LARGEST  # a diamond is wide for its words, and no container
        (found if min(b.w, b.h) <= largest * letter else boxes).append(symbol)
    elif max(b.w, b.h) <= SMALL * letter and fit.score >= EMPTY:
        if fit.shape in ("circle", "ellipse", "decision") or 0.75 <= b.w / b.h <= 1.34:
            found.append(symbol)
    elif max(b.w, b.h) > 12 * letter and fit.shape in ("process", "rounded", "data"):
        boxes.append(symbol)


def _split(sheet: Sheet, found: list[Symbol]) -> list[tuple[Mask, int, int]]:
    """Areas enclosed by strokes that text cuts into several regions: their union, by left and top."""
    letter = sheet.letter
    open_ = (~sheet.ink).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(open_, connectivity=4)
    hole = (np.minimum(stats[:, 2], stats[:, 3]) <= 6 * letter) & (np.maximum(stats[:, 2], stats[:, 3]) <= 16 * letter)
    hole[0] = False
    filled = (sheet.ink | hole[labels]).astype(np.uint8)
    for symbol in found:
        b = symbol.box
        cv2.rectangle(filled, (b.x0, b.y0), (b.x1, b.y1), 0, cv2.FILLED)
    radius = max(3, round(0.4 * letter))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    core = cv2.morphologyEx(filled, cv2.MORPH_OPEN, disc)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    out = []
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        if min(w, h) >= FLATTEST[0] * letter:
            out.append((np.asarray(pieces[y : y + h, x : x + w] == i), x, y))
    return out


def fit_by_hand(hull: Filled, letter: float) -> Fit:
    """The template that fits best, the outline turned upright first where that helps."""
    best = classify(hull, letter=letter, among=DRAWN)
    contour, _ = cv2.findContours(np.pad(hull, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    angle = cv2.minAreaRect(max(contour, key=len))[2] % 90.0
    angle = angle - 90.0 if angle > 45 else angle
    if 1.0 < abs(angle) <= TURN:
        upright = _turned(hull, angle)
        again = classify(upright, letter=letter, among=("process", "rounded", "stadium"))
        if again.score > best.score:
            best = again
    corners = _four(np.asarray(max(contour, key=len), np.int32), hull)
    if corners is not None and corners.score > best.score:
        best = corners
    if best.score < OVAL - ASKEW and max(hull.shape) > 4.5 * letter:  # smaller ones are gateways with a corner lost
        oval = _oval(np.asarray(max(contour, key=len), np.int32), hull)
        best = Fit("ellipse", oval) if oval >= max(OVAL, best.score + ASKEW) else best
    return Fit(best.shape, float(best.score))


def _oval(contour: NDArray[np.int32], hull: Filled) -> float:
    """How well an oval fits that may stand askew."""
    canvas = np.zeros((hull.shape[0] + 2, hull.shape[1] + 2), np.uint8)
    cv2.ellipse(canvas, cv2.fitEllipse(contour), 1, cv2.FILLED)
    inner = canvas[1:-1, 1:-1] > 0
    beyond = int(canvas.sum()) - int(inner.sum())
    return float((inner & (hull > 0)).sum()) / (float((inner | (hull > 0)).sum()) + beyond)


def _four(contour: NDArray[np.int32], hull: Filled) -> Fit | None:
    """The four-cornered shape that an outline is, told by how its sides lean; None where it has not four corners."""
    length = cv2.arcLength(contour, True)
    for share in (0.03, 0.045, 0.06, 0.08, 0.1):
        quad = cv2.approxPolyDP(contour, share * length, True).reshape(-1, 2)
        if len(quad) <= 4:
            break
    if len(quad) != 4:
        return None
    canvas = np.zeros((hull.shape[0] + 2, hull.shape[1] + 2), np.uint8)
    cv2.fillConvexPoly(canvas, cv2.convexHull(quad.reshape(-1, 1, 2)), 1)
    inner = canvas[1:-1, 1:-1] > 0
    score = np.count_nonzero(inner & (hull > 0)) / np.count_nonzero(inner | (hull > 0))
    sides = np.roll(quad, -1, axis=0) - quad
    lean = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) % 180.0  # 0 is level, 90 upright
    flat = np.minimum(lean, 180 - lean)
    if (flat >= LEVEL).all() and (flat <= 90 - LEVEL).all():
        return Fit("decision", score)
    order = np.argsort(flat)
    level, upright = flat[order[:2]], lean[order[2:]] - 90
    if (level <= LEVEL).all() and (np.abs(upright) >= SLANT).all() and upright[0] * upright[1] > 0:
        return Fit("data", score)
    if (level <= LEVEL).all() and (np.abs(upright) <= LEVEL).all():
        return Fit("process", score)
    return None


def with_wave(fit: Fit, inner: Filled) -> Fit:
    """The fit, or that of a document: a box, the lower side of which is a wave, low at its left and high at its right.

    Args:
        inner: (h, w) the outline's inside, without a hull.
    """
    h, w = inner.shape
    if fit.shape in ("decision", "data") or min(h, w) < 12 or w > 4 * h:
        return fit
    low = h - inner[::-1].argmax(axis=0)
    top = inner.argmax(axis=0)
    left, right = float(np.median(low[w // 10 : w // 3])), float(np.median(low[2 * w // 3 : 9 * w // 10]))
    flat = float(np.percentile(top[w // 6 : 5 * w // 6], 80)) - float(top[w // 6 : 5 * w // 6].min())
    sides = inner[h // 4 : h // 2]
    upright = float(sides[:, w // 20].mean() + sides[:, -1 - w // 20].mean())
    if left - right < WAVE * h or flat > 0.15 * h or upright < 1.5:
        return fit
    return Fit("document", max(fit.score, 0.85))


def _turned(hull: Filled, angle: float) -> Filled:
    h, w = hull.shape
    pad = round(0.2 * max(h, w)) + 2
    large = np.pad(hull, pad)
    middle = (large.shape[1] / 2, large.shape[0] / 2)
    turned = cv2.warpAffine(large, cv2.getRotationMatrix2D(middle, angle, 1.0), (large.shape[1], large.shape[0]))
    ys, xs = np.nonzero(turned)
    return np.ascontiguousarray(turned[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])


def _hull(own: Mask) -> tuple[Filled, Filled]:
    """A region's convex hull, and the region without its holes."""
    contours, _ = cv2.findContours(np.pad(own.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=len)
    canvas = np.zeros((own.shape[0] + 2, own.shape[1] + 2), np.uint8)
    cv2.drawContours(canvas, [contour], -1, 1, cv2.FILLED)
    filled = canvas[1:-1, 1:-1].copy()
    cv2.fillConvexPoly(canvas, cv2.convexHull(contour), 1)
    return np.ascontiguousarray(canvas[1:-1, 1:-1]), filled


def _without_bays(symbols: list[Symbol], letter: float) -> list[Symbol]:
    """The symbols without what connectors enclose: an area in which another one of a word's size stands."""

    def holds(outer: Symbol, inner: Symbol) -> bool:
        o, b = outer.outline.box, inner.outline.box
        if inner is outer or min(b.w, b.h) < 1.6 * letter or b.w < 2.2 * letter or o.w * o.h < 1.8 * b.w * b.h:
            return False
        return o.overlap(b) >= 0.9 * b.w * b.h and inner.shape != "circle"

    return [s for s in symbols if not any(holds(s, other) for other in symbols)]


def _without_lapping(symbols: list[Symbol], letter: float) -> list[Symbol]:
    """The symbols without areas between connectors and symbols: their hulls reach into those symbols."""

    def laps(outer: Symbol, inner: Symbol) -> bool:
        small = max(inner.outline.box.w, inner.outline.box.h) <= MARKER * letter
        if inner is outer or small or outer.outline.area < 1.8 * inner.outline.area:
            return False
        return common(outer.outline, inner.outline) >= LAP * inner.outline.area

    return [s for s in symbols if not any(laps(s, other) for other in symbols)]


def common(a: Outline, b: Outline) -> int:
    """The area that two outlines' hulls have in common, in pixels."""
    x0, y0 = max(a.box.x0, b.box.x0), max(a.box.y0, b.box.y0)
    x1, y1 = min(a.box.x1, b.box.x1), min(a.box.y1, b.box.y1)
    if x1 <= x0 or y1 <= y0:
        return 0
    first, second = (o.mask[y0 - o.box.y0 : y1 - o.box.y0, x0 - o.box.x0 : x1 - o.box.x0] > 0 for o in (a, b))
    return int(np.count_nonzero(first & second))


def _outermost(symbols: list[Symbol], letter: float) -> list[Symbol]:
    """Without the outlines that lie within others: rings and icons of events, loops of letters."""
    out: list[Symbol] = []
    for symbol in sorted(symbols, key=lambda s: -s.outline.area):
        b = symbol.outline.box
        host = next(
            (s for s in out if s.outline.box.overlap(b) >= 0.8 * b.w * b.h and s.outline.box.inside(b.cx, b.cy)),
            None,
        )
        if host is None:
            out.append(symbol)
            continue
        host.icons.append(symbol.outline)
        o = host.outline.box
        twin = abs(b.cx - o.cx) + abs(b.cy - o.cy) <= 0.5 * letter and b.w >= 0.6 * o.w and b.h >= 0.6 * o.h
        if twin and symbol.shape in ("circle", "ellipse"):
            host.rings = 2
    return out[::-1]
