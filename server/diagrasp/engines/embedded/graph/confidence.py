"""Confidences that mean something: the chance that a node or an edge is right, the share of a diagram that is.

What the stages of the engine say of their own finds is one sign among several: a node that nothing is connected to, an
outline that overlaps another, a connector that ends apart from its symbol are doubtful however clear their strokes
are.  The signs are weighed by a logistic regression whose few weights lie in confidence.json; `python -m
diagrasp_train.calibrate` makes them, from generated pictures alone.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from statistics import fmean, median

from diagrasp.engines.embedded.graph.evidence import Evidence, Signs
from diagrasp.engines.embedded.lines.crossings import crossings
from diagrasp.model import Box, Diagram, Edge

TABLE = "confidence.json"
_RAW = 0.998
"""The highest own estimate that counts; a bend in the logarithm would make more of it than it is."""


def rate(diagram: Diagram, evidence: Evidence | None = None) -> tuple[Diagram, float]:
    """The diagram with its elements' confidences put right, and the share of it that is probably right.

    Args:
        diagram: its confidences are what the engine's stages say of what they found, 0..1.
        evidence: what of the drawing the diagram does not tell.
    """
    if not diagram.nodes:
        return diagram, 0.0
    if diagram.kind == "sequence":  # messages end at lifelines, far from the heads: the signs below say nothing there
        own = [n.confidence or 0.0 for n in diagram.nodes] + [e.confidence or 0.0 for e in diagram.edges]
        return diagram, round(fmean(own), 3)
    evidence = evidence or Evidence()
    of_nodes = node_signs(diagram, evidence)
    chance = {id: _weigh("node", signs) for id, signs in of_nodes.items()}
    nodes = tuple(n.replace(confidence=chance[n.id]) for n in diagram.nodes)
    of_edges = edge_signs(diagram, chance, evidence)
    edges = tuple(e.replace(confidence=_weigh("edge", of_edges[e.id])) for e in diagram.edges)
    rated = diagram.replace(nodes=nodes, edges=edges)
    return rated, _weigh("diagram", diagram_signs(rated, evidence))


def _weigh(what: str, signs: Mapping[str, float]) -> float:
    weights = _table()[what]
    return round(logistic(sum(weights.get(name, 0.0) * value for name, value in signs.items())), 3)


def logistic(x: float) -> float:
    """1 / (1 + e^-x), without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, float]]:
    """Weights by sign, for nodes, edges and diagrams; a table without weights leaves everything at one half."""
    found = resources.files("diagrasp.engines.embedded.graph").joinpath(TABLE).read_text(encoding="utf-8")
    return {what: dict(weights) for what, weights in json.loads(found).items() if what in ("node", "edge", "diagram")}


def node_signs(diagram: Diagram, evidence: Evidence) -> dict[str, Signs]:
    """What speaks for and against every node, by its id."""
    degree = Counter([e.source for e in diagram.edges] + [e.target for e in diagram.edges])
    boxes = [n.box for n in diagram.nodes if n.box is not None]
    usual = median([b.area for b in boxes]) if boxes else 1.0
    linked = sum(degree[n.id] > 0 for n in diagram.nodes) / len(diagram.nodes)
    out = {}
    for n in diagram.nodes:
        letters = sum(c.isalpha() for c in n.label)
        out[n.id] = {
            "one": 1.0,
            "own doubt": _doubt(n.confidence),
            "alone": float(degree[n.id] == 0),
            "one connector": float(degree[n.id] == 1),
            "share connected": linked,
            "without a label": float(not n.label),
            "without letters": float(bool(n.label) and letters < 0.5 * len(n.label.replace(" ", ""))),
            "two letters or less": float(bool(n.label) and letters <= 2),
            "larger than usual": _larger(n.box, usual),
            "overlaps another": max((_overlap(n.box, b) for b in boxes if b is not n.box), default=0.0),
            "few nodes": 1 / len(diagram.nodes),
            **evidence.of_node(n.id),
        }
    return out


