"""Mermaid flowchart -> Diagram."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, Direction, Group, GroupKind, Head, Line, Node, Shape
from diagrasp_formats._common import Losses, one_line, parse_error
from diagrasp_formats.mermaid import _shapes
from diagrasp_formats.mermaid._text import decode

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

NAMES = {
    "HEADER": "flowchart", "DIR": "a direction", "ID": "a node", "LINK": "an arrow", "SUBGRAPH": "subgraph",
    "_NL": "end of line", "STRING": "a quoted label", "TEXT": "a label", "ROUND_TEXT": "a label",
    "CURLY_TEXT": "a label", "SLANT_TEXT": "a label", "PIPE_TEXT": "a label", "SLANT_END": "/]", "SOLID_END": "-->",
    "THICK_END": "==>", "DOTTED_END": ".->", "RSQB": "]", "RPAR": ")", "RBRACE": "}", "VBAR": "|", "KEY": "a property",
    "VALUE": "a value", "COLON": ":", "SUBGRAPH_TITLE": "a title", "$END": "the end", "__ANON_0": "])",
    "CLASS": ":::",
}  # fmt: skip


@functools.cache
def parser(name: str) -> Lark:
    """The compiled grammar of that name in this folder."""
    from lark import Lark

    grammar = files(__package__).joinpath(f"{name}.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, propagate_positions=False)


def parse(name: str, text: str, names: dict[str, str]) -> Tree[Token]:
    """Raises ParseError."""
    from lark.exceptions import UnexpectedInput

    try:
        return parser(name).parse(text)
    except UnexpectedInput as error:
        raise parse_error(error, names) from None


@dataclass(slots=True)
class _Node:
    label: str | None = None
    shape: str = "process"
    exact: bool = True
    classes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    id: str
    label: str
    line: int
    mentions: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Edge:
    source: str
    target: str
    label: str
    line: Line
    head: Head
    tail: Head
    id: str
    told: list[tuple[str, str]] = field(default_factory=list)
    """What of it is not kept: features and messages, told once its id is known."""


class Reader:
    """One reading.  Nesting is kept on a stack of open subgraphs.

    A node belongs to the first subgraph closed that mentions it, as in Mermaid.
    """

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.direction: Direction = "TB"
        self.nodes: dict[str, _Node] = {}
        self.edges: list[_Edge] = []
        self.groups: dict[str, _Group] = {}
        self.closed: list[str] = []
        self.open: list[_Group] = []
        self.owner: dict[str, str] = {}
        self.classes: dict[str, list[str]] = {}
        self.edge_ids: set[str] = set()
        self.links: list[list[_Edge]] = []
        """The edges that each link of the source makes, as `linkStyle` counts them; none for an invisible one."""
        self.link_styles: list[str] = []

    def read(self, text: str) -> Diagram:
        """Raises ParseError."""
        for tree in parse("flowchart", text, NAMES).children:
            getattr(self, f"_{tree.data}")(tree)  # type: ignore[union-attr]
        if self.open:
            group = self.open[-1]
            raise ParseError(f"the subgraph '{one_line(group.label)}' is not closed", line=group.line, expected=["end"])
        return self._build()

    def _header(self, tree: Tree[Token]) -> None:
        if len(tree.children) > 1:
            word = str(tree.children[1])
            self.direction = cast(Direction, {"TD": "TB", ">": "LR", "<": "RL", "^": "BT", "v": "TB"}.get(word, word))

    def _text(self, token: Token, element: str) -> str:
        label, told = _label(token)
        for feature, message in told:
            self.losses.add(feature, element, message)
        return label

    # statements

    def _chain(self, tree: Tree[Token]) -> None:
        children = cast("list[Tree[Token]]", tree.children)
        sources = self._nodes(children[0])
        for link, target in zip(children[1::2], children[2::2], strict=True):
            targets = self._nodes(target)
            self._link(link, sources, targets)
            sources = targets

    def _nodes(self, tree: Tree[Token]) -> list[str]:
        return [self._node(cast("Tree[Token]", child)) for child in tree.children]

    def _node(self, tree: Tree[Token]) -> str:
        id = str(tree.children[0])
        for child in cast("list[Tree[Token]]", tree.children[1:]):
            if child.data == "data" and id in self.edge_ids:
                self.losses.add("style", id, f"the looks of the edge {id} are not kept")
                return id
        node = self.nodes.get(id)
        if node is None:
            node = self.nodes[id] = _Node()
        for group in self.open[-1:]:
            group.mentions.setdefault(id)
        for child in cast("list[Tree[Token]]", tree.children[1:]):
            if child.data == "class_name":
                self.classes.setdefault(id, []).append(str(child.children[1]))
            elif child.data == "data":
                self._data(id, node, child)
            else:
                self._shape(id, node, child)
        return id

    def _shape(self, id: str, node: _Node, tree: Tree[Token]) -> None:
        shape = str(tree.data)
        tokens = cast("list[Token]", tree.children)
        texts = tokens
        node.exact = True
        if shape == "slanted":
            texts = tokens[1:-1]
            sides = tokens[0][1] + tokens[-1][0]
            shape = "data" if sides in ("//", "\\\\") else "manual_operation"
            node.exact = sides in ("//", "\\/")
        elif shape == "odd":
            shape, node.exact = "process", False
        node.shape = shape
        node.label = self._text(texts[0], id) if texts else ""
        if not node.exact:
            self.losses.add("shape", id, f"the symbol of '{one_line(node.label)[:40]}' is read as {shape}")

    def _data(self, id: str, node: _Node, tree: Tree[Token]) -> None:
        for pair in cast("list[Tree[Token]]", [c for c in tree.children if not _is_token(c)]):
            key = str(pair.children[0])
            value = cast("Token", pair.children[1])
            if key == "label":
                node.label = self._text(value, id)
            elif key in ("shape", "icon", "img"):
                name = str(value).strip().strip('"') if key == "shape" else key
                known = _shapes.BY_NAME.get(name.lower(), ("process", False))
                if node.shape != "process" and key != "shape":
                    continue
                node.shape, node.exact = known
                if node.label is None and name in _shapes.BARE:
                    node.label = ""
                if not node.exact:
                    self.losses.add("shape", id, f"the symbol '{name}' of {id} is read as {node.shape}")
            else:
                self.losses.add("style", id, f"{key} of {id} is not kept")

    def _link(self, tree: Tree[Token], sources: list[str], targets: list[str]) -> None:
        for end in (*sources, *targets):  # an edge's name that is used as a node is one
            self.nodes.setdefault(end, _Node())
        tokens = [cast("Token", child) for child in tree.children if _is_token(child)]
        id = str(tokens.pop(0))[:-1] if tokens[0].type == "EDGE_ID" else ""
        label = ""
        told: list[tuple[str, str]] = []
        if tree.data == "plain_link":
            mark = start = str(tokens[0])
            for pipe in cast("list[Tree[Token]]", tree.children[1:]):
                if not _is_token(pipe) and pipe.children:
                    label, told = _label(cast("Token", pipe.children[0]))
        else:
            start, mark = str(tokens[0]), str(tokens[-1])
            label, told = _label(tokens[1])
        if mark.startswith("~"):
            self.links += [[] for _ in sources for _ in targets]
            self.losses.add("edge.invisible", "", f"the invisible link from {sources[0]} to {targets[0]} is not kept")
            return
        head = cast(Head, {">": "arrow", "o": "circle", "x": "cross"}.get(mark[-1], "none"))
        tail = cast(Head, {"<": "arrow", "o": "circle", "x": "cross"}.get(start[0], "none"))
        if tail != head:  # Mermaid draws a mark at the beginning only where the end has the same
            tail = "none"
        line: Line = "thick" if "=" in mark else "dashed" if "." in mark + start else "solid"
        if len(mark.strip("<xo>")) > (3 if head == "none" and line != "dashed" else 2 if line != "dashed" else 3):
            told = [*told, ("edge.length", "the length of the edge is not kept")]
        for source in sources:
            for target in targets:
                self.edges.append(_Edge(source, target, label, line, head, tail, id, list(told)))
                self.links.append(self.edges[-1:])
        if id:
            self.edge_ids.add(id)

    def _subgraph(self, tree: Tree[Token]) -> None:
        id = label = ""
        if len(tree.children) > 1:
            name = cast("Tree[Token]", tree.children[1])
            first = cast("Token", name.children[0])
            title = str(first).strip('"').strip()
            if len(name.children) > 1:
                id, label = title, self._text(cast("Token", name.children[1]), title)
            else:
                label = self._text(first, title)
                id = title if re.fullmatch(r"\S+", title) else ""
        line = cast("Token", tree.children[0]).line or 0
        if not id or id in self.groups:
            if id in self.groups:
                self.losses.add("group.twice", id, f"the second subgraph '{id}' gets an id of its own")
            number = len(self.groups) + 1
            while (id := f"subgraph{number}") in self.groups or id in self.nodes:
                number += 1
        group = self.groups[id] = _Group(id, label, line)
        self.open.append(group)

    def _end(self, tree: Tree[Token]) -> None:
        if not self.open:
            raise ParseError("'end' without a subgraph", line=cast("Token", tree.children[0]).line, column=1)
        group = self.open.pop()
        for id in group.mentions:
            self.owner.setdefault(id, group.id)
        self.closed.append(group.id)
        if self.open:
            self.owner.setdefault(group.id, self.open[-1].id)

    def _direction(self, tree: Tree[Token]) -> None:
        where = self.open[-1].id if self.open else ""
        if where:
            self.losses.add("group.direction", where, f"the direction inside the subgraph '{where}' is not kept")
        else:
            word = str(tree.children[0]).split()[1]
            self.direction = cast(Direction, "TB" if word == "TD" else word)

    def _style(self, tree: Tree[Token]) -> None:
        words = str(tree.children[0]).split()
        if words[0] == "click":
            self.losses.add("link", words[1] if len(words) > 1 else "", "a link or callback on a click is not kept")
        elif words[0] == "linkStyle":
            self.link_styles += words[1].split(",") if len(words) > 1 else []
        elif words[0] == "style":
            what = words[1] if len(words) > 1 else ""
            self.losses.add("style", what, f"the style of {what} is not kept")

    def _class_statement(self, tree: Tree[Token]) -> None:
        words = str(tree.children[0])[5:].strip().rsplit(None, 1)
        if len(words) == 2:
            for id in words[0].split(","):
                self.classes.setdefault(id.strip(), []).append(words[1])

    def _accessibility(self, tree: Tree[Token]) -> None:
        self.losses.add("accessibility", "", "the accessible title or description is not kept")

    # the diagram

    def _build(self) -> Diagram:
        for id in self.groups:  # a node by a group's name is that group
            self.nodes.pop(id, None)
        bpmn = False
        nodes: list[Node] = []
        for id, node in self.nodes.items():
            shape = node.shape
            for name in self.classes.pop(id, ()):
                meant = _shapes.by_class(name)
                if meant in _shapes.SHAPES and _shapes.drawn(cast(str, meant)) == shape:
                    shape = cast(str, meant)
                    bpmn = bpmn or shape in _shapes.BPMN
                elif name != shape:
                    self.losses.add("style", id, f"the class {name} of {id} is not kept")
            label = id if node.label is None else node.label
            if label == _shapes.SIGNS.get(shape):
                label = ""
            nodes.append(Node(id=id, label=label, shape=cast(Shape, shape), group=self.owner.get(id)))
        groups: list[Group] = []
        for id in self.groups:
            kind = "subgraph"
            for name in self.classes.pop(id, ()):
                meant = _shapes.by_class(name)
                if meant in _shapes.GROUPS:
                    kind = cast(str, meant)
                    bpmn = bpmn or (kind in ("pool", "lane") and not nodes)
                else:
                    self.losses.add("style", id, f"the class {name} of {id} is not kept")
            groups.append(
                Group(id=id, label=self.groups[id].label, kind=cast(GroupKind, kind), parent=self._parent(id))
            )
        for id, names in self.classes.items():
            self.losses.add("style", id, f"the class {', '.join(names)} of {id} is not kept")
        self._tell_link_styles()
        taken = set(self.nodes) | set(self.groups)
        edges: list[dict[str, Any]] = []
        for edge in self.edges:
            id = edge.id if edge.id not in taken else ""
            taken.add(id)
            edges.append(
                {
                    "id": id, "source": edge.source, "target": edge.target, "label": edge.label, "line": edge.line,
                    "head": edge.head, "tail": edge.tail,
                }
            )  # fmt: skip
        diagram = Diagram.model_validate(
            {
                "kind": "bpmn" if bpmn else "flowchart", "direction": self.direction, "nodes": nodes, "edges": edges,
                "groups": groups,
            }
        )  # fmt: skip
        for edge, made in zip(self.edges, diagram.edges, strict=True):
            for feature, message in edge.told:
                self.losses.add(feature, made.id, f"{message} ({edge.source} to {edge.target})")
        return diagram

    def _tell_link_styles(self) -> None:
        """`linkStyle` names edges by the place of their link in the source, `default` all that it does not name."""
        for which in self.link_styles:
            if which.isdecimal() and int(which) < len(self.links):
                for edge in self.links[int(which)]:
                    edge.told.append(("style", "the style of the edge is not kept"))
            else:
                self.losses.add("style", "", f"the style of edges ({which}) is not kept")

    def _parent(self, id: str) -> str | None:
        """The owner, unless going up from it comes back here (two subgraphs that mention each other)."""
        parent = self.owner.get(id)
        here, seen = parent, {id}
        while here is not None and here not in seen:
            seen.add(here)
            here = self.owner.get(here)
        if here is not None:
            self.owner.pop(id, None)
            self.losses.add("group.nested", id, f"the subgraph '{id}' would contain itself")
            return None
        return parent


def _label(token: Token) -> tuple[str, list[tuple[str, str]]]:
    """What a label shows, and what of it is not kept: features and messages."""
    raw = str(token)
    label, lost = decode(raw[1:-1] if token.type == "STRING" else raw)
    names = {"icon": "an icon", "label.markup": "markup"}
    return label, [(each, f"{names[each]} in '{one_line(label)[:40]}' is not kept") for each in sorted(lost)]


def _is_token(value: Any) -> bool:
    return isinstance(value, str)
