"""Labels of two connectors side by side that were taken for one line of text: a connector passes between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import dense
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.text.textlines import Text, TextLine

GAP, WORDS = 0.8, 1.5
"""Least gap that a connector stands in, in heights of the letters, and in the line's other gaps between words."""
LEAST = 2
"""Letters on either side at least."""
NEAR = 1.2
"""Letter heights from an outer end of the line within which another connector passes."""
TITLE = 1.9
"""Letter heights below a frame's upper side within which its title stands."""


def sundered(text: Text, strokes: Mask, connectors: list[Connector], frames: list[Frame], letter: float) -> Text:
    """The text, in which labels on both sides of a connector are two lines, where one may be another connector's.

    Args:
        strokes: (H, W) bool, the ink that connectors were looked for in.
    """
    lines: list[TextLine] = []
    for line in text.lines:
        b = line.box
        titled = any(f.box.x0 <= b.cx <= f.box.x1 and 0 <= b.cy - f.box.y0 <= TITLE * letter for f in frames)
        parts = [line] if titled or len(connectors) < 2 else _parts(line, strokes)
        lines += parts if len(parts) > 1 and _at_end(b, connectors, letter) else [line]
    return text if len(lines) == len(text.lines) else Text(lines, text.ink)


def _at_end(box: Rect, connectors: list[Connector], letter: float) -> bool:
    """Whether a connector passes beside the left or the right end of a line."""
    for c in connectors:
        x, y = dense(c.path, 0.5 * letter).T
        beside = x[(y >= box.y0) & (y <= box.y1)]
        if np.any((beside <= box.x0) & (beside >= box.x0 - NEAR * letter)):
            return True
        if np.any((beside >= box.x1) & (beside <= box.x1 + NEAR * letter)):
            return True
    return False


def _parts(line: TextLine, strokes: Mask) -> list[TextLine]:
    """A line cut where connectors pass through it; itself where none does."""
    if line.vertical or len(line.letters) < 2 * LEAST or line.box.w < 4 * line.size:
        return [line]
    letters = sorted(line.letters)
    gaps = list(_gaps(letters))
    widest = sorted(gaps)[-2] if len(gaps) > 1 else 0
    cuts = [
        i for i, (gap, (right, left)) in enumerate(zip(gaps, _edges(letters), strict=True), 1)
        if gap >= max(GAP * line.size, WORDS * widest)
        and _passes(strokes, Rect(right, line.box.y0, left, line.box.y1))
    ]  # fmt: skip
    if len(cuts) != 1 or not LEAST <= cuts[0] <= len(letters) - LEAST:
        return [line]
    rows = [tuple(letters[: cuts[0]]), tuple(letters[cuts[0] :])]
    return [TextLine(bounding_box(list(row)), row, line.region, tall=line.tall) for row in rows]


def _edges(letters: list[Rect]) -> Iterator[tuple[int, int]]:
    """Where each gap between neighbours begins and ends."""
    right = letters[0].x1
    for a, b in pairwise(letters):
        right = max(right, a.x1)
        yield right, b.x0


def _gaps(letters: list[Rect]) -> Iterator[int]:
    return (left - right for right, left in _edges(letters))


def _passes(strokes: Mask, gap: Rect) -> bool:
    """Whether a stroke runs through a gap from top to bottom."""
    view = strokes[max(0, gap.y0) : gap.y1, gap.x0 : gap.x1]
    return bool(view.size and view.any(axis=1).mean() >= 0.97 and np.count_nonzero(view) <= 0.5 * view.size)
