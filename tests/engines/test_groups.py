"""Containers of other looks, drawn here: tinted without a border, with a badge, with large titles, close together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from paper import GRAIN, Page, read
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.frames.fills import find_tints
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Diagram


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine()
    yield made
    asyncio.run(made.aclose())


def members(diagram: Diagram) -> dict[str, set[str]]:
    """The names of the nodes in each titled container, without those in containers within."""
    return {g.label: {n.label for n in diagram.nodes if n.group == g.id} for g in diagram.groups if g.label}


def box(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    page.line((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


def fill(page: Page, left: float, top: float, right: float, bottom: float, colour: str) -> None:
    page.pen.rectangle([v * GRAIN for v in (left, top, right, bottom)], colour)


def turned(page: Page, x: float, y: float, words: str, size: int) -> None:
    """Words that read upwards, by their middle."""
    font = ImageFont.load_default(size * GRAIN)
    _, _, w, h = (int(v) for v in font.getbbox(words))
    line = Image.new("RGB", (w + 8, h + 8), "white")
    ImageDraw.Draw(line).text((4, 4), words, "black", font)
    upright = line.rotate(90, expand=True)
    page.image.paste(upright, (round(x * GRAIN - upright.width / 2), round(y * GRAIN - upright.height / 2)))


def chain(page: Page, left: float, top: float, *names: str) -> None:
    """Steps one below the other, joined by arrows."""
    for k, name in enumerate(names):
        page.symbol("process", left, top + 90 * k, name, w=130, h=50)
        if k:
            page.arrow((left, top + 90 * k - 65), (left, top + 90 * k - 27))


@pytest.mark.parametrize("colour", ["#e9f2fb", "#f4f4f4", "#fff2cc"])
def test_a_tint_without_a_border(engine: EmbeddedEngine, colour: str) -> None:
    page = Page(640, 380)
    fill(page, 240, 30, 600, 350, colour)
    page.write(310, 48, "Back office")
    chain(page, 420, 120, "Check order", "Pack goods", "Send parcel")
    chain(page, 100, 120, "Place order")
    page.arrow((166, 120), (352, 120))
    assert members(read(engine, page)) == {"Back office": {"Check order", "Pack goods", "Send parcel"}}


def test_a_slope_of_colours_is_no_tint() -> None:
    page = Page(640, 400)
    for y in range(400):
        fill(page, 0, y, 640, y + 1, f"#{255 - y // 16:02x}{255 - y // 16:02x}ff")
    chain(page, 300, 80, "Check order", "Pack goods", "Send parcel")
    sheet = prepare(page.pixels)
    assert all(r.w <= 140 * sheet.scale for r in find_tints(sheet))  # the steps' own


@pytest.mark.parametrize(("ground", "drawn"), [("white", True), ("#e6f0f8", False)])
def test_a_badge_before_the_title(engine: EmbeddedEngine, ground: str, drawn: bool) -> None:
    """A dark square in the corner hides where the sides meet; the mark in it is no letter of the title."""
    page = Page(640, 380)
    fill(page, 240, 30, 600, 350, ground)
    if drawn:
        box(page, 240, 30, 600, 350)
    fill(page, 239, 29, 272, 62, "#23303e")
    page.pen.text((255 * GRAIN, 46 * GRAIN), "aa", "white", ImageFont.load_default(15 * GRAIN), anchor="mm")
    page.write(322, 46, "Cloud zone")
    chain(page, 420, 120, "Check order", "Pack goods", "Send parcel")
    chain(page, 100, 120, "Place order")
    page.arrow((166, 120), (352, 120))
    assert members(read(engine, page)) == {"Cloud zone": {"Check order", "Pack goods", "Send parcel"}}


def test_a_title_of_one_letter(engine: EmbeddedEngine) -> None:
    page = Page(620, 200)
    box(page, 20, 20, 600, 180)
    page.line((52, 20), (52, 180))
    turned(page, 36, 100, "F", 16)
    for x, name in ((150, "Weigh"), (320, "Grind"), (490, "Bake")):
        page.symbol("rounded", x, 100, name, w=110, h=60)
    page.arrow((206, 100), (262, 100))
    page.arrow((376, 100), (432, 100))
    assert members(read(engine, page)) == {"F": {"Weigh", "Grind", "Bake"}}


def test_lanes_with_large_titles_in_wide_strips(engine: EmbeddedEngine) -> None:
    """The strip of a lane between two others is closed by their sides; it is as wide as ten letters of the steps."""
    page = Page(820, 640)
    for k, (name, steps) in enumerate((("Warehouse", ("Weigh", "Label")), ("Bakery", ("Grind", "Bake")),
                                       ("Delivery", ("Load", "Drive")))):  # fmt: skip
        top = 20 + 200 * k
        box(page, 20, top, 800, top + 200)
        page.line((120, top), (120, top + 200))
        turned(page, 70, top + 100, name, 26)
        for x, step in zip((280, 560), steps, strict=True):
            page.symbol("rounded", x, top + 100, "", w=110, h=60)
            page.write(x, top + 100, step, 13)
        page.arrow((336, top + 100), (502, top + 100))
    assert members(read(engine, page)) == {
        "Warehouse": {"Weigh", "Label"}, "Bakery": {"Grind", "Bake"}, "Delivery": {"Load", "Drive"},
    }  # fmt: skip


def test_lanes_with_high_heads(engine: EmbeddedEngine) -> None:
    """Heads side by side, higher than five of the steps' letters; each has its own title in its middle."""
    page = Page(800, 420)
    for k, (name, steps) in enumerate((("Customer", ("Order", "Pay")), ("Warehouse", ("Weigh", "Pack")),
                                       ("Delivery", ("Load", "Drive")))):  # fmt: skip
        left = 20 + 250 * k
        box(page, left, 20, left + 250, 400)
        page.line((left, 75), (left + 250, 75))
        page.write(left + 125, 47, name, 24)
        for y, step in zip((150, 300), steps, strict=True):
            page.symbol("rounded", left + 125, y, "", w=110, h=60)
            page.write(left + 125, y, step, 13)
        page.arrow((left + 125, 181), (left + 125, 267))
    found = read(engine, page)
    assert members(found) == {
        "Customer": {"Order", "Pay"}, "Warehouse": {"Weigh", "Pack"}, "Delivery": {"Load", "Drive"},
    }  # fmt: skip
    assert all(group.label for group in found.groups if group.parent is not None)  # no frame of two bodies


