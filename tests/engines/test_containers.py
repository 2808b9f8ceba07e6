"""Containers drawn here: lanes without a frame, tabs, strips that a connector crosses, frames within frames."""

from __future__ import annotations

import pytest
from paper import Page

from diagrasp.engines.embedded.drawing import Frame, Scene
from diagrasp.engines.embedded.frames.lanes import find_lanes
from diagrasp.engines.embedded.scene import understand


def box(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    page.line((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


def held(scene: Scene, frame: Frame) -> int:
    return sum(frame.box.inside(n.box.cx, n.box.cy) for n in scene.nodes)


def lanes(*, feet: bool) -> Page:
    """Three lanes with two tasks each; with `feet`, a line closes them below and above."""
    page = Page(760, 420)
    for x in (20, 260, 500, 740):
        page.line((x, 20), (x, 400))
    if feet:
        for y in (20, 400):
            page.line((20, y), (740, y))
    for k, name in enumerate(("Customer", "Warehouse", "Delivery")):
        page.write(140 + 240 * k, 40, name, 20)
        page.symbol("process", 140 + 240 * k, 130, f"Step {name[0]} one")
        page.symbol("process", 140 + 240 * k, 300, f"Step {name[0]} two")
        page.arrow((140 + 240 * k, 165), (140 + 240 * k, 262))
    page.arrow((200, 130), (320, 130))
    return page


def test_lanes_without_a_frame() -> None:
    scene = understand(lanes(feet=False).pixels)
    assert [f.lane for f in scene.frames] == [True] * 3
    assert [held(scene, f) for f in scene.frames] == [2] * 3
    assert all(f.title is not None for f in scene.frames)
    assert len(scene.connectors) == 4


def test_lines_that_a_frame_closes_are_not_taken_for_lanes_alone() -> None:
    scene = understand(lanes(feet=True).pixels)
    assert not any(f.lane for f in scene.frames)


def test_connectors_side_by_side_are_no_lanes() -> None:
    """Two long connectors of one length, with text between them, have nodes at their ends."""
    page = Page(700, 500)
    for x in (180, 520):
        page.symbol("process", x, 50, "Begin")
        page.symbol("process", x, 450, "Finish")
        page.arrow((x, 85), (x, 412))
    page.write(350, 110, "meanwhile")
    scene = understand(page.pixels)
    assert not scene.frames
    assert len(scene.connectors) == 2


@pytest.mark.parametrize("crossed", [False, True])
def test_tab_in_the_corner(crossed: bool) -> None:
    """A partition's name in its corner, below it a line with a cut corner; a connector may run through the tab."""
    page = Page(500, 480)
    box(page, 40, 90, 460, 440)
    page.write(100, 108, "Checking", 20)
    page.line((40, 125), (150, 125), (165, 110), (165, 90))
    x = 140 if crossed else 300
    page.symbol("process", x + 40, 220, "Look at it")
    page.symbol("process", x + 40, 370, "Decide upon it")
    page.symbol("process", x + 40, 40, "Begin here")
    page.arrow((x, 78), (x, 182))
    page.arrow((x + 40, 258), (x + 40, 332))
    scene = understand(page.pixels)
    assert len(scene.nodes) == 3
    assert [f.tab for f in scene.frames] == [True]
    assert held(scene, scene.frames[0]) == 2
    assert len(scene.connectors) == 2


def test_tab_on_the_corner() -> None:
    """A package: its name stands in a small box on its upper left corner, which is no node."""
    page = Page(500, 420)
    box(page, 40, 90, 460, 380)
    page.line((40, 90), (40, 60), (150, 60), (165, 90))
    page.write(95, 75, "Storage", 16)
    page.symbol("process", 250, 160, "Look at it")
    page.symbol("process", 250, 310, "Decide upon it")
    page.arrow((250, 198), (250, 272))
    scene = understand(page.pixels)
    assert len(scene.nodes) == 2
    assert [f.tab for f in scene.frames] == [True]


def test_nothing_to_divide() -> None:
    page = Page(300, 300)
    assert find_lanes(page.pixels[..., 0] < 100, [], [], 10.0) == []


def test_a_container_with_wide_round_corners() -> None:
    page = Page(900, 420)
    page.rounded(250, 20, 880, 400, 60)
    page.write(565, 50, "Our own network", 18)
    for x, y, name in ((360, 220, "Gateway"), (600, 150, "Orders"), (600, 300, "Stock"), (780, 220, "Store")):
        page.symbol("rounded", x, y, name, w=130, h=70)
    page.symbol("rounded", 100, 220, "Customer", w=130, h=70)
    page.arrow((165, 220), (293, 220))  # cuts the container's side
    page.arrow((425, 200), (533, 160))
    page.arrow((425, 240), (533, 290))
    page.arrow((665, 160), (713, 205))
    scene = understand(page.pixels)
    assert [held(scene, f) for f in scene.frames] == [4]
    assert len(scene.connectors) == 4


def test_the_space_between_two_frames_is_no_title() -> None:
    """Connectors that run along the upper and lower side of a frame close the space to the frame beside it."""
    page = Page(720, 420)
    for left, top, right, bottom, name in ((20, 20, 280, 400, "Accounting"), (302, 120, 700, 340, "Customer")):
        box(page, left, top, right, bottom)
        page.write((left + right) / 2, top + 16, name, 18)
    for x, y, name in ((150, 90, "Count"), (150, 300, "Pay"), (440, 230, "Order"), (610, 230, "Ask")):
        page.symbol("process", x, y, name, w=110, h=50)
    page.arrow((150, 116), (150, 272))
    page.arrow((496, 230), (553, 230))
    for y in (120, 340):
        page.line((270, y), (302, y))
    scene = understand(page.pixels)
    assert sorted((round(f.box.x0, -1), held(scene, f)) for f in scene.frames) == [(20, 2), (300, 2)]
    assert not any(f.title is not None and f.title.h > f.title.w for f in scene.frames)
