"""The Python skeleton, run beside the graph along random paths."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import PROCESSES

from diagrasp.algorithm import algorithm
from diagrasp.algorithm.flow import Flow
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram, Edge, Node

REGISTRY = FormatRegistry()
LIMIT = 60


class Stop(Exception):
    """Enough steps."""


def run(diagram: Diagram, part: int, dice: random.Random) -> tuple[list[int], list[int]]:
    """The steps that the skeleton's part carries out, and the choices made on the way."""
    source = REGISTRY.writer("python").write(diagram).text
    space: dict[str, Any] = {"__name__": "skeleton"}
    exec(compile(source, "skeleton", "exec"), space)
    steps: list[int] = []
    picks: list[int] = []

    def do(number: int, action: str, role: str = "") -> None:
        steps.append(number)
        if len(steps) >= LIMIT:
            raise Stop

    def choose(question: str, *answers: str) -> int:
        if len(picks) >= LIMIT:
            raise Stop
        picks.append(dice.randrange(len(answers)))
        return picks[-1]

    left = [20_000]

    def tick(frame: Any, event: str, argument: Any) -> Any:
        """A flow may go round for ever without a step or a choice."""
        left[0] -= 1
        if left[0] < 0:
            raise Stop
        return tick

    space.update(do=do, choose=choose)
    before = sys.gettrace()
    sys.settrace(tick)
    try:
        with contextlib.suppress(Stop):
            space[f"part_{part}"]()
    finally:
        sys.settrace(before)
    return steps, picks


def walk(diagram: Diagram, entry: str, picks: list[int], numbers: dict[str, int]) -> list[int]:
    """The steps on the path through the graph that the choices name."""
    flow = Flow(diagram)
    left = list(picks)
    steps: list[int] = []
    at: str | None = entry
    moves = 0
    while at is not None and len(steps) < LIMIT and moves < 50 * LIMIT:  # a flow may go round without a step
        moves += 1
        if at in numbers:
            steps.append(numbers[at])
        outs = flow.outs[at]
        if not outs:
            return steps
        if len(outs) > 1 and not left:
            return steps
        at = outs[left.pop(0) if len(outs) > 1 else 0].target
    return steps


def compare(diagram: Diagram, dice: random.Random) -> None:
    found = algorithm(diagram)
    for i, part in enumerate(found.parts, 1):
        steps, picks = run(diagram, i, dice)
        expected = walk(diagram, part.entry, picks, found.numbers)
        assert steps[: LIMIT // 2] == expected[: LIMIT // 2], REGISTRY.writer("python").write(diagram).text


FORKS = {"irreducible", "two pages of a cross", "plain fork"}


@pytest.mark.parametrize("name", [name for name in PROCESSES if name not in FORKS])
def test_the_skeleton_walks_as_the_graph(name: str) -> None:
    diagram = REGISTRY.reader("mermaid").read(f"flowchart TD\n{PROCESSES[name]}".encode()).diagram
    for seed in range(25):
        compare(diagram, random.Random(seed))


@given(st.integers(2, 12), st.randoms(use_true_random=False), st.floats(0.8, 2.0))
@settings(max_examples=150, deadline=None)
def test_any_graph(count: int, dice: random.Random, density: float) -> None:
    nodes = tuple(Node(id=f"n{i}", label=f"L{i}", shape=dice.choice(["process", "decision"])) for i in range(count))
    edges = tuple(
        Edge(source=f"n{dice.randrange(count)}", target=f"n{dice.randrange(count)}", label=f"x{i}")
        for i in range(int(count * density))
    )
    compare(Diagram(nodes=nodes, edges=edges), dice)


def test_a_fork_runs_its_parts_and_goes_on() -> None:
    text = PROCESSES["plain fork"]
    diagram = REGISTRY.reader("mermaid").read(f"flowchart TD\n{text}".encode()).diagram
    steps, _ = run(diagram, 1, random.Random(0))
    assert steps == [1, 2, 3, 4]
