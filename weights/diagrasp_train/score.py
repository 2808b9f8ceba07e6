"""`python -m diagrasp_train.score TRUTH FOUND`: how right recognised diagrams are, as docs/benchmarks.md defines it.

Nodes are matched by an optimal assignment (Kuhn 1955, as scipy has it) of label similarities (normalised Levenshtein
distance), nodes without a label by the neighbours that are matched already and by the class of their shape; that is
repeated until nothing changes.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean

import numpy as np

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


def alike(a: str, b: str) -> float:
    """The similarity of two plain labels, blanks left out."""
    from rapidfuzz.distance import Levenshtein

    return 1.0 if a == b else float(Levenshtein.normalized_similarity(a.replace(" ", ""), b.replace(" ", "")))


def class_of(shape: str) -> str:
    """The coarse class of a shape; whatever is none of the others is a step."""
    return next((name for name, rule in _CLASSES if rule.search(shape)), "step")


def match(truth: Diagram, found: Diagram) -> dict[str, str]:
    """The true node's id by the found node's."""
    from scipy.optimize import linear_sum_assignment

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
        rows, columns = linear_sum_assignment(-score)
        new = {
            found.nodes[j].id: truth.nodes[i].id
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if score[i, j] > 0.25
        }
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


def score(truth: Diagram, found: Diagram | None) -> Score:
    """Judge a diagram; None, where there is no answer, counts as empty."""
    found = found or Diagram()
    pairs = match(truth, found)
    node = _f1(len(pairs), len(truth.nodes), len(found.nodes))
    edge, labelled, runaway = _edges(truth, found, pairs)
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


def _edges(truth: Diagram, found: Diagram, pairs: Mapping[str, str]) -> tuple[float | None, float | None, float | None]:
    true_nodes, found_nodes = {n.id for n in truth.nodes}, {n.id for n in found.nodes}
    want = [e for e in truth.edges if {e.source, e.target} <= true_nodes]
    have = [e for e in found.edges if {e.source, e.target} <= found_nodes]
    if not want:
        return None, None, None
    left: dict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for edge in want:
        left[edge.source, edge.target].append(plain(edge.label))
    either_way = {(e.source, e.target) for e in want if e.head == e.tail == "none"}
    hits = labelled = 0
    for edge in have:
        key = pairs.get(edge.source), pairs.get(edge.target)
        if not left.get(key) and key[::-1] in either_way:
            key = key[::-1]
        labels = left.get(key)
        if not labels:
            continue
        hits += 1
        mine = plain(edge.label)
        fits = [each for each in labels if each == mine == "" or (each and mine and alike(each, mine) >= SAME)]
        labelled += bool(fits)
        labels.remove(fits[0] if fits else labels[0])
    counts = len(want), len(have)
    return _f1(hits, *counts), _f1(labelled, *counts), float(len(have) > RUNAWAY * len(want))


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
    from rapidfuzz.distance import Levenshtein

    want = {n.id: plain(n.label) for n in truth.nodes}
    matched = [(want[pairs[n.id]], plain(n.label)) for n in found.nodes if n.id in pairs]
    length = sum(len(a) for a, _ in matched)
    return sum(Levenshtein.distance(a, b) for a, b in matched) / length if length else None


def _f1(right: int, want: int, have: int) -> float:
    return 2 * right / (want + have) if want + have else 1.0


def table(title: str, rows: Mapping[str, Sequence[Score]]) -> str:
    """Means by row, a Markdown table."""
    names = [field.name for field in fields(Score)]
    lines = [f"| {title} | pictures | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for name, scores in rows.items():
        cells = []
        for key in names:
            values = [value for each in scores if (value := getattr(each, key)) is not None]
            cells.append(f"{fmean(values):.3f}" if values else "")
        lines.append(f"| {name} | {len(scores)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def load(path: Path) -> Diagram | None:
    """A found diagram; None where there is none, or it is none."""
    try:
        return Diagram.from_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a folder of diagrams against a folder of truths and print the table."""
    parser = argparse.ArgumentParser(prog="python -m diagrasp_train.score", description=__doc__)
    parser.add_argument("truth", type=Path, help="folder of NAME.json")
    parser.add_argument("found", type=Path, help="folder of NAME.json as `diagrasp recognize --to json` writes them")
    parser.add_argument("--index", type=Path, help="table (TSV) with a column id and columns to group by")
    parser.add_argument("--by", default="", help="columns of the index, separated by commas")
    options = parser.parse_args(arguments)
    index = _index(options.index)
    scores: dict[str, Score] = {}
    lost = 0
    for path in sorted(options.truth.glob("*.json")):
        found = load(options.found / path.name)
        lost += found is None
        scores[path.stem] = score(Diagram.from_json(path.read_bytes()), found)
    if not scores:
        print(f"{options.truth} holds no truths", file=sys.stderr)
        return 2
    print(table("all", {"all": [*scores.values()]}))
    for column in filter(None, options.by.split(",")):
        rows: dict[str, list[Score]] = defaultdict(list)
        for name, each in scores.items():
            rows[index.get(name, {}).get(column, "?")].append(each)
        print("\n" + table(column, dict(sorted(rows.items()))))
    if lost:
        print(f"\n{lost} were not answered and count as zero")
    return 0


def _index(path: Path | None) -> dict[str, dict[str, str]]:
    if path is None:
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows: Iterable[dict[str, str]] = csv.DictReader(file, delimiter="\t")
        return {row["id"]: row for row in rows}


if __name__ == "__main__":
    raise SystemExit(main())
