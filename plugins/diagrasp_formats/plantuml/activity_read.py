"""PlantUML activity diagram (new syntax) -> Diagram."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Edge, Group, Node, Shape
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "ACTION": "an action", "START": "start", "STOP": "stop", "IF": "if", "ENDIF": "endif", "ELSE": "else",
    "WHILE": "while", "REPEAT": "repeat", "FORK": "fork", "LANE": "a swimlane", "PAREN": "text in parentheses",
    "_NL": "end of line", "THEN": "then", "$END": "the end",
}  # fmt: skip

_Ends = list[tuple[str, str]]
"""Nodes whose way on is still open, each with the label that its next edge gets."""


@dataclass(slots=True)
class _Block:
    kind: str
    line: int
    node: str = ""
    ends: _Ends = field(default_factory=list)
    breaks: _Ends = field(default_factory=list)
    label: str = ""
    other: bool = False
    backward: str = ""
    group: str | None = None


class ActivityReader:
    """One reading; open blocks lie on a stack, open ends in `ends`."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.ends: _Ends = []
        self.blocks: list[_Block] = []
        self.lanes: dict[str, str] = {}
        self.lane: str | None = None
        self.group: str | None = None
        self.arrow = ""
        self.last = ""

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("activity", text, NAMES).children):
            tokens = cast("list[Token]", tree.children)
            getattr(self, "_" + str(tree.data).strip("_"))(tokens)
        if self.blocks:
            block = self.blocks[-1]
            ends = {
                "if": "endif",
                "switch": "endswitch",
                "while": "endwhile",
                "repeat": "repeat while",
                "fork": "end fork",
            }
            raise ParseError(f"'{block.kind}' is not closed", line=block.line, expected=[ends.get(block.kind, "}")])
        return Diagram(kind="activity", nodes=tuple(self.nodes), edges=tuple(self.edges), groups=tuple(self.groups))

    # building

    def _text(self, raw: str, element: str = "") -> str:
        label, lost = decode(raw)
        if lost:
            self.losses.add("label.markup", element, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _paren(self, tokens: list[Token], after: str = "") -> str:
        """The text in parentheses, the first or the one after a keyword."""
        found = not after
        for token in tokens:
            if token.type == "PAREN" and found:
                return self._text(str(token)[1:-1])
            found = found or token.type == after
        return ""

    def _node(self, shape: str, label: str = "") -> str:
        id = f"n{len(self.nodes) + 1}"
        self.nodes.append(Node(id=id, label=label, shape=cast(Shape, shape), group=self.group or self.lane))
        return id

    def _step(self, shape: str, label: str = "") -> str:
        """A node that all open ends lead to, and the one open end after it."""
        id = self._node(shape, label)
        self._join(self.ends, id)
        self.ends = [(id, "")]
        self.last = id
        return id

    def _join(self, ends: _Ends, target: str) -> None:
        for source, label in ends:
            text = "\n".join(part for part in (label, self.arrow) if part)
            self.edges.append(Edge(source=source, target=target, label=text))
        if ends:
            self.arrow = ""

    def _merge(self, ends: _Ends) -> _Ends:
        """Several ends meet in a diamond; one goes on as it is."""
        if len(ends) < 2:
            return ends
        self.ends = ends
        self._step("merge")
        return self.ends

    def _open(self, kind: str, token: Token, node: str = "") -> _Block:
        block = _Block(kind, token.line or 0, node)
        self.blocks.append(block)
        return block

    def _top(self, kinds: tuple[str, ...], token: Token) -> _Block:
        if not self.blocks or self.blocks[-1].kind not in kinds:
            raise ParseError(
                f"'{one_line(str(token))}' without {' or '.join(repr(kind) for kind in kinds)}",
                line=token.line,
                column=token.column,
            )
        return self.blocks[-1]

    # statements

    def _begin(self, tokens: list[Token]) -> None:
        self.ends = []
        self._step("initial")

    def _stop(self, tokens: list[Token]) -> None:
        self._step("final")
        self.ends = []

    def _drop(self, tokens: list[Token]) -> None:
        self.ends = []

    def _action(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        match = re.match(r"(?:#[^:]*)?:(.*?)([;|<>/\]}])(?:[ \t]*<<([^>\n]*)>>)?\s*\Z", raw, re.DOTALL)
        text, end = (match.group(1), match.group(2)) if match else (raw, ";")
        if raw.startswith("#"):
            self.losses.add("style", "", "the colour of an action is not kept")
        id = self._step("process", self._text(text))
        if end != ";" or (match and match.group(3)):
            self.losses.add("shape", id, f"the symbol of '{one_line(text)[:40]}' is read as process")

    def _if(self, tokens: list[Token]) -> None:
        block = self._open("if", tokens[0], self._step("decision", self._paren(tokens)))
        label = self._paren(tokens, "THEN") or self._paren(tokens, "IS") or self._paren(tokens, "EQUALS")
        self.ends = [(block.node, label)]

    def _elseif(self, tokens: list[Token]) -> None:
        block = self._top(("if",), next(t for t in tokens if t.type == "ELSEIF"))
        block.ends += self.ends
        first = self._text(str(tokens[0])[1:-1]) if tokens[0].type == "PAREN" else ""
        self.ends = [(block.node, first)]
        rest = tokens[1:] if tokens[0].type == "PAREN" else tokens
        block.node = self._step("decision", self._paren(rest))
        self.ends = [(block.node, self._paren(rest, "THEN") or self._paren(rest, "IS"))]

    def _else(self, tokens: list[Token]) -> None:
        block = self._top(("if",), tokens[0])
        block.ends += self.ends
        block.other = True
        self.ends = [(block.node, self._paren(tokens))]

    def _endif(self, tokens: list[Token]) -> None:
        block = self._top(("if",), tokens[0])
        self.blocks.pop()
        ends = block.ends + self.ends
        if not block.other:
            ends.append((block.node, ""))
        self.ends = self._merge(ends)

    def _switch(self, tokens: list[Token]) -> None:
        self._open("switch", tokens[0], self._step("decision", self._paren(tokens)))
        self.ends = []

    def _case(self, tokens: list[Token]) -> None:
        block = self._top(("switch",), tokens[0])
        block.ends += self.ends
        self.ends = [(block.node, self._paren(tokens))]

    def _endswitch(self, tokens: list[Token]) -> None:
        block = self._top(("switch",), tokens[0])
        self.blocks.pop()
        self.ends = self._merge(block.ends + self.ends)

    def _while(self, tokens: list[Token]) -> None:
        block = self._open("while", tokens[0], self._step("decision", self._paren(tokens)))
        self.ends = [(block.node, self._paren(tokens, "IS"))]

    def _endwhile(self, tokens: list[Token]) -> None:
        block = self._top(("while",), tokens[0])
        self.blocks.pop()
        if block.backward:
            self.ends = self._through(self.ends, block.backward)
        self._join(self.ends, block.node)
        self.ends = self._merge([(block.node, self._paren(tokens)), *block.breaks])

    def _through(self, ends: _Ends, node: str) -> _Ends:
        self._join(ends, node)
        return [(node, "")]

    def _repeat(self, tokens: list[Token]) -> None:
        self._open("repeat", tokens[0], self._step("merge"))
        if len(tokens) > 1:
            self._action(tokens[1:])

    def _backward(self, tokens: list[Token]) -> None:
        block = self._top(("repeat", "while"), tokens[0])
        block.backward = self._node("process", self._text(str(tokens[1])[1:-1]))

    def _repeatwhile(self, tokens: list[Token]) -> None:
        block = self._top(("repeat",), tokens[0])
        self.blocks.pop()
        test = self._step("decision", self._paren(tokens))
        back: _Ends = [(test, self._paren(tokens, "IS"))]
        if block.backward:
            back = self._through(back, block.backward)
        self._join(back, block.node)
        self.ends = self._merge([(test, self._paren(tokens, "NOT")), *block.breaks])

    def _break(self, tokens: list[Token]) -> None:
        for block in reversed(self.blocks):
            if block.kind in ("repeat", "while"):
                block.breaks += self.ends
                self.ends = []
                return
        raise ParseError("'break' outside of a loop", line=tokens[0].line, column=tokens[0].column)

    def _fork(self, tokens: list[Token]) -> None:
        block = self._open("fork", tokens[0], self._step("bar"))
        self.ends = [(block.node, "")]

    def _again(self, tokens: list[Token]) -> None:
        block = self._top(("fork",), tokens[0])
        block.ends += self.ends
        self.ends = [(block.node, "")]

    def _endfork(self, tokens: list[Token]) -> None:
        block = self._top(("fork",), tokens[0])
        self.blocks.pop()
        self.ends = block.ends + self.ends
        if self.ends:
            self._step("merge" if "merge" in str(tokens[0]).lower() else "bar")

    def _lane(self, tokens: list[Token]) -> None:
        parts = [part for part in str(tokens[0]).strip().strip("|").split("|") if not re.fullmatch(r"#\w+", part)]
        name = parts[0].strip() if parts else ""
        if name not in self.lanes:
            self.lanes[name] = f"lane{len(self.lanes) + 1}"
            self.groups.append(Group(id=self.lanes[name], label=self._text(parts[-1] if parts else ""), kind="lane"))
        self.lane = self.lanes[name]

    def _partition(self, tokens: list[Token]) -> None:
        raw = str(tokens[0]).strip()
        title = re.sub(r"^\w+\s*(?:#\w+\s*)?", "", raw).rstrip("{").strip().strip('"')
        block = self._open("partition", tokens[0])
        block.group = self.group
        id = f"group{len(self.groups) + 1}"
        self.groups.append(Group(id=id, label=self._text(title), parent=self.group))
        self.group = id

    def _close(self, tokens: list[Token]) -> None:
        block = self._top(("partition",), tokens[0])
        self.blocks.pop()
        self.group = block.group

    def _arrow(self, tokens: list[Token]) -> None:
        text = re.sub(r"^-(?:\[[^\]]*\])?->?", "", str(tokens[0])).strip().removesuffix(";")
        self.arrow = self._text(text)

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = raw.partition("\n") if "\n" in raw else raw.partition(":")
        text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
        id = self._node("note", self._text(text))
        if self.last and not head.lower().startswith("floating"):
            self.edges.append(Edge(source=id, target=self.last, kind="association", line="dashed", head="none"))

    def _connector(self, tokens: list[Token]) -> None:
        label = str(tokens[0]).rpartition("(")[2].rstrip(")")
        twin = next((n.id for n in self.nodes if n.shape == "connector" and n.label == label), None)
        if twin is None:
            self._step("connector", label)
        else:
            self._join(self.ends, twin)
            self.ends = [(twin, "")]


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return ActivityReader(losses).read(text)
