"""Fork and join bars that are boxes rather than strokes: drawn hollow, or as thick as the letters are tall.

What tells them from strips of tables and from titles is that nothing goes on at their corners, and that lines end at
their long sides.
"""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.picture.components import runs_of
from diagrasp.engines.embedded.picture.raster import Mask, Sheet, median_colour
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline, running_on
from diagrasp.engines.embedded.symbols.shapes import Fit

THICKEST = 1.7
"""Thickness of a bar with its border, in letter heights, at most."""
SLIM = 4.5
"""How many times longer than thick a bar is at least."""
REACH = 0.6
"""Letter heights beside a bar's long side within which a line that ends there is seen: its head may stop short."""
WIDEST = 1.6
"""Width of an arrow's head beside a bar, in letter heights, at most."""
STARK = 90
"""Least difference of a filled bar's colour from the paper's, in levels."""
LEAST = 2
"""Lines that end at a bar, at least."""


def hollow_bar(sheet: Sheet, symbol: Symbol) -> Symbol | None:
    """The bar that a closed outline without text in it is; None where it is something else."""
    b = symbol.box
    if symbol.shape not in ("process", "rounded") or symbol.outline.fit.score < CLOSED:
        return None
    if not is_slim(b, sheet.letter) or any(running_on(sheet, symbol.outline.box)):
        return None
    if lines_at(sheet.ink, b, sheet.letter) < LEAST:
        return None
    inner = symbol.outline.box
    if not symbol.drawn and not _solid(sheet, symbol):
        return None
    if (sheet.ink[inner.y0 : inner.y1, inner.x0 : inner.x1] & (symbol.outline.mask > 0)).any():
        return None
    return as_bar(b)


def _solid(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline without a line around it is filled, and with a colour far from that of the paper around."""
    b = symbol.outline.box
    outer = b.grow(max(3, 0.4 * sheet.letter))
    y0, x0, y1, x1 = max(0, outer.y0), max(0, outer.x0), min(sheet.height, outer.y1), min(sheet.width, outer.x1)
    edges = sheet.ground[[y0, y1 - 1], x0:x1].reshape(-1, 3)
    own = median_colour(sheet.rgb[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3))
    return bool(np.abs(median_colour(edges) - own).max() >= STARK)


def is_slim(box: Rect, letter: float) -> bool:
    """Whether a box has a bar's proportions."""
    thick, long = min(box.w, box.h), max(box.w, box.h)
    return thick <= THICKEST * letter and long >= SLIM * thick and long >= 3.2 * letter


def as_bar(box: Rect) -> Symbol:
    """The node that a bar with these bounds is."""
    mask = np.ones((box.h, box.w), np.uint8)
    return Symbol(Outline(0, box, mask, Fit("bar", 1.0), box.w * box.h), "bar", 2)


def lines_at(ink: Mask, box: Rect, letter: float) -> int:
    """How many lines end at the long sides of a bar; 0 where something runs along one of them.

    Args:
        ink: (H, W) bool.
    """
    if box.h > box.w:
        ink, box = ink.T, Rect(box.y0, box.x0, box.y1, box.x1)
    reach, away = max(3, round(REACH * letter)), max(2, round(0.15 * letter))
    count = 0
    for y0 in (box.y0 - away - reach, box.y1 + away):
        strip = ink[max(0, y0) : max(0, y0 + reach), max(0, box.x0) : box.x1]
        starts, ends = runs_of(np.atleast_2d(strip.any(axis=0)))
        wide = ends - starts
        if (wide > WIDEST * letter).any():
            return 0
        count += len(wide)
    return count
