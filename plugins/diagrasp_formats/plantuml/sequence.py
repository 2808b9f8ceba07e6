"""PlantUML sequence diagrams, read and written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Head, Line, Shape
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._sequence import Builder, events, frame_losses, notes_about
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode, quoted

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "KIND": "participant", "NAME": "a participant", "ARROW": "an arrow", "STRING": "a quoted name",
    "TEXT": ": and text", "OPERATOR": "alt", "END": "end", "_NL": "end of line", "$END": "the end", "AS": "as",
}  # fmt: skip
RESERVED = frozenset(
    {
        "participant",
        "actor",
        "boundary",
        "control",
        "entity",
        "database",
        "collections",
        "queue",
        "as",
        "note",
        "end",
        "alt",
        "opt",
        "loop",
        "par",
        "critical",
        "break",
        "group",
        "else",
        "activate",
        "deactivate",
        "destroy",
        "create",
        "return",
        "ref",
        "box",
        "title",
        "order",
        "over",
        "of",
        "left",
        "right",
        "autonumber",
    }
)
SHAPES = ("participant", "actor", "boundary", "control", "entity", "database", "collections")
FEATURES = frozenset(
    {
        "ids", "label", "title", "kind.sequence", "edge.label", "edge.kind.flow", "line.solid", "line.dashed",
        "head.arrow", "head.open_arrow", "head.cross", "edge.group", "group.frame", "group.section", "group.nested",
        *(f"shape.{shape}" for shape in SHAPES),
    }
)  # fmt: skip


class SequenceReader:
    """One reading."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.made = Builder()
        self.quoted: dict[str, str] = {}

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("sequence", text, NAMES).children):
            getattr(self, "_" + str(tree.data).strip("_"))(cast("list[Token]", tree.children))
        return self.made.done()

    def _text(self, raw: str) -> str:
        label, lost = decode(raw)
        if lost:
            self.losses.add("label.markup", "", f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _participant(self, tokens: list[Token]) -> None:
        names = [token for token in tokens if token.type in ("NAME", "STRING")]
        first, last = str(names[0]), str(names[-1])
        label, id = (first, last) if names[0].type == "STRING" or len(names) == 1 else (last, first)
        if len(names) > 1 and names[0].type == names[1].type == "NAME":
            label, id = first, last
        shape = str(tokens[0]).lower().split()[-1]
        id = id.strip('"')
        self.made.participant(
            id, self._text(label.strip('"')), cast(Shape, shape if shape in SHAPES else "participant")
        )
        if any(token.type in ("STEREO", "COLOR", "ORDER") for token in tokens):
            self.losses.add("style", id, f"the stereotype, colour or order of {id} is not kept")

    def _message(self, tokens: list[Token]) -> None:
        at = next(i for i, token in enumerate(tokens) if token.type == "ARROW")
        arrow = str(tokens[at])
        ends = [token for token in (*tokens[:at], *tokens[at + 1 :]) if token.type in ("NAME", "STRING", "EDGE")]
        left = tokens[at - 1] if at and tokens[at - 1].type != "EDGE" else None
        right = next((t for t in tokens[at + 1 :] if t.type in ("NAME", "STRING")), None)
        sides = [str(token).strip('"') if token is not None else "" for token in (left, right)]
        if not sides[0] or not sides[1]:
            outside = "outside"
            self.losses.add("edge.end", "", f"a message from or to the diagram's edge is given the end '{outside}'")
            sides = [side or outside for side in sides]
        del ends
        bare = re.sub(r"\[[^\]]*\]", "", arrow)
        line: Line = "dashed" if "--" in bare or "dashed" in arrow or "dotted" in arrow else "solid"
        reverse = bare[0] in "<\\/" and not re.search(r"[>\\/]", bare[1:].lstrip("<\\/"))
        if reverse:
            sides.reverse()
        mark = bare[: bare.index("-")] if reverse else bare[bare.rindex("-") + 1 :]
        head: Head = "none" if not mark else "open_arrow" if len(mark.strip("ox")) == 2 else "arrow"
        if "x" in mark:
            head = "cross"
        tail: Head = "arrow" if not reverse and bare[0] == "<" else "none"
        label = next((self._text(str(t)[1:]) for t in tokens if t.type == "TEXT"), "")
        self.made.message(sides[0], sides[1], label, line, head, tail)
        if any(token.type == "LIFE" for token in tokens):
            self.losses.add("activation", "", "activations are not kept")

    def _enter(self, tokens: list[Token]) -> None:
        word, _, rest = str(tokens[0]).partition(" ")
        self.made.enter(word.lower(), self._text(rest), tokens[0].line or 0)

    def _section(self, tokens: list[Token]) -> None:
        self.made.section(self._text(str(tokens[0])[4:]), tokens[0].line or 0)

    def _leave(self, tokens: list[Token]) -> None:
        self.made.leave(tokens[0].line or 0)

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = (
            raw.partition("\n") if "\n" in raw.split(":")[0] + "\n" and ":" not in raw else raw.partition(":")
        )
        rest = re.sub(r"\n[ \t]*end[ ]?(?:[hr]?note|ref)\s*\Z", "", rest, flags=re.IGNORECASE)
        about = re.search(r"\b(?:of|over)\s+(.*)", head)
        names = [name.strip().strip('"') for name in about.group(1).split(",")] if about else []
        if not names and (last := self.made.last) is not None:
            names = [last.target]
        self.made.note(self._text(rest), names)

    def _lifeline(self, tokens: list[Token]) -> None:
        self.losses.add("activation", "", "activations are not kept")

    def _divider(self, tokens: list[Token]) -> None:
        self.losses.add("divider", "", f"the divider '{one_line(str(tokens[0]))[:40]}' is not kept")

    def _box(self, tokens: list[Token]) -> None:
        self.losses.add("group", "", "boxes around participants are not kept")

    def _return(self, tokens: list[Token]) -> None:
        if (last := self.made.last) is not None:
            self.made.message(last.target, last.source, self._text(str(tokens[0])[6:]), "dashed", "arrow")


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return SequenceReader(losses).read(text)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} sequence", but=("shape.note",)))
    names = Names([node.id for node in diagram.nodes], reserved=RESERVED, prefix="p")
    notes = {node.id: node for node in diagram.nodes if node.shape in ("note", "annotation")}
    about = notes_about(diagram)
    lines = []
    for node in diagram.nodes:
        if node.id not in notes:
            kind = node.shape if node.shape in SHAPES else "participant"
            lines.append(f'{kind} "{quoted(node.label) or " "}" as {names[node.id]}')
    losses.update(frame_losses(diagram, spec.title, "group"))
    groups = {group.id for group in diagram.groups}
    for what, word, condition, edge in events(diagram):
        if what == "enter":
            lines.append(f"{word} {quoted(condition)}".rstrip(" "))
        elif what == "section":
            lines.append(f"else {quoted(condition)}".rstrip(" "))
        elif what == "leave":
            lines.append("end")
        elif edge is not None:
            note = edge.source if edge.source in about else edge.target
            if about.get(note):
                if note in notes:
                    ends = dict.fromkeys(names[about[note][at]] for at in (0, -1))
                    lines.append(f"note over {', '.join(ends)} : {quoted(notes.pop(note).label)}")
                continue
            if {edge.source, edge.target} & groups or note in about:
                losses.add("edge.to_group", edge.id, f"a message from {edge.source} to {edge.target} is left out")
                continue
            shaft = "--" if edge.line in ("dashed", "dotted") else "-"
            head = {"none": ">", "arrow": ">", "open_arrow": ">>", "cross": ">x"}.get(edge.head, ">")
            label = f" : {quoted(edge.label)}" if edge.label else ""
            lines.append(f"{names[edge.source]} {shaft}{head} {names[edge.target]}{label}")
    for node in notes.values():
        losses.add("shape.note", node.id, f"the note '{one_line(node.label)[:40]}' is left out")
    return "\n".join(lines) + "\n"
