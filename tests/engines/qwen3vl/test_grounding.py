"""An answer held against another engine's draft, and how sure an answer says it is."""

from __future__ import annotations

import asyncio

import pytest

from diagrasp.engines import Recognition, Request
from diagrasp.engines.qwen3vl.answer import Answer, read_unguided
from diagrasp.engines.qwen3vl.confidence import rated
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.engines.qwen3vl.grounding import grounded
from diagrasp.errors import ParseError
from diagrasp.images import load_picture
from diagrasp.model import Diagram, Edge, Group, Node

from .conftest import Tiny


def diagram(*labels: str, edge: str = "") -> Diagram:
    nodes = tuple(Node(id=f"n{i}", label=label, confidence=0.9) for i, label in enumerate(labels))
    return Diagram(nodes=nodes, edges=(Edge(source="n0", target="n1", label=edge, confidence=0.8),))


DRAFT = diagram("Проверить заявку", "Отказать клиенту", "Конец")


def test_what_both_read_stands() -> None:
    said = diagram("Проверить заявкy", "Oтказать клиенту", "Конeц")  # Latin twins
    assert grounded(said, 0.9, DRAFT) == (said, 0.9, [])
    misread = diagram("Провернть заявку", "Отказать клиенту", "Конец")
    assert grounded(misread, 0.9, DRAFT)[2] == []


def test_what_only_the_model_says_is_flagged() -> None:
    said = diagram("Проверить заявку", "Отказать клиенту", "Конец", "Запустить ракету", edge="бесплатно")
    judged, confidence, warnings = grounded(said, 0.9, DRAFT)
    assert warnings == ["not found in the picture's text: «Запустить ракету», «бесплатно»"]
    assert [node.confidence for node in judged.nodes] == [0.9, 0.9, 0.9, 0.45]
    assert judged.edges[0].confidence == 0.4
    assert confidence == pytest.approx(0.9 * (1 - 0.5 * 2 / 5))
    assert [n.label for n in judged.nodes] == [n.label for n in said.nodes]


def test_what_only_the_draft_has_is_flagged() -> None:
    said = diagram("Проверить заявку", "Конец").replace(edges=())
    judged, confidence, warnings = grounded(said, 0.9, DRAFT)
    assert warnings == ["seen by the embedded engine only: «Отказать клиенту»"]
    assert confidence == 0.9
    assert len(judged.nodes) == 2


def test_connectors_that_one_of_the_two_has_seen_are_flagged() -> None:
    said = DRAFT.replace(edges=(Edge(source="n0", target="n2", confidence=0.8), Edge(source="n2", target="n1")))
    judged, confidence, warnings = grounded(said, 0.9, DRAFT)
    assert warnings == [
        "seen by the embedded engine only: «Проверить заявку → Отказать клиенту»",
        "seen by the vision model only: «Проверить заявку → Конец», «Конец → Отказать клиенту»",
    ]
    assert [edge.confidence for edge in judged.edges] == [pytest.approx(0.64), None]
    assert confidence == 0.9
    # The other way round is another connector; ends that cannot be told apart say nothing.
    turned = DRAFT.replace(edges=(Edge(source="n1", target="n0"),))
    assert len(grounded(turned, 0.9, DRAFT)[2]) == 2
    more = (*DRAFT.edges, Edge(source="n0", target="n3"))
    twice = Diagram(nodes=(*DRAFT.nodes, Node(id="n3", label="Конец")), edges=more)
    assert grounded(twice, 0.9, DRAFT)[2] == []
    assert grounded(DRAFT, 0.9, twice)[2] == []


def test_a_symbol_that_only_the_model_has_seen_is_flagged_though_its_words_are_there() -> None:
    draft = diagram("Проверить заявку", "Отказать клиенту", "Конец", edge="Принять оплату")
    said = diagram("Проверить заявку", "Отказать клиенту", "Конец", "Принять оплату")
    judged, _, warnings = grounded(said, 0.9, draft)
    assert warnings == ["seen by the vision model only: «Принять оплату»"]
    assert [node.confidence for node in judged.nodes] == [0.9, 0.9, 0.9, pytest.approx(0.72)]


