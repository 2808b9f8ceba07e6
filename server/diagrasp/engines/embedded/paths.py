"""Ways along lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def lengths(path: Points) -> Points:
    """(N,) how far along a path of (N, 2) points each of them lies, in pixels."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])


def dense(path: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """A path's points at equal distances, 400 at most."""
    along = lengths(path)
    at = np.linspace(0.0, along[-1], int(min(400, max(2, along[-1] / step))))
    return np.stack([np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])], axis=1)
