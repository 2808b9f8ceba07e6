"""What stands around a drawing: bars of a window, a panel of shapes to choose from, a legend."""

from __future__ import annotations

import random

import numpy as np
import pytest
from paper import Page
from PIL import Image

from diagrasp.engines.embedded.frames.grouping import subprocesses
from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.reading import load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.model import Box, Diagram, Group, Node
from diagrasp_train.generate.clutter import WAYS


def drawn(page: Page) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, load_reader("net"))[0]


def steps() -> Page:
    page = Page(760, 420)
    page.symbol("process", 450, 140, "Check the order", w=190, h=60)
    page.symbol("rounded", 450, 320, "Send the goods", w=190, h=60)
    page.arrow((450, 170), (450, 290))
    return page


def labels(page: Page) -> list[str]:
    return sorted(n.label for n in drawn(page).nodes)


def test_shapes_to_choose_from_are_no_nodes() -> None:
    page = steps()
    for k in range(4):
        page.oval(40, 90 + 60 * k, 100, 120 + 60 * k)
    assert labels(page) == ["Check the order", "Send the goods"]


@pytest.mark.parametrize(
    ("way", "seed"), [("b_legend", 0), ("b_legend", 2), ("c_window", 0), ("c_window", 1), ("c_window", 2)]
)
def test_legends_and_windows_have_no_nodes(way: str, seed: int) -> None:
    truth = Diagram.model_validate(
        {"nodes": [{"id": "a", "label": "Check the order", "box": [355, 110, 190, 60]},
                   {"id": "b", "label": "Send the goods", "box": [355, 290, 190, 60]}]}
    )  # fmt: skip
    shown, _ = WAYS[way](random.Random(seed), Image.fromarray(steps().pixels), truth)
    pixels = np.asarray(shown, np.uint8)
    found = assemble(understand(pixels), pixels, load_reader("net"))[0]
    assert sorted(n.label for n in found.nodes) == ["Check the order", "Send the goods"]
    assert len(found.edges) == 1


def test_symbols_that_only_stand_alone_are_nodes() -> None:
    """They hold their words, or are named below: a loose step, icons and events."""
    page = steps()
    page.symbol("process", 120, 140, "Ask a clerk", w=160, h=60)
    page.symbol("process", 120, 320, "Ask nobody", w=160, h=60)
    assert labels(page) == ["Ask a clerk", "Ask nobody", "Check the order", "Send the goods"]


def test_subprocesses_are_numbered_after_nodes_that_were_left_out() -> None:
    box = Box(0, 0, 400, 300)
    kept = [Node(id="n1", label="Ask"), Node(id="n3", label="Answer")]
    inside = [Group(id="g1", label="Call", kind="subprocess", box=box)]
    nodes, ids = subprocesses(kept, inside, [0], "bpmn", 3)
    assert [n.id for n in nodes] == ["n1", "n3", "n4"]
    assert ids == {0: "n4"}
