"""Icons with their names beside them, as diagrams of software have."""

from __future__ import annotations

from itertools import pairwise

from paper import GRAIN, Page

from diagrasp.engines.embedded.graph.assemble import assemble
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


def _emblem(page: Page, x: float, y: float, colour: str, *, disc: bool = False) -> None:
    """A square or a disc of a full colour with a white sign: a stroke bent like a letter, and a box."""
    box = [(x - 34) * GRAIN, (y - 34) * GRAIN, (x + 34) * GRAIN, (y + 34) * GRAIN]
    (page.pen.ellipse if disc else page.pen.rectangle)(box, colour)
    bend = [(x - 12, y - 18), (x - 4, y - 18), (x + 14, y + 18)]
    page.pen.line([(a * GRAIN, b * GRAIN) for a, b in bend], "white", 4 * GRAIN)
    page.pen.line([(a * GRAIN, b * GRAIN) for a, b in [(x + 2, y), (x - 14, y + 18)]], "white", 4 * GRAIN)


def test_signs_in_squares_and_discs_of_full_colour_are_no_text() -> None:
    page = Page(760, 260)
    names = ["Gateway", "Worker", "Store", "Archive"]
    for i, (name, colour) in enumerate(zip(names, ["#8c4fff", "#ed7100", "#3b48cc", "#7aa116"], strict=True)):
        _emblem(page, 90 + 190 * i, 100, colour, disc=i == 1)
        page.write(90 + 190 * i, 150, name, 16)
        if i:
            page.arrow((126 + 190 * (i - 1), 100), (54 + 190 * i, 100))
    diagram = _read(page)
    labels = {n.id: n.label for n in diagram.nodes}
    assert sorted(labels.values()) == sorted(names)
    assert diagram.kind == "flowchart"  # a disc with a sign is no event here
    assert {n.shape for n in diagram.nodes} == {"process"}
    assert [(labels[e.source], labels[e.target]) for e in diagram.edges] == list(pairwise(names))


def test_words_in_filled_squares_are_their_names() -> None:
    page = Page(560, 260)
    for x, name in ((120, "Scan"), (360, "Send")):
        page.pen.rectangle([(x - 40) * GRAIN, 60 * GRAIN, (x + 40) * GRAIN, 140 * GRAIN], "#e8a33d")
        page.write(x, 100, name, 18)
    page.arrow((162, 100), (318, 100))
    page.write(120, 160, "first of all", 14)
    assert sorted(n.label for n in _read(page).nodes) == ["Scan", "Send"]


def test_pictures_in_pieces_are_icons_where_a_name_stands_below() -> None:
    page = Page(560, 280)
    page.symbol("rounded", 110, 110, "Orders", w=150, h=80)
    for side in (-1, 1):  # a pair of brackets around a bolt
        bracket = [(400 + 14 * side, 80), (400 + 32 * side, 110), (400 + 14 * side, 140)]
        page.pen.line([(a * GRAIN, b * GRAIN) for a, b in bracket], "#1f9bd7", 7 * GRAIN)
    bolt = [(404, 76), (386, 114), (400, 114), (394, 144), (416, 102), (402, 102)]
    page.pen.polygon([(a * GRAIN, b * GRAIN) for a, b in bolt], "#f2b300")
    page.write(400, 160, "Function", 16)
    page.arrow((186, 110), (362, 110))
    diagram = _read(page)
    assert sorted(n.label for n in diagram.nodes) == ["Function", "Orders"]
    assert len(diagram.edges) == 1


def test_an_event_filled_from_light_to_dark_is_no_icon() -> None:
    """Nothing is drawn in it, however many shades it has."""
    page = Page(620, 260)
    page.symbol("rounded", 420, 110, "Pack the goods", w=170, h=80)
    page.oval(66, 76, 134, 144)
    for x in range(69 * GRAIN, 131 * GRAIN):
        half = (31 * GRAIN) ** 2 - (x - 100 * GRAIN) ** 2
        tall, share = int(max(0, half) ** 0.5), (x - 69 * GRAIN) / (62 * GRAIN)
        shade = (round(215 - 90 * share), round(250 - 30 * share), round(165 - 110 * share))
        page.pen.line([(x, 110 * GRAIN - tall), (x, 110 * GRAIN + tall)], shade)
    page.write(100, 160, "Order taken", 14)
    page.arrow((136, 110), (335, 110))
    assert sorted(n.shape for n in understand(page.pixels).nodes) == ["circle", "rounded"]
