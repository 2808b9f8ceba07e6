"""Things around drawings and over them: the drawing stays where the truth says it is."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from diagrasp.model import Diagram
from diagrasp_train.generate.clutter import WAYS, clutter

TRUTH = Diagram.model_validate(
    {
        "nodes": [
            {"id": "a", "label": "Принять заказ", "box": [60, 40, 160, 60]},
            {"id": "b", "label": "Собрать заказ", "box": [60, 260, 160, 60]},
        ],
        "edges": [{"id": "e", "source": "a", "target": "b", "path": [[140, 100], [140, 260]]}],
    }
)


def drawing() -> Image.Image:
    picture = Image.new("RGB", (520, 380), "white")
    pen = ImageDraw.Draw(picture)
    for n in TRUTH.nodes:
        assert n.box is not None
        pen.rectangle((n.box.x, n.box.y, n.box.right - 1, n.box.bottom - 1), outline="black", width=3)
    pen.line((140, 100, 140, 259), fill="black", width=3)
    return picture


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_the_truth_stays_but_for_its_places(name: str, seed: int) -> None:
    picture, truth = WAYS[name](random.Random(seed), drawing(), TRUTH)
    assert [(n.id, n.label) for n in truth.nodes] == [(n.id, n.label) for n in TRUTH.nodes]
    assert [(e.source, e.target) for e in truth.edges] == [("a", "b")]
    pixels = np.asarray(picture.convert("L"), int)
    for n in truth.nodes:
        assert n.box is not None
        assert n.box.x >= 0
        assert n.box.right <= picture.width
        assert n.box.bottom <= picture.height
        row = round(n.box.center[1])
        inside, border = pixels[row, round(n.box.x) + 10], pixels[row, round(n.box.x) + 1]
        assert abs(inside - border) > 60  # the symbol's left side is where the truth has it


def test_something_is_done() -> None:
    plain = np.asarray(drawing())
    for name, way in WAYS.items():
        picture, _ = way(random.Random(4), drawing(), TRUTH)
        changed = np.asarray(picture.convert("RGB"))
        assert changed.shape != plain.shape or (changed != plain).any(), name


def test_a_seed_gives_the_same_picture() -> None:
    first, second = (clutter(random.Random(9), drawing(), TRUTH) for _ in range(2))
    assert first[2] == second[2]
    assert first[1] == second[1]
    assert (np.asarray(first[0]) == np.asarray(second[0])).all()
