"""Lifelines so pale that they are no ink: hairlines of light grey, as some themes draw them."""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import INK, Sheet

SEEN = 8
"""Levels by which a pale line's mean differs from the paper on both sides of it, at the least."""
LONG = 4.0
"""Length of the shortest run of one that counts, in letter heights."""
WHOLE, SHARE = 12.0, 0.35
"""Length of all the runs of one, in letter heights, and as a share of the drawing's height."""
PALE = 0.2
"""Share of a line that is paler than ink."""


def pale_lines(sheet: Sheet) -> bool:
    """Whether two upright lines or more are drawn in less contrast than ink has, though longer than any letter."""
    letter = sheet.letter
    run = max(3, round(LONG * letter))
    grey = cv2.cvtColor(sheet.rgb, cv2.COLOR_RGB2GRAY)
    mean = cv2.blur(grey, (1, run), borderType=cv2.BORDER_REPLICATE)
    near = max(2, round(0.25 * letter))
    width = mean.shape[1]
    beside = cv2.copyMakeBorder(mean, 0, 0, near, near, cv2.BORDER_WRAP)
    left, right = beside[:, :width], beside[:, 2 * near :]
    away = cv2.min(cv2.absdiff(mean, left), cv2.absdiff(mean, right))
    line = (away >= SEEN) & (cv2.absdiff(left, right) < 0.5 * SEEN)
    if np.count_nonzero(line) < 2 * WHOLE * letter:
        return False
    _, labels, stats, _ = components(line)
    lines: dict[int, list[float]] = {}
    for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if h < run or w > 0.5 * letter:
            continue
        view = (slice(y, y + h), slice(x, x + w))
        pale = float((away[view][labels[view] == i] < INK).mean()) if area else 0.0
        drawn = lines.setdefault(round((x + w / 2) / (0.5 * letter)), [0.0, 0.0])
        drawn[0] += h
        drawn[1] += pale * h
    least = max(WHOLE * letter, SHARE * sheet.height)
    return sum(whole >= least and pale >= PALE * whole for whole, pale in lines.values()) >= 2
