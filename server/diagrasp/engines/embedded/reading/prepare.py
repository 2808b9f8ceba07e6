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
"""Rows that the ink of a prepared line of print fills, in pixels; the rest is margin, half above and half below."""
MARGIN: Final = 5
"""Columns of paper left and right of the ink, in pixels."""
MIN_CONTRAST: Final = 12
"""Grey levels between paper and ink under which a crop counts as blank."""
MAX_ASPECT: Final = 160.0
"""Width over height beyond which a line is squeezed sideways."""

Gray = NDArray[np.uint8]


def dark_on_light(crop: Gray) -> NDArray[np.float32] | None:
    """Ink as a share: 0 is paper, 1 is ink, float32 of the crop's shape; None when the crop is blank.

    Paper is the commonest grey, ink is the extreme farther from it: that tells light-on-dark without a guess about
    themes. Where a heavy word fills about half of a tight crop, the crop's rim tells which half is paper.
    """
    if crop.size < 2:
        return None
    low, high = (float(v) for v in np.percentile(crop, (1.0, 99.0)))
    paper = float(np.median(crop))
    rim = float(np.median(np.concatenate((crop[0], crop[-1], crop[:, 0], crop[:, -1]))))
    if abs(rim - paper) > 0.5 * (high - low) and np.mean(np.abs(crop - paper) < np.abs(crop - rim)) < 0.62:
        paper = rim
    # A short label in a wide crop has less than one per cent of ink: then the true extremes decide.
    if max(paper - low, high - paper) < MIN_CONTRAST:
        low, high = float(crop.min()), float(crop.max())
    if max(paper - low, high - paper) < MIN_CONTRAST:
        return None
    ink = low if paper - low >= high - paper else high
    share = (crop.astype(np.float32) - paper) / (ink - paper)
    clipped: NDArray[np.float32] = np.clip(share, 0.0, 1.0)
    return clipped


def _border_line(fill: NDArray[np.float64], reach: int, thickest: int, full: float) -> int:
    """Where paper begins behind a line near the start of `fill` (each row's or column's share of ink); 0: no line.

    A line is a thin run of rows filled to `full` within `reach` of the border with a blank row behind it: the bars of Т
    or П have none.
    """
    solid = np.flatnonzero(fill[:reach] >= full)
    if solid.size == 0:
        return 0
    start = end = int(solid[0])
    while end < len(fill) and fill[end] >= 0.5 * full:
        end += 1
    # At the very border it may be thick: the paper outside of a filled box.
    if end - start > (thickest if start else reach):
        return 0
    # One grey row of anti-aliasing may lie between the line and the paper.
    for blank in (end, end + 1):
        if blank < len(fill) and fill[blank] <= 0.06:
            return blank
    return 0


def _drop_pieces(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erase the outline that the text stands in, and ends of connectors above or below all other ink at the border."""
    height, width = ink.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0.35).astype(np.uint8), connectivity=8)
    if not 3 <= count <= 400:  # paper and one piece: that piece is the text
        return ink
    _, y, w, h = (stats[1:, i] for i in range(4))
    foreign = np.zeros(count - 1, np.bool_)
    for i in np.flatnonzero((w > 0.8 * width) & (h > 0.5 * height)):
        rows = (labels[y[i] : y[i] + h[i]] == i + 1).mean(axis=1)
        third = max(1, int(h[i]) // 3)
        foreign[i] = rows[:third].max() > 0.6 and rows[-third:].max() > 0.6
    narrow = (h >= 1.2 * w) & (w < 0.25 * height) & (h < 0.4 * height)
    for end in (narrow & (y == 0), narrow & (y + h == height)):
        others = ~(foreign | end)
        if end.any() and others.any():
            above = (y + h)[end].max() <= y[others].min()
            below = y[end].min() >= (y + h)[others].max()
            foreign |= end & bool(above or below)
    if not foreign.any() or foreign.all():
        return ink
    erase = np.isin(labels, np.flatnonzero(foreign) + 1).astype(np.uint8)
    return np.where(cv2.dilate(erase, np.ones((3, 3), np.uint8)) > 0, np.float32(0.0), ink)


def _drop_strangers(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Erase pieces of outlines: long flat lines along the top or bottom, full-height bars at the sides."""
    height, width = ink.shape
    if height < 8 or width < 8:
        return ink
    ink = _drop_pieces(ink)
    mask = ink > 0.35
    out = ink.copy()
    thickest = max(3, height // 8)
    rows = mask.mean(axis=1)
    top = _border_line(rows, height // 4, thickest, 0.6)
    bottom = _border_line(rows[::-1], height // 4, thickest, 0.6)
    out[:top] = 0.0
    out[height - bottom :] = 0.0
    # An l or a bracket in a crop without margin is a full-height bar too. A foreign one reaches past the other ink both
    # above and below.
    columns = mask.mean(axis=0)
    reach = max(3, height // 3)
    left = _border_line(columns, reach, thickest, 0.95)
    right = _border_line(columns[::-1], reach, thickest, 0.95)
    if left or right:
        inside = np.flatnonzero((out[:, left : width - right] > 0.35).any(axis=1))
        if inside.size and inside[0] >= 0.06 * height and inside[-1] < 0.94 * height:
            out[:, :left] = 0.0
            out[:, width - right :] = 0.0
    # A lone = or _ is made of lines: behind a foreign one, text of some height remains.
    left_over = np.flatnonzero((out > 0.35).any(axis=1))
    return out if left_over.size and left_over[-1] - left_over[0] >= 0.35 * height else ink


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


def prepare_line(crop: Gray, ink_height: int = INK_HEIGHT) -> Gray | None:
    """The net's view of a text line: `(HEIGHT, width)` uint8, dark ink on white; None when there is no ink.

    `crop`: `(H, W)` uint8 grey of one upright line, any size, polarity and contrast; ValueError for other shapes.
    `ink_height`: rows that the ink fills, as the net was trained.
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
    # One pixel more on each side keeps the anti-aliased rim, and gives a crop without margin the same scale as others.
    body = np.pad(ink, 1)[top : bottom + 2, int(columns[0]) : int(columns[-1]) + 3]
    height, width = body.shape
    # A lone dash or dot is not blown up to a letter's height.
    scale = ink_height / max(height - 1, 0.45 * ink.shape[0], 3.0)
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
