"""Drawings on paper, photographed: where writing stands, what it touches, boxes that do not close."""

from __future__ import annotations

import cv2
import font_roboto
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded import scene as embedded_scene
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.hand.scene import understand_hand
from diagrasp.engines.embedded.hand.sheet import Page, hand_page, ink_on_paper
from diagrasp.engines.embedded.hand.writing import find_writing
from diagrasp.engines.embedded.picture.camera import on_paper
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.reading import packaged
from diagrasp.engines.embedded.text.textlines import Text

Pixels = NDArray[np.uint8]
INK = (60, 50, 90)


def photographed(page: Pixels) -> Pixels:
    """Half of the light is gone in one corner, and there is grain."""
    h, w = page.shape[:2]
    light = np.linspace(1.0, 0.6, w)[None, :, None] * np.linspace(1.0, 0.8, h)[:, None, None]
    grain = np.random.default_rng(5).normal(0, 2.0, page.shape)
    return np.clip(page * light + grain, 0, 255).astype(np.uint8)


def squared(page: Pixels, step: int = 31) -> Pixels:
    out = page.copy()
    h, w = page.shape[:2]
    for at in range(step, max(h, w), step):
        cv2.line(out, (0, at), (w, at + 3), (200, 200, 205), 1, cv2.LINE_AA)
        cv2.line(out, (at, 0), (at - 3, h), (200, 200, 205), 1, cv2.LINE_AA)
    return np.minimum(out, page)


def sheet(*words: tuple[str, int, int], strokes: list[list[tuple[int, int]]]) -> Pixels:
    """Words by their middles, and strokes by their corners."""
    page = Image.new("RGB", (900, 520), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(font_roboto.RobotoLight, 30)
    for text, x, y in words:
        draw.text((x, y), text, INK, font, anchor="mm")
    for stroke in strokes:
        draw.line(stroke, INK, 3, joint="curve")
    return np.array(page)


def around(x: int, y: int, w: int, h: int) -> list[tuple[int, int]]:
    left, top, right, bottom = x - w // 2, y - h // 2, x + w // 2, y + h // 2
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


NAMES = [("Check stock", 180, 120), ("Pack goods", 650, 120), ("Send bill", 650, 380)]
BOXES = [around(x, y, 230, 90) for _, x, y in NAMES]
ARROWS = [
    [(296, 120), (530, 120)], [(512, 109), (531, 120), (512, 131)], [(650, 167), (650, 332)],
    [(639, 313), (650, 333), (661, 313)],
]  # fmt: skip


def middles(scene: Scene) -> list[tuple[float, float]]:
    return sorted(
        (round((n.outline.box.cx - scene.margin) / scene.sheet.scale, -1),
         round((n.outline.box.cy - scene.margin) / scene.sheet.scale, -1))
        for n in scene.nodes
    )  # fmt: skip


def pairs(scene: Scene) -> set[tuple[int, int]]:
    order = sorted(range(len(scene.nodes)), key=lambda i: (scene.nodes[i].box.cx > 450, scene.nodes[i].box.cy))
    return {(order.index(c.source - 1), order.index(c.target - 1)) for c in scene.connectors}


def test_lines_of_writing_are_found_on_paper() -> None:
    writing = find_writing(photographed(sheet(*NAMES, strokes=BOXES + ARROWS)))
    assert writing is not None
    for _, x, y in NAMES:
        assert sum(line.box.inside(x, y) and line.box.w < 230 for line in writing.lines) == 1
        assert writing.areas[y, x] > 0
    assert all(30 <= line.height <= 75 for line in writing.lines)


def test_without_the_detector_strokes_alone_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "PACKAGE", "no_such_package")
    page = photographed(sheet(*NAMES, strokes=BOXES + ARROWS))
    assert find_writing(page) is None
    scene = understand_hand(page)
    assert scene is not None
    assert len(scene.nodes) == 3


def test_a_photograph_of_paper_is_told_from_a_drawing() -> None:
    plain = sheet(*NAMES, strokes=BOXES + ARROWS)
    assert not on_paper(plain)
    assert on_paper(photographed(plain))
    bare, ruled = ink_on_paper(photographed(plain)), ink_on_paper(photographed(squared(plain)))
    assert bare is None or not bare.rulings
    assert ruled is not None
    assert ruled.rulings


@pytest.mark.parametrize("paper", ["plain", "squared"])
def test_boxes_and_arrows_on_paper(paper: str) -> None:
    page = sheet(*NAMES, strokes=BOXES + ARROWS)
    scene = understand_hand(photographed(squared(page) if paper == "squared" else page))
    assert scene is not None
    assert middles(scene) == [(180, 120), (650, 120), (650, 380)]
    assert pairs(scene) == {(0, 1), (1, 2)}
    assert sorted(scene.inside) == [0, 1, 2]


def test_a_box_without_a_side_is_found_by_its_words() -> None:
    left, rest = BOXES[0], BOXES[1:]
    scene = understand_hand(photographed(sheet(*NAMES, strokes=[left[:4], *rest, *ARROWS])))
    assert scene is not None
    assert len(scene.nodes) == 3
    assert pairs(scene) == {(0, 1), (1, 2)}


def test_words_between_lines_are_no_box() -> None:
    lanes = [[(20, 60), (880, 60)], [(20, 180), (880, 180)], [(60, 20), (60, 480)]]
    scene = understand_hand(
        photographed(sheet(("Store", 140, 120), *NAMES[1:], strokes=BOXES[1:] + ARROWS[2:] + lanes))
    )
    assert scene is not None
    assert middles(scene) == [(650, 120), (650, 380)]


def touching() -> Page:
    strokes = [around(450, 200, 170, 60), [(40, 330), (860, 330)]]
    page = hand_page(photographed(sheet(("Check stock", 450, 200), ("on a line", 450, 316), strokes=strokes)))
    assert page is not None
    return page


def test_letters_are_parted_from_the_strokes_that_they_touch() -> None:
    page = touching()
    assert page.known is not None
    k, m = page.sheet.scale, page.margin
    line = page.known.ink[round(322 * k) + m : round(338 * k) + m, round(60 * k) + m : round(840 * k) + m]
    assert line.any(axis=0).mean() <= 0.12  # what letters share with the stroke
    word = page.known.ink[round(300 * k) + m : round(326 * k) + m, round(390 * k) + m : round(510 * k) + m]
    assert word.any(axis=0).mean() >= 0.5


def test_a_page_that_is_all_ink_when_taken_for_print_is_read_as_written_by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = photographed(sheet(*NAMES, strokes=BOXES + ARROWS))
    black = prepare(page)
    black.ink[:] = True
    printed = Scene(black, [], [], Text([], np.zeros_like(black.ink)), [])
    monkeypatch.setattr(embedded_scene, "_printed", lambda pixels: printed)
    assert pairs(embedded_scene.understand(page)) == {(0, 1), (1, 2)}
    assert embedded_scene.understand(sheet(*NAMES, strokes=BOXES + ARROWS)) is printed
