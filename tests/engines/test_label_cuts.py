"""Connectors that labels hide or touch, and ends that heads hide: what drawing tools leave of short lines."""

from __future__ import annotations

import numpy as np
import pytest
from paper import Page, edges, read

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.lines.connectors import Terminal, trace
from diagrasp.engines.embedded.lines.gaps import corner_ahead
from diagrasp.engines.embedded.lines.skeleton import Skeleton
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def test_request_and_answer_beside_each_other(engine: EmbeddedEngine) -> None:
    """Two lines a letter apart are two, also where a lid has the hollow heads looked for."""
    page = Page(640, 220)
    page.symbol("process", 120, 110, "Ask the server")
    page.symbol("database", 480, 110, "Archive", w=160, h=120)
    page.arrow((210, 104), (400, 104))
    page.arrow((400, 120), (210, 120))
    assert edges(read(engine, page)) == {("Ask the server", "", "Archive"), ("Archive", "", "Ask the server")}


def test_label_right_behind_a_corner(engine: EmbeddedEngine) -> None:
    page = Page(640, 420)
    page.symbol("decision", 180, 100, "Is it paid?", w=180, h=100)
    page.symbol("process", 480, 340, "Return goods")
    page.arrow((270, 100), (480, 100), (480, 300))
    page.erase(450, 104, 510, 126)
    page.write(480, 115, "else")
    assert edges(read(engine, page)) == {("Is it paid?", "else", "Return goods")}


def test_last_turn_within_the_head(engine: EmbeddedEngine) -> None:
    """The last leg of a line is no longer than its head, and covered by it."""
    page = Page(640, 420)
    page.symbol("process", 160, 80, "Pick the order")
    page.symbol("process", 440, 280, "Hand it over")
    page.line((160, 120), (160, 226), (440, 226), width=1)
    page.polygon((440, 240), (433, 226), (440, 229), (447, 226), fill="black")
    assert edges(read(engine, page)) == {("Pick the order", "", "Hand it over")}


@pytest.mark.parametrize("word", ["Yes", "No"])
def test_label_between_a_tip_and_a_head(engine: EmbeddedEngine, word: str) -> None:
    """Of the connector nothing is seen but its head."""
    page = Page(560, 420)
    page.symbol("decision", 200, 120, "Is it paid?", w=200, h=110)
    page.symbol("process", 200, 270, "Hand it over")
    page.write(200, 195, word)
    page.polygon((200, 229), (193, 211), (200, 214), (207, 211), fill="black")
    assert edges(read(engine, page)) == {("Is it paid?", word, "Hand it over")}


def test_no_connector_where_only_words_stand_between(engine: EmbeddedEngine) -> None:
    page = Page(560, 420)
    page.symbol("process", 200, 120, "Take the order", w=200, h=110)
    page.symbol("process", 200, 270, "Hand it over")
    page.write(200, 200, "and then")
    assert not read(engine, page).edges


@pytest.mark.parametrize("word", ["False", "YES", "true"])
def test_line_that_ends_at_the_letters(engine: EmbeddedEngine, word: str) -> None:
    """A label is cut into a line as closely as its letters reach."""
    page = Page(700, 220)
    page.symbol("decision", 150, 110, "Is it done?", w=180, h=100)
    page.symbol("process", 560, 110, "Try again")
    page.arrow((240, 110), (470, 110))
    before = page.pixels.copy()
    bare = Page(700, 220)
    bare.write(340, 110, word)
    columns = np.flatnonzero((bare.pixels < 160).any(axis=(0, 2)))
    page.erase(int(columns[0]), 96, int(columns[-1]), 124)
    page.write(340, 110, word)
    assert (page.pixels != before).any()
    assert edges(read(engine, page)) == {("Is it done?", word, "Try again")}


def _cut(page: Page, at: tuple[int, int], word: str, *, level: bool) -> None:
    """A word on a line, which is left out as closely as the letters reach."""
    bare = Page(*page.size)
    bare.write(*at, word)
    axes = (0, 2) if level else (1, 2)
    inked = np.flatnonzero((bare.pixels < 160).any(axis=axes))
    a, b = int(inked[0]), int(inked[-1])
    box = (a, at[1] - 14, b, at[1] + 14) if level else (at[0] - 24, a, at[0] + 24, b + 1)
    page.erase(*box)
    page.write(*at, word)


