"""Sequence diagrams of one participant, loops with numbers, and activations that hide a lifeline's end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from paper import GRAIN, Page, read
from PIL import ImageFont

from diagrasp.engines.embedded.engine import EmbeddedEngine


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def loop(page: Page, x: float, y: float, words: str, *, begin: float = 0) -> None:
    """A message from a lifeline to itself that begins at a height, with its label above."""
    page.write(x + 52, y - 22, words, 15)
    page.line((x + begin, y), (x + 30, y), (x + 44, y + 8), (x + 44, y + 16), (x + 30, y + 24), (x + 8, y + 24))
    page.polygon((x + 1, y + 24), (x + 13, y + 18), (x + 13, y + 30), fill="black")


def note(page: Page, x: float, y: float, words: str) -> None:
    page.symbol("process", x, y, words, w=170, h=40)


def life_of_an_order(*, below: str = "Order") -> Page:
    page = Page(520, 620)
    page.line((250, 60), (250, 560))
    page.symbol("process", 250, 40, "Order", w=170, h=56)
    page.symbol("process", 250, 590, below, w=170, h=56)
    note(page, 250, 106, "created")
    loop(page, 250, 176, "pay by card")
    note(page, 250, 246, "paid")
    loop(page, 250, 316, "send by post")
    note(page, 250, 386, "sent")
    loop(page, 250, 456, "hand over")
    return page


def test_notes_on_the_only_lifeline_are_no_steps(engine: EmbeddedEngine) -> None:
    found = read(engine, life_of_an_order())
    assert found.kind == "sequence"
    assert [n.label for n in found.nodes] == ["Order"]
    assert [(e.source, e.label, e.target) for e in found.edges] == [
        ("n1", "pay by card", "n1"), ("n1", "send by post", "n1"), ("n1", "hand over", "n1"),
    ]  # fmt: skip


def test_a_column_of_steps_between_two_others_is_no_lifeline(engine: EmbeddedEngine) -> None:
    found = read(engine, life_of_an_order(below="Invoice"))
    assert found.kind == "flowchart"
    assert {"Order", "created", "paid", "sent", "Invoice"} <= {n.label for n in found.nodes}


def two_lifelines(height: int = 460) -> Page:
    page = Page(640, height)
    for x, name in ((130, "Client"), (480, "Server")):
        page.line((x, 70), (x, height - 70))
        page.symbol("process", x, 40, name, w=150, h=56)
        page.symbol("process", x, height - 42, name, w=150, h=56)
    return page


def message(page: Page, y: float, x0: float, x1: float, words: str) -> None:
    page.write((x0 + x1) / 2, y - 16, words, 15)
    page.arrow((x0, y), (x1, y))


def told(page: Page, engine: EmbeddedEngine) -> Iterator[tuple[str, str, str]]:
    found = read(engine, page)
    names = {n.id: n.label for n in found.nodes}
    return ((names[e.source], e.label, names[e.target]) for e in found.edges)


def test_a_numbered_loop_in_a_frame(engine: EmbeddedEngine) -> None:
    """The disc of its number hides where it begins, and the lifeline in the middle of the frame."""
    page = two_lifelines()
    message(page, 130, 130, 478, "order goods")
    for x0, y0, x1, y1 in ((60, 170, 330, 170), (60, 330, 330, 330), (60, 170, 60, 330), (330, 170, 330, 330)):
        for k in range(0, (x1 - x0) + (y1 - y0), 6):
            page.line((x0 + k, y0), (x0 + k + 3, y0)) if y0 == y1 else page.line((x0, y0 + k), (x0, y0 + k + 3))
    page.line((60, 194), (110, 194), (120, 184), (120, 170))
    page.write(86, 182, "loop", 14)
    loop(page, 130, 250, "retry", begin=12)
    page.pen.ellipse([v * GRAIN for v in (118, 238, 142, 262)], "black")
    page.pen.text((130 * GRAIN, 250 * GRAIN), "2", "white", ImageFont.load_default(13 * GRAIN), anchor="mm")
    message(page, 370, 480, 132, "confirm")
    assert [t[::2] for t in told(page, engine)] == [
        ("Client", "Server"), ("Client", "Client"), ("Server", "Client"),
    ]  # fmt: skip


def test_a_dotted_loop(engine: EmbeddedEngine) -> None:
    page = two_lifelines()
    message(page, 130, 130, 478, "order goods")
    page.write(182, 198, "retry", 15)
    for k in np.linspace(-0.5, 0.5, 13):  # its dots are farther apart than they are long
        x, y = 150 + 30 * np.cos(np.pi * k), 226 + 15 * np.sin(np.pi * k)
        page.line((x - 2 * np.sin(np.pi * k), y), (x + 2 * np.sin(np.pi * k), y + 2 * np.cos(np.pi * k)))
    for x in (134, 141):
        page.line((x, 211), (x + 3, 211))
    page.line((145, 241), (148, 241))
    page.polygon((131, 241), (144, 235), (144, 247), fill="black")
    message(page, 300, 480, 132, "confirm")
    assert [t[::2] for t in told(page, engine)] == [("Client", "Server"), ("Client", "Client"), ("Server", "Client")]


def test_an_activation_of_which_the_lifeline_is_one_side(engine: EmbeddedEngine) -> None:
    page = two_lifelines()
    page.polygon((130, 170), (146, 170), (146, 320), (130, 320))
    message(page, 176, 480, 148, "order goods")
    loop(page, 146, 240, "retry")
    message(page, 360, 130, 478, "confirm")
    assert list(told(page, engine)) == [
        ("Server", "order goods", "Client"), ("Client", "retry", "Client"), ("Client", "confirm", "Server"),
    ]  # fmt: skip


def test_a_lifeline_that_an_activation_hides_to_its_end(engine: EmbeddedEngine) -> None:
    page = Page(900, 520)
    for x, name in ((120, "Client"), (440, "Server"), (760, "Courier")):
        page.line((x, 70), (x, 450))
        page.symbol("process", x, 40, name, w=150, h=56)
        page.symbol("process", x, 480, name, w=150, h=56)
    page.polygon((751, 260), (769, 260), (769, 444), (751, 444))
    message(page, 140, 120, 438, "order goods")
    message(page, 200, 440, 122, "accepted")
    message(page, 268, 440, 750, "take it")
    message(page, 330, 751, 442, "taken")
    message(page, 400, 751, 122, "deliver")
    assert list(told(page, engine)) == [
        ("Client", "order goods", "Server"), ("Server", "accepted", "Client"), ("Server", "take it", "Courier"),
        ("Courier", "taken", "Server"), ("Courier", "deliver", "Client"),
    ]  # fmt: skip
