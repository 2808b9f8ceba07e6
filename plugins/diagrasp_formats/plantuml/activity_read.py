"""PlantUML activity diagram (new syntax) -> Diagram."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Edge, Group, Line, Node, Shape
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode

if TYPE_CHECKING:
    from lark import Token, Tree

_ACTION = re.compile(r"(?:#([^:]*))?:(.*?)([;|<>/\]}\\])(?:[ \t]*<<([^>\n]*)>>)?\s*\Z", re.DOTALL)
_SDL = {
    "|": "procedure", "<": "input", ">": "output", "/": "load", "\\": "save", "]": "task", "}": "continuous",
}  # fmt: skip
"""The signs of SDL's symbols at an action's end, by the stereotypes that say the same today."""
_SYMBOLS = {
    "procedure": ("subprocess", True), "task": ("process", True), "load": ("data", True), "save": ("data", False),
    "input": ("process", False), "output": ("process", False), "continuous": ("process", False),
}  # fmt: skip
"""SDL's symbols, and whether ours is the same."""
_PARTITION = re.compile(
    r'(\w+)\s*(#\w+)?\s*(?:"([^"]*)"|([^"{]*?))\s*(?:<<[^>]*>>\s*)?(#[\w/\\|-]+)?\s*\{?\Z', re.DOTALL
)
_THEN = ("THEN", "IS", "EQUALS")
_STYLES: dict[str, Line] = {"dashed": "dashed", "dotted": "dotted", "bold": "thick"}

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
        self.line: Line = "solid"
        self.told: list[tuple[str, str]] = []
        """What of the arrow that was last spoken of is not kept."""
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
        diagram = Diagram(kind="activity", nodes=tuple(self.nodes), edges=tuple(self.edges), groups=tuple(self.groups))
        self.losses.settle(diagram.edges)
        return diagram

    # building

    def _text(self, raw: str, element: str | None = None) -> str:
        """What a text shows; it is that of the node to come unless told."""
        label, lost = decode(raw, block=True)
        if lost:
            about = f"n{len(self.nodes) + 1}" if element is None else element
            self.losses.add("label.markup", about, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    def _paren(self, tokens: list[Token], after: str = "", *, about: str | None = None) -> str:
        """The text in parentheses, the first or the one after a keyword; markup in it is told of a node."""
        found = not after
        for token in tokens:
            if token.type == "PAREN" and found:
                return self._text(str(token)[1:-1], about)
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
            for feature, message in self.told:
                self.losses.of_edge(len(self.edges), feature, message)
            self.edges.append(Edge(source=source, target=target, label=text, line=self.line))
        if ends:
            self.arrow, self.line, self.told = "", "solid", []

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
        id = self._step("final")
        if str(tokens[0]).lower() == "end":
            self.losses.add("shape", id, "the crossed circle of 'end' is read as a final one")
        self.ends = []

    def _drop(self, tokens: list[Token]) -> None:
        if str(tokens[0]).lower() == "kill" and self.last:
            self.losses.add("shape", self.last, "the cross at which the flow ends is not kept")
        self.ends = []

    def _action(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        match = _ACTION.match(raw)
        color, text, end, said = match.groups() if match else ("", raw, ";", "")
        word = (said or _SDL.get(end, "")).strip().lower()
        shape, exact = _SYMBOLS.get(word, ("process", not word))
        id = self._step(shape, self._text(text))
        if color:
            self.losses.add("style", id, f"the colour of '{one_line(text)[:40]}' is not kept")
        if not exact:
            what = "stereotype" if word not in _SYMBOLS else "shape"
            self.losses.add(what, id, f"the symbol ({word}) of '{one_line(text)[:40]}' is read as {shape}")

    def _if(self, tokens: list[Token]) -> None:
        block = self._open("if", tokens[0], self._step("decision", self._paren(tokens)))
        label = self._then(tokens, block.node)
        self.ends = [(block.node, label)]

    def _elseif(self, tokens: list[Token]) -> None:
        block = self._top(("if",), next(t for t in tokens if t.type == "ELSEIF"))
        block.ends += self.ends
        first = self._text(str(tokens[0])[1:-1]) if tokens[0].type == "PAREN" else ""
        self.ends = [(block.node, first)]
        rest = tokens[1:] if tokens[0].type == "PAREN" else tokens
        block.node = self._step("decision", self._paren(rest))
        self.ends = [(block.node, self._then(rest, block.node))]

    def _then(self, tokens: list[Token], node: str) -> str:
        """What the first way out of a question is labelled with."""
        return next((text for word in _THEN if (text := self._paren(tokens, word, about=node))), "")

    def _else(self, tokens: list[Token]) -> None:
        block = self._top(("if",), tokens[0])
        block.ends += self.ends
        block.other = True
        self.ends = [(block.node, self._paren(tokens, about=block.node))]

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
        self.ends = [(block.node, self._paren(tokens, about=block.node))]

    def _endswitch(self, tokens: list[Token]) -> None:
        block = self._top(("switch",), tokens[0])
        self.blocks.pop()
        self.ends = self._merge(block.ends + self.ends)

    def _while(self, tokens: list[Token]) -> None:
        block = self._open("while", tokens[0], self._step("decision", self._paren(tokens)))
        self.ends = [(block.node, self._paren(tokens, "IS", about=block.node))]

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
        block = self._open("repeat", tokens[0])
        if len(tokens) > 1:  # drawn without a diamond: the way back leads to the action
            self._action(tokens[1:])
            block.node = self.last
        else:
            block.node = self._step("merge")

    def _backward(self, tokens: list[Token]) -> None:
        block = self._top(("repeat", "while"), tokens[0])
        block.backward = self._node("process", self._text(str(tokens[1])[1:-1]))

    def _repeatwhile(self, tokens: list[Token]) -> None:
        block = self._top(("repeat",), tokens[0])
        self.blocks.pop()
        test = self._step("decision", self._paren(tokens))
        back: _Ends = [(test, self._paren(tokens, "IS", about=block.node))]
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
        if str(tokens[0]).lower() == "split":
            self.losses.add("shape", block.node, "the line of 'split' is read as a bar")
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
        pieces = str(tokens[0]).strip().strip("|").split("|")
        parts = [part for part in pieces if not re.fullmatch(r"#\w+", part)]
        name = parts[0].strip() if parts else ""
        if name not in self.lanes:
            self.lanes[name] = f"lane{len(self.lanes) + 1}"
            label = self._text(parts[-1] if parts else "", self.lanes[name])
            self.groups.append(Group(id=self.lanes[name], label=label, kind="lane"))
        self.lane = self.lanes[name]
        if len(parts) < len(pieces):
            self.losses.add("style", self.lane, "the colour of a lane is not kept")

    def _partition(self, tokens: list[Token]) -> None:
        match = _PARTITION.match(str(tokens[0]).strip())
        if match is None:
            raise ParseError("a partition that is not understood", line=tokens[0].line, expected=["its name and {"])
        word, before, quoted_, plain, after = match.groups()
        block = self._open("partition", tokens[0])
        block.group = self.group
        id = f"group{len(self.groups) + 1}"
        label = self._text(quoted_ if quoted_ is not None else plain or "", id)
        self.groups.append(Group(id=id, label=label, parent=self.group))
        self.group = id
        if before or after:
            self.losses.add("style", id, f"the colour of '{one_line(label)[:40]}' is not kept")
        if word.lower() not in ("partition", "group"):
            self.losses.add("group.kind", id, f"that '{one_line(label)[:40]}' is a {word.lower()} is not kept")

    def _close(self, tokens: list[Token]) -> None:
        block = self._top(("partition",), tokens[0])
        self.blocks.pop()
        self.group = block.group

    def _arrow(self, tokens: list[Token]) -> None:
        style, text = cast("re.Match[str]", re.match(r"-(?:\[([^\]]*)\])?-?>(.*)", str(tokens[0]), re.DOTALL)).groups()
        words = [word.strip().lower() for word in (style or "").split(",") if word.strip()]
        label, lost = decode(text.strip().removesuffix(";"), block=True)
        self.arrow = label
        self.line = next((_STYLES[word] for word in words if word in _STYLES), "solid")
        self.told = [("label.markup", f"markup in '{one_line(label)[:40]}' is not kept")] if lost else []
        if any(word not in _STYLES for word in words):
            self.told.append(("style", f"the style '{style}' of the arrow is not kept"))

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = raw.partition("\n") if "\n" in raw else raw.partition(":")
        text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
        id = self._node("note", self._text("\n".join(line.strip() for line in text.split("\n"))))
        if "#" in head:
            self.losses.add("style", id, "the colour of a note is not kept")
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
