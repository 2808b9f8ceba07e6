"""Symbols whose words touch their sides: the letters bite into the paper inside, and their hull alone is whole."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.symbols.find import border_of
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline
from diagrasp.engines.embedded.symbols.shapes import classify

CONVEX = frozenset({"process", "rounded", "stadium", "decision", "hexagon", "data", "manual_operation", "trapezoid"})
"""Shapes that their hull is."""
LEAST = 0.6
"""How well an outline fits some shape at least: words bite out of it much, never most."""
HIGHEST, WIDEST = 12.0, 30.0
"""Bounds of such a symbol, in letter heights: its words fill it."""
INNER = 1.5
"""Side of the paper in letters and between them, in letter heights, at most."""
STRANGE = 0.01
"""Share of a hull that may be other paper: spaces between symbols and connectors have more of it in theirs."""
BITTEN = 0.35
"""Share of a hull that letters hide at most."""


def with_touched(sheet: Sheet, found: list[Outline]) -> list[Outline]:
    """The outlines; those that are whole but for letters which touch them from inside are their hulls."""
    return [_hull(sheet, o) or o for o in found]


def _hull(sheet: Sheet, outline: Outline) -> Outline | None:
    b, letter = outline.box, sheet.letter
    if not LEAST <= outline.fit.score < CLOSED or len(outline.parts) > 1:
        return None
    if not 1.5 * letter <= b.h <= HIGHEST * letter or not 2 * letter <= b.w <= WIDEST * letter:
        return None
    hull = _convex(outline.mask)
    more = (hull > 0) & (outline.mask == 0)
    if not 0 < more.sum() <= BITTEN * hull.sum():
        return None
    window = slice(b.y0, b.y1), slice(b.x0, b.x1)
    regions = sheet.regions[window][more & ~sheet.ink[window] & (sheet.regions[window] != outline.region)]
    sizes = sheet.stats[regions, 2:4].max(axis=1) if len(regions) else np.zeros(0)
    if (sizes > INNER * letter).sum() > STRANGE * hull.sum():
        return None
    fit = classify(hull, letter=letter)
    if fit.shape not in CONVEX or fit.score < CLOSED:
        return None
    whole = replace(outline, mask=hull, fit=fit, area=int(hull.sum()))
    _, _, drawn = border_of(sheet, whole)
    return whole if drawn else None  # else the ground of a label, which its words fill


def _convex(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) uint8: the hull of all that is set in a mask."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out = np.zeros_like(mask)
    cv2.fillConvexPoly(out, cv2.convexHull(np.vstack(contours)), 1)
    return out
