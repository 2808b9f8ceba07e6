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


def test_nodes_may_be_listed() -> None:
    diagram = read("digraph { a, b:s -> c, d [label=x]; e, f [shape=box] }")
    assert [(e.source, e.target, e.label) for e in diagram.edges] == [
        ("a", "c", "x"), ("a", "d", "x"), ("b", "c", "x"), ("b", "d", "x"),
    ]  # fmt: skip
    assert [node.shape for node in diagram.nodes] == ["ellipse"] * 4 + ["process"] * 2


def test_a_table_of_ruled_cells_is_a_name_with_rows() -> None:
    cells = '<tr><td><b>part</b></td></tr><tr><td port="n">no<br/>and size</td></tr>'
    ruled = f'<table border="0" cellborder="1">{cells}</table>'
    (node,) = read(f"digraph {{ a [shape=none label=<{ruled}>] }}").nodes
    assert (node.label, node.rows, node.shape) == ("part", ("no", "and size"), "process")
    bare = ruled.replace('cellborder="1"', "")
    (node,) = read(f"digraph {{ a [shape=none label=<{bare}>] }}").nodes
    assert (node.label, node.rows, node.shape) == ("part\nno\nand size", (), "text")


def test_what_stands_beside_an_empty_symbol_names_it() -> None:
    found = READER.read(b'digraph { a [label="", xlabel="Paid"]; b [label="Sent", xlabel="3"]; a -> b }')
    assert [node.label for node in found.diagram.nodes] == ["Paid", "Sent"]
    assert [loss.element for loss in found.losses if loss.feature == "label"] == ["b"]
