"""draw.io's styles beside the shapes, heads and lines of the model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from diagrasp.model import Edge, Head, Line, Marker, Node, Shape, Trigger

Style = Mapping[str, str]
_OF_EVENTS = ("mxgraph.bpmn.event", "mxgraph.bpmn.shape")

_SHAPES: dict[str, Shape] = {
    "rhombus": "decision", "hexagon": "hexagon", "parallelogram": "data", "cylinder": "database",
    "cylinder3": "database",
    "cylinder2": "database", "datastore": "database", "document": "document", "note": "note", "note2": "note",
    "umlActor": "actor", "actor": "actor", "umlLifeline": "participant", "process": "subprocess",
    "process2": "subprocess",
    "manualInput": "manual_input", "trapezoid": "manual_operation", "delay": "delay",
    "display": "display", "offPageConnector": "connector", "startState": "initial", "endState": "final",
   "doubleEllipse": "double_circle",
    "umlBoundary": "boundary", "umlControl": "control", "umlEntity": "entity", "dataStorage": "data",
    "mxgraph.flowchart.decision": "decision", "mxgraph.flowchart.process": "process",
    "mxgraph.flowchart.terminator": "terminal", "mxgraph.flowchart.start_1": "ellipse",
    "mxgraph.flowchart.start_2": "circle", "mxgraph.flowchart.document": "document",
    "mxgraph.flowchart.document2": "document", "mxgraph.flowchart.multi-document": "document",
    "mxgraph.flowchart.data": "data", "mxgraph.flowchart.database": "database",
    "mxgraph.flowchart.direct_data": "database", "mxgraph.flowchart.predefined_process": "subprocess",
    "mxgraph.flowchart.manual_input": "manual_input", "mxgraph.flowchart.manual_operation": "manual_operation",
    "mxgraph.flowchart.delay": "delay", "mxgraph.flowchart.display": "display",
    "mxgraph.flowchart.on-page_reference": "connector", "mxgraph.flowchart.off-page_reference": "connector",
    "mxgraph.flowchart.preparation": "hexagon", "mxgraph.flowchart.annotation_1": "annotation",
    "mxgraph.flowchart.annotation_2": "annotation", "mxgraph.flowchart.stored_data": "data",
    "mxgraph.bpmn.data": "data_object", "mxgraph.bpmn.data2": "data_object", "mxgraph.bpmn.data_store": "data_store",
    "mxgraph.bpmn.user_task": "user_task",
}  # fmt: skip
_ALIKE: dict[str, Shape] = {
    "tape": "document", "cloud": "ellipse", "or": "circle", "xor": "circle", "sumEllipse": "circle",
    "orEllipse": "circle", "lineEllipse": "circle", "callout": "note", "mxgraph.flowchart.or": "circle",
    "mxgraph.flowchart.summing_function": "circle", "mxgraph.flowchart.paper_tape": "document",
    "mxgraph.flowchart.sequential_data": "database", "mxgraph.flowchart.sort": "decision",
    "sortShape": "decision", "mxgraph.flowchart.internal_storage": "data", "internalStorage": "data",
    "mxgraph.flowchart.card": "data", "card": "data", "tapeData": "database",
}  # fmt: skip
"""Forms that are read as the nearest shape."""
_TASKS: dict[str, Shape] = {
    "user": "user_task", "service": "service_task", "script": "script_task", "send": "send_task",
    "receive": "receive_task", "manual": "manual_task", "businessRule": "business_rule_task",
}  # fmt: skip
_GATES: dict[str, Shape] = {
    "exclusive": "exclusive_gateway", "parallel": "parallel_gateway", "complex": "complex_gateway",
    "exclusiveGw": "exclusive_gateway", "parallelGw": "parallel_gateway", "complexGw": "complex_gateway",
}  # fmt: skip
_TRIGGERS: dict[str, Trigger] = {
    "message": "message", "timer": "timer", "error": "error", "signal": "signal", "escalation": "escalation",
    "compensation": "compensation", "conditional": "conditional", "rule": "conditional", "link": "link",
    "terminate": "terminate", "terminate2": "terminate", "cancel": "cancel", "multiple": "multiple",
    "parallelMultiple": "parallel_multiple",
}  # fmt: skip
_LOOPS: dict[str, Marker] = {
    "isLoopStandard": "loop", "isLoopMultiParallel": "parallel", "isLoopMultiSeq": "sequential",
    "isLoopComp": "compensation", "isAdHoc": "adhoc", "isLoopSub": "collapsed",
}  # fmt: skip
_PARTS: dict[str, Marker] = {
    "loop": "loop", "parallelMarker": "parallel", "ad_hoc": "adhoc", "compensation": "compensation",
    "plus": "collapsed",
}  # fmt: skip
"""Signs that older drawings put on activities as cells of their own."""
HEADS: dict[str, Head] = {
    "none": "none", "classic": "arrow", "classicThin": "arrow", "block": "arrow", "blockThin": "arrow",
    "open": "open_arrow", "openThin": "open_arrow", "openAsync": "open_arrow", "async": "arrow", "oval": "circle",
    "circle": "circle", "cross": "cross",
    "diamond": "filled_diamond", "diamondThin": "filled_diamond", "ERone": "one", "ERmandOne": "one", "ERmany": "many",
    "ERzeroToOne": "zero_or_one", "ERzeroToMany": "zero_or_many", "ERoneToMany": "one_or_many",
}  # fmt: skip


EXACT = frozenset(_SHAPES)
"""Forms that the graph has a word for."""


def shape_of(style: Style) -> Shape:
    """The shape that a vertex's style draws."""
    name = style.get("shape", "")
    if name == "mxgraph.bpmn.shape":
        return _old_bpmn(style)
    if name.startswith("mxgraph.bpmn.event"):
        return _event(style)
    if name.startswith("mxgraph.bpmn.gateway"):
        return _gateway(style)
    if name.startswith("mxgraph.bpmn.task"):
        return _task(style)
    if name in _SHAPES or name in _ALIKE:
        return _SHAPES.get(name) or _ALIKE[name]
    if name in ("rhombus", "ellipse"):
        return "decision" if name == "rhombus" else "ellipse"
    for word in ("rhombus", "ellipse", "triangle", "hexagon", "text", "doubleEllipse"):
        if word in style and style[word] == "1":
            if word == "ellipse":
                return "circle" if style.get("aspect") == "fixed" else "ellipse"
            return {"rhombus": "decision", "hexagon": "hexagon", "text": "text", "doubleEllipse": "double_circle"}.get(
                word, "process"
            )  # type: ignore[return-value]
    if (style.get("line") == "1" or name == "line") and style.get("strokeWidth", "1") not in ("1", "2"):
        return "bar"
    if name == "partialRectangle":
        sides = [side for side in ("top", "left", "bottom", "right") if style.get(side) != "0"]
        return "annotation" if sides in (["left"], ["right"]) else "text" if len(sides) < 2 else "process"
    if style.get("rounded") == "1":
        arc = _float(style.get("arcSize"), 10.0)
        return "stadium" if arc >= 45 and style.get("absoluteArcSize") != "1" else "rounded"
    return "process"


