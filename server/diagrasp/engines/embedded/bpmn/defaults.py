"""Default flows: a short slanting stroke across a flow, close to where it begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.picture.raster import Mask

START, REACH = 0.05, 2.4
"""Letter heights from a flow's beginning between which the stroke crosses it."""
SIDE = 1.3
"""Letter heights to either side of the flow that are looked at."""
ARM = (0.25, 1.0)
"""How far the stroke reaches to either side, in letter heights."""
SLANT = (0.15, 1.3)
"""How far along the flow the stroke runs for every letter height across it."""
STRAIGHT = 0.9
"""Least correlation of along and across within the stroke."""
EVEN = 0.5
"""Least ratio of its two arms."""
STEP = 0.5
"""Distance of samples, in pixels."""


def default_flows(scene: Scene) -> set[int]:
    """The connectors, by position, that carry a default flow's stroke: ways out of a symbol that has several."""
    flows = [i for i, c in enumerate(scene.connectors) if not c.dashed and c.source != c.target and not c.tail]
    outs: dict[int, list[int]] = {}
    for i in flows:
        outs.setdefault(scene.connectors[i].source, []).append(i)
    letter = scene.sheet.letter
    return {
        i for group in outs.values() if len(group) > 1 for i in group
        if is_default(scene.sheet.ink, scene.connectors[i], letter)
    }  # fmt: skip


def is_default(ink: Mask, connector: Connector, letter: float) -> bool:
    """Whether a stroke crosses a flow slantwise close to where it begins."""
    patch = _along(ink, connector.path, letter)
    if patch is None:
        return False
    middle = patch.shape[1] // 2
    half = _half_width(patch, middle)
    if half is None:
        return False
    arms = []
    for side in (patch[:, middle + half + 1 :], patch[:, : middle - half][:, ::-1]):
        count, found, stats, _ = cv2.connectedComponentsWithStats(side.astype(np.uint8), connectivity=8)
        touching = [
            i for i in range(1, count)
            if stats[i, 0] <= 1 and stats[i, 2] * STEP >= ARM[0] * letter
        ]  # fmt: skip
        if len(touching) != 1:
            return False
        arms.append(np.argwhere(found == touching[0]) * STEP / letter)
    if any(float(arm[:, 1].max()) > ARM[1] or arm[:, 0].max() * letter >= (patch.shape[0] - 1) * STEP for arm in arms):
        return False
    points = np.vstack([arm + np.array([0.0, half * STEP / letter]) for arm in arms])
    points[len(arms[0]) :, 1] *= -1
    levels, place = np.unique(points[:, 1], return_inverse=True)
    along = np.bincount(place, points[:, 0]) / np.bincount(place)
    slant = abs(float(np.polyfit(levels, along, 1)[0]))
    arm_lengths = sorted(float(arm[:, 1].max()) for arm in arms)
    return bool(
        SLANT[0] <= slant <= SLANT[1]
        and abs(float(np.corrcoef(levels, along)[0, 1])) >= STRAIGHT
        and arm_lengths[0] >= EVEN * arm_lengths[1]
    )


def _along(ink: Mask, path: Points, letter: float) -> NDArray[np.bool_] | None:
    """(A, C) the ink beside a flow's beginning, along it and across it; None where it bends there."""
    far = lengths(path)
    last = int(np.searchsorted(far, REACH * letter))
    if last >= len(path):
        return None
    way = path[last] - path[0]
    way = way / max(1e-6, float(np.hypot(*way)))
    normal = np.array([-way[1], way[0]])
    if np.abs((path[: last + 1] - path[0]) @ normal).max() > 0.25 * letter:
        return None
    along = np.arange(START * letter, REACH * letter, STEP)
    side = round(SIDE * letter / STEP)
    across = np.arange(-side, side + 1) * STEP
    places = path[0] + along[:, None, None] * way + across[None, :, None] * normal
    xs, ys = np.rint(places[..., 0]).astype(int), np.rint(places[..., 1]).astype(int)
    if xs.min() < 0 or ys.min() < 0 or xs.max() >= ink.shape[1] or ys.max() >= ink.shape[0]:
        return None
    return np.asarray(ink[ys, xs], np.bool_)


def _half_width(patch: NDArray[np.bool_], middle: int) -> int | None:
    """Half the width of the flow's own stroke, in samples; None where it is no stroke along the middle."""
    halves = []
    for row in patch:
        around = np.flatnonzero(row[middle - 4 : middle + 5]) + middle - 4
        if len(around) == 0:
            return None
        at = int(around[np.abs(around - middle).argmin()])
        right = int(np.argmin(row[at:])) if not row[at:].all() else len(row)
        left = int(np.argmin(row[at::-1])) if not row[at::-1].all() else len(row)
        halves.append(max(at + right - middle, middle - at + left) - 1)
    return int(np.percentile(halves, 40)) + 1
