"""Handwriting in lines: pieces of ink of a letter's or a word's size, gathered where they follow one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LETTERS = 2
"""Pieces that are no strokes or frames, of which writing in a symbol consists at least where most of it is known."""
ARROW = 2.5
"""Length, in letter heights, of an arrow between two words that may have been taken for a part of them."""
FRAME, ENCLOSED = 0.8, 0.7
"""Least side, in letter heights, of a frame among the markers of activities, and the share of its bounds in it."""
BESIDE = 0.6
"""Widest gap, in letter heights, between a word's letters where some of them are known."""
GAP = 1.3
"""Widest gap between the words of a line, in letter heights."""


def known_text(
    sheet: Sheet,
    words: Mask,
    known: Text,
    written: list[Rect],
    nodes: list[Symbol],
    words_read: Sequence[Rect] = (),
) -> Text:
    """The lines of handwriting, most of which are known; the others are found as in `pen_text`.

    Args:
        words: (H, W) bool, ink that is no part of outlines or connectors.
        known: lines, and the ink of them.
        written: bounds of these lines, with all that they seemed to hold.
        words_read: bounds of short lines that are words, not signs.
    """
    letter = sheet.letter
    ink = known.ink.copy()
    lines: list[TextLine] = []
    rest = words & ~known.ink
    for line in known.lines:
        home = _home(line.box, nodes)
        b = line.box
        word = any(r.inside(int(b.cx), int(b.cy)) for r in words_read)
        word = word or (home is not None and _wordly(line.letters, home.outline.box, letter))
        if home is not None and not word and _signed(sheet, home) and b.w <= 2.2 * letter:
            ink[b.y0 : b.y1, b.x0 : b.x1] = False
            continue
        lines.append(replace(line, region=sheet.page if home is None else home.outline.region))
    for node in nodes:
        b = node.outline.box
        inner = _interior(node.outline.mask, max(2, round(0.25 * letter)))
        mine = sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & ~known.ink[b.y0 : b.y1, b.x0 : b.x1] & inner
        found = _bands(mine, letter)
        if _signed(sheet, node):
            found = found if len(found) == 1 and _wordly(found[0], b, letter) else []
        mates = [t.box for t in known.lines if b.inside(int(t.box.cx), int(t.box.cy))]
        for rects in found:
            row = Rect(*(v + d for v, d in zip(bounding_box(rects), (b.x0, b.y0, b.x0, b.y0), strict=True)))
            if any(_same_row(row, t) for t in mates):
                continue
            beside = next((k for k, t in enumerate(lines) if t.box in mates and _continues(row, t, letter)), None)
            if beside is not None and not any(_sign(mine, r, letter) for r in rects):
                moved = tuple(Rect(r.x0 + b.x0, r.y0 + b.y0, r.x1 + b.x0, r.y1 + b.y0) for r in rects)
                t = lines[beside]
                lines[beside] = replace(t, box=bounding_box([t.box, *moved]), letters=(*t.letters, *moved))
                continue
            if row.w >= 1.2 * letter and sum(not _sign(mine, r, letter) for r in rects) >= LETTERS:
                moved = tuple(Rect(r.x0 + b.x0, r.y0 + b.y0, r.x1 + b.x0, r.y1 + b.y0) for r in rects)
                lines.append(TextLine(row, moved, node.outline.region))
                mates.append(row)
        single = [r for rects in found for r in rects if _letter(mine, r, letter)]
        single = [] if mates or _sheet(node, letter) else single
        if len(single) == 1:
            r = Rect(*(v + d for v, d in zip(single[0], (b.x0, b.y0, b.x0, b.y0), strict=True)))
            lines.append(TextLine(r, (r,), node.outline.region))
        ink[b.y0 : b.y1, b.x0 : b.x1] |= mine
        rest[b.y0 : b.y1, b.x0 : b.x1] &= node.outline.mask == 0
    for b in written:  # what is left there is of letters whose line is known
        ink[b.y0 : b.y1, b.x0 : b.x1] |= rest[b.y0 : b.y1, b.x0 : b.x1]
        rest[b.y0 : b.y1, b.x0 : b.x1] = False
    others, used = _outside(sheet, rest)
    return Text(_once(lines) + others, ink | used)


def _once(lines: list[TextLine]) -> list[TextLine]:
    """The lines, those in one place as one: debris of a line was taken for another."""
    out: list[TextLine] = []
    for line in sorted(lines, key=lambda t: -t.box.w * t.box.h):
        k = next(
            (k for k, o in enumerate(out) if o.region == line.region and _same_row(line.box, o.box)),
            None,
        )
        if k is None or line.vertical != out[k].vertical:
            out.append(line)
        else:
            out[k] = replace(out[k], box=out[k].box.union(line.box), letters=(*out[k].letters, *line.letters))
    return out


