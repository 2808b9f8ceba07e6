"""From the net's output to text: greedy CTC decoding, then the settling of letters that look alike.

The net sees shapes. Whether an О is Russian, Latin or a zero, and whether a lone `с` is small or capital, shows only in
the company it keeps; the net's own attention settles most of that, the rules here settle what it leaves torn: they
only ever choose among readings that the net itself finds nearly as likely, never by spelling against what is seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
_NEAR: Final = 4.0
"""Nats that a character may lie below the best one and still be chosen for its company's sake."""
_TOKEN: Final = re.compile(r"[^\W_]+")
_CYRILLIC: Final = re.compile("[А-Яа-яЁё]")
_LATIN: Final = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")

Steps = NDArray[np.float32]


class Decoded(NamedTuple):
    """`text`, and for each of its characters the log-probabilities of the step it was read at: (len(text), classes)."""

    text: str
    steps: Steps


def greedy(logp: NDArray[np.float32], alphabet: str) -> Decoded:
    """Best class of each step, repeats merged, blanks (class 0) dropped (Graves et al. 2006). `logp`: (T, classes)."""
    best = logp.argmax(axis=1)
    changed = np.concatenate(([True], best[1:] != best[:-1]))
    starts = np.flatnonzero(changed)
    ends = np.append(starts[1:], len(best))
    kept = [(a, b) for a, b in zip(starts, ends, strict=True) if best[a] != 0]
    # Of a run of equal steps the surest one speaks for the character.
    steps = [a + int(logp[a:b, best[a]].argmax()) for a, b in kept]
    return Decoded("".join(alphabet[best[a] - 1] for a, _ in kept), logp[steps])


class Decoder:
    """Decodes the output of a net with this `alphabet` (class i + 1 is character i)."""

    def __init__(self, alphabet: str, languages: Sequence[str] = ("ru", "en")) -> None:
        self.alphabet = alphabet
        self._code = {c: i + 1 for i, c in enumerate(alphabet)}
        self._cyrillic = np.array([i + 1 for i, c in enumerate(alphabet) if _CYRILLIC.match(c)])
        self._latin = np.array([i + 1 for i, c in enumerate(alphabet) if _LATIN.match(c)])
        # Without any other sign a word belongs to the first language.
        self._lean = 0.5 if (languages or ("ru",))[0] in ("ru", "uk", "be", "bg", "sr", "kk") else -0.5

    def decode(self, logp: NDArray[np.float32]) -> Decoded:
        """Text of one line, `logp` (T, classes): greedy, settled, runs of spaces merged, none at the ends."""
        text, steps = greedy(logp, self.alphabet)
        text = self.settle(text, steps)
        # A dropped space takes its step with it.
        kept = [i for i, c in enumerate(text) if c != " " or (0 < i < len(text) - 1 and text[i - 1] != " ")]
        text = "".join(text[i] for i in kept)
        if text.endswith(" "):
            text, kept = text[:-1], kept[:-1]
        return Decoded(text, steps[kept])

    def settle(self, text: str, steps: Steps) -> str:
        """`text` with scripts, cases and digits made consistent within its words, where the net allows it."""
        characters = list(text)
        tokens = [match.span() for match in _TOKEN.finditer(text)]
        scores = [self._script_score(text, steps, span) for span in tokens]
        for span, score in zip(tokens, scores, strict=True):
            others = sum(scores) - score
            company = 0.5 * max(-6.0, min(6.0, others)) + self._lean
            self._settle_script(characters, steps, span, score + company)
            self._settle_digits(characters, steps, span)
            self._settle_case(characters, steps, span)
        return "".join(characters)

    # -- scripts

    def _script_score(self, text: str, steps: Steps, span: tuple[int, int]) -> float:
        """Nats by which the token's letters are rather Cyrillic (positive) or Latin (negative)."""
        score = 0.0
        for i in range(*span):
            if text[i].isalpha():
                difference = float(steps[i, self._cyrillic].max() - steps[i, self._latin].max())
                score += max(-8.0, min(8.0, difference))
        return score

    def _settle_script(self, characters: list[str], steps: Steps, span: tuple[int, int], score: float) -> None:
        wanted, pattern = (self._cyrillic, _CYRILLIC) if score > 0 else (self._latin, _LATIN)
        letters = [i for i in range(*span) if characters[i].isalpha()]
        foreign = [i for i in letters if not pattern.match(characters[i])]
        if not foreign:
            return
        changes: dict[int, str] = {}
        for i in foreign:
            best = int(wanted[int(steps[i, wanted].argmax())])
            cost = float(steps[i, self._code[characters[i]]] - steps[i, best])
            twin = self._twin(characters[i])
            if twin is not None and pattern.match(twin):
                # The exact twin is the same ink: only the net's idea of the language stands against it.
                changes[i] = (
                    twin if self.alphabet[best - 1].lower() != twin.lower() or cost > _NEAR else self.alphabet[best - 1]
                )
            elif cost < _NEAR:
                changes[i] = self.alphabet[best - 1]
        # A word that is wholly of the other script is left alone unless every letter of it can change.
        if len(foreign) == len(letters) and len(changes) < len(foreign):
            return
        for i, c in changes.items():
            characters[i] = c

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
