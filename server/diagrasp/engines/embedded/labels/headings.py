"""Titles of frames that connectors run through: pieces of a row gathered to the whole heading.

A frame's heading stands in its strip or below its upper side, and there is nothing else but connectors that come down
through it.  What they touch is no text to the general search; here a piece of the row is enough to know the rest by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

if TYPE_CHECKING:
    from diagrasp.engines.embedded.drawing import Frame

DEPTH = 2.6
"""Letter heights below a frame's upper side within which its heading ends, where it has no strip."""
WORD = 0.95
"""Letter heights between two words at most."""
BEYOND = 0.45
"""Letter heights above and below a row at which nothing but a connector is drawn."""
THIN = 0.4
"""Mean width of a connector across a row, in letter heights, at most."""


def with_whole_headings(sheet: Sheet, text: Text, frames: list[Frame], nodes: list[Symbol]) -> Text:
    """The text, with the headings of frames found whole where connectors cut them up."""
    lines, ink = [_off_sides(t, frames, sheet.letter) for t in text.lines], text.ink.copy()
    for frame in frames:
        for zone in _zones(frame, sheet.letter):
            row = _row(zone, lines, sheet.letter)
            if not row and frame.title is None:
                continue
            row = row or _unread(sheet, zone, nodes)
            if row:
                lines = _with_whole(sheet, zone, row, lines, ink, nodes)
            break
    return Text(lines, ink)


def _off_sides(line: TextLine, frames: list[Frame], letter: float) -> TextLine:
    """A line without the dashes of a frame's sides that it stands close to."""
    near, thin = 0.35 * letter, 0.45 * letter

    def side(r: Rect) -> bool:
        return any(
            (r.h <= thin and f.box.x0 - near <= r.cx <= f.box.x1 + near
             and min(abs(r.cy - f.box.y0), abs(r.cy - f.box.y1)) <= near)
            or (r.w <= thin and f.box.y0 - near <= r.cy <= f.box.y1 + near
                and min(abs(r.cx - f.box.x0), abs(r.cx - f.box.x1)) <= near)
            for f in frames
        )  # fmt: skip

    kept = tuple(r for r in line.letters if not side(r))
    if line.vertical or not kept or len(kept) == len(line.letters):
        return line
    return TextLine(bounding_box(list(kept)), kept, line.region)


def _with_whole(
    sheet: Sheet, zone: Rect, row: list[TextLine], lines: list[TextLine], ink: Mask, nodes: list[Symbol]
) -> list[TextLine]:
    """The lines with a heading's row made whole; adds the ink of its letters to `ink`."""
    letter = sheet.letter
    hull = bounding_box([t.box for t in row])
    hull = Rect(hull.x0, max(hull.y0, min(zone.y0, hull.y1 - 1)), hull.x1, hull.y1)  # not the frame's own side
    blocked = [n.box for n in nodes if n.box.y0 < hull.y1 and n.box.y1 > hull.y0]
    left = max([zone.x0, *(b.x1 for b in blocked if b.x1 <= hull.x0 + 2)])
    right = min([zone.x1, *(b.x0 for b in blocked if b.x0 >= hull.x1 - 2)])
    place = Rect(min(left, hull.x0), hull.y0, max(right, hull.x1), hull.y1)
    if any(b.overlap(hull) for b in blocked):
        return lines
    whole, crossing = _grown(sheet, place, hull)
    kept = any(t is r for t in lines for r in row)
    if kept and whole.w <= hull.w + 0.3 * letter and len(row) == 1:
        return lines
    others = [t for t in lines if not any(t is r for r in row)]
    row += [t for t in others if _level(t, row[0], letter) and whole.overlap(t.box) > 0.6 * t.box.w * t.box.h]
    others = [t for t in lines if not any(t is r for r in row)]
    within = [t for t in others if whole.overlap(t.box) > 0.3 * t.box.w * t.box.h]
    if any(len(t.letters) > 2 for t in within):
        return lines
    for b in (t.box for t in within):  # no letters: where connectors meet
        ink[b.y0 : b.y1, b.x0 : b.x1] = False
    others = [t for t in others if not any(t is w for w in within)]
    letters = tuple(sorted((r for t in row for r in t.letters), key=lambda r: r.x0))
    _mark(sheet, whole, crossing[:, whole.x0 - place.x0 : whole.x1 - place.x0], ink)
    return [*others, TextLine(whole, letters, row[0].region)]


