"""BPMN 2.0 XML into the typed graph."""

from __future__ import annotations

from typing import Any

import pydantic

from diagrasp.errors import ParseError
from diagrasp.formats import Loss, Read
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp.xmltree import Tag, parse_xml
from diagrasp_formats._html import squeeze
from diagrasp_formats.bpmn.details import additions, details
from diagrasp_formats.bpmn.di import Page, read_pages
from diagrasp_formats.bpmn.names import EVENTS, INSIDE, NODES, QUIET, SUBPROCESSES, local
from diagrasp_formats.bpmn.places import by_place
from diagrasp_formats.bpmn.signs import Signs, title_of


def read_bpmn(data: bytes, page: int | None) -> Read:
    """Raises ParseError, NotFoundError, TooLargeError."""
    root = parse_xml(data)
    if root.name != "definitions":
        raise ParseError(f"the root element is <{root.name}>", line=root.line, expected=["<definitions> of BPMN 2.0"])
    shown, pages = read_pages(root, page)
    reader = _Reader(root, shown)
    try:
        return Read(reader.run(), tuple(reader.losses), pages)
    except pydantic.ValidationError as error:
        raise ParseError(f"the BPMN contradicts itself: {error.errors()[0]['msg']}") from None


class _Reader:
    def __init__(self, root: Tag, page: Page) -> None:
        self.root, self.page = root, page
        self.losses: list[Loss] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.edges: list[dict[str, Any]] = []
        self.ids: dict[str, str] = {}
        """Our id of an element of the file."""
        self.lane_of: dict[str, str] = {}
        self.signs = Signs(root, page.expanded)
        self.flows: list[tuple[Tag, str]] = []
        self.data_flows: list[tuple[Tag, str, bool]] = []
        self.defaults: set[str] = set()
        self.hidden: dict[str, str] = {}

    def run(self) -> Diagram:
        inside = next((t for t in self.root.walk() if t.name in SUBPROCESSES and t.get("id") == self.page.root), None)
        if inside is not None:  # a page of its own for what is inside a collapsed subprocess
            self._name(inside)
            self._scope(inside, None, inside)
        else:
            pools = self._participants()
            for process in self.root.all("process"):
                self._process(process, pools.get(process.get("id")))
            for around in self.root.all("collaboration", "globalConversation", "choreography"):
                self._collaboration(around)
        added = additions(self.root)
        if added:
            self.losses.append(Loss("extension", "", f"vendors' additions to {added} elements are not kept"))
        by_place(self.nodes, self.groups, self.ids, self._note)
        for tag, kind in self.flows:
            self._edge(tag, kind)
        for tag, owner, inward in self.data_flows:
            self._data_edge(tag, owner, inward)
        for sub, name in sorted(set(self.hidden.items())):
            self.losses.append(
                Loss("subprocess.content", sub, f"what is inside the collapsed subprocess {name!r} is not shown")
            )
        self._as_drawn()
        direction = "TB" if self.page.upright else None
        return Diagram(
            kind="bpmn",
            title=title_of(self.page.name),
            direction=direction,
            nodes=tuple(Node(**n) for n in self.nodes.values()),
            edges=tuple(Edge(**e) for e in self.edges),
            groups=tuple(Group(**g) for g in self.groups.values()),
        )

    # -- containers -----------------------------------------------------------------------------------------------

    def _collaboration(self, around: Tag) -> None:
        if around.name == "choreography":
            for tag in around.children:
                if tag.get("id") and tag.name != "documentation" and not self._is_elsewhere(tag):
                    self._lose("choreography", tag, f"the {tag.name} {_label(tag)!r} of a choreography is not read")
            return
        if around.get("id") == self.page.root or self.page.empty:
            self._lose_signs(around)
        self._artifacts(around, None, None)
        self.flows += [(flow, "message") for flow in around.all("messageFlow")]
        self.flows += [(flow, "association") for flow in around.all("association")]
        for tag in around.all("conversation", "subConversation", "callConversation", "conversationLink"):
            if not self._is_elsewhere(tag):
                self._lose("conversation", tag, f"the {tag.name} {_label(tag)!r} is not read")

    def _participants(self) -> dict[str, str]:
        pools: dict[str, str] = {}
        for collaboration in self.root.all("collaboration"):
            for tag in collaboration.all("participant"):
                id = self._name(tag)
                if not self._shown(tag):
                    if tag.get("processRef") or self._is_elsewhere(tag):
                        continue  # its process is drawn without a pool, or on another page
                    self._lose("hidden", tag, f"the participant {_label(tag)!r} is not drawn")
                    continue
                self.groups[id] = {"id": id, "label": _label(tag), "kind": "pool", "box": self._box(tag)}
                self._lose_signs(tag)
                if tag.get("processRef"):
                    pools[local(tag.get("processRef"))] = id
        return pools

    def _process(self, process: Tag, pool: str | None) -> None:
        ids = {tag.get("id") for tag in process.children}
        if ids & self.page.elsewhere and not ids & self.page.boxes.keys():
            return  # the whole of it is on another page
        self._lose_signs(process)
        for lanes in process.all("laneSet"):
            self._lanes(lanes, pool)
        self._scope(process, pool, None)

    def _lanes(self, lanes: Tag, parent: str | None) -> None:
        for tag in lanes.all("lane"):
            id = self._name(tag)
            box = self._box(tag)
            if self._is_elsewhere(tag):
                continue
            lone = len(lanes.all("lane")) == 1 and not _label(tag) and tag.get("diagraspOnly") != "lane"
            if lone or (box is None and not self.page.empty):
                # Vendors put a nameless lane over the whole pool, and keep undrawn lanes in the file: their content
                # belongs to what is around.
                if not lone and _label(tag):
                    self._lose("hidden", tag, f"the lane {_label(tag)!r} is not drawn")
                if parent is not None:
                    for ref in tag.all("flowNodeRef"):
                        self.lane_of.setdefault(local(ref.text), parent)
            else:
                self.groups[id] = {"id": id, "label": _label(tag), "kind": "lane", "parent": parent, "box": box}
                self._lose_signs(tag)
                for ref in tag.all("flowNodeRef"):
                    self.lane_of[local(ref.text)] = id
            for child in tag.all("childLaneSet"):
                self._lanes(child, id if id in self.groups else parent)

    def _scope(self, scope: Tag, group: str | None, sub: Tag | None) -> None:
        """The elements of a process or subprocess; `sub` is the subprocess where there is one."""
        for tag in scope.children:
            if sub is None and self._is_elsewhere(tag):
                continue
            if tag.name == "dataObject":
                if tag.get("id") in self.page.boxes or (self.page.empty and tag.get("id") not in self.signs.referred):
                    self._node(tag, group, sub)
            elif tag.name in NODES:
                self._node(tag, group, sub)
            elif tag.name == "sequenceFlow":
                self.flows.append((tag, "flow"))
            elif tag.name == "laneSet" and sub is not None:
                self._lanes(tag, group)
            elif tag.name == "ioSpecification":
                for data in tag.all("dataInput", "dataOutput"):
                    if data.get("id") in self.page.boxes:
                        self._node(data, group, sub)
            elif tag.name not in QUIET:
                self._lose("element", tag, f"<{tag.name}> has no counterpart")
        self._artifacts(scope, group, sub)
        for tag in scope.all("association"):
            self.flows.append((tag, "association"))

    def _artifacts(self, scope: Tag, group: str | None, sub: Tag | None) -> None:
        if scope.name == "collaboration":
            for tag in scope.all("textAnnotation"):
                if not self._is_elsewhere(tag):
                    self._node(tag, group, sub)
        for tag in scope.all("group"):
            label = self.signs.named.get(local(tag.get("categoryValueRef")), _label(tag))
            if self._shown(tag):
                id = self._name(tag)
                self.groups[id] = {"id": id, "label": label, "kind": "subgraph", "box": self._box(tag)}
            elif not self._is_elsewhere(tag) and sub is None:
                self._lose("hidden", tag, f"the group {label!r} is not drawn")

    # -- nodes ----------------------------------------------------------------------------------------------------

    def _node(self, tag: Tag, group: str | None, sub: Tag | None) -> None:
        element = tag.get("id")
        if sub is not None and not self._shown(tag):
            self.hidden[self.ids.get(sub.get("id"), sub.get("id"))] = _label(sub)
            return
        id = self._name(tag)
        self.ids.setdefault(local(tag.get("dataObjectRef")), id)  # edges may mean the object itself
        container = self.lane_of.get(element, group)
        for kind in ("dataInputAssociation", "dataOutputAssociation"):
            self.data_flows += [(flow, element, kind == "dataInputAssociation") for flow in tag.all(kind)]
        if tag.get("default"):
            self.defaults.add(local(tag.get("default")))
        if tag.name in SUBPROCESSES and self._is_expanded(tag):
            inside = tag.get("diagraspInside", id + INSIDE)
            self.groups[inside] = {
                "id": inside, "label": _label(tag), "kind": "subprocess", "parent": container, "box": self._box(tag),
            }  # fmt: skip
            self._scope(tag, inside, tag)
            if tag.get("diagraspOnly") == "group":
                self.ids[element] = inside
                return
        elif tag.name in SUBPROCESSES:
            self._scope(tag, None, tag)
        node: dict[str, Any] = {"id": id, "label": self.signs.label(tag), "shape": NODES[tag.name], "group": container}
        node["box"] = self._box(tag)
        node["markers"] = self.signs.markers(tag)
        if tag.name in EVENTS:
            node["trigger"] = self.signs.trigger(tag)
        if tag.name == "boundaryEvent" and tag.get("attachedToRef"):
            node["attached_to"] = local(tag.get("attachedToRef"))
        self._lose_signs(tag)
        self.nodes[id] = node

    def _is_expanded(self, tag: Tag) -> bool:
        said = self.page.expanded.get(tag.get("id"))
        inner = {child.get("id") for child in tag.children if child.name in NODES}
        if self.page.empty:
            return bool(inner)
        return said if said is not None else any(id in self.page.boxes for id in inner)

    # -- edges ----------------------------------------------------------------------------------------------------

    def _end(self, tag: Tag, ref: str) -> str | None:
        id = self.ids.get(local(ref), "")
        return id if id in self.nodes or id in self.groups else None

    def _edge(self, tag: Tag, kind: str) -> None:
        source, target = self._end(tag, tag.get("sourceRef")), self._end(tag, tag.get("targetRef"))
        if source is None or target is None:
            if not self._is_hidden(tag):
                self._lose("edge", tag, f"the {tag.name} {tag.get('id')!r} has an end that is not drawn")
            return
        id = self._name(tag)
        edge: dict[str, Any] = {"id": id, "source": source, "target": target, "label": _label(tag), "kind": kind}
        if tag.get("id") in self.page.messages:  # its message is drawn as a letter with its name beside
            message = self.signs.named.get(local(tag.get("messageRef")), "")
            edge["label"] = edge["label"] or message
            if edge["label"] != message:
                self._lose("message", tag, f"the message {message!r} of the flow {edge['label']!r} is not kept")
        self._lose_signs(tag)
        edge["path"] = self.page.paths.get(tag.get("id"))
        edge["default"] = tag.get("id") in self.defaults
        if kind != "flow":
            edge["line"] = "dashed"
        if kind == "association":
            way = tag.get("associationDirection", "None")
            edge["head"] = "arrow" if way in ("One", "Both") else "none"
            edge["tail"] = "arrow" if way == "Both" else "none"
        self.edges.append(edge)

    def _is_hidden(self, tag: Tag) -> bool:
        return not self.page.empty and tag.get("id") not in self.page.paths

    def _data_edge(self, tag: Tag, owner: str, inward: bool) -> None:
        refs = [local(r.text) for r in tag.all("sourceRef" if inward else "targetRef")]
        other = next((end for ref in refs if (end := self._end(tag, ref)) is not None), None)
        here = self._end(tag, owner)
        if other is None or here is None or other == here:
            if not self._is_hidden(tag):
                self._lose("edge", tag, f"the {tag.name} {tag.get('id')!r} has an end that is not drawn")
            return
        ends = (other, here) if inward else (here, other)
        id, path = self._name(tag), self.page.paths.get(tag.get("id"))
        edge = {"id": id, "source": ends[0], "target": ends[1], "kind": "data", "line": "dashed", "path": path}
        self.edges.append({**edge, "label": _label(tag)})

    # -- common ---------------------------------------------------------------------------------------------------

    def _as_drawn(self) -> None:
        """Bring everything into the order in which the page lists it; what it does not list keeps its place behind."""
        if self.page.empty:
            return
        ranks = {self.ids[id]: k for k, id in enumerate([*self.page.boxes, *self.page.paths]) if id in self.ids}
        last = len(ranks)
        self.nodes = dict(sorted(self.nodes.items(), key=lambda item: ranks.get(item[0], last)))
        self.groups = dict(sorted(self.groups.items(), key=lambda item: ranks.get(item[0], last)))
        self.edges.sort(key=lambda edge: ranks.get(edge["id"], last))

    def _name(self, tag: Tag) -> str:
        """Our id of an element: its own, or the one that we had to change on writing."""
        id = tag.get("diagraspId") or tag.get("id") or f"_{tag.name}_{tag.line}"
        self.ids[tag.get("id")] = id
        return id

    def _box(self, tag: Tag) -> Box | None:
        return self.page.boxes.get(tag.get("id"))

    def _shown(self, tag: Tag) -> bool:
        """Whether the page shows the element, or tells nothing about any."""
        id = tag.get("id")
        return self.page.empty or id in self.page.boxes

    def _is_elsewhere(self, tag: Tag) -> bool:
        """Whether another page shows the element, and not this one."""
        id = tag.get("id")
        return id in self.page.elsewhere and id not in self.page.boxes

    def _lose_signs(self, tag: Tag) -> None:
        name = f"{tag.name} {_label(tag)!r}" if _label(tag) else f"{tag.name} {tag.get('id')}"
        for feature, message in self.signs.lost(tag):
            self._lose(feature, tag, f"the {name} {message}")
        said = details(tag, _label(tag))
        if said:
            self._lose("details", tag, f"the {name} loses its {', '.join(said)}")

    def _lose(self, feature: str, tag: Tag, message: str) -> None:
        self.losses.append(Loss(feature, tag.get("id"), f"line {tag.line}: {message}"))

    def _note(self, feature: str, node: dict[str, Any], message: str) -> None:
        self.losses.append(Loss(feature, node["id"], f"{node['label'] or node['id']!r} {message}"))


def _label(tag: Tag) -> str:
    return squeeze(tag.get("name"))
