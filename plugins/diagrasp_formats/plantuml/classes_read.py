"""PlantUML class, object, entity, use case and component diagrams -> Diagram."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, DiagramKind, Direction, Edge, EdgeKind, Group, Line, Node, Shape
from diagrasp_formats._common import Losses, one_line
from diagrasp_formats._relations import kind_of
from diagrasp_formats.plantuml._grammar import parse
from diagrasp_formats.plantuml._text import decode, guillemets
from diagrasp_formats.plantuml.relations import ARROW, FEET, HEADS, MIRROR, told_by

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "KIND": "class", "BOX": "package", "NAME": "a name", "STRING": "a quoted name", "ARROW": "an arrow", "AS": "as",
    "BODY": "{ and members", "OPEN": "{", "CLOSE": "}", "TEXT": ": and text", "ROUND": "(a use case)",
    "ACTOR": ":an actor:", "_NL": "end of line", "$END": "the end",
}  # fmt: skip
_BOXES: dict[str, Shape] = {
    "database": "database", "storage": "database", "usecase": "usecase", "actor": "actor", "person": "actor",
    "circle": "circle", "diamond": "decision", "boundary": "boundary", "control": "control",
    "collections": "collections", "file": "document", "artifact": "document", "label": "text", "hexagon": "hexagon",
    "port": "connector", "portin": "connector", "portout": "connector",
}  # fmt: skip
_UNTOLD: dict[str, Shape] = {"usecase": "actor", "block": "circle", "er": "entity"}
"""What a name is that is used and never declared: beside components an interface, beside actors another one."""
_PARTS = re.compile(r"^[ \t]*(?:--|\.\.|==|__)[ \t]*\n", re.MULTILINE)
"""The lines that part a text over several lines."""
_PLAIN = frozenset({"rectangle", "package", "namespace", "component", "card", "agent", "node", "frame", "folder"})


class StructureReader:
    """One reading; open containers lie on a stack, those of `together` as None."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.nodes: dict[str, Node] = {}
        self.aliases: dict[str, str] = {}
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[str, Group] = {}
        self.edges: list[Edge] = []
        self.open: list[tuple[str | None, int]] = []
        self.kinds: dict[str, int] = defaultdict(int)
        self.direction: Direction | None = None
        self.last = ""
        self.interfaces: list[str] = []
        self.declared: set[str] = set()
        """What is said to be a class, an interface, ..."""

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in cast("list[Tree[Token]]", parse("classes", text, NAMES).children):
            getattr(self, "_" + str(tree.data))(cast("list[Token]", tree.children))
        if self.open:
            raise ParseError("a container is not closed", line=self.open[-1][1], expected=["}"])
        kind = self._kind()
        nodes = [node.replace(rows=tuple(self.rows[id])) for id, node in self.nodes.items() if id not in self.groups]
        if kind in _UNTOLD:
            plain = _UNTOLD[kind]
            if kind == "block" and any(node.shape in ("actor", "usecase") for node in nodes):
                plain = "actor"
            nodes = [
                node.replace(shape="circle" if node.id in self.interfaces else plain)
                if _untold(node, kind, self.declared)
                else node
                for node in nodes
            ]
        if kind != "block":
            for id in self.interfaces:
                self.losses.add("stereotype", id, f"that {id} is an interface is not kept")
        edges = [self._typed(edge, kind) for edge in self.edges]
        diagram = Diagram(
            kind=kind,
            direction=self.direction,
            nodes=tuple(nodes),
            edges=tuple(edges),
            groups=tuple(self.groups.values()),
        )
        self.losses.settle(diagram.edges)
        return diagram

    def _kind(self) -> DiagramKind:
        if self.kinds["usecase"]:
            return "usecase"
        feet = sum(edge.head in FEET or edge.tail in FEET for edge in self.edges)
        if self.kinds["class"]:
            return "er" if feet > len(self.edges) / 2 and not self.kinds["method"] else "class"
        if self.kinds["er"] or feet > len(self.edges) / 2:
            return "er"
        return "block" if self.kinds["block"] else "usecase" if self.kinds["actor"] else "class"

    def _typed(self, edge: Edge, kind: DiagramKind) -> Edge:
        """The edge with what its ends and its line mean in that kind of diagram."""
        meant: EdgeKind = "flow" if kind == "block" else "association"
        if any(self.nodes[end].shape == "note" for end in (edge.source, edge.target) if end in self.nodes):
            meant = "association"
        elif edge.head in FEET or edge.tail in FEET or kind == "er":
            meant = "relation"
        elif kind != "block" or edge.head in ("triangle", "diamond", "filled_diamond"):
            meant = kind_of(edge.head, edge.line)
        return edge.replace(kind=meant)

    # names

    def _text(self, raw: str, element: str = "") -> str:
        label, lost = decode(raw, block=True)
        if lost:
            self.losses.add("label.markup", element, f"markup in '{one_line(label)[:40]}' is not kept")
        return label

    @property
    def _here(self) -> str | None:
        return next((id for id, _ in reversed(self.open) if id is not None), None)

    def _named(self, token: Token) -> tuple[str, str, Shape]:
        """What a name stands for where it is not known yet: id, label and symbol."""
        raw = str(token)
        if token.type == "ACTOR":
            inner = raw.rstrip("/").strip(":").strip()
            return inner, self._text(inner), "actor"
        if token.type == "ROUND":
            inner = raw.rstrip("/")[1:-1].strip()
            return inner, self._text(inner), "usecase"
        if token.type in ("SQUARE", "LONG"):
            inner = raw[1:-1].strip()
            return one_line(inner), self._text(inner), "process"
        if token.type == "LOLLIPOP":
            inner = raw[2:].strip().strip('"')
            return inner, self._text(inner), "circle"
        inner = raw.strip('"') if token.type == "STRING" else raw
        if token.type == "NAME" and "::" in inner:
            inner = inner.partition("::")[0]
            self.losses.add("port", inner, f"the member in '{raw[:40]}' that a relation ends on is not kept")
        return decode(inner)[0] or " ", self._text(inner), "class"

    def _known(self, token: Token) -> str:
        if token.type == "COUPLE":
            return self._couple(token)
        id, label, shape = self._named(token)
        if (found := self.aliases.get(id)) is not None:
            return found
        if id not in self.groups:
            if shape != "class":
                self.kinds[{"circle": "class", "process": "block"}.get(shape, shape)] += 1
            self.nodes[id] = Node(id=id, label=label, shape=shape, group=self._here)
        self.aliases[id] = id
        return id

    def _couple(self, token: Token) -> str:
        """`(A, B)`: the relation between two classes, as a small circle on it."""
        first, second = (part.strip() for part in str(token)[1:-1].split(","))
        id = f"{first}_{second}"
        if id not in self.nodes:
            ends = [self.aliases.get(name, name) for name in (first, second)]
            self.nodes[id] = Node(id=id, shape="connector", group=self._here)
            self.aliases[id] = id
            for end in ends:
                if end in self.nodes:
                    self.edges.append(Edge(source=end, target=id, head="none"))
            self.losses.add(
                "edge.class", id, f"the class of the relation between {first} and {second} hangs on a point"
            )
        return id

    def _define(self, tokens: list[Token], shape: Shape) -> str:
        """A declared node: `NAME`, `NAME as ALIAS` or `ALIAS as NAME`."""
        names = [token for token in tokens if token.type in _NAMING]
        first = names[0]
        long = next((token for token in tokens if token.type in ("LONG", "SPREAD")), None)
        id, label, told = self._named(first)
        if len(names) > 1:
            alias_id, alias_label, alias_told = self._named(names[1])
            if first.type == "NAME" and names[1].type != "NAME":  # `class a as "Label"`
                label, told = alias_label, alias_told
            else:
                id = alias_id
        elif long is not None:
            label = self._text(_PARTS.sub("", str(long)[1:-1]), id)
        shape = told if told != "class" and shape in ("class", "process") else shape
        old = self.nodes.get(id)
        group = old.group if old is not None and old.group is not None else self._here
        if old is None or shape != "class" or old.shape == "class":
            self.nodes[id] = Node(id=id, label=label, shape=shape, group=group)
        self.aliases[id] = id
        if names[0].type != "NAME":
            self.aliases.setdefault(self._named(first)[0], id)
        self.last = id
        for token in tokens:
            if token.type in ("STEREO", "COLOR", "TAG"):
                feature = "stereotype" if token.type == "STEREO" else "style"
                self.losses.add(
                    feature,
                    id,
                    f"the {'stereotype' if feature == 'stereotype' else 'look'} {token} of {id} is not kept",
                )
        return id

    # statements

    def _declare(self, tokens: list[Token]) -> None:
        word = str(tokens[0]).lower()
        shape: Shape = "entity" if word == "entity" else "class"
        self.kinds["er" if word == "entity" else word if word == "interface" else "class"] += 1
        id = self._define(tokens, shape)
        self.declared.add(id)
        if word == "interface":
            self.interfaces.append(id)
        elif word not in ("class", "entity", "object", "map"):
            self.losses.add("stereotype", id, f"that {id} is an {word} is not kept")
        for token in tokens:
            if token.type == "GENERIC":
                self.nodes[id] = self.nodes[id].replace(label=self.nodes[id].label + one_line(str(token)))
            elif token.type == "PARENTS":
                for verb, names in re.findall(
                    r"(extends|implements)\s+(.*?)(?=\s+(?:extends|implements)\b|$)", str(token), re.IGNORECASE
                ):
                    self._parents(id, verb.lower(), names)
            elif token.type == "BODY":
                for line in re.sub(r"^\{|\}$", "", str(token)).split("\n"):
                    self._row(id, line)

    def _parents(self, id: str, verb: str, names: str) -> None:
        for name in re.findall(r"[\w.]+(?=\s*(?:<[^>]*>)?\s*(?:,|$))", names):
            if name not in self.aliases:
                self.nodes[name] = Node(id=name, label=name, shape="class", group=self._here)
                self.aliases[name] = name
            line: Line = "dashed" if verb == "implements" else "solid"
            self.edges.append(Edge(source=id, target=self.aliases[name], line=line, head="triangle"))

    def _row(self, id: str, raw: str) -> None:
        text = raw.strip()
        if not text:
            return
        if (bar := re.fullmatch(r"(--|\.\.|==|__)(?:[ \t]*(.*?)[ \t]*\1)?", text)) is not None:
            if bar.group(2):
                self.losses.add("rows.title", id, f"the title '{bar.group(2)[:40]}' of a part of {id} is not kept")
            return
        if re.search(r"\{(?:static|classifier|abstract)\}", text, re.IGNORECASE):
            self.losses.add("member.modifier", id, f"that '{one_line(text)[:40]}' is static or abstract is not kept")
        text = re.sub(r"\{(?:field|method|static|classifier|abstract)\}[ \t]*", "", text, flags=re.IGNORECASE)
        self.kinds["method"] += "(" in text
        self.rows[id].append(self._text(text, id))

    def _box(self, tokens: list[Token]) -> None:
        word = str(tokens[0]).lower()
        if word.endswith("/"):
            word = word[:-1]
            self.losses.add("stereotype", "", f"that a {word} is a business one is not kept")
        named = [token for token in tokens if token.type in _NAMING]
        if any(token.type == "OPEN" for token in tokens):
            self._container(word, named, tokens)
            return
        if not named:
            raise ParseError(f"a {word} without a name", line=tokens[0].line, column=tokens[0].column)
        shape = _BOXES.get(word, "process")
        self.kinds["usecase" if word == "usecase" else "actor" if shape == "actor" else "block"] += 1
        id = self._define(tokens, shape)
        if shape == "process" and word not in _PLAIN:
            self.losses.add("shape", id, f"the {word} {id} is read as process")

    def _container(self, word: str, named: list[Token], tokens: list[Token]) -> None:
        id, label = f"group{len(self.groups) + 1}", ""
        if named:
            id, label, _ = self._named(named[0])
            if len(named) > 1:
                other = self._named(named[1])
                id, label = (
                    (id, other[1]) if named[0].type == "NAME" and named[1].type == "STRING" else (other[0], label)
                )
        if word not in ("rectangle", "package", "namespace"):
            self.kinds["block"] += 1
            self.losses.add("group.kind", id, f"that '{one_line(label)[:40]}' is a {word} is not kept")
        if id in self.nodes:
            self.nodes.pop(id)
        if id not in self.groups:
            self.groups[id] = Group(id=id, label=label, parent=self._here)
            self.aliases[id] = id
            if label:
                self.aliases.setdefault(label, id)
        if any(token.type in ("STEREO", "COLOR", "TAG") for token in tokens):
            self.losses.add("style", id, f"the stereotype or colour of '{one_line(label)[:40]}' is not kept")
        self.open.append((id, tokens[0].line or 0))

    def _together(self, tokens: list[Token]) -> None:
        self.open.append((None, tokens[0].line or 0))

    def _close(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'}' without a container", line=tokens[0].line, column=tokens[0].column)
        self.open.pop()

    def _relation(self, parts: list[Token | Tree[Token]]) -> None:
        tokens = [part for part in parts if isinstance(part, str)]
        labels = {str(part.data): str(part.children[0]).strip('"') for part in parts if not isinstance(part, str)}
        ends = [token for token in tokens if token.type in (*_NAMING, "COUPLE")]
        source, target = self._known(ends[0]), self._known(ends[1])
        self.last = target
        raw = next((str(token)[1:] for token in tokens if token.type == "TEXT"), "")
        first, said, last, told = told_by(raw)
        near, far = (self._text(labels.get(side, other), source) for side, other in (("near", first), ("far", last)))
        arrow = str(next(token for token in tokens if token.type == "ARROW"))
        left, shaft, right = cast("re.Match[str]", ARROW.fullmatch(arrow)).groups()
        style = " ".join(re.findall(r"\[([^\]]*)\]", shaft)).lower()
        bare = re.sub(r"\[[^\]]*\]|[a-z]", "", shaft)
        tail = HEADS.get("".join(MIRROR.get(c, c) for c in reversed(left)), "none")
        head = HEADS.get(right, "none")
        if head == "none" and tail not in ("none", *FEET):  # the marked end is the target
            source, target, near, far, head, tail = target, source, far, near, tail, "none"
        line: Line = "solid"
        if "." in bare or "dashed" in style:
            line = "dashed"
        elif "~" in bare or "dotted" in style:
            line = "dotted"
        elif "=" in bare or "bold" in style:
            line = "thick"
        if "hidden" in style:
            self.losses.add("edge.invisible", "", f"the hidden line from {source} to {target} is not kept")
            return
        at = len(self.edges)
        if "#" in style:
            self.losses.of_edge(at, "style", "the colour of the relation is not kept")
        if "#" in (left, right):
            self.losses.of_edge(at, "head", "the square at an end of the relation is not kept")
        elif {left, right} & {"+", "@", "^"} and "^" not in (left, right):
            self.losses.of_edge(at, "head", "the sign at an end of the relation is read as a circle")
        if any(token.type in ("STEREO", "COLOR") for token in tokens):
            self.losses.of_edge(at, "style", "the stereotype or colour of the relation is not kept")
        label, lost = decode(guillemets(said))
        if lost:
            self.losses.of_edge(at, "label.markup", f"markup in '{one_line(label)[:40]}' is not kept")
        if told:
            self.losses.of_edge(at, "label.direction", f"the direction in which '{label[:40]}' is read is not kept")
        self.edges.append(
            Edge(
                source=source, target=target, label=label, source_label=near, target_label=far, line=line, head=head,
                tail=tail,
            )
        )  # fmt: skip

    def _member(self, tokens: list[Token]) -> None:
        id = self._known(tokens[0])
        self._row(id, str(tokens[1])[1:])

    def _element(self, tokens: list[Token]) -> None:
        if tokens[0].type == "COUPLE":
            raise ParseError("a pair of classes without a relation", line=tokens[0].line, expected=["an arrow"])
        _, _, shape = self._named(tokens[0])
        self.kinds[{"circle": "class", "process": "block"}.get(shape, shape)] += 1
        if len(tokens) == 1:
            self.last = self._known(tokens[0])
        else:
            self._define(tokens, shape)

    def _facing(self, tokens: list[Token]) -> None:
        self.direction = "LR" if str(tokens[0]).lower().startswith("left") else "TB"

    def _note(self, tokens: list[Token]) -> None:
        raw = str(tokens[0])
        quoted = re.match(r'note[ \t]+"([^"]*)"[ \t]+as[ \t]+(\w+)', raw, re.IGNORECASE)
        number = sum(node.shape == "note" for node in self.nodes.values()) + 1
        if quoted is not None:
            text, id, about = quoted.group(1), quoted.group(2), ""
        else:
            head, _, rest = raw.partition("\n") if "\n" in raw else raw.partition(":")
            text = re.sub(r"\n[ \t]*end[ ]?note\s*\Z", "", rest, flags=re.IGNORECASE)
            text = "\n".join(line.strip() for line in text.split("\n"))
            named = re.search(r"\bas[ \t]+(\w+)", head)
            of = re.search(r"\bof[ \t]+([^#]+?)[ \t]*(?:#\w+)?$", head.strip(), re.IGNORECASE)
            id = named.group(1) if named else f"note{number}"
            on_link = re.search(r"\bon[ \t]+link\b", head, re.IGNORECASE)
            about = of.group(1).partition("::")[0].strip('":() ') if of else "" if named or on_link else self.last
            if on_link:
                self.losses.add("note.on_link", id, "what link a note stands on is not kept")
        while id in self.nodes or id in self.groups:
            id += "_"
        self.nodes[id] = Node(id=id, label=self._text(text, id), shape="note", group=self._here)
        self.aliases[id] = id
        about = self.aliases.get(about, about)
        if about in self.nodes or about in self.groups:
            self.edges.append(Edge(source=id, target=about, line="dashed", head="none"))


def _untold(node: Node, kind: str, declared: set[str]) -> bool:
    return node.shape == "class" and not node.rows and (kind != "usecase" or node.id not in declared)


_NAMING = ("NAME", "STRING", "ACTOR", "ROUND", "SQUARE", "LOLLIPOP")


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return StructureReader(losses).read(text)
