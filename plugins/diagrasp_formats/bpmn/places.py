"""What lies in what, by place: boundary events, nodes in lanes, marked areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagrasp_formats._near import Near

Elements = dict[str, dict[str, Any]]
"""Nodes or groups by id, on their way to the model."""
Note = Callable[[str, dict[str, Any], str], None]
"""Tells a loss: the feature, the node, what became of it."""


def by_place(
    nodes: Elements, groups: Elements, ids: dict[str, str], note: Callable[[str, dict[str, Any], str], None]
) -> None:
    """Boundary events lie where their activity lies; nodes without a lane in the lane that holds their centre."""
    lanes = Near((id, g["box"]) for id, g in groups.items() if g["kind"] == "lane" and g["box"] is not None)
    pools = Near((id, g["box"]) for id, g in groups.items() if g["kind"] == "pool" and g["box"] is not None)
    for node in nodes.values():
        host = node.get("attached_to")
        if host is not None:
            node["attached_to"] = host = ids.get(host, "")
            if host not in nodes:
                node["attached_to"] = None
                note("attached_to", node, "stands on an activity that is not drawn")
            else:
                node["group"] = nodes[host]["group"]
    for node in nodes.values():
        group, box = node["group"], node["box"]
        if box is None or (group is not None and groups[group]["kind"] != "pool"):
            continue
        holding = [groups[id] for id in lanes.within(*box.center)]
        holding = [g for g in holding if group is None or _within(groups, g, group)]
        if holding:
            node["group"] = min(holding, key=lambda g: g["box"].area)["id"]
        elif group is None and node["shape"] in ("annotation", "data_object", "data_store"):
            holding = [groups[id] for id in pools.within(*box.center)]
            if holding:
                node["group"] = min(holding, key=lambda g: g["box"].area)["id"]
    _marked_areas(nodes, groups)


def _marked_areas(nodes: Elements, groups: Elements) -> None:
    """BPMN groups: those that lie within one container become one, with the nodes they surround."""
    near = Near((id, n["box"]) for id, n in nodes.items() if n["box"] is not None)
    areas = [g for g in groups.values() if g["kind"] == "subgraph" and g["box"] is not None]
    for group in sorted(areas, key=lambda g: -g["box"].area):  # an inner one then finds its nodes in the outer one
        box = group["box"]
        inside = [nodes[id] for id in near.centered(box)]
        around = {n["group"] for n in inside}
        if len(around) == 1:
            group["parent"] = around.pop()
            for node in inside:
                node["group"] = group["id"]


def _within(groups: Elements, group: dict[str, Any], outer: str) -> bool:
    """Whether a group lies in another, through its parents."""
    here: str | None = group["id"]
    while here is not None:
        if here == outer:
            return True
        here = groups[here].get("parent")
    return False