def edge_signs(diagram: Diagram, chance: Mapping[str, float], evidence: Evidence) -> dict[str, Signs]:
    """What speaks for and against every edge, by its id.

    Args:
        chance: of the nodes to be right, by their ids.
    """
    boxes = {n.id: n.box for n in diagram.nodes if n.box is not None}
    boxes |= {g.id: g.box for g in diagram.groups if g.box is not None}
    ways_out = Counter(e.source for e in diagram.edges)
    forks = {n.id for n in diagram.nodes if n.shape == "decision" and ways_out[n.id] > 1}
    pairs = Counter((e.source, e.target) for e in diagram.edges)
    side = max(1.0, median([min(b.w, b.h) for b in boxes.values()])) if boxes else 1.0
    headless = sum(_headless(e) for e in diagram.edges) / max(1, len(diagram.edges))
    crossed = crossings([e.path or () for e in diagram.edges])
    out = {}
    for i, e in enumerate(diagram.edges):
        ends = [chance.get(id, 0.5) for id in (e.source, e.target)]
        length = _length(e)
        straight = math.dist(e.path[0], e.path[-1]) if e.path else 0.0
        out[e.id] = {
            "one": 1.0,
            "own doubt": _doubt(e.confidence),
            "doubt of an end": -math.log(max(0.02, min(ends))),
            "doubt of both ends": -math.log(max(0.02, ends[0] * ends[1])),
            "without a head": float(_headless(e)),
            "without a head, unlike others": float(_headless(e)) * (1 - headless),
            "two heads": float(e.head != "none" and e.tail != "none"),
            "dashed": float(e.line != "solid"),
            "loop": float(e.source == e.target),
            "one of several": float(pairs[e.source, e.target] > 1),
            "a fork without a label": float(not e.label and e.source in forks),
            "with a label": float(bool(e.label)),
            "bends": math.log1p(max(0, len(e.path or ()) - 2)),
            "length": math.log1p(length / side),
            "detour": math.log(max(1.0, min(8.0, length / max(straight, side)))),
            "crossed": math.log1p(crossed[i]),
            **evidence.of_edge(e.id),
        }
    return out


def diagram_signs(diagram: Diagram, evidence: Evidence) -> Signs:
    """What speaks for and against a diagram whose elements are rated."""
    sure_nodes = fmean(n.confidence or 0.0 for n in diagram.nodes)
    sure_edges = fmean(e.confidence or 0.0 for e in diagram.edges) if diagram.edges else 0.0
    joined = {e.source for e in diagram.edges} | {e.target for e in diagram.edges}
    linked = sum(n.id in joined for n in diagram.nodes) / len(diagram.nodes)
    return {
        "one": 1.0,
        "nodes": math.log(_odds(sure_nodes)),
        "edges": math.log(_odds(sure_edges)) if diagram.edges else 0.0,
        "without edges": float(not diagram.edges),
        "share connected": linked,
        "few nodes": 1 / len(diagram.nodes),
        **evidence.of_whole(),
    }


def _odds(chance: float) -> float:
    chance = min(0.99, max(0.01, chance))
    return chance / (1 - chance)


def _doubt(own: float | None) -> float:
    """How doubtful a stage is of its find: 0 where it has no doubt, 1 for an even chance."""
    return -math.log2(min(_RAW, max(0.02, own or 0.0)))


def _larger(box: Box | None, usual: float) -> float:
    """How much larger a box is than the usual one, as a logarithm."""
    if box is None or box.area <= 0 or usual <= 0:
        return 0.0
    return max(0.0, min(3.0, math.log(box.area / usual)))


def _overlap(box: Box | None, other: Box) -> float:
    """The share of a box that another, larger one covers in part; what lies wholly inside it is not meant."""
    if box is None or box.area <= 0:
        return 0.0
    w = min(box.right, other.right) - max(box.x, other.x)
    h = min(box.bottom, other.bottom) - max(box.y, other.y)
    return max(0.0, w) * max(0.0, h) / min(box.area, max(other.area, 1.0)) if w > 0 and h > 0 else 0.0


def _length(edge: Edge) -> float:
    path = edge.path or ()
    return sum(math.dist(a, b) for a, b in itertools.pairwise(path))


def _headless(edge: Edge) -> bool:
    return edge.head == "none" and edge.tail == "none"
