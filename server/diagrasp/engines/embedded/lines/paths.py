"""Ways along lines, and how far they are from boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.rect import Rect

Points = NDArray[np.float64]


def lengths(path: Points) -> Points:
    """(N,) how far along a path of (N, 2) points each of them lies, in pixels."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])


def dense(path: Points, step: float, most: int = 400) -> Points:
    """A path's points at equal distances, `most` of them at most."""
    along = lengths(path)
    at = np.linspace(0.0, along[-1], int(min(most, max(2, along[-1] / step))))
    return np.stack([np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])], axis=1)


def away(points: Points, box: Rect) -> Points:
    """(N,) how far each of (N, 2) points is from a box, in pixels; 0 within it."""
    dx = np.maximum(np.maximum(box.x0 - points[:, 0], points[:, 0] - box.x1), 0)
    dy = np.maximum(np.maximum(box.y0 - points[:, 1], points[:, 1] - box.y1), 0)
    return np.asarray(np.hypot(dx, dy), np.float64)
