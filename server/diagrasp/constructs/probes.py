"""One small diagram for each construct, of the kind in which the construct is at home.

The element in question has the id `x`; `focus` names the features whose change decides what becomes of the construct.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from diagrasp.model import Diagram, DiagramKind, Direction, Head, Line, Trigger


@dataclass(frozen=True, slots=True)
class Construct:
    """A thing that a diagram may show.

    Attributes:
        section, title: where the table lists it, and as what.
        diagram: one that shows it, as plain as can be.
        focus: features of changes that are about it; those of other features belong to other constructs.
    """

    section: str
    title: str
    diagram: Diagram
    focus: tuple[str, ...]


_FLOW = (
    "process rounded decision merge terminal stadium ellipse circle double_circle hexagon data manual_operation "
    "manual_input document database subprocess delay display connector note annotation text actor"
)
_TASKS = (
    "task user_task service_task script_task send_task receive_task manual_task business_rule_task call_activity "
    "subprocess"
)
_GATEWAYS = "exclusive_gateway parallel_gateway inclusive_gateway event_gateway complex_gateway"
_EVENTS = "start_event intermediate_event end_event"
_AT: dict[str, str] = {
    "message": "start_event", "timer": "start_event", "conditional": "start_event", "signal": "start_event",
    "error": "end_event", "escalation": "end_event", "terminate": "end_event", "cancel": "end_event",
    "compensation": "end_event", "link": "intermediate_event", "multiple": "start_event",
    "parallel_multiple": "start_event",
}  # fmt: skip
"""An event on which each trigger may stand."""


def constructs() -> Iterator[Construct]:
    """Every construct, in the order of the table."""
    for part in (_whole, _nodes, _edges, _groups, _bpmn, _activity, _state, _sequence, _class, _er, _usecase):
        yield from part()


def _node(id: str, label: str = "", shape: str = "process", **more: Any) -> dict[str, Any]:
    return {"id": id, "label": label, "shape": shape, **more}


def _edge(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"source": source, "target": target, **more}


def _made(kind: str, nodes: list[Any], edges: list[Any] = [], groups: list[Any] = [], **more: Any) -> Diagram:  # noqa: B006
    return Diagram.model_validate({"kind": kind, "nodes": nodes, "edges": edges, "groups": groups, **more})


_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "bpmn": ("task", {}), "state": ("state", {}), "sequence": ("participant", {}), "er": ("entity", {"tail": "one"}),
    "class": ("class", {"kind": "association"}), "usecase": ("usecase", {"kind": "association", "head": "none"}),
    "mindmap": ("process", {"head": "none"}),
}  # fmt: skip
_HEADS = {"er": "many"}
_RELATED = {"er": "relation"}


def _plain(kind: str, **more: Any) -> Diagram:
    """Two elements and what connects them."""
    shape, edge = _KINDS.get(kind, ("process", {}))
    first = _node("a", "Alpha", "actor" if kind == "usecase" else shape)
    edge = {"head": _HEADS.get(kind, "arrow"), "kind": _RELATED.get(kind, "flow"), **edge}
    return _made(kind, [first, _node("x", "Beta", shape)], [_edge("a", "x", **edge)], **more)


def _whole() -> Iterator[Construct]:
    for kind in get_args(DiagramKind):
        yield Construct("Diagram", f"kind {kind}", _plain(kind), ("kind",))
    yield Construct("Diagram", "title", _plain("flowchart", title="Omega"), ("title",))
    for way in get_args(Direction):
        yield Construct("Diagram", f"direction {way}", _plain("flowchart", direction=way), ("direction",))
    boxed = [_node("a", "Alpha", box=(20, 20, 120, 60)), _node("x", "Beta", box=(320, 220, 120, 60))]
    yield Construct("Diagram", "places and sizes", _made("flowchart", boxed, [_edge("a", "x")]), ("box",))
    bent = _edge("a", "x", id="y", path=[(140, 50), (380, 50), (380, 220)])
    yield Construct("Diagram", "routes of connectors", _made("flowchart", boxed, [bent]), ("path",))
    sure = [_node("a", "Alpha", confidence=0.5), _node("x", "Beta", confidence=0.75)]
    yield Construct("Diagram", "confidences", _made("flowchart", sure, [_edge("a", "x")]), ("confidence",))


def _between(kind: str, shape: str, around: str, **more: Any) -> Diagram:
    """A symbol on the way from one step to another; at the end of the way where none may follow."""
    bare = shape in ("merge", "bar", "initial", "final")
    nodes = [_node("x", "" if bare else "Beta", shape, **more)]
    edges = []
    if shape not in ("start_event", "initial"):
        nodes.insert(0, _node("a", "Alpha", around))
        edges.append(_edge("a", "x"))
    if shape not in ("end_event", "final"):
        nodes.append(_node("c", "Gamma", around))
        edges.append(_edge("x", "c"))
    if shape == "decision" or "gateway" in shape:
        nodes.append(_node("d", "Delta", around))
        edges.append(_edge("x", "d"))
        if shape != "parallel_gateway":
            edges[-2:] = [_edge("x", "c", label="yes"), _edge("x", "d", label="no")]
    return _made(kind, nodes, edges)


_SHAPE = ("shape", "node", "label")


def _nodes() -> Iterator[Construct]:
    for shape in _FLOW.split():
        yield Construct("Symbols of flowcharts", shape, _between("flowchart", shape, "process"), _SHAPE)
    lines = _made("flowchart", [_node("x", "Beta\nDelta"), _node("c", "Gamma")], [_edge("x", "c")])
    yield Construct("Symbols of flowcharts", "line break in a label", lines, ("label",))


def _edges() -> Iterator[Construct]:
    def of(title: str, *focus: str, **edge: Any) -> Construct:
        nodes = [_node("a", "Alpha"), _node("b", "Beta")]
        return Construct("Connectors", title, _made("flowchart", nodes, [_edge("a", "b", id="x", **edge)]), focus)

    for line in get_args(Line):
        yield of(f"line {line}", "line", "edge", line=line)
    for head in get_args(Head)[:8]:
        yield of(f"head {head}", "head", "edge", head=head)
    for tail in get_args(Head)[1:8]:
        yield of(f"tail {tail}", "tail", "edge", tail=tail)
    yield of("label", "edge.label", "edge", label="Delta")
    yield of("label at the source", "edge.source_label", source_label="Delta")
    yield of("label at the target", "edge.target_label", target_label="Delta")
    two = [_edge("a", "b", id="x", label="Delta"), _edge("a", "b", id="y", label="Epsilon")]
    nodes = [_node("a", "Alpha"), _node("b", "Beta")]
    yield Construct("Connectors", "two between the same ends", _made("flowchart", nodes, two), ("edge", "edge.label"))
    loop = [_edge("a", "b"), _edge("b", "b", id="x")]
    yield Construct("Connectors", "onto itself", _made("flowchart", nodes, loop), ("edge",))
    inside = [_node("a", "Alpha"), _node("b", "Beta", group="g")]
    group = [{"id": "g", "label": "Delta"}]
    for title, ends in (("to a group", ("a", "g")), ("from a group", ("g", "a"))):
        diagram = _made("flowchart", inside, [_edge(*ends, id="x")], group)
        yield Construct("Connectors", title, diagram, ("edge", "edge.to_group"))


_GROUP = ("group", "group.gone", "group.kind", "group.label", "group.parent")


def _groups() -> Iterator[Construct]:
    nodes = [_node("a", "Alpha"), _node("b", "Beta", group="x"), _node("c", "Gamma", group="x")]
    edges = [_edge("a", "b"), _edge("b", "c")]
    for kind in ("subgraph", "lane", "pool"):
        diagram = _made("flowchart", nodes, edges, [{"id": "x", "label": "Delta", "kind": kind}])
        yield Construct("Groups", kind, diagram, _GROUP)
    outer = [{"id": "o", "label": "Outer"}, {"id": "x", "label": "Delta", "parent": "o"}]
    yield Construct("Groups", "subgraph in a subgraph", _made("flowchart", nodes, edges, outer), _GROUP)
    nameless = _made("flowchart", nodes, edges, [{"id": "x"}])
    yield Construct("Groups", "without a title", nameless, _GROUP)
    empty = _made("flowchart", [_node("a", "Alpha")], [], [{"id": "x", "label": "Delta"}])
    yield Construct("Groups", "with nothing in it", empty, _GROUP)


def _bpmn() -> Iterator[Construct]:
    def of(section: str, title: str, diagram: Diagram, *focus: str) -> Construct:
        return Construct(f"BPMN: {section}", title, diagram, focus)

    for section, shapes in (("tasks", _TASKS), ("gateways", _GATEWAYS), ("events", _EVENTS)):
        for shape in shapes.split():
            yield of(section, shape, _between("bpmn", shape, "task"), *_SHAPE)
    for trigger in get_args(Trigger):
        event = _between("bpmn", _AT[trigger], "task", trigger=trigger)
        yield of("events", f"trigger {trigger}", event, "trigger", "node")
    throwing = _between("bpmn", "intermediate_event", "task", trigger="message", markers=["throwing"])
    yield of("events", "throwing", throwing, "markers", "node")
    for markers in ((), ("non_interrupting",)):
        nodes = [_node("a", "Alpha", "task"), _node("c", "Gamma", "task"), _node("d", "Delta", "task")]
        nodes.append(_node("x", "Beta", "boundary_event", trigger="timer", attached_to="a", markers=markers))
        diagram = _made("bpmn", nodes, [_edge("a", "c"), _edge("x", "d")])
        title = "boundary event" + (", not interrupting" if markers else "")
        yield of("events", title, diagram, "attached_to", "markers", *_SHAPE)
    for marker in ("loop", "parallel", "sequential", "compensation"):
        yield of("markers", marker, _between("bpmn", "task", "task", markers=[marker]), "markers", "node")
    for marker in ("adhoc", "collapsed"):
        yield of("markers", marker, _between("bpmn", "subprocess", "task", markers=[marker]), "markers", "node")
    yield from _bpmn_groups()
    nodes = [_node(id, label, "task") for id, label in (("b", "Beta"), ("c", "Gamma"))]
    nodes.insert(0, _node("a", "Alpha", "exclusive_gateway"))
    arms = [_edge("a", "b", label="Delta"), _edge("a", "c", id="x", default=True)]
    yield of("connectors", "default flow", _made("bpmn", nodes, arms), "edge.default", "edge")
    yield of("connectors", "condition", _made("bpmn", nodes, [*arms[:1], arms[1] | {"default": False}]), "edge.label")
    for shape, kind in (("annotation", "association"), ("data_object", "data"), ("data_store", "data")):
        nodes = [_node("a", "Alpha", "task"), _node("x", "Beta", shape)]
        ends = ("x", "a") if shape == "annotation" else ("a", "x")
        look = {"line": "dotted", "head": "none" if shape == "annotation" else "open_arrow"}
        diagram = _made("bpmn", nodes, [_edge(*ends, id="y", kind=kind, **look)])
        yield of("data", shape, diagram, "edge", "edge.kind", *_SHAPE)


def _bpmn_groups() -> Iterator[Construct]:
    tasks = [_node("a", "Alpha", "task", group="x"), _node("b", "Beta", "task", group="y")]
    pools = [{"id": "x", "label": "Delta", "kind": "pool"}, {"id": "y", "label": "Epsilon", "kind": "pool"}]
    message = _edge("a", "b", id="m", kind="message", line="dashed")
    section = "BPMN: groups"
    yield Construct(section, "pools", _made("bpmn", tasks, [message], pools), _GROUP)
    yield Construct(section, "message flow", _made("bpmn", tasks, [message], pools), ("edge", "edge.kind"))
    shut = _made("bpmn", tasks[:1], [_edge("a", "y", id="m", kind="message", line="dashed")], pools)
    yield Construct(section, "closed pool", shut, (*_GROUP, "edge"))
    lanes = [{"id": "o", "label": "Outer", "kind": "pool"}]
    lanes += [{**pool, "kind": "lane", "parent": "o"} for pool in pools]
    yield Construct(section, "lanes of a pool", _made("bpmn", tasks, [_edge("a", "b")], lanes), _GROUP)
    deep = [lanes[0], {**lanes[1], "label": "Phi", "id": "z"}, {**lanes[1], "parent": "z"}, {**lanes[2], "parent": "z"}]
    yield Construct(section, "lane in a lane", _made("bpmn", tasks, [_edge("a", "b")], deep), _GROUP)
    inner = [_node("a", "Alpha", "task"), _node("s", "Delta", "subprocess"), _node("b", "Beta", "task", group="x")]
    inner.append(_node("c", "Gamma", "task", group="x"))
    group = [{"id": "x", "label": "Delta", "kind": "subprocess"}]
    diagram = _made("bpmn", inner, [_edge("a", "s"), _edge("b", "c")], group)
    yield Construct(section, "expanded subprocess", diagram, (*_GROUP, "node", "edge"))


def _activity() -> Iterator[Construct]:
    section = "Activity"
    for shape in ("initial", "final"):
        yield Construct(section, shape, _between("activity", shape, "process"), _SHAPE)
    nodes = [_node("i", "", "initial"), _node("x", "Choose", "decision"), _node("a", "Alpha"), _node("b", "Beta")]
    nodes += [_node("z", "", "merge"), _node("f", "", "final")]
    edges = [_edge("i", "x"), _edge("x", "a", label="yes"), _edge("x", "b", label="no"), _edge("a", "z")]
    edges += [_edge("b", "z"), _edge("z", "f")]
    yield Construct(section, "choice", _made("activity", nodes, edges), ("shape", "node", "edge", "edge.label"))
    split = [_node("i", "", "initial"), _node("x", "", "bar"), _node("a", "Alpha"), _node("b", "Beta")]
    split += [_node("y", "", "bar"), _node("f", "", "final")]
    joined = [_edge(*ends) for ends in ("ix", "xa", "xb", "ay", "by", "yf")]
    yield Construct(section, "fork and join", _made("activity", split, joined), ("shape", "node", "edge"))
    again = [_node("i", "", "initial"), _node("z", "", "merge"), _node("a", "Alpha"), _node("x", "More?", "decision")]
    again.append(_node("f", "", "final"))
    back = [
        _edge("i", "z"),
        _edge("z", "a"),
        _edge("a", "x"),
        _edge("x", "z", label="yes"),
        _edge("x", "f", label="no"),
    ]
    yield Construct(section, "loop", _made("activity", again, back), ("shape", "node", "edge", "edge.label"))
    lanes = [{"id": "x", "label": "Delta", "kind": "lane"}, {"id": "y", "label": "Epsilon", "kind": "lane"}]
    steps = [_node("i", "", "initial", group="x"), _node("a", "Alpha", group="x"), _node("b", "Beta", group="y")]
    steps.append(_node("f", "", "final", group="y"))
    diagram = _made("activity", steps, [_edge("i", "a"), _edge("a", "b"), _edge("b", "f")], lanes)
    yield Construct(section, "lanes", diagram, _GROUP)


def _state() -> Iterator[Construct]:
    section = "State"
    for shape in ("initial", "final", "bar", "decision"):
        diagram = _between("state", shape, "state")
        nodes = [node.replace(label="") if shape == "decision" and node.id == "x" else node for node in diagram.nodes]
        yield Construct(section, shape, diagram.replace(nodes=tuple(nodes)), _SHAPE)
    rows = [_node("x", "Beta", "state", rows=["entry / open", "exit / close"]), _node("c", "Gamma", "state")]
    yield Construct(section, "rows", _made("state", rows, [_edge("x", "c")]), ("rows",))
    inner = [
        _node("a", "Alpha", "state"),
        _node("b", "Beta", "state", group="x"),
        _node("c", "Gamma", "state", group="x"),
    ]
    group = [{"id": "x", "label": "Delta", "kind": "composite"}]
    edges = [_edge("a", "x", id="y"), _edge("b", "c")]
    yield Construct(section, "composite", _made("state", inner, edges, group), (*_GROUP, "edge"))
    deep = [{"id": "o", "label": "Outer", "kind": "composite"}, {**group[0], "parent": "o"}]
    yield Construct(section, "composite in a composite", _made("state", inner, edges, deep), (*_GROUP, "edge"))


def _sequence() -> Iterator[Construct]:
    section = "Sequence"
    for shape in ("participant", "actor", "boundary", "control", "entity", "collections", "database"):
        nodes = [_node("a", "Alpha", "participant"), _node("x", "Beta", shape)]
        yield Construct(section, shape, _made("sequence", nodes, [_edge("a", "x", label="Delta")]), _SHAPE)
    nodes = [_node("a", "Alpha", "participant"), _node("b", "Beta", "participant")]

    def message(title: str, *focus: str, **look: Any) -> Construct:
        return Construct(
            section, title, _made("sequence", nodes, [_edge("a", "b", id="x", label="Delta", **look)]), focus
        )

    yield message("dashed message", "line", "edge", line="dashed")
    for head in ("open_arrow", "cross", "none"):
        yield message(f"head {head}", "head", "edge", head=head)
    own = _made("sequence", nodes, [_edge("a", "b", label="Delta"), _edge("b", "b", id="x", label="Phi")])
    yield Construct(section, "message to itself", own, ("edge", "edge.label"))
    yield from _frames(nodes)
    noted = [*nodes, _node("x", "Note this", "note")]
    diagram = _made("sequence", noted, [_edge("a", "b", label="Delta")])
    yield Construct(section, "note", diagram, ("node", "shape", "label"))


def _frames(nodes: list[dict[str, Any]]) -> Iterator[Construct]:
    focus = ("edge.group", *_GROUP)
    for word in ("loop", "opt", "par", "alt", "critical", "break", "ref"):
        frame = [{"id": "f", "label": word, "kind": "frame"}]
        frame.append({"id": "x", "label": "while open", "kind": "section", "parent": "f"})
        edges = [_edge("b", "a", label="Phi"), _edge("a", "b", label="Delta", group="x")]
        if word in ("par", "alt"):
            frame.append({"id": "y", "label": "otherwise", "kind": "section", "parent": "f"})
            edges.append(_edge("a", "b", label="Chi", group="y"))
        yield Construct("Sequence", f"frame {word}", _made("sequence", nodes, edges, frame), focus)
    frames = [{"id": "f", "label": "loop", "kind": "frame"}]
    frames.append({"id": "s", "label": "while open", "kind": "section", "parent": "f"})
    frames.append({"id": "x", "label": "opt", "kind": "frame", "parent": "s"})
    frames.append({"id": "y", "label": "if late", "kind": "section", "parent": "x"})
    edges = [_edge("a", "b", label="Delta", group="s"), _edge("b", "a", label="Phi", group="y")]
    yield Construct("Sequence", "frame in a frame", _made("sequence", nodes, edges, frames), focus)


_RELATIONS: dict[str, dict[str, str]] = {
    "association": {"head": "none"}, "inheritance": {"head": "triangle"},
    "realization": {"head": "triangle", "line": "dashed"}, "composition": {"head": "filled_diamond"},
    "aggregation": {"head": "diamond"}, "dependency": {"head": "arrow", "line": "dashed"},
}  # fmt: skip


def _class() -> Iterator[Construct]:
    section = "Class"
    nodes = [_node("a", "Alpha", "class"), _node("b", "Beta", "class")]
    rows = [_node("x", "Alpha", "class", rows=["id: int", "+save(force: bool): bool"]), nodes[1]]
    edge = {"kind": "association", "head": "none"}
    yield Construct(section, "rows", _made("class", rows, [_edge("x", "b", **edge)]), ("rows", "node"))
    for kind, look in _RELATIONS.items():
        diagram = _made("class", nodes, [_edge("a", "b", id="x", kind=kind, **look)])
        yield Construct(section, kind, diagram, ("edge", "edge.kind", "head", "line", "tail"))
    diagram = _made("class", nodes, [_edge("a", "b", id="x", kind="association", head="arrow")])
    yield Construct(section, "association one way", diagram, ("edge", "edge.kind", "head", "line"))
    named = _edge("a", "b", id="x", label="Delta", source_label="1", target_label="0..*", **edge)
    focus = ("edge.label", "edge.source_label", "edge.target_label")
    yield Construct(section, "label and multiplicities", _made("class", nodes, [named]), focus)
    packed = [_node("a", "Alpha", "class", group="x"), nodes[1]]
    package = [{"id": "x", "label": "Delta"}]
    yield Construct(section, "package", _made("class", packed, [_edge("a", "b", **edge)], package), _GROUP)
    deep = [{"id": "o", "label": "Outer"}, {**package[0], "parent": "o"}]
    yield Construct(section, "package in a package", _made("class", packed, [_edge("a", "b", **edge)], deep), _GROUP)
    noted = _made("class", [*nodes, _node("x", "Note this", "note")], [_edge("x", "b", id="y", line="dashed", **edge)])
    yield Construct(section, "note", noted, ("node", "shape", "label", "edge"))
    way = _made("class", nodes, [_edge("a", "b", **edge)], direction="LR")
    yield Construct(section, "direction", way, ("direction",))


def _er() -> Iterator[Construct]:
    section = "Entities"
    nodes = [_node("a", "Alpha", "entity"), _node("b", "Beta", "entity")]
    rows = [_node("x", "Alpha", "entity", rows=["int id PK", "string name"]), nodes[1]]
    edge = {"kind": "relation", "head": "many", "tail": "one", "label": "has"}
    yield Construct(section, "rows", _made("er", rows, [_edge("x", "b", **edge)]), ("rows", "node"))
    for head in ("one", "many", "zero_or_one", "zero_or_many", "one_or_many"):
        for side, other in (("head", "tail"), ("tail", "head")):
            look = {**edge, side: head, other: "one"}
            yield Construct(section, f"{side} {head}", _made("er", nodes, [_edge("a", "b", id="x", **look)]), (side,))
    dashed = _made("er", nodes, [_edge("a", "b", id="x", line="dashed", **edge)])
    yield Construct(section, "dashed relation", dashed, ("line", "edge"))


def _usecase() -> Iterator[Construct]:
    section = "Use cases"
    nodes = [_node("a", "Alpha", "actor"), _node("x", "Beta", "usecase"), _node("c", "Gamma", "usecase")]
    told = {"kind": "association", "head": "none"}
    yield Construct(section, "actor and use case", _made("usecase", nodes, [_edge("a", "x", **told)]), _SHAPE)
    include = _edge("x", "c", id="y", kind="dependency", head="open_arrow", line="dashed", label="«include»")
    diagram = _made("usecase", nodes, [_edge("a", "x", **told), include])
    yield Construct(section, "include", diagram, ("edge", "edge.kind", "edge.label", "head", "line"))
    kin = _edge("x", "c", id="y", kind="inheritance", head="triangle")
    diagram = _made("usecase", nodes, [_edge("a", "x", **told), kin])
    yield Construct(section, "generalisation", diagram, ("edge", "edge.kind", "head"))
    inside = [nodes[0], nodes[1] | {"group": "g"}, nodes[2] | {"group": "g"}]
    diagram = _made("usecase", inside, [_edge("a", "x", **told)], [{"id": "g", "label": "Delta"}])
    yield Construct(section, "system's boundary", diagram, _GROUP)
