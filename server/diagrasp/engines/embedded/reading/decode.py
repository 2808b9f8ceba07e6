"""From the net's output to text: greedy CTC decoding."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Decoded(NamedTuple):
    """`text`; for each of its characters the log-probabilities of the step it was read at, (len(text), classes)."""

    text: str
    steps: NDArray[np.float32]


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
