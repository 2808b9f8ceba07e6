"""Which BPMN element stands for a node, and what that loses."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.formats import Loss
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats.bpmn.names import ACTIVITIES, EVENTS, GATEWAYS

_PLAIN = {shape: name for name, shape in reversed([*ACTIVITIES.items(), *GATEWAYS.items()])}
_OTHERS = {
    "decision": "exclusiveGateway", "merge": "exclusiveGateway", "bar": "parallelGateway", "hexagon": "task",
    "note": "textAnnotation", "annotation": "textAnnotation", "text": "textAnnotation", "initial": "startEvent",
    "final": "endEvent",
}  # fmt: skip
_ROUNDED = frozenset({"terminal", "stadium", "ellipse", "circle", "double_circle", "connector"})
_STORES = frozenset({"database", "data_store", "document", "data", "data_object"})
_SOFT = frozenset({"association", "data"})
_ACTIVITY_MARKS = frozenset({"loop", "parallel", "sequential", "compensation"})


@dataclass(frozen=True, slots=True)
class Element:
    """A node's element: its name and the attributes that its shape and markers call for."""

    name: str
    attrs: tuple[tuple[str, str], ...] = ()

    @property
    def is_data(self) -> bool:
        return self.name in ("dataObjectReference", "dataStoreReference")

    @property
    def is_flow_node(self) -> bool:
        return not self.is_data and self.name != "textAnnotation"

    @property
    def is_activity(self) -> bool:
        return self.name in ACTIVITIES

    def takes_data(self, inward: bool) -> bool:
        """Whether data associations towards it (else from it) can stand inside it."""
        throwing = self.name in ("endEvent", "intermediateThrowEvent")
        return self.is_activity or (self.name in EVENTS and throwing == inward)


class Choice:
    """Chooses elements for a whole diagram; `losses` says what did not fit."""

    def __init__(self, diagram: Diagram) -> None:
        self.losses: list[Loss] = []
        self.into: dict[str, list[Edge]] = {}
        self.out: dict[str, list[Edge]] = {}
        for edge in diagram.edges:
            self.out.setdefault(edge.source, []).append(edge)
            self.into.setdefault(edge.target, []).append(edge)
        self.nodes = {n.id: n for n in diagram.nodes}
        self.elements = {n.id: self._choose(n) for n in diagram.nodes}

    def _choose(self, node: Node) -> Element:
        name = self._name(node)
        attrs: list[tuple[str, str]] = []
        exact = {**ACTIVITIES, **EVENTS, **GATEWAYS, "textAnnotation": "annotation"}.get(name) == node.shape
        if name in ("dataObjectReference", "dataStoreReference"):
            exact = node.shape == ("data_object" if name == "dataObjectReference" else "data_store")
        if not exact:
            self._lose("shape", node, f"of shape {node.shape} is written as a {name}")
        if "adhoc" in node.markers and name == "subProcess":
            name = "adHocSubProcess"
        if "throwing" in node.markers and name == "intermediateCatchEvent":
            name = "intermediateThrowEvent"
        if "non_interrupting" in node.markers and name in ("startEvent", "boundaryEvent"):
            attrs.append(("isInterrupting" if name == "startEvent" else "cancelActivity", "false"))
        if node.trigger == "parallel_multiple" and name in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
            attrs.append(("parallelMultiple", "true"))
        element = Element(name, tuple(attrs))
        self._check(node, element)
        return element

    def _name(self, node: Node) -> str:
        shape = node.shape
        if shape == "boundary_event":
            host = self.nodes.get(node.attached_to or "")
            if host is not None and self._name(host) in ACTIVITIES:
                return "boundaryEvent"
            return "intermediateCatchEvent"
        if shape in _PLAIN:
            return _PLAIN[shape]
        if shape in ("start_event", "end_event", "intermediate_event"):
            return {"start_event": "startEvent", "end_event": "endEvent"}.get(shape, "intermediateCatchEvent")
        if shape in _OTHERS:
            return _OTHERS[shape]
        ends = [*self.into.get(node.id, []), *self.out.get(node.id, [])]
        if shape in _STORES and (shape.startswith("data_") or (ends and all(_is_soft(e) for e in ends))):
            return "dataStoreReference" if shape in ("data_store", "database") else "dataObjectReference"
        if shape in _ROUNDED and ends:
            if node.id not in self.into:
                return "startEvent"
            if node.id not in self.out:
                return "endEvent"
        return "task"

    def _check(self, node: Node, element: Element) -> None:
        name = element.name
        fits: set[str] = set()
        if element.is_activity:
            fits |= _ACTIVITY_MARKS
        if name in ("subProcess", "adHocSubProcess"):
            fits |= {"collapsed", "adhoc"}
        if name in ("startEvent", "boundaryEvent"):
            fits.add("non_interrupting")
        if name == "intermediateThrowEvent":
            fits.add("throwing")
        if name == "dataObjectReference":
            fits.add("parallel")
        several = {"parallel", "sequential", "loop"} & set(node.markers) if element.is_activity else set()
        for mark in node.markers:
            if mark not in fits or (len(several) > 1 and mark in several - {max(several)}):
                self._lose("marker", node, f"loses its marker {mark}, which a {name} cannot have")
        if node.trigger and name not in EVENTS:
            self._lose("trigger", node, f"loses its trigger {node.trigger}: a {name} has none")
        if node.trigger == "parallel_multiple" and name in ("endEvent", "intermediateThrowEvent"):
            self._lose("trigger", node, f"is thrown, so its trigger {node.trigger} becomes multiple")
        if node.attached_to and name != "boundaryEvent":
            self._lose("attached_to", node, "is no boundary event of an activity and is written beside it")
        if node.rows:
            self._lose("rows", node, "loses its rows")

    def _lose(self, feature: str, node: Node, message: str) -> None:
        self.losses.append(Loss(feature, node.id, f"{node.label or node.id!r} {message}"))


def _is_soft(edge: Edge) -> bool:
    return edge.kind in _SOFT or edge.line in ("dashed", "dotted")
