"""Ways along lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def lengths(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) how far along a path of (N, 2) points each of them lies, in pixels."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
