"""The diagram interchange part of what is written: boxes, waypoints, and how symbols are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagrasp.layout import known_boxes
from diagrasp.layout.sizes import twins
from diagrasp.model import Box, Diagram
from diagrasp.xmltree import xml_attr
from diagrasp_formats.bpmn.shapes import Element


def is_upright(diagram: Diagram, placed: Diagram) -> bool:
    """Whether pools and lanes stand side by side."""
    boxes = known_boxes(placed)
    bands = [boxes[g.id] for g in diagram.groups if g.kind in ("pool", "lane") and g.id in boxes]
    return bool(bands) and diagram.direction in ("TB", "BT") and all(b.h >= b.w for b in bands)


class Interchange:
    """Writes one BPMNDiagram.

    Args:
        placed: the diagram with all its boxes and paths.
        xml_id: the id that an element has in the file.
        fresh: makes an id that nothing else has.
    """

    def __init__(
        self,
        diagram: Diagram,
        placed: Diagram,
        elements: Mapping[str, Element],
        xml_id: Callable[[str], str],
        fresh: Callable[[str], str],
    ) -> None:
        self.diagram, self.placed, self.elements = diagram, placed, elements
        self.xml_id, self.fresh = xml_id, fresh
        self.out: list[str] = []

    def lines(self, plane: str) -> list[str]:
        """The lines of XML; `plane` is the collaboration or process shown."""
        boxes = known_boxes(self.placed)
        twin = twins(self.diagram)
        upright = is_upright(self.diagram, self.placed)
        attrs = [("id", self.fresh("BPMNDiagram_1"))] + ([("name", self.diagram.title)] if self.diagram.title else [])
        self._tag(1, "bpmndi:BPMNDiagram", attrs, open=True)
        self._tag(2, "bpmndi:BPMNPlane", [("id", self.fresh("BPMNPlane_1")), ("bpmnElement", plane)], open=True)
        for group in self.diagram.groups:
            extra: list[tuple[str, str]] = []
            if group.kind in ("pool", "lane"):
                extra = [("isHorizontal", "false" if upright else "true")]
            elif group.kind == "subprocess":
                extra = [("isExpanded", "true")]
            if group.id not in twin:
                self._shape(group.id, boxes[group.id], extra)
        twin_nodes = set(twin.values())
        for node in self.diagram.nodes:
            name = self.elements[node.id].name
            extra = []
            if node.id in twin_nodes:
                extra = [("isExpanded", "true")]
            elif "collapsed" in node.markers and name in ("subProcess", "adHocSubProcess"):
                extra = [("isExpanded", "false")]
            elif name == "exclusiveGateway":
                extra = [("isMarkerVisible", "true")]
            self._shape(node.id, boxes[node.id], extra)
        for edge in self.placed.edges:
            id = self.xml_id(edge.id)
            self._tag(3, "bpmndi:BPMNEdge", [("id", self.fresh(f"{id}_di")), ("bpmnElement", id)], open=True)
            for point in edge.path or ():
                self._tag(4, "di:waypoint", [("x", number(point.x)), ("y", number(point.y))])
            self.out.append("      </bpmndi:BPMNEdge>")
        return [*self.out, "    </bpmndi:BPMNPlane>", "  </bpmndi:BPMNDiagram>"]

    def _tag(self, depth: int, name: str, attrs: list[tuple[str, str]], *, open: bool = False) -> None:
        text = "".join(f' {k}="{xml_attr(v)}"' for k, v in attrs)
        self.out.append(f"{'  ' * depth}<{name}{text}{'' if open else '/'}>")

    def _shape(self, id: str, box: Box, extra: list[tuple[str, str]]) -> None:
        own = self.xml_id(id)
        self._tag(3, "bpmndi:BPMNShape", [("id", self.fresh(f"{own}_di")), ("bpmnElement", own), *extra], open=True)
        x, y, w, h = (number(v) for v in box)
        self._tag(4, "dc:Bounds", [("x", x), ("y", y), ("width", w), ("height", h)])
        self.out.append("      </bpmndi:BPMNShape>")


def number(value: float) -> str:
    """A coordinate, exact, without needless digits."""
    return repr(float(value)).removesuffix(".0")
