"""The strokes between symbols as a graph: thinned, cleared of spurs, dashes and interrupted lines joined."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.bridges import Pieces, Vector, bridge, vector
from diagrasp.engines.embedded.lines.dashed import join_dashes
from diagrasp.engines.embedded.lines.gaps import corner_ahead, hidden
from diagrasp.engines.embedded.lines.skeleton import Segment, Skeleton, graph, thin
from diagrasp.engines.embedded.picture.holes import holes
from diagrasp.engines.embedded.picture.rect import Rect

DASH_GAP = 2.1
"""Widest gap between two dashes, in letter heights."""
MOST_ENDS = 8000
"""Free ends beyond which a sheet is noise: a drawing of 300 nodes, every connector dotted, has fewer."""
STRAIGHT = 0.88
"""Cosine of the largest bend across a gap."""
ALIKE = 0.94
"""Cosine of the largest bend between two lines that end beside each other."""


def stroke_graph(
    strokes: NDArray[np.bool_],
    letter: float,
    near: NDArray[np.float32],
    owner: NDArray[np.int32],
    sides: NDArray[np.bool_] | None = None,
    *,
    hand: bool = False,
) -> tuple[Skeleton, float]:
    """Make the graph of connector strokes, in the pieces in which they are drawn.

    Args:
        strokes: (H, W) bool, connector ink: no text, no symbols.
        letter: height of a capital letter, in pixels.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        owner: (H, W) number of that symbol.
        sides: (H, W) bool, the frames' own ink, which is none of the strokes and which connectors cross.
        hand: drawn by hand: one leg of a head may come nearer to the symbol than its tip.

    Returns:
        The graph, and the strokes' usual width in pixels.
    """
    solid = _fill_holes(strokes, 1.3 * letter)
    depth = cv2.distanceTransform(solid.astype(np.uint8), cv2.DIST_L2, 3)
    bones = thin(solid)
    width = 2.0 * float(np.median(np.minimum(depth[bones], max(solid.shape)))) if bones.any() else 2.0
    del depth
    skeleton = graph(bones)
    _prune(skeleton, letter, width, near, owner, None if sides is None else (strokes, sides), hand=hand)
    _cluster(skeleton, max(0.3 * letter, 1.6 * width))
    for node in range(len(skeleton.places)):
        skeleton.dissolve(node)
    return skeleton, width


def join(skeleton: Skeleton, letter: float, texts: Sequence[Rect], near: NDArray[np.float32]) -> None:
    """Join dashes, and the pieces of lines that something interrupts.

    Args:
        skeleton: changed in place.
        letter: height of a capital letter, in pixels.
        texts: boxes of text that may interrupt a line.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
    """
    _join(skeleton, letter, texts, near)
    join_dashes(skeleton, letter, near)
    for node in range(len(skeleton.places)):
        skeleton.dissolve(node)


def _fill_holes(mask: NDArray[np.bool_], side: float) -> NDArray[np.bool_]:
    """Fill holes no larger than `side` both ways: open heads become solid."""
    out = mask.copy()
    for hole in holes(mask, side):
        if hole.area <= 0.7 * side * side:
            hole.fill(out)
    return out


def _prune(
    skeleton: Skeleton, letter: float, width: float, near: NDArray[np.float32], owner: NDArray[np.int32],
    crossed: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None, *, hand: bool,
) -> None:  # fmt: skip
    """Remove short branches that end nowhere: what thinning leaves of heads and of thick corners.

    Of the short branches at the end of a line stays the one that continues it, the head's tip; of a line so short that
    it is all short branches, the best one to each symbol.  What goes on beyond a frame's side ends somewhere.

    Args:
        crossed: the connector ink, and that of the frames' sides, where there are frames.
    """
    short = max(1.15 * letter, 2.2 * width)
    for knot in range(len(skeleton.places)):
        if skeleton.degree(knot) < 3:
            continue
        if skeleton.degree(knot) == 3:
            _point(skeleton, knot, letter, short, near)
        if skeleton.degree(knot) < 3:
            continue
        _shave(skeleton, knot, letter, near)
        if skeleton.degree(knot) < 3:
            skeleton.dissolve(knot)
            continue
        free: list[int] = []
        rest: list[int] = []
        for id in skeleton.at[knot]:
            segment = skeleton.segments[id]
            far = segment.other(knot)
            loose = far != knot and skeleton.degree(far) == 1 and segment.length < short
            loose = loose and not (crossed and _goes_on(segment, far, skeleton.places[far], *crossed, letter))
            (free if loose else rest).append(id)
        if not free:
            continue
        reach: dict[int, tuple[int, float]] = {}
        for id in free:
            x, y = skeleton.places[skeleton.segments[id].other(knot)]
            reach[id] = int(owner[int(y), int(x)]), float(near[int(y), int(x)])
        keep: set[int] = set()
        if len(rest) == 1:
            shaft = -skeleton.segments[rest[0]].leaving(knot, letter)
            best = max(free, key=lambda s: float(shaft @ skeleton.segments[s].leaving(knot, letter)))
            nearest = min(free, key=lambda s: reach[s][1])
            kx, ky = skeleton.places[knot]
            onward = float(shaft @ skeleton.segments[best].leaving(knot, letter)) > 0.75
            arrives = min(0.35 * letter, float(near[int(ky), int(kx)]) - 0.25 * letter)
            if onward and (hand or reach[best][1] <= reach[nearest][1] + 0.4 * letter):
                keep = {best}
            elif not hand and reach[nearest][1] <= arrives:
                keep = {nearest}  # a head right behind a bend
            elif onward:
                keep = {best}
        elif not rest:
            longest = max(free, key=lambda s: skeleton.segments[s].length)
            shaft = -skeleton.segments[longest].leaving(knot, letter)
            others = [id for id in free if id != longest and reach[id][0] != reach[longest][0]]
            keep = {longest}
            if others:
                best = max(others, key=lambda s: float(shaft @ skeleton.segments[s].leaving(knot, letter)))
                if float(shaft @ skeleton.segments[best].leaving(knot, letter)) > 0.3:
                    keep.add(best)
        else:
            kx, ky = skeleton.places[knot]
            at = float(near[int(ky), int(kx)])
            keep = {id for id in free if reach[id][1] <= 0.35 * letter and reach[id][1] < at - 0.25 * letter}
        for id in free:
            if id not in keep:
                skeleton.remove(id)
        skeleton.dissolve(knot)


def _goes_on(
    segment: Segment, node: int, place: NDArray[np.float64], strokes: NDArray[np.bool_], sides: NDArray[np.bool_],
    letter: float,
) -> bool:  # fmt: skip
    """Whether a branch ends at a frame's side and goes on beyond it."""
    steps = place - np.arange(1.0, letter)[:, None] * segment.leaving(node, 1.1 * letter)
    steps = steps[((steps >= 0) & (steps < strokes.shape[::-1])).all(axis=1)]
    x, y = np.rint(steps).astype(int).clip(0, np.array(strokes.shape[::-1]) - 1).T
    side, beyond = np.flatnonzero(sides[y, x]), np.flatnonzero(strokes[y, x])
    return bool(len(side) and len(beyond) and side[0] <= 0.4 * letter and beyond[-1] > side[-1])


