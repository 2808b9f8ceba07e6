"""Where lines of a graph cross: the more others a connector crosses, the likelier it was led on along a wrong one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagrasp.model import Point


def crossings(paths: Sequence[Sequence[Point]]) -> list[int]:
    """How many others each path crosses; paths that touch at an end, or run along each other, do not cross."""
    pieces = [(i, *a, *b) for i, path in enumerate(paths) for a, b in itertools.pairwise(path)]
    out = [0] * len(paths)
    if not pieces:
        return out
    table = np.array(pieces, float)
    owner, (ax, ay, bx, by) = table[:, 0].astype(int), table[:, 1:].T

    def side(px: NDArray[np.float64], py: NDArray[np.float64], k: int) -> NDArray[np.float64]:
        return np.asarray(np.sign((bx[k] - ax[k]) * (py - ay[k]) - (by[k] - ay[k]) * (px - ax[k])))

    pairs = set()
    for k in range(len(pieces)):
        beyond = side(ax, ay, k) * side(bx, by, k) < 0
        seen = np.sign((bx - ax) * (ay[k] - ay) - (by - ay) * (ax[k] - ax))
        other = np.sign((bx - ax) * (by[k] - ay) - (by - ay) * (bx[k] - ax))
        pairs |= {(int(owner[k]), int(j)) for j in owner[beyond & (seen * other < 0)] if j != owner[k]}
    for i, _ in pairs:
        out[i] += 1
    return out
