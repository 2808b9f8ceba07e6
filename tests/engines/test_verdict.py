"""Pictures that are no diagram give an empty one and the reason; odd diagrams stay."""

from __future__ import annotations

import asyncio
import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines import Recognition, Request
from diagrasp.engines.embedded import joining
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.graph.verdict import no_diagram
from diagrasp.engines.embedded.hand.paper import WIDEST, hatched
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.spreadsheet import is_spreadsheet
from diagrasp.engines.embedded.scene import understand
from diagrasp.images import Picture
from diagrasp.model import Diagram, Edge, Node

SAID = "the delivery of goods begins when an order arrives and ends with a payment that the bank confirms"
WORDS = SAID.split()


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def seen(engine: EmbeddedEngine, image: Image.Image) -> Recognition:
    picture = Picture(b"", np.asarray(image.convert("RGB"), np.uint8), "image/png")
    return asyncio.run(engine.recognize(picture, Request(), lambda share, what: None))


def blank() -> Image.Image:
    return Image.new("RGB", (700, 500), "white")


def text() -> Image.Image:
    image = blank()
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for k in range(14):
        pen.text((50, 30 + 30 * k), " ".join(WORDS[k % 5 : k % 5 + 9]), "black", font)
    return image


def window() -> Image.Image:
    """A page of text in a frame, as a terminal's window is."""
    image = text()
    ImageDraw.Draw(image).rectangle((20, 12, 680, 470), outline="black", width=2)
    return image


