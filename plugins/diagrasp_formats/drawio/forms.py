"""Forms of draw.io that the graph has no word for, and what they are read as."""

from __future__ import annotations

from collections.abc import Mapping

from diagrasp.model import Shape
from diagrasp_formats.drawio.styles import EXACT, HEADS

_PLAIN = frozenset(
    {
        "rect", "rectangle", "label", "ext", "ellipse", "rhombus", "swimlane", "table", "tableRow", "umlFrame",
        "partialRectangle", "line", "umlState", "doubleEllipse", "waypoint", "hexagon", "text",
    }
)  # fmt: skip


def form_lost(style: Mapping[str, str], shape: Shape) -> list[tuple[str, str]]:
    """What of a vertex's form is lost: the feature and what becomes of it."""
    name = style.get("shape", "")
    if name == "image" or "image" in style:
        return [("image", f"is a picture, read as {shape}")]
    if name == "mxgraph.bpmn.task2" or name == "mxgraph.bpmn.task":
        if style.get("bpmnShapeType") == "transaction":
            return [("transaction", "is a transaction, read as a subprocess")]
        if style.get("bpmnShapeType") == "subprocess":
            return [("subprocess.event", "is an event subprocess, read as a subprocess")]
        return []
    if name in ("mxgraph.bpmn.gateway2", "mxgraph.bpmn.gateway"):
        if shape == "event_gateway" and (style.get("outline") == "standard" or "parallel" in style.get("symbol", "")):
            return [("marker", "loses its sign: it is read as an event gateway")]
        return []
    if name in ("ext", "ellipse") and style.get("double") == "1":
        return [("shape", "loses its double border")]
    if name.startswith(("mxgraph.bpmn.shape", "mxgraph.bpmn.event")) or name in EXACT or name in _PLAIN:
        return []
    if name:
        return [("shape", f"is drawn as {name}, read as {shape}")]
    return [("shape", f"is a triangle, read as {shape}")] if style.get("triangle") == "1" else []


def ends_lost(style: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of a connector's ends and line is lost."""
    found = []
    for end, default in (("end", "classic"), ("start", "none")):
        name = style.get(f"{end}Arrow", default)
        if name not in HEADS and not (end == "start" and name == "dash"):
            found.append(("edge.head", f"has the end {name}, read as an arrow"))
    if style.get("shape") in ("link", "flexArrow", "wire", "arrow", "filledEdge", "pipe"):
        found.append(("edge.line", f"is drawn as {style['shape']}, read as a line"))
    return found
