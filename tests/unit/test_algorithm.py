"""The algorithm of a diagram: every node once, the same ways on as the graph, told as people would."""

from __future__ import annotations

import random
import sys
from collections import Counter
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import PARALLEL, PROCESSES

from diagrasp.algorithm import Branch, Do, Item, Jump, Loop, Parallel, algorithm, visits
from diagrasp.algorithm.flow import Flow
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram, Edge, Group, Node

REGISTRY = FormatRegistry()


def chart(text: str) -> Diagram:
    return REGISTRY.reader("mermaid").read(f"flowchart TD\n{text}".encode()).diagram


def told(diagram: Diagram, **options: str) -> str:
    return REGISTRY.writer("steps").write(diagram, view="outline", language="en", **options).text


class Ways:
    """For each node of an algorithm, where control goes from it, found by following the items."""

    def __init__(self) -> None:
        self.found: dict[str, Counter[str]] = {}

    def entry(self, items: list[Item], following: str, loop: tuple[str, str] | None) -> str:
        if not items:
            return following
        match items[0]:
            case Do() as do:
                return do.id
            case Loop() as inner:
                return inner.header
            case Jump(kind="leave"):
                assert loop is not None
                return loop[1]
            case Jump(kind="repeat"):
                assert loop is not None
                return loop[0]
            case Jump() as jump:
                return jump.target
            case other:
                raise AssertionError(f"{other} begins a sequence")

    def follow(self, items: list[Item], following: str, loop: tuple[str, str] | None) -> None:
        for i, item in enumerate(items):
            rest = items[i + 1 :]
            match item:
                case Do():
                    self.found[item.id] = self.after(item.id, rest, following, loop)
                case Branch() | Parallel():
                    after = self.entry_after(item.id, rest, following, loop)
                    for arm in item.arms:
                        self.follow(arm.body, after, loop if isinstance(item, Branch) else None)
                case Loop():
                    after = self.entry(rest, following, loop)
                    self.loop(item, after)

    def entry_after(self, id: str, rest: list[Item], following: str, loop: tuple[str, str] | None) -> str:
        """Where an arm that falls through comes to; past a second choice of the same node there is none."""
        if rest and isinstance(rest[0], Branch | Parallel) and rest[0].id == id:
            return "<choice>"
        return self.entry(rest, following, loop)

    def after(self, id: str, rest: list[Item], following: str, loop: tuple[str, str] | None) -> Counter[str]:
        if not rest or not (isinstance(rest[0], Branch | Parallel) and rest[0].id == id):
            return Counter([self.entry(rest, following, loop)])
        choice, rest = rest[0], rest[1:]
        ways: Counter[str] = Counter()
        for arm in choice.arms:
            inner = loop if isinstance(choice, Branch) else None
            if isinstance(choice, Branch) and choice.kind == "interrupt" and arm is choice.arms[-1]:
                tail = arm.body or rest
                ways += self.after(id, tail, following if not arm.body else self.entry(rest, following, loop), inner)
            else:
                ways[self.entry(arm.body, self.entry_after(id, rest, following, loop), inner)] += 1
        return ways

    def loop(self, item: Loop, after: str) -> None:
        inside = (item.header, after)
        if item.kind == "while":
            assert item.test is not None
            self.found[item.test.id] = Counter([self.entry(item.body, item.header, inside), after])
            self.follow(item.body, item.header, inside)
        elif item.kind == "do_while":
            assert item.test is not None
            if not item.tested:
                self.follow(item.body, item.test.id, inside)
            else:
                self.follow(item.body, "<test>", inside)
            self.found[item.test.id] = Counter([item.header, after])
        else:
            self.follow(item.body, item.header, inside)


