"""Constructs of Mermaid's flowcharts, state, sequence and class diagrams, one by one."""

from __future__ import annotations

import pytest

from diagrasp.formats import FormatRegistry, Read
from diagrasp.model import Diagram

REGISTRY = FormatRegistry()


def read(source: str, format: str = "mermaid") -> Read:
    return REGISTRY.reader(format).read(source.encode())


def again(diagram: Diagram, format: str = "mermaid") -> Diagram:
    return REGISTRY.reader(format).read(REGISTRY.writer(format).write(diagram).data).diagram


def ways(diagram: Diagram) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.label, edge.target) for edge in diagram.edges]


NEW_NAMES = [
    "notch-rect",
    "hourglass",
    "bolt",
    "brace",
    "brace-r",
    "braces",
    "lean-r",
    "lean-l",
    "cyl",
    "diam",
    "delay",
    "h-cyl",
    "lin-cyl",
    "curv-trap",
    "div-rect",
    "doc",
    "rounded",
    "tri",
    "fork",
    "win-pane",
    "f-circ",
    "lin-doc",
    "lin-rect",
    "notch-pent",
    "flip-tri",
    "sl-rect",
    "trap-t",
    "docs",
    "st-rect",
    "odd",
    "flag",
    "hex",
    "trap-b",
    "rect",
    "circle",
    "sm-circ",
    "dbl-circ",
    "fr-circ",
    "bow-rect",
    "fr-rect",
    "cross-circ",
    "tag-doc",
    "tag-rect",
    "stadium",
    "text",
]


@pytest.mark.parametrize("name", NEW_NAMES)
def test_every_new_name_of_a_shape_is_known(name: str) -> None:
    found = read(f'flowchart TD\n n@{{ shape: {name}, label: "Метка" }}')
    (node,) = found.diagram.nodes
    assert node.label == "Метка"
    assert node.shape != "process" or name == "rect" or found.losses  # the nearest symbol, and told


@pytest.mark.parametrize(
    ("link", "label", "line", "head", "tail"),
    [
        ("---", "", "solid", "none", "none"),
        ("-- text ---", "text", "solid", "none", "none"),
        ("-->|text|", "text", "solid", "arrow", "none"),
        ("-. text .->", "text", "dashed", "arrow", "none"),
        ("== text ==>", "text", "thick", "arrow", "none"),
        ("--o", "", "solid", "circle", "none"),
        ("x--x", "", "solid", "cross", "cross"),
        ("<-.->", "", "dashed", "arrow", "arrow"),
        ("<-- both -->", "both", "solid", "arrow", "arrow"),
        ("e1@-->", "", "solid", "arrow", "none"),
        ("e1@==>|да|", "да", "thick", "arrow", "none"),
        ('-- "`Bold **label**`" -->', "Bold label", "solid", "arrow", "none"),
    ],
)
def test_links(link: str, label: str, line: str, head: str, tail: str) -> None:
    (edge,) = read(f"flowchart LR\n A {link} B").diagram.edges
    assert (edge.label, edge.line, edge.head, edge.tail) == (label, line, head, tail)


def test_edges_with_ids_and_their_looks() -> None:
    found = read("flowchart LR\n A e1@--> B\n e1@{ animate: true }\n class e1 fast\n classDef fast stroke:red")
    assert [edge.id for edge in found.diagram.edges] == ["e1"]
    assert [node.id for node in found.diagram.nodes] == ["A", "B"]
    assert {loss.element for loss in found.losses} == {"e1"}


def test_the_name_of_an_edge_used_as_a_node() -> None:
    diagram = read("flowchart LR\n A e1@--> B\n e1@{ animate: true } --> C").diagram
    assert {node.id for node in diagram.nodes} == {"A", "B", "e1", "C"}


def test_subgraphs_with_directions_and_markdown() -> None:
    found = read(
        'flowchart LR\n subgraph two["`**Два**`"]\n direction TB\n a("`The **cat**\n sat`") --> b\n end\n'
        ' subgraph "Quoted title"\n c\n end\n two --> c'
    )
    diagram = found.diagram
    assert [group.label for group in diagram.groups] == ["Два", "Quoted title"]
    assert [node.label for node in diagram.nodes] == ["The cat\nsat", "b", "c"]
    assert ways(diagram) == [("a", "", "b"), ("two", "", "c")]
    assert ("group.direction", "two") in {(loss.feature, loss.element) for loss in found.losses}


