"""PlantUML activity diagram in its old syntax, `(*) --> "First"` -> Diagram."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Edge, Group, Node, Shape
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "STRING": 'an activity in quotes', "NAME": "an activity's name", "POINT": "(*)", "BAR": "===a bar===",
    "ARROW": "-->", "IF": "if", "THEN": "then", "ELSE": "else", "ENDIF": "endif", "LABEL": "[a label]",
    "PARTITION": "partition", "CLOSE": "}", "AS": "as", "_NL": "end of line", "$END": "the end",
}  # fmt: skip


class OldActivityReader:
    """One reading.  An arrow without a source begins at the activity last spoken of, or at the open `if`."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.names: dict[str, str] = {}
        self.tests: list[tuple[str, int]] = []
        self.open: list[tuple[str, int]] = []
        self.last = ""

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("activity_old", text, NAMES).children):
            getattr(self, "_" + str(tree.data).strip("_"))(tree.children)
        if self.tests:
            raise ParseError("'if' is not closed", line=self.tests[-1][1], expected=["endif"])
        if self.open:
            raise ParseError("the partition is not closed", line=self.open[-1][1], expected=["}"])
        return Diagram(kind="activity", nodes=tuple(self.nodes), edges=tuple(self.edges), groups=tuple(self.groups))

    def _text(self, raw: str, element: str = "") -> str:
        label, lost = decode(raw)
        if lost:
            self.losses.add("label.markup", element, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _node(self, shape: Shape, label: str = "") -> str:
        id = f"n{len(self.nodes) + 1}"
        group = self.open[-1][0] if self.open else None
        self.nodes.append(Node(id=id, label=label, shape=shape, group=group))
        return id

    def _place(self, token: Token, alias: str, *, goal: bool) -> str:
        """The node that a token names, made where it is new."""
        raw = str(token)
        shape: Shape = "process"
        label = ""
        if token.type == "POINT":
            key, shape = f"{raw} {goal}", "final" if goal else "initial"
        elif token.type == "BAR":
            key, shape = "=" + raw.strip("= \t"), "bar"
        elif token.type == "NAME":
            if raw not in self.names:
                raise ParseError(
                    f"there is no activity '{raw}'",
                    line=token.line,
                    column=token.column,
                    expected=["its name in quotes"],
                )
            key = raw
        else:
            label = self._text(raw.strip('"'))
            key = f'"{label}'
        if key not in self.names:
            self.names[key] = self._node(shape, label)
        if alias:
            self.names[alias] = self.names[key]
        return self.names[key]

    def _link(self, parts: list[Token | Tree[Token]]) -> None:
        at = next((i for i, part in enumerate(parts) if isinstance(part, str) and part.type == "ARROW"), len(parts))
        before, after = cast("list[Token]", parts[:at]), parts[at + 1 :]
        source = self.last
        if before:
            alias = str(before[2]) if len(before) > 2 else ""
            source = self._place(before[0], alias, goal=False)
        if at == len(parts):
            self.last = source
            return
        arrow = cast("Token", parts[at])
        if not source:
            raise ParseError("an arrow from nowhere", line=arrow.line, column=arrow.column, expected=["(*)"])
        label = ""
        for part in cast("list[Tree[Token]]", after):
            if part.data == "label":
                label = self._text(str(part.children[0])[1:-1])
            elif part.data == "test":
                self._open_test(part.children, source, label)
            else:
                tokens = cast("list[Token]", part.children)
                alias = next((str(t) for t, left in zip(tokens[1:], tokens, strict=False) if left.type == "AS"), "")
                self.last = self._place(tokens[0], alias, goal=True)
                self.edges.append(Edge(source=source, target=self.last, label=label))
                if any(token.type in ("STEREO", "COLOR") for token in tokens):
                    self.losses.add("style", self.last, f"the stereotype or colour of {tokens[0]} is not kept")
        if "[#" in arrow:
            self.losses.add("style", "", "the colour of an arrow is not kept")

    def _if(self, parts: list[Token | Tree[Token]]) -> None:
        if not self.last:
            token = cast("Token", parts[0])
            raise ParseError("'if' without an activity before it", line=token.line, column=token.column)
        self._open_test(parts, self.last, "")

    def _open_test(self, parts: list[Token | Tree[Token]], source: str, label: str) -> None:
        tokens = [part for part in parts if isinstance(part, str)]
        text = next((str(token).strip('"') for token in tokens if token.type == "STRING"), "")
        test = self._node("decision", self._text(text))
        self.edges.append(Edge(source=source, target=test, label=label))
        alias = next((str(token) for token in tokens if token.type == "NAME"), "")
        if alias:
            self.names[alias] = test
        self.tests.append((test, tokens[0].line or 0))
        self.last = test
        self._unsaid(parts)

    def _unsaid(self, parts: list[Token | Tree[Token]]) -> None:
        for part in parts:
            if not isinstance(part, str):
                self.losses.add("edge.label", "", f"'{part.children[0]}' beside then or else is not kept")

    def _else(self, parts: list[Token | Tree[Token]]) -> None:
        token = cast("Token", parts[0])
        if not self.tests:
            raise ParseError("'else' without 'if'", line=token.line, column=token.column)
        self.last = self.tests[-1][0]
        self._unsaid(parts)

    def _endif(self, tokens: list[Token]) -> None:
        if not self.tests:
            raise ParseError("'endif' without 'if'", line=tokens[0].line, column=tokens[0].column)
        self.tests.pop()

    def _partition(self, tokens: list[Token]) -> None:
        title = re.sub(r"^\w+\s*(?:#\w+\s*)?", "", str(tokens[0]).strip()).rstrip("{").strip()
        title = re.sub(r"\s+#\w+$", "", title).strip('"')
        id = f"group{len(self.groups) + 1}"
        parent = self.open[-1][0] if self.open else None
        self.groups.append(Group(id=id, label=self._text(title, id), parent=parent))
        self.open.append((id, tokens[0].line or 0))

    def _close(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'}' without a partition", line=tokens[0].line, column=tokens[0].column)
        self.open.pop()

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        rest = raw.partition("\n")[2] if "\n" in raw else raw.partition(":")[2]
        text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
        id = self._node("note", self._text("\n".join(line.strip() for line in text.split("\n"))))
        if self.last:
            self.edges.append(Edge(source=id, target=self.last, kind="association", line="dashed", head="none"))


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return OldActivityReader(losses).read(text)
