"""Positions: complete, inside their containers, without overlap, the same every time, and quick."""

from __future__ import annotations

import math
import time
from itertools import combinations, pairwise

import pytest
from drawn import diagrams, process, processes, unplaced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagrasp.layout import arrange
from diagrasp.layout.router import Router
from diagrasp.layout.sizes import twins
from diagrasp.layout.text import balance, fit, text_width, wrap
from diagrasp.model import Box, Diagram

SLOW = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.right - 0.1 and b.x < a.right - 0.1 and a.y < b.bottom - 0.1 and b.y < a.bottom - 0.1


def holds(outer: Box, inner: Box) -> bool:
    slack = 0.1
    return (
        outer.x <= inner.x + slack and outer.y <= inner.y + slack
        and outer.right >= inner.right - slack and outer.bottom >= inner.bottom - slack
    )  # fmt: skip


@SLOW
@given(diagrams())
def test_everything_gets_a_place(diagram: Diagram) -> None:
    for source in (diagram, unplaced(diagram)):
        placed = arrange(source)
        assert all(n.box is not None and all(map(math.isfinite, n.box)) for n in placed.nodes)
        assert all(g.box is not None and g.box.w > 0 and g.box.h > 0 for g in placed.groups)
        assert all(e.path is not None and len(e.path) >= 2 for e in placed.edges)
        assert unplaced(placed) == unplaced(diagram)
        assert arrange(source) == placed


@SLOW
@given(processes(), st.sampled_from(["LR", "TB", "RL", "BT"]))
def test_processes_lie_in_their_lanes_and_apart(diagram: Diagram, direction: str) -> None:
    placed = arrange(diagram, direction=direction)
    boxes = {g.id: g.box for g in placed.groups}
    for group in placed.groups:
        if group.parent is not None:
            assert holds(boxes[group.parent], group.box)
    for node in placed.nodes:
        if node.group is not None:
            assert boxes[node.group].contains(*node.box.center)
    steps = [n.box for n in placed.nodes if n.attached_to is None]
    assert not any(overlap(a, b) for a, b in combinations(steps, 2))
    lanes = [g.box for g in placed.groups if g.kind == "lane"]
    assert not any(overlap(a, b) for a, b in combinations(lanes, 2))
    for node in placed.nodes:
        if node.attached_to is not None:
            host = next(n.box for n in placed.nodes if n.id == node.attached_to)
            assert overlap(host, node.box)
            assert not holds(host, node.box)


@SLOW
@given(processes())
def test_lines_start_and_end_on_their_symbols(diagram: Diagram) -> None:
    placed = arrange(diagram)
    boxes = {n.id: n.box for n in placed.nodes}
    for edge in placed.edges:
        for id, point in ((edge.source, edge.path[0]), (edge.target, edge.path[-1])):
            box = boxes[id]
            assert Box(box.x - 1, box.y - 1, box.w + 2, box.h + 2).contains(*point)
        for a, b in zip(edge.path, edge.path[1:], strict=False):
            assert abs(a.x - b.x) < 0.5 or abs(a.y - b.y) < 0.5, "BPMN is routed at right angles"


@SLOW
@given(diagrams(group_kinds=("subgraph", "subprocess", "composite")))
def test_groups_surround_what_is_in_them(diagram: Diagram) -> None:
    if diagram.kind == "sequence":
        return
    placed = arrange(unplaced(diagram))
    boxes = {g.id: g.box for g in placed.groups}
    hidden = set(twins(diagram).values())
    for node in placed.nodes:
        if node.group is not None and node.attached_to is None and node.id not in hidden:
            assert boxes[node.group].contains(*node.box.center)
    for group in placed.groups:
        if group.parent is not None:
            assert holds(boxes[group.parent], group.box)


def test_flow_runs_in_its_direction() -> None:
    diagram = Diagram(
        nodes=[{"id": i, "label": i} for i in "abc"],
        edges=[{"source": "a", "target": "b"}, {"source": "b", "target": "c"}],
    )
    for direction, axis, sign in (("TB", 1, 1), ("BT", 1, -1), ("LR", 0, 1), ("RL", 0, -1)):
        places = [n.box.center[axis] * sign for n in arrange(diagram, direction=direction).nodes]
        assert places == sorted(places)
        assert len(set(places)) == 3


