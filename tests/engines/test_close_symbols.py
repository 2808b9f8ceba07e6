"""Symbols that words, lines or other symbols come so close to that they looked like something else."""

from __future__ import annotations

import numpy as np
from paper import Page

from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.callouts import body_of
from diagrasp.engines.embedded.symbols.find import Symbol, add_bands
from diagrasp.engines.embedded.symbols.outlines import Outline, is_oval, outlines
from diagrasp.engines.embedded.symbols.shapes import Fit, classify
from diagrasp.engines.embedded.symbols.torn import mend


def _shapes(page: Page) -> dict[str, str]:
    """The shapes of the symbols found, by the names that they were drawn with."""
    scene = understand(page.pixels)
    scale = scene.sheet.scale
    return {
        name: node.shape
        for (x, y), name in page.names.items()
        for node in scene.nodes
        if name and node.box.inside(x * scale, y * scale)
    }


def test_low_cylinders() -> None:
    """The cap takes half of it, and its name stands below the middle."""
    page = Page(640, 300)
    for y, name in ((70, "Complaints"), (210, "Tickets")):
        page.oval(60, y + 8, 240, y + 48)
        page.erase(60, y - 20, 240, y + 28)
        page.line((61, y - 20), (61, y + 28))
        page.line((239, y - 20), (239, y + 28))
        page.oval(60, y - 40, 240, y)
        page.write(150, y + 18, name)
        page.names[150, y + 18] = name
        page.symbol("process", 520, y, "Count them", w=140, h=50)
        page.arrow((241, y), (448, y))
    assert _shapes(page) == {"Complaints": "database", "Tickets": "database", "Count them": "process"}
    assert sorted(page.edges()) == [("Complaints", "Count them"), ("Tickets", "Count them")]


def test_ovals_that_touch_each_other() -> None:
    """The middle one fills the space between two symbols as what connectors enclose does."""
    page = Page(620, 460)
    for y, name in ((100, "Prepare data"), (178, "Load data"), (256, "Enter values")):
        page.symbol("ellipse", 400, y, name, w=220, h=80)
    page.symbol("process", 110, 178, "Engineer", w=120, h=50)
    page.symbol("process", 400, 400, "Report", w=120, h=50)
    page.arrow((172, 178), (288, 178))
    page.arrow((400, 297), (400, 373))
    assert _shapes(page)["Load data"] == "ellipse"
    assert list(page.edges()).count(("Engineer", "Load data")) == 1


def test_what_rows_from_rim_to_rim_leave_of_an_oval() -> None:
    """It winds between them, and is half of the paper inside; the oval's own line goes around it all the same."""
    page = Page(620, 260)
    page.oval(230, 90, 390, 170)
    page.write(310, 40, "Sort the lists of the pupils", 18)
    sheet = prepare(page.pixels)
    oval = max(outlines(sheet), key=lambda o: o.box.h)
    assert is_oval(oval)
    left = oval.mask.copy()
    high = oval.box.h
    for top, columns in ((0.22, slice(0, round(0.85 * oval.box.w))), (0.55, slice(round(0.15 * oval.box.w), None))):
        left[round(top * high) : round((top + 0.25) * high), columns] = 0
    torn = Outline(oval.region, oval.box, left, classify(left, letter=sheet.letter), int(left.sum()))
    assert torn.fit.score < 0.6
    assert [is_oval(o) for o in mend(sheet, [torn])] == [True]


def test_a_border_across_a_smaller_symbol() -> None:
    """Half of a container ends where lines from side to side cut it, and a symbol stands on that line."""

    def box(x0: int, y0: int, x1: int, y1: int, *, container: bool = False) -> Symbol:
        mask = np.ones((y1 - y0, x1 - x0), np.uint8)
        outline = Outline(1, Rect(x0, y0, x1, y1), mask, Fit("process", 1.0), int(mask.sum()))
        return Symbol(outline, "process", 3, container=container)

    bands = np.zeros((200, 300), bool)
    add_bands(bands, [box(100, 70, 200, 130), box(20, 20, 280, 100, container=True)])
    assert bands[101, 50]
    assert bands[101, 98]
    assert not bands[101, 110:190].any()
    assert bands[131, 150]