def _continues(row: Rect, line: TextLine, letter: float) -> bool:
    """Whether a row of ink is the beginning or the end of a line: as high, and as close as its letters are."""
    high = min(row.y1, line.box.y1) - max(row.y0, line.box.y0)
    gap = max(row.x0, line.box.x0) - min(row.x1, line.box.x1)
    return not line.vertical and gap <= BESIDE * letter and high >= 0.5 * min(row.h, line.box.h)


def _same_row(row: Rect, line: Rect) -> bool:
    """Whether a row of ink is what a line's letters left."""
    high = min(row.y1, line.y1) - max(row.y0, line.y0)
    wide = min(row.x1, line.x1) - max(row.x0, line.x0)
    return high >= 0.6 * min(row.h, line.h) and wide >= 0.5 * min(row.w, line.w)


def apart(
    known: Text,
    written: list[Rect],
    nodes: list[Symbol],
    letter: float,
    is_word: Callable[[Rect], bool] = lambda _: False,
) -> tuple[Text, list[Rect]]:
    """Lines of writing and their bounds; what was taken for one but stands in two symbols, or beside one, is parted.

    The net that finds lines takes an arrow between two words for a dash; such arrows are no writing any more.

    Args:
        is_word: reads what stands there.
    """
    ink = known.ink.copy()
    lines: list[TextLine] = []
    bounds = list(written)
    nodes = [n for n in nodes if n.shape != "circle"]
    for line in known.lines:
        homes = [_home(r, nodes) or _reached(r, nodes) for r in line.letters]
        homes = [h if sum(o is h for o in homes) >= LETTERS or len(homes) <= LETTERS else None for h in homes]
        if line.vertical or all(h is homes[0] for h in homes):
            lines.append(line)
            continue
        seen = max(bounds, key=line.box.overlap, default=None)
        if seen is not None and seen.overlap(line.box) > 0:
            bounds.remove(seen)
        for home, rects in _runs(line.letters, homes, letter):
            box = bounding_box(rects)
            flat = box.h <= 0.4 * letter or (len(rects) <= 2 and box.w <= ARROW * letter)
            if home is None and flat and not is_word(box.grow(0.25 * letter)):
                for r in rects:
                    ink[r.y0 : r.y1, r.x0 : r.x1] = False
                continue
            lines.append(replace(line, box=box, letters=tuple(rects)))
            bounds.append(box.grow(0.15 * letter))
    return Text(lines, ink), bounds


def _runs(
    letters: Sequence[Rect], homes: Sequence[Symbol | None], letter: float
) -> list[tuple[Symbol | None, list[Rect]]]:
    """The letters of each symbol, and those outside in runs that wide gaps part."""
    out: list[tuple[Symbol | None, list[Rect]]] = []
    for r, home in sorted(zip(letters, homes, strict=True), key=lambda pair: pair[0].x0):
        mine = next((rects for h, rects in reversed(out) if h is home), None)
        if mine is None or (home is None and r.x0 - max(o.x1 for o in mine) > GAP * letter):
            out.append((home, [r]))
        else:
            mine.append(r)
    return out


def _reached(r: Rect, nodes: list[Symbol]) -> Symbol | None:
    """The symbol that a letter reaches out of."""
    return max(
        (n for n in nodes if n.outline.box.overlap(r) >= 0.25 * r.w * r.h),
        key=lambda n: n.outline.box.overlap(r),
        default=None,
    )


def _home(box: Rect, nodes: list[Symbol]) -> Symbol | None:
    """The smallest symbol that the middle of a line or of a letter lies in."""
    x, y = int(box.cx), int(box.cy)
    around = [n for n in nodes if n.outline.box.inside(x, y)]
    around = [n for n in around if n.outline.mask[y - n.outline.box.y0, x - n.outline.box.x0]]
    return min(around, key=lambda n: n.outline.area, default=None)


def _sheet(node: Symbol, letter: float) -> bool:
    """Whether a symbol may be a sheet of paper: small and upright; what is in it is its fold."""
    b = node.outline.box
    return node.shape in ("process", "rounded", "hexagon") and b.h >= 1.15 * b.w and b.h <= 6 * letter


def _wordly(pieces: Sequence[Rect], within: Rect, letter: float) -> bool:
    """Whether pieces in a small circle may be a short word: a row as wide as high, across a good part of it."""
    row = bounding_box(list(pieces))
    return len(pieces) >= LETTERS and row.w >= max(row.h, 0.35 * within.w) and row.h <= 0.6 * within.h


