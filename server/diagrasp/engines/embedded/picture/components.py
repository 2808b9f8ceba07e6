"""Connected pieces of a mask and their bounds.

OpenCV counts a piece's pixels one by one, which takes three times as long as finding the pieces; here whole runs of a
row are counted at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Entry = TypeVar("Entry", bound=np.generic)


class Components(NamedTuple):
    """The pieces of a mask, numbered from 1.

    Attributes:
        number: how many there are, and one more for what is not set.
        labels: (H, W) int32, every pixel's piece, 0 where the mask is not set.
        stats: (number, 5) int32: left, top, width, height, pixels; row 0 is zeros.
        centres: (number, 2) float64: mean x and y; row 0 is zeros.
    """

    number: int
    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    centres: NDArray[np.float64]


def components(mask: NDArray[Any], connectivity: int = 8) -> Components:
    """The pieces of a mask (H, W): what `cv2.connectedComponentsWithStats` tells, row 0 apart.

    Args:
        connectivity: 8, or 4 where pieces that touch at corners only are apart.
    """
    image = mask.view(np.uint8) if mask.dtype == np.bool_ else np.asarray(mask, np.uint8)
    image = np.ascontiguousarray(image)
    count, labels = _labelled(image, connectivity)
    starts, ends = runs_of(image)
    width = image.shape[1]
    piece = labels.ravel()[starts]
    y, left = np.divmod(starts, width)
    long = ends - starts
    stats = np.zeros((count, 5), np.int32)
    centres = np.zeros((count, 2))
    if len(starts) == 0:
        return Components(count, labels, stats, centres)
    # Runs come from the top down: the last one written is the lowest, in reverse order the highest.
    bottom, top = np.zeros(count, np.int64), np.zeros(count, np.int64)
    bottom[piece] = y + 1
    top[piece[::-1]] = y[::-1]
    first, last = np.full(count, width, np.int64), np.zeros(count, np.int64)
    np.minimum.at(first, piece, left)
    np.maximum.at(last, piece, left + long)
    area = np.bincount(piece, long, count)
    stats[1:] = np.stack([first, top, last - first, bottom - top, area], axis=1)[1:]
    sums = np.bincount(piece, (left + 0.5 * (long - 1)) * long, count), np.bincount(piece, y * long, count)
    centres[1:] = np.stack(sums, axis=1)[1:] / area[1:, None]
    return Components(count, labels, stats, centres)


def _labelled(image: NDArray[np.uint8], connectivity: int) -> tuple[int, NDArray[np.int32]]:
    """How many pieces there are, and one more; and every pixel's: rows above and below all of them cost nothing."""
    rows = np.flatnonzero(image.max(axis=1, initial=0))
    if not len(rows):
        return 1, np.zeros(image.shape, np.int32)
    first, last = int(rows[0]) // 2 * 2, int(rows[-1]) + 1  # OpenCV numbers pieces by pairs of rows
    if last - first > 0.8 * len(image):
        first, last = 0, len(image)
    count, found = cv2.connectedComponents(image[first:last], connectivity=connectivity)
    if last - first == len(image):
        return count, np.asarray(found, np.int32)
    labels = np.zeros(image.shape, np.int32)
    labels[first:last] = found
    return count, labels


PART = 1 << 18
"""Pixels looked up at a time."""


def looked_up(table: NDArray[Entry], labels: NDArray[np.int32], out: NDArray[Entry] | None = None) -> NDArray[Entry]:
    """What a table has for every label: `table[labels]`, in parts, for NumPy would copy all labels as 64-bit numbers.

    Args:
        table: (N,).
        labels: (H, W) int32, each of 0..N - 1.
        out: (H, W), where to put it; may be the labels themselves.
    """
    found = np.empty(labels.shape, table.dtype) if out is None else out
    rows = max(1, PART // labels.shape[1])
    for top in range(0, len(labels), rows):
        part = slice(top, top + rows)
        np.take(table, labels[part], out=found[part], mode="clip")  # other modes copy once more
    return found


def runs_of(image: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs of set pixels in a row begin, and where they have ended, as flat indices; (H, W)."""
    height, width = image.shape
    edged = np.zeros((height, width + 1), np.bool_)  # a column of paper parts the rows
    np.not_equal(image, 0, out=edged[:, 1:])
    flat = edged.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    if flat[-1]:
        changes = np.append(changes, len(flat) - 1)
    starts, ends = changes[::2] + 1, changes[1::2]  # in the wider picture
    row = starts // (width + 1)
    return starts - row - 1, ends - row
