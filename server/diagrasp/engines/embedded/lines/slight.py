"""Arrows so short that little but their head is seen: a piece of ink that fills the gap between two symbols."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.rect import Rect

REACH = 0.5
"""Widest gap between the piece and either symbol, in letter heights."""
LONGEST = 2.0
"""Length of the piece at most, in letter heights."""
TAPER = 0.75
"""Greatest breadth of the third at the head's tip, as a share of the third at its other end."""
BACK = 0.7
"""Breadth of an end that is a head's back, as a share of the greatest."""
SURE = 0.8
"""How sure the direction of such a connector is."""


def short_arrows(
    pieces: Iterable[tuple[Rect, NDArray[np.bool_]]], found: list[Connector], near: NDArray[np.float32],
    owner: NDArray[np.int32], letter: float, broad: float,
) -> list[Connector]:  # fmt: skip
    """The connectors of which a piece of ink between two symbols is the head.

    Args:
        pieces: the bounds of pieces that no connector has, and their ink within those.
        found: the connectors known so far: two symbols that one joins need no other.
        near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
        broad: a head's breadth at least, in pixels.
    """
    out: list[Connector] = []
    joined = {frozenset((c.source, c.target)) for c in found}
    for box, ink in pieces:
        for along in (1, 0):
            if (box.w, box.h)[along] > LONGEST * letter:
                continue
            first, last = (_end(box, along, way, near, owner, letter) for way in (-1, 1))
            if first is None or last is None or first[0] == last[0] or frozenset((first[0], last[0])) in joined:
                continue
            forward = _points(ink if along else ink.T, broad)
            if forward is None:
                continue
            (source, start), (target, tip) = (first, last) if forward else (last, first)
            out.append(Connector(source, target, np.array([start, tip], np.float64), True, False, False, SURE))
            joined.add(frozenset((source, target)))
    return out


def _end(
    box: Rect, along: int, way: int, near: NDArray[np.float32], owner: NDArray[np.int32], letter: float
) -> tuple[int, tuple[float, float]] | None:
    """The symbol right above or below a piece (along = 1), or to its left or right (along = 0), and where it begins."""
    spot = [int(box.cx), int(box.cy)]
    height, wide = near.shape
    edge = box[along + 2] - 1 if way > 0 else box[along]
    for step in range(int(REACH * letter) + 2):
        spot[along] = edge + way * step
        if not (0 <= spot[0] < wide and 0 <= spot[1] < height):
            return None
        if near[spot[1], spot[0]] <= 1.5:
            return int(owner[spot[1], spot[0]]), (float(spot[0]), float(spot[1]))
    return None


def _points(ink: NDArray[np.bool_], broad: float) -> bool | None:
    """Whether a piece narrows towards its last row, as a head does; None where it is none.

    The back of a head is the piece's one end, or lies within: then a shaft ends there, which is thin all along.
    """
    across = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in ink], float)
    if len(across) < 3 or across.max() < broad:
        return None
    back, few = int(across.argmax()), max(1, len(across) // 6)
    if max(across[:few].mean(), across[-few:].mean()) < BACK * across.max():
        above, below = float(across[:back].mean()), float(across[back + 1 :].mean())
        return None if min(above, below) > TAPER * max(above, below) else below > above
    third = max(1, len(across) // 3)
    first, last = float(across[:third].mean()), float(across[-third:].mean())
    return None if min(first, last) > TAPER * max(first, last) else first > last
