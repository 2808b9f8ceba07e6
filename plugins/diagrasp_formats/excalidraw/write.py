"""The typed graph as an Excalidraw scene."""

from __future__ import annotations

import json
import math
import zlib
from typing import Any

from diagrasp.features import missing
from diagrasp.formats import Loss, Written
from diagrasp.layout import arrange, known_boxes
from diagrasp.layout.sizes import OUTSIDE, POINTED, ROUND, twins
from diagrasp.layout.text import balance, fit, measure
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp_formats.excalidraw.read import KEY

FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.*", "shape.*", "rows", "trigger", "marker.*", "attached_to",
        "group", "group.*", "edge.*", "line.*", "head.*", "tail.*", "box", "path", "confidence",
    }
)  # fmt: skip
_ARROWHEADS = {
    "none": None, "arrow": "triangle", "open_arrow": "arrow", "triangle": "triangle_outline",
    "diamond": "diamond_outline",
    "filled_diamond": "diamond", "circle": "circle_outline", "cross": "bar", "one": "bar", "many": "crowfoot_many",
    "zero_or_one": "crowfoot_one", "zero_or_many": "crowfoot_many", "one_or_many": "crowfoot_one_or_many",
}  # fmt: skip
_FILLS = {"decision": "#ffec99", "start_event": "#b2f2bb", "end_event": "#ffc9c9", "note": "#fff9db"}
FONT = 16.0


def write_excalidraw(diagram: Diagram) -> Written:
    """Shapes with bound labels, arrows bound to them; what Excalidraw cannot say is kept in custom data."""
    return _Writer(diagram).run()


