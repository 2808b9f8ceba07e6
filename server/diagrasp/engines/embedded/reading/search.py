"""CTC decoding: the likeliest text over all of its alignments, found by prefix search.

What leaves no doubt is taken as it is: most letters of a line are sure, and lie between sure blanks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading.spelling import Spelling

SURE_BLANK: Final = -0.001
"""A step's log-probability of the blank above which it is one."""
ONE_PATH: Final = math.log(0.6)
"""The best path's log-probability above which its text is the likeliest: no other can have as much."""
SURE_PART: Final = math.log(0.995)
"""A text's log-probability, between two sure blanks, above which no other counts."""
_NEVER: Final = -1e30

Steps = NDArray[np.float32]
_Beam = tuple[int, float, float, Any]
"""A prefix, the log-probabilities of its alignments that end in a blank and in a character, the steps it is read at."""


class Decoded(NamedTuple):
    """`text`, and for each of its characters the log-probabilities of the step it was read at: (len(text), classes)."""

    text: str
    steps: Steps


def greedy(logp: NDArray[np.float32], alphabet: str) -> Decoded:
    """Best class of each step, repeats merged, blanks (class 0) dropped (Graves et al. 2006). `logp`: (T, classes)."""
    classes, steps = _likeliest(logp)
    return Decoded("".join(alphabet[c - 1] for c in classes), logp[steps])


