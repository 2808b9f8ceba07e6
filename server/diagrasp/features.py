"""The vocabulary in which a format says what it can express, and what of a diagram falls outside it.

A feature is a dotted name: `title`, `shape.decision`, `group.lane`, `edge.label`, `line.dashed`, `head.open_arrow`,
`tail.arrow`, `edge.kind.message`, `trigger`, `marker`, ...  A name followed by `.*` declares all below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagrasp.formats import Loss
from diagrasp.model import Diagram, Edge, Group, Node

WHOLE = frozenset({"box", "path", "confidence"})
"""Features whose absence is told once for the diagram, not once for each element."""


def declares(features: Iterable[str], feature: str) -> bool:
    """Whether a feature, or one of the wildcards above it, is among those declared."""
    declared = features if isinstance(features, set | frozenset) else frozenset(features)
    if feature in declared:
        return True
    parts = feature.split(".")
    return any(".".join(parts[:i]) + ".*" in declared for i in range(1, len(parts)))


def used(diagram: Diagram) -> Iterator[tuple[str, str, str]]:
    """Every use of a feature: its name, the element's id, and one line on what it is."""
    yield f"kind.{diagram.kind}", "", f"a diagram of kind {diagram.kind}"
    if diagram.title:
        yield "title", "", f"the title {_short(diagram.title)}"
    if diagram.direction:
        yield "direction", "", f"the direction {diagram.direction}"
    for node in diagram.nodes:
        yield from _of_node(node)
    groups = {group.id: group for group in diagram.groups}
    for edge in diagram.edges:
        yield from _of_edge(edge, groups)
    for group in diagram.groups:
        name = f"{group.kind} {_short(group.label or group.id)}"
        yield f"group.{group.kind}", group.id, name
        if group.parent is not None:
            yield "group.nested", group.id, f"{name} lies in another group"
        if group.box is not None:
            yield "box", group.id, "positions and sizes"
        if group.confidence is not None:
            yield "confidence", group.id, "confidence"


def missing(diagram: Diagram, features: Iterable[str], *, format: str, but: Iterable[str] = ()) -> Iterator[Loss]:
    """A loss for each use of a feature that is not among those declared.

    Args:
        format: the format's title, for the messages.
        but: features (wildcards too) that the caller reports itself.
    """
    declared, except_ = frozenset(features), frozenset(but)
    cache: dict[str, bool] = {}
    told: set[str] = set()
    for feature, element, what in used(diagram):
        kept = cache.get(feature)
        if kept is None:
            kept = cache[feature] = declares(declared, feature) or declares(except_, feature)
        if kept:
            continue
        if feature in WHOLE:
            if feature in told:
                continue
            told.add(feature)
            element = ""
        yield Loss(feature, element, f"{format} does not express {what}")


def _of_node(node: Node) -> Iterator[tuple[str, str, str]]:
    name = _short(node.label or node.id)
    yield f"shape.{node.shape}", node.id, f"the {node.shape} symbol of {name}"
    if node.group is not None:
        yield "group", node.id, f"what {name} lies in"
    if node.rows:
        yield "rows", node.id, f"the rows of {name}"
    if node.trigger is not None:
        yield "trigger", node.id, f"the trigger {node.trigger} of {name}"
    for marker in node.markers:
        yield f"marker.{marker}", node.id, f"the marker {marker} of {name}"
    if node.attached_to is not None:
        yield "attached_to", node.id, f"what {name} is attached to"
    if node.box is not None:
        yield "box", node.id, "positions and sizes"
    if node.confidence is not None:
        yield "confidence", node.id, "confidence"


def _of_edge(edge: Edge, groups: dict[str, Group]) -> Iterator[tuple[str, str, str]]:
    name = f"the edge from {_short(edge.source)} to {_short(edge.target)}"
    yield f"edge.kind.{edge.kind}", edge.id, f"{name} being {edge.kind}"
    yield f"line.{edge.line}", edge.id, f"the {edge.line} line of {name}"
    yield f"head.{edge.head}", edge.id, f"the head {edge.head} of {name}"
    if edge.tail != "none":
        yield f"tail.{edge.tail}", edge.id, f"the tail {edge.tail} of {name}"
    if edge.label:
        yield "edge.label", edge.id, f"the label {_short(edge.label)} of {name}"
    if edge.source_label:
        yield "edge.source_label", edge.id, f"the source's label {_short(edge.source_label)} of {name}"
    if edge.target_label:
        yield "edge.target_label", edge.id, f"the target's label {_short(edge.target_label)} of {name}"
    if edge.default:
        yield "edge.default", edge.id, f"{name} being the default"
    if edge.group is not None:
        yield "edge.group", edge.id, f"the frame of {name}"
    if edge.source in groups or edge.target in groups:
        yield "edge.to_group", edge.id, f"{name}, which ends on a group"
    if edge.path is not None:
        yield "path", edge.id, "the routes of edges"
    if edge.confidence is not None:
        yield "confidence", edge.id, "confidence"


def _short(text: str) -> str:
    """A label for a message: in quotes, on one line, cut at 40 characters."""
    text = " ".join(text.split())
    return f"'{text if len(text) <= 40 else text[:39] + '…'}'"
