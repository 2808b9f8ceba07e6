"""Steps: the table, the outline, and reading both and ordinary instructions back."""

from __future__ import annotations

import random
import re

import pytest
from processes import PARALLEL, PROCESSES

from diagrasp.errors import ParseError
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram, Edge, Group, Node

REGISTRY = FormatRegistry()
STEPS = REGISTRY.writer("steps")


def read(text: str) -> Diagram:
    return REGISTRY.reader("steps").read(text.encode()).diagram


def ways(diagram: Diagram) -> list[tuple[str, str, str]]:
    """Edges by labels."""
    labels = {node.id: node.label or f"<{node.shape}>" for node in diagram.nodes}
    return [(labels[edge.source], edge.label, labels[edge.target]) for edge in diagram.edges]


def order() -> Diagram:
    return Diagram(
        kind="bpmn",
        nodes=(
            Node(id="s", label="Заявка получена", shape="start_event", group="l1"),
            Node(id="a", label="Проверить заявку", shape="user_task", group="l1"),
            Node(id="q", label="Заявка полная?", shape="exclusive_gateway", group="l1"),
            Node(id="b", label="Отгрузить | упаковать", shape="task", group="l2"),
            Node(id="x", label="Срочно", shape="annotation", group="l2"),
            Node(id="e", shape="end_event", group="l2"),
        ),
        edges=(
            Edge(source="s", target="a"),
            Edge(source="a", target="q"),
            Edge(source="q", target="a", label="нет"),
            Edge(source="q", target="b", label="да"),
            Edge(source="b", target="e"),
            Edge(source="x", target="b", kind="association", head="none"),
        ),
        groups=(
            Group(id="p", label="Магазин", kind="pool"),
            Group(id="l1", label="Менеджер", kind="lane", parent="p"),
            Group(id="l2", label="Склад", kind="lane", parent="p"),
        ),
    )


def test_table_and_outline_in_russian() -> None:
    written = STEPS.write(order())
    assert written.text == (
        "| № | Наименование действия | Роль |\n"
        "|---:|---|---|\n"
        "| 1 | Проверить заявку | Менеджер |\n"
        "| 2 | Отгрузить \\| упаковать | Склад |\n"
        "\n"
        "## Порядок действий\n"
        "\n"
        "- Начало: «Заявка получена»\n"
        "- Повторять, пока «Заявка полная?» — нет:\n"
        "    1. Проверить заявку [Менеджер]\n"
        "2. Отгрузить \\| упаковать [Склад]\n"
    )
    assert ("shape.annotation", "x") in {(loss.feature, loss.element) for loss in written.losses}


@pytest.mark.parametrize(("language", "said"), [("ru", "наступит «таймер»"), ("en", "“timer”")])
def test_an_event_without_a_name_is_told_by_its_trigger(language: str, said: str) -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="a", label="Ждать ответа", shape="task"),
            Node(id="t", shape="boundary_event", trigger="timer", attached_to="a"),
            Node(id="b", label="Напомнить", shape="task"),
        ),
        edges=(Edge(source="t", target="b"),),
    )
    assert said in STEPS.write(diagram, language=language).text
    word = {"ru": "таймер", "en": "timer"}[language]
    assert word in REGISTRY.writer("pseudocode").write(diagram, language=language).text


def test_views_and_languages() -> None:
    table = STEPS.write(order(), view="table", language="en").text
    assert table.startswith("| No. | Action | Role |")
    assert "##" not in table
    outline = STEPS.write(order(), view="outline", language="en").text
    assert "Repeat while “Заявка полная?” is нет:" in outline


def test_messages_are_the_steps_of_their_senders() -> None:
    source = b"sequenceDiagram\nA->>B: Ask\nalt found\nB-->>A: Answer\nelse not found\nB-->>A: Refuse\nend\n"
    text = STEPS.write(REGISTRY.reader("mermaid").read(source).diagram).text
    assert "| 2 | Answer | B |" in text
    assert "- If “found”:\n    2. Answer [B]\n- If “not found”:\n    3. Refuse [B]" in text


def test_states_are_the_steps_of_a_state_diagram() -> None:
    source = b"stateDiagram-v2\n[*] --> New\nNew --> Done : pay\nDone --> [*]\n"
    text = STEPS.write(REGISTRY.reader("mermaid").read(source).diagram).text
    assert [line.split("|")[2].strip() for line in text.split("\n")[2:4]] == ["New", "Done"]


