"""Arrows that stand in rows of letters and are none: shafts and heads beside a connector's label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from diagrasp.engines.embedded.picture.rect import Rect

HEADS = 3
"""Heads that stand side by side at most."""
SOLID, TRIANGULAR = 0.9, 0.72
"""Least share that a head has of its hull, and its hull of the triangle around it: its corners are round."""
EVEN = 0.08
"""How far a head's sides may be from straight, and its middle from its axis, as a share of its breadth."""


def has_shaft(widths: NDArray[np.int64]) -> bool:
    """Whether most of a stroke is of one width, as an arrow's shaft is and letters run together are not."""
    even = np.abs(widths - np.median(widths)) <= 1
    ends = np.flatnonzero(np.diff(np.concatenate([[0], even.astype(np.int8), [0]])))
    return bool((ends[1::2] - ends[::2]).max(initial=0) >= 0.55 * len(widths))


def without_arrows(
    row: list[int], rects: dict[int, Rect], labels: NDArray[np.int32], tainted: NDArray[np.bool_], letter: float
) -> list[int]:
    """A row without the short arrows at its ends, which lead from a label to a symbol."""

    def arrow(i: int, *, right: bool) -> bool:
        r = rects[i]
        if not tainted[i]:
            return False
        mine = labels[r.y0 : r.y1, r.x0 : r.x1] == i
        if is_head(mine, letter, right=right):
            return True
        long = r.w >= 1.1 * letter and r.w >= 1.2 * r.h
        return long and float(np.median(mine.sum(axis=0))) <= 0.22 * letter  # mostly shaft

    ordered = sorted(row, key=lambda i: rects[i].x0)
    while len(ordered) > 1 and arrow(ordered[-1], right=True):
        ordered.pop()
    while len(ordered) > 1 and arrow(ordered[0], right=False):
        ordered.pop(0)
    return ordered


def is_head(mask: NDArray[np.bool_], letter: float, *, right: bool) -> bool:
    """Whether ink, its hole filled, tapers evenly to one side: an arrow's head, whose tip the symbol may hide.

    Args:
        mask: (h, w) bool.
        right: whether it should point there, else to the left.
    """
    filled = mask.astype(np.uint8)
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    if not right:
        filled = filled[:, ::-1]
    high = filled.sum(axis=0)
    head = filled[:, int(high.argmax()) :]  # without the shaft
    base = float(high.max())
    n = head.shape[1]
    if base < 0.5 * letter or n < 0.4 * base or not (head.sum(axis=0) > 0).all():
        return False
    top = head.argmax(axis=0)
    bottom = head.shape[0] - head[::-1].argmax(axis=0)
    along = np.arange(n)
    if np.abs((top + bottom) / 2 - np.mean(top + bottom) / 2).max() > EVEN * base + 1:
        return False
    slope, start = np.polyfit(along, bottom - top, 1)
    even = np.abs(start + slope * along - (bottom - top)).max() <= EVEN * base + 1
    return bool(even and start + slope * (n - 1) <= 0.65 * base)


def are_heads(row: list[int], rects: dict[int, Rect], labels: NDArray[np.int32]) -> bool:
    """Whether a row is nothing but triangles, open or filled: heads of connectors side by side."""
    return len(row) <= HEADS and all(_is_triangle(labels, i, rects[i]) for i in row)


def _is_triangle(labels: NDArray[np.int32], number: int, box: Rect) -> bool:
    mask = np.asarray(labels[box.y0 : box.y1, box.x0 : box.x1] == number, np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outer = max(contours, key=len)
    hull = cv2.convexHull(outer)
    area = float(cv2.contourArea(hull))
    if area < 20 or float(cv2.contourArea(outer)) < SOLID * area:
        return False  # a letter's legs leave a notch
    around, corners = cv2.minEnclosingTriangle(hull)
    return corners is not None and area >= TRIANGULAR * around