@pytest.mark.parametrize("word", ["NO", "not", "true"])
@pytest.mark.parametrize("short", [False, True])
def test_short_words_between_two_pieces_of_a_line(engine: EmbeddedEngine, word: str, short: bool) -> None:
    """The letters touch both pieces; where the line is short, one piece is hardly longer than a letter."""
    page = Page(700, 220)
    right = 320 if short else 470
    page.symbol("decision", 150, 110, "Is it done?", w=180, h=100)
    page.symbol("process", right + 90, 110, "Try again")
    page.arrow((240, 110), (right, 110))
    _cut(page, (266 if short else 340, 110), word, level=True)
    assert edges(read(engine, page)) == {("Is it done?", word, "Try again")}


@pytest.mark.parametrize("word", ["NO", "Ja"])
def test_short_words_on_an_upright_line_of_a_loop(engine: EmbeddedEngine, word: str) -> None:
    """On either side of the line is another paper: that inside of the loop and that outside."""
    page = Page(560, 480)
    page.symbol("process", 300, 60, "Take the order")
    page.symbol("decision", 300, 220, "Is it paid?", w=200, h=100)
    page.symbol("process", 300, 400, "Hand it over")
    page.arrow((300, 100), (300, 170))
    page.arrow((300, 270), (300, 360))
    page.arrow((210, 400), (80, 400), (80, 60), (210, 60))
    _cut(page, (300, 310), word, level=False)
    assert edges(read(engine, page)) == {
        ("Take the order", "", "Is it paid?"), ("Is it paid?", word, "Hand it over"),
        ("Hand it over", "", "Take the order"),
    }  # fmt: skip


def test_label_where_a_line_forks(engine: EmbeddedEngine) -> None:
    page = Page(700, 360)
    page.symbol("process", 350, 60, "Launch both", w=200)
    page.symbol("process", 150, 290, "Print it")
    page.symbol("process", 550, 290, "Store it")
    page.arrow((350, 100), (350, 170), (150, 170), (150, 250))
    page.arrow((350, 170), (550, 170), (550, 250))
    page.erase(318, 160, 382, 182)
    page.write(350, 170, "starts")
    found = {(source, target) for source, _, target in edges(read(engine, page))}
    assert found == {("Launch both", "Print it"), ("Launch both", "Store it")}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [(0.9, {(1, 2, False), (3, 2, False)}), (1.4, {(3, 1, False), (3, 2, False)})],
)
def test_line_with_room_for_one_head(evidence: float, expected: set[tuple[int, int, bool]]) -> None:
    """Right above a head another line joins, so that the short line's other end looks like a head, too."""
    skeleton = Skeleton()
    places = [(0.0, 0.0), (0.0, 20.0), (0.0, 27.0), (100.0, 20.0), (200.0, 0.0), (200.0, 60.0)]
    top, knot, tip, far, other, last = (skeleton.add_node(np.array(p)) for p in places)
    for a, b in ((top, knot), (knot, tip), (far, knot), (other, last)):
        skeleton.add(a, b, np.linspace(skeleton.places[a], skeleton.places[b], 30))
    ends = [Terminal(top, 1, evidence), Terminal(tip, 2, 1.4), Terminal(far, 3, 0.0)]
    found = trace(skeleton, [*ends, Terminal(other, 4, 0.0), Terminal(last, 5, 0.9)], 20.0)
    joined = {(c.source, c.target, c.tail) for c in found}
    assert joined == expected | {(4, 5, False)}


def test_corner_ahead() -> None:
    assert corner_ahead((30.0, 20.0), (1.0, 0.0), (0.0, -1.0)) == pytest.approx((30.0, 20.0))
    assert corner_ahead((30.0, 20.0), (-1.0, 0.0), (0.0, -1.0)) is None  # the corner lies behind
    assert corner_ahead((30.0, 0.0), (1.0, 0.0), (-1.0, 0.0)) is None  # they look at each other
