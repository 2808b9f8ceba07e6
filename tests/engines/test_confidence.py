"""Confidences: what speaks against an element lowers its own, and the fit finds what is there to be found."""

from __future__ import annotations

import json
import math
import random
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrasp.bench.calibration import expected_error, reliability
from diagrasp.bench.cases import Case
from diagrasp.engines.embedded.graph.confidence import TABLE, diagram_signs, edge_signs, logistic, node_signs, rate
from diagrasp.engines.embedded.graph.evidence import Evidence
from diagrasp.model import Diagram
from diagrasp_train.calibrate import Example, fit, learn, weigh


def diagram(**changes: Any) -> Diagram:
    """Three connected steps, clearly drawn; changes go to the last edge."""
    nodes = [
        {"id": f"n{i}", "label": f"Проверить заявку {i}", "box": [0, 100 * i, 120, 50], "confidence": 0.99}
        for i in range(4)
    ]
    edges: list[dict[str, Any]] = [
        {"source": f"n{i}", "target": f"n{i + 1}", "path": [[60, 100 * i + 50], [60, 100 * i + 100]], "confidence": 1.0}
        for i in range(3)
    ]
    edges[-1].update(changes)
    return Diagram.model_validate({"nodes": nodes, "edges": edges})


def test_a_clear_drawing_is_trusted() -> None:
    rated, whole = rate(diagram())
    assert min(n.confidence or 0 for n in rated.nodes) > 0.85
    assert min(e.confidence or 0 for e in rated.edges) > 0.8
    assert whole > 0.8
    assert rate(Diagram()) == (Diagram(), 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": 0.5},
        {"path": [[60, 250], [300, 250], [300, 600], [10, 600], [10, 320], [60, 320]]},
        {"source": "n0", "target": "n1", "id": "again"},
    ],
)
def test_a_doubtful_connector_is_doubted(changes: dict[str, Any]) -> None:
    clear, doubtful = rate(diagram()), rate(diagram(**changes))
    assert (doubtful[0].edges[-1].confidence or 0) < (clear[0].edges[-1].confidence or 0)
    assert doubtful[1] <= clear[1]  # a small doubt drowns in the odds' upper bound


def test_a_grave_doubt_tells_on_the_whole() -> None:
    grave = {"confidence": 0.5, "path": [[60, 250], [300, 250], [300, 600], [10, 600], [10, 320], [60, 320]]}
    assert rate(diagram(**grave))[1] < rate(diagram())[1]


def test_a_node_that_nothing_leads_to_is_doubted() -> None:
    rated, _ = rate(diagram(source="n0", target="n2"))
    sure = {n.id: n.confidence or 0 for n in rated.nodes}
    assert sure["n3"] < min(sure["n0"], sure["n1"], sure["n2"])


def test_the_table_weighs_the_signs_there_are() -> None:
    table = json.loads(resources.files("diagrasp.engines.embedded.graph").joinpath(TABLE).read_text(encoding="utf-8"))
    one = diagram()
    chance = {n.id: 0.9 for n in one.nodes}
    assert list(table["node"]) == list(node_signs(one, Evidence())["n0"])
    assert list(table["edge"]) == list(edge_signs(one, chance, Evidence())[one.edges[0].id])
    assert list(table["diagram"]) == list(diagram_signs(one, Evidence()))
    assert table["pictures"] >= 100
    assert max(table["held_out_ece"].values()) <= 0.08


@given(st.floats(-1e4, 1e4))
def test_the_logistic_function_is_one_for_any_number(x: float) -> None:
    assert 0 <= logistic(x) <= 1
    assert logistic(x) + logistic(-x) == pytest.approx(1)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([None, 0.0, 0.4, 1.0])), max_size=8),
    st.sampled_from([None, [0, 0, 0, 0], [5, 5, 300, 200]]),
)
def test_any_diagram_can_be_rated(edges: list[tuple[int, int, float | None]], box: list[int] | None) -> None:
    found = Diagram.model_validate(
        {
            "nodes": [{"id": str(i), "label": "?" * i, "box": box} for i in range(6)],
            "edges": [
                {"source": str(a), "target": str(b), "confidence": c, "path": [[0, 0], [a, b]] if a else None}
                for a, b, c in edges
            ],
        }
    )
    rated, whole = rate(found)
    assert 0 <= whole <= 1
    assert all(0 <= (e.confidence or 0) <= 1 for e in (*rated.nodes, *rated.edges))
    assert rated.replace(nodes=found.nodes, edges=found.edges) == found


def test_the_fit_finds_the_weights_that_made_the_data() -> None:
    rng = random.Random(5)
    true = {"one": -0.5, "a": 2.0, "b": -1.0, "noise": 0.0}
    examples = []
    for k in range(6000):
        signs = {"one": 1.0, "a": rng.gauss(0, 1), "b": float(rng.random() < 0.5), "noise": rng.gauss(0, 1)}
        chance = logistic(math.fsum(true[name] * value for name, value in signs.items()))
        examples.append(Example(k, signs, float(rng.random() < chance)))
    found = fit(examples)
    assert found == pytest.approx(true, abs=0.15)
    pairs = zip(weigh([e.signs for e in examples], found), (e.right for e in examples), strict=True)
    error = expected_error(reliability(pairs))
    assert error is not None
    assert error < 0.03


def test_what_is_wrong_is_learnt_from(tmp_path: Any) -> None:
    """Doubtful connectors that are wrong, sure ones that are right: the table says so."""
    truth, cases, found = diagram(), [], []
    for k in range(10):
        cases.append(Case(str(k), tmp_path, truth, {}))
        wrong = diagram(source="n3", target="n0", confidence=0.5)
        found.append((wrong if k % 2 else diagram(), Evidence()))
    table: Any = learn(cases, found)
    assert table["edge"]["own doubt"] < -0.3
    assert table["pictures"] == 10
