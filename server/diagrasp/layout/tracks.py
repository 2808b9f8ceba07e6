"""Orthogonal routes through a layered drawing: ports on the symbols' sides, tracks in the gaps between ranks."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.layout.layered import Ranked
from diagrasp.layout.parts import DUMMY_GAP, Link

STEP = 14.0
"""Distance of tracks, in pixels."""
LEAST_GAP = 40.0


@dataclass(slots=True)
class Port:
    """Where a link meets a rank: across position, and whether it leaves through the symbol's side corner."""

    c: float
    corner: bool = False


@dataclass(slots=True)
class Symbol:
    """What routing must know of an item: the drawn extent (the item may hold more) and whether it has corners."""

    along: float
    across: float
    pointed: bool = False
    c: float = 0.0
    a: float = 0.0
    round: bool = False
    blocked: tuple[int, ...] = ()  # sides (-1, 1 across) where something stands


@dataclass(slots=True)
class Routed:
    """Rank extents along the flow and, per link, its points (a, c) from the source's outline to the target's."""

    starts: list[float]
    ends: list[float]
    paths: list[list[tuple[float, float]]]


def route(ranked: Ranked, symbols: list[Symbol], rooms: list[float], *, flush: bool = False) -> Routed:
    """Place the ranks along the flow with room for tracks and labels, and draw every link.

    Args:
        symbols: of the first items, in their order; what follows in `ranked.items` are dummies.
        rooms: for each link, the room its label needs along the flow in the gap behind its source.
        flush: items start where their rank starts; else they stand in its middle.
    """
    items, links = ranked.items, ranked.links
    for symbol, item in zip(symbols, items, strict=False):
        symbol.c = item.c
    ports = _ports(ranked, symbols)
    count = len(ranked.ranks)
    gaps: list[list[tuple[float, float, int, int]]] = [[] for _ in range(max(0, count))]
    for number, link in enumerate(links):
        for k in range(len(link.chain) - 1):
            gap = items[link.chain[k]].rank
            start, end = ports[number][k]
            if abs(start.c - end.c) > 0.5 and not start.corner and not end.corner:
                gaps[gap].append((start.c, end.c, number, k))
    lanes: dict[tuple[int, int], int] = {}
    widths = [0] * count
    for gap, moves in enumerate(gaps):
        widths[gap] = _tracks(moves, lanes)
    label = [0.0] * max(count, 1)
    for link, room in zip(links, rooms, strict=True):
        behind = items[link.chain[-1]].rank - 1 if link.flipped else items[link.chain[0]].rank
        label[behind] = max(label[behind], room)
    starts, ends, a = [], [], 0.0
    for number, rank in enumerate(ranked.ranks):
        extent = max((items[i].along for i in rank if not items[i].dummy), default=0.0)
        starts.append(a)
        ends.append(a + extent)
        gap_room = max(LEAST_GAP, 2 * STEP + widths[number] * STEP) + label[number]
        a += extent + (gap_room if number + 1 < count else 0.0)
    for symbol, item in zip(symbols, items, strict=False):
        symbol.a = starts[item.rank] + symbol.along / 2 if flush else (starts[item.rank] + ends[item.rank]) / 2
    paths = []
    for number, link in enumerate(links):
        paths.append(_draw(ranked, symbols, ports[number], link, number, lanes, starts, ends, widths))
    return Routed(starts, ends, paths)


def _ports(ranked: Ranked, symbols: list[Symbol]) -> list[list[tuple[Port, Port]]]:
    """For each link and each hop of its chain, the port it leaves by and the one it enters by."""
    items, links = ranked.items, ranked.links
    leaving: list[list[tuple[float, int, int]]] = [[] for _ in symbols]
    entering: list[list[tuple[float, int, int]]] = [[] for _ in symbols]
    result: list[list[tuple[Port, Port]]] = []
    for number, link in enumerate(links):
        hops = []
        for k in range(len(link.chain) - 1):
            a, b = link.chain[k], link.chain[k + 1]
            hops.append((Port(items[a].c), Port(items[b].c)))
            if k == 0:
                leaving[a].append((items[b].c, number, k))
            if k == len(link.chain) - 2:
                entering[b].append((items[a].c, number, k))
        result.append(hops)
    used: set[tuple[int, int]] = set()  # item, side: a corner serves one link
    for side, lists in ((0, leaving), (1, entering)):
        for i, ends in enumerate(lists):
            ends.sort()
            for entry in list(ends):
                if links[entry[1]].flipped and _corner(ranked, symbols, i, entry, side, result, used):
                    ends.remove(entry)
            rest = ends
            if symbols[i].pointed and len(ends) > 1:
                rest = _corners(ranked, symbols, i, ends, side, result, used)
            _spread(symbols[i], rest, side, result, items[i].c)
    for number, link in enumerate(links):
        hops = result[number]
        for k in range(len(hops)):
            _straight(ranked, symbols, link, k, hops, leaving, entering)
    return result


def _corners(
    ranked: Ranked,
    symbols: list[Symbol],
    i: int,
    ends: list[tuple[float, int, int]],
    side: int,
    result: list[list[tuple[Port, Port]]],
    used: set[tuple[int, int]],
) -> list[tuple[float, int, int]]:
    """Lead the outermost links of a rhomb through its side corners where nothing stands in the way."""
    rest = list(ends)
    for entry in (ends[0], ends[-1]):
        if len(rest) > 1 and _corner(ranked, symbols, i, entry, side, result, used):
            rest.remove(entry)
    return rest


