"""Words with nothing around them that arrows point at, or that lines lead from, on pictures drawn here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.scene import understand
from tests.engines.test_ends import box, head, joined, line, page, write

Image = NDArray[np.uint8]


def arrow(image: Image, start: tuple[int, int], end: tuple[int, int]) -> None:
    line(image, start, end)
    head(image, end, start)


def words(scene: Scene) -> int:
    return sum(n.shape == "text" for n in scene.nodes)


def test_an_arrow_ends_at_words_and_another_goes_on_from_them() -> None:
    image = page()
    box(image, 40, 60, "Start")
    write(image, 300, 90, "Check")
    box(image, 520, 60, "Done")
    arrow(image, (160, 85), (292, 85))
    arrow(image, (360, 85), (520, 85))
    scene = understand(image)
    assert joined(scene) == {("upper left", "upper middle"), ("upper middle", "upper right")}
    assert words(scene) == 1


def test_an_arrow_ends_at_an_invisible_box_around_its_words() -> None:
    image = page()
    box(image, 40, 60, "Start")
    box(image, 280, 330, "Repeat")
    write(image, 312, 90, "Check")
    arrow(image, (160, 85), (275, 85))
    arrow(image, (340, 330), (340, 120))
    scene = understand(image)
    assert joined(scene) == {("upper left", "upper middle"), ("lower middle", "upper middle")}
    assert words(scene) == 1


def test_a_line_leads_from_words() -> None:
    image = page()
    box(image, 520, 60, "Done")
    box(image, 520, 330, "Other")
    write(image, 60, 90, "Given data")
    arrow(image, (152, 85), (520, 85))
    arrow(image, (580, 110), (580, 330))
    scene = understand(image)
    assert joined(scene) == {("upper left", "upper right"), ("upper right", "lower right")}
    assert words(scene) == 1


def test_words_on_a_line_name_it() -> None:
    image = page()
    box(image, 40, 60, "Start")
    box(image, 520, 60, "Done")
    line(image, (160, 85), (300, 85))
    write(image, 308, 90, "Check")
    arrow(image, (360, 85), (520, 85))
    scene = understand(image)
    assert joined(scene) == {("upper left", "upper right")}
    assert words(scene) == 0


def test_words_beneath_a_symbol_name_it() -> None:
    image = page()
    box(image, 280, 60, "Start")
    write(image, 310, 128, "Check")
    box(image, 280, 330, "Done")
    arrow(image, (340, 330), (340, 138))
    assert words(understand(image)) == 0


def test_words_at_a_line_without_a_head_name_nothing() -> None:
    image = page()
    box(image, 40, 60, "Start")
    box(image, 40, 330, "Done")
    arrow(image, (100, 110), (100, 330))
    line(image, (300, 85), (420, 85))
    write(image, 430, 90, "Check")
    assert words(understand(image)) == 0
