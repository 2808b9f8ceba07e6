"""Boxes that a drawing shows by their fill alone, so pale that nothing was found where they are."""

from __future__ import annotations

from diagrasp.engines.embedded.frames.fills import find_tints
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

SAME = 0.6
"""Share of what either covers that two boxes cover together at least, if they are one."""
ROOM = 0.5
"""Letter heights between words and either side of their box at least: a label's own ground hugs it."""


def pale_boxes(sheet: Sheet, found: list[Rect], lines: list[TextLine]) -> list[Rect]:
    """Rectangles of a colour too pale to have an outline, with words in them, that are none of those found.

    Args:
        found: bounds of what was found.
        lines: the lines of text.
    """
    return [
        tint
        for tint in find_tints(sheet)
        if _roomy(tint, lines, ROOM * sheet.letter) and not any(alike(tint, box) for box in found)
    ]


def _roomy(box: Rect, lines: list[TextLine], room: float) -> bool:
    """Whether a box has words in it, none of which comes close to its left or right side."""
    held = [t.box for t in lines if box.inside(t.box.cx, t.box.cy)]
    return bool(held) and all(b.x0 - box.x0 >= room and box.x1 - b.x1 >= room for b in held)


def alike(a: Rect, b: Rect) -> bool:
    """Whether two boxes cover much the same."""
    shared = a.overlap(b)
    return shared > SAME * (a.w * a.h + b.w * b.h - shared)
