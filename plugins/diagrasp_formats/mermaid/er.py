"""Mermaid entity relationship diagrams, read and written.

An attribute is a row, as it is written: `string name PK, FK "comment"`.  What is no attribute (a row of free text)
is carried by an attribute whose type, or type and name, is `_`; the reader leaves those out again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from diagrasp.errors import ParseError
from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Direction, Edge, Group, Head, Node
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._nesting import nesting
from diagrasp_formats.mermaid._text import SPECIAL, decode, quoted
from diagrasp_formats.mermaid.flowchart_read import parse

if TYPE_CHECKING:
    from lark import Token, Tree

NAMES = {
    "HEADER": "erDiagram", "NAME": "an entity", "STRING": "a quoted text", "CARD": "a cardinality", "IDENTITY": "--",
    "LBRACE": "{", "RBRACE": "}", "LSQB": "[", "RSQB": "]", "COLON": ": and a label", "WORD": "a type or name",
    "KEY": "PK, FK or UK", "ROLE": "a label", "_NL": "end of line", "$END": "the end",
}  # fmt: skip
RESERVED = frozenset(
    {
        "erdiagram", "one", "zero", "many", "only", "to", "optionally", "or", "more", "class", "classdef", "style",
        "subgraph", "end", "direction", "title", "acctitle", "accdescr", "u",
    }
)  # fmt: skip
HEADS = ("one", "zero_or_one", "zero_or_many", "one_or_many")
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.er", "rows", "edge.label", "edge.kind.relation", "line.solid",
        "line.dashed", "shape.entity", "group", "group.subgraph", "group.nested", *(f"head.{head}" for head in HEADS),
        *(f"tail.{head}" for head in HEADS),
    }
)  # fmt: skip
_CARDINALITIES: dict[str, Head] = {
    "||": "one", "1": "one", "one": "one", "only one": "one", "|o": "zero_or_one", "o|": "zero_or_one",
    "zero or one": "zero_or_one", "one or zero": "zero_or_one", "}o": "zero_or_many", "o{": "zero_or_many",
    "zero or more": "zero_or_many", "zero or many": "zero_or_many", "many(0)": "zero_or_many", "0+": "zero_or_many",
    "many": "zero_or_many", "}|": "one_or_many", "|{": "one_or_many", "one or more": "one_or_many",
    "one or many": "one_or_many", "many(1)": "one_or_many", "1+": "one_or_many",
}  # fmt: skip
_ENDS: dict[str, tuple[str, str]] = {
    "one": ("||", "||"), "zero_or_one": ("|o", "o|"), "zero_or_many": ("}o", "o{"), "one_or_many": ("}|", "|{"),
    "many": ("}o", "o{"),
}  # fmt: skip
# ENTITY_NAME takes neither `%` nor a backslash, `direction TB` is a statement wherever it stands in a line, and a line
# with `~` twice is read as a generic type.
_LABEL = re.compile(SPECIAL.pattern + r"|[%\\;:~]|(?<=d)i(?=rection\s)", re.IGNORECASE)
_BARE = r"(?!(?:PK|FK|UK)\b)(?:[A-Za-z*]|[^\W\d_]|_(?=\w))(?:[\w*\-\[\]().]|,(?=\w))*"
_TYPE = rf"{_BARE}(?:[<~][^<>~\s\"`]+[>~])?"
_NAME = re.compile(r"[^\W\d_](?:\w|-(?=\w))*")
_ATTRIBUTE = re.compile(
    rf"({_TYPE}|`[^`\n]+`)(\??) ({_BARE}|`[^`\n]+`)((?: (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?)(?: \"([^\"\n]*)\")?\Z"
)
_TURNED = re.compile(rf"[+\-#~ ]*({_BARE}) ?((?: ?(?:PK|FK|UK))?) ?: ?({_BARE})\Z")


class _Reader:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.labels: dict[str, str] = {}
        self.rows: dict[str, list[str]] = defaultdict(list)
        self.owner: dict[str, str] = {}
        self.groups: list[Group] = []
        self.open: list[tuple[str, int]] = []
        self.edges: list[Edge] = []
        self.direction: Direction | None = None

    def read(self, text: str) -> Diagram:
        for tree in cast("list[Tree[Token]]", parse("er", text, NAMES).children[1:]):
            getattr(self, "_" + str(tree.data).strip("_"))(tree.children)
        if self.open:
            raise ParseError(
                f"the subgraph '{self.open[-1][0]}' is not closed", line=self.open[-1][1], expected=["end"]
            )
        groups = {group.id for group in self.groups}
        clash = groups & set(self.labels)
        if clash:
            raise ParseError(f"an entity is called {min(clash)!r}, which a subgraph is")
        nodes = tuple(
            Node(id=id, label=label, shape="entity", rows=tuple(self.rows[id]), group=self.owner.get(id))
            for id, label in self.labels.items()
        )
        return Diagram(
            kind="er", direction=self.direction, nodes=nodes, edges=tuple(self.edges), groups=tuple(self.groups)
        )

    def _text(self, raw: str, element: str) -> str:
        label, lost = decode(raw.strip('"'))
        for feature in lost:
            self.losses.add(feature, element, f"markup or an icon in '{one_line(label)[:40]}' is not kept")
        return label

    def _name(self, tree: Tree[Token]) -> tuple[str, str | None]:
        """An entity's id, and its alias where it has one; its classes are told as lost."""
        tokens = cast("list[Token]", tree.children)
        at = next((i for i, token in enumerate(tokens) if token.type == "CLASS"), len(tokens))
        names = tokens[:at]
        id = decode(str(names[0]).strip('"'))[0] or " "
        if at < len(tokens):
            self.losses.add("style", id, f"the class {', '.join(tokens[at + 1 :])} of {id} is not kept")
        return id, self._text(str(names[1]), id) if len(names) > 1 else None

    def _known(self, tree: Tree[Token]) -> str:
        id, alias = self._name(tree)
        if id not in self.labels:
            self.labels[id] = id
            if self.open:
                self.owner[id] = self.open[-1][0]
        if alias is not None:
            self.labels[id] = alias
        return id

    def _entity(self, parts: list[Tree[Token]]) -> None:
        id = self._known(parts[0])
        for attribute in cast("list[Tree[Token]]", parts[1].children if len(parts) > 1 else []):
            row = self._row(cast("list[Token]", attribute.children), id)
            if row:
                self.rows[id].append(row)

    def _row(self, tokens: list[Token], id: str) -> str:
        words: list[str] = []
        keys: list[str] = []
        comment: str | None = None
        for token in tokens:
            if token.type == "KEY":
                keys.append(str(token).upper())
            elif token.type == "STRING":
                comment = self._text(str(token), id)
            elif token.type == "NULLABLE":
                words[-1] += "?"
            else:
                bare = str(token).strip("`")
                words.append(bare if token.type == "WORD" or re.fullmatch(_BARE, bare) else str(token))
        said = [re.sub(r"~([^~]*)~", r"<\1>", word) for word in words if word != "_"]
        if not said and comment is not None:
            return comment
        return " ".join(
            [*said, *([", ".join(keys)] if keys else []), *([f'"{comment}"'] if comment is not None else [])]
        )

    def _relation(self, parts: list[Tree[Token] | Token]) -> None:
        entities = [part for part in parts if not isinstance(part, str) and part.data == "entity"]
        cards = [str(part.children[0]) for part in parts if not isinstance(part, str) and part.data == "card"]
        tokens = [part for part in parts if isinstance(part, str)]
        identity = next(str(token) for token in tokens if token.type == "IDENTITY")
        source, target = self._known(entities[0]), self._known(entities[1])
        label = next((self._text(str(token), source) for token in tokens if token.type in ("STRING", "ROLE")), "")
        solid = identity == "--" or identity.lower() == "to"
        tail, head = (self._head(card, source, target) for card in cards)
        self.edges.append(
            Edge(
                source=source, target=target, label=label, kind="relation", line="solid" if solid else "dashed",
                tail=tail, head=head,
            )
        )  # fmt: skip

    def _head(self, card: str, source: str, target: str) -> Head:
        found = _CARDINALITIES.get(re.sub(r"\s+", " ", card.lower()))
        if found is None:
            what = f"the parent's mark between {source} and {target} is not kept"
            self.losses.add("head", "", what)
        return found or "none"

    def _subgraph(self, parts: list[Tree[Token]]) -> None:
        id, alias = self._name(parts[1])
        parent = self.open[-1][0] if self.open else None
        if all(group.id != id for group in self.groups):
            self.groups.append(Group(id=id, label=id if alias is None else alias, parent=parent))
        self.open.append((id, cast("Token", parts[0]).line or 0))

    def _end(self, tokens: list[Token]) -> None:
        if not self.open:
            raise ParseError("'end' without a subgraph", line=tokens[0].line, column=tokens[0].column)
        self.open.pop()

    def _facing(self, tokens: list[Token]) -> None:
        word = str(tokens[0]).split()[1].upper()
        if self.open:
            id = self.open[-1][0]
            self.losses.add("group.direction", id, f"the direction inside the subgraph '{id}' is not kept")
        else:
            self.direction = cast(Direction, "TB" if word == "TD" else word)

    def _looks(self, tokens: list[Token]) -> None:
        text = one_line(str(tokens[0]))
        word, _, rest = text.partition(" ")
        if word.startswith("acc"):
            self.losses.add("accessibility", "", "the accessible title or description is not kept")
        elif word != "classDef":  # which shows by the entities that name it
            for id in (rest.partition(" ") if word == "style" else rest.rpartition(" "))[0].split(","):
                self.losses.add("style", id.strip(), f"'{text[:40]}' is not kept")


