"""What people draw without saying so: containers, labels beside what they belong to, events on borders, sections."""

from __future__ import annotations

from itertools import pairwise

from diagrasp.layout.sizes import EVENTS, TASKS
from diagrasp.model import Box, Point
from diagrasp_formats._near import Near, around, line_away, on_border
from diagrasp_formats.drawio.places import holds
from diagrasp_formats.drawio.sheet import Element, Sheet

_BESIDE = 24.0
"""How far a text may stand from its connector, in pixels."""


def find_containers(sheet: Sheet) -> None:
    """Rectangles that others lie on are containers, though the file has them side by side."""
    nodes, groups = sheet.nodes, sheet.groups
    plain = [
        n
        for n in nodes.values()
        if n["shape"] in ("process", "rounded", "text") and n["box"] is not None and not n.get("rows")
    ]
    near = Near((id, n["box"]) for id, n in nodes.items() if n["box"] is not None)
    plain.sort(key=lambda n: -n["box"].area)
    for node in plain:
        box: Box = node["box"]
        held = [nodes[id] for id in near.centered(box) if id in nodes and nodes[id] is not node]
        held = [n for n in held if holds(box, n["box"])]
        inner = [n for n in held if n["shape"] != "text" and n["box"].area < 0.7 * box.area]
        style = sheet.style(node["id"])
        open_ = style.get("verticalAlign") == "top" or style.get("fillColor") == "none" or style.get("dashed") == "1"
        if not inner or (len(inner) < 2 and not open_):
            continue
        del nodes[node["id"]]
        groups[node["id"]] = {
            "id": node["id"], "label": node["label"], "kind": "subgraph", "parent": node["group"], "box": box,
        }  # fmt: skip
        for n in held:
            if n["group"] == node["group"]:
                n["group"] = node["id"]
        for g in groups.values():
            if g["id"] != node["id"] and g["parent"] == node["group"] and g["box"] and holds(box, g["box"]):
                g["parent"] = node["id"]


def attach_events(sheet: Sheet) -> None:
    """Events on the border of an activity belong to it."""
    nodes = sheet.nodes
    hosts = Near((n["id"], n["box"]) for n in nodes.values() if n["box"] is not None and n["shape"] in _HOSTS)
    for node in nodes.values():
        if node["shape"] not in EVENTS or node.get("attached_to") or node["box"] is None:
            continue
        x, y = node["box"].center
        if node["shape"] in ("boundary_event", "intermediate_event") and "throwing" not in node["markers"]:
            parent = sheet.hosts.get(node["id"], "")
            near = [parent] if parent in nodes else hosts.within(x, y, 0.6 * max(node["box"].w, node["box"].h))
            host = min(
                (h for h in near if on_border(nodes[h]["box"], node["box"])),
                key=lambda h: nodes[h]["box"].area,
                default=None,
            )
            if host is not None:
                node |= {"shape": "boundary_event", "attached_to": host, "group": nodes[host]["group"]}


_HOSTS = TASKS | {"rounded"}


def free_events(sheet: Sheet) -> None:
    """An event that a connector leads to stands on no border, whatever its outline."""
    entered = {edge["target"] for edge in sheet.edges if edge["kind"] == "flow"}
    for node in sheet.nodes.values():
        if node["shape"] == "boundary_event" and not node.get("attached_to") and node["id"] in entered:
            node["shape"] = "intermediate_event"


def join_texts(sheet: Sheet) -> None:
    """Text put on a symbol or container without one, or beside a connector without one, is its label."""
    used = {end for e in sheet.edges for end in (e["source"], e["target"])}
    texts = [
        n for n in sheet.nodes.values()
        if n["shape"] == "text" and n["id"] not in used and n["box"] is not None
        and "diagraspShape" not in sheet.style(n["id"])
    ]  # fmt: skip
    if not texts:
        return
    owners = _Owners(sheet)
    for text in texts:
        owner = owners.of(text) if text["label"] else None
        if owner is not None:
            owner["label"] = text["label"]
        if owner is not None or not text["label"]:
            del sheet.nodes[text["id"]]


class _Owners:
    """What texts may belong to."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        boxes = {id: n["box"] for id, n in (*sheet.nodes.items(), *sheet.groups.items())}
        self.nodes = Near((id, n["box"]) for id, n in sheet.nodes.items() if n["box"] is not None)
        self.groups = Near((id, g["box"]) for id, g in sheet.groups.items() if g["box"] is not None)
        self.edges: dict[str, Element] = {}
        self.ways: dict[str, tuple[Point, ...]] = {}
        for edge in sheet.edges:
            a, b = boxes.get(edge["source"]), boxes.get(edge["target"])
            if a is not None and b is not None:
                self.edges[edge["id"]] = edge
                self.ways[edge["id"]] = edge.get("path") or (Point(*a.center), Point(*b.center))
        self.lines = Near((id, around(way)) for id, way in self.ways.items())

    def of(self, text: Element) -> Element | None:
        x, y = text["box"].center
        for id in self.nodes.within(x, y):
            node = self.sheet.nodes.get(id)
            if node is not None and node is not text and not node["label"]:
                return node
        for id in self.groups.within(x, y):
            group = self.sheet.groups[id]
            if not group["label"] and y < group["box"].y + 40:
                return group
        best, least = None, _BESIDE
        for id in self.lines.within(x, y, _BESIDE) if len(text["label"]) <= 40 else ():
            distance = min(line_away(p, q, x, y) for p, q in pairwise(self.ways[id]))
            if not self.edges[id]["label"] and distance < least:
                best, least = self.edges[id], distance
        return best


def order_messages(sheet: Sheet) -> None:
    """Messages of a sequence from above to below, each in the frame that it is drawn in."""
    heights = [edge["_height"] for edge in sheet.edges]
    if all(height is not None for height in heights):
        sheet.edges.sort(key=lambda edge: edge["_height"])
    frames = [g for g in sheet.groups.values() if g["kind"] == "frame" and g["box"] is not None]
    for edge in sheet.edges:
        if edge["_height"] is not None and not edge.get("group"):
            around = [g for g in frames if g["box"].y <= edge["_height"] <= g["box"].bottom]
            edge["group"] = min(around, key=lambda g: g["box"].area)["id"] if around else None
