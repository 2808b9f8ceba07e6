"""The tools that people use take what diagrasp writes: on examples, on hostile labels, on any diagram at random."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from drawn import diagrams
from hypothesis import HealthCheck, Phase, given, settings
from tools import ROOT, NodeTools, Verdict, bpmn_schema, graphviz, plantuml, plantuml_now

from diagrasp.formats import FormatRegistry, Reader, Writer, Written
from diagrasp.model import Diagram
from diagrasp.testing import HOSTILE, sample, with_labels

REGISTRY = FormatRegistry(external=False)
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LONG = "слово" * 2000
Ask = Callable[[Sequence[str]], list[Verdict]]
NOT_LOST = {"label", "style", "size", "box", "confidence"}
"""Losses that leave as many nodes and edges as there were."""


@pytest.fixture(scope="module")
def node() -> Iterator[NodeTools]:
    with NodeTools() as tools:
        yield tools


def written(format: str, cases: Sequence[Diagram]) -> list[Written]:
    writer = cast(Writer, REGISTRY.get(format))
    return [writer.write(diagram) for diagram in cases]


def at_random(count: int) -> list[Diagram]:
    """The first diagrams that Hypothesis makes: each tool is asked once about all, so there is nothing to shrink."""
    found: list[Diagram] = []

    @settings(
        max_examples=count, database=None, derandomize=True, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(diagrams())
    def collect(diagram: Diagram) -> None:
        found.append(diagram)

    collect()
    return found


def hostile(format: str) -> list[Diagram]:
    spec = REGISTRY.get(format).spec
    turns = [HOSTILE[i:] + HOSTILE[:i] for i in range(0, len(HOSTILE), 3)] + [(LONG, "end", LONG)]
    return [with_labels(spec, kind, labels) for kind in sorted(spec.kinds) for labels in turns]


def natural(format: str) -> list[Diagram]:
    spec = REGISTRY.get(format).spec
    found = [Diagram.from_json(path.read_bytes()) for path in sorted((ROOT / "docs/examples").glob("*.json"))]
    return found + [sample(spec, kind) for kind in sorted(spec.kinds)]


CASES = {"natural": natural, "hostile": hostile, "random": lambda _: at_random(60)}


def take(format: str, cases: Sequence[Diagram], ask: Ask, *, but: str = r"\Z.") -> list[tuple[Diagram, Verdict]]:
    """What a tool says of each; complaints other than `but` fail."""
    sources = written(format, cases)
    verdicts = ask([source.text for source in sources])
    for source, verdict in zip(sources, verdicts, strict=True):
        complaints = [line for line in verdict.complaints if not re.search(but, line)]
        assert not complaints, f"{complaints[:3]} about\n{source.text[:3000]}\n{source.text[:1000]!a}"
    whole = [{loss.feature for loss in source.losses} <= NOT_LOST for source in sources]
    return [pair for pair, kept in zip(zip(cases, verdicts, strict=True), whole, strict=True) if kept]


@pytest.mark.parametrize("kind", CASES)
def test_mermaid_parses_what_is_written(kind: str, node: NodeTools) -> None:
    for diagram, verdict in take(
        "mermaid", CASES[kind]("mermaid"), lambda s: [node.ask("mermaid", each) for each in s]
    ):
        if verdict.facts["type"] == "stateDiagram":  # `[*]` counts once for each block
            continue
        nodes, groups = len(diagram.nodes), len(diagram.groups)
        counts = (
            (nodes, groups, len(diagram.edges)) if diagram.kind != "sequence" else (nodes, None, len(diagram.edges))
        )
        assert (verdict.facts["nodes"], verdict.facts.get("groups"), verdict.facts["edges"]) == counts


def test_mermaid_shows_the_labels_that_were_meant(node: NodeTools) -> None:
    for label in (*HOSTILE, LONG):
        diagram = Diagram.model_validate({"nodes": [{"id": "a", "label": label}, {"id": "b", "shape": "decision"}]})
        (source,) = written("mermaid", [diagram])
        shown = node.ask("mermaid", source.text).facts["labels"][0]
        assert html.unescape(re.sub(r"<br ?/?>", "\n", shown)) == label


SOURCES = Path(__file__).parent / "corpus"
FENCE = re.compile(r"\A```mermaid\n(.*)\n```\s*\Z", re.DOTALL)


@pytest.mark.parametrize("path", sorted(SOURCES.glob("mermaid/*.mmd")), ids=lambda path: path.stem)
def test_mermaid_sees_in_the_corpus_what_is_read(path: Path, node: NodeTools) -> None:
    """Node for node and edge for edge; Mermaid takes a state's note for two nodes, one in the other."""
    read = cast(Reader, REGISTRY.get("mermaid")).read(path.read_bytes())
    diagram = read.diagram
    verdict = node.ask("mermaid", FENCE.sub(r"\1", path.read_text("utf-8")))
    assert not verdict.complaints
    notes = {each.id for each in diagram.nodes if each.shape == "note"}
    hidden = sum(loss.feature == "edge.invisible" for loss in read.losses)
    if diagram.kind == "sequence":
        messages = [edge for edge in diagram.edges if edge.source not in notes]
        assert (verdict.facts["nodes"], verdict.facts["edges"]) == (len(diagram.nodes) - len(notes), len(messages))
        return
    told = (len(diagram.nodes), len(diagram.groups) + (len(notes) if diagram.kind == "state" else 0))
    assert (verdict.facts["nodes"], verdict.facts["groups"]) == told
    assert verdict.facts["edges"] == len(diagram.edges) + hidden
    if diagram.kind == "flowchart" and not hidden:
        assert verdict.facts["ways"] == [[edge.source, edge.target] for edge in diagram.edges]
        places = [[each.id, each.group] for each in diagram.nodes] + [[each.id, each.parent] for each in diagram.groups]
        assert sorted(verdict.facts["within"]) == sorted(places)


