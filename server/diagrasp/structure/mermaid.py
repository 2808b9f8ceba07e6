"""Mermaid's SVG of flowcharts, state, class and entity relationship diagrams -> Diagram.

Ids as of versions 10 to 12: `flowchart-ID-3`, `state-ID-3`, `classId-ID-3`, `entity-ID-3` for nodes; `L_A_B_0` or the
classes `LS-A LE-B`, `id_A_B_1` for connectors.  Where an id does not tell, a connector belongs to the symbols at whose
borders it ends.
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass, field
from typing import cast

from diagrasp.model import Box, Diagram, DiagramKind, Direction, Edge, EdgeKind, Group, Head, Line, Node, Point, Shape
from diagrasp.structure import geometry
from diagrasp.structure.outlines import shape_of
from diagrasp.xmltree import Tag

id_of = id  # `id` is the word for a symbol's name here
_NODE = re.compile(r"(?:^|-)(?:flowchart|state|classId|entity)-(.+)-\d+\Z")
_LOOP = re.compile(r"(.+)-cyclic-special-(1|mid|2)\Z")
_HELPER = re.compile(r"(.+)---\1---[12]\Z")
_MARKERS: dict[str, Head] = {
    "point": "arrow", "barb": "arrow", "circle": "circle", "cross": "cross", "extension": "triangle",
    "composition": "filled_diamond", "aggregation": "diamond", "dependency": "arrow", "lollipop": "circle",
    "onlyone": "one", "zeroorone": "zero_or_one", "oneormore": "one_or_many", "zeroormore": "zero_or_many",
}  # fmt: skip


@dataclass(slots=True)
class _Reading:
    kind: DiagramKind
    prefix: str
    nodes: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    terminals: list[tuple[str, Point, str]] = field(default_factory=list)
    title: str = ""
    paths: list[tuple[Tag, list[Point]]] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)


def read(root: Tag, role: str) -> Diagram | None:
    """None where a connector's ends cannot be told."""
    kinds: dict[str, DiagramKind] = {"s": "state", "c": "class", "e": "er"}
    found = _Reading(kinds.get(role[0], "flowchart"), root.get("id") + "-" if root.get("id") else "")
    view = geometry.numbers(root.get("viewBox"))
    origin: geometry.Matrix = (1, 0, 0, 1, -view[0], -view[1]) if len(view) == 4 else geometry.IDENTITY
    for tag, at in geometry.placed(root, origin):
        words = tag.get("class").split()
        if tag.name == "g" and "node" in words:
            _node(found, tag, at, words)
        elif tag.name == "g" and ({"cluster", "statediagram-cluster"} & set(words)) and "divider" not in words:
            _cluster(found, tag, at)
        elif tag.name == "text" and tag.get("class").endswith("TitleText"):
            found.title = _text(tag)
        elif "edge-thickness-invisible" in words:
            continue
        elif tag.name == "path" and (
            tag.get("data-edge") == "true"
            or {"flowchart-link", "transition", "relation", "relationshipLine"} & set(words)
        ):
            found.paths.append((tag, _route(tag, at)))
        elif tag.name == "g" and "edgeTerminals" in words:
            spot = geometry.apply(at, [(0.0, 0.0)])[0]
            found.terminals.append((_text(tag), spot, next(reversed(found.labels), "")))
        elif tag.name == "g" and "edgeLabel" in words:
            inner = next((child for child in tag.walk() if child.get("data-id")), None)
            found.loose.append(_text(tag))
            if inner is not None:
                found.labels[inner.get("data-id")] = _text(inner)
    items = len(found.nodes) + len(found.groups)
    if not found.nodes or geometry.too_many((items, len(found.groups)), (items, len(found.paths))):
        return None
    _nest(found)
    edges = _edges(found)
    if edges is None:
        return None
    edges = _beside(found, edges)
    boxes = _boxes(found)
    placed = [e for e in edges if e.source != e.target and e.source in boxes and e.target in boxes]
    way = geometry.heading([(boxes[e.source], boxes[e.target]) for e in placed])
    if found.kind in ("class", "er"):  # relations have no way that they run
        way = {"BT": "TB", "RL": "LR"}.get(way or "", way)
    return Diagram(
        kind=found.kind,
        title=found.title or None,
        direction=cast("Direction | None", way),
        nodes=tuple(found.nodes.values()),
        edges=tuple(edges),
        groups=tuple(found.groups.values()),
    )


