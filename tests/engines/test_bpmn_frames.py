"""Pools without space between them, subprocesses that flows surround, and small signs on the borders of activities."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.bpmn.capitals import _completed
from diagrasp.engines.embedded.bpmn.hosts import on_hosts
from diagrasp.engines.embedded.bpmn.rings import find_rings
from diagrasp.engines.embedded.bpmn.starts import without_starts
from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.frames.enclosing import _apart, _mere_stack
from diagrasp.engines.embedded.joining import _clings
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.symbols.find import Symbol, _icon
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine
from diagrasp.model import Box, Node


def symbol(box: Rect, shape: str = "rounded") -> Symbol:
    return Symbol(Outline(1, box, np.ones((box.h, box.w), np.uint8), Fit(shape, 1.0), box.w * box.h), shape, 2)


def turned(x: int, y: int) -> TextLine:
    """A title of four letters that reads upwards, by its middle."""
    letters = tuple(Rect(x - 6, y - 30 + 15 * k, x + 6, y - 20 + 15 * k) for k in range(4))
    return TextLine(Rect(x - 6, y - 30, x + 6, y + 25), letters, 0, True)


def test_the_strip_of_the_first_of_four_pools_is_what_the_others_leave() -> None:
    ends = [0, 200, 400, 600, 800]
    lines = [turned(20, (a + b) // 2) for a, b in pairwise(ends)]
    strips = [Rect(0, y, 40, 800) for y in ends[:-1]]
    assert sorted(_apart(strips, lines, 12.0)) == [Rect(0, a, 40, b) for a, b in pairwise(ends)]


@pytest.mark.parametrize(("height", "stack"), [(200, True), (120, False)])
def test_pools_that_fill_a_rectangle_have_none_around_them(height: int, stack: bool) -> None:
    pools = [Frame(Rect(0, y, 900, y + height), title=Rect(0, y, 40, y + height)) for y in (0, 200, 400)]
    around = Frame(Rect(0, 0, 900, 600))
    assert _mere_stack(around, [around, *pools]) is stack


def test_lanes_beside_their_pools_strip_have_a_pool_around_them() -> None:
    lanes = [Frame(Rect(60, y, 900, y + 200), title=Rect(60, y, 100, y + 200)) for y in (0, 200, 400)]
    pool = Frame(Rect(0, 0, 900, 600))
    assert not _mere_stack(pool, [pool, *lanes])


def test_a_transaction_below_which_flows_enclose_paper_is_one() -> None:
    page = Page(900, 560)
    page.rounded(60, 40, 840, 300, 14)
    page.rounded(65, 45, 835, 295, 10)
    for x, name in ((180, "check order"), (450, "ship goods"), (720, "send bill")):
        page.rounded(x - 75, 100, x + 75, 180, 10)
        page.write(x, 140, name)
    page.arrow((255, 140), (372, 140))
    page.arrow((525, 140), (642, 140))
    page.arrow((140, 300), (140, 430), (715, 430))
    page.symbol("decision", 750, 430, w=64, h=64)
    page.arrow((750, 300), (750, 396))
    scene = understand(page.pixels)
    assert [f.rounded for f in scene.frames] == [True]


@pytest.mark.parametrize(("inset", "clings"), [(6, True), (60, False)])
def test_a_loop_along_the_frame_that_its_event_sits_on_is_the_frames_side(inset: int, clings: bool) -> None:
    event, frame = Rect(180, 280, 220, 320), Rect(60, 40, 840, 300)
    r = frame.grow(-inset)
    path = np.array([[180, r.y1], [r.x0, r.y1], [r.x0, r.y0], [r.x1, r.y0], [r.x1, r.y1], [220, r.y1]], float)
    assert _clings(Connector(1, 1, path, False, False, False, 0.5), [event, frame], 1, 18.0) is clings


@pytest.mark.parametrize(("top", "icon"), [(24, True), (70, False)])
def test_shoulders_in_a_tasks_corner_are_its_icons(top: int, icon: bool) -> None:
    task = Rect(100, 100, 245, 215)
    shoulders = Rect(110, 100 + top, 124, 108 + top)
    assert _icon(symbol(shoulders, "manual_input"), symbol(task), 11.0) is icon


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        (Rect(180, 184, 214, 197), False),
        (Rect(103, 140, 116, 170), False),
        (Rect(180, 144, 214, 157), True),
        (Rect(180, 180, 200, 197), True),
    ],
)
def test_half_a_circle_on_a_tasks_border_is_no_letter(box: Rect, kept: bool) -> None:
    line = TextLine(box, (box,), 0)
    text = Text([line], np.zeros((9, 9), bool))
    assert without_starts(text, [symbol(Rect(100, 100, 300, 200))], 18.0).lines == ([line] if kept else [])


def test_a_thick_ring_that_a_flow_starts_on_is_no_diamond() -> None:
    page = Page(200, 200)
    page.oval(60, 60, 140, 140, width=12)
    page.polygon((80, 90), (120, 90), (120, 116), (80, 116), fill="black")
    page.oval(86, 50, 114, 78, width=3)
    (ring,) = find_rings(prepare(page.pixels))
    assert ring.round


def test_a_boundary_event_stands_where_its_host_does() -> None:
    host = Node(id="n1", shape="subprocess", group="lane", box=Box(100, 100, 400, 200))
    event = Node(id="n2", shape="intermediate_event", group="inside", box=Box(180, 282, 36, 36))
    within = Node(id="n3", shape="intermediate_event", group="inside", box=Box(180, 180, 36, 36))
    _, on, other = on_hosts([host, event, within])
    assert (on.shape, on.attached_to, on.group) == ("boundary_event", "n1", "lane")
    assert other.group == "inside"


@pytest.mark.parametrize(
    ("word", "hidden", "whole"),
    [
        ("тправить", False, "Отправить"),
        ("оверить", False, "Проверить"),
        ("верить", False, ""),
        ("9 проверить", False, "Проверить"),
        ("Спроверить", True, "Проверить"),
        ("Спроверить", False, ""),
        ("Отправить", True, ""),
        ("вить", False, ""),
        ("собрать", True, ""),
    ],
)
def test_a_verb_that_a_sign_covers_is_known_from_other_tasks(word: str, hidden: bool, whole: str) -> None:
    assert _completed(word, ["Отправить", "Проверить", "Согласовать"], hidden=hidden) == whole
