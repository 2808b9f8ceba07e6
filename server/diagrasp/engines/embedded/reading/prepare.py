"""From a greyscale crop to the picture that the reader's net sees.

Training and reading share this one function: whatever it does to a line, it did to every line the net learned from.
The steps are polarity (dark ink on light paper), a contrast stretch, removal of strangers at the crop's border (pieces
of a box's outline, of the next line), and a resize that brings the ink's height to a fixed size.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT: Final = 32
"""Rows of a prepared line, in pixels."""
INK_HEIGHT: Final = 24
"""Rows that the ink of a prepared line fills, in pixels; the rest is margin, half above and half below."""
MARGIN: Final = 5
"""Columns of paper left and right of the ink, in pixels."""
MIN_CONTRAST: Final = 12
"""Grey levels between paper and ink under which a crop counts as blank."""
MAX_ASPECT: Final = 160.0
"""Width over height beyond which a line is squeezed sideways."""

Gray = NDArray[np.uint8]


def dark_on_light(crop: Gray) -> NDArray[np.float32] | None:
    """Ink as a share: 0 is paper, 1 is ink, float32 of the crop's shape; None when the crop is blank.

    Paper is the commonest grey (text covers less than half of its box, so the median is a paper pixel), ink is the
    extreme farther from it: that tells light-on-dark without a guess about themes.
    """
    if crop.size < 2:
        return None
    paper = float(np.median(crop))
    low, high = (float(v) for v in np.percentile(crop, (1.0, 99.0)))
    # A short label in a wide crop has less than one per cent of ink: then the true extremes decide.
    if max(paper - low, high - paper) < MIN_CONTRAST:
        low, high = float(crop.min()), float(crop.max())
    if max(paper - low, high - paper) < MIN_CONTRAST:
        return None
    ink = low if paper - low >= high - paper else high
    share = (crop.astype(np.float32) - paper) / (ink - paper)
    clipped: NDArray[np.float32] = np.clip(share, 0.0, 1.0)
    return clipped


def _drop_strangers(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erase outline fragments: long flat pieces along the top or bottom, full-height bars at the sides."""
    height, width = ink.shape
    if height < 8 or width < 8:
        return ink
    mask = (ink > 0.35).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 3:  # paper and one piece: that piece is the text
        return ink
    x, y, w, h = (stats[1:, i] for i in range(4))
    top_bottom = (y == 0) | (y + h == height)
    side = (x == 0) | (x + w == width)
    flat = top_bottom & (w > 0.6 * width) & (w > 4 * h) & (h < 0.25 * height)
    bar = side & (h == height) & (w < 0.25 * height)
    if bar.any():
        rest = ~(flat | bar)
        # With no margin a letter spans the whole height too: a bar is foreign only where all else is clearly lower.
        if not rest.any() or h[rest].max() > 0.8 * height or (y[rest] + h[rest]).max() - y[rest].min() > 0.9 * height:
            bar[:] = False
    foreign = np.flatnonzero(flat | bar) + 1
    if foreign.size == 0 or foreign.size == count - 1:
        return ink
    erase = cv2.dilate(np.isin(labels, foreign).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(erase > 0, np.float32(0.0), ink)


def _runs(filled: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open intervals in which `filled` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], filled.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def ink_rows(ink: NDArray[np.float32]) -> tuple[int, int] | None:
    """First and one-past-last row of the text line: the heaviest band with what belongs to it (dots, breves).

    Bands far from the heaviest, and light ones that touch the crop's border across a gap (the neighbour line's feet),
    are left out.
    """
    height = ink.shape[0]
    profile = np.where(ink > 0.25, ink, 0.0).sum(axis=1)
    runs = _runs(profile > 0.2)
    if not runs:
        return None
    mass = [float(profile[a:b].sum()) for a, b in runs]
    main = int(np.argmax(mass))
    top, bottom = runs[main]
    reach = max(0.3 * height, 0.5 * (bottom - top))
    for step in (-1, 1):
        i = main + step
        while 0 <= i < len(runs):
            a, b = runs[i]
            gap = top - b if step < 0 else a - bottom
            at_border = a == 0 or b == height
            if gap > reach or (at_border and gap > 0.1 * height and mass[i] < 0.5 * mass[main]):
                break
            top, bottom = min(top, a), max(bottom, b)
            i += step
    return top, bottom


def prepare_line(crop: Gray) -> Gray | None:
    """The net's view of a text line: `(HEIGHT, width)` uint8, dark ink on white; None when there is no ink.

    `crop`: `(H, W)` uint8 grey of one upright line, any size, polarity and contrast; ValueError for other shapes.
    """
    if crop.ndim != 2:
        raise ValueError(f"a line is a greyscale picture (H, W), got shape {crop.shape}")
    ink = dark_on_light(crop)
    if ink is None:
        return None
    ink = _drop_strangers(ink)
    rows = ink_rows(ink)
    if rows is None:
        return None
    top, bottom = rows
    columns = np.flatnonzero((ink[top:bottom] > 0.25).any(axis=0))
    if columns.size == 0:
        return None
    # One pixel more on each side keeps the anti-aliased rim; a lone dash or dot is not blown up to a letter's height.
    top, bottom = max(0, top - 1), min(ink.shape[0], bottom + 1)
    left, right = max(0, int(columns[0]) - 1), min(ink.shape[1], int(columns[-1]) + 2)
    body = ink[top:bottom, left:right]
    height, width = body.shape
    scale = INK_HEIGHT / max(height - 1, 0.45 * ink.shape[0], 3.0)
    new_height = int(np.clip(round(height * scale), 1, HEIGHT))
    new_width = max(1, round(width * min(scale, MAX_ASPECT * HEIGHT / width)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.clip(cv2.resize(body, (new_width, new_height), interpolation=method), 0.0, 1.0)
    # The darkest strokes of thin small print are grey; bring them to black so that all sizes look alike.
    peak = float(np.percentile(small, 99.0)) if small.size > 50 else float(small.max())
    if 0.2 < peak < 1.0:
        small = np.minimum(small / peak, 1.0)
    page = np.zeros((HEIGHT, new_width + 2 * MARGIN), np.float32)
    y = (HEIGHT - new_height) // 2
    page[y : y + new_height, MARGIN : MARGIN + new_width] = small
    return (255.0 - 255.0 * page).round().astype(np.uint8)
