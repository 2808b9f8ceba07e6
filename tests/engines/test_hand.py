"""Drawings by hand: wobbly strokes, outlines with gaps, ruled paper, uneven light; and printed ones left alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import cv2
import font_roboto
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.hand.crops import line_crop
from diagrasp.engines.embedded.hand.detect import convincing
from diagrasp.engines.embedded.hand.gaps import bridge
from diagrasp.engines.embedded.hand.heads import pointed
from diagrasp.engines.embedded.hand.paper import Share, darkness_and_tint, hatched, pen, without_hatching
from diagrasp.engines.embedded.hand.rulings import without_rulings
from diagrasp.engines.embedded.hand.scene import understand_hand
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import prepare
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.text.textlines import TextLine

Pixels = NDArray[np.uint8]


def darkness(pixels: Pixels) -> Share:
    return darkness_and_tint(pixels)[0]


def tint(pixels: Pixels) -> Share:
    return darkness_and_tint(pixels)[1]


class Pen:
    """A pen in an unsteady hand: every stroke wobbles and overshoots a little, always in the same way for a seed."""

    def __init__(self, width: int, height: int, seed: int = 1, wobble: float = 1.6) -> None:
        self.pixels: Pixels = np.full((height, width, 3), 255, np.uint8)
        self.random = np.random.default_rng(seed)
        self.wobble = wobble

    def stroke(self, *corners: tuple[float, float]) -> None:
        points = []
        for (x0, y0), (x1, y1) in itertools.pairwise(corners):
            steps = max(2, int(np.hypot(x1 - x0, y1 - y0) / 14))
            parts = np.linspace(0, 1, steps, endpoint=False)
            points.extend((x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in parts)
        points.append(corners[-1])
        shaken = np.array(points) + self.random.normal(0, self.wobble, (len(points), 2))
        cv2.polylines(self.pixels, [np.round(shaken * 8).astype(np.int32)], False, (40, 30, 30), 2, cv2.LINE_AA, 3)

    def box(self, x: float, y: float, w: float, h: float, gap: float = 0.0) -> None:
        """A rectangle around (x, y), its last corner open by `gap` pixels."""
        left, top, right, bottom = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        self.stroke((left, top), (right, top), (right, bottom), (left, bottom), (left, top + gap))

    def diamond(self, x: float, y: float, w: float, h: float) -> None:
        self.stroke((x, y - h / 2), (x + w / 2, y), (x, y + h / 2), (x - w / 2, y), (x, y - h / 2))

    def oval(self, x: float, y: float, w: float, h: float) -> None:
        turn = np.linspace(0.3, 0.3 + 2 * np.pi, 40)
        self.stroke(*[(x + w / 2 * np.cos(a), y + h / 2 * np.sin(a)) for a in turn])

    def arrow(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """A line with an open head."""
        self.stroke((x0, y0), (x1, y1))
        way = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
        side = np.array([-way[1], way[0]])
        tip = np.array([x1, y1])
        self.stroke(tuple(tip - 13 * way + 8 * side), tuple(tip), tuple(tip - 13 * way - 8 * side))

    def write(self, text: str, x: float, y: float) -> None:
        page = Image.fromarray(self.pixels)
        font = ImageFont.truetype(font_roboto.RobotoLight, 26)
        ImageDraw.Draw(page).text((x, y), text, (40, 30, 30), font, anchor="mm")
        self.pixels = np.array(page)


def flowchart(seed: int = 1, gap: float = 9.0) -> Pixels:
    """Five symbols, five connectors."""
    hand = Pen(620, 760, seed)
    hand.oval(300, 60, 170, 62)
    hand.write("Start", 300, 60)
    hand.arrow(300, 94, 300, 150)
    hand.box(300, 190, 230, 70, gap)
    hand.write("Check stock", 300, 190)
    hand.arrow(302, 228, 301, 280)
    hand.diamond(300, 345, 210, 122)
    hand.write("Enough?", 300, 345)
    hand.arrow(300, 410, 299, 470)
    hand.box(300, 512, 200, 74)
    hand.write("Pack goods", 300, 512)
    hand.arrow(196, 346, 120, 346)
    hand.box(62, 350, 104, 66)
    hand.write("Order", 62, 350)
    hand.arrow(300, 552, 302, 612)
    hand.oval(300, 650, 160, 66)
    hand.write("Done", 300, 650)
    return hand.pixels


PLACES = {
    "start": (300, 60),
    "check": (300, 190),
    "enough": (300, 345),
    "pack": (300, 512),
    "order": (62, 350),
    "done": (300, 650),
}


def joined(scene: Scene) -> set[tuple[str, str]]:
    """Connectors as pairs of places, a place being a symbol's middle in the picture, to 60 pixels."""

    def place(number: int) -> str:
        box, scale = scene.nodes[number - 1].outline.box, scene.sheet.scale
        x, y = (box.cx - scene.margin) / scale, (box.cy - scene.margin) / scale
        return min(PLACES, key=lambda k: np.hypot(PLACES[k][0] - x, PLACES[k][1] - y))

    return {(place(c.source), place(c.target)) for c in scene.connectors}


