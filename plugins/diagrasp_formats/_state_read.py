"""State diagrams as Mermaid and PlantUML both have them: one reading of a grammar's tree.

The grammars agree on the names of rules (state, edge, description, close, concurrent, note) and of tokens.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Direction, Edge, Group, Head, Line, Node, Shape
from diagrasp_formats._common import Losses, one_line

if TYPE_CHECKING:
    from lark import Token, Tree

Parents = dict[str, str | None]
STEREOTYPES = {
    "decision": "decision", "choice": "decision", "fork": "bar", "join": "bar", "start": "initial", "end": "final",
}  # fmt: skip
POINTS = ("entrypoint", "exitpoint")
HISTORIES = {"history": "H", "history*": "H*"}


class StateReader:
    """One reading; open composite states lie on a stack.

    Args:
        decode: what a label shows, and whether markup was dropped.
        mermaid: whether a state's first description stands in place of its name, and the state lies where it is first
            spoken of; in PlantUML it lies where it is declared.
    """

    def __init__(self, losses: Losses, decode: Callable[[str], tuple[str, object]], *, mermaid: bool = False) -> None:
        self.losses = losses
        self.decode = decode
        self.mermaid = mermaid
        self.direction: Direction | None = None
        self.nodes: dict[str, Node] = {}
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[str, Group] = {}
        self.edges: list[Edge] = []
        self.notes: list[tuple[str, str]] = []
        self.open: list[tuple[str, int]] = []
        self.regions: set[str] = set()
        self.historic: list[tuple[str, str]] = []
        """History states named from outside, with the composites whose history they are."""

    def read(self, tree: Tree[Token]) -> Diagram:
        """Raises ParseError."""
        for statement in cast("list[Tree[Token]]", tree.children):
            getattr(self, f"_{statement.data}")(cast("list[Token]", statement.children))
        if self.open:
            id, line = self.open[-1]
            raise ParseError(f"the state '{id}' is not closed", line=line, expected=["}"])
        for id, owner in self.historic:
            if owner not in self.groups:
                self.nodes[id] = self.nodes[id].replace(group=None)
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
        diagram = Diagram(
            kind="state",
            direction=self.direction,
            nodes=tuple(nodes),
            edges=tuple(self.edges),
            groups=tuple(self.groups.values()),
        )
        self.losses.settle(diagram.edges)
        return diagram

    @property
    def _here(self) -> str | None:
        return self.open[-1][0] if self.open else None

    def _text(self, raw: str, element: str) -> str:
        label, lost = self.decode(raw)
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
                shape = self._stereotype(token, id)
                label = HISTORIES.get(str(token)[2:-2].strip().lower(), label)
            elif token.type == "COLOR":
                self.losses.add("style", id, f"the colour of {id} is not kept")
            elif token.type == "TEXT":
                self.rows[id].append(self._text(str(token)[1:], id))
        bare = shape not in ("state", "circle") and len(names) == 1
        text = "" if bare else self._text(label, id)
        if any(token.type == "OPEN" for token in tokens):
            before = self.nodes.pop(id, None)
            parent = before.group if before is not None and self.mermaid else self._here
            self.groups[id] = Group(id=id, label=text, kind="composite", parent=parent)
            self.open.append((id, tokens[0].line or 0))
        elif id not in self.groups:
            old = self.nodes.get(id)
            group = old.group if old is not None and old.group is not None and self.mermaid else self._here
            self.nodes[id] = Node(id=id, label=text, shape=cast(Shape, shape), group=group)

    def _stereotype(self, token: Token, id: str) -> str:
        """The symbol that a stereotype stands for."""
        word = str(token)[2:-2].strip().lower()
        if word in STEREOTYPES:
            return STEREOTYPES[word]
        if word in HISTORIES:
            self.losses.add("shape", id, "a history state is read as a circle with its letter")
            return "circle"
        self.losses.add("stereotype", id, f"the stereotype {token} of {id} is not kept")
        return "circle" if word in POINTS else "state"

    def _facing(self, tokens: list[Token]) -> None:
        word = str(tokens[0]).split()[1]
        if self.open:
            self.losses.add(
                "group.direction", self.open[-1][0], f"the direction inside '{self.open[-1][0]}' is not kept"
            )
        else:
            self.direction = cast(Direction, "TB" if word == "TD" else word)

    def _looks(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        word, _, rest = text.partition(" ")
        if word.startswith("acc"):
            self.losses.add("accessibility", "", "the accessible title or description is not kept")
        elif word in ("class", "style", "click"):
            for id in rest.partition(" ")[0].split(",") if word != "class" else rest.rpartition(" ")[0].split(","):
                self.losses.add("link" if word == "click" else "style", id.strip(), f"'{text[:40]}' is not kept")
        elif word != "classDef":  # which shows by the states that name it
            self.losses.add("style", "", f"'{text[:40]}' is not kept")

    def _close(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'}' without a state that it closes", line=tokens[0].line, column=tokens[0].column)
        if self.open.pop()[0] in self.regions:
            self.open.pop()

    def _concurrent(self, tokens: list[Token]) -> None:
        """A line between regions: each is a composite without a name; what was said before is in the first."""
        line = tokens[0].line or 0
        if self._here is None:
            self.losses.add("region", "", "the line between concurrent regions of the diagram is not kept")
            return
        if self._here in self.regions:
            self.open.pop()
            owner = self._here
        else:
            owner = self._here
            first = self._region(owner)
            for id, node in self.nodes.items():
                if node.group == owner:
                    self.nodes[id] = node.replace(group=first)
            for id, group in self.groups.items():
                if group.parent == owner and id != first:
                    self.groups[id] = group.replace(parent=first)
        self.open.append((self._region(owner), line))

    def _region(self, owner: str) -> str:
        number = 1
        while (id := f"{owner}_region{number}") in self.groups or id in self.nodes:
            number += 1
        self.groups[id] = Group(id=id, kind="composite", parent=owner)
        self.regions.add(id)
        return id

    def _description(self, tokens: list[Token]) -> None:
        id = self._known(str(tokens[0]))
        text = self._text(str(tokens[1])[1:], id)
        if self.mermaid and id in self.nodes and self.nodes[id].label == id:
            self.nodes[id] = self.nodes[id].replace(label=text)
        elif self.mermaid and id in self.groups and self.groups[id].label == id:
            self.groups[id] = self.groups[id].replace(label=text)
        else:
            self.rows[id].append(text)

    def _end(self, token: Token, *, source: bool) -> str:
        if token.type == "NAME":
            return self._known(str(token))
        if str(token) == "[*]":
            scope, label = self._here, ""
            id = f"{scope or 'root'}_{'start' if source else 'end'}"
            shape: Shape = "initial" if source else "final"
        else:
            owner, _, letter = str(token).partition("[")
            scope, label, shape = owner or self._here, letter.rstrip("]"), "circle"
            id = f"{scope or 'root'}_{'deep_' if '*' in letter else ''}history"
            self.losses.add("shape", id, "a history state is read as a circle with its letter")
            if owner:
                self.historic.append((id, owner))
        if id not in self.nodes:
            self.nodes[id] = Node(id=id, label=label, shape=shape, group=scope)
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
        for token in tokens[3:]:
            if token.type == "STEREO" and target in self.nodes:
                node = self.nodes[target]
                self.nodes[target] = node.replace(shape=self._stereotype(token, target))
        raw = next((str(token)[1:] for token in tokens[3:] if token.type == "TEXT"), "")
        label, lost = self.decode(raw)
        at = len(self.edges)
        if lost:
            self.losses.of_edge(at, "label.markup", f"markup in '{one_line(label)[:40]}' is not kept")
        if "#" in style:
            self.losses.of_edge(at, "style", "the colour of the transition is not kept")
        if "hidden" in style:
            self.losses.add("edge.invisible", "", f"the hidden line from {source} to {target} is not kept")
            return
        self.edges.append(Edge(source=source, target=target, label=label, line=line, head=head))

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        head, _, rest = raw.partition("\n") if "\n" in raw else raw.partition(":")
        text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
        about = re.search(r"\bof\s+(\S+)", head)
        quoted_ = re.search(r'"([^"]*)"\s+as\b', raw)
        if quoted_:
            text = quoted_.group(1)
        elif re.search(r"\bon\s+link\b", head, re.IGNORECASE):
            id = f"note{len(self.notes) + 1}"
            self.losses.add("note.on_link", id, "what transition a note stands on is not kept")
        self.notes.append((about.group(1) if about else "", self._text(text, "")))
