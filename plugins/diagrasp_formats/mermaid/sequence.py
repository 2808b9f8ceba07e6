"""Mermaid sequence diagrams, read and written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Head, Line, Shape
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._sequence import Builder, events, frame_losses, notes_about
from diagrasp_formats.mermaid._text import SPECIAL, decode, escaped
from diagrasp_formats.mermaid.flowchart_read import parse

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "HEADER": "sequenceDiagram", "KIND": "participant", "NAME": "a participant", "ARROW": "an arrow", "END": "end",
    "TEXT": ": and a message", "OPERATOR": "alt", "_NL": "end of line", "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {
        "participant", "actor", "as", "loop", "alt", "opt", "par", "par_over", "critical", "break", "rect", "box",
        "end", "else", "and", "option", "note", "over", "left", "right", "activate", "deactivate", "create", "destroy",
        "title",
        "autonumber", "link", "links", "properties", "details", "of", "acctitle", "accdescr",
    }
)  # fmt: skip
TYPES = ("boundary", "control", "entity", "database", "collections")
FEATURES = frozenset(
    {
        "ids", "label", "title", "kind.sequence", "edge.label", "edge.kind.flow", "line.solid", "line.dashed",
        "head.arrow", "head.open_arrow", "head.cross", "edge.group", "group.frame", "group.section", "group.nested",
        "shape.participant",
        "shape.actor", *(f"shape.{shape}" for shape in TYPES),
    }
)  # fmt: skip
_LABEL = re.compile(SPECIAL.pattern + r"|[;:{}@]|-(?=-)|\+")
# One head of a sequence arrow in Mermaid is a filled triangle (`->>`), one a half-open arc (`-)`), one a cross.
_HEADS = {">>": "arrow", ">": "none", "x": "cross", ")": "open_arrow"}
_WRAP = re.compile(r"^[ \t]*(?:no)?wrap:")
_ENDS = {"arrow": ">>", "none": ">", "cross": "x", "open_arrow": ")"}
_SECTIONS = {"par": "and", "critical": "option"}


class _Reader:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.made = Builder()
        self.frames: list[bool] = []
        """For each open block whether it is a frame; else it is a background or a box."""
        self.box = ""

    def read(self, text: str) -> Diagram:
        for tree in cast("list[Tree[Token]]", parse("sequence", text, NAMES).children[1:]):
            getattr(self, f"_{tree.data}")(cast("list[Token]", tree.children))
        return self.made.done()

    def _text(self, raw: str) -> str:
        label, lost = decode(raw)
        for feature in lost:
            self.losses.add(feature, "", f"markup or an icon in '{one_line(label)[:40]}' is not kept")
        return label

    def _participant(self, tokens: list[Token]) -> None:
        id = str(tokens[1]).strip()
        word = str(tokens[0]).lower()
        shape = word.split()[-1]
        label: str | None = None
        for token in tokens[2:]:
            if not isinstance(token, str):
                data = str(token.children[0])
                kind = re.search(r'"?type"?\s*:\s*"?(\w+)', data)
                alias = re.search(r'"?alias"?\s*:\s*"([^"]*)"', data)
                if kind and kind.group(1) in (*TYPES, "actor", "participant"):
                    shape = kind.group(1)
                elif kind:
                    self.losses.add("shape", id, f"the {kind.group(1)} {id} is read as participant")
                label = self._text(alias.group(1)) if alias else label
            elif token.type == "ALIAS":
                label = self._text(str(token))
        self.made.participant(id, self._text(id) if label is None else label, cast(Shape, shape))
        if word.startswith("create"):
            self.losses.add("lifeline", id, f"where {id} is created is not kept")
        if self.box:
            self.losses.add("group", id, f"the {self.box} around {id} is not kept")

    def _message(self, tokens: list[Token]) -> None:
        ends = [str(token).strip() for token in tokens if token.type == "NAME"]
        arrow = next(str(token) for token in tokens if token.type == "ARROW")
        both = arrow.startswith("<<")
        line: Line = "dashed" if "--" in arrow else "solid"
        mark = arrow.replace("<<", "").strip("-")
        if arrow[0] in "/\\":  # its head is at the left
            ends.reverse()
        head = cast(Head, _HEADS.get(mark, "arrow" if "|" in mark else "open_arrow"))
        if mark not in _HEADS:
            self.losses.add(
                "head.half", "", f"the half arrow head between {ends[0]} and {ends[1]} is read as a whole one"
            )
        if any(token.type == "CENTRE" for token in tokens):
            self.losses.add(
                "style", "", f"that a message meets the middle of a lifeline of {ends[0]} or {ends[1]} is not kept"
            )
        label = next((self._text(_WRAP.sub("", str(token)[1:])) for token in tokens if token.type == "TEXT"), "")
        self.made.message(ends[0], ends[1], label, line, head, "arrow" if both else "none")
        for life in (str(token) for token in tokens if token.type == "LIFE"):
            self._activation(ends[1] if life == "+" else ends[0])

    def _activation(self, id: str) -> None:
        self.losses.add("activation", id, f"when {id} is active is not kept")

    def _enter(self, tokens: list[Token]) -> None:
        word, _, rest = str(tokens[0]).partition(" ")
        word = word.lower()
        self.frames.append(word != "rect")
        if word == "rect":
            self.losses.add("style", "", f"the background {one_line(rest)} is not kept")
        else:
            self.made.enter(word.removesuffix("_over"), self._text(rest), tokens[0].line or 0)

    def _section(self, tokens: list[Token]) -> None:
        self.made.section(self._text(str(tokens[0]).partition(" ")[2]), tokens[0].line or 0)

    def _leave(self, tokens: list[Token]) -> None:
        if not self.frames or self.frames.pop():
            self.made.leave(tokens[0].line or 0)
        elif self.box:
            self.box = ""

    def _note(self, tokens: list[Token]) -> None:
        head, _, text = str(tokens[0]).partition(":")
        about = re.sub(r"(?i)^note\s+(?:over|(?:left|right)\s+of)", "", head)
        self.made.note(self._text(text), [name.strip() for name in about.split(",")])

    def _lifeline(self, tokens: list[Token]) -> None:
        word, _, id = one_line(str(tokens[0])).partition(" ")
        if word.lower() == "destroy":
            self.losses.add("lifeline", id, f"where {id} is destroyed is not kept")
        else:
            self._activation(id)

    def _looks(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        word, rest = cast("re.Match[str]", re.match(r"(\w+)[ :]*(.*)", text)).groups()
        if word == "title":
            self.made.title = self._text(rest)
        elif word == "autonumber":
            self.losses.add("numbering", "", "the numbers of the messages are not kept")
        elif word.startswith("acc"):
            self.losses.add("accessibility", "", "the accessible title or description is not kept")
        else:
            id = rest.partition(":")[0].strip()
            self.losses.add("link", id, f"the {word} of {id} are not kept")

    def _box(self, tokens: list[Token]) -> None:
        self.frames.append(False)
        self.box = one_line(str(tokens[0]))


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return _Reader(losses).read(text)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} sequence", but=("shape.note", "head.none")))
    names = Names([node.id for node in diagram.nodes], reserved=RESERVED, prefix="p")
    notes = {node.id: node for node in diagram.nodes if node.shape in ("note", "annotation")}
    about = notes_about(diagram)
    lines = ["sequenceDiagram"]
    for node in diagram.nodes:
        if node.id in notes:
            continue
        label = escaped(node.label, special=_LABEL)
        if node.shape in TYPES:
            lines.append(f'    participant {names[node.id]}@{{ "type": "{node.shape}" }} as {label}')
        else:
            lines.append(f"    {'actor' if node.shape == 'actor' else 'participant'} {names[node.id]} as {label}")
    losses.update(frame_losses(diagram, spec.title, "opt"))
    groups = {group.id for group in diagram.groups}
    depth = 1
    words: list[str] = []
    for what, word, title, condition, edge in events(diagram):
        if what == "enter":
            condition = " ".join(part for part in (title, condition) if part)
            words.append("opt" if word == "group" else word)
            lines.append(
                "    " * depth + f"{words[-1]} {escaped(condition, special=_LABEL) if condition else ''}".rstrip(" ")
            )
            depth += 1
        elif what == "section":
            text = f"{_SECTIONS.get(words[-1], 'else')} {escaped(condition, special=_LABEL) if condition else ''}"
            lines.append("    " * (depth - 1) + text.rstrip(" "))
        elif what == "leave":
            depth -= 1
            words.pop()
            lines.append("    " * depth + "end")
        elif edge is not None:
            note = edge.source if edge.source in about else edge.target
            if about.get(note):
                if note in notes:
                    text = escaped(notes.pop(note).label, special=_LABEL)
                    ends = dict.fromkeys(names[about[note][at]] for at in (0, -1))
                    lines.append("    " * depth + f"Note over {','.join(ends)}: {text}")
                continue
            if {edge.source, edge.target} & groups or note in about:
                losses.add("edge.to_group", edge.id, f"a message from {edge.source} to {edge.target} is left out")
                continue
            arrow = ("--" if edge.line in ("dashed", "dotted") else "-") + _ENDS.get(edge.head, ">>")
            label = escaped(edge.label, special=_LABEL)
            lines.append("    " * depth + f"{names[edge.source]}{arrow}{names[edge.target]}: {label}")
    for node in notes.values():
        losses.add("shape.note", node.id, f"the note '{one_line(node.label)[:40]}' is left out")
    return "\n".join(lines) + "\n"
