"""Long runs, the pieces that they make and rings around outlines are what OpenCV tells, in less time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import median_colour
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.runs import long_runs, pieces_of, turned
from diagrasp.engines.embedded.symbols.outlines import ring_around

Plane = NDArray[np.uint8]
MASKS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 40)), elements=st.integers(0, 1))


@settings(max_examples=150, deadline=None)
@given(MASKS, st.integers(1, 9))
def test_long_runs_are_what_opening_leaves(mask: Plane, least: int) -> None:
    opened = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, least), np.uint8)), np.uint8)
    runs = long_runs(mask, least)
    assert np.array_equal(runs.within(0, 0, mask.shape[1], mask.shape[0]), opened)


@settings(max_examples=150, deadline=None)
@given(MASKS)
def test_pieces_come_as_opencv_numbers_them(mask: Plane) -> None:
    found = [[*p.bounds, int((p.end - p.start).sum())] for p in pieces_of(long_runs(mask, 1))]
    assert found == [[x, y, x + w, y + h, area] for x, y, w, h, area in components(mask).stats[1:].tolist()]


def test_columns_become_rows() -> None:
    mask = np.arange(12).reshape(3, 4) % 5 == 0
    assert np.array_equal(turned(mask), mask.T)


@pytest.mark.parametrize(("size", "by"), [((9, 14), 1), ((40, 60), 4), ((61, 35), 10), ((500, 700), 7)])
def test_a_ring_is_what_a_disc_adds(size: tuple[int, int], by: int) -> None:
    high, wide = size
    filled = np.zeros(size, np.uint8)
    cv2.ellipse(filled, (wide // 2, high // 2), (wide // 2, high // 2), 0, 0, 360, 1, -1)
    filled[: high // 3, : wide // 4] = 1
    regions = np.arange((high + 12) * (wide + 15), dtype=np.int32).reshape(high + 12, wide + 15)
    box = Rect(5, 3, 5 + wide, 3 + high)  # nearer to the picture's edge than a wide ring is
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    edged = np.pad(filled, by + 1)
    ring = cv2.dilate(edged, disc) - cv2.dilate(edged, disc[1:-1, 1:-1].copy())
    ys, xs = np.nonzero(ring)
    ys, xs = ys + box.y0 - by - 1, xs + box.x0 - by - 1
    inside = (ys >= 0) & (xs >= 0) & (ys < regions.shape[0]) & (xs < regions.shape[1])
    assert np.array_equal(ring_around(regions, box, filled, by), regions[ys[inside], xs[inside]])


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3))))
def test_a_median_is_counted(pixels: Plane) -> None:
    assert np.array_equal(median_colour(pixels), np.median(pixels, axis=0))