def _event(style: Style) -> Shape:
    outline = style.get("outline", "standard")
    if outline == "end":
        return "end_event"
    if outline.startswith("bound"):
        return "boundary_event"
    return "start_event" if outline in ("standard", "eventInt", "eventNonint") else "intermediate_event"


def _gateway(style: Style) -> Shape:
    kind = style.get("gwType") or style.get("symbol", "")
    if kind in _GATES:
        return _GATES[kind]
    symbol = style.get("symbol", "none")
    if symbol in ("multiple", "parallelMultiple"):
        return "event_gateway"
    if symbol == "general" and style.get("outline") == "end":
        return "inclusive_gateway"
    return "exclusive_gateway"


def _task(style: Style) -> Shape:
    if style.get("bpmnShapeType") == "call":
        return "call_activity"
    if style.get("bpmnShapeType") in ("subprocess", "transaction") or style.get("isLoopSub") == "1":
        return "subprocess"
    return _TASKS.get(style.get("taskMarker", ""), "task")


def sign_of(style: Style) -> tuple[str, Any] | None:
    """What a small part of an activity says of it: `shape` or `marker` and which; None where it is no such sign."""
    name = style.get("shape", "")
    if name == "message":  # drawn in white on black where it is sent
        return "shape", "send_task" if style.get("fillColor", "").lower() in ("#000000", "black") else "receive_task"
    kind = name.removeprefix("mxgraph.bpmn.")
    if kind in _PARTS:
        return "marker", _PARTS[kind]
    return ("shape", kind) if kind in _TASKS.values() and kind != name else None


def _old_bpmn(style: Style) -> Shape:
    if style.get("background") == "gateway" or "rhombus" in style.get("perimeter", ""):
        return _gateway(style)
    return _event(style)


def trigger_of(style: Style) -> Trigger | None:
    """The sign inside an event."""
    if not style.get("shape", "").startswith(_OF_EVENTS) or shape_of(style) not in _EVENT_OUTLINES:
        return None
    return _TRIGGERS.get(style.get("symbol", ""))


