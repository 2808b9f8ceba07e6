"""Small symbols that enclose no plain paper: events and gateways full of icon, filled circles, bars."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, runs_of
from diagrasp.engines.embedded.picture.holes import holes
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.forks import LEAST, is_slim, lines_at
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit, classify

LARGEST = 7.0
"""Side of the largest small symbol, in letter heights."""
ROOMY = 18.0
"""Height and width of an outline, in letter heights, from which on it is no node that may have an icon."""
POCKET = 0.1
"""Share of an outline that other symbols border, from which on it may be space between bars and connectors."""


def find_blobs(sheet: Sheet, text: Mask, known: list[Symbol]) -> list[Symbol]:
    """The known symbols, and compact ones among the ink that is neither text nor a known symbol.

    Holes of the ink are filled and thin strokes taken away; what is left and has the shape of a circle, a diamond or
    a bar is a symbol.  It takes the place of known ones that turn out to be parts of it.
    """
    letter = sheet.letter
    ink = sheet.ink & ~text
    taken = np.zeros(ink.shape, bool)
    for symbol in known:
        b = symbol.outline.box
        view = taken[b.y0 : b.y1, b.x0 : b.x1]
        if max(b.w, b.h) > LARGEST * letter or symbol.shape not in ("circle", "ellipse", "decision", "triangle"):
            view |= symbol.outline.mask > 0
    filled = np.zeros_like(ink)
    for hole in holes(ink, LARGEST * letter):
        hole.fill(filled)
    filled = ink | (filled & ~taken)
    radius = max(2, round(0.42 * letter))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    core = cv2.morphologyEx(filled.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = components(core)
    out: list[Symbol] = []
    for i in sorted(range(1, count), key=lambda i: -int(stats[i][4])):
        x, y, w, h, area = (int(v) for v in stats[i])
        if max(w, h) > LARGEST * letter or min(w, h) < 0.95 * letter:
            continue
        mask = np.asarray(labels[y : y + h, x : x + w] == i, np.uint8)
        fit = _compact(mask, letter)
        box = Rect(x, y, x + w, y + h)
        if fit is None:
            continue
        if fit.shape == "circle" and max(w, h) <= 2 * letter and _thickest(filled, box, mask) < 0.42 * min(w, h):
            continue  # the rounded middle of a head
        parts = [
            k
            for k in known
            if k.outline.area < area and box.grow(2).overlap(k.outline.box) >= 0.95 * k.outline.box.w * k.outline.box.h
        ]
        rest = [k for k in known if not any(k is p for p in parts)]
        if _hidden(x + w / 2, y + h / 2, w, h, rest, ROOMY * letter):
            continue
        if max(w, h) <= 2.6 * letter and _on_border(x + w / 2, y + h / 2, 0.5 * max(w, h) + 0.25 * letter, rest + out):
            continue  # the mark at a connector's end
        if (
            fit.shape == "circle"
            and max(w, h) <= 1.9 * letter
            and _pointed(filled, np.asarray(core, np.uint8), box, letter)
        ):
            continue
        outline = Outline(int(sheet.regions[y + h // 2, x + w // 2]), box, mask, fit, area)
        known = rest
        out.append(Symbol(outline, fit.shape, 2))
    bars = _bars(sheet, ink, known + out)
    return known + out + [b for b in bars if not any(_crosses(b, other) for other in bars if other is not b)]


def _thickest(filled: Mask, box: Rect, mask: NDArray[np.uint8]) -> float:
    """How far the innermost pixel of a mask is from paper, if that is within the mask's own size."""
    around = box.grow(max(box.w, box.h))
    y0, x0 = max(0, around.y0), max(0, around.x0)
    depth = cv2.distanceTransform(filled[y0 : around.y1, x0 : around.x1].astype(np.uint8), cv2.DIST_L2, 5)
    return float(depth[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0][mask > 0].max())


