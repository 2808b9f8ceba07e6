"""How sure a model was of each thing it said."""

from __future__ import annotations

from statistics import fmean

from diagrasp.engines.qwen3vl.answer import Answer
from diagrasp.model import Diagram


def rated(answer: Answer, shares: tuple[float, ...]) -> tuple[Diagram, float]:
    """The diagram with a confidence on each element, and the whole one's.

    An element is as sure as the least sure token of its line; the whole is their mean, halved where it was cut short.

    Args:
        answer: what was read.
        shares: the least probability on each line, header first.
    """
    diagram = answer.diagram
    wanted = 1 + len(diagram.groups) + len(diagram.nodes) + len(diagram.edges)
    rates = [round(min(1.0, max(0.0, share)), 3) for share in shares[:wanted]]
    if len(rates) < wanted:
        return diagram, 0.0
    each = iter(rates[1:])
    groups = tuple(group.replace(confidence=next(each)) for group in diagram.groups)
    nodes = tuple(node.replace(confidence=next(each)) for node in diagram.nodes)
    edges = tuple(edge.replace(confidence=next(each)) for edge in diagram.edges)
    whole = fmean(rates[1:]) if wanted > 1 else rates[0]
    return diagram.replace(groups=groups, nodes=nodes, edges=edges), whole / 2 if answer.cut else whole
