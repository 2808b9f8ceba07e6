"""A page or a screen in a photograph, and what lies beside it: taken away, as the table's grain is no ink.

A page is the large light area with straight sides; beside it all is darker.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.camera import on_paper
from diagrasp.engines.embedded.picture.components import components

SIDE = 320
"""Longer side, in pixels, at which a page is looked for: its drawing is mere grey there."""
LEAST, MOST = 0.25, 0.95
"""Share of the picture that a page takes: there is nothing beside a larger one."""
CONVEX = 0.95
"""Share of its hull that a page fills, with what is drawn on it: other light areas have dents."""
CORNERS = 6
"""Corners that a page has at the most: the picture's rim cuts off one or two."""
DARKER = 0.8
"""Brightness close beside a page, as a share of the page's, at the most: a shadow has a soft edge."""
RIM = 0.012
"""Width of a page's rim that is taken away too, as a share of the longer side: its shadow, and what blur mixes."""

Image = NDArray[np.uint8]


def without_surroundings(pixels: Image) -> Image:
    """A photograph with paper in place of what lies beside the page; the same array where there is nothing.

    Args:
        pixels: (H, W, 3) RGB.
    """
    if not on_paper(pixels):
        return pixels
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    page = _page(small)
    if page is None:
        return pixels
    inner = cv2.erode(page, np.ones((5, 5), np.uint8))  # no pixel of it is mixed with the table's
    if not inner.any():
        return pixels
    _, nearest = cv2.distanceTransformWithLabels(1 - inner, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    calm = cv2.medianBlur(small, 5)
    colours = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colours[nearest[inner > 0]] = calm[inner > 0]
    paper = cv2.blur(np.where(inner[..., None] > 0, calm, colours[nearest]), (9, 9))
    paper = cv2.resize(np.asarray(paper, np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    mask = cv2.resize(255 * page, (width, height), interpolation=cv2.INTER_LINEAR) > 127
    rim = 2 * round(RIM * max(height, width)) + 1
    kept = cv2.erode(mask.astype(np.uint8), np.ones((rim, rim), np.uint8), borderValue=0) > 0
    return np.asarray(np.where(kept[..., None], pixels, paper), np.uint8)


def _page(small: Image) -> NDArray[np.uint8] | None:
    """(h, w) 1 where the page is; None where the picture shows none with something beside it."""
    grey = cv2.medianBlur(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8), 5)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = cv2.morphologyEx(np.asarray(light, np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    light = cv2.morphologyEx(light, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    _, labels, stats, _ = components(np.asarray(light, np.uint8), 4)
    if len(stats) < 2:
        return None
    largest = (labels == 1 + int(stats[1:, 4].argmax())).astype(np.uint8)
    outlines, _ = cv2.findContours(largest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    area = cv2.contourArea(hull)
    corners = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)
    if not LEAST <= area / grey.size <= MOST or len(corners) > CORNERS:
        return None
    if cv2.contourArea(outline) < CONVEX * area:
        return None
    page = np.zeros_like(largest)
    cv2.drawContours(page, [hull], -1, 1, cv2.FILLED)
    near, off = (cv2.dilate(page, np.ones((side, side), np.uint8)) for side in (3, 9))
    beside = (near == 0) & (off > 0)
    within = (page > 0) & (cv2.erode(page, np.ones((9, 9), np.uint8)) == 0)
    within &= cv2.dilate(beside.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    if not (beside.any() and within.any()):
        return None
    return page if np.median(grey[beside]) <= DARKER * np.median(grey[within]) else None
