"""Which way connectors drawn by hand point: the end with more ink around it has the head.

Heads by hand are small, open, lopsided, or half hidden by the outline that they touch, so that their form often says
nothing.  What they all have is more strokes than the line's other end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import lengths
from diagrasp.engines.embedded.picture.raster import Mask

REACH = 0.8
"""Radius around an end in which ink is weighed, in letter heights."""
LOOSE = 0.12
"""Gap between a line and its head's strokes, in letter heights."""
MORE = 0.22
"""How much more ink than the other end a head has, as a share of what the line alone has."""
CLEARLY = 0.35
"""The same where outlines are weighed with it: both ends have one."""
MOSTLY = 0.6
"""Share of connectors with heads from which on the others have one, too: theirs was not seen."""


def pointed(connectors: Sequence[Connector], strokes: Mask, drawn: Mask, letter: float) -> list[Connector]:
    """The connectors; those without a clear head point to where more ink is.

    Args:
        strokes: (H, W) bool, ink of connectors.
        drawn: (H, W) bool, the same and outlines: a head may lie within a symbol's hull.
    """
    out = []
    for c in connectors:
        if c.head and not c.tail and c.sure >= 0.5:
            out.append(c)
            continue
        more = _more(c, strokes, letter)
        if abs(more) < MORE:
            within = _more(c, drawn, letter)
            more = within if abs(within) >= CLEARLY else more
        if more >= MORE:
            out.append(replace(c, head=True, tail=False))
        elif more <= -MORE and not (c.head and not c.tail):
            out.append(_turned(c))
        else:
            out.append(c)
    if sum(c.head for c in out) < MOSTLY * len(out):
        return out
    return [c if c.head else replace(c, head=True) for c in out]


def _turned(c: Connector) -> Connector:
    return replace(c, source=c.target, target=c.source, path=c.path[::-1], head=True, tail=False)


def _more(c: Connector, strokes: Mask, letter: float) -> float:
    """How much more ink there is at a connector's end than at its start, in shares of a plain line's."""
    along = lengths(c.path)
    reach = min(REACH * letter, 0.35 * float(along[-1]))
    if reach < 3:
        return 0.0
    places = [0.4 * reach, 0.5 * float(along[-1]), float(along[-1]) - 0.4 * reach]
    start, middle, end = (_around(_at(c.path, along, s), strokes, reach, LOOSE * letter) for s in places)
    return (end - start) / max(1.0, min(start, middle, end))


def _at(path: NDArray[np.float64], along: NDArray[np.float64], s: float) -> tuple[float, float]:
    return float(np.interp(s, along, path[:, 0])), float(np.interp(s, along, path[:, 1]))


def _around(place: tuple[float, float], strokes: Mask, reach: float, loose: float) -> float:
    """The ink in a disc around a point of a line that hangs together with it."""
    x, y, r = round(place[0]), round(place[1]), max(2, round(reach))
    x0, y0 = max(0, x - r), max(0, y - r)
    crop = strokes[y0 : y + r + 1, x0 : x + r + 1]
    if not crop.size:
        return 0.0
    ys, xs = np.mgrid[y0 : y0 + crop.shape[0], x0 : x0 + crop.shape[1]]
    disc = (xs - x) ** 2 + (ys - y) ** 2 <= r * r
    size = 2 * max(1, round(0.5 * loose)) + 1
    wide = cv2.dilate((crop & disc).astype(np.uint8), np.ones((size, size), np.uint8))
    _, labels = cv2.connectedComponents(wide, connectivity=8)
    close = (np.hypot(xs - x, ys - y) <= 0.35 * r) & (labels > 0)
    if not close.any():
        return 0.0
    return float((crop & disc & np.isin(labels, np.unique(labels[close]))).sum())
