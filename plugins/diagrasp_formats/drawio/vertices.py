"""The vertices of a page: symbols, containers, tables, and the parts that symbols are made of."""

from __future__ import annotations

from typing import get_args
from urllib.parse import unquote

from diagrasp.errors import ParseError
from diagrasp.model import Box, GroupKind, Marker, Shape, Trigger
from diagrasp_formats._near import on_border
from diagrasp_formats.drawio.forms import form_lost
from diagrasp_formats.drawio.pages import Cell
from diagrasp_formats.drawio.places import is_dark, placed, touch
from diagrasp_formats.drawio.sheet import Sheet, called, one
from diagrasp_formats.drawio.styles import markers_of, shape_of, sign_of, trigger_of
from diagrasp_formats.drawio.tables import Step, is_grid, is_table, read_grid, read_table, table_in_html, unstereotyped


class Vertices:
    """Reads vertices into a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def read(self, top: Cell) -> None:
        """A cell and what is inside, without recursion beyond the file's own nesting."""
        stack: list[tuple[Cell, str | None, Box, int]] = [(top, None, Box(0, 0, 0, 0), 0)]
        while stack:
            cell, group, around, depth = stack.pop()
            if depth > 200:
                raise ParseError("cells are nested deeper than 200", line=cell.line)
            if not cell.visible:
                self.hide(cell)
            elif cell.vertex:
                box = placed(cell, around)
                inner = self._vertex(cell, box, group)
                stack += [(c, g, b, depth + 1) for c, g, b in reversed(inner)]
            elif not cell.edge:
                stack += [(c, group, around, depth + 1) for c in reversed(self.sheet.children.get(cell.id, []))]

    def hide(self, cell: Cell) -> None:
        """Tell that a cell and all inside is hidden."""
        stack = [cell]
        seen: set[str] = set()
        while stack:
            here = stack.pop()
            if here.id in seen:
                continue
            seen.add(here.id)
            here.visible = False
            if here.vertex or (here.edge and here is cell):
                self.sheet.lose("hidden", here, f"{called(here)} is hidden and not read")
            elif here.edge:
                self.sheet.lose("hidden", here, f"the connector {called(here)} is hidden and not read")
            stack += reversed(self.sheet.children.get(here.id, []))

    def _vertex(self, cell: Cell, box: Box, group: str | None) -> list[Step]:
        """Take a vertex; returns what inside of it is still to be read."""
        sheet, style = self.sheet, cell.style
        kids = [c for c in sheet.children.get(cell.id, []) if c.vertex]
        if "diagraspGroup" in style:
            return self._group(cell, box, group, style["diagraspGroup"])
        if style.get("shape") == "umlLifeline":
            return self._lifeline(cell, box, group, kids)
        if is_grid(sheet, cell):
            return read_grid(sheet, cell, box, group)
        if is_table(sheet, cell, [c for c in kids if not c.relative]):
            read_table(sheet, cell, box, group, [c for c in kids if not c.relative])
            return []
        if "swimlane" in style or style.get("shape") == "swimlane":
            return self._group(cell, box, group, self._lane_kind(cell, kids))
        if style.get("group") == "1" and not cell.text:
            for child in kids:
                sheet.stands_for.setdefault(cell.id, child.id)
            return [(c, group, box) for c in kids]
        if style.get("shape") in ("umlFrame", "mxgraph.sysml.package", "folder", "mxgraph.uml25.frame"):
            return self._group(cell, box, group, "subgraph" if style["shape"] == "folder" else "frame")
        return self._symbol(cell, box, group, kids)

    def _symbol(self, cell: Cell, box: Box, group: str | None, kids: list[Cell]) -> list[Step]:
        """A symbol, or what contains others."""
        sheet, style = self.sheet, cell.style
        marks = [c for c in kids if sign_of(c.style) and not c.text and not sheet.children.get(c.id)]
        on_edge = [c for c in kids if c not in marks and is_event(c) and on_border(box, placed(c, box))]
        sheet.hosts |= {c.id: cell.id for c in on_edge}
        content = [c for c in kids if c not in marks and c not in on_edge and not c.relative and c.visible]
        texts = [c for c in content if c.style.get("text") == "1"]
        solid = [c for c in content if c not in texts and not (is_picture(c) and not c.text)]
        tasks = style.get("shape", "").startswith("mxgraph.bpmn.task")
        container = style.get("container") == "1" and not tasks
        holds = bool(solid) or (container and bool(content))
        icon = style.get("shape", "").startswith("mxgraph.") and not tasks and not container
        if holds and "diagraspShape" not in style and not (icon and not any(c.text for c in solid)):
            if not tasks:
                return self._group(cell, box, group, "subgraph")
            inside = f"{cell.id}_inside"
            sheet.groups[inside] = {
                "id": inside, "label": cell.text, "kind": "subprocess", "parent": group, "box": box,
            }  # fmt: skip
            self._node(cell, box, group)
            sheet.nodes[cell.id]["shape"] = "subprocess"
            return [(c, group if c in on_edge else inside, box) for c in kids if c not in marks]
        self._node(cell, box, group)
        node = sheet.nodes[cell.id]
        for child in marks:
            what, value = sign_of(child.style) or ("", "")
            sheet.stands_for[child.id] = cell.id
            if what == "shape":
                node["shape"] = value
            else:
                node["markers"] = (*node["markers"], value)
                node["shape"] = "subprocess" if value == "collapsed" else node["shape"]
        for child in (c for c in content if c not in solid):
            sheet.stands_for[child.id] = cell.id
            if child not in texts:
                sheet.lose("element", child, f"the picture on {called(cell)} is not read")
        said = [c.text for c in texts if c.text]
        node["label"] = " ".join([node["label"], *said] if node["label"] else said)
        done = {c.id for c in (*marks, *content)}
        return [(c, group, box) for c in kids if c.id not in done]

    def _lifeline(self, cell: Cell, box: Box, group: str | None, kids: list[Cell]) -> list[Step]:
        """A participant of a sequence; the bars on its line are no symbols of their own."""
        self._node(cell, box, group)
        left: list[Step] = []
        stack = list(kids)
        while stack:
            child = stack.pop()
            if child.text and child.style.get("shape") not in (None, "") and child.style.get("text") != "1":
                left.append((child, group, box))
                continue
            self.sheet.stands_for[child.id] = cell.id
            if child.text:
                self.sheet.lose("label", child, f"the text {child.text!r} on the line of {called(cell)} is not kept")
            stack += [c for c in self.sheet.children.get(child.id, []) if c.vertex]
        return left

    def _node(self, cell: Cell, box: Box, group: str | None) -> None:
        style = cell.style
        shape = one(style.get("diagraspShape"), Shape, shape_of(style))
        if shape in ("ellipse", "circle") and not cell.text and box.w == box.h and is_dark(style):
            shape = "initial"
        markers = markers_of(style)
        if "diagraspMarkers" in style:
            markers = tuple(m for m in style["diagraspMarkers"].split(",") if m in get_args(Marker))  # type: ignore[misc]
        trigger = trigger_of(style)
        if "diagraspTrigger" in style:
            trigger = one(style["diagraspTrigger"], Trigger, None)
        if shape == "participant" and style.get("shape") == "umlLifeline":
            try:
                height = float(style.get("size", "40"))
            except ValueError:
                height = 40.0
            box = Box(box.x, box.y, box.w, min(box.h, height))
            shape = "actor" if style.get("participant") == "umlActor" else shape
        node = {
            "id": cell.id, "label": cell.text, "shape": shape, "group": group, "trigger": trigger, "markers": markers,
        }  # fmt: skip
        node["box"] = box if box.w > 0 or box.h > 0 else None
        if "diagraspOn" in style:
            node["attached_to"] = unquote(style["diagraspOn"])
        table = table_in_html(cell) if "diagraspShape" not in style else None
        if table is not None:
            node |= table | {"label": unstereotyped(self.sheet, cell, table["label"])}
        elif "diagraspShape" not in style:
            for feature, message in form_lost(style, shape):
                self.sheet.lose(feature, cell, f"{called(cell)} {message}")
        self._lose_fields(cell)
        self.sheet.nodes[cell.id] = node

    def _lose_fields(self, cell: Cell) -> None:
        if cell.fields:
            self.sheet.lose("details", cell, f"{called(cell)} loses its {', '.join(sorted(cell.fields))}")

    def _group(self, cell: Cell, box: Box, parent: str | None, kind: str) -> list[Step]:
        kind = one(kind, GroupKind, "subgraph")
        kids = self.sheet.children.get(cell.id, [])
        if cell.collapsed and kids and cell.alternate is not None:
            box = Box(box.x, box.y, cell.alternate.w, cell.alternate.h)
            self.sheet.lose("collapsed", cell, f"{called(cell)} is collapsed and read as if it were open")
        self.sheet.groups[cell.id] = {"id": cell.id, "label": cell.text, "kind": kind, "parent": parent, "box": box}
        self._lose_fields(cell)
        return [(c, cell.id, box) for c in kids]

    def _lane_kind(self, cell: Cell, inside: list[Cell]) -> str:
        above = self.sheet.cells.get(cell.parent)
        in_lane = above is not None and above.vertex and "swimlane" in above.style
        if any("swimlane" in c.style and not is_table(self.sheet, c) for c in inside):
            return "lane" if in_lane and above is not None and self._is_lane(above) else "pool"
        if in_lane and above is not None and self._is_lane(above):
            return "lane"
        if cell.style.get("horizontal") == "0":
            return "lane"
        touching = [
            c for c in self.sheet.children.get(cell.parent, [])
            if c is not cell and "swimlane" in c.style and c.box and cell.box and touch(c.box, cell.box)
            and not is_table(self.sheet, c)
        ]  # fmt: skip
        return "lane" if touching else "subgraph"

    def _is_lane(self, cell: Cell) -> bool:
        return cell.id in self.sheet.groups and self.sheet.groups[cell.id]["kind"] in ("pool", "lane")


def is_event(cell: Cell) -> bool:
    return shape_of(cell.style) in ("start_event", "intermediate_event", "boundary_event", "end_event")


def is_picture(cell: Cell) -> bool:
    return cell.style.get("shape") == "image" or "image" in cell.style
