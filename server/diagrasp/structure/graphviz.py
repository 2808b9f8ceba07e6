"""Graphviz' SVG -> Diagram: nodes, edges and clusters by the titles that `dot` and its sisters write."""

from __future__ import annotations

import math
import re
from typing import cast

from diagrasp.model import Box, Diagram, Direction, Edge, Group, Head, Line, Node, Point, Shape
from diagrasp.structure import geometry
from diagrasp.structure.outlines import shape_of
from diagrasp.xmltree import Tag


def read(root: Tag) -> Diagram | None:
    """None where it is no SVG of Graphviz, or an edge's ends cannot be told."""
    graph = next((tag for tag in root.walk() if tag.name == "g" and tag.get("class") == "graph"), None)
    if graph is None:
        return None
    nodes: list[Node] = []
    groups: list[Group] = []
    edges: list[tuple[str, Tag, geometry.Matrix]] = []
    for tag, at in geometry.placed(graph):
        title = _title(tag)
        if tag.name != "g" or title is None:
            continue
        before = _own(tag, at)
        if tag.get("class").split()[:1] == ["node"]:
            nodes.append(_node(title, tag, before))
        elif tag.get("class").split()[:1] == ["edge"]:
            edges.append((title, tag, before))
        elif tag.get("class").split()[:1] == ["cluster"]:
            box = geometry.bounds(_drawn(tag, before))
            groups.append(Group(id=title, label=_text(tag), box=box))
    if geometry.too_many((len(nodes) + len(groups), len(groups))):
        return None
    groups = _unique(groups, {node.id for node in nodes})
    boxes = {group.id: group.box for group in groups if group.box is not None}

    def holder(box: Box | None) -> str | None:
        around = [id for id, outer in boxes.items() if box is not None and geometry.within(box, outer)]
        return min(around, key=lambda one: boxes[one].area, default=None)

    groups = [group.replace(parent=holder(group.box)) for group in groups]
    nodes = [node.replace(group=holder(node.box)) for node in nodes]
    known = {node.id: node for node in nodes}
    if not nodes or len(known) != len(nodes):
        return None
    made: list[Edge] = []
    for title, tag, at in edges:
        ends = _ends(title, set(known))
        if ends is None:
            return None
        made.append(_edge(ends, tag, at))
    pairs = [(known[e.source].box, known[e.target].box) for e in made if e.source != e.target]
    way = geometry.heading([(a, b) for a, b in pairs if a is not None and b is not None])
    return Diagram(
        kind="flowchart",
        title=_joined([child for child in graph.children if child.name == "text"]) or None,
        direction=cast("Direction | None", way),
        nodes=tuple(nodes),
        edges=tuple(made),
        groups=tuple(groups),
    )


def _title(tag: Tag) -> str | None:
    found = tag.find("title")
    return found.text.strip() or " " if found is not None else None


def _own(tag: Tag, at: geometry.Matrix) -> geometry.Matrix:
    """The transform before an element's own (Graphviz gives none below the graph)."""
    return at if not tag.get("transform") else geometry.IDENTITY


def _text(tag: Tag) -> str:
    return _joined([child for child in tag.walk() if child.name == "text"])


def _joined(texts: list[Tag]) -> str:
    """Texts as lines; those of one height, which differ in their fonts, are one line."""
    lines: list[str] = []
    height = None
    for text in texts:
        here = text.get("y")
        if here == height and here:
            lines[-1] += text.full_text()
        else:
            lines.append(text.full_text())
        height = here
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _fields(tag: Tag) -> list[str]:
    """The fields of a record: what stands between the lines that divide it."""
    fields: list[list[Tag]] = [[]]
    for child in tag.walk():
        if child.name == "polyline":
            fields.append([])
        elif child.name == "text":
            fields[-1].append(child)
    return [_joined(texts) for texts in fields]


def _drawn(tag: Tag, at: geometry.Matrix) -> list[Point]:
    shapes = [inner for inner, _ in geometry.placed(tag) if inner.name in ("polygon", "ellipse", "path", "polyline")]
    return geometry.apply(at, [point for shape in shapes for point in geometry.outline(shape)])


def _node(id: str, tag: Tag, at: geometry.Matrix) -> Node:
    box = geometry.bounds(_drawn(tag, at))
    if box is None:  # plain text
        texts = [inner for inner in tag.walk() if inner.name == "text"]
        spots = geometry.apply(at, [(geometry.number(t, "x"), geometry.number(t, "y")) for t in texts])
        widths = [geometry.number(t, "font-size", 14.0) * max(1, len(t.full_text())) * 0.5 for t in texts]
        box = geometry.bounds(
            [
                (p.x + side * w / 2, p.y + lift)
                for p, w in zip(spots, widths, strict=True)
                for side in (-1, 1)
                for lift in (-12, 4)
            ]
        )
    shape = _shape(tag)
    fields = _fields(tag)
    if shape not in ("process", "rounded") or len(fields) == 1:
        return Node(id=id, label=_text(tag), shape=shape, box=box)
    rows = tuple(line for field in fields[1:] for line in field.split("\n") if line)
    return Node(id=id, label=fields[0], shape=shape, box=box, rows=rows)


