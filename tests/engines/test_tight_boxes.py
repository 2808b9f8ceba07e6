"""Boxes drawn in a hurry: words from border to border, bars at the sides, nothing to spare at the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.labels.doubts import by_latin_net
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader, Reading, load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.symbols.torn import is_unlike
from diagrasp.model import Diagram


def _read(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


def _ends(page: Page, top: float = 118, bottom: float = 182) -> None:
    """A step above and one below what stands at (200, 150), arrows to its top and from its bottom."""
    for y in (40, 260):
        page.symbol("process", 200, y, "Step", w=140, h=50)
    page.arrow((200, 66), (200, top))
    page.arrow((200, bottom), (200, 234))


@pytest.mark.parametrize(
    ("width", "height", "size", "upper", "lower"),
    [(120, 50, 22, "Main", "button"), (176, 60, 20, "MAIN MENU", "button")],
)
def test_words_that_fill_a_box(width: int, height: int, size: int, upper: str, lower: str) -> None:
    """The upper row touches the border, and the paper inside comes apart."""
    page = Page(400, 300)
    page.symbol("process", 200, 150, w=width, h=height)
    top = 150 - height / 2 + 0.42 * size
    page.write(200, top, upper, size)
    page.write(200, top + 1.15 * size, lower, size)
    _ends(page, 148 - height / 2, 152 + height / 2)
    diagram = _read(page)
    names = {n.id: n.label for n in diagram.nodes}
    assert [n.shape for n in diagram.nodes] == ["process"] * 3
    assert sorted(names[e.source] == "Step" for e in diagram.edges) == [False, True]


@pytest.mark.parametrize("fill", ["white", "#f4f0c8"])
def test_a_row_from_side_to_side_of_a_decision(fill: str) -> None:
    """The ends of the upper row stand on the slanted sides: the paper inside comes apart, and much of it is lost."""
    page = Page(400, 320)
    page.polygon((200, 104), (296, 160), (200, 216), (104, 160), fill=fill)
    page.write(200, 149, "Approved by", 22)
    page.write(200, 172, "admin", 22)
    for y in (40, 280):
        page.symbol("process", 200, y, "Step", w=140, h=50)
    page.arrow((200, 66), (200, 102))
    page.arrow((200, 217), (200, 254))
    diagram = _read(page)
    assert sorted(n.shape for n in diagram.nodes) == ["decision", "process", "process"]
    assert len(diagram.edges) == 2


def test_rows_that_fill_a_round_box_from_top_to_bottom() -> None:
    """Between the rows and the sides no paper is left, but for the ends."""
    page = Page(400, 300)
    page.rounded(60, 127, 340, 173, 14)
    page.write(200, 139, "Receive the values entered", 20)
    page.write(200, 161, "customers", 20)
    _ends(page, 126, 175)
    diagram = _read(page)
    assert sorted(n.shape for n in diagram.nodes) == ["process", "process", "rounded"]
    assert len(diagram.edges) == 2


def test_a_box_with_bars_is_one_symbol() -> None:
    page = Page(400, 300)
    page.symbol("process", 200, 150, "Count", w=200, h=60)
    page.line((120, 120), (120, 180))
    page.line((280, 120), (280, 180))
    _ends(page)
    diagram = _read(page)
    shapes = {n.label: n.shape for n in diagram.nodes}
    assert shapes == {"Step": "process", "Count": "subprocess"}
    assert len(diagram.nodes) == 3
    assert len(diagram.edges) == 2


def test_a_thick_curve_is_no_bar() -> None:
    page = Page(400, 300)
    page.symbol("process", 200, 150, "Count", w=160, h=60)
    _ends(page)
    turn = [math.radians(a) for a in range(92, 269, 4)]
    page.line(*[(130 + 110 * math.cos(a), 150 + 112 * math.sin(a)) for a in turn], width=6)
    assert {n.shape for n in _read(page).nodes} == {"process"}


def test_paper_between_symbols_at_the_edge_is_no_symbol() -> None:
    page = Page(420, 200)
    for x in (76, 344):
        page.symbol("process", x, 76, "Step", w=150, h=150)
    page.line((152, 60), (268, 60))
    page.write(210, 46, "1", 16)
    assert sorted(n.label for n in _read(page).nodes) == ["Step", "Step"]


def test_a_list_set_to_the_left_is_read_whole() -> None:
    """The first line of it stands where tasks of BPMN have an icon."""
    page = Page(400, 300)
    page.symbol("process", 200, 150, w=130, h=200)
    for k in range(5):
        page.write(160, 76 + 34 * k, f"{k + 1}-d{k + 1}", 18)
    (node,) = _read(page).nodes
    assert node.label == "1-d1 2-d2 3-d3 4-d4 5-d5"


def test_signs_of_equality_join_what_they_part() -> None:
    page = Page(460, 300)
    page.symbol("process", 220, 150, w=240, h=80)
    page.write(157, 150, "value", 20)
    page.write(200, 150, "=", 20)
    page.write(240, 150, "total", 20)
    (node,) = _read(page).nodes
    assert node.label == "value = total"


class _TwoNets:
    """A reader whose other net says what it is told to; what it is shown is kept."""

    name, revision = "told", "1"

    def __init__(self, *other: Reading) -> None:
        self.other = other
        self.shown = 0

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        self.shown = len(lines)
        return list(self.other[: len(lines)])

    def for_handwriting(self) -> LineReader:
        raise NotImplementedError

    def for_latin_handwriting(self) -> LineReader:
        return self


@pytest.mark.parametrize(
    ("seen", "sure", "other", "other_sure", "expected"),
    [
        ("a{i)", 0.5, "a[i]", 0.9, "a[i]"),
        ("a{i)", 0.5, "a[i]", 0.2, "a{i)"),  # the other one is in doubt, too
        ("a[i] <= n", 0.95, "a(i) <= n", 0.99, "a[i] <= n"),  # nobody asked
        ("да", 0.5, "ga", 0.9, "да"),
        ("größer", 0.5, "groBer", 0.9, "größer"),
        ("", 0.0, "word", 0.9, "word"),
        ("", 0.0, "- - -", 0.1, ""),
    ],
)
def test_doubtful_latin_lines_are_shown_to_the_other_net(
    seen: str, sure: float, other: str, other_sure: float, expected: str
) -> None:
    reader = _TwoNets(Reading(other, other_sure))
    found = by_latin_net([Reading(seen, sure)], [np.zeros((9, 30), np.uint8)], reader)
    assert [r.text for r in found] == [expected]


def test_words_of_a_russian_drawing_stay() -> None:
    """HeT may be a Russian word that was taken for a Latin one; a[i] is none."""
    lines = [Reading("Начало", 0.9), Reading("HeT", 0.4), Reading("a{i)", 0.5)]
    reader = _TwoNets(Reading("a[i]", 0.9))
    found = by_latin_net(lines, [np.zeros((9, 30), np.uint8)] * 3, reader)
    assert [r.text for r in found] == ["Начало", "HeT", "a[i]"]
    assert reader.shown == 1


def test_a_gateway_may_have_a_word_but_no_other_letter() -> None:
    lines = [Reading("+", 0.5), Reading("C", 0.5)]
    reader = _TwoNets(Reading("t", 0.9), Reading("C-I", 0.9))
    found = by_latin_net(lines, [np.zeros((9, 30), np.uint8)] * 2, reader, signs={0, 1})
    assert [r.text for r in found] == ["+", "C-I"]


@pytest.mark.parametrize(("width", "unlike"), [(146, True), (640, False)])
def test_a_symbol_above_what_a_loop_encloses_is_no_piece_of_a_box(width: int, unlike: bool) -> None:
    def outline(box: Rect) -> Outline:
        return Outline(1, box, np.ones((box.h, box.w), np.uint8), Fit("process", 0.97), box.w * box.h)

    pieces = [outline(Rect(400 - width // 2, 10, 400 + width // 2, 52)), outline(Rect(50, 36, 750, 400))]
    assert is_unlike(outline(Rect(50, 10, 750, 400)), pieces) is unlike


def test_words_from_corner_to_corner_of_a_decision() -> None:
    """Its corners are cut off by the letters, and little of its inside is left."""
    page = Page(400, 320)
    page.polygon((200, 118), (296, 160), (200, 202), (104, 160), fill="#ffffc0")
    page.write(200, 160, "Is it approved?", 25)
    _ends(page)
    assert sorted(n.shape for n in _read(page).nodes) == ["decision", "process", "process"]


def test_a_row_from_end_to_end_of_a_low_box() -> None:
    page = Page(400, 300)
    page.rounded(120, 137, 280, 163, 8)
    page.write(200, 150, "Make an account", 21)
    _ends(page, 136, 164)
    diagram = _read(page)
    assert len(diagram.nodes) == 3
    assert len(diagram.edges) == 2