SAME = [name for name in {**PROCESSES, **PARALLEL} if name not in {
    "irreducible", "irreducible with a choice", "two pages of a cross", "self loop", "loop with a step as its test",
    "several entries", "several exits", "cycle without an entry", "disconnected parts", "part that nothing leads to",
    "guards one after another", "loop with two exits", "arm of a fork that ends", "plain fork",
    "loop with two exits that part", "back to different steps",
}]  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_our_outline_reads_back_as_the_same_algorithm(name: str) -> None:
    text = {**PROCESSES, **PARALLEL}[name]
    diagram = REGISTRY.reader("mermaid").read(f"flowchart TD\n{text}".encode()).diagram
    told = STEPS.write(diagram).text
    assert STEPS.write(read(told)).text == told


def test_roles_come_back_as_lanes() -> None:
    diagram = read(STEPS.write(order()).text)
    labels = {group.id: group.label for group in diagram.groups}
    found = {node.label: labels.get(node.group or "") for node in diagram.nodes if node.shape == "process"}
    assert found == {"Проверить заявку": "Менеджер", "Отгрузить | упаковать": "Склад"}


def test_russian_instructions() -> None:
    diagram = read(
        "1. Принять заявку\n2. Проверить документы\n3. Если заявка неполная, вернуться к шагу 1\n4. Отправить ответ\n"
    )
    assert ways(diagram) == [
        ("Принять заявку", "", "Проверить документы"),
        ("Проверить документы", "", "заявка неполная"),
        ("заявка неполная", "да", "Принять заявку"),
        ("заявка неполная", "нет", "Отправить ответ"),
    ]


def test_english_instructions() -> None:
    diagram = read(
        "1) Count the total\n2) If the total exceeds 1000, go to step 4, otherwise print the bill\n3) Take the money\n"
        "4) Call the manager\n"
    )
    assert ways(diagram) == [
        ("Count the total", "", "the total exceeds 1000"),
        ("the total exceeds 1000", "yes", "Call the manager"),
        ("the total exceeds 1000", "no", "Print the bill"),
        ("Print the bill", "", "Take the money"),
        ("Take the money", "", "Call the manager"),
    ]


def test_titles_shapes_and_what_is_left_out() -> None:
    found = REGISTRY.reader("steps").read(
        "Порядок работы\n\n1. Начало\n2. Если готово, завершить процесс\n3. Параллельно:\n   - а\n   - б\n"
        "\nСм. приложение.".encode()
    )
    assert found.diagram.title == "Порядок работы"
    assert [node.shape for node in found.diagram.nodes] == [
        "terminal", "decision", "terminal", "bar", "process", "process", "bar",
    ]  # fmt: skip
    assert [loss.feature for loss in found.losses] == ["text"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("1. а\n2. перейти к шагу 9", 2), ("1. if x, go to step 2.5\n2. b", 1), ("- если а:\n- иначе:\n" * 100, 119)],
)
def test_a_bad_instruction_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ParseError) as caught:
        read(text)
    assert caught.value.line == line


def test_steps_that_jump_in_a_circle_lead_nowhere() -> None:
    diagram = read("1. а\n2. перейти к шагу 3\n3. перейти к шагу 2")
    assert [node.label for node in diagram.nodes] == ["А"]
    assert not diagram.edges


def _tangle(seed: int) -> Diagram:
    """A random graph, irreducible more often than not, with gateways that have no name."""
    chance = random.Random(seed)
    shapes = ["process"] * 5 + [
        "decision",
        "exclusive_gateway",
        "merge",
        "merge",
        "parallel_gateway",
        "connector",
        "bar",
    ]
    size = chance.randrange(5, 60)
    nodes = []
    for i in range(size):
        shape = chance.choice(shapes)
        bare = shape in ("merge", "bar", "connector") or (shape != "process" and chance.random() < 0.5)
        nodes.append({"id": f"n{i}", "shape": shape, "label": "" if bare else f"S{i}"})
    pairs = [(i, i + 1) for i in range(size - 1) if chance.random() < 0.9]
    pairs += [(chance.randrange(size), chance.randrange(size)) for _ in range(size // 2)]
    labels = ("", "", "yes", "no")
    edges = [{"source": f"n{a}", "target": f"n{b}", "label": chance.choice(labels)} for a, b in pairs]
    return Diagram.model_validate({"nodes": nodes, "edges": edges})


@pytest.mark.parametrize("start", range(0, 600, 100))
def test_every_mark_that_a_text_names_stands_in_it(start: int) -> None:
    for seed in [*range(start, start + 60), 77, 274, 460, 505]:
        diagram = _tangle(seed)
        found = read(STEPS.write(diagram).text)  # raises where a jump leads nowhere
        told = REGISTRY.writer("pseudocode").write(diagram, language="en").text
        marks = set(re.findall(r"^ *(\[\w+\])(?: //.*)?$", told, re.MULTILINE))
        assert set(re.findall(r"GO TO (\[\w+\])", told)) == marks, seed
        steps = {node.label for node in diagram.nodes if node.shape == "process"}
        assert steps <= {node.label for node in found.nodes}, seed
