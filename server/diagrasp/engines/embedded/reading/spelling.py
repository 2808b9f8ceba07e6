"""How Russian words are spelt: which letter follows which, and what that is worth where a letter is blurred.

At the size of small print some letters differ by a pixel: е, о and а, в and з, л and д, и and н.  Which of them can
stand after the last four decides more than the ink does.  A letter costs what it surprises, in nats; a usual surprise
costs nothing, so that neither short nor long words gain.

The counts are of dictionary words (`diagrasp_train/reader/spelling.py`); interpolation after Witten and Bell, "The
Zero-Frequency Problem", IEEE Transactions on Information Theory 37(4), 1991.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np

LETTERS: Final = " абвгдежзийклмнопрстуфхцчшщъыьэюя"
"""What words are made of, their ends first; ё counts as е."""
BASE: Final = len(LETTERS)
ORDER: Final = 5
"""Letters that are looked at together."""
WEIGHT: Final = 0.4
"""What spelling counts beside the ink."""
USUAL: Final = 2.0
"""Nats that the next letter of a word surprises on average."""
WORST: Final = 5.0
"""Nats above the usual that a letter costs at most: names and abbreviations are no Russian words."""
DIGIT: Final = 3.0
"""Nats that a digit costs right behind a letter."""
_INDEX: Final = {c: i for i, c in enumerate(LETTERS)} | {"ё": LETTERS.index("е")}
_CONTEXTS: Final = BASE ** (ORDER - 1)


class Spelling:
    """What letters of a Russian word cost after those before them."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """Raises FileNotFoundError where the counts are missing; `folder` by default is where diagrasp ships them."""
        package = resources.files("diagrasp_weights") if folder is None else folder
        with package.joinpath("spelling.npz").open("rb") as file, np.load(file) as arrays:
            self._keys = [arrays[f"keys{n}"] for n in range(1, ORDER + 1)]
            self._counts = [arrays[f"counts{n}"] for n in range(1, ORDER + 1)]
        self._costs = lru_cache(maxsize=4096)(self._costs_after)

    def begin(self) -> int:
        """What stands before a word: nothing."""
        return 0

    def add(self, context: int, character: str) -> tuple[int, float]:
        """What stands before the next character, and what this one costs (less than nothing where it is expected).

        Whatever is no Russian letter ends a word and is free but for that.
        """
        letter = _INDEX.get(character.lower())
        if letter is None or letter == 0:
            if not context % BASE:
                return 0, 0.0
            return 0, self._costs(context)[0] + (WEIGHT * DIGIT if character.isdigit() else 0.0)
        return (context * BASE + letter) % _CONTEXTS, self._costs(context)[letter]

    def _costs_after(self, context: int) -> list[float]:
        share = np.full(BASE, 1.0 / BASE)
        for n in range(1, ORDER + 1):
            first = (context % BASE ** (n - 1)) * BASE
            a, b = np.searchsorted(self._keys[n - 1], (first, first + BASE))
            if a == b:
                break
            counts = self._counts[n - 1][a:b].astype(np.float64)
            share = share * (b - a)
            share[self._keys[n - 1][a:b] - first] += counts
            share /= counts.sum() + (b - a)
        cost = np.clip(-np.log(share) - USUAL, -USUAL, WORST)
        return [WEIGHT * float(c) for c in cost]
