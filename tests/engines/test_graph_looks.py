"""What tools that lay out graphs draw: spots to start at, heads without a line, ovals below a cluster, small loops."""

from __future__ import annotations

import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.uml.vees import points_at


def _oval(page: Page, x: float, y: float, words: str, *, w: float = 150, h: float = 48) -> None:
    page.oval(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    page.write(x, y, words)


def _joined(page: Page) -> list[tuple[tuple[int, int], tuple[int, int], bool]]:
    """The middles of what connectors join, in tens of pixels, and whether a head is seen."""
    scene = understand(page.pixels)
    boxes = [n.box for n in scene.nodes] + [f.box for f in scene.frames]
    ends = [[boxes[k - 1] for k in (c.source, c.target)] for c in scene.connectors]
    middles = [[(round(b.cx / scene.sheet.scale, -1), round(b.cy / scene.sheet.scale, -1)) for b in e] for e in ends]
    return sorted(
        ((int(a[0]), int(a[1])), (int(b[0]), int(b[1])), c.head)
        for (a, b), c in zip(middles, scene.connectors, strict=True)
    )


def test_a_spot_is_where_it_starts() -> None:
    page = Page(620, 200)
    page.oval(26, 96, 34, 104, width=4)
    page.arrow((32, 100), (124, 100))
    _oval(page, 200, 100, "Idle")
    page.arrow((276, 100), (374, 100))
    _oval(page, 450, 100, "Busy")
    assert _joined(page) == [((30, 100), (200, 100), True), ((200, 100), (450, 100), True)]


def test_a_spot_amid_a_line_is_no_symbol() -> None:
    page = Page(620, 200)
    _oval(page, 120, 100, "Idle")
    page.arrow((196, 100), (424, 100))
    page.oval(306, 96, 314, 104, width=4)
    _oval(page, 500, 100, "Busy")
    assert len(understand(page.pixels).nodes) == 2


@pytest.mark.parametrize("up", [False, True])
def test_a_head_between_two_symbols_without_a_line(up: bool) -> None:
    page = Page(420, 260)
    _oval(page, 200, 70, "First")
    _oval(page, 200, 132, "Second")
    _oval(page, 200, 230, "Third")
    page.arrow((200, 156), (200, 206))
    tip, back = (95, 107) if up else (107, 95)
    page.polygon((200, tip), (195, back), (205, back), fill="black")
    first, second = (200, 70), (200, 130)
    assert (second, first, True) in _joined(page) if up else (first, second, True) in _joined(page)


def test_what_lies_between_a_cluster_and_two_arrows_is_no_part_of_the_oval_below() -> None:
    page = Page(560, 240)
    page.line((10, 10), (530, 10), (530, 112), (10, 112), (10, 10))
    page.write(270, 26, "Workflow")
    _oval(page, 140, 80, "Revenue", w=226)
    _oval(page, 400, 80, "Ingestor", w=226)
    _oval(page, 270, 174, "Update", w=158)
    page.arrow((175, 102), (244, 152))
    page.arrow((370, 102), (302, 152))
    assert _joined(page) == [((140, 80), (270, 170), True), ((400, 80), (270, 170), True)]
    assert len(understand(page.pixels).frames) == 1


def _head(ink: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], *, dash: bool) -> Rect:
    for k in range(9):  # its tip at (50, 40), open to the left
        ink[40 - k // 2 - 1 : 40 - k // 2 + 1, 50 - k] = ink[40 + k // 2 - 1 : 40 + k // 2 + 1, 50 - k] = True
    ink[40, 28:38] = dash
    return Rect(42, 35, 51, 45)


def test_a_head_apart_from_the_last_dash_is_no_letter() -> None:
    for dash in (True, False):
        ink = np.zeros((80, 120), bool)
        mark = _head(ink, dash=dash)
        mask = ink[mark.y0 : mark.y1, mark.x0 : mark.x1]
        assert points_at(Rect(53, 10, 100, 70), mark, mask, ink, 10.0) is dash
        assert not points_at(Rect(10, 10, 25, 70), mark, mask, ink, 10.0)


def test_a_head_that_stops_short_of_a_container_is_no_spot() -> None:
    page = Page(760, 240)
    _oval(page, 120, 120, "First")
    page.line((196, 120), (299, 120), width=1)
    page.polygon((308, 120), (299, 115), (299, 125), fill="black")
    page.line((316, 40), (740, 40), (740, 210), (316, 210), (316, 39))
    _oval(page, 420, 120, "Second")
    page.arrow((496, 120), (564, 120))
    _oval(page, 640, 120, "Third")
    assert len(understand(page.pixels).nodes) == 3
