"""Diagram: the one typed graph that every engine makes and every format reads or writes.

Nothing but data and its invariants.  Boxes and paths are in pixels of the source picture (origin top left, x right,
y down), None where the source has no geometry.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

VERSION = 1

DiagramKind = Literal[
    "flowchart", "bpmn", "activity", "state", "sequence", "class", "er", "usecase", "c4", "mindmap", "block"
]
Direction = Literal["TB", "BT", "LR", "RL"]
Shape = Literal[
    # flow
    "process", "rounded", "decision", "merge", "terminal", "stadium", "ellipse", "circle", "double_circle", "hexagon",
    "data", "manual_operation", "manual_input", "document", "database", "subprocess", "delay", "display", "connector",
    "note", "annotation", "text", "actor",
    # BPMN
    "task", "user_task", "service_task", "script_task", "send_task", "receive_task", "manual_task",
    "business_rule_task", "call_activity", "start_event", "intermediate_event", "boundary_event", "end_event",
    "exclusive_gateway", "parallel_gateway", "inclusive_gateway", "event_gateway", "complex_gateway", "data_object",
    "data_store",
    # UML
    "initial", "final", "bar", "state", "participant", "boundary", "control", "entity", "collections", "class",
    "usecase",
]  # fmt: skip
EdgeKind = Literal[
    "flow", "message", "association", "data", "inheritance", "realization", "composition", "aggregation", "dependency",
    "relation",
]  # fmt: skip
Line = Literal["solid", "dashed", "dotted", "thick"]
Head = Literal[
    "none", "arrow", "open_arrow", "triangle", "diamond", "filled_diamond", "circle", "cross", "one", "many",
    "zero_or_one", "zero_or_many", "one_or_many",
]  # fmt: skip
GroupKind = Literal["pool", "lane", "subprocess", "subgraph", "composite", "frame", "section"]
Trigger = Literal[
    "message", "timer", "error", "signal", "escalation", "compensation", "conditional", "link", "terminate", "cancel",
    "multiple", "parallel_multiple",
]  # fmt: skip
Marker = Literal["loop", "parallel", "sequential", "compensation", "adhoc", "throwing", "non_interrupting", "collapsed"]
Confidence = Annotated[float, Field(ge=0.0, le=1.0)]


class Box(NamedTuple):
    """An upright rectangle: left, top, width and height in pixels; JSON `[x, y, w, h]`."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def center(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def area(self) -> float:
        return self.w * self.h

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x <= self.right and self.y <= y <= self.bottom


class Point(NamedTuple):
    x: float
    y: float


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def replace(self, **changes: Any) -> Self:
        """A checked copy with some fields changed.

        Raises:
            pydantic.ValidationError: where the changed copy breaks an invariant.
        """
        return type(self).model_validate({**dict(self), **changes})


class Node(_Frozen):
    """A symbol.  `rows` are the compartments' lines of a class or entity; `group` the innermost container."""

    id: str = Field(min_length=1)
    label: str = ""
    shape: Shape = "process"
    group: str | None = None
    box: Box | None = None
    rows: tuple[str, ...] = ()
    trigger: Trigger | None = None
    markers: tuple[Marker, ...] = ()
    attached_to: str | None = Field(default=None, description="the activity that a boundary event sits on")
    confidence: Confidence | None = None


class Edge(_Frozen):
    """A connector from `source` to `target`, each a node or a group.  Sequence messages are edges in their order."""

    id: str = Field(default="", description="made where absent")
    source: str
    target: str
    label: str = ""
    kind: EdgeKind = "flow"
    line: Line = "solid"
    head: Head = "arrow"
    tail: Head = "none"
    source_label: str = ""
    target_label: str = ""
    default: bool = False
    group: str | None = Field(default=None, description="the frame section that a sequence message stands in")
    path: tuple[Point, ...] | None = None
    confidence: Confidence | None = None


class Group(_Frozen):
    """A container: pool, lane, expanded subprocess, subgraph, composite state, frame or its section."""

    id: str = Field(min_length=1)
    label: str = ""
    kind: GroupKind = "subgraph"
    parent: str | None = None
    box: Box | None = None
    confidence: Confidence | None = None


