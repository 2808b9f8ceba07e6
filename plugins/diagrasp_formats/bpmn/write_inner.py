"""What an activity or event says beside its name: defaults, data associations, loops, event definitions."""

from __future__ import annotations

from abc import ABC, abstractmethod

from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats.bpmn.names import TRIGGERS
from diagrasp_formats.bpmn.shapes import Element

_DEFINITION: dict[str, str] = {trigger: name for name, trigger in TRIGGERS.items()}


class InnerWriter(ABC):
    """A part of the writer.

    Attributes:
        kinds: what each edge is written as.
        elements: what each node is written as.
        data_edges: for each activity its data associations, and whether they lead into it.
        lines: the document so far.
    """

    diagram: Diagram
    kinds: dict[str, str]
    elements: dict[str, Element]
    data_edges: dict[str, list[tuple[Edge, bool]]]
    lines: list[str]

    @abstractmethod
    def _tag(self, depth: int, name: str, attrs: list[tuple[str, str]], *, open: bool = False) -> None: ...

    @abstractmethod
    def _identity(self, id: str) -> list[tuple[str, str]]: ...

    @abstractmethod
    def _xml_id(self, id: str) -> str: ...

    @abstractmethod
    def _fresh(self, name: str) -> str: ...

    @abstractmethod
    def _can_default(self, edge: Edge) -> bool: ...

    def _compensation(self, node: Node) -> list[tuple[str, str]]:
        marked = "compensation" in node.markers and self.elements[node.id].is_activity
        return [("isForCompensation", "true")] if marked else []

    def _default(self, node: Node) -> list[tuple[str, str]]:
        for edge in self._defaults.get(node.id, []):
            if self.kinds[edge.id] == "sequenceFlow" and self._can_default(edge):
                return [("default", self._xml_id(edge.id))]
        return []

    @property
    def _defaults(self) -> dict[str, list[Edge]]:
        if not hasattr(self, "_default_edges"):
            self._default_edges: dict[str, list[Edge]] = {}
            for edge in self.diagram.edges:
                if edge.default:
                    self._default_edges.setdefault(edge.source, []).append(edge)
        return self._default_edges

    def _inner(self, depth: int, node: Node | None, *, before: bool = False) -> None:
        """What stands inside an activity or event, in the order of the schema."""
        if node is None:
            return
        element = self.elements[node.id]
        own = self._xml_id(node.id)
        pad = "  " * depth
        inputs = self.data_edges.get(node.id, [])
        if any(inward for _, inward in inputs):
            self._tag(depth, "bpmn:property", [("id", f"{own}_target"), ("name", "__targetRef_placeholder")])
        for edge, inward in inputs:
            name = "dataInputAssociation" if inward else "dataOutputAssociation"
            self._tag(depth, f"bpmn:{name}", self._identity(edge.id), open=True)
            if inward:
                self.lines.append(f"{pad}  <bpmn:sourceRef>{self._xml_id(edge.source)}</bpmn:sourceRef>")
            target = f"{own}_target" if inward else self._xml_id(edge.target)
            self.lines.append(f"{pad}  <bpmn:targetRef>{target}</bpmn:targetRef>")
            self.lines.append(f"{pad}</bpmn:{name}>")
        if element.is_activity:
            if "sequential" in node.markers:
                self._tag(depth, "bpmn:multiInstanceLoopCharacteristics", [("isSequential", "true")])
            elif "parallel" in node.markers:
                self._tag(depth, "bpmn:multiInstanceLoopCharacteristics", [])
            elif "loop" in node.markers:
                self._tag(depth, "bpmn:standardLoopCharacteristics", [])
        elif element.name.endswith("Event") and node.trigger:
            kinds = ["message", "signal"] if node.trigger in ("multiple", "parallel_multiple") else [node.trigger]
            for kind in kinds:
                self._event_definition(depth, kind, f"{own}_{kind}", node.label)

    def _event_definition(self, depth: int, kind: str, id: str, label: str) -> None:
        name = _DEFINITION[kind]
        attrs = [("id", self._fresh(id))]
        if kind == "link":
            attrs.append(("name", label))
        if kind == "conditional":
            self._tag(depth, f"bpmn:{name}", attrs, open=True)
            self.lines.append(f"{'  ' * (depth + 1)}<bpmn:condition/>")
            self.lines.append(f"{'  ' * depth}</bpmn:{name}>")
        else:
            self._tag(depth, f"bpmn:{name}", attrs)
