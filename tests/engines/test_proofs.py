"""Letters that only one reading makes sense of, and answers that go in pairs."""

from __future__ import annotations

import pytest

from diagrasp.engines.embedded.graph.proofs import corrected, undashed, with_mates
from diagrasp.model import Edge


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("Orderltem", "OrderItem"),
        ("ltem lnput", "Item Input"),
        ("Al service", "AI service"),
        ("ls it paid?", "Is it paid?"),
        ("lP address", "IP address"),
        ("userlD", "userID"),
        ("MinlO", "MinIO"),
        ("S0C2", "SOC2"),
        ("К0Д", "КОД"),
        ("\u0410\u0440\u0440", "App"),
        ("сервер \u041d\u0422\u0422\u0420", "сервер HTTP"),
    ],
)
def test_no_word_has_the_letter_that_was_seen(seen: str, said: str) -> None:
    assert corrected(seen) == said


@pytest.mark.parametrize(
    "text", ["Default field", "Hamilton", "ls", "ls -l", "ldap", "URL10", "Level0", "walls", "Al."]
)
def test_words_with_that_letter_stay(text: str) -> None:
    assert corrected(text) == text


def test_dashes_of_a_line_are_no_underscores() -> None:
    assert undashed("_«include»_") == "«include»"
    assert undashed("если дом_готов _") == "если дом готов"
    assert undashed("user_id") == "user_id"


@pytest.mark.parametrize(("known", "seen", "said"), [("Да", "Чет", "Нет"), ("yes", "o", "no"), ("НЕТ", "Д", "ДА")])
def test_the_other_answer_of_a_decision(known: str, seen: str, said: str) -> None:
    edges = [Edge(id="e1", source="q", target="a", label=known), Edge(id="e2", source="q", target="b", label=seen)]
    assert [e.label for e in with_mates(edges, {"q"})] == [known, said]
    assert with_mates(edges, set()) == edges


def test_what_is_no_answer_stays() -> None:
    edges = [Edge(id="e1", source="q", target="a", label="Да"), Edge(id="e2", source="q", target="b", label="Потом")]
    assert with_mates(edges, {"q"}) == edges