def _point(skeleton: Skeleton, knot: int, letter: float, short: float, near: NDArray[np.float32]) -> None:
    """Replace a head's barbs, which lead away from the symbol, by its tip, where thinning has taken that away."""
    *barbs, shaft = sorted(skeleton.at[knot], key=lambda s: skeleton.segments[s].length)
    if len(barbs) != 2:  # one of the three is a loop
        return
    ends = [skeleton.segments[id].other(knot) for id in barbs]
    if any(skeleton.degree(e) != 1 or skeleton.segments[id].length > short for id, e in zip(barbs, ends, strict=True)):
        return
    kx, ky = skeleton.places[knot].astype(int)
    at = float(near[ky, kx])
    away = min(float(near[int(y), int(x)]) for x, y in (skeleton.places[e] for e in ends)) - at
    if at > letter or away < 0:
        return
    first, second = (skeleton.segments[id].leaving(knot, 0.6 * letter) for id in barbs)
    way = -(first + second)
    norm = float(np.hypot(*way))
    if norm < 0.5:  # opposite each other
        return
    if away < 0.25 * letter:
        # A small filled head leaves two stubs nearly across the line; more than that they may be anything.
        onward = float(way @ -skeleton.segments[shaft].leaving(knot, letter)) / norm
        if onward < 0.9 or any(skeleton.segments[id].length > 0.6 * letter for id in barbs):
            return
    steps = skeleton.places[knot] + np.arange(1.0, 1.3 * letter)[:, None] * way / norm
    steps = steps[((steps >= 0) & (steps < [near.shape[1], near.shape[0]])).all(axis=1)]
    reached = np.flatnonzero(near[steps[:, 1].astype(int), steps[:, 0].astype(int)] <= 1)
    if len(reached):
        tip = np.asarray(steps[reached[0]], np.float64)
        for id in barbs:
            skeleton.remove(id)
        skeleton.add(knot, skeleton.add_node(tip), np.vstack([skeleton.places[knot], tip]))
        skeleton.dissolve(knot)


def _shave(skeleton: Skeleton, knot: int, letter: float, near: NDArray[np.float32]) -> None:
    """Remove barbs: loose branches that lead back along the longest one, as those of an open head do."""
    longest = max(skeleton.at[knot], key=lambda s: skeleton.segments[s].length)
    shaft = skeleton.segments[longest].leaving(knot, letter)
    for id in list(skeleton.at[knot]):
        segment = skeleton.segments[id]
        far = segment.other(knot)
        if id == longest or far == knot or skeleton.degree(far) != 1 or segment.length > 2.6 * letter:
            continue
        x, y = skeleton.places[far]
        if float(shaft @ segment.leaving(knot, letter)) > 0.4 and near[int(y), int(x)] > 0.3 * letter:
            skeleton.remove(id)


