"""Where the text is: ink components that stand in rows like letters, gathered into lines.

Rules of size and neighbourhood only; what a line says is the reader's affair.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.arrows import has_shaft, without_arrows
from diagrasp.engines.embedded.components import components, looked_up
from diagrasp.engines.embedded.raster import Mask, Sheet


class Rect(NamedTuple):
    """Left, top, right, bottom in pixels; right and bottom are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def w(self) -> int:
        return self.x1 - self.x0

    @property
    def h(self) -> int:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    def union(self, other: Rect) -> Rect:
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grow(self, by: float) -> Rect:
        return Rect(int(self.x0 - by), int(self.y0 - by), int(self.x1 + by), int(self.y1 + by))

    def inside(self, x: float, y: float) -> bool:
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def overlap(self, other: Rect) -> int:
        """Area in common, in pixels."""
        w, h = min(self.x1, other.x1) - max(self.x0, other.x0), min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0, w) * max(0, h)


@dataclass(frozen=True)
class TextLine:
    """A line of text: its box, the letters' boxes, the paper region it stands on, and whether it reads upwards.

    `tall` is the height of its letters where that is known better than from their boxes, as of joined writing.
    """

    box: Rect
    letters: tuple[Rect, ...]
    region: int
    vertical: bool = False
    tall: float = 0.0

    @cached_property
    def size(self) -> float:
        """Height of the line's tallest common letter, in pixels."""
        if self.tall:
            return self.tall
        sizes = [r.w if self.vertical else r.h for r in self.letters]
        return float(np.percentile(sizes, 80))


@dataclass(frozen=True)
class Text:
    """All the text of a sheet: its lines, and the ink that belongs to them."""

    lines: list[TextLine]
    ink: Mask


