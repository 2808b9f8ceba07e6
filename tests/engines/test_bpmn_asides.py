"""What stands beside the flow of BPMN: names of data, brackets' words, titles of lanes, words broken between lines."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import pytest
from paper import GRAIN, Page, read
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.drawing import Frame, Scene, share_text
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.labels.blocks import blocks
from diagrasp.engines.embedded.labels.broken import joined
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine
from diagrasp.model import Diagram
from diagrasp.settings import Settings


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    made = create(Settings())
    assert isinstance(made, EmbeddedEngine)
    return made


def turned(page: Page, x: float, y: float, words: str) -> None:
    """Words that read upwards, by their middle."""
    font = ImageFont.load_default(16 * GRAIN)
    left, top, right, bottom = font.getbbox(words)
    line = Image.new("RGB", (round(right - left), round(bottom - top)), "white")
    ImageDraw.Draw(line).text((-left, -top), words, "black", font)
    upright = line.rotate(90, expand=True)
    page.image.paste(upright, (round(x * GRAIN - upright.width / 2), round(y * GRAIN - upright.height / 2)))


def flow(page: Page, y: float, *names: str, x: float = 40) -> None:
    """A start, tasks, an end."""
    page.oval(x, y - 20, x + 40, y + 20)
    at = x + 40
    for name in names:
        page.rounded(at + 50, y - 40, at + 200, y + 40, 10)
        page.write(at + 125, y, name)
        page.arrow((at, y), (at + 50, y))
        at += 200
    page.arrow((at, y), (at + 50, y))
    page.oval(at + 50, y - 20, at + 90, y + 20, width=5)


def dotted(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    steps = int(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5 / 6)
    for k in range(steps):
        x, y = (a + (b - a) * k / steps for a, b in zip(start, end, strict=True))
        page.line((x, y), (x + 0.5, y + 2))


def labels(found: Diagram, *shapes: str) -> list[str]:
    return [n.label for n in found.nodes if n.shape in shapes]


def test_a_dotted_line_beside_the_name_of_data_does_not_take_it(engine: EmbeddedEngine) -> None:
    page = Page(760, 420)
    flow(page, 320, "Check order", "Ship goods")
    page.polygon((180, 40), (206, 40), (216, 50), (216, 92), (180, 92))
    page.line((206, 40), (206, 50), (216, 50))
    page.write(200, 112, "Orders of the", 16)
    page.write(200, 132, "last month", 16)
    dotted(page, (216, 70), (300, 276))
    page.line((291, 268), (300, 278), (301, 265))
    found = read(engine, page)
    assert found.kind == "bpmn"
    assert labels(found, "data_object") == ["Orders of the last month"]
    assert {e.label for e in found.edges} == {""}


@pytest.mark.parametrize(("dots", "foot"), [((440, 216), 0), ((400, 220), 0), ((440, 216), 6)])
def test_a_bracket_is_one_where_dots_or_letters_touch_it(
    engine: EmbeddedEngine, dots: tuple[float, float], foot: float
) -> None:
    """The dotted line ends at its corner; the last row of its words stands on its foot."""
    page = Page(760, 330)
    flow(page, 80, "Check order", "Ship goods")
    page.line((412, 220), (400, 220), (400, 280 - foot), (412, 280 - foot))
    for k, words in enumerate(("Not later than", "pay days, says")):
        page.write(464, 242 + 22 * k, words, 16)
    dotted(page, (450, 124), dots)
    found = read(engine, page)
    (said,) = labels(found, "annotation")
    assert SequenceMatcher(None, said, "Not later than pay days, says").ratio() > 0.95  # a foot is like a letter


def test_a_bracket_in_a_lane_is_an_annotation(engine: EmbeddedEngine) -> None:
    page = Page(820, 620)
    for top in (20, 310):
        page.line((20, top), (800, top), (800, top + 290), (20, top + 290), (20, top))
    flow(page, 110, "Check order", "Ship goods", x=70)
    flow(page, 400, "Write letter", "Send letter", x=70)
    turned(page, 36, 165, "Clerk")
    turned(page, 36, 455, "Boss")
    page.line((412, 220), (400, 220), (400, 280), (412, 280))
    for k, words in enumerate(("Not later than", "two working days")):
        page.write(476, 238 + 22 * k, words, 16)
    dotted(page, (440, 152), (440, 214))
    found = read(engine, page)
    assert labels(found, "annotation") == ["Not later than two working days"]
    titles = {g.id: g.label for g in found.groups}
    homes = {n.label: titles.get(n.group or "") for n in found.nodes if n.shape == "task"}
    assert homes == {"Check order": "Clerk", "Ship goods": "Clerk", "Write letter": "Boss", "Send letter": "Boss"}


def test_an_event_close_to_a_lanes_title_leaves_it_whole(engine: EmbeddedEngine) -> None:
    page = Page(820, 420)
    page.line((20, 20), (800, 20), (800, 400), (20, 400), (20, 20))
    page.line((60, 20), (60, 400))
    page.line((60, 210), (800, 210))
    turned(page, 40, 210, "Company")
    turned(page, 76, 115, "agronomist")
    turned(page, 76, 305, "software")
    flow(page, 115, "Check order", "Ship goods", x=88)
    flow(page, 305, "Write letter", "Send letter", x=120)
    found = read(engine, page)
    assert {(g.kind, g.label) for g in found.groups} == {
        ("pool", "Company"), ("lane", "agronomist"), ("lane", "software"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "last", "said"),
    [
        ("Не", "т", False, "Нет"),
        ("Не", "T", False, "Нет"),
        ("Д", "а", False, "Да"),
        ("Д", "a", False, "Да"),
        ("Ye", "s", False, "Yes"),
        ("данные корректны", "e", True, "данные корректные"),
        ("номер забронирова", "н", True, "номер забронирован"),
        ("Шаг", "A", True, None),
        ("Вариант", "Б", True, None),
        ("Не", "готово", True, None),
    ],
)
def test_answers_and_last_letters_that_did_not_fit_are_joined(
    before: str, after: str, last: bool, said: str | None
) -> None:
    assert joined(before, after, last=last) == said


def test_an_icon_in_a_box_that_paper_parts_from_it_is_in_the_box() -> None:
    """Its middle is none of the box's own paper: that ends where the icon begins."""
    mask = np.ones((100, 200), np.uint8)
    mask[5:25, 5:25] = 0
    outline = Outline(0, Rect(50, 50, 250, 150), mask, Fit("rounded", 1.0), 20000)
    lines = [TextLine(box, (box,), 0) for box in (Rect(56, 56, 72, 72), Rect(30, 60, 60, 70))]
    scene = Scene(prepare(Page().pixels), [Symbol(outline, "rounded", 2)], [], Text(lines, np.zeros((9, 9), bool)), [])
    share_text(scene)
    assert scene.inside == {0: lines[:1]}
    assert scene.outside == lines[1:]


@pytest.mark.parametrize(("x", "count"), [(300, 1), (60, 2), (500, 2)])
def test_a_name_of_two_lines_below_a_lanes_side_is_one(x: int, count: int) -> None:
    """Unless it stands where the lane's title may: in the middle, at the left end."""
    boxes = [Rect(x - w // 2, y, x + w // 2, y + 10) for w, y in ((60, 24), (50, 38))]
    lines = [TextLine(b, tuple(Rect(b.x0 + k, b.y0, b.x0 + k + 8, b.y1) for k in range(0, b.w, 10)), 0) for b in boxes]
    gateway = Rect(x - 25, 52, x + 25, 102)
    frames = [Frame(Rect(20, 20, 980, 220))]
    assert len(blocks(lines, 10, frames, [gateway], [gateway])) == count
