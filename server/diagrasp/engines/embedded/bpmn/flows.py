"""Kinds of BPMN's connectors: sequence flows, messages between pools, associations with notes, flows of data."""

from __future__ import annotations

from collections.abc import Sequence

from diagrasp.model import Edge, Group, Node

NOTES = ("annotation", "note", "text")
DATA = ("data_object", "data_store")


def with_kinds(edges: Sequence[Edge], nodes: Sequence[Node], groups: Sequence[Group]) -> list[Edge]:
    """The connectors of a BPMN diagram with their kinds.

    A broken line is a message where it leads out of its pool, or where there are no pools to leave, an association
    where one end is a note, data where one end is a document or a store.  Sequence flows never leave a pool: a line
    between two pools is a message even if its dashes were taken for one stroke.
    """
    shapes = {n.id: n.shape for n in nodes}
    pools = _pools(nodes, groups)
    several = sum(g.parent is None and g.kind in ("pool", "lane") for g in groups) > 1
    out = []
    for edge in edges:
        ends = {shapes.get(edge.source, "pool"), shapes.get(edge.target, "pool")}
        apart = pools.get(edge.source) != pools.get(edge.target)
        plain = edge.head == "none" and edge.tail == "none"
        if ends & set(NOTES):
            out.append(edge.replace(kind="association"))
        elif ends & set(DATA):
            out.append(edge.replace(kind="data"))
        elif several and apart and (edge.line != "solid" or _whole(edge, pools)):
            out.append(edge.replace(kind="message", line="dashed"))
        elif edge.line != "solid" and plain:
            out.append(edge.replace(kind="association"))
        elif edge.line != "solid" and not several:
            out.append(edge.replace(kind="message"))
        else:
            out.append(edge)
    return out


def _whole(edge: Edge, pools: dict[str, str | None]) -> bool:
    """Whether both ends stand in pools."""
    return pools.get(edge.source) is not None and pools.get(edge.target) is not None


def _pools(nodes: Sequence[Node], groups: Sequence[Group]) -> dict[str, str | None]:
    """The outermost group of every node and of every group."""
    parents = {g.id: g.parent for g in groups}

    def top(group: str | None) -> str | None:
        while group is not None and parents.get(group) is not None:
            group = parents[group]
        return group

    return {n.id: top(n.group) for n in nodes} | {g.id: top(g.id) for g in groups}
