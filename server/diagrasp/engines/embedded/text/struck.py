"""Words that an upright connector runs through: their pieces on both sides of it are one line of text.

Modellers put a gateway's name above it, where its flows leave.  The letter on the connector hangs together with it, so
that the search for text finds what stands before it and what stands behind it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import Text, TextLine

GAP = 0.75
"""Letter heights between the pieces at most: a letter, and less than labels on both sides of a connector leave."""
BEYOND = 0.6
"""Letter heights that the connector goes on above or below the letters at least."""


def with_struck_words(
    text: Text, doubtful: list[TextLine], strokes: Mask, letter: float
) -> tuple[Text, list[TextLine]]:
    """The text with what may be text, words that upright connectors cut in two in one piece; what of it is doubtful.

    Args:
        doubtful: lines that may be none; one that goes on a line of the text is one.
        strokes: (H, W) bool, the ink that connectors were looked for in.
    """
    unsure = {id(t) for t in doubtful}
    lines = sorted([*text.lines, *doubtful], key=lambda t: t.box.x0)
    k = 0
    while k < len(lines):
        line = lines[k]
        others = [t for t in lines[k + 1 :] if id(line) not in unsure or id(t) not in unsure]
        other = next((t for t in others if _cut(line, t, strokes, letter)), None)
        if other is None:
            k += 1
            continue
        whole = TextLine(line.box.union(other.box), (*line.letters, *other.letters), line.region)
        lines = [whole if t is line else t for t in lines if t is not other]
    return Text(lines, text.ink), [t for t in lines if id(t) in unsure]


def runs_through(ink: Mask, path: NDArray[np.float64], box: Rect, *, dashed: bool = False) -> bool:
    """Whether a connector is drawn through a text from top to bottom, at about its middle.

    Args:
        path: (N, 2) the connector's points, half a letter height apart.
        dashed: it is not drawn all the way.
    """
    x, y = path[:, 0], path[:, 1]
    within = path[(y >= box.y0) & (y < box.y1) & (np.abs(x - box.cx) <= 0.3 * box.w)].astype(int)
    if len(within) < 2 or np.ptp(within[:, 1]) < 0.5 * box.h:
        return False
    columns = slice(max(0, int(within[:, 0].min()) - 1), int(within[:, 0].max()) + 2)
    return dashed or bool(ink[box.y0 : box.y1, columns].any(axis=1).mean() >= 0.97)


def _cut(left: TextLine, right: TextLine, strokes: Mask, letter: float) -> bool:
    """Whether two lines are one that a connector runs through."""
    a, b = left.box, right.box
    gap = b.x0 - a.x1
    if left.vertical or right.vertical or not -2 <= gap <= GAP * letter or not 0.7 <= left.size / right.size <= 1.4:
        return False
    if min(a.y1, b.y1) - max(a.y0, b.y0) < 0.6 * min(a.h, b.h):
        return False
    columns = slice(max(0, min(a.x1, b.x0) - 2), max(a.x1, b.x0) + 2)
    top, bottom, reach = min(a.y0, b.y0), max(a.y1, b.y1), round(BEYOND * letter)
    above, below = strokes[max(0, top - reach) : bottom, columns], strokes[top : bottom + reach, columns]
    return any(view.size and view.any(axis=1).all() and view.mean(axis=0).max() >= 0.9 for view in (above, below))