REGIONS = """stateDiagram-v2
    state "Активно" as Active {
        [*] --> NumOff
        NumOff --> NumOn : нажали
        --
        [*] --> CapsOff
        --
        [*] --> ScrollOff
    }
    [*] --> Active
"""


@pytest.mark.parametrize("format", ["mermaid", "plantuml"])
def test_concurrent_regions_have_starts_of_their_own(format: str) -> None:
    diagram = read(REGIONS).diagram
    groups = {group.id: group for group in diagram.groups}
    starts = [node for node in diagram.nodes if node.shape == "initial"]
    assert [groups[node.group].parent if node.group else None for node in starts] == [
        "Active",
        "Active",
        "Active",
        None,
    ]
    assert len({node.group for node in starts}) == 4
    written = REGISTRY.writer(format).write(diagram)
    assert [line.strip() for line in written.text.split("\n")].count("--") == 2
    assert written.text.index("нажали") < written.text.index("--\n", written.text.index("нажали"))
    assert not written.losses
    back = again(diagram, format)
    members = [{frozenset(n.label for n in d.nodes if n.group == g.id) for g in d.groups} for d in (diagram, back)]
    assert members[0] == members[1]
    assert len(back.edges) == len(diagram.edges)


@pytest.mark.parametrize("format", ["mermaid", "plantuml"])
def test_notes_of_states(format: str) -> None:
    source = "stateDiagram-v2\n A --> B\n note right of A\n первая\n вторая\n end note\n note left of B : x; y"
    diagram = read(source).diagram
    back = again(diagram, format)
    told = [sorted(node.label for node in each.nodes if node.shape == "note") for each in (diagram, back)]
    assert told[0] == told[1]
    assert [edge.kind for edge in back.edges].count("association") == 2
    assert not REGISTRY.writer(format).write(diagram).losses


def test_choice_fork_join_and_history() -> None:
    diagram = read(
        "stateDiagram-v2\n state c <<choice>>\n state f <<fork>>\n state j [[join]]\n A --> c\n c --> f : n < 0\n"
        " f --> B\n f --> C\n B --> j\n C --> j\n j --> [*]"
    ).diagram
    shapes = {node.id: node.shape for node in diagram.nodes}
    assert (shapes["c"], shapes["f"], shapes["j"], shapes["root_end"]) == ("decision", "bar", "bar", "final")


@pytest.mark.parametrize(
    ("arrow", "line", "head", "turned"),
    [
        ("->>", "solid", "arrow", False),
        ("-->>", "dashed", "arrow", False),
        ("->", "solid", "none", False),
        ("-x", "solid", "cross", False),
        ("--)", "dashed", "open_arrow", False),
        ("->>+", "solid", "arrow", False),
        ("-->>-", "dashed", "arrow", False),
        ("-|\\", "solid", "arrow", False),
        ("--|/", "dashed", "arrow", False),
        ("-//", "solid", "open_arrow", False),
        ("/|-", "solid", "arrow", True),
        ("\\\\--", "dashed", "open_arrow", True),
    ],
)
def test_messages(arrow: str, line: str, head: str, turned: bool) -> None:
    diagram = read(f"sequenceDiagram\n Алиса Б{arrow}В: текст").diagram
    (edge,) = diagram.edges
    assert {node.id for node in diagram.nodes} == {"Алиса Б", "В"}
    assert (edge.line, edge.head, edge.label) == (line, head, "текст")
    assert (edge.source == "В") == turned


def test_messages_at_the_centre_of_a_lifeline_and_wrapped_text() -> None:
    diagram = read("sequenceDiagram\n A()->>B: x\n A->>()B: :wrap: y\n A->>B:wrap: z").diagram
    assert [edge.label for edge in diagram.edges][0::2] == ["x", "z"]


