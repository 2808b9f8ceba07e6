"""Titles of pools and lanes that read upwards: what stands in a strip is gathered whole.

The search for text wants several letters apart from one another and from every stroke.  In the strip of a pool or at a
lane's left side there is nothing but a title, so that letters grown together and letters that touch the strip's line
count there too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

if TYPE_CHECKING:
    from diagrasp.engines.embedded.drawing import Frame

STRIP = 9.0
"""Widest strip for turned titles, in letter heights."""
APART = 0.25
"""Greatest gap between letters of one word, in heights of the letters."""
LEAST = 1.5
"""Letter heights between a frame's side and a symbol that leave room for a title."""
SIDE = 3.4
"""How far the title of a lane without a strip reaches from its left side, in letter heights."""


def with_turned_titles(sheet: Sheet, text: Text, frames: list[Frame], nodes: list[Symbol]) -> Text:
    """The text, with the titles of frames that read upwards found whole; frames that have one are no subprocesses."""
    lines, ink = list(text.lines), text.ink.copy()
    for frame in frames:
        letter = _size(frame, lines, sheet.letter)
        zone = _zone(frame, letter)
        zone = _beside(zone, nodes, letter) if zone is not None else None
        if zone is None:
            continue
        inside = [t for t in lines if zone.inside(t.box.cx, t.box.cy)]
        upright = [t for t in inside if t.vertical]
        flat = [t for t in inside if not t.vertical and t.box.w >= 2.2 * letter]
        columns = _columns(sheet, zone, letter, alone=frame.title is not None)
        both = _two_lines([c for c, _ in columns], frame.box, letter)
        if flat and ((len(flat) < 3 and not both) or max(len(t.letters) for t in flat) > 3):
            continue  # a title that reads as all other text does; two columns give rows of two letters
        if frame.title is None and upright and len(columns) > 1 and not both:
            continue
        length = sum(c.h for c, _ in columns)
        if not columns or length < 1.08 * sum(t.box.h for t in upright):
            continue
        if frame.rounded and not _named(columns, frame.box, letter):
            continue
        frame.rounded = False  # a subprocess's title reads across
        lines = [t for t in lines if not any(t is u for u in inside)]
        for column, letters in columns:
            lines.append(TextLine(column, tuple(letters), int(sheet.regions[int(column.cy), int(column.cx)]), True))
            view = (slice(column.y0, column.y1), slice(column.x0, column.x1))
            ink[view] |= sheet.ink[view]
    return Text(_in_one(lines), ink)


def _in_one(lines: list[TextLine]) -> list[TextLine]:
    """The lines, turned pieces of one word put together: less than a space is between them."""
    out: list[TextLine] = []
    for line in sorted(lines, key=lambda t: t.box.y0):
        b = line.box
        for k, other in enumerate(out):
            a = other.box
            level = min(a.x1, b.x1) - max(a.x0, b.x0) >= 0.6 * max(a.w, b.w)
            if line.vertical and other.vertical and level and -0.2 * line.size <= b.y0 - a.y1 <= APART * line.size:
                out[k] = TextLine(a.union(b), other.letters + line.letters, other.region, True)
                break
        else:
            out.append(line)
    return out


def _size(frame: Frame, lines: list[TextLine], letter: float) -> float:
    """The height of the letters in a frame's strip, which may be larger than all others."""
    strip = frame.title
    if strip is None:
        return letter
    inside = [t for t in lines if strip.inside(t.box.cx, t.box.cy) and (t.vertical or len(t.letters) == 1)]
    sizes = [t.size if t.vertical else t.box.w for t in inside]
    return min(2.5 * letter, max(letter, float(np.median(sizes)))) if sizes else letter


