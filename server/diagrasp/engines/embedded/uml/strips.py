"""The ink around the end of a line, laid out upright: rows along the line, columns across it."""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect


def sampled(ink: Mask, tip: Points, far: Points, extent: tuple[float, float, float], half: float) -> Mask:
    """The ink along a line, as far as it hangs together with the line.

    Args:
        tip: where the line ends, (2,) x and y in pixels; `far` lies on it.
        extent: how far the strip goes before the tip, beyond it, and to either side, in pixels.
        half: how far from the line's middle ink belongs to it, in pixels.
    """
    way = far - tip
    direction = way / (float(np.hypot(*way)) or 1.0)
    before, reach, side = (int(v) for v in extent)
    d = np.arange(-before, reach, dtype=np.float32)
    s = np.arange(-side, side + 1, dtype=np.float32)
    x = tip[0] + d[:, None] * direction[0] - s[None, :] * direction[1]
    y = tip[1] + d[:, None] * direction[1] + s[None, :] * direction[0]
    left, top = max(0, int(x.min()) - 1), max(0, int(y.min()) - 1)  # the part of the sheet that the strip is of
    part = ink[top : int(y.max()) + 3, left : int(x.max()) + 3].astype(np.uint8) * 255
    if part.size == 0:
        return np.zeros(x.shape, bool)
    at = (x - left).astype(np.float32), (y - top).astype(np.float32)
    strip = cv2.remap(part, *at, cv2.INTER_LINEAR, borderValue=0)
    mask = (strip > 110).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((3, 3), np.uint8)), connectivity=8)
    near = max(1, round(half))
    middle = labels[before:, len(s) // 2 - near : len(s) // 2 + near + 1]
    mine = np.unique(middle[middle > 0])
    return np.asarray((mask > 0) & np.isin(labels, mine))


def entry(start: Points, far: Points, box: Rect) -> Points:
    """Where the line from `far` to `start`, drawn on, enters a box."""
    way = start - far
    best = 1.6
    for axis, edges in ((0, (box.x0, box.x1)), (1, (box.y0, box.y1))):
        if abs(way[axis]) < 1e-6:
            continue
        for edge in edges:
            t = (edge - far[axis]) / way[axis]
            other = far[1 - axis] + t * way[1 - axis]
            low, high = (box.y0, box.y1) if axis == 0 else (box.x0, box.x1)
            if 0.2 < t < best and low - 3 <= other <= high + 3:
                best = float(t)
    return np.asarray(far + way * (best if best < 1.6 else 1.0), np.float64)
