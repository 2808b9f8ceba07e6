"""Drawings seen at a slant, as cameras see pages and screens, are set straight; straight ones are left as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.picture.upright import straight_lines, tilt, upright
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Box, Diagram, Node, Point

Pixels = NDArray[np.uint8]
BOXES = [(150, 60), (150, 200), (460, 200), (460, 360), (150, 360), (460, 60)]


def flow() -> Page:
    page = Page(620, 420)
    for k, (x, y) in enumerate(BOXES):
        page.symbol("process", x, y, f"Check order {k + 1}", w=180, h=60)
    page.arrow((150, 90), (150, 170))
    page.arrow((150, 230), (150, 330))
    page.arrow((240, 200), (370, 200))
    page.arrow((460, 230), (460, 330))
    page.arrow((240, 60), (370, 60))
    return page


def seen(pixels: Pixels, left: float, top: float) -> tuple[Pixels, NDArray[np.float64]]:
    """A page seen with its left and its top rim nearer or further by a share, enlarged, with a camera's grain."""
    h, w = pixels.shape[:2]
    centre = np.array([(1, 0, -w / 2), (0, 1, -h / 2), (0, 0, 1)])
    slant = np.array([(1, 0.02, 0), (-0.02, 1, 0), (2 * left / w, 2 * top / h, 1)])
    there = np.array([(1.5, 0, 0.9 * w), (0, 1.5, 0.9 * h), (0, 0, 1)]) @ slant @ centre
    out = cv2.warpPerspective(
        pixels, there, (round(1.8 * w), round(1.8 * h)), flags=cv2.INTER_AREA, borderValue=(255, 255, 255)
    ).astype(np.float32)
    out = 0.9 * out + np.random.default_rng(3).normal(0, 1.5, out.shape)
    return np.clip(out, 0, 255).astype(np.uint8), there


def straightness(pixels: Pixels) -> float:
    """Share of the straight edges' length that lies along the axes."""
    lines = straight_lines(pixels).lines
    along = np.abs(lines[:, 2:] - lines[:, :2])
    length = np.hypot(along[:, 0], along[:, 1])
    return float(length[along.min(axis=1) <= 0.008 * length + 0.6].sum() / length.sum())


@pytest.mark.parametrize(("left", "top"), [(0.08, 0.0), (0.0, -0.08), (-0.1, 0.06), (0.05, 0.1)])
def test_a_page_seen_at_a_slant_is_set_straight(left: float, top: float) -> None:
    picture, there = seen(flow().pixels, left, top)
    assert straightness(picture) < 0.8
    set_straight, turn = upright(picture)
    assert turn is not None
    assert straightness(set_straight) > 0.9
    scene = understand(set_straight)
    assert [n.shape for n in scene.nodes] == ["process"] * 6
    assert len(scene.connectors) == 5
    boxes, k = [n.box for n in scene.nodes], scene.sheet.scale
    found = Diagram(
        kind="flowchart",
        nodes=tuple(
            Node(id=str(i), label="", shape="process", box=Box(b.x0 / k, b.y0 / k, b.w / k, b.h / k))
            for i, b in enumerate(boxes)
        ),
    )
    for x, y in BOXES:  # places are told in the picture as it came
        at = there @ (x, y, 1)
        assert any(
            n.box is not None and np.hypot(*(n.box.center - at[:2] / at[2])) < 12 for n in turn.undo(found).nodes
        )


def test_a_point_is_told_where_it_was_seen() -> None:
    picture, there = seen(flow().pixels, 0.1, 0.05)
    _, turn = upright(picture)
    assert turn is not None
    there_again = turn.back @ np.linalg.inv(turn.back) @ there @ (150, 60, 1)
    x, y, w = np.linalg.inv(turn.back) @ there_again
    assert turn.point(Point(x / w, y / w)) == pytest.approx(tuple(there_again[:2] / there_again[2]), abs=0.1)


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_connectors_that_meet_at_a_symbol_are_no_slant(noise: float) -> None:
    page = Page(620, 520)
    page.symbol("process", 310, 60, "Start", w=140, h=50)
    for k in range(6):
        x = 55 + 102 * k
        page.symbol("process", x, 440, f"Step {k}", w=90, h=50)
        page.arrow((310 + 10 * (k - 3), 85), (x, 415))
    pixels = np.asarray(page.pixels, np.uint8)
    grain = np.random.default_rng(3).normal(0, noise, pixels.shape)
    pixels = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    same, turn = upright(pixels)
    assert turn is None
    assert same is pixels


def test_a_slight_turn_is_no_slant() -> None:
    pixels = np.asarray(flow().pixels, np.uint8)
    turn = cv2.getRotationMatrix2D((310, 210), 2.0, 1.0)
    askew = np.asarray(cv2.warpAffine(pixels, turn, (620, 420), borderValue=(255, 255, 255)), np.uint8)
    assert tilt(straight_lines(askew)) == pytest.approx(-2.0, abs=0.1)
    back = upright(askew)[1]
    assert back is not None
    assert back.back[2] == pytest.approx((0.0, 0.0, 1.0))
