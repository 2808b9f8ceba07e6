"""Heads right behind a bend, lines that pass close by a symbol, gaps that only look like a dashed line's."""

from __future__ import annotations

import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.lines.gaps import hidden
from diagrasp.engines.embedded.scene import understand


@pytest.mark.parametrize("drop", [14, 18, 24])
def test_a_head_right_behind_a_bend(drop: int) -> None:
    """Activity diagrams leave little more room than the head's length between a line's last bend and its symbol."""
    page = Page(620, 300)
    page.symbol("rounded", 140, 60, "Check the stock")
    page.symbol("rounded", 460, 220, "Order the goods")
    page.arrow((140, 100), (140, 180 - drop), (460, 180 - drop), (460, 180))
    assert set(page.edges()) == {("Check the stock", "Order the goods")}


def test_a_line_close_below_a_symbol_is_no_shadow() -> None:
    page = Page(620, 300)
    page.symbol("rounded", 300, 100, "Check the stock")
    page.line((120, 145), (520, 145))
    page.line((395, 40), (395, 260))
    scene = understand(page.pixels)
    assert [n.shadow for n in scene.nodes] == [0]


def test_short_arrows_between_symbols_are_no_dashes() -> None:
    """Arrows of one length, one below the other, in the rhythm of the symbols between them."""
    page = Page(400, 560)
    for k in range(5):
        page.symbol("rounded", 200, 50 + 110 * k, f"Step {k}", h=70)
        if k:
            page.arrow((200, 50 + 110 * k - 75), (200, 50 + 110 * k - 35))
    assert set(page.edges()) == {(f"Step {k}", f"Step {k + 1}") for k in range(4)}


def test_the_way_over_a_symbol_is_hidden() -> None:
    near = np.full((100, 100), 9.0, np.float32)
    near[30:70, 30:70] = 0
    assert hidden(near, (50, 20), (50, 80), 10)
    assert not hidden(near, (10, 20), (10, 80), 10)
    assert not hidden(near, (26, 20), (33, 80), 10)
