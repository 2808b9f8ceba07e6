"""What a graph does not tell of its drawing: strokes and words that nothing explains, words read with doubt."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.graph.confidence import rate
from diagrasp.engines.embedded.graph.evidence import Evidence
from diagrasp.engines.embedded.lines.crossings import crossings
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram, Point


def steps() -> Page:
    page = Page(760, 420)
    page.symbol("process", 150, 80, "Check the order", w=190, h=60)
    page.symbol("process", 150, 300, "Send the goods", w=190, h=60)
    page.symbol("rounded", 560, 80, "Write a refusal", w=190, h=60)
    page.arrow((150, 110), (150, 270))
    page.arrow((245, 80), (465, 80))
    return page


def seen(page: Page) -> tuple[Diagram, Evidence]:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))


def by_label(diagram: Diagram, signs: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {n.label: signs[n.id] for n in diagram.nodes}


def test_of_a_clear_drawing_nothing_is_left_unexplained() -> None:
    _, evidence = seen(steps())
    assert evidence.whole["strokes unexplained"] < 0.02
    assert evidence.whole["text unexplained"] == 0
    assert all(signs["strokes beside it"] < 0.1 for signs in (*evidence.nodes.values(), *evidence.edges.values()))


def test_strokes_that_lead_nowhere_speak_against_what_is_beside_them() -> None:
    page = steps()
    for k in range(4):
        page.line((262, 260 + 20 * k), (330, 250 + 24 * k), (400, 270 + 15 * k))
    diagram, evidence = seen(page)
    signs = by_label(diagram, evidence.nodes)
    assert evidence.whole["strokes unexplained"] > 0.1
    assert signs["Send the goods"]["strokes beside it"] > signs["Check the order"]["strokes beside it"] + 0.3
    before, whole = rate(*seen(steps()))
    after, less = rate(diagram, evidence)
    sure = {n.label: n.confidence or 0 for n in after.nodes}
    assert sure["Send the goods"] < {n.label: n.confidence or 0 for n in before.nodes}["Send the goods"]
    assert less < whole


def test_words_that_name_nothing_are_told() -> None:
    page = steps()
    page.write(560, 330, "Not on Mondays", 16)
    page.write(560, 360, "See policy", 16)
    _, evidence = seen(page)
    assert evidence.whole["text unexplained"] == pytest.approx(2 / 5)
    assert not any(signs["text beside it"] for signs in evidence.nodes.values())


def test_words_that_cannot_be_read_are_told() -> None:
    page = steps()
    for k in range(9):  # a comb over the words
        page.pen.line([((478 + 20 * k) * GRAIN, 66 * GRAIN), ((488 + 20 * k) * GRAIN, 94 * GRAIN)], "black", 6)
    diagram, evidence = seen(page)
    doubts = {n.label: evidence.nodes[n.id]["read with doubt"] for n in diagram.nodes}
    assert max(doubts.values()) > 3 * doubts["Check the order"]


def test_what_is_not_known_is_no_sign() -> None:
    assert set(Evidence().of_node("n1").values()) == {0.0}
    assert set(Evidence().of_edge("e1").values()) == {0.0}


def test_lines_that_cross_are_counted_once_each() -> None:
    level = [Point(0, 50), Point(100, 50)]
    upright = [Point(50, 0), Point(50, 100)]
    winding = [Point(20, 0), Point(20, 100), Point(30, 100), Point(30, 0)]
    assert crossings([level, upright, winding]) == [2, 1, 1]
    assert crossings([level, [Point(50, 50), Point(50, 100)]]) == [0, 0]  # ends on it
    assert crossings([level, [Point(0, 60), Point(100, 60)], []]) == [0, 0, 0]
    assert crossings([]) == []
