"""Diagram -> flow: which nodes take part, what follows what on which condition, where it begins."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from diagrasp.model import Diagram, Edge, Group, Node

ASIDE = frozenset({"note", "annotation", "text", "data_object", "data_store", "participant", "actor"})
GATEWAYS = frozenset(
    {"decision", "exclusive_gateway", "inclusive_gateway", "event_gateway", "complex_gateway", "parallel_gateway"}
)
EVENTS = frozenset({"start_event", "intermediate_event", "boundary_event", "end_event", "initial", "final"})
NO_STEP = ASIDE | GATEWAYS | EVENTS | {"bar", "merge", "connector"}
ROUND = frozenset({"stadium", "ellipse", "circle", "double_circle", "rounded"})

_WORDS = re.compile(
    r"(?:начал[оа]|старт|пуск|вход|конец|стоп|финиш|выход|останов(?:ка)?|завершени[ея]|окончание|"
    r"конец (?:процесса|алгоритма|программы)|начало (?:процесса|алгоритма|программы)|"
    r"begin|start|end|stop|finish|exit|done|terminate|(?:start|end) of (?:the )?(?:process|algorithm))[.!]?",
    re.IGNORECASE,
)
_START = re.compile(r"(?:начал|старт|пуск|вход|begin|start)", re.IGNORECASE)
_INFINITIVE = re.compile(r"\w+(?:ть|ти|чь)(?:ся)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Out:
    """A way on: by the edge (empty for a boundary event's host) to the target."""

    edge: str
    target: str
    condition: str = ""
    default: bool = False
    interrupt: bool = False


class Flow:
    """The part of a diagram that is an order of doing.

    Attributes:
        nodes: by id, in the diagram's order.
        outs: the ways on from each node, in the diagram's order.
        ins: how many ways lead to each node.
        bodies: for the node of an expanded subprocess, the group that holds what it consists of.
        messaged: nodes that a message from elsewhere leads to.
        awaiting: gateways after which the first of several events tells the way.
    """

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.groups = {group.id: group for group in diagram.groups}
        self._roles: dict[str | None, str] = {None: ""}
        self._pools: dict[str | None, str | None] = {None: None}
        joined = {end for edge in diagram.edges if edge.kind == "flow" for end in (edge.source, edge.target)}
        self.nodes: dict[str, Node] = {
            node.id: node
            for node in diagram.nodes
            if node.shape not in ASIDE or (node.shape in ("text", "actor") and node.id in joined)
        }
        self.bodies = self._expanded()
        self.outs: dict[str, list[Out]] = {id: [] for id in self.nodes}
        self.ins: dict[str, int] = dict.fromkeys(self.nodes, 0)
        self.messaged: set[str] = set()
        self._connect()
        self.awaiting = {id for id in self.nodes if self._awaits(id)}
        for id, outs in self.outs.items():
            if id in self.awaiting:
                self.outs[id] = [replace(out, condition=out.condition or self._event(out.target)) for out in outs]
            else:
                self.outs[id] = _otherwise_last(outs)
        self.within = self._innermost_body()

    def role(self, node: Node) -> str:
        """As Diagram.role, computed once for each group."""
        if node.group not in self._roles:
            self._roles[node.group] = " ".join(self.diagram.role(node).split())
        return self._roles[node.group]

    def pool(self, node: Node) -> str | None:
        """The id of the pool that a node lies in."""
        if node.group not in self._pools:
            pools = [group.id for group in self.diagram.ancestors(node.group) if group.kind == "pool"]
            self._pools[node.group] = pools[-1] if pools else None
        return self._pools[node.group]

    def is_step(self, node: Node) -> bool:
        """Whether a node is an action."""
        label = " ".join(node.label.split())
        if not label or node.shape in NO_STEP:
            return False
        inside = self.ins.get(node.id, 0) > 0 and bool(self.outs.get(node.id))
        if node.shape == "state":
            return True
        if not inside and _WORDS.fullmatch(label):
            return False
        if node.shape == "terminal":
            return inside
        if node.shape in ROUND - {"rounded"} and self.diagram.kind in ("flowchart", "bpmn", "activity"):
            return inside or bool(_INFINITIVE.match(label)) or not (self.ins.get(node.id) or self.outs.get(node.id))
        if node.shape == "hexagon":
            return len(self.outs.get(node.id, ())) < 2
        return True

    def is_start(self, node: Node) -> bool:
        """Whether a node without ways to it is a start symbol."""
        if node.shape in ("start_event", "initial", "terminal"):
            return True
        label = node.label.strip()
        return node.shape in ROUND or bool(_WORDS.fullmatch(label) and _START.match(label))

    def forks(self, node: Node, outs: list[Out]) -> bool:
        """Whether several ways on are all taken."""
        if node.shape in ("parallel_gateway", "bar"):
            return True
        if node.shape in GATEWAYS or node.shape in ("merge", "connector", "hexagon"):
            return False
        if self.diagram.kind in ("state", "sequence"):
            return False
        return not any(out.condition or out.default for out in outs)

    def _expanded(self) -> dict[str, str]:
        """The node of an expanded subprocess -> its group, where no flow crosses the group's border."""
        candidates = [group for group in self.diagram.groups if group.kind == "subprocess"]
        found: dict[str, str] = {}
        used: set[str] = set()
        if not candidates:
            return found
        for group in candidates:
            for node in self.diagram.nodes:
                if node.shape != "subprocess" or node.id in found or node.group == group.id:
                    continue
                same = node.label == group.label and node.group == group.parent
                if same or (node.box is not None and node.box == group.box):
                    found[node.id] = group.id
                    used.add(group.id)
                    break
        inside = {node.id: {g.id for g in self.diagram.ancestors(node.group)} & used for node in self.diagram.nodes}
        for edge in self.diagram.edges:
            if edge.kind == "flow" and edge.source in inside and edge.target in inside:
                crossed = inside[edge.source] ^ inside[edge.target]
                found = {id: group for id, group in found.items() if group not in crossed}
        return found

    def _innermost_body(self) -> dict[str, str]:
        """Each node -> the node of the innermost expanded subprocess that it is part of."""
        owners = {group: id for id, group in self.bodies.items()}
        found: dict[str, str] = {}
        for id, node in self.nodes.items():
            for group in self.diagram.ancestors(node.group) if owners else ():
                if group.id in owners and owners[group.id] != id:
                    found[id] = owners[group.id]
                    break
        return found

    def _connect(self) -> None:
        twins = {group: id for id, group in self.bodies.items()}
        ends = _GroupEnds(self)
        bpmn = self.diagram.kind == "bpmn"
        for node in self.nodes.values():
            if node.attached_to in self.nodes and node.attached_to is not None and node.attached_to != node.id:
                condition = " ".join(node.label.split()) or (node.trigger or "")
                self.outs[node.attached_to].append(Out("", node.id, condition, interrupt=True))
                self.ins[node.id] += 1
        for edge in self.diagram.edges:
            source, target = edge.source, edge.target
            if edge.kind == "message":
                self.messaged.add(target)
            if edge.kind != "flow":
                continue
            if edge.head == "none" and edge.tail != "none":
                source, target = target, source
            sources = [source] if source in self.nodes else ends.exits(source, twins)
            targets = [target] if target in self.nodes else ends.entries(target, twins)
            for one in sources:
                for other in targets:
                    if bpmn and self._crosses(one, other):
                        self.messaged.add(other)
                    else:
                        self._add(edge, one, other)

    def _crosses(self, one: str, other: str) -> bool:
        """Whether a flow goes from pool to pool, which only messages do."""
        here, there = self.pool(self.nodes[one]), self.pool(self.nodes[other])
        return here is not None and there is not None and here != there

    def _awaits(self, id: str) -> bool:
        """Whether a gateway waits for events: it is drawn as one that does, or nothing but events come after it."""
        shape, outs = self.nodes[id].shape, self.outs[id]
        if shape != "exclusive_gateway" or len(outs) < 2 or any(out.condition or out.default for out in outs):
            return shape == "event_gateway"
        after = [self.nodes[out.target] for out in outs]
        return all(
            (n.shape == "intermediate_event" and n.trigger and "throwing" not in n.markers) or n.shape == "receive_task"
            for n in after
        )

    def _event(self, id: str) -> str:
        node = self.nodes[id]
        return " ".join(node.label.split()) or (node.trigger or "")

    def _add(self, edge: Edge, source: str, target: str) -> None:
        condition = " ".join(edge.label.split())
        self.outs[source].append(Out(edge.id, target, condition, edge.default))
        self.ins[target] += 1


def _otherwise_last(outs: list[Out]) -> list[Out]:
    """The ways on, with the one that is taken where no condition holds after all others."""
    plain = [out for out in outs if not out.interrupt and not out.condition]
    if len(plain) != 1 or sum(not out.interrupt for out in outs) < 2:
        return outs
    return [out for out in outs if out is not plain[0]] + plain


class _GroupEnds:
    """Where an edge on a group arrives, and where one from a group sets out."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._members: dict[str, list[str]] | None = None
        self._inner: dict[str, tuple[set[str], set[str]]] = {}

    def entries(self, group: str, twins: dict[str, str]) -> list[str]:
        if group in twins:
            return [twins[group]]
        members = self._of(group)
        starts = [id for id in members if self._flow.nodes[id].shape in ("initial", "start_event")]
        inner = self._linked(group, members)[1]
        free = [id for id in members if id not in inner and self._flow.nodes[id].shape != "final"]
        return starts[:1] or free or members[:1]

    def exits(self, group: str, twins: dict[str, str]) -> list[str]:
        if group in twins:
            return [twins[group]]
        members = self._of(group)
        inner = self._linked(group, members)[0]
        return [id for id in members if id not in inner] or members[-1:]

    def _of(self, group: str) -> list[str]:
        if self._members is None:
            self._members = defaultdict(list)
            chains: dict[str | None, list[Group]] = {}
            for id, node in self._flow.nodes.items():
                if node.group not in chains:
                    chains[node.group] = list(self._flow.diagram.ancestors(node.group))
                for around in chains[node.group]:
                    self._members[around.id].append(id)
        return self._members.get(group, [])

    def _linked(self, group: str, members: list[str]) -> tuple[set[str], set[str]]:
        """Members that a flow inside the group leaves, and those that one reaches."""
        if group not in self._inner:
            inside = set(members)
            edges = [
                edge
                for edge in self._flow.diagram.edges
                if edge.kind == "flow" and edge.source in inside and edge.target in inside
            ]
            self._inner[group] = ({edge.source for edge in edges}, {edge.target for edge in edges})
        return self._inner[group]
