"""What pens leave: outlines that gape, single letters, rings that do not close, dashes far apart, pale strokes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.hand.enclosed import enclosed
from diagrasp.engines.embedded.hand.leftover import leftover
from diagrasp.engines.embedded.hand.rings import whole_signs
from diagrasp.engines.embedded.hand.rulings import without_rulings
from diagrasp.engines.embedded.hand.symbols import with_wave
from diagrasp.engines.embedded.hand.words import apart
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import Sheet, prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LETTER = 20.0
Ink = NDArray[np.uint8]


def page() -> Ink:
    return np.zeros((400, 600), np.uint8)


def sheet_of(ink: Ink) -> Sheet:
    white = np.full((*ink.shape, 3), 255, np.uint8)
    nothing, paper = np.zeros(ink.shape, np.int32), ink == 0
    return Sheet(white, 1.0, white, ink * 255, ink > 0, nothing + 1, np.zeros((2, 5), np.int32), paper, LETTER, 1, True)


def symbol(x0: int, y0: int, x1: int, y1: int, shape: str = "process") -> Symbol:
    mask = np.ones((y1 - y0, x1 - x0), np.uint8)
    if shape == "circle":
        mask[:] = 0
        cv2.ellipse(mask, ((x1 - x0) // 2, (y1 - y0) // 2), ((x1 - x0) // 2, (y1 - y0) // 2), 0, 0, 360, 1, -1)
    if shape == "decision":
        mask[:] = 0
        w, h = x1 - x0 - 1, y1 - y0 - 1
        cv2.fillConvexPoly(mask, np.array([(w // 2, 0), (w, h // 2), (w // 2, h), (0, h // 2)], np.int32), 1)
    return Symbol(Outline(1, Rect(x0, y0, x1, y1), mask, Fit(shape, 0.95), int(mask.sum())), shape, 3)


@pytest.mark.parametrize("gap", [0, 8, 16])
@pytest.mark.parametrize(
    ("corners", "shape"),
    [
        ([(150, 100), (350, 100), (350, 180), (150, 180)], "process"),
        ([(250, 95), (360, 150), (250, 205), (140, 150)], "decision"),
        ([(190, 100), (360, 100), (320, 180), (150, 180)], "data"),
    ],
)
def test_a_gaping_outline_is_closed_around_its_words(corners: list[tuple[int, int]], shape: str, gap: int) -> None:
    walls = page()
    cv2.polylines(walls, [np.array(corners, np.int32)], True, 1, 2)
    cv2.circle(walls, corners[1], gap, 0, -1) if gap else None
    x, y = np.mean(corners, axis=0).astype(int).tolist()
    (found,) = enclosed(sheet_of(walls), walls > 0, [Rect(x - 40, y - 10, x + 40, y + 10)], [])
    assert found.shape == shape or (shape, found.shape) == ("process", "rounded")
    assert abs(found.box.cx - x) <= 6
    assert abs(found.box.cy - y) <= 6


def test_words_in_the_open_or_beside_a_line_have_no_outline() -> None:
    walls = page()
    cv2.line(walls, (0, 120), (600, 120), 1, 2)
    cv2.line(walls, (150, 120), (150, 400), 1, 2)
    assert enclosed(sheet_of(walls), walls > 0, [Rect(200, 150, 280, 170)], []) == []


def test_a_symbol_that_holds_the_words_already_is_not_found_twice() -> None:
    walls = page()
    cv2.rectangle(walls, (150, 100), (350, 180), 1, 2)
    assert enclosed(sheet_of(walls), walls > 0, [Rect(210, 130, 290, 150)], [symbol(152, 102, 349, 179)]) == []


def dashes(ink: Ink, y: int, xs: list[tuple[int, int]]) -> None:
    for a, b in xs:
        cv2.line(ink, (a, y), (b, y), 1, 2)


def test_dashes_far_apart_that_stop_short_join_two_symbols() -> None:
    strokes = page()
    dashes(strokes, 120, [(130, 150), (180, 205), (240, 262), (290, 312)])
    for side in (-7, 7):
        cv2.line(strokes, (312, 120), (300, 120 + side), 1, 2)
    nodes = [symbol(30, 90, 115, 150), symbol(335, 90, 420, 150)]
    (found,) = leftover(strokes > 0, [], nodes, LETTER)
    assert (found.source, found.target, found.head, found.dashed) == (1, 2, True, True)


def test_a_line_is_followed_across_the_piece_that_a_ruling_took() -> None:
    strokes = page()
    dashes(strokes, 120, [(130, 240), (292, 400)])
    nodes = [symbol(30, 90, 115, 150), symbol(412, 90, 500, 150)]
    (found,) = leftover(strokes > 0, [], nodes, LETTER)
    assert {found.source, found.target} == {1, 2}


def test_strokes_of_a_connector_make_no_second_one_and_loose_ones_none() -> None:
    strokes = page()
    dashes(strokes, 120, [(118, 330)])
    dashes(strokes, 300, [(200, 260)])
    nodes = [symbol(30, 90, 115, 150), symbol(335, 90, 420, 150)]
    known = Connector(1, 2, np.array([[118.0, 120.0], [330.0, 120.0]]), True, False, False, 1.0)
    assert leftover(strokes > 0, [known], nodes, LETTER) == []


def test_an_outer_ring_that_gapes_belongs_to_its_event() -> None:
    ink = page()
    cv2.circle(ink, (200, 200), 22, 1, 2)
    cv2.ellipse(ink, (200, 200), (32, 32), 0, 20, 330, 1, 2)
    (found,) = whole_signs(sheet_of(ink), ink > 0, [symbol(179, 179, 222, 222, "circle")])
    assert found.rings == 2
    assert found.box.w >= 60


def test_a_ring_alone_stays_one_ring() -> None:
    ink = page()
    cv2.circle(ink, (200, 200), 22, 1, 2)
    cv2.line(ink, (224, 200), (300, 200), 1, 2)
    (found,) = whole_signs(sheet_of(ink), ink > 0, [symbol(179, 179, 222, 222, "circle")])
    assert found.rings == 1


def test_a_lone_ring_that_does_not_close_is_an_event() -> None:
    ink = page()
    cv2.ellipse(ink, (200, 200), (18, 20), 0, 12, 350, 1, 3)
    (found,) = whole_signs(sheet_of(ink), ink > 0, [])
    assert found.shape == "circle"


def test_pieces_of_a_gateway_are_one_gateway() -> None:
    ink = page()
    pieces = [symbol(180, 180, 222, 222, "decision"), symbol(188, 186, 222, 222, "decision")]
    assert [s.shape for s in whole_signs(sheet_of(ink), ink > 0, pieces)] == ["decision"]


def test_an_arrow_between_two_words_is_no_word() -> None:
    ink = np.zeros((400, 600), bool)
    letters = [Rect(x, 110, x + 12, 130) for x in (60, 75, 90, 240, 255, 270)] + [Rect(150, 118, 190, 124)]
    for r in letters:
        ink[r.y0 : r.y1, r.x0 : r.x1] = True
    line = TextLine(Rect(60, 110, 282, 130), tuple(letters), 0)
    nodes = [symbol(30, 90, 120, 150), symbol(220, 90, 310, 150)]
    text, written = apart(Text([line], ink), [line.box.grow(3)], nodes, LETTER)
    assert [(t.box.x0, t.box.x1) for t in text.lines] == [(60, 102), (240, 282)]
    assert not text.ink[118:124, 150:190].any()
    assert len(written) == 2


def test_a_wave_below_makes_a_document_of_a_box() -> None:
    x = np.arange(120)
    low = 66 + 12 * np.cos(2 * np.pi * x / 150)
    mask = (np.arange(80)[:, None] < low[None]).astype(np.uint8)
    assert with_wave(Fit("process", 0.9), mask).shape == "document"
    assert with_wave(Fit("process", 0.9), np.ones((80, 120), np.uint8)).shape == "process"


@pytest.mark.parametrize("lean", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_strokes_aslant_are_mended_where_they_cross_a_ruling(lean: float) -> None:
    dark = np.zeros((700, 900), np.float32)
    for y in range(40, 700, 60):
        dark[y - 2 : y + 3] = 0.5
    pen = np.zeros(dark.shape, np.uint8)
    cv2.line(pen, (450, 100), (round(450 + lean * 300), 400), 1, 3)
    dark[pen > 0] = 0.6
    dark += np.random.default_rng(1).normal(0, 0.01, dark.shape).astype(np.float32)
    ink, lines = without_rulings(dark, dark > 0.3, np.zeros_like(dark))
    assert lines >= 10
    grown = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert grown[pen > 0].mean() >= 0.97
    assert ink[pen == 0].mean() < 0.02


def test_the_sheet_helper_is_like_a_prepared_one() -> None:
    prepared = prepare(np.full((200, 300, 3), 255, np.uint8))
    assert set(vars(prepared)) == set(vars(sheet_of(page())))


@pytest.mark.parametrize(("sides", "count"), [(3, 1), (2, 0)])
def test_a_sheet_without_a_side_is_one_still(sides: int, count: int) -> None:
    ink = page()
    corners = [(200, 250), (200, 190), (240, 190), (240, 250)]
    cv2.polylines(ink, [np.array(corners[: sides + 1], np.int32)], False, 1, 2)
    found = whole_signs(sheet_of(ink), ink > 0, [])
    assert [s.shape for s in found] == ["note"] * count


def test_words_between_lanes_lines_have_no_outline() -> None:
    walls = page()
    for y in (120, 180):
        cv2.line(walls, (0, y), (600, y), 1, 2)
    for x in (150, 330):
        cv2.line(walls, (x, 0), (x, 400), 1, 2)
    assert enclosed(sheet_of(walls), walls > 0, [Rect(200, 140, 280, 160)], []) == []
