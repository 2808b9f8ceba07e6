"""How large the model sees a picture: by the height of its letters, within a budget.

Qwen3-VL turns 32 x 32 pixels into one token.  Letters need about 14 pixels of height to be read; more costs tokens and
tells nothing.  So the scale follows the letters, not a fixed cap; what a budget does not allow is said in a warning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LETTER: Final = 14.0
"""Pixels of height that a capital or a digit should have for the model."""
LEGIBLE: Final = 8.0
"""Below this many the model guesses."""
BUDGET: Final = {"cuda": 4096, "mps": 2560, "cpu": 2048}
"""The most tokens that a picture may cost, by device: what a prefill of some seconds affords."""
LEAST_TOKENS: Final = 64
MOST_UPSCALE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The size at which a picture is shown.

    Attributes:
        width, height: in pixels, multiples of the token's side.
        tokens: what it costs.
        letters: the letters' height after scaling, 0 where none were found.
    """

    width: int
    height: int
    tokens: int
    letters: float

    @property
    def legible(self) -> bool:
        return self.letters == 0 or self.letters >= LEGIBLE


def plan(width: int, height: int, letters: float, *, budget: int, side: int = 32) -> Plan:
    """The size for a picture.

    Args:
        width, height: of the picture in pixels.
        letters: the height of its letters in pixels, 0 where unknown.
        budget: the most tokens it may cost.
        side: pixels along a token's side.
    """
    scale = min(LETTER / letters, MOST_UPSCALE) if letters else 1.0
    scale = max(scale, math.sqrt(LEAST_TOKENS * side * side / (width * height)) if letters == 0 else scale)
    scale = min(scale, math.sqrt(budget * side * side / (width * height)))
    columns, rows = max(1, round(width * scale / side)), max(1, round(height * scale / side))
    while columns * rows > budget and max(columns, rows) > 1:
        columns, rows = (columns - 1, rows) if columns >= rows else (columns, rows - 1)
    return Plan(columns * side, rows * side, columns * rows, letters * columns * side / width)


def letter_height(pixels: NDArray[np.uint8]) -> float:
    """The usual height of letters in a picture, in pixels; 0 where none are found.

    The median height of small specks of ink that stand beside others of their height, as letters of a line do.

    Args:
        pixels: (H, W, 3) RGB.
    """
    import cv2

    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    shrunk = max(1.0, math.sqrt(height * width / 8e6))
    if shrunk > 1:
        grey = cv2.resize(grey, (round(width / shrunk), round(height / shrunk)), interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        cv2.absdiff(grey, cv2.medianBlur(grey, 31)), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 31, -12
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    boxes = stats[1:]
    tall, wide, area = boxes[:, cv2.CC_STAT_HEIGHT], boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_AREA]
    likely = (tall >= 5) & (tall <= 80) & (wide <= 2.5 * tall) & (area >= 0.12 * tall * wide) & (wide >= 2)
    letters = _beside_their_like(boxes[likely])
    if len(letters) < 6:
        return 0.0
    return float(np.percentile(letters[:, cv2.CC_STAT_HEIGHT], 60) * shrunk)


def _beside_their_like(boxes: NDArray[Any]) -> NDArray[Any]:
    """The boxes that have a neighbour of about their height, on their line, closer than their height."""
    order = np.lexsort((boxes[:, 0], boxes[:, 1] + boxes[:, 3]))
    boxes = boxes[order]
    keep = np.zeros(len(boxes), dtype=bool)
    for step in range(1, 8):
        a, b = boxes[:-step], boxes[step:]
        if not len(a):
            break
        tall = np.maximum(a[:, 3], b[:, 3])
        near = (np.abs(a[:, 3] - b[:, 3]) <= 0.35 * tall) & (
            np.abs(a[:, 1] + a[:, 3] - b[:, 1] - b[:, 3]) <= 0.4 * tall
        )
        gap = np.maximum(a[:, 0], b[:, 0]) - np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2])
        near &= (gap <= 1.2 * tall) & (gap >= -0.3 * tall)
        keep[:-step] |= near
        keep[step:] |= near
    return boxes[keep]


def resized(pixels: NDArray[np.uint8], shown: Plan) -> NDArray[np.uint8]:
    """The picture at a plan's size, (H, W, 3) RGB."""
    import cv2

    shrinks = shown.width * shown.height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    found: NDArray[np.uint8] = cv2.resize(pixels, (shown.width, shown.height), interpolation=how).astype(np.uint8)
    return found
