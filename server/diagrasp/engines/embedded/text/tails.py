"""Short pieces of connectors that touch the letters of a label which cuts them: taken off before rows are gathered.

A piece of a line is thin, straight and of one width; where the ink grows from that to a letter's size, a letter begins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, runs_of
from diagrasp.engines.embedded.picture.raster import Mask

THIN = 0.26
"""Greatest thickness of a line, in letter heights."""
LEAST, LEAST_UPRIGHT = 0.4, 0.75
"""Length of a piece at least, in letter heights: a letter's arm is shorter, and so are most stems."""
BETWEEN = 0.75
"""The same of one between letters and an arrow's head: the bar of an H is shorter."""
BODY = 0.5
"""Size of what is left at least, both ways, in letter heights."""
LARGEST = 2.0
"""Height of a row of letters that run together, in letter heights, at most."""
LABEL = 9.0
"""Letter heights that a label goes on for between two pieces of a line, at most."""
LONGEST = 9.0
"""The same of its length, with the pieces."""


def without_tails(
    loose: NDArray[np.uint8], labels: NDArray[np.int32], boxes: NDArray[np.int64], touching: Mask, letter: float
) -> bool:
    """Take pieces of lines off what touches strokes; `loose` is changed in place. Whether there were any.

    Args:
        loose: (H, W) uint8, ink that is no long stroke.
        labels: (H, W) int32, its components.
        boxes: (N, 5) their bounds as x, y, width, height, and areas.
        touching: (N,) bool, those that touch a stroke or an outline.
    """
    w, h = boxes[:, 2], boxes[:, 3]
    level = touching & (h >= BODY * letter) & (h <= LARGEST * letter) & (w >= (BODY + LEAST) * letter)
    level &= w <= LONGEST * letter
    upright = touching & (w >= BODY * letter) & (w <= LONGEST * letter) & (h >= 1.5 * letter) & (h <= 4.5 * letter)
    found = False
    for i in np.flatnonzero(level | upright):
        x, y, wide, high = (int(v) for v in boxes[i, :4])
        mine = labels[y : y + high, x : x + wide] == i
        for along, view in ((level[i], mine), (upright[i], mine.T)):
            if not along:
                continue
            least = (LEAST if view is mine else LEAST_UPRIGHT) * letter
            for side in (view, view[:, ::-1]):
                n = _tail(side, letter)
                rest = side[:, n:]
                if n < least or not _body(rest, letter):
                    continue
                side[:, :n] = False
                found = True
            if view is mine and wide >= (2 * BODY + BETWEEN) * letter:
                found |= _cut(view, letter)
        loose[y : y + high, x : x + wide][(labels[y : y + high, x : x + wide] == i) & ~mine] = 0
    return found


def out_of_labels(strokes: NDArray[np.uint8], ink: Mask, outlines: Mask, letter: float) -> None:
    """Shorten level strokes that run on into the letters of a label that cuts them; `strokes` is changed in place.

    Args:
        strokes: (H, W) uint8, long straight runs of ink.
        ink: (H, W) bool, all ink.
        outlines: (H, W) bool, ink of the symbols' outlines.
    """
    others = outlines | (strokes > 0)
    _, _, stats, _ = components(strokes)
    thin = (stats[:, 4] <= max(3.0, THIN * letter) * stats[:, 2]) & (stats[:, 3] <= 0.5 * letter)
    level = stats[thin & (stats[:, 2] >= 2 * letter)]
    for x, y, w, h, _ in level.tolist():
        for way in (-1, 1):
            if not _goes_on(ink, others, (x, y, w, h), way, letter):
                continue
            n = _inside_letters(ink, (x, x + w), (y, y + h), way, letter)
            strokes[y : y + h, slice(x + w - n, x + w) if way < 0 else slice(x, x + n)] = 0


