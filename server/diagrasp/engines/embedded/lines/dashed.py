"""Dashed connectors joined over gaps that the general rule leaves open.

Message flows and associations are dashed evenly, so their own rhythm says how far one dash is from the next, whatever
the letters' size: a gap of that length is bridged, also around a corner, and a longer one where a dash is missing
because a lane's border, another connector or a letter took it.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.gaps import hidden
from diagrasp.engines.embedded.lines.skeleton import Segment, Skeleton

LONGEST = 4.0
"""Longest dash, in letter heights."""
MOST_ENDS = 3000
"""Free ends beyond which a sheet is noise."""

Vector = NDArray[np.float64]


def join_dashes(skeleton: Skeleton, letter: float, near: NDArray[np.float32]) -> None:
    """Bridge what is left open in dashed lines, cheapest first.

    Args:
        near: (H, W) distance of every pixel to the next symbol, in pixels.
    """
    free = [n for n in range(len(skeleton.places)) if skeleton.degree(n) == 1]
    if not 4 <= len(free) <= MOST_ENDS:
        return
    seg = {n: skeleton.segments[skeleton.at[n][0]] for n in free}
    place = {n: skeleton.places[n] for n in free}
    settled = {n for n in free if near[int(place[n][1]), int(place[n][0])] <= 0.3 * letter}
    dashed = {
        n for n in free
        if _is_dash(seg[n], skeleton, letter) and not (seg[n].a in settled and seg[n].b in settled)
    }  # fmt: skip
    ways = {n: [-seg[n].leaving(n, k * letter) for k in (0.4, 0.9, 1.6)] for n in free}
    gap = _rhythm(dashed, seg, letter)
    if gap is None:
        return
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    size = 3.2 * gap
    for n in free:
        cells[int(place[n][0] // size), int(place[n][1] // size)].append(n)
    offers: list[tuple[float, int, int]] = []
    for n in dashed:
        cx, cy = int(place[n][0] // size), int(place[n][1] // size)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for m in cells.get((cx + dx, cy + dy), ()):
                    if m == n or seg[m] is seg[n] or (m in dashed and m < n):
                        continue
                    costs = [_cost(place[n], u, place[m], v, gap) for u in ways[n] for v in ways[m]]
                    cost = min((c for c in costs if c is not None), default=None)
                    if cost is not None and (m in dashed or cost <= 1.5 * gap):
                        offers.append((cost, n, m))
    parent = list(range(len(skeleton.places)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for segment in skeleton.segments.values():
        parent[root(segment.a)] = root(segment.b)
    taken: set[int] = set()
    for _, n, m in sorted(offers):
        if n in taken or m in taken or (n in settled and m in settled) or root(n) == root(m):
            continue
        if hidden(near, place[n], place[m], letter):
            continue
        parent[root(n)] = root(m)
        taken |= {n, m}
        skeleton.add(n, m, np.vstack([place[n], place[m]]), gap=True)
    for node in range(len(skeleton.places)):
        skeleton.dissolve(node)
    _extend(skeleton, [n for n in dashed if n not in taken and n not in settled], gap, letter, near)


def _extend(skeleton: Skeleton, ends: list[int], gap: float, letter: float, near: NDArray[np.float32]) -> None:
    """Carry dashed lines on to the symbol ahead of them, where the rhythm left their last piece blank."""
    height, width = near.shape
    for n in ends:
        if skeleton.degree(n) != 1:
            continue
        segment = skeleton.segments[skeleton.at[n][0]]
        if segment.gaps[0] < 2:
            continue
        start = skeleton.places[n]
        for way in (-segment.leaving(n, 0.9 * letter), -segment.leaving(n, 0.4 * letter)):
            far = next(
                (
                    step for step in np.arange(1.0, 1.7 * gap)
                    if 0 <= (x := int(start[0] + way[0] * step)) < width
                    and 0 <= (y := int(start[1] + way[1] * step)) < height
                    and near[y, x] <= 1
                ),
                None,
            )  # fmt: skip
            if far is not None:
                end = skeleton.add_node(start + way * far)
                skeleton.add(n, end, np.vstack([start, skeleton.places[end]]), gap=True)
                skeleton.dissolve(n)
                break


def _is_dash(segment: Segment, skeleton: Skeleton, letter: float) -> bool:
    """Whether a segment is one dash, or several already joined."""
    if segment.gaps[0] >= 1 and segment.gaps[1] > 0.15 * segment.length:
        return True
    lone = skeleton.degree(segment.a) == 1 and skeleton.degree(segment.b) == 1
    return lone and segment.length <= LONGEST * letter


def _rhythm(dashed: set[int], seg: dict[int, Segment], letter: float) -> float | None:
    """The usual gap between two dashes, in pixels; None where nothing is dashed."""
    joined = {id(seg[n]): seg[n] for n in dashed}.values()
    gaps = [s.gaps[1] / s.gaps[0] for s in joined if s.gaps[0] >= 2 and s.gaps[1] > 0.2 * s.length]
    return max(0.6 * letter, float(np.median(gaps))) if gaps else None


def _cost(p: Vector, u: Vector, q: Vector, v: Vector, gap: float) -> float | None:
    """The cost of joining the end at `p`, which points along `u`, to the one at `q` along `v`, in pixels."""
    d = q - p
    far = float(np.hypot(*d))
    if far > 3.2 * gap:
        return None
    if far < 1.5:
        return far
    first, second = float(u @ d) / far, float(v @ -d) / far
    least = 0.9 if far <= 1.4 * gap else 0.985
    if min(first, second) >= least:
        return far * (1 + 2 * (2 - first - second))
    if abs(float(u @ v)) < 0.35:  # around a corner that lies ahead of both
        cross = u[0] * -v[1] + u[1] * v[0]
        if abs(cross) < 0.5:
            return None
        s = (d[0] * -v[1] + d[1] * v[0]) / cross
        t = (u[0] * d[1] - u[1] * d[0]) / cross
        if min(s, t) >= -2 and s + t <= 1.9 * gap:
            return float(1.2 * (abs(s) + abs(t)) + 0.3 * gap)
    return None