def _text(tag: Tag) -> str:
    """What an element shows: paragraphs and breaks as line ends."""
    parts: list[str] = []
    stack: list[Tag | str] = [tag]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            parts.append(here)
            continue
        if here.name in ("br", "p", "li") or "text-outer-tspan" in here.get("class"):
            parts.append("\n")
        elif here.name == "tspan":
            parts.append(" ")
        mixed: list[Tag | str] = []
        done = 0
        for child in here.children:
            mixed += [here.text[done : child.before].replace("\n", " "), child]
            done = child.before
        mixed.append(here.text[done:].replace("\n", " "))
        stack.extend(reversed(mixed))
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    return "\n".join(line for line in lines if line)


def _bare(found: _Reading, id: str) -> str:
    return id.removeprefix(found.prefix) if found.prefix else id


def _node(found: _Reading, tag: Tag, at: geometry.Matrix, words: list[str]) -> None:
    match = _NODE.search(_bare(found, tag.get("id")))
    id = match.group(1) if match else _bare(found, tag.get("id"))
    if not id or len(id) > geometry.MAX_NAME or _HELPER.match(id) or id in found.nodes:
        return
    shapes: list[tuple[Tag, list[Point]]] = []
    labels: list[Tag] = []
    in_labels: set[int] = set()
    for inner, where in geometry.placed(tag, at if not tag.get("transform") else _outer(tag, at)):
        if inner is not tag and "label" in inner.get("class").split():
            labels.append(inner)
            if id_of(inner) not in in_labels:
                in_labels.update(map(id_of, inner.walk()))
        elif inner.name in ("rect", "circle", "ellipse", "polygon", "path") and id_of(inner) not in in_labels:
            shapes.append((inner, geometry.apply(where, geometry.outline(inner))))
    box = geometry.bounds([point for _, points in shapes for point in points])
    label, rows = _said(found.kind, tag, labels)
    shape = _shape(found.kind, id, words, shapes, label)
    found.nodes[id] = Node(id=id, label=label, shape=shape, rows=rows, box=box)


def _outer(tag: Tag, at: geometry.Matrix) -> geometry.Matrix:
    """The transform before an element's own, which `placed` applies again."""
    own = geometry.matrix(tag.get("transform"))
    inverse: geometry.Matrix = (1, 0, 0, 1, -own[4], -own[5])
    return geometry.multiply(at, inverse)


def _said(kind: str, tag: Tag, labels: list[Tag]) -> tuple[str, tuple[str, ...]]:
    """A node's label and rows."""
    if kind == "class":
        parts: dict[str, list[str]] = {"label-group": [], "members-group": [], "methods-group": []}
        for group in tag.walk():
            for part, said in parts.items():
                if part in group.get("class").split():
                    said += [text for child in group.all("g") if (text := _text(child))]
        if any(parts.values()):
            return "\n".join(parts["label-group"]), (*parts["members-group"], *parts["methods-group"])
    if kind == "er":
        name = [label for label in labels if "name" in label.get("class").split()]
        cells = [label for label in labels if "attribute-" in label.get("class")]
        rows: list[list[str]] = []
        for cell in cells:
            if "attribute-type" in cell.get("class"):
                rows.append([])
            text = _text(cell)
            if rows and text:
                rows[-1].append(f'"{text}"' if "attribute-comment" in cell.get("class") else text)
        if name or cells:
            return "\n".join(_text(label) for label in name), tuple(" ".join(row) for row in rows if row)
    return "\n".join(text for label in labels[:1] if (text := _text(label))), ()


