"""Positions for a diagram: lanes, columns along the flow, orthogonal connectors that keep off symbols.

A plain layered layout of our own.  Columns come from the longest path after back edges are taken out, rows from the
lane and the order of meeting.  Everything is in the unit of the sizes given.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from diagrasp.model import Box, Diagram, Edge, Group, Node, Point
from diagrasp_train.generate.routing import GRID, route

Size = Callable[[Node], tuple[float, float]]


@dataclass(slots=True)
class Spacing:
    """How far apart things stand: columns and rows (between the nodes), titles of pools and lanes, space for labels."""

    column: float = 60
    row: float = 60
    title: float = 30
    vertical: bool = False
    label_below: float = 40
    label_width: float = 90


@dataclass(slots=True)
class Placed:
    """A diagram with boxes and paths, the boxes of its outside labels by the id of their node or edge, and its size."""

    diagram: Diagram
    labels: dict[str, Box] = field(default_factory=dict)
    width: float = 0
    height: float = 0


def back_edges(diagram: Diagram) -> set[str]:
    """The ids of the edges that close a cycle, met depth first from the nodes in their order."""
    out: dict[str, list[Edge]] = defaultdict(list)
    for edge in diagram.edges:
        out[edge.source].append(edge)
    state: dict[str, int] = {}
    back: set[str] = set()
    for root in (n.id for n in diagram.nodes):
        if state.get(root):
            continue
        stack = [(root, iter(out[root]))]
        state[root] = 1
        while stack:
            here, edges = stack[-1]
            step = next(edges, None)
            if step is None:
                state[here] = 2
                stack.pop()
            elif state.get(step.target) == 1:
                back.add(step.id)
            elif not state.get(step.target):
                state[step.target] = 1
                stack.append((step.target, iter(out[step.target])))
    return back


def columns(diagram: Diagram) -> dict[str, int]:
    """The column of each node: its longest path from a start, along flow edges only."""
    back = back_edges(diagram)
    ids = {n.id for n in diagram.nodes if n.attached_to is None}
    host = {n.id: n.attached_to or n.id for n in diagram.nodes}
    flow = [
        (host[e.source], e.target, 1)
        for e in diagram.edges
        if e.id not in back and e.kind == "flow" and e.source in host and e.target in ids
    ]
    level = dict.fromkeys(ids, 0)
    for _ in range(len(ids) + 1):
        changed = False
        for a, b, step in flow:
            if level[b] < level[a] + step <= len(ids):
                level[b] = level[a] + step
                changed = True
        if not changed:
            break
    moved = {a for a, _, _ in flow} | {b for _, b, _ in flow}
    for edge in diagram.edges:  # what stands beside the flow stands by its step
        for aside, host_id in ((edge.source, edge.target), (edge.target, edge.source)):
            if edge.kind in ("association", "data") and aside in ids - moved and host_id in moved:
                level[aside] = level[host_id]
    return level


def place(
    diagram: Diagram,
    size: Size,
    spacing: Spacing,
    *,
    outside: Callable[[Node], bool] | None = None,
    size_of_label: Size | None = None,
) -> Placed:
    """Lay a diagram out.

    Args:
        size: width and height of a node's symbol.
        outside: whether a node's label stands beside its symbol.
        size_of_label: the width and height of such a label.
    """
    turn = spacing.vertical
    outside = outside or (lambda node: False)
    level = columns(diagram)
    rank = {g.id: i for i, g in enumerate(diagram.groups)}
    lanes = [g.id for g in diagram.groups if g.kind == "lane" or not any(o.parent == g.id for o in diagram.groups)]
    lanes = lanes or [""]
    cells: dict[tuple[str, int], list[Node]] = defaultdict(list)
    for node in diagram.nodes:
        if node.attached_to is None:
            cells[node.group or lanes[0], level[node.id]].append(node)
    across = {n.id: size(n)[0 if turn else 1] for n in diagram.nodes}
    along = {n.id: size(n)[1 if turn else 0] for n in diagram.nodes}
    below = {n.id: spacing.label_below if outside(n) and n.label and not turn else 0.0 for n in diagram.nodes}
    wide = {n.id: spacing.label_below if outside(n) and n.label and turn else 0.0 for n in diagram.nodes}

    pools = [g for g in diagram.groups if g.kind == "pool"]
    nested = any(g.kind == "lane" and g.parent for g in diagram.groups)
    lead = (spacing.title if pools else 0.0) + (spacing.title if nested or (lanes[0] and not pools) else 0.0)
    x = _snap(lead + spacing.column * 0.7)
    middle: dict[int, float] = {}
    for column in sorted({c for _, c in cells}):
        width = max(along[n.id] + wide[n.id] for (_, c), ns in cells.items() if c == column for n in ns)
        middle[column] = _snap(x + width / 2)
        x = middle[column] + width / 2 + spacing.column
    length = _snap(x)

    center: dict[str, tuple[float, float]] = {}
    lane_box: dict[str, tuple[float, float]] = {}
    y = 0.0
    previous_pool: str | None = None
    for lane in sorted(lanes, key=lambda g: rank.get(g, 0)):
        parents = list(diagram.ancestors(lane)) if lane else []
        pool = parents[-1].id if parents else None
        if previous_pool is not None and pool != previous_pool:
            y += GRID * 3
        previous_pool = pool
        pitch: dict[int, float] = {}
        tallest = GRID * 5
        stacks = {c: ns for (g, c), ns in cells.items() if g == lane}
        for c, ns in stacks.items():
            pitch[c] = sum(across[n.id] + below[n.id] for n in ns) + spacing.row * (len(ns) - 1)
            tallest = max(tallest, pitch[c] + spacing.row)
        tallest = _snap(tallest, up=True)
        for c, ns in stacks.items():
            alone = len(ns) == 1
            top = y + (tallest - (across[ns[0].id] if alone else pitch[c])) / 2
            for node in ns:
                center[node.id] = (middle[c], _snap(top + across[node.id] / 2))
                top = center[node.id][1] + across[node.id] / 2 + below[node.id] + spacing.row
        lane_box[lane] = (y, y + tallest)
        y += tallest
    height = y

    boxes: dict[str, Box] = {}
    for node in diagram.nodes:
        if node.attached_to is None:
            cx, cy = center[node.id]
            w, h = along[node.id], across[node.id]
            boxes[node.id] = Box(cx - w / 2, cy - h / 2, w, h)
    for node in diagram.nodes:
        if node.attached_to is not None:
            host = boxes[node.attached_to]
            w, h = along[node.id], across[node.id]
            cx, cy = _snap(host.right - GRID), host.bottom
            boxes[node.id] = Box(cx - w / 2, cy - h / 2, w, h)
            center[node.id] = (cx, cy)

    named = [(n, boxes[n.id]) for n in diagram.nodes if outside(n) and n.label]
    soft = [_below(b, spacing, turn) for _, b in named]
    borders = {round(edge / GRID) for lane in lane_box.values() for edge in lane}
    paths = route(diagram, boxes, soft, (lead, 0.0, length, height), borders)
    labels: dict[str, Box] = {}
    lines = [Box(*_extent(a, b)) for path in paths.values() for a, b in itertools.pairwise(path)]
    for node, box in named:
        taken = [*(b for id, b in boxes.items() if id != node.id), *lines, *labels.values()]
        labels[node.id] = _beside(box, spacing, turn, taken, size_of_label(node) if size_of_label else None)
    group_boxes = _group_boxes(diagram.groups, lane_box, lead, length, spacing.title)

    def flip(box: Box) -> Box:
        return Box(box.y, box.x, box.h, box.w) if turn else box

    placed = diagram.replace(
        nodes=tuple(n.replace(box=flip(boxes[n.id])) for n in diagram.nodes),
        edges=tuple(
            e.replace(path=tuple(Point(*(p[::-1] if turn else p)) for p in paths[e.id])) if e.id in paths else e
            for e in diagram.edges
        ),
        groups=tuple(g.replace(box=flip(group_boxes[g.id])) if g.id in group_boxes else g for g in diagram.groups),
    )
    width, height = (height, length) if turn else (length, height)
    return Placed(placed, {k: flip(b) for k, b in labels.items()}, width, height)


def _group_boxes(
    groups: tuple[Group, ...], lanes: dict[str, tuple[float, float]], lead: float, length: float, title: float
) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for group in groups:
        inside = [lanes[g.id] for g in groups if g.id in lanes and (g.id == group.id or g.parent == group.id)]
        if not inside:
            continue
        top, bottom = min(t for t, _ in inside), max(b for _, b in inside)
        left = title if group.kind == "lane" and group.parent else 0.0
        boxes[group.id] = Box(left, top, length - left, bottom - top)
    return boxes


def _extent(a: tuple[float, float], b: tuple[float, float], m: float = 3) -> tuple[float, float, float, float]:
    return min(a[0], b[0]) - m, min(a[1], b[1]) - m, abs(a[0] - b[0]) + 2 * m, abs(a[1] - b[1]) + 2 * m


def _below(box: Box, spacing: Spacing, turn: bool) -> Box:
    if turn:
        return Box(box.right + 4, box.center[1] - spacing.label_width / 2, spacing.label_below, spacing.label_width)
    return Box(box.center[0] - spacing.label_width / 2, box.bottom + 4, spacing.label_width, spacing.label_below - 6)


def _beside(box: Box, spacing: Spacing, turn: bool, taken: list[Box], size: tuple[float, float] | None) -> Box:
    """Where a symbol's outside label covers least: below, above, or off a corner."""
    w, h = size or (spacing.label_width, spacing.label_below - 6)
    if turn:
        w, h = h, w
    cx, cy = box.center
    spots = [Box(cx - w / 2, y, w, h) for y in (box.bottom + 4, box.y - h - 4)]
    spots += [Box(x, y, w, h) for y in (box.bottom - 6, box.y - h + 6) for x in (cx + 8, cx - w - 8)]
    spots += [Box(x, cy - h / 2, w, h) for x in (box.right + 6, box.x - w - 6)]
    return min(spots, key=lambda s: sum(_overlap(s, t) for t in taken) * 100 + spots.index(s))


