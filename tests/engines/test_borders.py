"""Lines that go through the sides of frames."""

from __future__ import annotations

import pytest
from paper import Page

from diagrasp.engines.embedded.scene import understand


def framed() -> Page:
    page = Page(760, 420)
    page.line((260, 90), (730, 90), (730, 390), (260, 390), (260, 89))
    page.write(495, 112, "Stock of goods", 16)
    page.symbol("process", 600, 250, "Check", w=140, h=60)
    page.symbol("process", 90, 60, "Order", w=140, h=60)
    return page


def joined(page: Page) -> set[tuple[str, str]]:
    return set(page.edges())


@pytest.mark.parametrize("drop", [24, 40, 80])
def test_a_flat_line_goes_on_behind_the_side(drop: int) -> None:
    page = framed()
    page.arrow((160, 72), (300, 90 - drop / 8), (440, 90 + drop / 2), (560, 218))
    assert joined(page) == {("Order", "Check")}


@pytest.mark.parametrize("slope", [0.12, 0.2])
def test_a_line_goes_on_beyond_an_upright_side(slope: float) -> None:
    page = framed()
    page.symbol("process", 90, 330, "Pay", w=140, h=60)
    page.arrow((160, 262 + 368 * slope), (528, 262))
    assert joined(page) == {("Pay", "Check")}


def test_a_hollow_head_lies_across_the_side_of_a_package() -> None:
    page = Page(520, 520)
    page.line((120, 40), (400, 40), (400, 172), (120, 172), (120, 39))
    for y, name in ((60, "Figure"), (360, "Circle")):
        page.polygon((180, y), (340, y), (340, y + 90), (180, y + 90))
        page.line((180, y + 34), (340, y + 34))
        page.line((180, y + 62), (340, y + 62))
        page.write(260, y + 17, name)
        page.names[260, y + 45] = name
    page.line((260, 360), (260, 186))
    page.polygon((260, 151), (246, 186), (274, 186))
    page.erase(262, 171, 262.5, 173)
    page.line((120, 172), (400, 172))
    scene = understand(page.pixels)
    assert [(c.source <= len(scene.nodes), c.target <= len(scene.nodes)) for c in scene.connectors] == [(True, True)]
    assert joined(page) == {("Circle", "Figure")}
