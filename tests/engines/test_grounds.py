"""Labels that stand on a ground of their own, in whatever colour, are text and no part of the drawing."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page

from diagrasp.engines.embedded.scene import understand


@pytest.mark.parametrize("size", [11, 14, 17])
@pytest.mark.parametrize("colour", ["#e8e8e8", "#cdee98", "#ff9955", "#3355bb"])
def test_a_label_on_a_ground_of_its_own(size: int, colour: str) -> None:
    page = Page(760, 220)
    page.symbol("process", 130, 60, "Check the order")
    page.symbol("process", 620, 60, "Ship the goods")
    page.arrow((221, 60), (528, 60))
    wide, high = 3.4 * size, 0.72 * size
    page.pen.rectangle([v * GRAIN for v in (375 - wide / 2, 60 - high, 375 + wide / 2, 60 + high)], colour)
    page.write(375, 60, "deliver", size)
    page.symbol("process", 130, 170, "Write the invoice")
    page.arrow((130, 101), (130, 128))
    scene = understand(page.pixels)
    assert [n.shape for n in scene.nodes] == ["process"] * 3
    assert len(scene.connectors) == 2
    assert all(c.head for c in scene.connectors)
    scale = scene.sheet.scale
    label = [b.box for b in scene.text.lines if abs(b.box.cx / scale - 375) < 10 and abs(b.box.cy / scale - 60) < 10]
    assert len(label) == 1
    assert label[0].w / scale == pytest.approx(3.2 * size, rel=0.3)


@pytest.mark.parametrize("between", [40, 200])
def test_cylinders_of_one_width_in_a_column_stay_apart(between: int) -> None:
    page = Page(420, 460 + between)
    page.symbol("database", 200, 80, "Orders", w=200, h=110)
    page.symbol("process", 200, 180 + between / 2, "Copy", w=160, h=40)
    page.symbol("database", 200, 280 + between, "Archive", w=200, h=110)
    page.arrow((200, 136), (200, 159 + between / 2))
    page.arrow((200, 201 + between / 2), (200, 224 + between))
    scene = understand(page.pixels)
    assert sorted(n.shape for n in scene.nodes) == ["database", "database", "process"]
    assert len(scene.connectors) == 2
