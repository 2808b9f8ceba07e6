"""What hides a connector: a symbol, behind which it never runs on, a label, on whose other side it begins, a corner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.rect import Rect

Place = Sequence[float] | NDArray[np.float64]
Pair = tuple[float, float]


def hidden(near: NDArray[np.float32], p: Place, q: Place, letter: float) -> bool:
    """Whether most of the way between two places leads over a symbol, its rim apart.

    Args:
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        p, q: (x, y) of the places.
    """
    far = float(np.hypot(q[0] - p[0], q[1] - p[1]))
    if far <= 0.8 * letter:
        return False
    n = max(3, int(far))
    xs = np.linspace(p[0], q[0], n).astype(int)
    ys = np.linspace(p[1], q[1], n).astype(int)
    over = near[ys, xs] <= 0
    return bool(over.mean() > 0.4 and over.mean() * far > 0.8 * letter)


def under_label(
    place: NDArray[np.float64], texts: Sequence[Rect], near: NDArray[np.float32], owner: NDArray[np.int32],
    letter: float,
) -> int:  # fmt: skip
    """The number of the symbol right behind the label that a line's end touches, straight across it; 0 if none.

    Args:
        place: (x, y) of the end.
        texts: boxes of lines of text.
        near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
    """
    x, y = place
    height, width = near.shape
    for box in texts:
        b = box.grow(0.6 * letter)
        if not b.inside(x, y) or box.w < letter:
            continue
        for dx, dy, outside in ((0, -1, y > box.y1 - 2), (0, 1, y < box.y0 + 2)):
            if not outside or not box.x0 <= x < box.x1:
                continue
            px, py, free = x, y, 0.0
            while 0 <= px < width and 0 <= py < height and free <= 0.9 * letter:
                if near[int(py), int(px)] <= 1:
                    return int(owner[int(py), int(px)])
                free = 0.0 if any(t.grow(1).inside(px, py) for t in texts) else free + 1
                px, py = px + dx, py + dy
    return 0


def corner_ahead(way: Pair, u: Pair, v: Pair) -> Pair | None:
    """How far ahead of two ends the corner lies that both look at, in pixels; None where there is none.

    Args:
        way: from the first end to the second.
        u, v: where the first and the second end point: unit vectors, about at right angles.
    """
    cross = u[0] * -v[1] + u[1] * v[0]
    if abs(u[0] * v[0] + u[1] * v[1]) >= 0.25 or abs(cross) <= 0.5:
        return None
    s = (way[0] * -v[1] + way[1] * v[0]) / cross
    t = (u[0] * way[1] - u[1] * way[0]) / cross
    return (s, t) if min(s, t) >= -2 else None
