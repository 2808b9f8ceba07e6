"""How BPMN tools draw apart from each other: thick borders, words from border to border, cylinders, bare tasks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from paper import GRAIN, Page
from PIL import ImageFont

from diagrasp.engines.embedded.bpmn.capitals import with_covered_capitals
from diagrasp.engines.embedded.drawing import Frame, Scene
from diagrasp.engines.embedded.frames.enclosing import cut_apart
from diagrasp.engines.embedded.labels.blocks import blocks
from diagrasp.engines.embedded.labels.broken import goes_on
from diagrasp.engines.embedded.labels.cases import with_small_letters
from diagrasp.engines.embedded.picture.canvas import without_dots
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.text.textlines import TextLine

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


def dotted(pixels: NDArray[np.uint8], period: int = 10, level: int = 200) -> NDArray[np.uint8]:
    """The page with a canvas's dots, two pixels wide, where nothing is drawn."""
    out = pixels.copy()
    for dy in (0, 1):
        for dx in (0, 1):
            view = out[5 + dy :: period, 5 + dx :: period]
            view[view.min(axis=2) > 250] = level
    return out


def test_a_canvas_loses_its_dots_and_nothing_else() -> None:
    page = Page()
    plain(page)
    clean = page.pixels
    found = without_dots(dotted(clean))
    assert np.count_nonzero((found != clean).any(axis=2)) <= 0.003 * clean.shape[0] * clean.shape[1]
    assert [n.shape for n in understand(found).nodes] == ["rounded", "rounded"]


def test_text_and_dashes_are_no_canvas() -> None:
    page = Page()
    plain(page)
    for y in range(20, 280, 20):
        page.write(350, y, ". . . . i i i i : : : : . . . . i i i i")
    pixels = page.pixels
    assert without_dots(pixels) is pixels


def line(x: int, y: int, count: int, height: int, wide: int = 8) -> TextLine:
    boxes = tuple(Rect(x + k * (wide + 2), y - height, x + k * (wide + 2) + wide, y) for k in range(count))
    return TextLine(Rect(x, y - height, boxes[-1].x1, y), boxes, 1)


def test_a_row_of_small_letters_below_capitals_is_small() -> None:
    lines = [line(10, 40, 9, 14), line(20, 60, 6, 10), line(10, 80, 4, 14)]
    said = [Reading("Проверить", 0.9), Reading("ПИСЬМО", 0.9), Reading("СЭД", 0.9)]
    assert [r.text for r in with_small_letters(lines, said)] == ["Проверить", "письмо", "СЭД"]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Проверить правоспособно", "сть подрядчика", True),
        ("Запрашивают", "ся данные", True),
        ("invoic", "e", True),
        ("Выдать", "чек", False),
        ("Согласование", "договора", False),
        ("Провести анализ", "и оценку", False),
        ("Проверка ИНН", "ый", False),
    ],
)
def test_words_broken_without_a_hyphen_are_joined(before: str, after: str, joined: bool) -> None:
    assert goes_on(before, after) is joined


class Guide:
    """A reader that sees a capital before a word as soon as enough is shown of it."""

    name, revision = "guide", "1"

    def __init__(self, *said: str) -> None:
        self.said = said

    def read(self, lines: list[NDArray[np.uint8]]) -> list[Reading]:
        return [Reading(text, 0.9) for text, _ in zip(self.said, lines, strict=True)]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (("check", "Check", "Check", "Check"), "Check"),
        (("check", "Check", "Jcheck", "Ucheck"), "heck"),
        (("heck", "heck", "heck", "heck"), "heck"),
    ],
)
def test_a_capital_that_an_icon_covers_is_read(said: tuple[str, ...], name: str) -> None:
    page = Page()
    plain(page)
    page.rounded(265, 60, 415, 140, 10)
    page.write(345, 84, "heck")
    left = 345 - ImageFont.load_default(16).getlength("heck") / 2
    page.oval(left - 24, 64, left - 3, 92, width=5)
    scene = understand(page.pixels)
    (k,) = [i for i, t in enumerate(scene.text.lines) if abs(t.box.cy / scene.sheet.scale - 84) < 8]
    readings = [Reading("Order", 0.9) for _ in scene.text.lines]
    readings[k] = Reading("heck", 0.9)
    assert with_covered_capitals(scene, page.pixels, readings, Guide(*said))[k].text == name


def test_a_lane_closed_together_with_the_next_one_iscut_apart() -> None:
    both = Frame(Rect(40, 300, 900, 900), title=Rect(40, 300, 80, 900))
    last = Frame(Rect(40, 600, 900, 900), title=Rect(40, 600, 80, 900))
    pool = Frame(Rect(0, 0, 900, 900), title=Rect(0, 0, 40, 900))
    within = Frame(Rect(80, 600, 900, 900), title=Rect(80, 600, 120, 900))
    cut_apart([pool, both, last, within], 12.0)
    assert (both.box, both.title) == (Rect(40, 300, 900, 600), Rect(40, 300, 80, 600))
    assert (pool.box, last.box, within.box) == (
        Rect(0, 0, 900, 900), Rect(40, 600, 900, 900), Rect(80, 600, 900, 900),
    )  # fmt: skip
