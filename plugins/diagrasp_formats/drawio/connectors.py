"""The connectors of a page with their labels."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from diagrasp.model import EdgeKind, Point
from diagrasp_formats._kinds import edge_kind
from diagrasp_formats._near import Near
from diagrasp_formats.drawio.forms import ends_lost
from diagrasp_formats.drawio.pages import Cell
from diagrasp_formats.drawio.sheet import Sheet, called, one
from diagrasp_formats.drawio.styles import heads_of, line_of

_SNAP = 12.0
"""How far from a symbol a loose end may stop, in pixels."""


class Connectors:
    """Reads connectors into a sheet, once its vertices are there."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.near = Near((id, n["box"]) for id, n in sheet.nodes.items() if n["box"] is not None)

    def read(self, cell: Cell) -> None:
        dx, dy = self._origin(cell.parent)
        ends = tuple(Point(p.x + dx, p.y + dy) if p else None for p in cell.ends)
        source, target = self._end(cell.source, ends[0]), self._end(cell.target, ends[1])
        if source is None or target is None:
            known = [self._called(end) for end in (source, target) if end is not None]
            beside = f" at {known[0]}" if known else ""
            self.sheet.lose("edge", cell, f"the connector {called(cell)}{beside} has a loose end and is not read")
            for child in self.sheet.children.get(cell.id, []):
                if child.text:
                    self.sheet.lose("label", child, f"the label {child.text!r} of a loose connector is not read")
            return
        style = cell.style
        head, tail = heads_of(style)
        edge: dict[str, Any] = {"id": cell.id, "source": source, "target": target, "head": head, "tail": tail}
        edge["line"] = line_of(style)
        if (
            head == "none"
            and tail in ("arrow", "open_arrow")
            and "diagraspKind" not in style
            and "diagraspPath" not in style
        ):
            edge |= {"source": target, "target": source, "head": tail, "tail": head}
        edge["kind"] = one(style.get("diagraspKind"), EdgeKind, edge_kind(edge))
        if edge["kind"] == "message" and "diagraspKind" not in style:
            edge |= {"head": "arrow", "tail": "none"}
        edge["default"] = style.get("diagraspDefault") == "1" or style.get("startArrow") == "dash"
        if edge["default"] and style.get("startArrow") == "dash":
            edge["tail"] = "none"
        for feature, message in ends_lost(style):
            self.sheet.lose(feature, cell, f"the connector {called(cell)} {message}")
        if cell.fields:
            self.sheet.lose("details", cell, f"the connector {called(cell)} loses its {', '.join(sorted(cell.fields))}")
        self._labels(cell, edge)
        points = [Point(p.x + dx, p.y + dy) for p in cell.points]
        if style.get("diagraspPath") == "1" and ends[0] and ends[1]:
            edge["path"] = (ends[0], *points, ends[1])
        if "diagraspSection" in style:
            edge["group"] = unquote(style["diagraspSection"])
        edge["_height"] = next((p.y for p in (*ends, *points) if p is not None), None)
        self.sheet.edges.append(edge)

    def _called(self, id: str) -> str:
        element = self.sheet.nodes.get(id) or self.sheet.groups[id]
        return repr(element["label"]) if element["label"] else id

    def _end(self, id: str, point: Point | None) -> str | None:
        found = self.sheet.element(id)
        if found is None and point is not None:
            found = self.near.nearest(*point, _SNAP)
        return found

    def _labels(self, cell: Cell, edge: dict[str, Any]) -> None:
        """The edge's own value and its label cells; of several, those near an end are the end's."""
        found = [(0.0, "", cell.text)] if cell.text else []
        for child in self.sheet.children.get(cell.id, []):
            if child.vertex and child.text:
                found.append((child.box.x if child.box else 0.0, child.style.get("diagraspEnd", ""), child.text))
            elif child.vertex and "edgeLabel" not in child.style and "text" not in child.style:
                self.sheet.lose("element", child, f"the symbol on the connector {called(cell)} is not read")
        middle: list[str] = []
        for place, mark, text in found:
            if mark == "source" or (len(found) > 1 and not mark and place <= -0.6):
                edge["source_label"] = text
            elif mark == "target" or (len(found) > 1 and not mark and place >= 0.6):
                edge["target_label"] = text
            else:
                middle.append(text)
        edge["label"] = " ".join(middle)

    def _origin(self, id: str) -> tuple[float, float]:
        cells = self.sheet.cells
        dx = dy = 0.0
        seen: set[str] = set()
        while id in cells and id not in seen:
            seen.add(id)
            cell = cells[id]
            if cell.vertex and cell.box is not None and not cell.relative:
                dx, dy = dx + cell.box.x, dy + cell.box.y
            id = cell.parent
        return dx, dy
