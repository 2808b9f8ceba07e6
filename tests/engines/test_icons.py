"""Icons with their names beside them, as diagrams of software have."""

from __future__ import annotations

from paper import GRAIN, Page

from diagrasp.engines.embedded.assemble import assemble
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram


def _read(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


def _folded(page: Page, x: float, y: float, light: str, dark: str) -> None:
    """A sheet folded in the middle, in two shades, with a band across it."""
    for side, shade in ((-1, dark), (1, light)):
        wing = [(x, y - 46), (x + 40 * side, y - 30), (x + 40 * side, y + 34), (x, y + 46)]
        page.pen.polygon([(a * GRAIN, b * GRAIN) for a, b in wing], shade)
        band = [(x, y - 6), (x + 28 * side, y - 14), (x + 28 * side, y + 6), (x, y + 14)]
        page.pen.polygon([(a * GRAIN, b * GRAIN) for a, b in band], light if side < 0 else dark)


def test_icons_are_nodes_named_beside_them() -> None:
    page = Page(620, 260)
    page.symbol("rounded", 110, 110, "Orders", w=150, h=80)
    _folded(page, 330, 110, "#e05243", "#8c3123")
    _folded(page, 540, 110, "#d9a741", "#876929")
    page.arrow((186, 110), (288, 110))
    page.arrow((372, 110), (498, 110))
    page.write(330, 176, "Files", 16)
    page.write(540, 176, "Queue", 16)
    diagram = _read(page)
    names = {n.id: n.label for n in diagram.nodes}
    assert sorted(names.values()) == ["Files", "Orders", "Queue"]
    assert sorted((names[e.source], names[e.target]) for e in diagram.edges) == [
        ("Files", "Queue"),
        ("Orders", "Files"),
    ]


def test_a_coloured_spot_without_a_name_is_no_icon() -> None:
    page = Page(620, 260)
    page.symbol("rounded", 110, 110, "Orders", w=150, h=80)
    page.symbol("rounded", 330, 110, "Store", w=150, h=80)
    page.arrow((186, 110), (254, 110))
    _folded(page, 560, 110, "#e05243", "#8c3123")
    scene = understand(page.pixels)
    assert not any(n.shape == "icon" for n in scene.nodes)
