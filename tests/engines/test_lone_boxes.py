"""Boxes that lines close paper around, long ones that are no strips, boxes with one letter; lines across sides."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from paper import Page, edges, read, shapes

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.symbols.touched import with_touched
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def rectangle(page: Page, x0: float, y0: float, x1: float, y1: float) -> None:
    page.polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def test_a_step_in_a_lane_that_connectors_part(engine: EmbeddedEngine) -> None:
    """The paper on the step's left and right is closed, by the lane's sides and connectors; its name stands aside."""
    page = Page(640, 520)
    for k, name in enumerate(("Sales", "Workshop", "Dispatch")):
        rectangle(page, 20, 20 + 160 * k, 620, 180 + 160 * k)
        page.write(80, 40 + 160 * k, name)
    names = ["Take the order", "Build", "Ship the parcel"]
    for k, name in enumerate(names):
        page.symbol("process", 330, 100 + 160 * k, "" if name == "Build" else name, w=150, h=56)
    page.write(285, 260, "Build")
    for k in range(2):
        page.arrow((330, 128 + 160 * k), (330, 231 + 160 * k))
    found = read(engine, page)
    assert edges(found) == {(a, "", b) for a, b in pairwise(names)}


def test_long_boxes_alone_are_no_strips(engine: EmbeddedEngine) -> None:
    page = Page(720, 420)
    page.symbol("process", 360, 200, "Message broker", w=640, h=44)
    for x, above, below in ((120, "Cash desk", "Archive"), (360, "Shop", "Post"), (600, "Call centre", "Bank")):
        page.symbol("process", x, 60, above, w=150, h=60)
        page.symbol("process", x, 350, below, w=150, h=60)
        page.arrow((x, 90), (x, 177))
        page.arrow((x, 222), (x, 319))
    found = read(engine, page)
    assert {n.shape for n in found.nodes} == {"process"}
    assert {("Shop", "", "Message broker"), ("Message broker", "", "Bank")} <= edges(found)
    assert len(found.edges) == 6
    assert not found.groups


def test_boxes_named_by_a_letter(engine: EmbeddedEngine) -> None:
    page = Page(640, 400)
    page.symbol("process", 110, 60, "Read the data", w=160, h=60)
    page.symbol("process", 420, 60, "Write the data", w=160, h=60)
    page.symbol("process", 110, 220, "B", w=150, h=40)
    page.symbol("process", 420, 220, "K", w=150, h=40)
    page.symbol("process", 110, 350, "Sort the data", w=160, h=60)
    page.arrow((110, 90), (110, 199))
    page.arrow((110, 240), (110, 319))
    page.arrow((420, 90), (420, 199))
    page.arrow((190, 60), (339, 60))
    found = read(engine, page)
    assert {n.shape for n in found.nodes} == {"process"}
    assert len(found.nodes) == 5
    assert len(found.edges) == 4


def test_dashed_outlines_as_long_as_a_layer(engine: EmbeddedEngine) -> None:
    page = Page(960, 330)
    for x in (160, 480, 800):
        page.symbol("process", x, 50, {160: "Cash desk", 480: "Online shop", 800: "Call centre"}[x], w=180, h=50)
        page.arrow((x, 75), (x, 149))
    for x in range(60, 900, 10):
        for y in (150, 220):
            page.line((x, y), (x + 5, y))
    for y in range(150, 220, 10):
        for x in (60, 900):
            page.line((x, y), (x, y + 5))
    page.write(480, 185, "Application interface", 16)
    page.symbol("process", 640, 290, "Warehouse", w=180, h=50)
    page.arrow((640, 220), (640, 264))
    found = read(engine, page)
    assert {n.shape for n in found.nodes} == {"process"}
    assert ("Application interface", "", "Warehouse") in edges(found)
    assert len(found.edges) == 4


def test_a_line_forks_right_behind_a_frames_side(engine: EmbeddedEngine) -> None:
    page = Page(700, 460)
    rectangle(page, 180, 20, 680, 440)
    page.write(430, 40, "Shop", 16)
    page.symbol("process", 80, 240, "Client", w=120, h=50)
    names = ["Order", "Complain"]
    for y, name in zip((110, 370), names, strict=True):
        page.symbol("ellipse", 480, y, name, w=160, h=70)
        page.arrow((140, 240), (192, 240), (192, y), (399, y))
    found = read(engine, page)
    assert edges(found) == {("Client", "", name) for name in names}


def test_words_that_touch_a_trapezoids_sides(engine: EmbeddedEngine) -> None:
    page = Page(560, 400)
    page.symbol("process", 280, 60, "Read the data", w=160, h=60)
    page.polygon((195, 170), (365, 170), (340, 215), (220, 215))
    page.write(280, 193, "Address decoder", 18)
    page.symbol("process", 280, 340, "Write the data", w=160, h=60)
    page.arrow((280, 90), (280, 169))
    page.arrow((280, 216), (280, 309))
    found = read(engine, page)
    assert shapes(found) == ["manual_operation", "process", "process"]
    assert len(found.edges) == 2


@pytest.mark.parametrize("drawn", [True, False])
def test_what_words_touch_is_a_symbol_if_something_is_drawn_around_it(drawn: bool) -> None:
    """The ground of a label is as long as its words, so that letters touch its sides as well."""
    ink = np.zeros((80, 140), bool)
    box = Rect(20, 20, 110, 44)
    if drawn:
        ink[18:46, 18:112] = True
    ink[20:44, 20:110] = False
    mask = np.ones((24, 90), np.uint8)
    mask[6:18, :9] = mask[6:18, -9:] = 0  # letters
    ink[20:44, 20:110] |= mask == 0
    sheet = SimpleNamespace(
        ink=ink, letter=12.0, regions=np.ones(ink.shape, np.int32), stats=np.zeros((2, 5), np.int32)
    )
    sheet.height, sheet.width = ink.shape
    (found,) = with_touched(cast(Sheet, sheet), [Outline(1, box, mask, Fit("process", 0.8), int(mask.sum()))])
    assert (int(found.mask.sum()) == mask.size) == drawn