def _zone(frame: Frame, letter: float) -> Rect | None:
    """Where a turned title of a frame stands; None where none fits."""
    inset = round(0.3 * letter)
    b = frame.title
    if b is None:
        b = frame.box
        if b.h < 3 * letter or b.w < 12 * letter:
            return None
        b = Rect(b.x0 + inset, b.y0, round(b.x0 + SIDE * letter), b.y1)
    elif b.w > STRIP * letter or b.h < 1.3 * b.w:
        return None
    if min(b.w, b.h) <= 2 * inset + 0.5 * letter:
        return None
    return Rect(b.x0 + inset, b.y0 + inset, b.x1 - inset, b.y1 - inset)


def _beside(zone: Rect, nodes: list[Symbol], letter: float) -> Rect | None:
    """What symbols at the right leave of a zone; None where that is too little, or they stand elsewhere in it."""
    edge = min([zone.x1, *(n.box.x0 for n in nodes if zone.overlap(n.box))])
    return Rect(zone.x0, zone.y0, edge, zone.y1) if edge - zone.x0 >= LEAST * letter else None


def _two_lines(columns: list[Rect], box: Rect, letter: float) -> bool:
    """Whether columns are the two lines of one title, halfway up a frame's side."""
    if len(columns) != 2:
        return False
    left, right = columns
    central = all(abs(c.cy - box.cy) <= 0.5 * letter for c in columns)
    return central and right.x0 - left.x1 <= 0.8 * letter


def _named(columns: list[tuple[Rect, list[Rect]]], box: Rect, letter: float) -> bool:
    """Whether one column of several letters stands halfway up a frame's left side."""
    if len(columns) != 1:
        return False
    hull, letters = columns[0]
    return hull.h >= 3 * letter and len(letters) >= 2 and abs(hull.cy - box.cy) <= 0.08 * box.h + 0.5 * letter


def _columns(sheet: Sheet, zone: Rect, letter: float, *, alone: bool) -> list[tuple[Rect, list[Rect]]]:
    """Columns of letters in a zone, from left to right; none where a line runs out of it.

    Args:
        alone: whether nothing but a title stands there, so that one letter in its middle is one.
    """
    view = sheet.ink[zone.y0 : zone.y1, zone.x0 : zone.x1].astype(np.uint8)
    rim = 2 * max(1, round(0.12 * letter)) + 1  # a line's soft edges too
    long_ = cv2.morphologyEx(view, cv2.MORPH_OPEN, np.ones((round(2.6 * letter), 1), np.uint8))
    view &= np.asarray(1 - cv2.dilate(np.asarray(long_, np.uint8), np.ones((1, rim), np.uint8)), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(view, connectivity=8)
    pieces: list[Rect] = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 4 or max(w, h) < 0.2 * letter:
            continue
        ends = y == 0 or y + h == zone.h or w > 1.9 * letter
        if ends and max(w, h) > 0.8 * letter and min(w, h) > 0.35 * letter:  # not the strip's own side
            return []
        if not ends:
            pieces.append(Rect(zone.x0 + x, zone.y0 + y, zone.x0 + x + w, zone.y0 + y + h))
    taken = np.zeros(zone.w, int)
    for p in pieces:
        taken[p.x0 - zone.x0 : p.x1 - zone.x0] += p.h
    filled = taken > 0.12 * max(1, taken.max())
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(int), [0]])))
    out: list[tuple[Rect, list[Rect]]] = []
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        letters = [p for p in pieces if zone.x0 + a <= p.cx < zone.x0 + b]
        if not letters or not (0.4 if alone else 0.55) * letter <= b - a <= 2.2 * letter:
            continue
        hull = letters[0]
        for p in letters[1:]:
            hull = hull.union(p)
        gaps = sorted(letters, key=lambda p: p.y0)
        apart = max((q.y0 - p.y1 for p, q in pairwise(gaps)), default=0)
        central = abs(hull.cy - zone.cy) <= 0.5 * letter
        lone = central and alone and abs(hull.cx - zone.cx) <= 0.5 * letter
        least = 0.4 if lone else 0.9 if central else 1.4
        if hull.h >= least * letter and (lone or b - a >= 0.55 * letter) and apart <= 1.6 * letter:
            out.append((hull, letters))
    return out
