"""The typed graph as BPMN 2.0 XML with diagram interchange."""

from __future__ import annotations

import re

from diagrasp.errors import InputError
from diagrasp.features import missing
from diagrasp.formats import Loss, Written
from diagrasp.layout import arrange
from diagrasp.layout.sizes import twins
from diagrasp.model import Diagram, Edge, Group, Node
from diagrasp.xmltree import clean, xml_attr, xml_text
from diagrasp_formats.bpmn.names import DC, DD, DI, INSIDE, MODEL, OURS
from diagrasp_formats.bpmn.shapes import Choice
from diagrasp_formats.bpmn.write_di import Interchange, is_upright
from diagrasp_formats.bpmn.write_inner import InnerWriter

_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


def write_bpmn(diagram: Diagram) -> Written:
    """Every node, edge and group as the element that fits best; what it loses is told.  Raises InputError."""
    try:
        return _Writer(diagram).run()
    except RecursionError:
        raise InputError("the diagram's groups are nested too deep for BPMN") from None


class _Writer(InnerWriter):
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.placed = arrange(diagram)
        self.losses: list[Loss] = []
        self.lines: list[str] = []
        self.nodes = {n.id: n for n in diagram.nodes}
        self.groups = {g.id: g for g in diagram.groups}
        self.edges = {e.id: e for e in diagram.edges}
        self.xml_ids: dict[str, str] = {}
        self.taken: set[str] = set()
        self.twin = twins(diagram)
        choice = Choice(diagram)
        self.elements, self.losses = choice.elements, choice.losses
        self.pools = [g for g in diagram.groups if g.kind == "pool"]
        self.process_of: dict[str | None, str] = {}
        self.members: dict[str | None, list[Node | Group]] = {}
        self.inner_edges: dict[str | None, list[Edge]] = {}
        self.messages: list[Edge] = []
        self.data_edges: dict[str, list[tuple[Edge, bool]]] = {}
        self.kinds: dict[str, str] = {}

    def run(self) -> Written:
        if self.diagram.kind != "bpmn":
            self.losses.append(Loss("kind", "", f"a diagram of kind {self.diagram.kind} is written as BPMN"))
        if self.diagram.direction not in (None, "TB" if is_upright(self.diagram, self.placed) else None):
            self.losses.append(
                Loss("direction", "", f"the direction {self.diagram.direction} is kept by positions only")
            )
        self.losses += [loss for loss in missing(self.diagram, (), format="BPMN") if loss.feature == "confidence"]
        for id in (*self.nodes, *self.groups, *self.edges):
            self._xml_id(id)
        self._sort()
        self._definitions()
        data = "\n".join(self.lines) + "\n"
        return Written(data.encode("utf-8", "replace"), tuple(self.losses))

    # -- what goes where ------------------------------------------------------------------------------------------

    def _xml_id(self, id: str) -> str:
        if id not in self.xml_ids:
            name = id if _NCNAME.match(id) else "_" + re.sub(r"[^A-Za-z0-9_.-]", "_", id)
            self.xml_ids[id] = self._fresh(name)
        return self.xml_ids[id]

    def _fresh(self, name: str) -> str:
        made, number = name, 2
        while made in self.taken:
            made, number = f"{name}_{number}", number + 1
        self.taken.add(made)
        return made

    def _scope(self, group: str | None) -> str | None:
        """The subprocess, pool or None that the elements of a group are written into."""
        while group is not None and self.groups[group].kind not in ("subprocess", "pool"):
            group = self.groups[group].parent
        return group

    def _root(self, scope: str | None) -> str | None:
        """The pool (or None) around a scope."""
        while scope is not None and self.groups[scope].kind != "pool":
            scope = self._scope(self.groups[scope].parent)
        return scope

    def _sort(self) -> None:
        twin_nodes = set(self.twin.values())
        for node in self.diagram.nodes:
            if node.id not in twin_nodes:
                self.members.setdefault(self._scope(node.group), []).append(node)
        for group in self.diagram.groups:
            if group.kind == "subprocess":
                self.members.setdefault(self._scope(group.parent), []).append(group)
            elif group.kind == "pool" and self._scope(group.parent) is not None:
                self.losses.append(Loss("group", group.id, f"the pool {group.label!r} cannot lie in another group"))
            elif group.kind not in ("pool", "lane", "subgraph"):
                self.losses.append(
                    Loss("group.kind", group.id, f"the {group.kind} {group.label!r} is written as a group")
                )
        for edge in self.diagram.edges:
            self._sort_edge(edge)

    def _sort_edge(self, edge: Edge) -> None:
        scopes = [self._scope_of(edge.source), self._scope_of(edge.target)]
        flowing = all(self._is_flow_end(end) for end in (edge.source, edge.target))
        same = self._root(scopes[0]) == self._root(scopes[1])
        soft = [id in self.nodes and not self.elements[id].is_flow_node for id in (edge.source, edge.target)]
        kind = edge.kind
        if kind == "flow":
            made = (
                "sequenceFlow" if flowing and same else "messageFlow" if not any(soft) and not same else "association"
            )
        elif kind == "message":
            made = "association" if any(soft) else "messageFlow"
        elif kind == "data" and self._data(edge, inward=True):
            made = "dataInputAssociation"
        elif kind == "data" and self._data(edge, inward=False):
            made = "dataOutputAssociation"
        else:
            made = "association"
        self.kinds[edge.id] = made
        self._edge_losses(edge, made)
        if made == "messageFlow":
            self.messages.append(edge)
        elif made.startswith("data"):
            inward = made == "dataInputAssociation"
            self.data_edges.setdefault(edge.target if inward else edge.source, []).append((edge, inward))
        else:
            self.inner_edges.setdefault(scopes[0] if scopes[0] == scopes[1] else self._common(*scopes), []).append(edge)

    def _edge_losses(self, edge: Edge, made: str) -> None:
        name = edge.label or edge.id
        natural = {"sequenceFlow": "flow", "messageFlow": "message", "association": "association"}.get(made, "data")
        if edge.kind != natural:
            self.losses.append(
                Loss("edge.kind", edge.id, f"the edge {name!r} of kind {edge.kind} is written as {made}")
            )
        line = "solid" if natural == "flow" else "dashed"
        heads = [("arrow", "none")]
        if natural == "association":
            heads = [("none", "none"), ("arrow", "none"), ("arrow", "arrow")]
            if edge.label:
                self.losses.append(Loss("edge.label", edge.id, f"an association has no label: {edge.label!r} is lost"))
        if edge.line != line:
            self.losses.append(Loss("edge.line", edge.id, f"the line of {name!r} is {line}, not {edge.line}"))
        if (edge.head, edge.tail) not in heads:
            self.losses.append(Loss("edge.head", edge.id, f"the ends of {name!r} become those of a {made}"))
        if made.startswith("data") and edge.label:
            self.losses.append(Loss("edge.label", edge.id, f"a {made} has no label: {edge.label!r} is lost"))
        if edge.default and (made != "sequenceFlow" or not self._can_default(edge)):
            self.losses.append(Loss("edge.default", edge.id, f"{name!r} cannot be a default flow"))
        if edge.source_label or edge.target_label:
            self.losses.append(Loss("edge.end_label", edge.id, f"the end labels of {name!r} are lost"))
        if edge.group is not None:
            self.losses.append(Loss("edge.group", edge.id, f"{name!r} loses the section it stands in"))

    def _can_default(self, edge: Edge) -> bool:
        element = self.elements.get(edge.source)
        first = next((e for e in self.diagram.edges if e.default and e.source == edge.source), edge)
        if element is None or first is not edge:
            return False
        return element.is_activity or element.name in ("exclusiveGateway", "inclusiveGateway", "complexGateway")

    def _data(self, edge: Edge, *, inward: bool) -> bool:
        store, work = (edge.source, edge.target) if inward else (edge.target, edge.source)
        if store not in self.nodes or work not in self.nodes:
            return False
        return self.elements[store].is_data and self.elements[work].takes_data(inward)

    def _is_flow_end(self, id: str) -> bool:
        if id in self.nodes:
            return self.elements[id].is_flow_node
        return self.groups[id].kind == "subprocess"

    def _scope_of(self, id: str) -> str | None:
        if id in self.nodes:
            return self._scope(self.nodes[id].group)
        group = self.groups[id]
        return id if group.kind == "pool" else self._scope(group.parent)

    def _common(self, a: str | None, b: str | None) -> str | None:
        chain = []
        while a is not None:
            chain.append(a)
            a = self._scope(self.groups[a].parent)
        while b is not None and b not in chain:
            b = self._scope(self.groups[b].parent)
        return b

    # -- XML ------------------------------------------------------------------------------------------------------

    def _tag(self, depth: int, name: str, attrs: list[tuple[str, str]], *, open: bool = False) -> None:
        text = "".join(f' {k}="{xml_attr(v)}"' for k, v in attrs)
        self.lines.append(f"{'  ' * depth}<{name}{text}{'' if open else '/'}>")

    def _identity(self, id: str) -> list[tuple[str, str]]:
        made = self._xml_id(id)
        return [("id", made)] if made == id else [("id", made), ("diagrasp:diagraspId", id)]

    def _named(self, id: str, label: str) -> list[tuple[str, str]]:
        attrs = self._identity(id)
        if label:
            attrs.append(("name", label))
        self._check_label(id, label)
        return attrs

    def _check_label(self, id: str, label: str) -> None:
        if " ".join(clean(label).split()) != label:
            self.losses.append(Loss("label", id, "white space or control characters of the label change"))

    def _definitions(self) -> None:
        self.lines.append('<?xml version="1.0" encoding="UTF-8"?>')
        spaces = [
            ("xmlns:bpmn", MODEL),
            ("xmlns:bpmndi", DI),
            ("xmlns:dc", DC),
            ("xmlns:di", DD),
            ("xmlns:diagrasp", OURS),
        ]
        root = [("id", self._fresh("Definitions_1")), ("targetNamespace", "urn:diagrasp"), ("exporter", "diagrasp")]
        self._tag(0, "bpmn:definitions", [*spaces, *root], open=True)
        scopes: list[str | None] = [p.id for p in self.pools]
        outside = self.members.get(None) or self.inner_edges.get(None) or self._lanes_of(None) or self._areas_of(None)
        if outside or not self.pools:
            scopes.append(None)
        for scope in scopes:
            self.process_of[scope] = self._fresh(f"Process_{self._xml_id(scope)}" if scope else "Process_1")
        plane = self.process_of.get(None, "")
        if self.pools or self.messages:
            plane = self._fresh("Collaboration_1")
            self._collaboration(plane)
        for scope in scopes:
            if scope is None or self._has_content(scope):
                self._process(scope)
        marked = [g for g in self.diagram.groups if self._is_marked(g)]
        if marked:
            self._tag(1, "bpmn:category", [("id", self._fresh("Category_1"))], open=True)
            for group in marked:
                self._check_label(group.id, group.label)
                self._tag(2, "bpmn:categoryValue", [("id", self._value(group)), ("value", group.label)])
            self.lines.append("  </bpmn:category>")
        self.lines += Interchange(self.diagram, self.placed, self.elements, self._xml_id, self._fresh).lines(plane)
        self.lines.append("</bpmn:definitions>")

    def _value(self, group: Group) -> str:
        return f"{self._xml_id(group.id)}_value"

    def _has_content(self, pool: str) -> bool:
        content = self.members.get(pool) or self.inner_edges.get(pool) or self._lanes_of(pool) or self._areas_of(pool)
        return bool(content)

    def _areas_of(self, scope: str | None) -> list[Group]:
        return [g for g in self.diagram.groups if self._is_marked(g) and self._scope(g.parent) == scope]

    @staticmethod
    def _is_marked(group: Group) -> bool:
        """Whether a group is written as BPMN's `group`, a marked area."""
        return group.kind not in ("pool", "lane", "subprocess")

    def _collaboration(self, id: str) -> None:
        self._tag(1, "bpmn:collaboration", [("id", id)], open=True)
        for pool in self.pools:
            attrs = self._named(pool.id, pool.label)
            if self._has_content(pool.id):
                attrs.append(("processRef", self.process_of[pool.id]))
            self._tag(2, "bpmn:participant", attrs)
        if None in self.process_of:  # whoever does what lies in no pool: a participant that is not drawn
            around = [("id", self._fresh("Participant_1")), ("processRef", self.process_of[None])]
            self._tag(2, "bpmn:participant", around)
        for edge in self.messages:
            self._tag(2, "bpmn:messageFlow", [*self._named(edge.id, edge.label), *self._ends(edge)])
        self.lines.append("  </bpmn:collaboration>")

    def _end(self, id: str) -> str:
        return self._xml_id(self.twin.get(id, id))

    def _ends(self, edge: Edge) -> list[tuple[str, str]]:
        return [("sourceRef", self._end(edge.source)), ("targetRef", self._end(edge.target))]

    def _process(self, scope: str | None) -> None:
        attrs = [("id", self.process_of[scope]), ("isExecutable", "false")]
        self._tag(1, "bpmn:process", attrs, open=True)
        lanes = self._lanes_of(scope)
        if lanes:
            self._lane_set(2, lanes, "bpmn:laneSet")
        self._content(2, scope)
        self.lines.append("  </bpmn:process>")

    def _lanes_of(self, scope: str | None) -> list[Group]:
        kinds = ("pool", "lane")
        lanes = [g for g in self.diagram.groups if g.kind == "lane"]
        top = [g for g in lanes if g.parent is None or self.groups[g.parent].kind != "lane"]
        return [g for g in top if (g.parent if g.parent and self.groups[g.parent].kind in kinds else None) == scope]

    def _lane_set(self, depth: int, lanes: list[Group], name: str) -> None:
        self._tag(depth, name, [("id", self._fresh(f"LaneSet_{self._xml_id(lanes[0].id)}"))], open=True)
        for lane in lanes:
            attrs = self._named(lane.id, lane.label)
            if len(lanes) == 1 and not lane.label:
                attrs.append(("diagrasp:diagraspOnly", "lane"))
            self._tag(depth + 1, "bpmn:lane", attrs, open=True)
            for member in self._lane_members(lane.id):
                self.lines.append(f"{'  ' * (depth + 2)}<bpmn:flowNodeRef>{self._xml_id(member)}</bpmn:flowNodeRef>")
            below = [g for g in self.diagram.groups if g.kind == "lane" and g.parent == lane.id]
            if below:
                self._lane_set(depth + 2, below, "bpmn:childLaneSet")
            self.lines.append(f"{'  ' * (depth + 1)}</bpmn:lane>")
        self.lines.append(f"{'  ' * depth}</{name}>")

    def _lane_members(self, lane: str) -> list[str]:
        """Nodes and subprocesses directly in a lane, or in marked areas inside it."""
        found = []
        twins_of = set(self.twin.values())
        if not hasattr(self, "_by_lane"):
            self._by_lane: dict[str, list[str]] = {}
            for node in self.diagram.nodes:
                if node.id not in twins_of and self.elements[node.id].name != "textAnnotation":
                    self._by_lane.setdefault(self._lane_around(node.group), []).append(node.id)
            for group in self.diagram.groups:
                if group.kind == "subprocess":
                    self._by_lane.setdefault(self._lane_around(group.parent), []).append(
                        self.twin.get(group.id, group.id)
                    )
        found += self._by_lane.get(lane, [])
        return found

    def _lane_around(self, group: str | None) -> str:
        while group is not None and self.groups[group].kind not in ("lane", "pool", "subprocess"):
            group = self.groups[group].parent
        return group or ""

    def _content(self, depth: int, scope: str | None) -> None:
        later: list[Node] = []
        for member in self.members.get(scope, []):
            if isinstance(member, Group):
                self._subprocess(depth, member)
            elif self.elements[member.id].name == "textAnnotation":
                later.append(member)
            else:
                self._node(depth, member)
        for edge in self.inner_edges.get(scope, []):
            if self.kinds[edge.id] == "sequenceFlow":
                self._tag(depth, "bpmn:sequenceFlow", [*self._named(edge.id, edge.label), *self._ends(edge)])
        for node in later:
            self._check_label(node.id, node.label)
            self._tag(depth, "bpmn:textAnnotation", self._identity(node.id), open=True)
            self.lines.append(f"{'  ' * (depth + 1)}<bpmn:text>{xml_text(node.label)}</bpmn:text>")
            self.lines.append(f"{'  ' * depth}</bpmn:textAnnotation>")
        for group in self._areas_of(scope):
            self._tag(depth, "bpmn:group", [*self._identity(group.id), ("categoryValueRef", self._value(group))])
        for edge in self.inner_edges.get(scope, []):
            if self.kinds[edge.id] == "association":
                way = "Both" if edge.tail != "none" else "One" if edge.head != "none" else "None"
                self._tag(
                    depth,
                    "bpmn:association",
                    [*self._identity(edge.id), *self._ends(edge), ("associationDirection", way)],
                )

    def _subprocess(self, depth: int, group: Group) -> None:
        node = self.nodes.get(self.twin.get(group.id, ""))
        name = self.elements[node.id].name if node is not None and self.elements[node.id].is_activity else "subProcess"
        name = name if name in ("subProcess", "adHocSubProcess") else "subProcess"
        attrs = self._named(node.id if node is not None else group.id, node.label if node is not None else group.label)
        if node is None:
            attrs += [("diagrasp:diagraspOnly", "group"), ("diagrasp:diagraspInside", group.id)]
        elif group.id != node.id + INSIDE:
            attrs.append(("diagrasp:diagraspInside", group.id))
        if node is not None and " ".join(clean(node.label).split()) != group.label:
            self.losses.append(Loss("label", group.id, f"the title {group.label!r} becomes {node.label!r}"))
        attrs += self._default(node) if node is not None else []
        attrs += self._compensation(node) if node is not None else []
        self._tag(depth, f"bpmn:{name}", attrs, open=True)
        self._inner(depth + 1, node, before=True)
        self._content(depth + 1, group.id)
        self.lines.append(f"{'  ' * depth}</bpmn:{name}>")

    def _node(self, depth: int, node: Node) -> None:
        element = self.elements[node.id]
        attrs = [*self._named(node.id, node.label), *element.attrs]
        extra: list[str] = []
        if element.name == "dataObjectReference":
            data = self._fresh(f"{self._xml_id(node.id)}_data")
            collection = [("isCollection", "true")] if "parallel" in node.markers else []
            self._tag(depth, "bpmn:dataObject", [("id", data), *collection])
            attrs.append(("dataObjectRef", data))
        if element.name == "boundaryEvent" and node.attached_to:
            attrs.append(("attachedToRef", self._xml_id(node.attached_to)))
        attrs += self._default(node) + self._compensation(node)
        start = len(self.lines)
        self._inner(depth + 1, node)
        extra, self.lines = self.lines[start:], self.lines[:start]
        self._tag(depth, f"bpmn:{element.name}", attrs, open=bool(extra))
        self.lines += extra
        if extra:
            self.lines.append(f"{'  ' * depth}</bpmn:{element.name}>")
