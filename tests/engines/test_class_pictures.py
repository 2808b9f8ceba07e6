"""Packages, multiplicities and ends of lines in class diagrams, on pictures drawn here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.faint import strengthened
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.uml.multiplicities import multiplicity, nearer_end

Image = NDArray[np.uint8]


def page(w: int = 700, h: int = 420, paper: int = 255) -> Image:
    return np.full((h, w, 3), paper, np.uint8)


def write(image: Image, text: str, x: int, y: int, ink: int = 0) -> None:
    cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (ink, ink, ink), 1, cv2.LINE_AA)


def box(image: Image, x: int, y: int, name: str, ink: int = 0) -> None:
    cv2.rectangle(image, (x, y), (x + 130, y + 50), (ink, ink, ink), 1)
    write(image, name, x + 25, y + 30)


def package(image: Image, x: int, y: int, w: int, h: int, name: str) -> None:
    """A frame with a tab of 90 x 24 pixels on its upper left."""
    cv2.rectangle(image, (x, y), (x + w, y + h), (0, 0, 0), 2)
    tab = np.array([(x, y), (x, y - 24), (x + 82, y - 24), (x + 90, y)])
    cv2.polylines(image, [tab], False, (0, 0, 0), 2)
    write(image, name, x + 10, y - 7)


def test_a_tab_names_its_package_and_is_no_node_of_its_own() -> None:
    image = page()
    package(image, 60, 60, 240, 220, "Sales")
    package(image, 380, 60, 240, 220, "Stock")
    for x, name in ((110, "Order"), (430, "Product")):
        box(image, x, 100, name)
        box(image, x, 200, name + "2")
    scene = understand(image)
    assert len(scene.nodes) == 4
    titles = [f.title for f in scene.frames if f.title is not None]
    assert len(titles) == 2
    for frame in scene.frames:
        assert sum(frame.box.inside(n.box.cx, n.box.cy) for n in scene.nodes) == 2


def test_a_tab_that_a_connector_crosses_still_names_its_package() -> None:
    image = page()
    package(image, 60, 160, 300, 200, "Stock")
    box(image, 90, 30, "Order")
    box(image, 90, 220, "Product")
    box(image, 210, 290, "Shelf")
    cv2.line(image, (110, 80), (110, 220), (0, 0, 0), 1)
    scene = understand(image)
    assert [f.title is not None for f in scene.frames] == [True]
    assert len(scene.nodes) == 3
    names = {(c.source, c.target) for c in scene.connectors}
    upper, lower = (next(i for i, n in enumerate(scene.nodes, 1) if n.box.inside(150, y)) for y in (55, 245))
    assert names & {(upper, lower), (lower, upper)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", "1"), ("*", "*"), ("0..1", "0..1"), ("O..*", "0..*"), ("l..n", "1..n"), ("1 .. *", "1..*"), ("0.1", "0..1"),
     ("uses", None), ("10 items", None), ("", None)],
)  # fmt: skip
def test_multiplicities_are_told_from_names(text: str, meant: str | None) -> None:
    assert multiplicity(text) == meant


def test_a_multiplicity_belongs_to_the_end_that_it_stands_at() -> None:
    path = np.array([[100.0, 100.0], [100.0, 400.0]])
    assert nearer_end(Rect(105, 105, 115, 118), path, 12.0) == "source"
    assert nearer_end(Rect(80, 380, 95, 393), path, 12.0) == "target"
    assert nearer_end(Rect(105, 245, 115, 258), path, 12.0) is None


def test_a_sign_that_touches_an_arrow_head_does_not_lose_the_arrow() -> None:
    image = page()
    box(image, 60, 150, "Order")
    box(image, 420, 150, "Product")
    cv2.line(image, (190, 175), (410, 175), (0, 0, 0), 2)
    cv2.fillPoly(image, [np.array([(420, 175), (404, 168), (404, 182)])], (0, 0, 0))
    for angle in np.arange(0, np.pi, np.pi / 3):  # an asterisk grown together with the head
        x, y = 5 * np.cos(angle), 5 * np.sin(angle)
        ends = [(round(401 + way * x), round(186 + way * y)) for way in (-1, 1)]
        cv2.line(image, ends[0], ends[1], (0, 0, 0), 2)
    scene = understand(image)
    assert [(c.head, c.tail) for c in scene.connectors] == [(True, False)]
    assert scene.nodes[scene.connectors[0].target - 1].box.inside(485, 175)


def test_light_grey_outlines_on_a_light_page_are_seen() -> None:
    image = page(paper=250)
    for x, name in ((60, "Order"), (320, "Product")):
        box(image, x, 150, name, ink=228)
    cv2.line(image, (190, 175), (320, 175), (228, 228, 228), 2)
    assert len(understand(image).nodes) == 2


def test_a_photograph_is_not_strengthened() -> None:
    noise = np.random.default_rng(1).normal(240, 5, (200, 300, 3)).clip(0, 255).astype(np.uint8)
    assert strengthened(noise) is None
