"""Drawings whose letters touch for blur: the grey between them is no ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.picture.edges import blurred
from diagrasp.engines.embedded.picture.letters import letters_touch
from diagrasp.engines.embedded.picture.raster import prepare, prepare_twice, retake
from diagrasp.engines.embedded.scene import understand

Pixels = NDArray[np.uint8]
NAMES = ("Collect forms", "Confirm terms", "Inform client")


def drawing(sigma: float) -> Pixels:
    """Three boxes in a column, joined by arrows, their names in letters close together.

    Args:
        sigma: of the blur, in pixels; 0 for none.
    """
    image = Image.new("RGB", (300, 400), "white")
    pen = ImageDraw.Draw(image)
    for k, name in enumerate(NAMES):
        y = 30 + 130 * k
        pen.rectangle((60, y, 240, y + 60), outline="black", width=2)
        pen.text((150, y + 30), name, "black", ImageFont.load_default(17), anchor="mm")
        if k < 2:
            pen.line((150, y + 61, 150, y + 120), "black", 2)
            pen.polygon([(150, y + 129), (144, y + 115), (156, y + 115)], "black")
    pixels = np.asarray(image, np.uint8)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma else pixels, np.uint8)


def test_letters_that_blur_joins_stand_apart() -> None:
    scene = understand(drawing(0.7))
    assert [n.shape for n in scene.nodes] == ["process"] * 3
    assert len(scene.connectors) == 2
    lines = [t for i in scene.inside for t in scene.inside[i]]
    assert len(lines) == 3
    assert sum(len(t.letters) for t in lines) >= 0.7 * sum(len(n) - 1 for n in NAMES)


def test_blur_is_told_by_edges() -> None:
    sharp, soft = (prepare_twice(drawing(sigma))[0] for sigma in (0.0, 0.7))
    assert not blurred(sharp.contrast, sharp.ink)
    assert blurred(soft.contrast, soft.ink)
    assert (sharp.soft, soft.soft) == (0, 1)
    assert retake(soft, soft.rgb).soft == 1


@pytest.mark.parametrize("gap", [0, 3])
def test_words_in_one_piece_tell_that_letters_touch(gap: int) -> None:
    ink = np.zeros((200, 300), bool)
    for row in range(4):
        for k in range(18):
            x, y = 12 + (8 + gap) * k, 20 + 40 * row
            ink[y : y + 12, x : x + 8 : 4] = True
            ink[y + 5, x : x + 8] = True
    assert letters_touch(ink[:, : 12 + 9 * (8 + gap)], 12.0) == (gap == 0)


def test_an_empty_sheet_is_not_blurred() -> None:
    sheet = prepare(np.full((80, 80, 3), 255, np.uint8))
    assert not blurred(sheet.contrast, sheet.ink)
