"""Symbols around writing whose outlines gape wider than strokes are led on: closed with patience, from the words out.

The paper around a line of writing is flooded between ever thicker strokes until it no longer runs out; what it fills
then is a symbol where it has a symbol's shape and the writing stands in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.boxes import OVERRUNS, covering, overruns
from diagrasp.engines.embedded.hand.symbols import OF_BOX, WRITTEN, fit_by_hand, with_wave
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text

GAPES = (0.0, 0.25, 0.45, 0.7)
"""Radii, in letter heights, that strokes are thickened by: gaps of twice as much close."""
AROUND = 4.5
"""Paper around the words, in letter heights, that is looked at."""
BESIDE, ABOVE = 7.0, 6.0
"""How much wider and higher than its words a symbol is at most, in letter heights."""
OFF = 0.25
"""How far the words' middle lies off the symbol's at most, as a share of its width and height."""
ASIDE = 0.6
"""How far a piece stands above or below its line's middle that may be part of an outline, in letter heights."""
MARKER = 3.2
"""Largest side, in letter heights, of a mark in a symbol."""
RIM, SHARED = 0.5, 0.25
"""Distance from another symbol, in letter heights, at which a rim is that symbol's, and the share that may be."""
CLEAR = 0.88
"""Least fit of a symbol whose outline gapes widely."""
DENTED = 0.8
"""Share of its hull that such a region fills at least."""