def markers_of(style: Style) -> tuple[Marker, ...]:
    """Activity markers, and whether an event throws or does not interrupt."""
    found: list[Marker] = [marker for key, marker in _LOOPS.items() if style.get(key) == "1"]
    if style.get("shape", "").startswith(_OF_EVENTS) and shape_of(style) in _EVENT_OUTLINES:
        outline = style.get("outline", "")
        if outline == "throwing":
            found.append("throwing")
        if outline in ("boundNonint", "eventNonint"):
            found.append("non_interrupting")
    return tuple(found)


def heads_of(style: Style) -> tuple[Head, Head]:
    """What an edge has at its target and at its source."""
    if style.get("shape") == "link":
        return "none", "none"
    return _head(style, "end", "classic"), _head(style, "start", "none")


def _head(style: Style, end: str, default: str) -> Head:
    name = style.get(f"{end}Arrow", default)
    filled = style.get(f"{end}Fill", "1") != "0"
    if name in ("diamond", "diamondThin"):
        return "filled_diamond" if filled else "diamond"
    if name in ("block", "blockThin") and not filled:
        return "triangle"
    return HEADS.get(name, "arrow")


def line_of(style: Style) -> Line:
    """The style of an edge's line."""
    if style.get("dashed") == "1":
        on = _float(style.get("dashPattern", "3 3").split()[0] if style.get("dashPattern", "").split() else "3", 3.0)
        return "dotted" if on <= 1 else "dashed"
    return "thick" if _float(style.get("strokeWidth"), 1.0) >= 3 else "solid"


