"""What an algorithm is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

JumpKind = Literal["jump", "leave", "repeat", "end"]
LoopKind = Literal["while", "do_while", "infinite", "exits"]
BranchKind = Literal["exclusive", "inclusive", "event", "interrupt"]


@dataclass(slots=True)
class Do:
    """A node's one appearance.

    Attributes:
        id: of the node; of the edge where the step is a message of a sequence diagram.
        label: on one line.
        role: who does it; empty where the diagram does not say.
        step: whether it is an action, not an event, a gateway or the like.
        body: what an expanded subprocess consists of.
    """

    id: str
    label: str = ""
    role: str = ""
    step: bool = True
    body: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Arm:
    """One way on.  `edge` is the edge's id (empty where there is none), `target` the node that it leads to."""

    edge: str
    target: str
    condition: str = ""
    default: bool = False
    body: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Branch:
    """A choice after the node `id`, whose `Do` comes right before.

    `exclusive` takes one arm, `inclusive` one or more, `event` the one whose event comes first; the arms of
    `interrupt` but the last are taken when their event befalls the activity, the last when none does.
    """

    id: str
    kind: BranchKind
    label: str = ""
    arms: list[Arm] = field(default_factory=list)


@dataclass(slots=True)
class Parallel:
    """All arms at the same time; what follows waits for those that get there."""

    id: str
    arms: list[Arm] = field(default_factory=list)


@dataclass(slots=True)
class Loop:
    """A body repeated from its header on.

    Attributes:
        header: the node that it begins with.
        kind: `while` tests before the body and `do_while` after it; `exits` is left by jumps inside; `infinite` never.
        test: the node that decides, where the loop itself does (`while`, `do_while`).
        tested: whether the body holds the test's `Do`; else the loop itself is where that node appears.
        stay, leave: the arms of the test, without bodies.
    """

    header: str
    kind: LoopKind = "exits"
    test: Do | None = None
    tested: bool = False
    stay: Arm | None = None
    leave: Arm | None = None
    body: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Jump:
    """To the node `target`: `leave` and `repeat` the innermost loop, `end` the path (no target), or a bare `jump`."""

    target: str
    kind: JumpKind = "jump"


Item = Do | Branch | Parallel | Loop | Jump


@dataclass(slots=True)
class Part:
    """What can be reached from one entry and from none before it.

    `kind`: `start` at a start symbol, `entry` at a node that nothing leads to, `cycle` where everything is led to.
    """

    entry: str
    kind: Literal["start", "entry", "cycle"]
    label: str = ""
    body: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Algorithm:
    """An algorithm in its parts.

    Attributes:
        numbers: of the steps, from 1 in the order of the parts.
        marks: letters for the other nodes that something jumps to.
        references: for each target of a jump, the node that is named for it (a merge stands for what comes after).
        unreachable: nodes that no start leads to although their part of the diagram has one.
    """

    parts: list[Part]
    numbers: dict[str, int] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    unreachable: tuple[str, ...] = ()

    @property
    def steps(self) -> list[Do]:
        """The actions in the order of their numbers."""
        return [do for part in self.parts for do in visits(part.body) if do.step]


def visits(items: Iterable[Item]) -> Iterator[Do]:
    """Every node's appearance, in order."""
    for item in items:
        match item:
            case Do():
                yield item
                yield from visits(item.body)
            case Branch() | Parallel():
                for arm in item.arms:
                    yield from visits(arm.body)
            case Loop():
                if item.kind == "while" and item.test is not None:
                    yield item.test
                yield from visits(item.body)
                if item.kind == "do_while" and item.test is not None and not item.tested:
                    yield item.test


def jumps(items: Iterable[Item]) -> Iterator[Jump]:
    """Every jump, in order."""
    for item in items:
        match item:
            case Jump():
                yield item
            case Do() | Loop():
                yield from jumps(item.body)
            case Branch() | Parallel():
                for arm in item.arms:
                    yield from jumps(arm.body)


def arms(items: Iterable[Item]) -> Iterator[Arm]:
    """Every arm, in order."""
    for item in items:
        match item:
            case Branch() | Parallel():
                for arm in item.arms:
                    yield arm
                    yield from arms(arm.body)
            case Do() | Loop():
                yield from arms(item.body)
            case Jump():
                pass