def enclosed(sheet: Sheet, walls: Mask, blocks: Sequence[Rect], nodes: Sequence[Symbol]) -> list[Symbol]:
    """Symbols around blocks of writing that no symbol holds.

    Args:
        walls: (H, W) bool, outlines, connectors and what of the writing hangs together with them.
        blocks: bounds of lines of writing.
    """
    out: list[Symbol] = []
    thick = cv2.dilate(walls.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    for block in sorted(blocks, key=lambda b: -b.w * b.h):
        taken = [s.outline.box for s in (*nodes, *out)]
        if any(t.overlap(block) > 0.3 * block.w * block.h for t in taken):
            continue
        symbol = _around(sheet, walls, block)
        if symbol is None:
            continue
        b = symbol.outline.box
        if between(symbol, covering(walls.shape, [*nodes, *out], RIM * sheet.letter)):
            continue
        if symbol.shape in ("process", "rounded") and overruns(thick, b, sheet.letter) > OVERRUNS:
            continue  # lanes and connectors
        larger = [t for t in taken if not (max(t.w, t.h) <= MARKER * sheet.letter and b.overlap(t) >= 0.7 * t.w * t.h)]
        if not any(b.overlap(t) > 0.3 * min(b.w * b.h, t.w * t.h) for t in larger):
            out.append(symbol)
    return out


def between(symbol: Symbol, others: NDArray[np.uint8], most: float = SHARED) -> bool:
    """Whether much of a symbol's rim is that of others: connectors and symbols enclose areas, too.

    Args:
        others: (H, W) uint8, 1 where other symbols and their outlines are.
    """
    b = symbol.outline.box
    contours, _ = cv2.findContours(symbol.outline.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = max(contours, key=len).reshape(-1, 2)
    ys, xs = points[:, 1] + b.y0, points[:, 0] + b.x0
    return float(others[ys.clip(0, len(others) - 1), xs.clip(0, others.shape[1] - 1)].mean()) >= most


def off_line(text: Text, letter: float) -> Mask:
    """(H, W) bool: ink taken for writing that stands well above or below its line's letters: strokes of an outline."""
    out = np.zeros(text.ink.shape, bool)
    for line in text.lines:
        if line.vertical:
            continue
        middle = float(np.median([r.cy for r in line.letters]))
        for r in line.letters:
            if abs(r.cy - middle) > ASIDE * letter:
                out[r.y0 : r.y1, r.x0 : r.x1] = text.ink[r.y0 : r.y1, r.x0 : r.x1]
    return out


def _around(sheet: Sheet, walls: Mask, block: Rect) -> Symbol | None:
    letter = sheet.letter
    height, width = walls.shape
    window = block.grow(AROUND * letter)
    x0, y0, x1, y1 = max(0, window.x0), max(0, window.y0), min(width, window.x1), min(height, window.y1)
    view = walls[y0:y1, x0:x1].astype(np.uint8)
    view = _without_words(view, block.grow(0.2 * letter), x0, y0)
    inner = block.grow(-0.15 * letter)
    seeds = np.zeros(view.shape, bool)
    seeds[max(0, inner.y0 - y0) : inner.y1 - y0, max(0, inner.x0 - x0) : inner.x1 - x0] = True
    bare = np.where(seeds, 0, view).astype(np.uint8)  # letters may touch the outline, or the line that leaves it
    for strokes in (view, bare) if (bare != view).any() else (view,):
        widest = _inside(strokes, seeds, round(GAPES[-1] * letter))
        if widest is not None and _runs_out(widest):
            continue  # and so it does between thinner strokes
        for r in (round(gape * letter) for gape in GAPES):
            region = _inside(strokes, seeds, r)
            if region is None or _runs_out(region):
                continue
            symbol = shaped(sheet, region, block, x0, y0, r)
            if symbol is not None:
                return symbol
    return None


def _inside(view: NDArray[np.uint8], seeds: Mask, r: int) -> Mask | None:
    """The paper that most of the seeds are on, with strokes thickened by `r` pixels; None where they are all on ink."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    free = (cv2.dilate(view, disc) == 0) if r else view == 0
    _, labels = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    inside = np.bincount(labels[seeds & free])
    inside[:1] = 0
    return np.asarray(labels == inside.argmax()) if inside.any() else None


def _runs_out(region: Mask) -> bool:
    """Whether a region reaches the window's rim."""
    return bool(region[0].any() or region[-1].any() or region[:, 0].any() or region[:, -1].any())


def _without_words(view: NDArray[np.uint8], block: Rect, x0: int, y0: int) -> NDArray[np.uint8]:
    """The walls in a window without pieces within the block: letters that were taken for strokes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(view, connectivity=8)
    x, y, w, h = (stats[:, k] for k in range(4))
    within = (x + x0 >= block.x0) & (y + y0 >= block.y0) & (x + w + x0 <= block.x1) & (y + h + y0 <= block.y1)
    within[0] = False
    return np.asarray(view * ~within[labels], np.uint8)


def shaped(sheet: Sheet, region: Mask, block: Rect, x0: int, y0: int, r: int) -> Symbol | None:
    """The region as a symbol, grown to the strokes again; None where it has no symbol's shape or its words lie aside.

    Args:
        region: (h, w) bool, in a window that begins at `x0`, `y0`.
        r: by how much strokes were thickened.
    """
    letter = sheet.letter
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    whole = cv2.dilate(region.astype(np.uint8), disc)
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=len)
    x, y, w, h = cv2.boundingRect(contour)
    hull = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(contour) - np.array([[x, y]], np.int32), 1)
    box = Rect(x0 + x, y0 + y, x0 + x + w, y0 + y + h)
    if w > block.w + BESIDE * letter or h > block.h + ABOVE * letter or min(w, h) < 1.2 * letter:
        return None
    if abs(block.cx - box.cx) > OFF * w or abs(block.cy - box.cy) > OFF * h:
        return None
    if cv2.contourArea(contour) < DENTED * hull.sum():
        return None
    inner = np.zeros((h, w), np.uint8)
    cv2.drawContours(inner, [contour - np.array([[x, y]], np.int32)], -1, 1, cv2.FILLED)
    fit = with_wave(fit_by_hand(hull, letter), inner)
    sure = max(WRITTEN, CLEAR if r > 0.3 * letter else 0.0)
    if fit.shape == "triangle" or fit.score < sure:
        return None
    if fit.shape in ("circle", "ellipse", "hexagon", "stadium", "rounded") and hull.mean() < OF_BOX:
        fit = Fit("decision", fit.score)  # its corners were closed
    outline = Outline(sheet.page, box, hull, fit, int(hull.sum()), sheet.page)
    return Symbol(outline, fit.shape, max(3, round(0.16 * letter)))
