"""Lines that leave or reach a symbol at the same place, on pictures drawn here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.arrivals import part
from diagrasp.engines.embedded.lines.skeleton import Skeleton
from diagrasp.engines.embedded.lines.strokes import _point
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp_train.nano.family import picture

Image = NDArray[np.uint8]


def page() -> Image:
    return np.full((420, 640, 3), 255, np.uint8)


def box(image: Image, x: int, y: int, name: str) -> None:
    cv2.rectangle(image, (x, y), (x + 120, y + 50), (0, 0, 0), 1)
    cv2.putText(image, name, (x + 22, y + 31), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)


def arrow(image: Image, start: tuple[int, int], end: tuple[int, int]) -> None:
    cv2.line(image, start, end, (0, 0, 0), 1, cv2.LINE_AA)
    way = np.array(start, float) - end
    way /= np.hypot(*way)
    side = np.array([-way[1], way[0]])
    corners = [np.array(end, float), end + 12 * way + 5 * side, end + 12 * way - 5 * side]
    cv2.fillPoly(image, [np.round(corners).astype(np.int32)], (0, 0, 0))


def joined(scene: Scene) -> set[tuple[str, str]]:
    """The connectors by where their ends are: `upper left` and so on."""

    def place(number: int) -> str:
        b = scene.nodes[number - 1].box
        x, y = b.cx / scene.sheet.scale, b.cy / scene.sheet.scale
        return f"{'upper' if y < 200 else 'lower'} {'left' if x < 250 else 'right' if x > 390 else 'middle'}"

    return {(place(c.source), place(c.target)) for c in scene.connectors}


@pytest.mark.parametrize("apart", [0, 4, 8])
def test_arrows_whose_heads_grow_together_stay_two(apart: int) -> None:
    image = page()
    box(image, 60, 40, "Open")
    box(image, 440, 40, "Filled")
    box(image, 260, 320, "Closed")
    arrow(image, (120, 90), (320 - apart, 320))
    arrow(image, (500, 90), (320 + apart, 320))
    assert joined(understand(image)) == {("upper left", "lower middle"), ("upper right", "lower middle")}


@pytest.mark.parametrize("apart", [0, 4])
def test_arrows_that_leave_at_the_same_place_stay_two(apart: int) -> None:
    image = page()
    box(image, 260, 40, "Open")
    box(image, 60, 320, "Filled")
    box(image, 440, 320, "Closed")
    arrow(image, (320 - apart, 90), (120, 320))
    arrow(image, (320 + apart, 90), (500, 320))
    assert joined(understand(image)) == {("upper middle", "lower left"), ("upper middle", "lower right")}


def test_a_line_that_bends_beside_a_symbol_stays_one() -> None:
    image = page()
    box(image, 60, 40, "Open")
    box(image, 260, 150, "Filled")
    box(image, 440, 320, "Closed")
    cv2.polylines(image, [np.array([(180, 65), (390, 65), (390, 345)])], False, (0, 0, 0), 1)  # ten pixels off it
    arrow(image, (390, 345), (440, 345))
    assert joined(understand(image)) == {("upper left", "lower right")}


def test_an_arrow_between_its_label_and_a_state_is_no_letter() -> None:
    image = page()
    box(image, 60, 150, "Open")
    box(image, 420, 150, "Closed")
    cv2.line(image, (180, 175), (308, 175), (0, 0, 0), 1)
    cv2.putText(image, "send it back", (314, 180), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    arrow(image, (396, 175), (420, 175))
    scene = understand(image)
    assert joined(scene) == {("upper left", "upper right")}
    assert len(scene.text.lines) == 3


@pytest.mark.parametrize("number", range(4))
def test_small_filled_heads_on_short_lines_point(number: int) -> None:
    """Heads of two thirds of a letter's height, on lines of less than two."""
    drawn = picture(number, seed=5, style="plain")
    scene = understand(drawn.pixels)

    def nearest(box: Rect) -> str:
        return min(drawn.diagram.nodes, key=lambda n: abs(n.box.center[0] - box.cx) + abs(n.box.center[1] - box.cy)).id

    names = [nearest(node.box) for node in scene.nodes]
    found = {(names[c.source - 1], names[c.target - 1], c.head, c.tail) for c in scene.connectors}
    assert found == {(e.source, e.target, True, False) for e in drawn.diagram.edges}


