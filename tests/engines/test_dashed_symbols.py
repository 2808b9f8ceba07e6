"""Symbols with dashed outlines, corners between rounded and half round, circles that only connectors close in."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.shapes import classify


def _outline(shape: str, x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    """Points along a symbol's outline, its first one again at the end."""
    if shape == "ellipse":
        turns = np.linspace(0, 2 * math.pi, 90)
        return [(x + w / 2 * math.cos(t), y + h / 2 * math.sin(t)) for t in turns]
    x0, y0, x1, y1, r = x - w / 2, y - h / 2, x + w / 2, y + h / 2, 12.0 if shape == "rounded" else 0.0
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    out = [
        (cx + r * math.cos(math.radians(start + t)), cy + r * math.sin(math.radians(start + t)))
        for cx, cy, start in corners
        for t in np.linspace(0, 90, 8)
    ]
    return [*out, out[0]]


def _dashed(page: Page, points: list[tuple[float, float]], dash: float, gap: float) -> None:
    """Dashes along a line through points, `dash` and `gap` in pixels."""
    along = np.cumsum([0.0, *(math.dist(a, b) for a, b in pairwise(points))])
    xs, ys = zip(*points, strict=True)
    for start in np.arange(0, along[-1] - dash, dash + gap):
        steps = np.linspace(start, start + dash, 8)
        way = [(float(np.interp(s, along, xs)), float(np.interp(s, along, ys))) for s in steps]
        page.line(*way, width=1.5)


@pytest.mark.parametrize("shape", ["process", "rounded", "ellipse"])
def test_a_symbol_drawn_in_dashes_is_one(shape: str) -> None:
    page = Page(640, 320)
    page.symbol("process", 120, 70, "Read the list", w=160, h=60)
    _dashed(page, _outline(shape, 420, 70, 170, 64), 7, 5)
    page.write(420, 70, "Remember it")
    page.names[420, 70] = "Remember it"
    page.symbol("process", 420, 240, "Show it", w=160, h=60)
    page.arrow((200, 70), (334, 70))
    page.arrow((420, 103), (420, 209))
    assert sorted(page.edges()) == [("Read the list", "Remember it"), ("Remember it", "Show it")]
    found = next(n for n in understand(page.pixels).nodes if n.box.inside(420, 70))
    assert found.shape == shape


def test_boxes_in_long_dashes_that_turn_around_corners() -> None:
    """One stands in a container, whose middle is near its own; connectors touch their sides between two dashes."""
    page = Page(760, 380)
    page.polygon((20, 20), (340, 20), (340, 360), (20, 360))
    page.write(70, 40, "Model")
    for x, y, name in ((180, 190, "Data classes"), (560, 100, "Broker"), (560, 280, "Viewer")):
        _dashed(page, _outline("process", x, y, 204, 84), 18, 16)
        page.write(x, y, name)
        page.names[x, y] = name
    page.arrow((458, 100), (380, 100), (380, 190), (282, 190))
    page.arrow((560, 238), (560, 142))
    assert sorted(page.edges()) == [("Broker", "Data classes"), ("Viewer", "Broker")]


def test_dashed_connectors_close_in_no_symbol() -> None:
    page = Page(640, 320)
    for name, x, y in (("North", 320, 50), ("South", 320, 270), ("West", 90, 160), ("East", 550, 160)):
        page.symbol("process", x, y, name, w=120, h=50)
    for a, b in (((260, 60), (120, 134)), ((380, 60), (520, 134)), ((120, 186), (260, 262)), ((520, 186), (380, 262))):
        _dashed(page, [a, b], 7, 5)
    page.write(320, 160, "nothing around this")
    assert len(understand(page.pixels).nodes) == 4


def test_a_circle_of_arrows_is_no_symbol() -> None:
    page = Page(360, 360)
    for name, x, y in (("plan", 180, 55), ("do", 305, 180), ("check", 180, 305), ("act", 55, 180)):
        page.symbol("circle", x, y, name, w=96, h=96)
    for a, b in (((214, 89), (271, 146)), ((271, 214), (214, 271)), ((146, 271), (89, 214)), ((89, 146), (146, 89))):
        page.arrow(a, b)
    _dashed(page, [(180, 104), (180, 244)], 8, 7)
    page.arrow((180, 244), (180, 256))
    assert len(understand(page.pixels).nodes) == 4
    assert {("plan", "do"), ("do", "check"), ("check", "act"), ("act", "plan"), ("plan", "check")} == set(page.edges())


@pytest.mark.parametrize(("share", "shape"), [(0.2, "rounded"), (0.33, "rounded"), (0.38, "rounded"), (0.5, "stadium")])
@pytest.mark.parametrize("width", [90, 140, 300])
def test_corners_tell_a_rounded_box_from_a_stadium(share: float, shape: str, width: int) -> None:
    height = 44
    radius = share * height
    xs, ys = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    dx = np.maximum(np.maximum(radius - xs, xs - width + radius), 0)
    dy = np.maximum(np.maximum(radius - ys, ys - height + radius), 0)
    mask = (np.hypot(dx, dy) <= radius).astype(np.uint8)
    assert classify(mask, letter=13.0).shape == shape
