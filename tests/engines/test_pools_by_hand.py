"""Pools and lanes drawn by hand: swaying borders become frames and leave the ink; a pen upon rulings is kept."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.paper import darkness_and_tint, pen, without
from diagrasp.engines.embedded.hand.pools import Pools, find_pools
from diagrasp.engines.embedded.hand.rulings import without_rulings
from diagrasp.engines.embedded.hand.stacked import single_rows
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

LETTER = 20.0
Canvas = NDArray[np.uint8]


def sway(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], seed: int) -> None:
    """A stroke that wanders off its way by up to a third of a letter."""
    random = np.random.default_rng(seed)
    (x0, y0), (x1, y1) = start, end
    t = np.linspace(0, 1, 40)
    off = 6 * np.sin(2 * np.pi * (t + random.random())) + random.normal(0, 0.5, 40)
    level = abs(x1 - x0) > abs(y1 - y0)
    points = np.stack([x0 + t * (x1 - x0) + off * (not level), y0 + t * (y1 - y0) + off * level], axis=1)
    cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, 1, 3)


def word(x0: int, y0: int, x1: int, y1: int, *, vertical: bool = False) -> TextLine:
    box = Rect(x0, y0, x1, y1)
    halves = (
        (Rect(x0, y0, x1, (y0 + y1) // 2), Rect(x0, (y0 + y1) // 2, x1, y1))
        if vertical
        else (Rect(x0, y0, (x0 + x1) // 2, y1), Rect((x0 + x1) // 2, y0, x1, y1))
    )
    return TextLine(box, halves, 0, vertical, LETTER)


def process(*, right: bool = True) -> tuple[Canvas, list[TextLine]]:
    """A pool of two lanes with a strip for its name, and a connector that crosses the border between the lanes."""
    canvas = np.zeros((700, 1300), np.uint8)
    sway(canvas, (100, 100), (1200, 110), 1)
    sway(canvas, (150, 350), (1200, 352), 2)
    sway(canvas, (100, 600), (1200, 595), 3)
    sway(canvas, (100, 100), (100, 600), 4)
    sway(canvas, (150, 102), (150, 600), 5)
    if right:
        sway(canvas, (1200, 110), (1200, 595), 6)
    cv2.line(canvas, (700, 220), (700, 480), 1, 3)
    lines = [
        word(112, 250, 138, 450, vertical=True),
        word(165, 150, 190, 560, vertical=True),  # what the net took for one: both lanes' names
        word(500, 180, 600, 205),
        word(800, 480, 900, 505),
    ]
    return canvas, lines


def found(canvas: Canvas, lines: list[TextLine]) -> Pools | None:
    return find_pools(canvas > 0, np.zeros(canvas.shape, bool), lines, LETTER)


@pytest.mark.parametrize("right", [True, False], ids=["closed", "open at its right"])
def test_a_pool_and_its_lanes_are_found(right: bool) -> None:
    pools = found(*process(right=right))
    assert pools is not None
    pool, upper, lower = (f.box for f in pools.frames)
    assert abs(pool.x0 - 100) <= 15
    assert abs(upper.x0 - 150) <= 15
    assert abs(upper.y1 - 350) <= 12
    assert abs(lower.y1 - 597) <= 12
    assert pool.w > 1050


def test_names_are_parted_where_lanes_are() -> None:
    pools = found(*process())
    assert pools is not None
    names = [t for t in pools.lines if t.vertical]
    assert len(names) == 3
    for frame in pools.frames:
        assert frame.title is not None
        assert sum(frame.title.inside(int(t.box.cx), int(t.box.cy)) for t in names) == 1


def test_borders_leave_the_ink_and_what_crosses_them_stays() -> None:
    canvas, lines = process()
    pools = found(canvas, lines)
    assert pools is not None
    left = (canvas > 0) & ~pools.borders
    assert left[225:475, 695:706].any(axis=1).mean() >= 0.97
    beside = left.copy()
    beside[:, 690:711] = False
    assert beside.sum() <= 0.12 * (canvas > 0).sum()


def test_connectors_around_steps_are_no_pool() -> None:
    """A loop back is as long as a pool's border; it has no name at its left."""
    canvas = np.zeros((700, 1300), np.uint8)
    sway(canvas, (100, 100), (1200, 110), 1)
    sway(canvas, (100, 600), (1200, 595), 3)
    sway(canvas, (100, 100), (100, 600), 4)
    lines = [word(500, 300, 600, 325), word(700, 300, 800, 325), word(900, 300, 1000, 325)]
    assert found(canvas, lines) is None


def page(grey: int, colour: tuple[int, int, int]) -> tuple[Canvas, Canvas]:
    """Squared paper and a box whose upper and lower side lie upon its lines; and the box alone."""
    plain = np.full((700, 900, 3), 255, np.uint8)
    noise = np.random.default_rng(3).integers(0, 4, plain.shape)
    for at in range(30, 900, 36):
        cv2.line(plain, (at, 0), (at, 699), (grey, grey, grey), 2)
        cv2.line(plain, (0, at), (899, at), (grey, grey, grey), 2)
    for k in range(40):  # writing, now pressed hard and now hardly
        shade = tuple(min(255, c + 5 * (k % 20)) for c in colour)
        cv2.line(plain, (600 + 7 * k, 60 + 15 * k), (590 + 6 * k, 90 + 15 * k), shade, 3)
    box = np.zeros((700, 900), np.uint8)
    cv2.rectangle(box, (220, 210), (560, 390), 1, 3)
    plain[box > 0] = colour
    return np.clip(plain.astype(np.int32) - noise, 0, 255).astype(np.uint8), box


@pytest.mark.parametrize(("grey", "colour"), [(90, (60, 70, 150)), (70, (60, 70, 150))], ids=["dark", "darker"])
def test_a_pens_line_upon_a_ruled_one_is_kept(grey: int, colour: tuple[int, int, int]) -> None:
    picture, box = page(grey, colour)
    dark, tints = darkness_and_tint(picture)
    ink, rulings = without_rulings(dark, pen(dark), tints)
    assert rulings
    assert ink[box > 0].mean() >= 0.9
    near = cv2.dilate(box, np.ones((7, 7), np.uint8)) > 0
    assert (ink & ~near)[:, :580].sum() <= 0.1 * box.sum()


def test_marks_give_way_to_paper() -> None:
    picture, box = page(130, (15, 15, 15))
    plain = without(picture, box > 0)
    assert plain[box > 0].min() >= 100
    assert (plain[box == 0] == picture[box == 0]).all()


def test_two_lines_taken_for_one_are_parted() -> None:
    ink = np.zeros((120, 400), bool)
    rects = []
    for row, y in enumerate((20, 52)):
        for k in range(4):
            x = 30 + 26 * k + 6 * row
            ink[y : y + 26, x : x + 18] = True
            rects.append(Rect(x, y, x + 18, y + 26))
    ink[20:78, 30:36] = True  # a tail that reaches into the second line
    tall = TextLine(Rect(30, 20, 132, 78), tuple(rects), 0, False, 50.0)
    single = [word(200, y, 320, y + 26) for y in (20, 52, 84)]
    upper, lower, *others = single_rows([tall, *single], ink, LETTER)
    assert upper.box.y1 <= lower.box.y0 + 1
    assert (upper.box.y0, lower.box.y1) == (20, 78)
    assert others == single
    assert single_rows(single, ink, LETTER) == single