def _mark(sheet: Sheet, whole: Rect, crossing: Mask, ink: Mask) -> None:
    """Add to the text's ink what lies in a heading's row; what goes on beyond it stays a connector's."""
    out = round(BEYOND * sheet.letter)
    y0, y1 = max(0, whole.y0 - out), min(sheet.height, whole.y1 + out)
    view = sheet.ink[y0:y1, whole.x0 : whole.x1].copy()
    view[whole.y0 - y0 : whole.y1 - y0] &= ~crossing
    _, labels, stats, _ = components(view)
    inside = (stats[:, 1] > 0) & (stats[:, 1] + stats[:, 3] < view.shape[0])
    inside[0] = False
    mine = inside[labels]
    mine[: whole.y0 - y0] = mine[whole.y1 - y0 :] = False
    ink[y0:y1, whole.x0 : whole.x1] |= mine


def _zones(frame: Frame, letter: float) -> list[Rect]:
    """Where a frame's heading may stand: in its strip, else along its upper side or, seldom, along its lower one."""
    inset = max(2, round(0.25 * letter))
    b = frame.title
    if b is not None:
        zones = [b] if b.w > b.h else []
    else:
        b, deep = frame.box, round(DEPTH * letter)
        zones = [Rect(b.x0, b.y0, b.x1, min(b.y1, b.y0 + deep)), Rect(b.x0, max(b.y0, b.y1 - deep), b.x1, b.y1)]
    return [Rect(z.x0 + inset, z.y0 + inset, z.x1 - inset, z.y1 - inset) for z in zones]


def _unread(sheet: Sheet, zone: Rect, nodes: list[Symbol]) -> list[TextLine]:
    """The heading of a strip in which no text was found: what is drawn in its middle beside the connectors."""
    letter = sheet.letter
    if any(zone.overlap(n.box) for n in nodes) or zone.h < letter or zone.w < 2 * letter:
        return []
    zone = _within_sides(sheet.ink, zone, max(2, round(0.25 * letter)))
    view = sheet.ink[zone.y0 : zone.y1, zone.x0 : zone.x1]
    rest = view & ~through(view, letter)
    rows, columns = np.flatnonzero(rest.sum(axis=1) > 1), np.flatnonzero(rest.any(axis=0))
    if len(rows) == 0 or len(columns) == 0:
        return []
    box = Rect(
        zone.x0 + int(columns[0]), zone.y0 + int(rows[0]), zone.x0 + int(columns[-1]) + 1, zone.y0 + int(rows[-1]) + 1
    )
    if not 0.6 * letter <= box.h <= 1.9 * letter or box.w < letter or abs(box.cx - zone.cx) > 0.15 * zone.w + letter:
        return []
    return [TextLine(box, (box,), int(sheet.regions[int(box.cy), int(box.cx)]))]


def _within_sides(ink: Mask, zone: Rect, most: int) -> Rect:
    """A zone without the strip's own sides, which may be drawn up to `most` pixels deep within it."""
    view = ink[zone.y0 : zone.y1, zone.x0 : zone.x1]
    insets = []
    for lines in (view.T, view, view.T[::-1], view[::-1]):  # from the left, from above, from the right, from below
        drawn = lines[:most].mean(axis=1) > 0.6
        insets.append(int(np.flatnonzero(drawn)[-1]) + 2 if drawn.any() else 0)
    x0, y0, x1, y1 = insets
    return Rect(zone.x0 + x0, zone.y0 + y0, zone.x1 - x1, zone.y1 - y1)


