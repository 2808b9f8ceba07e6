"""Sequence diagram -> items: messages in their order are the steps, frames are the structure."""

from __future__ import annotations

from diagrasp.algorithm.items import Arm, Branch, Do, Item, Loop, Parallel
from diagrasp.model import Diagram, Edge, Group

MAX_DEPTH = 24


_Structure = Branch | Parallel | Loop | None


def messages(diagram: Diagram) -> list[Item]:
    """The items of a sequence diagram; a message's role is its sender.

    A frame's label begins with its operator (alt, opt, loop, par, ...); its sections' labels are the conditions.
    """
    groups = {group.id: group for group in diagram.groups}
    labels = {node.id: " ".join((node.label or node.id).split()) for node in diagram.nodes}
    body: list[Item] = []
    open_: list[tuple[str, _Structure, list[Item]]] = [("", None, body)]
    for edge in diagram.edges:
        chain = _chain(edge, groups)
        same = 1
        while same < len(open_) and same - 1 < len(chain) and open_[same][0] == chain[same - 1].id:
            same += 1
        del open_[same:]
        for group in chain[same - 1 :]:
            open_.append((group.id, *_enter(group, open_[-1][1], open_[-1][2])))
        label = " ".join(edge.label.split())
        open_[-1][2].append(Do(edge.id, label, labels.get(edge.source, ""), step=bool(label)))
    return body


def operator(group: Group) -> tuple[str, str]:
    """A frame's operator (alt, opt, loop, par, ...) and what else its label says."""
    word, _, rest = group.label.strip().partition(" ")
    return word.lower().strip("[]:"), rest.strip().strip("[]").strip()


def _chain(edge: Edge, groups: dict[str, Group]) -> list[Group]:
    chain: list[Group] = []
    here = edge.group
    while here is not None:
        if groups[here].kind in ("frame", "section"):
            chain.append(groups[here])
        here = groups[here].parent
    chain.reverse()
    return chain[:MAX_DEPTH]


def _enter(group: Group, around: _Structure, body: list[Item]) -> tuple[_Structure, list[Item]]:
    """The structure that a frame makes (none for a section), and the list that its messages go to."""
    label = " ".join(group.label.split()).strip("[]")
    if group.kind == "section":
        if isinstance(around, Loop):
            around.stay = Arm("", group.id, label)
            around.kind = "while" if label else around.kind
            return None, around.body
        if around is not None:
            around.arms.append(Arm("", group.id, label))
            return None, around.arms[-1].body
        return None, body
    word, rest = operator(group)
    if word == "loop":
        loop = Loop(group.id, "while" if rest else "exits", stay=Arm("", group.id, rest))
        body.append(loop)
        return loop, loop.body
    structure: Branch | Parallel = Parallel(group.id) if word == "par" else Branch(group.id, "exclusive", "")
    body.append(structure)
    return structure, _Direct(structure, rest)


class _Direct(list[Item]):
    """Messages that stand in a frame but in none of its sections go to an arm of their own."""

    def __init__(self, structure: Branch | Parallel, condition: str) -> None:
        super().__init__()
        self._structure, self._condition = structure, condition

    def append(self, item: Item) -> None:
        arms = self._structure.arms
        if not arms or arms[-1].target != self._structure.id:
            arms.append(Arm("", self._structure.id, self._condition))
        arms[-1].body.append(item)
