"""Containers of draw.io: a box with a title's strip above, in which symbols stand, and a table that looks like it."""

from __future__ import annotations

from paper import Page

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram


def _read(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


def _boxed(page: Page) -> None:
    page.polygon((60, 40), (560, 40), (560, 330), (60, 330))
    page.line((60, 66), (560, 66))
    page.write(310, 53, "Delivery service", 16)


def test_symbols_below_a_title_stand_in_a_container() -> None:
    page = Page(640, 380)
    _boxed(page)
    for (x, y), words in {(170, 140): "Upload", (450, 140): "Notify", (170, 260): "Store", (450, 260): "Fetch"}.items():
        page.symbol("ellipse", x, y, words, w=140, h=70)
    page.arrow((242, 140), (376, 140))
    page.arrow((170, 176), (170, 222))
    page.arrow((242, 260), (376, 260))
    diagram = _read(page)
    names = {n.id: n.label for n in diagram.nodes}
    assert {g.label for g in diagram.groups} == {"Delivery service"}
    assert sorted(names.values()) == ["Fetch", "Notify", "Store", "Upload"]
    assert all(n.group is not None for n in diagram.nodes)
    assert sorted((names[e.source], names[e.target]) for e in diagram.edges) == [
        ("Store", "Fetch"), ("Upload", "Notify"), ("Upload", "Store")
    ]  # fmt: skip


def test_rows_below_a_title_are_a_table() -> None:
    page = Page(640, 380)
    _boxed(page)
    for k, words in enumerate(("number: int", "address: str", "weight: float")):
        page.write(140, 92 + 26 * k, words, 16)
    (node,) = _read(page).nodes
    assert node.label == "Delivery service"
    assert len(node.rows) == 3
