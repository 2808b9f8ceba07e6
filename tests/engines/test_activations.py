"""Activations as drawing tools make them: wide ones, and messages that meet at their upper and lower sides."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page, read

from diagrasp.engines.embedded.engine import EmbeddedEngine


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def lifeline(page: Page, x: float, name: str) -> None:
    """A participant's head, and dashes under it."""
    page.symbol("process", x, 40, name, w=130, h=44)
    for y in range(63, 420, 12):
        page.line((x, y), (x, y + 6), width=1.5)


def activation(page: Page, x: float, top: float, bottom: float, wide: float) -> None:
    """A bar on a lifeline, which it hides."""
    page.pen.rectangle([v * GRAIN for v in (x - wide / 2, top, x + wide / 2, bottom)], "white")
    page.polygon((x - wide / 2, top), (x + wide / 2, top), (x + wide / 2, bottom), (x - wide / 2, bottom))


def message(page: Page, y: float, x0: float, x1: float, words: str) -> None:
    page.write((x0 + x1) / 2, y - 16, words, 15)
    page.arrow((x0, y), (x1, y))


@pytest.mark.parametrize("wide", [18, 26])
def test_messages_that_meet_at_the_sides_of_an_activation(engine: EmbeddedEngine, wide: float) -> None:
    page = Page(700, 440)
    client, server, store, half = 110, 350, 590, wide / 2
    for x, name in ((client, "Client"), (server, "Server"), (store, "Store")):
        lifeline(page, x, name)
    activation(page, client, 84, 400, wide)
    activation(page, server, 100, 160, wide)
    activation(page, server, 200, 280, wide)
    activation(page, store, 200, 280, wide)
    message(page, 100, client + half, server - half, "Order goods")
    message(page, 160, server - half, client + half, "Confirm")
    message(page, 200, client + half, server - half, "Ask for it")
    message(page, 200, server + half, store - half, "Look it up")
    message(page, 280, store - half, server + half, "Found")
    message(page, 280, server - half, client + half, "Here it is")
    found = read(engine, page)
    names = {n.id: n.label for n in found.nodes}
    assert sorted((names[e.source], e.label, names[e.target]) for e in found.edges) == [
        ("Client", "Ask for it", "Server"),
        ("Client", "Order goods", "Server"),
        ("Server", "Confirm", "Client"),
        ("Server", "Here it is", "Client"),
        ("Server", "Look it up", "Store"),
        ("Store", "Found", "Server"),
    ]