def _goes_on(ink: Mask, others: Mask, stroke: tuple[int, int, int, int], way: int, letter: float) -> bool:
    """Whether ink as high as letters adjoins a stroke's end, which is neither its head nor a line across."""
    x, y, w, h = stroke
    far, reach = round(0.6 * letter), round(0.9 * letter)
    columns = slice(x + w, x + w + far) if way < 0 else slice(max(0, x - far), x)
    view = slice(max(0, y - reach), y + h + reach), columns
    beyond = ink[view] & ~others[view]
    if beyond.shape[1] < far or beyond.any(axis=0).mean() < 0.8:
        return False
    rows = np.flatnonzero(beyond.any(axis=1))
    return bool(np.ptp(rows) + 1 >= BODY * letter)


def _inside_letters(ink: Mask, across: tuple[int, int], rows: tuple[int, int], way: int, letter: float) -> int:
    """How many columns at a stroke's end are a letter's, from which nothing but the stroke goes on.

    Args:
        across, rows: where the stroke begins and ends.
        way: -1 from its right end leftwards, 1 from its left end rightwards.
    """
    reach = round(1.2 * letter)
    (x0, x1), top = across, max(0, rows[0] - reach)
    most = min(x1 - x0, round(LABEL * letter))
    view = ink[top : rows[1] + reach, x1 - most : x1] if way < 0 else ink[top : rows[1] + reach, x0 : x0 + most]
    low, high = rows[0] - top, rows[1] - top
    beyond = np.any(view[: max(0, low - 2)], axis=0) | np.any(view[high + 2 :], axis=0)
    beyond = np.asarray(beyond[::way], bool)
    need = round(BETWEEN * letter)
    if not beyond[:need].any():
        return 0
    last = 0
    for k in np.flatnonzero(beyond).tolist():
        if k - last > need:
            break
        last = k + 1
    return last if last < most - need else 0


def _cut(mask: Mask, letter: float) -> bool:
    """Take a piece of a line from between letters and what is beyond, a head mostly; whether there is one."""
    cut = False
    for a, b in zip(*runs_of(_fine(mask, letter)[None]), strict=True):
        if b - a >= BETWEEN * letter and _body(mask[:, :a], letter) and _body(mask[:, b:], letter):
            mask[:, a:b] = False
            cut = True
    return cut


def _fine(mask: Mask, letter: float) -> Mask:
    """The columns that hold nothing but one thin run, about halfway up."""
    count = mask.sum(axis=0)
    top = mask.argmax(axis=0)
    one = count == mask.shape[0] - mask[::-1].argmax(axis=0) - top
    share = (top + (count - 1) / 2) / max(1, mask.shape[0] - 1)
    return np.asarray(one & (count > 0) & (count <= max(2.0, THIN * letter)) & (share >= 0.2) & (share <= 0.8), bool)


def _tail(mask: Mask, letter: float) -> int:
    """How many columns from the first on hold nothing but one thin level run, amid the others' rows."""
    count = mask.sum(axis=0)
    if not len(count) or not count[0]:
        return 0
    top = mask.argmax(axis=0)
    one = count == mask.shape[0] - mask[::-1].argmax(axis=0) - top
    middle = top + (count - 1) / 2
    usual = float(np.median(middle[: max(1, int(LEAST * letter))]))
    fine = one & (np.abs(middle - usual) <= 1.5) & (count > 0) & (count <= max(2.0, THIN * letter))
    n = len(fine) if fine.all() else int(fine.argmin())
    body = np.flatnonzero(mask[:, n:].any(axis=1))
    if not len(body):
        return 0
    share = (usual - body[0]) / max(1, body[-1] - body[0])
    return n if 0.2 <= share <= 0.8 else 0


def _body(mask: Mask, letter: float) -> bool:
    """Whether what is left is as large as a letter."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return bool(len(rows) and np.ptp(rows) + 1 >= BODY * letter and np.ptp(columns) + 1 >= BODY * letter)