def _float(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


# -- the other way ---------------------------------------------------------------------------------------------------

_EVENT_OUTLINES = {
    "start_event": "standard",
    "intermediate_event": "catching",
    "boundary_event": "boundInt",
    "end_event": "end",
}
_BASE = "whiteSpace=wrap;html=1;"
_STYLES: dict[str, str] = {
    "process": "rounded=0;", "rounded": "rounded=1;", "decision": "rhombus;", "merge": "rhombus;",
    "terminal": "shape=mxgraph.flowchart.terminator;", "stadium": "rounded=1;arcSize=50;", "ellipse": "ellipse;",
    "circle": "ellipse;aspect=fixed;", "double_circle": "shape=doubleEllipse;aspect=fixed;",
    "hexagon": "shape=hexagon;perimeter=hexagonPerimeter2;fixedSize=1;",
    "data": "shape=parallelogram;perimeter=parallelogramPerimeter;fixedSize=1;",
    "manual_operation": "shape=trapezoid;perimeter=trapezoidPerimeter;fixedSize=1;flipV=1;",
    "manual_input": "shape=manualInput;", "document": "shape=document;boundedLbl=1;",
    "database": "shape=cylinder3;boundedLbl=1;backgroundOutline=1;size=12;",
    "subprocess": "shape=process;backgroundOutline=1;",
    "delay": "shape=delay;", "display": "shape=display;", "connector": "ellipse;aspect=fixed;",
    "note": "shape=note;size=14;align=left;spacingLeft=6;",
    "annotation": "shape=partialRectangle;right=0;top=0;bottom=0;align=left;spacingLeft=6;fillColor=none;",
    "text": "text;strokeColor=none;fillColor=none;align=center;verticalAlign=middle;",
    "actor": "shape=umlActor;verticalLabelPosition=bottom;verticalAlign=top;",
    "call_activity": "shape=mxgraph.bpmn.task2;bpmnShapeType=call;taskMarker=abstract;",
    "data_object": "shape=mxgraph.bpmn.data2;size=12;verticalLabelPosition=bottom;verticalAlign=top;",
    "data_store": "shape=datastore;verticalLabelPosition=bottom;verticalAlign=top;",
    "initial": "ellipse;shape=startState;fillColor=#000000;", "final": "ellipse;shape=endState;fillColor=#000000;",
    "bar": "rounded=0;fillColor=#000000;", "state": "rounded=1;arcSize=40;absoluteArcSize=1;",
    "participant": "shape=umlLifeline;perimeter=lifelinePerimeter;container=0;",
    "boundary": "shape=umlBoundary;verticalLabelPosition=bottom;verticalAlign=top;",
    "control": "shape=umlControl;verticalLabelPosition=bottom;verticalAlign=top;",
    "entity": "shape=umlEntity;verticalLabelPosition=bottom;verticalAlign=top;", "collections": "rounded=0;shadow=1;",
    "class": "rounded=0;fontStyle=1;", "usecase": "ellipse;",
}  # fmt: skip
_GATE_STYLES = {
    "exclusive_gateway": "gwType=exclusive;outline=none;symbol=none;",
    "parallel_gateway": "gwType=parallel;outline=none;symbol=none;",
    "inclusive_gateway": "outline=end;symbol=general;",
    "event_gateway": "outline=boundInt;symbol=multiple;",
    "complex_gateway": "gwType=complex;outline=none;symbol=none;",
}
_MARKERS: dict[str, str] = {marker: key for key, marker in _LOOPS.items()}
_SYMBOLS: dict[str, str] = {
    trigger: name for name, trigger in reversed(_TRIGGERS.items()) if name not in ("rule", "terminate2")
}
_ARROWS: dict[str, str] = {
    "none": "none", "arrow": "block;{0}Fill=1", "open_arrow": "open;{0}Fill=0",
    "triangle": "block;{0}Fill=0;{0}Size=12",
    "diamond": "diamondThin;{0}Fill=0;{0}Size=14", "filled_diamond": "diamondThin;{0}Fill=1;{0}Size=14",
    "circle": "oval;{0}Fill=0", "cross": "cross", "one": "ERone", "many": "ERmany", "zero_or_one": "ERzeroToOne",
    "zero_or_many": "ERzeroToMany", "one_or_many": "ERoneToMany",
}  # fmt: skip


def node_style(node: Node, *, bpmn: bool) -> str:
    """A vertex style for a node; what it cannot say exactly follows in keys of our own, which draw.io keeps."""
    marks = "".join(f"{_MARKERS[m]}=1;" for m in node.markers if m in _MARKERS)
    shape = node.shape
    if shape in _EVENT_OUTLINES:
        outline = _EVENT_OUTLINES[shape]
        if shape == "intermediate_event" and "throwing" in node.markers:
            outline = "throwing"
        if "non_interrupting" in node.markers:
            outline = {"standard": "eventNonint", "boundInt": "boundNonint"}.get(outline, outline)
        symbol = _SYMBOLS.get(node.trigger or "", "general")
        style = (
            "points=[];shape=mxgraph.bpmn.event;perimeter=ellipsePerimeter;verticalLabelPosition=bottom;"
            f"labelBackgroundColor=none;verticalAlign=top;align=center;outlineConnect=0;outline={outline};symbol={symbol};"
        )
    elif shape in _GATE_STYLES:
        style = (
            "points=[];shape=mxgraph.bpmn.gateway2;perimeter=rhombusPerimeter;verticalLabelPosition=bottom;"
            f"verticalAlign=top;align=center;outlineConnect=0;{_GATE_STYLES[shape]}"
        )
    elif shape in _TASKS.values() or shape in ("task", "call_activity") or (shape == "subprocess" and bpmn):
        kind = next((name for name, s in _TASKS.items() if s == shape), "abstract")
        part = "bpmnShapeType=call;" if shape == "call_activity" else ""
        style = f"points=[];shape=mxgraph.bpmn.task2;rectStyle=rounded;size=10;{part}taskMarker={kind};{marks}"
    else:
        style = _STYLES[shape] + marks
    style += _BASE
    read = parse_like(style)
    if shape_of(read) != shape:
        style += f"diagraspShape={shape};"
    if trigger_of(read) != node.trigger:
        style += f"diagraspTrigger={node.trigger or 'none'};"
    if markers_of(read) != node.markers:
        style += f"diagraspMarkers={','.join(node.markers) or 'none'};"
    return style


def parse_like(style: str) -> dict[str, str]:
    """A style of ours taken apart."""
    pairs = (part.partition("=") for part in style.split(";") if part)
    return {key: value if equals else "1" for key, equals, value in pairs}


def edge_style(edge: Edge, *, natural: str) -> str:
    """An edge style; `natural` is the kind that reading would guess without a mark."""
    style = "edgeStyle=orthogonalEdgeStyle;rounded=1;html=1;" if _is_orthogonal(edge) else "rounded=1;html=1;"
    style += f"endArrow={_ARROWS[edge.head].format('end')};startArrow={_ARROWS[edge.tail].format('start')};"
    if edge.line == "dashed":
        style += "dashed=1;"
    elif edge.line == "dotted":
        style += "dashed=1;dashPattern=1 3;"
    elif edge.line == "thick":
        style += "strokeWidth=3;"
    if edge.kind != natural:
        style += f"diagraspKind={edge.kind};"
    return style


def _is_orthogonal(edge: Edge) -> bool:
    path = edge.path or ()
    return all(abs(a.x - b.x) < 0.5 or abs(a.y - b.y) < 0.5 for a, b in pairwise(path))
