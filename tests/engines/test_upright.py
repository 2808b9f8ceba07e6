"""Drawings that stand askew are turned upright, and places are told in the picture as it came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from diagrasp.engines.embedded.picture.upright import straight_lines, tilt, upright
from diagrasp.images import load_picture
from diagrasp.model import Box, Diagram, Edge, Node, Point

EXAMPLES = Path(__file__).parents[2] / "docs/examples"


def example(name: str) -> Image.Image:
    shown = load_picture((EXAMPLES / name).read_bytes(), max_bytes=10**8, max_pixels=10**8)
    return Image.fromarray(shown.pixels)


@pytest.mark.parametrize("degrees", [-4.0, -1.0, 0.5, 2.5])
def test_the_angle_of_a_scan_is_found_to_a_tenth_of_a_degree(degrees: float) -> None:
    askew = example("delivery-drawio-ru.png").rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert tilt(straight_lines(np.asarray(askew))) == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("name", ["delivery-drawio-ru.png", "incident-en.png", "login-sequence-en.png"])
def test_an_upright_drawing_is_left_as_it_is(name: str) -> None:
    pixels = np.asarray(example(name))
    same, turn = upright(pixels)
    assert same is pixels
    assert turn is None


def test_lines_that_go_anywhere_tell_no_angle() -> None:
    image = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(image)
    for k in range(24):
        pen.line((300, 300, 300 + 280 * np.cos(k / 12 * np.pi), 300 + 280 * np.sin(k / 12 * np.pi)), "black", 2)
    pixels = np.asarray(image)
    assert upright(pixels)[1] is None


def test_connectors_slanted_alike_are_no_tilt() -> None:
    image = Image.new("RGB", (700, 500), "white")
    pen = ImageDraw.Draw(image)
    for k in range(8):
        pen.ellipse((500, 10 + 60 * k, 640, 50 + 60 * k), outline="black", width=2)
        pen.line((60, 60 + 50 * k, 500, 30 + 50 * k), "black", 2)
    assert upright(np.asarray(image))[1] is None


def test_a_long_low_drawing_that_stands_askew_is_turned() -> None:
    image = Image.new("RGB", (3200, 300), "white")
    pen = ImageDraw.Draw(image)
    for x in range(40, 3100, 220):
        pen.rectangle((x, 120, x + 140, 160), outline="black", width=2)
        pen.line((x + 140, 140, x + 220, 140), "black", 2)
    askew = image.rotate(2, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert tilt(straight_lines(np.asarray(askew))) == pytest.approx(-2, abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (300, 200)])
def test_an_empty_picture_has_no_angle(size: tuple[int, int]) -> None:
    assert tilt(straight_lines(np.asarray(Image.new("RGB", size, "white")))) is None


def test_what_is_found_is_told_in_pixels_of_the_picture() -> None:
    image = Image.new("RGB", (800, 600), "white")
    pen = ImageDraw.Draw(image)
    for x in range(100, 700, 100):
        pen.rectangle((x, 200, x + 60, 260), outline="black", width=2)
    askew = image.rotate(-2, Image.Resampling.BICUBIC, fillcolor="white")  # about the middle, 400 300
    pixels, turn = upright(np.asarray(askew))
    assert turn is not None
    left, top = np.argwhere(pixels[..., 0] < 128).min(axis=0)[::-1]
    box = Box(float(left), float(top), 60, 60)
    found = Diagram(
        kind="flowchart",
        nodes=(Node(id="a", label="A", shape="process", box=box),),
        edges=(Edge(id="e", source="a", target="a", path=(Point(float(left), float(top)),)),),
    )
    told = turn.undo(found)
    angle = np.radians(2)  # clockwise, as y points down
    x = 400 + (100 - 400) * np.cos(angle) - (200 - 300) * np.sin(angle)
    y = 300 + (100 - 400) * np.sin(angle) + (200 - 300) * np.cos(angle)
    assert told.edges[0].path is not None
    assert told.edges[0].path[0] == pytest.approx((x, y), abs=2.5)
    around = told.nodes[0].box
    assert around is not None
    assert around.w == pytest.approx(60 * (np.cos(angle) + np.sin(angle)), abs=1)
