"""Text inside symbols, whole: letters that run together or touch the outline are text too, for nothing else is there.

`text.find_text` has to be careful, for outside symbols ink may be a connector.  Once the symbols are known, what is
left inside one that stands in a row with its text, or makes a row of its own in the middle, belongs to its label.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.labels.headings import through
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LEAST = 2.5
"""Letter heights that a symbol's shorter side has at least to hold text."""
BROAD = 0.6
"""Heights of letters that what reaches into a line from beside it is broad at least; accents are narrower."""
MARK = 6.0
"""Letter heights of an event or a gateway at most: what is inside is a sign."""
CONVEX = frozenset(
    {"process", "rounded", "stadium", "ellipse", "circle", "decision", "data", "hexagon", "manual_operation",
     "trapezoid", "manual_input", "triangle"}
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
        figure = symbol.container or symbol.shape == "actor"
        if min(b.w, b.h) < LEAST * letter or figure or holds_sign(symbol, letter):
            continue
        hull = _hull(symbol)
        rest = _rest(sheet, symbol, ink, hull)
        if not rest.any():
            continue
        own = [k for k, t in enumerate(lines) if _within(t.box, symbol.outline, hull) and not t.vertical]
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
            word = box.w >= 1.5 * letter and 0.6 * letter <= box.h <= 2.4 * letter
            alone = not own and len(pieces) == 1 and abs(box.cy - b.cy) <= 0.15 * b.h and 0.7 * letter <= box.h
            if (word and ((middle and free) or _goes_on(box, [lines[k] for k in own]))) or (middle and alone):
                lines.append(TextLine(box, tuple(row), symbol.outline.region))
                _mark(ink, rest, b, row)
        own = [k for k, t in enumerate(lines) if _within(t.box, symbol.outline, hull) and not t.vertical]
        _fill_notches(symbol, hull, [lines[k].box for k in own])
        for k in own:
            _overflow(sheet, symbol, lines, k, ink)
    return Text(lines, ink)


def holds_sign(symbol: Symbol, letter: float) -> bool:
    """Whether a symbol is so small that what is inside is a sign, not text."""
    b = symbol.outline.box
    flat = symbol.shape == "ellipse" and max(b.w, b.h) > 1.3 * min(b.w, b.h)  # an event's is a circle
    return symbol.shape in ("circle", "ellipse", "decision") and max(b.w, b.h) <= MARK * letter and not flat


def _overflow(sheet: Sheet, symbol: Symbol, lines: list[TextLine], k: int, ink: Mask) -> None:
    """Add to a line that reaches its symbol's border the letters that stand beyond it."""
    line, o = lines[k], symbol.outline
    b, s = line.box, line.size
    row = o.mask[max(0, b.y0 - o.box.y0) : b.y1 - o.box.y0]
    columns = np.flatnonzero(row.any(axis=0)) + o.box.x0
    if len(columns) == 0:
        return
    reach = int(3 * s) + symbol.border
    for left in (True, False):
        edge = int(columns[0]) if left else int(columns[-1]) + 1
        if (b.x0 - edge if left else edge - b.x1) > 0.6 * s:
            continue
        start = edge - symbol.border if left else edge + symbol.border
        x0, x1 = (start - reach, start) if left else (start, start + reach)
        x0, x1 = max(0, x0), min(sheet.width, x1)
        y0, y1 = max(0, b.y0 - 2), min(sheet.height, b.y1 + 2)
        if x1 - x0 < 3:
            continue
        top = max(0, y0 - 2)
        view = sheet.ink[top : y1 + 2, x0:x1] & ~ink[top : y1 + 2, x0:x1]
        _, labels, stats, _ = cv2.connectedComponentsWithStats(view.astype(np.uint8), connectivity=8)
        boxes = [Rect(x + x0, y + top, x + x0 + w, y + top + h) for x, y, w, h, _ in stats.tolist()]
        at = start
        for i in sorted(range(1, len(boxes)), key=lambda i: -boxes[i].x1 if left else boxes[i].x0):
            r = boxes[i]
            gap = at - r.x1 if left else r.x0 - at
            if gap > 0.6 * s or not 0.4 * s <= r.h <= 1.5 * s or r.w > 1.5 * s:
                break
            cut = r.x0 <= x0 if left else r.x1 >= x1
            if cut or r.y0 <= top or r.y1 >= top + view.shape[0]:  # it goes on: a connector
                break
            lines[k] = TextLine(lines[k].box.union(r), (*lines[k].letters, r), line.region)
            part = ink[r.y0 : r.y1, r.x0 : r.x1]
            part |= labels[r.y0 - top : r.y1 - top, r.x0 - x0 : r.x1 - x0] == i
            at = r.x0 if left else r.x1


def _within(box: Rect, outline: Outline, mask: NDArray[np.uint8]) -> bool:
    b = outline.box
    return b.inside(box.cx, box.cy) and bool(mask[int(box.cy) - b.y0, int(box.cx) - b.x0])


def _fill_notches(symbol: Symbol, hull: NDArray[np.uint8], lines: list[Rect]) -> None:
    """Fill the notches that letters cut into an outline; those that heads cut stay."""
    o = symbol.outline
    count, labels, stats, _ = cv2.connectedComponentsWithStats(hull & (1 - o.mask), connectivity=8)
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        notch = Rect(o.box.x0 + x, o.box.y0 + y, o.box.x0 + x + w, o.box.y0 + y + h)
        if any(notch.overlap(line) > 0 for line in lines):
            o.mask = o.mask | (labels == i).astype(np.uint8)


def _alone(sign: Rect, box: Rect, letter: float) -> bool:
    """Whether a sign of a letter's height stands right in the middle of a box: a name of one letter."""
    centred = abs(sign.cx - box.cx) <= 0.06 * box.w + 1 and abs(sign.cy - box.cy) <= 0.1 * box.h + 1
    return centred and sign.h <= 1.5 * letter


def _rest(sheet: Sheet, symbol: Symbol, text: Mask, hull: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink inside an outline that is no text yet, nor the symbol's own lines; cropped to the outline's box."""
    b = symbol.outline.box
    inside = np.asarray(cv2.erode(np.pad(hull, 1), np.ones((3, 3), np.uint8)), np.uint8)[1:-1, 1:-1]
    ink = (sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & ~text[b.y0 : b.y1, b.x0 : b.x1] & (inside > 0)).astype(np.uint8)
    for icon in symbol.icons:
        i = icon.box.grow(0.4 * sheet.letter)
        ink[max(0, i.y0 - b.y0) : max(0, i.y1 - b.y0), max(0, i.x0 - b.x0) : max(0, i.x1 - b.x0)] = 0
    length = int(max(5 * sheet.letter, 0.8 * b.w))  # a compartment's line is longer than letters that run together
    across = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.uint8)
    high = int(2.6 * sheet.letter)
    down = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((high, 1), np.uint8)), np.uint8)
    lines = np.asarray(cv2.dilate(across | down, np.ones((3, 3), np.uint8)), np.uint8)
    return ink & (1 - lines)


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
        letters = 0.3 * letter <= h <= 2.2 * letter and 0.15 * letter <= w <= 14 * letter and area >= 6
        sign = h < 0.3 * letter <= w <= 1.2 * letter and area >= 4  # a hyphen, an underscore
        if letters or sign:
            out.append(Rect(x, y, x + w, y + h))
    return [Rect(r.x0 + origin.x0, r.y0 + origin.y0, r.x1 + origin.x0, r.y1 + origin.y0) for r in out]


def _join(piece: Rect, lines: list[TextLine], own: list[int], letter: float) -> bool:
    """Give a piece to the line that it stands in a row with; whether there is one."""
    for k in own:
        line = lines[k]
        b, s = line.box, max(line.size, 0.8 * letter)
        both = min(piece.y1, b.y1) - max(piece.y0, b.y0)
        gap = max(piece.x0, b.x0) - min(piece.x1, b.x1)
        sign = piece.h <= 0.6 * s  # stands apart, as the one of equality does
        level = abs(piece.cy - b.cy) <= 0.5 * s or sign
        if level and both >= 0.6 * piece.h and piece.h <= 1.6 * s and gap <= (1.2 if sign else 0.75) * s:
            lines[k] = TextLine(b.union(piece), (*line.letters, piece), line.region)
            return True
    return False


def _goes_on(row: Rect, lines: list[TextLine]) -> bool:
    """Whether a row of pieces begins or ends a line: level with it, a wide space away."""
    return any(
        min(row.y1, t.box.y1) - max(row.y0, t.box.y0) >= 0.6 * min(row.h, t.box.h)
        and row.h <= 1.5 * t.box.h
        and 0 <= max(row.x0, t.box.x0) - min(row.x1, t.box.x1) <= 1.6 * t.size
        for t in lines
    )


def _rows(pieces: list[Rect], letter: float) -> list[list[Rect]]:
    """Pieces gathered into rows."""
    rows: list[list[Rect]] = []
    for piece in sorted(pieces, key=lambda r: r.x0):
        for row in rows:
            high = max(row, key=lambda r: r.h)
            both = min(piece.y1, high.y1) - max(piece.y0, high.y0)
            if both >= 0.5 * min(piece.h, high.h) and piece.x0 - max(r.x1 for r in row) <= 1.2 * letter:
                row.append(piece)
                break
        else:
            if piece.h >= 0.45 * letter:
                rows.append([piece])
    return rows


def rows_in(rest: NDArray[np.uint8], letter: float, box: Rect) -> list[tuple[Rect, list[Rect]]]:
    """The rows of letters in what is drawn inside a box: their bounds on the sheet, and their pieces.

    Args:
        rest: (h, w) uint8, cropped to the box.
    """
    out = []
    for row in _rows(_pieces(rest, letter, box), letter):
        whole = row[0]
        for r in row[1:]:
            whole = whole.union(r)
        out.append((whole, row))
    return out


def _mark(ink: Mask, rest: NDArray[np.uint8], origin: Rect, pieces: list[Rect]) -> None:
    """Note pieces as text."""
    for r in pieces:
        view = rest[r.y0 - origin.y0 : r.y1 - origin.y0, r.x0 - origin.x0 : r.x1 - origin.x0]
        ink[r.y0 : r.y1, r.x0 : r.x1] |= view > 0


def wipe_outline(grey: NDArray[np.uint8], origin: tuple[int, int], scale: float, symbol: Symbol) -> None:
    """Paint over, in a line's crop, the symbol's own outline where letters touch it.

    Args:
        grey: (h, w) crop of the picture, changed in place.
        origin: where the crop lies in the picture, in its pixels.
        scale: the sheet's pixels for one of the picture.
    """
    o, h, w = symbol.outline, *grey.shape
    xs = (((np.arange(w) + origin[0] + 0.5) * scale).astype(int) - o.box.x0).clip(-1, o.box.w)
    ys = (((np.arange(h) + origin[1] + 0.5) * scale).astype(int) - o.box.y0).clip(-1, o.box.h)
    # How far each pixel lies outside of the filled outline: the band of the stroke is wiped, and all of the outside
    # where no letter stands beyond it.
    pad = symbol.border + 2
    mask = np.pad(o.mask, pad)
    inside = mask[np.ix_(ys + pad, xs + pad)] > 0
    if inside.all() or not inside.any():
        return
    side = 2 * symbol.border + 1
    grown = np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)))[np.ix_(ys + pad, xs + pad)] > 0
    paper = int(np.median(grey[inside]))
    beyond = ~grown
    letters = beyond.any() and bool((np.abs(grey[beyond].astype(int) - paper) > 60).mean() > 0.12)
    grey[grown & ~inside if letters else ~inside] = paper


def wipe_margins(grey: NDArray[np.uint8], top: int, bottom: int) -> None:
    """Paint over what is above and below the letters in the crop of a line.

    Args:
        grey: (h, w) crop of the picture with a margin around the letters, changed in place.
        top, bottom: where the letters begin and end.
    """
    paper = int(np.median(grey))
    grey[: max(0, top)] = paper
    grey[max(1, bottom) :] = paper


def wipe_neighbours(grey: NDArray[np.uint8], top: int, bottom: int) -> None:
    """Paint over, in the crop of a line, what reaches in from above or below: an event's ring, other words.

    What is as narrow as an accent stays, unless something broader comes in from its side.

    Args:
        grey: (h, w) crop of the picture with a margin around the letters, changed in place.
        top, bottom: where the letters begin and end.
    """
    if not 0 < top < bottom < len(grey):
        return
    paper = int(np.median(grey))
    ink = (np.abs(grey.astype(np.int16) - paper) > 0.3 * max(paper, 255 - paper)).astype(np.uint8)
    if not (ink[0].any() or ink[-1].any()):
        return
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    y0, broad = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_WIDTH] >= BROAD * (bottom - top)
    y1 = y0 + stats[:, cv2.CC_STAT_HEIGHT]
    into = max(1, round(0.1 * (bottom - top)))
    strange = np.zeros(len(stats), bool)
    for side in ((y0 == 0) & (y1 <= top + into), (y1 == len(grey)) & (y0 >= bottom - into)):
        side[0] = False
        if (side & broad).any():
            strange |= side
    if strange.any():
        mask = cv2.dilate(strange[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        grey[mask & ((ink == 0) | strange[labels])] = paper


def wipe_connectors(grey: NDArray[np.uint8], left: int, right: int) -> None:
    """Paint over, in the crop of a line outside symbols, the connectors that reach it from the side or run through it.

    Args:
        grey: (h, w) crop of the picture with a margin around the letters, changed in place.
        left, right: where the letters begin and end.
    """
    paper = int(np.median(grey))
    ink = np.abs(grey.astype(int) - paper) > 60
    for part, dark in ((slice(0, max(0, left)), ink[:, : max(0, left)]), (slice(right, None), ink[:, right:])):
        rows = dark.any(axis=1)
        if rows.any() and rows.mean() <= 0.3 and dark.shape[1] > 1:
            grey[:, part] = paper
            ink[:, part] = False
    # Letters do not reach into the margins above and below; what fills a column whole runs across the text.
    full = ink.mean(axis=0) >= 0.97
    edges = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]])))
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        x0, x1 = a - 2, b + 1  # its soft edges too
        if b - a > max(3, 0.25 * grey.shape[0]) or x0 < 0 or x1 >= grey.shape[1]:
            continue
        share = np.linspace(0.0, 1.0, x1 - x0 + 1)
        across = grey[:, [x0]] * (1 - share) + grey[:, [x1]] * share
        grey[:, x0 : x1 + 1] = across.round().astype(np.uint8)
    slanting = through(np.abs(grey.astype(int) - paper) > 60, 0.6 * grey.shape[0], 0.25)
    if slanting.any():
        grey[:] = cv2.inpaint(
            grey, cv2.dilate(slanting.astype(np.uint8), np.ones((1, 3), np.uint8)), 2, cv2.INPAINT_TELEA
        )
