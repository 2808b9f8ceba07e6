"""What lies beside a photographed page is taken away; nothing is where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.picture.page import without_surroundings

Pixels = NDArray[np.uint8]


def drawn() -> Pixels:
    page = Page(620, 420)
    page.symbol("process", 150, 100, "Check the order", w=180, h=60)
    page.symbol("process", 450, 300, "Send the goods", w=180, h=60)
    page.arrow((150, 130), (450, 270))
    return np.asarray(page.pixels, np.uint8)


def grained(pixels: NDArray[np.float32]) -> Pixels:
    noise = np.random.default_rng(3).normal(0, 2.0, pixels.shape)
    return np.clip(0.9 * pixels + noise, 0, 255).astype(np.uint8)


def on_table(table: float) -> Pixels:
    rng = np.random.default_rng(5)
    wood = cv2.resize(rng.normal(table, 15, (90, 120)).astype(np.float32), (900, 660), interpolation=cv2.INTER_CUBIC)
    out = np.repeat(wood[..., None], 3, axis=2)
    corners = np.array([(120, 90), (790, 130), (760, 590), (90, 560)], np.float32)
    there = cv2.getPerspectiveTransform(np.array([(0, 0), (620, 0), (620, 420), (0, 420)], np.float32), corners)
    cv2.warpPerspective(drawn().astype(np.float32), there, (900, 660), out, borderMode=cv2.BORDER_TRANSPARENT)
    return grained(out)


@pytest.mark.parametrize("table", [60.0, 130.0])
def test_a_table_beside_the_page_becomes_paper(table: float) -> None:
    picture = on_table(table)
    clean = without_surroundings(picture)
    assert clean is not picture
    for row in (clean[:50], clean[-40:], clean[:, :60], clean[:, -80:]):
        assert row.min() > 200
    assert np.array_equal(clean[180:500, 150:720], picture[180:500, 150:720])


def test_a_page_from_rim_to_rim_stays() -> None:
    picture = grained(drawn().astype(np.float32))
    assert without_surroundings(picture) is picture


def test_a_shadow_with_a_soft_edge_is_no_table() -> None:
    light = cv2.GaussianBlur(np.where(np.arange(620) < 250, 0.5, 1.0).astype(np.float32)[None], (0, 0), 50)
    picture = grained(drawn() * light[0][None, :, None])
    assert without_surroundings(picture) is picture


def test_a_rendering_with_a_dark_rim_stays() -> None:
    picture = cv2.copyMakeBorder(drawn(), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(40, 40, 40))
    assert without_surroundings(np.asarray(picture, np.uint8)) is picture
