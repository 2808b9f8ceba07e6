"""Constructs of PlantUML that are refused, old, or easily taken for something else."""

from __future__ import annotations

import pytest

from diagrasp.errors import NotFoundError, ParseError
from diagrasp.formats import FormatRegistry, Read

REGISTRY = FormatRegistry()


def read(*lines: str) -> Read:
    return REGISTRY.reader("plantuml").read("\n".join(("@startuml", *lines, "@enduml")).encode())


def labels(found: Read) -> list[str]:
    return [node.label for node in found.diagram.nodes]


def test_definitions_are_put_in_and_includes_are_told() -> None:
    found = read("!define CITY Тверь", '!$who = "склад"', "!include other.puml", "start", ":CITY, $who, CITYX;", "stop")
    assert labels(found) == ["", "Тверь, склад, CITYX", ""]
    assert [loss.feature for loss in found.losses] == ["include"]


@pytest.mark.parametrize(
    "line", ["!procedure $a()", "!if (1)", "!$n = %date()", "!function $f($x)", "!foreach $i in 1"]
)
def test_what_the_preprocessor_computes_is_refused(line: str) -> None:
    with pytest.raises(ParseError, match="preproc") as caught:
        read("start", line, ":a;")
    assert caught.value.line == 3


def test_definitions_cannot_swell_without_bounds() -> None:
    with pytest.raises(ParseError, match="definitions"):
        read("!define A " + "x" * 100_000, "start", *[":A A A;"] * 50)


@pytest.mark.parametrize(
    ("sign", "shape", "exact"),
    [("|", "subprocess", True), ("]", "process", True), ("/", "data", True), ("\\", "data", False),
     ("<", "process", False), (">", "process", False), ("}", "process", False)],
)  # fmt: skip
def test_signs_at_an_action_s_end(sign: str, shape: str, exact: bool) -> None:
    found = read("start", f":Шаг{sign}", "stop")
    assert [(node.label, node.shape) for node in found.diagram.nodes][1] == ("Шаг", shape)
    assert bool(found.losses) is not exact


def test_words_of_looks_inside_of_texts_stay() -> None:
    found = read(
        "start", ":Показать", "show итог", "hide лишнее;", "note right", "scale 2", "end note", "hide x", "stop"
    )
    assert labels(found) == ["", "Показать\nshow итог\nhide лишнее", "scale 2", ""]
    (told,) = found.losses
    assert "hide" in told.message


def test_a_participant_may_be_called_like_a_statement_of_looks() -> None:
    found = read("page -> alt : открыть", "alt <- page : x")
    assert [(edge.source, edge.target) for edge in found.diagram.edges] == [("page", "alt"), ("page", "alt")]


def test_pages_are_chosen() -> None:
    source = b"@startuml\n:a;\n@enduml\n@startuml\nA -> B\n@enduml\n"
    reader = REGISTRY.reader("plantuml")
    assert [reader.read(source, page=page).diagram.kind for page in (None, 1, 2)] == [
        "activity",
        "activity",
        "sequence",
    ]
    assert reader.read(source).pages == 2
    with pytest.raises(NotFoundError):
        reader.read(source, page=3)


def test_a_state_lies_where_it_is_declared() -> None:
    found = read("state A {", "[*] --> B", "B --> C", "}", "state C")
    assert {node.id: node.group for node in found.diagram.nodes} == {"A_start": "A", "B": "A", "C": None}


def test_return_answers_who_called() -> None:
    found = read("A -> B ++ : один", "B -> C ++ : два", "return два", "return один")
    assert [(edge.source, edge.target) for edge in found.diagram.edges] == [
        ("A", "B"),
        ("B", "C"),
        ("C", "B"),
        ("B", "A"),
    ]


def test_texts_at_both_ends_of_a_relation_s_label() -> None:
    (edge,) = read("class A", 'A --> B : "1" ведёт > "0..*"').diagram.edges
    assert (edge.source_label, edge.label, edge.target_label) == ("1", "ведёт", "0..*")


def test_an_arm_that_ends_is_not_joined_with_what_comes_after_it() -> None:
    """Its step has no way on: nothing may be written that gives it one."""
    found = read("start", "fork", ":a;", "detach", "fork again", ":b;", "end fork", ":c;", "stop").diagram
    again = REGISTRY.reader("plantuml").read(REGISTRY.writer("plantuml").write(found).data).diagram
    names = {node.id: node.label for node in again.nodes}
    assert "a" not in {names[edge.source] for edge in again.edges}
    assert "a" in {names[edge.target] for edge in again.edges}


def test_notes_of_activities_are_written_beside_their_steps() -> None:
    found = read("start", ":a;", "note right: об а", ":b;", "floating note right: сама по себе", "stop").diagram
    written = REGISTRY.writer("plantuml").write(found)
    again = REGISTRY.reader("plantuml").read(written.data).diagram
    names = {node.id: node.label for node in again.nodes}
    lines = [(names[edge.source], names[edge.target]) for edge in again.edges if edge.kind == "association"]
    assert (lines, written.losses) == ([("об а", "a")], ())
    assert "сама по себе" in names.values()


def test_a_class_may_be_called_like_a_box_with_more_behind() -> None:
    diagram = read("class App\nFileStore --> DatabaseService\nDatabaseService --> NodeIndex\n").diagram
    assert [(edge.source, edge.target) for edge in diagram.edges] == [
        ("FileStore", "DatabaseService"),
        ("DatabaseService", "NodeIndex"),
    ]


def test_fork_again_is_one_word_or_two() -> None:
    one, two = (
        read(f"start\nfork\n:a;\n{word}\n:b;\nend fork\nstop\n").diagram for word in ("forkagain", "fork again")
    )
    assert one == two
    assert {node.label for node in one.nodes} >= {"a", "b"}
