"""Closed regions of paper: their filled outlines, and the shapes that cover them best."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.raster import Mask, Sheet
from diagrasp.engines.embedded.shapes import Fit, classify
from diagrasp.engines.embedded.text import Rect

CLOSED = 0.93
"""Least intersection over union of an outline with its template: pockets between connectors stay below."""
SLANTED = frozenset({"ellipse", "circle", "decision", "data", "hexagon"})
"""Shapes whose sides come close to what is written in them: a descender may touch them."""
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
    """

    region: int
    box: Rect
    mask: NDArray[np.uint8]
    fit: Fit
    area: int
    outside: int = 0
    parts: list[Outline] = field(default_factory=list)

    @property
    def regions(self) -> set[int]:
        return {self.region} | {r for part in self.parts for r in part.regions}


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
        if 0.5 <= fit.score < LOOSE and _boxed(sheet, box):
            filled = np.ones_like(filled)
            fit = classify(filled, letter=sheet.letter)
        if not sheet.hand and fit.score >= 0.6 and min(w, h) > 1.5 * sheet.letter and max(w, h) <= 40 * sheet.letter:
            whole = _without_slits(filled, round(1.1 * sheet.letter))
            better = fit if fit.score >= CLOSED else classify(whole, letter=sheet.letter)
            if better.score >= CLOSED and better.shape in SLANTED:
                filled, fit = whole, better
        found.append(Outline(region, box, filled, fit, int(filled.sum()), outside))
    return sorted(found, key=lambda o: o.area)


def _without_slits(filled: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """A filled outline without the notches that a letter's descender on the border opens to a word."""
    padded = np.pad(filled, width)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width | 1, width | 1))
    closed = np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel), np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(closed, contours, -1, 1, cv2.FILLED)
    return closed[width:-width, width:-width]


def _boxed(sheet: Sheet, box: Rect) -> bool:
    """Whether a region's bounds are drawn on all sides: a small box whose words part its paper."""
    letter, ink = sheet.letter, sheet.ink
    if not (1.4 * letter <= box.h <= 5 * letter and 2.5 * letter <= box.w <= 20 * letter):
        return False
    if min(box.x0, box.y0) < 2 or box.x1 + 2 > sheet.width or box.y1 + 2 > sheet.height:
        return False
    rows, columns = slice(box.y0, box.y1), slice(box.x0, box.x1)
    sides = (
        ink[box.y0 - 2 : box.y0, columns].any(axis=0), ink[box.y1 : box.y1 + 2, columns].any(axis=0),
        ink[rows, box.x0 - 2 : box.x0].any(axis=1), ink[rows, box.x1 : box.x1 + 2].any(axis=1),
    )  # fmt: skip
    if not all(bool(side.mean() > 0.97) for side in sides):
        return False
    far, out = round(0.3 * letter), round(0.7 * letter)  # beyond the border's own width
    on = 0
    for y0, y1 in ((box.y0 - 2, box.y0), (box.y1, box.y1 + 2)):
        for x0, x1 in ((box.x0 - out, box.x0 - far), (box.x1 + far, box.x1 + out)):
            on += _runs_on(ink[max(0, y0) : y1, max(0, x0) : x1])
    for x0, x1 in ((box.x0 - 2, box.x0), (box.x1, box.x1 + 2)):
        for y0, y1 in ((box.y0 - out, box.y0 - far), (box.y1 + far, box.y1 + out)):
            on += _runs_on(ink[max(0, y0) : y1, max(0, x0) : x1].T)
    return on <= 1


def _runs_on(strip: Mask) -> bool:
    """Whether a line is drawn along a strip."""
    return bool(strip.size and strip.any(axis=0).mean() > 0.9)


def ring_around(regions: NDArray[np.int32], box: Rect, filled: NDArray[np.uint8], by: int) -> NDArray[np.int32]:
    """The regions under a ring `by` pixels outside a filled outline."""
    padded = np.pad(filled, by + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    ring = cv2.dilate(padded, kernel) - cv2.dilate(padded, kernel[1:-1, 1:-1])
    ys, xs = np.nonzero(ring)
    ys, xs = ys + box.y0 - by - 1, xs + box.x0 - by - 1
    ok = (ys >= 0) & (xs >= 0) & (ys < regions.shape[0]) & (xs < regions.shape[1])
    return np.asarray(regions[ys[ok], xs[ok]], np.int32)
