"""What the model says: exact round trips, and errors that point at the place."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrasp.engines.qwen3vl.answer import normal, ordered, read, write
from diagrasp.engines.qwen3vl.grammar import USUAL_STYLE
from diagrasp.errors import ParseError
from diagrasp.model import (
    Box,
    Diagram,
    DiagramKind,
    Direction,
    Edge,
    EdgeKind,
    Group,
    GroupKind,
    Head,
    Line,
    Marker,
    Node,
    Shape,
    Trigger,
)

HOSTILE = [
    "end", "...", "1>2", "g1 lane: x", "a|b", "\\", "\\n", "\\|", "a\\", ": x", " x ", "x\ny", "\x00\x1f\x7f", "|",
    "||", "<|im_end|>", "Проверить «наличие»", "é 漢字 🙂", "1", "\u2028\x85", "\\x07", "a\\\\|b",
]  # fmt: skip
texts = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
boxes = st.none() | st.builds(Box, *[st.integers(0, 700).map(float)] * 2, *[st.integers(0, 500).map(float)] * 2)


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    group_ids = [f"G{i}" for i in range(draw(st.integers(0, 4)))]
    node_ids = [f"N{i}" for i in range(draw(st.integers(0, 6)))]
    groups = [
        Group(id=id, label=draw(texts), kind=draw(st.sampled_from(get_args(GroupKind))), box=draw(boxes),
              parent=draw(st.sampled_from([None, *group_ids[:i]])))
        for i, id in enumerate(group_ids)
    ]  # fmt: skip
    in_group = st.sampled_from([None, *group_ids])
    nodes = [
        Node(id=id, label=draw(texts), shape=draw(st.sampled_from(get_args(Shape))), box=draw(boxes),
             group=draw(in_group), rows=tuple(draw(st.lists(texts, max_size=3))),
             trigger=draw(st.none() | st.sampled_from(get_args(Trigger))),
             markers=tuple(draw(st.lists(st.sampled_from(get_args(Marker)), max_size=2))),
             attached_to=draw(st.sampled_from([None, *node_ids])))
        for id in node_ids
    ]  # fmt: skip
    ends = st.sampled_from([*group_ids, *node_ids]) if group_ids or node_ids else st.nothing()
    heads = st.sampled_from(get_args(Head))
    edge = st.builds(
        Edge, source=ends, target=ends, label=texts, kind=st.sampled_from(get_args(EdgeKind)),
        line=st.sampled_from(get_args(Line)), head=heads, tail=heads, source_label=texts, target_label=texts,
        default=st.booleans(), group=in_group,
    )  # fmt: skip
    return Diagram(
        kind=draw(st.sampled_from(get_args(DiagramKind))), title=draw(st.none() | texts),
        direction=draw(st.none() | st.sampled_from(get_args(Direction))), nodes=tuple(nodes),
        groups=tuple(draw(st.permutations(groups))),
        edges=tuple(draw(st.lists(edge, max_size=5))) if group_ids or node_ids else (),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(diagrams(), st.sampled_from([(0, 0), (640, 480), (1401, 424), (9000, 3701)]))
def test_round_trip(diagram: Diagram, size: tuple[int, int]) -> None:
    said = write(diagram, *size)
    back = read(said, *size)
    assert not back.cut
    assert back.diagram == normal(diagram, *size)
    assert write(back.diagram, *size) == said


@settings(max_examples=100, deadline=None)
@given(diagrams())
def test_order_changes_nothing_but_the_order(diagram: Diagram) -> None:
    told = ordered(diagram)
    assert set(told.nodes) == set(diagram.nodes)
    assert set(told.edges) == set(diagram.edges)
    assert set(told.groups) == set(diagram.groups)


def test_an_answer_as_people_see_it() -> None:
    diagram = Diagram(
        kind="bpmn", direction="LR", title="Заказ",
        groups=(Group(id="p", kind="pool", label="Магазин", box=Box(0, 0, 1000, 500)),
                Group(id="l", kind="lane", label="Клерк", parent="p")),
        nodes=(Node(id="s", shape="start_event", group="l", trigger="message", box=Box(50, 100, 30, 30)),
               Node(id="t", shape="user_task", group="l", label="Проверить склад", markers=("loop",))),
        edges=(Edge(source="s", target="t"), Edge(source="t", target="p", line="dashed", label="да")),
    )  # fmt: skip
    assert write(diagram, 1000, 500).split("\n") == [
        "bpmn LR: Заказ",
        "g1 pool 0 0 1000 1000: Магазин",
        "g2 lane g1: Клерк",
        "1 start_event 50 200 80 260 g2 !message",
        "2 user_task g2 ~loop: Проверить склад",
        "1>2",
        "2>g1 dashed: да",
        "end",
    ]


def test_every_kind_of_edge_has_a_usual_style() -> None:
    assert set(USUAL_STYLE) == set(get_args(EdgeKind))


def test_rows_of_the_page_are_told_from_the_top() -> None:
    places = {"d": (300, 205), "a": (10, 12), "b": (200, 5), "c": (20, 200)}
    nodes = tuple(Node(id=id, box=Box(x, y, 80, 40)) for id, (x, y) in places.items())
    assert [n.id for n in ordered(Diagram(nodes=nodes)).nodes] == ["a", "b", "c", "d"]
    assert [n.id for n in ordered(Diagram(nodes=nodes, direction="LR")).nodes] == ["a", "c", "b", "d"]


def test_corners_the_wrong_way_round_are_read() -> None:
    node = read("flowchart\n1 task 300 200 100 50\nend", 1000, 1000).diagram.nodes[0]
    assert node.box == Box(100, 50, 200, 150)


def test_an_answer_cut_short_says_so() -> None:
    assert read("flowchart\n1 task: Check\n...").cut


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "breaks off"),
        ("I cannot see a diagram.", 1, 1, "'I' does not fit"),
        ("flowchart\n1 task: A", 3, 1, "breaks off"),
        ("flowchart\n2 task: A\nend", 2, 1, "'2' does not fit"),
        ("flowchart\n1 taskk: A\nend", 2, 7, "'k' does not fit"),
        ("flowchart\n1 task g1: A\nend", 2, 8, "'g' does not fit"),
        ("flowchart\n1 task: A\n1>2\nend", 3, 3, "'2' does not fit (expected '1')"),
        ("flowchart\n1 task 10 20 30\nend", 2, 16, "the line breaks off"),
        ("flowchart\n1 task 10 20 30 1001\nend", 2, 20, "'1' does not fit"),
        ("flowchart\n1 task: A\n1>1\n2 task: B\nend", 4, 1, "'2' does not fit"),
        ("flowchart\nend\n1 task: A", 3, 1, "something follows the end"),
        ("flowchart\n1 task: a\\q\nend", 2, 11, "'q' does not fit"),
        ("flowchart\n1 task: a\tb\nend", 2, 10, "does not fit"),
        ("flowchart\n1 task: \ud800\nend", 2, 9, "does not fit"),
    ],
)
def test_errors_point_at_the_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ParseError, match=r"^line") as caught:
        read(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in str(caught.value)
