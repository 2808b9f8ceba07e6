"""PlantUML class, entity, use case and component diagrams, the old activity syntax, and which is which."""

from __future__ import annotations

import pytest

from diagrasp.errors import ParseError
from diagrasp.formats import FormatRegistry, Read
from diagrasp.model import Diagram

REGISTRY = FormatRegistry()


def read(source: str) -> Read:
    return REGISTRY.reader("plantuml").read(f"@startuml\n{source}\n@enduml".encode())


def ways(diagram: Diagram) -> list[tuple[str, str, str]]:
    labels = {node.id: node.label or f"<{node.shape}>" for node in diagram.nodes}
    return [(labels[edge.source], edge.label, labels[edge.target]) for edge in diagram.edges]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Alice -> Bob: привет\nBob --> Alice: ok", "sequence"),
        ("actor A\nparticipant B\nA -> B : x", "sequence"),
        ("entity E\ndatabase D\nE -> D : save", "sequence"),
        ("class A\nclass B\nA --> B", "class"),
        ("A <|-- B", "class"),
        ("A *-- B : x", "class"),
        ('A "1" --> "2" B', "class"),
        ("A .. B", "class"),
        ("abstract A\nA -up-> B", "class"),
        ("A ||--o{ B", "er"),
        ("A }|..|{ B", "er"),
        ("entity A {\n *id : int\n}\nentity B {\n}\nA ||--|| B", "er"),
        ("(x) --> (y)", "usecase"),
        (":u: --> (x)", "usecase"),
        ("User -> (Start)", "usecase"),
        ("[A] --> [B]", "block"),
        ("node N {\n component C\n}", "block"),
        ("start\n:a;\nstop", "activity"),
        (":шаг 1: что;\n:b;", "activity"),
        ('partition "X" {\n:a;\n}', "activity"),
        ('(*) --> "a"', "activity"),
        ("[*] --> A", "state"),
        ("state A {\n[*] --> B\n}\nA --> [*]", "state"),
    ],
)
def test_the_kind_is_told_by_the_statements(source: str, kind: str) -> None:
    assert read(source).diagram.kind == kind


CLASSES = """
left to right direction
abstract class "Абстрактный список" as AbstractList<T extends Comparable<T>> <<root>> #pink {
  - {static} size : int
  --
  + add(x : T) : bool
  .. прочее ..
  ~pkg
}
interface List
class ArrayList extends AbstractList implements List, Cloneable {
}
package "Склад" as p1 #DDD {
  class A
  package inner {
    class B {
      id
    }
  }
}
A "1" *-- "0..*" B : содержит >
B ..> List : use
List <|.. A
A : +method()
note left of A : заметка
note "free" as N1
N1 .. B
"""


def test_classes() -> None:
    found = read(CLASSES)
    diagram = found.diagram
    nodes = {node.id: node for node in diagram.nodes}
    assert diagram.direction == "LR"
    assert nodes["AbstractList"].label == "Абстрактный список<T extends Comparable<T>>"
    assert nodes["AbstractList"].rows == ("- size : int", "+ add(x : T) : bool", "~pkg")
    assert nodes["A"].rows == ("+method()",)
    assert {id: node.group for id, node in nodes.items() if node.group} == {"A": "p1", "B": "inner"}
    assert [(group.id, group.label, group.parent) for group in diagram.groups] == [
        ("p1", "Склад", None),
        ("inner", "inner", "p1"),
    ]
    edges = [(e.source, e.kind, e.head, e.line, e.target) for e in diagram.edges]
    assert edges == [
        ("ArrayList", "inheritance", "triangle", "solid", "AbstractList"),
        ("ArrayList", "realization", "triangle", "dashed", "List"),
        ("ArrayList", "realization", "triangle", "dashed", "Cloneable"),
        ("B", "composition", "filled_diamond", "solid", "A"),
        ("B", "dependency", "arrow", "dashed", "List"),
        ("A", "realization", "triangle", "dashed", "List"),
        ("note1", "association", "none", "dashed", "A"),
        ("N1", "association", "none", "dashed", "B"),
    ]
    held = diagram.edges[3]
    assert (held.label, held.source_label, held.target_label) == ("содержит", "0..*", "1")
    told = {(loss.feature, loss.element) for loss in found.losses}
    assert {("stereotype", "List"), ("style", "p1"), ("rows.title", "AbstractList"), ("label.direction", "e4")} <= told


@pytest.mark.parametrize(
    ("arrow", "head", "line", "turned"),
    [
        ("--", "none", "solid", False),
        ("-->", "arrow", "solid", False),
        ("<--", "arrow", "solid", True),
        ("..>", "arrow", "dashed", False),
        ("-left->", "arrow", "solid", False),
        ("-[#red,dashed]->", "arrow", "dashed", False),
        ("<|--", "triangle", "solid", True),
        ("..|>", "triangle", "dashed", False),
        ("o--", "diamond", "solid", True),
        ("--o", "diamond", "solid", False),
        ("*-up-", "filled_diamond", "solid", True),
        ("--x", "cross", "solid", False),
        ("==>", "arrow", "thick", False),
    ],
)
def test_arrows(arrow: str, head: str, line: str, turned: bool) -> None:
    (edge,) = read(f"class A\nclass B\nA {arrow} B").diagram.edges
    assert (edge.head, edge.line) == (head, line)
    assert (edge.source, edge.target) == (("B", "A") if turned else ("A", "B"))