def _shape(kind: str, id: str, words: list[str], shapes: list[tuple[Tag, list[Point]]], label: str) -> Shape:
    if kind in ("class", "er"):
        return "note" if "note" in id.lower() and not _ruled(shapes) else "class" if kind == "class" else "entity"
    if "statediagram-note" in words:
        return "note"
    tags = [tag for tag, _ in shapes]
    circles = [tag for tag in tags if tag.name == "circle"]
    solid = [points for tag, points in shapes if tag.name in ("path", "polygon") and tag.get("fill") != "none"]
    if circles:
        if not label:
            return "initial"
        return "double_circle" if len(circles) > 1 else "circle"
    if not label and solid:
        box = geometry.bounds(solid[0])
        if box is not None and max(box.w, box.h) > 3 * min(box.w, box.h):
            return "bar"
        found = shape_of(solid[0])
        return "decision" if found == "decision" else "final"
    if kind == "state":
        return "state"
    rect = next((tag for tag in tags if tag.name == "rect"), None)
    if rect is not None:
        if "text" in rect.get("class").split():
            return "text"
        radius, height = geometry.number(rect, "rx"), geometry.number(rect, "height")
        return "stadium" if radius > 0.4 * height else "rounded" if radius else "process"
    if any(tag.name == "path" and re.search(r"[aA]", tag.get("d")) for tag in tags) and not any(
        tag.name == "polygon" for tag in tags
    ):
        return "database"
    if not solid:
        return "annotation" if any(tag.name == "path" for tag in tags) else "process"
    if len(solid[0]) == 10 and tags[0].name == "polygon":
        return "subprocess"
    return shape_of(solid[0]) or "process"


def _ruled(shapes: list[tuple[Tag, list[Point]]]) -> bool:
    """Whether an outline has lines across it, as classes have and notes have not."""
    return sum(tag.name == "path" and tag.get("fill") == "none" for tag, _ in shapes) > 1


def _cluster(found: _Reading, tag: Tag, at: geometry.Matrix) -> None:
    id = tag.get("data-id") if found.kind == "state" and tag.get("data-id") else _bare(found, tag.get("id"))
    match = _NODE.search(id)
    if match and found.kind == "state":
        id = match.group(1)
    box = None
    for inner, where in geometry.placed(tag, _outer(tag, at) if tag.get("transform") else at):
        if inner.name == "rect" and box is None:
            box = geometry.bounds(geometry.apply(where, geometry.outline(inner)))
    if id and id not in found.groups:
        kind = "composite" if found.kind == "state" else "subgraph"
        found.groups[id] = Group(id=id, label=_text(tag), kind=kind, box=box)


def _nest(found: _Reading) -> None:
    """Parents and members, by place."""
    for id in found.groups:
        found.nodes.pop(id, None)
    boxes = {id: group.box for id, group in found.groups.items() if group.box is not None}

    def holder(box: Box | None) -> str | None:
        around = [id for id, outer in boxes.items() if box is not None and geometry.within(box, outer)]
        return min(around, key=lambda one: boxes[one].area, default=None)

    found.groups = {id: group.replace(parent=holder(group.box)) for id, group in found.groups.items()}
    found.nodes = {id: node.replace(group=holder(node.box)) for id, node in found.nodes.items()}


def _route(tag: Tag, at: geometry.Matrix) -> list[Point]:
    """Where a connector runs: the corners that Mermaid notes down, else the path's own."""
    noted = tag.get("data-points")
    if noted and len(noted) < 1_000_000:
        try:
            points = [(float(p["x"]), float(p["y"])) for p in json.loads(base64.b64decode(noted))]
            if len(points) > 1:
                return geometry.apply(at, points)
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
    return geometry.apply(at, geometry.path_points(tag.get("d")))


def _boxes(found: _Reading) -> dict[str, Box]:
    items: list[Node | Group] = [*found.nodes.values(), *found.groups.values()]
    return {item.id: item.box for item in items if item.box is not None}


def _edges(found: _Reading) -> list[Edge] | None:
    known = set(found.nodes) | set(found.groups)
    boxes = _boxes(found)
    by_order = len(found.loose) == len(found.paths) and not found.labels
    edges: list[Edge] = []
    for i, (tag, route) in enumerate(found.paths):
        id = tag.get("data-id") or _bare(found, tag.get("id"))
        loop = _LOOP.match(id)
        label = found.labels.get(id, found.loose[i] if by_order else "")
        if loop is not None:
            if loop.group(2) == "mid" and loop.group(1) in known:
                edges.append(_edge(found.kind, tag, loop.group(1), loop.group(1), label, None))
            elif loop.group(1) not in known:
                return None
            continue
        ends = _ends(id, tag, known) or _touched(route, boxes)
        if ends is None:
            return None
        edges.append(_edge(found.kind, tag, *ends, label, tuple(route)))
    return edges


