"""From the graph to the algorithm: sequence, branch, loop, parallel, and jumps for what is not structured.

Every node appears exactly once; whatever else leads to it refers to it.  Numbers follow the order of telling and do
not depend on the order of a set or on positions beyond the choice of the first entry.
"""

from __future__ import annotations

import itertools
import string
from collections import defaultdict
from collections.abc import Iterator

from diagrasp.algorithm.build import Builder
from diagrasp.algorithm.flow import Flow
from diagrasp.algorithm.items import Algorithm, Arm, Branch, Do, Item, Jump, Loop, Parallel, Part, arms, jumps, visits
from diagrasp.algorithm.sequence import messages
from diagrasp.algorithm.tidy import resolve, shape
from diagrasp.model import Diagram

__all__ = [
    "Algorithm", "Arm", "Branch", "Do", "Item", "Jump", "Loop", "Parallel", "Part", "algorithm", "arms", "jumps",
    "visits",
]  # fmt: skip

STRUCTURAL = frozenset({"class", "er"})
"""Kinds of diagram that show no order of doing."""


def algorithm(diagram: Diagram) -> Algorithm:
    """The algorithm that a diagram shows.

    Class and entity diagrams show none and give no parts.  A use case is a step of its actor.
    """
    if diagram.kind in STRUCTURAL:
        return Algorithm([])
    if diagram.kind == "sequence":
        return _numbered(Algorithm([Part("", "start", body=messages(diagram))]), None)
    flow = Flow(diagram)
    if diagram.kind == "usecase":
        return _numbered(Algorithm([Part("", "entry", body=list(_use_cases(diagram)))]), None)
    order = {id: i for i, id in enumerate(flow.nodes)}
    bodies: dict[str | None, set[str]] = defaultdict(set)
    for id in flow.nodes:
        bodies[flow.within.get(id)].add(id)
    parts = _parts(flow, bodies[None], order)
    inside: dict[str, list[Item]] = {}
    for owner in flow.bodies:
        if bodies.get(owner):
            inside[owner] = [item for part in _parts(flow, bodies[owner], order) for item in part.body]
    for items in [part.body for part in parts] + list(inside.values()):
        for do in visits(items):
            if do.id in inside:
                do.body = inside[do.id]
    result = Algorithm(parts)
    result.unreachable = _unreachable(flow, parts)
    return _numbered(result, flow)


def _parts(flow: Flow, members: set[str], order: dict[str, int]) -> list[Part]:
    placed = set(flow.nodes) - members
    parts: list[Part] = []
    for entry, kind in _entries(flow, members, order):
        if entry in placed:
            continue
        builder = Builder(flow, entry, placed)
        body = builder.build()
        placed.update(builder.ids)
        resolve(body, "")
        shape(body, lambda node: flow.is_step(flow.nodes[node]))
        pool = flow.pool(flow.nodes[entry])
        label = " ".join(flow.groups[pool].label.split()) if pool is not None else ""
        parts.append(Part(entry, kind, label, body))  # type: ignore[arg-type]
    return parts


def _entries(flow: Flow, members: set[str], order: dict[str, int]) -> list[tuple[str, str]]:
    """Where to begin, best first: components whose entry waits for no message, starts before other entries."""
    component = _components(flow, members, order)
    entries = [
        (id, "start" if flow.outs[id] and flow.is_start(flow.nodes[id]) else "entry")
        for id in members
        if flow.ins[id] == 0
    ]
    reached: set[str] = set()
    for id, _ in entries:
        _walk(flow, id, members, reached)
    for id in _sources(flow, [id for id in sorted(members, key=order.__getitem__) if id not in reached], members):
        if id not in reached:
            entries.append((id, "cycle"))
            _walk(flow, id, members, reached)

    def rank(entry: tuple[str, str]) -> tuple[object, ...]:
        id, kind = entry
        alone = not flow.outs[id] and flow.ins[id] == 0
        return alone, kind != "start", kind == "cycle", id in flow.messaged, order[id]

    best: dict[int, tuple[object, ...]] = {}
    for entry in entries:
        key = component[entry[0]]
        best[key] = min(best.get(key, rank(entry)), rank(entry))
    return sorted(entries, key=lambda entry: (best[component[entry[0]]], rank(entry)))


