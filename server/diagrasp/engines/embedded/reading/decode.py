"""From the net's output to text: what the search finds, with letters settled that look alike.

The net sees shapes. Whether an О is Russian, Latin or a zero, and whether a lone `с` is small or capital, shows only in
the company it keeps; the net's own attention settles most of that, the rules here settle what it leaves torn: they
only ever choose among readings that the net itself finds nearly as likely, never by spelling against what is seen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading.search import Steps, beam_search
from diagrasp.engines.embedded.reading.spelling import Spelling

LOOK_ALIKES: Final = dict(zip("аеорсухкАВЕКМНОРСТУХЗЬб", "aeopcyxkABEKMHOPCTYX3b6", strict=True))
"""Russian letters and the Latin letter or digit of the same shape."""
DIGIT_SHAPES: Final = {
    "0": "OОoо",
    "1": "lI|",
    "3": "Зз",
    "6": "б",
    "5": "S",
    "8": "B",
}
"""Digits and the letters they are taken for."""
DOUBT: Final = math.log(0.9)
"""The net's log-probability of a line below which Russian spelling is asked."""
SPELLED: Final = (12, 5)
"""Prefixes kept and characters tried then."""
_NEAR: Final = 4.0
"""Nats that a character may lie below the best one and still be chosen for its company's sake."""
_TOKEN: Final = re.compile(r"[^\W_]+")
_VARIABLE: Final = re.compile(r"(?<![^\W_])[^\W\d_]\d{0,2}(?![^\W_])")
_COMPUTED: Final = re.compile(r"[=<>≤≥≠*^]\s*$"), re.compile(r"\s*:?[=<>≤≥≠*^]")
"""What stands before and after a variable; where something is equated or compared, plus, minus and slash do too."""
_JOINED: Final = re.compile(r"[+\-/]\s*$"), re.compile(r"\s*[+\-/]")
_LISTED: Final = re.compile(r"[,:]\s*$"), re.compile(r"\s*,")
_MULTIPLICITY: Final = re.compile(r"(?<![\w.*])(\d+|\*)\.(\*)(?![\w.*])")
"""1..* with one of its dots lost: nothing else has this form."""
_CYRILLIC: Final = re.compile("[А-Яа-яЁё]")
_LATIN: Final = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")


def _is_russian(text: str) -> bool:
    """Whether most letters of a line are Russian."""
    letters = sum(c.isalpha() for c in text)
    return letters >= 2 and len(_CYRILLIC.findall(text)) > 0.5 * letters


def _variables(text: str) -> set[tuple[int, int]]:
    """Where a line has names of variables: single letters, perhaps numbered, in formulas and in lists of three."""
    found = [match.span() for match in _VARIABLE.finditer(text)]
    formula = re.search(r"[=<>≤≥≠]", text) is not None

    def beside(span: tuple[int, int], signs: tuple[re.Pattern[str], re.Pattern[str]]) -> bool:
        return bool(signs[0].search(text, 0, span[0]) or signs[1].match(text, span[1]))

    computed = {v for v in found if beside(v, _COMPUTED) or (formula and beside(v, _JOINED))}
    listed = {v for v in found if beside(v, _LISTED)}
    return computed | (listed if len(listed) >= 3 else set())


