"""Gaps that nothing may bridge: a connector never runs on behind a symbol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Place = Sequence[float] | NDArray[np.float64]


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
