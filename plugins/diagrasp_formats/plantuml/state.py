"""PlantUML state diagrams, read and written; also what a flow is written as that has no structure."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, Names
from diagrasp_formats._nesting import nesting
from diagrasp_formats._state import StateReader, edge_scope, notes_of, pseudo_states, regions
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode, quoted

NAMES = {
    "STATE": "state", "NAME": "a state", "PSEUDO": "[*]", "ARROW": "an arrow", "STRING": "a quoted name", "OPEN": "{",
    "CLOSE": "}", "TEXT": ": and a text", "_NL": "end of line", "AS": "as", "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {"state", "note", "end", "as", "left", "right", "up", "down", "of", "on", "link", "hide", "show", "h"}
)
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.state", "edge.label", "edge.kind.flow", "line.solid", "line.dashed",
        "line.dotted", "line.thick", "head.arrow", "shape.state", "shape.initial", "shape.final",
        "shape.bar", "shape.decision", "group", "group.composite", "group.nested", "edge.to_group", "rows",
    }
)  # fmt: skip


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return StateReader(losses, partial(decode, block=True)).read(parse("state", text, NAMES))


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    told = {node.id for node in diagram.nodes if node.shape in ("note", "annotation")}
    told |= notes_of(diagram)[2]
    losses.update(x for x in missing(diagram, FEATURES, format=f"{spec.title} state") if x.element not in told)
    names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED)
    pseudo = pseudo_states(diagram)
    apart = regions(diagram)
    last = {group.parent: group.id for group in diagram.groups if group.id in apart}
    scopes = {node.id: node.group for node in diagram.nodes}
    parents = {group.id: group.parent for group in diagram.groups}
    notes, about, said = notes_of(diagram)
    edges: dict[str | None, list[Edge]] = defaultdict(list)
    for edge in diagram.edges:
        if edge.id in said:
            continue
        edges[edge_scope(edge, pseudo, scopes, apart, parents)].append(edge)
    lines: list[str] = []
    hidden = pseudo | notes.keys()
    for group, nodes, outer, inner, closing in nesting(diagram, "  ", without=hidden, level=apart):
        if closing:
            if group is None or group.id not in apart:
                lines.append(outer + "}")
            elif last[group.parent] != group.id:
                lines.append(outer + "--")
            continue
        if group is not None and group.id not in apart:
            lines.append(f'{outer}state "{quoted(group.label) or " "}" as {names[group.id]} {{')
        for node in nodes:
            lines.append(inner + _declaration(node, names))
            lines += [f"{inner}{names[node.id]} : {quoted(row)}" for row in node.rows]
        if group is not None:
            lines += [inner + _edge_line(edge, names, pseudo) for edge in edges[group.id]]
    lines += [_edge_line(edge, names, pseudo) for edge in edges[None]]
    lines += [f"note right of {names[end]} : {quoted(notes[id].label)}" for end, id in about]
    spoken = {id for _, id in about}
    lines += [f'note "{quoted(note.label) or " "}" as {names[id]}' for id, note in notes.items() if id not in spoken]
    return "\n".join(lines) + "\n"


_MARKS = {"initial": "start", "final": "end", "bar": "fork", "decision": "choice"}


def _declaration(node: Node, names: Names) -> str:
    mark = _MARKS.get(node.shape)
    if mark and not node.label:
        return f"state {names[node.id]} <<{mark}>>"
    text = f'state "{quoted(node.label) or " "}" as {names[node.id]}'
    if mark:
        return f"{text} <<{mark}>>" if mark != "choice" else f"{text} <<decision>>"
    return text


def _edge_line(edge: Edge, names: Names, pseudo: set[str]) -> str:
    style = {"solid": "", "dashed": "[dashed]", "dotted": "[dotted]", "thick": "[bold]"}[edge.line]
    source, target = ("[*]" if end in pseudo else names[end] for end in (edge.source, edge.target))
    if edge.head == "none" and edge.tail != "none":
        source, target = target, source
    label = f" : {quoted(edge.label)}" if edge.label else ""
    return f"{source} -{style}-> {target}{label}"
