"""Random realistic processes: blocks of steps, choices, loops and parallel parts, turned into diagrams."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from diagrasp.model import Diagram
from diagrasp_train.generate.domains import CASES, TERMINALS, YES_NO, Domain, domains


@dataclass(slots=True)
class Step:
    """One thing done by one role."""

    label: str
    role: str


@dataclass(slots=True)
class Choice:
    """Branches by a question; a branch that ends does not come back to the flow."""

    question: str
    role: str
    branches: list[tuple[str, list[Block], bool]]


@dataclass(slots=True)
class Loop:
    """A body that is done again while the answer is `again`."""

    body: list[Block]
    question: str
    role: str
    again: str
    on: str


@dataclass(slots=True)
class Parallel:
    """Branches that all are done."""

    branches: list[list[Block]]
    role: str


Block = Step | Choice | Loop | Parallel


@dataclass(slots=True)
class Process:
    """A process of one domain: its blocks and the words of its beginning and ends."""

    domain: Domain
    blocks: list[Block]
    start: str
    ends: list[str]
    terminals: tuple[str, str]
    roles: list[str]


class Words:
    """Texts of a domain, each once as long as they last."""

    def __init__(self, rng: random.Random, domain: Domain) -> None:
        self.rng, self.domain = rng, domain
        self._left: dict[str, list[str]] = {}

    def take(self, kind: str) -> str:
        left = self._left.setdefault(kind, [])
        if not left:
            left += list(getattr(self.domain, kind))
            self.rng.shuffle(left)
        return left.pop()


def random_process(
    rng: random.Random, language: str, steps: int, *, depth: int = 2, lanes: int = 3, domain: Domain | None = None
) -> Process:
    """A process of about so many steps; `lanes` is the most roles that take part."""
    domain = domain or rng.choice(domains(language))
    words = Words(rng, domain)
    roles = rng.sample(domain.roles, min(lanes, len(domain.roles)))
    budget = [min(steps, len(domain.steps))]
    state = {"role": rng.choice(roles)}
    pair = rng.choice(YES_NO[language])

    def role() -> str:
        if rng.random() < 0.4:
            state["role"] = rng.choice(roles)
        return state["role"]

    def step() -> Step:
        budget[0] -= 1
        return Step(words.take("steps"), role())

    def some(most: int, level: int) -> list[Block]:
        return [block(level) for _ in range(rng.randint(1, most)) if budget[0] > 0] or [step()]

    def block(level: int) -> Block:
        roll = rng.random()
        if level <= 0 or budget[0] < 3 or roll < 0.5:
            return step()
        if roll < 0.75:
            return choice(level)
        if roll < 0.9:
            body = some(2, level - 1)
            again, on = pair if rng.random() < 0.3 else pair[::-1]
            return Loop(body, words.take("questions"), role(), again, on)
        return Parallel([some(2, level - 1) for _ in range(2 if rng.random() < 0.8 else 3)], role())

    def choice(level: int) -> Choice:
        question, who = words.take("questions"), role()
        if rng.random() < 0.15:
            labels = rng.sample(CASES[language], 3)
            return Choice(question, who, [(label, some(1, 0), False) for label in labels])
        yes, no = pair
        first = (yes, some(2, level - 1), False)
        roll = rng.random()
        if roll < 0.3:
            second: tuple[str, list[Block], bool] = (no, [], False)
        elif roll < 0.6 and level == depth:
            second = (no, [step()] if rng.random() < 0.7 else [], True)
        else:
            second = (no, some(2, level - 1), False)
        return Choice(question, who, [first, second] if rng.random() < 0.6 else [second, first])

    blocks: list[Block] = [step()]
    while budget[0] > 0:
        blocks.append(block(depth))
    if not isinstance(blocks[-1], Step):
        blocks.append(step())
    ends = [words.take("ends") for _ in range(6)]
    return Process(domain, blocks, words.take("starts"), ends, rng.choice(TERMINALS[language]), roles)


@dataclass(slots=True)
class Looks:
    """How a process is written down as a diagram.

    Attributes:
        kind: flowchart, bpmn or activity.
        joins: whether branches meet in a symbol of their own (a merge diamond or a gateway).
        groups: none, lane or subgraph: what a role becomes.
        shapes: what a step becomes, drawn at random.
        ends: text, quiet (an empty symbol) or none: how the flow's beginning and ends are shown.
    """

    kind: str = "flowchart"
    joins: bool = False
    groups: str = "none"
    shapes: tuple[str, ...] = ("process",)
    decision: str = "decision"
    start: str = "stadium"
    end: str = "stadium"
    direction: str | None = "TB"
    ends: str = "terminals"
    notes: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


class _Writer:
    def __init__(self, rng: random.Random, process: Process, looks: Looks) -> None:
        self.rng, self.process, self.looks = rng, process, looks
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []
        self.lanes = {role: f"g{i}" for i, role in enumerate(process.roles, 1)} if looks.groups != "none" else {}
        self.ends = list(process.ends)

    def node(self, shape: str, label: str, role: str, **more: Any) -> str:
        id = f"n{len(self.nodes) + 1}"
        self.nodes.append({"id": id, "shape": shape, "label": label, "group": self.lanes.get(role), **more})
        return id

    def link(self, tails: list[tuple[str, str]], target: str) -> None:
        for source, label in tails:
            self.edges.append({"source": source, "target": target, "label": label})

    def seq(self, blocks: list[Block], tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for block in blocks:
            tails = self.block(block, tails)
        return tails

    def block(self, block: Block, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if isinstance(block, Step):
            id = self.step(block)
            self.link(tails, id)
            return [(id, "")]
        if isinstance(block, Choice):
            return self.choice(block, tails)
        if isinstance(block, Loop):
            return self.loop(block, tails)
        return self.parallel(block, tails)

    def step(self, step: Step) -> str:
        more: dict[str, Any] = {}
        shape = self.rng.choice(self.looks.shapes)
        if self.looks.kind == "bpmn":
            if self.rng.random() < 0.06:
                more["markers"] = (self.rng.choice(("loop", "parallel", "sequential")),)
            if shape == "subprocess":
                more["markers"] = ("collapsed",)
        return self.node(shape, step.label, step.role, **more)

    def choice(self, choice: Choice, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        bpmn = self.looks.kind == "bpmn"
        gateway = "inclusive_gateway" if bpmn and self.rng.random() < 0.12 else self.looks.decision
        ask = self.node(gateway, choice.question, choice.role)
        self.link(tails, ask)
        out: list[tuple[str, str]] = []
        for label, blocks, stops in choice.branches:
            ends = self.seq(blocks, [(ask, label)])
            if stops:
                self.stop(ends, choice.role)
            else:
                out += ends
        if self.looks.joins and len(out) > 1:
            join = self.node(gateway if bpmn else "merge", "", choice.role)
            self.link(out, join)
            return [(join, "")]
        return out

    def loop(self, loop: Loop, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if self.looks.joins:
            shape = "exclusive_gateway" if self.looks.kind == "bpmn" else "merge"
            first = self.node(shape, "", loop.role)
            self.link(tails, first)
            ends = self.seq(loop.body, [(first, "")])
        else:
            before = len(self.nodes)
            ends = self.seq(loop.body, tails)
            first = self.nodes[before]["id"]
        ask = self.node(self.looks.decision, loop.question, loop.role)
        self.link(ends, ask)
        self.link([(ask, loop.again)], first)
        return [(ask, loop.on)]

    def parallel(self, parallel: Parallel, tails: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if self.looks.kind == "flowchart":
            return self.seq([b for branch in parallel.branches for b in branch], tails)
        shape = "parallel_gateway" if self.looks.kind == "bpmn" else "bar"
        fork = self.node(shape, "", parallel.role)
        self.link(tails, fork)
        out: list[tuple[str, str]] = []
        for branch in parallel.branches:
            out += self.seq(branch, [(fork, "")])
        join = self.node(shape, "", parallel.role)
        self.link(out, join)
        return [(join, "")]

    def stop(self, tails: list[tuple[str, str]], role: str) -> None:
        if not tails or self.looks.ends == "none":
            return
        if self.looks.ends == "quiet":
            id = self.node(self.looks.end, "", role)
        elif self.looks.ends == "events":
            more = {"trigger": self.rng.choice(("message", "terminate", "error"))} if self.rng.random() < 0.2 else {}
            id = self.node(self.looks.end, self.ends.pop(), role, **more)
        else:
            texts = self.process.terminals[1] if self.rng.random() < 0.6 else self.ends.pop()
            id = self.node(self.looks.end, texts, role)
        self.link(tails, id)

    def run(self) -> Diagram:
        process, looks = self.process, self.looks
        first = next(roles(process.blocks), process.roles[0])
        tails: list[tuple[str, str]] = []
        if looks.ends != "none":
            label = {"terminals": process.terminals[0], "events": process.start, "quiet": ""}[looks.ends]
            more = {}
            if looks.ends == "events" and self.rng.random() < 0.4:
                more = {"trigger": self.rng.choice(("message", "timer"))}
            tails = [(self.node(looks.start, label, first, **more), "")]
        tails = self.seq(process.blocks, tails)
        last = [*roles(process.blocks)][-1]
        self.stop(tails, last)
        used = {n["group"] for n in self.nodes}
        groups: list[dict[str, Any]] = []
        if looks.groups == "lane" and looks.kind == "bpmn":
            groups.append({"id": "p1", "label": self.rng.choice(process.domain.pools), "kind": "pool"})
        for role, id in self.lanes.items():
            if id in used:
                parent = "p1" if looks.groups == "lane" and looks.kind == "bpmn" else None
                groups.append({"id": id, "label": role, "kind": looks.groups, "parent": parent})
        return Diagram.model_validate(
            {
                "kind": looks.kind,
                "direction": looks.direction,
                "nodes": self.nodes,
                "edges": self.edges,
                "groups": groups,
            }
        )


def roles(blocks: list[Block]) -> Iterator[str]:
    """Who does each part, in the order of the blocks."""
    for block in blocks:
        if isinstance(block, Choice):
            yield block.role
            for _, inside, _ in block.branches:
                yield from roles(inside)
        elif isinstance(block, Loop):
            yield from roles(block.body)
            yield block.role
        elif isinstance(block, Parallel):
            yield block.role
            for branch in block.branches:
                yield from roles(branch)
            yield block.role
        else:
            yield block.role


def write(rng: random.Random, process: Process, looks: Looks) -> Diagram:
    """The process as a diagram."""
    return _Writer(rng, process, looks).run()
