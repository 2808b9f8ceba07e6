"""What a diagram became: every difference between two diagrams, told by feature and element; ids do not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from diagrasp.formats import Loss
from diagrasp.model import Diagram, Edge, Group, Node


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        feature: the field, e.g. `shape`, `edge.label`, `group.parent`; `node`, `edge`, `group.gone` for what is gone;
            `extra` for what came from nowhere.
        element: the id in the diagram before; empty for the diagram as a whole.
        before, after: the values; None where there is none.
        near: ids of elements whose loss explains this one, such as an edge's ends.
    """

    feature: str
    element: str
    before: Any = None
    after: Any = None
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.feature} of {self.element or 'the diagram'}: {self.before!r} became {self.after!r}"


_NODE = ("label", "shape", "rows", "trigger", "markers", "confidence", "box")
_EDGE = ("label", "kind", "line", "head", "tail", "source_label", "target_label", "default", "path", "confidence")
_ADDED = frozenset({"box", "path", "confidence", "direction"})
"""Fields that a reader may fill where there was nothing: a place, a way, a direction that is the usual one."""


def changes(before: Diagram, after: Diagram) -> list[Change]:
    """Every difference, in the order of the diagram before.

    Elements are paired by id and label, then by label, then by id, then by what they are; edges by their ends.
    """
    found = [
        Change(name, "", old, new)
        for name in ("kind", "title", "direction")
        if (old := getattr(before, name) or None) != (new := getattr(after, name) or None)
        and not (old is None and name in _ADDED)
    ]
    groups = _pairs(before.groups, after.groups, lambda group: group.kind)
    nodes = _pairs(before.nodes, after.nodes, lambda node: node.shape)
    twins: dict[str | None, str | None] = {None: None, **_ids(groups), **_ids(nodes)}
    for node, other in nodes:
        found += _of_node(node, other, twins)
    for edge, twin in _edge_pairs(before.edges, after.edges, twins):
        found += _of_edge(edge, twin, twins, tuple(group.id for group in before.ancestors(edge.group)))
    for group, like in groups:
        found += _of_group(group, like, twins)
    for items, pairs in ((after.nodes, nodes), (after.groups, groups)):
        kept = {other.id for _, other in pairs if other is not None}
        found += [Change("extra", "", None, item.label or item.id) for item in items if item.id not in kept]
    surplus = len(after.edges) - len(before.edges)
    if surplus > 0:
        found.append(Change("extra", "", None, f"{surplus} edges"))
    return found


def silent(found: Iterable[Change], losses: Iterable[Loss]) -> list[Change]:
    """The changes that no loss names.

    A loss names a change of its element, or of what is near by, or of anything where it is about the whole diagram,
    if both are about one feature, or the loss is about the element as a whole.
    """
    told = [(loss.feature, loss.element) for loss in losses]
    return [change for change in found if not any(_names(feature, element, change) for feature, element in told)]


_ALSO = {
    "node": ("shape", "node", "element", "attached_to", "kind"),
    "edge": ("edge", "line", "head", "kind", "shape", "node", "element", "attached_to"),
    "edge.group": ("group",),
    "edge.kind": ("kind", "line", "head"),
    "group": ("group", "kind", "shape"),
    "group.gone": ("group", "kind"),
    "group.kind": ("group", "kind"),
    "group.label": ("group",),
    "group.parent": ("group",),
    "extra": ("shape", "group", "kind", "node"),
    "refused": ("kind", "shape", "node"),
    "markers": ("marker",),
    "label": ("rows",),
    "shape": ("kind",),
    "head": ("tail",),
    "tail": ("head",),
}
"""The other features, by their first word, whose loss explains a change."""


def _names(feature: str, element: str, change: Change) -> bool:
    """Whether a loss of that feature of that element names the change."""
    if element and change.element and element != change.element and element not in change.near:
        return False
    told = feature.split(".")[0]
    if told in _ALSO.get(change.feature, ()) or (
        told in ("node", "edge", "element") and element == change.element != ""
    ):
        return feature != "edge.label" or change.feature in ("edge", "edge.label")
    return f"{feature}.".startswith(f"{change.feature}.") or f"{change.feature}.".startswith(f"{feature}.")


