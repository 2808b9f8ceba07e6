"""An Excalidraw scene into the typed graph."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any, get_args

import pydantic

from diagrasp.errors import ParseError, TooLargeError
from diagrasp.formats import Loss, Read
from diagrasp.model import Box, Diagram, DiagramKind, Edge, Group, Head, Node, Point

MAX_BYTES = 64_000_000
MAX_ELEMENTS = 100_000
KEY = "diagrasp"
"""Of an element's custom data that holds what Excalidraw cannot say; Excalidraw keeps it."""

_SHAPES = {"diamond": "decision", "ellipse": "ellipse"}
_HEADS: dict[str | None, Head] = {
    None: "none", "arrow": "arrow", "triangle": "arrow", "triangle_outline": "triangle", "dot": "circle",
    "circle": "circle", "circle_outline": "circle", "bar": "one", "diamond": "filled_diamond",
    "diamond_outline": "diamond", "crowfoot_one": "one", "crowfoot_many": "many", "crowfoot_one_or_many": "one_or_many",
    "cardinality_one": "one", "cardinality_many": "many", "cardinality_one_or_many": "one_or_many",
    "cardinality_exactly_one": "one", "cardinality_zero_or_one": "zero_or_one",
    "cardinality_zero_or_many": "zero_or_many",
}  # fmt: skip


