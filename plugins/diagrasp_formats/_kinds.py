"""Guesses at what a drawing is from its parts, where the file does not say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from diagrasp.layout.sizes import EVENTS, GATEWAYS
from diagrasp.model import EdgeKind
from diagrasp_formats._relations import kind_of

_BPMN = EVENTS | GATEWAYS | {"user_task", "service_task", "script_task", "send_task", "receive_task", "manual_task"}
_CROWS = {"one", "many", "zero_or_one", "zero_or_many", "one_or_many"}
_UML = {"inheritance", "realization", "composition", "aggregation"}
_STEPS = EVENTS | GATEWAYS | {
    "decision", "terminal", "stadium", "data", "document", "manual_operation", "manual_input", "hexagon", "subprocess",
}  # fmt: skip


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
    if heads & _CROWS:
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
    tables = any(n["shape"] == "entity" and n.get("rows") for n in nodes.values())
    if tables or any(e["kind"] == "relation" for e in edges):
        return "er"
    steps = any(s in _STEPS for s in shapes)
    if "class" in shapes or (not steps and any(e["kind"] in _UML for e in edges)):
        return "class"
    if "entity" in shapes:
        return "er"
    ovals = {n["id"] for n in nodes.values() if n["shape"] in ("ellipse", "usecase")}
    actors = {n["id"] for n in nodes.values() if n["shape"] == "actor"}
    uses = any({e["source"], e["target"]} & ovals and {e["source"], e["target"]} & actors for e in edges)
    if uses and not steps:
        return "usecase"
    if edges and {"decision", "ellipse"} <= set(shapes) and all(e["head"] == e["tail"] == "none" for e in edges):
        return "er"  # by Chen
    if "initial" in shapes or "final" in shapes:
        return "activity" if "decision" in shapes else "state"
    return "flowchart"


def fit(kind: str, nodes: Iterable[MutableMapping[str, Any]], edges: Iterable[MutableMapping[str, Any]]) -> None:
    """Read shapes and ends that several notations share as this kind of diagram means them."""
    for node in nodes:
        if kind == "bpmn" and node["shape"] == "rounded":
            node["shape"] = "task"
        elif kind == "state" and node["shape"] in ("rounded", "stadium"):
            node["shape"] = "state"
        elif kind == "usecase" and node["shape"] == "ellipse":
            node["shape"] = "usecase"
        elif kind == "er" and node["shape"] == "class" and not any("(" in row for row in node.get("rows", ())):
            node["shape"] = "entity"
    for edge in edges:
        if kind == "sequence":
            edge["kind"] = "message"
        elif kind in ("class", "usecase") and edge["kind"] == "flow":
            edge["kind"] = kind_of(edge["head"], edge["line"])
        elif kind == "er" and edge["kind"] == "flow" and edge["head"] == "none":
            edge["kind"] = "relation"
        elif kind not in ("class", "er", "usecase") and edge["kind"] in _UML:
            edge["kind"] = "flow"
