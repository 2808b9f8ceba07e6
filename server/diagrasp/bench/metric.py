"""How right a recognised diagram is, as docs/benchmarks.md defines it: the benchmark's only definition.

Nodes are matched by an optimal assignment of label similarities (normalised Levenshtein distance), nodes without a
label by the neighbours that are matched already and by the class of their shape; that is repeated until nothing
changes.  F1 is the harmonic mean of precision and recall (van Rijsbergen, "Information Retrieval", 1979); the
character error rate is the edit distance over the true text's length, as is usual for text recognition.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from diagrasp.bench.assignment import assign, distance, similarity
from diagrasp.model import Diagram

SAME = 0.8
ROUNDS = 4
RUNAWAY = 3
"""An answer of more than so many times the true edges has run away."""
_CLASSES = (
    ("end", re.compile(r"event|initial|final|terminal|ellipse|circle|stadium|usecase")),
    ("decision", re.compile(r"gateway|decision|hexagon|merge")),
    ("data", re.compile(r"data|document|note|annotation|manual_input|^text$")),
    ("actor", re.compile(r"actor|participant|boundary|control|collections")),
    ("class", re.compile(r"class|entity")),
    ("bar", re.compile(r"^bar$")),
)


@dataclass(frozen=True, slots=True)
class Score:
    """Shares between 0 and 1 (`cer` an error rate); None where the truth has nothing to be judged by."""

    node: float
    edge: float | None
    labelled: float | None
    shape: float | None
    group: float | None
    cer: float | None
    exact: float
    runaway: float | None


def plain(text: str) -> str:
    """A label as it is compared: case, quotes, kinds of dashes, dots of ё and stops at either end do not count."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    text = re.sub(r"[«»“”„\"'`’]", "", text)
    text = re.sub(r"[‐‑–—−]", "-", text)
    return " ".join(text.split()).strip(" .,:;-")


@lru_cache(maxsize=1 << 16)
def alike(a: str, b: str) -> float:
    """The similarity of two plain labels, blanks left out."""
    return 1.0 if a == b else similarity(a.replace(" ", ""), b.replace(" ", ""))


def class_of(shape: str) -> str:
    """The coarse class of a shape; whatever is none of the others is a step."""
    return next((name for name, rule in _CLASSES if rule.search(shape)), "step")


def match(truth: Diagram, found: Diagram) -> dict[str, str]:
    """The true node's id by the found node's."""
    if not truth.nodes or not found.nodes:
        return {}
    want = [plain(n.label) for n in truth.nodes]
    have = [plain(n.label) for n in found.nodes]
    likeness = np.array([[alike(a, b) if a and b else 0.0 for b in have] for a in want])
    classes = np.array([[class_of(a.shape) == class_of(b.shape) for b in found.nodes] for a in truth.nodes])
    bare = np.array([[not a and not b for b in have] for a in want])
    ends = _neighbours(truth), _neighbours(found)
    pairs: dict[str, str] = {}
    for _ in range(ROUNDS):
        near = np.array([[_agreement(a.id, b.id, ends, pairs) for b in found.nodes] for a in truth.nodes])
        score = np.where(likeness >= SAME, likeness + 0.05 * near, 0.0)  # of two with one label, the one in its place
        score = np.where(bare, 0.3 * classes + 0.35 * near, score)
        new = {found.nodes[j].id: truth.nodes[i].id for i, j in assign(-score) if score[i, j] > 0.25}
        if new == pairs:
            break
        pairs = new
    return pairs


Neighbours = Mapping[str, tuple[set[str], set[str]]]


def _neighbours(diagram: Diagram) -> Neighbours:
    near: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for edge in diagram.edges:
        near[edge.source][1].add(edge.target)
        near[edge.target][0].add(edge.source)
    return near


def _agreement(true: str, found: str, ends: tuple[Neighbours, Neighbours], pairs: Mapping[str, str]) -> float:
    """How far what leads to two nodes, and what follows them, is the same: 0 to 2."""
    total = 0.0
    for side in (0, 1):
        a = ends[0][true][side]
        b = {pairs[id] for id in ends[1][found][side] if id in pairs}
        total += len(a & b) / max(1, len(a | b))
    return total


