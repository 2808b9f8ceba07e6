"""Crops of handwritten lines with nothing but their own ink: lines by hand stand close and reach into each other."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Image, Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

MARGIN = 0.22
"""Paper around a line, in heights of its letters."""
FAINT = 40
"""Grey levels below white from which on a pixel is ink."""


def line_crop(clean: Image, line: TextLine, others: Sequence[TextLine]) -> NDArray[np.uint8]:
    """(h, w) grey crop of a line: what belongs to neighbour lines or to outlines is white.

    Args:
        clean: (H, W, 3) the page's ink, grey on white.
        others: all lines of the page.
    """
    height, width = clean.shape[:2]
    margin = round(MARGIN * line.size)
    b = line.box
    window = Rect(max(0, b.x0 - margin), max(0, b.y0 - margin), min(width, b.x1 + margin), min(height, b.y1 + margin))
    grey = np.array(clean[window.y0 : window.y1, window.x0 : window.x1, 0], np.uint8)
    if not grey.size:
        return grey
    own = _within(grey.shape, window, line.letters)
    near = [r for o in others if o is not line for r in o.letters if window.overlap(r) > 0]
    foreign = _within(grey.shape, window, near)
    ink = (grey < 255 - FAINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    keep = own & ~foreign
    for i in range(1, count):
        x, y, w, h = (int(v) for v in stats[i, :4])
        x, y = x + window.x0, y + window.y0
        view = labels[y - window.y0 : y - window.y0 + h, x - window.x0 : x - window.x0 + w] == i
        home = _holds(line.letters, x, y, w, h)
        if home != _holds(near, x, y, w, h):  # a piece of one line only is kept or dropped as a whole
            keep[y - window.y0 : y - window.y0 + h, x - window.x0 : x - window.x0 + w][view] = home
    soft = cv2.dilate((keep & (ink > 0)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(np.where(soft & ((ink == 0) | keep), grey, 255), np.uint8)


def _within(shape: tuple[int, ...], window: Rect, rects: Sequence[Rect]) -> Mask:
    mask = np.zeros(shape, bool)
    for r in rects:
        x0, y0 = max(0, r.x0 - window.x0 - 1), max(0, r.y0 - window.y0 - 1)
        mask[y0 : max(0, r.y1 - window.y0 + 1), x0 : max(0, r.x1 - window.x0 + 1)] = True
    return mask


def _holds(rects: Sequence[Rect], x: int, y: int, w: int, h: int) -> bool:
    return any(r.x0 - 2 <= x and r.y0 - 2 <= y and x + w <= r.x1 + 2 and y + h <= r.y1 + 2 for r in rects)
