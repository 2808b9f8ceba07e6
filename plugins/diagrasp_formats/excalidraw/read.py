"""An Excalidraw scene into the typed graph."""

from __future__ import annotations

import json
from typing import Any, get_args

import pydantic

from diagrasp.errors import ParseError, TooLargeError
from diagrasp.formats import Loss, Read
from diagrasp.model import Box, Diagram, DiagramKind, Edge, Group, Head, Node, Point
from diagrasp_formats._kinds import diagram_kind, edge_kind, fit
from diagrasp_formats._near import Near
from diagrasp_formats.excalidraw.drawn import find_classes, find_containers, find_ends, join_texts
from diagrasp_formats.excalidraw.values import KEY, box_of, is_upright, lines_of, number, own_data, points_of, text_of

MAX_BYTES = 64_000_000
MAX_ELEMENTS = 100_000
_SNAP = 24.0
"""How far from a symbol an arrow's end may stop, in pixels."""
_PICTURES = frozenset({"image", "embeddable", "iframe"})
_PLAIN = frozenset({None, "arrow", "triangle", "bar"})
_LINES = frozenset({"line", "draw"})
"""`draw` is what lines were called in the first version."""
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
        self.elements = _named(elements)
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.edges: list[dict[str, Any]] = []
        self.meta: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self.ends: dict[str, dict[str, str]] = {}
        self.real: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        """For an element that is a part of a symbol, the symbol."""
        self.there = {e["id"] for e in self.elements}
        self.bound = {
            binding.get("elementId")
            for e in self.elements
            for binding in (e.get("startBinding"), e.get("endBinding"))
            if isinstance(binding, dict) and isinstance(binding.get("elementId"), str)
        }

    def run(self) -> Diagram:
        for element in self.elements:
            own = own_data(element)
            if isinstance(own.get("diagram"), dict):
                self.meta = own["diagram"]
            if element.get("type") == "text" and self._holder(element):
                self.texts[self._holder(element)] = text_of(element)
            elif element.get("type") == "text" and isinstance(own.get("of"), str):
                if own.get("end") in ("source_label", "target_label"):
                    self.ends.setdefault(own["of"], {})[own["end"]] = text_of(element)
                else:
                    self.texts[own["of"]] = text_of(element)
        for element in self.elements:
            self._element(element)
        for node in self.nodes.values():
            if node.get("_frame") in self.groups:
                node["group"] = node["_frame"]
        if not self.real:  # a scene of ours says what contains what
            find_ends(self.nodes, self.parts)
            lines = {e["id"]: points_of(e) for e in self.elements if e.get("type") in _LINES}
            find_classes(self.nodes, {id: way for id, way in lines.items() if len(way) > 1}, self.parts)
            find_containers(self.nodes, self.groups)
        self.near = Near((id, n["box"]) for id, n in self.nodes.items() if n.get("shape") != "text")
        for element in self.elements:
            if (element.get("type") == "arrow" or element.get("type") in _LINES) and element["id"] not in self.parts:
                self._edge(element)
        join_texts(self.nodes, self.groups, self.edges)
        self._groupings()
        kind = self.meta.get("kind")
        if not self.real:
            kind = diagram_kind(self.nodes, self.groups, self.edges)
            fit(kind, self.nodes.values(), self.edges)
        return Diagram(
            kind=kind if kind in get_args(DiagramKind) else "flowchart",
            title=self.meta.get("title"),
            direction=self.meta.get("direction"),
            nodes=tuple(Node.model_validate(_plain(n)) for n in self.nodes.values()),
            edges=tuple(Edge.model_validate(e) for e in self.edges),
            groups=tuple(Group.model_validate(_plain(g)) for g in self.groups.values()),
        )

    def _holder(self, element: dict[str, Any]) -> str:
        """The id of what a text is bound to; empty where that is gone."""
        container = element.get("containerId")
        return container if isinstance(container, str) and container in self.there else ""

    def _element(self, element: dict[str, Any]) -> None:
        kind, id = element.get("type"), element["id"]
        own = own_data(element)
        if element.get("link") and not own:
            self.losses.append(Loss("details", id, f"the link of {self.texts.get(id) or id!r} is not kept"))
        label = self.texts.get(id, "")
        if isinstance(own.get("node"), dict):
            quiet = own.get("quiet") is True and id not in self.texts  # a subprocess is drawn once, as its group
            label = own["node"].get("label", "") if quiet else _label(label, own["node"])
            self._keep(self.nodes, id, own["node"], label, box_of(element))
        elif isinstance(own.get("group"), dict):
            self._keep(self.groups, id, own["group"], _label(label, own["group"]), box_of(element))
        elif kind in ("rectangle", "diamond", "ellipse"):
            shape = _SHAPES.get(str(kind)) or ("rounded" if _is_rounded(element) else "process")
            box = box_of(element)
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
            self.groups[id] = {"id": id, "label": label, "kind": "frame", "box": box_of(element)}
        elif kind == "text" and not self._holder(element) and "of" not in own:
            if text_of(element):
                node = {"id": id, "label": text_of(element), "shape": "text", "box": box_of(element)}
                node |= {"_frame": element.get("frameId"), "_loose": True, "_upright": is_upright(element)}
                node["_lines"] = lines_of(element)
                self.nodes[id] = node
        elif kind in _PICTURES and (id in self.bound or label):
            self.losses.append(Loss("image", id, f"the {kind} {label or id!r} is read as a process"))
            node = {"id": id, "label": label, "shape": "process", "box": box_of(element)}
            self.nodes[id] = {**node, "_frame": element.get("frameId")}
        elif kind != "text" and kind != "arrow" and kind not in _LINES:
            self.losses.append(Loss("element", id, f"the {kind} element is not read"))

    def _keep(self, into: dict[str, dict[str, Any]], id: str, own: dict[str, Any], label: str, box: Box) -> None:
        """Take an element written here: its own data, but text and place as they are now."""
        real = str(own.get("id") or id)
        self.real[id] = real
        into[real] = {**own, "id": real, "label": label, "box": box}

    def _groupings(self) -> None:
        """Elements that are grouped stay where they are; that they are grouped is lost."""
        members: dict[str, list[str]] = {}
        for element in self.elements if not self.real else ():
            for group in element.get("groupIds") or () if isinstance(element.get("groupIds"), list) else ():
                if isinstance(group, str) and element["id"] in self.nodes:
                    members.setdefault(group, []).append(element["id"])
        for group, ids in members.items():
            if len(ids) > 1:
                names = ", ".join(repr(self.nodes[id]["label"] or id) for id in ids[:3])
                self.losses.append(Loss("group", group, f"the grouping of {names} is not kept"))

    # -- edges ----------------------------------------------------------------------------------------------------

    def _edge(self, element: dict[str, Any]) -> None:
        id, points = element["id"], points_of(element)
        own = own_data(element).get("edge")
        own = own if isinstance(own, dict) else {}
        source = target = None
        if len(points) > 1:
            source = self._end(element.get("startBinding"), points[0], own.get("source"))
            target = self._end(element.get("endBinding"), points[-1], own.get("target"))
        arrow = element.get("type") == "arrow"
        if source is None or target is None or (source == target and not arrow and not own):
            label = repr(self.texts[id]) if self.texts.get(id) else id
            what = f"the arrow {label} has a loose end" if arrow else f"the line {label} joins no two symbols"
            self.losses.append(Loss("edge", id, f"{what} and is not read"))
            return
        if own:
            edge = {**own, "source": source, "target": target, "label": _label(self.texts.get(id, ""), own)}
            for end in ("source_label", "target_label"):
                edge[end] = _label(self.ends.get(id, {}).get(end, ""), own, end)
            self.edges.append({**edge, "path": points})
            return
        label = self.texts.get(id, "")
        head = self._head(element, "end", "arrow" if arrow else None)
        tail = self._head(element, "start", None)
        if head == "none" and tail == "arrow":
            source, target, head, tail, points = target, source, tail, head, points[::-1]
        edge = {"id": id, "source": source, "target": target, "label": label, "head": head, "tail": tail}
        dashed = element.get("strokeStyle")
        thick = "thick" if number(element.get("strokeWidth"), 1) >= 4 else "solid"
        edge["line"] = dashed if dashed in ("dashed", "dotted") else thick
        meant = edge_kind(edge)
        if meant == "relation" and {element.get("startArrowhead"), element.get("endArrowhead")} <= _PLAIN:
            meant = "flow"  # a bar is one of crow's feet only beside others
        self.edges.append({**edge, "kind": meant, "path": points})

    def _head(self, element: dict[str, Any], end: str, default: str | None) -> Head:
        """What stands at an end of an arrow; files of the first version say nothing of it."""
        name = element.get(f"{end}Arrowhead", default)
        if name is not None and name not in _HEADS:
            self.losses.append(Loss("edge.head", element["id"], f"the arrowhead {name!r} is read as an arrow"))
            return "arrow"
        return _HEADS[name]

    def _end(self, binding: Any, at: Point, own: Any) -> str | None:
        if isinstance(binding, dict):
            id = binding.get("elementId")
            id = self.parts.get(id, self.real.get(id, id)) if isinstance(id, str) else None
            if id in self.nodes or id in self.groups:
                return id
        if isinstance(own, str) and (own in self.nodes or own in self.groups):
            return own
        return self.near.nearest(*at, _SNAP)


def _label(shown: str, own: dict[str, Any], key: str = "label") -> str:
    """The label as it was written, unless the text was changed since."""
    kept = own.get(key, "")
    rows = own.get("rows") if key == "label" else None
    parts = [kept, *rows] if isinstance(rows, list) else [kept]
    same = all(isinstance(part, str) for part in parts) and " ".join(" ".join(parts).split()) == shown
    return kept if same and isinstance(kept, str) else shown


def _plain(element: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in element.items() if not key.startswith("_")}


def _is_rounded(element: dict[str, Any]) -> bool:
    """Whether a rectangle has round corners, in the words of today or of the first version."""
    return bool(element.get("roundness")) or element.get("strokeSharpness") == "round"


def _named(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements, those without an id given one."""
    taken = {e["id"] for e in elements if isinstance(e.get("id"), str)}
    named = []
    for k, element in enumerate(elements, 1):
        if not isinstance(element.get("id"), str) or not element["id"]:
            name = f"element-{k}"
            while name in taken:
                name += "_"
            taken.add(name)
            element = {**element, "id": name}
        named.append(element)
    return named


__all__ = ["KEY", "read_excalidraw"]
