"""Connectors between two symbols so close to each other that the head is all there is of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.components import components

LONG = 1.8
"""Longest of such connectors, in letter heights."""
BROAD = 0.4
"""Least breadth of the head's back where it meets a symbol, in letter heights."""
TAPER = 0.65
"""Greatest breadth of the tip, as a share of the back's."""
DEEP = 0.05
"""How far from its symbol what meets it lies at most, in letter heights."""
SURE = 0.8
"""How sure the direction of such a connector is."""


def pointed(
    found: list[Connector], ink: NDArray[np.bool_], near: NDArray[np.float32], owner: NDArray[np.int32], letter: float
) -> list[Connector]:
    """The connectors, those without a head turned and marked where all of their ink tapers to one side.

    Args:
        ink: (H, W) bool, connector ink.
        near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
    """
    short = {
        i for i, c in enumerate(found)
        if not (c.head or c.tail or c.dashed) and c.source != c.target
        and float(np.hypot(*np.diff(c.path, axis=0).T).sum()) <= LONG * letter
    }  # fmt: skip
    if not short:
        return found
    _, labels, stats, _ = components(ink)
    out = list(found)
    for i in short:
        c = found[i]
        at = c.path[len(c.path) // 2].astype(int)
        number = int(labels[at[1], at[0]])
        x, y, w, h, _ = (int(v) for v in stats[number])
        if not number or max(w, h) > (LONG + 0.7) * letter:
            continue  # its ink is that of others, too
        view = slice(y, y + h), slice(x, x + w)
        mine = labels[view] == number
        first, last = (_breadth(mine & (owner[view] == end), near[view], letter) for end in (c.source, c.target))
        if max(first, last) >= BROAD * letter and min(first, last) <= TAPER * max(first, last):
            turned = replace(c, source=c.target, target=c.source, path=c.path[::-1]) if first < last else c
            out[i] = replace(turned, head=True, sure=SURE)
    return out


def _breadth(mine: NDArray[np.bool_], near: NDArray[np.float32], letter: float) -> float:
    """How broadly ink meets the symbol that it is next to, in pixels."""
    if not mine.any():
        return 0.0
    ys, xs = np.nonzero(mine & (near <= near[mine].min() + DEEP * letter))
    return float(np.hypot(np.ptp(xs), np.ptp(ys))) + 1.0
