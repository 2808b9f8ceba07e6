"""Discs where activities and state machines begin and end: large ones, named ones, and what is no person's head."""

from __future__ import annotations

import pytest
from paper import Page, edges, read

from diagrasp.engines.embedded.engine import EmbeddedEngine

RADIUS = 54.0


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def disc(page: Page, x: float, y: float, radius: float) -> None:
    page.oval(x - radius, y - radius, x + radius, y + radius, width=radius)


def machine(radius: float, *, begin: str = "", end: str = "") -> Page:
    """Two states between a start mark and an end mark, whose ring is drawn close around its disc."""
    page = Page(760, 640)
    page.symbol("rounded", 200, 260, "Order is new", w=170, h=60)
    page.symbol("rounded", 200, 380, "Order is paid", w=170, h=60)
    disc(page, 200, 90, radius)
    page.oval(540 - radius - 5, 380 - radius - 5, 540 + radius + 5, 380 + radius + 5)
    disc(page, 540, 380, radius)
    page.arrow((200, 92 + radius), (200, 229))
    page.arrow((200, 291), (200, 349))
    page.arrow((286, 380), (534 - radius, 380))
    page.write(200, 78 - radius, begin)
    page.write(540, 398 + radius, end)
    return page


@pytest.mark.parametrize("radius", [16, RADIUS])
def test_marks_of_any_size(engine: EmbeddedEngine, radius: float) -> None:
    found = read(engine, machine(radius))
    assert found.kind == "state"
    assert sorted(n.shape for n in found.nodes) == ["final", "initial", "state", "state"]
    assert edges(found) == {
        ("", "", "Order is new"), ("Order is new", "", "Order is paid"), ("Order is paid", "", ""),
    }  # fmt: skip


def test_marks_have_the_names_above_and_below_them(engine: EmbeddedEngine) -> None:
    found = read(engine, machine(16, begin="Begin", end="The end"))
    assert {n.label: n.shape for n in found.nodes if n.shape != "state"} == {"Begin": "initial", "The end": "final"}


def test_a_dark_disc_that_arrows_lead_to_is_an_end(engine: EmbeddedEngine) -> None:
    page = machine(16)
    page.symbol("rounded", 540, 560, "Order is lost", w=170, h=60)
    disc(page, 200, 560, 16)
    page.arrow((200, 411), (200, 542))
    found = read(engine, page)
    shapes = {n.id: n.shape for n in found.nodes}
    assert sorted(s for s in shapes.values() if s != "state") == ["final", "final", "initial"]
    assert [shapes[e.source] for e in found.edges].count("initial") == 1


def test_two_steps_under_a_start_mark_are_no_person(engine: EmbeddedEngine) -> None:
    page = Page(500, 460)
    disc(page, 120, 60, 30)
    page.symbol("stadium", 118, 150, "Open app", w=112, h=36)
    page.symbol("stadium", 112, 262, "Choose", w=112, h=36)
    page.symbol("stadium", 112, 390, "Pay", w=112, h=36)
    page.arrow((120, 91), (119, 131))
    page.arrow((115, 169), (113, 243))
    page.arrow((112, 281), (112, 371))
    found = read(engine, page)
    assert {n.label for n in found.nodes} == {"", "Open app", "Choose", "Pay"}
    assert edges(found) == {("", "", "Open app"), ("Open app", "", "Choose"), ("Choose", "", "Pay")}
