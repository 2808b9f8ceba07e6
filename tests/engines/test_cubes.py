"""Boxes drawn as solids, whose upper side and flank are seen: drawn here."""

from __future__ import annotations

import pytest
from paper import Page

from diagrasp.engines.embedded.scene import understand


def solid(page: Page, left: float, top: float, right: float, bottom: float, *, mirrored: bool) -> None:
    """Its front's sides; the upper side and the flank lead 16 pixels away to the right, or to the left."""
    deep = 16
    if mirrored:
        x0, x1, near, far = left, right, left, left - deep
    else:
        x0, x1, near, far = left, right, right, right + deep
    other = x1 if mirrored else x0
    page.polygon((x0, top), (x1, top), (x1, bottom), (x0, bottom))
    page.line((other, top), (other + far - near, top - deep), (far, top - deep), (far, bottom - deep), (near, bottom))
    page.line((near, top), (far, top - deep))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_solid_is_one_node_whose_flank_connectors_reach(mirrored: bool) -> None:
    page = Page(760, 420)
    page.polygon((30, 40), (720, 40), (720, 300), (30, 300))
    page.write(375, 60, "Server")
    for x, name in ((90, "Shop"), (430, "Store")):
        solid(page, x, 130, x + 190, 230, mirrored=mirrored)
        page.write(x + 95, 150, name)
    page.arrow((296 if not mirrored else 280, 180), (430 if not mirrored else 414, 180))
    page.symbol("process", 375, 370, "Customer", w=180, h=60)
    scene = understand(page.pixels)
    assert sorted(n.shape for n in scene.nodes) == ["process"] * 3
    assert len(scene.frames) == 1
    names = [scene.nodes[end - 1].box.cx * scene.sheet.scale for c in scene.connectors for end in (c.source, c.target)]
    assert len(names) == 2
    assert names[0] < names[1]


def test_a_solid_that_holds_steps_stays_a_container() -> None:
    page = Page(760, 420)
    solid(page, 60, 60, 700, 360, mirrored=False)
    page.write(380, 84, "Computer")
    for x, name in ((200, "Begin"), (540, "Finish")):
        page.symbol("process", x, 220, name)
    page.arrow((290, 220), (450, 220))
    scene = understand(page.pixels)
    assert sorted(n.shape for n in scene.nodes) == ["process"] * 2
    assert len(scene.frames) == 1
    assert len(scene.connectors) == 1
