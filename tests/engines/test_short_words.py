"""By hand: short words beside signs and heads, close outlines, pens lifted at a bend, and paper that shows faintly."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.bpmn.tasks import without_icons
from diagrasp.engines.embedded.hand.detect import unsteady
from diagrasp.engines.embedded.hand.leftover import leftover
from diagrasp.engines.embedded.hand.paper import all_over
from diagrasp.engines.embedded.hand.parting import part
from diagrasp.engines.embedded.hand.short import with_words_known
from diagrasp.engines.embedded.hand.words import apart, known_text
from diagrasp.engines.embedded.hand.writing import Line, Writing
from diagrasp.engines.embedded.picture.raster import Sheet, prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader, Reading
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LETTER = 20.0
Ink = NDArray[np.uint8]


class Reads:
    """A reader, for handwriting too, whose answers are known beforehand."""

    name, revision = "known", "1"

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        return [Reading(self.answers.pop(0), 0.9) for _ in lines]

    def for_handwriting(self) -> LineReader:
        return self

    def for_latin_handwriting(self) -> LineReader | None:
        return self


def page() -> Ink:
    return np.zeros((400, 600), np.uint8)


def sheet_of(ink: Ink) -> Sheet:
    white = np.full((*ink.shape, 3), 255, np.uint8)
    white[ink > 0] = 0
    return prepare(white)


def symbol(x0: int, y0: int, x1: int, y1: int, shape: str = "process") -> Symbol:
    mask = np.ones((y1 - y0, x1 - x0), np.uint8)
    return Symbol(Outline(1, Rect(x0, y0, x1, y1), mask, Fit(shape, 0.95), int(mask.sum())), shape, 3)


def written(ink: Ink, *lines: tuple[Rect, bool]) -> Writing:
    areas = np.zeros(ink.shape, np.int32)
    for number, (b, _) in enumerate(lines, 1):
        areas[b.y0 : b.y1, b.x0 : b.x1] = number
    return Writing([Line(box, 30.0, False, word) for box, word in lines], areas)


def no(ink: Ink, x: int, y: int) -> Rect:
    """N and o, as wide as an arrow's head; their bounds with some paper."""
    cv2.polylines(ink, [np.array([(x, y + 20), (x, y), (x + 10, y + 20), (x + 10, y)], np.int32)], False, 1, 2)
    cv2.ellipse(ink, (x + 21, y + 14), (5, 6), 0, 0, 360, 1, 2)
    return Rect(x - 6, y - 6, x + 33, y + 26)


def test_short_lines_that_read_as_words_are_known() -> None:
    lines = [Line(Rect(10, 10, 40, 40), 30.0, False) for _ in range(4)]
    lines.append(Line(Rect(10, 50, 200, 80), 30.0, False))
    found = with_words_known(
        Writing(lines, np.zeros((100, 300), np.int32)), np.zeros((100, 300, 3), np.uint8), Reads("No", "4", "11", "5i")
    )
    assert [line.word for line in found.lines] == [True, False, False, True, False]
    assert with_words_known(found, np.zeros((100, 300, 3), np.uint8), None) is found


@pytest.mark.parametrize("word", [False, True])
def test_two_pieces_no_larger_than_a_head_are_writing_where_they_read_so(word: bool) -> None:
    ink = page()
    box = no(ink, 200, 100)
    text, _, lines = part(ink > 0, written(ink, (box, word)), LETTER)
    assert bool(text.any()) == word
    assert len(lines) == int(word)


def test_a_word_in_a_small_circle_is_no_sign() -> None:
    ink = page()
    box = no(ink, 190, 190)
    line = TextLine(box.grow(-6), (box.grow(-6),), 0)  # written in one go
    ring = symbol(165, 165, 240, 240, "circle")
    known = Text([line], ink > 0)
    found = known_text(sheet_of(ink), ink > 0, known, [box], [ring], [box])
    assert [t.box for t in found.lines] == [line.box]


def test_letters_beside_a_known_line_are_its_own() -> None:
    ink = page()
    cv2.polylines(ink, [np.array([(150, 160), (150, 130), (166, 130)], np.int32)], False, 1, 3)  # an F
    cv2.line(ink, (150, 145), (162, 145), 1, 3)
    known = page()
    no(known, 175, 138)
    line = TextLine(Rect(174, 137, 203, 160), (Rect(174, 137, 187, 160), Rect(190, 145, 203, 160)), 0)
    host = symbol(90, 100, 300, 200)
    found = known_text(sheet_of(ink | known), (ink | known) > 0, Text([line], known > 0), [line.box.grow(3)], [host])
    assert [(t.box.x0 <= 150, t.box.x1) for t in found.lines] == [(True, 203)]