def _shape(tag: Tag) -> Shape:
    shapes = [inner for inner in tag.walk() if inner.name in ("polygon", "ellipse", "path")]
    labelled = bool(_text(tag))
    if not shapes:
        return "text"
    ellipses = [inner for inner in shapes if inner.name == "ellipse"]
    if ellipses:
        rx, ry = geometry.number(ellipses[0], "rx"), geometry.number(ellipses[0], "ry")
        if abs(rx - ry) > 0.05 * max(rx, ry, 1e-9):
            return "ellipse"
        if not labelled:
            filled = ellipses[0].get("fill", "none") not in ("none", "transparent", "white")
            return "final" if len(ellipses) > 1 and filled else "initial" if filled else "circle"
        return "double_circle" if len(ellipses) > 1 else "circle"
    first = shapes[0]
    if first.name == "path":  # a box with round corners, or a cylinder, which has a second line
        return "rounded" if len(shapes) == 1 and not re.search(r"[mM].*[mM]", first.get("d")) else "database"
    points = geometry.outline(first)
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    box = geometry.bounds(points)
    if not labelled and box is not None and max(box.w, box.h) > 4 * min(box.w, box.h):
        return "bar"
    lines = sum(inner.name == "polyline" for inner in tag.walk())
    if len(points) == 4 and lines >= 2 and shape_of(points) == "process" and _note(tag):
        return "note"
    return shape_of(points) or "process"


def _note(tag: Tag) -> bool:
    """Whether a box has a folded corner: short lines all within one corner."""
    return all(
        (b := geometry.bounds(geometry.outline(inner))) is not None and max(b.w, b.h) < 12
        for inner in tag.walk()
        if inner.name == "polyline"
    )


def _ends(title: str, known: set[str]) -> tuple[str, str] | None:
    """`a:port->b` taken apart where just one way names known nodes."""
    if len(title) > 2 * geometry.MAX_NAME:
        return None
    found = {
        (source, target)
        for match in re.finditer(r"->|--", title)
        if (source := _named(title[: match.start()], known)) is not None
        and (target := _named(title[match.end() :], known)) is not None
    }
    return found.pop() if len(found) == 1 else None


def _named(text: str, known: set[str]) -> str | None:
    """The node that a text names, a port (`:port:compass`) left off."""
    for _ in range(3):
        if text in known:
            return text
        text, colon, _ = text.rpartition(":")
        if not colon:
            return None
    return None


def _edge(ends: tuple[str, str], tag: Tag, at: geometry.Matrix) -> Edge:
    path = next((inner for inner in tag.walk() if inner.name == "path"), None)
    route = geometry.apply(at, geometry.path_points(path.get("d"))) if path is not None else []
    head: Head = "none"
    tail: Head = "none"
    for inner in tag.walk():
        if inner.name not in ("polygon", "ellipse") or not route:
            continue
        mark = geometry.bounds(geometry.apply(at, geometry.outline(inner)))
        if mark is None:
            continue
        away = [geometry.to_border(mark, route[k]) for k in (0, -1)]
        if away[1] <= away[0]:
            head = _head(inner)
        else:
            tail = _head(inner)
    line: Line = "solid"
    if path is not None:
        dashes = geometry.numbers(path.get("stroke-dasharray"))
        if dashes:
            line = "dotted" if dashes[0] < 2.5 else "dashed"
        elif geometry.number(path, "stroke-width", 1.0) >= 2:
            line = "thick"
    corners = tuple(route[::2]) if len(route) > 2 else tuple(route)
    label, source_label, target_label = _labels(tag, at, route)
    return Edge(
        source=ends[0], target=ends[1], label=label, line=line, head=head, tail=tail, path=corners or None,
        source_label=source_label, target_label=target_label,
    )  # fmt: skip


def _halfway(route: list[Point]) -> Point:
    """A point on the middle one of a path's curves, each of two ends and two controls between."""
    first = 3 * ((len(route) - 1) // 6)
    a, b, c, d = route[first : first + 4]
    return Point((a.x + 3 * b.x + 3 * c.x + d.x) / 8, (a.y + 3 * b.y + 3 * c.y + d.y) / 8)


def _labels(tag: Tag, at: geometry.Matrix, route: list[Point]) -> tuple[str, str, str]:
    """The texts of a connector: in its middle, at its source, at its target."""
    found: tuple[list[Tag], list[Tag], list[Tag]] = [], [], []
    for text in (child for child in tag.walk() if child.name == "text"):
        place = 0
        if len(route) > 3:
            x, y = geometry.apply(at, [(geometry.number(text, "x"), geometry.number(text, "y"))])[0]
            size = geometry.number(text, "font-size", 14.0)
            away = [math.hypot(point.x - x, point.y - y + size / 3) for point in route]
            halfway = _halfway(route)
            middle = math.hypot(halfway.x - x, halfway.y - y + size / 3)
            nearest = 1 if away[0] <= away[-1] else 2
            if min(away[0], away[-1]) < min(2 * size, middle):
                place = nearest
        found[place].append(text)
    return _joined(found[0]), _joined(found[1]), _joined(found[2])


def _head(mark: Tag) -> Head:
    hollow = mark.get("fill", "none") in ("none", "transparent", "white")
    if mark.name == "ellipse":
        return "circle"
    corners = len(set(geometry.outline(mark)))
    if corners == 3:
        return "triangle" if hollow else "arrow"
    if corners == 4:
        return "diamond" if hollow else "filled_diamond"
    return "open_arrow"


def _unique(groups: list[Group], taken: set[str]) -> list[Group]:
    """Clusters whose title a node has too, or another cluster, get a name of their own."""
    made: list[Group] = []
    for group in groups:
        id = group.id
        while id in taken:
            id += "_"
        taken.add(id)
        made.append(group.replace(id=id))
    return made
