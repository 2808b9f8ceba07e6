"""BPMN in the manners of other modellers: the drawing holds what its truth says."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

import pytest

from diagrasp.model import Diagram
from diagrasp_train.generate.beside import decorate_bpmn
from diagrasp_train.generate.bpmn import BpmnStyle, lay_out
from diagrasp_train.generate.looks import TASKS, random_look, source
from diagrasp_train.generate.process import Looks, random_process, write

SVG = "{http://www.w3.org/2000/svg}"


def process(rng: random.Random) -> Diagram:
    found = random_process(rng, "ru", 9, lanes=3)
    looks = Looks(
        kind="bpmn", shapes=TASKS, decision="exclusive_gateway", start="start_event", end="end_event", ends="events",
        groups="lane", joins=True,
    )  # fmt: skip
    return decorate_bpmn(rng, write(rng, found, looks), found)


@pytest.mark.parametrize("seed", range(12))
def test_all_that_the_truth_names_is_written_within_the_picture(seed: int) -> None:
    rng = random.Random(seed)
    placed = lay_out(process(rng), BpmnStyle())
    root = ET.fromstring(source(placed, random_look(rng), rng))
    said = {
        " ".join(" ".join(span.text or "" for span in text.iter(f"{SVG}tspan")).split())
        for text in root.iter(f"{SVG}text")
    }
    diagram = placed.diagram
    named = [*diagram.nodes, *diagram.edges, *diagram.groups]
    assert {" ".join(x.label.split()) for x in named if x.label} <= said
    x, y, w, h = (float(v) for v in root.attrib["viewBox"].split())
    for box in [n.box for n in diagram.nodes if n.box] + [g.box for g in diagram.groups if g.box]:
        assert min(box.x - x, box.y - y, x + w - box.right, y + h - box.bottom) >= 0


def test_looks_differ() -> None:
    looks = [random_look(random.Random(seed)) for seed in range(40)]
    assert {bool(look.dots) for look in looks} == {look.gradient for look in looks} == {True, False}
    assert len({(look.head, look.task, look.gateway) for look in looks}) > 6
