"""DOT -> Diagram."""

from __future__ import annotations

import functools
import html
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from diagrasp.errors import ParseError
from diagrasp.model import Diagram, DiagramKind, Direction, Edge, Group, Head, Line, Node, Shape
from diagrasp_formats._common import Losses, one_line, parse_error
from diagrasp_formats.dot import shapes

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

NAMES = {
    "GRAPH": "graph", "DIGRAPH": "digraph", "LBRACE": "{", "RBRACE": "}", "NAME": "a name", "STRING": "a quoted name",
    "OPERATOR": "->", "EQUAL": "=", "LSQB": "[", "RSQB": "]", "$END": "the end",
}  # fmt: skip
MAX_DEPTH = 100
LOOKS = frozenset({"color", "fillcolor", "fontcolor", "penwidth", "fontname", "image"})
KINDS = frozenset({"flowchart", "block", "bpmn", "activity", "state", "mindmap", "c4"})
_TAG = re.compile(r"<br\b[^<>]*>|</tr>", re.IGNORECASE)
_HEADS = re.compile(r"[olr]*(normal|vee|empty|diamond|dot|crow|tee|inv|box|none|curve|icurve|halfopen|open)")
_WIDTH = re.compile(r"setlinewidth\(\s*([\d.]+)")

_Attributes = dict[str, tuple[str, bool]]
"""Name -> value, and whether it is HTML."""


