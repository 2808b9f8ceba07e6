"""Mermaid class diagrams, read and written."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Direction, Edge, Group, Head, Line, Node
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._relations import kind_of
from diagrasp_formats.mermaid._text import SPECIAL, decode, escaped, quoted
from diagrasp_formats.mermaid.flowchart_read import parse
from diagrasp_formats.mermaid.members import generic_name, shown, written

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "HEADER": "classDiagram", "CLASS": "class", "NAME": "a class", "RELATION": "a relation", "STRING": "a quoted label",
    "BODY": "{ and members", "MEMBER": ": and a label", "_NL": "end of line", "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {"class", "namespace", "note", "direction", "style", "classDef", "cssClass", "click", "link", "callback", "end"}
)
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.class", "rows", "edge.label", "edge.source_label",
        "edge.target_label", "line.solid", "line.dashed", "head.none", "head.arrow", "head.triangle", "head.diamond",
        "head.filled_diamond", "shape.class", "group", "group.subgraph",
    }
)  # fmt: skip
ENDS: dict[str, Head] = {
    "|>": "triangle",
    "*": "filled_diamond",
    "o": "diamond",
    ">": "arrow",
    "()": "circle",
    "": "none",
}
MARKS: dict[str, tuple[str, str]] = {
    "triangle": ("<|", "|>"), "filled_diamond": ("*", "*"), "diamond": ("o", "o"), "arrow": ("<", ">"),
    "open_arrow": ("<", ">"), "circle": ("()", "()"), "none": ("", ""),
}  # fmt: skip
_QUOTED = re.compile(SPECIAL.pattern + r"|~")
_LABEL = re.compile(SPECIAL.pattern + r"|[;:{}~]")


class _Reader:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.labels: dict[str, str] = {}
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.owner: dict[str, str] = {}
        self.groups: list[Group] = []
        self.open: list[tuple[str, int]] = []
        self.edges: list[Edge] = []
        self.notes: list[tuple[str, str]] = []
        self.direction: Direction | None = None

    def read(self, text: str) -> Diagram:
        for tree in cast("list[Tree[Token]]", parse("classes", text, NAMES).children[1:]):
            getattr(self, "_" + str(tree.data).strip("_"))(cast("list[Token]", tree.children))
        if self.open:
            raise ParseError(f"the namespace '{self.open[-1][0]}' is not closed", line=self.open[-1][1], expected=["}"])
        nodes = [
            Node(id=id, label=label, shape="class", rows=tuple(self.rows[id]), group=self.owner.get(id))
            for id, label in self.labels.items()
        ]
        for i, (about, text_) in enumerate(self.notes, 1):
            nodes.append(Node(id=f"note{i}", label=text_, shape="note"))
            if about in self.labels:
                link = Edge(source=f"note{i}", target=about, kind="association", line="dashed", head="none")
                self.edges.append(link)
        return Diagram(
            kind="class",
            direction=self.direction,
            nodes=tuple(nodes),
            edges=tuple(self.edges),
            groups=tuple(group for group in self.groups if group.id not in self.labels),
        )

    def _text(self, raw: str, element: str) -> str:
        label, lost = decode(raw)
        self._lost(lost, label, element)
        return label

    def _lost(self, features: set[str], label: str, element: str) -> None:
        for feature in features:
            self.losses.add(feature, element, f"markup or an icon in '{one_line(label)[:40]}' is not kept")

    def _known(self, token: Token) -> str:
        raw = str(token)
        id, label = (raw[1:-1], raw[1:-1]) if raw.startswith("`") else generic_name(raw)
        if not id:
            raise ParseError("a class without a name", line=token.line, column=token.column)
        if id not in self.labels:
            self.labels[id] = label
            if self.open:
                self.owner[id] = self.open[-1][0]
        return id

    def _class(self, tokens: list[Token]) -> None:
        id = self._known(tokens[1])
        if self.open:
            self.owner[id] = self.open[-1][0]
        for token in tokens[2:]:
            if not isinstance(token, str):
                self.labels[id] = self._text(str(token.children[0])[1:-1], id)
            elif token.type == "BODY":
                for line in str(token)[1:-1].split("\n"):
                    if line.strip():
                        self._row(id, line)
            elif token.type == "ANNOTATION":
                self.losses.add("stereotype", id, f"the stereotype {token} of {id} is not kept")
            else:
                self.losses.add("style", id, f"the class {token} of {id} is not kept")

    def _row(self, id: str, raw: str) -> None:
        if re.fullmatch(r"\s*<<[^>]*>>\s*", raw):
            self.losses.add("stereotype", id, f"the stereotype {raw.strip()} of {id} is not kept")
        else:
            row, lost, modifier = shown(raw)
            self.rows[id].append(row)
            self._lost(lost, row, id)
            if modifier:
                self.losses.add("member.modifier", id, f"that '{one_line(row)[:40]}' is {modifier} is not kept")

    def _member(self, tokens: list[Token]) -> None:
        self._row(self._known(tokens[0]), str(tokens[1])[1:])

    def _relation(self, tokens: list[Token]) -> None:
        at = next(i for i, token in enumerate(tokens) if token.type == "RELATION")
        source = self._known(tokens[0])
        target = self._known(next(token for token in tokens[at:] if token.type == "NAME"))
        near = self._text(str(tokens[1])[1:-1], source) if at == 2 else ""
        far = self._text(str(tokens[at + 1])[1:-1], target) if tokens[at + 1].type == "STRING" else ""
        left, shaft, right = cast("re.Match[str]", re.fullmatch(r"(.*?)(--|\.\.)(.*)", str(tokens[at]))).groups()
        tail = ENDS.get(left.replace("<|", "|>").replace("<", ">"), "none")
        head = ENDS.get(right, "none")
        if head == "none" and tail != "none":  # the marked end is the target
            source, target, near, far, head, tail = target, source, far, near, tail, "none"
        line: Line = "dashed" if shaft == ".." else "solid"
        label = self._text(str(tokens[-1])[1:], source) if tokens[-1].type == "MEMBER" else ""
        self.edges.append(
            Edge(
                source=source, target=target, label=label, source_label=near, target_label=far, line=line, head=head,
                tail=tail, kind=kind_of(head, line),
            )
        )  # fmt: skip

    def _annotation(self, tokens: list[Token]) -> None:
        id = self._known(tokens[1])
        self.losses.add("stereotype", id, f"the stereotype {tokens[0]} of {id} is not kept")

    def _namespace(self, tokens: list[Token]) -> None:
        match = re.match(r"namespace[ \t]+([^\s\[{]+)[ \t]*(?:\[\"([^\"]*)\"\])?", str(tokens[0]))
        id, label = (match.group(1), match.group(2)) if match else ("namespace", None)
        parent = self.open[-1][0] if self.open else None
        if all(group.id != id for group in self.groups):
            self.groups.append(Group(id=id, label=self._text(label or id, id), parent=parent))
        self.open.append((id, tokens[0].line or 0))

    def _close(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'}' without a namespace", line=tokens[0].line, column=tokens[0].column)
        self.open.pop()

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        about = re.search(r"\bfor[ \t]+(\S+)", raw.split('"')[0])
        self.notes.append((about.group(1) if about else "", self._text(raw.split('"')[1], "")))

    def _facing(self, tokens: list[Token]) -> None:
        word = str(tokens[0]).split()[1]
        self.direction = cast(Direction, "TB" if word == "TD" else word)

    def _looks(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        word, _, rest = text.partition(" ")
        if word.startswith("acc"):
            self.losses.add("accessibility", "", "the accessible title or description is not kept")
        elif word != "classDef":  # which shows by the classes that name it
            about = re.match(r'"([^"]*)"|[^\s"]+', rest)
            feature = "style" if word in ("style", "cssClass") else "link"
            for id in (about.group(1) or about.group(0)).split(",") if about else [""]:
                self.losses.add(feature, id.strip(), f"'{text[:40]}' is not kept")


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return _Reader(losses).read(text)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    but = ("edge.kind.*", "shape.note", "shape.annotation")
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} class", but=but))
    names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED)
    notes = {node.id: node for node in diagram.nodes if node.shape in ("note", "annotation")}
    lines = ["classDiagram"]
    if diagram.direction:
        lines.append(f"    direction {diagram.direction}")
    inside: dict[str | None, list[Node]] = defaultdict(list)
    for node in diagram.nodes:
        if node.id not in notes:
            inside[node.group].append(node)
    for group in diagram.groups:
        if not inside[group.id]:  # Mermaid takes no empty namespace
            losses.add("group", group.id, f"the empty package '{one_line(group.label)[:40]}' is left out")
            continue
        lines.append(f"    namespace {names[group.id]}[{quoted(group.label, special=_QUOTED)}] {{")
        for node in inside[group.id]:
            lines += ["    " + line for line in _class_lines(node, names[node.id])]
        lines.append("    }")
    for node in inside[None]:
        lines += _class_lines(node, names[node.id])
    groups = {group.id for group in diagram.groups}
    for edge in diagram.edges:
        note, about = notes.get(edge.source), edge.target
        if note is None:
            note, about = notes.get(edge.target), edge.source
        if note is not None:
            if about not in notes and about not in groups:
                lines.append(f"    note for {names[about]} {quoted(note.label, special=_QUOTED)}")
                notes = {id: other for id, other in notes.items() if id != note.id} | {note.id: note}
            continue
        if {edge.source, edge.target} & groups:
            losses.add("edge.to_group", edge.id, f"the relation {edge.id} ends on a package and is left out")
            continue
        left, right = MARKS.get(edge.tail, ("<", ">"))[0], MARKS.get(edge.head, ("<", ">"))[1]
        shaft = "--" if edge.line in ("solid", "thick") else ".."
        near = f" {quoted(edge.source_label, special=_QUOTED)}" if edge.source_label else ""
        far = f"{quoted(edge.target_label, special=_QUOTED)} " if edge.target_label else ""
        label = f" : {escaped(edge.label, special=_LABEL)}" if edge.label else ""
        lines.append(f"    {names[edge.source]}{near} {left}{shaft}{right} {far}{names[edge.target]}{label}")
    linked = {end for edge in diagram.edges for end in (edge.source, edge.target)}
    lines += [f"    note {quoted(note.label, special=_QUOTED)}" for id, note in notes.items() if id not in linked]
    return "\n".join(lines) + "\n"


def _class_lines(node: Node, name: str) -> list[str]:
    head = f"    class {name}[{quoted(node.label, special=_QUOTED)}]"
    if not node.rows:
        return [head]
    return [head + " {", *(f"        {written(row)}" for row in node.rows), "    }"]
