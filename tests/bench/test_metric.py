"""The figures of the benchmark, on graphs small enough to count by hand."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from scipy.optimize import linear_sum_assignment

from diagrasp.bench.assignment import assign, distance, similarity
from diagrasp.bench.metric import SAME, Score, alike, class_of, mark, match, plain, score
from diagrasp.model import Diagram


def _diagram(nodes: list[tuple[str, str, str]], edges: list[tuple[str, ...]], **more: Any) -> Diagram:
    return Diagram.model_validate(
        {
            "nodes": [{"id": id, "label": label, "shape": shape} for id, label, shape in nodes],
            "edges": [{"source": e[0], "target": e[1], "label": e[2] if len(e) > 2 else ""} for e in edges],
            **more,
        }
    )


NODES = [("a", "Проверить счёт", "process"), ("b", "", "decision"), ("c", "Оплатить", "process"), ("d", "", "merge")]
EDGES = [("a", "b"), ("b", "c", "да"), ("b", "d", "нет"), ("c", "d")]
TRUTH = _diagram(NODES, EDGES)


def test_the_same_graph_is_perfect_whatever_its_ids() -> None:
    renamed = [(f"x{id}", label, shape) for id, label, shape in NODES[::-1]]
    other = _diagram(renamed, [(f"x{e[0]}", f"x{e[1]}", *e[2:]) for e in EDGES[::-1]])
    assert score(TRUTH, other) == Score(1, 1, 1, 1, None, 0, 1, 0)


def test_no_answer_counts_as_nothing() -> None:
    assert score(TRUTH, None) == Score(0, 0, 0, 0, None, None, 0, 0)


def test_bare_nodes_are_told_apart_by_what_they_are_connected_to() -> None:
    swapped = _diagram([NODES[0], NODES[3], NODES[2], NODES[1]], EDGES)
    assert score(TRUTH, swapped).edge == 1


def test_each_edge_counts_once_in_its_direction_and_with_its_label() -> None:
    turned = score(TRUTH, _diagram(NODES, [("b", "a"), *EDGES[1:]]))
    assert (turned.node, turned.edge, turned.labelled, turned.exact) == (1, 0.75, 0.75, 0)
    unnamed = score(TRUTH, _diagram(NODES, [EDGES[0], ("b", "c"), *EDGES[2:]]))
    assert (unnamed.edge, unnamed.labelled) == (1, 0.75)
    twice = score(TRUTH, _diagram(NODES, [*EDGES, EDGES[0]]))
    assert twice.edge == pytest.approx(8 / 9)


def test_an_edge_without_a_head_may_be_found_either_way() -> None:
    line = {"source": "a", "target": "c", "head": "none"}
    truth = Diagram.model_validate({"nodes": TRUTH.nodes, "edges": [line]})
    assert score(truth, _diagram(NODES, [("c", "a")])).edge == 1


def test_labels_agree_up_to_a_fifth_of_their_letters() -> None:
    near = score(TRUTH, _diagram([("a", "Провeрить счет", "process"), *NODES[1:]], EDGES))
    assert near.node == 1
    assert near.cer == pytest.approx(1 / len("проверить счетоплатить"))
    far = score(TRUTH, _diagram([("a", "Прогулять обед", "process"), *NODES[1:]], EDGES))
    assert far.node == 0.75


def test_shapes_count_by_class_and_groups_by_title() -> None:
    groups = [{"id": "g", "label": "Касса", "kind": "lane"}, {"id": "h", "label": "Склад", "kind": "lane"}]

    def inside(*where: str | None) -> Diagram:
        nodes = [n.replace(group=g) for n, g in zip(TRUTH.nodes, where, strict=True)]
        return Diagram.model_validate({"nodes": nodes, "edges": TRUTH.edges, "groups": groups})

    truth = inside("g", None, "h", None)
    assert score(truth, truth).group == 1
    assert score(truth, inside("g", "g", "g", "g")).group == 0.5
    other = _diagram([("a", "Проверить счёт", "user_task"), ("b", "", "exclusive_gateway"), *NODES[2:]], EDGES)
    assert score(TRUTH, other).shape == 1
    assert score(TRUTH, _diagram([("a", "Проверить счёт", "ellipse"), *NODES[1:]], EDGES)).shape == 0.75


def test_plain_and_classes() -> None:
    assert plain(" «Всё»  —  да. ") == "все - да"
    assert [class_of(s) for s in ("start_event", "task", "merge", "data_store", "bar", "state", "boundary_event")] == [
        "end", "step", "decision", "data", "bar", "step", "end",
    ]  # fmt: skip


# What holds for any two diagrams ------------------------------------------------------------------------------------

LABELS = st.sampled_from(["", "", "Проверить заявку", "Проверить заявки", "Ship", "Отказать", "а", "Ё-моё", "да"])
SHAPES = st.sampled_from(["process", "decision", "merge", "start_event", "database", "bar"])


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    nodes = draw(st.lists(st.tuples(LABELS, SHAPES), max_size=7))
    ids = [f"n{i}" for i in range(len(nodes))]
    ends = st.tuples(st.sampled_from(ids), st.sampled_from(ids), LABELS) if ids else st.nothing()
    edges = draw(st.lists(ends, max_size=9)) if ids else []
    groups = [{"id": "g", "label": draw(LABELS)}]
    home = st.sampled_from(["g", None])
    return Diagram.model_validate(
        {
            "nodes": [
                {"id": id, "label": label, "shape": shape, "group": draw(home)}
                for id, (label, shape) in zip(ids, nodes, strict=True)
            ],
            "edges": [{"source": a, "target": b, "label": label} for a, b, label in edges],
            "groups": groups,
        }
    )


@given(diagrams(), diagrams())
def test_figures_are_shares_and_matches_are_one_to_one(truth: Diagram, found: Diagram) -> None:
    reached = score(truth, found)
    for name in ("node", "edge", "labelled", "shape", "group", "exact", "runaway"):
        value = getattr(reached, name)
        assert value is None or 0 <= value <= 1, name
    assert reached.labelled is None or reached.edge is None or reached.labelled <= reached.edge
    marks = mark(truth, found)
    assert len(set(marks.nodes.values())) == len(marks.nodes)
    assert len(set(marks.edges.values())) == len(marks.edges)
    assert marks.labelled <= marks.edges.keys() <= marks.scored
    assert 0 <= marks.share(truth, found) <= 1
    for found_id, true_id in match(truth, found).items():
        a, b = plain(truth.node(true_id).label), plain(found.node(found_id).label)
        assert bool(a) == bool(b)
        assert alike(a, b) >= SAME


@given(diagrams())
def test_a_diagram_is_right_about_itself(truth: Diagram) -> None:
    """As long as its nodes can be told apart: two bare ones of one shape at the same place are interchangeable."""
    names = [plain(n.label) for n in truth.nodes]
    reached = score(truth, truth)
    assert reached.node == 1 or "" in names
    if len(set(names)) == len(names) and "" not in names:
        assert reached == Score(
            1,
            1 if truth.edges else None,
            1 if truth.edges else None,
            1 if truth.nodes else None,
            reached.group and 1,
            0 if any(names) else None,
            1,
            0 if truth.edges else None,
        )


@given(diagrams(), diagrams(), st.randoms(use_true_random=False))
def test_ids_do_not_matter(truth: Diagram, found: Diagram, rng: random.Random) -> None:
    ids = [n.id for n in found.nodes]
    new = dict(zip(ids, rng.sample([f"x{i}" for i in range(len(ids))], len(ids)), strict=True))
    other = Diagram(
        nodes=tuple(n.replace(id=new[n.id]) for n in found.nodes),
        edges=tuple(e.replace(source=new[e.source], target=new[e.target]) for e in found.edges),
        groups=found.groups,
    )
    assert score(truth, other) == score(truth, found)


@given(diagrams())
def test_a_node_too_much_costs(truth: Diagram) -> None:
    more = Diagram.model_validate(
        {**truth.model_dump(), "nodes": [*truth.nodes, {"id": "stranger", "label": "такого здесь нет"}]}
    )
    assert score(truth, more).node < 1


# The classics it stands on -------------------------------------------------------------------------------------------


@given(st.text("абвabc ", max_size=90), st.text("абвabc ", max_size=90))
def test_distances_are_those_of_rapidfuzz(a: str, b: str) -> None:
    assert distance(a, b) == Levenshtein.distance(a, b)
    assert similarity(a, b) == pytest.approx(Levenshtein.normalized_similarity(a, b))


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_assignments_are_those_of_scipy(seed: int, rows: int, columns: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.integers(0, 3, (rows, columns)).astype(float) if ties else rng.normal(size=(rows, columns))
    expected = list(zip(*(side.tolist() for side in linear_sum_assignment(costs)), strict=True))
    assert assign(costs) == expected
