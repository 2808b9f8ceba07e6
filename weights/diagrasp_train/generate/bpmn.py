"""BPMN 2.0 XML with diagram interchange, from a placed diagram, drawn by bpmn-js."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from diagrasp.model import Box, Diagram, Edge, Group, Node, Point
from diagrasp_train.generate.browser import Browser
from diagrasp_train.generate.place import Placed, Spacing, label_spot, obstacles, place
from diagrasp_train.generate.text import text_width, wrap

TASKS = {
    "task": "task", "user_task": "userTask", "service_task": "serviceTask", "script_task": "scriptTask",
    "send_task": "sendTask", "receive_task": "receiveTask", "manual_task": "manualTask",
    "business_rule_task": "businessRuleTask", "call_activity": "callActivity", "subprocess": "subProcess",
}  # fmt: skip
GATEWAYS = {
    "exclusive_gateway": "exclusiveGateway", "parallel_gateway": "parallelGateway",
    "inclusive_gateway": "inclusiveGateway", "event_gateway": "eventBasedGateway",
    "complex_gateway": "complexGateway",
}  # fmt: skip
_ROOT = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' id="definitions" targetNamespace="http://bpmn.io/schema/bpmn">'
)
_ASIDE = ("annotation", "data_object", "data_store")
_LABELLED_OUTSIDE = ("event", "gateway", "data_")


@dataclass(frozen=True, slots=True)
class BpmnStyle:
    """How bpmn-js draws: font, colours, pixels a unit, whether an exclusive gateway shows its cross."""

    font: str | None = None
    fill: str | None = None
    stroke: str | None = None
    background: str = "white"
    scale: float = 1.0
    cross: bool = True
    spacing: Spacing | None = None


def outside(node: Node) -> bool:
    """Whether bpmn-js writes the node's label beside its symbol."""
    return any(part in node.shape for part in _LABELLED_OUTSIDE)