WANTED = {("start", "check"), ("check", "enough"), ("enough", "pack"), ("enough", "order"), ("pack", "done")}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_wobbly_flowchart_with_open_corners_is_understood(seed: int) -> None:
    scene = understand_hand(flowchart(seed))
    assert scene is not None
    assert len(scene.nodes) == 6
    assert joined(scene) <= WANTED
    assert len(joined(scene)) >= 4
    assert all(c.head for c in scene.connectors)


def test_each_line_of_handwriting_belongs_to_its_symbol() -> None:
    scene = understand(flowchart())
    assert scene.sheet.hand
    assert sorted(scene.inside) == list(range(6))
    assert scene.outside == []


def squared(pixels: Pixels, step: int, shade: int) -> Pixels:
    """The drawing on squared paper that lies a little askew."""
    h, w = pixels.shape[:2]
    lines = np.zeros((h, w), np.uint8)
    for at in range(step, max(h, w), step):
        cv2.line(lines, (0, at), (w, at + 3), 255, 2, cv2.LINE_AA)
        cv2.line(lines, (at, 0), (at - 3, h), 255, 2, cv2.LINE_AA)
    paper = 255 - lines.astype(np.int32)[:, :, None] * shade // 255
    return np.minimum(pixels, paper).astype(np.uint8)