def test_plantuml_takes_the_corpus() -> None:
    pages = [
        (path.name, page)
        for path in sorted(SOURCES.glob("plantuml/*.puml"))
        for page in re.findall(r"^@start.*?^@end\w+", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    ]
    verdicts = plantuml_now([page for _, page in pages])
    assert [(name, v.complaints) for (name, _), v in zip(pages, verdicts, strict=True) if v.complaints] == []


@pytest.mark.parametrize("kind", CASES)
def test_plantuml_takes_what_is_written(kind: str) -> None:
    take("plantuml", CASES[kind]("plantuml"), plantuml)


@pytest.mark.parametrize("kind", CASES)
def test_graphviz_draws_what_is_written(kind: str) -> None:
    inside = r"is inside (head|tail) cluster"  # an edge between a group and what is in it: drawn to its node
    for diagram, verdict in take("dot", CASES[kind]("dot"), graphviz, but=inside):
        assert verdict.facts == {
            "nodes": len(diagram.nodes), "groups": len(diagram.groups), "edges": len(diagram.edges),
        }  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_d2_compiles_what_is_written(kind: str, node: NodeTools) -> None:
    take("d2", CASES[kind]("d2"), lambda sources: [node.ask("d2", source) for source in sources])


@pytest.mark.parametrize("kind", CASES)
def test_bpmn_is_valid_and_bpmn_js_draws_all_of_it(kind: str, node: NodeTools, tmp_path: Path) -> None:
    cases = CASES[kind]("bpmn")
    take("bpmn", cases, lambda sources: [node.ask("moddle", source) for source in sources])
    take("bpmn", cases, lambda sources: bpmn_schema([source.encode() for source in sources], tmp_path))
    # BPMN knows no flow between lanes; where one is told as an association, bpmn-js draws it before a lane in a lane.
    lanes = r"bpmn:Lane .* referenced by <bpmn:Association .* not yet drawn"
    drawn_by = take("bpmn", cases, lambda sources: [node.ask("bpmn", source) for source in sources], but=lanes)
    for diagram, verdict in drawn_by:
        if diagram.kind == "bpmn" and not any(group.kind == "subprocess" for group in diagram.groups):
            drawn = len(diagram.nodes) + len(diagram.groups)
            assert (verdict.facts["nodes"], verdict.facts["edges"]) == (drawn, len(diagram.edges))


@pytest.mark.parametrize("kind", CASES)
def test_mxgraph_decodes_what_draw_io_is_given(kind: str, node: NodeTools) -> None:
    for diagram, verdict in take("drawio", CASES[kind]("drawio"), lambda s: [node.ask("mxgraph", each) for each in s]):
        assert verdict.facts["edges"] == len(diagram.edges)
        assert verdict.facts["nodes"] >= len(diagram.nodes) + len(diagram.groups)


@pytest.mark.parametrize("kind", CASES)
def test_excalidraw_restores_what_is_written_as_it_is(kind: str, node: NodeTools) -> None:
    cases = CASES[kind]("excalidraw")
    for diagram, verdict in take("excalidraw", cases, lambda s: [node.ask("excalidraw", each) for each in s]):
        assert verdict.facts["edges"] == len(diagram.edges)


@pytest.mark.parametrize(
    ("tool", "source"),
    [
        ("mermaid", "flowchart TD\n a --> end"),
        ("moddle", f'<definitions xmlns="{BPMN}"><process id="p"><step/></process></definitions>'),
        ("bpmn", "<definitions/>"),
        ("mxgraph", "<mxfile><diagram/></mxfile>"),
        ("excalidraw", '{"elements": [{"id": "a", "type": "arrow", "startBinding": {"elementId": "b"}}]}'),
        ("d2", "a: {"),
    ],
)  # fmt: skip
def test_the_tools_refuse_what_is_wrong(tool: str, source: str, node: NodeTools) -> None:
    assert node.ask(tool, source).complaints


def test_the_other_tools_refuse_what_is_wrong(tmp_path: Path) -> None:
    assert [bool(v.complaints) for v in plantuml(["@startuml\n)(((\n@enduml", "@startuml\na -> b\n@enduml"])] == [
        True,
        False,
    ]
    assert [bool(v.complaints) for v in graphviz(["digraph { a -> }", "digraph { a -> b }"])] == [True, False]
    empty = f'<definitions xmlns="{BPMN}" targetNamespace="urn:a"/>'.encode()
    assert [bool(v.complaints) for v in bpmn_schema([b"<definitions/>", empty], tmp_path)] == [True, False]
