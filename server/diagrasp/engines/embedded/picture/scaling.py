"""How much a drawing is scaled before it is taken apart: by the height of its letters, and by what time allows.

Strokes, gaps and heads are told apart by neighbours of single pixels, so that letters of 18 pixels are read best; but
time grows with the area.
"""

from __future__ import annotations

import math

from diagrasp.engines.embedded.picture.letters import RUN_TOGETHER

TARGET = 13.0
"""Height of a letter, in pixels, that is enough: large drawings are scaled down to it."""
ROOMY = 18.0
"""Height of a letter at which letters keep clear of outlines, and heads of the symbols that they reach."""
AMPLE = 14.5
"""Height of a letter from which on enlarging wins nothing."""
CRAMPED = 10.6
"""Height of the commonest letters below which small symbols have too little room for heads."""
GROWN = 2.4e6
"""Pixels that a drawing may have for the sake of room: it still takes no longer than an ordinary one."""
TINY = 7.5
"""Height of a letter below which the space between its strokes is grey, as if the drawing were soft."""
SMALL, LARGE = 9.5, 22.0
"""Heights of letters below and above which a drawing is scaled in any case."""


def scaling(usual: float, letter: float, area: int, largest: float, *, soft: bool) -> float:
    """How a drawing is scaled whose commonest letters and whose capitals have these heights.

    Args:
        area: its pixels.
        largest: pixels that it may have at the most.
        soft: whether its edges are soft, as scaling, turning and JPEG leave them: a rendering is sharp as it is.
    """
    factor = without_room(usual, letter)
    room = min(ROOMY / letter, 3.0) if soft or letter > LARGE else 2.0
    small = letter <= AMPLE if soft else usual < CRAMPED
    if (small or letter > LARGE) and area * room * room <= GROWN:
        factor = max(room, factor)
    elif usual <= RUN_TOGETHER:
        factor = min(factor, max(2.0, math.sqrt(GROWN / area)))
    return min(factor, math.sqrt(largest / area))


def without_room(usual: float, letter: float) -> float:
    """The same for drawings of long thin lines, and where time does not allow more."""
    if usual < SMALL:
        return 2.0 if usual > RUN_TOGETHER else 3.0
    return TARGET / letter if letter > LARGE else 1.0