def _components(flow: Flow, members: set[str], order: dict[str, int]) -> dict[str, int]:
    """Each node -> the number of its component of the undirected flow graph."""
    around: dict[str, list[str]] = {id: [] for id in members}
    for id in members:
        for out in flow.outs[id]:
            if out.target in members:
                around[id].append(out.target)
                around[out.target].append(id)
    found: dict[str, int] = {}
    for number, root in enumerate(sorted(members, key=order.__getitem__)):
        stack = [root] if root not in found else []
        while stack:
            id = stack.pop()
            if id not in found:
                found[id] = number
                stack.extend(around[id])
    return found


def _walk(flow: Flow, entry: str, members: set[str], reached: set[str]) -> list[str]:
    """Mark what is reachable; the nodes newly reached, each after what it leads to."""
    if entry in reached or entry not in members:
        return []
    reached.add(entry)
    finished: list[str] = []
    stack = [(entry, iter(flow.outs[entry]))]
    while stack:
        id, outs = stack[-1]
        for out in outs:
            if out.target not in reached and out.target in members:
                reached.add(out.target)
                stack.append((out.target, iter(flow.outs[out.target])))
                break
        else:
            finished.append(id)
            stack.pop()
    return finished


def _sources(flow: Flow, ids: list[str], members: set[str]) -> list[str]:
    """Nodes in an order in which the first not yet reached always lies in a cycle that nothing outside leads to."""
    reached: set[str] = set()
    finished = [id for root in ids for id in _walk(flow, root, members, reached)]
    return finished[::-1]


def _unreachable(flow: Flow, parts: list[Part]) -> tuple[str, ...]:
    order = {id: i for i, id in enumerate(flow.nodes)}
    component = _components(flow, set(flow.nodes), order)
    started = {component[part.entry] for part in parts if part.kind == "start"}
    return tuple(
        do.id for part in parts if part.kind != "start" and component[part.entry] in started for do in visits(part.body)
    )


def _use_cases(diagram: Diagram) -> Iterator[Item]:
    actors: dict[str, list[str]] = defaultdict(list)
    labels = {node.id: " ".join(node.label.split()) for node in diagram.nodes if node.shape == "actor"}
    for edge in diagram.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if one in labels and labels[one] and labels[one] not in actors[other]:
                actors[other].append(labels[one])
    for node in diagram.nodes:
        if node.shape not in ("actor", "note", "annotation"):
            label = " ".join(node.label.split())
            yield Do(node.id, label, ", ".join(actors[node.id]), step=bool(label))


def _numbered(found: Algorithm, flow: Flow | None) -> Algorithm:
    numbers = itertools.count(1)
    for do in found.steps:
        found.numbers[do.id] = next(numbers)
    marks = _letters()
    for arm in (arm for part in found.parts for arm in arms(part.body)):
        if flow is not None and arm.target in flow.nodes and not arm.body:
            found.references[arm.target] = _named(flow, arm.target, found)
    for jump in (jump for part in found.parts for jump in jumps(part.body)):
        if jump.kind == "jump" and flow is not None:
            named = found.references[jump.target] = _named(flow, jump.target, found)
            if named not in found.numbers and named not in found.marks and flow.outs[named]:
                found.marks[named] = next(marks)
    return found


def _named(flow: Flow, id: str, found: Algorithm) -> str:
    """A merge or another node without a name stands for what comes after it."""
    seen: set[str] = set()
    here = id
    while here not in found.numbers and len(flow.outs[here]) == 1 and here not in seen:
        seen.add(here)
        here = flow.outs[here][0].target
    return here if here not in seen else id


def _letters() -> Iterator[str]:
    """A, B, ... Z, A1, B1, ..."""
    for round in itertools.count():
        for letter in string.ascii_uppercase:
            yield f"{letter}{round or ''}"
