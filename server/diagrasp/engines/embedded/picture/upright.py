"""Drawings that stand askew, as scans do: turned upright before they are read, and what is found turned back.

Frames, lanes and outlines are looked for along rows and columns; one degree is 17 pixels in a thousand.  Straight lines
of drawings run along the two axes, but for some, so the angle at which most of their length lies is the drawing's.
The lines are found by LSD (von Gioi et al., "LSD: a line segment detector", IPOL 2012), as OpenCV has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.model import Box, Diagram, Point

LOOKED_AT = 800_000
"""Pixels that are enough to tell the angle."""
LONG = 30
"""Pixels of a line that tells an angle."""
MOST, LEAST = 8.0, 0.2
"""Degrees: beyond the first lines are slanted, not askew; below the second nothing is lost."""
AGREED = 0.4
"""Share of the lines' length that must lie at one angle: pens wobble, and slanted connectors go anywhere."""
BOTH = 0.08
"""Share of that length that must lie along either axis: slanted connectors side by side are not askew."""
FEW = 12
"""Lines that tell an angle only together."""


@dataclass(frozen=True)
class Turn:
    """How a drawing was turned.

    Attributes:
        back: (2, 3) from pixels of the turned drawing to those of the picture.
    """

    back: NDArray[np.float64]

    def point(self, point: Point) -> Point:
        """Where a point of the turned drawing lies in the picture."""
        x, y = self.back @ (point.x, point.y, 1.0)
        return Point(round(float(x), 1), round(float(y), 1))

    def box(self, box: Box) -> Box:
        """The box, along the picture's sides, around a turned box."""
        x0, y0, x1, y1 = box.x, box.y, box.x + box.w, box.y + box.h
        corners = self.back @ np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)], float).T
        low, high = corners.min(axis=1), corners.max(axis=1)
        return Box(*(round(float(v), 1) for v in (*low, *(high - low))))

    def undo(self, diagram: Diagram) -> Diagram:
        """The same diagram with all places in pixels of the picture."""
        nodes = [n.model_copy(update={"box": n.box and self.box(n.box)}) for n in diagram.nodes]
        groups = [g.model_copy(update={"box": g.box and self.box(g.box)}) for g in diagram.groups]
        edges = [e.model_copy(update={"path": e.path and tuple(map(self.point, e.path))}) for e in diagram.edges]
        return diagram.model_copy(update={"nodes": tuple(nodes), "edges": tuple(edges), "groups": tuple(groups)})


def upright(pixels: Image) -> tuple[Image, Turn | None]:
    """A picture as it should stand, and how it was turned; None where it stands upright or has no clear angle.

    Args:
        pixels: (H, W, 3) RGB.
    """
    angle = tilt(pixels)
    if angle is None or abs(angle) < LEAST:
        return pixels, None
    height, width = pixels.shape[:2]
    there = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(there[0, 0]), abs(there[0, 1])
    wide, high = round(width * cos + height * sin), round(width * sin + height * cos)
    there[:, 2] += (wide - width) / 2, (high - height) / 2
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = tuple(int(v) for v in np.median(rim, axis=0))
    turned = cv2.warpAffine(
        pixels, there, (wide, high), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_CONSTANT, borderValue=colour
    )
    return np.asarray(turned, np.uint8), Turn(np.asarray(cv2.invertAffineTransform(there), np.float64))


def tilt(pixels: Image) -> float | None:
    """Degrees, clockwise, by which most straight lines of a drawing miss the axes; None where they do not agree.

    Args:
        pixels: (H, W, 3) RGB.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, (LOOKED_AT / grey.size) ** 0.5)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(grey)[0]
    if found is None:
        return None
    lines = np.asarray(found, float).reshape(-1, 4)
    along = lines[:, 2:] - lines[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    level = np.abs(along[:, 0]) > np.abs(along[:, 1])
    angle = (np.degrees(np.arctan2(along[:, 1], along[:, 0])) + 45) % 90 - 45
    telling = (length >= LONG) & (np.abs(angle) < MOST)
    length, angle, level = length[telling], angle[telling], level[telling]
    if len(length) < FEW:
        return None
    tally, edges = np.histogram(angle, np.arange(-MOST, MOST + 0.05, 0.1), weights=length)
    peak = edges[int(np.convolve(tally, np.ones(3), "same").argmax())] + 0.05
    near = np.abs(angle - peak) < 0.4
    mean = float(np.average(angle[near], weights=length[near]))
    same = np.abs(angle - mean) < 0.3
    agreed = length[same].sum()
    fewer = min(length[same & level].sum(), length[same & ~level].sum())
    return mean if agreed >= AGREED * length.sum() and fewer >= BOTH * agreed else None
