"""Participants' boxes that their names fill from side to side: the words cut the paper in two, and the sides the words.

Heads in a row are of one height, which tells how far a box goes on above or below its name.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.sequence.heads import Head
from diagrasp.engines.embedded.text.textlines import TextLine

LEVEL = 0.4
"""Letter heights by which the sides of boxes in one row differ at most."""
RIM = 0.2
"""Letter heights inside of a box's side that its line may take."""
SIDE = 0.7
"""Share of a box's height that its upright side fills."""
LEAST = 0.3
"""Width of a letter, in letter heights, at least: what is less is what a side has left."""
SPACE = 0.9
"""Letter heights between the letters of one line at most."""


def with_whole_names(heads: list[Head], ink: Mask, letter: float) -> list[Head]:
    """The heads, those that their names cut in two as whole boxes with whole names.

    Args:
        ink: (H, W) bool, the drawing's ink without its lifelines.
        letter: height of a capital letter, in pixels.
    """
    whole = [h.box for h in heads if not _cut(h, letter)]
    return [_mended(head, whole, ink, letter) for head in heads]


def _cut(head: Head, letter: float) -> bool:
    """Whether a box begins or ends amid the lines of its name."""
    return any(
        t.box.y0 - LEVEL * letter <= side <= t.box.y1 + LEVEL * letter
        for side in (head.box.y0, head.box.y1) for t in head.lines
    )  # fmt: skip


def _mended(head: Head, whole: list[Rect], ink: Mask, letter: float) -> Head:
    b, slack, cut = head.box, LEVEL * letter, _cut(head, letter)
    if cut and head.shape in ("participant", "database"):
        mates = [w for w in whole if abs(w.y0 - b.y0) <= slack or abs(w.y1 - b.y1) <= slack]
        mates = [w for w in mates if all(w.y0 <= t.box.y0 and t.box.y1 <= w.y1 for t in head.lines)]
        if len(mates) > 1 and len({(w.y0, w.y1) for w in mates}) == 1:
            b = Rect(b.x0, mates[0].y0, b.x1, mates[0].y1)
            head = replace(head, box=b, shape="participant")
    if head.shape != "participant":
        return head
    lines: list[TextLine] = []
    for line in sorted(head.lines, key=lambda t: t.box.x0):
        beside = next((k for k, other in enumerate(lines) if _level(other.box, line.box)), None)
        if beside is None:
            lines.append(line)
        else:
            other = lines[beside]
            lines[beside] = TextLine(other.box.union(line.box), other.letters + line.letters, other.region)
    if not cut and len(lines) == len(head.lines):  # nothing is in pieces
        return head
    return replace(head, lines=[_to_sides(line, b, ink, letter) for line in sorted(lines, key=lambda t: t.box.y0)])


def _level(a: Rect, b: Rect) -> bool:
    """Whether two pieces of text stand in one line."""
    return min(a.y1, b.y1) - max(a.y0, b.y0) >= 0.6 * min(a.h, b.h)


def _to_sides(line: TextLine, box: Rect, ink: Mask, letter: float) -> TextLine:
    """A line of a name with the letters beside it that come close to the box's sides."""
    b, rim = line.box, max(2, round(RIM * letter))
    left, right = box.x0 + rim, box.x1 - rim
    if line.vertical or right <= left:
        return line
    sides = ink[box.y0 : box.y1, left:right].mean(axis=0) >= SIDE
    columns = np.flatnonzero(ink[b.y0 : b.y1, left:right].any(axis=0) & ~sides) + left
    x0, x1 = b.x0, b.x1
    for x in columns[columns < b.x0][::-1].tolist():
        if x0 - x > SPACE * letter:
            break
        x0 = x
    for x in columns[columns >= b.x1].tolist():
        if x - x1 > SPACE * letter:
            break
        x1 = x + 1
    ends = [e for e in (Rect(x0, b.y0, b.x0, b.y1), Rect(b.x1, b.y0, x1, b.y1)) if e.w >= LEAST * letter]
    if not ends:
        return line
    return TextLine(bounding_box([b, *ends]), (*line.letters, *ends), line.region)
