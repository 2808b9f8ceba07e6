"""Text inside symbols, whole: letters that run together or touch the outline are text too, for nothing else is there.

`text.find_text` has to be careful, for outside symbols ink may be a connector.  Once the symbols are known, what is
left inside one that stands in a row with its text, or makes a row of its own in the middle, belongs to its label.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.raster import Mask, Sheet
from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Rect, Text, TextLine

LEAST = 2.5
"""Letter heights that a symbol's shorter side has at least to hold text."""
CONVEX = frozenset(
    {"process", "rounded", "stadium", "ellipse", "circle", "decision", "data", "hexagon", "manual_operation", "trapezoid",
     "manual_input", "triangle"}
)  # fmt: skip


def complete(sheet: Sheet, nodes: list[Symbol], text: Text) -> Text:
    """Add to the lines inside symbols what was left out of them, and the lines that were not seen at all.

    Outlines of convex shapes lose the notches that touching letters had cut into them.
    """
    letter = sheet.letter
    lines = list(text.lines)
    ink = text.ink.copy()
    for symbol in nodes:
        b = symbol.outline.box
        if min(b.w, b.h) < LEAST * letter or symbol.container:
            continue
        symbol.outline.mask = _hull(symbol)
        rest = _rest(sheet, symbol, ink)
        if not rest.any():
            continue
        own = [k for k, t in enumerate(lines) if _within(t.box, symbol) and not t.vertical]
        pieces = _pieces(rest, letter, b)
        while True:
            taken = [p for p in pieces if _join(p, lines, own, letter)]
            if not taken:
                break
            pieces = [p for p in pieces if not any(p is t for t in taken)]
            _mark(ink, rest, b, taken)
        rows = _rows(pieces, letter)
        for row in rows:
            box = row[0]
            for r in row[1:]:
                box = box.union(r)
            middle = abs(box.cx - b.cx) <= 0.15 * b.w
            free = all(min(box.y1, lines[k].box.y1) - max(box.y0, lines[k].box.y0) < 0.3 * letter for k in own)
            if middle and free and box.w >= 1.5 * letter and 0.6 * letter <= box.h <= 2.4 * letter:
                lines.append(TextLine(box, tuple(row), symbol.outline.region))
                _mark(ink, rest, b, row)
    return Text(lines, ink)


def _within(box: Rect, symbol: Symbol) -> bool:
    o = symbol.outline
    return o.box.inside(box.cx, box.cy) and bool(o.mask[int(box.cy) - o.box.y0, int(box.cx) - o.box.x0])


def _rest(sheet: Sheet, symbol: Symbol, text: Mask) -> NDArray[np.uint8]:
    """Ink inside an outline that is no text yet, nor the symbol's own lines; cropped to the outline's box."""
    b = symbol.outline.box
    inside = cv2.erode(np.pad(symbol.outline.mask, 1), np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    ink = (sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & ~text[b.y0 : b.y1, b.x0 : b.x1] & (inside > 0)).astype(np.uint8)
    for icon in symbol.icons:
        i = icon.box.grow(0.4 * sheet.letter)
        ink[max(0, i.y0 - b.y0) : max(0, i.y1 - b.y0), max(0, i.x0 - b.x0) : max(0, i.x1 - b.x0)] = 0
    length = int(max(5 * sheet.letter, 0.8 * b.w))  # a compartment's line is longer than letters that run together
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((int(2.6 * sheet.letter), 1), np.uint8))
    lines = cv2.dilate(across | down, np.ones((3, 3), np.uint8))
    return np.asarray(ink & ~lines, np.uint8)


def _hull(symbol: Symbol) -> NDArray[np.uint8]:
    """An outline's mask without the notches that letters touching it cut."""
    mask = symbol.outline.mask
    if symbol.shape not in CONVEX:
        return mask
    contours, _ = cv2.findContours(np.pad(mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(-1, -1))
    out = np.zeros_like(mask)
    cv2.fillConvexPoly(out, cv2.convexHull(np.vstack(contours)), 1)
    return np.asarray(out, np.uint8)


def _pieces(rest: NDArray[np.uint8], letter: float, origin: Rect) -> list[Rect]:
    """Boxes, on the sheet, of what is left that is of a letter's or a word's size."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    out = []
    for x, y, w, h, area in stats[1:].tolist():
        if 0.3 * letter <= h <= 2.2 * letter and 0.15 * letter <= w <= 14 * letter and area >= 6:
            out.append(Rect(x, y, x + w, y + h))
        elif h < 0.3 * letter <= w <= 1.2 * letter and area >= 4:  # a hyphen, an underscore
            out.append(Rect(x, y, x + w, y + h))
    return [Rect(r.x0 + origin.x0, r.y0 + origin.y0, r.x1 + origin.x0, r.y1 + origin.y0) for r in out]


def _join(piece: Rect, lines: list[TextLine], own: list[int], letter: float) -> bool:
    """Give a piece to the line that it stands in a row with; whether there is one."""
    for k in own:
        line = lines[k]
        b, s = line.box, max(line.size, 0.8 * letter)
        both = min(piece.y1, b.y1) - max(piece.y0, b.y0)
        gap = max(piece.x0, b.x0) - min(piece.x1, b.x1)
        level = abs(piece.cy - b.cy) <= 0.5 * s or piece.h <= 0.6 * s
        if level and both >= 0.6 * piece.h and piece.h <= 1.6 * s and gap <= 0.75 * s:
            lines[k] = TextLine(b.union(piece), (*line.letters, piece), line.region)
            return True
    return False


def _rows(pieces: list[Rect], letter: float) -> list[list[Rect]]:
    """Pieces gathered into rows."""
    rows: list[list[Rect]] = []
    for piece in sorted(pieces, key=lambda r: r.x0):
        if piece.h < 0.45 * letter:
            continue
        for row in rows:
            last = row[-1]
            both = min(piece.y1, last.y1) - max(piece.y0, last.y0)
            if both >= 0.5 * min(piece.h, last.h) and piece.x0 - last.x1 <= 1.2 * letter:
                row.append(piece)
                break
        else:
            rows.append([piece])
    return rows


def _mark(ink: Mask, rest: NDArray[np.uint8], origin: Rect, pieces: list[Rect]) -> None:
    """Note pieces as text."""
    for r in pieces:
        view = rest[r.y0 - origin.y0 : r.y1 - origin.y0, r.x0 - origin.x0 : r.x1 - origin.x0]
        ink[r.y0 : r.y1, r.x0 : r.x1] |= view > 0
