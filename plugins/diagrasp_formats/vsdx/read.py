"""A page of Visio into the typed graph."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from diagrasp.errors import ParseError
from diagrasp.formats import Loss
from diagrasp.layout.sizes import TASKS
from diagrasp.model import Box, Diagram, Edge, Group, Head, Node, Point
from diagrasp.xmltree import Tag
from diagrasp_formats._kinds import diagram_kind, edge_kind, fit
from diagrasp_formats._near import Near, on_border
from diagrasp_formats.vsdx import masters as names
from diagrasp_formats.vsdx.package import Package
from diagrasp_formats.vsdx.sheets import Frame, Sheet, cells_of, frame_of, inches, rows_of, values

_SNAP = 8.0
"""How far from a shape a loose end may stop, in pixels."""
_DEEP = 50
_PAGE = re.compile(r"(page|страница|лист)[- ]?\d+", re.IGNORECASE)


class Reader:
    """Reads one page.

    Args:
        package: the file.
        page: the part with the page's shapes.
        entry: what the list of pages says of it.
    """

    def __init__(self, package: Package, page: Tag, entry: Tag) -> None:
        self.page, self.title = page, entry.get("Name")
        sheet = entry.find("PageSheet")
        self.height = inches(cells_of(sheet), "PageHeight") or 11.0
        self.dark = {name for name, row in rows_of(sheet, "Layer").items() if row.get("Visible") == "0"}
        self.masters: dict[str, tuple[str, Tag | None]] = {}
        for entry_, part in package.parts_of("visio/masters/masters.xml", "Master"):
            shapes = part.find("Shapes")
            inner = shapes.find("Shape") if shapes is not None else None
            self.masters[entry_.get("ID")] = (entry_.get("NameU") or entry_.get("Name"), inner)
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.connectors: dict[str, Sheet] = {}
        self.rows: list[tuple[str, str, Box]] = []
        self.stands_for: dict[str, str] = {}
        self.ends: dict[str, dict[str, str]] = {}

    def run(self, kinds: Collection[str]) -> Diagram:
        connects = self.page.find("Connects")
        for connect in connects.all("Connect") if connects is not None else ():
            self.ends.setdefault(connect.get("FromSheet"), {})[connect.get("FromCell")] = connect.get("ToSheet")
        self.glued = {end for each in self.ends.values() for end in each.values()}
        shapes = self.page.find("Shapes")
        stack: list[tuple[Tag, Frame | None, int]] = []
        stack += [(shape, None, 0) for shape in reversed(shapes.all("Shape"))] if shapes else []
        while stack:
            shape, outer, depth = stack.pop()
            if depth > _DEEP:
                raise ParseError(f"shapes are nested deeper than {_DEEP}", line=shape.line)
            stack += [(part, frame, depth + 1) for part, frame in reversed(self._shape(self._sheet(shape, outer)))]
        self._contain()
        self._rows()
        self._attach()
        self.near = Near((id, n["box"]) for id, n in self.nodes.items())
        edges = [edge for id in self.connectors if (edge := self._edge(id)) is not None]
        kind = diagram_kind(self.nodes, self.groups, edges)
        fit(kind, self.nodes.values(), edges)
        plain = not self.title or _PAGE.fullmatch(self.title.strip())
        return Diagram(
            kind=kind if kind in kinds else "flowchart",
            title=None if plain else " ".join(self.title.split()) or None,
            nodes=tuple(Node(**n) for n in self.nodes.values()),
            edges=tuple(Edge(**e) for e in edges),
            groups=tuple(Group(**g) for g in self.groups.values()),
        )

    def _sheet(self, shape: Tag, outer: Frame | None) -> Sheet:
        own_name = shape.get("NameU") or shape.get("Name")
        title, master = self.masters.get(shape.get("Master"), (own_name, None))
        cells = {**cells_of(master), **cells_of(shape)}
        for key in ("LocPinX", "LocPinY"):  # a formula in the master: its value there is for its size there
            if key not in cells_of(shape):
                cells.pop(key, None)
        props, users = values(shape, master, "Property"), values(shape, master, "User")
        return Sheet(shape, master, title, frame_of(cells, outer), cells, props, users)

    # -- shapes ---------------------------------------------------------------------------------------------------

    def _shape(self, sheet: Sheet) -> list[tuple[Tag, Frame]]:
        """Take a shape; returns the parts of a plain group, which are shapes of their own."""
        id, name = sheet.id, sheet.name
        layers = [layer for layer in sheet.cells.get("LayerMember", "").split(";") if layer]
        if layers and all(layer in self.dark for layer in layers):
            self._lose("hidden", id, f"{_called(sheet)} lies on a hidden layer and is not read")
            return []
        if "BeginX" in sheet.cells or names.CONNECTOR.search(name):
            self.connectors[id] = sheet
            return []
        structure = sheet.users.get("msvStructureType", "").lower()
        if names.SKIP.search(name) or structure == "list":
            if sheet.text:
                self._lose("group", id, f"the {sheet.title.lower()} {sheet.text!r} is not kept")
            return []
        box = sheet.box(self.height)
        if names.ROW.search(name) and sheet.text:
            self.rows.append((id, sheet.text, box))
            return []
        parts = sheet.parts
        if not sheet.tag.get("Master") and sheet.tag.get("Type") == "Group" and structure != "container":
            symbols = [part for part in parts if part.get("Master") or self._says(part)]
            if len(symbols) > 1 or any(part.get("Master") for part in parts):
                return self._plain_group(sheet, box, parts)
        for part in sheet.tag.walk():
            if part.name == "Shape" and part is not sheet.tag:
                self.stands_for[part.get("ID")] = id
        pool, lane = names.POOL.search(name), names.LANE.search(name)
        if pool or lane or structure == "container" or "container" in name or name == "group":
            kind = "pool" if pool else "lane" if lane else "subgraph"
            self.groups[id] = {"id": id, "label": sheet.text, "kind": kind, "box": box}
            return []
        self._node(sheet, box)
        return []

    def _plain_group(self, sheet: Sheet, box: Box, parts: list[Tag]) -> list[tuple[Tag, Frame]]:
        own = sheet.tag.find("Text")
        label = " ".join(own.full_text().split()) if own is not None else ""
        if label:
            self.groups[sheet.id] = {"id": sheet.id, "label": label, "kind": "subgraph", "box": box}
        elif parts:
            self.stands_for[sheet.id] = parts[0].get("ID")
        return [(part, sheet.frame) for part in parts]

    @staticmethod
    def _says(part: Tag) -> bool:
        return any(t.name == "Text" and t.full_text().strip() for t in part.walk())

    def _node(self, sheet: Sheet, box: Box) -> None:
        id, label = sheet.id, sheet.text
        foreign = sheet.tag.get("Type") == "Foreign"
        if not label and not sheet.tag.get("Master") and id not in self.glued:
            what = "an embedded picture" if foreign else "a shape without text or master"
            self._lose("element", id, f"{what} is not read")
            return
        shape, sure = names.shape_of(sheet.name)
        bare = sheet.cells.get("LinePattern") == "0" and sheet.cells.get("FillPattern") == "0"
        if not sheet.tag.get("Master") and bare and shape == "process":
            shape = "text"
        fields, lost = names.bpmn_of(shape, sheet.name, sheet.props)
        if foreign:
            lost.append(("image", "is a picture, read as a process"))
        elif not sure and sheet.tag.get("Master"):
            lost.append(("shape", f"is drawn as {sheet.title}, read as {shape}"))
        said = values(sheet.tag, None, "Property")  # not its master's fields, which are there to be filled
        own = [key for key, value in said.items() if value and not key.startswith("Bpmn")]
        if own:
            lost.append(("details", f"loses its data {', '.join(sorted(own))}"))
        for feature, message in lost:
            self._lose(feature, id, f"{_called(sheet)} {message}")
        self.nodes[id] = {"id": id, "label": label, "box": box, **fields}
        if names.EXPANDED.search(sheet.name):
            inside = f"{id}_inside"
            self.groups[inside] = {"id": inside, "label": label, "kind": "subprocess", "box": box}

    # -- what lies where ------------------------------------------------------------------------------------------

    def _contain(self) -> None:
        """What lies in a container is in it; the smallest one counts."""
        near = Near((id, g["box"]) for id, g in self.groups.items())
        for id, group in self.groups.items():
            group["parent"] = self._around(near, group["box"], larger_than=group["box"].area, but=id)
        for id, node in self.nodes.items():
            twin = f"{id}_inside"
            node["group"] = self._around(
                near, node["box"], larger_than=node["box"].area if twin in self.groups else 0.0
            )
        for group in self.groups.values():
            outer = self.groups.get(group["parent"] or "")
            if group["kind"] == "pool" and outer is not None and outer["kind"] in ("pool", "lane"):
                group["kind"] = "lane"

    def _around(self, near: Near, box: Box, *, larger_than: float, but: str = "") -> str | None:
        found = [id for id in near.within(*box.center) if id != but and near.boxes[id].area > larger_than]
        return min(found, key=lambda each: near.boxes[each].area, default=None)

    def _rows(self) -> None:
        """Members and attributes that lie on a class or entity are its rows, from above to below."""
        hosts = Near((id, n["box"]) for id, n in self.nodes.items() if n["shape"] in ("class", "entity"))
        found: dict[str, list[tuple[float, str]]] = {}
        for id, text, box in self.rows:
            host = next(iter(hosts.within(*box.center)), None)
            if host is None:
                self.nodes[id] = {"id": id, "label": text, "shape": "text", "box": box, "group": None}
                continue
            self.stands_for[id] = host
            found.setdefault(host, []).append((box.y, text))
        for host, rows in found.items():
            self.nodes[host]["rows"] = tuple(text for _, text in sorted(rows, key=lambda row: row[0]))

    def _attach(self) -> None:
        """Intermediate events on the border of an activity belong to it."""
        hosts = Near((id, n["box"]) for id, n in self.nodes.items() if n["shape"] in TASKS)
        for node in self.nodes.values():
            if node["shape"] != "intermediate_event" or "throwing" in node.get("markers", ()):
                continue
            x, y = node["box"].center
            near = hosts.within(x, y, max(node["box"].w, node["box"].h))
            host = next((id for id in near if on_border(hosts.boxes[id], node["box"])), None)
            if host is not None:
                node |= {"shape": "boundary_event", "attached_to": host, "group": self.nodes[host]["group"]}

    # -- connectors -----------------------------------------------------------------------------------------------

    def _edge(self, id: str) -> dict[str, Any] | None:
        sheet, ends = self.connectors[id], self.ends.get(id, {})
        points = sheet.way(self.height)
        source = self._end(ends.get("BeginX", ""), points[0] if points else None)
        target = self._end(ends.get("EndX", ""), points[-1] if points else None)
        if source is None or target is None:
            self._lose("edge", id, f"the connector {_called(sheet)} has a loose end and is not read")
            return None
        begin, end = (sheet.cells.get(f"{side}Arrow", "0") or "0" for side in ("Begin", "End"))
        default = begin in names.SLASHES or sheet.props.get("BpmnConditionType", "").lower() == "default"
        head = self._head(sheet, end)
        tail: Head = "none" if begin in names.SLASHES else self._head(sheet, begin)
        if head == "none" and tail not in ("none", "diamond"):
            source, target, head, tail, points = target, source, tail, head, points[::-1]
        label = sheet.text
        edge: dict[str, Any] = {"id": f"c{id}", "source": source, "target": target, "label": label, "head": head}
        edge |= {"tail": tail, "default": default, "line": _line(sheet.cells)}
        edge["kind"] = edge_kind(edge)
        if "message flow" in sheet.name or edge["kind"] == "message":
            edge |= {"kind": "message", "line": "dashed", "head": "arrow", "tail": "none"}
        elif sheet.name.startswith("association"):
            edge["kind"] = "association"
        edge["path"] = tuple(points) if len(points) > 1 else None
        return edge

    def _head(self, sheet: Sheet, arrow: str) -> Head:
        if arrow not in names.HEADS and arrow not in names.ARROWS:
            self._lose("edge.head", sheet.id, f"the end {arrow} of the connector {_called(sheet)} is read as an arrow")
        return names.HEADS.get(arrow, "arrow")

    def _end(self, id: str, point: Point | None) -> str | None:
        for _ in range(_DEEP):
            if id in self.nodes or id in self.groups or id not in self.stands_for:
                break
            id = self.stands_for[id]
        if id in self.nodes or id in self.groups:
            return id
        return self.near.nearest(*point, _SNAP) if point is not None else None

    def _lose(self, feature: str, id: str, message: str) -> None:
        self.losses.append(Loss(feature, id, message))


def _line(cells: dict[str, str]) -> str:
    pattern = cells.get("LinePattern", "1")
    if pattern in ("3", "10"):
        return "dotted"
    if pattern not in ("0", "1", "", "Themed"):
        return "dashed"
    return "thick" if (inches(cells, "LineWeight") or 0.0) >= 2.5 / 72 else "solid"


def _called(sheet: Sheet) -> str:
    return repr(sheet.text) if sheet.text else sheet.id
