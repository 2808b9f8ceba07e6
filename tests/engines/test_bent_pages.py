"""Ruled pages as a camera sees them: tilted, bent, nearer at the bottom, with a dark table around them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.lined import followed
from diagrasp.engines.embedded.hand.paper import darkness_and_tint, pen, strokes
from diagrasp.engines.embedded.hand.sheet import ink_on_paper
from diagrasp.engines.embedded.picture.camera import on_paper

WIDTH, HEIGHT = 960, 1280
BLUE = (60, 60, 150)


def height_of(number: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where a ruled line runs: farther from the one above it the lower it is, rising to the right, bent."""
    return np.asarray(60 + 34 * number + 0.15 * number**2 - 0.05 * x + 9 * np.sin(x / 260))


def page(*, table: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    """A photograph of a ruled page with a box and an arrow in blue, and the pixels of either."""
    rng = np.random.default_rng(3)
    picture = np.full((HEIGHT, WIDTH, 3), 205, np.uint8)
    x = np.arange(WIDTH, dtype=float)
    ruled, drawn = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    for number in range(31):
        cv2.polylines(ruled, [np.stack([x, height_of(number, x)], axis=1).round().astype(np.int32)], False, 1, 2)
    cv2.rectangle(drawn, (330, 420), (610, 560), 1, 4)
    cv2.arrowedLine(drawn, (470, 560), (480, 780), 1, 4, tipLength=0.1)
    picture[ruled > 0] = (105, 105, 110)
    picture[drawn > 0] = BLUE
    if table:
        picture[:, 820:] = (18, 16, 15)
        ruled[:, 815:] = 0
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), np.uint8)
    noisy = np.clip(picture.astype(float) + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    return noisy, ruled > 0, drawn > 0


@pytest.mark.parametrize("table", [False, True])
def test_lines_of_a_bent_page_go_and_the_drawing_stays(table: bool) -> None:
    picture, ruled, drawn = page(table=table)
    assert on_paper(picture)
    seen = ink_on_paper(picture)
    assert seen is not None
    assert seen.rulings >= 25
    alone = ruled & (cv2.dilate(drawn.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0)
    assert seen.ink[alone].mean() < 0.05
    assert seen.ink[drawn].mean() > 0.9


def test_a_drawing_alone_has_no_ruled_lines() -> None:
    level = np.zeros((HEIGHT, WIDTH), bool)
    for number in range(6):  # sides of boxes and level connectors
        level[100 + 150 * number, 200:700] = True
        level[160 + 150 * number, 200:700] = True
    assert followed(level)[1] == 0


def test_what_is_dark_beside_the_page_tells_nothing_of_the_pen() -> None:
    picture, _, drawn = page(table=True)
    dark, _ = darkness_and_tint(picture)
    soft = np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.8), np.float32)
    middle = strokes(soft, 0.1)
    assert not middle[:, 860:].any()
    assert middle[drawn].any()
    assert pen(dark)[drawn].mean() > 0.95


def test_lines_beyond_both_ends_of_those_followed_are_found() -> None:
    """The outermost ones are drawn over for half of their length."""
    runs = np.zeros((900, WIDTH), bool)
    for number in range(20):
        outermost = number in (0, 19)
        for start in range(0, WIDTH, 60 if outermost else WIDTH):
            runs[100 + 35 * number : 102 + 35 * number, start : start + (24 if outermost else WIDTH)] = True
    expected, number = followed(runs)
    assert number == 20
    assert expected[100, WIDTH // 2]
    assert expected[100 + 35 * 19, WIDTH // 2]