def dim(pixels: Pixels) -> Pixels:
    """The drawing photographed: half of the light is gone in one corner, and there is grain."""
    h, w = pixels.shape[:2]
    light = np.linspace(1.0, 0.6, w)[None, :, None] * np.linspace(1.0, 0.8, h)[:, None, None]
    grain = np.random.default_rng(5).normal(0, 2.0, pixels.shape)
    return np.clip(pixels * light + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "paper",
    [
        pytest.param(dim, id="uneven light"),
        pytest.param(lambda p: squared(p, 31, 70), id="squared paper"),
        pytest.param(lambda p: dim(squared(p, 31, 70)), id="both"),
        pytest.param(lambda p: (255 - p // 2 * 2).astype(np.uint8), id="chalk"),
    ],
)
def test_paper_and_light_make_little_difference(paper: Callable[[Pixels], Pixels]) -> None:
    scene = understand_hand(paper(flowchart()))
    assert scene is not None
    assert len(WANTED & joined(scene)) >= 4


def test_ruled_lines_are_taken_away_and_what_crosses_them_stays() -> None:
    drawn = flowchart()
    plain = pen(darkness(drawn))
    page = squared(drawn, 29, 120)
    ink, lines = without_rulings(darkness(page), pen(darkness(page)), tint(page))
    assert lines >= 30
    assert (ink & plain).sum() >= 0.8 * plain.sum()
    assert (
        ink & ~cv2.dilate(plain.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    ).sum() <= 0.1 * plain.sum()


def leaning(pixels: Pixels) -> Pixels:
    """The page seen from a side: its lines are no longer level, upright or evenly spaced."""
    h, w = pixels.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = np.array([[18, 8], [w - 6, 0], [w, h - 4], [0, h - 26]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(cv2.warpPerspective(pixels, warp, (w, h), borderValue=(255, 255, 255)), np.uint8)


def test_pale_squares_are_told_from_the_pen_on_a_page_seen_askew() -> None:
    drawn = flowchart()
    page = dim(leaning(squared(drawn, 29, 60)))
    ink, lines = without_rulings(darkness(page), pen(darkness(page)), tint(page))
    wanted = pen(darkness(leaning(drawn)))
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert lines >= 20
    assert (ink & wanted).sum() >= 0.75 * wanted.sum()
    assert (ink & ~near).sum() <= 0.05 * wanted.sum()


def test_a_faint_blue_stroke_is_told_from_grey_lines_by_its_colour() -> None:
    page = squared(np.full((700, 900, 3), 255, np.uint8), 29, 90)
    for y in range(60, 660, 40):
        cv2.line(page, (40, y), (860, y + 12), (30, 30, 190), 3, cv2.LINE_AA)
    cv2.line(page, (300, 30), (340, 680), (168, 168, 232), 3, cv2.LINE_AA)
    ink, lines = without_rulings(darkness(page), pen(darkness(page)), tint(page))
    assert lines
    along = np.array([ink[y, round(300 + 40 * (y - 30) / 650)] for y in range(40, 670)])
    assert along.mean() >= 0.85


def test_holes_of_a_page_are_no_symbols_and_events_are() -> None:
    page = flowchart()
    wide = np.full((page.shape[0], page.shape[1] + 160, 3), 255, np.uint8)
    wide[:, 160:] = page
    for y in (100, 300, 500):
        cv2.circle(wide, (50, y), 16, (20, 20, 20), cv2.FILLED, cv2.LINE_AA)
    scene = understand_hand(wide)
    plain = understand_hand(page)
    assert scene is not None
    assert plain is not None
    assert len(scene.nodes) == len(plain.nodes)
    assert len(scene.connectors) == len(plain.connectors)


def test_a_lines_crop_holds_nothing_of_the_lines_around_it() -> None:
    page = np.full((90, 220, 3), 255, np.uint8)
    cv2.rectangle(page, (20, 20), (60, 44), (0, 0, 0), 2)
    cv2.rectangle(page, (70, 20), (90, 52), (0, 0, 0), 2)  # a letter that hangs down into the next line
    cv2.rectangle(page, (20, 48), (60, 72), (0, 0, 0), 2)
    upper = TextLine(Rect(19, 19, 92, 54), (Rect(19, 19, 62, 46), Rect(69, 19, 92, 54)), 1)
    lower = TextLine(Rect(19, 47, 62, 74), (Rect(19, 47, 62, 74),), 1)
    crop = line_crop(page, lower, [upper, lower])
    ys, xs = np.nonzero(crop < 128)
    assert int(ys.max() - ys.min()) in (25, 26)
    assert int(xs.max() - xs.min()) in (41, 42)
    whole = line_crop(page, upper, [upper, lower])
    ys, _ = np.nonzero(whole < 128)
    assert int(ys.max() - ys.min()) in (33, 34)


def test_a_flowchart_has_no_ruled_lines() -> None:
    dark = darkness(flowchart())
    ink = pen(dark)
    same, lines = without_rulings(dark, ink, tint(flowchart()))
    assert lines == 0
    assert (same == ink).all()


def test_a_gap_is_closed_and_a_wide_one_is_not() -> None:
    hand = Pen(400, 200, wobble=0.0)
    hand.box(100, 100, 120, 80, gap=12)
    hand.box(300, 100, 120, 80, gap=45)
    closed = bridge(pen(darkness(hand.pixels)), 24.0)
    _, rooms = cv2.connectedComponents((~closed).astype(np.uint8), connectivity=4)
    assert rooms[100, 100] != rooms[2, 2]
    assert rooms[100, 300] == rooms[2, 2]


def test_a_printed_drawing_is_not_looked_at_twice() -> None:
    page = Page(700, 500)
    for k, label in enumerate(("Check order", "Pack goods", "Send letter")):
        page.symbol("process", 150 + 200 * k, 200, label, w=150, h=70)
    scene = understand(page.pixels)
    assert convincing(scene)
    assert not scene.sheet.hand


def test_hatched_fills_are_paled_away() -> None:
    """Outlines and text stay, the strokes of the fill go, so that inside is paper again."""
    page = np.full((260, 420, 3), 255, np.uint8)
    for x in range(-200, 420, 7):
        cv2.line(page, (x, 230), (x + 200, 30), (205, 228, 152), 4, cv2.LINE_AA)
    page[:30], page[230:], page[:, :60], page[:, 360:] = 255, 255, 255, 255
    cv2.rectangle(page, (60, 30), (360, 230), (19, 84, 12), 3)
    plain = without_hatching(page)
    assert (plain[60:200, 90:330] == 255).all()
    assert plain[30, 100].max() < 60
    assert len(prepare(plain).stats) - 1 == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_grain_is_no_drawing(seed: int) -> None:
    grain = np.random.default_rng(seed).integers(0, 256, (400, 500, 3)).astype(np.uint8)
    scene = understand_hand(grain)
    assert scene is None or not scene.connectors


def _enclosed(closed: NDArray[np.bool_]) -> int:
    """How many areas of a letter's size and more are closed."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((~closed).astype(np.uint8), connectivity=4)
    return int((stats[1:, 4] > 400).sum()) - 1


@pytest.mark.parametrize(("gap", "closes"), [(12, True), (13, True), (44, False)])
def test_two_sides_that_do_not_meet_are_joined_at_their_ends(gap: int, closes: bool) -> None:
    ink = np.zeros((200, 300), np.uint8)
    cv2.polylines(ink, [np.array([[240 - gap, 50], [60, 50], [60, 150], [240, 150], [240, 50 + gap]])], False, 1, 2)
    assert (_enclosed(bridge(ink > 0, 20.0)) == 1) == closes
    assert _enclosed(bridge(ink > 0, 20.0, corners=False)) == 0


def _line(*, head: bool = False, sure: float = 0.1) -> Connector:
    path = np.stack([np.linspace(40, 200, 80), np.full(80, 60.0)], axis=1)
    return Connector(1, 2, path, head, False, False, sure)


@pytest.mark.parametrize("tip", [40, 200])
def test_a_head_is_where_more_ink_is(tip: int) -> None:
    ink = np.zeros((120, 260), np.uint8)
    back = 12 if tip == 40 else -12
    cv2.line(ink, (40, 60), (200, 60), 1, 2)
    for side in (-7, 8):  # the strokes of a head that do not quite touch the line
        cv2.line(ink, (tip + back, 60 + side), (tip + back // 4, 60 + side // 3), 1, 2)
    (found,) = pointed([_line()], ink > 0, ink > 0, 20.0)
    assert found.head
    assert not found.tail
    assert (found.source, found.target) == ((1, 2) if tip == 200 else (2, 1))
    assert found.path[-1, 0] == tip


def test_a_clear_head_stays_and_a_plain_line_among_plain_ones_has_none() -> None:
    ink = np.zeros((120, 260), np.uint8)
    cv2.line(ink, (40, 60), (200, 60), 1, 2)
    assert not pointed([_line()], ink > 0, ink > 0, 20.0)[0].head
    cv2.circle(ink, (44, 60), 9, 1, -1)
    clear = _line(head=True, sure=0.9)
    assert pointed([clear], ink > 0, ink > 0, 20.0) == [clear]


def test_boxes_of_a_tablets_drawing_are_no_ruled_paper() -> None:
    page = Pen(260, 900, wobble=0.3)
    for k in range(8):
        page.box(130, 60 + 104 * k, 200, 52)
    dark = darkness(page.pixels)
    ink = pen(dark)
    kept, lines = without_rulings(dark, ink, tint(page.pixels))
    assert lines == 0
    assert (kept == ink).all()


def test_only_drawings_with_something_pale_are_paled() -> None:
    page = Pen(400, 300)
    page.box(200, 150, 240, 120)
    assert not hatched(page.pixels)
    for x in range(90, 310, 6):
        cv2.line(page.pixels, (x, 92), (x + 20, 208), (215, 205, 225), 2)
    assert hatched(page.pixels)


def test_a_large_diamond_is_a_symbol_and_what_lines_enclose_is_none() -> None:
    page = Pen(760, 900, seed=3)
    page.box(200, 60, 150, 60)
    page.write("Check it", 200, 60)
    page.diamond(200, 280, 330, 230)
    page.write("Is it good?", 200, 280)
    page.box(560, 280, 150, 60)
    page.write("Return", 560, 280)
    page.box(200, 560, 150, 60)
    page.write("Store it", 200, 560)
    page.arrow(200, 92, 200, 162)
    page.arrow(368, 280, 482, 280)
    page.arrow(200, 398, 200, 526)
    page.stroke((560, 312), (560, 700), (690, 700), (690, 60), (280, 60))
    scene = understand_hand(page.pixels)
    assert scene is not None
    assert sorted(n.shape == "decision" for n in scene.nodes) == [False, False, False, True]
