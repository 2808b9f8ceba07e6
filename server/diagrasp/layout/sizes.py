"""How large a symbol must be to hold its label, and where labels stand that lie outside their symbol."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.layout.text import LINE_HEIGHT, balance, measure, text_width
from diagrasp.model import Diagram, Group, Node

FONT = 14.0
"""Size of labels in layouts made here, in pixels."""

EVENTS = frozenset({"start_event", "intermediate_event", "boundary_event", "end_event"})
GATEWAYS = frozenset({"exclusive_gateway", "parallel_gateway", "inclusive_gateway", "event_gateway", "complex_gateway"})
TASKS = frozenset(
    {
        "task", "user_task", "service_task", "script_task", "send_task", "receive_task", "manual_task",
        "business_rule_task", "call_activity", "subprocess",
    }
)  # fmt: skip
ROUND = (
    frozenset(
        {
            "ellipse",
            "circle",
            "double_circle",
            "connector",
            "initial",
            "final",
            "usecase",
            "control",
            "entity",
            "boundary",
        }
    )
    | EVENTS
)
POINTED = GATEWAYS | {"decision", "merge"}
DATA = frozenset({"data_object", "data_store"})
OUTSIDE = EVENTS | GATEWAYS | DATA | {"merge", "initial", "final", "bar", "actor", "boundary", "control", "entity"}
"""Shapes whose label stands beside or under the symbol."""
COMPARTMENTS = frozenset({"class", "entity", "database", "process"})

_FIXED = {
    "initial": (22.0, 22.0), "final": (26.0, 26.0), "merge": (44.0, 44.0), "data_object": (40.0, 52.0),
    "data_store": (56.0, 48.0), "actor": (36.0, 60.0), "boundary": (58.0, 44.0), "control": (44.0, 50.0),
    "entity": (44.0, 46.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Footprint:
    """A symbol's size and the room that its label takes under it."""

    w: float
    h: float
    label_w: float = 0.0
    label_h: float = 0.0

    @property
    def full_w(self) -> float:
        return max(self.w, self.label_w)


def footprint(node: Node, *, horizontal: bool, kind: str = "flowchart") -> Footprint:
    """The room a node needs: `horizontal` where the flow runs left to right (a bar then stands upright)."""
    shape = node.shape
    if shape == "bar":
        w, h = (10.0, 90.0) if horizontal else (110.0, 8.0)
        return _outside(node.label, w, h)
    if is_compartmented(node, kind):
        return _compartments(node)
    if shape in EVENTS:
        return _outside(node.label, 36.0, 36.0)
    if shape in GATEWAYS:
        return _outside(node.label, 50.0, 50.0)
    if shape in _FIXED:
        return _outside(node.label, *_FIXED[shape])
    if shape == "decision":
        return _decision(node.label)
    return _inside(node)


def is_compartmented(node: Node, kind: str) -> bool:
    """Whether the node is drawn with a title and rows beneath it."""
    return node.shape == "class" or (node.shape == "entity" and (bool(node.rows) or kind == "er")) or bool(node.rows)


def _outside(label: str, w: float, h: float) -> Footprint:
    if not label:
        return Footprint(w, h)
    longest = min(max((text_width(word, FONT * 0.93) for word in label.split()), default=0.0) + 1, FONT * 18)
    fitted = measure(balance(label, max(110.0, w, longest), FONT * 0.93), FONT * 0.93)
    return Footprint(w, h, fitted.width, fitted.height + 4)


def _decision(label: str) -> Footprint:
    if not label:
        return Footprint(50.0, 50.0)
    fitted = measure(balance(label, 150.0, FONT), FONT)
    height = max(64.0, fitted.height * 2.1)
    return Footprint(max(100.0, fitted.width / (1 - fitted.height / height) + 12), height)


def _compartments(node: Node) -> Footprint:
    wide = max((text_width(row, FONT * 0.93) for row in node.rows), default=0.0)
    title = max(text_width(line, FONT, bold=True) for line in balance(node.label, 260.0, FONT, bold=True))
    lines = len(balance(node.label, 260.0, FONT, bold=True))
    height = lines * FONT * LINE_HEIGHT + 16 + len(node.rows) * FONT * 0.93 * 1.4 + (8 if node.rows else 12)
    return Footprint(min(520.0, max(110.0, wide + 24, title + 32)), height)


def _inside(node: Node) -> Footprint:
    shape = node.shape
    if shape in ("text", "annotation", "note"):
        fitted = measure(balance(node.label, 190.0, FONT), FONT)
        pad = 4 if shape == "text" else 20
        return Footprint(max(30.0, fitted.width + pad), max(24.0, fitted.height + pad))
    longest = max((text_width(word, FONT) for word in node.label.split()), default=0.0)
    fitted = measure(balance(node.label, max(165.0, min(longest + 1, 280.0)), FONT), FONT)
    w, h = fitted.width + 30, fitted.height + 24
    if shape in TASKS:
        w, h = max(w + 8, 116.0), max(h + (14 if shape not in ("task", "subprocess") else 0), 72.0)
        if shape == "subprocess" or node.markers:
            h = max(h, fitted.height + 44)
    elif shape in ("ellipse", "usecase"):
        w, h = max(w * 1.25, 90.0), max(h * 1.3, 48.0)
    elif shape in ("circle", "double_circle", "connector"):
        side = max((fitted.width**2 + fitted.height**2) ** 0.5 + 14, 30.0)
        w = h = side
    elif shape in ("data", "manual_operation", "hexagon", "delay", "display", "manual_input"):
        w, h = max(w + h * 0.6, 120.0), max(h, 50.0)
    elif shape == "database":
        w, h = max(w, 90.0), max(h + 28, 70.0)
    elif shape == "document":
        w, h = max(w, 100.0), max(h + 14, 60.0)
    else:
        w, h = max(w, 96.0), max(h, 48.0)
    return Footprint(w, h)


def twins(diagram: Diagram) -> dict[str, str]:
    """Expanded subprocesses, group id to node id: one drawing that the model holds as a group and a node.

    They are told by geometry where both have boxes (the node's is nearly the group's), else by one label in one parent.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    nodes = [n for n in diagram.nodes if n.shape in TASKS or n.shape in ("state", "rounded", "process")]
    for group in diagram.groups:
        if group.kind not in ("subprocess", "composite"):
            continue
        for node in nodes:
            if node.id not in taken and node.group in (group.parent, group.id) and _same(node, group):
                found[group.id] = node.id
                taken.add(node.id)
                break
    return found


def _same(node: Node, group: Group) -> bool:
    if node.box is not None and group.box is not None:
        near = max(abs(a - b) for a, b in zip(node.box, group.box, strict=True))
        return near <= 0.05 * max(group.box.w, group.box.h) + 4
    return node.label == group.label and node.shape != "process"
