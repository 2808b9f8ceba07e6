"""Classes named with their packages, and keywords of relations, as PlantUML draws them."""

from __future__ import annotations

from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram

READER = FormatRegistry().reader("plantuml")


def read(text: str) -> Diagram:
    return READER.read(f"@startuml\n{text}\n@enduml\n".encode()).diagram


def places(diagram: Diagram) -> dict[str, tuple[str, ...]]:
    """Each node's label, and the labels of the packages around it, the outermost first."""
    groups = {group.id: group for group in diagram.groups}

    def around(id: str | None) -> tuple[str, ...]:
        return (*around(groups[id].parent), groups[id].label) if id else ()

    return {node.label: around(node.group) for node in diagram.nodes}


def test_a_name_tells_its_packages() -> None:
    diagram = read("class a.b.Order {\nsum\n}\nclass a.Item<T>\nclass Plain\na.Item <|-- c.Thing\nclass K extends d.L")
    assert places(diagram) == {
        "Order": ("a", "b"), "Item<T>": ("a",), "Plain": (), "Thing": ("c",), "K": (), "L": ("d",),
    }  # fmt: skip
    ends = {node.id: node.label for node in diagram.nodes}
    assert [(ends[e.source], ends[e.target]) for e in diagram.edges] == [("Thing", "Item<T>"), ("K", "L")]


def test_packages_that_stand_there_are_used() -> None:
    diagram = read("package a {\nclass Foo\n}\nnamespace b.c {\nclass D\n}\na.Foo --> b.c.D\na.New --> a.Foo")
    assert places(diagram) == {"Foo": ("a",), "D": ("b.c",), "New": ("a",)}
    assert [(e.source, e.target) for e in diagram.edges] == [("Foo", "D"), ("a.New", "Foo")]


def test_what_parts_names_may_be_set() -> None:
    assert places(read("set namespaceSeparator none\nclass a.B")) == {"a.B": ()}
    assert places(read("set separator $\nclass a.B$C")) == {"C": ("a.B",)}


def test_only_classes_have_packages_in_their_names() -> None:
    assert places(read("actor a.b\nusecase c.d\na.b --> c.d : <<use>>")) == {"a.b": (), "c.d": ()}
    assert places(read('class "v1.2" as v\nclass W')) == {"v1.2": (), "W": ()}


def test_keywords_of_relations_stand_in_the_quotes_that_are_drawn() -> None:
    edges = read("(a) ..> (b) : <<include>>\n(a) ..> (c) : a << b\n(c) ..> (d) : << extend >> if so").edges
    assert [edge.label for edge in edges] == ["«include»", "a << b", "«extend» if so"]
