"""Mermaid state diagrams, read and written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Group, Node
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats._state_read import StateReader
from diagrasp_formats._state_write import StateWriter
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


class _Writer(StateWriter):
    def opening(self, group: Group) -> str:
        return f"state {quoted(group.label)} as {self.names[group.id]} {{"

    def state(self, node: Node) -> list[str]:
        mark = {"bar": "fork", "decision": "choice"}.get(node.shape)
        if mark and not node.label:
            return [f"state {self.names[node.id]} <<{mark}>>"]
        if mark or node.shape in ("initial", "final"):
            what = f"the {node.shape} '{one_line(node.label)[:40]}' is written as a plain state"
            self.losses.add(f"shape.{node.shape}", node.id, what)
        return [f"state {quoted(node.label)} as {self.names[node.id]}"]

    def transition(self, edge: Edge) -> str:
        source, target = self.ends(edge)
        label = f" : {escaped(edge.label, special=_LABEL)}" if edge.label else ""
        return f"{source} --> {target}{label}"


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    source = _Writer(diagram, losses, missing(diagram, FEATURES, format=f"{spec.title} state"), RESERVED)
    names, notes, about = source.names, source.notes, source.about
    lines = ["stateDiagram-v2"]
    if diagram.direction:
        lines.append(f"    direction {diagram.direction}")
    lines += source.blocks("    ", 1)
    lines += [f"    note right of {names[end]} : {escaped(notes[id].label, special=_LABEL)}" for end, id in about]
    for id in notes.keys() - {id for _, id in about}:
        losses.add("shape.note", id, f"the note '{one_line(notes[id].label)[:40]}' is about nothing and is left out")
    return "\n".join(lines) + "\n"
