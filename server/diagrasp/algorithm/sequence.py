"""Sequence diagram -> items: messages in their order are the steps, frames are the structure."""

from __future__ import annotations

from diagrasp.algorithm.items import Arm, Branch, Do, Item, Loop, Parallel
from diagrasp.model import Diagram, Edge, Group

MAX_DEPTH = 24


def messages(diagram: Diagram) -> list[Item]:
    """The items of a sequence diagram; a message's role is its sender."""
    groups = {group.id: group for group in diagram.groups}
    labels = {node.id: " ".join((node.label or node.id).split()) for node in diagram.nodes}
    body: list[Item] = []
    open_: list[tuple[str, list[Item]]] = [("", body)]
    for edge in diagram.edges:
        chain = _chain(edge, groups)
        same = 1
        while same < len(open_) and same - 1 < len(chain) and open_[same][0] == chain[same - 1].id:
            same += 1
        del open_[same:]
        for group in chain[same - 1 :]:
            open_.append((group.id, _enter(group, open_[-1][1])))
        label = " ".join(edge.label.split())
        open_[-1][1].append(Do(edge.id, label, labels.get(edge.source, ""), step=bool(label)))
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


def _enter(group: Group, body: list[Item]) -> list[Item]:
    """The list that a frame's or section's messages go to; a frame's first item is its structure."""
    label = " ".join(group.label.split())
    last = body[-1] if body else None
    if group.kind == "section":
        match last:
            case Branch() | Parallel() if last.arms or group.parent == last.id:
                arm = Arm("", group.id, label.strip("[]"))
                last.arms.append(arm)
                return arm.body
            case Loop() if last.header == group.parent:
                if last.stay is not None and not last.stay.condition:
                    last.stay.condition = label.strip("[]")
                return last.body
        return body
    word, rest = operator(group)
    if word == "loop":
        loop = Loop(group.id, "while" if rest else "exits", stay=Arm("", group.id, rest))
        body.append(loop)
        return loop.body
    structure: Branch | Parallel = Parallel(group.id) if word == "par" else Branch(group.id, "exclusive", "")
    body.append(structure)
    if word in ("opt", "break"):
        structure.arms.append(Arm("", group.id, rest))
        return structure.arms[0].body
    return _Sections(structure, rest)


class _Sections(list[Item]):
    """What is written into a frame goes to an arm of its own; sections find the frame's structure as the last item."""

    def __init__(self, structure: Branch | Parallel, condition: str) -> None:
        super().__init__([structure])
        self._structure, self._condition = structure, condition

    def append(self, item: Item) -> None:
        arms = self._structure.arms
        if not arms or arms[-1].target != self._structure.id:
            arms.append(Arm("", self._structure.id, self._condition))
        arms[-1].body.append(item)