def _corner(
    ranked: Ranked,
    symbols: list[Symbol],
    i: int,
    entry: tuple[float, int, int],
    side: int,
    result: list[list[tuple[Port, Port]]],
    used: set[tuple[int, int]],
) -> bool:
    """Lead a link through the side of an item that faces where it goes; False where that side is not free."""
    item, rank = ranked.items[i], ranked.ranks[ranked.items[i].rank]
    c, number, k = entry
    sign = 1 if c > item.c else -1
    neighbour = item.order + sign
    free_to = float("inf")
    if 0 <= neighbour < len(rank):
        other = ranked.items[rank[neighbour]]
        free_to = abs(other.c - item.c) - other.across / 2 - 6
    reach = (c - item.c) * sign
    if not symbols[i].across / 2 + 8 < reach < free_to or (i, sign) in used or sign in symbols[i].blocked:
        return False
    used.add((i, sign))
    port = result[number][k][side]
    port.c, port.corner = item.c + sign * symbols[i].across / 2, True
    return True


def _spread(
    symbol: Symbol, ends: list[tuple[float, int, int]], side: int, result: list[list[tuple[Port, Port]]], c: float
) -> None:
    n = len(ends)
    if n < 2 or symbol.pointed:
        return
    step = min(18.0, symbol.across * (0.35 if symbol.round else 0.7) / (n - 1))
    for k, (_, number, hop) in enumerate(ends):
        result[number][hop][side].c = c + (k - (n - 1) / 2) * step


def _straight(
    ranked: Ranked,
    symbols: list[Symbol],
    link: Link,
    k: int,
    hops: list[tuple[Port, Port]],
    leaving: list[list[tuple[float, int, int]]],
    entering: list[list[tuple[float, int, int]]],
) -> None:
    """Slide a lone port along its flat side, so that a hop with a small jog becomes straight."""
    start, end = hops[k]
    if start.corner or end.corner or abs(start.c - end.c) < 0.5:
        return
    for i, port, other, lone in (
        (link.chain[k], start, end, leaving),
        (link.chain[k + 1], end, start, entering),
    ):
        if ranked.items[i].dummy or symbols[i].pointed or symbols[i].round:
            continue
        if len(lone[i]) == 1 and abs(other.c - symbols[i].c) < symbols[i].across * 0.36:
            port.c = other.c
            return
    for here, port in ((link.chain[k], end), (link.chain[k + 1], start)):
        # A lone dummy's line shifts a little to meet a port.
        if ranked.items[here].dummy and len(hops) == 2 and abs(start.c - end.c) < DUMMY_GAP / 2:
            old = start.c if port is end else end.c
            for pair in hops:
                for one in pair:
                    if abs(one.c - old) < 0.01 and not one.corner:
                        one.c = port.c
            return


def _tracks(moves: list[tuple[float, float, int, int]], lanes: dict[tuple[int, int], int]) -> int:
    """Give each sideways move in a gap a track; overlapping moves get different ones, ordered to cross little."""
    right = sorted((m for m in moves if m[1] > m[0]), key=lambda m: (-m[0], -m[1], m[2]))
    left = sorted((m for m in moves if m[1] < m[0]), key=lambda m: (m[0], m[1], m[2]))
    tracks: list[list[tuple[float, float]]] = []
    for group in (right, left):
        done: list[tuple[float, float, int]] = []
        for start, end, number, k in group:
            low, high = min(start, end) - 4, max(start, end) + 4
            first = 0
            if len(group) < 200:
                first = max((t + 1 for a, b, t in done if a < high and low < b), default=0)
            t = first
            while t < len(tracks) and any(a < high and low < b for a, b in tracks[t]):
                t += 1
            if t == len(tracks):
                tracks.append([])
            tracks[t].append((low, high))
            done.append((low, high, t))
            lanes[number, k] = t
    return len(tracks)


def _draw(
    ranked: Ranked,
    symbols: list[Symbol],
    hops: list[tuple[Port, Port]],
    link: Link,
    number: int,
    lanes: dict[tuple[int, int], int],
    starts: list[float],
    ends: list[float],
    widths: list[int],
) -> list[tuple[float, float]]:
    items = ranked.items
    first, last = symbols[link.chain[0]], symbols[link.chain[-1]]
    points: list[tuple[float, float]] = []
    for k, (start, end) in enumerate(hops):
        rank = items[link.chain[k]].rank
        if k == 0:
            points.append((first.a if start.corner else first.a + _reach(first, start.c), start.c))
        if start.corner:
            points.append((first.a, end.c))
            if end.corner:
                points.append((last.a, end.c))
        elif end.corner:
            points.append((last.a, start.c))
        elif abs(start.c - end.c) > 0.5:
            track = lanes[number, k]
            span = widths[rank] * STEP
            room = starts[rank + 1] - ends[rank]
            a = ends[rank] + min(STEP * 1.4, (room - span) / 2) + track * STEP + STEP / 2
            points += [(a, start.c), (a, end.c)]
        if k == len(hops) - 1:
            points.append((last.a if end.corner else last.a - _reach(last, end.c), end.c))
    return list(reversed(points)) if link.flipped else points


def _reach(symbol: Symbol, c: float) -> float:
    """How far the symbol reaches along the flow at an across position."""
    half, off = symbol.along / 2, abs(c - symbol.c)
    if symbol.round and symbol.across > 0:
        return float(half * max(0.0, 1 - (2 * off / symbol.across) ** 2) ** 0.5)
    if symbol.pointed and symbol.across > 0:
        return half * max(0.0, 1 - 2 * off / symbol.across)
    return half
