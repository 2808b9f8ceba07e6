"""Diagrams to answers and back: what the model is taught to say, and how what it says is read.

`write` and `read` are exact inverses on what the grammar can say (`normal`): ids are the answer's numbers, boxes lie on
the grid of thousandths, and paths and confidences are not said.  The same writer makes training targets and drafts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, cast, get_args

from diagrasp.engines.qwen3vl.grammar import CUT, END, SCALE, USUAL_STYLE, Section, State, section_of
from diagrasp.errors import ParseError
from diagrasp.model import Box, Diagram, Direction, Edge, EdgeKind, Group, Head, Line, Node

_ESCAPES: Final = {"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNESCAPES: Final = {"\\": "\\", "|": "|", "n": "\n", "r": "\r", "t": "\t"}
_SPECIAL: Final = re.compile(r"[\\|\x00-\x1f\x7f]")
_ESCAPED: Final = re.compile(r"\\(?:x([0-7][0-9a-f])|(.))", re.DOTALL)
_LINES: Final = frozenset(get_args(Line))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says; `cut` where its writer was cut short, so that more may have followed."""

    diagram: Diagram
    cut: bool = False


def ordered(diagram: Diagram) -> Diagram:
    """The order in which answers tell a diagram: containers before what they hold, symbols as one reads the page.

    Nodes come in rows from the top (columns from the left where the flow runs sideways), edges by the nodes that they
    leave.  The messages of a sequence keep their order, and so does whatever has no box.
    """
    sideways = diagram.direction in ("LR", "RL")
    heights = sorted((n.box.w if sideways else n.box.h) for n in diagram.nodes if n.box)
    band = max(1.0, heights[len(heights) // 2] / 2) if heights else 1.0

    def place(box: Box) -> tuple[float, float]:
        x, y = box.center
        return (x // band, y) if sideways else (y // band, x)

    nodes = list(diagram.nodes)
    if all(n.box for n in nodes):
        nodes.sort(key=lambda n: place(cast(Box, n.box)))
    groups = sorted(diagram.groups, key=lambda g: (g.box.y, g.box.x) if g.box else (0.0, 0.0))
    rank = {id: i for i, id in enumerate([*(g.id for g in groups), *(n.id for n in nodes)])}
    edges = list(diagram.edges)
    if diagram.kind != "sequence":
        edges.sort(key=lambda e: (rank[e.source], rank[e.target]))
    return diagram.replace(nodes=tuple(nodes), groups=tuple(groups), edges=tuple(edges))


def normal(diagram: Diagram, width: int = 0, height: int = 0) -> Diagram:
    """What of a diagram an answer can say, under the ids that it says it with.

    Args:
        diagram: any diagram.
        width, height: of the picture in pixels; boxes are left out where unknown (0).
    """
    groups, nodes = _parents_first(diagram), _hosts_first(diagram)
    names = {g.id: f"g{i}" for i, g in enumerate(groups, 1)} | {n.id: f"n{i}" for i, n in enumerate(nodes, 1)}
    earlier: set[str] = set()
    new_nodes = []
    for node in nodes:
        host = node.attached_to if node.attached_to in earlier else None
        earlier.add(node.id)
        changes: dict[str, Any] = {
            "id": names[node.id], "group": names.get(node.group or ""), "attached_to": names.get(host or ""),
            "box": _snapped(node.box, width, height), "confidence": None,
        }  # fmt: skip
        new_nodes.append(node.replace(**changes))
    new_groups = [
        g.replace(id=names[g.id], parent=names.get(g.parent or ""), box=_snapped(g.box, width, height), confidence=None)
        for g in groups
    ]
    new_edges = [
        e.replace(id=f"e{i}", source=names[e.source], target=names[e.target], group=names.get(e.group or ""),
                  path=None, confidence=None)
        for i, e in enumerate(diagram.edges, 1)
    ]  # fmt: skip
    title = diagram.title or None
    return diagram.replace(title=title, nodes=tuple(new_nodes), groups=tuple(new_groups), edges=tuple(new_edges))


def write(diagram: Diagram, width: int = 0, height: int = 0) -> str:
    """The answer that tells a diagram, in the order it has (see `ordered`).

    Args:
        diagram: any diagram.
        width, height: of the picture in pixels; boxes are left out where unknown (0).
    """
    said = normal(diagram, width, height)
    lines = [" ".join(filter(None, (said.kind, said.direction))) + _told([said.title or ""])]
    for group in said.groups:
        parts = [group.id, group.kind, _box(group.box, width, height), group.parent or ""]
        lines.append(" ".join(filter(None, parts)) + _told([group.label]))
    for node in said.nodes:
        parts = [
            node.id[1:], node.shape, _box(node.box, width, height), node.group or "",
            f"@{node.attached_to[1:]}" if node.attached_to else "", f"!{node.trigger}" if node.trigger else "",
            *(f"~{marker}" for marker in node.markers),
        ]  # fmt: skip
        lines.append(" ".join(filter(None, parts)) + _told([node.label, *node.rows]))
    for edge in said.edges:
        line, head, tail = USUAL_STYLE[edge.kind]
        parts = [
            f"{_end(edge.source)}>{_end(edge.target)}", edge.kind if edge.kind != "flow" else "",
            edge.line if edge.line != line else "", f">{edge.head}" if edge.head != head else "",
            f"<{edge.tail}" if edge.tail != tail else "", "default" if edge.default else "", edge.group or "",
        ]  # fmt: skip
        ends = [edge.source_label, edge.target_label]
        while ends and not ends[-1]:
            ends.pop()
        lines.append(" ".join(filter(None, parts)) + _told([edge.label, *ends]))
    return "\n".join([*lines, "end"])


def read(text: str, width: int = 0, height: int = 0) -> Answer:
    """Read an answer strictly.

    Args:
        text: the answer; blank space around it does not count.
        width, height: of the picture in pixels; boxes are dropped where unknown (0).

    Raises:
        ParseError: it is not of the grammar; says where, and what would have been right.
    """
    lines = text.strip("\n").rstrip().split("\n") if text.strip() else []
    state = State.start()
    nodes: list[Node] = []
    groups: list[Group] = []
    edges: list[Edge] = []
    head: dict[str, Any] = {}
    for i, line in enumerate(lines, 1):
        if state.over:
            raise ParseError("something follows the end", line=i, column=1)
        last = line in ("end", CUT) and i > 1
        after = state.advance(line.encode(errors="surrogatepass") + (b"" if last else b"\n"))
        if after is None:
            raise _misfit(state, line, i)
        state = after
        if state.over:
            continue
        fields, parts = _fields(line)
        if i == 1:
            direction = cast(Direction, fields[1]) if len(fields) > 1 else None
            head = {"kind": fields[0], "direction": direction, "title": parts[0] or None}
            continue
        match section_of(line.encode(errors="surrogatepass")):
            case Section.GROUPS:
                groups.append(_group(fields, parts, width, height))
            case Section.NODES:
                nodes.append(_node(fields, parts, width, height))
            case _:
                edges.append(_edge(fields, parts, len(edges) + 1))
    if not state.over:
        raise ParseError("the answer breaks off", line=len(lines) + 1, column=1, expected=("end",))
    diagram = Diagram(**head, nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups))
    return Answer(diagram, cut=lines[-1] == CUT)


def read_unguided(text: str, width: int = 0, height: int = 0, *, complete: bool = True) -> Answer:
    """Read what a model said without being held to the grammar, repaired only where there is no doubt.

    A fence around the answer, thoughts in front of it (`<think>...</think>`) and blank space are dropped.  An answer
    that breaks off keeps its complete lines and is marked as cut.

    Args:
        text: what was said.
        width, height: of the picture in pixels.
        complete: whether the model ended by itself; if not, the last line counts for nothing.

    Raises:
        ParseError: it is not of the grammar.
    """
    if text.lstrip().startswith("<think>") and "</think>" in text:
        text = text.partition("</think>")[2]
    lines = [line.rstrip("\r") for line in text.strip().split("\n")]
    if lines[0].startswith("```"):
        lines = lines[1:]
        if lines and lines[-1].strip() == "```":
            lines.pop()
    if lines and lines[-1].strip() in (END, CUT):
        lines[-1] = lines[-1].strip()
    elif complete and lines:
        lines.append(CUT)
    elif lines:
        lines[-1] = CUT
    return read("\n".join(lines), width, height)


def _misfit(state: State, line: str, number: int) -> ParseError:
    """The error at the first character that the grammar does not allow."""
    here = state
    for column, character in enumerate(line, 1):
        after = here.advance(character.encode(errors="surrogatepass"))
        if after is None:
            return ParseError(f"{character!r} does not fit", line=number, column=column, expected=_expected(here))
        here = after
    return ParseError("the line breaks off", line=number, column=len(line) + 1, expected=_expected(here))


def _expected(state: State) -> tuple[str, ...]:
    signs = [chr(byte) for byte in range(32, 127) if state.rest.first >> byte & 1]
    return tuple(repr(sign) for sign in signs) if len(signs) <= 6 else ()


def _fields(line: str) -> tuple[list[str], list[str]]:
    """The words before the colon, and the texts after it, unescaped."""
    head, _, told = line.partition(":")
    parts = re.split(r"(?<!\\)((?:\\\\)*)\|", told.removeprefix(" "))
    # An even run of backslashes before a bar belongs to the text before it: `split` returns it on its own.
    texts = [parts[i] + (parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    return head.split(" "), [_ESCAPED.sub(_unescape, each) for each in texts]


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _UNESCAPES[match[2]]


def _told(texts: list[str]) -> str:
    if not any(texts) and len(texts) == 1:
        return ""
    return ": " + "|".join(_SPECIAL.sub(lambda m: _ESCAPES.get(m[0], f"\\x{ord(m[0]):02x}"), text) for text in texts)


def _end(id: str) -> str:
    return id if id.startswith("g") else id[1:]


def _unend(word: str) -> str:
    return word if word.startswith("g") else f"n{word}"


def _group(fields: list[str], parts: list[str], width: int, height: int) -> Group:
    box, rest = _unbox(fields[2:], width, height)
    values: dict[str, Any] = {"id": fields[0], "kind": fields[1], "box": box, "label": parts[0]}
    return Group(**values, parent=rest[0] if rest else None)


def _node(fields: list[str], parts: list[str], width: int, height: int) -> Node:
    box, rest = _unbox(fields[2:], width, height)
    values: dict[str, Any] = {"id": f"n{fields[0]}", "shape": fields[1], "box": box}
    markers = []
    for word in rest:
        sign, name = word[0], word[1:]
        if sign == "g":
            values["group"] = word
        elif sign == "@":
            values["attached_to"] = f"n{name}"
        elif sign == "!":
            values["trigger"] = name
        else:
            markers.append(name)
    return Node(**values, markers=tuple(markers), label=parts[0], rows=tuple(parts[1:]))


def _edge(fields: list[str], parts: list[str], number: int) -> Edge:
    source, _, target = fields[0].partition(">")
    rest = fields[1:]
    kind = rest.pop(0) if rest and rest[0] in get_args(EdgeKind) else "flow"
    line, head, tail = USUAL_STYLE[kind]
    values: dict[str, Any] = {"line": line, "head": head, "tail": tail}
    for word in rest:
        if word in _LINES:
            values["line"] = word
        elif word == "default":
            values["default"] = True
        elif word[0] == ">":
            values["head"] = cast(Head, word[1:])
        elif word[0] == "<":
            values["tail"] = cast(Head, word[1:])
        else:
            values["group"] = word
    values |= dict(zip(("label", "source_label", "target_label"), parts, strict=False))
    return Edge(id=f"e{number}", source=_unend(source), target=_unend(target), kind=cast(EdgeKind, kind), **values)


def _corners(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom on the grid."""

    def at(value: float, size: int) -> int:
        return min(SCALE, max(0, round(value * SCALE / size)))

    return at(box.x, width), at(box.y, height), at(box.right, width), at(box.bottom, height)


def _box(box: Box | None, width: int, height: int) -> str:
    return " ".join(map(str, _corners(box, width, height))) if box and width and height else ""


def _unbox(words: list[str], width: int, height: int) -> tuple[Box | None, list[str]]:
    if not words or not words[0].isdigit():
        return None, words
    x, y, right, bottom = map(int, words[:4])
    return (_placed(x, y, right, bottom, width, height) if width and height else None), words[4:]


def _placed(x: int, y: int, right: int, bottom: int, width: int, height: int) -> Box:
    # Corners told the wrong way round can only mean one thing.
    x, right, y, bottom = min(x, right), max(x, right), min(y, bottom), max(y, bottom)
    return Box(x * width / SCALE, y * height / SCALE, (right - x) * width / SCALE, (bottom - y) * height / SCALE)


def _snapped(box: Box | None, width: int, height: int) -> Box | None:
    return _placed(*_corners(box, width, height), width, height) if box and width and height else None


def _parents_first(diagram: Diagram) -> list[Group]:
    depth = {g.id: sum(1 for _ in diagram.ancestors(g.id)) for g in diagram.groups}
    return sorted(diagram.groups, key=lambda g: depth[g.id])


def _hosts_first(diagram: Diagram) -> list[Node]:
    """Nodes in their order, but what sits on another after it; of hosts in a circle the first loses its own."""
    by_id = {n.id: n for n in diagram.nodes}
    found: dict[str, Node] = {}
    for node in diagram.nodes:
        chain = []
        here: Node | None = node
        while here is not None and here.id not in found and here not in chain:
            chain.append(here)
            here = by_id[here.attached_to] if here.attached_to else None
        for each in reversed(chain):
            found[each.id] = each
    return list(found.values())