def test_many_doubts_are_counted() -> None:
    said = diagram(*[f"Выдумка{i}слово" for i in range(8)])
    assert grounded(said, 1.0, DRAFT)[2][0].endswith("and 3 more")


def test_a_draft_that_read_nothing_proves_nothing() -> None:
    said = diagram("Проверить заявку", "Отказать")
    for draft in (None, Diagram(), diagram("Да", "", "")):
        assert grounded(said, 0.7, draft) == (said, 0.7, [])


def test_the_engine_holds_its_answer_against_the_draft(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tiny model was not taught to correct drafts, so this one is kept from it.
    monkeypatch.setattr("diagrasp.engines.qwen3vl.engine.draft_of", lambda *_: "")
    page = load_picture((tiny.dark / "0.png").read_bytes(), max_bytes=10**7, max_pixels=10**7)

    async def ask(draft: Diagram | None) -> Recognition:
        engine = QwenEngine(Config(model=str(tiny.base), adapter=str(tiny.lora), device="cpu", max_new_tokens=512))
        found = await engine.recognize(page, Request(draft=draft), lambda *_: None)
        await engine.aclose()
        return found

    found = asyncio.run(ask(diagram("совсем", "другие", "слова")))
    assert any("not found in the picture's text" in warning for warning in found.warnings)
    assert any("seen by the embedded engine only" in warning for warning in found.warnings)


def test_an_element_is_as_sure_as_its_line() -> None:
    two = Diagram(nodes=(Node(id="a"), Node(id="b")), edges=(Edge(source="a", target="b"),), groups=(Group(id="g"),))
    judged, whole = rated(Answer(two), (1.0, 0.8, 0.6, 0.4, 0.2, 1.0))
    assert [judged.groups[0].confidence, *(n.confidence for n in judged.nodes), judged.edges[0].confidence] == [
        0.8, 0.6, 0.4, 0.2,
    ]  # fmt: skip
    assert whole == pytest.approx(0.5)
    assert rated(Answer(two, cut=True), (1.0, 0.8, 0.6, 0.4, 0.2, 1.0))[1] == pytest.approx(0.25)
    assert rated(Answer(two), (1.0, 0.5)) == (two, 0.0)
    assert rated(Answer(Diagram()), (0.7, 1.0))[1] == 0.7


@pytest.mark.parametrize(
    ("said", "complete", "cut", "nodes"),
    [
        ("flowchart\n1 task: A\nend", True, False, 1),
        ("  flowchart\r\n1 task: A\r\nend\r\n", True, False, 1),
        ("```text\nflowchart\n1 task: A\nend\n```", True, False, 1),
        ("flowchart\n1 task: A\nend ", False, False, 1),
        ("flowchart\n1 task: A\n2 task: B", True, True, 2),
        ("flowchart\n1 task: A\n2 tas", False, True, 1),
        ("flowchart", True, True, 0),
        ("<think>\nA flowchart,\nI think.\n</think>\n\nflowchart\n1 task: A\nend", True, False, 1),
    ],
)
def test_unguided_answers_are_repaired_only_where_there_is_no_doubt(
    said: str, complete: bool, cut: bool, nodes: int
) -> None:
    answer = read_unguided(said, complete=complete)
    assert (answer.cut, len(answer.diagram.nodes)) == (cut, nodes)


@pytest.mark.parametrize(
    "said", ["", "Sure! Here is it:\nflowchart\nend", "flowchart\n1 tusk: A\nend", "```", "<think>\nflow"]
)
def test_what_is_no_answer_stays_none(said: str) -> None:
    with pytest.raises(ParseError):
        read_unguided(said)
