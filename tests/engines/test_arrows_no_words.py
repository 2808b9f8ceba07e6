"""Arrows that were taken for writing, and margins of pages."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.borders import margin_lines
from diagrasp.engines.embedded.hand.parting import part
from diagrasp.engines.embedded.hand.writing import Line, Writing
from diagrasp.engines.embedded.picture.rect import Rect

LETTER = 20.0
Ink = NDArray[np.uint8]


def sheet(width: int = 600, height: int = 400) -> Ink:
    return np.zeros((height, width), np.uint8)


def written(ink: Ink, *boxes: Rect) -> Writing:
    """Lines of writing in these bounds."""
    areas = np.zeros(ink.shape, np.int32)
    for number, box in enumerate(boxes, 1):
        areas[box.y0 : box.y1, box.x0 : box.x1] = number
    return Writing([Line(box, LETTER / 0.62, False) for box in boxes], areas)


def word(ink: Ink, x: int, y: int, many: int = 4) -> None:
    """Letters in one stroke up and down."""
    points = [(x + 9 * k, y + (0, 20)[k % 2]) for k in range(2 * many)]
    cv2.polylines(ink, [np.array(points, np.int32)], False, 1, 3)


def test_an_arrow_alone_or_beside_a_letter_is_no_writing() -> None:
    ink = sheet()
    cv2.line(ink, (100, 100), (100, 145), 1, 3)
    cv2.polylines(ink, [np.array([(91, 135), (100, 145), (109, 135)], np.int32)], False, 1, 3)
    cv2.line(ink, (300, 100), (300, 148), 1, 3)
    cv2.polylines(ink, [np.array([(291, 138), (300, 148), (309, 138)], np.int32)], False, 1, 3)
    word(ink, 322, 108, 2)
    word(ink, 360, 108, 2)
    boxes = Rect(85, 95, 115, 150), Rect(286, 95, 400, 152)
    text, _, lines = part(ink > 0, written(ink, *boxes), LETTER)
    assert not text[:, :312].any()
    assert text[:, 320:].any()
    assert [t.box.x0 > 312 for t in lines] == [True]


def test_a_margin_runs_from_above_all_writing_to_below_it() -> None:
    ink = sheet(800, 1000)
    cv2.line(ink, (90, 60), (100, 930), 1, 3)
    cv2.line(ink, (500, 200), (500, 700), 1, 3)  # a connector
    gone = margin_lines(ink > 0, np.zeros(ink.shape, bool), Rect(150, 100, 700, 900), LETTER)
    assert gone[:, :150].sum() > 0.9 * ink[:, :150].sum()
    assert not gone[:, 150:].any()


def test_a_long_stroke_one_pixel_high_is_looked_at() -> None:
    ink = sheet()
    word(ink, 200, 108, 6)
    ink[110, 60:180] = 1
    text, _, lines = part(ink > 0, written(ink, Rect(50, 95, 320, 140)), LETTER)
    assert text[:, 200:].any()
    assert not text[110, 60:180].any()
    assert len(lines) == 1
