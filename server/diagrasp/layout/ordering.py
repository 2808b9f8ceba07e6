"""The order of items within ranks: depth first at the start, then barycentre sweeps and swaps of neighbours."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from diagrasp.layout.parts import BIG, Item, Link, Near


def neighbours(items: list[Item], links: list[Link]) -> tuple[Near, Near]:
    up: Near = [[] for _ in items]
    down: Near = [[] for _ in items]
    for link in links:
        for a, b in zip(link.chain, link.chain[1:], strict=False):
            straight = link.weight * (
                4.0 if items[a].dummy and items[b].dummy else 2.0 if items[a].dummy or items[b].dummy else 1.0
            )
            down[a].append((b, straight))
            up[b].append((a, straight))
    return up, down


def order(items: list[Item], links: list[Link]) -> list[list[int]]:
    up, down = neighbours(items, links)
    count = max((item.rank for item in items), default=-1) + 1
    ranks: list[list[int]] = [[] for _ in range(count)]
    seen = [False] * len(items)
    # Depth first from each rank-0 item keeps what hangs together side by side.
    for start in sorted(range(len(items)), key=lambda i: (items[i].rank, i)):
        stack = [start]
        while stack:
            i = stack.pop()
            if seen[i]:
                continue
            seen[i] = True
            ranks[items[i].rank].append(i)
            stack.extend(j for j, _ in reversed(down[i]) if not seen[j])
    for rank in ranks:
        rank.sort(key=lambda i: items[i].band)
        _number(items, rank)
    best, fewest = [list(r) for r in ranks], _crossings(items, ranks, down)
    rounds = 12 if len(items) < BIG else 4
    for turn in range(rounds):
        if fewest == 0:
            break
        forward = turn % 2 == 0
        for rank in ranks[1:] if forward else reversed(ranks[:-1]):
            _sort_rank(items, rank, up if forward else down)
        if len(items) < BIG:
            _transpose(items, ranks, up, down)
        found = _crossings(items, ranks, down)
        if found < fewest:
            best, fewest = [list(r) for r in ranks], found
    for rank in best:
        _number(items, rank)
    return best


def _number(items: list[Item], rank: Sequence[int]) -> None:
    for k, i in enumerate(rank):
        items[i].order = k


def _sort_rank(items: list[Item], rank: list[int], near: Near) -> None:
    keys = {}
    for i in rank:
        if near[i]:
            keys[i] = sum(items[j].order for j, _ in near[i]) / len(near[i])
        else:
            keys[i] = float(items[i].order)
    rank.sort(key=lambda i: (items[i].band, keys[i], items[i].order))
    _number(items, rank)


def _crossings(items: list[Item], ranks: list[list[int]], down: Near) -> int:
    """Crossings between neighbouring ranks, counted by insertion into a sorted list."""
    total = 0
    for rank in ranks[:-1]:
        seen: list[int] = []
        for i in rank:
            ends = sorted(items[j].order for j, _ in down[i])
            for end in ends:
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _transpose(items: list[Item], ranks: list[list[int]], up: Near, down: Near) -> None:
    """Swap neighbours in a rank while that saves crossings."""
    for _ in range(2):
        better = False
        for rank in ranks:
            for k in range(len(rank) - 1):
                a, b = rank[k], rank[k + 1]
                if items[a].band != items[b].band:
                    continue
                gain = 0
                for near in (up, down):
                    left = [items[j].order for j, _ in near[a]]
                    right = [items[j].order for j, _ in near[b]]
                    gain += sum((x > y) - (x < y) for x in left for y in right) if len(left) * len(right) < 400 else 0
                if gain > 0:
                    rank[k], rank[k + 1] = b, a
                    items[a].order, items[b].order = k + 1, k
                    better = True
        if not better:
            return
