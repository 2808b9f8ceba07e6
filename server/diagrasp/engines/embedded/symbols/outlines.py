"""Closed regions of paper: their filled outlines, and the shapes that cover them best."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.shapes import Fit, classify

CLOSED = 0.93
"""Least intersection over union of an outline with its template: pockets between connectors stay below."""
SLANTED = frozenset({"ellipse", "circle", "decision", "data", "hexagon"})
"""Shapes whose sides come close to what is written in them: a descender may touch them."""
NOTCHED = SLANTED | {"document"}
"""Those, and a document's wavy side: shapes that are mended where letters touch their sides."""
OVAL = 0.97
"""How well an oval fits that neither connectors enclose nor a compartment is."""
LOOSE = 0.85
"""The same for an outline with text in its middle."""


@dataclass
class Outline:
    """A closed region's outline.

    Attributes:
        region: the paper region inside.
        box: its bounds.
        mask: (h, w) uint8, filled, cropped to the box.
        fit: the shape that covers it best.
        area: pixels of the filled outline.
        outside: the commonest region around it.
        parts: regions merged into this outline (a cylinder's cap, a class's compartments).
        barred: whether a bar runs along either side, as in a predefined process.
    """

    region: int
    box: Rect
    mask: NDArray[np.uint8]
    fit: Fit
    area: int
    outside: int = 0
    parts: list[Outline] = field(default_factory=list)
    barred: bool = False

    @property
    def regions(self) -> set[int]:
        return {self.region} | {r for part in self.parts for r in part.regions}


def is_oval(outline: Outline) -> bool:
    """Whether an outline is surely an oval."""
    return outline.fit.shape in ("ellipse", "circle") and outline.fit.score >= OVAL


def outlines(sheet: Sheet) -> list[Outline]:
    """The filled outline of every region but the page, smallest first."""
    found = []
    margin = 2
    for region in range(1, len(sheet.stats)):
        x, y, w, h, _ = (int(v) for v in sheet.stats[region])
        if region == sheet.page or min(w, h) < 0.6 * sheet.letter:
            continue
        crop = (sheet.regions[y : y + h, x : x + w] == region) & sheet.paper[y : y + h, x : x + w]
        padded = np.pad(crop.astype(np.uint8), 1)
        contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        contour = max(contours, key=len)
        filled = np.zeros_like(padded)
        cv2.drawContours(filled, [contour], -1, 1, cv2.FILLED)
        filled = filled[1:-1, 1:-1]
        box = Rect(x, y, x + w, y + h)
        around = ring_around(sheet.regions, box, filled, margin + round(0.5 * sheet.letter))
        around = around[around != region]
        outside = int(np.bincount(around).argmax()) if len(around) else sheet.page
        fit = classify(filled, letter=sheet.letter)
        whole = _boxed(sheet, box) if 0.5 <= fit.score < CLOSED else None
        small = fit.score < LOOSE and whole == box and h <= 5 * sheet.letter and w <= 20 * sheet.letter
        if whole is not None and not small and not _sharp(sheet, region, box):
            whole = None
        if whole is not None:
            box = whole
            filled = np.ones((box.h, box.w), np.uint8)
            fit = classify(filled, letter=sheet.letter)
        sized = min(w, h) > 1.5 * sheet.letter and max(w, h) <= 40 * sheet.letter
        slit = 0.6 <= fit.score < CLOSED or (fit.score >= CLOSED and fit.shape in NOTCHED)
        if slit and sized and not sheet.hand:
            mended = _without_slits(filled, round(1.1 * sheet.letter))
            better = fit if fit.score >= CLOSED else classify(mended, letter=sheet.letter)
            if better.score >= CLOSED and better.shape in NOTCHED:
                filled, fit = mended, better
        found.append(Outline(region, box, filled, fit, int(filled.sum()), outside))
    return sorted(found, key=lambda o: o.area)


def cut_off(sheet: Sheet, outline: Outline) -> bool:
    """Whether an outline ends at the picture's edge: paper between symbols, for their own lines are in the picture."""
    b = outline.box
    return b.x0 <= 0 or b.y0 <= 0 or b.x1 >= sheet.width or b.y1 >= sheet.height


def _without_slits(filled: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """A filled outline without the notches that a letter's descender on the border opens to a word."""
    padded = np.pad(filled, width)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width | 1, width | 1))
    closed = np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel), np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(closed, contours, -1, 1, cv2.FILLED)
    return closed[width:-width, width:-width]


def _sharp(sheet: Sheet, region: int, box: Rect) -> bool:
    """Whether a region reaches into two of its bounds' corners at least: then they are not round."""
    k = max(2, round(0.3 * sheet.letter))
    corners = [(y, x) for y in (box.y0, box.y1 - k) for x in (box.x0, box.x1 - k)]
    own = (sheet.regions[y : y + k, x : x + k] == region for y, x in corners)
    ink = (sheet.ink[y : y + k, x : x + k] for y, x in corners)
    return sum(bool(o.all() and not i.any()) for o, i in zip(own, ink, strict=True)) >= 2