class Decoder:
    """Decodes the output of a net with this `alphabet` (class i + 1 is character i)."""

    def __init__(self, alphabet: str, languages: Sequence[str] = ("ru", "en")) -> None:
        self.alphabet = alphabet
        self._code = {c: i + 1 for i, c in enumerate(alphabet)}
        self._cyrillic = np.array([i + 1 for i, c in enumerate(alphabet) if _CYRILLIC.match(c)])
        self._latin = np.array([i + 1 for i, c in enumerate(alphabet) if _LATIN.match(c)])
        # Without any other sign a word belongs to the first language.
        self.spelling: Spelling | None = None
        self._lean = 0.5 if (languages or ("ru",))[0] in ("ru", "uk", "be", "bg", "sr", "kk") else -0.5

    def decode(self, logp: NDArray[np.float32], *, latin: bool = False) -> tuple[str, float]:
        """Text of one line and the log-probability of what the net saw: searched, settled, spaces merged.

        `logp`: (T, classes) log-probabilities, class 0 the blank; `latin`: no letter can be Cyrillic.
        """
        if latin:
            logp = logp.copy()
            logp[:, self._cyrillic] = -30.0
            logp -= np.logaddexp.reduce(logp, axis=1, keepdims=True)
        (text, steps), probability = beam_search(logp, self.alphabet)
        if self.spelling is not None and not latin and probability < DOUBT and _is_russian(text):
            (text, steps), probability = beam_search(logp, self.alphabet, *SPELLED, self.spelling)
        return " ".join(self.settle(text, steps).split()), probability

    def settle(self, text: str, steps: Steps) -> str:
        """`text` with scripts, cases and digits made consistent within its words, where the net allows it.

        `steps`: (len(text), classes), the log-probabilities at each character.
        """
        characters = list(text)
        tokens = [match.span() for match in _TOKEN.finditer(text)]
        scores = [self._script_score(text, steps, span) for span in tokens]
        compounds = [text.count(" ", 0, span[0]) for span in tokens]  # words joined by - _ . / share a number
        variables = _variables(text)
        told = {span: self._distinct(text, score, span) for span, score in zip(tokens, scores, strict=True)}
        for span, score, compound in zip(tokens, scores, compounds, strict=True):
            if span in variables:
                # Variables have Latin names, but where one is a letter that only Russian has.
                others = sum(told[v] for v in variables if v != span)
                self._settle_script(characters, steps, span, told[span] + others - 0.5)
                continue
            near = sum(s for s, c in zip(scores, compounds, strict=True) if c == compound) - score
            far = sum(scores) - score - near
            company = 0.6 * max(-8.0, min(8.0, near)) + 0.4 * max(-6.0, min(6.0, far)) + self._lean
            self._settle_script(characters, steps, span, score + company)
            self._settle_digits(characters, steps, span)
            self._settle_case(characters, steps, span)
        if len(characters) == 1 and characters[0] in DIGIT_SHAPES["0"]:
            self._change(characters, steps, 0, "0")  # alone it is a number far more often than a letter
        return _MULTIPLICITY.sub(r"\1..\2", "".join(characters))

    # -- scripts

    def _distinct(self, text: str, score: float, span: tuple[int, int]) -> float:
        """The score of a token of letters that only one alphabet has; 0 for others."""
        return score if any(c.isalpha() and self._twin(c) is None for c in text[slice(*span)]) else 0.0

    def _script_score(self, text: str, steps: Steps, span: tuple[int, int]) -> float:
        """Nats by which the token's letters are rather Cyrillic (positive) or Latin (negative)."""
        score = 0.0
        for i in range(*span):
            if text[i].isalpha():
                difference = float(steps[i, self._cyrillic].max() - steps[i, self._latin].max())
                # A shape that both alphabets have tells the net's guess at the language only.
                limit = 8.0 if self._twin(text[i]) is None else 3.0
                score += max(-limit, min(limit, difference))
        return score

    def _settle_script(self, characters: list[str], steps: Steps, span: tuple[int, int], score: float) -> None:
        letters = [i for i in range(*span) if characters[i].isalpha()]
        changes = self._changes(characters, steps, letters, cyrillic=score > 0)
        if changes is None or any(i not in changes for i in letters if self._is_of(characters[i], cyrillic=score <= 0)):
            # No word is of two scripts: one that its company's cannot spell may be the other's by its letters' twins.
            foreign = [i for i in letters if self._is_of(characters[i], cyrillic=score > 0)]
            twins = {i: twin for i in foreign if (twin := self._twin(characters[i])) is not None and twin.isalpha()}
            if len(twins) == len(foreign) < len(letters):
                changes = twins
        for i, c in (changes or {}).items():
            characters[i] = c

    def _changes(
        self, characters: list[str], steps: Steps, letters: list[int], *, cyrillic: bool
    ) -> dict[int, str] | None:
        """What letters of a word become in a script; None where it is wholly of the other and cannot wholly change."""
        wanted = self._cyrillic if cyrillic else self._latin
        foreign = [i for i in letters if self._is_of(characters[i], cyrillic=not cyrillic)]
        changes: dict[int, str] = {}
        for i in foreign:
            best = int(wanted[int(steps[i, wanted].argmax())])
            cost = float(steps[i, self._code[characters[i]]] - steps[i, best])
            twin = self._twin(characters[i])
            if twin is not None and self._is_of(twin, cyrillic=cyrillic):
                # The exact twin is the same ink: only the net's idea of the language stands against it.
                changes[i] = (
                    twin if self.alphabet[best - 1].lower() != twin.lower() or cost > _NEAR else self.alphabet[best - 1]
                )
            elif cost < 0.6 * _NEAR:
                changes[i] = self.alphabet[best - 1]
        return None if len(foreign) == len(letters) and len(changes) < len(foreign) else changes

    @staticmethod
    def _is_of(c: str, *, cyrillic: bool) -> bool:
        """Whether a letter is of a script."""
        return bool((_CYRILLIC if cyrillic else _LATIN).match(c))

    @staticmethod
    def _twin(c: str) -> str | None:
        if c in LOOK_ALIKES:
            return LOOK_ALIKES[c]
        return next((cyrillic for cyrillic, latin in LOOK_ALIKES.items() if latin == c), None)

    # -- digits

    def _settle_digits(self, characters: list[str], steps: Steps, span: tuple[int, int]) -> None:
        inside = range(*span)
        digits = [i for i in inside if characters[i].isdigit()]
        letters = [i for i in inside if characters[i].isalpha()]
        if len(digits) >= 2 and len(letters) == 1:
            (i,) = letters
            for digit, shapes in DIGIT_SHAPES.items():
                if characters[i] in shapes:
                    self._change(characters, steps, i, digit)
        elif len(letters) >= 3 and len(digits) == 1 and digits[0] != span[1] - 1:
            (i,) = digits
            neighbour = characters[i + 1]
            options = [c for c in DIGIT_SHAPES.get(characters[i], "") if c.isalpha()]
            options = [c for c in options if bool(_CYRILLIC.match(c)) == bool(_CYRILLIC.match(neighbour))]
            if options:
                self._change(characters, steps, i, max(options, key=lambda c: float(steps[i, self._code[c]])))

    def _change(self, characters: list[str], steps: Steps, i: int, to: str) -> None:
        if float(steps[i, self._code[characters[i]]] - steps[i, self._code[to]]) < _NEAR:
            characters[i] = to

    # -- case

    def _settle_case(self, characters: list[str], steps: Steps, span: tuple[int, int]) -> None:
        """Words are small, Capitalised or ALL CAPITALS; Latin ones may also be camelCase and change for less."""
        inside = [i for i in range(*span) if characters[i].isalpha()]
        if len(inside) < 2 or span[1] - span[0] != len(inside):
            return
        word = "".join(characters[i] for i in inside)
        if word in (word.lower(), word.upper(), word.capitalize()):
            return
        cyrillic = bool(_CYRILLIC.match(word))
        best: tuple[float, str] | None = None
        for candidate in (word.lower(), word.capitalize(), word.upper()):
            if len(candidate) != len(word) or any(c not in self._code for c in candidate):
                continue
            costs = [
                float(steps[i, self._code[characters[i]]] - steps[i, self._code[c]])
                for i, c in zip(inside, candidate, strict=True)
            ]
            if best is None or sum(costs) < best[0]:
                best = sum(costs), candidate
        if best is not None and best[0] < (2 * _NEAR if cyrillic else 0.5 * _NEAR):
            for i, c in zip(inside, best[1], strict=True):
                characters[i] = c
