"""Whatever part of a picture is given, it is read to the end: screenshots cut symbols, words and lines anywhere.

`make fuzz` tries hundreds of cuts (`DIAGRASP_FUZZ`); otherwise a few, the same each time.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from paper import Page
from PIL import Image

from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.picture.upright import upright
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "docs/examples").glob("*.png"))
COUNT = 400 if os.environ.get("DIAGRASP_FUZZ") else 1


def cut(picture: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """A window of a picture, as often as not in other colours or of another size."""
    height, width = picture.shape[:2]
    w, h = rng.randrange(2, min(width, 700)), rng.randrange(2, min(height, 500))
    x, y = rng.randrange(width - w), rng.randrange(height - h)
    window = picture[y : y + h, x : x + w]
    if rng.random() < 0.25:
        window = 255 - window
    if rng.random() < 0.25:
        scale = rng.uniform(0.4, 1.6)
        size = max(2, round(scale * w)), max(2, round(scale * h))
        window = np.asarray(cv2.resize(window, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(window)


@pytest.mark.timeout(0 if COUNT > 1 else 300)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_windows_of_a_picture(path: Path) -> None:
    picture = np.asarray(Image.open(path).convert("RGB"))
    rng = random.Random(path.stem)
    reader = load_reader()
    for _ in range(COUNT):
        window, turned = upright(cut(picture, rng))
        diagram, _ = assemble(understand(window), window, reader)
        names = {element.id for element in (*diagram.nodes, *diagram.groups)}
        assert all(edge.source in names and edge.target in names for edge in diagram.edges)
        if turned is not None:
            turned.undo(diagram)


def test_a_decision_cut_by_the_edge() -> None:
    """Its upper corner would lie above the picture."""
    page = Page(400, 300)
    page.symbol("decision", 200, 100, "Is it paid?", w=200, h=120)
    page.arrow((200, 160), (200, 220))
    page.symbol("process", 200, 245, "Send the goods", w=200, h=50)
    seen = 0
    for top in range(42, 100, 6):
        nodes = understand(np.ascontiguousarray(page.pixels[top:])).nodes
        assert all(node.outline.box.y0 >= 0 for node in nodes)
        seen += any(node.shape == "process" for node in nodes)
    assert seen > 5
