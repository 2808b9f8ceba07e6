"""Letters that are hard to tell from what is around them: labels cut by connectors, names in pale letters."""

from __future__ import annotations

import numpy as np
from paper import GRAIN, Page
from PIL import ImageFont

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.symbols.stacks import without_caps
from diagrasp.model import Diagram


def _read(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


def test_a_label_whose_last_letter_meets_the_connector() -> None:
    """The line ends at the rim of the label's ground, and the letter there touches it."""
    page = Page(420, 300)
    page.symbol("process", 110, 50, "First step", w=150, h=54)
    page.symbol("process", 310, 250, "Second step", w=150, h=54)
    page.arrow((140, 77), (270, 223))
    face = ImageFont.load_default(17 * GRAIN)
    box = page.pen.textbbox((205 * GRAIN, 150 * GRAIN), "Yes", face, "mm")
    left, top, right, bottom = (v / GRAIN for v in box)
    page.pen.rectangle([v * GRAIN for v in (left, top - 5, right, bottom + 5)], (232, 232, 232))
    page.pen.text((205 * GRAIN, 150 * GRAIN), "Yes", "black", face, "mm")
    page.line((right - 1, 150), (right + 8, 158), width=1.5)
    assert [e.label for e in _read(page).edges] == ["Yes"]


def test_a_name_in_letters_hardly_darker_than_the_fill() -> None:
    page = Page(520, 140)
    page.symbol("process", 110, 70, "Take the order", w=170, h=60)
    corners = [v * GRAIN for v in (330, 40, 500, 100)]
    page.pen.rectangle(corners, (244, 184, 174), (204, 204, 204), GRAIN)
    face = ImageFont.load_default(16 * GRAIN)
    page.pen.text((415 * GRAIN, 70 * GRAIN), "Send it on", (204, 204, 204), face, "mm")
    page.arrow((195, 70), (329, 70))
    found = _read(page)
    assert sorted(n.label for n in found.nodes) == ["Send it on", "Take the order"]
    assert len(found.edges) == 1


def test_a_box_with_wobbly_sides_is_no_cylinder() -> None:
    """Ends that bulge by a pixel or two fit a cylinder better than a box; without a cap it is a box still."""
    bulge = np.round(3 * np.sin(np.linspace(0, np.pi, 160))).astype(int)
    mask = np.zeros((66, 160), np.uint8)
    for x, d in enumerate(bulge.tolist()):
        mask[d : 63 + d, x] = 1
    outline = Outline(1, Rect(0, 0, 160, 66), mask, Fit("database", 0.97), int(mask.sum()), 0)
    assert without_caps([outline], 13.0)[0].fit.shape in ("process", "rounded")
    deep = np.round(14 * np.sin(np.linspace(0, np.pi, 160))).astype(int)
    body = np.zeros((80, 160), np.uint8)
    for x, d in enumerate(deep.tolist()):
        body[d : 66 + d, x] = 1
    cylinder = Outline(1, Rect(0, 0, 160, 80), body, Fit("database", 0.97), int(body.sum()), 0)
    assert without_caps([cylinder], 13.0)[0].fit.shape == "database"
