"""Counting how Russian words are spelt: `python -m diagrasp_train.reader.spelling`.

The counts are of the words of Debian's `hunspell-ru`, with their endings, and of the words that the generator of
training lines uses, which weigh as often as it says them.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from diagrasp.engines.embedded.reading.spelling import BASE, LETTERS, ORDER
from diagrasp_train.reader.texts import Texts
from diagrasp_train.reader.words import HUNSPELL_RU, russian_words

SAID: Final = 60_000
"""Lines that the generator is asked for."""
MOST: Final = 30
"""How often a word counts at most."""
LEAST: Final = (1, 1, 1, 3, 3)
"""How often a run of one letter, of two and so on must have been seen to be kept."""
_WORD: Final = re.compile("[а-яё]+")


def words(seed: int) -> Counter[str]:
    """Words in small letters, and how often each counts."""
    texts, said = Texts(seed), Counter[str]()
    for _ in range(SAID):
        said.update(_WORD.findall(texts.sample().lower()))
    out = Counter({word.lower(): 1 for word in russian_words() if _WORD.fullmatch(word.lower())})
    out.update({word: min(times, MOST) for word, times in said.items()})
    return out


def counted(times: Counter[str]) -> dict[str, np.ndarray]:
    """The runs of up to five letters, as numbers to the base of the alphabet, and how often each was seen."""
    found: list[Counter[int]] = [Counter() for _ in range(ORDER)]
    for word, count in times.items():
        run = 0
        for c in f"{word.replace('ё', 'е')} ":
            run = (run * BASE + LETTERS.index(c)) % BASE**ORDER
            for n, table in enumerate(found, 1):
                table[run % BASE**n] += count
    out: dict[str, np.ndarray] = {}
    for n, (table, least) in enumerate(zip(found, LEAST, strict=True), 1):
        kept = sorted(key for key, count in table.items() if count >= least)
        out[f"keys{n}"] = np.array(kept, np.uint32)
        out[f"counts{n}"] = np.array([table[key] for key in kept], np.uint32)
    return out


def main() -> None:
    """Count, and write the arrays where `--out` says."""
    parser = argparse.ArgumentParser(description="Count how Russian words are spelt.")
    parser.add_argument("--out", type=Path, default=Path("weights/diagrasp_weights/spelling.npz"))
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    if not HUNSPELL_RU.with_suffix(".dic").exists():
        parser.error("hunspell-ru is not installed: apt-get install hunspell-ru")
    times = words(given.seed)
    arrays = counted(times)
    np.savez_compressed(given.out, **arrays)  # type: ignore[arg-type]
    data = given.out.read_bytes()
    runs = ", ".join(str(len(arrays[f"keys{n}"])) for n in range(1, ORDER + 1))
    print(f"{len(times)} words, runs {runs}; {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
