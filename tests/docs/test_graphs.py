"""The comparison that other tests lean on: it must see every kind of difference."""

from __future__ import annotations

from typing import Any

import pytest
from graphs import differences

from diagrasp.model import Diagram

GRAPH: dict[str, Any] = {
    "kind": "bpmn",
    "nodes": [
        {"id": "a", "label": "Начать", "shape": "start_event", "group": "l"},
        {"id": "b", "label": "Проверить счёт", "shape": "task", "group": "l"},
        {"id": "c", "label": "", "shape": "exclusive_gateway", "group": "m"},
        {"id": "d", "label": "Оплатить", "shape": "task", "group": "m"},
    ],
    "edges": [
        {"id": "e1", "source": "a", "target": "b"},
        {"id": "e2", "source": "b", "target": "c"},
        {"id": "e3", "source": "c", "target": "d", "label": "да"},
        {"id": "e4", "source": "c", "target": "b", "label": "нет"},
    ],
    "groups": [{"id": "l", "label": "Касса", "kind": "lane"}, {"id": "m", "label": "Склад", "kind": "lane"}],
}


def _other(**changes: Any) -> Diagram:
    """The graph under other ids and in another order, with a change."""
    text = Diagram.model_validate({**GRAPH, **changes}).to_json()
    for id in "abcdlm":
        text = text.replace(f'"{id}"', f'"x{id}9"')
    diagram = Diagram.from_json(text)
    return diagram.replace(nodes=diagram.nodes[::-1], edges=diagram.edges[::-1])


def _with(key: str, index: int, **fields: Any) -> Diagram:
    items = [dict(item) for item in GRAPH[key]]
    items[index] |= fields
    return _other(**{key: items})


def test_equal_whatever_the_ids_and_the_order() -> None:
    assert differences(Diagram.model_validate(GRAPH), _other()) == []
    assert differences(Diagram.model_validate(GRAPH), _with("nodes", 1, label="проверить  счет.")) == []


@pytest.mark.parametrize(
    "changed",
    [
        _with("nodes", 1, label="Проверить счета"),
        _with("nodes", 1, shape="exclusive_gateway"),
        _with("nodes", 1, group="m"),
        _with("edges", 2, label=""),
        _with("edges", 2, label="нет"),
        _with("edges", 1, source="c", target="b"),
        _with("edges", 3, target="d"),
        _with("edges", 0, head="none"),
        _with("groups", 0, label="Банк"),
        _other(edges=GRAPH["edges"][1:]),
        _other(edges=[*GRAPH["edges"], {"id": "e5", "source": "a", "target": "d"}]),
        _other(nodes=[*GRAPH["nodes"], {"id": "f", "label": "Лишний", "shape": "task"}]),
    ],
    ids=str,
)
def test_every_difference_is_seen(changed: Diagram) -> None:
    assert differences(Diagram.model_validate(GRAPH), changed)
