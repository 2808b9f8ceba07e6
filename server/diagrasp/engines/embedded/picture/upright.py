"""Drawings that stand askew, as scans do, or are seen at a slant: set upright before they are read, and what is found
told as it was seen.

Frames, lanes and outlines are looked for along rows and columns; one degree is 17 pixels in a thousand.  Straight lines
of drawings run along the two axes, but for some, so the angle at which most of their length lies is the drawing's.
The lines are found by LSD (von Gioi et al., "LSD: a line segment detector", IPOL 2012), as OpenCV has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.camera import grainy
from diagrasp.engines.embedded.picture.keystone import Lines, view
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.model import Box, Diagram, Point

LOOKED_AT = 800_000
"""Pixels that are enough to tell the angle."""
LONG, SHORT = 30, 14
"""Pixels of a line that tells an angle, and of one that bears it out."""
MOST, LEAST = 8.0, 0.2
"""Degrees: beyond the first lines are slanted, not askew; below the second nothing is lost."""
AGREED = 0.4
"""Share of the lines' length that must lie at one angle: pens wobble, and slanted connectors go anywhere."""
BOTH = 0.08
"""Share of that length that must lie along either axis: slanted connectors side by side are not askew."""
FEW = 12
"""Lines that tell an angle only together."""
BORNE_OUT, ROUGH = 0.6, 1.5
"""Share of the short lines along an axis, by length, that lie at the angle where there are too few long ones along it;
and degrees by which short lines miss it: the sides of symbols in drawings that are long and low."""
LARGER = 1.5
"""How many times larger a picture seen at a slant may become at the most."""


@dataclass(frozen=True)
class Turn:
    """How a drawing was turned.

    Attributes:
        back: (3, 3) from pixels of the turned drawing to those of the picture, homogeneous.
    """

    back: NDArray[np.float64]

    def point(self, point: Point) -> Point:
        """Where a point of the turned drawing lies in the picture."""
        x, y, w = self.back @ (point.x, point.y, 1.0)
        return Point(round(float(x / w), 1), round(float(y / w), 1))

    def box(self, box: Box) -> Box:
        """The box, along the picture's sides, around a turned box."""
        x0, y0, x1, y1 = box.x, box.y, box.x + box.w, box.y + box.h
        corners = self.back @ np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)], float).T
        corners = corners[:2] / corners[2]
        low, high = corners.min(axis=1), corners.max(axis=1)
        return Box(*(round(float(v), 1) for v in (*low, *(high - low))))

    def undo(self, diagram: Diagram) -> Diagram:
        """The same diagram with all places in pixels of the picture."""
        nodes = [n.model_copy(update={"box": n.box and self.box(n.box)}) for n in diagram.nodes]
        groups = [g.model_copy(update={"box": g.box and self.box(g.box)}) for g in diagram.groups]
        edges = [e.model_copy(update={"path": e.path and tuple(map(self.point, e.path))}) for e in diagram.edges]
        return diagram.model_copy(update={"nodes": tuple(nodes), "edges": tuple(edges), "groups": tuple(groups)})


def upright(pixels: Image) -> tuple[Image, Turn | None]:
    """A picture as it should stand, and how it was turned; None where it stands upright or its lines do not tell.

    Args:
        pixels: (H, W, 3) RGB.
    """
    strokes = straight_lines(pixels)
    height, width = pixels.shape[:2]
    known = strokes.lines / strokes.scale, strokes.scale
    slanted = view(*known, width, height, photographed=strokes.photographed)
    if slanted is not None:
        back = _framed(slanted, width, height)
        if back is not None:
            return _drawn_anew(pixels, *back)
    angle = tilt(strokes)
    if angle is None or abs(angle) < LEAST:
        return pixels, None
    there = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(there[0, 0]), abs(there[0, 1])
    wide, high = round(width * cos + height * sin), round(width * sin + height * cos)
    there[:, 2] += (wide - width) / 2, (high - height) / 2
    return _drawn_anew(pixels, np.vstack([cv2.invertAffineTransform(there), (0.0, 0.0, 1.0)]), wide, high)


def _framed(slanted: NDArray[np.float64], width: int, height: int) -> tuple[NDArray[np.float64], int, int] | None:
    """The same view from a sheet that holds the whole picture, with its width and height; None for a huge one."""
    there = np.linalg.inv(slanted)
    corners = there @ np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)], float).T
    if corners[2].min() <= 0:
        return None
    corners = corners[:2] / corners[2]
    (left, top), (right, bottom) = corners.min(axis=1), corners.max(axis=1)
    wide, high = round(right - left), round(bottom - top)
    if wide * high > LARGER * width * height:
        return None
    return slanted @ np.array([(1.0, 0.0, left), (0.0, 1.0, top), (0.0, 0.0, 1.0)]), wide, high


def _drawn_anew(pixels: Image, back: NDArray[np.float64], wide: int, high: int) -> tuple[Image, Turn]:
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = tuple(int(v) for v in np.median(rim, axis=0))
    how = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    turned = cv2.warpPerspective(
        pixels, back, (wide, high), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=colour
    )
    return np.asarray(turned, np.uint8), Turn(np.asarray(back, np.float64))


@dataclass(frozen=True)
class Strokes:
    """The straight edges of a picture.

    Attributes:
        lines: (N, 4) x0, y0, x1, y1 in pixels of the picture as looked at.
        scale: pixels there for one of the picture.
        photographed: whether the picture has a camera's or a scanner's grain.
    """

    lines: Lines
    scale: float
    photographed: bool


def straight_lines(pixels: Image) -> Strokes:
    """The straight edges of a picture, but for the shortest.

    Args:
        pixels: (H, W, 3) RGB.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    photographed = grainy(grey)
    scale = min(1.0, (LOOKED_AT / grey.size) ** 0.5)
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(grey)[0]
    lines = np.zeros((0, 4)) if found is None else np.asarray(found, float).reshape(-1, 4)
    seen = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) >= SHORT
    return Strokes(np.asarray(lines[seen], np.float64), scale, photographed)


def tilt(strokes: Strokes) -> float | None:
    """Degrees, clockwise, by which most straight lines of a drawing miss the axes; None where they do not agree."""
    along = strokes.lines[:, 2:] - strokes.lines[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    level = np.abs(along[:, 0]) > np.abs(along[:, 1])
    angle = (np.degrees(np.arctan2(along[:, 1], along[:, 0])) + 45) % 90 - 45
    near = np.abs(angle) < MOST
    every = length[near], angle[near], level[near]
    telling = near & (length >= LONG)
    length, angle, level = length[telling], angle[telling], level[telling]
    if len(length) < FEW:
        return None
    tally, edges = np.histogram(angle, np.arange(-MOST, MOST + 0.05, 0.1), weights=length)
    peak = edges[int(np.convolve(tally, np.ones(3), "same").argmax())] + 0.05
    near = np.abs(angle - peak) < 0.4
    mean = float(np.average(angle[near], weights=length[near]))
    same = np.abs(angle - mean) < 0.3
    agreed = length[same].sum()
    if agreed < AGREED * length.sum():
        return None
    axes = [length[same & axis].sum() for axis in (level, ~level)]
    if min(axes) >= BOTH * agreed:
        return mean
    short, angle, level = every
    across = level if axes[0] < axes[1] else ~level
    alike = across & (np.abs(angle - mean) < ROUGH)
    borne_out = np.count_nonzero(alike) >= FEW and short[alike].sum() >= BORNE_OUT * short[across].sum()
    return mean if borne_out else None