def _ends(id: str, tag: Tag, known: set[str]) -> tuple[str, str] | None:
    """Source and target by the connector's id or classes, where just one way to take it apart names known symbols."""
    words = tag.get("class").split()
    start = next((word[3:] for word in words if word.startswith("LS-")), "")
    end = next((word[3:] for word in words if word.startswith("LE-")), "")
    if start in known and end in known:
        return start, end
    match = re.fullmatch(r"(?:L|id)([_-])(.+)\1\d+", id) if len(id) <= 2 * geometry.MAX_NAME else None
    if match is None:
        return None
    mark, inside = match.group(1), match.group(2)
    found: list[tuple[str, str]] = []
    for at in [m.start() for m in re.finditer(re.escape(mark), inside)]:
        a, b = (_entity(part) for part in (inside[:at], inside[at + 1 :]))
        if a in known and b in known:
            found.append((a, b))
    return found[0] if len(found) == 1 else None


def _entity(part: str) -> str:
    match = re.fullmatch(r"entity-(.+)-\d+", part)
    return match.group(1) if match else part


def _touched(route: list[Point], boxes: dict[str, Box]) -> tuple[str, str] | None:
    """The symbols at whose borders a connector begins and ends."""
    if len(route) < 2 or not boxes:
        return None
    ends = []
    for point in (route[0], route[-1]):
        id = min(boxes, key=lambda one: (geometry.to_border(boxes[one], point), boxes[one].area))
        if geometry.to_border(boxes[id], point) > max(20.0, min(boxes[id].w, boxes[id].h) / 2):
            return None
        ends.append(id)
    return ends[0], ends[1]


def _edge(kind: str, tag: Tag, source: str, target: str, label: str, path: tuple[Point, ...] | None) -> Edge:
    head, tail = (_marker(tag.get(key)) for key in ("marker-end", "marker-start"))
    words = tag.get("class")
    style = tag.get("style")
    line: Line = "solid"
    if "edge-pattern-dotted" in words or "edge-pattern-dashed" in words or "dashed-line" in words:
        line = "dashed"
    elif "edge-thickness-thick" in words or "stroke-width: 3.5" in style:
        line = "thick"
    meant: EdgeKind = "flow"
    if kind == "er":
        meant = "relation"
    elif kind == "class":
        if head == "none" and tail != "none":  # the marked end is the target
            source, target, head, tail = target, source, tail, "none"
            path = path[::-1] if path else None
        meant = _relation(head, line)
    if "note" in (tag.get("data-id") + tag.get("id")).lower() and head == "none" and kind in ("state", "class"):
        meant, line = "association", "dashed"
        if "note" not in source:
            source, target, path = target, source, path[::-1] if path else None
    return Edge(source=source, target=target, label=label, kind=meant, line=line, head=head, tail=tail, path=path)


def _relation(head: str, line: str) -> EdgeKind:
    if head == "triangle":
        return "realization" if line != "solid" else "inheritance"
    if head in ("diamond", "filled_diamond"):
        return "aggregation" if head == "diamond" else "composition"
    return "dependency" if head != "none" and line != "solid" else "association"


def _marker(text: str) -> Head:
    """`url(#m2_flowchart-v2-pointEnd-margin)` -> arrow."""
    match = re.search(r"[_-]([A-Za-z]+?)(?:Start|End)(?:[-_)]|\Z)", text)
    name = match.group(1).lower() if match else ""
    return _MARKERS.get(name, "arrow" if text and not match else "none")


def _beside(found: _Reading, edges: list[Edge]) -> list[Edge]:
    """Multiplicities go to the end of a connector that they are nearest to; that of the label before them, if near."""
    ids = [tag.get("data-id") or _bare(found, tag.get("id")) for tag, _ in found.paths]
    if geometry.too_many((len(found.terminals), len(edges))):
        return edges
    for text, spot, after in found.terminals:
        ranked: list[tuple[float, int, str]] = []
        for i, edge in enumerate(edges):
            for end, point in (("source_label", (edge.path or ())[:1]), ("target_label", (edge.path or ())[-1:])):
                if point and text and not getattr(edge, end):
                    away = math.hypot(point[0].x - spot.x, point[0].y - spot.y)
                    own = len(ids) == len(edges) and ids[i] == after
                    ranked.append((away / 2 if own else away, i, end))
        if ranked:
            _, i, end = min(ranked)
            edges[i] = edges[i].replace(**{end: text})
    return edges
