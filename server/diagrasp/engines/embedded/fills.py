"""Containers by their fill: rectangles of one colour that connectors and nodes cut in pieces.

Where a container's border is too faint to be ink, its paper still differs from the page's.  Every pixel belongs to its
nearest paper region, so the pieces of one fill touch each other across the connectors between them.
"""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.raster import Sheet
from diagrasp.engines.embedded.rect import Rect
from diagrasp.engines.embedded.symbols import colour_of

STEP = 4
"""Pieces are put together at one pixel of this many."""
LIKE = 2
"""Levels by which two pieces of one fill differ at most."""
SOLID = 0.93
"""Least share of its bounds that a fill covers, what stands on it included."""


def find_fills(sheet: Sheet) -> list[Rect]:
    """Rectangles filled in a colour other than the page's, at least three letters high and wide."""
    letter = sheet.letter
    stats = sheet.stats
    least = 3.0 * letter * letter
    page = colour_of(sheet, sheet.page)
    pieces: list[tuple[int, np.ndarray[tuple[int], np.dtype[np.int32]]]] = []
    for region in range(1, len(stats)):
        if region == sheet.page or stats[region, 4] < least:
            continue
        colour = colour_of(sheet, region)
        if np.abs(colour - page).max() > LIKE:
            pieces.append((region, np.asarray(colour, np.int32).reshape(3)))
    small = sheet.regions[::STEP, ::STEP]
    out: list[Rect] = []
    while pieces:
        first = pieces[0][1]
        alike = [region for region, colour in pieces if np.abs(colour - first).max() <= LIKE]
        pieces = [(region, colour) for region, colour in pieces if np.abs(colour - first).max() > LIKE]
        mask = np.isin(small, alike).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if min(w, h) * STEP < 3 * letter or cv2.contourArea(contour) < SOLID * (w - 1) * (h - 1):
                continue
            box = Rect(x * STEP, y * STEP, (x + w) * STEP, (y + h) * STEP).grow(STEP)
            own = [
                Rect(int(s[0]), int(s[1]), int(s[0] + s[2]), int(s[1] + s[3]))
                for s in stats[alike]
                if box.inside(s[0] + s[2] / 2, s[1] + s[3] / 2)
            ]
            if own:
                whole = own[0]
                for piece in own[1:]:
                    whole = whole.union(piece)
                out.append(whole)
    return out
