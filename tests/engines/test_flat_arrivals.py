"""Heads that are hard to see at a line's end: half covered, beside other lines, traced into a barb; small circles."""

from __future__ import annotations

import math

import pytest
from paper import Page

from diagrasp.engines.embedded.scene import understand


def arrow(page: Page, *points: tuple[float, float], size: float = 9) -> None:
    """A line with a small head, its barbs 0.4 of its length wide on both sides."""
    page.line(*points, width=1.4)
    (x0, y0), (x, y) = points[-2:]
    far = math.dist((x0, y0), (x, y))
    u, v = size * (x - x0) / far, size * (y - y0) / far
    page.pen.polygon(
        [(p * 4, q * 4) for p, q in ((x, y), (x - u - 0.4 * v, y - v + 0.4 * u), (x - u + 0.4 * v, y - v - 0.4 * u))],
        "black",
    )


@pytest.mark.parametrize("drop", [44, 60])
def test_a_symbol_covers_one_barb(drop: int) -> None:
    page = Page(760, 420)
    page.symbol("process", 560, 120, "Staging", w=160, h=60)
    page.symbol("process", 130, 60, "Build", w=140, h=56)
    page.symbol("process", 130, 320, "Lint", w=140, h=56)
    page.symbol("process", 560, 320, "Release", w=160, h=60)
    arrow(page, (200, 60), (340, 60), (478, 104))
    arrow(page, (200, 320), (360, 151 + drop), (488, 151))
    arrow(page, (560, 150), (560, 288))
    assert set(page.edges()) == {("Build", "Staging"), ("Lint", "Staging"), ("Staging", "Release")}


def test_lines_that_leave_side_by_side_are_no_head() -> None:
    page = Page(760, 420)
    page.symbol("process", 110, 210, "React", w=140, h=60)
    for y, name in ((80, "Router"), (210, "Store"), (340, "Pages")):
        page.symbol("process", 560, y, name, w=160, h=60)
    arrow(page, (180, 210), (478, 210))
    for way, y in ((-1, 80), (1, 340)):
        arrow(page, (180, 210 + 9 * way), (206, 210 + 9 * way), (212, 210 + 15 * way), (212, y), (478, y))
    assert set(page.edges()) == {("React", "Router"), ("React", "Store"), ("React", "Pages")}


def test_a_small_circle_with_a_word_is_a_node_among_large_ones() -> None:
    page = Page(900, 300)
    for x, size, name in ((90, 110, "Created"), (290, 110, "Checked"), (480, 56, "Paid"), (690, 140, "Delivered")):
        page.symbol("circle", x, 150, name, w=size, h=size)
    for a, b in ((145, 234), (345, 451), (508, 619)):
        page.arrow((a, 150), (b, 150))
    scene = understand(page.pixels)
    assert [n.shape for n in scene.nodes] == ["circle"] * 4
    assert set(page.edges()) == {("Created", "Checked"), ("Checked", "Paid"), ("Paid", "Delivered")}
