"""Answers out of the graph."""

from __future__ import annotations

import pytest

from diagrasp_chat.answers import answer, find_node, find_role
from diagrasp_chat.graph import Graph, StepRow
from diagrasp_chat.intents import Question, parse
from diagrasp_chat.texts import language_of


def ask(graph: Graph, text: str) -> str:
    question = parse(text)
    assert isinstance(question, Question), f"{text!r} is {question}"
    return answer(question, graph, language_of(text)).replace("\\", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("сколько шагов", "Всего: 5 шагов."),
        ("сколько шагов у склада", "**Склад**: 2 шага."),
        ("сколько условий", "Всего: 1 условие."),
        ("how many steps?", "There are 5 steps."),
        ("how many roles", "There are 3 roles."),
        ("кто выполняет шаг 3", "Шаг 3 «Проверить остаток» — выполняет **Склад**."),
        ("кто проверяет остатки?", "Шаг 3 «Проверить остаток» — выполняет **Склад**."),
        ("кто выставляет счет", "Шаг 4 «Выставить счёт» — выполняет **Бухгалтерия**."),
        ("who does step 5", "Step 5 “Отгрузить товар” is done by **Склад**."),
        ("какие роли есть", "Роли: **Менеджер**, **Склад**, **Бухгалтерия**."),
        ("что делает менеджер", "**Менеджер** выполняет:\n- шаг 1 «Принять заявку»\n- шаг 2 «Запросить документы»"),
        ("с чего начинается", "Начинается с:\n- шаг 1 «Принять заявку» (Заявка пришла)"),
        ("есть ли циклы", "Возвраты:\n- шаг 2 «Запросить документы» → шаг 1 «Принять заявку»"),
        ("шаг 99", "Шага 99 нет; есть шаги с 1 по 5."),
        ("кто варит кофе", "Такого шага не видно. «покажи шаги» выведет все."),
    ],
)
def test_answers(graph: Graph, text: str, wanted: str) -> None:
    assert ask(graph, text) == wanted


def test_what_follows_names_the_conditions_on_the_way(graph: Graph) -> None:
    assert ask(graph, "что после шага 1") == (
        "После шага 1 «Принять заявку»:\n"
        "- если «Заявка полная?» — нет: шаг 2 «Запросить документы»\n"
        "- если «Заявка полная?» — да: шаг 3 «Проверить остаток»\n"
        "- если «Заявка полная?» — да: шаг 4 «Выставить счёт»"
    )


def test_a_boundary_event_is_a_way_out_of_its_step(graph: Graph) -> None:
    assert ask(graph, "что после шага 2") == (
        "После шага 2 «Запросить документы»:\n- шаг 1 «Принять заявку»\n- через «2 дня»: конец «Отказ»"
    )


def test_joins_are_seen_through_backwards(graph: Graph) -> None:
    assert ask(graph, "what leads to step 5?") == (
        "Before step 5 “Отгрузить товар”:\n- step 3 “Проверить остаток”\n- step 4 “Выставить счёт”"
    )


def test_when_a_step_is_reached(graph: Graph) -> None:
    assert ask(graph, "когда выполняется шаг 3") == (
        "К шагу 3 «Проверить остаток» приходят:\n- если «Заявка полная?» — да: шаг 1 «Принять заявку»"
    )
    assert ask(graph, "when is step 5 reached") == "Step 5 “Отгрузить товар” is reached without conditions."


def test_conditions_and_where_they_lead(graph: Graph) -> None:
    assert ask(graph, "какие условия") == (
        "Условия:\n- «Заявка полная?»\n  - нет → шаг 2 «Запросить документы»\n"
        "  - да → шаг 3 «Проверить остаток»; шаг 4 «Выставить счёт»"
    )


def test_ends(graph: Graph) -> None:
    assert ask(graph, "how does it end?") == (
        "It ends after:\n- step 5 “Отгрузить товар”\n- through “2 дня”: step 2 “Запросить документы” (Отказ)"
    )


def test_a_step_is_described_with_what_follows(graph: Graph) -> None:
    assert ask(graph, "шаг 5") == (
        "Шаг 5 «Отгрузить товар», выполняет **Склад**.\n\nПосле шага 5 «Отгрузить товар»:\n- конец"
    )


def test_names_in_other_cases_and_tenses_are_found(graph: Graph) -> None:
    def label(words: str) -> str:
        node = find_node(graph, words)
        return node.label if node else ""

    assert label("отгрузка товаров") == "Отгрузить товар"
    assert label("заявку принимает") == "Принять заявку"
    assert label("счета") == "Выставить счёт"
    assert label("кофе") == ""
    assert find_role(graph, "складу") == "Склад"
    assert find_role(graph, "бухгалтерией") == "Бухгалтерия"
    assert find_role(graph, "директор") is None


def test_labels_cannot_speak_markdown() -> None:
    evil = "**x** <img src=x onerror=alert(1)> [a](javascript:b) ![i](http://e.example/i.png) :w[q]"
    graph = Graph.build(
        {"nodes": [{"id": "a", "label": evil}, {"id": "b", "label": "next"}], "edges": [{"source": "a", "target": "b"}]}
    )
    said = answer(Question("next", "1"), graph, "en")
    for sign in ("**", "<img", "](", "![", "://", " :w"):
        assert sign not in said.replace("\\" + sign[0], "")


def test_a_start_that_is_returned_to_is_the_first_step() -> None:
    loop = {
        "nodes": [{"id": "b", "label": "Проверить"}, {"id": "a", "label": "Подать"}],
        "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}],
    }
    graph = Graph.build(loop, [StepRow("1", "Подать"), StepRow("2", "Проверить")])
    assert ask(graph, "с чего начинается?") == "Начинается с:\n- шаг 1 «Подать»"


def test_a_diagram_without_steps_is_answered_too() -> None:
    empty = Graph.build({"nodes": [], "edges": []})
    for text in ("что после шага 1", "кто выполняет шаг 1", "what leads to step 2", "step 1"):
        assert ask(empty, text) in ("На схеме нет шагов.", "The diagram has no steps.")
    for text in ("какие условия", "with what does it start", "how does it end", "are there loops", "which roles"):
        assert ask(empty, text)


def test_a_tangle_of_gateways_does_not_explode() -> None:
    layers = 12
    nodes = [{"id": f"g{i}{j}", "shape": "decision", "label": f"{i}{j}?"} for i in range(layers) for j in range(3)]
    edges = [
        {"source": f"g{i}{j}", "target": f"g{i + 1}{k}", "label": "да"}
        for i in range(layers - 1)
        for j in range(3)
        for k in range(3)
    ]
    nodes.append({"id": "a", "label": "Начать", "shape": "process"})
    edges.append({"source": "a", "target": "g00"})
    graph = Graph.build({"nodes": nodes, "edges": edges})
    assert 0 < len(graph.next(graph.nodes["a"])) <= 50
