"""BPMN 2.0 XML into the typed graph."""

from __future__ import annotations

from typing import Any

import pydantic

from diagrasp.errors import ParseError
from diagrasp.formats import Loss, Read
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp.xmltree import Tag, parse_xml
from diagrasp_formats.bpmn.di import Page, read_pages
from diagrasp_formats.bpmn.names import (
    ACTIVITIES,
    DATA,
    EVENTS,
    INSIDE,
    NODES,
    QUIET,
    SUBPROCESSES,
    TRIGGERS,
    local,
)
from diagrasp_formats.bpmn.places import by_place


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
        self.named: dict[str, str] = {}
        self.definitions: dict[str, str] = {}
        self.flows: list[tuple[Tag, str]] = []
        self.data_flows: list[tuple[Tag, str, bool]] = []
        self.defaults: set[str] = set()
        self.hidden: dict[str, str] = {}
        self.owner: dict[str, str] = {}

    def run(self) -> Diagram:
        for tag in self.root.walk():
            if tag.name in ("dataObject", "dataStore", "dataState"):
                self.named[tag.get("id")] = tag.get("name")
            elif tag.name == "category":
                for value in tag.all("categoryValue"):
                    self.named[value.get("id")] = value.get("value")
            elif tag.name in TRIGGERS:
                self.definitions[tag.get("id")] = tag.name
        pools = self._participants()
        for process in self.root.all("process"):
            self._process(process, pools.get(process.get("id")))
        for collaboration in self.root.all("collaboration", "globalConversation", "choreography"):
            self._artifacts(collaboration, None, None)
            for flow in collaboration.all("messageFlow"):
                self.flows.append((flow, "message"))
            for flow in collaboration.all("association"):
                self.flows.append((flow, "association"))
            if collaboration.name == "choreography":
                self._lose("choreography", collaboration, "choreographies are not read")
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
            title=_title(self.page.name),
            direction=direction,
            nodes=tuple(Node(**n) for n in self.nodes.values()),
            edges=tuple(Edge(**e) for e in self.edges),
            groups=tuple(Group(**g) for g in self.groups.values()),
        )

    # -- containers -----------------------------------------------------------------------------------------------

    def _participants(self) -> dict[str, str]:
        pools: dict[str, str] = {}
        for collaboration in self.root.all("collaboration"):
            for tag in collaboration.all("participant"):
                id = self._name(tag)
                if not self._shown(tag):
                    if tag.get("processRef"):
                        continue  # its process is drawn without a pool
                    self._lose("hidden", tag, f"the participant {_label(tag)!r} is not drawn")
                    continue
                self.groups[id] = {"id": id, "label": _label(tag), "kind": "pool", "box": self._box(tag)}
                if tag.get("processRef"):
                    pools[local(tag.get("processRef"))] = id
        return pools

    def _process(self, process: Tag, pool: str | None) -> None:
        for lanes in process.all("laneSet"):
            self._lanes(lanes, pool)
        self._scope(process, pool, None)

    def _lanes(self, lanes: Tag, parent: str | None) -> None:
        for tag in lanes.all("lane"):
            id = self._name(tag)
            box = self._box(tag)
            lone = len(lanes.all("lane")) == 1 and not _label(tag) and tag.get("diagraspOnly") != "lane"
            if lone or (box is None and not self.page.empty):
                # Vendors put a nameless lane over the whole pool, and keep undrawn lanes in the file: their content
                # belongs to what is around.
                if parent is not None:
                    for ref in tag.all("flowNodeRef"):
                        self.lane_of.setdefault(local(ref.text), parent)
            else:
                self.groups[id] = {"id": id, "label": _label(tag), "kind": "lane", "parent": parent, "box": box}
                for ref in tag.all("flowNodeRef"):
                    self.lane_of[local(ref.text)] = id
            for child in tag.all("childLaneSet"):
                self._lanes(child, id if id in self.groups else parent)

    def _scope(self, scope: Tag, group: str | None, sub: Tag | None) -> None:
        """The elements of a process or subprocess; `sub` is the subprocess where there is one."""
        for tag in scope.children:
            if tag.name in NODES:
                self._node(tag, group, sub)
            elif tag.name == "sequenceFlow":
                self.flows.append((tag, "flow"))
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
                self._node(tag, group, sub)
        for tag in scope.all("group"):
            if self._shown(tag):
                id = self._name(tag)
                label = self.named.get(local(tag.get("categoryValueRef")), _label(tag))
                self.groups[id] = {"id": id, "label": _squeeze(label), "kind": "subgraph", "box": self._box(tag)}

    # -- nodes ----------------------------------------------------------------------------------------------------

    def _node(self, tag: Tag, group: str | None, sub: Tag | None) -> None:
        element = tag.get("id")
        if sub is not None and not self._shown(tag):
            self.hidden[self.ids.get(sub.get("id"), sub.get("id"))] = _label(sub)
            return
        id = self._name(tag)
        self.owner[element] = id
        container = self.lane_of.get(element, group) if sub is None else group
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
        node: dict[str, Any] = {"id": id, "label": self._label_of(tag), "shape": NODES[tag.name], "group": container}
        node["box"] = self._box(tag)
        node["markers"] = self._markers(tag)
        if tag.name in EVENTS:
            node["trigger"] = self._trigger(tag)
        if tag.name == "boundaryEvent" and tag.get("attachedToRef"):
            node["attached_to"] = local(tag.get("attachedToRef"))
        if tag.name == "transaction":
            self._lose("transaction", tag, f"the transaction {_label(tag)!r} is read as a subprocess")
        self.nodes[id] = node

    def _is_expanded(self, tag: Tag) -> bool:
        said = self.page.expanded.get(tag.get("id"))
        inner = {child.get("id") for child in tag.children if child.name in NODES}
        if self.page.empty:
            return bool(inner)
        if tag.get("id") == self.page.root:
            return True
        return said if said is not None else any(id in self.page.boxes for id in inner)

    def _label_of(self, tag: Tag) -> str:
        if tag.name == "textAnnotation":
            text = tag.find("text")
            return _squeeze(text.full_text() if text is not None else tag.get("text"))
        label = _label(tag)
        if not label and tag.name in DATA:
            label = _squeeze(self.named.get(local(tag.get("dataObjectRef") or tag.get("dataStoreRef")), ""))
        state = tag.find("dataState")
        if state is not None and state.get("name"):
            label = f"{label} [{_squeeze(state.get('name')).strip('[]')}]"
        return label

    def _markers(self, tag: Tag) -> tuple[str, ...]:
        found = []
        if tag.find("standardLoopCharacteristics") is not None:
            found.append("loop")
        several = tag.find("multiInstanceLoopCharacteristics")
        if several is not None:
            found.append("sequential" if several.get("isSequential") in ("true", "1") else "parallel")
        if tag.get("isForCompensation") in ("true", "1"):
            found.append("compensation")
        if tag.name == "adHocSubProcess":
            found.append("adhoc")
        if tag.name in SUBPROCESSES and self.page.expanded.get(tag.get("id")) is False:
            found.append("collapsed")
        if tag.name == "intermediateThrowEvent":
            found.append("throwing")
        if tag.get("cancelActivity") in ("false", "0") or tag.get("isInterrupting") in ("false", "0"):
            found.append("non_interrupting")
        if tag.name in DATA and self._is_collection(tag):
            found.append("parallel")
        return tuple(found)

    def _is_collection(self, tag: Tag) -> bool:
        if tag.get("isCollection") in ("true", "1"):
            return True
        ref = local(tag.get("dataObjectRef"))
        if not ref:
            return False
        if not hasattr(self, "_collections"):
            self._collections = {
                t.get("id")
                for t in self.root.walk()
                if t.name == "dataObject" and t.get("isCollection") in ("true", "1")
            }
        return ref in self._collections

    def _trigger(self, tag: Tag) -> str | None:
        kinds = [c.name for c in tag.children if c.name in TRIGGERS]
        kinds += [self.definitions.get(local(c.text), "") for c in tag.all("eventDefinitionRef")]
        kinds = [kind for kind in kinds if kind in TRIGGERS]
        if len(kinds) > 1:
            return "parallel_multiple" if tag.get("parallelMultiple") in ("true", "1") else "multiple"
        return TRIGGERS[kinds[0]] if kinds else None

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
        edge: dict[str, Any] = {
            "id": self._name(tag),
            "source": source,
            "target": target,
            "label": _label(tag),
            "kind": kind,
        }
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
        self.edges.append(
            {
                "id": id,
                "source": ends[0],
                "target": ends[1],
                "kind": "data",
                "line": "dashed",
                "path": path,
                "label": _label(tag),
            }
        )

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

    def _lose(self, feature: str, tag: Tag, message: str) -> None:
        self.losses.append(Loss(feature, tag.get("id"), f"line {tag.line}: {message}"))

    def _note(self, feature: str, node: dict[str, Any], message: str) -> None:
        self.losses.append(Loss(feature, node["id"], f"{node['label'] or node['id']!r} {message}"))


def _label(tag: Tag) -> str:
    return _squeeze(tag.get("name"))


def _squeeze(text: str) -> str:
    """A line break in a label is one space."""
    return " ".join(text.split())


def _title(name: str) -> str | None:
    """The name of a page, unless it is one that tools give on their own."""
    name = _squeeze(name)
    plain = name.lower().replace("_", " ").replace("-", " ")
    words = plain.rstrip("0123456789 .").split()
    return name if name and words not in ([], ["page"], ["diagram"], ["bpmndiagram"], ["страница"]) else None


__all__ = ["ACTIVITIES", "read_bpmn"]
