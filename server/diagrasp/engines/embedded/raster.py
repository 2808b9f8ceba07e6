"""From pixels to paper and ink: flat regions, the ground under every stroke, and the height of the letters.

A drawing is flat paper (page, fills) with thin strokes on it.  Flat pixels are those whose 3x3 neighbourhood hardly
varies; their connected components are the paper regions.  The ground of any other pixel is the colour of the nearest
paper pixel, and ink is what differs from its ground.  Nothing here depends on which of the two is darker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FLAT = 20
"""Levels (of 255) by which a flat 3x3 neighbourhood may vary: JPEG noise at quality 75 and pale hatching stay below."""
INK = 34
"""Levels by which ink differs from its ground: half of the faintest outline (#bbb on white) that drawings use."""
TARGET = 13.0
"""Height of a letter, in pixels, that drawings are scaled to."""
MAX_AREA = 14e6
"""Pixels above which a drawing is scaled down even if its letters are small: what 2 GB of memory allow."""

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Sheet:
    """A drawing taken apart.

    Attributes:
        rgb: (H, W, 3) uint8, scaled.
        scale: pixels here for one pixel of the picture.
        ground: (H, W, 3) uint8, the paper's colour under every pixel.
        contrast: (H, W) uint8, how far each pixel is from its ground (largest channel).
        ink: (H, W) bool.
        regions: (H, W) int32, the nearest paper region of every pixel, 1..N.
        stats: (N + 1, 5) left, top, width, height, area of the regions; row 0 is unused.
        paper: (H, W) bool, whether the pixel itself is flat paper.
        letter: height of a capital letter in pixels here.
        page: the region that is the page itself.
    """

    rgb: Image
    scale: float
    ground: Image
    contrast: Image
    ink: Mask
    regions: Labels
    stats: NDArray[np.int32]
    paper: Mask
    letter: float
    page: int

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])