def find_text(sheet: Sheet, outlines: Mask, symbols: list[Rect]) -> Text:
    """The lines of text on a sheet, horizontal ones and those turned by a quarter.

    Args:
        outlines: (H, W) bool, ink known to be a symbol's outline.
        symbols: boxes of the symbols.
    """
    letter = sheet.letter
    ink = (sheet.ink & ~outlines).astype(np.uint8)
    strokes = _long_strokes(sheet.ink.astype(np.uint8), int(2.6 * letter))
    loose = ink & ~strokes
    count, labels, stats, _ = components(loose)
    boxes = stats.astype(np.int64)
    w, h, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    # What touches a stroke or an outline may be a head or a corner: it needs letters beside it to count as one.
    edge = np.asarray(cv2.dilate(strokes | outlines.astype(np.uint8), np.ones((3, 3), np.uint8)), np.uint8) & loose
    tainted = np.zeros(count, bool)
    tainted[np.unique(labels[edge > 0])] = True
    small = (np.maximum(w, h) <= 0.45 * letter) & (area >= 3)
    glyph = (h >= 0.45 * letter) & (h <= 2.6 * letter) & (w <= 14 * letter) & (area >= 0.10 * w * h)
    for i in np.flatnonzero(glyph & (w > 2.2 * h)):  # letters run together, or a piece of connector with its head?
        x, y, bw, bh = boxes[i, :4]
        columns = (labels[y : y + bh, x : x + bw] == i).sum(axis=0)
        word = float(np.median(columns)) >= 0.28 * bh and not has_shaft(columns)
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
    lines: list[TextLine] = []
    used: set[int] = set()
    narrow: list[list[int]] = []
    for chain in _chains(seeds, rects, region, letter, tainted, outlines):
        row = without_arrows(chain, rects, labels, tainted, letter)
        box = _hull([rects[i] for i in row])
        clean = sum(not tainted[i] for i in row)
        written = clean < 2 and _written(labels, row, box, letter, cuts=_cuts_line(strokes, box, letter))
        if box.w <= 1.8 * letter and not written:
            narrow.append(row)
        elif clean >= 2 or (clean and box.w >= 1.5 * letter) or written:
            lines.append(TextLine(box, tuple(rects[i] for i in row), region[row[0]]))
            used |= set(row)
    # Turned text: narrow rows that stand above each other closer than lines do.
    upright = [i for row in narrow for i in row] + [int(i) for i in np.flatnonzero(tall)]
    turned = {i: Rect(rects[i].y0, -rects[i].x1, rects[i].y1, -rects[i].x0) for i in upright}
    for column in _chains(list(turned), turned, region, letter, tainted, reach=0.62):
        box = _hull([rects[i] for i in column])
        bars = np.median([min(rects[i].w, rects[i].h) for i in column]) <= 0.42 * letter
        runs = len(column) + sum(2 for i in column if tall[i])
        if runs >= 3 and box.h > 2.2 * letter and box.h > 1.9 * box.w and box.w <= 1.9 * letter and not bars:
            lines.append(TextLine(box, tuple(rects[i] for i in column), region[column[0]], vertical=True))
            used |= set(column)
    reach = max(2, round(0.35 * letter))
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    rim = np.asarray(cv2.dilate(outlines.astype(np.uint8), square), np.uint8) & loose
    beside = np.zeros(count, bool)  # a lone sign at a symbol's outline is the mark of a connector's end
    beside[np.unique(labels[rim > 0])] = True
    dash = (np.minimum(w, h) <= 0.42 * letter) & (np.maximum(w, h) <= 2.2 * letter) & (area >= 4)
    dash[0] = False
    dashes = boxes[dash, :2] + boxes[dash, 2:4] / 2
    alone = [rects[row[0]] for row in narrow if len(row) == 1]
    named = {row[0] for row in narrow if len(row) == 1 and _amid(rects[row[0]], symbols, alone)}
    if len(named) < max(2, sum(len(line.letters) > 2 for line in lines)):
        named = set()  # signs, where symbols have words for names
    for row in narrow:
        if used & set(row):
            continue
        box = _hull([rects[i] for i in row])
        lone = len(row) == 1 and row[0] not in named
        if lone and (tainted[row[0]] or box.h < 0.6 * letter or box.w < 0.36 * letter or box.h > 2 * letter):
            continue
        if lone and not any(c.inside(box.cx, box.cy) for c in symbols) and _is_disc(labels, row[0], box, letter):
            continue
        if all(tainted[i] for i in row) or (lone and (beside[row[0]] or _among_dashes(box, dashes, letter))):
            continue
        lines.append(TextLine(box, tuple(rects[i] for i in row), region[row[0]]))
        used |= set(row)
    lines = merge_pieces(
        lines, letter, [rects[int(i)] for i in np.flatnonzero((flat_dash | hyphen) & ~tainted)], outlines
    )
    loose_ones = [int(i) for i in np.flatnonzero((small | flat_dash) & ~tainted) if int(i) not in used]
    extra = _adopt(lines, rects, loose_ones, letter)
    lines = [_with(line, [rects[i] for i in more]) for line, more in zip(lines, extra, strict=True)]
    for more in extra:
        used |= set(more)
    mine = np.zeros(count, bool)
    mine[list(used)] = True
    return Text(lines, looked_up(mine, labels) & (loose > 0))


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
                lines[k] = _with(line, [r])
                ink[y : y + h, x : x + w] |= labels[y : y + h, x : x + w] == i
                break
    return Text(lines, ink)