def test_use_cases() -> None:
    diagram = read(
        'actor "Главный админ" as Admin\n:User: as U\nusecase "Оформить\\nзаказ" as UC1\n(Войти) as (Login)\n'
        'rectangle "Система" {\n  usecase UC3\n  (Free one)\n}\n'
        "Admin --> UC1 : начать\nU -> (Войти)\n(UC1) .> (Login) : <<include>>\nUC3 <. (Free one) : <<extends>>\n"
        "Admin <|-- U\n:Some one: --> (Use it)\n"
    ).diagram
    assert diagram.kind == "usecase"
    assert {node.label: node.shape for node in diagram.nodes} == {
        "Главный админ": "actor",
        "User": "actor",
        "Оформить\nзаказ": "usecase",
        "Войти": "usecase",
        "UC3": "usecase",
        "Free one": "usecase",
        "Some one": "actor",
        "Use it": "usecase",
    }
    assert ways(diagram) == [
        ("Главный админ", "начать", "Оформить\nзаказ"),
        ("User", "", "Войти"),
        ("Оформить\nзаказ", "«include»", "Войти"),
        ("Free one", "«extends»", "UC3"),
        ("User", "", "Главный админ"),
        ("Some one", "", "Use it"),
    ]
    assert [node.label for node in diagram.nodes if node.group] == ["UC3", "Free one"]


def test_what_is_written_reads_back() -> None:
    for source in (CLASSES, 'actor A\nrectangle "S y" as s {\n usecase "b c" as b\n}\nA ..> b : <<include>>'):
        once = read(source).diagram
        written = REGISTRY.writer("plantuml").write(once)
        again = REGISTRY.reader("plantuml").read(written.data).diagram
        assert {node.id: node for node in again.nodes} == {node.id: node for node in once.nodes}
        assert again.groups == once.groups
        assert again.direction == once.direction
        assert sorted(map(str, again.edges)) == sorted(map(str, once.edges))


OLD = """
(*) --> "Первый шаг" as a1
note right: заметка
-->[дальше] "Second\\nstep"
if "Годится?" then
  -->[да] "activity 1"
  if "" then
    -> "activity 3" as a3
  else
    -left-> "activity 5"
  endif
else
  ->[нет] "activity 2"
endif
a3 --> if "last test" then
  --> ===B1===
else
  -> "activity 8"
endif
===B1=== --> "Parallel 1"
--> ===B2===
===B1=== --> "Parallel 2"
--> ===B2===
--> (*)
partition "Склад" #CCCCEE {
  "Отгрузить" --> "activity 2"
}
"""


def test_old_activity_syntax() -> None:
    diagram = read(OLD).diagram
    assert diagram.kind == "activity"
    assert ways(diagram) == [
        ("<initial>", "", "Первый шаг"),
        ("заметка", "", "Первый шаг"),
        ("Первый шаг", "дальше", "Second\nstep"),
        ("Second\nstep", "", "Годится?"),
        ("Годится?", "да", "activity 1"),
        ("activity 1", "", "<decision>"),
        ("<decision>", "", "activity 3"),
        ("<decision>", "", "activity 5"),
        ("Годится?", "нет", "activity 2"),
        ("activity 3", "", "last test"),
        ("last test", "", "<bar>"),
        ("last test", "", "activity 8"),
        ("<bar>", "", "Parallel 1"),
        ("Parallel 1", "", "<bar>"),
        ("<bar>", "", "Parallel 2"),
        ("Parallel 2", "", "<bar>"),
        ("<bar>", "", "<final>"),
        ("Отгрузить", "", "activity 2"),
    ]
    assert [(node.label, diagram.groups[0].label) for node in diagram.nodes if node.group] == [("Отгрузить", "Склад")]


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        ('(*) --> "a"\nif "x" then\n--> "b"', 3, "endif"),
        ('(*) --> "a"\nelse', 3, None),
        ('(*) --> "a"\npartition x {\n"a" --> "b"', 3, "}"),
        ('(*) --> "a"\nb --> "c"', 3, "its name in quotes"),
        ("class A\npackage p {\nclass B", 3, "}"),
        ("class A\n}", 3, None),
        ("class A\nA -->", 3, "a name"),
    ],
)
def test_errors_say_where_and_what(source: str, line: int, expected: str | None) -> None:
    with pytest.raises(ParseError) as caught:
        read(source)
    assert caught.value.line == line
    assert expected is None or expected in caught.value.expected