@pytest.mark.parametrize("is_word", [False, True])
def test_what_stands_on_both_sides_of_a_symbol_is_two_lines(is_word: bool) -> None:
    ink = page() > 0
    left, right = Rect(60, 110, 90, 130), Rect(320, 110, 350, 130)
    inner = [Rect(x, 110, x + 15, 130) for x in (150, 175, 200)]
    line = TextLine(Rect(60, 110, 350, 130), (left, *inner, right), 0)
    text, _ = apart(Text([line], ink), [line.box], [symbol(120, 80, 260, 160)], LETTER, lambda _: is_word)
    assert [t.box.x0 for t in text.lines] == ([60, 150, 320] if is_word else [150])


def test_an_outline_close_around_a_line_is_no_writing() -> None:
    ink = page()
    cv2.ellipse(ink, (120, 116), (16, 16), 0, 90, 270, 1, 2)
    cv2.ellipse(ink, (260, 116), (16, 16), 0, -90, 90, 1, 2)
    for y in (100, 132):
        cv2.line(ink, (120, y), (260, y), 1, 2)
    cv2.line(ink, (190, 132), (190, 300), 1, 2)  # the connector makes the piece larger than the line
    for x in range(150, 230, 16):
        cv2.ellipse(ink, (x, 116), (5, 7), 0, 30, 330, 1, 2)
    text, _, lines = part(ink > 0, written(ink, (Rect(100, 94, 280, 138), False)), LETTER)
    assert not text[:, :140].any()
    assert not text[98:103].any()
    assert [t.box.x0 > 140 and t.box.x1 < 240 for t in lines] == [True]


def test_an_outline_that_holds_the_other_pieces_is_no_writing() -> None:
    ink = page()
    cv2.ellipse(ink, (190, 116), (70, 22), 0, 0, 360, 1, 2)
    for x in range(160, 230, 16):
        cv2.ellipse(ink, (x, 116), (5, 7), 0, 30, 330, 1, 2)
    _, _, lines = part(ink > 0, written(ink, (Rect(112, 88, 268, 144), False)), LETTER)
    assert [t.box.x0 > 140 for t in lines] == [True]


def test_lines_join_where_the_pen_was_lifted_at_a_bend() -> None:
    strokes = page()
    cv2.line(strokes, (200, 300), (100, 300), 1, 2)
    cv2.line(strokes, (100, 300), (102, 112), 1, 2)
    cv2.line(strokes, (92, 100), (200, 100), 1, 2)  # begins beyond the other's end
    nodes = [symbol(205, 280, 300, 320), symbol(205, 80, 300, 120)]
    (found,) = leftover(strokes > 0, [], nodes, LETTER)
    assert {found.source, found.target} == {1, 2}


def test_squares_that_hardly_show_are_the_papers() -> None:
    marks = page()
    cv2.rectangle(marks, (100, 100), (300, 200), 1, 2)
    assert not all_over(marks > 0, LETTER)
    marks[::30] = 1
    marks[:, ::30] = 1
    assert all_over(marks > 0, LETTER)


def test_unsteady_strokes_show_before_the_drawing_is_understood() -> None:
    rng = np.random.default_rng(3)
    straight, wavy = np.zeros((500, 700), np.uint8), np.zeros((500, 700), np.uint8)
    for ink in (straight, wavy):
        for x in range(60, 400, 14):
            for y in (60, 90, 120):
                cv2.ellipse(ink, (x, y), (4, 7), 0, 0, 360, 1, 2)
    for y in range(180, 480, 40):
        cv2.line(straight, (50, y), (650, y), 1, 2)
        points = [(x, y + int(rng.integers(-7, 8))) for x in range(50, 650, 24)]
        cv2.polylines(wavy, [np.array(points, np.int32)], False, 1, 2)
    assert not unsteady(straight > 0)
    assert unsteady(wavy > 0)


def test_a_short_word_below_another_line_is_no_icon() -> None:
    box = Rect(100, 100, 260, 200)
    above = TextLine(Rect(110, 110, 240, 128), tuple(Rect(x, 110, x + 10, 128) for x in range(110, 240, 13)), 0)
    below = TextLine(Rect(125, 140, 160, 158), tuple(Rect(x, 140, x + 9, 158) for x in (125, 138, 151)), 0)
    assert without_icons([above, below], box, LETTER) == [above, below]
    assert without_icons([below, TextLine(Rect(110, 170, 240, 188), above.letters, 0)], box, LETTER) != [above, below]