def _boxed(sheet: Sheet, box: Rect) -> Rect | None:
    """The box that is drawn around a region whose paper words part or bite into; None where there is none."""
    letter = sheet.letter
    if not (0.8 * letter <= box.h <= 8 * letter and 2.5 * letter <= box.w <= 30 * letter):
        return None
    if min(box.x0, box.y0) < 2 or box.x1 + 2 > sheet.width or box.y1 + 2 > sheet.height:
        return None
    if not all(_drawn_along(sheet.ink[box.y0 : box.y1, x : x + 2].T) for x in (box.x0 - 2, box.x1)):
        return None
    top, bottom = _side(sheet, box, up=True), _side(sheet, box, up=False)
    if top is None or bottom is None:
        return None
    box = Rect(box.x0, top, box.x1, bottom)
    ink = sheet.ink
    if box.h < 1.4 * letter or not all(_drawn_along(ink[box.y0 : box.y1, x : x + 2].T) for x in (box.x0 - 2, box.x1)):
        return None
    flat, tall = running_on(sheet, box)
    return box if flat + tall <= 1 or (not tall and _strips_beside(sheet, box)) else None


def running_on(sheet: Sheet, box: Rect) -> tuple[int, int]:
    """How many of a region's level and of its upright sides go on beyond a corner, counted once for each end."""
    letter, ink = sheet.letter, sheet.ink
    far, out = round(0.3 * letter), round(0.7 * letter)  # beyond the border's own width
    flat = tall = 0
    for y0, y1 in ((box.y0 - 2, box.y0), (box.y1, box.y1 + 2)):
        for x0, x1 in ((box.x0 - out, box.x0 - far), (box.x1 + far, box.x1 + out)):
            flat += _runs_on(ink[max(0, y0) : y1, max(0, x0) : x1])
    for x0, x1 in ((box.x0 - 2, box.x0), (box.x1, box.x1 + 2)):
        for y0, y1 in ((box.y0 - out, box.y0 - far), (box.y1 + far, box.y1 + out)):
            tall += _runs_on(ink[max(0, y0) : y1, max(0, x0) : x1].T)
    return flat, tall


def _drawn_along(strip: Mask) -> bool:
    """Whether every step of a strip has ink, but for a few."""
    return bool(strip.size and strip.any(axis=0).mean() > 0.97)


def _side(sheet: Sheet, box: Rect, *, up: bool) -> int | None:
    """Where a region's upper or lower side is drawn: at its bounds, or beyond a row of letters that fills the width."""
    for away in range(max(1, round(1.8 * sheet.letter))):
        y = box.y0 - away if up else box.y1 + away
        strip = sheet.ink[y - 2 : y, box.x0 : box.x1] if up else sheet.ink[y : y + 2, box.x0 : box.x1]
        if y < 2 or y + 2 > sheet.height:
            return None
        if _drawn_along(strip):
            return y
    return None


def _strips_beside(sheet: Sheet, box: Rect) -> bool:
    """Whether a box goes on at both sides by a narrow strip and ends there: a predefined process."""
    near, far = round(0.5 * sheet.letter), min(round(4.5 * sheet.letter), box.w // 4 + round(0.5 * sheet.letter))
    ends = []
    for left in (True, False):
        for away in range(near, far):
            x = box.x0 - away if left else box.x1 + away
            if not 0 <= x < sheet.width - 1:
                return False
            if _drawn_along(sheet.ink[box.y0 : box.y1, x : x + 2].T):
                ends.append(away)
                break
    return len(ends) == 2 and abs(ends[0] - ends[1]) <= 0.3 * max(ends) + 2


def _runs_on(strip: Mask) -> bool:
    """Whether a line is drawn along a strip."""
    return bool(strip.size and strip.any(axis=0).mean() > 0.9)


PART = 1 << 17
"""Pixels of a large outline that are looked at in one go: they stay within a processor's cache."""


def ring_around(regions: NDArray[np.int32], box: Rect, filled: NDArray[np.uint8], by: int) -> NDArray[np.int32]:
    """The regions under a ring `by` pixels outside a filled outline, row by row."""
    edged = np.pad(filled, ((2 * by, 2 * by), (by, by)))
    high, wide = filled.shape[0] + 2 * by, edged.shape[1]
    step = max(2 * by, PART // wide)
    parts = [
        np.flatnonzero(_ring(edged[top : min(top + step, high) + 2 * by], by)) + top * wide
        for top in range(0, high, step)
    ]
    ys, xs = np.divmod(np.concatenate(parts), wide)
    ys, xs = ys + (box.y0 - by), xs + (box.x0 - by)
    ok = (ys >= 0) & (xs >= 0) & (ys < regions.shape[0]) & (xs < regions.shape[1])
    return np.asarray(regions[ys[ok], xs[ok]], np.int32)


def _ring(rows: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """What a disc adds to a mask beyond a disc a pixel smaller: (H - 2 by, W), without the first and last rows.

    OpenCV tries a disc's every pixel at every place; here rows are dilated by the disc's chords, and laid over each
    other: a disc of 21 pixels has six lengths of chords.

    Args:
        rows: (H, W) uint8, 0 or 1.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    chords = (disc.sum(axis=1, dtype=int) // 2).tolist()  # half of each, from the top down
    high = rows.shape[0] - 2 * by
    outer, inner = np.zeros((high, rows.shape[1]), np.uint8), np.zeros((high, rows.shape[1]), np.uint8)
    grown = 0
    for half in sorted({*chords, by - 1}):
        rows = np.asarray(cv2.dilate(rows, np.ones((1, 2 * (half - grown) + 1), np.uint8)), np.uint8)
        grown = half
        for at, chord in enumerate(chords):
            if chord == half:
                cv2.bitwise_or(outer, rows[at : at + high], outer)
            if 0 < at < 2 * by and min(chord, by - 1) == half:
                cv2.bitwise_or(inner, rows[at : at + high], inner)
    return np.asarray(cv2.subtract(outer, inner), np.uint8)
