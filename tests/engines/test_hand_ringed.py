"""Outlines by hand that lack more than a gap, or that letters touch."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.enclosed import enclosed
from diagrasp.engines.embedded.hand.ringed import ringed
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

LETTER = 20.0
WORDS = Rect(205, 140, 295, 162)
SHAPES = {
    "process": [(160, 110), (340, 110), (340, 190), (160, 190)],
    "decision": [(250, 80), (370, 150), (250, 220), (130, 150)],
}
Ink = NDArray[np.uint8]


def page(*outlines: list[tuple[int, int]]) -> Ink:
    ink = np.zeros((400, 600), np.uint8)
    for corners in outlines:
        cv2.polylines(ink, [np.array(corners, np.int32)], True, 1, 2)
    return ink


def without(ink: Ink, *gaps: tuple[int, int, int, int]) -> Ink:
    out = ink.copy()
    for x0, y0, x1, y1 in gaps:
        out[y0:y1, x0:x1] = 0
    return out


def sheet_of(ink: Ink) -> Sheet:
    white = np.full((*ink.shape, 3), 255, np.uint8)
    nothing, paper = np.zeros(ink.shape, np.int32), ink == 0
    return Sheet(white, 1.0, white, ink * 255, ink > 0, nothing + 1, np.zeros((2, 5), np.int32), paper, LETTER, 1, True)


def found(ink: Ink, *nodes: Symbol, block: Rect = WORDS) -> list[Symbol]:
    return ringed(sheet_of(ink), ink > 0, None, [block], nodes)


@pytest.mark.parametrize(
    "gaps",
    [
        [(230, 100, 290, 120)],
        [(150, 100, 190, 130), (230, 180, 280, 200)],
        [(300, 100, 350, 120), (330, 100, 350, 150), (190, 180, 230, 200)],
    ],
)
def test_a_box_is_seen_though_much_of_its_outline_is_missing(gaps: list[tuple[int, int, int, int]]) -> None:
    (symbol,) = found(without(page(SHAPES["process"]), *gaps))
    assert symbol.shape in ("process", "rounded")
    assert abs(symbol.outline.box.cx - 250) <= 8
    assert abs(symbol.outline.box.cy - 150) <= 8
    assert abs(symbol.outline.box.w - 180) <= 16


def test_a_diamond_without_a_corner_is_one() -> None:
    (symbol,) = found(without(page(SHAPES["decision"]), (330, 120, 380, 180)))
    assert symbol.shape in ("decision", "hexagon")


@pytest.mark.parametrize("shape", ["process", "decision"])
def test_half_an_outline_is_none(shape: str) -> None:
    assert found(without(page(SHAPES[shape]), (100, 150, 400, 260))) == []


def test_words_over_a_line_or_between_two_have_no_outline() -> None:
    ink = page()
    cv2.line(ink, (20, 175), (580, 175), 1, 2)
    assert found(ink) == []
    cv2.line(ink, (20, 125), (580, 125), 1, 2)
    assert found(ink) == []


def test_an_outline_that_is_another_symbols_is_not_taken() -> None:
    ink = page([(160, 110), (340, 110), (340, 190), (160, 190)])
    mask = np.ones((82, 182), np.uint8)
    host = Symbol(Outline(1, Rect(159, 109, 341, 191), mask, Fit("process", 0.95), int(mask.sum())), "process", 3)
    assert found(ink, host) == []


def test_a_paler_pens_outline_counts_where_its_strokes_are_long() -> None:
    ink, pale = page(), page(SHAPES["process"]) > 0
    assert ringed(sheet_of(ink), ink > 0, None, [WORDS], []) == []
    assert len(ringed(sheet_of(ink), ink > 0, pale, [WORDS], [])) == 1
    dots = pale & (np.indices(pale.shape).sum(axis=0) % 12 < 7)
    assert ringed(sheet_of(ink), ink > 0, dots, [WORDS], []) == []


def test_strokes_taken_for_letters_may_be_the_outline_of_a_wide_word() -> None:
    words = page([(198, 132), (302, 132), (302, 170), (198, 170)])
    assert len(ringed(sheet_of(words), page() > 0, None, [Rect(200, 134, 300, 168)], [])) == 1
    short = page([(230, 135), (262, 135), (262, 167), (230, 167)])  # a letter or two, and strokes of theirs
    assert ringed(sheet_of(short), page() > 0, None, [Rect(231, 136, 261, 166)], []) == []


def test_a_letter_that_touches_its_outline_does_not_cut_the_symbol_in_two() -> None:
    walls = page([(200, 110), (320, 110), (300, 172), (180, 172)])
    cv2.line(walls, (220, 110), (224, 110), 0, 4)  # a gap
    cv2.line(walls, (240, 110), (258, 172), 1, 2)
    cv2.line(walls, (258, 110), (240, 172), 1, 2)
    cv2.line(walls, (250, 172), (250, 260), 1, 2)
    (symbol,) = enclosed(sheet_of(walls), walls > 0, [Rect(236, 114, 262, 168)], [])
    assert symbol.shape == "data"
    assert symbol.outline.box.w >= 110
    assert abs(symbol.outline.box.cx - 250) <= 10
