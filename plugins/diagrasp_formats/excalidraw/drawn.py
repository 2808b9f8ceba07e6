"""What people draw without saying so: containers, end states, labels beside what they belong to."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from diagrasp.model import Box, Point
from diagrasp_formats._near import Near, around, line_away

Elements = dict[str, dict[str, Any]]
"""Nodes or groups by id, on their way to the model."""
_BESIDE = 26.0
"""How far a text may stand from its arrow, in pixels."""


def find_classes(nodes: Elements, lines: dict[str, list[Point]], parts: dict[str, str]) -> None:
    """A rectangle that lines cross from side to side is a class; texts in it are its name and its rows.

    Args:
        lines: the points of lines, by id.
        parts: gets what the lines and texts belong to.
    """
    symbols = Near((id, n["box"]) for id, n in nodes.items() if n["shape"] != "text")
    plain = {id: n["box"] for id, n in nodes.items() if n["shape"] in ("process", "rounded")}
    boxes = {id: box for id, box in plain.items() if set(symbols.centered(box)) <= {id}}
    places = Near(boxes.items())
    rules: dict[str, list[float]] = {}
    for id, points in lines.items():
        (ax, ay), (bx, by) = points[0], points[-1]
        if len(points) != 2 or abs(ay - by) > 4:
            continue
        for name in places.within((ax + bx) / 2, ay):
            box = boxes[name]
            if abs(min(ax, bx) - box.x) < 10 and abs(max(ax, bx) - box.right) < 10 and box.y + 4 < ay < box.bottom - 4:
                rules.setdefault(name, []).append(ay)
                parts[id] = name
                break
    texts = Near((id, n["box"]) for id, n in nodes.items() if n.get("_loose"))
    for name, heights in rules.items():
        inside = sorted((nodes[id] for id in texts.centered(boxes[name])), key=lambda n: n["box"].y)
        title = [n for n in inside if n["box"].center[1] < min(heights)]
        node = nodes[name]
        node["shape"] = "class"
        node["label"] = " ".join([node["label"], *(n["label"] for n in title)]).strip()
        node["rows"] = tuple(row for n in inside if n not in title for row in n["_lines"])
        for text in inside:
            parts[text["id"]] = name
            del nodes[text["id"]]


def find_containers(nodes: Elements, groups: Elements) -> None:
    """Rectangles that others lie on are groups."""
    near = Near((id, n["box"]) for id, n in nodes.items())
    for id, node in sorted(nodes.items(), key=lambda item: -item[1]["box"].area):
        box: Box = node["box"]
        if node["shape"] not in ("process", "rounded"):
            continue
        held = [nodes[each] for each in near.centered(box) if each in nodes and each != id]
        if not any(n["shape"] != "text" and n["box"].area < 0.7 * box.area for n in held):
            continue
        del nodes[id]
        parent = node.get("group")
        groups[id] = {"id": id, "label": node["label"], "kind": "subgraph", "box": box, "parent": parent}
        for n in held:
            if n.get("group") == parent:
                n["group"] = id


def find_ends(nodes: Elements, parts: dict[str, str]) -> None:
    """An oval within an oval is one symbol: an end where the inner one is dark.  `parts` gets what the inner means."""
    ovals = {id: n for id, n in nodes.items() if n["shape"] in ("ellipse", "initial") and not n["label"]}
    places = Near((id, n["box"]) for id, n in ovals.items())
    for id, node in ovals.items():
        x, y = node["box"].center
        for other in places.within(x, y):
            outer = nodes.get(other)
            if other == id or outer is None or id not in nodes:
                continue
            ox, oy = outer["box"].center
            near = abs(ox - x) + abs(oy - y) < 0.15 * outer["box"].w
            if near and 0.2 * outer["box"].area < node["box"].area < outer["box"].area:
                outer["shape"] = "final" if node["shape"] == "initial" else "double_circle"
                parts[id] = other
                del nodes[id]


def join_texts(nodes: Elements, groups: Elements, edges: list[dict[str, Any]]) -> None:
    """Text on a symbol, at the head of a container or beside an arrow without a label is its label."""
    used = {end for edge in edges for end in (edge["source"], edge["target"])}
    loose = [n for n in nodes.values() if n.get("_loose") and n["id"] not in used]
    if not loose:
        return
    on = Near((id, n["box"]) for id, n in nodes.items())
    within = Near((id, g["box"]) for id, g in groups.items())
    lines = Near((str(k), around(edge["path"])) for k, edge in enumerate(edges))
    for text in loose:
        x, y = text["box"].center
        holders = [nodes[id] for id in on.within(x, y) if id in nodes and nodes[id] is not text]
        holders += [g for g in (groups[id] for id in within.within(x, y)) if _heads(g["box"], text)]
        owner = min((h for h in holders if not h["label"]), key=lambda h: h["box"].area, default=None)
        least = _BESIDE
        near = lines.within(x, y, _BESIDE) if owner is None and len(text["label"]) <= 40 else []
        for edge in (edges[int(k)] for k in near):
            away = min(line_away(a, b, x, y) for a, b in pairwise(edge["path"]))
            if not edge["label"] and away < least:
                owner, least = edge, away
        if owner is not None:
            owner["label"] = text["label"]
            del nodes[text["id"]]


def _heads(box: Box, text: dict[str, Any]) -> bool:
    """Whether a text stands where a container has its title: at the top, or turned at the left."""
    x, y = text["box"].center
    return bool(y < box.y + 50 or (text.get("_upright") and x < box.x + 50))
