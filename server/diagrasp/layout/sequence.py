"""Sequence diagrams: participants side by side, messages one under another, frames around their messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from diagrasp.layout.sizes import FONT, footprint
from diagrasp.layout.text import balance, measure, text_width
from diagrasp.model import Box, Diagram, Edge, Node, Point

GAP = 40.0
ROW = 30.0
HEAD = 46.0


@dataclass(slots=True)
class _Columns:
    order: list[str] = field(default_factory=list)
    x: dict[str, float] = field(default_factory=dict)


def lay_out_sequence(diagram: Diagram) -> tuple[dict[str, Box], dict[str, list[Point]]]:
    """Boxes of the participants' heads and of the frames, and the messages' paths; lifelines start under the heads."""
    actors = [n for n in diagram.nodes if n.shape not in ("note", "annotation", "text")]
    notes = [n for n in diagram.nodes if n.shape in ("note", "annotation", "text")]
    columns = _columns(diagram, actors)
    boxes: dict[str, Box] = {}
    top = 20.0
    head = max((_head(n)[1] for n in actors), default=HEAD)
    for node in actors:
        w, h = _head(node)
        boxes[node.id] = Box(columns.x[node.id] - w / 2, top + head - h, w, h)
    y = top + head + 16
    paths: dict[str, list[Point]] = {}
    frames = _Frames(diagram)
    by_note = _anchors(diagram, notes, columns)
    left = min((b.x for b in boxes.values()), default=20.0)
    right = max((b.right for b in boxes.values()), default=200.0)
    for edge in diagram.edges:
        if edge.source not in columns.x or edge.target not in columns.x:
            continue
        y = frames.step(edge.group, y)
        a, b = columns.x[edge.source], columns.x[edge.target]
        lines = len(balance(edge.label, max(abs(a - b) - 20, 130.0), FONT * 0.93)) if edge.label else 0
        y += ROW + max(0, lines - 1) * FONT * 1.2
        if a == b:
            paths[edge.id] = [Point(a, y), Point(a + 40, y), Point(a + 40, y + 22), Point(a, y + 22)]
            y += 24
            right = max(right, a + 60 + text_width(edge.label, FONT * 0.93))
        else:
            paths[edge.id] = [Point(a, y), Point(b, y)]
    y = frames.step(None, y)
    for node in notes:
        size = footprint(node, horizontal=True)
        x = by_note.get(node.id, (left + right) / 2)
        boxes[node.id] = Box(x - size.w / 2, y + 16, size.w, size.h)
        y += size.h + 24
    frames.close(boxes, left - 16, right + 16, y)
    for edge in diagram.edges:
        if edge.id not in paths:
            paths[edge.id] = _tie(boxes[edge.source], boxes[edge.target], columns, edge)
    return boxes, paths


def _head(node: Node) -> tuple[float, float]:
    if node.shape in ("participant", "process", "rounded", "task", "class", "database", "collections"):
        fitted = measure(balance(node.label, 150.0, FONT), FONT)
        extra = 22 if node.shape == "database" else 0
        return max(96.0, fitted.width + 28), max(40.0, fitted.height + 20) + extra
    size = footprint(node, horizontal=True, kind="sequence")
    return size.w, size.h + size.label_h


def _columns(diagram: Diagram, actors: list[Node]) -> _Columns:
    """Abscissas so that messages between neighbours have room for their labels."""
    columns = _Columns([n.id for n in actors])
    place = {id: k for k, id in enumerate(columns.order)}
    need = [0.0] * max(1, len(actors))
    for k, pair in enumerate(pairwise(actors)):
        need[k] = sum(max(_head(n)[0], footprint(n, horizontal=True).label_w) for n in pair) / 2 + GAP
    for edge in diagram.edges:
        a, b = place.get(edge.source), place.get(edge.target)
        if a is None or b is None:
            continue
        width = min(260.0, text_width(edge.label, FONT * 0.93)) + 28
        if a == b:
            need[a] = max(need[a], width + 46)
        elif abs(a - b) == 1:
            need[min(a, b)] = max(need[min(a, b)], width)
        else:
            low, high = min(a, b), max(a, b)
            lack = width - sum(need[low:high])
            if lack > 0:
                for k in range(low, high):
                    need[k] += lack / (high - low)
    x = 20.0 + (_head(actors[0])[0] / 2 if actors else 0)
    for k, node in enumerate(actors):
        columns.x[node.id] = x
        x += need[k]
    return columns


def _anchors(diagram: Diagram, notes: list[Node], columns: _Columns) -> dict[str, float]:
    ids = {n.id for n in notes}
    found: dict[str, float] = {}
    for edge in diagram.edges:
        for note, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if note in ids and other in columns.x:
                found.setdefault(note, columns.x[other] + 20)
    return found


def _tie(start: Box, end: Box, columns: _Columns, edge: Edge) -> list[Point]:
    """A note's line ends on the lifeline, not on the head."""
    a = Point(
        columns.x.get(edge.source, start.center[0]), end.center[1] if edge.source in columns.x else start.center[1]
    )
    b = Point(columns.x.get(edge.target, end.center[0]), start.center[1] if edge.target in columns.x else end.center[1])
    return [a, b]


