"""How BPMN is told in steps: subprocesses without a name, choices without conditions, awaited events, messages."""

from __future__ import annotations

import pytest

from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram, Edge, Group, Node, Shape

REGISTRY = FormatRegistry()
STEPS = REGISTRY.writer("steps")


def outline(diagram: Diagram) -> str:
    return STEPS.write(diagram, view="outline").text


def again(text: str) -> str:
    return outline(REGISTRY.reader("steps").read(text.encode()).diagram)


def choice(gate: Shape, question: str, *answers: str, shape: Shape = "task") -> Diagram:
    """A step, a gateway, and a way for each answer to a symbol of its own."""
    names = ("Отгрузить", "Заказать", "Отказать")[: len(answers)]
    ways = [Node(id=f"w{i}", label=name, shape=shape, trigger="message" if shape != "task" else None)
            for i, name in enumerate(names)]  # fmt: skip
    return Diagram(
        kind="bpmn",
        nodes=(Node(id="a", label="Проверить", shape="task"), Node(id="q", label=question, shape=gate), *ways),
        edges=(
            Edge(source="a", target="q"),
            *(Edge(source="q", target=f"w{i}", label=label) for i, label in enumerate(answers)),
        ),
    )


@pytest.mark.parametrize(
    ("gate", "question", "head"),
    [
        ("exclusive_gateway", "", "Один из вариантов"),
        ("exclusive_gateway", "Есть на складе?", "В зависимости от «Есть на складе?»"),
        ("inclusive_gateway", "", "Один или несколько вариантов"),
        ("inclusive_gateway", "Что нужно?", "Один или несколько вариантов по условию «Что нужно?»"),
    ],
)
def test_ways_without_conditions_are_options(gate: Shape, question: str, head: str) -> None:
    told = outline(choice(gate, question, "", ""))
    assert told == (
        f"1. Проверить\n- {head}:\n    - Вариант 1:\n        2. Отгрузить\n    - Вариант 2:\n        3. Заказать\n"
    )
    read = REGISTRY.reader("steps").read(told.encode()).diagram
    assert sorted(e.label for e in read.edges) == ["", "", ""]
    if gate == "exclusive_gateway":
        assert again(told) == told


def test_the_way_without_a_condition_comes_last() -> None:
    assert outline(choice("exclusive_gateway", "Готово?", "", "нет", "почти")) == (
        "1. Проверить\n"
        "- Если «Готово?» — нет:\n"
        "    2. Заказать\n"
        "- Если «Готово?» — почти:\n"
        "    3. Отказать\n"
        "- Иначе:\n"
        "    4. Отгрузить\n"
    )


def test_a_gateway_before_events_waits_for_the_first() -> None:
    told = outline(choice("exclusive_gateway", "", "", "", shape="intermediate_event"))
    assert "- Дождаться первого из событий:\n    - Событие «Отгрузить»" in told
    named = outline(choice("exclusive_gateway", "", "да", "нет", shape="intermediate_event"))
    assert "Дождаться" not in named


def test_ways_that_all_go_on_are_no_options() -> None:
    diagram = choice("exclusive_gateway", "")
    more = (Node(id="b", label="Отгрузить", shape="task"), Node(id="s", label="Пуск", shape="start_event"))
    edges = (*diagram.edges, Edge(source="q", target="b"), Edge(source="q", target="b", default=True))
    told = outline(diagram.replace(nodes=(*diagram.nodes, *more), edges=edges))
    assert told == "1. Проверить\n2. Отгрузить\n\n**Без связей**\n\n- Начало: «Пуск»\n"


def test_steps_that_only_messages_join_are_not_without_connections() -> None:
    nodes = tuple(Node(id=id, label=label, shape="task", group=pool) for id, label, pool in (
        ("a", "Заказать", "p"), ("b", "Оплатить", "p"), ("c", "Отгрузить", "q")))  # fmt: skip
    edges = (Edge(source="a", target="b"), Edge(source="b", target="c", kind="message", line="dashed"))
    pools = (Group(id="p", label="Клиент", kind="pool"), Group(id="q", label="Склад", kind="pool"))
    told = outline(Diagram(kind="bpmn", nodes=nodes, edges=edges, groups=pools))
    assert told.endswith("**Процесс «Склад»**\n\n3. Отгрузить [Склад]\n")


def subprocess() -> Diagram:
    """A subprocess without a name that holds a step, and an error that interrupts it."""
    return Diagram(
        kind="bpmn",
        nodes=(
            Node(id="a", label="Принять", shape="task"),
            Node(id="s", shape="subprocess", box=(0, 0, 100, 50)),
            Node(id="i", label="Проверить", shape="task", group="g"),
            Node(id="e", shape="boundary_event", trigger="error", attached_to="s"),
            Node(id="b", label="Сообщить", shape="task"),
            Node(id="c", label="Закрыть", shape="task"),
        ),
        edges=(Edge(source="a", target="s"), Edge(source="s", target="c"), Edge(source="e", target="b")),
        groups=(Group(id="g", kind="subprocess", box=(0, 0, 100, 50)),),
    )


def test_what_a_subprocess_without_a_name_consists_of_is_told() -> None:
    told = outline(subprocess())
    assert told == (
        "1. Принять\n"
        "- Подпроцесс:\n"
        "    2. Проверить\n"
        "- Если во время подпроцесса наступит «ошибка»:\n"
        "    3. Сообщить\n"
        "- Если подпроцесс завершён:\n"
        "    4. Закрыть\n"
    )
    read = REGISTRY.reader("steps").read(told.encode()).diagram
    assert [n.label for n in read.nodes if n.shape == "process"] == ["Принять", "Проверить", "Сообщить", "Закрыть"]
    assert "Проверить" in REGISTRY.writer("pseudocode").write(subprocess()).text


@pytest.mark.parametrize(
    ("sender", "title"), [("b", "После сообщения от шага 2"), ("p", "После сообщения от «Поставщик»")]
)
def test_what_a_message_sets_off_is_told_as_that(sender: str, title: str) -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="s", shape="start_event"),
            Node(id="a", label="Проверить", shape="task"),
            Node(id="b", label="Заказать", shape="task"),
            Node(id="m", label="Товар пришёл", shape="intermediate_event", trigger="message"),
            Node(id="c", label="Принять", shape="task"),
        ),
        edges=(
            Edge(source="s", target="a"),
            Edge(source="a", target="b"),
            Edge(source="m", target="c"),
            Edge(source=sender, target="m", kind="message", line="dashed"),
        ),
        groups=(Group(id="p", label="Поставщик", kind="pool"),),
    )
    assert f"**{title}**\n\n- Событие: «Товар пришёл»\n3. Принять\n" in outline(diagram)


def test_a_way_to_an_end_without_a_name_says_that_it_ends() -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="a", label="Проверить", shape="task"),
            Node(id="e", label="Нет доступа", shape="boundary_event", trigger="error", attached_to="a"),
            Node(id="x", shape="end_event"),
            Node(id="b", label="Отгрузить", shape="task"),
        ),
        edges=(Edge(source="a", target="b"), Edge(source="e", target="x")),
    )
    assert "- Если во время шага 1 наступит «Нет доступа»: завершить\n" in outline(diagram)