def _likeliest(logp: NDArray[np.float32]) -> tuple[list[int], list[int]]:
    """The characters of the best path, by class, and the step that each is read at."""
    best = logp.argmax(axis=1)
    changed = np.concatenate(([True], best[1:] != best[:-1]))
    starts = np.flatnonzero(changed)
    ends = np.append(starts[1:], len(best))
    kept = [(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if best[a] != 0]
    # Of a run of equal steps the surest one speaks for the character.
    steps = [a + int(logp[a:b, best[a]].argmax()) for a, b in kept]
    return [int(best[a]) for a, _ in kept], steps


def _add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b <= _NEVER else a + math.log1p(math.exp(b - a))


def beam_search(
    logp: NDArray[np.float32], alphabet: str, width: int = 6, branch: int = 4, spelling: Spelling | None = None
) -> tuple[Decoded, float]:
    """The likeliest text over all of its alignments, and its log-probability: CTC prefix search.

    Where greedy decoding stutters or swallows a letter ("PPROCESS", "www" as "ww"), the alignments of the right text
    together usually outweigh the one best path. `width` prefixes are kept, `branch` characters tried at each step.
    (Graves 2008, "Supervised Sequence Labelling", section 7.5.3; Hannun et al. 2014, arXiv:1408.2873.)
    With `spelling`, prefixes are ranked by how words are spelt, too; the probability is that of the ink alone.
    """
    path = float(logp.max(axis=1).sum())
    if spelling is None and path > ONE_PATH:
        return greedy(logp, alphabet), path
    # Prefixes are nodes of a tree, so that growing one copies nothing; node 0 is the empty prefix.
    parents, last = [-1], [0]  # of each node; the class of its last character
    spelt = [(0, 0.0)]  # what stands before the next letter, and what all letters cost by their spelling
    children: dict[tuple[int, int], int] = {}
    beams: list[_Beam] = [(0, 0.0, _NEVER, None)]

    def child(node: int, c: int) -> int:
        longer = children.get((node, c))
        if longer is None:
            longer = children[node, c] = len(parents)
            parents.append(node)
            last.append(c)
            if spelling is not None:
                before, cost = spelling.add(spelt[node][0], alphabet[c - 1])
                spelt.append((before, spelt[node][1] + cost))
        return longer

    def rank(beam: _Beam) -> float:
        return _sureness(beam) + (spelt[beam[0]][1] if spelling is not None else 0.0)

    for part in _parts(logp):
        if part.sure is not None:  # every prefix goes on by the same text
            beams = [
                (reduce(child, part.classes, node), _add(a, b) + part.sure, _NEVER, (places, part.steps))
                for node, a, b, places in beams
            ]
            continue
        tried = _candidates(logp[part.start : part.end], branch)
        for t, choices in enumerate(tried, part.start):
            row = logp[t]
            blank = row.item(0)
            grown: dict[int, list[Any]] = {}  # node: ends in blank, ends in character, places
            for node, in_blank, in_character, places in beams:
                whole = _add(in_blank, in_character)
                same = last[node]
                stay = in_character + row.item(same) if node else _NEVER
                entry = grown.get(node)
                if entry is None:
                    grown[node] = [max(whole + blank, _NEVER), max(stay, _NEVER), places]
                else:
                    entry[0], entry[1] = _add(entry[0], whole + blank), _add(entry[1], stay)
                for c, p in choices:
                    # A letter doubles only across a blank.
                    before = in_blank if c == same else whole
                    if before <= _NEVER:
                        continue
                    longer = child(node, c)
                    entry = grown.get(longer)
                    if entry is None:
                        grown[longer] = [_NEVER, max(before + p, _NEVER), (places, [t])]
                    else:
                        entry[1] = _add(entry[1], before + p)
            beams = [(node, a, b, places) for node, (a, b, places) in grown.items()]
            beams.sort(key=rank)
            del beams[width:]
    beams.sort(key=rank)
    # A lone sign or a stray line? A doubtful nothing gives way to the best something, which is doubtful as well.
    second = beams[0][0] == 0 and len(beams) > 1 and -_sureness(beams[0]) < math.log(0.75)
    node, in_blank, in_character, places = beams[1 if second else 0]
    text: list[str] = []
    while node:
        text.append(alphabet[last[node] - 1])
        node = parents[node]
    steps: list[int] = []
    while places is not None:
        places, read = places
        steps += read[::-1]
    return Decoded("".join(text[::-1]), logp[steps[::-1]]), _add(in_blank, in_character)


class _Part(NamedTuple):
    """Steps from `start` to `end`, and where these leave no doubt what they say: that, and its log-probability."""

    start: int
    end: int
    sure: float | None = None
    classes: Sequence[int] = ()
    steps: Sequence[int] = ()


def _parts(logp: Steps) -> list[_Part]:
    """A line cut at sure blanks into what is sure and what is not."""
    best = logp.max(axis=1)
    blanks = np.flatnonzero(logp[:, 0] > SURE_BLANK).tolist()
    until = [0.0, *np.cumsum(best, dtype=float).tolist()]
    classes, places = _likeliest(logp)
    out: list[_Part] = []
    begun, said, sure, at = 0, 0, 0.0, 0  # where what is sure began, its first character, its probability; characters
    for start, end in zip([0, *(b + 1 for b in blanks)], [*blanks, len(logp)], strict=True):
        first = at
        while at < len(places) and places[at] < end:
            at += 1
        path = until[end] - until[start]
        if ONE_PATH < path <= SURE_PART:
            path = _probability(logp[start:end], classes[first:at])
        if path <= SURE_PART:
            out += [_Part(begun, start, sure, classes[said:first], places[said:first]), _Part(start, end)]
            begun, said, sure, path = end, at, 0.0, 0.0
        sure += path + until[min(end + 1, len(best))] - until[end]  # with the blank behind it
    return [*out, _Part(begun, len(logp), sure, classes[said:], places[said:])]


def _probability(logp: Steps, classes: list[int]) -> float:
    """The log-probability of a short text over all of its alignments: CTC's forward algorithm (Graves et al. 2006)."""
    shares = np.exp(logp[:, [0, *classes]]).tolist()
    count = len(classes)
    blank, character = [1.0] + [0.0] * count, [0.0] * (count + 1)  # of the first n, by what the last step is
    for row in shares:
        for n in range(count, 0, -1):
            before = blank[n - 1] + (character[n - 1] if n > 1 and classes[n - 1] != classes[n - 2] else 0.0)
            blank[n] = (blank[n] + character[n]) * row[0]
            character[n] = (character[n] + before) * row[n]
        blank[0] *= row[0]
    return math.log(max(blank[count] + character[count], 1e-30))


def _sureness(beam: _Beam) -> float:
    """Sorts the likeliest first."""
    return -_add(beam[1], beam[2])


def _candidates(logp: NDArray[np.float32], branch: int) -> list[list[tuple[int, float]]]:
    """For each step the characters worth trying, and their log-probabilities: the best few that are not hopeless."""
    best = np.argpartition(-logp, branch, axis=1)[:, :branch]
    values = np.take_along_axis(logp, best, axis=1)
    ok = (best > 0) & (values > logp.max(axis=1, keepdims=True) - np.float32(7.0))
    return [
        [(c, p) for c, p, good in zip(*row, strict=True) if good]
        for row in zip(best.tolist(), values.tolist(), ok.tolist(), strict=True)
    ]
