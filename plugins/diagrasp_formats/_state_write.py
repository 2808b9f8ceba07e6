"""State diagrams as Mermaid and PlantUML both write them: what stands in which block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable

from diagrasp.formats import Loss
from diagrasp.model import Diagram, Edge, Group, Node
from diagrasp_formats._common import Losses, Names
from diagrasp_formats._nesting import nesting


class StateWriter(ABC):
    """One writing; a subclass spells a state, a composite's head and a transition.

    Attributes:
        names: the name of each node and group in the source.
        pseudo: ids of the nodes that `[*]` stands for.
        notes: the notes by id.
        about: what a note is about, and the note's id.

    Args:
        lost: what the format cannot express; of notes and their lines nothing is told.
        reserved: words that are no names.
    """

    def __init__(self, diagram: Diagram, losses: Losses, lost: Iterable[Loss], reserved: Iterable[str]) -> None:
        self.diagram = diagram
        self.losses = losses
        self.notes, self.about, said = _notes(diagram)
        told = said | self.notes.keys()
        losses.update(x for x in lost if x.element not in told)
        self.names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=reserved)
        self.pseudo = _pseudo_states(diagram)
        self._apart = _regions(diagram)
        self._groups = {n.id: n.group for n in diagram.nodes} | {g.id: g.parent for g in diagram.groups}
        self._edges: dict[str | None, list[Edge]] = defaultdict(list)
        for edge in diagram.edges:
            if edge.id not in said:
                self._edges[self._scope(edge)].append(edge)

    @abstractmethod
    def opening(self, group: Group) -> str:
        """The line that opens a composite state."""

    @abstractmethod
    def state(self, node: Node) -> list[str]:
        """The lines that declare a state."""

    @abstractmethod
    def transition(self, edge: Edge) -> str:
        """The line of a transition."""

    def ends(self, edge: Edge) -> tuple[str, str]:
        """What a transition's arrow stands between, in the direction of its head."""
        source, target = ("[*]" if end in self.pseudo else self.names[end] for end in (edge.source, edge.target))
        return (target, source) if edge.head == "none" and edge.tail != "none" else (source, target)

    def blocks(self, indent: str, depth: int = 0) -> list[str]:
        """All states, composites and transitions; the concurrent regions of a composite parted by `--`.

        Args:
            indent: what one level is indented by.
            depth: the level of the outermost lines.
        """
        last = {group.parent: group.id for group in self.diagram.groups if group.id in self._apart}
        hidden = self.pseudo | self.notes.keys()
        lines: list[str] = []
        for group, nodes, outer, inner, closing in nesting(
            self.diagram, indent, depth, without=hidden, level=self._apart
        ):
            if closing:
                if group is None or group.id not in self._apart:
                    lines.append(outer + "}")
                elif last[group.parent] != group.id:
                    lines.append(outer + "--")
                continue
            if group is not None and group.id not in self._apart:
                lines.append(outer + self.opening(group))
            lines += [inner + line for node in nodes for line in self.state(node)]
            if group is not None:
                lines += [inner + self.transition(edge) for edge in self._edges[group.id]]
        return lines + [indent * depth + self.transition(edge) for edge in self._edges[None]]

    def _scope(self, edge: Edge) -> str | None:
        """The group in whose block an edge is written: that of its `[*]`, else the region that both ends are in."""
        for end in (edge.source, edge.target):
            if end in self.pseudo:
                return self._groups[end]
        chains: list[list[str]] = []
        for end in (edge.source, edge.target):
            chain: list[str] = []
            here = self._groups.get(end)
            while here is not None:
                chain.append(here)
                here = self._groups.get(here)
            chains.append(chain)
        return next((id for id in chains[0] if id in self._apart and id in chains[1]), None)


def _regions(diagram: Diagram) -> set[str]:
    """The groups that are concurrent regions: composites without a name that fill the whole of another one."""
    children: dict[str, list[Group]] = defaultdict(list)
    for group in diagram.groups:
        if group.parent is not None:
            children[group.parent].append(group)
    holders = {node.group for node in diagram.nodes}
    ends = {end for edge in diagram.edges for end in (edge.source, edge.target)}
    found: set[str] = set()
    for owner, inside in children.items():
        plain = all(not group.label and group.id not in ends for group in inside)
        if len(inside) > 1 and plain and owner not in holders:
            found |= {group.id for group in inside}
    return found


def _pseudo_states(diagram: Diagram) -> set[str]:
    """The initial and final nodes that `[*]` can stand for: without a label, one of a kind in their scope, the first
    only left and the last only reached, by edges that stay in the scope.
    """
    sources = {edge.source for edge in diagram.edges}
    targets = {edge.target for edge in diagram.edges}
    first: dict[tuple[str, str | None], str] = {}
    double: set[str] = set()
    for node in diagram.nodes:
        if node.shape not in ("initial", "final") or node.label:
            continue
        key = node.shape, node.group
        if key in first:
            double |= {node.id, first[key]}
        if node.id in (targets if node.shape == "initial" else sources):
            double.add(node.id)
        if node.id not in (sources if node.shape == "initial" else targets):
            double.add(node.id)  # nothing would mention it
        first[key] = node.id
    found = set(first.values()) - double
    scope = {node.id: node.group for node in diagram.nodes} | {group.id: group.parent for group in diagram.groups}
    for edge in diagram.edges:
        if scope[edge.source] != scope[edge.target]:
            found -= {edge.source, edge.target}
    return found


def _notes(diagram: Diagram) -> tuple[dict[str, Node], list[tuple[str, str]], set[str]]:
    """The notes by id; what each is about, with the note's id; the edges that say so."""
    notes = {node.id: node for node in diagram.nodes if node.shape in ("note", "annotation")}
    about: list[tuple[str, str]] = []
    said: set[str] = set()
    for edge in diagram.edges:
        ends = (edge.source, edge.target)
        inside = [end for end in ends if end in notes]
        if inside:
            said.add(edge.id)
            about += [(end, inside[0]) for end in ends if end not in notes]
    return notes, about, said