def test_a_name_in_one_piece_of_thin_strokes() -> None:
    """Its letters touch each other, and most columns hold a stroke or two of one pixel."""
    page = Page(620, 220)
    for x, name in ((120, "ETL"), (480, "Report")):
        page.symbol("ellipse", x, 100, w=150, h=90)
        page.names[x, 100] = name
    page.write(480, 100, "Report")
    left, top, right, bottom = 104, 94, 138, 107
    page.line((left, top), (left, bottom), width=1)
    for y in (top, 100, bottom):
        page.line((left, y), (left + 9, y), width=1)
    page.line((left + 9, top), (left + 22, top), width=1)
    page.line((left + 16, top), (left + 16, bottom), width=1)
    page.line((left + 23, top), (left + 23, bottom), (right, bottom), width=1)
    page.line((left + 9, top), (left + 23, top), width=1)
    page.arrow((196, 100), (403, 100))
    assert _shapes(page) == {"ETL": "ellipse", "Report": "ellipse"}


def test_callouts() -> None:
    """Boxes with a pointed tail below, one in the middle, one at the corner; arrows lead to them."""
    page = Page(640, 420)
    page.symbol("process", 320, 60, "Check the form", w=180, h=60)
    for x, name, tail in ((160, "Welcome", (150, 170, 160)), (480, "Try again", (425, 455, 420))):
        left, right, foot = tail
        page.polygon((x - 70, 200), (x + 70, 200), (x + 70, 270), (right, 270), (foot, 310), (left, 270), (x - 70, 270))
        page.write(x, 235, name)
        page.names[x, 235] = name
    page.arrow((229, 60), (160, 60), (160, 198))
    page.arrow((411, 60), (480, 60), (480, 198))
    assert _shapes(page) == {"Check the form": "process", "Welcome": "note", "Try again": "note"}
    assert sorted(page.edges()) == [("Check the form", "Try again"), ("Check the form", "Welcome")]


def test_what_is_no_callout() -> None:
    """A pentagon, a box on a foot, a box with a long wedge."""
    box = np.zeros((120, 100), np.uint8)
    box[:60] = 1
    ys, xs = np.mgrid[0:120, 0:100]
    house = (box > 0) | (abs(xs - 50) < 50 * (1 - (ys - 60) / 50))
    foot = (box > 0) | ((abs(xs - 50) < 10) & (ys < 100))
    wedge = (box > 0) | (abs(xs - 50) < 12 * (1 - (ys - 60) / 60))
    tail = (box > 0) | (abs(xs - 50) < 12 * (1 - (ys - 60) / 40))
    found = [body_of(np.asarray(m[m.any(axis=1)], np.uint8), 12.0) for m in (house, foot, wedge, tail)]
    assert found == [None, None, None, 60]


def test_an_oval_around_an_oval() -> None:
    """Layers as one draws them: a ring is no symbol that its inner circle happens to touch."""
    page = Page(760, 420)
    page.oval(40, 40, 340, 340)
    page.write(190, 70, "Use cases")
    page.oval(90, 90, 290, 290)
    page.write(190, 190, "Entities")
    page.names[190, 190] = "Entities"
    page.symbol("process", 580, 100, "Controller")
    page.symbol("process", 580, 280, "Gateway")
    page.arrow((580, 141), (580, 238))
    page.arrow((20, 190), (88, 190))  # which cuts the ring
    scene = understand(page.pixels)
    assert sorted(n.shape for n in scene.nodes) == ["circle", "process", "process"]
    assert _shapes(page)["Entities"] == "circle"
