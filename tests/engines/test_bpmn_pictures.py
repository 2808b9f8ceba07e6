"""What is particular to BPMN in pictures: events and gateways by their outlines, dashed flows, pools, tasks' icons."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from paper import GRAIN, Page

from diagrasp.engines.embedded.bpmn.pools import is_pocket
from diagrasp.engines.embedded.bpmn.rings import find_rings
from diagrasp.engines.embedded.bpmn.tasks import without_icons
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.letters import letter_height, letter_heights
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import TextLine

NAMES = ("check the order", "ship the goods", "write an invoice", "close the case")


def task(page: Page, x: float, y: float, name: str) -> None:
    page.rounded(x - 75, y - 40, x + 75, y + 40, 10)
    page.write(x, y, name)


def tasks(page: Page, y: float = 340) -> None:
    """Two tasks for the letters' height to be taken from."""
    task(page, 120, y, NAMES[0])
    task(page, 560, y, NAMES[1])


def gateway(page: Page, x: float, y: float, sign: str = "x", half: float = 28) -> None:
    page.polygon((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    arm = 0.5 * half
    if sign == "x":
        page.line((x - 0.7 * arm, y - arm), (x + 0.7 * arm, y + arm), width=5)
        page.line((x - 0.7 * arm, y + arm), (x + 0.7 * arm, y - arm), width=5)
    elif sign == "+":
        page.line((x - arm, y), (x + arm, y), width=5)
        page.line((x, y - arm), (x, y + arm), width=5)


def dashed(page: Page, *points: tuple[float, float], dash: float = 14, gap: float = 17) -> None:
    """A line of dashes that goes on evenly around its corners."""
    at = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.dist((x0, y0), (x1, y1))
        u, v = (x1 - x0) / length, (y1 - y0) / length
        s = -at
        while s < length:
            a, b = max(s, 0.0), min(s + dash, length)
            if b > a:
                page.line((x0 + u * a, y0 + v * a), (x0 + u * b, y0 + v * b))
            s += dash + gap
        at = length - (s - dash - gap)


def dashed_ring(page: Page, x: float, y: float, r: float, pieces: int = 12) -> None:
    box = [v * GRAIN for v in (x - r, y - r, x + r, y + r)]
    for k in range(pieces):
        start = 360 * k / pieces
        page.pen.arc(box, start, start + 0.62 * 360 / pieces, "black", 2 * GRAIN)


def near(scene: Scene, x: float, y: float, *shapes: str) -> Symbol | None:
    """The node of one of these shapes whose middle is at a point of the page, in pixels of the page."""
    k = scene.sheet.scale
    return next(
        (n for n in scene.nodes if n.shape in shapes and math.dist((n.box.cx / k, n.box.cy / k), (x, y)) < 4), None
    )


def joined(scene: Scene, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a connector leads between the nodes that hold these points."""
    k = scene.sheet.scale

    def number(p: tuple[float, float]) -> int:
        return next(i for i, n in enumerate(scene.nodes, 1) if n.box.inside(p[0] * k, p[1] * k))

    pair = {number(a), number(b)}
    return any({c.source, c.target} == pair for c in scene.connectors)


def test_an_event_that_its_label_touches_is_found() -> None:
    page = Page()
    tasks(page)
    page.oval(180, 80, 222, 122)
    page.write(201, 74, "goods received today")
    page.arrow((222, 101), (400, 101))
    task(page, 475, 101, NAMES[2])
    assert near(understand(page.pixels), 201, 101, "circle") is not None


@pytest.mark.parametrize("sign", ["x", "+", ""])
def test_a_gateway_is_found_whatever_stands_in_it(sign: str) -> None:
    page = Page()
    tasks(page)
    gateway(page, 330, 120, sign)
    page.arrow((358, 120), (500, 120))
    page.arrow((160, 120), (302, 120))
    found = [r for r in find_rings(prepare(page.pixels)) if not r.round]
    assert [(round(r.x / 10), round(r.y / 10)) for r in found] == [(33, 12)]
    assert found[0].r == pytest.approx(28, abs=2)


def test_the_outermost_of_two_rings_is_the_event() -> None:
    page = Page()
    tasks(page)
    page.oval(300, 90, 344, 134)
    page.oval(305, 95, 339, 129)
    (ring,) = find_rings(prepare(page.pixels))
    assert (ring.round, ring.double) == (True, True)
    assert ring.r == pytest.approx(21, abs=1.5)


def test_a_thick_ring_is_a_circle_and_not_the_diamond_around_it() -> None:
    page = Page()
    tasks(page)
    page.oval(300, 90, 344, 134, width=6)
    (ring,) = find_rings(prepare(page.pixels))
    assert ring.round
    assert ring.width > 4


def test_a_dashed_event_on_a_tasks_border_is_found() -> None:
    page = Page()
    tasks(page)
    page.oval(560, 80, 602, 122)
    task(page, 200, 110, NAMES[3])
    page.erase(219, 129, 261, 171)
    dashed_ring(page, 240, 150, 21)
    dashed_ring(page, 240, 150, 16)
    found = [r for r in find_rings(prepare(page.pixels)) if r.dashed]
    assert [(round(r.x / 10), round(r.y / 10)) for r in found] == [(24, 15)]


def test_boxes_and_words_are_no_events() -> None:
    page = Page()
    tasks(page)
    tasks(page, 100)
    page.rounded(260, 60, 420, 160, 24)
    page.write(340, 110, "OOO goods o0O")
    page.arrow((195, 340), (485, 340))
    assert find_rings(prepare(page.pixels)) == []


def test_a_message_flow_is_followed_by_its_own_rhythm() -> None:
    page = Page(700, 460)
    tasks(page, 400)
    task(page, 120, 80, NAMES[2])
    task(page, 560, 80, NAMES[3])
    dashed(page, (120, 121), (120, 240), (560, 240), (560, 345))
    page.polygon((560, 359), (553, 345), (567, 345))
    assert joined(understand(page.pixels), (120, 80), (560, 400))


def test_short_solid_flows_are_not_taken_for_dashes() -> None:
    page = Page(700, 700)
    for k, name in enumerate(NAMES):
        task(page, 300, 60 + 130 * k, name)
        if k:
            page.arrow((300, 60 + 130 * (k - 1) + 41), (300, 60 + 130 * k - 41))
    scene = understand(page.pixels)
    assert len(scene.connectors) == len(NAMES) - 1


def test_what_flows_enclose_is_no_subprocess() -> None:
    page = Page(760, 420)
    tasks(page, 370)
    gateway(page, 200, 80)
    gateway(page, 560, 80)
    page.line((228, 80), (532, 80))
    page.line((200, 108), (200, 250), (560, 250), (560, 108))
    task(page, 380, 165, NAMES[2])
    scene = understand(page.pixels)
    assert scene.frames == []
    frame = Rect(200, 80, 560, 250)
    assert is_pocket(frame, [n for n in scene.nodes if n.shape == "decision"] or scene.nodes)


def test_a_pools_upper_strip_is_its_title() -> None:
    page = Page(420, 640)
    page.line((30, 20), (330, 20), (330, 620), (30, 620), (30, 20))
    page.line((30, 60), (330, 60))
    page.write(180, 40, "Warehouse")
    for k, name in enumerate(NAMES):
        task(page, 180, 130 + 130 * k, name)
    scene = understand(page.pixels)
    assert len(scene.nodes) == len(NAMES)
    (frame,) = scene.frames
    assert frame.title is not None
    assert frame.title.h < frame.title.w


def line(x0: int, y0: int, x1: int, y1: int, letters: int) -> TextLine:
    step = (x1 - x0) / letters
    return TextLine(
        Rect(x0, y0, x1, y1),
        tuple(Rect(round(x0 + k * step), y0, round(x0 + (k + 0.3) * step), y1) for k in range(letters)),
        1,
    )


def test_an_icon_and_a_marker_are_no_part_of_a_tasks_name() -> None:
    box, letter = Rect(100, 100, 300, 220), 13.0
    name = [line(140, 140, 260, 154, 9), line(150, 158, 250, 172, 7)]
    icon, bars = line(106, 106, 126, 124, 1), line(192, 202, 208, 218, 3)
    assert without_icons([*name, icon, bars], box, letter) == name
    hand = line(103, 104, 144, 130, 1)  # as wide as three letters
    assert without_icons([*name, hand], box, letter) == name
    assert without_icons([icon], box, letter) == [icon]


def test_a_letters_height_is_a_capitals_where_few_letters_are_tall() -> None:
    """As in Cyrillic, where one letter in six rises above the others."""
    ink = np.zeros((200, 400), bool)
    for row in range(5):
        for k in range(30):
            height = 20 if k % 6 == 0 else 14
            ink[40 + 30 * row - height : 40 + 30 * row, 10 + 12 * k : 18 + 12 * k] = True
    assert letter_heights(ink) == (14, 20)
    assert letter_height(ink) == 20