def beside() -> Image.Image:
    """Two boxes with words over two columns of text."""
    image = Image.new("RGB", (700, 900), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for k, name in enumerate(("Order", "Send")):
        pen.rectangle((60 + 340 * k, 30, 260 + 340 * k, 90), outline="black", width=2)
        pen.text((120 + 340 * k, 50), name, "black", font)
        for row in range(24):
            pen.text((30 + 340 * k, 130 + 30 * row), " ".join(WORDS[row % 9 : row % 9 + 4]), "black", font)
    return image


def chart(*, words: bool) -> Image.Image:
    image = blank()
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    pen.line((60, 440, 660, 440), "black", 2)
    for k, height in enumerate((160, 300, 220, 380, 260)):
        pen.rectangle((90 + 110 * k, 440 - height, 170 + 110 * k, 440), "#cfe2f3", "black", 2)
        pen.text((110 + 110 * k, 400 if words else 450), str(10 * height), "black", font)
    return image


def ruled() -> Image.Image:
    image = blank()
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for k in range(9):
        pen.line((40, 40 + 48 * k, 660, 40 + 48 * k), "black", 2)
    for x in (40, 100, 420, 660):
        pen.line((x, 40, x, 424), "black", 2)
    for k in range(8):
        for x, word in ((55, str(k + 1)), (115, " ".join(WORDS[k : k + 3])), (435, WORDS[k + 4])):
            pen.text((x, 52 + 48 * k), word, "black", font)
    return image


def sheet(wide: int, high: int, *, words: bool = True) -> Image.Image:
    """Cells from edge to edge, ruled in grey."""
    image = Image.new("RGB", (12 * wide + 1, 20 * high + 1), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    for x in range(0, image.width, wide):
        pen.line((x, 0, x, image.height), "#cccccc")
    for k, y in enumerate(range(0, image.height, high)):
        pen.line((0, y, image.width, y), "#cccccc")
        for x in range(0, image.width - wide if words else 0, wide):
            pen.text((x + 5, y + 4), WORDS[(x + 3 * k) % len(WORDS)], "black", font)
    return image


def clouds() -> Image.Image:
    small = np.random.default_rng(3).integers(0, 255, (8, 11, 3), np.uint8)
    return Image.fromarray(small).resize((700, 500), Image.Resampling.BICUBIC)


def boxes() -> Image.Image:
    image = Image.new("RGB", (1100, 900), "white")
    pen = ImageDraw.Draw(image)
    for k in range(2000):
        x, y = 10 + 27 * (k % 40), 8 + 17 * (k // 40)
        pen.rectangle((x, y, x + 22, y + 12), outline="black")
    return image


def dots() -> Image.Image:
    y, x = np.mgrid[0:900, 0:1100]
    return Image.fromarray(np.where((x % 7 < 3) & (y % 7 < 3), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (blank(), "the picture is empty"),
        (text(), "text without symbols"),
        (window(), "a page of text in a lone box"),
        (beside(), "text beside boxes that nothing joins"),
        (chart(words=False), "bar"),
        (chart(words=True), "a bar chart"),
        (ruled(), "no diagram was found"),
        (sheet(90, 24), "a table"),
        (clouds(), "no symbols"),
        (boxes(), "pattern"),
        (dots(), "no diagram was found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_diagram_gives_an_empty_one_and_the_reason(
    engine: EmbeddedEngine, image: Image.Image, reason: str
) -> None:  # fmt: skip
    found = seen(engine, image)
    assert not found.diagram.nodes
    assert not found.diagram.edges
    assert found.confidence == 0
    assert reason in found.warnings[-1]


def _drawing(labels: tuple[str, ...], node: float, edge: float) -> Diagram:
    nodes = tuple(Node(id=f"n{k}", label=label, confidence=node) for k, label in enumerate(labels))
    pairs = itertools.pairwise(nodes)
    return Diagram(
        kind="flowchart",
        nodes=nodes,
        edges=tuple(Edge(source=a.id, target=b.id, head="arrow", confidence=edge) for a, b in pairs),
    )


@pytest.mark.parametrize(
    ("labels", "node", "edge", "refused"),
    [
        (("l", "", "i=", ""), 0.3, 0.1, True),
        (("Order", "", "i=", "", ""), 0.3, 0.1, True),
        (("q0", "q1", "q2"), 0.95, 0.9, False),
        (("q0", "q1", "q2"), 0.95, 0.1, False),
        (("q0", "q1", "q2"), 0.3, 0.9, False),
        (("Order", "Pack", "", ""), 0.3, 0.1, False),
    ],
    ids=["no words", "one word", "automaton", "sure symbols", "sure connectors", "words by hand"],
)
def test_what_is_doubtful_and_bears_no_words_is_no_diagram(
    labels: tuple[str, ...], node: float, edge: float, refused: bool
) -> None:  # fmt: skip
    page = Page(200, 200)
    page.symbol("process", 100, 100, "Order", w=110, h=60)
    reason = no_diagram(understand(page.pixels), _drawing(labels, node, edge))
    assert (reason is not None and "by chance" in reason) is refused


def test_a_drawing_in_which_nothing_is_named_yet_is_a_diagram() -> None:
    page = Page(700, 200)
    for x in (100, 350, 600):
        page.symbol("process", x, 100, w=110, h=60)
    page.arrow((155, 100), (294, 100))
    page.arrow((405, 100), (544, 100))
    scene = understand(page.pixels)
    assert no_diagram(scene, _drawing(("", "", "", ""), 0.3, 0.1)) is None
    assert no_diagram(scene, _drawing(("", "", ""), 0.3, 0.1)) is not None  # too few to hold together


def test_more_strokes_than_a_drawing_has_join_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(600, 300)
    for x in (120, 300, 480):
        page.symbol("process", x, 150, "Order", w=110, h=60)
    page.arrow((175, 150), (245, 150))
    page.arrow((355, 150), (425, 150))
    assert len(understand(page.pixels).connectors) == 2
    monkeypatch.setattr(joining, "CROWD", 1)
    assert not understand(page.pixels).connectors


def test_boxes_that_nothing_joins_stay_with_a_warning(engine: EmbeddedEngine) -> None:
    page = Page(600, 300)
    for x, name in ((120, "Order"), (300, "Pack"), (480, "Send")):
        page.symbol("process", x, 150, name, w=110, h=60)
    found = seen(engine, Image.fromarray(page.pixels))
    assert [n.label for n in found.diagram.nodes] == ["Order", "Pack", "Send"]
    assert "no connectors were found" in found.warnings[-1]


def test_a_drawing_on_squares_is_no_spreadsheet() -> None:
    image = sheet(24, 24, words=False)
    page = Page(image.width, 400)
    page.symbol("process", 80, 200, "Order", w=100, h=60)
    page.symbol("process", 220, 200, "Pack", w=90, h=60)
    page.arrow((130, 200), (175, 200))
    under = np.asarray(image)[:400]
    pixels = np.minimum(page.pixels, under)
    pixels[page.pixels.min(axis=2) < 250] = page.pixels[page.pixels.min(axis=2) < 250]
    assert not is_spreadsheet(prepare(pixels))
    assert is_spreadsheet(prepare(np.asarray(sheet(90, 24))))


def test_a_drawing_on_a_hatched_page_is_read(engine: EmbeddedEngine) -> None:
    page = Page(600, 300)
    for x, name in ((120, "Order"), (300, "Pack"), (480, "Send")):
        page.symbol("process", x, 150, name, w=110, h=60)
    page.arrow((175, 150), (245, 150))
    page.arrow((355, 150), (425, 150))
    y, x = np.mgrid[0:300, 0:600]
    pixels = page.pixels.copy()
    pixels[((x + y) % 6 < 1) & (pixels.min(axis=2) > 250)] = 205
    found = seen(engine, Image.fromarray(pixels)).diagram
    assert [n.label for n in found.nodes] == ["Order", "Pack", "Send"]
    assert len(found.edges) == 2


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (3, 3), (3, 3000), (3000, 3), (2, 40_000), (20_000, 40)])
@pytest.mark.parametrize("marked", [False, True])
def test_a_picture_in_which_nothing_has_room_gives_an_empty_diagram(
    engine: EmbeddedEngine, size: tuple[int, int], marked: bool
) -> None:  # fmt: skip
    """As small as a pixel, as low as a rule; with a cross in its middle, or empty."""
    width, height = size
    pixels = np.full((height, width, 3), 255, np.uint8)
    if marked:
        pixels[height // 2] = pixels[:, width // 2] = 0
    found = seen(engine, Image.fromarray(pixels))
    assert not found.diagram.nodes
    assert len(found.warnings) == 1


@pytest.mark.parametrize("size", [(2, 40_000), (40_000, 400)])
def test_paper_is_looked_for_nearby_however_long_a_picture_is(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:  # fmt: skip
    """What it costs grows with the square of the neighbourhood."""
    sizes: list[int] = []
    element = cv2.getStructuringElement

    def recorded(shape: int, ksize: tuple[int, int]) -> NDArray[np.uint8]:
        sizes.append(max(ksize))
        return np.asarray(element(shape, (1, 1)), np.uint8)

    monkeypatch.setattr(cv2, "getStructuringElement", recorded)
    assert not hatched(np.full((size[1], size[0], 3), 255, np.uint8))
    assert 0 < max(sizes) <= WIDEST
