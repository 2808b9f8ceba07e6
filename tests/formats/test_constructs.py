"""What each format keeps of each construct; that nothing changes in silence is part of the contract suite."""

from __future__ import annotations

from typing import get_args

import pytest

from diagrasp.constructs import Change, changes, constructs, silent, verdict
from diagrasp.features import used
from diagrasp.formats import Format, FormatRegistry, FormatSpec, Loss, Read, Written
from diagrasp.model import Diagram, Shape
from diagrasp.testing import row

REGISTRY = FormatRegistry(external=False)
FOUND = {each.section + ": " + each.title: each for each in constructs()}


def test_constructs_are_told_apart_and_each_diagram_is_sound() -> None:
    assert len(FOUND) == len(list(constructs())) > 150
    shapes = {node.shape for each in FOUND.values() for node in each.diagram.nodes}
    used_ = {feature for each in FOUND.values() for feature, _, _ in used(each.diagram)}
    assert shapes == set(get_args(Shape))
    assert {"title", "box", "path", "confidence", "rows", "edge.default", "attached_to", "group.nested"} <= used_


@pytest.mark.parametrize("name", ["excalidraw", "json", "svg"])
def test_formats_that_keep_everything(name: str) -> None:
    assert {found.word for found in row(REGISTRY.get(name))} == {"exact"}


@pytest.mark.parametrize(
    ("name", "construct", "word"),
    [
        ("bpmn", "Symbols of flowcharts: hexagon", "as task"),
        ("bpmn", "BPMN: events: boundary event, not interrupting", "exact"),
        ("bpmn", "Class: rows", "no"),
        ("d2", "Symbols of flowcharts: terminal", "lossy"),
        ("d2", "Connectors: label", "written"),
        ("d2", "BPMN: connectors: default flow", "no"),
        ("dot", "Groups: lane", "as subgraph"),
        ("mermaid", "Sequence: frame in a frame", "exact"),
        ("mermaid", "Groups: pool", "exact"),
        ("plantuml", "Activity: fork and join", "exact"),
        ("pseudocode", "Activity: loop", "written"),
        ("python", "Symbols of flowcharts: hexagon", "lossy"),
        ("steps", "BPMN: gateways: exclusive_gateway", "as decision"),
        ("steps", "Activity: choice", "exact"),
    ],
)
def test_some_verdicts(name: str, construct: str, word: str) -> None:
    assert verdict(REGISTRY.get(name), FOUND[construct]).word == word


class _Careless:
    """A format that reports what it is told to, and forgets the labels of edges."""

    spec = FormatSpec("careless", "Careless", "text/plain", (".x",), kinds=frozenset({"flowchart"}))

    def __init__(self, *losses: Loss) -> None:
        self.losses = losses

    def write(self, diagram: Diagram) -> Written:
        edges = tuple(edge.replace(label="") for edge in diagram.edges)
        return Written(diagram.replace(edges=edges).to_json().encode(), self.losses)

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        return Read(Diagram.from_json(data))

    def sniff(self, data: bytes) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("losses", "named"),
    [
        ((), False),
        ((Loss("edge.label", "x"),), True),
        ((Loss("edge.label"),), True),
        ((Loss("edge", "a"),), False),
        ((Loss("shape.process", "x"),), False),
        ((Loss("line"),), False),
    ],
)
def test_a_change_is_silent_unless_a_loss_is_about_it(losses: tuple[Loss, ...], named: bool) -> None:
    careless: Format = _Careless(*losses)
    found = verdict(careless, FOUND["Connectors: label"])
    assert found.word == "no"
    assert (found.silent == ()) is named
    assert [str(change) for change in found.changes] == ["edge.label of x: 'Delta' became ''"]


def test_changes_see_through_new_ids_and_name_what_is_gone() -> None:
    before = Diagram.model_validate(
        {
            "nodes": [{"id": "a", "label": "A", "group": "g"}, {"id": "b", "label": "B", "shape": "document"}],
            "edges": [{"id": "e", "source": "a", "target": "b", "line": "dashed"}],
            "groups": [{"id": "g", "label": "G"}],
        }
    )
    renamed = Diagram.model_validate(
        {
            "nodes": [{"id": "n2", "label": "B", "shape": "document"}, {"id": "n1", "label": "A", "group": "c"}],
            "edges": [{"source": "n1", "target": "n2", "line": "dashed"}],
            "groups": [{"id": "c", "label": "G"}],
        }
    )
    assert changes(before, renamed) == []
    bare = Diagram.model_validate({"nodes": [{"id": "a", "label": "A"}]})
    found = changes(before, bare)
    assert [(change.feature, change.element) for change in found] == [
        ("node", "b"), ("edge", "e"), ("group.gone", "g")
    ]  # fmt: skip
    assert silent(found, [Loss("group.subgraph", "g"), Loss("node", "b")]) == []
    assert [change.feature for change in silent(found, [Loss("group.subgraph", "g")])] == ["node", "edge"]


def test_what_came_from_nowhere_is_a_change() -> None:
    before = Diagram.model_validate({"nodes": [{"id": "a", "label": "A"}]})
    after = Diagram.model_validate({"nodes": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]})
    assert changes(before, after) == [Change("extra", "", None, "B")]
