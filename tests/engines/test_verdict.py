"""Pictures that are no diagram give an empty one and the reason; odd diagrams stay."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from paper import Page
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines import Recognition, Request
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.images import Picture

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
        (chart(words=False), "bar"),
        (chart(words=True), "a bar chart"),
        (ruled(), "no diagram was found"),
        (clouds(), "no symbols"),
        (boxes(), "pattern"),
        (dots(), "no diagram was found"),
    ],
    ids=["empty", "text", "bars", "labelled bars", "table", "photograph", "boxes", "dots"],
)
def test_what_is_no_diagram_gives_an_empty_one_and_the_reason(
    engine: EmbeddedEngine, image: Image.Image, reason: str
) -> None:  # fmt: skip
    found = seen(engine, image)
    assert not found.diagram.nodes
    assert not found.diagram.edges
    assert found.confidence == 0
    assert reason in found.warnings[-1]


def test_boxes_that_nothing_joins_stay_with_a_warning(engine: EmbeddedEngine) -> None:
    page = Page(600, 300)
    for x, name in ((120, "Order"), (300, "Pack"), (480, "Send")):
        page.symbol("process", x, 150, name, w=110, h=60)
    found = seen(engine, Image.fromarray(page.pixels))
    assert [n.label for n in found.diagram.nodes] == ["Order", "Pack", "Send"]
    assert "no connectors were found" in found.warnings[-1]


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
