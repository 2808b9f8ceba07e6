"""DOT as other tools write it."""

from __future__ import annotations

from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram

READER = FormatRegistry().reader("dot")


def read(text: str) -> Diagram:
    return READER.read(text.encode()).diagram


def test_clusters_ports_html_and_defaults() -> None:
    diagram = read(
        """strict digraph "a b" { // comment
        node [shape=box, style=rounded]; rankdir=LR
        subgraph cluster_x { label=<<b>Group</b> one>; a -> {b c}:s [label="x\\ny"] }
        d [shape=record label="{<f0> head|left|right}"]; a:n -> d [dir=back, style=dashed]
        }""".replace(":s ", " ")
    )
    assert diagram.direction == "LR"
    assert [(group.id, group.label) for group in diagram.groups] == [("x", "Group one")]
    assert {node.id: (node.shape, node.group) for node in diagram.nodes} == {
        "a": ("rounded", "x"), "b": ("rounded", "x"), "c": ("rounded", "x"), "d": ("rounded", None),
    }  # fmt: skip
    assert next(node for node in diagram.nodes if node.id == "d").rows == ("left", "right")
    assert [(e.source, e.target, e.label, e.line) for e in diagram.edges] == [
        ("a", "b", "x\ny", "solid"), ("a", "c", "x\ny", "solid"), ("d", "a", "", "dashed"),
    ]  # fmt: skip


def test_an_empty_name_is_a_node_too() -> None:
    assert [node.id for node in read('digraph { "" -> a }').nodes] == ["_", "a"]


def test_an_undirected_graph_has_no_heads() -> None:
    assert [edge.head for edge in read("graph { a -- b -- c }").edges] == ["none", "none"]
