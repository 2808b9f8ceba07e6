"""Layered (Sugiyama) drawing of boxes and links, in abstract coordinates: `a` along the flow, `c` across it.

Cycles are broken at the back edges of a depth-first search from the entries (Gansner et al. 1993, section 2.1); ranks
are longest paths, tightened; long links get a dummy in each rank they pass; orders come from barycentre sweeps
(Sugiyama, Tagawa, Toda 1981); coordinates from sweeps that place each rank at the least squared distance from its
neighbours' positions, which under a fixed order is isotonic regression (pool adjacent violators).  `bands` (lanes)
split every rank alike.  Work grows with items plus dummies; nothing depends on hashing or chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagrasp.layout.ordering import neighbours, order
from diagrasp.layout.parts import BAND_PAD, BIG, DUMMY_GAP, ITEM_GAP, SIDE, Item, Link, Near


@dataclass(slots=True)
class Ranked:
    """Items with dummies appended, each with rank, order and across position; `ranks` lists indices in order."""

    items: list[Item]
    links: list[Link]
    ranks: list[list[int]]
    bands: list[tuple[float, float]]


def arrange_layers(items: list[Item], links: list[Link], bands: Sequence[float] = (0.0,)) -> Ranked:
    """Rank, order and place; `items` grows by the dummies and links get their chains (from lower to higher rank).

    `bands` are the least extents of the bands that items name.
    """
    links = [link for link in links if link.source != link.target]
    _break_cycles(items, links)
    _rank(items, links)
    links = [link for link in links if not link.rank_only]
    _add_dummies(items, links)
    ranks = order(items, links)
    spans = _place(items, links, ranks, bands)
    return Ranked(items, links, ranks, spans)


def _break_cycles(items: list[Item], links: list[Link]) -> None:
    out: list[list[Link]] = [[] for _ in items]
    entering = [0] * len(items)
    for link in links:
        out[link.source].append(link)
        entering[link.target] += 1
    state = [0] * len(items)
    roots = [i for i in range(len(items)) if entering[i] == 0] + list(range(len(items)))
    for root in roots:
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, 0)]
        while stack:
            here, position = stack.pop()
            if position == len(out[here]):
                state[here] = 2
                continue
            stack.append((here, position + 1))
            link = out[here][position]
            if state[link.target] == 0:
                state[link.target] = 1
                stack.append((link.target, 0))
            elif state[link.target] == 1:
                link.flipped = True
    for link in links:
        if link.flipped:
            link.source, link.target = link.target, link.source


def _rank(items: list[Item], links: list[Link]) -> None:
    n = len(items)
    out: list[list[Link]] = [[] for _ in range(n)]
    into: list[list[Link]] = [[] for _ in range(n)]
    missing = [0] * n
    for link in links:
        out[link.source].append(link)
        into[link.target].append(link)
        missing[link.target] += 1
    ready = [i for i in range(n) if missing[i] == 0]
    topological: list[int] = []
    rank = [0] * n
    for i in ready:
        topological.append(i)
        for link in out[i]:
            rank[link.target] = max(rank[link.target], rank[i] + link.length)
            missing[link.target] -= 1
            if missing[link.target] == 0:
                ready.append(link.target)
    # Pull items towards the side with more links: entries down to their successors, and what has slack to its middle.
    for _ in range(3):
        for i in reversed(topological):
            if out[i]:
                highest = min(rank[link.target] - link.length for link in out[i])
                pull = sum(link.weight for link in out[i]) - sum(link.weight for link in into[i])
                if highest > rank[i] and (pull > 0 or not into[i]):
                    rank[i] = highest
        for i in topological:
            if into[i]:
                lowest = max(rank[link.source] + link.length for link in into[i])
                pull = sum(link.weight for link in into[i]) - sum(link.weight for link in out[i])
                if lowest < rank[i] and pull >= 0:
                    rank[i] = lowest
    used = {r: k for k, r in enumerate(sorted(set(rank)))} if not links else None
    for i, item in enumerate(items):
        item.rank = used[rank[i]] if used is not None else rank[i]
        item.inert = not out[i] and not into[i]
    _spread_inert(items)


def _spread_inert(items: list[Item]) -> None:
    """Items without links fill the ranks evenly from the first, about as wide as high."""
    loose = [item for item in items if item.inert]
    if not loose:
        return
    highest = max((item.rank for item in items if not item.inert), default=-1)
    side = max(1, round(len(loose) ** 0.5))
    columns = max(highest + 1, side) if len(loose) > 3 else max(1, min(len(loose), highest + 1))
    for k, item in enumerate(loose):
        item.rank = k % columns


def _add_dummies(items: list[Item], links: list[Link]) -> None:
    for link in links:
        link.chain = [link.source]
        band = items[link.target].band
        low, high = items[link.source].rank, items[link.target].rank
        for rank in range(low + 1, high):
            middle = rank == (low + high) // 2
            items.append(Item(0.0, max(2.0, link.room if middle else 0.0), band, rank, dummy=True))
            link.chain.append(len(items) - 1)
        link.chain.append(link.target)


def _gap(a: Item, b: Item) -> float:
    between = ITEM_GAP if not a.dummy and not b.dummy else DUMMY_GAP
    return (a.across + b.across) / 2 + between


def _place(
    items: list[Item], links: list[Link], ranks: list[list[int]], bands: Sequence[float]
) -> list[tuple[float, float]]:
    up, down = neighbours(items, links)
    rows: list[list[int]] = []
    order_of: list[int] = []
    for number, rank in enumerate(ranks):
        by_band: dict[int, list[int]] = {}
        for i in rank:
            by_band.setdefault(items[i].band, []).append(i)
        for row in by_band.values():
            rows.append(row)
            order_of.append(number)
            c = 0.0
            for k, i in enumerate(row):
                c = c + _gap(items[row[k - 1]], items[i]) if k else 0.0
                items[i].c = c
            middle = c / 2
            for i in row:
                items[i].c -= middle
    rounds = 10 if len(items) < BIG else 6
    for turn in range(rounds):
        forward = turn % 2 == 0
        both = turn >= rounds - 4
        for row in rows if forward else reversed(rows):
            wanted, weights = [], []
            for i in row:
                near = up[i] + down[i] if both else (up[i] if forward else down[i]) or up[i] + down[i]
                near = [(j, w) for j, w in near if items[j].band == items[i].band]
                total = sum(w for _, w in near)
                wanted.append(sum(items[j].c * w for j, w in near) / total if total else items[i].c)
                weights.append(total or 0.1)
            _isotonic(items, row, wanted, weights)
    _straighten(items, links, rows)
    _align_chains(items, rows, up, down)
    _snap(items, rows, up, down)
    return _stack(items, bands)


def _isotonic(items: list[Item], row: list[int], wanted: list[float], weights: list[float]) -> None:
    """Put a row at the least weighted squared distance from `wanted` with its gaps kept."""
    shift, shifts = 0.0, []
    for k in range(len(row)):
        if k:
            shift += _gap(items[row[k - 1]], items[row[k]])
        shifts.append(shift)
    blocks: list[list[float]] = []  # mean, weight, count
    for want, weight, offset in zip(wanted, weights, shifts, strict=True):
        mean, total, count = want - offset, weight, 1.0
        while blocks and blocks[-1][0] > mean:
            other = blocks.pop()
            mean = (mean * total + other[0] * other[1]) / (total + other[1])
            total += other[1]
            count += other[2]
        blocks.append([mean, total, count])
    k = 0
    for mean, _, count in blocks:
        for _ in range(int(count)):
            items[row[k]].c = mean + shifts[k]
            k += 1


def _room(items: list[Item], rows: list[list[int]]) -> list[tuple[int, int]]:
    """Each item's neighbours in its row, -1 where there is none."""
    beside = [(-1, -1)] * len(items)
    for row in rows:
        for k, i in enumerate(row):
            beside[i] = (row[k - 1] if k else -1, row[k + 1] if k + 1 < len(row) else -1)
    return beside