def read_excalidraw(data: bytes) -> Read:
    """Raises ParseError, TooLargeError."""
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"the scene has {len(data):,} bytes, more than the {MAX_BYTES:,} allowed")
    try:
        scene = json.loads(data)
    except json.JSONDecodeError as error:
        raise ParseError(f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise ParseError("not JSON that can be read") from None
    if not isinstance(scene, dict) or not isinstance(scene.get("elements"), list):
        raise ParseError("not a scene", expected=['an object with "type": "excalidraw" and "elements"'])
    if len(scene["elements"]) > MAX_ELEMENTS:
        raise TooLargeError(f"the scene has more than {MAX_ELEMENTS:,} elements")
    reader = _Reader([e for e in scene["elements"] if isinstance(e, dict) and not e.get("isDeleted")])
    try:
        return Read(reader.run(), tuple(reader.losses))
    except (pydantic.ValidationError, TypeError) as error:
        text = error.errors()[0]["msg"] if isinstance(error, pydantic.ValidationError) else str(error)
        raise ParseError(f"the scene contradicts itself: {text}") from None


class _Reader:
    def __init__(self, elements: list[dict[str, Any]]) -> None:
        self.elements = elements
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.edges: list[dict[str, Any]] = []
        self.meta: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self.ends: dict[str, dict[str, str]] = {}
        self.real: dict[str, str] = {}

    def run(self) -> Diagram:
        for element in self.elements:
            own = _own(element)
            if isinstance(own.get("diagram"), dict):
                self.meta = own["diagram"]
            container = element.get("containerId")
            if element.get("type") == "text" and isinstance(container, str):
                self.texts[container] = _text(element)
            elif element.get("type") == "text" and isinstance(own.get("of"), str):
                if own.get("end") in ("source_label", "target_label"):
                    self.ends.setdefault(own["of"], {})[own["end"]] = _text(element)
                else:
                    self.texts[own["of"]] = _text(element)
        for element in self.elements:
            self._element(element)
        self._frames()
        self._containers()
        for element in self.elements:
            if element.get("type") in ("arrow", "line"):
                self._edge(element)
        self._loose_texts()
        kind = self.meta.get("kind")
        return Diagram(
            kind=kind if kind in get_args(DiagramKind) else "flowchart",
            title=self.meta.get("title"),
            direction=self.meta.get("direction"),
            nodes=tuple(
                Node.model_validate({k: v for k, v in n.items() if not k.startswith("_")}) for n in self.nodes.values()
            ),
            edges=tuple(Edge.model_validate(e) for e in self.edges),
            groups=tuple(
                Group.model_validate({k: v for k, v in g.items() if not k.startswith("_")})
                for g in self.groups.values()
            ),
        )

    def _element(self, element: dict[str, Any]) -> None:
        kind, id = element.get("type"), element.get("id")
        if not isinstance(id, str) or not id:
            return
        own = _own(element)
        label = self.texts.get(id, "")
        if isinstance(own.get("node"), dict):
            quiet = own.get("quiet") is True and id not in self.texts  # a subprocess is drawn once, as its group
            label = own["node"].get("label", "") if quiet else _label(label, own["node"])
            self._keep(self.nodes, id, own["node"], label, _box(element))
        elif isinstance(own.get("group"), dict):
            self._keep(self.groups, id, own["group"], _label(label, own["group"]), _box(element))
        elif kind in ("rectangle", "diamond", "ellipse"):
            shape = _SHAPES.get(str(kind)) or ("rounded" if element.get("roundness") else "process")
            box = _box(element)
            if (
                shape == "ellipse"
                and not label
                and box.w < 40
                and element.get("backgroundColor") not in (None, "transparent")
            ):
                shape = "initial"
            self.nodes[id] = {"id": id, "label": label, "shape": shape, "box": box, "_frame": element.get("frameId")}
        elif kind in ("frame", "magicframe"):
            name = element.get("name")
            label = " ".join(name.split()) if isinstance(name, str) else ""
            self.groups[id] = {"id": id, "label": label, "kind": "frame", "box": _box(element)}
        elif kind == "text" and not element.get("containerId") and "of" not in own:
            if _text(element):
                node = {"id": id, "label": _text(element), "shape": "text", "box": _box(element)}
                self.nodes[id] = {**node, "_frame": element.get("frameId"), "_loose": True}
        elif kind in ("freedraw", "image", "embeddable", "iframe"):
            self.losses.append(Loss("element", id, f"a {kind} element is not read"))

    def _keep(self, into: dict[str, dict[str, Any]], id: str, own: dict[str, Any], label: str, box: Box) -> None:
        """Take an element written here: its own data, but text and place as they are now."""
        real = str(own.get("id") or id)
        self.real[id] = real
        into[real] = {**own, "id": real, "label": label, "box": box}

    # -- containers -----------------------------------------------------------------------------------------------

    def _frames(self) -> None:
        for node in self.nodes.values():
            if node.get("_frame") in self.groups:
                node["group"] = node["_frame"]

    def _containers(self) -> None:
        """Rectangles that others lie on are groups."""
        if self.real:
            return
        for id, node in sorted(self.nodes.items(), key=lambda item: -item[1]["box"].area):
            box: Box = node["box"]
            if node["shape"] not in ("process", "rounded"):
                continue
            small = [n for n in self.nodes.values() if n["shape"] != "text" and n["box"].area < 0.7 * box.area]
            inside = [n for n in small if n is not node and box.contains(*n["box"].center)]
            if not inside:
                continue
            del self.nodes[id]
            parent = node.get("group")
            self.groups[id] = {"id": id, "label": node["label"], "kind": "subgraph", "box": box, "parent": parent}
            for n in self.nodes.values():
                if box.contains(*n["box"].center) and n.get("group") == parent:
                    n["group"] = id

    # -- edges ----------------------------------------------------------------------------------------------------

    def _edge(self, element: dict[str, Any]) -> None:
        id = element.get("id")
        points = _points(element)
        if not isinstance(id, str) or len(points) < 2:
            return
        own = _own(element).get("edge")
        own = own if isinstance(own, dict) else {}
        source = self._end(element.get("startBinding"), points[0], own.get("source"))
        target = self._end(element.get("endBinding"), points[-1], own.get("target"))
        if source is None or target is None:
            if element.get("type") == "arrow" or self.texts.get(id):
                self.losses.append(
                    Loss("edge", id, f"the arrow {self.texts.get(id, '')!r} has a loose end and is not read")
                )
            return
        if own:
            edge = {**own, "source": source, "target": target, "label": _label(self.texts.get(id, ""), own)}
            for end in ("source_label", "target_label"):
                edge[end] = _label(self.ends.get(id, {}).get(end, ""), own, end)
            self.edges.append({**edge, "path": points})
            return
        dashed = element.get("strokeStyle")
        line = (
            dashed
            if dashed in ("dashed", "dotted")
            else "thick"
            if _number(element.get("strokeWidth"), 1) >= 4
            else "solid"
        )
        head = _HEADS.get(element.get("endArrowhead"), "arrow")
        tail = _HEADS.get(element.get("startArrowhead"), "arrow")
        if head == "none" and tail == "arrow":
            source, target, head, tail, points = target, source, tail, head, points[::-1]
        label = self.texts.get(id, "")
        edge = {"id": id, "source": source, "target": target, "label": label, "line": line, "head": head, "tail": tail}
        self.edges.append({**edge, "path": points})

    def _end(self, binding: Any, at: Point, own: Any) -> str | None:
        if isinstance(binding, dict):
            id = binding.get("elementId")
            id = self.real.get(id, id) if isinstance(id, str) else None
            if id in self.nodes or id in self.groups:
                return id
        if isinstance(own, str) and (own in self.nodes or own in self.groups):
            return own
        near = [(_away(n["box"], at), n["box"].area, id) for id, n in self.nodes.items() if n["shape"] != "text"]
        best = min(near, default=(math.inf, 0.0, ""))
        return best[2] if best[0] <= 24 else None

    def _loose_texts(self) -> None:
        """Text on a symbol, at the top of a container or beside an arrow without a label is its label."""
        used = {end for e in self.edges for end in (e["source"], e["target"])}
        for id, node in list(self.nodes.items()):
            if not node.get("_loose") or id in used:
                continue
            x, y = node["box"].center
            titled = (g for g in self.groups.values() if y < g["box"].y + 50)
            symbols = (n for n in self.nodes.values() if n is not node)
            holders = (h for h in (*symbols, *titled) if not h["label"] and h["box"].contains(x, y))
            owner = min(holders, key=lambda h: h["box"].area, default=None)
            least = 26.0
            for edge in self.edges if owner is None and len(node["label"]) <= 40 else ():
                away = min(_line_away(a, b, x, y) for a, b in pairwise(edge["path"]))
                if not edge["label"] and away < least:
                    owner, least = edge, away
            if owner is not None:
                owner["label"] = node["label"]
                del self.nodes[id]


def _own(element: dict[str, Any]) -> dict[str, Any]:
    custom = element.get("customData")
    own = custom.get(KEY) if isinstance(custom, dict) else None
    return own if isinstance(own, dict) else {}


def _text(element: dict[str, Any]) -> str:
    text = element.get("originalText") or element.get("text")
    return " ".join(text.split()) if isinstance(text, str) else ""


def _label(shown: str, own: dict[str, Any], key: str = "label") -> str:
    """The label as it was written, unless the text was changed since."""
    kept = own.get(key, "")
    rows = own.get("rows") if key == "label" else None
    parts = [kept, *rows] if isinstance(rows, list) else [kept]
    same = all(isinstance(part, str) for part in parts) and " ".join(" ".join(parts).split()) == shown
    return kept if same and isinstance(kept, str) else shown


def _number(value: Any, default: float = 0.0) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good else default


def _box(element: dict[str, Any]) -> Box:
    x, y, w, h = (_number(element.get(k)) for k in ("x", "y", "width", "height"))
    return Box(min(x, x + w), min(y, y + h), abs(w), abs(h))


def _points(element: dict[str, Any]) -> list[Point]:
    x, y = _number(element.get("x")), _number(element.get("y"))
    points = element.get("points")
    found = [p for p in points if isinstance(p, list) and len(p) >= 2] if isinstance(points, list) else []
    return [Point(x + _number(p[0]), y + _number(p[1])) for p in found]


def _away(box: Box, p: Point) -> float:
    dx, dy = max(box.x - p.x, 0.0, p.x - box.right), max(box.y - p.y, 0.0, p.y - box.bottom)
    return math.hypot(dx, dy)


def _line_away(a: Point, b: Point, x: float, y: float) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((x - a.x) * dx + (y - a.y) * dy) / length))
    return math.hypot(a.x + t * dx - x, a.y + t * dy - y)