def read(text: str, losses: Losses) -> Diagram:
    """Raises ParseError."""
    return _Reader(losses).read(text)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} entity relationship", but=("edge.to_group",)))
    names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED, safe=_NAME)
    lines = ["erDiagram"]
    if diagram.direction:
        lines.append(f"    direction {diagram.direction}")
    for group, nodes, outer, inner, closing in nesting(diagram, "    ", 1):
        if closing:
            lines.append(outer + "end")
            continue
        if group is not None:
            lines.append(f"{outer}subgraph {names[group.id]}[{quoted(group.label, special=_LABEL)}]")
        for node in nodes:
            lines += [inner + line for line in _entity_lines(node, names[node.id], losses)]
    inside = {group.id for group in diagram.groups}
    for edge in diagram.edges:
        if {edge.source, edge.target} & inside:
            losses.add("edge.to_group", edge.id, f"the relation {edge.id} ends on a group and is left out")
            continue
        tail, head = _end(edge.tail, edge.source_label)[0], _end(edge.head, edge.target_label)[1]
        shaft = "--" if edge.line in ("solid", "thick") else ".."
        label = quoted(edge.label, special=_LABEL) if edge.label else '""'
        lines.append(f"    {names[edge.source]} {tail}{shaft}{head} {names[edge.target]} : {label}")
    return "\n".join(lines) + "\n"


