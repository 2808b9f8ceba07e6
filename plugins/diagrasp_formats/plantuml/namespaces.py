"""Classes named with their packages (`shop.model.Order`): PlantUML draws the packages, and the last part in the box."""

from __future__ import annotations

import re

from diagrasp.model import Diagram, Group, Node

_SET = re.compile(r"^[ \t]*set[ \t]+(?:namespace)?separator[ \t]+(\S+)", re.IGNORECASE | re.MULTILINE)
MOST_DEEP = 20
"""Packages within packages that a name may tell; longer ones stay as they are."""


def separator(source: str) -> str | None:
    """What parts names; None where nothing does."""
    found = _SET.search(source)
    return "." if found is None else None if found.group(1).lower() == "none" else found.group(1)


def nested(diagram: Diagram, sign: str | None) -> Diagram:
    """The diagram with a group for every package that the names of its classes tell."""
    if sign is None or diagram.kind not in ("class", "er") or not any(_told(node, sign) for node in diagram.nodes):
        return diagram
    groups = {group.id: group for group in diagram.groups}
    names: dict[str, str] = {}  # of the packages, whole
    for group in diagram.groups:  # the outer ones come first
        outer = names.get(group.parent or "")
        own = group.label or group.id
        names[group.id] = f"{outer}{sign}{own}" if outer else own
    paths = {name: id for id, name in names.items()}
    taken = {node.id for node in diagram.nodes} | groups.keys()
    here = {(node.group, node.id): node.id for node in diagram.nodes}
    renamed: dict[str, str] = {}
    nodes: list[Node] = []
    for node in diagram.nodes:
        if not _told(node, sign):
            nodes.append(node)
            continue
        *packages, last = node.id.removeprefix(sign).split(sign)
        parent: str | None = None if node.id.startswith(sign) else node.group
        path = names[parent] if parent else ""
        whole = sign.join(packages)
        if whole in paths:  # it stands there by its whole name
            packages, parent = [], paths[whole]
        for name in packages:
            path = f"{path}{sign}{name}" if path else name
            if path not in paths:
                id = path
                while id in taken:
                    id += "_"
                taken.add(id)
                groups[id] = Group(id=id, label=name, parent=parent)
                names[id], paths[path] = path, id
            parent = paths[path]
        if (same := here.get((parent, last))) is not None:
            renamed[node.id] = same
            continue
        label = last + node.label.removeprefix(node.id) if node.label.startswith(node.id) else node.label
        nodes.append(node.replace(group=parent, label=label))
    edges = tuple(
        edge.replace(source=renamed.get(edge.source, edge.source), target=renamed.get(edge.target, edge.target))
        for edge in diagram.edges
    )
    return diagram.replace(nodes=tuple(nodes), edges=edges, groups=tuple(groups.values()))


def _told(node: Node, sign: str) -> bool:
    parts = node.id.removeprefix(sign).split(sign)
    named = node.shape in ("class", "entity") and all(parts) and len(parts) <= MOST_DEEP
    return named and (len(parts) > 1 or node.id.startswith(sign))