def test_a_message_begins_on_the_pool_s_side() -> None:
    """The ring at its start breaks the side on which it sits."""
    page = Page(620, 420)
    for top, name in ((20, "Customer"), (230, "Shop")):
        box(page, 20, top, 600, top + 170)
        page.line((56, top), (56, top + 170))
        turned(page, 38, top + 85, name, 16)
    for x, y, name in ((160, 100, "Order"), (400, 115, "Pay"), (160, 320, "Check"), (400, 320, "Send")):
        page.symbol("rounded", x, y, name, w=120, h=60)
    page.arrow((221, 100), (337, 108))
    page.arrow((221, 320), (337, 320))
    page.oval(394, 184, 406, 196)
    for y in np.arange(197, 285, 9):
        page.line((400, y), (400, min(y + 5, 285)))
    scene = understand(page.pixels)
    held = [sum(f.box.inside(n.box.cx, n.box.cy) for n in scene.nodes) for f in scene.frames]
    assert sorted(held) == [2, 2]


def test_a_connector_crosses_two_sides_close_together(engine: EmbeddedEngine) -> None:
    page = Page(560, 460)
    box(page, 40, 20, 520, 200)
    box(page, 60, 30, 500, 190)
    box(page, 40, 210, 520, 440)
    page.symbol("process", 280, 140, "Pack goods", h=60)
    page.symbol("process", 280, 270, "Send parcel", h=60)
    page.symbol("process", 280, 390, "Ask for money", h=60)
    page.arrow((240, 170), (240, 238))
    page.arrow((280, 300), (280, 358))
    found = read(engine, page)
    names = {n.id: n.label for n in found.nodes}
    assert sorted((names.get(e.source), names.get(e.target)) for e in found.edges) == [
        ("Pack goods", "Send parcel"), ("Send parcel", "Ask for money"),
    ]  # fmt: skip


def test_a_title_in_the_middle_of_a_tab(engine: EmbeddedEngine) -> None:
    """A frame of UML: the name stands in the middle of its tab, and connectors run through that."""
    page = Page(520, 440)
    box(page, 40, 110, 480, 420)
    page.line((40, 146), (200, 146), (215, 131), (215, 110))
    page.write(128, 128, "Storage", 16)
    page.symbol("process", 200, 40, "Begin here", h=50)
    page.symbol("process", 260, 240, "Look at it", h=60)
    page.symbol("process", 260, 370, "Decide upon it", h=60)
    page.arrow((178, 66), (178, 208))
    page.arrow((260, 271), (260, 338))
    assert members(read(engine, page)) == {"Storage": {"Look at it", "Decide upon it"}}


def test_slanting_connectors_meet_in_a_title(engine: EmbeddedEngine) -> None:
    """What they leave of one another between its words is no sign."""
    page = Page(640, 420)
    box(page, 80, 130, 560, 400)
    page.write(320, 152, "Applied rules and commands", 18)
    for x, name in ((120, "First"), (320, "Second"), (520, "Third")):
        page.symbol("process", x, 40, name, w=130, h=50)
        page.line((x, 66), (310 + (x - 120) / 20, 210))
    page.symbol("process", 320, 240, "Look at it", w=200, h=60)
    page.symbol("process", 320, 350, "Decide upon it", w=200, h=60)
    page.arrow((320, 271), (320, 318))
    assert set(*members(read(engine, page)).values()) == {"Look at it", "Decide upon it"}


def test_a_letter_beside_a_side_is_no_title(engine: EmbeddedEngine) -> None:
    """A lone letter near a frame's left side may look turned; titles that read upwards stand halfway up."""
    page = Page(560, 460)
    box(page, 40, 40, 520, 440)
    page.write(110, 60, "Backend", 20)
    page.write(60, 380, "Z", 16)
    chain(page, 300, 130, "Check order", "Pack goods", "Send parcel")
    assert members(read(engine, page)) == {"Backend": {"Check order", "Pack goods", "Send parcel"}}


def test_two_lines_of_a_title_in_letters_of_two_heights(engine: EmbeddedEngine) -> None:
    """A line without capitals beside one with brackets is as high as half of that; both name the container."""
    page = Page(420, 420)
    box(page, 60, 30, 360, 400)
    page.write(210, 48, "some more", 16)
    page.write(210, 68, "(high level)", 16)
    chain(page, 210, 140, "Check order", "Pack goods", "Send parcel")
    assert members(read(engine, page)) == {"some more (high level)": {"Check order", "Pack goods", "Send parcel"}}
