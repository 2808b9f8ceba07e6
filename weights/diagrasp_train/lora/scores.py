"""How right a diagram is: F1 of nodes and of edges against the truth, not of strings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Final

import numpy as np

from diagrasp.model import Diagram, Node

SAME: Final = 0.8
"""Labels agree at this normalised similarity."""


@dataclass(frozen=True, slots=True)
class Score:
    """Shares between 0 and 1; `edge` is None where the truth has no edges; `exact` where nothing differs."""

    node: float
    edge: float | None
    exact: bool


def score(truth: Diagram, found: Diagram) -> Score:
    """Compare two diagrams.

    Nodes are matched one to one by their labels' similarity and, between equals, by their shape and place; an edge is
    right where both its ends are matched and its label agrees.
    """
    from scipy.optimize import linear_sum_assignment

    pairs: dict[str, str] = {}
    if truth.nodes and found.nodes:
        alike = np.array([[_alike(a, b) for b in found.nodes] for a in truth.nodes])
        rows, columns = linear_sum_assignment(-alike)
        pairs = {
            found.nodes[j].id: truth.nodes[i].id
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if alike[i, j] >= SAME
        }
    node = _f1(len(pairs), len(truth.nodes), len(found.nodes))
    pairs |= {g.id: t.id for g in found.groups for t in truth.groups if _similar(g.label, t.label) >= SAME}
    wanted = [(e.source, e.target, _plain(e.label)) for e in truth.edges]
    left = list(wanted)
    for edge in found.edges:
        triple = (pairs.get(edge.source, ""), pairs.get(edge.target, ""), _plain(edge.label))
        if triple in left:
            left.remove(triple)
    edge_score = _f1(len(wanted) - len(left), len(wanted), len(found.edges)) if wanted else None
    shapes = {n.id: n.shape for n in truth.nodes}
    exact = (
        node == 1.0
        and edge_score in (1.0, None)
        and len(found.edges) == len(wanted)
        and all(shapes[pairs[n.id]] == n.shape and _same_label(truth, pairs[n.id], n) for n in found.nodes)
    )
    return Score(node, edge_score, exact)


def mean(scores: Iterable[Score]) -> dict[str, float]:
    """The means of several scores: node, edge, exact."""
    every = list(scores)
    edges = [each.edge for each in every if each.edge is not None]
    return {
        "node": fmean(each.node for each in every) if every else 0.0,
        "edge": fmean(edges) if edges else 1.0,
        "exact": fmean(each.exact for each in every) if every else 0.0,
    }


def _same_label(truth: Diagram, id: str, node: Node) -> bool:
    return truth.node(id).label == node.label


def _alike(a: Node, b: Node) -> float:
    near = 0.0
    if a.box and b.box:
        (ax, ay), (bx, by) = a.box.center, b.box.center
        near = 0.005 / (1 + abs(ax - bx) + abs(ay - by))
    return _similar(a.label, b.label) + (0.005 if a.shape == b.shape else 0.0) + near


def _similar(a: str, b: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(_plain(a), _plain(b)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").split())


def _f1(right: int, wanted: int, found: int) -> float:
    return 1.0 if wanted == found == 0 else 2 * right / (wanted + found)
