"""Every built-in format keeps the contract."""

from __future__ import annotations

from typing import ClassVar, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagrasp.formats import FormatRegistry, Reader, Writer
from diagrasp.testing import FormatContract, diagrams, differences

REGISTRY = FormatRegistry()


class TestJson(FormatContract):
    format = REGISTRY.get("json")
    broken: ClassVar = {
        "cut off": b'{"version": 1, "nodes": [',
        "no object": b"[]",
        "dangling": b'{"nodes": [], "edges": [{"source": "a", "target": "b"}]}',
        "deep": b"[" * 100_000,
    }


class TestMermaid(FormatContract):
    format = REGISTRY.get("mermaid")
    unchanged = ("class", "er", "flowchart", "sequence", "state")
    broken: ClassVar = {
        "empty": b"",
        "another language": b"hello world",
        "unclosed": b"flowchart TD\n  a[one --> b",
        "er without an end": b"erDiagram\nA ||-- B",
        "attribute without a name": b"erDiagram\nA {\n int\n}",
        "end too many": b"flowchart TD\n a --> b\nend",
        "subgraph not closed": b"flowchart TD\nsubgraph x\n a --> b",
        "arrow to nowhere": b"flowchart TD\n a -->",
    }


class TestPlantuml(FormatContract):
    format = REGISTRY.get("plantuml")
    unchanged = ("class", "er", "sequence", "state")
    broken: ClassVar = {
        "empty": b"@startuml\n@enduml",
        "another diagram": b"@startgantt\n[a] lasts 1 day\n@endgantt",
        "if not closed": b"@startuml\nstart\nif (a) then (b)\n:c;\n@enduml",
        "else without if": b"@startuml\nstart\n:a;\nelse (b)\n@enduml",
        "state not closed": b"@startuml\nstate a {\n[*] --> b\n@enduml",
        "no sense": b"@startuml\nstart\n)(((\n@enduml",
        "package not closed": b"@startuml\npackage a {\nclass B\n@enduml",
        "relation to nowhere": b"@startuml\nclass A\nA *--\n@enduml",
        "endif without if": b'@startuml\n(*) --> "a"\nendif\n@enduml',
    }


class TestDot(FormatContract):
    format = REGISTRY.get("dot")
    unchanged = ("flowchart", "block", "state", "mindmap", "c4")
    broken: ClassVar = {
        "empty": b"",
        "unclosed": b"digraph { a -> b",
        "no graph": b"a -> b",
        "bad attribute": b"digraph { a [label=] }",
        "unclosed string": b'digraph { a [label="x] }',
    }


class TestSteps(FormatContract):
    format = REGISTRY.get("steps")
    unchanged = ()
    broken: ClassVar = {"empty": b"", "no steps": b"Hello, world", "no such step": b"1. a\n2. Go to step 7"}


class TestPython(FormatContract):
    format = REGISTRY.get("python")


class TestD2(FormatContract):
    format = REGISTRY.get("d2")


class TestPseudocode(FormatContract):
    format = REGISTRY.get("pseudocode")


PAIRS = [
    ("json", "flowchart"),
    ("mermaid", "flowchart"),
    ("dot", "flowchart"),
    ("mermaid", "class"),
    ("mermaid", "er"),
    ("mermaid", "state"),
    ("plantuml", "state"),
    ("plantuml", "sequence"),
    ("plantuml", "class"),
    ("plantuml", "er"),
]


@pytest.mark.parametrize(("name", "kind"), PAIRS)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_label_survives(name: str, kind: str, data: st.DataObject) -> None:
    found = REGISTRY.get(name)
    diagram = data.draw(diagrams(found.spec, kind))
    written = cast(Writer, found).write(diagram)
    after = cast(Reader, found).read(written.data).diagram
    assert not differences(diagram, after, found.spec), written.data.decode()
