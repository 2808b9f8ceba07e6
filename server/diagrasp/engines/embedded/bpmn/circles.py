"""Which way a message runs, by the small circle that it begins with: its open head may be too faint to go by."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.picture.raster import Mask

RADII = (0.1, 0.62)
"""Radius of the paper within a circle, in letter heights."""
NEAR = 1.2
"""Letter heights from the end of the line to its middle at most."""
ROUND = 0.66
"""Least share that it has of the circle around it; an open head's paper has two fifths."""
LEVEL = 0.75
"""Least ratio of its sides."""


def with_messages_turned(scene: Scene) -> None:
    """Turn the dashed connectors that end with a circle and begin without one, in place."""
    ink, letter = scene.sheet.ink, scene.sheet.letter
    for k, c in enumerate(scene.connectors):
        if c.dashed and has_circle(ink, c.path, letter) and not has_circle(ink, c.path[::-1], letter):
            scene.connectors[k] = _turned(c)


def _turned(c: Connector) -> Connector:
    return replace(c, source=c.target, target=c.source, path=c.path[::-1], head=True, tail=False, sure=1.0)


def has_circle(ink: Mask, path: Points, letter: float) -> bool:
    """Whether a path's last point lies at a small empty circle.

    Args:
        path: (N, 2) the connector's points.
    """
    end = path[-1]
    reach = round((NEAR + RADII[1] + 0.4) * letter)
    x0, y0 = max(0, int(end[0]) - reach), max(0, int(end[1]) - reach)
    view = ink[y0 : y0 + 2 * reach + 1, x0 : x0 + 2 * reach + 1]
    count, found, stats, middles = cv2.connectedComponentsWithStats((~view).astype(np.uint8), connectivity=4)
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if not 2 * RADII[0] * letter <= w <= 2 * RADII[1] * letter or not LEVEL <= w / h <= 1 / LEVEL:
            continue
        if x == 0 or y == 0 or x + w == view.shape[1] or y + h == view.shape[0]:
            continue
        if float(np.hypot(*(middles[i] + (x0, y0) - end))) > NEAR * letter:
            continue
        ys, xs = np.nonzero(np.asarray(found[y : y + h, x : x + w] == i))
        outer = float(np.hypot(xs + x - middles[i][0], ys + y - middles[i][1]).max()) + 0.5
        if area >= ROUND * np.pi * outer**2:
            return True
    return False
