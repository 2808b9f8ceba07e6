"""Positions for a diagram that has none, or not all: boxes for nodes and groups, paths for edges.

What a picture gave is kept.  The layered method is in `layered`, orthogonal lines in `tracks` and `router`, lanes in
`bands`, sequence diagrams in `sequence`; text is measured without fonts in `text`.  Pure Python, deterministic.
"""

from __future__ import annotations

from diagrasp.layout.complete import complete, has_geometry, known_boxes
from diagrasp.layout.flow import FlowLayout
from diagrasp.layout.sequence import lay_out_sequence
from diagrasp.model import Diagram, Direction

__all__ = ["arrange", "complete", "has_geometry", "known_boxes"]

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
        boxes, paths = FlowLayout(diagram, way).run()
    return diagram.model_copy(
        update={
            "nodes": tuple(n.model_copy(update={"box": boxes.get(n.id)}) for n in diagram.nodes),
            "groups": tuple(g.model_copy(update={"box": boxes.get(g.id)}) for g in diagram.groups),
            "edges": tuple(e.model_copy(update={"path": tuple(paths.get(e.id, ())) or None}) for e in diagram.edges),
        }
    )
