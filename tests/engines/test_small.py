"""Small drawings: letters that run together or come close to their symbol's border."""

from __future__ import annotations

from paper import Page

from diagrasp.engines.embedded.scene import understand


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
