"""The figures of the benchmark, on graphs small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagrasp.model import Diagram
from diagrasp_train.score import Score, class_of, main, plain, score


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


def test_the_program_prints_the_table_by_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, found = tmp_path / "truth", tmp_path / "found"
    truth.mkdir()
    found.mkdir()
    for name in ("one", "two"):
        (truth / f"{name}.json").write_text(TRUTH.to_json(), encoding="utf-8")
    (found / "one.json").write_text(TRUTH.to_json(), encoding="utf-8")
    (truth / "INDEX.tsv").write_text("id\tlanguage\none\tru\ntwo\ten\n", encoding="utf-8")
    assert main([str(truth), str(found), "--index", str(truth / "INDEX.tsv"), "--by", "language"]) == 0
    out = capsys.readouterr().out
    assert "| all | 2 | 0.500 | 0.500 |" in out
    assert "| en | 1 | 0.000 |" in out
    assert "| ru | 1 | 1.000 |" in out
    assert "1 were not answered" in out
    assert main([str(found / "none"), str(found)]) == 2
