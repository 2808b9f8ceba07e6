"""Ways along strokes: from a free end over the junctions to others."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise

from diagrasp.engines.embedded.lines.skeleton import Segment, Skeleton


def bend(path: list[tuple[Segment, int]]) -> float:
    """How far a way is from straight: its length, and the turns at its junctions, in pixels."""
    turn = 0.0
    for (first, _), (second, m) in pairwise(path):
        u, v = -first.leaving(m, 12.0), second.leaving(m, 12.0)
        turn += 60.0 * (1 - float(u @ v))
    return turn + 0.2 * sum(s.length for s, _ in path)


def ways(
    skeleton: Skeleton, start: int, goals: set[int], ends: Container[int], letter: float, *, over: bool = False
) -> list[tuple[list[tuple[Segment, int]], int]]:
    """Every way from a free end to one of the goals, the straightest a goal; steps are (segment, node it leaves).

    Args:
        over: a line may end on one that it crosses.
    """
    best: dict[int, tuple[float, list[tuple[Segment, int]]]] = {}
    stack: list[tuple[int, list[tuple[Segment, int]], frozenset[int]]] = [
        (skeleton.segments[id].other(start), [(skeleton.segments[id], start)], frozenset({id}))
        for id in skeleton.at[start]
    ]
    budget = 500
    while stack and budget:
        budget -= 1
        node, path, seen = stack.pop()
        if node != start and node in ends:
            if node in goals:
                cost = bend(path)
                if node not in best or cost < best[node][0]:
                    best[node] = cost, path
            continue
        for id in onward(skeleton, node, path[-1][0], letter, over=over):
            if id not in seen:
                segment = skeleton.segments[id]
                stack.append((segment.other(node), [*path, (segment, node)], seen | {id}))
    return [(path, node) for node, (_, path) in best.items()]


def onward(skeleton: Skeleton, node: int, arrived: Segment, letter: float, *, over: bool = False) -> list[int]:
    """The segments by which a line may leave a junction that it reached by `arrived`."""
    ids = [s for s in skeleton.at[node] if skeleton.segments[s] is not arrived]
    if len(ids) <= 1:
        return ids
    heading = -arrived.leaving(node, 1.0 * letter)
    turns = {id: float(heading @ skeleton.segments[id].leaving(node, 1.0 * letter)) for id in ids}
    straight = max(turns, key=lambda s: turns[s])
    if not over and len(ids) >= 3 and turns[straight] > 0.8:
        # A crossing, where every branch has a partner opposite: straight on only.
        vectors = {id: skeleton.segments[id].leaving(node, 1.0 * letter) for id in ids if id != straight}
        pairs = [float(u @ v) for u in vectors.values() for v in vectors.values() if u is not v]
        if pairs and min(pairs) < -0.8:
            return [straight]
    return [id for id in ids if turns[id] > -0.35]