def _row(zone: Rect, lines: list[TextLine], letter: float) -> list[TextLine]:
    """The lines of text in the upper row of a zone, pieces of one heading: close to one another but for what cut it."""
    inside = [t for t in lines if not t.vertical and zone.inside(t.box.cx, t.box.cy) and t.box.y1 <= zone.y1 + 1]
    if not inside:
        return []
    first = max(inside, key=lambda t: t.box.w)
    row = [first]
    for t in sorted(inside, key=lambda t: abs(t.box.cx - first.box.cx)):
        hull = bounding_box([r.box for r in row])
        near = max(t.box.x0 - hull.x1, hull.x0 - t.box.x1) <= 2.5 * letter
        if t is not first and near and _level(t, first, letter):
            row.append(t)
    return row


def _level(a: TextLine, b: TextLine, letter: float) -> bool:
    """Whether two pieces stand in one row."""
    return abs(a.box.y1 - b.box.y1) <= 0.4 * letter or abs(a.box.cy - b.box.cy) <= 0.3 * letter


def _grown(sheet: Sheet, place: Rect, hull: Rect) -> tuple[Rect, Mask]:
    """A heading's bounds grown over the ink beside it, word by word; and the connectors through `place`."""
    letter = sheet.letter
    view = sheet.ink[place.y0 : place.y1, place.x0 : place.x1]
    out = round(BEYOND * letter)
    above, below = max(0, place.y0 - out), min(sheet.height - 1, place.y1 + out)
    lines = through(sheet.ink[above : below + 1, place.x0 : place.x1], letter)
    lines = lines[place.y0 - above : place.y0 - above + view.shape[0]]
    drawn = (view & ~lines).sum(axis=0) >= max(1.0, 0.08 * letter)
    crossed: Mask = np.asarray(lines.any(axis=0))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], drawn.astype(np.int8), [0]])))
    runs = [(place.x0 + int(a), place.x0 + int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    x0, x1 = hull.x0, hull.x1
    for a, b in reversed([r for r in runs if r[0] < hull.x0]):
        if x0 - b - int(crossed[b - place.x0 : max(b, x0) - place.x0].sum()) > WORD * letter:
            break
        x0 = min(x0, a)
    for a, b in [r for r in runs if r[1] > hull.x1]:
        if a - x1 - int(crossed[x1 - place.x0 : max(a, x1) - place.x0].sum()) > WORD * letter:
            break
        x1 = max(x1, b)
    return Rect(x0, hull.y0, x1, hull.y1), lines


def through(strip: Mask, letter: float, slope: float = 0.0) -> Mask:
    """The pixels of a strip that belong to straight strokes from its upper to its lower edge.

    Args:
        strip: (H, W) bool, a row of text and a little above and below it.
        letter: height of a capital letter, in pixels.
        slope: how far they go aside at least, in heights of the strip.
    """
    height = strip.shape[0]
    out = np.zeros(strip.shape, bool)
    upper, lower = _runs(strip[0]), _runs(strip[-1])
    if not upper or not lower:
        return out
    rows = np.arange(height)
    share = rows / max(1, height - 1)
    for a0, a1 in upper:
        for b0, b1 in lower:
            wide = max(a1 - a0, b1 - b0)
            xa, xb = (a0 + a1 - 1) / 2, (b0 + b1 - 1) / 2
            if wide > THIN * letter or not slope * height <= abs(xa - xb) <= 1.6 * height:
                continue
            middle = np.clip(np.round(xa + (xb - xa) * share), 0, strip.shape[1] - 1).astype(int)
            if strip[rows, middle].mean() < 0.96:
                continue
            half = max(1, round(wide / 2)) + 1
            for dx in range(-half, half + 1):
                out[rows, np.clip(middle + dx, 0, strip.shape[1] - 1)] = True
    return out & strip


def _runs(line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
