"""Boxes in a fill so pale that it hardly differs from what is around it, on pictures drawn here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.frames.fills import find_tints
from diagrasp.engines.embedded.picture.faint import strengthened
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.scene import understand

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
WHITE, GREEN, OLIVE, GREY = (255, 255, 255), (205, 255, 178), (205, 234, 162), (242, 242, 242)


def write(image: Image, text: str, x: int, y: int) -> None:
    cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)


def arrow(image: Image, x0: int, x1: int, y: int) -> None:
    cv2.line(image, (x0, y), (x1 - 8, y), (0, 0, 0), 1)
    cv2.fillPoly(image, [np.array([(x1 - 10, y - 5), (x1 - 10, y + 5), (x1, y)])], (0, 0, 0))


def steps(ground: Colour, fill: Colour, names: str = "Order Check Pay Send") -> Image:
    """Boxes without an outline in a row, an arrow from each to the next, on a ground that has an outline."""
    image = np.full((200, 720, 3), 255, np.uint8)
    cv2.rectangle(image, (20, 20), (700, 170), ground, -1)
    cv2.rectangle(image, (20, 20), (700, 170), (60, 60, 60), 1)
    for i, name in enumerate(names.split()):
        x = 40 + 170 * i
        cv2.rectangle(image, (x, 70), (x + 110, 130), fill, -1)
        write(image, name, x + 30, 105)
        if i:
            arrow(image, x - 58, x - 2, 100)
    return image


@pytest.mark.parametrize(("ground", "fill"), [(GREEN, OLIVE), (WHITE, GREY)])
def test_boxes_told_by_a_pale_fill_alone_are_nodes_in_their_container(ground: Colour, fill: Colour) -> None:
    scene = understand(steps(ground, fill))
    assert len(scene.nodes) == 4
    assert len(scene.frames) == 1
    joined = {(c.source, c.target) for c in scene.connectors}
    assert len(joined) == 3
    assert all(1 <= end <= 4 for pair in joined for end in pair)


def test_the_page_is_white_even_where_pale_boxes_cover_most_of_it() -> None:
    image = np.full((300, 300, 3), 255, np.uint8)
    cv2.rectangle(image, (10, 10), (290, 140), GREY, -1)
    cv2.rectangle(image, (10, 160), (290, 290), GREY, -1)
    write(image, "Services", 100, 80)
    write(image, "Components", 100, 230)
    assert len(find_tints(prepare(image))) == 2


def test_soft_shadows_do_not_make_a_photograph_of_a_rendering() -> None:
    image = np.full((300, 300, 3), 255, np.uint8)
    cv2.rectangle(image, (60, 60), (240, 240), (200, 200, 200), -1)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), 7.0), np.uint8)
    cv2.rectangle(image, (60, 60), (240, 240), GREY, -1)
    assert strengthened(image) is not None


def test_grounds_of_labels_are_no_pale_boxes() -> None:
    image = np.full((300, 600, 3), 255, np.uint8)
    for x, y, name in ((30, 30, "Order"), (230, 30, "Check"), (430, 30, "Pay"), (430, 210, "Send")):
        cv2.rectangle(image, (x, y), (x + 110, y + 60), (0, 0, 0), 1)
        write(image, name, x + 30, y + 35)
    arrow(image, 141, 228, 60)
    arrow(image, 341, 428, 60)
    cv2.line(image, (485, 91), (485, 200), (0, 0, 0), 1)
    cv2.fillPoly(image, [np.array([(480, 199), (490, 199), (485, 209)])], (0, 0, 0))
    for x, y, word in ((160, 44, "yes"), (360, 44, "yes"), (465, 130, "later")):
        cv2.rectangle(image, (x - 2, y), (x + 9 * len(word), y + 32), (238, 238, 238), -1)
        write(image, word, x, y + 20)
    scene = understand(image)
    assert len(scene.nodes) == 4
