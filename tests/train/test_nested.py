"""Things within things: the generator's nested diagrams are drawn as their truth says."""

from __future__ import annotations

import itertools
import random
import shutil
from xml.etree import ElementTree as ET

import pytest
from graphs import differences

from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram
from diagrasp_train.generate import bpmn, graphviz, mermaid, nested, plantuml
from diagrasp_train.generate.containers import Room, composite_states, lay_out, nested_areas, subprocesses
from diagrasp_train.generate.place import Placed
from diagrasp_train.generate.process import Looks

SEEDS = range(8)
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def _areas(seed: int) -> Diagram:
    return nested_areas(random.Random(seed), "ru" if seed % 2 else "en", 9)


def _expanded(seed: int) -> Diagram:
    looks = Looks(kind="bpmn", decision="exclusive_gateway", shapes=("task",), start="start_event", end="end_event",
                  ends="events", groups="none", joins=True)  # fmt: skip
    return subprocesses(random.Random(seed), "ru" if seed % 2 else "en", 10, looks)


def _homes(diagram: Diagram) -> dict[str, str]:
    """In which area each node stands, by their labels."""
    labels = {g.id: g.label for g in diagram.groups}
    return {" ".join(n.label.split()): labels[n.group].strip() for n in diagram.nodes if n.group and n.label}


def test_some_areas_are_in_areas_in_areas() -> None:
    deepest = max(len([*_areas(seed).ancestors(n.group)]) for seed in range(30) for n in _areas(seed).nodes if n.group)
    assert deepest == 3


@pytest.mark.parametrize("seed", SEEDS)
def test_nested_sources_say_what_the_truth_says(seed: int) -> None:
    formats, rng = FormatRegistry(external=False), random.Random(seed)
    areas, states = _areas(seed), composite_states(rng, "en" if seed % 2 else "ru")
    within = [e for e in areas.edges if {e.source, e.target} <= {n.id for n in areas.nodes}]
    shapes = tuple(n.replace(shape="rounded" if n.shape == "stadium" else n.shape) for n in areas.nodes)
    dots = areas.replace(edges=tuple(within), nodes=shapes)
    sources = [
        (areas, "mermaid", mermaid.source(areas, mermaid.MermaidStyle())),
        (states, "mermaid", mermaid.source(states, mermaid.MermaidStyle())),
        (states, "plantuml", plantuml.state_source(states, rng)),
        (dots, "dot", graphviz.source(dots, graphviz.GraphvizStyle())),
    ]
    for truth, format, source in sources:
        read = formats.reader(format).read(source.encode()).diagram
        assert differences(truth, read) == [], source
        assert _homes(read) == _homes(truth)


@needs_dot
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_in_a_container_lies_within_its_box(seed: int) -> None:
    for diagram, size in ((_areas(seed), lambda _: (120.0, 50.0)), (_expanded(seed), bpmn.size)):
        placed = lay_out(diagram, size, Room())
        for node in placed.nodes:
            assert node.box is not None
            for group in placed.groups:
                inside = node.group is not None and group in placed.ancestors(node.group)
                assert group.box is not None
                assert group.box.contains(*node.box.center) == inside or node.id + "_in" == group.id
        for a, b in itertools.pairwise(placed.groups):
            assert a.box != b.box


@needs_dot
@pytest.mark.parametrize("seed", SEEDS)
def test_expanded_subprocesses_are_bpmn(seed: int) -> None:
    diagram = _expanded(seed)
    placed = lay_out(diagram, bpmn.size, Room(), ortho=True)
    xml = bpmn.source(Placed(placed), bpmn.BpmnStyle())
    read = FormatRegistry(external=False).reader("bpmn").read(xml.encode()).diagram
    assert differences(diagram, read) == []
    assert {g.label for g in read.groups} == {g.label for g in diagram.groups}


@needs_dot
@pytest.mark.parametrize("seed", SEEDS)
def test_drawio_pages_are_well_formed(seed: int) -> None:
    diagram = _areas(seed)
    shapes = tuple(n.replace(shape="rounded" if n.shape == "stadium" else n.shape) for n in diagram.nodes)
    placed = lay_out(diagram.replace(nodes=shapes), nested.drawio_size, Room())
    page = nested.drawio_page(placed, random.Random(seed), bar=bool(seed % 2))
    cells = ET.fromstring(page).findall(".//mxCell")
    assert len(cells) == 2 + len(diagram.nodes) + len(diagram.groups) + len(diagram.edges)
