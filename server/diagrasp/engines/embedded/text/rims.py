"""Labels on grounds of their own, whole: a connector that meets a ground's rim takes the letter there along.

What such a ground covers is hidden, so all ink on it beside the label's letters is the label's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import Text, TextLine

APART, ALIKE = 8, 5
"""Levels by which a ground differs from the page at least, and from itself at most: some are too pale for regions."""
LOST = 2.2
"""Length of what a label may lack at one end, in letter heights."""
LEAST = 0.3
"""The same at least."""
INKED = 0.55
"""Share of its columns that have ink: letters leave gaps, margins are bare."""


def to_rims(sheet: Sheet, text: Text) -> Text:
    """The text, lines on grounds with the letters between them and the rims."""
    x, y, w, h, _ = (int(v) for v in sheet.stats[sheet.page])
    if not text.lines or not w * h:  # in noise the page may be a strip that was taken for a label's ground
        return text
    lines, ink = list(text.lines), text.ink.copy()
    page = np.median(sheet.ground[y : y + h : 7, x : x + w : 7].reshape(-1, 3), axis=0)
    for k, line in enumerate(lines):
        if line.vertical:
            continue
        whole = _whole(sheet, line, lines, page)
        if whole is None:
            continue
        more = [Rect(a, whole.y0, b, whole.y1) for a, b in ((whole.x0, line.box.x0), (line.box.x1, whole.x1)) if b > a]
        for r in more:
            ink[r.y0 : r.y1, r.x0 : r.x1] |= sheet.ink[r.y0 : r.y1, r.x0 : r.x1]
        lines[k] = TextLine(whole, (*line.letters, *more), line.region)
    return Text(lines, ink)


def _whole(sheet: Sheet, line: TextLine, lines: list[TextLine], page: NDArray[np.float64]) -> Rect | None:
    """The bounds of a line with what its ground shows beside it; None where that is nothing, or no ground is."""
    letter, b = sheet.letter, line.box
    ground = _ground(sheet, b, page)
    if ground is None:
        return None
    ends = []
    for a, z in ((ground[0], b.x0), (b.x1, ground[1])):
        beside = sheet.ink[b.y0 : b.y1, a:z].any(axis=0) if z > a else np.zeros(0, bool)
        found = np.flatnonzero(beside)
        lost = LEAST * letter <= z - a <= LOST * letter and len(found) >= INKED * (z - a)
        if lost and any(t is not line and t.box.overlap(Rect(a, b.y0, z, b.y1)) > 0 for t in lines):
            lost = False
        ends.append((a + int(found[0]), a + int(found[-1]) + 1) if lost else None)
    left, right = ends
    if left is None and right is None:
        return None
    return Rect(left[0] if left else b.x0, b.y0, right[1] if right else b.x1, b.y1)


def _ground(sheet: Sheet, b: Rect, page: NDArray[np.float64]) -> tuple[int, int] | None:
    """Where the ground under a line of text begins and ends: its colour goes on above or below the letters."""
    reach = round(LOST * sheet.letter) + 2
    x0, x1 = max(0, b.x0 - reach), min(sheet.width, b.x1 + reach)
    strips = [
        sheet.rgb[max(0, y0) : y1, x0:x1].astype(np.int16) for y0, y1 in ((b.y0 - 3, b.y0 - 1), (b.y1 + 1, b.y1 + 3))
    ]
    middle = slice(b.x0 - x0, b.x1 - x0)
    if any(not strip.size for strip in strips):
        return None
    colour = np.median(np.concatenate([strip[:, middle].reshape(-1, 3) for strip in strips]), axis=0)
    if np.abs(colour - page).max() < APART:
        return None
    alike = np.any([(np.abs(strip - colour).max(axis=2) <= ALIKE).all(axis=0) for strip in strips], axis=0)
    left, right = b.x0 - x0, b.x1 - x0
    while left > 0 and alike[left - 1]:
        left -= 1
    while right < len(alike) and alike[right]:
        right += 1
    return x0 + left, x0 + right
