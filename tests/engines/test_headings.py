"""Titles of containers drawn here: crossed by connectors, on several lines, beside broken sides; and brackets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from paper import Page, read

from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.model import Diagram


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine()
    yield made
    asyncio.run(made.aclose())


def homes(diagram: Diagram) -> dict[str, str]:
    """The title of the container that each named node stands in."""
    titles = {g.id: g.label for g in diagram.groups}
    return {n.label: titles[n.group] for n in diagram.nodes if n.group and n.label}


def dashed(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    for x in np.arange(left, right, 9):
        for y in (top, bottom):
            page.line((x, y), (min(x + 5, right), y))
    for y in np.arange(top, bottom, 9):
        for x in (left, right):
            page.line((x, y), (x, min(y + 5, bottom)))


def box(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    page.line((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


@pytest.mark.parametrize("shift", [-34, 0, 30])
def test_a_connector_runs_through_a_title(engine: EmbeddedEngine, shift: int) -> None:
    page = Page(600, 480)
    box(page, 80, 150, 520, 450)
    page.write(300, 170, "Warehouse department", 20)
    page.symbol("process", 300, 50, "Place order")
    page.symbol("process", 300, 260, "Pack goods")
    page.symbol("process", 300, 390, "Send parcel")
    page.arrow((300 + shift, 90), (300 + shift, 220))
    page.arrow((300, 300), (300, 350))
    found = read(engine, page)
    assert set(homes(found)) == {"Pack goods", "Send parcel"}
    (title,) = {t.casefold() for t in homes(found).values()}
    assert title.startswith("ware")
    assert title.endswith("department")
    labels = {n.id: n.label for n in found.nodes}
    ends = [(labels[e.source], labels[e.target]) for e in found.edges]
    assert sorted(ends) == [("Pack goods", "Send parcel"), ("Place order", "Pack goods")]


def test_a_title_of_three_lines_beside_a_dashed_side(engine: EmbeddedEngine) -> None:
    page = Page(640, 460)
    dashed(page, 60, 120, 600, 430)
    for k, words in enumerate(("Shipping and", "receiving office", "of the north")):
        page.write(505, 142 + 22 * k, words, 18)
    page.symbol("process", 200, 50, "Call carrier", h=60)
    page.symbol("process", 200, 240, "Load truck")
    page.symbol("process", 200, 370, "Sign papers")
    page.arrow((200, 80), (200, 200))
    page.arrow((200, 280), (200, 330))
    found = read(engine, page)
    assert homes(found) == dict.fromkeys(("Load truck", "Sign papers"), "Shipping and receiving office of the north")


def test_a_label_hides_a_part_of_a_dashed_side(engine: EmbeddedEngine) -> None:
    page = Page(760, 330)
    dashed(page, 40, 60, 400, 290)
    page.write(130, 80, "Log library", 18)
    page.symbol("process", 200, 180, "Appender")
    page.symbol("process", 640, 180, "Context")
    page.arrow((290, 180), (550, 180))
    page.erase(340, 170, 462, 190)
    page.write(401, 180, "asks for the span", 15)
    found = read(engine, page)
    assert homes(found) == {"Appender": "Log library"}
    assert [e.label for e in found.edges] == ["asks for the span"]


def test_arrows_that_end_on_a_container_side_by_side(engine: EmbeddedEngine) -> None:
    """They are two connectors to the container, not one from symbol to symbol."""
    page = Page(640, 460)
    dashed(page, 60, 200, 580, 430)
    page.write(300, 222, "Storage of everything", 20)
    page.symbol("process", 180, 60, "Info")
    page.symbol("process", 420, 60, "Warning")
    page.symbol("process", 300, 340, "Writer")
    page.arrow((180, 100), (180, 197))
    page.arrow((420, 100), (420, 197))
    found = read(engine, page)
    (group,) = found.groups
    labels = {n.id: n.label for n in found.nodes} | {group.id: "the container"}
    assert sorted((labels[e.source], labels[e.target]) for e in found.edges) == [
        ("Info", "the container"), ("Warning", "the container"),
    ]  # fmt: skip


def test_a_strip_and_the_body_below_it_are_one_container(engine: EmbeddedEngine) -> None:
    """Its strip is cut by a connector, its body has sides of its own."""
    page = Page(560, 480)
    box(page, 60, 140, 500, 450)
    box(page, 64, 176, 496, 444)
    page.write(280, 158, "Review", 20)
    page.symbol("rounded", 400, 50, "Draft")
    page.symbol("rounded", 280, 250, "Proofread")
    page.symbol("rounded", 280, 380, "Correct")
    page.arrow((400, 90), (400, 215), (370, 225))
    page.arrow((280, 290), (280, 340))
    found = read(engine, page)
    assert [g.label for g in found.groups] == ["Review"]
    assert homes(found) == dict.fromkeys(("Proofread", "Correct"), "Review")


def test_a_bracket_is_an_annotation(engine: EmbeddedEngine) -> None:
    page = Page(760, 330)
    page.oval(40, 60, 80, 100)
    page.symbol("rounded", 230, 80, "Check order")
    page.symbol("rounded", 480, 80, "Ship goods")
    page.oval(640, 60, 680, 100, width=5)
    page.arrow((80, 80), (140, 80))
    page.arrow((320, 80), (390, 80))
    page.arrow((570, 80), (640, 80))
    page.line((412, 220), (400, 220), (400, 280), (412, 280))
    for k, words in enumerate(("Not later than", "two working days")):
        page.write(476, 238 + 22 * k, words, 16)
    for y in range(124, 216, 8):
        page.line((440, y), (440, y + 2))
    found = read(engine, page)
    (note,) = [n for n in found.nodes if n.shape == "annotation"]
    assert note.label == "Not later than two working days"
    assert found.kind == "bpmn"


def test_a_closed_pool_is_no_task(engine: EmbeddedEngine) -> None:
    page = Page(900, 360)
    page.oval(60, 100, 100, 140)
    for x, words in ((230, "Check order"), (480, "Ship goods"), (690, "Send bill")):
        page.symbol("rounded", x, 120, words, w=140)
    page.oval(800, 100, 840, 140, width=5)
    for a, b in ((100, 160), (300, 410), (550, 620), (760, 800)):
        page.arrow((a, 120), (b, 120))
    box(page, 40, 270, 860, 340)
    page.write(450, 305, "Freight company", 20)
    for y in range(162, 250, 12):
        page.line((480, y), (480, y + 7))
    page.polygon((480, 269), (475, 257), (485, 257))
    found = read(engine, page)
    assert [(g.label, g.kind) for g in found.groups] == [("Freight company", "pool")]
    assert "Freight company" not in {n.label for n in found.nodes}
    assert found.kind == "bpmn"
    assert [(e.source, e.target) for e in found.edges if e.target == found.groups[0].id] != []
