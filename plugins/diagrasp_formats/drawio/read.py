"""Cells of a draw.io page into the typed graph."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import unquote

import pydantic

from diagrasp.errors import ParseError
from diagrasp.formats import Loss, Read
from diagrasp.model import Box, Diagram, DiagramKind, Edge, EdgeKind, GroupKind, Marker, Node, Point, Shape, Trigger
from diagrasp.model import Group as ModelGroup
from diagrasp_formats._html import html_lines
from diagrasp_formats.drawio.kinds import diagram_kind, edge_kind
from diagrasp_formats.drawio.pages import Cell, read_page
from diagrasp_formats.drawio.places import away, holds, is_dark, line_away, touch
from diagrasp_formats.drawio.styles import heads_of, line_of, markers_of, shape_of, trigger_of

_ROWS = frozenset({"text", "tableRow", "partialRectangle"})


def read_drawio(data: bytes, page: int | None) -> Read:
    """Raises ParseError, NotFoundError, TooLargeError."""
    chosen, pages = read_page(data, page)
    reader = _Reader(chosen.cells, chosen.kind)
    try:
        diagram = reader.run(chosen.name)
    except pydantic.ValidationError as error:
        raise ParseError(f"the drawing contradicts itself: {error.errors()[0]['msg']}") from None
    return Read(diagram, tuple(reader.losses), pages)


class _Reader:
    def __init__(self, cells: dict[str, Cell], kind: str) -> None:
        self.cells, self.kind = cells, kind
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.edges: list[dict[str, Any]] = []
        self.stands_for: dict[str, str] = {}
        """For a cell that is no element itself (a row, a part), the element that edges to it mean."""
        self.children: dict[str, list[Cell]] = {}
        for cell in cells.values():
            self.children.setdefault(cell.parent, []).append(cell)

    def run(self, name: str) -> Diagram:
        root = next((c.id for c in self.cells.values() if not c.parent), "")
        for layer in self.children.get(root, []):
            if layer.vertex or layer.edge:  # a file without layers
                self._cell(layer, None, 0.0, 0.0)
            elif layer.visible:
                for cell in self.children.get(layer.id, []):
                    self._cell(cell, None, 0.0, 0.0)
            elif self.children.get(layer.id):
                self._lose("hidden", layer, f"the hidden layer {layer.text!r} is not read")
        self._drawn_containers()
        for cell in self.cells.values():
            if cell.edge and cell.visible:
                self._edge(cell)
        self._loose_texts()
        places = {id: k for k, id in enumerate(self.cells)}  # the order of the file
        self.nodes = dict(sorted(self.nodes.items(), key=lambda item: places[item[0]]))
        self.groups = dict(sorted(self.groups.items(), key=lambda item: places[item[0]]))
        for node in self.nodes.values():
            node.pop("_cell", None)
        for group in self.groups.values():
            group.pop("_cell", None)
        kind = self.kind if self.kind in get_args(DiagramKind) else diagram_kind(self.nodes, self.groups, self.edges)
        title = unquote(name) if name and not name.lower().startswith(("page-", "page ", "страница")) else None
        return Diagram(
            kind=kind,
            title=title,
            nodes=tuple(Node(**n) for n in self.nodes.values()),
            edges=tuple(Edge(**e) for e in self.edges),
            groups=tuple(ModelGroup(**g) for g in self.groups.values()),
        )

    # -- vertices -------------------------------------------------------------------------------------------------

    def _cell(self, cell: Cell, group: str | None, dx: float, dy: float) -> None:
        """A cell and what is inside, without recursion beyond the file's own nesting."""
        stack = [(cell, group, dx, dy, 0)]
        while stack:
            here, group, dx, dy, depth = stack.pop()
            if not here.visible:
                continue
            inner = group
            if depth > 200:
                raise ParseError("cells are nested deeper than 200", line=here.line)
            if here.vertex:
                box = here.box or Box(0, 0, 0, 0)
                box = Box(round(dx + box.x, 6), round(dy + box.y, 6), box.w, box.h)
                inner = self._vertex(here, box, group)
                if inner == "":
                    continue
                dx, dy = box.x, box.y
            stack += [(c, inner, dx, dy, depth + 1) for c in reversed(self.children.get(here.id, [])) if not here.edge]

    def _vertex(self, cell: Cell, box: Box, group: str | None) -> str | None:
        """Take a vertex; returns the group that its children lie in, or "" where they are done with."""
        style = cell.style
        inside = [c for c in self.children.get(cell.id, []) if c.vertex and not c.relative]
        if "diagraspGroup" in style:
            return self._group(cell, box, group, style["diagraspGroup"])
        if self._is_table(cell, inside):
            self._table(cell, box, group, inside)
            return ""
        if "swimlane" in style or style.get("shape") == "swimlane":
            return self._group(cell, box, group, self._lane_kind(cell, inside))
        if style.get("group") == "1" and not cell.text:
            for child in inside:
                self.stands_for.setdefault(cell.id, child.id)
            return group
        if style.get("shape") in ("umlFrame", "mxgraph.sysml.package"):
            return self._group(cell, box, group, "frame")
        own_shape = style.get("shape", "").startswith("mxgraph.") or "diagraspShape" in style
        if (
            inside
            and not own_shape
            and (style.get("container") == "1" or any(c.text or not c.style.get("text") for c in inside))
        ):
            return self._group(cell, box, group, "subgraph")
        self._node(cell, box, group)
        texts = [c.text for c in inside if c.style.get("text") == "1" and c.text]
        if texts and not self.nodes[cell.id]["label"]:
            self.nodes[cell.id]["label"] = " ".join(texts)
        for child in inside:
            self.stands_for[child.id] = cell.id
        return ""

    def _node(self, cell: Cell, box: Box, group: str | None) -> None:
        style = cell.style
        shape = _one(style.get("diagraspShape"), Shape, shape_of(style))
        if shape in ("ellipse", "circle") and not cell.text and box.w == box.h and is_dark(style):
            shape = "initial"
        markers = markers_of(style)
        if "diagraspMarkers" in style:
            markers = tuple(m for m in style["diagraspMarkers"].split(",") if m in get_args(Marker))  # type: ignore[misc]
        trigger = trigger_of(style)
        if "diagraspTrigger" in style:
            trigger = _one(style["diagraspTrigger"], Trigger, None)
        if shape == "participant" and style.get("shape") == "umlLifeline":
            try:
                box = Box(box.x, box.y, box.w, min(box.h, float(style.get("size", "40"))))
            except ValueError:
                box = Box(box.x, box.y, box.w, min(box.h, 40.0))
        node = {
            "id": cell.id,
            "label": cell.text,
            "shape": shape,
            "group": group,
            "trigger": trigger,
            "markers": markers,
        }
        node["box"] = box if box.w > 0 or box.h > 0 else None
        if "diagraspOn" in style:
            node["attached_to"] = unquote(style["diagraspOn"])
        node["_cell"] = cell
        self.nodes[cell.id] = node

    def _group(self, cell: Cell, box: Box, parent: str | None, kind: str) -> str:
        kind = _one(kind, GroupKind, "subgraph")
        self.groups[cell.id] = {
            "id": cell.id,
            "label": cell.text,
            "kind": kind,
            "parent": parent,
            "box": box,
            "_cell": cell,
        }
        return cell.id

    def _lane_kind(self, cell: Cell, inside: list[Cell]) -> str:
        above = self.cells.get(cell.parent)
        in_lane = above is not None and above.vertex and "swimlane" in above.style
        if any("swimlane" in c.style for c in inside):
            return "lane" if in_lane and above is not None and self._lane_kind_of_parent(above) else "pool"
        if in_lane or cell.style.get("horizontal") == "0":
            return "lane"
        touching = [
            c for c in self.children.get(cell.parent, [])
            if c is not cell and "swimlane" in c.style and c.box and cell.box and touch(c.box, cell.box)
        ]  # fmt: skip
        return "lane" if touching else "subgraph"

    def _lane_kind_of_parent(self, parent: Cell) -> bool:
        return parent.id in self.groups and self.groups[parent.id]["kind"] in ("pool", "lane")

    def _is_table(self, cell: Cell, inside: list[Cell]) -> bool:
        """Whether the cell is a class or table with its rows as children."""
        style = cell.style
        if style.get("shape") == "table":
            return not any("swimlane" in c.style for c in inside)
        if "swimlane" not in style or style.get("childLayout") != "stackLayout" or not inside:
            return False
        return all(
            _ROWS & c.style.keys() or c.style.get("line") == "1" or c.style.get("shape") in _ROWS for c in inside
        )

    def _table(self, cell: Cell, box: Box, group: str | None, inside: list[Cell]) -> None:
        rows: list[str] = []
        for child in inside:
            self.stands_for[child.id] = cell.id
            parts = [c.text for c in self.children.get(child.id, []) if c.vertex and c.text]
            for part in self.children.get(child.id, []):
                self.stands_for[part.id] = cell.id
            if child.marked:
                rows.append(child.text)
            elif child.text:
                lines = html_lines(child.value) if child.style.get("html") == "1" else child.value.split("\n")
                rows += [" ".join(line.split()) for line in lines if line.strip()]
            elif parts:
                rows.append(" ".join(parts))
        shape = "entity" if cell.style.get("shape") == "table" else "class"
        shape = _one(cell.style.get("diagraspShape"), Shape, shape)
        self.nodes[cell.id] = {
            "id": cell.id, "label": cell.text, "shape": shape, "group": group, "box": box, "rows": tuple(rows),
            "_cell": cell,
        }  # fmt: skip

    # -- edges ----------------------------------------------------------------------------------------------------

    def _end(self, id: str, point: Point | None, other: str) -> str | None:
        seen: set[str] = set()
        while id and id not in self.nodes and id not in self.groups and id not in seen:
            seen.add(id)
            id = self.stands_for.get(id, "")
        if id in self.nodes or id in self.groups:
            return id
        if point is None:
            return None
        near = [(away(n["box"], point), k) for k, n in enumerate(self.nodes.values()) if n["box"] is not None]
        best = min(near, default=(99.0, 0))
        return list(self.nodes)[best[1]] if best[0] <= 12 else None

    def _edge(self, cell: Cell) -> None:
        dx, dy = self._origin(cell.parent)
        ends = tuple(Point(p.x + dx, p.y + dy) if p else None for p in cell.ends)
        source, target = self._end(cell.source, ends[0], cell.target), self._end(cell.target, ends[1], cell.source)
        if source is None or target is None:
            self._lose("edge", cell, f"the connector {cell.text!r} has a loose end and is not read")
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
        edge["kind"] = _one(style.get("diagraspKind"), EdgeKind, edge_kind(edge))
        if edge["kind"] == "message" and "diagraspKind" not in style:
            edge |= {"head": "arrow", "tail": "none"}
        edge["default"] = style.get("diagraspDefault") == "1" or style.get("startArrow") == "dash"
        if edge["default"] and style.get("startArrow") == "dash":
            edge["tail"] = "none"
        self._labels(cell, edge)
        points = [Point(p.x + dx, p.y + dy) for p in cell.points]
        if style.get("diagraspPath") == "1" and ends[0] and ends[1]:
            edge["path"] = (ends[0], *points, ends[1])
        if "diagraspSection" in style:
            edge["group"] = unquote(style["diagraspSection"])
        self.edges.append(edge)

    def _labels(self, cell: Cell, edge: dict[str, Any]) -> None:
        """The edge's own value and its label cells; of several, those near an end are the end's."""
        found = [(0.0, "", cell.text)] if cell.text else []
        found += [
            (child.box.x if child.box else 0.0, child.style.get("diagraspEnd", ""), child.text)
            for child in self.children.get(cell.id, [])
            if child.vertex and child.text
        ]
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
        dx = dy = 0.0
        seen: set[str] = set()
        while id in self.cells and id not in seen:
            seen.add(id)
            cell = self.cells[id]
            if cell.vertex and cell.box is not None and not cell.relative:
                dx, dy = dx + cell.box.x, dy + cell.box.y
            id = cell.parent
        return dx, dy

    # -- what people draw without saying so -----------------------------------------------------------------------

    def _drawn_containers(self) -> None:
        """Rectangles that others lie on are containers, though the file has them side by side."""
        if self.kind:  # written here, where containers say so
            return
        plain = [
            n
            for n in self.nodes.values()
            if n["shape"] in ("process", "rounded", "text") and n["box"] is not None and not n.get("rows")
        ]
        solid = [n for n in self.nodes.values() if n["box"] is not None and n["shape"] != "text"]
        plain.sort(key=lambda n: -n["box"].area)
        solid.sort(key=lambda n: n["box"].x)
        lefts = [n["box"].x for n in solid]
        for node in plain:
            box: Box = node["box"]
            across = solid[bisect_left(lefts, box.x - 1) : bisect_right(lefts, box.right)]
            inner = [n for n in across if n is not node and n["box"].area < 0.7 * box.area and holds(box, n["box"])]
            style = node["_cell"].style
            open_ = (
                style.get("verticalAlign") == "top" or style.get("fillColor") == "none" or style.get("dashed") == "1"
            )
            if not inner or (len(inner) < 2 and not open_):
                continue
            del self.nodes[node["id"]]
            self.groups[node["id"]] = {
                "id": node["id"], "label": node["label"], "kind": "subgraph", "parent": node["group"], "box": box,
                "_cell": node["_cell"],
            }  # fmt: skip
            for n in [n for n in self.nodes.values() if n["box"] is not None and holds(box, n["box"])]:
                if n["group"] == node["group"]:
                    n["group"] = node["id"]
            for g in self.groups.values():
                if g["id"] != node["id"] and g["parent"] == node["group"] and g["box"] and holds(box, g["box"]):
                    g["parent"] = node["id"]

    def _loose_texts(self) -> None:
        """Text put on a symbol or container without one, or beside a connector without one, is its label."""
        used = {end for e in self.edges for end in (e["source"], e["target"])}
        texts = [
            n for n in self.nodes.values() if n["shape"] == "text" and n["id"] not in used and n["box"] is not None
        ]
        for text in texts:
            if "diagraspShape" in text["_cell"].style or not text["label"]:
                if not text["label"]:
                    del self.nodes[text["id"]]
                continue
            owner = self._owner(text)
            if owner is not None:
                owner["label"] = text["label"]
                del self.nodes[text["id"]]

    def _owner(self, text: dict[str, Any]) -> dict[str, Any] | None:
        box: Box = text["box"]
        x, y = box.center
        for node in self.nodes.values():
            if node is not text and not node["label"] and node["box"] is not None and node["box"].contains(x, y):
                return node
        for group in self.groups.values():
            if (
                not group["label"]
                and group["box"] is not None
                and group["box"].contains(x, y)
                and y < group["box"].y + 40
            ):
                return group
        best, least = None, 24.0
        boxes = {n["id"]: n["box"] for n in self.nodes.values()} | {g["id"]: g["box"] for g in self.groups.values()}
        for edge in self.edges:
            a, b = boxes.get(edge["source"]), boxes.get(edge["target"])
            if edge["label"] or a is None or b is None or len(text["label"]) > 40:
                continue
            path = edge.get("path") or (Point(*a.center), Point(*b.center))
            distance = min(line_away(p, q, x, y) for p, q in pairwise(path))
            if distance < least:
                best, least = edge, distance
        return best

    def _lose(self, feature: str, cell: Cell, message: str) -> None:
        self.losses.append(Loss(feature, cell.id, message))


def _one(value: str | None, words: Any, default: Any) -> Any:
    return value if value in get_args(words) else default
