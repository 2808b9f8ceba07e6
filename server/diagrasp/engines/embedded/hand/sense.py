"""What connectors by hand say together: where a head was hardly seen, the way that makes a whole is the right one.

A step is come to and left, by one way unless it decides; a decision is left by two.  Of a connector whose ends look
alike the direction is open, and the one that leaves fewer steps without an entry or an exit is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.symbols.find import Symbol

CLEAR = 0.6
"""Evidence of a head from which on a connector's direction is not open to doubt."""
OPEN = 0.3
"""The same below which any gain tells; above, nothing less than a step without entry or exit does."""
MOST = 40
"""Doubtful connectors beyond which a picture is noise, or has no heads."""
ENDS = frozenset(["ellipse", "stadium", "circle", "text", "note", "icon"])
"""Shapes that may begin or end a flow, or stand beside it."""


def as_it_flows(connectors: Sequence[Connector], nodes: Sequence[Symbol]) -> list[Connector]:
    """The connectors, doubtful ones turned where that leaves fewer steps without an entry or an exit."""
    out = list(connectors)
    flows = [
        k for k, c in enumerate(out)
        if c.head and not c.tail and not c.dashed and c.source != c.target and max(c.source, c.target) <= len(nodes)
    ]  # fmt: skip
    open_ = [k for k in flows if out[k].sure < CLEAR]
    if len(open_) > MOST:
        return out
    into = Counter(out[k].target for k in flows)
    away = Counter(out[k].source for k in flows)

    def gain(turned: Iterable[int]) -> float:
        more: Counter[int] = Counter()
        for k in turned:
            more[out[k].source] += 1
            more[out[k].target] -= 1
        return sum(_odd(nodes[i - 1], into[i], away[i]) - _odd(nodes[i - 1], into[i] + d, away[i] - d)
                   for i, d in more.items())  # fmt: skip

    while open_:
        alone = [(k,) for k in open_]
        meet = [
            (j, k) for j, k in combinations(open_, 2) if {out[j].source, out[j].target} & {out[k].source, out[k].target}
        ]
        best = max([*alone, *meet], key=lambda s: (gain(s), -len(s)))
        if gain(best) < (0.5 if max(out[k].sure for k in best) < OPEN else 1.0):
            break
        for k in best:
            c = out[k]
            into[c.source] += 1
            away[c.source] -= 1
            into[c.target] -= 1
            away[c.target] += 1
            out[k] = replace(c, source=c.target, target=c.source, path=c.path[::-1])
            open_.remove(k)
    return out


def _odd(node: Symbol, into: int, away: int) -> float:
    """How odd it is for a symbol to be come to and left so often."""
    if node.shape in ENDS:
        return 0.5 * (into == 0 and away > 1)
    if node.shape == "decision":
        return (into == 0) + (away == 0) + 0.5 * (away < 2)
    return (into == 0) + (away == 0) + max(0, away - 1)


def with_whole_outlines(
    nodes: Sequence[Symbol], connectors: Sequence[Connector]
) -> tuple[list[Symbol], list[Connector]]:
    """Connectors without loops that have no clear head: these are pieces of outlines that reach beyond their symbols.

    A box whose outline goes on beyond its right side is a document: that is where its wave ends.
    """
    out = list(nodes)
    rest = [c for c in connectors if c.source == c.target and not (c.head and not c.tail and c.sure >= CLEAR)]
    for c in rest:
        if c.source > len(nodes) or nodes[c.source - 1].shape not in ("process", "rounded"):
            continue
        symbol = nodes[c.source - 1]
        b = symbol.outline.box
        level = b.y0 - 0.2 * b.h <= c.path[:, 1].min() and c.path[:, 1].max() <= b.y1 + 0.2 * b.h
        if level and c.path[:, 0].min() >= b.cx and c.path[:, 0].max() <= b.x1 + b.w:
            out[c.source - 1] = replace(symbol, shape="document")
    return out, [c for c in connectors if not any(c is r for r in rest)]
