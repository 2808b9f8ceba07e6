"""Filling in what the geometry of a recognised picture lacks, without moving anything."""

from __future__ import annotations

from diagrasp.layout.router import Router, plain, spread_ends
from diagrasp.layout.sequence import message_paths
from diagrasp.layout.sizes import POINTED, footprint
from diagrasp.layout.straight import direct
from diagrasp.model import Box, Diagram, Point

_ENOUGH = 0.7
_MAX_ROUTED = 400


def has_geometry(diagram: Diagram) -> bool:
    """Whether most nodes (or, without nodes, groups) have a box of their own that is more than a point."""
    boxes = [n.box for n in diagram.nodes] or [g.box for g in diagram.groups]
    known = [box for box in boxes if box is not None and box.w > 1 and box.h > 1]
    return bool(known) and len(known) >= _ENOUGH * len(boxes)


def known_boxes(diagram: Diagram) -> dict[str, Box]:
    """The boxes of nodes and groups by id."""
    boxes = {n.id: n.box for n in diagram.nodes if n.box is not None}
    return boxes | {g.id: g.box for g in diagram.groups if g.box is not None}


def complete(diagram: Diagram) -> Diagram:
    """Boxes for what has none, under the rest; group boxes around their contents; paths for edges."""
    boxes = known_boxes(diagram)
    _place_missing(diagram, boxes)
    wrap_groups(diagram, boxes)
    paths: dict[str, tuple[Point, ...]] = {}
    if diagram.kind == "sequence":
        paths = message_paths(diagram, boxes)
    missing = [e for e in diagram.edges if (e.path is None or len(e.path) < 2) and e.id not in paths]
    router = Router([boxes[n.id] for n in diagram.nodes if n.shape != "subprocess"])
    horizontal = _sideways(diagram, boxes)
    for number, edge in enumerate(missing):
        start, end = boxes[edge.source], boxes[edge.target]
        if edge.source == edge.target or _overlap(start, end) or edge.kind == "association":
            paths[edge.id] = tuple(loop(start) if edge.source == edge.target else direct(start, end))
        elif number < _MAX_ROUTED:
            paths[edge.id] = tuple(router.route(start, end, horizontal=horizontal))
        else:
            paths[edge.id] = tuple(plain(start, end, horizontal=horizontal))
    found = {id: list(path) for id, path in paths.items()}
    fixed = {n.id for n in diagram.nodes if n.shape in POINTED}
    spread_ends(found, missing, boxes, fixed)
    paths = {id: tuple(path) for id, path in found.items()}
    return diagram.model_copy(
        update={
            "nodes": tuple(n.model_copy(update={"box": boxes[n.id]}) for n in diagram.nodes),
            "groups": tuple(g.model_copy(update={"box": boxes[g.id]}) for g in diagram.groups),
            "edges": tuple(e.model_copy(update={"path": paths.get(e.id, e.path)}) for e in diagram.edges),
        }
    )


def loop(box: Box) -> list[Point]:
    """A self loop over the upper right corner."""
    out = max(12.0, min(box.w, box.h) * 0.3)
    x = box.x + box.w * 0.72
    return [
        Point(x, box.y), Point(x, box.y - out), Point(box.right + out, box.y - out),
        Point(box.right + out, box.center[1]), Point(box.right, box.center[1]),
    ]  # fmt: skip


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def _place_missing(diagram: Diagram, boxes: dict[str, Box]) -> None:
    """Nodes without a box stand in a row under everything, boundary events on their activity."""
    missing = [n for n in diagram.nodes if n.id not in boxes]
    if not missing:
        return
    left = min(b.x for b in boxes.values())
    y = max(b.bottom for b in boxes.values()) + 40
    x = left
    for node in missing:
        size = footprint(node, horizontal=True, kind=diagram.kind)
        host = boxes.get(node.attached_to) if node.attached_to else None
        if host is not None:
            boxes[node.id] = Box(host.center[0] - size.w / 2, host.bottom - size.h / 2, size.w, size.h)
            continue
        boxes[node.id] = Box(x + (size.full_w - size.w) / 2, y, size.w, size.h)
        x += size.full_w + 40


def wrap_groups(diagram: Diagram, boxes: dict[str, Box]) -> None:
    """Boxes for groups without one, around what is in them."""
    children: dict[str, list[str]] = {}
    for node in diagram.nodes:
        if node.group is not None:
            children.setdefault(node.group, []).append(node.id)
    for group in diagram.groups:
        if group.parent is not None:
            children.setdefault(group.parent, []).append(group.id)
    done: set[str] = set()
    for group in diagram.groups:
        trail = [group.id]
        while trail:  # innermost first
            here = trail[-1]
            waiting = [c for c in children.get(here, []) if c not in boxes and c not in done]
            if waiting:
                trail.extend(waiting)
                continue
            trail.pop()
            done.add(here)
            if here not in boxes:
                inside = [boxes[c] for c in children.get(here, [])]
                boxes[here] = _around(inside) if inside else _spare(boxes)


def _around(inside: list[Box]) -> Box:
    x, y = min(b.x for b in inside) - 20, min(b.y for b in inside) - 34
    return Box(x, y, max(b.right for b in inside) + 20 - x, max(b.bottom for b in inside) + 20 - y)


def _spare(boxes: dict[str, Box]) -> Box:
    if not boxes:
        return Box(0.0, 0.0, 160.0, 80.0)
    return Box(min(b.x for b in boxes.values()), max(b.bottom for b in boxes.values()) + 30, 200.0, 60.0)


def _sideways(diagram: Diagram, boxes: dict[str, Box]) -> bool:
    """Whether edges run more level than upright."""
    dx = dy = 0.0
    for edge in diagram.edges:
        a, b = boxes[edge.source].center, boxes[edge.target].center
        dx, dy = dx + abs(a[0] - b[0]), dy + abs(a[1] - b[1])
    return dx > dy
