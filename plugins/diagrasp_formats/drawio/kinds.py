"""Guesses at what a drawing is from its parts, where the file does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diagrasp.layout.sizes import EVENTS, GATEWAYS
from diagrasp.model import EdgeKind

_BPMN = EVENTS | GATEWAYS | {"user_task", "service_task", "script_task", "send_task", "receive_task", "manual_task"}


def edge_kind(edge: Mapping[str, Any]) -> EdgeKind:
    """The kind that an edge's ends and line stand for."""
    dashed = edge["line"] in ("dashed", "dotted")
    heads = {edge["head"], edge["tail"]}
    if edge["tail"] == "circle" and edge["head"] == "triangle" and dashed:
        return "message"
    if "triangle" in heads:
        return "realization" if dashed else "inheritance"
    if "filled_diamond" in heads:
        return "composition"
    if "diamond" in heads:
        return "aggregation"
    if heads & {"one", "many", "zero_or_one", "zero_or_many", "one_or_many"}:
        return "relation"
    if heads == {"none"} and dashed:
        return "association"
    return "flow"


def diagram_kind(
    nodes: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]
) -> str:
    """The kind of a whole drawing, by its shapes."""
    shapes = [n["shape"] for n in nodes.values()]
    if any(s in _BPMN for s in shapes) or any(e["kind"] == "message" for e in edges):
        return "bpmn"
    if shapes and sum(s == "participant" for s in shapes) >= max(1, len(shapes) / 3):
        return "sequence"
    if "class" in shapes or any(e["kind"] in ("inheritance", "realization") for e in edges):
        return "class"
    if "entity" in shapes or any(e["kind"] == "relation" for e in edges):
        return "er"
    if "actor" in shapes and sum(s in ("ellipse", "usecase") for s in shapes) >= 2:
        return "usecase"
    if "initial" in shapes or "final" in shapes:
        return "activity" if "decision" in shapes or "bar" in shapes else "state"
    return "flowchart"
