"""Visio drawings (.vsdx), read: shapes by their masters' names, glued connectors, containers and swimlanes."""

from __future__ import annotations

import lzma
import posixpath
import re
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pydantic

from diagrasp.errors import NotFoundError, ParseError, TooLargeError
from diagrasp.formats import FormatSpec, Loss, Read
from diagrasp.model import Box, Diagram, Edge, Group, Head, Node, Point
from diagrasp.xmltree import Tag, parse_xml

MAX_PART = 64_000_000
MAX_PARTS = 5_000
PIXELS = 96.0
"""For an inch, Visio's unit."""

_SHAPES: tuple[tuple[str, str], ...] = (
    (r"start event", "start_event"), (r"end event", "end_event"), (r"intermediate event", "intermediate_event"),
    (r"parallel gateway", "parallel_gateway"), (r"inclusive gateway", "inclusive_gateway"),
    (r"event.* gateway", "event_gateway"), (r"complex gateway", "complex_gateway"), (r"gateway", "exclusive_gateway"),
    (r"data object", "data_object"), (r"data store", "data_store"), (r"text annotation", "annotation"),
    (r"task|activity", "task"), (r"decision|diamond", "decision"), (r"start/end|terminator|terminal", "terminal"),
    (r"subprocess|predefined process|sub-process", "subprocess"), (r"document", "document"),
    (r"external data|database|cylinder|\bcan\b", "database"), (r"^data|parallelogram", "data"),
    (r"manual operation|trapezoid", "manual_operation"), (r"manual input", "manual_input"),
    (r"preparation|hexagon", "hexagon"),
    (r"delay", "delay"), (r"display", "display"), (r"page reference|on-page|off-page", "connector"),
    (r"initial", "initial"), (r"final state|final node", "final"), (r"rounded rect", "rounded"), (r"state", "state"),
    (r"actor", "actor"), (r"use case", "usecase"), (r"^class|interface", "class"), (r"entity", "entity"),
    (r"circle", "circle"), (r"ellipse|oval", "ellipse"), (r"note|callout|annotation", "note"),
)  # fmt: skip
_HEADS: dict[str, Head] = {
    "0": "none",
    "1": "open_arrow",
    "10": "circle",
    "14": "triangle",
    "20": "circle",
    "22": "diamond",
}
_LANE = re.compile(r"swimlane(?! list)|\blane\b")
_POOL = re.compile(r"\bpool\b|cff container|cross.functional")
_SKIP = re.compile(r"separator|phase list|swimlane list|guide")


class VsdxFormat:
    """Reads the pages of a Visio file."""

    spec = FormatSpec(
        id="vsdx",
        title="Visio",
        media_type="application/vnd.ms-visio.drawing",
        suffixes=(".vsdx",),
        aliases=("visio",),
        kinds=frozenset({"flowchart", "bpmn", "state", "class", "er", "usecase", "block"}),
        features=frozenset({"label", "title", "shape.*", "group", "group.*", "edge.label", "line.*", "box", "path"}),
        binary=True,
    )

    def sniff(self, data: bytes) -> float:
        return 0.9 if data.startswith(b"PK\x03\x04") and b"visio/" in data[:20_000] + data[-20_000:] else 0.0

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        try:
            package = _Package(data)
            pages = package.parts_of("visio/pages/pages.xml", "Page")
            number = page or 1
            if not 1 <= number <= max(1, len(pages)):
                raise NotFoundError(f"there is no page {number}; the drawing has {len(pages)}")
            if not pages:
                return Read(Diagram())
            sheet, part = pages[number - 1]
            reader = _Reader(package, part, _cells(sheet.find("PageSheet")))
            return Read(reader.run(sheet.get("Name")), tuple(reader.losses), len(pages))
        except zipfile.BadZipFile as error:
            raise ParseError(f"not a .vsdx: {error}", expected=["a ZIP package of Visio"]) from None
        except (pydantic.ValidationError, NotImplementedError, RuntimeError) as error:
            raise ParseError(f"the drawing cannot be read: {str(error).splitlines()[0]}") from None


