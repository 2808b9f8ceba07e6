"""Labels cut into a line so closely that the line's ends touch their outer letters: both parted again.

A letter that touches a line is part of a stroke for the search for text, and the line's last bit, where it is short,
part of a letter.  A line is thin and level; where the ink grows from that to a letter's height, the letter begins.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.arrows import is_head
from diagrasp.engines.embedded.text.textlines import Text, TextLine

THIN = 0.3
"""Greatest thickness of a line, in heights of the label's letters."""
TAIL = 0.35
"""Least length of a line's piece that is told from a letter's arm, in heights of the letters."""
ACROSS = 0.8
"""Share of a label's length that a line covers which runs through it."""
GAP, WIDE = 0.45, 1.15
"""Widest gap before a letter, and widest letter, in heights of the letters."""


def parted(sheet: Sheet, text: Text, outlines: Mask) -> Text:
    """The text, outer letters that a level line touches added, pieces of such lines taken away.

    Args:
        outlines: (H, W) bool, ink of the symbols' outlines.
    """
    ink = text.ink.copy()
    lines: list[TextLine] = []
    for line in text.lines:
        if not line.vertical and len(line.letters) >= 1:
            for right in (True, False):
                line = _at_end(sheet.ink, outlines, ink, line, right=right)
        lines.append(line)
    return Text(lines, ink)


def _at_end(all_ink: Mask, outlines: Mask, text_ink: Mask, line: TextLine, *, right: bool) -> TextLine:
    b, s = line.box, line.size
    reach, rim = round((GAP + WIDE + 3 * TAIL) * s), max(2, round(0.35 * s))
    y0, y1 = max(0, b.y0 - rim), min(all_ink.shape[0], b.y1 + rim)
    x0, x1 = (b.x0, b.x1 + reach) if right else (b.x0 - reach, b.x1)
    x0, x1 = max(0, x0), min(all_ink.shape[1], x1)
    view = slice(y0, y1), slice(x0, x1)
    if right:
        mine, every, drawn = text_ink[view], all_ink[view], outlines[view]
    else:
        mine, every, drawn = text_ink[view][:, ::-1], all_ink[view][:, ::-1], outlines[view][:, ::-1]
    rows = b.y0 - y0, b.y1 - y0
    end = b.w
    tail = _tail(mine[:, :end][:, ::-1], rows, s)
    if tail >= TAIL * s and end < every.shape[1] and every[:, end : end + 3].any():
        mine[:, end - tail : end] = False
        return _resized(line, b.x1 - tail if right else b.x0 + tail, right=right)
    beyond = every[:, end:] & ~drawn[:, end:] & ~mine[:, end:]
    if _tail(beyond, rows, s) >= TAIL * s:
        _take_slivers(mine[:, :end], every[:, :end] & ~drawn[:, :end], s)
        return line
    found = _letter(beyond, rows, s)
    if found is None:
        return line
    first, last, top, bottom = found
    mine[top:bottom, end + first : end + last] |= every[top:bottom, end + first : end + last]
    at = (b.x1 + first, b.x1 + last) if right else (b.x0 - last, b.x0 - first)
    letter = Rect(at[0], y0 + top, at[1], y0 + bottom)
    return TextLine(b.union(letter), (*line.letters, letter), line.region, tall=line.tall)


def _take_slivers(mine: Mask, every: Mask, size: float) -> None:
    """Give a line of text the level strokes of its own letters that a line on their height was lengthened by.

    Args:
        mine: (h, w) bool, the text's ink where it stands, changed in place.
        every: all the ink there.
    """
    rest = every & ~mine
    if not rest.any() or rest.any(axis=0).mean() > ACROSS:  # the line itself runs through
        return
    _, labels, stats, _ = components(rest)
    flat = (stats[:, 3] <= max(2.0, THIN * size)) & (stats[:, 2] <= 2 * size)
    flat[0] = False
    mine |= flat[labels]


def _resized(line: TextLine, edge: int, *, right: bool) -> TextLine:
    """The line without what lies beyond an edge."""
    letters = [
        Rect(r.x0, r.y0, min(r.x1, edge), r.y1) if right else Rect(max(r.x0, edge), r.y0, r.x1, r.y1)
        for r in line.letters
        if (r.x0 < edge if right else r.x1 > edge)
    ]
    b = line.box
    box = Rect(b.x0, b.y0, edge, b.y1) if right else Rect(edge, b.y0, b.x1, b.y1)
    return TextLine(box, tuple(letters), line.region, tall=line.tall) if letters and box.w > 0 else line


def _tail(mask: Mask, rows: tuple[int, int], size: float) -> int:
    """How many columns from the first on hold nothing but one thin level run, about halfway up the letters."""
    count = mask.sum(axis=0)
    top = mask.argmax(axis=0)
    if not len(count) or not count[0]:
        return 0
    height = rows[1] - rows[0]
    one = count == mask.shape[0] - mask[::-1].argmax(axis=0) - top
    middle = top + (count - 1) / 2
    usual = float(np.median(middle[: int(TAIL * size) + 1]))
    level = np.abs(middle - usual) <= 1.5
    amid = rows[0] + 0.2 * height <= usual <= rows[1] - 0.2 * height
    fine = one & level & (count > 0) & (count <= max(2.0, THIN * size))
    return 0 if not amid else int(fine.argmin()) if not fine.all() else len(fine)


def _letter(mask: Mask, rows: tuple[int, int], size: float) -> tuple[int, int, int, int] | None:
    """The letter that a line's end touches, as its first column, the one after its last, and rows likewise.

    Args:
        mask: (h, w) bool, ink beyond the line of text, whose outermost column adjoins column 0.
    """
    count = mask.sum(axis=0)
    inked = np.flatnonzero(count)
    if not len(inked) or inked[0] > GAP * size:
        return None
    first = int(inked[0])
    for last in range(first + max(2, int(0.12 * size)), min(first + int(WIDE * size) + 1, len(count))):
        tail = _tail(mask[:, last:], rows, size)
        turn = mask[:, last + tail : last + tail + 3]
        turns = turn[0].any() or turn[-1].any()  # the line's corner
        if tail >= (TAIL if turns else 2 * TAIL) * size:
            break
    else:
        return None
    body = mask[:, first:last]
    ys = np.flatnonzero(body.any(axis=1))
    top, bottom = int(ys[0]), int(ys[-1]) + 1
    tall = 0.5 * size <= bottom - top and rows[0] - 0.25 * size <= top and bottom <= rows[1] + 0.3 * size
    if not tall or top == 0 or bottom == mask.shape[0] or not body.any(axis=0).all():
        return None
    hull = _hull(body[top:bottom])
    if is_head(hull, size, right=True) or is_head(hull, size, right=False):
        return None
    return first, last, top, bottom


def _hull(mask: Mask) -> NDArray[np.bool_]:
    """A mask's convex hull, filled."""
    ys, xs = np.nonzero(mask)
    out = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(out, cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.int32)), 1)
    return out > 0