_MULTIPLICITY = re.compile(r"\s*(?:(\d+|[a-zA-Z])\s*(?:\.\.|…|[-–,:])\s*)?([\dNnMm*∞])\s*\Z")


def _end(head: str, label: str) -> tuple[str, str]:
    """The marks of a relation's end at the left and at the right; a multiplicity beside it counts if it has no mark."""
    if head in _ENDS:
        return _ENDS[head]
    match = _MULTIPLICITY.match(label)
    if match is None:
        return _ENDS["one"]
    least, most = match.group(1), match.group(2)
    if most == "1":
        return _ENDS["zero_or_one" if least == "0" else "one"]
    return _ENDS["one_or_many" if least == "1" else "zero_or_many"]


def _entity_lines(node: Node, name: str, losses: Losses) -> list[str]:
    head = name if node.label == name else f"{name}[{quoted(node.label, special=_LABEL)}]"
    if not node.rows:
        return [head]
    return [head + " {", *(f"    {_attribute(row, node, losses)}" for row in node.rows), "}"]


def _attribute(row: str, node: Node, losses: Losses) -> str:
    if (match := _ATTRIBUTE.match(row)) is not None:
        type_, nullable, name, keys, comment = match.groups()
        said = f" {quoted(comment, special=_LABEL)}" if comment is not None else ""
        type_ = re.sub(r"<([^<>]*)>\Z", r"~\1~", type_)
        return f"{type_}{nullable} {name}{keys}{said}"
    if (match := _TURNED.match(row)) is not None:  # `name: type`, as classes have it
        name, key, type_ = match.group(1), match.group(2).strip(), match.group(3)
        written = " ".join(part for part in (type_, name, key) if part)
        what = f"the row '{one_line(row)[:40]}' of '{one_line(node.label)[:40]}' is written '{written}'"
        losses.add("rows", node.id, what)
        return written
    if re.fullmatch(_BARE, row):
        return f"_ {row}"
    return f"_ _ {quoted(row, special=_LABEL)}"
