"""Flows that fork and join, as people draw them: hollow bars, thick ones, and what only looks like a bar."""

from __future__ import annotations

import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram


def _read(page: Page, *, dark: bool = False) -> Diagram:
    pixels = np.ascontiguousarray(255 - page.pixels) if dark else page.pixels
    return assemble(understand(pixels), pixels, load_reader("net"))[0]


def _forked(page: Page, y: float) -> None:
    """A step above a bar at `y`, and two below it."""
    page.symbol("process", 250, 50, "Order", w=140, h=50)
    page.arrow((250, 76), (250, y - 7))
    for x, name in ((140, "Pack"), (360, "Bill")):
        page.arrow((x, y + 8), (x, 254))
        page.symbol("process", x, 280, name, w=140, h=50)


def _ends(diagram: Diagram) -> list[tuple[str, str]]:
    names = {n.id: n.label or n.shape for n in diagram.nodes}
    return sorted((names[e.source], names[e.target]) for e in diagram.edges)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("fill", ["white", "black"])
def test_a_bar_as_thick_as_letters_are_tall(fill: str, dark: bool) -> None:
    page = Page(500, 330)
    _forked(page, 160)
    page.polygon((80, 153), (420, 153), (420, 167), (80, 167), fill=fill)
    diagram = _read(page, dark=dark)
    assert sorted(n.shape for n in diagram.nodes) == ["bar", "process", "process", "process"]
    assert _ends(diagram) == [("Order", "bar"), ("bar", "Bill"), ("bar", "Pack")]


def test_a_hollow_bar_that_stands_upright() -> None:
    page = Page(560, 330)
    page.polygon((250, 40), (264, 40), (264, 290), (250, 290))
    page.symbol("process", 100, 165, "Order", w=140, h=50)
    page.arrow((172, 165), (246, 165))
    for y, name in ((90, "Pack"), (240, "Bill")):
        page.arrow((266, y), (376, y))
        page.symbol("process", 450, y, name, w=140, h=50)
    assert _ends(_read(page)) == [("Order", "bar"), ("bar", "Bill"), ("bar", "Pack")]


def test_an_empty_strip_of_a_table_is_no_bar() -> None:
    """Nothing ends at its long sides: one is the table's next row's, the other is free."""
    page = Page(500, 330)
    page.symbol("process", 250, 60, "Order", w=300, h=60)
    page.polygon((100, 90), (400, 90), (400, 104), (100, 104))
    page.symbol("process", 250, 260, "Bill", w=160, h=60)
    page.arrow((250, 105), (250, 229))
    assert "bar" not in {n.shape for n in _read(page).nodes}


def test_a_decision_in_which_nothing_is_written() -> None:
    """It is too large for a gateway, and connectors meet at its corners."""
    page = Page(700, 330)
    page.symbol("process", 100, 120, "Search", w=140, h=50)
    page.arrow((172, 120), (266, 120))
    page.symbol("decision", 350, 120, w=160, h=90)
    page.arrow((432, 120), (526, 120))
    page.symbol("process", 600, 120, "Show", w=140, h=50)
    page.arrow((350, 166), (350, 256))
    page.symbol("process", 350, 282, "Ask", w=140, h=50)
    diagram = _read(page)
    assert sorted(n.shape for n in diagram.nodes) == ["decision", "process", "process", "process"]
    assert _ends(diagram) == [("Search", "decision"), ("decision", "Ask"), ("decision", "Show")]