@functools.cache
def _parser() -> Lark:
    from lark import Lark

    grammar = files(__package__).joinpath("dot.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False, propagate_positions=True)


def graphs(text: str) -> list[Tree[Token]]:
    """The graphs of a file, one after the other.  Raises ParseError."""
    from lark.exceptions import UnexpectedInput

    try:
        return cast("list[Tree[Token]]", _parser().parse(text).children)
    except UnexpectedInput as error:
        raise parse_error(error, NAMES) from None


@dataclass(slots=True)
class _Scope:
    """What holds inside a pair of braces; `own` is the cluster whose braces they are, `label` what clusters inherit."""

    node: _Attributes = field(default_factory=dict)
    edge: _Attributes = field(default_factory=dict)
    cluster: str | None = None
    own: str | None = None
    label: tuple[str, bool] | None = None
    members: dict[str, None] = field(default_factory=dict)

    def inner(self) -> _Scope:
        return _Scope(dict(self.node), dict(self.edge), self.cluster, None, self.label)


class DotReader:
    """One reading."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.directed = True
        self.strict = False
        self.name = ""
        self.nodes: dict[str, _Attributes] = {}
        self.owner: dict[str, str | None] = {}
        self.groups: dict[str, tuple[str, str | None]] = {}
        self.edges: list[tuple[str, str, _Attributes]] = []
        self.first: dict[tuple[str, str], _Attributes] = {}
        self.settings: _Attributes = {}

    def read(self, graph: Tree[Token]) -> Diagram:
        """Raises ParseError."""
        words = {cast("Token", child).type for child in graph.children if _is_token(child)}
        self.directed, self.strict = "DIGRAPH" in words, "STRICT" in words
        statements = cast("list[Tree[Token]]", [c for c in graph.children if not _is_token(c)])
        if statements and statements[0].data == "id":
            self.name = _value(statements.pop(0))[0]
        self._statements(statements, _Scope(), 0)
        return self._build()

    def _statements(self, trees: list[Tree[Token]], scope: _Scope, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ParseError(f"subgraphs nest deeper than {MAX_DEPTH}")
        for tree in trees:
            if tree.data == "defaults":
                self._defaults(tree, scope, depth)
            elif tree.data == "setting":
                name, value = (_value(cast("Tree[Token]", child)) for child in tree.children)
                self._set(scope, name[0], value, depth)
            elif tree.data == "chain":
                self._chain(tree, scope, depth)

    def _set(self, scope: _Scope, name: str, value: tuple[str, bool], depth: int) -> None:
        if name == "label":
            scope.label = value
            if scope.own is not None:
                self.groups[scope.own] = (_label(value, {"G": scope.own}), self.groups[scope.own][1])
        if not depth:
            self.settings[name] = value

    def _defaults(self, tree: Tree[Token], scope: _Scope, depth: int) -> None:
        what = str(tree.children[0]).lower()
        found = _attributes(cast("list[Tree[Token]]", tree.children[1:]))
        if what == "graph":
            for name, value in found.items():
                self._set(scope, name, value, depth)
        else:
            (scope.node if what == "node" else scope.edge).update(found)

    def _chain(self, tree: Tree[Token], scope: _Scope, depth: int) -> None:
        ends = cast("Tree[Token]", tree.children[0])
        found = _attributes(cast("list[Tree[Token]]", tree.children[1:]))
        sides = [self._end(cast("Tree[Token]", child), scope, depth) for child in ends.children if not _is_token(child)]
        if len(sides) == 1:
            if cast("Tree[Token]", ends.children[0]).data != "subgraph":
                for id in sides[0]:
                    self.nodes[id].update(found)
            return
        for left, right in itertools.pairwise(sides):
            for source in left:
                for target in right:
                    self._connect(source, target, found, scope)

    def _connect(self, source: str, target: str, found: _Attributes, scope: _Scope) -> None:
        """A strict graph has one edge between two nodes; what is said of it again is said of that one."""
        key = (source, target) if self.directed or source <= target else (target, source)
        if self.strict and key in self.first:
            self.first[key].update(found)
            return
        self.first[key] = {**scope.edge, **found}
        self.edges.append((source, target, self.first[key]))

    def _end(self, tree: Tree[Token], scope: _Scope, depth: int) -> list[str]:
        if tree.data == "listed":
            return [id for child in tree.children for id in self._end(cast("Tree[Token]", child), scope, depth)]
        if tree.data == "node":
            id = _value(cast("Tree[Token]", tree.children[0]))[0]
            if len(tree.children) > 1:
                self.losses.add("port", id, f"the port of {id} is not kept")
            if not id:  # DOT allows the empty name
                id = "_"
                self._mention(id, scope)
                self.nodes[id].setdefault("label", ("", False))
            self._mention(id, scope)
            return [id]
        inner = scope.inner()
        statements = cast("list[Tree[Token]]", [c for c in tree.children if not _is_token(c)])
        if statements and statements[0].data == "id":
            name = _value(statements[0])[0]
            statements = statements[1:]
            if name.lower().startswith("cluster"):
                if name not in self.groups:
                    label = _label(scope.label, {"G": name}) if scope.label is not None else ""
                    self.groups[name] = (label, scope.cluster)
                inner.cluster = inner.own = name
        self._statements(statements, inner, depth + 1)
        scope.members.update(inner.members)
        return list(inner.members)

    def _mention(self, id: str, scope: _Scope) -> None:
        scope.members[id] = None
        if id not in self.nodes:
            self.nodes[id] = dict(scope.node)
            self.owner[id] = scope.cluster
        elif self.owner[id] is None:
            self.owner[id] = scope.cluster

    def _build(self) -> Diagram:
        rename: dict[str, str] = {}
        taken = set(self.nodes)
        for id in self.groups:
            bare = re.sub(r"^cluster_?", "", id, flags=re.IGNORECASE) or id
            while bare in taken:
                bare += "_group"
            taken.add(bare)
            rename[id] = bare
        self._hide()
        nodes = [self._node(id, found, rename) for id, found in self.nodes.items()]
        groups = tuple(
            Group(id=rename.get(id, id), label=label, parent=rename.get(parent or "", parent))
            for id, (label, parent) in self.groups.items()
        )
        edges = [self._edge(source, target, found, rename) for source, target, found in self.edges]
        rank = self.settings.get("rankdir", ("", False))[0].upper()
        direction = cast(Direction, rank) if rank in ("TB", "BT", "LR", "RL") else None
        told = self.settings.get("comment", ("", False))[0].removeprefix("kind: ")
        guess = "flowchart" if self.directed and any(node.shape == "decision" for node in nodes) else "block"
        title = _label(self.settings["label"], {"G": self.name}) if "label" in self.settings else ""
        return Diagram(
            kind=cast(DiagramKind, told if told in KINDS else guess),
            title=title or None,
            direction=direction,
            nodes=tuple(nodes),
            edges=tuple(edges),
            groups=groups,
        )

    def _hide(self) -> None:
        """Take out what is not drawn; a node that is not, but edges are, stays as the place where they end."""
        kept = []
        for source, target, found in self.edges:
            if "invis" in found.get("style", ("", False))[0]:
                self.losses.add("edge.invisible", "", f"the invisible edge from {source} to {target} is not kept")
            else:
                kept.append((source, target, found))
        self.edges = kept
        joined = {id for source, target, _ in kept for id in (source, target)}
        for id in [id for id, found in self.nodes.items() if "invis" in found.get("style", ("", False))[0]]:
            if id in joined:
                self.nodes[id] = {"shape": ("none", False), "label": ("", False)}
            else:
                self.losses.add("node.invisible", "", f"the invisible node {id} is not kept")
                del self.nodes[id]

    def _node(self, id: str, found: _Attributes, rename: dict[str, str]) -> Node:
        name = found.get("shape", ("ellipse", False))[0]
        name = shapes.FOLDED.get(name.lower(), name)
        style = found.get("style", ("", False))[0]
        shape = shapes.READ.get(name)
        if shape is None:
            shape = shapes.NEAR.get(name, "process")
            self.losses.add("shape", id, f"the shape {name} of {id} is read as {shape}")
        if shape == "process" and "rounded" in style:
            shape = "rounded"
        if found.get("peripheries", ("1", False))[0] == "2" and shape in ("ellipse", "circle"):
            shape = "double_circle"
        rows: tuple[str, ...] = ()
        names = {"N": id, "G": self.name}
        label = _label(found["label"], names) if "label" in found else id
        if name in ("record", "Mrecord") and "label" in found and not found["label"][1]:
            fields = [_label((part, False), names) for part in _record(found["label"][0])]
            lines = tuple(one_line(line) for field in fields[1:] for line in field.split("\n"))
            label, rows = (fields[0], tuple(line for line in lines if line)) if fields else ("", ())
        elif "label" in found and found["label"][1] and _ruled(found["label"][0]):
            label, *lines_of_cells = label.split("\n")
            rows = tuple(line for line in lines_of_cells if line)
            shape = "process" if shape == "text" and rows else shape
        if name == "point":
            label = ""
        if "xlabel" in found and not label.strip():
            label = _label(found["xlabel"], names)  # what stands beside a symbol names it where nothing stands in it
        elif "xlabel" in found:
            self.losses.add("label", id, f"the outer label of {id} is not kept")
        words = {word.strip() for word in style.split(",")} - {"", "solid", "rounded"}
        if words or LOOKS & found.keys():
            self.losses.add("style", id, f"the looks of {id} are not kept")
        owner = self.owner[id]
        return Node(id=id, label=label, shape=cast(Shape, shape), rows=rows, group=rename.get(owner or "", owner))

    def _edge(self, source: str, target: str, found: _Attributes, rename: dict[str, str]) -> Edge:
        for name, value in found.items():
            if name in ("lhead", "ltail") and value[0] in self.groups:
                end = rename.get(value[0], value[0])
                source, target = (source, end) if name == "lhead" else (end, target)

        names = {"T": source, "H": target, "G": self.name}
        names["E"] = f"{source}{'->' if self.directed else '--'}{target}"

        def text(name: str) -> str:
            return _label(found[name], names) if name in found else ""

        way = found.get("dir", ("forward" if self.directed else "none", False))[0]
        head = self._head(found.get("arrowhead", ("normal", False))[0]) if way in ("forward", "both") else "none"
        tail = self._head(found.get("arrowtail", ("normal", False))[0]) if way in ("back", "both") else "none"
        labels = text("taillabel"), text("headlabel")
        if way == "back":  # drawn from its end: the arrow tells which way it goes
            source, target, head, tail, labels = target, source, tail, "none", labels[::-1]
        style = found.get("style", ("", False))[0]
        if LOOKS & found.keys():
            self.losses.add("edge.style", "", f"the looks of the edge from {source} to {target} are not kept")
        line = next((ours for theirs, ours in shapes.LINES.items() if theirs in style), "solid")
        if line == "solid" and _wide(found, style):
            line = "thick"
        return Edge(
            source=source, target=target, label=text("label") or text("xlabel"), line=cast(Line, line),
            head=cast(Head, head), tail=cast(Head, tail), source_label=labels[0], target_label=labels[1],
        )  # fmt: skip

    def _head(self, name: str) -> str:
        """An arrow of several parts is known as a whole, or by the part next to the node."""
        if (found := shapes.READ_HEADS.get(name)) is not None:
            return found
        first = _HEADS.match(name)
        found = shapes.READ_HEADS.get(first.group(0)) or shapes.READ_HEADS.get(first.group(1)) if first else None
        self.losses.add("head", "", f"the arrow {name} is read as {found or 'arrow'}")
        return found or "arrow"


def _wide(found: _Attributes, style: str) -> bool:
    """Whether a line is at least as wide as a bold one, of two points."""
    match = _WIDTH.search(style)
    width = match.group(1) if match else found.get("penwidth", ("", False))[0]
    return re.fullmatch(r"\d+(?:\.\d*)?", width) is not None and float(width) >= 2


def _is_token(value: Any) -> bool:
    return isinstance(value, str)


def _value(tree: Tree[Token]) -> tuple[str, bool]:
    tokens = cast("list[Token]", tree.children)
    if tokens[0].type == "HTML":
        return str(tokens[0])[1:-1], True
    if tokens[0].type != "STRING":
        return str(tokens[0]), False
    text = "".join(str(token)[1:-1] for token in tokens)
    return text.replace('\\"', '"').replace("\\\n", ""), False


def _attributes(trees: list[Tree[Token]]) -> _Attributes:
    found: _Attributes = {}
    for tree in trees:
        for pair in cast("list[Tree[Token]]", tree.children):
            values = [_value(cast("Tree[Token]", child)) for child in pair.children]
            found[values[0][0]] = values[1] if len(values) > 1 else ("true", False)
    return found


def _label(value: tuple[str, bool], names: Mapping[str, str]) -> str:
    """What a label shows: escapes and entities decoded, HTML as its text; `names` say what `\\N` and the like are."""
    text, markup = value
    if markup:
        text = re.sub(r"\s+", " ", text)
        text = re.sub(r"<[^<>]*>", "", re.sub(r"</td>", " ", _TAG.sub("\n", text), flags=re.IGNORECASE))
        text = "\n".join(one_line(line) for line in text.split("\n"))
        return html.unescape(text).strip()
    adjusted = re.search(r"(?<!\\)(?:\\\\)*\\[lr]\Z", text) is not None  # the end of a line set left or right
    text = re.sub(r"\\(.)", lambda m: _escape(m.group(1), names), text, flags=re.DOTALL)
    text = re.sub(r"&(#?\w+);", lambda m: html.unescape(m.group(0)), text)
    return text.removesuffix("\n") if adjusted else text


def _ruled(markup: str) -> bool:
    """Whether an HTML label is a table whose cells have borders, with one cell on top: a name, and rows below it."""
    rows = re.split(r"<tr\b", markup, flags=re.IGNORECASE)
    table = re.fullmatch(r"\s*<table\b([^<>]*)>\s*", rows[0], re.IGNORECASE)
    if table is None or len(rows) < 3 or len(re.findall(r"<td\b", rows[1], re.IGNORECASE)) != 1:
        return False
    said = {name.lower(): size for name, size in re.findall(r"(\w+)\s*=\s*[\"']?(\d+)", table.group(1))}
    return bool(said.get("cellborder", said.get("border", "1")) != "0")


def _escape(char: str, names: Mapping[str, str]) -> str:
    if char in "nlr":
        return "\n"
    return "" if char == "L" else names.get(char, char)


def _record(text: str) -> list[str]:
    """The fields of a record's label, ports dropped."""
    parts = re.split(r"(?<!\\)[|{}]", text)
    cleaned = (re.sub(r"(?<!\\)<[^>]*>", "", part).strip() for part in parts)
    return [part for part in cleaned if part]