def _snap(value: float, *, up: bool = False) -> float:
    return (math.ceil if up else round)(value / GRID) * GRID


def obstacles(placed: Placed) -> list[Box]:
    """What a connector's label should keep off: symbols, labels, lines and the borders of containers."""
    diagram = placed.diagram
    taken = [n.box for n in diagram.nodes if n.box] + list(placed.labels.values())
    for path in (e.path for e in diagram.edges if e.path):
        taken += [Box(*_extent(a, b, 1)) for a, b in itertools.pairwise(path)]
    for box in (g.box for g in diagram.groups if g.box):
        taken += [Box(box.x, y - 2, box.w, 4) for y in (box.y, box.bottom)]
        taken += [Box(x - 2, box.y, 4, box.h) for x in (box.x, box.right)]
    return taken


def label_spot(path: tuple[Point, ...], size: tuple[float, float], taken: list[Box]) -> Box:
    """A free place for a connector's label of that size: beside its line, near its beginning."""
    w, h = size
    spots: list[Box] = []
    for a, b in itertools.pairwise(path):
        length = abs(b.x - a.x) + abs(b.y - a.y)
        if a.y == b.y and length >= w * 0.6:
            for share in (0.5, 0.3, 0.7):
                x = a.x + (b.x - a.x) * share - w / 2
                spots += [Box(x, a.y - h - 3, w, h), Box(x, a.y + 3, w, h)]
        elif a.x == b.x and length >= h:
            for share in (0.3, 0.5, 0.7):
                y = a.y + (b.y - a.y) * share - h / 2
                spots += [Box(a.x + 4, y, w, h), Box(a.x - w - 4, y, w, h)]
    if not spots:
        a, b = path[0], path[1]
        spots = [Box((a.x + b.x) / 2 - w / 2, (a.y + b.y) / 2 - h - 3, w, h)]
    return min(spots, key=lambda s: sum(_overlap(s, t) for t in taken) * 1000 + spots.index(s))


def _overlap(a: Box, b: Box) -> float:
    w = min(a.right, b.right) - max(a.x, b.x)
    h = min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(0.0, w) * max(0.0, h)
