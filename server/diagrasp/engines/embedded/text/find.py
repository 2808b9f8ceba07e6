"""Where the text is: ink components that stand in rows like letters, gathered into lines.

Rules of size and neighbourhood only; what a line says is the reader's affair.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.text.arrows import are_heads, has_shaft, without_arrows
from diagrasp.engines.embedded.text.chains import chains
from diagrasp.engines.embedded.text.tails import out_of_labels, without_tails
from diagrasp.engines.embedded.text.textlines import Text, TextLine, adopt, merge_pieces, numbering


def find_text(sheet: Sheet, outlines: Mask, symbols: list[Rect]) -> Text:
    """The lines of text on a sheet, horizontal ones and those turned by a quarter.

    Args:
        outlines: (H, W) bool, ink known to be a symbol's outline.
        symbols: boxes of the symbols.
    """
    letter = sheet.letter
    ink = (sheet.ink & ~outlines).astype(np.uint8)
    strokes = _long_strokes(sheet.ink.astype(np.uint8), int(2.6 * letter))
    out_of_labels(strokes, sheet.ink, outlines, letter)
    loose = ink & ~strokes
    count, labels, stats, _ = components(loose)
    boxes = stats.astype(np.int64)
    # What touches a stroke or an outline may be a head or a corner: it needs letters beside it to count as one.
    edge = np.asarray(cv2.dilate(strokes | outlines.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8) & loose
    tainted = np.zeros(count, bool)
    tainted[np.unique(labels[edge > 0])] = True
    if without_tails(loose, labels, boxes, tainted, letter):
        tails = ink & ~strokes & ~loose
        count, labels, stats, _ = components(loose)
        boxes = stats.astype(np.int64)
        edge |= np.asarray(cv2.dilate(tails, np.ones((3, 3), np.uint8)), np.uint8)
        tainted = np.zeros(count, bool)
        tainted[np.unique(labels[(edge & loose) > 0])] = True
    w, h, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    small = (np.maximum(w, h) <= 0.45 * letter) & (area >= 3)
    glyph = (h >= 0.45 * letter) & (h <= 2.6 * letter) & (w <= 14 * letter) & (area >= 0.10 * w * h)
    for i in np.flatnonzero(glyph & (w > 2.2 * h)):  # letters run together, or a piece of connector with its head?
        x, y, bw, bh = boxes[i, :4]
        columns = (labels[y : y + bh, x : x + bw] == i).sum(axis=0)
        word = float(np.median(columns)) >= 0.28 * bh and not has_shaft(columns)
        box = Rect(x, y, x + bw, y + bh)
        word = word or (not tainted[i] and bw >= 1.2 * letter and _amid(box, symbols, [box]))  # thin, and alone
        glyph[i] = word or _written(labels, [int(i)], Rect(x, y, x + bw, y + bh), letter)
    tall = (w >= 0.45 * letter) & (w <= 2 * letter) & (h > 2.6 * letter) & (h <= 14 * letter) & (area >= 0.2 * w * h)
    for i in np.flatnonzero(tall):  # turned letters run together
        x, y, bw, bh = boxes[i, :4]
        rows = (labels[y : y + bh, x : x + bw] == i).sum(axis=1)
        tall[i] = float(np.median(rows)) >= 0.28 * bw and not has_shaft(rows)
    glyph[0] = small[0] = tall[0] = False
    flat_dash = (
        (h < 0.45 * letter) & (w <= 1.8 * letter) & (w > 0.45 * letter)
    )  # hyphens, underscores, signs of equality
    flat_dash[0] = False
    hyphen = small & (w >= 1.5 * h) & (w >= 0.25 * letter)
    rects = {int(i): Rect(int(b[0]), int(b[1]), int(b[0] + b[2]), int(b[1] + b[3])) for i, b in enumerate(boxes)}
    region = {i: int(sheet.regions[min(r.y1 - 1, int(r.cy)), min(r.x1 - 1, int(r.cx))]) for i, r in rects.items()}
    seeds = [int(i) for i in np.flatnonzero(glyph)]
    dash = (np.minimum(w, h) <= 0.42 * letter) & (np.maximum(w, h) <= 2.2 * letter) & (area >= 4)
    dash[0] = False
    dashes = boxes[dash, :2] + boxes[dash, 2:4] / 2
    lines: list[TextLine] = []
    used: set[int] = set()
    narrow: list[list[int]] = []
    for chain in chains(seeds, rects, region, letter, tainted, outlines):
        row = _without_dashes(without_arrows(chain, rects, labels, tainted, letter), rects, dashes, letter)
        if len(row) > 1 and are_heads(row, rects, labels):
            continue
        box = bounding_box([rects[i] for i in row])
        clean = sum(not tainted[i] for i in row)
        written = clean < 2 and _written(labels, row, box, letter, cuts=_cuts_line(ink, box, letter))
        if box.w <= 1.8 * letter and not written:
            narrow.append(row)
        elif clean >= 2 or (clean and box.w >= 1.5 * letter) or written:
            lines.append(TextLine(box, tuple(rects[i] for i in row), region[row[0]]))
            used |= set(row)
    # Turned text: narrow rows that stand above each other closer than lines do.
    upright = [i for row in narrow for i in row] + [int(i) for i in np.flatnonzero(tall)]
    numbers: set[int] = set()
    turned = {i: Rect(rects[i].y0, -rects[i].x1, rects[i].y1, -rects[i].x0) for i in upright}
    for column in chains(list(turned), turned, region, letter, tainted, reach=0.62):
        box = bounding_box([rects[i] for i in column])
        bars = np.median([min(rects[i].w, rects[i].h) for i in column]) <= 0.42 * letter
        runs = len(column) + sum(2 for i in column if tall[i])
        if runs >= 3 and box.h > 2.2 * letter and box.h > 1.9 * box.w and box.w <= 1.9 * letter and not bars:
            if numbering([rects[i] for i in column], lines, letter):
                numbers |= set(column)
                continue
            lines.append(TextLine(box, tuple(rects[i] for i in column), region[column[0]], vertical=True))
            used |= set(column)
    reach = max(2, round(0.35 * letter))
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    rim = np.asarray(cv2.dilate(outlines.astype(np.uint8), square), np.uint8) & loose
    beside = np.zeros(count, bool)  # a lone sign at a symbol's outline is the mark of a connector's end
    beside[np.unique(labels[rim > 0])] = True
    alone = [rects[row[0]] for row in narrow if len(row) == 1]
    named = {row[0] for row in narrow if len(row) == 1 and _amid(rects[row[0]], symbols, alone)}
    if len(named) < max(2, sum(len(line.letters) > 2 for line in lines)):
        named = set()  # signs, where symbols have words for names
    odd: list[int] = []
    for row in narrow:
        if used & set(row):
            continue
        box = bounding_box([rects[i] for i in row])
        lone = len(row) == 1 and row[0] not in named and row[0] not in numbers
        if lone and (tainted[row[0]] or box.h < 0.6 * letter or box.w < 0.36 * letter or box.h > 2 * letter):
            odd.append(row[0])
            continue
        if lone and not any(c.inside(box.cx, box.cy) for c in symbols) and _is_disc(labels, row[0], box, letter):
            continue
        word = not any(tainted[i] for i in row) and _written(labels, row, box, letter, cuts=True)
        mark = lone and not word and (beside[row[0]] or _among_dashes(box, dashes, letter))
        if mark or all(tainted[i] for i in row):
            odd += row[:1] if lone else []
            continue
        lines.append(TextLine(box, tuple(rects[i] for i in row), region[row[0]]))
        used |= set(row)
    for k in odd:
        over = None if tainted[k] else _broken_off(rects[k], lines, dashes, letter)
        if over is not None:
            lines.append(TextLine(rects[k], (rects[k],), region[k], tall=over.size))
            used.add(k)
    lines = merge_pieces(
        lines, letter, [rects[int(i)] for i in np.flatnonzero((flat_dash | hyphen) & ~tainted)], outlines
    )
    loose_ones = [int(i) for i in np.flatnonzero((small | flat_dash) & ~tainted) if int(i) not in used]
    extra = adopt(lines, rects, loose_ones, letter)
    lines = [line.taking([rects[i] for i in more]) for line, more in zip(lines, extra, strict=True)]
    for more in extra:
        used |= set(more)
    mine = np.zeros(count, bool)
    mine[list(used)] = True
    return Text(lines, looked_up(mine, labels) & (loose > 0))


def _broken_off(sign: Rect, lines: list[TextLine], dashes: NDArray[np.float64], letter: float) -> TextLine | None:
    """The line right above a small lone letter that is centred below it: the letter did not fit into the line.

    Args:
        dashes: (N, 2) the middles of what may be dashes: a bar above one is what text leaves of a dashed line.
    """
    next_dash = dashes[(np.abs(dashes[:, 0] - sign.cx) <= 0.15 * letter) & (dashes[:, 1] > sign.y1), 1] - sign.y1
    if sign.h >= 1.8 * sign.w and (next_dash <= 2 * letter).any():
        return None
    for line in lines:
        b = line.box
        below = 0 <= sign.y0 - b.y1 <= 0.95 * line.size and abs(sign.cx - b.cx) <= 0.25 * letter
        if below and not line.vertical and len(line.letters) >= 3 and 0.4 * line.size <= sign.h <= 1.3 * line.size:
            return line
    return None


def extend(text: Text, rest: Mask, letter: float) -> Text:
    """Give letters that connectors had touched back to the lines that they begin, end or interrupt.

    Args:
        rest: (H, W) bool, ink without the connectors' own strokes.
    """
    _, labels, stats, _ = components(rest)
    lines = list(text.lines)
    ink = text.ink.copy()
    for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if not (0.3 * letter <= max(w, h) <= 3 * letter and area >= 6):
            continue
        r = Rect(x, y, x + w, y + h)
        for k, line in enumerate(lines):
            b, s = line.box, line.size
            if line.vertical or not 0.35 * s <= h <= 1.7 * s:
                continue
            both = min(r.y1, b.y1) - max(r.y0, b.y0)
            gap = max(r.x0, b.x0) - min(r.x1, b.x1)
            if both >= 0.6 * min(h, b.h) and gap <= 0.5 * s:
                lines[k] = line.taking([r])
                ink[y : y + h, x : x + w] |= labels[y : y + h, x : x + w] == i
                break
    return Text(lines, ink)


def _written(labels: NDArray[np.int32], row: list[int], box: Rect, letter: float, *, cuts: bool = False) -> bool:
    """Whether what touches a connector is a word on it: a line across it meets as many strokes as letters have.

    Args:
        cuts: the connector goes on on its other side, so that it is no head.
    """
    if not 0.6 * letter <= box.h <= 1.8 * letter or box.w < (0.85 if cuts else 1.1) * letter:
        return False
    ink = np.isin(labels[box.y0 : box.y1, box.x0 : box.x1], row)
    runs = [_runs(ink[int(share * box.h)]) for share in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]
    wide = np.count_nonzero(np.ptp(np.where(ink, np.arange(box.h)[:, None], box.h // 2), axis=0) > 0.3 * box.h)
    return float(np.median(runs)) >= max(2.5 if cuts else 3.5, 1.5 * wide / letter)  # less a line's piece


def _cuts_line(ink: NDArray[np.uint8], box: Rect, letter: float) -> bool:
    """Whether a thin line ends at a box on two opposite sides, on one level: it goes on, so that there is no head."""
    return _ends_at(ink, box, letter) or _ends_at(ink.T, Rect(box.y0, box.x0, box.y1, box.x1), letter)


def _ends_at(ink: NDArray[np.uint8], box: Rect, letter: float) -> bool:
    near, far = round(0.25 * letter), max(3, round(0.6 * letter))
    y0, y1 = max(0, box.y0), box.y1
    levels = []
    for x0, x1 in ((box.x0 - far, box.x0 - near), (box.x1 + near, box.x1 + far)):
        if x0 < 0 or x1 > ink.shape[1]:
            return False
        beside = ink[y0:y1, x0:x1]
        rows = np.flatnonzero(beside.any(axis=1))
        if not len(rows) or np.ptp(rows) + 1 > 0.4 * letter or not beside.any(axis=0).all():
            return False
        levels.append(float(rows.mean()))
    return abs(levels[0] - levels[1]) <= 0.15 * letter


def _runs(line: NDArray[np.bool_]) -> int:
    """How many runs of ink a line of pixels has."""
    return int(np.count_nonzero(np.diff(np.concatenate([[0], line.astype(np.int8)])) == 1))


def _is_disc(labels: NDArray[np.int32], number: int, box: Rect, letter: float) -> bool:
    """Whether a lone sign fills a circle: the mark where a state diagram starts or ends, not the letter O."""
    if min(box.w, box.h) < 0.95 * letter or not 0.85 <= box.w / box.h <= 1.18:
        return False
    mask = np.asarray(labels[box.y0 : box.y1, box.x0 : box.x1] == number, np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    ys, xs = np.mgrid[0 : box.h, 0 : box.w]
    disc = ((xs + 0.5 - box.w / 2) / (box.w / 2)) ** 2 + ((ys + 0.5 - box.h / 2) / (box.h / 2)) ** 2 <= 1
    return bool(np.count_nonzero(disc & (filled > 0)) > 0.9 * np.count_nonzero(disc | (filled > 0)))


def _amid(box: Rect, symbols: list[Rect], alone: list[Rect]) -> bool:
    """Whether a lone sign stands in the middle of a symbol with room around it, where a name of one letter does.

    Args:
        alone: all lone signs; several above each other in one symbol are dashes.
    """
    return any(
        abs(box.cx - s.cx) <= 0.08 * s.w + 1 and abs(box.cy - s.cy) <= 0.18 * s.h + 1
        and 1.5 * max(box.w, box.h) <= min(s.w, s.h)
        and sum(s.inside(o.cx, o.cy) and abs(o.cx - box.cx) <= 0.1 * s.w for o in alone) == 1
        for s in symbols
    )  # fmt: skip


def _among_dashes(box: Rect, dashes: NDArray[np.float64], letter: float) -> bool:
    """Whether a lone sign stands among dashes: then it is a dash, a corner or a crossing of dashed lines."""
    far = np.hypot(dashes[:, 0] - box.cx, dashes[:, 1] - box.cy)
    return bool(((far > 0.3 * letter) & (far <= 3.4 * letter)).sum() >= 2) or _in_dashed_line(box, dashes, letter)


def _in_dashed_line(box: Rect, dashes: NDArray[np.float64], letter: float) -> bool:
    """Whether a sign is a bar that two others go on, on one side or on both, evenly: it is no letter."""
    if max(box.w, box.h) < 2 * min(box.w, box.h):
        return False
    offset = dashes - (box.cx, box.cy)
    along, aside = offset.T if box.w > box.h else offset.T[::-1]
    far = np.abs(along[(np.abs(aside) <= 0.15 * letter) & (np.abs(along) > 0.3 * letter)])
    first, second = np.sort(far)[:2] if len(far) > 1 else (0.0, 0.0)
    even = min(abs(second - 2 * first), abs(second - first)) <= 0.2 * first
    return bool(0 < first <= 3.4 * letter and even)


def _without_dashes(row: list[int], rects: dict[int, Rect], dashes: NDArray[np.float64], letter: float) -> list[int]:
    """A row of letters without an upright dash of a connector that it stands beside."""
    for end, beside in ((0, 1), (-1, -2)):
        while len(row) > 1:
            r, other = rects[row[end]], rects[row[beside]]
            apart = max(r.x0, other.x0) - min(r.x1, other.x1) >= 0.35 * letter
            if not (apart and r.h >= 2 * r.w and _in_dashed_line(r, dashes, letter)):
                break
            row = row[1:] if end == 0 else row[:-1]
    return row


def _long_strokes(ink: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Ink that lies on a straight horizontal or vertical run of at least `length` pixels."""
    across = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.uint8)
    return across | down