class _Frames:
    """Opens and closes frames and sections as messages come."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.groups = {g.id: g for g in diagram.groups}
        self.open: list[str] = []
        self.start: dict[str, float] = {}
        self.end: dict[str, float] = {}

    def _chain(self, group: str | None) -> list[str]:
        chain = []
        while group is not None:
            chain.append(group)
            group = self.groups[group].parent
        return chain[::-1]

    def step(self, group: str | None, y: float) -> float:
        chain = self._chain(group)
        common = 0
        while common < min(len(chain), len(self.open)) and chain[common] == self.open[common]:
            common += 1
        for id in reversed(self.open[common:]):
            y += 14 if self.groups[id].kind != "section" else 8
            self.end[id] = y
        for id in chain[common:]:
            first = self.groups[id].kind == "section"
            y += 4 if first else 14
            self.start.setdefault(id, y)
            y += 20
        if chain[common:]:
            y += 2
        self.open = chain
        return y

    def close(self, boxes: dict[str, Box], left: float, right: float, y: float) -> None:
        def depth(id: str) -> int:
            return sum(self.groups[g].kind != "section" for g in self._chain(id)[:-1])

        deepest = max((depth(g.id) for g in self.diagram.groups), default=0)
        for group in self.diagram.groups:
            inset = 10.0 * (depth(group.id) - deepest - (group.kind == "section"))
            if group.id in self.start:
                top, bottom = self.start[group.id], self.end.get(group.id, y)
            else:
                top, bottom = y + 10, y + 40
                y += 40
            boxes[group.id] = Box(left + inset, top, right - left - 2 * inset, max(24.0, bottom - top))


def message_paths(diagram: Diagram, boxes: dict[str, Box]) -> dict[str, tuple[Point, ...]]:
    """Paths for messages of a recognised sequence diagram that lack them: evenly between their neighbours."""
    heights: list[float | None] = [e.path[0].y if e.path and len(e.path) > 1 else None for e in diagram.edges]
    if all(h is not None for h in heights):
        return {}
    low = max((boxes[n.id].bottom for n in diagram.nodes), default=0.0)
    if any(h is not None for h in heights):
        low = min((boxes[n.id].bottom for n in diagram.nodes), default=0.0)
    paths: dict[str, tuple[Point, ...]] = {}
    for k, edge in enumerate(diagram.edges):
        if heights[k] is not None:
            continue
        before = next((h for h in reversed(heights[:k]) if h is not None), low)
        following = next((j for j in range(k + 1, len(heights)) if heights[j] is not None), None)
        after = heights[following] if following is not None else None
        y = before + ROW if after is None or following is None else before + (after - before) / (following - k + 1)
        heights[k] = y
        a, b = boxes[edge.source].center[0], boxes[edge.target].center[0]
        paths[edge.id] = (
            (Point(a, y), Point(b, y))
            if a != b
            else (Point(a, y), Point(a + 40, y), Point(a + 40, y + 20), Point(a, y + 20))
        )
    return paths