def _pointed(filled: Mask, core: NDArray[np.uint8], box: Rect, letter: float) -> bool:
    """Whether much ink stands around a round core: the corners of a triangle, of which opening leaves the incircle."""
    b = box.grow(0.35 * letter)
    y0, x0 = max(0, b.y0), max(0, b.x0)
    round_ = cv2.dilate(core[y0 : b.y1, x0 : b.x1], np.ones((3, 3), np.uint8)) > 0
    around = filled[y0 : b.y1, x0 : b.x1] & ~round_
    return bool(around.sum() > 0.22 * box.w * box.h)


def _compact(mask: NDArray[np.uint8], letter: float) -> Fit | None:
    """Circle, diamond or square-ish ellipse; None for anything else, heads among them."""
    h, w = mask.shape
    if not 0.75 <= w / h <= 1.34:
        return None
    fit = classify(mask, letter=letter)
    if fit.shape in ("circle", "ellipse") and fit.score >= 0.9:
        return Fit("circle", fit.score)
    if fit.shape == "decision" and fit.score >= 0.85:
        return fit
    if fit.shape in ("decision", "triangle"):
        return None
    ys, xs = np.mgrid[0:h, 0:w]
    round_ = ((xs + 0.5 - w / 2) / (w / 2)) ** 2 + ((ys + 0.5 - h / 2) / (h / 2)) ** 2 <= 1
    score = float(np.count_nonzero(round_ & (mask > 0)) / np.count_nonzero(round_ | (mask > 0)))
    return Fit("circle", score) if score >= 0.9 else None


def _hidden(x: float, y: float, w: int, h: int, known: list[Symbol], roomy: float) -> bool:
    """Whether a mark at (x, y) lies wholly within a node: an icon then, not a symbol; or is that very symbol.

    Args:
        roomy: height and width from which on, in pixels, an outline holds symbols: a composite state, say.
    """
    for symbol in known:
        b = symbol.outline.box
        if symbol.container or min(b.w, b.h) > roomy or not b.inside(x, y):
            continue
        inside = b.x0 <= x - w / 2 + 2 and x + w / 2 - 2 <= b.x1 and b.y0 <= y - h / 2 + 2 and y + h / 2 - 2 <= b.y1
        if inside or w * h > 0.5 * b.w * b.h:
            return True
    return False


def _on_border(x: float, y: float, reach: float, known: list[Symbol]) -> bool:
    """Whether a node's outline passes within `reach` of a point."""
    for symbol in known:
        if symbol.container:
            continue
        b = symbol.outline.box
        if not b.grow(reach + symbol.border).inside(x, y):
            continue
        inside = b.inside(x, y) and min(x - b.x0, b.x1 - x, y - b.y0, b.y1 - y) > reach
        if not inside:
            return True
    return False


def _bars(sheet: Sheet, ink: Mask, known: list[Symbol]) -> list[Symbol]:
    """Fork and join bars: solid, straight, several times thicker than the strokes around."""
    letter = sheet.letter
    out: list[Symbol] = []
    depth = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)
    ridge = (depth > 0.9) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    width = 2 * float(np.median(depth[ridge])) if ridge.any() else 2.0
    if ink.mean() < 0.2:  # bars may be most of what is drawn
        width = min(width, 0.3 * letter)
    t, n = max(4, round(0.32 * letter), round(1.9 * width + 1)), int(3.2 * letter)
    for across in (True, False):
        kernel = np.ones((t, n) if across else (n, t), np.uint8)
        core = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, kernel)
        _, _, stats, _ = components(core)
        for x, y, w, h, area in stats[1:].tolist():
            faint = float(np.median(sheet.contrast[y : y + h, x : x + w])) < 90
            thick = min(w, h) > 1.2 * letter
            if thick and not (is_slim(bar := Rect(x, y, x + w, y + h), letter) and lines_at(ink, bar, letter) >= LEAST):
                continue
            if faint or area < 0.85 * w * h or _hidden(x + w / 2, y + h / 2, w, h, known, ROOMY * letter):
                continue
            if _beside(x, y, w, h, [k for k in known if k.enclosed < POCKET], letter):
                continue
            level = Rect(x, y, x + w, y + h) if across else Rect(y, x, y + h, x + w)
            lying = ink if across else ink.T
            if _bends_on(lying, level, letter) or _turns(lying, level, letter) or _leaves(x, y, w, h, known, letter):
                continue
            mask = np.ones((h, w), np.uint8)
            out.append(Symbol(Outline(0, Rect(x, y, x + w, y + h), mask, Fit("bar", 1.0), w * h), "bar", 2))
    return out


