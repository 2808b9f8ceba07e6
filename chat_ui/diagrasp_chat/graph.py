"""A diagram as the chat's answers see it: steps with their numbers and roles, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DECISIONS = {"decision", "exclusive_gateway", "inclusive_gateway", "event_gateway", "complex_gateway"}
STARTS = {"start_event", "initial"}
ENDS = {"end_event", "final"}
# neither steps nor conditions: they are passed through
SILENT = {
    "merge", "parallel_gateway", "bar", "connector", "intermediate_event", "boundary_event", "circle", "double_circle",
}  # fmt: skip
ASIDE = {"note", "annotation", "text", "data_object", "data_store", "database", "document"}
FLOWS = {"flow", "message"}
MAX_WAYS = 50


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    shape: str
    role: str = ""
    attached_to: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    label: str = ""
    kind: str = "flow"
    default: bool = False
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """An arm of a decision: what is asked (may be empty) and the answer on the arm (may be empty)."""

    question: str
    answer: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a step to the next (or back): where it ends and on which conditions."""

    node: Node
    conditions: tuple[Condition, ...] = ()
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row of the server's table of steps."""

    number: str
    action: str
    role: str = ""


@dataclass
class Graph:
    """Nodes by id, edges in order, and the numbers that the server's table gives the steps."""

    kind: str
    nodes: dict[str, Node]
    edges: list[Edge]
    numbers: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, diagram: Mapping[str, Any], rows: Sequence[StepRow] = ()) -> Graph:
        """From the diagram JSON, steps numbered as in the server's table (in reading order without one)."""
        groups = {g["id"]: g for g in diagram.get("groups") or ()}
        nodes = {
            n["id"]: Node(
                id=n["id"],
                label=" ".join(str(n.get("label") or "").split()),
                shape=str(n.get("shape") or "process"),
                role=_role(groups, n.get("group")),
                attached_to=n.get("attached_to"),
                confidence=n.get("confidence"),
            )
            for n in diagram.get("nodes") or ()
        }
        edges = [
            Edge(
                source=e["source"],
                target=e["target"],
                label=" ".join(str(e.get("label") or "").split()),
                kind=str(e.get("kind") or "flow"),
                default=bool(e.get("default")),
                confidence=e.get("confidence"),
            )
            for e in diagram.get("edges") or ()
        ]
        labels = {
            item["id"]: " ".join(str(item.get("label") or "").split())
            for part in ("nodes", "edges", "groups")
            for item in diagram.get(part) or ()
            if item.get("id")
        }
        graph = cls(str(diagram.get("kind") or "flowchart"), nodes, edges, labels=labels)
        graph._number(rows)
        return graph

    def _number(self, rows: Sequence[StepRow]) -> None:
        left = [node for node in self.nodes.values() if node.label]
        for row in rows:
            action, role = _plain(row.action), _plain(row.role)
            same = [node for node in left if _plain(node.label) == action]
            node = next((node for node in same if _plain(node.role) == role), same[0] if same else None)
            if node is not None:
                self.numbers[node.id] = row.number
                left.remove(node)
        if not rows:
            found = [node for node in self.nodes.values() if self.is_step(node)]
            self.numbers.update((node.id, str(number)) for number, node in enumerate(found, start=1))

    def label(self, id: str) -> str:
        """The label of a node, an edge or a group; empty where it has none."""
        return self.labels.get(id, "")

    def is_step(self, node: Node) -> bool:
        """Whether it is something that somebody does: a row of the table, where there is one."""
        if self.numbers:
            return node.id in self.numbers
        aside = DECISIONS | STARTS | ENDS | SILENT | ASIDE | {"terminal", "stadium"}
        return bool(node.label) and node.shape not in aside

    def is_decision(self, node: Node) -> bool:
        """Whether the way forks there on a condition."""
        if node.shape in DECISIONS:
            return len(self._out(node.id)) > 1 or node.shape == "decision"
        return False

    @property
    def steps(self) -> list[Node]:
        """The steps in the order of their numbers."""
        return sorted((self.nodes[id] for id in self.numbers), key=lambda node: _order(self.numbers[node.id]))

    @property
    def decisions(self) -> list[Node]:
        return [node for node in self.nodes.values() if self.is_decision(node)]

    @property
    def roles(self) -> list[str]:
        """Who takes part, in the order of the steps."""
        return list(dict.fromkeys(node.role for node in [*self.steps, *self.nodes.values()] if node.role))

    def step(self, number: str) -> Node | None:
        """The step of that number."""
        return next((self.nodes[id] for id, own in self.numbers.items() if own.rstrip(".") == number.rstrip(".")), None)

    def next(self, node: Node) -> list[Way]:
        """The steps and ends that follow, with the conditions on the way."""
        return self._ways(node, forward=True)

    def previous(self, node: Node) -> list[Way]:
        """The steps and starts that it is reached from, with the conditions on the way."""
        return self._ways(node, forward=False)

    def arms(self, decision: Node) -> list[tuple[Condition, list[Way]]]:
        """The arms of a decision, each with where it leads."""
        arms = []
        for edge in self._out(decision.id):
            condition = Condition(decision.label, edge.label, edge.default)
            arms.append((condition, self._from_edge(edge, (), ())))
        return arms

    def entries(self) -> list[Node]:
        """Where it begins: start symbols, else what nothing leads to, else the step that the server counts first."""
        starts = [n for n in self.nodes.values() if n.shape in STARTS]
        if not starts:
            entered = {edge.target for edge in self.edges if edge.kind in FLOWS}
            starts = [
                n
                for n in self.nodes.values()
                if n.id not in entered and self._out(n.id) and n.shape not in ASIDE and n.shape != "boundary_event"
            ]
        return starts or self.steps[:1]

    def exits(self) -> list[Node]:
        """Where it ends: end symbols, else steps that lead nowhere."""
        ends = [n for n in self.nodes.values() if n.shape in ENDS]
        if not ends:
            entered = {edge.target for edge in self.edges if edge.kind in FLOWS}
            ends = [n for n in self.nodes.values() if n.id in entered and not self._out(n.id) and n.shape not in ASIDE]
        return ends

    def returns(self) -> list[tuple[Node, Node]]:
        """Pairs (from, back to) of steps whose numbers say that the way goes back."""
        pairs = []
        for node in self.steps:
            here = _order(self.numbers[node.id])
            ahead = [way.node for way in self.next(node) if way.node.id in self.numbers]
            pairs += [(node, other) for other in ahead if _order(self.numbers[other.id]) <= here]
        return pairs

    def _out(self, id: str) -> list[Edge]:
        attached = [n.id for n in self.nodes.values() if n.attached_to == id]
        return [e for e in self.edges if e.kind in FLOWS and (e.source == id or e.source in attached)]

    def _in(self, id: str) -> list[Edge]:
        return [e for e in self.edges if e.kind in FLOWS and e.target == id]

    def _ways(self, node: Node, *, forward: bool) -> list[Way]:
        edges = self._out(node.id) if forward else self._in(node.id)
        ways: list[Way] = []
        for edge in edges:
            conditions: tuple[Condition, ...] = ()
            through: tuple[str, ...] = ()
            if edge.label and not self.is_decision(self.nodes.get(edge.source, node)):
                conditions = (Condition("", edge.label, edge.default),)
            if edge.source != node.id and forward and (event := self.nodes.get(edge.source)) and event.label:
                through = (event.label,)  # a boundary event of this step
            step = self._from_edge if forward else self._to_edge
            ways += step(edge, conditions, through)
        return list(dict.fromkeys(ways))[:MAX_WAYS]

    def _from_edge(
        self,
        edge: Edge,
        conditions: tuple[Condition, ...],
        through: tuple[str, ...],
        seen: frozenset[str] = frozenset(),
    ) -> list[Way]:
        node = self.nodes.get(edge.target)
        if node is None or node.id in seen:
            return []
        if self._stops(node, forward=True):
            return [Way(node, conditions, through)]
        ways = []
        for further in self._out(node.id):
            more = conditions
            if self.is_decision(node):
                more = (*conditions, Condition(node.label, further.label, further.default))
            passed = (*through, node.label) if node.label and not self.is_decision(node) else through
            ways += self._from_edge(further, more, passed, seen | {node.id})
            if len(ways) > MAX_WAYS:
                break
        return ways or [Way(node, conditions, through)]

    def _to_edge(
        self,
        edge: Edge,
        conditions: tuple[Condition, ...],
        through: tuple[str, ...],
        seen: frozenset[str] = frozenset(),
    ) -> list[Way]:
        node = self.nodes.get(edge.source)
        if node is None or node.id in seen:
            return []
        if node.attached_to is not None and (host := self.nodes.get(node.attached_to)):
            return [Way(host, conditions, (node.label, *through) if node.label else through)]
        if self.is_decision(node):
            conditions = (Condition(node.label, edge.label, edge.default), *conditions)
        if self._stops(node, forward=False):
            return [Way(node, conditions, through)]
        passed = (node.label, *through) if node.label and not self.is_decision(node) else through
        ways = []
        for further in self._in(node.id):
            ways += self._to_edge(further, conditions, passed, seen | {node.id})
            if len(ways) > MAX_WAYS:
                break
        return ways or [Way(node, conditions, through)]

    def _stops(self, node: Node, *, forward: bool) -> bool:
        edges = self._out(node.id) if forward else self._in(node.id)
        return self.is_step(node) or not edges or node.shape in (ENDS if forward else STARTS)


def doubtful(graph: Graph, below: float = 0.5) -> Iterator[Node | Edge]:
    """What the engine was not sure of, least sure first."""
    items: list[Node | Edge] = [*graph.nodes.values(), *graph.edges]
    unsure = [item for item in items if item.confidence is not None and item.confidence < below]
    yield from sorted(unsure, key=lambda item: item.confidence or 0.0)


def _role(groups: Mapping[str, Mapping[str, Any]], group: str | None) -> str:
    """The nearest lane's label, else the nearest pool's."""
    pool, seen = "", set()
    while group is not None and group in groups and group not in seen:
        seen.add(group)
        here = groups[group]
        label = " ".join(str(here.get("label") or "").split())
        if label and here.get("kind") == "lane":
            return label
        if label and here.get("kind") == "pool" and not pool:
            pool = label
        group = here.get("parent")
    return pool


def _plain(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def _order(number: str) -> tuple[int, ...]:
    parts = [int(part) for part in number.split(".") if part.isdigit()]
    return tuple(parts) or (10**6,)