def test_a_loop_beside_a_shaft_is_no_head() -> None:
    """One of the three ends at the knot is the loop's other end: there are no two barbs to put a tip between."""
    skeleton = Skeleton()
    knot, far = (skeleton.add_node(np.array(place, float)) for place in ((50, 50), (42, 50)))
    turn = np.linspace(0, 2 * np.pi, 20)
    loop = np.column_stack([50 + 4 * np.sin(turn), 54 - 4 * np.cos(turn)])
    skeleton.add(knot, far, np.array([[50.0, 50.0], [42.0, 50.0]]))
    skeleton.add(knot, knot, loop)
    before = dict(skeleton.segments)
    _point(skeleton, knot, 12.0, 20.0, np.full((100, 100), 3.0, np.float32))
    assert skeleton.segments == before


@pytest.mark.parametrize("apart", [5, 6, 8])
def test_heads_side_by_side_are_one_for_each_line(apart: int) -> None:
    image = page()
    box(image, 20, 180, "Closed")
    box(image, 440, 60, "Open")
    box(image, 440, 300, "Filled")
    for start, y in (((440, 90), 205 - apart // 2), ((440, 320), 205 + apart - apart // 2)):
        points = np.array([start, (260, y), (152, y)], np.int32)
        cv2.polylines(image, [points], False, (0, 0, 0), 1, cv2.LINE_AA)
        arrow(image, (200, y), (140, y))
    scene = understand(image)
    assert len(scene.connectors) == 2
    assert joined(scene) == {("upper right", "upper left"), ("lower right", "upper left")} or joined(scene) == {
        ("upper right", "lower left"), ("lower right", "lower left"),
    }  # fmt: skip


def test_words_with_a_short_dash_between_are_one_line() -> None:
    paper = Page(520, 300)
    paper.symbol("process", 260, 50, "Several at once", w=180, h=56)
    paper.symbol("process", 260, 250, "One for each", w=180, h=56)
    paper.arrow((260, 78), (260, 222))
    paper.write(300, 150, "none", 18)
    paper.line((329, 151), (333, 151), width=1.5)
    paper.write(394, 150, "all of a kind", 18)
    assert len(understand(paper.pixels).outside) == 1


@pytest.mark.parametrize(("inked", "lines"), [(True, 2), (False, 1)])
def test_curves_that_meet_beneath_one_head_are_parted_there(inked: bool, lines: int) -> None:
    """The head is long, and leaves of it nothing but what the curves have in common."""
    skeleton, letter = Skeleton(), 10.0
    near = np.repeat(np.arange(120, dtype=np.float32)[:, None], 200, axis=1)  # a symbol's side along the upper edge
    ink = np.zeros(near.shape, bool)
    ink[:15, 97:104] = inked
    x = np.arange(0.0, 101.0)
    left = np.stack([x, 14 + 70 * (1 - (x / 100) ** 4)], axis=1)
    points = np.vstack([left, (left * (-1, 1) + (200, 0))[-2::-1]])
    ends = skeleton.add_node(points[0]), skeleton.add_node(points[-1])
    skeleton.add(*ends, points)
    part(skeleton, near, ink, letter)
    assert len(skeleton.segments) == lines
    tips = [y for n, (_, y) in enumerate(skeleton.places) if skeleton.degree(n) == 1 and n not in ends]
    assert len(tips) == 2 * (lines - 1)
    assert all(y <= 1 for y in tips)


def test_a_line_without_a_head_leads_down_where_it_leaves_upright() -> None:
    image = page()
    box(image, 500, 60, "First")
    box(image, 20, 300, "Next")
    cv2.polylines(image, [np.array([(560, 110), (560, 205), (80, 205), (80, 300)], np.int32)], False, (0, 0, 0), 1)
    assert joined(understand(image)) == {("upper right", "lower left")}
