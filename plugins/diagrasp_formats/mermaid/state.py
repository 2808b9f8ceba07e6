"""Mermaid state diagrams, read and written."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._nesting import nesting
from diagrasp_formats._state import StateReader, edge_scope, notes_of, pseudo_states, regions
from diagrasp_formats.mermaid._text import SPECIAL, decode, escaped, quoted
from diagrasp_formats.mermaid.flowchart_read import parse

if TYPE_CHECKING:
    from lark import Token

NAMES = {
    "HEADER": "stateDiagram-v2", "STATE": "state", "NAME": "a state", "PSEUDO": "[*]", "ARROW": "-->",
    "STRING": "a quoted name", "OPEN": "{", "CLOSE": "}", "TEXT": ": and a text", "_NL": "end of line",
    "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {"state", "note", "end", "as", "class", "classDef", "direction", "style", "hide", "scale", "click", "left", "right"}
)
SHAPES = ("state", "initial", "final", "bar", "decision")
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.state", "edge.label", "edge.kind.flow", "line.solid", "head.arrow",
        "group", "group.composite", "group.nested", "edge.to_group", *(f"shape.{shape}" for shape in SHAPES),
    }
)  # fmt: skip
_LABEL = re.compile(SPECIAL.pattern + r"|[:;{}]|-(?=-)")


class _Reader(StateReader):
    def _classed(self, tokens: list[Token]) -> None:
        id = self._known(str(tokens[0]))
        self.losses.add("style", id, f"the class of {id} is not kept")

    def _end(self, token: Token, *, source: bool) -> str:
        if not isinstance(token, str):  # a state with a class
            self._classed(token.children)
            token = token.children[0]
        return super()._end(token, source=source)

    def _description(self, tokens: list[Token]) -> None:
        if len(tokens) > 1:
            super()._description(tokens)
        else:
            self._known(str(tokens[0]))


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    tree = parse("state", text, NAMES)
    tree.children = tree.children[1:]
    return _Reader(losses, decode, mermaid=True).read(tree)


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
    lines = ["stateDiagram-v2"]
    if diagram.direction:
        lines.append(f"    direction {diagram.direction}")
    hidden = pseudo | notes.keys()
    for group, nodes, outer, inner, closing in nesting(diagram, "    ", 1, without=hidden, level=apart):
        if closing:
            if group is None or group.id not in apart:
                lines.append(outer + "}")
            elif last[group.parent] != group.id:
                lines.append(outer + "--")
            continue
        if group is not None and group.id not in apart:
            lines.append(f"{outer}state {quoted(group.label)} as {names[group.id]} {{")
        lines += [inner + _declaration(node, names[node.id], losses) for node in nodes]
        if group is not None:
            lines += [inner + _edge(edge, names, pseudo) for edge in edges[group.id]]
    lines += ["    " + _edge(edge, names, pseudo) for edge in edges[None]]
    lines += [f"    note right of {names[end]} : {escaped(notes[id].label, special=_LABEL)}" for end, id in about]
    for id in notes.keys() - {id for _, id in about}:
        losses.add("shape.note", id, f"the note '{one_line(notes[id].label)[:40]}' is about nothing and is left out")
    return "\n".join(lines) + "\n"


def _edge(edge: Edge, names: Names, pseudo: set[str]) -> str:
    source, target = ("[*]" if end in pseudo else names[end] for end in (edge.source, edge.target))
    if edge.head == "none" and edge.tail != "none":
        source, target = target, source
    label = f" : {escaped(edge.label, special=_LABEL)}" if edge.label else ""
    return f"{source} --> {target}{label}"


def _declaration(node: Node, name: str, losses: Losses) -> str:
    mark = {"bar": "fork", "decision": "choice"}.get(node.shape)
    if mark and not node.label:
        return f"state {name} <<{mark}>>"
    if mark or node.shape in ("initial", "final"):
        what = f"the {node.shape} '{one_line(node.label)[:40]}' is written as a plain state"
        losses.add(f"shape.{node.shape}", node.id, what)
    return f"state {quoted(node.label)} as {name}"
