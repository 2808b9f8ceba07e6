"""Components of ink gathered into rows, as letters stand: the beginning of every line of text."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect


def chains(
    ids: list[int], rects: dict[int, Rect], region: dict[int, int], letter: float, tainted: NDArray[np.bool_],
    outlines: Mask | None = None, *, reach: float = 1.15,
) -> list[list[int]]:  # fmt: skip
    """Components gathered into rows: neighbours on one paper region, of like height, `reach` heights apart at most.

    Args:
        outlines: (H, W) bool, ink of outlines: what touches a stroke is no neighbour of what stands beyond one.
    """
    ids = sorted(set(ids), key=lambda i: rects[i].x0)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    size = max(1, int(1.5 * letter))
    for i in ids:
        r = rects[i]
        for cy in range(r.y0 // size, (r.y1 - 1) // size + 1):
            cells[r.x0 // size, cy].append(i)
    parent = {i: i for i in ids}

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i in ids:
        a = rects[i]
        far = reach * min(max(a.h, 0.8 * letter), 1.6 * letter)
        for cx in range(a.x0 // size, int(a.x1 + far) // size + 1):
            for cy in range(a.y0 // size, (a.y1 - 1) // size + 1):
                for j in cells.get((cx, cy), ()):
                    b = rects[j]
                    if j == i or find(i) == find(j) or b.x0 < a.x0:
                        continue
                    gap, both = b.x0 - a.x1, min(a.y1, b.y1) - max(a.y0, b.y0)
                    low, high = min(a.h, b.h), max(a.h, b.h)
                    touching = bool(tainted[i] or tainted[j])
                    if region[i] != region[j] and not (touching and gap <= 0.35 * letter and both >= 0.8 * low):
                        continue  # a word that cuts a line may stand on the paper of both sides
                    allowed = 0.4 * letter if touching else far
                    if gap <= allowed and both >= 0.55 * low and high <= 2.4 * low:
                        if touching and outlines is not None and _parted(outlines, a, b):
                            continue
                        parent[find(j)] = find(i)
    rows: dict[int, list[int]] = defaultdict(list)
    for i in ids:
        rows[find(i)].append(i)
    return list(rows.values())


def _parted(outlines: Mask, a: Rect, b: Rect) -> bool:
    """Whether an outline parts two neighbours, `a` to the left, on most of the rows that they share."""
    view = outlines[max(a.y0, b.y0) : min(a.y1, b.y1), min(a.x1, b.x0) : max(a.x1, b.x0)]
    return bool(view.size and view.any(axis=1).mean() >= 0.8)
