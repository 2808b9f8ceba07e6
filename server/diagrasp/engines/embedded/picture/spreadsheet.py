"""Pictures of spreadsheets: rules from edge to edge, close together one way and farther apart the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet

ACROSS = 0.8
"""Share of the drawing's width or height that a rule covers at least: a cell that is filled or merged hides some."""
ROWS, COLUMNS = 12, 4
"""Rules from which on it is a spreadsheet; fewer may be lanes and phases, or the fields of one table."""
HIGH = 4.0
"""Height of the usual row, in letter heights, up to which nothing but a line of text has room in it."""
WIDE = 1.5
"""Width of the usual cell over its height from which on it is no square of the paper that a drawing is made on."""


def is_spreadsheet(sheet: Sheet) -> bool:
    """Whether a picture is ruled from edge to edge like a spreadsheet, which no diagram is."""
    ys, xs = (np.flatnonzero(sheet.ink.any(axis=axis)) for axis in (1, 0))
    if not len(ys) or not len(xs):
        return False
    ink = sheet.ink[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    rows = _rules(ink, 1)
    if len(rows) < ROWS or float(np.median(np.diff(rows))) > HIGH * sheet.letter:
        return False
    columns = _rules(ink, 0)
    return len(columns) >= COLUMNS and float(np.median(np.diff(columns))) >= WIDE * float(np.median(np.diff(rows)))


def _rules(ink: Mask, axis: int) -> NDArray[np.int64]:
    """Where rules begin that run along an axis from one end of the drawing to the other."""
    ruled = ink.mean(axis=axis) >= ACROSS
    return np.flatnonzero(ruled & ~np.concatenate(([False], ruled[:-1])))
