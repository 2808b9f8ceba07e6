"""PlantUML state diagrams, read and written; also what a flow is written as that has no structure."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Group, Head, Line, Node, Shape
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode, quoted

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "STATE": "state", "NAME": "a state", "PSEUDO": "[*]", "ARROW": "an arrow", "STRING": "a quoted name", "OPEN": "{",
    "CLOSE": "}", "TEXT": ": and a text", "_NL": "end of line", "AS": "as", "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {"state", "note", "end", "as", "left", "right", "up", "down", "of", "on", "link", "hide", "show", "h"}
)
STEREOTYPES = {
    "decision": "decision",
    "choice": "decision",
    "fork": "bar",
    "join": "bar",
    "start": "initial",
    "end": "final",
}
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.state", "edge.label", "edge.kind.flow", "line.solid", "line.dashed",
        "line.dotted", "line.thick", "head.arrow", "head.none", "shape.state", "shape.initial", "shape.final",
        "shape.bar", "shape.decision", "group", "group.composite", "group.nested", "edge.to_group", "rows",
    }
)  # fmt: skip


class StateReader:
    """One reading; open composite states lie on a stack."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: dict[str, Node] = {}
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[str, Group] = {}
        self.edges: list[Edge] = []
        self.notes: list[tuple[str, str]] = []
        self.open: list[tuple[str, int]] = []

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("state", text, NAMES).children):
            getattr(self, f"_{tree.data}")(cast("list[Token]", tree.children))
        if self.open:
            id, line = self.open[-1]
            raise ParseError(f"the state '{id}' is not closed", line=line, expected=["}"])
        nodes = [
            node.replace(rows=tuple(self.rows[node.id])) if self.rows[node.id] else node
            for node in self.nodes.values()
            if node.id not in self.groups
        ]
        ids = set(self.nodes) | set(self.groups)
        for i, (about, label) in enumerate(self.notes, 1):
            id = f"note{i}"
            if id in ids:
                continue
            nodes.append(Node(id=id, label=label, shape="note"))
            if about in ids:
                self.edges.append(Edge(source=id, target=about, kind="association", line="dashed", head="none"))
        return Diagram(kind="state", nodes=tuple(nodes), edges=tuple(self.edges), groups=tuple(self.groups.values()))

    @property
    def _here(self) -> str | None:
        return self.open[-1][0] if self.open else None

    def _text(self, raw: str, element: str) -> str:
        label, lost = decode(raw)
        if lost:
            self.losses.add("label.markup", element, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _known(self, id: str) -> str:
        if id not in self.nodes and id not in self.groups:
            self.nodes[id] = Node(id=id, label=id, shape="state", group=self._here)
        return id

    def _state(self, tokens: list[Token]) -> None:
        names = [token for token in tokens if token.type in ("NAME", "STRING")]
        id, label = str(names[0]), str(names[0])
        if len(names) > 1:
            first_quoted = names[0].type == "STRING"
            label, id = (str(names[0]), str(names[1])) if first_quoted else (str(names[1]), str(names[0]))
        id, label = id.strip('"'), label.strip('"')
        shape = "state"
        for token in tokens:
            if token.type == "STEREO":
                shape = STEREOTYPES.get(str(token)[2:-2].strip().lower(), "")
                if not shape:
                    shape = "state"
                    self.losses.add("stereotype", id, f"the stereotype {token} of {id} is not kept")
            elif token.type == "COLOR":
                self.losses.add("style", id, f"the colour of {id} is not kept")
            elif token.type == "TEXT":
                self.rows[id].append(self._text(str(token)[1:], id))
        bare = shape != "state" and len(names) == 1
        text = "" if bare else self._text(label, id)
        if any(token.type == "OPEN" for token in tokens):
            before = self.nodes.pop(id, None)
            parent = before.group if before is not None else self._here
            self.groups[id] = Group(id=id, label=text, kind="composite", parent=parent)
            self.open.append((id, tokens[0].line or 0))
        elif id not in self.groups:
            old = self.nodes.get(id)
            group = old.group if old is not None and old.group is not None else self._here
            self.nodes[id] = Node(id=id, label=text, shape=cast(Shape, shape), group=group)

    def _close(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'}' without a state that it closes", line=tokens[0].line, column=tokens[0].column)
        self.open.pop()

    def _concurrent(self, tokens: list[Token]) -> None:
        what = f"the line between concurrent regions of {self._here or 'the diagram'} is not kept"
        self.losses.add("region", self._here or "", what)

    def _description(self, tokens: list[Token]) -> None:
        id = self._known(str(tokens[0]))
        self.rows[id].append(self._text(str(tokens[1])[1:], id))

    def _end(self, token: Token, *, source: bool) -> str:
        if token.type == "NAME":
            return self._known(str(token))
        if str(token) == "[*]":
            scope = self._here
            id = f"{scope or 'root'}_{'start' if source else 'end'}"
            shape: Shape = "initial" if source else "final"
        else:
            id, scope, shape = f"{self._here or 'root'}_history", self._here, "initial"
            self.losses.add("shape", id, "a history state is read as an initial one")
        if id not in self.nodes:
            self.nodes[id] = Node(id=id, shape=shape, group=scope)
        return id

    def _edge(self, tokens: list[Token]) -> None:
        arrow = str(tokens[1])
        style = " ".join(re.findall(r"\[([^\]]*)\]", arrow)).lower()
        bare = re.sub(r"\[[^\]]*\]", "", arrow)
        left, right = tokens[0], tokens[2]
        if "<" in bare and ">" not in bare:
            left, right = right, left
        head: Head = "arrow" if "<" in bare or ">" in bare else "none"
        source, target = self._end(left, source=True), self._end(right, source=False)
        line: Line = "dashed" if "dashed" in style or "." in bare else "dotted" if "dotted" in style else "solid"
        if "bold" in style:
            line = "thick"
        label = next((self._text(str(token)[1:], source) for token in tokens[3:] if token.type == "TEXT"), "")
        self.edges.append(Edge(source=source, target=target, label=label, line=line, head=head))

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = raw.partition("\n") if "\n" in raw else raw.partition(":")
        text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
        about = re.search(r"\bof\s+(\S+)", head)
        quoted_ = re.search(r'"([^"]*)"\s+as\b', head)
        if quoted_:
            text = quoted_.group(1)
        self.notes.append((about.group(1) if about else "", self._text(text, "")))


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return StateReader(losses).read(text)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} state"))
    names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED)
    nodes: dict[str | None, list[Node]] = defaultdict(list)
    groups: dict[str | None, list[Group]] = defaultdict(list)
    for node in diagram.nodes:
        nodes[node.group].append(node)
    for each in diagram.groups:
        groups[each.parent].append(each)
    lines: list[str] = []
    stack: list[tuple[Group | None, int, bool]] = [(None, 0, False)]
    while stack:
        group, depth, closing = stack.pop()
        pad = "  " * min(depth, 16)
        if closing:
            lines.append(pad + "}")
            continue
        if group is not None:
            lines.append(f'{pad}state "{quoted(group.label) or " "}" as {names[group.id]} {{')
            stack.append((group, depth, True))
            depth += 1
        key = group.id if group is not None else None
        stack.extend((child, depth, False) for child in reversed(groups[key]))
        inner = "  " * min(depth, 16)
        for node in nodes[key]:
            lines.append(inner + _declaration(node, names))
            lines += [f"{inner}{names[node.id]} : {quoted(row)}" for row in node.rows]
    lines += [_edge_line(edge, names) for edge in diagram.edges]
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


def _edge_line(edge: Edge, names: Names) -> str:
    style = {"solid": "", "dashed": "[dashed]", "dotted": "[dotted]", "thick": "[bold]"}[edge.line]
    source, target, head = edge.source, edge.target, edge.head
    if head == "none" and edge.tail != "none":
        source, target, head = target, source, edge.tail
    arrow = f"-{style}-" if head == "none" else f"-{style}->"
    label = f" : {quoted(edge.label)}" if edge.label else ""
    return f"{names[source]} {arrow} {names[target]}{label}"