def _free(items: list[Item], beside: list[tuple[int, int]], i: int, c: float) -> bool:
    low, high = beside[i]
    return (low < 0 or c - items[low].c >= _gap(items[low], items[i]) - 0.01) and (
        high < 0 or items[high].c - c >= _gap(items[i], items[high]) - 0.01
    )


def _straighten(items: list[Item], links: list[Link], rows: list[list[int]]) -> None:
    """Bring the dummies of a long link onto one line where there is room, preferably an end's own line."""
    beside = _room(items, rows)
    for link in links:
        inner = link.chain[1:-1]
        if not inner:
            continue
        first, last = items[link.chain[0]], items[link.chain[-1]]
        middle = sorted(items[i].c for i in inner)[len(inner) // 2]
        same = [i for i in inner if items[i].band == last.band]
        lines, far = [first.c, last.c, middle], 120.0
        low = high = middle
        if link.flipped and first.band == last.band:  # a way back runs beside both ends
            out = SIDE + max(first.across, last.across) / 2
            low, high = min(first.c, last.c) - out, max(first.c, last.c) + out
            lines, far = [low, high, *lines], 400.0
        best, most = middle, len(same) / 2
        for c in sorted(lines, key=lambda c: (link.flipped and low < c < high, abs(c - middle))):
            count = sum(_free(items, beside, i, c) for i in same) if abs(c - middle) < far else 0
            if count > most:
                best, most = c, count
        for i in same:
            if _free(items, beside, i, best):
                items[i].c = best


def _align_chains(items: list[Item], rows: list[list[int]], up: Near, down: Near) -> None:
    """Put what simply follows one another onto one line, as far as there is room."""
    beside = _room(items, rows)
    follows = [
        near[0][0] if len(near) == 1 and len(up[near[0][0]]) == 1 and items[near[0][0]].band == item.band else -1
        for item, near in zip(items, down, strict=True)
    ]
    inner = set(follows)
    for start in range(len(items)):
        if follows[start] < 0 or start in inner:
            continue
        chain = [start]
        while follows[chain[-1]] >= 0:
            chain.append(follows[chain[-1]])
        places = sorted(items[i].c for i in chain)
        best, most = 0.0, 0
        for c in (items[start].c, places[len(chain) // 2], items[chain[-1]].c):
            count = sum(_free(items, beside, i, c) for i in chain)
            if count > most:
                best, most = c, count
        for i in chain if most > 1 else ():
            if _free(items, beside, i, best):
                items[i].c = best


def _snap(items: list[Item], rows: list[list[int]], up: Near, down: Near) -> None:
    """Take out small jogs: an item with one neighbour on a side moves onto its line where there is room."""
    beside = _room(items, rows)
    for _ in range(2):
        for row in rows:
            for i in row:
                if items[i].dummy:
                    continue
                for near in (up[i], down[i]):
                    if len(near) == 1 and items[near[0][0]].band == items[i].band:
                        c = items[near[0][0]].c
                        if 0 < abs(c - items[i].c) < 30 and _free(items, beside, i, c):
                            items[i].c = c
                            break


def _stack(items: list[Item], least: Sequence[float]) -> list[tuple[float, float]]:
    """Lay the bands one after another; returns each band's extent."""
    pad = BAND_PAD if len(least) > 1 else 0.0
    low = [float("inf")] * len(least)
    high = [float("-inf")] * len(least)
    for item in items:
        low[item.band] = min(low[item.band], item.c - item.across / 2)
        high[item.band] = max(high[item.band], item.c + item.across / 2)
    start, spans, shift = 0.0, [], []
    for k, need in enumerate(least):
        if low[k] > high[k]:
            low[k], high[k] = 0.0, 0.0
        extent = max(need, high[k] - low[k] + 2 * pad)
        shift.append(start + (extent - high[k] + low[k]) / 2 - low[k])
        spans.append((start, start + extent))
        start += extent
    for item in items:
        item.c += shift[item.band]
    return spans
