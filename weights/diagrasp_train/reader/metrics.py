"""Character error rate."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein


def cer(pairs: Iterable[tuple[str, str]]) -> float:
    """Edits over characters of the truth, summed over (read, truth) pairs."""
    edits = total = 0
    for read, truth in pairs:
        edits += Levenshtein.distance(read, truth)
        total += len(truth)
    return edits / max(1, total)
