"""Gaps that a hurried pen leaves: ends of strokes are led on to the stroke they aim at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.skeleton import thin
from diagrasp.engines.embedded.picture.raster import Mask

REACH = 0.75
"""Longest gap, in letter heights, that the end of a stroke is led across, straight ahead."""
SPUR = 1.1
"""Least length, in letter heights, of a stroke that is led on: shorter ones are overshoots and letters."""
NEAR = 0.4
"""Longest gap to a stroke that lies ahead to a side."""
CORNER, BACK = 1.0, -0.3
"""Longest gap between the ends of two strokes, each of which is the other's nearest, and how far back it may lead."""
SHORT = 0.4
"""Least length, in letter heights, of the shorter of the two up to the next junction."""
MOST = 6000
"""Ends beyond which a picture is noise."""


_AROUND = ((0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1))


def ends(bones: Mask) -> NDArray[np.int64]:
    """(N, 2) x, y of a skeleton's pixels that have one neighbour."""
    near = cv2.filter2D(bones.astype(np.uint8), cv2.CV_8U, np.ones((3, 3), np.float32), borderType=cv2.BORDER_CONSTANT)
    ys, xs = np.nonzero(bones & (near == 2))
    return np.stack([xs, ys], axis=1).astype(np.int64)


CLOSED = 7.0
"""Width or height, in letter heights, up to which a closed region is a symbol's: the strokes in it are text."""


def bridge(ink: Mask, letter: float, *, corners: bool = True) -> Mask:
    """The ink, with gaps closed between the ends of longer strokes and what lies just ahead of them.

    Args:
        ink: (H, W) bool, outlines and connectors: no text.
        corners: whether short strokes are led on and ends are joined with each other, too; on paper many are letters'.
    """
    solid = np.asarray(cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    bones = thin(solid > 0)
    tips = ends(bones)
    if len(tips) > MOST:
        return np.asarray(solid > 0)
    out = solid.copy()
    step = max(3, round(0.45 * letter))
    spur = round(SPUR * letter)
    _, rooms, stats, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    inside = np.minimum(stats[:, 2], stats[:, 3]) <= CLOSED * letter
    inside &= np.minimum(stats[:, 2], stats[:, 3]) >= 1.2 * letter
    inside[0] = False
    within = cv2.dilate(inside[rooms].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    outside = cv2.dilate(((rooms > 0) & ~inside[rooms]).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    enclosed = within & ~outside
    reach = round(REACH * letter)
    free: list[NDArray[np.float64]] = []
    ways: list[NDArray[np.float64]] = []
    lengths: list[int] = []
    for x, y in tips:
        if enclosed[y, x]:
            continue
        trail = _trail(bones, int(x), int(y), spur)
        if len(trail) < (SHORT * letter if corners else spur):
            continue
        way = trail[0] - trail[min(step, len(trail) - 1)]
        way = way / max(1e-6, float(np.hypot(*way)))
        free.append(trail[0])
        ways.append(way)
        lengths.append(len(trail))
        own = {(int(px), int(py)) for px, py in trail}
        if len(trail) < spur:  # a short one is led straight on only, and no further than it is long
            target = _ahead(bones, trail[0], way, min(reach, len(trail)), own, 0.0)
        else:
            target = _ahead(bones, trail[0], way, reach, own, NEAR * letter)
        if target is not None:
            cv2.line(out, (int(x), int(y)), target, 1, 2)
    for a, b in _corners(free, ways, lengths, spur, CORNER * letter) if corners else []:
        cv2.line(out, a, b, 1, 2)
    return np.asarray(out > 0)


def _corners(
    tips: list[NDArray[np.float64]], ways: list[NDArray[np.float64]], lengths: list[int], spur: int, reach: float
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The ends of strokes that lie nearest to each other, as two sides of an outline do that do not quite meet.

    One of the two is long; between two short ones there is a head.
    """
    if len(tips) < 2:
        return []
    at, way = np.array(tips), np.array(ways)
    gaps = at[None] - at[:, None]
    far = np.hypot(gaps[..., 0], gaps[..., 1])
    np.fill_diagonal(far, np.inf)
    nearest = far.argmin(axis=1)
    out = []
    for i, j in enumerate(nearest.tolist()):
        if i < j and nearest[j] == i and 2.0 <= far[i, j] <= reach and max(lengths[i], lengths[j]) >= spur:
            toward = gaps[i, j] / far[i, j]
            if min(float(way[i] @ toward), -float(way[j] @ toward)) >= BACK:
                out.append(((int(at[i, 0]), int(at[i, 1])), (int(at[j, 0]), int(at[j, 1]))))
    return out


def _trail(bones: Mask, x: int, y: int, steps: int) -> NDArray[np.float64]:
    """(N, 2) the pixels from the end of a stroke back along it, to the next junction at most."""
    height, width = bones.shape
    trail, seen = [(x, y)], {(x, y)}
    while len(trail) < steps:
        cx, cy = trail[-1]
        on = [
            (cx + dx, cy + dy)
            for dx, dy in _AROUND
            if 0 <= cx + dx < width
            and 0 <= cy + dy < height
            and bones[cy + dy, cx + dx]
            and (cx + dx, cy + dy) not in seen
        ]
        if not on or (len(on) > 1 and max(abs(on[0][0] - p[0]) + abs(on[0][1] - p[1]) for p in on) > 2):
            break
        trail.append(on[0])
        seen.update(on)
    return np.array(trail, float)


def _ahead(
    bones: Mask,
    tip: NDArray[np.float64],
    way: NDArray[np.float64],
    reach: int,
    own: set[tuple[int, int]],
    beside: float,
) -> tuple[int, int] | None:
    """The nearest stroke ahead of an end: within `reach` straight on, within `beside` to the sides."""
    x, y = int(tip[0]), int(tip[1])
    x0, y0 = max(0, x - reach), max(0, y - reach)
    ys, xs = np.nonzero(bones[y0 : y + reach + 1, x0 : x + reach + 1])
    xs, ys = xs + x0, ys + y0
    far = np.hypot(xs - x, ys - y)
    along = ((xs - x) * way[0] + (ys - y) * way[1]) / np.maximum(far, 1e-6)
    ok = (far >= 2.0) & (((along >= 0.75) & (far <= reach)) | ((along >= 0.1) & (far <= beside)))
    ok &= np.array([(int(a), int(b)) not in own for a, b in zip(xs, ys, strict=True)], bool)
    if not ok.any():
        return None
    cost = np.where(ok, far * (2.0 - along), np.inf)
    k = int(cost.argmin())
    return int(xs[k]), int(ys[k])
