"""Mermaid entity relationship diagrams: what is read, what is written, what is lost."""

from __future__ import annotations

import pytest

from diagrasp.errors import ParseError
from diagrasp.formats import FormatRegistry, Read
from diagrasp.model import Diagram, Edge, Node

REGISTRY = FormatRegistry()


def read(*lines: str) -> Read:
    return REGISTRY.reader("mermaid").read("\n".join(("erDiagram", *lines)).encode())


def write(diagram: Diagram) -> tuple[list[str], set[tuple[str, str]]]:
    written = REGISTRY.writer("mermaid").write(diagram)
    return [line.strip() for line in written.text.split("\n")[1:-1]], {(x.feature, x.element) for x in written.losses}


@pytest.mark.parametrize(
    ("between", "tail", "head", "line"),
    [
        ("||--o{", "one", "zero_or_many", "solid"),
        ("|o..||", "zero_or_one", "one", "dashed"),
        ("}|--|{", "one_or_many", "one_or_many", "solid"),
        ("}o.-o|", "zero_or_many", "zero_or_one", "dashed"),
        ("one or zero to one or more", "zero_or_one", "one_or_many", "solid"),
        ("only one optionally to zero or many", "one", "zero_or_many", "dashed"),
        ("many(0) to many(1)", "zero_or_many", "one_or_many", "solid"),
        ("1 to 0+", "one", "zero_or_many", "solid"),
        ("1+--|o", "one_or_many", "zero_or_one", "solid"),
    ],
)
def test_cardinalities(between: str, tail: str, head: str, line: str) -> None:
    (edge,) = read(f"A {between} B : has").diagram.edges
    assert (edge.source, edge.target, edge.label, edge.kind) == ("A", "B", "has", "relation")
    assert (edge.tail, edge.head, edge.line) == (tail, head, line)


def test_entities_names_aliases_and_attributes() -> None:
    found = read(
        "direction LR",
        "LINE-ITEM {",
        '    string name PK, FK "the client\'s {own} name"',
        "    List~int~ parts",
        "",
        "    decimal(10,2) `unit price` UK",
        "    int? age",
        "}",
        'p["Заказ покупателя"] { int id }',
        '"Delivery address"',
        "p ||--|{ LINE-ITEM : состоит из",
        "p }o--|| \"Delivery address\" : ''",
    ).diagram
    assert found.kind == "er"
    assert found.direction == "LR"
    labels = {node.id: (node.label, node.shape) for node in found.nodes}
    assert labels == {
        "LINE-ITEM": ("LINE-ITEM", "entity"),
        "p": ("Заказ покупателя", "entity"),
        "Delivery address": ("Delivery address", "entity"),
    }
    assert found.node("LINE-ITEM").rows == (
        'string name PK, FK "the client\'s {own} name"',
        "List<int> parts",
        "decimal(10,2) `unit price` UK",
        "int? age",
    )
    assert [edge.label for edge in found.edges] == ["состоит из", "''"]


def test_subgraphs_nest() -> None:
    found = read(
        "subgraph sales [Отдел продаж]", "A", "subgraph inner", "B", "end", "end", "A ||--|| B : x", "C"
    ).diagram
    assert [(group.id, group.label, group.parent) for group in found.groups] == [
        ("sales", "Отдел продаж", None),
        ("inner", "inner", "sales"),
    ]
    assert {node.id: node.group for node in found.nodes} == {"A": "sales", "B": "inner", "C": None}


def test_what_is_not_kept_is_told() -> None:
    losses = read("A:::big ||--|| B : x", "classDef big fill:#f9f", "style A fill:#fff", "class B big").losses
    assert [(loss.feature, loss.element) for loss in losses] == [("style", "A"), ("style", "A"), ("style", "B")]


def test_names_are_kept_where_the_notation_takes_them() -> None:
    nodes = (Node(id="LINE-ITEM", label="LINE-ITEM", shape="entity"), Node(id="one", label="one", shape="entity"))
    edge = Edge(source="LINE-ITEM", target="one", kind="relation", tail="one", head="many", label="a")
    lines, losses = write(Diagram(kind="er", nodes=nodes, edges=(edge,)))
    assert lines == ["LINE-ITEM", 'n1["one"]', 'LINE-ITEM ||--o{ n1 : "a"']
    assert losses == {("head.many", "e1")}


def test_rows_that_are_no_attributes_are_carried() -> None:
    rows = ("save()", "любой текст: с двоеточием", "int id PK", "Map<K, V> x y z", 'a ~b~ "c" 100%')
    diagram = Diagram(kind="er", nodes=(Node(id="A", label="A", shape="entity", rows=rows),))
    lines, losses = write(diagram)
    assert lines[1] == "_ save()"
    assert not losses
    again = REGISTRY.reader("mermaid").read("\n".join(("erDiagram", *lines)).encode()).diagram
    assert again.nodes == diagram.nodes


def test_a_row_of_a_class_becomes_an_attribute_and_is_told() -> None:
    diagram = Diagram(kind="er", nodes=(Node(id="A", label="A", shape="entity", rows=("+id: int", "имя PK : string")),))
    lines, losses = write(diagram)
    assert lines == ["A {", "int id", "string имя PK", "}"]
    assert losses == {("rows", "A")}


def test_multiplicities_beside_plain_ends_count() -> None:
    nodes = tuple(Node(id=id, label=id, shape="entity") for id in "AB")
    pairs = [("1", "N"), ("0..1", "1..*"), ("", "0..n"), ("роль", "1,1")]
    edges = tuple(
        Edge(source="A", target="B", kind="relation", head="none", source_label=near, target_label=far)
        for near, far in pairs
    )
    lines, losses = write(Diagram(kind="er", nodes=nodes, edges=edges))
    assert [line.split()[1] for line in lines[2:]] == ["||--o{", "|o--|{", "||--o{", "||--||"]
    assert ("head.none", "e1") in losses


@pytest.mark.parametrize(
    ("source", "line", "column", "expected"),
    [
        ("A ||-- B", 2, 8, "a cardinality"),
        ("A {\n int\n}", 3, 5, "a type or name"),
        ("A\nend", 3, 1, None),
        ("subgraph x\nA", 2, None, "end"),
        ("A ||--o{ : x", 2, 10, "an entity"),
        ("A {\n int x PK,\n}", 3, 11, None),
    ],
)
def test_errors_say_where_and_what(source: str, line: int, column: int | None, expected: str | None) -> None:
    with pytest.raises(ParseError) as caught:
        read(*source.split("\n"))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert expected is None or expected in caught.value.expected
