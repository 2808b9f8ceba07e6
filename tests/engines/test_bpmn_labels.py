"""Names in BPMN that flows run through or that stand by one, and the way of messages by the circle they begin with."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from paper import Page, edges, read

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.bpmn.circles import has_circle
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.labels.answers import make_room
from diagrasp.engines.embedded.labels.broken import goes_on
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def task(page: Page, x: float, y: float, name: str) -> None:
    page.rounded(x - 75, y - 40, x + 75, y + 40, 10)
    page.write(x, y, name)


def choice() -> Page:
    """A start, a gateway without a name that leads up and to the right, an end at either way."""
    page = Page(900, 420)
    page.oval(40, 230, 80, 270)
    task(page, 230, 250, "check the order")
    page.polygon((450, 222), (478, 250), (450, 278), (422, 250))
    for k in (-1, 1):
        page.line((450 - 10, 250 - 12 * k), (450 + 10, 250 + 12 * k), width=5)
    task(page, 700, 250, "ship the goods")
    task(page, 700, 70, "write a letter")
    page.arrow((80, 250), (155, 250))
    page.arrow((305, 250), (422, 250))
    page.arrow((478, 250), (625, 250))
    page.arrow((450, 222), (450, 70), (625, 70))
    page.write(560, 240, "yes", 14)
    page.write(540, 60, "no", 14)
    return page


def gateway(diagram: Diagram) -> str:
    (found,) = [n for n in diagram.nodes if n.shape == "exclusive_gateway"]
    return found.label


@pytest.mark.parametrize("name", ["Is it complete?", "Complete order"])
def test_a_name_that_a_flow_runs_through_is_the_gateways(engine: EmbeddedEngine, name: str) -> None:
    page = choice()
    page.write(450, 206, name, 14)
    found = read(engine, page)
    assert SequenceMatcher(None, gateway(found), name).ratio() >= 0.85  # of the letter on the flow little is left
    assert {label for _, label, _ in edges(found)} == {"", "yes", "no"}


def test_a_question_on_the_way_to_a_gateway_is_its_name(engine: EmbeddedEngine) -> None:
    page = choice()
    page.write(362, 240, "Paid?", 13)
    found = read(engine, page)
    assert gateway(found) == "Paid?"
    assert {label for _, label, _ in edges(found)} == {"", "yes", "no"}


def test_a_name_makes_room_where_it_has_another_place() -> None:
    """The first name is nearest to symbol 1, but could be that of 2; the second has no other than 1."""
    given = {1: ["first"]}
    costs = {(0, 1): 0.3, (0, 2): 0.6, (1, 1): 0.5}
    assert make_room(given, ["first", "second"], costs, {0}) == {1}
    assert given == {1: ["second"], 2: ["first"]}


def test_a_name_stays_where_it_is_much_nearer() -> None:
    given = {1: ["first"]}
    costs = {(0, 1): 0.1, (0, 2): 1.0, (1, 1): 0.5}
    assert make_room(given, ["first", "second"], costs, {0}) == set()
    assert given == {1: ["first"]}


def message(page: Page, start: float, end: float, *, x: float) -> None:
    """A dashed line upright from a circle to an open head."""
    way = 1 if end > start else -1
    for k in range(int(abs(end - start) // 18)):
        y = start + way * (8 + 18 * k)
        if way * (end - way * 11 - y) > 10:
            page.line((x, y), (x, y + way * 10))
    page.oval(x - 4, start - 4, x + 4, start + 4)
    page.polygon((x, end), (x - 5, end - way * 10), (x + 5, end - way * 10))


def partners(first: tuple[float, float], second: tuple[float, float]) -> Page:
    """Two pools with two tasks each and two messages between them, from and to these heights."""
    page = Page(800, 520)
    for top, names in ((20, ("ask for a price", "sign the order")), (280, ("work out a price", "send the goods"))):
        page.polygon((20, top), (780, top), (780, top + 220), (20, top + 220))
        page.line((60, top), (60, top + 220))
        for x, name in zip((200, 500), names, strict=True):
            task(page, x, top + 110, name)
        page.arrow((275, top + 110), (425, top + 110))
        page.oval(690, top + 90, 730, top + 130, width=6)
        page.arrow((575, top + 110), (690, top + 110))
    message(page, *first, x=200)
    message(page, *second, x=500)
    return page


@pytest.mark.parametrize("down", [True, False])
def test_a_message_begins_with_its_circle(engine: EmbeddedEngine, down: bool) -> None:
    ends = (170.0, 350.0) if down else (350.0, 170.0)
    found = read(engine, partners(ends, ends))
    names = {n.id: n.label for n in found.nodes}
    told = {(names[e.source], names[e.target]) for e in found.edges if e.kind == "message"}
    pairs = {("ask for a price", "work out a price"), ("sign the order", "send the goods")}
    assert told == (pairs if down else {(b, a) for a, b in pairs})


def test_a_circle_is_told_from_an_open_head() -> None:
    page = partners((170.0, 350.0), (170.0, 350.0))
    sheet = prepare(page.pixels)
    scene = understand(page.pixels)
    found = [(has_circle(sheet.ink, c.path, sheet.letter), has_circle(sheet.ink, c.path[::-1], sheet.letter))
             for c in scene.connectors if c.dashed]  # fmt: skip
    assert found == [(False, True)] * 2


@pytest.mark.parametrize(
    ("before", "after", "last", "joined"),
    [
        ("Внутрення", "я заявка?", False, True),
        ("Bestellung eingegange", "n", True, True),
        ("Bestellung eingegange", "n", False, False),
        ("Klient ist zurüc", "k", True, True),
        ("Sum", "n", True, False),
    ],
)
def test_a_letter_alone_ends_the_word_before(before: str, after: str, last: bool, joined: bool) -> None:
    assert goes_on(before, after, last=last) is joined


def test_dashes_beside_a_word_are_no_letters() -> None:
    """The word stands so close to a message that the dash beside it would begin it."""
    page = partners((170.0, 350.0), (170.0, 350.0))
    page.write(225, 262, "price", 14)
    (line,) = [
        t for t in understand(page.pixels).text.lines if 195 <= t.box.cx <= 250 and 245 <= t.box.cy <= 280
    ]  # fmt: skip
    assert line.box.x0 > 204


def test_a_letter_that_did_not_fit_into_a_line_goes_on_it(engine: EmbeddedEngine) -> None:
    page = choice()
    page.write(60, 288, "Order pai", 14)
    page.write(60, 304, "d", 14)
    found = read(engine, page)
    (start,) = [n for n in found.nodes if n.shape == "start_event"]
    assert start.label.replace(" ", "") == "Orderpaid"


@pytest.mark.parametrize("slant", [-5, 5, 0])
def test_a_slanting_stroke_marks_the_default_flow(engine: EmbeddedEngine, slant: int) -> None:
    """An upright one is none."""
    page = choice()
    page.line((490 - slant, 241), (490 + slant, 259))
    found = read(engine, page)
    names = {n.id: n.label for n in found.nodes}
    assert [names[e.target] for e in found.edges if e.default] == (["ship the goods"] if slant else [])


def test_heads_side_by_side_are_no_word() -> None:
    """Two messages that end at one event: open heads that touch nothing."""
    page = partners((350.0, 170.0), (350.0, 170.0))
    for x in (602, 617):
        page.polygon((x, 200), (x - 6, 212), (x + 6, 212))
    assert not [t for t in understand(page.pixels).text.lines if 590 <= t.box.cx <= 630 and 195 <= t.box.cy <= 220]
