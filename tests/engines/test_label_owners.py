"""Which connector a word names where it is hard to tell, and words so close to a line that they touch it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from paper import Page, edges, read

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.labels.answers import is_answer, spread
from diagrasp.engines.embedded.labels.blocks import blocks
from diagrasp.engines.embedded.labels.lost import is_word
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.text.textlines import TextLine
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def decision(words: tuple[str, str], y: float, size: int) -> Page:
    """A question with two answers that stand on the level parts of their lines."""
    page = Page(760, 330)
    page.symbol("hexagon", 380, 70, "Is it paid?", w=200, h=60)
    page.symbol("process", 150, 250, "Hand it over")
    page.symbol("process", 610, 250, "Send a reminder")
    page.arrow((280, 70), (150, 70), (150, 210))
    page.arrow((480, 70), (610, 70), (610, 210))
    page.write(255, y, words[0], size)
    page.write(505, y, words[1], size)
    return page


@pytest.mark.parametrize(
    ("words", "y", "size"), [(("yes", "no"), 62, 10), (("ok", "da"), 64, 12), (("go", "stay"), 62, 16)]
)
def test_small_words_on_the_line(engine: EmbeddedEngine, words: tuple[str, str], y: float, size: int) -> None:
    """Their letters run together, and touch the line below."""
    assert edges(read(engine, decision(words, y, size))) == {
        ("Is it paid?", words[0], "Hand it over"),
        ("Is it paid?", words[1], "Send a reminder"),
    }


def test_heads_and_dashes_are_no_words(engine: EmbeddedEngine) -> None:
    page = Page(760, 330)
    page.symbol("process", 130, 80, "Take the order")
    page.symbol("process", 620, 80, "Pack the goods")
    page.symbol("process", 620, 260, "Write to the client")
    page.line((220, 80), (530, 80))
    page.line((518, 73), (530, 80), (518, 87))
    for x in range(220, 520, 12):
        y = 110 + (x - 220) * 0.45
        page.line((x, y), (x + 7, y + 3))
    page.line((514, 237), (530, 250), (510, 250))
    assert {label for _, label, _ in edges(read(engine, page))} == {""}


@pytest.mark.parametrize(
    ("text", "sure", "expected"),
    [
        ("да", 0.9, True),
        ("no", 0.5, False),
        ("A", 1.0, False),
        ("2", 0.95, True),
        ("2", 0.8, False),
        ("/-(", 1.0, False),
    ],
)
def test_what_counts_as_a_word(text: str, sure: float, expected: bool) -> None:
    assert is_word(Reading(text, sure)) is expected


def line(x0: int, y0: int, x1: int, y1: int) -> TextLine:
    return TextLine(Rect(x0, y0, x1, y1), (Rect(x0, y0, x0 + 7, y1),), 0)


def test_lines_of_one_label() -> None:
    """Far apart, lines are one label where they are centred and no connector runs between them."""
    upper, lower, aside = line(100, 50, 160, 60), line(90, 72, 170, 82), line(90, 72, 140, 82)
    assert [len(b.lines) for b in blocks([upper, lower], 10.0, [])] == [2]
    assert [len(b.lines) for b in blocks([upper, aside], 10.0, [])] == [1, 1]
    path = np.stack([np.arange(40.0, 220.0, 5.0), np.full(36, 66.0)], axis=1)
    assert [len(b.lines) for b in blocks([upper, lower], 10.0, [], paths=[path])] == [1, 1]
    close = line(100, 66, 160, 76)
    level = np.stack([np.arange(40.0, 220.0, 5.0), np.full(36, 63.0)], axis=1)
    assert [len(b.lines) for b in blocks([upper, close], 10.0, [])] == [2]
    assert [len(b.lines) for b in blocks([upper, close], 10.0, [], paths=[level])] == [1, 1]


def test_labels_on_both_sides_of_a_line(engine: EmbeddedEngine) -> None:
    """Two curves there and back: one row of words has the labels of both, and the right curve runs between them."""
    page = Page(560, 420)
    page.symbol("rounded", 200, 70, "Waiting", w=200)
    page.symbol("rounded", 200, 340, "Running", w=200)
    bow = [math.sin(math.pi * i / 30) for i in range(31)]
    page.arrow(*((122 - 62 * b, 110 + 190 * i / 30) for i, b in enumerate(bow)))
    page.arrow(*((262 + 32 * b, 300 - 190 * i / 30) for i, b in enumerate(bow)))
    page.write(180, 196, "start")
    page.write(180, 222, "[the lamp is green and blue]")
    page.write(378, 196, "stop")
    page.write(378, 222, "[the lamp is red now]")
    assert edges(read(engine, page)) == {
        ("Waiting", "start [the lamp is green and blue]", "Running"),
        ("Running", "stop [the lamp is red now]", "Waiting"),
    }


def test_answers_above_and_below_one_line(engine: EmbeddedEngine) -> None:
    """The nearer one is the line's, the other one belongs to the decision's other way out."""
    page = Page(640, 400)
    page.symbol("rounded", 110, 90, "Take the order")
    page.symbol("decision", 320, 90, "", w=56, h=56)
    page.line((311, 81), (329, 99))
    page.line((311, 99), (329, 81))
    page.symbol("rounded", 520, 90, "Pack the goods")
    page.symbol("rounded", 320, 320, "Call the client")
    page.write(320, 46, "In stock?")
    page.arrow((200, 90), (292, 90))
    page.arrow((348, 90), (430, 90))
    page.arrow((320, 118), (320, 280))
    page.write(386, 78, "yes")
    page.write(358, 108, "no")
    found = edges(read(engine, page))
    assert {e for e in found if e[0] == "In stock?"} == {
        ("In stock?", "yes", "Pack the goods"),
        ("In stock?", "no", "Call the client"),
    }


@pytest.mark.parametrize("sign", ["+", "yes"])
def test_plus_for_an_answer(engine: EmbeddedEngine, sign: str) -> None:
    page = Page(760, 330)
    page.symbol("decision", 380, 80, "Is it paid?", w=200, h=100)
    page.symbol("process", 150, 250, "Hand it over")
    page.symbol("process", 610, 250, "Send a reminder")
    page.arrow((280, 80), (150, 80), (150, 210))
    page.arrow((480, 80), (610, 80), (610, 210))
    page.write(220, 66, sign)
    page.write(540, 66, "no")
    assert edges(read(engine, page)) == {
        ("Is it paid?", sign, "Hand it over"),
        ("Is it paid?", "no", "Send a reminder"),
    }


def test_second_labels_go_to_connectors_without_one() -> None:
    costs = {(0, 0): 0.02, (1, 0): 0.28, (1, 1): 0.33, (2, 0): 0.1, (2, 1): 0.9}
    owner = {0: 0, 1: 0, 2: 0}
    spread(owner, costs, fixed=set())
    assert owner == {0: 0, 1: 1, 2: 0}
    owner = {0: 0, 1: 0}
    spread(owner, costs, fixed={1})
    assert owner == {0: 0, 1: 0}


@pytest.mark.parametrize(
    ("text", "expected"), [("Да", True), ("нет.", True), ("[yes]", True), ("no way", False), ("", False)]
)
def test_answers(text: str, expected: bool) -> None:
    assert is_answer(text) is expected


def test_title_beside_the_middle_that_a_connector_passes(engine: EmbeddedEngine) -> None:
    """Before the title there was a picture that is no text, so that it stands aside; it is not the connector's."""
    page = Page(640, 460)
    page.symbol("process", 307, 50, "Take the order")
    page.line((80, 160), (520, 160), (520, 420), (80, 420), (80, 160))
    page.write(314, 176, "Goods in stock")
    page.symbol("process", 307, 240, "Pack the goods")
    page.symbol("process", 307, 360, "Hand them over")
    page.arrow((307, 90), (307, 200))
    page.arrow((307, 280), (307, 320))
    diagram = read(engine, page)
    assert edges(diagram) == {("Take the order", "", "Pack the goods"), ("Pack the goods", "", "Hand them over")}
    assert [g.label.split()[-1] for g in diagram.groups] == ["stock"]
