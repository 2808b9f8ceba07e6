"""Drawings whose letters are small: how much they are enlarged, and what enlarging must not change."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import GRAIN, Page

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.edges import without_valleys
from diagrasp.engines.embedded.picture.letters import RUN_TOGETHER, letter_heights, words_run_together
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.scaling import GROWN, ROOMY, TARGET, scaling, without_room
from diagrasp.engines.embedded.picture.upright import upright
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.shapes import classify

ENDLESS = 1e9


@pytest.mark.parametrize("letter", [7.0, 9.0, 11.0, 14.0, 25.0])
def test_letters_are_brought_to_one_height_where_time_allows(letter: float) -> None:
    assert letter * scaling(letter, letter, 200_000, ENDLESS, soft=True) == pytest.approx(ROOMY)
    small = int(0.9 * GROWN * (letter / ROOMY) ** 2)
    assert letter * scaling(letter, letter, small, ENDLESS, soft=True) == pytest.approx(ROOMY)
    large = int(1.2 * GROWN * (letter / ROOMY) ** 2)
    assert scaling(letter, letter, large, ENDLESS, soft=True) == without_room(letter, letter)


def test_letters_that_are_large_enough_stay() -> None:
    for letter in (15.0, 18.0, 22.0):
        assert scaling(letter, letter, 100_000, ENDLESS, soft=True) == 1


def test_a_sharp_drawing_is_enlarged_where_its_letters_are_small() -> None:
    assert scaling(10, 10, 200_000, ENDLESS, soft=False) == 2
    assert scaling(12, 12, 200_000, ENDLESS, soft=False) == 1


def test_large_drawings_are_scaled_to_what_is_enough() -> None:
    assert 30 * scaling(30, 30, 10_000_000, ENDLESS, soft=True) == pytest.approx(TARGET)
    assert scaling(8, 8, 2_000_000, 4_000_000, soft=True) == pytest.approx(2**0.5)


def test_tiny_letters_are_not_trebled_in_large_drawings() -> None:
    assert scaling(RUN_TOGETHER, RUN_TOGETHER, 100_000, ENDLESS, soft=True) == 3
    assert scaling(RUN_TOGETHER, RUN_TOGETHER, 2_000_000, ENDLESS, soft=True) == 2


def approval() -> Page:
    page = Page(620, 420)
    page.symbol("process", 150, 60, "Check the order", w=180, h=60)
    page.symbol("decision", 150, 200, "Approved?", w=200, h=100)
    page.symbol("rounded", 460, 200, "Send the goods", w=180, h=60)
    page.symbol("process", 150, 360, "Write a refusal", w=180, h=60)
    page.arrow((150, 90), (150, 150))
    page.arrow((250, 200), (370, 200))
    page.arrow((150, 250), (150, 330))
    page.write(300, 188, "yes", 13)
    page.write(172, 285, "no", 13)
    return page


def smaller(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def compressed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def askew(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    h, w = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), 1.0, 1.0)
    turned = cv2.warpAffine(pixels, turn, (w, h), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return upright(np.asarray(turned, np.uint8))[0]


def inverted(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return 255 - pixels


def is_approval(scene: Scene) -> bool:
    shapes = sorted(n.shape for n in scene.nodes)
    heads = [c.head and not c.tail for c in scene.connectors]
    joined = {(scene.nodes[c.source - 1].shape, scene.nodes[c.target - 1].shape) for c in scene.connectors}
    return (
        shapes == ["decision", "process", "process", "rounded"]
        and joined == {("process", "decision"), ("decision", "rounded"), ("decision", "process")}
        and heads == [True] * 3
    )


@pytest.mark.parametrize("factor", [0.5, 0.7, 0.85, 1.0, 1.4, 2.0])
def test_a_drawing_is_the_same_at_any_size(factor: float) -> None:
    assert is_approval(understand(smaller(approval().pixels, factor)))


@pytest.mark.parametrize("change", [compressed, askew, inverted])
@pytest.mark.parametrize("factor", [0.7, 0.85, 1.0, 1.4])
def test_a_drawing_is_the_same_otherwise_saved(
    change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], factor: float
) -> None:
    assert is_approval(understand(change(smaller(approval().pixels, factor))))


def test_words_of_tiny_letters_run_together() -> None:
    pixels = smaller(approval().pixels, 0.42)
    ink = np.asarray((255 - pixels.min(axis=2)) >= 34)
    assert letter_heights(ink) is None
    assert words_run_together(ink)
    assert prepare(pixels).scale == pytest.approx(3)


def test_lines_alone_are_no_words() -> None:
    page = Page(300, 200)
    for x in range(20, 280, 40):
        page.line((x, 20), (x, 180))
    assert not words_run_together(page.pixels.min(axis=2) < 220)


def test_the_grey_between_strokes_is_no_ink() -> None:
    contrast = np.tile(np.array([0, 80, 250, 80, 60, 80, 250, 80, 0, 0, 40, 40, 0], np.uint8), (5, 1))
    without_valleys(contrast, 2, 34)
    assert (contrast[2] >= 34).tolist() == [v in (2, 6, 10, 11) for v in range(13)]


@pytest.mark.parametrize("side", range(4))
def test_the_tip_of_a_head_on_a_side_changes_no_shape(side: int) -> None:
    mask = np.zeros((84, 360), np.uint8)
    mask[2:82, 2:358] = 1
    if side % 2:
        mask[40:44, :2] = mask[40:44, 358:] = 1
        mask = mask[2:82]
    else:
        mask[:2, 178:182] = 1
        mask = mask[:82, 2:358]
    turned = np.ascontiguousarray(np.rot90(mask, 2) if side >= 2 else mask)
    assert classify(turned, letter=18.0).shape == "process"
    assert classify(turned, letter=18.0).score > 0.99


@pytest.mark.parametrize("grain", [5, 10, 20])
def test_a_drawing_is_the_same_under_grain(grain: float) -> None:
    """Much of it varies as much as strokes do, everywhere: taken for ink, it would be thousands of specks."""
    noise = np.random.default_rng(3).normal(0, grain, approval().pixels.shape)
    grainy = np.clip(approval().pixels + noise, 0, 255).astype(np.uint8)
    pieces = [cv2.connectedComponents(prepare(p).ink.astype(np.uint8))[0] for p in (approval().pixels, grainy)]
    assert pieces[1] < 2 * pieces[0]
    assert is_approval(understand(grainy))


def test_thin_pale_lines_outlast_scaling_down() -> None:
    page = Page(700, 300)
    for x, words in ((150, "Check the order"), (520, "Send the goods")):
        page.pen.rectangle([v * GRAIN for v in (x - 90, 120, x + 90, 180)], "white", "#aaa", GRAIN)
        page.write(x, 150, words, 13)
    page.pen.line([v * GRAIN for v in (241, 150, 420, 150)], "#aaa", GRAIN)
    page.polygon((430, 150), (420, 146), (420, 154), fill="black")
    small = cv2.resize(page.pixels, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_LANCZOS4)
    scene = understand(np.asarray(small, np.uint8))
    assert [n.shape for n in scene.nodes] == ["process", "process"]
    assert len(scene.connectors) == 1


@pytest.mark.parametrize(("single", "word", "expected"), [(16, 9, 9.0), (5, 7, 7.0), (11, 9, 11.0)])
def test_words_whose_letters_run_together_tell_the_height(single: int, word: int, expected: float) -> None:
    """The letters of a title stand apart, and dots of lines look like letters; most letters are those of the words."""
    ink = np.zeros((400, 900), bool)
    for k in range(14):
        x = 20 + k * single
        ink[10 : 10 + single, x : x + round(0.6 * single)] = True
    for k in range(30):
        x, y = 20 + 140 * (k % 6), 80 + 50 * (k // 6)
        ink[y : y + word, x : x + 6 * word] = True
    found = letter_heights(ink)
    assert found is not None
    assert found[0] == expected