def _letter(ink: Mask, r: Rect, letter: float) -> bool:
    """Whether the only piece of ink in a symbol is a letter: it stands in the middle, where no icon or marker does."""
    height, width = ink.shape
    middle = abs(r.cx - 0.5 * width) <= 0.25 * width and abs(r.cy - 0.5 * height) <= 0.25 * height
    return middle and 0.4 * letter <= r.h <= 2.6 * letter and r.w <= 2.6 * letter and not _sign(ink, r, letter)


def _sign(ink: Mask, r: Rect, letter: float) -> bool:
    """Whether a piece is a stroke or a frame, as markers of activities are made of."""
    piece = ink[r.y0 : r.y1, r.x0 : r.x1]
    ys, xs = np.nonzero(piece)
    if not len(xs) or max(r.w, r.h) < 0.3 * letter:
        return True
    _, sides, _ = cv2.minAreaRect(np.stack([xs, ys], axis=1).astype(np.int32).reshape(-1, 1, 2))
    if min(sides) <= 0.3 * letter and max(sides) >= 2 * min(sides):
        return True
    if max(r.w, r.h) < FRAME * letter:
        return False
    contours, _ = cv2.findContours(np.pad(piece.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if max(cv2.contourArea(c) for c in contours) < ENCLOSED * r.w * r.h:
        return False
    rim = np.concatenate([piece[:3].any(axis=0), piece[-3:].any(axis=0), piece[:, :3].any(1), piece[:, -3:].any(1)])
    return bool(rim.mean() >= 0.8)


def pen_text(sheet: Sheet, words: Mask, nodes: list[Symbol]) -> Text:
    """The lines of handwriting in and around the nodes.

    Args:
        words: (H, W) bool, ink that is no part of outlines or connectors.
    """
    letter = sheet.letter
    ink = words.copy()
    lines: list[TextLine] = []
    rest = words.copy()
    for node in nodes:
        b = node.outline.box
        if _signed(sheet, node):
            rest[b.y0 : b.y1, b.x0 : b.x1] &= node.outline.mask == 0  # a sign
            ink[b.y0 : b.y1, b.x0 : b.x1] &= node.outline.mask == 0
            continue
        inner = _interior(node.outline.mask, max(2, round(0.12 * letter)))
        mine = sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & inner
        mine |= words[b.y0 : b.y1, b.x0 : b.x1] & (node.outline.mask > 0)
        mine = _without_rim(mine, node.outline.mask, letter)
        for rects in _bands(mine, letter):
            moved = [Rect(r.x0 + b.x0, r.y0 + b.y0, r.x1 + b.x0, r.y1 + b.y0) for r in rects]
            lines.append(TextLine(bounding_box(moved), tuple(moved), node.outline.region))
        ink[b.y0 : b.y1, b.x0 : b.x1] |= mine
        rest[b.y0 : b.y1, b.x0 : b.x1] &= node.outline.mask == 0
    outside, used = _outside(sheet, rest)
    ink &= ~(rest & ~used)
    return Text(lines + outside, ink)


def _signed(sheet: Sheet, node: Symbol) -> bool:
    """Whether what is drawn in a symbol is a sign, as in events and gateways, or nothing: not a word."""
    letter, b = sheet.letter, node.outline.box
    if node.shape not in ("circle", "decision") or max(b.w, b.h) > 6 * letter:
        return False
    if node.shape == "circle":
        return b.w <= 4.2 * letter
    inner = _interior(node.outline.mask, max(2, round(0.3 * letter)))
    drawn = sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & inner
    _, _, stats, _ = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    pieces = stats[1:][stats[1:, 4] >= 0.02 * letter * letter]
    if len(pieces) < 2:
        return len(pieces) == 0 or int(pieces[0][2]) <= 1.6 * letter
    wide = (pieces[:, 0] + pieces[:, 2]).max() - pieces[:, 0].min()
    high = (pieces[:, 1] + pieces[:, 3]).max() - pieces[:, 1].min()
    return bool(wide <= 1.25 * high)


def _interior(mask: NDArray[np.uint8], by: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return np.asarray(cv2.erode(np.pad(mask, by + 1), kernel)[by + 1 : -by - 1, by + 1 : -by - 1] > 0)


def _without_rim(ink: Mask, mask: NDArray[np.uint8], letter: float) -> Mask:
    """Drop slivers of the outline that reach into its own hull: long pieces that lie along the rim only."""
    deep = _interior(mask, max(3, round(0.3 * letter)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    count = len(stats)
    within = np.bincount(labels[deep & ink], minlength=count)
    keep = within >= 0.25 * stats[:, 4]
    keep[0] = False
    return np.asarray(keep[labels])


def _bands(ink: Mask, letter: float) -> list[list[Rect]]:
    """The pieces of ink in a box, line by line: cut where the rows between two lines are nearly empty."""
    profile = ink.sum(axis=1).astype(np.float32)
    if profile.sum() < 0.1 * letter * letter:
        return []
    smooth = np.convolve(profile, np.hanning(max(3, round(0.5 * letter) | 1)), mode="same")
    cuts = [0]
    peaks = [i for i in range(len(smooth)) if smooth[i] == smooth[max(0, i - 3) : i + 4].max() and smooth[i] > 0]
    tall: list[int] = []
    for p in peaks:
        if tall and p - tall[-1] < 0.6 * letter:
            if smooth[p] > smooth[tall[-1]]:
                tall[-1] = p
        else:
            tall.append(p)
    kept = tall[:1]
    for p in tall[1:]:
        valley = float(smooth[kept[-1] : p].min())
        if valley <= 0.5 * min(smooth[kept[-1]], smooth[p]):
            cuts.append(kept[-1] + int(smooth[kept[-1] : p].argmin()))
            kept.append(p)
        elif smooth[p] > smooth[kept[-1]]:
            kept[-1] = p
    cuts.append(len(profile))
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    out: list[list[Rect]] = [[] for _ in cuts[1:]]
    for i in range(1, len(stats)):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 0.01 * letter * letter:
            continue
        k = int(np.searchsorted(cuts, centres[i][1], side="right")) - 1
        k = min(max(k, 0), len(out) - 1)
        spans = [j for j in range(len(out)) if min(y + h, cuts[j + 1]) - max(y, cuts[j]) >= 0.55 * letter]
        if len(spans) > 1 and h > 1.5 * letter:  # letters of two lines that touch
            for j in spans:
                piece = labels[max(y, cuts[j]) : min(y + h, cuts[j + 1]), x : x + w] == i
                ys, xs = np.nonzero(piece)
                if len(ys):
                    top = max(y, cuts[j])
                    out[j].append(
                        Rect(x + int(xs.min()), top + int(ys.min()), x + int(xs.max()) + 1, top + int(ys.max()) + 1)
                    )
            continue
        out[k].append(Rect(x, y, x + w, y + h))
    return [row for row in out if row and max(r.h for r in row) >= 0.4 * letter]


def _outside(sheet: Sheet, ink: Mask) -> tuple[list[TextLine], Mask]:
    """Lines among the ink outside the nodes, and their ink; dashes of connectors stand alone and are none."""
    letter = sheet.letter
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    rects = [Rect(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats]
    glyphs = [
        i for i in range(1, count) if rects[i].h >= 0.45 * letter and _wordlike(rects[i], int(stats[i][4]), letter)
    ]
    glyphs.sort(key=lambda i: rects[i].x0)
    parent = {i: i for i in glyphs}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for n, i in enumerate(glyphs):
        a = rects[i]
        for j in glyphs[n + 1 :]:
            b = rects[j]
            if b.x0 > a.x1 + GAP * letter:
                if b.x0 > a.x0 + 20 * letter:
                    break
                continue
            both = min(a.y1, b.y1) - max(a.y0, b.y0)
            if both >= 0.4 * min(a.h, b.h) and abs(a.cy - b.cy) <= 0.75 * letter:
                parent[root(j)] = root(i)
    rows: dict[int, list[int]] = {}
    for i in glyphs:
        rows.setdefault(root(i), []).append(i)
    lines: list[TextLine] = []
    used: set[int] = set()
    for row in rows.values():
        box = bounding_box([rects[i] for i in row])
        if box.w < 0.7 * letter and len(row) < 2:
            continue
        lines.append(TextLine(box, tuple(rects[i] for i in row), sheet.page))
        used |= set(row)
    for i in range(1, count):  # dots, hyphens
        if i in used or max(rects[i].w, rects[i].h) > 0.8 * letter:
            continue
        for k, line in enumerate(lines):
            if line.box.grow(0.3 * letter).inside(rects[i].cx, rects[i].cy):
                lines[k] = TextLine(line.box.union(rects[i]), (*line.letters, rects[i]), line.region)
                used.add(i)
                break
    mine = np.zeros(count, bool)
    mine[list(used)] = True
    return lines, np.asarray(mine[labels])


def _wordlike(r: Rect, area: int, letter: float) -> bool:
    """Whether a piece may be letters: not a long flat or upright stroke, which is a dash."""
    if r.h > 3.2 * letter or r.w > 16 * letter:
        return False
    return not (min(r.w, r.h) <= 0.3 * letter and max(r.w, r.h) >= 1.1 * letter)
