"""Half circles inside of an activity: the circle where a message flow starts lies on the border, half of it within."""

from __future__ import annotations

from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

FLAT = 1.9
"""How much longer than deep half a circle is at least, its border's share taken off; no letter is so flat."""
NEAR = 0.7
"""Farthest from the side that the circle lies on, in letter heights."""
LARGEST = 2.2
"""Length of the half circle, in letter heights, at most."""


def without_starts(text: Text, nodes: list[Symbol], letter: float) -> Text:
    """The text without the lines that are one flat piece of ink beside an activity's side; its ink stays taken."""
    boxes = [n.box for n in nodes if n.shape in ("process", "rounded")]

    def is_start(line: TextLine) -> bool:
        b = line.box
        if len(line.letters) != 1 or max(b.w, b.h) > LARGEST * letter:
            return False
        for o in boxes:
            if not o.inside(b.cx, b.cy):
                continue
            across = b.w >= FLAT * b.h and min(b.y0 - o.y0, o.y1 - b.y1) <= NEAR * letter
            along = b.h >= FLAT * b.w and min(b.x0 - o.x0, o.x1 - b.x1) <= NEAR * letter
            if across or along:
                return True
        return False

    return Text([t for t in text.lines if not is_start(t)], text.ink)
