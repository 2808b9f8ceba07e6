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


_ARROW = re.compile(r"([ox]?)(<<?|\\\\?|//?)?(-(?:\[([^\]]*)\])?-?)(>>?|\\\\?|//?)?([ox]?)")
_LINES: dict[str, Line] = {"dashed": "dashed", "dotted": "dotted", "bold": "thick"}
_NOTE_TITLE = re.compile(
    r"(?:/\s*)?([hr]?note|ref)\b(?:#\w+)?[ \t]*(across|(?:left|right|over)\b(?:[ \t]+of\b)?)?", re.IGNORECASE
)
_COLOR = re.compile(r"[ \t]*#[\w|/\\-]+")
OUTSIDE = ("outside_left", "outside_right")
"""The participants, without a label, that messages from and to the edges of the diagram have at that end."""


class SequenceReader:
    """One reading.  `calls` are the activations that are open, each with who called."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.made = Builder()
        self.calls: list[tuple[str, str]] = []
        self.box = ""

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("sequence", text, NAMES).children):
            getattr(self, "_" + str(tree.data).strip("_"))(cast("list[Token]", tree.children))
        diagram = self.made.done()
        self.losses.settle(diagram.edges)
        return diagram

    def _text(self, raw: str, element: str = "") -> str:
        label, lost = decode(raw)
        if lost:
            self.losses.add("label.markup", element, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _edge_text(self, raw: str) -> str:
        """The text of the message that comes next."""
        label, lost = decode(raw)
        if lost:
            self._of_next("label.markup", f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _of_next(self, feature: str, message: str) -> None:
        self.losses.of_edge(len(self.made.edges), feature, message)

    def _participant(self, tokens: list[Token]) -> None:
        names = [token for token in tokens if token.type in ("NAME", "STRING")]
        first, last = str(names[0]), str(names[-1])
        label, id = (first, last) if names[0].type == "STRING" or len(names) == 1 else (last, first)
        if len(names) > 1 and names[0].type == names[1].type == "NAME":
            label, id = first, last
        shape = str(tokens[0]).lower().split()[-1]
        id = id.strip('"')
        self.made.participant(
            id, self._text(label.strip('"'), id), cast(Shape, shape if shape in SHAPES else "participant")
        )
        if shape not in SHAPES:
            self.losses.add("shape", id, f"the {shape} '{id}' is read as participant")
        for token in tokens:
            if token.type == "STEREO":
                self.losses.add("stereotype", id, f"the stereotype {token} of {id} is not kept")
            elif token.type in ("COLOR", "ORDER"):
                self.losses.add("style", id, f"the colour or order {token} of {id} is not kept")
        if str(tokens[0]).lower().startswith("create"):
            self._lifeline_lost("created", id)
        if self.box:
            self.losses.add("group", id, f"the {self.box} around {id} is not kept")

    def _lifeline_lost(self, what: str, id: str) -> None:
        self.losses.add("lifeline", id, f"where {id} is {what} is not kept")

    def _end(self, part: Token | Tree[Token] | None, *, left: bool) -> str:
        if part is None or (isinstance(part, str) and part.type == "EDGE"):
            id = OUTSIDE[not left]
            self.made.participant(id, "")
            self._of_next("edge.end", "a message from or to the diagram's edge ends on a participant without a name")
            return id
        if not isinstance(part, str):  # "Long name" as short
            first, last = (cast("Token", part.children[at]) for at in (0, -1))
            id = str(last).strip('"')
            return self.made.participant(id, self._text(str(first).strip('"'), id))
        id = part.strip('"')
        return self.made.participant(id, self._text(id, id))

    def _message(self, parts: list[Token | Tree[Token]]) -> None:
        at = next(i for i, part in enumerate(parts) if isinstance(part, str) and part.type == "ARROW")
        before = parts[at - 1] if at and not _is(parts[at - 1], "PARALLEL") else None
        rest = parts[at + 1 :]
        named = ("NAME", "STRING", "EDGE")
        after = rest[0] if rest and (not isinstance(rest[0], str) or rest[0].type in named) else None
        match = cast("re.Match[str]", _ARROW.fullmatch(str(parts[at])))
        sides = [self._end(before, left=True), self._end(after, left=False)]
        heads = [self._head(match[2] or "", match[1]), self._head(match[5] or "", match[6])]
        if heads[0] != "none" and heads[1] == "none":
            sides.reverse()
            heads.reverse()
        words = (match[4] or "").lower().split(",")
        line: Line = "dashed" if match[3].count("-") == 2 else "solid"
        line = next((_LINES[word.strip()] for word in words if word.strip() in _LINES), line)
        if any(word.strip().startswith("#") for word in words):
            self._of_next("style", "the colour of the message is not kept")
        if _is(parts[0], "PARALLEL"):
            self._of_next("parallel", "that the message is sent with the one before is not kept")
        label = next((self._edge_text(str(part)[1:]) for part in rest if _is(part, "TEXT")), "")
        self.made.message(sides[0], sides[1], label, line, heads[1], heads[0])
        for part in rest:
            if _is(part, "LIFE"):
                self._life(str(part), sides)

    def _head(self, mark: str, sign: str) -> Head:
        if sign == "x":
            return "cross"
        if sign == "o":
            self._of_next("head", "the circle at an end of the message is not kept")
        if mark[:1] in ("/", "\\"):
            self._of_next("head.half", "the half arrow head of the message is read as a whole one")
        return "none" if not mark else "open_arrow" if len(mark) == 2 else "arrow"

    def _life(self, sign: str, sides: list[str]) -> None:
        if sign == "++":
            self._activate(sides[1])
        elif sign == "--":
            self._deactivate(sides[0])
        else:
            self._lifeline_lost("created" if sign == "**" else "destroyed", sides[1])

    def _activate(self, id: str) -> None:
        last = self.made.last
        self.calls.append((id, last.source if last is not None and last.target == id else id))
        self.losses.add("activation", id, f"when {id} is active is not kept")

    def _deactivate(self, id: str) -> None:
        at = next((i for i in reversed(range(len(self.calls))) if self.calls[i][0] == id), None)
        if at is not None:
            self.calls.pop(at)

    def _enter(self, tokens: list[Token]) -> None:
        word, rest = cast("re.Match[str]", re.match(r"(\w+)(.*)", str(tokens[0]), re.DOTALL)).groups()
        word = word.lower().removesuffix("2")
        if (colors := re.match(r"(?:[ \t]*#\w+)+", rest)) is not None:
            self.losses.add("style", "", f"the colours{colors.group(0)} of a frame are not kept")
            rest = rest[colors.end() :]
        rest = self._text(rest)
        if word == "group":
            title, condition = cast("re.Match[str]", re.match(r"(.*?)(?:\s*\[(.*)\])?\Z", rest, re.DOTALL)).groups()
            self.made.enter(title or word, condition or "", tokens[0].line or 0)
        else:
            self.made.enter(word, rest, tokens[0].line or 0)

    def _section(self, tokens: list[Token]) -> None:
        self.made.section(self._text(re.sub(r"(?:[ \t]*#\w+)*", "", str(tokens[0])[4:], count=1)), tokens[0].line or 0)

    def _leave(self, tokens: list[Token]) -> None:
        self.made.leave(tokens[0].line or 0)

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = raw.partition("\n" if "\n" in raw and ":" not in raw.partition("\n")[0] else ":")
        rest = re.sub(r"\n[ \t]*end[ ]?(?:[hr]?note|ref)\s*\Z", "", rest, flags=re.IGNORECASE)
        rest = "\n".join(line.strip() for line in rest.split("\n"))
        title = cast("re.Match[str]", _NOTE_TITLE.match(head))
        word, where = title[1].lower(), (title[2] or "").lower()
        listed = _COLOR.sub("", head[title.end() :])
        names = [name.strip().strip('"') for name in listed.split(",") if name.strip()]
        if where == "across":
            there = [node.id for node in self.made.nodes.values() if node.shape != "note"]
            names = list(dict.fromkeys(there[:1] + there[-1:]))
        elif not names and (last := self.made.last) is not None:
            names = [last.target]
        label, lost = decode(rest, block=True)
        id = self.made.note(label, names)
        if lost:
            self.losses.add("label.markup", id, f"markup in '{one_line(label)[:40]}' is not kept")
        if word != "note":
            self.losses.add("shape", id, f"the {word} '{one_line(rest)[:40]}' is read as a note")
        if "#" in head:
            self.losses.add("style", id, "the colour of a note is not kept")

    def _lifeline(self, tokens: list[Token]) -> None:
        word, _, rest = str(tokens[0]).partition(" ")
        id = _COLOR.sub("", rest).strip().strip('"')
        word = word.lower()
        if word in ("create", "destroy"):
            self.made.participant(id)
            self._lifeline_lost(word.removesuffix("e").removesuffix("y") + ("ed" if word == "create" else "yed"), id)
        elif word == "activate":
            self._activate(id)
        else:
            self._deactivate(id)

    def _divider(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        if not text.startswith("||"):  # which is but space
            self.losses.add("divider", "", f"the divider '{text[:40]}' is not kept")

    def _box(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        self.box = "" if text.lower().startswith("end") else text

    def _return(self, tokens: list[Token]) -> None:
        last = self.made.last
        source, target = self.calls.pop() if self.calls else (last.target, last.source) if last else ("", "")
        if source:
            self.made.message(source, target, self._edge_text(str(tokens[0])[6:]), "dashed", "arrow")


def _is(part: Token | Tree[Token], type: str) -> bool:
    return isinstance(part, str) and part.type == type


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
    for what, word, title, condition, edge in events(diagram):
        if what == "enter" and word == "group":
            lines.append(f"group {quoted(title)}{f' [{quoted(condition)}]' if condition else ''}".rstrip(" "))
        elif what == "enter":
            lines.append(f"{word} {quoted(' '.join(part for part in (title, condition) if part))}".rstrip(" "))
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