def size(node: Node) -> tuple[float, float]:
    """The usual size of a symbol in BPMN modellers, a task's widened to its longest word."""
    if node.shape in TASKS:
        width = max((text_width(word, 12) for word in node.label.split()), default=0) + 18
        needed = min(160, text_width(node.label, 12) / 1.8 + 20)
        return max(100.0, -(-max(width, needed) // 20) * 20), 80.0
    if node.shape in GATEWAYS:
        return 50.0, 50.0
    if node.shape == "data_object":
        return 36.0, 50.0
    if node.shape == "data_store":
        return 50.0, 50.0
    if node.shape == "annotation":
        width = max(100.0, max((text_width(word, 12) for word in node.label.split()), default=0) + 24)
        return width, 16.0 * len(wrap(node.label, 12, width - 20)) + 12
    return 36.0, 36.0


def _label_size(node: Node) -> tuple[float, float]:
    lines = wrap(node.label, 12, 90)
    return max(text_width(line, 12) for line in lines) + 12, 14.0 * len(lines)


def lay_out(diagram: Diagram, style: BpmnStyle) -> Placed:
    """Place a BPMN diagram, and its connectors' labels."""
    placed = place(diagram, size, style.spacing or Spacing(), outside=outside, size_of_label=_label_size)
    taken = obstacles(placed)
    for edge in placed.diagram.edges:
        if edge.label and edge.path:
            spot = label_spot(edge.path, (text_width(edge.label, 12) * 1.12 + 8, 15), taken)
            placed.labels[edge.id] = spot
            taken.append(spot)
    return placed


def source(placed: Placed, style: BpmnStyle) -> str:
    """The XML."""
    diagram = placed.diagram
    pools = [g for g in diagram.groups if g.kind == "pool"]
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        _ROOT,
    ]
    if pools:
        out.append('  <bpmn:collaboration id="collaboration">')
        out += [
            f'    <bpmn:participant id="{pool.id}" name={quoteattr(pool.label)} processRef="process_{pool.id}"/>'
            for pool in pools
        ]
        out += [f"    <bpmn:messageFlow {_edge(edge)}/>" for edge in diagram.edges if edge.kind == "message"]
        out.append("  </bpmn:collaboration>")
    if pools:
        out += [line for pool in pools for line in _process(diagram, pool)]
    else:
        out += _process(diagram, None)
    plane = "collaboration" if pools else "process_main"
    out.append(f'  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{plane}">')
    for group in diagram.groups:
        if group.box and group.kind != "subprocess":
            out.append(_shape(group.id, group.box, ' isHorizontal="true"', None))
    for node in diagram.nodes:
        extra = ' isMarkerVisible="true"' if node.shape == "exclusive_gateway" and style.cross else ""
        if node.shape == "subprocess":
            extra += f' isExpanded="{str(_inside(diagram, node) is not None).lower()}"'
        if node.box:
            out.append(_shape(node.id, node.box, extra, placed.labels.get(node.id)))
    for edge in diagram.edges:
        points = "".join(f'<di:waypoint x="{p.x:g}" y="{p.y:g}"/>' for p in edge.path or ())
        label = _label(placed.labels.get(edge.id))
        out.append(f'    <bpmndi:BPMNEdge id="{edge.id}_di" bpmnElement="{edge.id}">{points}{label}</bpmndi:BPMNEdge>')
    out.append("  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>")
    out.append("</bpmn:definitions>")
    return "\n".join(out) + "\n"


def _process(diagram: Diagram, pool: Group | None) -> list[str]:
    id = pool.id if pool else "main"
    out = [f'  <bpmn:process id="process_{id}" isExecutable="false">']

    def here(node: Node) -> bool:
        return pool is None or [*diagram.ancestors(node.group)][-1].id == pool.id

    members = [n for n in diagram.nodes if here(n)]
    lanes = [g for g in diagram.groups if g.kind == "lane" and pool is not None and g.parent == pool.id]
    if lanes:
        out.append(f'    <bpmn:laneSet id="lanes_{id}">')
        for lane in lanes:
            refs = "".join(
                f"<bpmn:flowNodeRef>{n.id}</bpmn:flowNodeRef>"
                for n in members
                if n.group == lane.id and n.shape not in _ASIDE
            )
            out.append(f'      <bpmn:lane id="{lane.id}" name={quoteattr(lane.label)}>{refs}</bpmn:lane>')
        out.append("    </bpmn:laneSet>")
    inner = {g.id for g in diagram.groups if g.kind == "subprocess"}
    return [*out, *_contents(diagram, [n for n in members if n.group not in inner]), "  </bpmn:process>"]


def _contents(diagram: Diagram, members: list[Node]) -> list[str]:
    """What stands in a process or in a subprocess: its elements and the flows between them."""
    out: list[str] = []
    ids = {n.id for n in members}
    defaults = {e.source: e.id for e in diagram.edges if e.default}
    for n in members:
        inside = _inside(diagram, n) if n.shape == "subprocess" else None
        if inside is not None:
            tag = "adHocSubProcess" if "adhoc" in n.markers else "subProcess"
            parts = [m for m in diagram.nodes if m.group == inside.id]
            triggered = any(m.shape == "start_event" and m.trigger for m in parts)
            extra = ' triggeredByEvent="true"' if triggered else ""
            out.append(f'    <bpmn:{tag} id="{n.id}" name={quoteattr(n.label)}{extra}>')
            out += _contents(diagram, parts)
            out.append(f"    </bpmn:{tag}>")
        elif n.shape != "annotation":
            out.append(_node(n, defaults.get(n.id)))
    for edge in diagram.edges:
        if edge.source in ids and edge.kind == "flow":
            out.append(f"    <bpmn:sequenceFlow {_edge(edge)}/>")
    out += [
        f'    <bpmn:textAnnotation id="{n.id}"><bpmn:text>{quoteattr(n.label)[1:-1]}</bpmn:text></bpmn:textAnnotation>'
        for n in members
        if n.shape == "annotation"
    ]
    for edge in diagram.edges:
        if edge.source in ids and edge.kind in ("association", "data"):
            way = "One" if edge.head != "none" else "None"
            ends = f'sourceRef="{edge.source}" targetRef="{edge.target}"'
            out.append(f'    <bpmn:association id="{edge.id}" associationDirection="{way}" {ends}/>')
    return out


def _inside(diagram: Diagram, node: Node) -> Group | None:
    """The group of what is in an expanded subprocess: it is named after it."""
    return next((g for g in diagram.groups if g.id == f"{node.id}_in"), None)


def _node(node: Node, default: str | None) -> str:
    name = f"name={quoteattr(node.label)}" if node.label else ""
    inner = f'<bpmn:{node.trigger}EventDefinition id="{node.id}_{node.trigger}"/>' if node.trigger else ""
    extra = ""
    if node.shape in TASKS:
        tag = TASKS[node.shape]
        if "parallel" in node.markers or "sequential" in node.markers:
            inner = (
                f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str("sequential" in node.markers).lower()}"/>'
            )
        elif "loop" in node.markers:
            inner = "<bpmn:standardLoopCharacteristics/>"
    elif node.shape in GATEWAYS:
        tag = GATEWAYS[node.shape]
    elif node.shape == "boundary_event":
        tag = "boundaryEvent"
        extra = f' attachedToRef="{node.attached_to}"'
        extra += ' cancelActivity="false"' if "non_interrupting" in node.markers else ""
    elif node.shape == "intermediate_event":
        tag = "intermediateThrowEvent" if "throwing" in node.markers else "intermediateCatchEvent"
    elif node.shape == "data_object":
        return (
            f'    <bpmn:dataObjectReference id="{node.id}" {name} dataObjectRef="{node.id}_d"/>'
            f'<bpmn:dataObject id="{node.id}_d"/>'
        )
    elif node.shape == "data_store":
        return f'    <bpmn:dataStoreReference id="{node.id}" {name}/>'
    else:
        tag = {"start_event": "startEvent", "end_event": "endEvent"}[node.shape]
    extra += f' default="{default}"' if default else ""
    return f'    <bpmn:{tag} id="{node.id}" {name}{extra}>{inner}</bpmn:{tag}>'


