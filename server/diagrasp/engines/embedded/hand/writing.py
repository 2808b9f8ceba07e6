"""Where handwriting stands: lines found by the PP-OCRv6 detector that the package `rapidocr` carries.

Strokes of letters and of outlines are alike, and on paper they touch; what tells a word is how it looks as a whole.
The net marks the middle of each line; marks are grown to the line's height here (Liao et al. 2020, "Real-time Scene
Text Detection with Differentiable Binarization").
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.memory import give_back
from diagrasp.engines.embedded.picture.raster import Image, Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading.packaged import open_packaged
from diagrasp.errors import EngineUnavailable

FILES: Final = "models/PP-OCR*_det_*.onnx"
LONGEST: Final = 1600
"""Longer side, in pixels, that pictures are looked at; letters of 8 pixels are still found."""
SMALLEST: Final = 960
"""Longer side up to which small ones are drawn larger."""
STEP: Final = 32
"""The net takes sides that are multiples of this."""
MOST: Final = 0.7e6
"""Pixels that the net looks at in one go."""
AROUND: Final = 4 * STEP
"""Pixels of its neighbours that a part is seen with: more than any letter's height."""
MARKED, SURE = 0.3, 0.5
"""The net's value from which on a pixel is a line's, and the mean that a line has at least."""
GROWTH: Final = 1.5
"""How far a mark is grown, over its area by its circumference."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Line(NamedTuple):
    """A line of writing: its bounds in the picture, its height across the line, and whether it runs upwards.

    `word` tells that it was read, and is a word.
    """

    box: Rect
    height: float
    vertical: bool
    word: bool = False


class Writing(NamedTuple):
    """Lines, and the area of each as (H, W) int32, numbered from 1 in the picture's pixels."""

    lines: list[Line]
    areas: NDArray[np.int32]


def find_writing(pixels: Image) -> Writing | None:
    """The lines of writing in a picture; None where the detector is not at hand.

    Args:
        pixels: (H, W, 3) RGB.
    """
    try:
        session = open_packaged(FILES)
    except EngineUnavailable:
        return None
    height, width = pixels.shape[:2]
    scale = min(max(1.0, SMALLEST / max(height, width)), LONGEST / max(height, width))
    size = (max(1, round(width * scale / STEP)) * STEP, max(1, round(height * scale / STEP)) * STEP)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
    return _lines(_marks(session, small), height, width)


def _marks(session: Any, small: Image) -> NDArray[np.float32]:
    """(H, W) float32: the net's value for every pixel, of large pictures part by part.

    What the net keeps of a picture at a time is some 200 times as much as the picture: parts bound that.
    """
    height, width = small.shape[:2]
    parts = math.ceil(height * width / MOST)
    axis = 0 if height > width else 1
    length = small.shape[axis]
    cuts = [round(length * k / parts / STEP) * STEP for k in range(parts + 1)]
    found = []
    give_back()  # or the net's memory would come on top of what nobody uses any more
    for start, end in pairwise(cuts):
        low, high = max(0, start - AROUND), min(length, end + AROUND)
        part = small[low:high] if axis == 0 else small[:, low:high]
        batch = np.empty((1, 3, *part.shape[:2]), np.float32)
        for plane, k in zip(batch[0], (2, 1, 0), strict=True):
            np.divide(part[:, :, k], np.float32(255.0), out=plane)
        batch[0] -= np.array(_MEAN, np.float32)[:, None, None]
        batch[0] /= np.array(_DEVIATION, np.float32)[:, None, None]
        marks = np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0][0, 0], np.float32)
        own = slice(start - low, end - low)
        found.append(marks[own] if axis == 0 else marks[:, own])
    return np.concatenate(found, axis)


def _lines(shares: NDArray[np.float32], height: int, width: int) -> Writing:
    rows, columns = shares.shape
    fy, fx = height / rows, width / columns
    found = cv2.morphologyEx((shares > MARKED).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    areas = np.zeros((height, width), np.int32)
    lines: list[Line] = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        own = labels[y : y + h, x : x + w] == i
        if area < 12 or float(shares[y : y + h, x : x + w][own].mean()) < SURE:
            continue
        contour, _ = cv2.findContours(np.pad(own, 1).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        around = cv2.arcLength(max(contour, key=len), True)
        by = math.ceil(area * GROWTH / max(around, 1.0))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
        grown: Mask = cv2.dilate(np.pad(own, by).astype(np.uint8), disc) > 0
        x0, y0 = round((x - by) * fx), round((y - by) * fy)
        to = max(1, round(grown.shape[1] * fx)), max(1, round(grown.shape[0] * fy))
        full = cv2.resize(grown.astype(np.uint8), to, interpolation=cv2.INTER_NEAREST)
        cut = full[max(0, -y0) : height - y0, max(0, -x0) : width - x0]
        x0, y0 = max(0, x0), max(0, y0)
        view = areas[y0 : y0 + cut.shape[0], x0 : x0 + cut.shape[1]]
        view[(cut > 0) & (view == 0)] = len(lines) + 1
        (_, (long, short), _) = cv2.minAreaRect(max(contour, key=len))
        across = (min(long, short) + 2 * by) * 0.5 * (fx + fy)
        box = Rect(x0, y0, x0 + cut.shape[1], y0 + cut.shape[0])
        lines.append(Line(box, across, box.h > 1.6 * box.w))
    return Writing(lines, areas)