@dataclass(frozen=True, slots=True)
class Marks:
    """What of a found diagram is right, element by element.

    Attributes:
        nodes: the true node's id by the found node's.
        edges: the true edge's id by the found edge's, ends and direction agreeing.
        labelled: found edges among them whose label agrees too.
        scored: found edges that are judged at all: those between nodes.
        wanted: true edges that are to be found.
    """

    nodes: Mapping[str, str]
    edges: Mapping[str, str]
    labelled: frozenset[str]
    scored: frozenset[str]
    wanted: frozenset[str]

    def share(self, truth: Diagram, found: Diagram) -> float:
        """F1 of nodes and labelled edges together: the share of the graph that is right."""
        want = len(truth.nodes) + len(self.wanted)
        return _f1(len(self.nodes) + len(self.labelled), want, len(found.nodes) + len(self.scored))


def mark(truth: Diagram, found: Diagram) -> Marks:
    """Compare a diagram with the truth."""
    pairs = match(truth, found)
    true_nodes, found_nodes = {n.id for n in truth.nodes}, {n.id for n in found.nodes}
    want = [e for e in truth.edges if {e.source, e.target} <= true_nodes]
    have = [e for e in found.edges if {e.source, e.target} <= found_nodes]
    left: dict[tuple[str | None, str | None], list[tuple[str, str]]] = defaultdict(list)
    for edge in want:
        left[edge.source, edge.target].append((plain(edge.label), edge.id))
    either_way = {(e.source, e.target) for e in want if e.head == e.tail == "none"}
    hits: dict[str, str] = {}
    labelled = set()
    for edge in have:
        key = pairs.get(edge.source), pairs.get(edge.target)
        if not left.get(key) and key[::-1] in either_way:
            key = key[::-1]
        labels = left.get(key)
        if not labels:
            continue
        mine = plain(edge.label)
        fits = [each for each in labels if each[0] == mine == "" or (each[0] and mine and alike(each[0], mine) >= SAME)]
        taken = fits[0] if fits else labels[0]
        hits[edge.id] = taken[1]
        if fits:
            labelled.add(edge.id)
        labels.remove(taken)
    ids = frozenset(e.id for e in have), frozenset(e.id for e in want)
    return Marks(pairs, hits, frozenset(labelled), *ids)


def score(truth: Diagram, found: Diagram | None, marks: Marks | None = None) -> Score:
    """Judge a diagram; None, where there is no answer, counts as empty.

    Args:
        marks: what `mark` says of the two, where that is known already.
    """
    found = found or Diagram()
    marks = marks or mark(truth, found)
    pairs = marks.nodes
    node = _f1(len(pairs), len(truth.nodes), len(found.nodes))
    edge = labelled = runaway = None
    if marks.wanted:
        counts = len(marks.wanted), len(marks.scored)
        edge, labelled = _f1(len(marks.edges), *counts), _f1(len(marks.labelled), *counts)
        runaway = float(counts[1] > RUNAWAY * counts[0])
    shapes = {n.id: class_of(n.shape) for n in truth.nodes}
    right = sum(shapes[pairs[n.id]] == class_of(n.shape) for n in found.nodes if n.id in pairs)
    return Score(
        node=node,
        edge=edge,
        labelled=labelled,
        shape=right / len(truth.nodes) if truth.nodes else None,
        group=_groups(truth, found, pairs),
        cer=_characters(truth, found, pairs),
        exact=float(node == 1 and labelled in (1, None)),
        runaway=runaway,
    )


def _groups(truth: Diagram, found: Diagram, pairs: Mapping[str, str]) -> float | None:
    titles = {g.id: plain(g.label) for g in truth.groups}, {g.id: plain(g.label) for g in found.groups}
    want = {n.id: titles[0][n.group] for n in truth.nodes if n.group and titles[0][n.group]}
    if not want:
        return None
    right = 0
    for node in found.nodes:
        true = pairs.get(node.id)
        if true in want:
            right += alike(want[true], titles[1].get(node.group or "", "")) >= SAME
    return right / len(want)


def _characters(truth: Diagram, found: Diagram, pairs: Mapping[str, str]) -> float | None:
    want = {n.id: plain(n.label) for n in truth.nodes}
    matched = [(want[pairs[n.id]], plain(n.label)) for n in found.nodes if n.id in pairs]
    length = sum(len(a) for a, _ in matched)
    return sum(distance(a, b) for a, b in matched) / length if length else None


def _f1(right: int, want: int, have: int) -> float:
    return 2 * right / (want + have) if want + have else 1.0