def prepare(pixels: Image) -> Sheet:
    """Scale a picture to letters of about TARGET pixels and take it apart.

    Args:
        pixels: (H, W, 3) RGB.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, (MAX_AREA / (height * width)) ** 0.5)
    rgb = _resize(pixels, scale)
    sheet = _take_apart(rgb, scale, 10.0)
    letter = letter_height(sheet.ink) or TARGET
    factor = 1.0
    if letter < 9.5:
        factor = 2.0 if letter > 5.5 else 3.0
    elif letter > 22:
        factor = TARGET / letter
    factor = min(factor, (MAX_AREA / (rgb.shape[0] * rgb.shape[1])) ** 0.5)
    if abs(factor - 1) > 0.1:
        scale *= factor
        rgb = _resize(pixels, scale)
        letter *= factor
    return _take_apart(rgb, scale, letter)


def letter_height(ink: Mask) -> float | None:
    """The height, in pixels, of the commonest letters; None where nothing looks like text.

    Letters are components with a neighbour of like height close by on the same line.
    """
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    stats, centres = stats[1:], centres[1:]
    w, h = stats[:, 2], stats[:, 3]
    ok = (h >= 4) & (h <= 90) & (w <= 1.8 * h) & (w >= 0.12 * h) & (stats[:, 4] >= 0.12 * w * h)
    stats = stats[ok]
    if len(stats) < 4:
        return None
    order = np.argsort(stats[:, 0], kind="stable")
    stats = stats[order]
    heights: list[int] = []
    left = stats[:, 0]
    for i, (x, y, w0, h0, _) in enumerate(stats):
        last = np.searchsorted(left, x + w0 + 0.7 * h0, side="right")
        near = stats[i + 1 : last]
        if len(near) == 0:
            continue
        overlap = np.minimum(near[:, 1] + near[:, 3], y + h0) - np.maximum(near[:, 1], y)
        like = (overlap > 0.5 * np.minimum(near[:, 3], h0)) & (np.abs(near[:, 3] - h0) <= 0.5 * h0)
        like &= near[:, 0] >= x + 0.5 * w0
        if like.any():
            heights.append(int(h0))
    if len(heights) < 3:
        return None
    # x-height letters outnumber capitals: the upper part of the distribution is the height of a capital.
    return float(np.percentile(np.array(heights), 70))


def _resize(pixels: Image, scale: float) -> Image:
    if abs(scale - 1) < 1e-6:
        return np.ascontiguousarray(pixels)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _take_apart(rgb: Image, scale: float, letter: float) -> Sheet:
    kernel = np.ones((3, 3), np.uint8)
    spread: Any = _largest(cv2.subtract(cv2.dilate(rgb, kernel), cv2.erode(rgb, kernel)))
    flat = (spread <= FLAT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
    # How thick a flat region is tells paper from the inside of thick strokes, heads and letters.
    depth = cv2.distanceTransform(flat, cv2.DIST_L1, 3)
    thick = _max_by_label(depth, labels, count)
    size = np.maximum(stats[:, 2], stats[:, 3])
    paper_label = (thick >= max(2.0, 0.14 * letter)) & (size >= 1.1 * letter) & (stats[:, 4] >= 0.8 * letter * letter)
    paper_label[0] = False
    _drop_solid(rgb, labels, stats, thick, paper_label, letter)
    if not paper_label.any():
        paper_label[1:] = stats[1:, 4] == stats[1:, 4].max(initial=0)
    paper = paper_label[labels]
    ground, nearest = _nearest_paper(rgb, paper)
    contrast = _largest(cv2.absdiff(rgb, ground))
    ink = contrast >= INK
    renumber = np.zeros(count, np.int32)
    kept = np.flatnonzero(paper_label)
    renumber[kept] = np.arange(1, len(kept) + 1)
    flat_regions = renumber[labels]
    regions = flat_regions.ravel()[nearest].reshape(flat_regions.shape)
    kept_stats = np.vstack([np.zeros((1, 5), np.int32), stats[kept]])
    return Sheet(rgb, scale, ground, contrast, ink, regions, kept_stats, paper, letter, _page(flat_regions, kept_stats))


def _drop_solid(
    rgb: Image, labels: Labels, stats: NDArray[np.int32], thick: NDArray[np.float32], paper: Mask, letter: float
) -> None:
    """Unmark flat regions that are the inside of heads, of thick strokes and of small filled marks.

    They are small or thin, and differ much from the flat pixels around them.
    """
    side = np.maximum(stats[:, 2], stats[:, 3])
    small = paper & (((side <= 2.3 * letter) & (stats[:, 4] <= 2.6 * letter * letter)) | (thick < 0.5 * letter))
    small |= paper & (thick < 0.8 * letter) & (stats[:, 4] < 0.4 * stats[:, 2] * stats[:, 3])  # a line with its head
    pad = max(3, round(0.5 * letter))
    for i in np.flatnonzero(small):
        x, y, w, h, _ = (int(v) for v in stats[i])
        x0, y0, x1, y1 = max(0, x - pad), max(0, y - pad), x + w + pad, y + h + pad
        view = labels[y0:y1, x0:x1]
        colours = rgb[y0:y1, x0:x1]
        mine = view == i
        others = (view > 0) & ~mine
        if others.sum() < 4:
            continue
        inner = np.median(colours[mine], axis=0)
        outer = np.median(colours[others], axis=0)
        if np.abs(inner - outer).max() >= 90:
            paper[i] = False


def _largest(image: Any) -> Image:
    """The largest channel of every pixel."""
    a, b, c = cv2.split(image)
    return np.asarray(cv2.max(cv2.max(a, b), c), np.uint8)


def _nearest_paper(rgb: Image, paper: Mask) -> tuple[Image, NDArray[np.int64]]:
    """The colour of the nearest paper pixel, and that pixel's flat index, for every pixel."""
    holes = (~paper).astype(np.uint8)
    if not paper.any():
        colour = np.median(rgb.reshape(-1, 3), axis=0).astype(np.uint8)
        return np.broadcast_to(colour, rgb.shape).copy(), np.zeros(rgb.shape[:2], np.int64)
    _, index = cv2.distanceTransformWithLabels(holes, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    where = np.zeros(int(index.max()) + 1, np.int64)
    flat = np.flatnonzero(paper.ravel())
    where[index.ravel()[flat]] = flat
    nearest = where[index]
    return rgb.reshape(-1, 3)[nearest], nearest


def _max_by_label(values: NDArray[np.float32], labels: Labels, count: int) -> NDArray[np.float32]:
    # Sorted ascending, the last value written for a label is its largest.
    inside = np.flatnonzero(values.ravel() > 1.5)
    flat = np.minimum(values.ravel()[inside], 65535)  # where nothing is drawn, distances have no end
    order = np.argsort(flat.astype(np.uint16), kind="stable")
    out = np.zeros(count, np.float32)
    out[labels.ravel()[inside[order]]] = flat[order]
    return out


def _page(regions: Labels, stats: NDArray[np.int32]) -> int:
    """The region with most of the picture's border, else the largest."""
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    border = border[border > 0]
    if len(border) > 0.2 * 2 * sum(regions.shape):
        return int(np.bincount(border).argmax())
    return int(stats[:, 4].argmax())