class Diagram(_Frozen):
    """A typed graph.

    Invariants: ids are unique over nodes, edges and groups; every reference names something that is there; groups
    form a forest.  An expanded subprocess is a group and a node, of two ids.
    """

    version: Literal[1] = Field(default=1, description="of this JSON")
    kind: DiagramKind = "flowchart"
    title: str | None = None
    direction: Direction | None = None
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _number_edges(cls, data: Any) -> Any:
        """Give edges without an id the first free `e1`, `e2`, ..."""
        if not isinstance(data, dict) or not isinstance(data.get("edges"), list | tuple):
            return data
        taken = {_id(item) for key in ("nodes", "edges", "groups") for item in data.get(key) or ()}
        free = (name for name in (f"e{i}" for i in itertools.count(1)) if name not in taken)
        edges = []
        for edge in data["edges"]:
            if not _id(edge) and isinstance(edge, dict | Edge):
                edge = edge.replace(id=next(free)) if isinstance(edge, Edge) else {**edge, "id": next(free)}
            edges.append(edge)
        return {**data, "edges": edges}

    @model_validator(mode="after")
    def _check(self) -> Self:
        seen: set[str] = set()
        ids = [n.id for n in self.nodes] + [e.id for e in self.edges] + [g.id for g in self.groups]
        for id in ids:
            if id in seen:
                raise ValueError(f"the id {id!r} is used twice")
            seen.add(id)
        nodes, groups = {n.id for n in self.nodes}, {g.id: g for g in self.groups}
        for node in self.nodes:
            if node.group is not None and node.group not in groups:
                raise ValueError(f"node {node.id!r} lies in {node.group!r}, which is no group")
            if node.attached_to is not None and node.attached_to not in nodes:
                raise ValueError(f"node {node.id!r} is attached to {node.attached_to!r}, which is no node")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in nodes and end not in groups:
                    raise ValueError(f"edge {edge.id!r} ends on {end!r}, which is neither a node nor a group")
            if edge.group is not None and edge.group not in groups:
                raise ValueError(f"edge {edge.id!r} stands in {edge.group!r}, which is no group")
        done: set[str] = set()
        for group in self.groups:
            trail: set[str] = set()
            here: str | None = group.id
            while here is not None and here not in done:
                if here in trail:
                    raise ValueError(f"group {group.id!r} contains itself")
                if here not in groups:
                    raise ValueError(f"group {group.id!r} lies in {here!r}, which is no group")
                trail.add(here)
                here = groups[here].parent
            done |= trail
        return self

    def node(self, id: str) -> Node:
        """The node of that id.  Raises KeyError."""
        return next((n for n in self.nodes if n.id == id), None) or _missing(id)

    def ancestors(self, group: str | None) -> Iterator[Group]:
        """The group of that id and what contains it, innermost first."""
        groups = {g.id: g for g in self.groups}
        while group is not None:
            yield groups[group]
            group = groups[group].parent

    def role(self, node: Node) -> str:
        """Who does a step: the label of its nearest lane, else pool, through parents; empty where there is none."""
        chain = [g for g in self.ancestors(node.group) if g.kind in ("lane", "pool") and g.label]
        lane = next((g for g in chain if g.kind == "lane"), None)
        chosen = lane or (chain[0] if chain else None)
        return chosen.label if chosen else ""

    def to_json(self, *, indent: int | None = 1) -> str:
        """The diagram JSON, non-ASCII text as it is, boxes rounded to a tenth of a pixel."""
        return json.dumps(_rounded(self.model_dump(mode="json")), ensure_ascii=False, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Diagram:
        """Read the diagram JSON.  Raises pydantic.ValidationError."""
        return cls.model_validate_json(text)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        short = round(value, 4) if 0 <= value <= 1 else round(value, 1)
        return int(short) if short.is_integer() else short
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list) else value


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else getattr(item, "id", None)


def _missing(id: str) -> Node:
    raise KeyError(id)