def check(diagram: Diagram) -> None:
    """Every node that takes part appears once, and control goes from it where the graph says."""
    found = algorithm(diagram)
    flow = Flow(diagram)
    times = Counter(do.id for part in found.parts for do in visits(part.body))
    assert times == Counter(dict.fromkeys(flow.nodes, 1))
    ways = Ways()
    for part in found.parts:
        ways.follow(part.body, "", None)
    for id, outs in flow.outs.items():
        expected = Counter(out.target for out in outs) or Counter([""])
        if outs and outs[0].interrupt and all(out.interrupt for out in outs):
            expected[""] += 1
        assert ways.found[id] == expected, id
    assert sorted(found.numbers.values()) == list(range(1, len(found.numbers) + 1))


@pytest.mark.parametrize("name", [*PROCESSES, *PARALLEL])
def test_control_goes_as_in_the_graph(name: str) -> None:
    check(chart({**PROCESSES, **PARALLEL}[name]))


@given(st.integers(1, 14), st.randoms(use_true_random=False), st.floats(0.5, 2.2))
@settings(max_examples=400, deadline=None)
def test_any_graph(count: int, dice: random.Random, density: float) -> None:
    nodes = [Node(id=f"n{i}", label=f"L{i}") for i in range(count)]
    edges = [
        Edge(source=f"n{dice.randrange(count)}", target=f"n{dice.randrange(count)}", label=dice.choice(["", "x"]))
        for _ in range(int(count * density))
    ]
    check(Diagram(nodes=tuple(nodes), edges=tuple(edges)))


@given(st.integers(2, 10), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_graph_with_boundary_events(count: int, dice: random.Random) -> None:
    nodes = [Node(id=f"n{i}", label=f"L{i}", shape="task") for i in range(count)]
    for i in range(dice.randrange(1, 4)):
        host = f"n{dice.randrange(count)}"
        nodes.append(Node(id=f"b{i}", label=f"B{i}", shape="boundary_event", attached_to=host))
    ids = [node.id for node in nodes]
    edges = [
        Edge(source=dice.choice(ids), target=f"n{dice.randrange(count)}", label=dice.choice(["", "x"]))
        for _ in range(count)
    ]
    check(Diagram(kind="bpmn", nodes=tuple(nodes), edges=tuple(edges)))


@pytest.mark.parametrize(
    ("name", "outline"),
    [
        ("if and else", """
- Start
- If “Ok?” is yes:
    1. Do
- If “Ok?” is no:
    2. Repair
3. Go on
"""),
        ("while", """
- Start
- While “More?” is yes:
    1. Take
    2. Handle
- End
"""),
        ("do while", """
- Start
- Repeat while “Failed?” is yes:
    1. Try
    2. Check
- End
"""),
        ("infinite loop", """
- Start
- Repeat forever:
    1. Poll
    2. Sleep
"""),
        ("self loop", """
- Start
- Repeat until “open”:
    1. Knock
2. Enter
"""),
        ("nested loops", """
- Start
- While “Rows left?” is yes:
    - While “Cells left?” is yes:
        1. Fill cell
    2. Next row
- End
"""),
        ("loop with two exits", """
- Start
- Repeat:
    1. Call
    - If “Answered?” is yes: leave the loop
    - If “Answered?” is no:
        - If “Tired?” is no: go to step 1
        - If “Tired?” is yes: go to step 3
2. Talk
- end: “End”
3. Write
- End
"""),
        ("irreducible", """
- Start
- If “Left?” is yes: go to step 2
- If “Left?” is no:
    1. C
2. B
- In parallel:
    - Part 1: go to step 1
    - Part 2:
        3. Out
"""),
        ("fork and join", """
- Start
- In parallel:
    - Part 1:
        1. B
    - Part 2:
        2. C
3. D
"""),
        ("disconnected parts", """
- Start
1. One

**Separate part**

2. Two
3. Three

**Without connections**

4. Alone
"""),
        ("part that nothing leads to", """
- Start
1. One
- End

**Not reachable from the start**

2. Lost
- go to step 1
"""),
        ("cycle without an entry", """
- Start
1. One

**Part without an entry**

- Repeat forever:
    2. Round
    3. And round
"""),
    ],
)  # fmt: skip
def test_outline(name: str, outline: str) -> None:
    assert told(chart({**PROCESSES, **PARALLEL}[name])).strip("\n") == outline.strip("\n")


def test_a_boundary_timer() -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="s", shape="start_event", label="Order"),
            Node(id="a", shape="task", label="Wait for payment"),
            Node(id="t", shape="boundary_event", label="5 days", trigger="timer", attached_to="a"),
            Node(id="c", shape="task", label="Cancel"),
            Node(id="d", shape="task", label="Ship"),
            Node(id="e", shape="end_event"),
        ),
        edges=(
            Edge(source="s", target="a"),
            Edge(source="a", target="d"),
            Edge(source="d", target="e"),
            Edge(source="t", target="c"),
            Edge(source="c", target="e"),
        ),
    )
    check(diagram)
    assert told(diagram).splitlines() == [
        "- Start: “Order”",
        "1. Wait for payment",
        "- If “5 days” happens during step 1:",
        "    2. Cancel",
        "- If step 1 is done:",
        "    3. Ship",
    ]