def test_frames_boxes_and_lives() -> None:
    found = read(
        "sequenceDiagram\n autonumber\n box Aqua Группа\n participant A as Алиса\n actor B\n end\n"
        ' participant C@{ "type" : "database" } as Склад\n participant Q@{ "type" : "queue" }\n'
        " create participant E\n A->>E: hi\n destroy E\n A-xE: bye\n rect rgb(1, 2, 3)\n A->>B: in rect\n end\n"
        " par один\n A->>B: p\n and два\n A->>C: q\n end\n critical c\n A->>B: r\n option o\n A->>B: s\n end\n"
        " break b\n A->>B: t\n end\n Note over A,B: заметка"
    )
    diagram = found.diagram
    assert {node.id: (node.label, node.shape) for node in diagram.nodes} == {
        "A": ("Алиса", "participant"),
        "B": ("B", "actor"),
        "C": ("Склад", "database"),
        "Q": ("Q", "participant"),
        "E": ("E", "participant"),
        "note1": ("заметка", "note"),
    }
    assert [(group.kind, group.label) for group in diagram.groups] == [
        ("frame", "par"),
        ("section", "один"),
        ("section", "два"),
        ("frame", "critical"),
        ("section", "c"),
        ("section", "o"),
        ("frame", "break"),
        ("section", "b"),
    ]
    told = {(loss.feature, loss.element) for loss in found.losses}
    assert {("shape", "Q"), ("group", "A"), ("group", "B"), ("lifeline", "E"), ("style", "")} <= told


def test_classes_with_generics_namespaces_and_odd_names() -> None:
    diagram = read(
        "classDiagram\n class Square~Shape~{\n List~int~ position\n getPoints() List~int~\n }\n"
        ' class `Животное!` { +x }\n class Car["Car with *! symbols"]\n `Животное!` --> Car\n'
        ' namespace Base {\n class Rect {\n double w\n }\n }\n A "1" --> "*" B : владеет двумя словами\n'
        ' bar ()-- foo\n note for Car "can drive"\n <<interface>> Rect'
    ).diagram
    labels = {node.id: (node.label, node.rows, node.group) for node in diagram.nodes}
    assert labels["Square"] == ("Square<Shape>", ("List<int> position", "getPoints() : List<int>"), None)
    assert labels["Животное!"] == ("Животное!", ("+x",), None)
    assert labels["Rect"][2] == "Base"
    by_label = {edge.label: edge for edge in diagram.edges}
    assert by_label["владеет двумя словами"].source_label == "1"
    assert ("foo", "", "bar") in ways(diagram)
    assert ("note1", "", "Car") in ways(diagram)


@pytest.mark.parametrize("format", ["mermaid", "plantuml"])
def test_notes_stay_among_the_messages_and_above_whom_they_are_about(format: str) -> None:
    source = "sequenceDiagram\n A->>B: x\n loop y\n Note over A,B: обе\n B->>A: z\n end\n Note right of B: одна"
    diagram = again(read(source).diagram, format)
    labels = {node.id: node.label for node in diagram.nodes}
    assert [(labels[edge.source], edge.target, bool(edge.group)) for edge in diagram.edges] == [
        ("A", "B", False), ("обе", "A", True), ("обе", "B", True), ("B", "A", True), ("одна", "B", False),
    ]  # fmt: skip


def test_a_member_is_written_so_that_it_shows_what_it_is() -> None:
    rows = (
        "+pay(sum) : bool",
        "+pay(sum) bool",
        "Map<K, V> all",
        "#id",
        "f(x)",
        "a)",
        "size()$",
        "x*",
        "\xa0b\xa0",
        "f(\xa0x)",
    )
    diagram = Diagram.model_validate({"kind": "class", "nodes": [{"id": "a", "shape": "class", "rows": rows}]})
    assert again(diagram).nodes[0].rows == rows


def test_words_of_a_sequence_may_be_in_capitals() -> None:
    source = """sequenceDiagram
        Participant C As Customer
        C ->> OS: Order
        Activate OS
        Alt in stock
        OS -->> C: Shipped
        Else sold out
        OS -->> C: Sorry
        End
        Deactivate OS
        Option ->> C: an id like a word
    """
    diagram = read(source).diagram
    assert [node.label for node in diagram.nodes] == ["Customer", "OS", "Option"]
    assert [edge.label for edge in diagram.edges] == ["Order", "Shipped", "Sorry", "an id like a word"]
    assert [group.label for group in diagram.groups if group.kind == "section"] == ["in stock", "sold out"]