def _cluster(skeleton: Skeleton, length: float) -> None:
    """Contract short bridges between junctions, so that a crossing is one junction of four branches."""
    for id, segment in list(skeleton.segments.items()):
        if id not in skeleton.segments or segment.a == segment.b:
            continue
        a, b = segment.a, segment.b
        if segment.length > length or skeleton.degree(a) < 3 or skeleton.degree(b) < 3:
            continue
        skeleton.remove(id)
        place = (skeleton.places[a] + skeleton.places[b]) / 2
        skeleton.places[a] = place
        for other in list(skeleton.at[b]):
            moved = skeleton.segments[other]
            points = moved.points
            ends = (a if moved.a == b else moved.a, a if moved.b == b else moved.b)
            skeleton.remove(other)
            skeleton.add(*ends, points, gap=moved.gap, gaps=moved.gaps)


def _join(skeleton: Skeleton, letter: float, texts: Sequence[Rect], near: NDArray[np.float32]) -> None:
    """Bridge gaps between free ends that point at each other: dashes, lines cut by a label or a container's border."""
    free = [n for n in range(len(skeleton.places)) if skeleton.degree(n) == 1]
    if len(free) > MOST_ENDS:
        return
    place: dict[int, Vector] = {n: vector(skeleton.places[n]) for n in free}
    seg = {n: skeleton.segments[skeleton.at[n][0]] for n in free}
    # Where an end points, over a short reach too: a dash may end in a bend.
    ways = {n: [vector(-seg[n].leaving(n, reach * letter)) for reach in (0.9, 0.4)] for n in free}
    size = {n: seg[n].length for n in free}
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    gap = DASH_GAP * letter
    for n in free:
        cells[int(place[n][0] // gap), int(place[n][1] // gap)].append(n)
    offers: list[tuple[float, int, int]] = []
    for n in free:
        x, y = place[n]
        cx, cy = int(x // gap), int(y // gap)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for m in cells.get((cx + dx, cy + dy), ()):
                    if m <= n or seg[m] is seg[n]:
                        continue
                    way = place[m][0] - x, place[m][1] - y
                    far = math.hypot(*way)
                    if far > gap + 1e-6:  # no way across is shorter
                        continue
                    costs = [_cost(way, far, u, size[n], v, size[m], letter) for u in ways[n] for v in ways[m]]
                    cost = min((c for c in costs if c is not None), default=gap + 1)
                    if cost <= gap:
                        offers.append((cost, n, m))
    taken: set[int] = set()
    pieces = Pieces(skeleton)

    def settled(n: int) -> bool:
        return bool(near[int(place[n][1]), int(place[n][0])] <= 0.3 * letter)

    for _, n, m in sorted(offers, key=lambda o: o[0]):
        if n in taken or m in taken or (settled(n) and settled(m)) or hidden(near, place[n], place[m], letter):
            continue
        if not pieces.union(n, m):
            continue
        taken |= {n, m}
        skeleton.add(n, m, np.array([place[n], place[m]]), gap=True)
    for node in range(len(skeleton.places)):
        skeleton.dissolve(node)
    bridge(skeleton, letter, texts, near)


def _cost(way: Vector, far: float, u: Vector, a: float, v: Vector, b: float, letter: float) -> float | None:
    """The cost of joining two ends, in pixels; None if absurd.

    Args:
        way: from the first end to the second, `far` pixels long.
        u, a: where the first end points, the length of its line in pixels.
        v, b: the same of the second.
    """
    if far < 1.5:
        return far
    wx, wy = way[0] / far, way[1] / far
    short = 0.75 * letter
    first = 1.0 if a < short else u[0] * wx + u[1] * wy
    second = 1.0 if b < short else -(v[0] * wx + v[1] * wy)
    near = far <= 0.5 * letter
    limit = STRAIGHT if not near else 0.7
    bent = far <= 1.7 * letter and min(first, second) >= 0.6 and first + second >= 1.62  # a dash that is a bend
    # What cuts a line askew leaves ends that lie beside each other: the lines' own directions tell then.
    askew = near and min(a, b) >= short and min(first, second) >= 0.3 and u[0] * v[0] + u[1] * v[1] <= -ALIKE
    if min(first, second) >= limit or bent or askew:
        return far * (1 + 2 * (2 - first - second))
    if a >= short and b >= short:
        corner = corner_ahead(way, u, v)
        if corner is not None and max(corner) <= 1.2 * letter:
            return 1.3 * (abs(corner[0]) + abs(corner[1])) + 0.2 * letter
    return None
