"""Positions for a diagram that has none, or not all: boxes for nodes and groups, paths for edges.

What a picture gave is kept.  The layered method is in `layered`, orthogonal lines in `tracks` and `router`, lanes in
`bands`, sequence diagrams in `sequence`; text is measured without fonts in `text`.  Pure Python, deterministic.
"""

from __future__ import annotations

from diagrasp.layout.complete import complete, has_geometry, known_boxes, wrap_groups
from diagrasp.layout.flow import FlowLayout
from diagrasp.layout.sequence import lay_out_sequence
from diagrasp.layout.straight import direct
from diagrasp.model import Box, Diagram, Direction, Point

__all__ = ["arrange", "complete", "has_geometry", "known_boxes"]

MAX_DEPTH = 100
"""Groups nested deeper are drawn around what is in them, but do not shape the layout."""
_SIDEWAYS = frozenset({"bpmn", "mindmap", "usecase"})


def arrange(diagram: Diagram, *, direction: Direction | None = None, keep: bool = True) -> Diagram:
    """The diagram with a box on every node and group and a path of at least two points on every edge.

    Args:
        direction: of the flow; by default the diagram's own, else left to right for BPMN, mind maps and use cases.
        keep: keep the geometry that is there, where most nodes have some; only what lacks is then added.
    """
    if keep and has_geometry(diagram):
        return complete(diagram)
    if diagram.kind == "sequence":
        boxes, paths = lay_out_sequence(diagram)
    else:
        way = direction or diagram.direction or ("LR" if diagram.kind in _SIDEWAYS else "TB")
        shallow = _without_depths(diagram)
        boxes, paths = FlowLayout(shallow, way).run()
        if shallow is not diagram:
            wrap_groups(diagram, boxes)
            for edge in diagram.edges:
                paths.setdefault(edge.id, direct(boxes[edge.source], boxes[edge.target]))
    placed = {id: Box(*(round(v, 2) for v in box)) for id, box in boxes.items()}
    lines = {id: tuple(Point(round(x, 2), round(y, 2)) for x, y in path) for id, path in paths.items()}
    return diagram.model_copy(
        update={
            "nodes": tuple(n.model_copy(update={"box": placed.get(n.id)}) for n in diagram.nodes),
            "groups": tuple(g.model_copy(update={"box": placed.get(g.id)}) for g in diagram.groups),
            "edges": tuple(e.model_copy(update={"path": lines.get(e.id) or None}) for e in diagram.edges),
        }
    )


def _without_depths(diagram: Diagram) -> Diagram:
    """The diagram without groups nested deeper than a hundred; what is in them moves to those above."""
    groups = {g.id: g for g in diagram.groups}
    depth: dict[str, int] = {}
    for group in diagram.groups:
        chain = [group.id]
        while chain[-1] not in depth and (parent := groups[chain[-1]].parent) is not None:
            chain.append(parent)
        start = depth.get(chain[-1], 0)
        for k, id in enumerate(reversed(chain)):
            depth[id] = start + k
    if max(depth.values(), default=0) < MAX_DEPTH:
        return diagram

    def kept(id: str | None) -> str | None:
        while id is not None and depth[id] >= MAX_DEPTH:
            id = groups[id].parent
        return id

    nodes = [n.model_copy(update={"group": kept(n.group)}) for n in diagram.nodes]
    edges = [e for e in diagram.edges if all(end not in groups or kept(end) == end for end in (e.source, e.target))]
    return diagram.model_copy(
        update={
            "nodes": tuple(nodes),
            "edges": tuple(edges),
            "groups": tuple(g for g in diagram.groups if depth[g.id] < MAX_DEPTH),
        }
    )
