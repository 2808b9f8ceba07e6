"""Words that the reader of handwriting leans on."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading.lexicon import Lexicon, english, lexicon, likelihoods

ALPHABET = " adeinprtxy0123456789"


def seen(*steps: dict[str, float]) -> NDArray[np.float32]:
    """Log-probabilities of a net that sees these characters ("" is the blank), the rest evenly unlikely."""
    out = np.full((len(steps), len(ALPHABET) + 1), 1e-3)
    for row, step in zip(out, steps, strict=True):
        for c, p in step.items():
            row[ALPHABET.index(c) + 1 if c else 0] = p
    return np.log(out / out.sum(axis=1, keepdims=True)).astype(np.float32)


def spelled(text: str, doubt: dict[int, dict[str, float]] | None = None) -> NDArray[np.float32]:
    """A line read letter by letter with blanks between, doubtful where `doubt` says so."""
    steps: list[dict[str, float]] = []
    for i, c in enumerate(text):
        steps += [(doubt or {}).get(i, {c: 0.95}), {"": 0.97}]
    return seen(*steps)


def test_a_words_likelihood_is_the_sum_over_its_alignments() -> None:
    logp = seen({"a": 0.5, "": 0.3, "d": 0.2}, {"d": 0.4, "": 0.4, "a": 0.2}, {"d": 0.6, "": 0.4})
    code = {c: i + 1 for i, c in enumerate(ALPHABET)}
    for word in ("ad", "a", "dd"):
        total = 0.0
        for path in itertools.product(range(logp.shape[1]), repeat=3):
            text = [c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c)]
            if text == [code[c] for c in word]:
                total += float(np.exp(sum(logp[t, c] for t, c in enumerate(path))))
        assert likelihoods(logp, [[code[c] for c in word], [code["a"]]])[0] == pytest.approx(np.log(total), abs=1e-3)


def test_a_torn_letter_is_settled_by_the_word() -> None:
    words = Lexicon(["print", "input"], ALPHABET)
    assert words.settle([spelled("prant", {2: {"a": 0.6, "i": 0.3}})], "prant") == "print"
    assert words.settle([spelled("PRINT".lower())], "print") == "print"


def test_what_is_clearly_seen_stays() -> None:
    words = Lexicon(["print"], ALPHABET)
    assert words.settle([spelled("xaydna")], "xaydna") == "xaydna"
    assert words.settle([spelled("2026")], "2026") == "2026"
    assert words.settle([spelled("aa 12 dd")], "aa 12 dd") == "aa 12 dd"


def test_words_of_a_line_are_settled_one_by_one() -> None:
    words = Lexicon(["print", "date"], ALPHABET)
    line = spelled("prant date", {2: {"a": 0.55, "i": 0.4}})
    assert words.settle([line], "prant date") == "print date"


def test_the_list_has_the_endings_of_its_words() -> None:
    assert {"print", "prints", "printed", "printing", "copied", "processes", "categories"} <= english()
    assert lexicon(ALPHABET) is lexicon(ALPHABET)


def test_what_one_look_mistakes_another_sees() -> None:
    words = Lexicon(["print", "paint"], ALPHABET)
    wrong, right = spelled("paint", {1: {"a": 0.7, "r": 0.3}}), spelled("print", {1: {"r": 0.97, "a": 0.01}})
    assert words.settle([wrong], "paint") == "paint"
    assert words.settle([wrong, right], "paint") == "print"


def test_a_word_read_apart_is_joined_and_a_clear_space_stays() -> None:
    words = Lexicon(["print", "date"], ALPHABET)
    torn = spelled("pr int", {2: {"": 0.5, " ": 0.51}})
    assert words.settle([torn], "pr int") == "print"
    assert words.settle([spelled("print a")], "print a") == "print a"