def test_an_expanded_subprocess_is_told_where_it_stands() -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="s", shape="start_event"),
            Node(id="sub", shape="subprocess", label="Pack"),
            Node(id="e", shape="end_event"),
            Node(id="x", shape="task", label="Wrap", group="g"),
            Node(id="y", shape="task", label="Label", group="g"),
        ),
        edges=(Edge(source="s", target="sub"), Edge(source="sub", target="e"), Edge(source="x", target="y")),
        groups=(Group(id="g", label="Pack", kind="subprocess"),),
    )
    assert told(diagram).split("\n")[:3] == ["1. Pack", "    2. Wrap", "    3. Label"]


def test_pools_come_in_the_order_of_their_messages() -> None:
    diagram = Diagram(
        kind="bpmn",
        nodes=(
            Node(id="b1", shape="start_event", group="shop"),
            Node(id="b2", shape="task", label="Deliver", group="shop"),
            Node(id="a1", shape="start_event", group="buyer"),
            Node(id="a2", shape="task", label="Order", group="buyer"),
        ),
        edges=(
            Edge(source="b1", target="b2"),
            Edge(source="a1", target="a2"),
            Edge(source="a2", target="b1", kind="message"),
        ),
        groups=(Group(id="shop", label="Shop", kind="pool"), Group(id="buyer", label="Buyer", kind="pool")),
    )
    found = algorithm(diagram)
    assert [(do.label, do.role) for do in found.steps] == [("Order", "Buyer"), ("Deliver", "Shop")]


@pytest.mark.parametrize("shape", ["line", "nested", "loops", "fan"])
def test_cost_grows_about_linearly(shape: str) -> None:
    def make(count: int) -> Diagram:
        nodes = tuple(Node(id=f"n{i}", label=f"L{i}") for i in range(count))
        edges = [Edge(source=f"n{i}", target=f"n{i + 1}", label="x") for i in range(count - 1)]
        if shape == "nested":
            edges += [Edge(source=f"n{i}", target=f"n{count - 1 - i}", label="y") for i in range(count // 2)]
        if shape == "loops":
            edges += [Edge(source=f"n{count - 1 - i}", target=f"n{i}", label="y") for i in range(count // 2)]
        if shape == "fan":
            edges += [Edge(source="n0", target=f"n{i}", label="y") for i in range(2, count)]
        return Diagram(nodes=nodes, edges=tuple(edges))

    def cost(count: int) -> int:
        """Calls of functions: the same on a busy machine."""
        diagram = make(count)
        calls = 0

        def count_call(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(count_call)
        try:
            REGISTRY.writer("steps").write(diagram)
        finally:
            sys.setprofile(None)
        return calls

    cost(10)
    small, large = cost(500), cost(5000)
    assert large < 15 * small, (small, large)
