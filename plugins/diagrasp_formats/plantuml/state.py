"""PlantUML state diagrams, read and written; also what a flow is written as that has no structure."""

from __future__ import annotations

from functools import partial

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Group, Node
from diagrasp_formats._common import Losses
from diagrasp_formats._state_read import StateReader
from diagrasp_formats._state_write import StateWriter
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


_MARKS = {"initial": "start", "final": "end", "bar": "fork", "decision": "choice"}


class _Writer(StateWriter):
    def opening(self, group: Group) -> str:
        return f'state "{quoted(group.label) or " "}" as {self.names[group.id]} {{'

    def state(self, node: Node) -> list[str]:
        name = self.names[node.id]
        return [self._declaration(node, name)] + [f"{name} : {quoted(row)}" for row in node.rows]

    def _declaration(self, node: Node, name: str) -> str:
        mark = _MARKS.get(node.shape)
        if mark and not node.label:
            return f"state {name} <<{mark}>>"
        text = f'state "{quoted(node.label) or " "}" as {name}'
        if mark:
            return f"{text} <<{mark}>>" if mark != "choice" else f"{text} <<decision>>"
        return text

    def transition(self, edge: Edge) -> str:
        style = {"solid": "", "dashed": "[dashed]", "dotted": "[dotted]", "thick": "[bold]"}[edge.line]
        source, target = self.ends(edge)
        label = f" : {quoted(edge.label)}" if edge.label else ""
        return f"{source} -{style}-> {target}{label}"


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    source = _Writer(diagram, losses, missing(diagram, FEATURES, format=f"{spec.title} state"), RESERVED)
    names, notes, about = source.names, source.notes, source.about
    lines = source.blocks("  ")
    lines += [f"note right of {names[end]} : {quoted(notes[id].label)}" for end, id in about]
    spoken = {id for _, id in about}
    lines += [f'note "{quoted(note.label) or " "}" as {names[id]}' for id, note in notes.items() if id not in spoken]
    return "\n".join(lines) + "\n"