def test_a_way_back_runs_beside_the_steps() -> None:
    diagram = Diagram(
        nodes=[{"id": i, "label": f"Шаг {i}"} for i in "abcd"],
        edges=[{"source": a, "target": b} for a, b in ("ab", "bc", "cd", "da")],
    )
    placed = arrange(diagram)
    back = placed.edges[3].path
    outside = max(n.box.right for n in placed.nodes)
    assert max(p.x for p in back) > outside or min(p.x for p in back) < min(n.box.x for n in placed.nodes)
    boxes = [n.box for n in placed.nodes]
    for a, b in pairwise(back):
        line = Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y))
        assert not any(
            overlap(Box(box.x + 1, box.y + 1, box.w - 2, box.h - 2), line)
            for box in boxes
            if line.w + line.h > 1 and box not in (boxes[0], boxes[3])
        )


def test_known_places_are_kept_and_missing_ones_added() -> None:
    diagram = Diagram(
        nodes=[
            {"id": "a", "box": [10, 10, 100, 50], "group": "g"}, {"id": "b", "box": [300, 10, 100, 50], "group": "g"},
            {"id": "c", "box": [300, 200, 100, 50]}, {"id": "new", "label": "Новый"},
        ],
        edges=[{"source": "a", "target": "b", "path": [[110, 35], [300, 35]]}, {"source": "b", "target": "new"}],
        groups=[{"id": "g"}],
    )  # fmt: skip
    placed = arrange(diagram)
    assert [n.box for n in placed.nodes[:3]] == [n.box for n in diagram.nodes[:3]]
    assert placed.edges[0] == diagram.edges[0]
    assert len(placed.edges[1].path) >= 2
    assert placed.nodes[3].box.y > 250
    assert holds(placed.groups[0].box, placed.nodes[0].box)
    assert holds(placed.groups[0].box, placed.nodes[1].box)
    fresh = arrange(diagram, keep=False)
    assert fresh.nodes[0].box != diagram.nodes[0].box


def test_router_goes_round_what_is_in_the_way() -> None:
    start, wall, end = Box(0, 100, 50, 50), Box(100, 0, 50, 250), Box(200, 100, 50, 50)
    path = Router([start, wall, end]).route(start, end)
    for a, b in pairwise(path):
        line = Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x) + 0.2, abs(a.y - b.y) + 0.2)
        assert not overlap(wall, line)


def test_parents_of_classes_stand_above() -> None:
    diagram = Diagram(
        kind="class",
        nodes=[{"id": "child", "label": "Child", "shape": "class"}, {"id": "base", "label": "Base", "shape": "class"}],
        edges=[{"source": "child", "target": "base", "kind": "inheritance", "head": "triangle"}],
    )
    child, base = arrange(diagram).nodes
    assert base.box.bottom < child.box.y


@pytest.mark.parametrize(("steps", "seconds"), [(1000, 2.0), (10_000, 40.0)])
def test_time_grows_about_linearly(steps: int, seconds: float) -> None:
    diagram = process(steps)
    started = time.process_time()
    arrange(diagram)
    assert time.process_time() - started < seconds


@pytest.mark.parametrize("kind", ["subgraph", "lane", "subprocess"])
def test_deep_nesting_does_not_exhaust_the_stack(kind: str) -> None:
    groups = [{"id": "g0", "kind": kind}] + [
        {"id": f"g{k}", "parent": f"g{k - 1}", "kind": kind} for k in range(1, 2000)
    ]
    edges = [{"source": "a", "target": "b"}, {"source": "a", "target": "g1500"}]
    diagram = Diagram(nodes=[{"id": "a", "group": "g1999"}, {"id": "b"}], edges=edges, groups=groups)
    placed = arrange(diagram)
    assert all(g.box is not None for g in placed.groups)
    assert all(len(e.path) >= 2 for e in placed.edges)


class TestText:
    @settings(deadline=None)
    @given(st.text(max_size=80), st.floats(5, 300))
    def test_lines_fit_and_lose_nothing(self, text: str, width: float) -> None:
        lines = wrap(text, width, 14)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(text_width(line, 14) <= width + 0.01 or len(line) == 1 for line in lines)

    def test_balanced_lines_are_as_few(self) -> None:
        text = "Проверить комплектность приложенных документов"
        assert len(balance(text, 160, 14)) == len(wrap(text, 160, 14))
        widths = [text_width(line, 14) for line in balance(text, 160, 14)]
        assert max(widths) - min(widths) < 60

    def test_fit_shrinks_then_cuts(self) -> None:
        assert fit("Да", 100, 40, 14).size == 14
        assert fit("Проверить заявку на полноту", 80, 30, 14).size < 14
        cut = fit("очень длинный текст " * 20, 60, 20, 14, smallest=9)
        assert not cut.whole
        assert cut.lines[-1].endswith("…")
