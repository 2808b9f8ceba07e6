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
LEANS = 0.045
"""How far a spot's centre of mass lies from the middle of its bounds towards the line at most, as a share of their
longer side: that of a connector's head, a triangle, lies near its base, though opening wears off all that is thin."""
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
        way = _line_at(ink, box, letter)
        if way is not None and float(_lean(mask) @ way) <= LEANS:
            out.append(Symbol(Outline(0, box, mask, Fit("circle", 1.0), int(mask.sum())), "circle", 1))
    return out


def _is_disc(mask: NDArray[np.uint8]) -> bool:
    """Whether a mask of a few pixels is a disc."""
    h, w = mask.shape
    ys, xs = np.mgrid[0:h, 0:w]
    disc = ((xs + 0.5 - w / 2) / (w / 2)) ** 2 + ((ys + 0.5 - h / 2) / (h / 2)) ** 2 <= 1
    return float((disc & (mask > 0)).sum() / (disc | (mask > 0)).sum()) >= ROUND


def _lean(mask: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> NDArray[np.float64]:
    """(x, y) of a figure's centre of mass as seen from the middle of its bounds, in shares of their longer side."""
    h, w = mask.shape
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean() + 0.5 - w / 2, rows.mean() + 0.5 - h / 2]) / max(w, h)


def _line_at(ink: Mask, box: Rect, letter: float) -> NDArray[np.float64] | None:
    """The way (x, y), of length 1, in which one thin line, and nothing else, leads away from a spot and on; or None."""
    b = box.grow(max(2, round(0.15 * letter)))
    b = Rect(max(0, b.x0), max(0, b.y0), min(ink.shape[1], b.x1), min(ink.shape[0], b.y1))
    view = ink[b.y0 : b.y1, b.x0 : b.x1]
    around = np.concatenate([view[0], view[1:, -1], view[-1, -2::-1], view[-2:0:-1, 0]])
    if around.all():
        return None
    first = int(np.flatnonzero(~around)[0])  # a run may lie across the first corner
    starts, ends = runs_of(np.atleast_2d(np.roll(around, -first)))
    if len(starts) != 1 or int(ends[0] - starts[0]) > max(2.0, THIN * max(box.w, box.h) + 1):
        return None
    reach = round(2 * LINE * letter)
    far = Rect(max(0, box.x0 - reach), max(0, box.y0 - reach), box.x1 + reach, box.y1 + reach)
    _, labels = cv2.connectedComponents(ink[far.y0 : far.y1, far.x0 : far.x1].astype(np.uint8))
    ys, xs = np.nonzero(labels == labels[int(box.cy) - far.y0, int(box.cx) - far.x0])
    if max(np.ptp(xs), np.ptp(ys)) < LINE * letter:
        return None
    x, y = _on_rim((first + int(starts[0] + ends[0]) // 2) % len(around), b.w, b.h)
    way = np.array([b.x0 + x + 0.5 - box.cx, b.y0 + y + 0.5 - box.cy])
    return np.asarray(way / np.hypot(*way), np.float64)


def _on_rim(at: int, w: int, h: int) -> tuple[int, int]:
    """Where the pixel of that number stands on a rectangle's rim, clockwise from its upper left corner."""
    if at < w:
        return at, 0
    if at < w + h - 1:
        return w - 1, at - w + 1
    if at < 2 * w + h - 2:
        return w - 1 - (at - w - h + 2), h - 1
    return 0, h - 1 - (at - 2 * w - h + 3)