def _edge(edge: Edge) -> str:
    name = f" name={quoteattr(edge.label)}" if edge.label else ""
    return f'id="{edge.id}"{name} sourceRef="{edge.source}" targetRef="{edge.target}"'


def _shape(id: str, box: Box, extra: str, label: Box | None) -> str:
    return (
        f'    <bpmndi:BPMNShape id="{id}_di" bpmnElement="{id}"{extra}>{_bounds(box)}{_label(label)}</bpmndi:BPMNShape>'
    )


def _bounds(box: Box) -> str:
    return f'<dc:Bounds x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}"/>'


def _label(box: Box | None) -> str:
    return f"<bpmndi:BPMNLabel>{_bounds(box)}</bpmndi:BPMNLabel>" if box else ""


def draw(diagram: Diagram, style: BpmnStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw into a PNG file; the diagram in the picture's pixels and the XML."""
    return draw_placed(lay_out(diagram, style), style, browser, out)


def draw_placed(placed: Placed, style: BpmnStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """The same of a diagram that is laid out."""
    xml = source(placed, style)
    job: dict[str, Any] = {"scale": style.scale, "background": style.background}
    if style.font:
        job["font"] = style.font
    if style.fill or style.stroke:
        job["colours"] = {"fill": style.fill, "stroke": style.stroke}
    geometry = browser.draw("bpmn", xml, out, **job)
    return in_pixels(placed.diagram, geometry), xml


def in_pixels(diagram: Diagram, geometry: dict[str, Any]) -> Diagram:
    """The placed diagram's boxes and paths in the pixels of the picture that a tool drew."""
    scale = geometry["scale"]
    dx = geometry["offset"][0] - geometry["origin"][0]
    dy = geometry["offset"][1] - geometry["origin"][1]

    def box(b: Box | None) -> Box | None:
        return b and Box((b.x + dx) * scale, (b.y + dy) * scale, b.w * scale, b.h * scale)

    return diagram.replace(
        nodes=tuple(n.replace(box=box(n.box)) for n in diagram.nodes),
        groups=tuple(g.replace(box=box(g.box)) for g in diagram.groups),
        edges=tuple(
            e.replace(path=e.path and tuple(Point((p.x + dx) * scale, (p.y + dy) * scale) for p in e.path))
            for e in diagram.edges
        ),
    )