def _written(labels: NDArray[np.int32], row: list[int], box: Rect, letter: float, *, cuts: bool = False) -> bool:
    """Whether what touches a connector is a word on it: a line across it meets as many strokes as letters have.

    Args:
        cuts: the connector goes on on its other side, so that it is no head.
    """
    if not 0.6 * letter <= box.h <= 1.8 * letter or box.w < 1.1 * letter:
        return False
    ink = np.isin(labels[box.y0 : box.y1, box.x0 : box.x1], row)
    runs = [_runs(ink[int(share * box.h)]) for share in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]
    wide = np.count_nonzero(np.ptp(np.where(ink, np.arange(box.h)[:, None], box.h // 2), axis=0) > 0.3 * box.h)
    return float(np.median(runs)) >= max(2.5 if cuts else 3.5, 1.5 * wide / letter)  # less a line's piece


def _cuts_line(strokes: NDArray[np.uint8], box: Rect, letter: float) -> bool:
    """Whether a straight stroke ends at a box on the left and on the right, on one level."""
    rim = max(2, round(0.25 * letter))
    rows = slice(max(0, box.y0), box.y1)
    ends = [np.flatnonzero(strokes[rows, max(0, x - rim) : x + rim].any(axis=1)) for x in (box.x0, box.x1)]
    if not all(0 < len(e) <= 0.4 * letter for e in ends):
        return False
    return bool(abs(ends[0].mean() - ends[1].mean()) <= 0.15 * letter)


def _runs(line: NDArray[np.bool_]) -> int:
    """How many runs of ink a line of pixels has."""
    return int(np.count_nonzero(np.diff(np.concatenate([[0], line.astype(np.int8)])) == 1))


def _dotted(i: int, rects: dict[int, Rect], ids: list[int], line: TextLine, letter: float) -> bool:
    """Whether a dot beside a line of text, at its middle height, is a dotted connector's and not a colon's."""
    r, b = rects[i], line.box
    if not b.y0 + 0.25 * b.h < r.cy < b.y1 - 0.25 * b.h or r.w > 0.45 * letter:
        return False
    return not any(
        j != i and abs(rects[j].cx - r.cx) <= 0.25 * letter and abs(rects[j].cy - r.cy) <= 0.9 * letter for j in ids
    )


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
    """Whether a lone sign stands among dashes: then it is a corner or a crossing of dashed lines."""
    far = np.hypot(dashes[:, 0] - box.cx, dashes[:, 1] - box.cy)
    return bool(((far > 0.3 * letter) & (far <= 3.4 * letter)).sum() >= 2)


def _long_strokes(ink: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Ink that lies on a straight horizontal or vertical run of at least `length` pixels."""
    across = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.uint8)
    return across | down


def _chains(
    ids: list[int], rects: dict[int, Rect], region: dict[int, int], letter: float, tainted: NDArray[np.bool_],
    outlines: Mask | None = None, *, reach: float = 1.15,
) -> list[list[int]]:  # fmt: skip
    """Components gathered into rows: neighbours on one paper region, of like height, `reach` heights apart at most.

    Args:
        outlines: (H, W) bool, ink of outlines: what touches a stroke is no neighbour of what stands beyond one.
    """
    ids = sorted(set(ids), key=lambda i: rects[i].x0)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    size = max(1, int(1.5 * letter))
    for i in ids:
        r = rects[i]
        for cy in range(r.y0 // size, (r.y1 - 1) // size + 1):
            cells[r.x0 // size, cy].append(i)
    parent = {i: i for i in ids}

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i in ids:
        a = rects[i]
        far = reach * min(max(a.h, 0.8 * letter), 1.6 * letter)
        for cx in range(a.x0 // size, int(a.x1 + far) // size + 1):
            for cy in range(a.y0 // size, (a.y1 - 1) // size + 1):
                for j in cells.get((cx, cy), ()):
                    b = rects[j]
                    if j == i or find(i) == find(j) or region[i] != region[j] or b.x0 < a.x0:
                        continue
                    gap, both = b.x0 - a.x1, min(a.y1, b.y1) - max(a.y0, b.y0)
                    low, high = min(a.h, b.h), max(a.h, b.h)
                    touching = bool(tainted[i] or tainted[j])
                    allowed = 0.4 * letter if touching else far
                    if gap <= allowed and both >= 0.55 * low and high <= 2.4 * low:
                        if touching and outlines is not None and _between(outlines, a, b):
                            continue
                        parent[find(j)] = find(i)
    rows: dict[int, list[int]] = defaultdict(list)
    for i in ids:
        rows[find(i)].append(i)
    return list(rows.values())


def _between(outlines: Mask, a: Rect, b: Rect) -> bool:
    """Whether an outline parts two neighbours, `a` to the left, on most of the rows that they share."""
    view = outlines[max(a.y0, b.y0) : min(a.y1, b.y1), min(a.x1, b.x0) : max(a.x1, b.x0)]
    return bool(view.size and view.any(axis=1).mean() >= 0.8)


def _hull(rects: list[Rect]) -> Rect:
    return Rect(min(r.x0 for r in rects), min(r.y0 for r in rects), max(r.x1 for r in rects), max(r.y1 for r in rects))


def _with(line: TextLine, more: list[Rect]) -> TextLine:
    if not more:
        return line
    return TextLine(_hull([line.box, *more]), (*line.letters, *more), line.region, line.vertical)


def merge_pieces(
    lines: list[TextLine], letter: float, dashes: list[Rect], outlines: Mask | None = None
) -> list[TextLine]:
    """Join a short piece to the line it continues, a lone letter or what a removed stroke split off, within a symbol.

    Args:
        outlines: (H, W) bool, ink known to be a symbol's outline.
    """
    lines = sorted(lines, key=lambda t: -t.box.w)
    out: list[TextLine] = []
    for line in lines:
        for k, other in enumerate(out):
            if line.vertical or other.vertical:
                continue
            a, b = line.box, other.box
            both = min(a.y1, b.y1) - max(a.y0, b.y0)
            gap = max(a.x0, b.x0) - min(a.x1, b.x1)
            if both < 0.6 * min(a.h, b.h) or gap > 3 * letter or max(a.h, b.h) > 2.2 * min(a.h, b.h):
                continue
            gap_between = slice(max(a.y0, b.y0), min(a.y1, b.y1)), slice(min(a.x1, b.x1), max(a.x0, b.x0))
            between = outlines[gap_between] if outlines is not None else None
            if between is not None and between.size and between.mean(axis=0).max() >= 0.9:
                continue
            dashed = any(
                min(a.x1, b.x1) - 1 <= d.x0 and d.x1 <= max(a.x0, b.x0) + 1 and a.y0 < d.cy < a.y1 for d in dashes
            )
            if gap <= 1.25 * letter or dashed:  # a dash parts words more widely
                out[k] = TextLine(a.union(b), (*other.letters, *line.letters), other.region)
                break
        else:
            out.append(line)
    return (
        out if len(out) == len(lines) else merge_pieces(out, letter, dashes, outlines)
    )  # the middle piece may have come last


def _adopt(lines: list[TextLine], rects: dict[int, Rect], ids: list[int], letter: float) -> list[list[int]]:
    """Dots, commas, accents and hyphens: each to the line it lies within or beside."""
    out: list[list[int]] = [[] for _ in lines]
    size = max(1, int(4 * letter))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for k, line in enumerate(lines):
        b = line.box.grow(letter)
        for cx in range(b.x0 // size, b.x1 // size + 1):
            for cy in range(b.y0 // size, b.y1 // size + 1):
                cells[cx, cy].append(k)
    for i in ids:
        r = rects[i]
        for k in cells.get((int(r.cx) // size, int(r.cy) // size), ()):
            line = lines[k]
            b, s = line.box, line.size
            if line.vertical:
                near = b.x0 - 0.35 * s <= r.cx <= b.x1 + 0.35 * s and b.y0 - 0.8 * s <= r.cy <= b.y1 + 0.8 * s
            else:
                last = r.h <= 0.3 * s and b.y0 + 0.7 * b.h <= r.cy <= b.y1 + 0.1 * s  # the dots of an ellipsis
                beyond = b.x1 + (1.4 if last else 0.75) * s
                near = b.y0 - 0.45 * s <= r.cy <= b.y1 + 0.35 * s and b.x0 - 0.75 * s <= r.cx <= beyond
                inside = b.x0 <= r.cx <= b.x1
                near = near and (inside or (r.w <= 0.8 * s and not _dotted(i, rects, ids, line, letter)))
            if near and len(line.letters) >= (2 if r.w > 0.45 * letter else 1):
                out[k].append(i)
                break
    return out
