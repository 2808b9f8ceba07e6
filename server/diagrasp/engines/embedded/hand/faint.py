"""Ruled paper told from the pen by its paleness alone, also where the page is tilted or bent.

The strokes of a page with printed lines have two usual darknesses: the ruling's and the pen's.  Where these lie apart,
a threshold between them parts the two, and no line has to be followed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.paper import FAINTEST, Share, strokes
from diagrasp.engines.embedded.picture.raster import Mask

APART = 0.8
"""Share of the variance of strokes' darkness that two classes must explain."""
SPREAD = 3.0
"""Standard deviations of the ruling's darkness above its middle at which the pen begins."""
COLOURED = 1.6
"""How much more coloured than nearly all of the ruling a pen is that is told by its colour."""
PIECE = 0.024
"""Least length of a ruled line's straight pieces, as a share of the picture's longer side."""
FEWEST = 6
"""Ruled lines that a page has at least, one above another or side by side, over half of its width or height."""
STRAIGHT = 0.4
"""Share of the pale strokes that lies in level or upright pieces."""


def pen_above_rulings(soft: Share, tint: Share) -> tuple[Mask, int] | None:
    """The pixels of the pen on a page with paler printed lines, and how many lines; None where no such can be told.

    Args:
        soft: (H, W) float32, darkness, smoothed a little.
        tint: (H, W) float32, how coloured each pixel is.
    """
    noise = 1.4826 * float(np.median(np.abs(soft - np.median(soft))))
    floor = max(FAINTEST, 4.0 * noise)
    middle = strokes(soft, floor)
    values = soft[middle]
    if len(values) < 500:
        return None
    levels = np.round(255 * values).astype(np.uint8)
    low = levels <= cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)[0]
    pale, dark = values[low], values[~low]
    if len(pale) < 100 or len(dark) < 100:
        return None
    cut = 0.5 * (float(pale.max()) + float(dark.min()))
    share = len(pale) / len(values)
    apart = share * (1 - share) * (float(dark.mean()) - float(pale.mean())) ** 2
    if apart < APART * float(values.var()):
        return None
    near = cv2.dilate((soft > cut).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0  # a pen's stroke has pale rims
    lines = _ruled((soft >= floor) & ~near, middle & ~near)
    if not lines:
        return None
    usual = float(np.median(pale))
    deviation = 1.4826 * float(np.median(np.abs(pale - usual)))
    above = soft >= min(cut, usual + SPREAD * max(deviation, 0.02))
    ruled, drawn = tint[middle & (soft <= cut) & ~near], tint[middle & (soft > cut)]
    grey, coloured = float(np.percentile(ruled, 90)), float(np.median(drawn))
    if coloured >= COLOURED * max(grey, 0.08):  # a coloured pen on grey lines is told from them where it is faint, too
        middle = soft >= 0.7 * cv2.dilate(soft, np.ones((5, 5), np.uint8))  # a stroke's rim has its colour as well
        above |= middle & (soft >= max(floor, 0.7 * usual)) & (tint >= 0.5 * (grey + coloured))
    return np.asarray(above), lines


def _ruled(pale: Mask, middle: Mask) -> int:
    """How many ruled lines pale strokes are: mostly straight, level or upright, and many beside each other; else 0.

    Args:
        middle: (H, W) bool, the darkest pixels of the strokes.
    """
    piece = max(16, round(PIECE * max(pale.shape)))
    image = pale.astype(np.uint8)
    level = _pieces(image, piece)
    upright = _pieces(np.ascontiguousarray(image.T), piece).T
    covered = float((middle & (level | upright)).sum()) / max(1, int(middle.sum()))
    rows, columns = _count(level), _count(upright.T)
    return round(rows + columns) if covered >= STRAIGHT and max(rows, columns) >= FEWEST else 0


def _pieces(image: NDArray[np.uint8], piece: int) -> Mask:
    """Level straight pieces: a stroke may drift a pixel up or down, or miss one."""
    thick = cv2.dilate(image, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8)) > 0)


def _count(level: Mask) -> float:
    """How many level pieces lie one above another, in half of all columns at least."""
    starts = level[1:] & ~level[:-1]
    return float(np.median(starts.sum(axis=0)))