def _bends_on(ink: Mask, bar: Rect, letter: float) -> bool:
    """Whether what looks like a level bar goes on at an end, as thick but higher or lower: part of a thick curve.

    The head of an arrow that arrives there is thick at first only.
    """

    def thick(left: bool, first: float, last: float, reach: int) -> bool:
        near, far = round(first * letter), round(last * letter)
        ends = (max(0, bar.x0 - far), max(0, bar.x0 - near)) if left else (bar.x1 + near, bar.x1 + far)
        beyond = ink[max(0, bar.y0 - reach) : bar.y1 + reach, slice(*ends)]
        return bool(beyond.shape[1] and np.median(beyond.sum(axis=0)) >= 0.7 * bar.h)

    reach = round(0.8 * bar.h)
    return any(thick(left, 0.4, 0.9, reach) and thick(left, 1.3, 1.8, 2 * reach) for left in (True, False))


def _turns(ink: Mask, bar: Rect, letter: float) -> bool:
    """Whether a stroke as thick as a level bar leaves one of its long sides: a thick line turns or forks there."""
    near, far = round(0.15 * letter), round(1.2 * letter)
    for rows in (slice(max(0, bar.y0 - far), max(0, bar.y0 - near)), slice(bar.y1 + near, bar.y1 + far)):
        beyond = ink[rows, bar.x0 : bar.x1]
        if len(beyond) >= far - near:
            starts, ends = runs_of(np.atleast_2d(beyond.all(axis=0)))
            wide = ends - starts
            if ((wide >= 0.7 * bar.h) & (wide <= 1.5 * bar.h)).any():
                return True
    return False


def _leaves(x: int, y: int, w: int, h: int, known: list[Symbol], letter: float) -> bool:
    """Whether a bar begins or ends at a symbol's side: it is a thick line that leaves there."""
    near = 0.5 * letter
    for symbol in known:
        b = symbol.box
        if w > h and b.y0 <= y and y + h <= b.y1 and min(abs(b.x1 - x), abs(b.x0 - x - w)) <= near:
            return True
        if h > w and b.x0 <= x and x + w <= b.x1 and min(abs(b.y1 - y), abs(b.y0 - y - h)) <= near:
            return True
    return False


def _crosses(a: Symbol, b: Symbol) -> bool:
    """Whether two bars share their middle: a plus then, not a fork."""
    p, q = a.outline.box, b.outline.box
    return p.inside(q.cx, q.cy) and (p.w > p.h) != (q.w > q.h)


def _beside(x: int, y: int, w: int, h: int, known: list[Symbol], letter: float) -> bool:
    """Whether a bar runs along a symbol's side: then it is a thick border or a shadow."""
    for symbol in known:
        b = symbol.box.grow(0.4 * letter)
        both = Rect(x, y, x + w, y + h).overlap(b)
        if both > 0.5 * w * h:
            return True
        o = symbol.box
        if w > h and (abs(y + h / 2 - o.y0) < letter or abs(y + h / 2 - o.y1) < letter) and abs(o.w - w) < 1.5 * letter:
            return True
        if h > w and (abs(x + w / 2 - o.x0) < letter or abs(x + w / 2 - o.x1) < letter) and abs(o.h - h) < 1.5 * letter:
            return True
    return False
