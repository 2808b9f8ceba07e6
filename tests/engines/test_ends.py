"""Where connectors begin and end, and what hides that, on pictures drawn here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.scene import understand

Image = NDArray[np.uint8]
INK = (0, 0, 0)


def page() -> Image:
    return np.full((440, 680, 3), 255, np.uint8)


def box(image: Image, x: int, y: int, name: str, fill: int = 255) -> None:
    cv2.rectangle(image, (x, y), (x + 120, y + 50), (fill,) * 3, -1)
    cv2.rectangle(image, (x, y), (x + 120, y + 50), INK, 1)
    write(image, x + 22, y + 31, name)


def write(image: Image, x: int, y: int, words: str) -> None:
    cv2.putText(image, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)


def head(image: Image, end: tuple[float, float], start: tuple[float, float], size: float = 12) -> None:
    way = np.array(start, float) - end
    way /= np.hypot(*way)
    side = np.array([-way[1], way[0]])
    tip = np.array(end, float)
    corners = [tip, tip + size * way + 0.42 * size * side, tip + size * way - 0.42 * size * side]
    cv2.fillPoly(image, [np.round(corners).astype(np.int32)], INK)


def line(image: Image, *points: tuple[int, int]) -> None:
    cv2.polylines(image, [np.array(points, np.int32)], False, INK, 1, cv2.LINE_AA)


def joined(scene: Scene) -> set[tuple[str, str]]:
    """The connectors by where their ends are: `upper left` and so on."""

    def place(number: int) -> str:
        b = scene.nodes[number - 1].box
        x, y = b.cx / scene.sheet.scale, b.cy / scene.sheet.scale
        row = "upper" if y < 150 else "lower" if y > 310 else "middle"
        return f"{row} {'left' if x < 230 else 'right' if x > 450 else 'middle'}"

    return {(place(c.source), place(c.target)) for c in scene.connectors}


def test_an_arrow_that_passes_behind_a_symbol_is_one() -> None:
    image = page()
    line(image, (580, 100), (120, 280))
    head(image, (120, 280), (580, 100))
    box(image, 520, 50, "Open")
    box(image, 300, 143, "Filled")
    box(image, 60, 280, "Closed")
    box(image, 300, 350, "Spare")
    line(image, (180, 305), (330, 350))
    head(image, (330, 350), (180, 305))
    line(image, (625, 100), (625, 375), (420, 375))
    head(image, (420, 375), (625, 375))
    found = joined(understand(image))
    assert found == {("upper right", "middle left"), ("middle left", "lower middle"), ("upper right", "lower middle")}


def test_a_head_that_lies_along_the_border_belongs_to_the_line_beside_it() -> None:
    """So stepped lines end whose last step has no length."""
    image = page()
    box(image, 60, 50, "Open")
    box(image, 280, 50, "Filled")
    box(image, 260, 300, "Closed")
    line(image, (120, 100), (120, 200), (300, 200), (300, 297), (322, 297))
    head(image, (334, 297), (300, 297))
    line(image, (340, 100), (340, 240), (520, 240), (520, 360), (320, 360), (320, 350))
    head(image, (320, 350), (320, 360), 10)
    assert joined(understand(image)) == {("upper left", "lower middle"), ("upper middle", "lower middle")}


def test_a_label_hides_where_a_line_begins() -> None:
    image = page()
    box(image, 60, 50, "Open")
    box(image, 420, 300, "Closed")
    line(image, (120, 100), (120, 325), (420, 325))
    head(image, (420, 325), (300, 325))
    cv2.rectangle(image, (70, 104), (220, 122), (255, 255, 255), -1)
    write(image, 72, 118, "server connected")
    assert joined(understand(image)) == {("upper left", "lower right")}


@pytest.mark.parametrize("apart", [3, 5])
def test_lines_whose_heads_are_one_blot_all_arrive(apart: int) -> None:
    image = page()
    box(image, 260, 300, "Closed")
    for k, (x, name) in enumerate([(60, "Open"), (260, "Filled"), (460, "Ready")]):
        box(image, x, 50, name)
        end = (320 + apart * (k - 1), 300)
        line(image, (x + 60, 100), end)
        head(image, end, (x + 60, 100))
    found = joined(understand(image))
    assert found == {(f"upper {place}", "lower middle") for place in ("left", "middle", "right")}
