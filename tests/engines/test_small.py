"""Small drawings: letters that run together or come close to their symbol's border."""

from __future__ import annotations

import pytest
from paper import Page

from diagrasp.engines.embedded.graph.assemble import letters_of
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.text.textlines import TextLine


def test_words_that_part_their_box() -> None:
    """The words stand so close to the left side that the paper around them is no ring any more."""
    page = Page(360, 220)
    for x in (100, 230):
        page.line((x - 50, 40), (x + 50, 40), (x + 50, 64), (x - 50, 64), (x - 50, 40))
        page.write(x - 6, 52, "Library #1", 16)
        page.arrow((x, 65), (x, 150))
    page.symbol("process", 165, 180, "A place to write it all down", w=260, h=60)
    assert len(understand(page.pixels).nodes) == 3


def test_letters_of_five_pixels() -> None:
    page = Page(280, 80)
    for x, y, name in ((30, 40, "Empty"), (150, 20, "Waiting"), (250, 50, "Full")):
        page.oval(x - 25, y - 12, x + 25, y + 12, width=1)
        page.write(x, y, name, 8)
    page.line((55, 38), (125, 22), width=1)
    page.line((175, 24), (228, 44), width=1)
    scene = understand(page.pixels)
    assert [n.shape for n in scene.nodes] == ["ellipse"] * 3
    assert len(scene.connectors) == 2


@pytest.mark.parametrize(
    ("pieces", "letters"),
    [
        pytest.param([(38, 9)], 3, id="a word whose letters run together"),
        pytest.param([(12, 10)], 1, id="a sign"),
        pytest.param([(14, 2)], 1, id="a dash"),
        pytest.param([(8, 9), (7, 9), (2, 2)], 3, id="letters apart, and a point"),
    ],
)
def test_letters_of_a_line_count_by_their_width(pieces: list[tuple[int, int]], letters: int) -> None:
    """So many tell a word in a circle from the sign of an event."""
    boxes = tuple(Rect(50 * k, 0, 50 * k + w, h) for k, (w, h) in enumerate(pieces))
    assert letters_of([TextLine(boxes[0], boxes, 0, False)], 12) == letters
