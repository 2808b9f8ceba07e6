"""The height of letters that stand alone: drawings of boxes named A, B and C have no rows of letters to measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components

LOW, TALL = 6, 90
"""Heights of the smallest and the largest letter, in pixels."""
ROOM = 1.7
"""How much higher and wider than its letter a box is at least."""
FULL, SOLID = 0.72, 0.7
"""Share of its bounds that a box fills at least, and that a letter's ink fills at most: a disc in a ring is none."""
MAIN = 0.3
"""Share of what is as high as they are that lone letters are at least: else it is words whose letters run together."""

SOFT = 5
"""Pixels by which what is not flat exceeds a letter."""


def lone_heights(
    ink: NDArray[np.bool_], regions: NDArray[np.int32], stats: NDArray[np.int32]
) -> tuple[float, float] | None:
    """The height of letters in the middle of boxes, each alone in its own, twice, as of the commonest and of capitals.

    Args:
        ink: (H, W) bool.
        regions: (H, W) int32, the flat region of every pixel, 0 for none.
        stats: (N + 1, 5) left, top, width, height, area of the regions.

    Returns:
        None where there are fewer than two.
    """
    heights = []
    for x, y, w, h, area in components(ink).stats[1:].tolist():
        if not (LOW <= h <= TALL and 0.12 * h <= w <= 1.8 * h and 0.12 * w * h <= area <= SOLID * w * h):
            continue
        sides = [regions[y + h // 2, at] for at in (x - 4, x + w + 3) if 0 <= at < regions.shape[1]]
        if len(sides) < 2 or sides[0] == 0 or sides[0] != sides[1]:
            continue
        left, top, wide, high, filled = (int(v) for v in stats[sides[0]])
        if min(wide, high) < ROOM * h or left == 0 or top == 0:  # too little room for a letter, or the page
            continue
        aside, off = abs(2 * x + w - 2 * left - wide) / 2, abs(2 * y + h - 2 * top - high) / 2
        if (
            aside <= 0.08 * wide + 2
            and off <= 0.12 * high + 1
            and filled + (w + SOFT) * (h + SOFT) >= FULL * wide * high
        ):
            heights.append(h)
    tall = [h for h in heights if h >= 0.6 * max(heights)]
    if len(tall) < 2:
        return None
    height = float(np.median(tall))
    alike = [w for w, h in components(ink).stats[1:, 2:4].tolist() if 0.5 * height <= h <= 1.6 * height]
    return (height, height) if len(tall) >= MAIN * len(alike) else None