class _Package:
    """The parts of the ZIP, each bounded while it is unpacked."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(BytesIO(data))
        if len(self.zip.infolist()) > MAX_PARTS:
            raise TooLargeError(f"the package has more than {MAX_PARTS:,} parts")

    def xml(self, name: str) -> Tag | None:
        if name not in self.zip.namelist():
            return None
        try:
            with self.zip.open(name) as part:
                raw = part.read(MAX_PART + 1)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise ParseError(f"the part {name} is damaged: {error}") from None
        if len(raw) > MAX_PART:
            raise TooLargeError(f"the part {name} unpacks to more than {MAX_PART:,} bytes")
        return parse_xml(raw)

    def parts_of(self, index: str, kind: str) -> list[tuple[Tag, Tag]]:
        """The entries of an index part with the parts that they point to."""
        listing = self.xml(index)
        folder, name = posixpath.split(index)
        links = self.xml(f"{folder}/_rels/{name}.rels")
        targets = {link.get("Id"): link.get("Target") for link in links.children} if links is not None else {}
        found = []
        for entry in listing.all(kind) if listing is not None else ():
            relation = entry.find("Rel")
            target = targets.get(relation.get("id"), "") if relation is not None else ""
            part = self.xml(posixpath.normpath(posixpath.join(folder, target)).lstrip("/")) if target else None
            if part is not None:
                found.append((entry, part))
        return found


def _cells(tag: Tag | None) -> dict[str, str]:
    return {c.get("N"): c.get("V") for c in tag.all("Cell")} if tag is not None else {}


def _inches(cells: dict[str, str], *names: str) -> float | None:
    for name in names:
        try:
            value = float(cells[name])
        except (KeyError, ValueError):
            continue
        if abs(value) < 1e7:
            return value
    return None


class _Reader:
    def __init__(self, package: _Package, page: Tag, sheet: dict[str, str]) -> None:
        self.page = page
        self.height = _inches(sheet, "PageHeight") or 11.0
        self.masters: dict[str, tuple[str, Tag | None]] = {}
        for entry, part in package.parts_of("visio/masters/masters.xml", "Master"):
            shapes = part.find("Shapes")
            self.masters[entry.get("ID")] = (
                (entry.get("NameU") or entry.get("Name")).lower(), shapes.find("Shape") if shapes is not None else None,
            )  # fmt: skip
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.connectors: dict[str, Tag] = {}
        self.stands_for: dict[str, str] = {}

    def run(self, title: str) -> Diagram:
        shapes = self.page.find("Shapes")
        for shape in shapes.all("Shape") if shapes is not None else ():
            self._shape(shape)
        self._contain()
        ends: dict[str, dict[str, str]] = {}
        connects = self.page.find("Connects")
        for connect in connects.all("Connect") if connects is not None else ():
            ends.setdefault(connect.get("FromSheet"), {})[connect.get("FromCell")] = connect.get("ToSheet")
        edges = [e for e in (self._edge(id, ends.get(id, {})) for id in self.connectors) if e is not None]
        bpmn = any("gateway" in n["shape"] or n["shape"].endswith("event") for n in self.nodes.values())
        plain = not title or re.fullmatch(r"(page|страница)[- ]?\d+", title.lower())
        return Diagram(
            kind="bpmn" if bpmn else "flowchart",
            title=None if plain else title,
            nodes=tuple(Node(**n) for n in self.nodes.values()),
            edges=tuple(edges),
            groups=tuple(Group(**g) for g in self.groups.values()),
        )

    def _shape(self, shape: Tag) -> None:
        id = shape.get("ID")
        name, master = self.masters.get(shape.get("Master"), ((shape.get("NameU") or shape.get("Name")).lower(), None))
        cells = {**_cells(master), **_cells(shape)}
        if "BeginX" in cells or "connector" in name:
            self.connectors[id] = shape
            return
        if _SKIP.search(name):
            return
        width, height = _inches(cells, "Width") or 0.0, _inches(cells, "Height") or 0.0
        left = (_inches(cells, "PinX") or 0.0) - (_inches(_cells(shape), "LocPinX") or width / 2)
        top = (
            self.height - ((_inches(cells, "PinY") or 0.0) - (_inches(_cells(shape), "LocPinY") or height / 2)) - height
        )
        box = Box(*(round(v * PIXELS, 2) for v in (left, top, width, height)))
        label = _text(shape) or _inner_text(shape)
        for part in shape.walk():
            if part.name == "Shape" and part is not shape:
                self.stands_for[part.get("ID")] = id
        if _POOL.search(name) or _LANE.search(name) or "container" in name:
            kind = "pool" if _POOL.search(name) else "lane" if _LANE.search(name) else "subgraph"
            self.groups[id] = {"id": id, "label": label, "kind": kind, "box": box}
            return
        form = next((s for pattern, s in _SHAPES if re.search(pattern, name)), "process")
        if not label and form == "process" and not shape.get("Master"):
            if shape.get("Type") == "Foreign":
                self.losses.append(Loss("element", id, "an embedded picture is not read"))
            return
        self.nodes[id] = {"id": id, "label": label, "shape": form, "box": box}

    def _contain(self) -> None:
        """What lies in a container is in it; the smallest one counts."""
        by_size = sorted(self.groups.values(), key=lambda g: g["box"].area)
        for group in by_size:
            outer = [
                g for g in by_size if g["box"].area > group["box"].area and g["box"].contains(*group["box"].center)
            ]
            group["parent"] = outer[0]["id"] if outer else None
        for node in self.nodes.values():
            holding = [g for g in by_size if g["box"].contains(*node["box"].center)]
            node["group"] = holding[0]["id"] if holding else None

    def _edge(self, id: str, ends: dict[str, str]) -> Edge | None:
        shape = self.connectors[id]
        _, master = self.masters.get(shape.get("Master"), ("", None))
        cells = {**_cells(master), **_cells(shape)}
        points = self._points(shape, cells)
        source = self._end(ends.get("BeginX", ""), points[0] if points else None)
        target = self._end(ends.get("EndX", ""), points[-1] if points else None)
        if source is None or target is None:
            self.losses.append(Loss("edge", id, f"the connector {_text(shape)!r} has a loose end and is not read"))
            return None
        dashed = cells.get("LinePattern", "1") not in ("0", "1", "")
        head = _HEADS.get(cells.get("EndArrow", "0"), "arrow")
        tail = _HEADS.get(cells.get("BeginArrow", "0"), "arrow")
        if head == "none" and tail != "none":
            source, target, head, tail = target, source, tail, head
            points = points[::-1]
        return Edge(
            id=f"c{id}", source=source, target=target, label=_text(shape), line="dashed" if dashed else "solid",
            head=head,
            tail=tail, path=tuple(points) if len(points) > 1 else None,
        )  # fmt: skip

    def _points(self, shape: Tag, cells: dict[str, str]) -> list[Point]:
        found = []
        for x, y in (("BeginX", "BeginY"), ("EndX", "EndY")):
            a, b = _inches(cells, x), _inches(cells, y)
            if a is not None and b is not None:
                found.append(Point(round(a * PIXELS, 2), round((self.height - b) * PIXELS, 2)))
        return found if len(found) == 2 else []

    def _end(self, id: str, point: Point | None) -> str | None:
        id = self.stands_for.get(id, id)
        if id in self.nodes or id in self.groups:
            return id
        if point is None:
            return None
        near = (n for n in self.nodes.values() if _wide(n["box"]).contains(*point))
        return next((n["id"] for n in near), None)


def _wide(box: Box) -> Box:
    return Box(box.x - 8, box.y - 8, box.w + 16, box.h + 16)


def _text(shape: Tag) -> str:
    found = shape.find("Text")
    return " ".join(found.full_text().split()) if found is not None else ""


def _inner_text(shape: Tag) -> str:
    """The texts of a group's parts."""
    parts = [t for t in shape.walk() if t.name == "Shape" and t is not shape]
    return " ".join(text for text in map(_text, parts) if text)