def _ids(pairs: list[tuple[Any, Any]]) -> dict[str | None, str | None]:
    return {old.id: new.id for old, new in pairs if new is not None}


def _pairs(old: tuple[Any, ...], new: tuple[Any, ...], sort: Callable[[Any], str]) -> list[tuple[Any, Any]]:
    """Each element before with the one it became, or with None."""
    keys: tuple[Callable[[Any], Any], ...] = (
        lambda item: (item.id, item.label, sort(item)),
        lambda item: (item.label, sort(item)) if item.label else None,
        lambda item: " ".join(item.label.split()) or None,
        lambda item: item.id,
        lambda item: sort(item) if not item.label else None,
    )
    left, twins = {item.id: item for item in new}, {}
    for key in keys:
        places: dict[Any, list[Any]] = {}
        for item in left.values():
            places.setdefault(key(item), []).append(item)
        for item in old:
            if item.id not in twins and (wanted := key(item)) is not None and places.get(wanted):
                twins[item.id] = places[wanted].pop(0)
        left = {id: item for id, item in left.items() if all(item is not taken for taken in twins.values())}
    return [(item, twins.get(item.id)) for item in old]


def _edge_pairs(
    old: tuple[Edge, ...], new: tuple[Edge, ...], twins: dict[str | None, str | None]
) -> list[tuple[Edge, Edge | None]]:
    left = list(new)
    found: dict[str, Edge] = {}
    for same in (
        lambda a, b: (a.label, a.head) == (b.label, b.head),
        lambda a, b: a.label == b.label,
        lambda a, b: True,
    ):
        for edge in old:
            ends = twins.get(edge.source), twins.get(edge.target)
            fit = next((e for e in left if (e.source, e.target) == ends and same(edge, e)), None)
            if edge.id not in found and fit is not None:
                found[edge.id] = fit
                left.remove(fit)
    return [(edge, found.get(edge.id)) for edge in old]


def _values(fields: Iterable[str], prefix: str, old: Any, new: Any, near: tuple[str, ...] = ()) -> list[Change]:
    return [
        Change(prefix + name, old.id, a, b, near)
        for name in fields
        if (a := getattr(old, name)) != (b := getattr(new, name)) and not (a is None and name in _ADDED)
    ]


def _of_node(node: Node, other: Node | None, twins: dict[str | None, str | None]) -> list[Change]:
    if other is None:
        return [Change("node", node.id, node.label, None, (node.group or "",))]
    found = _values((name for name in _NODE if name != "markers"), "", node, other)
    if Counter(node.markers) != Counter(other.markers):
        found.append(Change("markers", node.id, node.markers, other.markers))
    for name in ("group", "attached_to"):
        value = getattr(node, name)
        if twins.get(value) != getattr(other, name):
            found.append(Change(name, node.id, value, getattr(other, name), (value or "",)))
    return found


def _of_edge(
    edge: Edge, other: Edge | None, twins: dict[str | None, str | None], around: tuple[str, ...]
) -> list[Change]:
    near = (edge.source, edge.target)
    if other is None:
        return [Change("edge", edge.id, edge.label, None, near)]
    found = []
    for change in _values(_EDGE, "", edge, other, near):
        prefix = "" if change.feature in ("line", "head", "tail", "path", "confidence") else "edge."
        found.append(Change(prefix + change.feature, edge.id, change.before, change.after))
    if twins.get(edge.group) != other.group:
        found.append(Change("edge.group", edge.id, edge.group, other.group, around))
    return found


def _of_group(group: Group, other: Group | None, twins: dict[str | None, str | None]) -> list[Change]:
    if other is None:
        return [Change("group.gone", group.id, group.kind, None, (group.parent or "",))]
    found = _values(("label", "kind"), "group.", group, other)
    found += _values(("box", "confidence"), "", group, other)
    if twins.get(group.parent) != other.parent:
        found.append(Change("group.parent", group.id, group.parent, other.parent, (group.parent or "",)))
    return found
