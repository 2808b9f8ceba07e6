"""SVG of Mermaid (drawn by versions 11.17 and 12.3 from the sources beside them) and Graphviz, read by structure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagrasp.carriers import sources, unpack
from diagrasp.errors import ParseError
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram

REGISTRY = FormatRegistry()
DRAWINGS = Path(__file__).parent / "drawings"
DRAWN = [f"{name}-{version}" for name in ("flow", "state", "class", "er", "seq") for version in (11, 12)]


def shown(name: str) -> Diagram:
    (found,) = sources((DRAWINGS / f"{name}.svg").read_bytes())
    return unpack(found.payload)


def source(name: str) -> Diagram:
    return REGISTRY.reader("mermaid").read((DRAWINGS / f"{name}.mmd").read_bytes()).diagram


def tidy(text: str) -> str:
    return re.sub(r"\s*[:\"]\s*", " ", text).strip()


def nodes(diagram: Diagram) -> set[tuple[object, ...]]:
    """Symbols by what they show: notes have ids of their own in the drawing."""
    groups = {group.id: group.label for group in diagram.groups}
    return {
        (node.id if node.shape != "note" else "", node.label, node.shape, groups.get(node.group or ""),
         tuple(map(tidy, node.rows)))
        for node in diagram.nodes
    }  # fmt: skip


def edges(diagram: Diagram) -> list[tuple[object, ...]]:
    names = {node.id: node.id if node.shape != "note" else node.label for node in diagram.nodes}
    names |= {group.id: group.id for group in diagram.groups}
    frames = {group.id: group.label for group in diagram.groups}
    return sorted(
        (names[edge.source], names[edge.target], edge.label, edge.kind, edge.line, edge.head, edge.tail,
         edge.source_label, edge.target_label, frames.get(edge.group or "", ""))
        for edge in diagram.edges
    )  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_of_mermaid_tells_what_its_source_does(name: str) -> None:
    drawn, told = shown(name), source(name.partition("-")[0])
    assert drawn.kind == told.kind
    assert nodes(drawn) == nodes(told)
    assert edges(drawn) == edges(told)
    labels = [{(g.label, g.kind, dict(_parents(each)).get(g.id)) for g in each.groups} for each in (drawn, told)]
    assert labels[0] == labels[1]


def _parents(diagram: Diagram) -> list[tuple[str, str]]:
    labels = {group.id: group.label for group in diagram.groups}
    return [(group.id, labels[group.parent]) for group in diagram.groups if group.parent]


def test_messages_keep_their_order() -> None:
    drawn, told = shown("seq-12"), source("seq")
    said = [[edge.label for edge in each.edges if edge.kind == "flow"] for each in (drawn, told)]
    assert said[0] == said[1]


@pytest.mark.parametrize("name", DRAWN)
def test_places_are_known(name: str) -> None:
    diagram = shown(name)
    assert all(node.box is not None and node.box.area > 0 for node in diagram.nodes)
    for edge in diagram.edges if diagram.kind != "sequence" else ():
        assert edge.path
        assert len(edge.path) > 1


def test_every_symbol_of_a_flowchart() -> None:
    drawn, told = shown("shapes-12"), source("shapes")
    inexact = {"docs", "notchrect", "linrect", "fcirc"}
    shapes = [{node.id: node.shape for node in each.nodes if node.id not in inexact} for each in (drawn, told)]
    assert shapes[0] == shapes[1]


def test_graphviz() -> None:
    diagram = shown("graphviz")
    assert diagram.direction == "LR"
    assert [(node.id, node.label, node.shape, node.group) for node in diagram.nodes] == [
        ("a", "Начало\nдва", "process", None),
        ("b", "ok?", "decision", None),
        ("c", "c", "process", "cluster_0"),
        ("d", "d", "ellipse", "cluster_x"),
        ("h", "bold\ntwo", "process", None),
        ("x y", "x y", "process", None),
        ("r", "A", "process", None),
        ("e", "e", "database", None),
        ("p", "p", "text", None),
    ]
    assert [(e.source, e.target, e.label, e.line, e.head, e.tail) for e in diagram.edges] == [
        ("a", "b", "да", "solid", "arrow", "none"),
        ("b", "c", "", "dashed", "arrow", "none"),
        ("b", "d", "", "solid", "none", "none"),
        ("b", "h", "", "dotted", "diamond", "none"),
        ("c", "x y", "", "solid", "arrow", "none"),
        ("d", "a", "", "solid", "arrow", "arrow"),
        ("r", "b", "", "solid", "arrow", "none"),
    ]
    assert [(group.id, group.parent) for group in diagram.groups] == [("cluster_0", None), ("cluster_x", "cluster_0")]


def test_breaks_as_browsers_write_them() -> None:
    text = (DRAWINGS / "flow-12.svg").read_text(encoding="utf-8")
    open_breaks = re.sub(r"<br */>", "<br>", text)
    assert open_breaks != text
    (found,) = sources(open_breaks.encode())
    assert unpack(found.payload) == shown("flow-12")


def test_half_a_graph_is_no_graph() -> None:
    text = (DRAWINGS / "graphviz.svg").read_text(encoding="utf-8")
    assert not sources(text.replace("<title>a&#45;&gt;b</title>", "<title>a&#45;&gt;nobody</title>").encode())
    assert not sources(re.sub(r"<title>[^<]*</title>", "", text).encode())


def test_the_format_svg_reads_it() -> None:
    data = (DRAWINGS / "flow-12.svg").read_bytes()
    assert REGISTRY.reader("svg").read(data).diagram == shown("flow-12")
    plain = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect width="50" height="50"/></svg>'
    with pytest.raises(ParseError, match="carries no diagram"):
        REGISTRY.reader("svg").read(plain)


def test_a_drawing_made_to_be_slow_is_refused() -> None:
    def box(i: int, name: str) -> str:
        shape = '<polygon points="0,0 9,0 9,9 0,9"/>'
        return f'<g id="{name}{i}" class="{name}"><title>{name}{i}</title>{shape}</g>'

    many = "".join(box(i, "node") + box(i, "cluster") for i in range(5000))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><g id="graph0" class="graph">{many}</g></svg>'
    assert sources(svg.encode()) == []
    long = "a-&gt;" * 50_000
    edge = f'<g class="edge"><title>{long}</title><path d="M0,0 1,1"/></g>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><g class="graph">{box(1, "node")}{edge}</g></svg>'
    assert sources(svg.encode()) == []
