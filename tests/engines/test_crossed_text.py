"""Text that touches what is drawn: borders that words overflow, lines that words stand on, grounds of labels."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page, edges, read

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.model import Diagram
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def shapes(diagram: Diagram) -> dict[str, str]:
    return {n.label: n.shape for n in diagram.nodes}


@pytest.mark.parametrize("words", ["Amount over a million", "In stock at the depot?"])
def test_words_wider_than_their_diamond(engine: EmbeddedEngine, words: str) -> None:
    """The row of letters tears the diamond's paper in two, and its ends stand outside."""
    page = Page(760, 420)
    page.symbol("decision", 200, 160, words, w=190, h=120)
    page.symbol("process", 200, 340, "Ship the order")
    page.arrow((200, 220), (200, 300))
    found = read(engine, page)
    assert shapes(found) == {words: "decision", "Ship the order": "process"}
    assert edges(found) == {(words, "", "Ship the order")}


def test_words_as_wide_as_their_box(engine: EmbeddedEngine) -> None:
    page = Page(760, 420)
    page.symbol("process", 180, 160, "remove all finished jobs", w=182, h=90)
    page.symbol("process", 560, 160, "Ship the order")
    page.arrow((271, 160), (470, 160))
    found = read(engine, page)
    assert set(shapes(found)) == {"remove all finished jobs", "Ship the order"}


def test_a_word_that_its_line_touches_on_both_sides(engine: EmbeddedEngine) -> None:
    page = Page(760, 420)
    page.symbol("decision", 160, 160, "Paid?", w=160, h=100)
    page.symbol("process", 560, 160, "Ship the order")
    page.arrow((240, 160), (470, 160))
    left, _, right, _ = page.pen.textbbox((355 * GRAIN, 160 * GRAIN), "false", _font(), anchor="mm")
    page.erase(left / GRAIN, 148, right / GRAIN, 172)
    page.write(355, 160, "false")
    assert edges(read(engine, page)) == {("Paid?", "false", "Ship the order")}


def test_a_label_on_a_ground_of_its_own_colour(engine: EmbeddedEngine) -> None:
    """Letters reach the ground's rim, and the line is hidden behind it."""
    page = Page(760, 420)
    page.symbol("process", 140, 160, "Take the order")
    page.symbol("process", 600, 160, "Ship the order")
    page.arrow((230, 160), (510, 160))
    left, _, right, _ = page.pen.textbbox((370 * GRAIN, 160 * GRAIN), "urgent", _font(), anchor="mm")
    page.pen.rectangle((left - 2 * GRAIN, 146 * GRAIN, right + 2 * GRAIN, 174 * GRAIN), (244, 221, 255))
    page.write(370, 160, "urgent")
    found = read(engine, page)
    assert edges(found) == {("Take the order", "urgent", "Ship the order")}
    assert len(found.nodes) == 2


def test_a_head_half_hidden_by_the_box_that_it_slides_along(engine: EmbeddedEngine) -> None:
    page = Page(760, 460)
    page.arrow((140, 120), (140, 298), (300, 298))
    page.symbol("process", 300, 340, "Ship the order", w=260, h=80)
    page.symbol("process", 140, 80, "Take the order")
    assert edges(read(engine, page)) == {("Take the order", "", "Ship the order")}


def test_in_latin_text_no_word_is_cyrillic(engine: EmbeddedEngine) -> None:
    page = Page(760, 520)
    for x, y, words in ((160, 80, "Clean room"), (560, 80, "Book a room"), (160, 320, "Free the room"),
                        (560, 320, "Repair the room at night")):  # fmt: skip
        page.symbol("process", x, y, words, w=260)
    labels = set(shapes(read(engine, page)))
    assert labels == {"Clean room", "Book a room", "Free the room", "Repair the room at night"}


def _font() -> object:
    from PIL import ImageFont

    return ImageFont.load_default(16 * GRAIN)
