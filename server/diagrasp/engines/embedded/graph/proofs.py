"""What was read, corrected where only one reading makes sense: I and l, O and 0, dashes, answers that go in pairs.

Shapes alone do not tell these apart.  Nothing here weighs one word against another: each rule's left side is no word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.reading.decode import LOOK_ALIKES
from diagrasp.engines.embedded.reading.lexicon import english
from diagrasp.model import Edge

CODE: Final = """
    id ids image images impl import index init initial initializer instance integration integer interface internal
    invoke ip isolation it iteration
"""
"""Words of programs that begin with an i, beside those that diagrams say anyhow."""
COMMANDS: Final = frozenset({"ln", "ls"})
"""What is a command where no word follows."""
SHORTEST: Final = 4
"""Letters of a word within a longer one at least, so that no part of a plain word is taken for it."""
_START: Final = re.compile(r"(?<![^\W_])l(?=[A-Z]|([b-df-hj-np-tv-z][a-z]*)(?![^\W_]))")
_WITHIN: Final = re.compile(r"(?<=[a-z0-9])l(?=([dmnst][a-z]+)(?![a-z]))")
_IO: Final = re.compile(r"(?<=[a-z])l(?=[OD](?![^\W_]))")
_AI: Final = re.compile(r"(?<![^\W_])Al(?![^\W_]|\.)")
_ZERO: Final = re.compile(r"(?<=[A-Z])0(?=[A-Z])|(?<=[А-ЯЁ])0(?=[А-ЯЁ])")

ENGLISH: Final = """
    app atm back book box bpm cap ceo cookbook copy epc hook http key keep mac map max otp pack pay php tax tcp
"""
"""Words whose letters all look like Russian ones, which make no Russian word together."""
_RUSSIAN: Final = re.compile(r"(?<![^\W_])[авекмнорстухАВЕКМНОРСТУХ]{3,}(?![^\W_])")
_DASHES: Final = re.compile(r"(?<!\S)_+|_+(?!\S)|(?<=[а-яё])_+(?=[а-яё])")

MATES: Final = {"да": "нет", "нет": "да", "yes": "no", "no": "yes", "true": "false", "false": "true"}
"""What the other way out of a decision is called."""
LONGEST: Final = 5
"""Letters of an answer at most."""


@cache
def _words() -> frozenset[str]:
    return frozenset(w for w in {*english(), *CODE.split()} if w.startswith("i"))


@cache
def _twins() -> dict[str, str]:
    """English words in all cases, by the Russian letters that they look like."""
    russian = str.maketrans({latin: c for c, latin in LOOK_ALIKES.items() if latin.isalpha()})
    words = [form for w in ENGLISH.split() for form in (w, w.capitalize(), w.upper())]
    return {twin: w for w in words if not re.search("[A-Za-z]", twin := w.translate(russian))}


def proofread(readings: Iterable[Reading]) -> list[Reading]:
    """The readings of lines, each with its letters corrected."""
    return [r._replace(text=corrected(r.text)) for r in readings]


def corrected(text: str) -> str:
    """A text with an I where no word has an l, an O where no number has a zero, and Latin words in Latin letters."""

    def start(found: re.Match[str]) -> str:
        command = found[0] + (found[1] or "") in COMMANDS and not re.match(r" \w", found.string[found.end() + 1 :])
        return "I" if found[1] is None or ("i" + found[1] in _words() and not command) else "l"

    def within(found: re.Match[str]) -> str:
        return "I" if len(found[1]) >= SHORTEST - 1 and "i" + found[1] in _words() else "l"

    text = _WITHIN.sub(within, _START.sub(start, text))
    text = _AI.sub("AI", _IO.sub("I", text))
    text = _RUSSIAN.sub(lambda found: _twins().get(found[0], found[0]), text)
    return _ZERO.sub(lambda found: "О" if found.string[found.start() - 1] >= "А" else "O", text)


def undashed(label: str) -> str:
    """A dashed line's label without the dashes that were read as underscores."""
    return " ".join(_DASHES.sub(" ", label).split())


def with_mates(edges: Sequence[Edge], decisions: set[str]) -> list[Edge]:
    """The edges; where one of two ways out of a decision is told by an answer, a letter of the other's is corrected.

    Args:
        decisions: ids of the decisions.
    """
    ways: dict[str, list[int]] = defaultdict(list)
    for i, edge in enumerate(edges):
        if edge.source in decisions:
            ways[edge.source].append(i)
    out = list(edges)
    for pair in ways.values():
        if len(pair) != 2:
            continue
        for known, other in (pair, pair[::-1]):
            said, label = edges[known].label, edges[other].label
            mate = MATES.get(said.casefold())
            if mate is None or not label or label.casefold() in MATES or len(label) > LONGEST:
                continue
            if _one_apart(label.casefold(), mate):
                like = mate.upper() if said.isupper() else mate.capitalize() if said[0].isupper() else mate
                out[other] = edges[other].replace(label=like)
    return out


def _one_apart(a: str, b: str) -> bool:
    """Whether one letter is wrong, missing or too many."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(long[:k] + long[k + 1 :] == short for k in range(len(long)))