class _Writer:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.placed = arrange(diagram)
        self.boxes = known_boxes(self.placed)
        self.elements: list[dict[str, Any]] = []
        self.bound: dict[str, list[dict[str, str]]] = {}
        self.twins = set(twins(diagram).values())
        self.losses: list[Loss] = list(missing(diagram, FEATURES, format="Excalidraw"))

    def run(self) -> Written:
        for group in self.diagram.groups:
            self._group(group)
        for edge in self.placed.edges:
            self._bind(edge)
        for node in self.diagram.nodes:
            self._node(node)
        for edge in self.placed.edges:
            self._edge(edge)
        meta = {"kind": self.diagram.kind, "title": self.diagram.title, "direction": self.diagram.direction}
        if self.elements:
            self.elements[0].setdefault("customData", {}).setdefault(KEY, {})["diagram"] = meta
        elif self.diagram.kind != "flowchart" or self.diagram.title or self.diagram.direction:
            self.losses.append(Loss("kind", "", "an empty scene says nothing of its kind, title and direction"))
        scene = {
            "type": "excalidraw", "version": 2, "source": "diagrasp", "elements": self.elements,
            "appState": {"viewBackgroundColor": "#ffffff", "gridSize": None}, "files": {},
        }  # fmt: skip
        text = json.dumps(scene, ensure_ascii=False, indent=1)
        return Written((text + "\n").encode("utf-8", "replace"), tuple(self.losses))

    def _add(self, id: str, kind: str, box: Box, own: dict[str, Any], **more: Any) -> dict[str, Any]:
        seed = zlib.crc32(f"{kind}:{id}".encode("utf-8", "replace"))
        element = {
            "id": id, "type": kind, "x": box.x, "y": box.y, "width": box.w, "height": box.h, "angle": 0,
            "strokeColor": "#1e1e1e", "backgroundColor": "transparent", "fillStyle": "solid", "strokeWidth": 2,
            "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": None, "roundness": None,
            "seed": seed % 2**31, "version": 1, "versionNonce": (seed * 7 + 1) % 2**31, "isDeleted": False,
            "boundElements": [], "updated": 1, "link": None, "locked": False, "customData": {KEY: own}, **more,
        }  # fmt: skip
        self.elements.append(element)
        return element

    def _text(
        self,
        id: str,
        text: str,
        box: Box,
        own: dict[str, Any],
        *,
        container: str | None = None,
        size: float = FONT,
        top: bool = False,
        diamond: bool = False,
    ) -> None:
        fitted = (
            fit(text, max(box.w, 8.0), max(box.h, 8.0), size, smallest=8.0, diamond=diamond)
            if container
            else measure(balance(text, 190.0, size), size)
        )
        x, y = box.center
        y = box.y + 6 + fitted.height / 2 if top else y
        place = Box(x - fitted.width / 2, y - fitted.height / 2, fitted.width, fitted.height)
        self._add(
            id, "text", place, own, text="\n".join(fitted.lines) or text, originalText=text,
            fontSize=round(fitted.size, 1), fontFamily=2, textAlign="center", verticalAlign="top" if top else "middle",
            containerId=container, lineHeight=1.25, autoResize=True, strokeWidth=1,
        )  # fmt: skip

    def _id(self, id: str, part: str) -> str:
        return f"{id}:{part}"

    def _group(self, group: Group) -> None:
        box = self.boxes[group.id]
        own = {"group": group.model_dump(mode="json", exclude={"box"}, exclude_defaults=True) | {"id": group.id}}
        style = "dashed" if group.kind in ("section", "subgraph") else "solid"
        element = self._add(group.id, "rectangle", box, own, strokeStyle=style, strokeWidth=1, strokeColor="#868e96")
        text = self._id(group.id, "label")
        if group.label and group.kind in ("pool", "lane") and box.w > box.h:  # a title that is turned upwards
            self._text(text, group.label, Box(box.x + FONT * 0.9, box.center[1], 0.0, 0.0), {"of": group.id})
            self.elements[-1]["angle"] = 1.5 * math.pi
        elif group.label:
            element["boundElements"].append({"type": "text", "id": text})
            self._text(text, group.label, box, {}, container=group.id, top=True)

    def _node(self, node: Node) -> None:
        box = self.boxes[node.id]
        kind = "diamond" if node.shape in POINTED else "ellipse" if node.shape in ROUND else "rectangle"
        own: dict[str, Any] = {
            "node": node.model_dump(mode="json", exclude={"box"}, exclude_defaults=True)
            | {"id": node.id, "shape": node.shape}
        }
        round_ = (
            {"type": 3} if node.shape in ("rounded", "terminal", "stadium", "state") or "task" in node.shape else None
        )
        color = "#1e1e1e" if node.shape in ("initial", "final", "bar") else _FILLS.get(node.shape, "transparent")
        stroke = "transparent" if node.shape == "text" else "#1e1e1e"
        if node.id in self.twins:  # drawn as its group
            own["quiet"] = True
            stroke = "transparent"
        element = self._add(node.id, kind, box, own, roundness=round_, backgroundColor=color, strokeColor=stroke)
        element["boundElements"] += self.bound.get(node.id, [])
        label = "\n".join([node.label, *node.rows]) if node.rows else node.label
        if not label or node.id in self.twins:
            return
        text = self._id(node.id, "label")
        if node.shape in OUTSIDE and not node.rows:
            place = Box(box.center[0], box.bottom + 14, 0.0, 0.0)
            self._text(text, label, place, {"of": node.id}, size=FONT * 0.85)
        else:
            element["boundElements"].append({"type": "text", "id": text})
            self._text(text, label, box, {}, container=node.id, diamond=kind == "diamond")

    def _bind(self, edge: Edge) -> None:
        for end in dict.fromkeys((edge.source, edge.target)):
            self.bound.setdefault(end, []).append({"type": "arrow", "id": edge.id})

    def _edge(self, edge: Edge) -> None:
        path = edge.path or ()
        x, y = path[0]
        points = [[p.x - x, p.y - y] for p in path]
        xs, ys = ([point[axis] for point in points] for axis in (0, 1))  # as Excalidraw takes the size of an arrow
        own = {"edge": edge.model_dump(mode="json", exclude={"path"}, exclude_defaults=True) | {"id": edge.id}}
        own["edge"] |= {"source": edge.source, "target": edge.target}
        element = self._add(
            edge.id, "arrow", Box(x, y, max(xs) - min(xs), max(ys) - min(ys)), own,
            points=points, lastCommittedPoint=None,
            strokeStyle=edge.line if edge.line in ("dashed", "dotted") else "solid",
            strokeWidth=4 if edge.line == "thick" else 2,
            startBinding={"elementId": edge.source, "focus": 0, "gap": 1},
            endBinding={"elementId": edge.target, "focus": 0, "gap": 1},
            startArrowhead=_ARROWHEADS[edge.tail], endArrowhead=_ARROWHEADS[edge.head], elbowed=False,
        )  # fmt: skip
        middle = path[len(path) // 2 - 1], path[len(path) // 2]
        at = Box((middle[0].x + middle[1].x) / 2, (middle[0].y + middle[1].y) / 2, 0.0, 0.0)
        if edge.label:
            text = self._id(edge.id, "label")
            element["boundElements"].append({"type": "text", "id": text})
            self._text(text, edge.label, Box(at.x - 90, at.y - 20, 180, 40), {}, container=edge.id, size=FONT * 0.85)
        for end, label, point in (
            ("source_label", edge.source_label, path[0]),
            ("target_label", edge.target_label, path[-1]),
        ):
            if label:
                place = Box(point.x + 14, point.y - 12, 0.0, 0.0)
                self._text(self._id(edge.id, end), label, place, {"of": edge.id, "end": end}, size=FONT * 0.8)
