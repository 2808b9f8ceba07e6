"""Tests of the chat.  They run in the chat's own environment (`make test-chat`): see chat_ui/README.md."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

# The server's environment holds another mcp and no chainlit; there is nothing to collect in it.
collect_ignore_glob = [] if find_spec("diagrasp_chat") else ["test_*.py"]

if find_spec("diagrasp_chat"):
    from diagrasp_chat.client import Format
    from diagrasp_chat.graph import Graph, StepRow

DIAGRAM = {
    "version": 1,
    "kind": "bpmn",
    "nodes": [
        {"id": "s", "label": "Заявка пришла", "shape": "start_event", "group": "l1"},
        {"id": "a", "label": "Принять заявку", "shape": "user_task", "group": "l1", "confidence": 0.98},
        {"id": "g", "label": "Заявка полная?", "shape": "exclusive_gateway", "group": "l1"},
        {"id": "b", "label": "Запросить документы", "shape": "task", "group": "l1", "confidence": 0.42},
        {"id": "t", "label": "2 дня", "shape": "boundary_event", "attached_to": "b", "trigger": "timer"},
        {"id": "p", "label": "", "shape": "parallel_gateway", "group": "l2"},
        {"id": "c", "label": "Проверить остаток", "shape": "service_task", "group": "l2"},
        {"id": "d", "label": "Выставить счёт", "shape": "task", "group": "l3"},
        {"id": "j", "label": "", "shape": "parallel_gateway", "group": "l2"},
        {"id": "h", "label": "Отгрузить товар", "shape": "task", "group": "l2"},
        {"id": "e", "label": "", "shape": "end_event", "group": "l2"},
        {"id": "x", "label": "Отказ", "shape": "end_event", "group": "l1"},
        {"id": "n", "label": "Срок — один день", "shape": "annotation"},
    ],
    "edges": [
        {"source": "s", "target": "a"},
        {"source": "a", "target": "g"},
        {"source": "g", "target": "b", "label": "нет"},
        {"source": "b", "target": "a"},
        {"source": "t", "target": "x"},
        {"source": "g", "target": "p", "label": "да"},
        {"source": "p", "target": "c"},
        {"source": "p", "target": "d"},
        {"source": "c", "target": "j"},
        {"source": "d", "target": "j", "confidence": 0.2},
        {"source": "j", "target": "h"},
        {"source": "h", "target": "e"},
        {"source": "n", "target": "h", "kind": "association"},
    ],
    "groups": [
        {"id": "pool", "label": "Обработка заказа", "kind": "pool"},
        {"id": "l1", "label": "Менеджер", "kind": "lane", "parent": "pool"},
        {"id": "l2", "label": "Склад", "kind": "lane", "parent": "pool"},
        {"id": "l3", "label": "Бухгалтерия", "kind": "lane", "parent": "pool"},
    ],
}


@pytest.fixture
def rows() -> list[StepRow]:
    return [
        StepRow("1", "Принять заявку", "Менеджер"),
        StepRow("2", "Запросить документы", "Менеджер"),
        StepRow("3", "Проверить остаток", "Склад"),
        StepRow("4", "Выставить счёт", "Бухгалтерия"),
        StepRow("5", "Отгрузить товар", "Склад"),
    ]


@pytest.fixture
def graph(rows: list[StepRow]) -> Graph:
    """An order's way through three lanes: a loop, a boundary timer, two steps at a time, two ends."""
    return Graph.build(DIAGRAM, rows)


@pytest.fixture
def formats() -> list[Format]:
    return [
        Format("bpmn", "BPMN 2.0", "application/xml", (".bpmn",)),
        Format("dot", "Graphviz DOT", "text/vnd.graphviz", (".dot", ".gv"), ("graphviz",)),
        Format("drawio", "draw.io", "application/xml", (".drawio",)),
        Format("json", "Diagram JSON", "application/json", (".json",)),
        Format("mermaid", "Mermaid", "text/plain", (".mmd", ".mermaid")),
        Format("plantuml", "PlantUML", "text/plain", (".puml", ".plantuml"), ("puml",)),
        Format("png", "PNG picture", "image/png", (".png",)),
        Format("python", "Python", "text/x-python", (".py",), reads=False),
        Format("steps", "Steps", "text/markdown", (".md",)),
        Format("svg", "SVG picture", "image/svg+xml", (".svg",)),
        Format("vsdx", "Visio", "application/vnd.ms-visio.drawing", (".vsdx",), writes=False),
    ]
