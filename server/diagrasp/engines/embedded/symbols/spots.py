"""Spots smaller than letters that one line begins at: where a machine starts, as Graphviz draws it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, runs_of
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

LEAST, MOST = 0.36, 1.0
"""Diameter of a spot, in letter heights; lines are thinner."""
ROUND = 0.7
"""Least intersection over union of a spot with a disc: of a few pixels, and the line takes part of its rim."""
THIN = 0.45
"""Greatest thickness of the line at it, as a share of the spot's diameter."""
LINE = 1.5
"""Least extent of the ink that a spot is part of, in letter heights."""
SQUARE = 0.8
"""Least ratio of a spot's smaller side to its larger one."""
FREE = 0.8
"""Distance of a spot from every other symbol, in letter heights, at least."""


def with_spots(sheet: Sheet, text: Mask, nodes: Sequence[Symbol]) -> list[Symbol]:
    """The nodes, and the spots.

    Args:
        text: (H, W) bool, the ink of text.
    """
    if not nodes:  # heads of arrows between symbols too pale to be seen
        return []
    letter = sheet.letter
    ink = sheet.ink & ~text
    size = max(3, round(LEAST * letter)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    core = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, disc)
    _, labels, stats, _ = components(core)
    w, h = stats[:, 2], stats[:, 3]
    some = (np.maximum(w, h) <= MOST * letter) & (np.minimum(w, h) >= SQUARE * np.maximum(w, h))
    some[0] = False
    out = list(nodes)
    for i in np.flatnonzero(some):
        x, y, w_, h_ = (int(v) for v in stats[i, :4])
        box = Rect(x, y, x + w_, y + h_)
        mask = np.asarray(labels[y : y + h_, x : x + w_] == i, np.uint8)
        if any(n.box.apart(box) < FREE * letter for n in nodes) or not _is_disc(mask):
            continue
        if _begins_line(ink, box, letter):
            out.append(Symbol(Outline(0, box, mask, Fit("circle", 1.0), int(mask.sum())), "circle", 1))
    return out


def _is_disc(mask: NDArray[np.uint8]) -> bool:
    """Whether a mask of a few pixels is a disc."""
    h, w = mask.shape
    ys, xs = np.mgrid[0:h, 0:w]
    disc = ((xs + 0.5 - w / 2) / (w / 2)) ** 2 + ((ys + 0.5 - h / 2) / (h / 2)) ** 2 <= 1
    return float((disc & (mask > 0)).sum() / (disc | (mask > 0)).sum()) >= ROUND


def _begins_line(ink: Mask, box: Rect, letter: float) -> bool:
    """Whether one thin line, and nothing else, leads away from a spot, and on for some way."""
    b = box.grow(max(2, round(0.15 * letter)))
    b = Rect(max(0, b.x0), max(0, b.y0), min(ink.shape[1], b.x1), min(ink.shape[0], b.y1))
    view = ink[b.y0 : b.y1, b.x0 : b.x1]
    around = np.concatenate([view[0], view[1:, -1], view[-1, -2::-1], view[-2:0:-1, 0]])
    if around.all():
        return False
    around = np.roll(around, -int(np.flatnonzero(~around)[0]))  # a run may lie across the first corner
    starts, ends = runs_of(np.atleast_2d(around))
    if len(starts) != 1 or int(ends[0] - starts[0]) > max(2.0, THIN * max(box.w, box.h) + 1):
        return False
    reach = round(2 * LINE * letter)
    far = Rect(max(0, box.x0 - reach), max(0, box.y0 - reach), box.x1 + reach, box.y1 + reach)
    _, labels = cv2.connectedComponents(ink[far.y0 : far.y1, far.x0 : far.x1].astype(np.uint8))
    ys, xs = np.nonzero(labels == labels[int(box.cy) - far.y0, int(box.cx) - far.x0])
    return bool(max(np.ptp(xs), np.ptp(ys)) >= LINE * letter)
