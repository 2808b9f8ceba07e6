"""What two diagrams differ in, as far as a format declares to express it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from diagrasp.features import declares
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Group, Node


def differences(before: Diagram, after: Diagram, spec: FormatSpec) -> list[str]:
    """What of a diagram changed although the format declares to express it; one line each.

    Nodes and groups are paired by id where `ids` is declared (frames, initial and final nodes not), else by label;
    an edge is equal to another that agrees in every feature declared.
    """
    able = spec.features
    by_id = "ids" in able
    found: list[str] = []
    if declares(able, f"kind.{before.kind}") and before.kind != after.kind:
        found.append(f"kind: {before.kind} became {after.kind}")
    for name in ("title", "direction"):
        old, new = getattr(before, name), getattr(after, name)
        if name in able and (old or None) != (new or None):
            found.append(f"{name}: {old!r} became {new!r}")
    keys = _keys(before, by_id), _keys(after, by_id)
    old_nodes, new_nodes = _by_key(before.nodes, keys[0]), _by_key(after.nodes, keys[1])
    for key, node in old_nodes.items():
        other = new_nodes.get(key)
        if other is None:
            found.append(f"node {key!r} is gone")
            continue
        for field, feature in _fields(node):
            if not declares(able, feature):
                continue
            old, new = getattr(node, field), getattr(other, field)
            if field == "group":
                old, new = keys[0].get(old), keys[1].get(new)
            if field == "attached_to":
                old, new = keys[0].get(old), keys[1].get(new)
            if old != new:
                found.append(f"{field} of node {key!r}: {old!r} became {new!r}")
    found += [f"node {key!r} came from nowhere" for key in new_nodes.keys() - old_nodes.keys()]
    old_groups, new_groups = _by_key(before.groups, keys[0]), _by_key(after.groups, keys[1])
    for key, group in old_groups.items():
        if not declares(able, f"group.{group.kind}"):
            continue
        twin = new_groups.get(key)
        if twin is None:
            found.append(f"group {key!r} is gone")
        elif (group.label, group.kind) != (twin.label, twin.kind):
            found.append(f"group {key!r}: {group.kind} {group.label!r} became {twin.kind} {twin.label!r}")
        elif "group.nested" in able and keys[0].get(group.parent or "") != keys[1].get(twin.parent or ""):
            found.append(f"group {key!r}: its parent changed")
    masks = [_mask(edge, able) for edge in before.edges]
    old_edges = Counter(_edge(edge, keys[0], mask) for edge, mask in zip(before.edges, masks, strict=True))
    new_edges: Counter[tuple[object, ...]] = Counter()
    for edge in after.edges:
        for mask in set(masks):
            new_edges[_edge(edge, keys[1], mask)] += 1
    found += [f"edge is gone or changed: {edge}" for edge, count in old_edges.items() if new_edges[edge] < count]
    if len(before.edges) != len(after.edges):
        found.append(f"{len(before.edges)} edges became {len(after.edges)}")
    return found


def _keys(diagram: Diagram, by_id: bool) -> dict[str | None, str]:
    keys: dict[str | None, str] = {}
    taken: Counter[str] = Counter()
    items: list[Node | Group] = [*diagram.nodes, *diagram.groups]
    for item in items:
        nameless = isinstance(item, Group) and item.kind in ("frame", "section")
        nameless = nameless or (isinstance(item, Node) and item.shape in ("initial", "final") and not item.label)
        if by_id and not nameless:
            keys[item.id] = item.id
            continue
        label = item.label or f"<{getattr(item, 'shape', 'group')}>"
        taken[label] += 1
        keys[item.id] = label if taken[label] == 1 else f"{label} ({taken[label]})"
    return keys


def _by_key(items: tuple[Any, ...], keys: Mapping[str | None, str]) -> dict[str, Any]:
    return {keys[item.id]: item for item in items}


def _fields(node: Node) -> list[tuple[str, str]]:
    fields = [("label", "label"), ("shape", f"shape.{node.shape}"), ("group", "group"), ("rows", "rows")]
    fields += [("trigger", "trigger"), ("attached_to", "attached_to"), ("box", "box")]
    return fields


_EDGE_FIELDS = (
    ("label", "edge.label"), ("source_label", "edge.source_label"), ("target_label", "edge.target_label"),
    ("line", "line"), ("head", "head"), ("tail", "tail"), ("kind", "edge.kind"), ("default", "edge.default"),
    ("group", "edge.group"),
)  # fmt: skip


def _mask(edge: Edge, able: frozenset[str]) -> tuple[str, ...]:
    """The fields of an edge that the format declares to express."""
    found = []
    for field, feature in _EDGE_FIELDS:
        if feature in ("line", "head", "tail", "edge.kind"):
            feature = f"{feature}.{getattr(edge, field)}"
        if declares(able, feature):
            found.append(field)
    return tuple(found)


def _edge(edge: Edge, keys: Mapping[str | None, str], mask: tuple[str, ...]) -> tuple[object, ...]:
    values = {field: getattr(edge, field) for field in mask}
    if "group" in values:
        values["group"] = keys.get(values["group"])
    return (keys[edge.source], keys[edge.target], *values.items())
