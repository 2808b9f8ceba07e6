"""Small holes in ink are the pieces of paper that a numbering of all pieces tells, but for those at the rim."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.holes import holes


def _ink(seed: int, share: float) -> np.ndarray:
    return np.random.default_rng(seed).random((60, 80)) < share


@pytest.mark.parametrize("share", [0.3, 0.45, 0.6])
@pytest.mark.parametrize("largest", [1.0, 4.0, 30.0])
def test_holes_are_the_enclosed_pieces_of_paper(share: float, largest: float) -> None:
    ink = _ink(round(100 * share), share)
    ink[0] = ink[-1] = True
    ink[:, 0] = ink[:, -1] = True
    _, labels, stats, _ = components(~ink, 4)
    wanted = {
        (x, y, x + w, y + h): (area, (labels == i)[y : y + h, x : x + w].tobytes())
        for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1)
        if max(w, h) <= largest
    }
    found = {tuple(hole.box): (hole.area, hole.mask.tobytes()) for hole in holes(ink, largest)}
    assert wanted
    assert found == wanted


def test_paper_at_the_rim_is_not_enclosed() -> None:
    ink = np.zeros((20, 20), bool)
    ink[:6, 5] = ink[5, :6] = True  # they enclose a corner of the picture
    assert holes(ink, 20) == []


def test_what_stands_in_a_hole_is_no_part_of_it() -> None:
    image = np.zeros((40, 40), np.uint8)
    cv2.rectangle(image, (5, 5), (34, 34), 1, 1)
    cv2.rectangle(image, (15, 15), (24, 24), 1, 1)  # a ring within a ring
    outer, inner = holes(image > 0, 28)
    assert (outer.box.w, outer.box.h, outer.area) == (28, 28, 28 * 28 - 10 * 10)
    assert (inner.box.w, inner.box.h, inner.area) == (8, 8, 64)
    filled = np.zeros(image.shape, bool)
    inner.fill(filled)
    assert filled.sum() == 64
    assert filled[16:24, 16:24].all()


def test_only_holes_of_the_size_asked_for_are_told() -> None:
    image = np.zeros((40, 60), np.uint8)
    for x, side in ((2, 4), (12, 10), (30, 25)):
        cv2.rectangle(image, (x, 2), (x + side, 2 + side), 1, 1)
    assert [hole.box.w for hole in holes(image > 0, 20, least=5)] == [9]
