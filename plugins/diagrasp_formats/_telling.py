"""What a text that tells the algorithm leaves out: how it is drawn, said once for the diagram; the rest one by one."""

from __future__ import annotations

from collections.abc import Iterable

from diagrasp.algorithm.flow import ASIDE
from diagrasp.features import missing
from diagrasp.formats import FormatSpec, Loss
from diagrasp.model import Diagram
from diagrasp_formats._common import one_line

DRAWN = ("shape.*", "line.*", "head.*", "tail.*", "kind.*", "edge.kind.*", "direction", "group")
"""Features that belong to the drawing, or are told by order and roles."""
CONTROL = frozenset(
    {
        "decision", "merge", "bar", "initial", "final", "terminal", "start_event", "end_event", "exclusive_gateway",
        "inclusive_gateway", "parallel_gateway", "event_gateway",
    }
)  # fmt: skip
"""Symbols that keywords tell."""


TRIGGERS = {
    "message": "сообщение", "timer": "таймер", "error": "ошибка", "signal": "сигнал", "escalation": "эскалация",
    "compensation": "компенсация", "conditional": "условие", "link": "ссылка", "terminate": "завершение",
    "cancel": "отмена", "multiple": "одно из событий", "parallel_multiple": "все события",
}  # fmt: skip
"""What events without a name are called in Russian; in English their triggers are words already."""


def with_named_events(diagram: Diagram, language: str) -> Diagram:
    """The diagram as it is told: events without a name on which its way depends are called by their triggers."""
    if language != "ru":
        return diagram
    gates = {n.id for n in diagram.nodes if n.shape in ("event_gateway", "exclusive_gateway")}
    awaited = {e.target for e in diagram.edges if e.source in gates}
    return diagram.replace(
        nodes=tuple(
            n.replace(label=TRIGGERS[n.trigger])
            if n.trigger in TRIGGERS and not n.label.strip() and (n.attached_to or n.id in awaited)
            else n
            for n in diagram.nodes
        )
    )


def untold(diagram: Diagram, spec: FormatSpec, told: frozenset[str] = frozenset()) -> Iterable[Loss]:
    """The losses of a text in steps; `told` are the symbols that its words tell."""
    yield from (Loss(feature, "", f"{spec.title} tells no {what}") for feature, what in _drawn(diagram, told))
    if diagram.kind in ("class", "er"):
        yield Loss(f"kind.{diagram.kind}", "", f"a diagram of kind {diagram.kind} shows no order of steps")
    but: tuple[str, ...] = DRAWN
    if diagram.kind == "sequence":
        but = (*DRAWN, "edge.group", "group.*")
        what = "of messages, who sends them is told, not who receives them; frames are told as conditions and loops"
        yield Loss("kind.sequence", "", what)
    yield from missing(diagram, spec.features, format=spec.title, but=but)
    yield from _pools(diagram)
    for node in diagram.nodes:
        name = f"the {node.shape} '{one_line(node.label)[:40]}'"
        if node.shape in ASIDE - {"actor", "participant"}:
            yield Loss(f"shape.{node.shape}", node.id, f"{name} is no step and is left out")
        elif node.shape == "actor" and diagram.kind == "usecase":
            yield Loss("shape.actor", node.id, f"{name} is told as the role of its steps")
        elif node.shape == "event_gateway" and node.label:
            yield Loss("node", node.id, f"the name of {name} is left out")
    actors = {node.id for node in diagram.nodes if node.shape == "actor"}
    for edge in diagram.edges:
        if diagram.kind == "usecase" and not actors & {edge.source, edge.target}:
            what = f"the {edge.kind} edge from {edge.source} to {edge.target} is left out"
            yield Loss(f"edge.kind.{edge.kind}", edge.id, what)
        if edge.kind in ("message", "data", "association") and diagram.kind not in ("sequence", "usecase"):
            what = f"the {edge.kind} edge from {edge.source} to {edge.target} is left out"
            yield Loss(f"edge.kind.{edge.kind}", edge.id, what)


def _pools(diagram: Diagram) -> Iterable[Loss]:
    """A pool is a role where it has no lanes and something to do."""
    divided = {group.parent for group in diagram.groups}
    used = {node.group for node in diagram.nodes}
    for group in diagram.groups:
        if group.kind != "pool":
            continue
        told = "is told as a role" if group.id in used and group.id not in divided else "is left out"
        yield Loss("group.pool", group.id, f"the pool '{one_line(group.label)[:40]}' {told}")


def _drawn(diagram: Diagram, told: frozenset[str]) -> Iterable[tuple[str, str]]:
    """What of the drawing is not told: features, each once, with words for them."""
    if diagram.kind != "flowchart":
        yield f"kind.{diagram.kind}", f"kind of diagram; this is {diagram.kind}"
    if diagram.direction:
        yield "direction", f"direction; this is {diagram.direction}"
    shapes = {node.shape: None for node in diagram.nodes if node.shape != "process" and node.shape not in told}
    if shapes:
        yield "shape", f"symbols: {', '.join(shapes)}"
    lines = {edge.line: None for edge in diagram.edges if edge.line != "solid"}
    if lines:
        yield "line", f"lines: {', '.join(lines)}"
    if any((edge.head, edge.tail) != ("arrow", "none") for edge in diagram.edges):
        yield "head", "arrow heads but the usual one"
    texts = [item.label for items in (diagram.nodes, diagram.edges, diagram.groups) for item in items]
    if any("\n" in text for text in texts):
        yield "label", "line breaks"
