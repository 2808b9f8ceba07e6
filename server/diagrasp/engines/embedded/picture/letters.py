"""How high the letters of a drawing are: the measure of everything else in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components

Mask = NDArray[np.bool_]

RUN_TOGETHER = 5.5
"""Height, in pixels, of letters that run together."""
MOSTLY = 0.6
"""Share of what is drawn that tiny words are at least: letters of ordinary size run together here and there too."""
MANY, WIDE = 12, 1.3
"""Words whose letters run together that tell their height, and letters of such a word in its heights."""
LOWER, HIGHER, CAPITAL = 0.6, 1.35, 1.12
"""Their height in heights of the single letters, at most or at least, and a capital's in theirs."""
TOUCHING, FEW = 0.15, 3
"""Share of the letters, and number, of words in one piece from which on letters touch all over a drawing."""


def letter_height(ink: Mask) -> float | None:
    """The height, in pixels, of a capital letter; None where nothing looks like text."""
    found = letter_heights(ink)
    return found[1] if found else None


def letter_heights(ink: Mask) -> tuple[float, float] | None:
    """The height of the commonest letters, and of a capital, in pixels; None where nothing looks like text.

    Letters are components with a neighbour of like height close by on the same line.
    """
    _, _, stats, _ = components(ink)
    stats = every_stats = stats[1:]
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
    # x-height letters outnumber capitals: the upper part of the distribution is the height of a capital; where few
    # letters have ascenders, as in Cyrillic, it still is that of the small ones, and the taller group is the capitals.
    every = np.array(heights)
    usual = float(np.percentile(every, 70))
    tall = every[(every >= 1.22 * usual) & (every <= 1.55 * usual)]
    lower = np.count_nonzero(every < 0.88 * usual)  # many: then these are the small letters
    raised = len(tall) >= 0.09 * len(every) and lower <= 0.25 * len(every)
    words = _of_words(every_stats, len(every), usual)
    if words is not None:
        return words
    return usual, float(np.median(tall)) if raised else usual


def _of_words(stats: NDArray[np.int32], single: int, usual: float) -> tuple[float, float] | None:
    """The same by words whose letters run together, where most letters do and the others are of another height.

    A title in large letters stands alone then, or dots of lines that look like letters.

    Args:
        stats: (N, 5) bounds and areas of the ink's components.
        single: how many single letters there are.
        usual: their height, in pixels.
    """
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    ok = (h >= RUN_TOGETHER) & (h <= 40) & (w > 1.8 * h) & (w <= 14 * h) & (area >= 0.3 * w * h)
    if np.count_nonzero(ok) < MANY or WIDE * float((w[ok] / h[ok]).sum()) < 2 * single:
        return None
    height = float(np.median(h[ok]))
    return None if LOWER * usual < height < HIGHER * usual else (height, CAPITAL * height)


def words_run_together(ink: Mask) -> bool:
    """Whether much of what is drawn could be words whose tiny letters run together."""
    _, _, stats, _ = components(ink)
    w, h = stats[1:, 2], stats[1:, 3]
    small = (h >= 3) & (h <= 2 * RUN_TOGETHER)
    words = small & (w >= 1.3 * h) & (w <= 20 * h) & (stats[1:, 4] >= 0.2 * w * h)
    return int(words.sum()) >= max(2.0, MOSTLY * len(w))


def letters_touch(ink: Mask, letter: float) -> bool:
    """Whether words of ordinary size are in one piece here and there: a drawing whose strokes are blurred.

    Args:
        letter: height of a capital letter, in pixels.
    """
    _, _, stats, _ = components(ink)
    w, h, area = stats[1:, 2], stats[1:, 3], stats[1:, 4]
    high = (h >= 0.45 * letter) & (h <= 1.7 * letter)
    words = high & (w > 2.2 * letter) & (w <= 8 * letter) & (area >= 0.3 * w * h) & (area <= 0.8 * w * h)
    found = int(words.sum())
    return found >= FEW and found >= TOUCHING * int((high & (w <= 2.2 * letter)).sum())
