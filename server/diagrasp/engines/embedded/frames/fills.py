"""Containers by their fill: rectangles of one colour that connectors and nodes cut in pieces.

Where a container's border is too faint to be ink, its paper still differs from the page's.  Every pixel belongs to its
nearest paper region, so the pieces of one fill touch each other across the connectors between them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import colour_of

STEP = 4
"""Pieces are put together at one pixel of this many."""
LIKE = 2
"""Levels by which two pieces of one fill differ at most."""
SOLID = 0.93
"""Least share of its bounds that a fill covers, what stands on it included."""
STEEP = 6
"""Levels by which a tint differs from what is around it at least: gradients rise more slowly."""
EDGED = 0.8
"""Share of the way around a tint that does so."""
MOST_TINTS = 24
"""Colours that are looked at, the commonest first; a photograph has thousands."""
WHOLE = 0.85
"""Share of the picture from which on a tint is its ground."""


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


def find_tints(sheet: Sheet) -> list[Rect]:
    """Rectangles of one colour that is too pale for its edge to part regions, at least three letters high and wide."""
    small = np.ascontiguousarray(sheet.ground[::STEP, ::STEP])
    sample = small[::2, ::2].astype(np.int32)
    packed, counts = np.unique(sample @ np.array([1 << 16, 1 << 8, 1]), return_counts=True)
    order = np.argsort(-counts)[:MOST_TINTS]
    order = order[counts[order] >= (1.5 * sheet.letter / STEP) ** 2]
    done = [_page_colour(sheet)]
    out: list[Rect] = []
    for colour in np.stack([packed >> 16, (packed >> 8) & 255, packed & 255], axis=1)[order]:
        if any(np.abs(colour - other).max() <= LIKE for other in done):
            continue
        done.append(colour)
        mask = cv2.morphologyEx(
            _alike(small, colour, LIKE), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
        )  # beside strokes it is off a little
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if min(w, h) * STEP < 3 * sheet.letter or cv2.contourArea(contour) < SOLID * (w - 1) * (h - 1):
                continue
            if w * h <= WHOLE * mask.size and _edged(small, Rect(x, y, x + w, y + h), colour):
                out.append(_exact(sheet, Rect(x * STEP, y * STEP, (x + w) * STEP, (y + h) * STEP), colour))
    return out


def _page_colour(sheet: Sheet) -> NDArray[np.int32]:
    """The page's colour at the picture's edge: further in, tints may cover most of it."""
    colours, regions = (
        np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]]) for plane in (sheet.ground, sheet.regions)
    )
    own = colours[regions == sheet.page]
    return np.asarray(np.median(own, axis=0) if len(own) else colour_of(sheet, sheet.page), np.int32).reshape(3)


def _exact(sheet: Sheet, box: Rect, colour: NDArray[np.int32]) -> Rect:
    """The bounds of a tint to the pixel."""
    wide = box.grow(2 * STEP)
    x0, y0 = max(0, wide.x0), max(0, wide.y0)
    view = np.ascontiguousarray(sheet.ground[y0 : wide.y1, x0 : wide.x1])
    own = _alike(view, colour, STEEP) > 0
    columns, rows = (np.flatnonzero(own.mean(axis=axis) >= 0.5) for axis in (0, 1))
    if len(columns) == 0 or len(rows) == 0:
        return box
    return Rect(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)


def _alike(view: NDArray[np.uint8], colour: NDArray[np.int32], levels: int) -> NDArray[np.uint8]:
    """(H, W) not 0 where a picture differs from a colour by so many levels at most."""
    low, high = (np.asarray(colour + sign * levels, np.float64) for sign in (-1, 1))
    return np.asarray(cv2.inRange(view, low, high), np.uint8)


def _edged(small: NDArray[np.uint8], box: Rect, colour: NDArray[np.int32]) -> bool:
    """Whether the colours around a rectangle differ from its own, as they do on a slope nowhere.

    Args:
        small: (H, W, 3) the ground, whose edge counts as another colour.
        box: of the rectangle there.
    """
    rows, columns = slice(box.y0, box.y1), slice(box.x0, box.x1)
    apart, long = 0, 0
    for axis, at, along in ((0, box.y0 - 2, columns), (0, box.y1 + 1, columns), (1, box.x0 - 2, rows),
                            (1, box.x1 + 1, rows)):  # fmt: skip
        count = along.stop - along.start
        long += count
        if not 0 <= at < small.shape[axis]:
            apart += count
            continue
        strip = small[at, along] if axis == 0 else small[along, at]
        apart += int(np.count_nonzero(np.abs(strip.astype(np.int32) - colour).max(axis=1) >= STEEP))
    return apart >= EDGED * long
