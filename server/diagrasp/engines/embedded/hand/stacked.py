"""Lines of writing that were taken for one: set so close below each other that only their ink tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.text.textlines import TextLine

TALL = 1.6
"""How many times as high as the usual line two lines are at least."""
MIDDLE, VALLEY = (0.3, 0.7), 0.75
"""Where between its upper and lower end such a line may be parted, and how much of the ink beside is left there."""
SPECK = 0.01
"""Least area of a piece of ink, for a square of a letter's height."""
SHARE = 0.3
"""Least width of such a line, as a share of both."""
ROW = 0.55
"""Its least height, as a share of the usual line's."""


def single_rows(lines: Sequence[TextLine], text: Mask, letter: float) -> list[TextLine]:
    """The lines, those that hold two rows of letters as two.

    Args:
        text: (H, W) bool, the ink of the writing.
    """
    level = [t.box.h for t in lines if not t.vertical]
    if len(level) < 3:
        return list(lines)
    usual = float(np.median(level))
    out: list[TextLine] = []
    for line in lines:
        rows = _rows(line, text, letter, usual) if not line.vertical and line.box.h >= TALL * usual else []
        out += rows or [line]
    return out


def _rows(line: TextLine, text: Mask, letter: float, usual: float) -> list[TextLine]:
    """A line's two rows; nothing where it has but one.

    Args:
        usual: height of the usual line.
    """
    b = line.box
    own = np.zeros((b.h, b.w), bool)
    for r in line.letters:
        own[r.y0 - b.y0 : r.y1 - b.y0, r.x0 - b.x0 : r.x1 - b.x0] = True
    own &= text[b.y0 : b.y1, b.x0 : b.x1]
    profile = np.convolve(own.sum(axis=1), np.hanning(max(3, round(0.5 * letter) | 1)), mode="same")
    low, high = round(MIDDLE[0] * b.h), round(MIDDLE[1] * b.h)
    cut = low + int(profile[low:high].argmin())
    if profile[cut] > VALLEY * min(profile[:cut].max(), profile[cut:].max()):
        return []
    out = []
    for top, part in ((0, own[:cut]), (cut, own[cut:])):
        _, _, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8)
        rects = tuple(
            Rect(b.x0 + x, b.y0 + top + y, b.x0 + x + w, b.y0 + top + y + h)
            for x, y, w, h, area in stats[1:].tolist()
            if area >= SPECK * letter * letter
        )
        box = bounding_box(list(rects)) if rects else None
        if box is None or box.w < SHARE * b.w or box.h < ROW * usual:
            return []
        out.append(replace(line, box=box, letters=rects, tall=0.5 * line.tall))
    return out
