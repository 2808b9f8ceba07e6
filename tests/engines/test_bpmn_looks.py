"""How BPMN tools draw apart from each other: thick borders, words from border to border, cylinders, bare tasks."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page
from PIL import ImageFont

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.labels import blocks
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.text import Rect, TextLine

NAMES = ("check the order", "ship the goods")


def plain(page: Page, y: float = 340) -> None:
    """Two tasks for the letters' height to be taken from, one flow between them."""
    for x, name in zip((120, 560), NAMES, strict=True):
        page.rounded(x - 75, y - 40, x + 75, y + 40, 10)
        page.write(x, y, name)
    page.arrow((195, y), (485, y))


def shapes(scene: Scene, x: float, y: float) -> list[str]:
    """The shapes of all nodes at a point of the page."""
    k = scene.sheet.scale
    return [n.shape for n in scene.nodes if n.box.inside(x * k, y * k)]


def test_the_thick_sides_of_a_call_activity_are_no_bars() -> None:
    page = Page()
    plain(page)
    for inset in range(7):
        page.rounded(265 + inset, 60 + inset, 415 - inset, 140 - inset, 12 - inset // 2)
    page.write(340, 100, "notify")
    page.arrow((195, 300), (270, 142))
    page.line((340, 60), (340, 20), (660, 20), (660, 340), (637, 340))
    scene = understand(page.pixels)
    assert shapes(scene, 340, 100) == ["rounded"]
    assert not [n for n in scene.nodes if n.shape == "bar"]


@pytest.mark.parametrize("icon", [False, True])
def test_a_word_from_border_to_border_leaves_a_task_whole(icon: bool) -> None:
    page = Page()
    plain(page)
    width = ImageFont.load_default(16).getlength("reconciliations")
    x0, x1 = 340 - width / 2 - 3, 340 + width / 2 + 3
    page.rounded(x0, 60, x1, 140, 10)
    page.write(340, 105, "reconciliations")
    if icon:
        page.oval(x0 + 3, 63, x0 + 22, 82, width=7)
    page.arrow((x1, 100), (x1 + 90, 100))
    scene = understand(page.pixels)
    assert "rounded" in shapes(scene, 340, 130)


def test_a_data_store_is_no_table() -> None:
    page = Page()
    plain(page)
    box = [v * GRAIN for v in (310, 60, 370, 74)]
    page.pen.ellipse(box, outline="black", width=3 * GRAIN)
    for down in (8, 16, 60):
        page.pen.arc([box[0], box[1] + down * GRAIN, box[2], box[3] + down * GRAIN], 0, 180, "black", 3 * GRAIN)
    for x in (311.5, 368.5):
        page.line((x, 67), (x, 127), width=3)
    page.write(340, 155, "orders")
    scene = understand(page.pixels)
    assert not scene.tables
    assert shapes(scene, 340, 110) == ["database"]


def test_a_task_with_nothing_written_in_it_is_a_node() -> None:
    page = Page()
    plain(page)
    page.rounded(265, 60, 415, 140, 12)
    page.arrow((160, 298), (290, 142))
    page.arrow((390, 142), (520, 298))
    scene = understand(page.pixels)
    assert shapes(scene, 340, 100) == ["rounded"]
    assert len(scene.connectors) == 3


def test_lines_whose_letters_run_together_are_one_label() -> None:
    apart = TextLine(Rect(10, 10, 60, 20), tuple(Rect(x, 12, x + 6, 20) for x in range(10, 60, 8)), 1)
    joined = TextLine(Rect(8, 26, 62, 40), (Rect(8, 26, 62, 40),), 1)
    assert [len(b.lines) for b in blocks([apart, joined], 10.0, [])] == [2]
    large = TextLine(Rect(8, 26, 62, 40), tuple(Rect(x, 26, x + 8, 40) for x in range(8, 60, 10)), 1)
    assert [len(b.lines) for b in blocks([apart, large], 10.0, [])] == [1, 1]
