"""Drawings with little room: symbols an arrow head apart, words as wide as their symbols, steps at the edge."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from paper import GRAIN, Page, edges, read, shapes

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.lines.slight import short_arrows
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def thick_arrow(page: Page, *points: tuple[float, float]) -> None:
    """A line eight pixels wide that ends in a head in proportion, pointing down."""
    page.line(*points, width=8)
    x, y = points[-1]
    page.polygon((x, y + 20), (x - 11, y - 2), (x + 11, y - 2), fill="black")


def test_steps_that_an_arrow_head_parts(engine: EmbeddedEngine) -> None:
    page = Page(420, 330)
    names = ["Take the order", "Check the stock", "Pack the parcel", "Ship the parcel"]
    for k, name in enumerate(names):
        page.symbol("ellipse", 210, 50 + 72 * k, name, w=220, h=60)
    for k in range(3):
        page.arrow((210, 79 + 72 * k), (210, 93 + 72 * k))
    found = read(engine, page)
    assert edges(found) == {(a, "", b) for a, b in pairwise(names)}
    assert {e.head for e in found.edges} == {"arrow"}


@pytest.mark.parametrize("w", [230, 260])
def test_words_of_which_a_flat_diamond_holds_the_middle(engine: EmbeddedEngine, w: int) -> None:
    """At either side a letter touches both slanted sides: the corners are cut off."""
    page = Page(620, 300)
    page.symbol("decision", 300, 60, "Is the parcel in stock?", w=w, h=44)
    for x, name in ((110, "Ship it"), (490, "Order it")):
        page.symbol("process", x, 220, name, w=140, h=60)
        page.arrow((300 + (w / 2 if x > 300 else -w / 2), 60), (x, 60), (x, 189))
    found = read(engine, page)
    assert shapes(found) == ["decision", "process", "process"]
    asked = next(n for n in found.nodes if n.shape == "decision")
    assert {(e.source == asked.id, e.head) for e in found.edges} == {(True, "arrow")}
    assert len(found.edges) == 2


def test_steps_at_the_edge_of_the_picture(engine: EmbeddedEngine) -> None:
    """What the edge cuts off between them is paper, no piece of a torn box."""
    page = Page(420, 330)
    names = ["Take the order", "Check the stock", "Ship the parcel"]
    for k, name in enumerate(names):
        page.symbol("rounded", 91, 50 + 90 * k, name, w=180, h=60)
    for k in range(2):
        page.arrow((91, 81 + 90 * k), (91, 109 + 90 * k))
    page.symbol("process", 310, 50, "Write a bill", w=140, h=70)
    page.arrow((182, 50), (239, 50))
    found = read(engine, page)
    assert edges(found) == {(names[0], "", names[1]), (names[1], "", names[2]), (names[0], "", "Write a bill")}


def test_a_start_mark_above_a_column_of_steps_is_no_figure(engine: EmbeddedEngine) -> None:
    page = Page(420, 330)
    corners = [v * GRAIN for v in (190, 6, 230, 46)]
    page.pen.ellipse(corners, "black")
    page.arrow((210, 46), (210, 77))
    for k, name in enumerate(["Take the order", "Check the stock", "Ship the parcel"]):
        page.symbol("rounded", 210, 98 + 58 * k, name, w=140, h=40)
    for k in range(2):
        page.arrow((210, 118 + 58 * k), (210, 135 + 58 * k))
    found = read(engine, page)
    assert shapes(found) == ["initial", "state", "state", "state"]
    assert len(found.edges) == 3


@pytest.mark.parametrize("gap", [3, 5])
def test_an_end_mark_whose_ring_lies_close(engine: EmbeddedEngine, gap: int) -> None:
    page = Page(620, 200)
    page.symbol("rounded", 200, 100, "Ship the parcel", w=150, h=60)
    page.pen.ellipse([v * GRAIN for v in (30, 80, 70, 120)], "black")
    page.arrow((70, 100), (124, 100))
    page.arrow((276, 100), (380 - gap, 100))
    page.oval(380 - gap, 80 - gap, 420 + gap, 120 + gap, width=1.2)
    page.pen.ellipse([v * GRAIN for v in (381, 81, 419, 119)], "black")
    found = read(engine, page)
    assert {n.shape for n in found.nodes} >= {"initial", "final"}
    assert len(found.edges) == 2


def test_a_join_at_whose_ends_flows_arrive(engine: EmbeddedEngine) -> None:
    page = Page(620, 300)
    page.polygon((160, 200), (460, 200), (460, 211), (160, 211), fill="black")
    for x, name in ((80, "Pack"), (310, "Bill"), (540, "Call")):
        page.symbol("process", x, 50, name, w=110, h=50)
    page.arrow((80, 76), (80, 206), (158, 206))
    page.arrow((310, 76), (310, 198))
    page.arrow((540, 76), (540, 206), (462, 206))
    page.symbol("process", 310, 270, "Ship", w=110, h=40)
    page.arrow((310, 212), (310, 249))
    found = read(engine, page)
    assert shapes(found) == ["bar", "process", "process", "process", "process"]
    assert edges(found) == {("Pack", "", ""), ("Bill", "", ""), ("Call", "", ""), ("", "", "Ship")}


def test_thick_connectors_that_turn_and_fork_are_no_bars(engine: EmbeddedEngine) -> None:
    page = Page(700, 420)
    page.symbol("process", 350, 50, "Take the order", w=170, h=60)
    for x, name in ((120, "Pack the parcel"), (580, "Write a bill")):
        page.symbol("process", x, 260, name, w=170, h=60)
        thick_arrow(page, (350, 81), (350, 140), (x, 140), (x, 206))
    found = read(engine, page)
    assert shapes(found) == ["process", "process", "process"]
    assert edges(found) == {("Take the order", "", "Pack the parcel"), ("Take the order", "", "Write a bill")}


def test_a_word_as_wide_as_its_cylinder(engine: EmbeddedEngine) -> None:
    page = Page(620, 260)
    page.symbol("process", 120, 120, "Ship the parcel", w=170, h=70)
    page.symbol("database", 450, 120, "processed", w=86, h=120)
    page.arrow((206, 120), (405, 120))
    found = read(engine, page)
    assert {n.label: n.shape for n in found.nodes} == {"Ship the parcel": "process", "processed": "database"}
    assert edges(found) == {("Ship the parcel", "", "processed")}


@pytest.mark.parametrize("turned", [False, True], ids=["down", "up"])
@pytest.mark.parametrize(
    "breadths",
    [(11, 9, 7, 5, 3, 1), (3, 3, 3, 3, 11, 9, 7, 5, 3), (3, 3, 12, 8, 5, 3, 3)],
    ids=["head alone", "shaft and head", "barbs"],
)
def test_a_short_arrow_points_where_its_head_narrows(breadths: tuple[int, ...], turned: bool) -> None:
    """From the symbol above (1) to the one below (2), or back: whether a shaft is seen or not."""
    ink = np.zeros((len(breadths), 13), bool)
    for y, broad in enumerate(breadths):
        ink[y, 6 - broad // 2 : 6 - broad // 2 + broad] = True
    ink = ink[::-1] if turned else ink
    rows = len(breadths)
    near = np.full((rows + 10, 13), 9, np.float32)
    near[:4], near[-4:] = 0, 0
    owner = np.where(np.arange(rows + 10)[:, None] < 10, 1, 2).astype(np.int32) * np.ones((1, 13), np.int32)
    found = short_arrows([(Rect(0, 5, 13, 5 + rows), ink)], [], near, owner, 12.0, 5.0)
    assert [(c.source, c.target) for c in found] == [(2, 1) if turned else (1, 2)]
