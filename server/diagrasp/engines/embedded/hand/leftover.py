"""Strokes that no connector was made of: followed with the patience that hands need, dash by dash.

A pen stops well short of the symbol that a line is meant for, leaves gaps between dashes as wide as they come, and
lines lose pieces where ruled paper was taken away.  What is left of the strokes is gathered into lines here, each end
looks for a symbol ahead of it, and where both ends find one that nothing joins yet, there is a connector.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.skeleton import Skeleton, graph, thin
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.symbols.find import Symbol, cover

BESIDE = 0.34
"""Ink this near to a connector's path, in letter heights, is the connector's."""
SPECK = 0.35
"""Size, in letter heights, of strokes that are none."""
GAP, LONG_GAP = 2.2, 3.0
"""Widest gap between dashes, in letter heights, and between long pieces of one straight line."""
LIFTED, BACK = 1.0, -0.8
"""Widest gap, in letter heights, where a pen was lifted at a bend, whichever way the ends point, and how far back it
may lead: heads drawn there hide the way that a line points."""
AHEAD = 0.8
"""Least cosine between the way that an end points and the way across a gap; of both ends together twice of 0.9."""
TOUCH, REACH = 0.8, 2.2
"""Distance, in letter heights, at which an end is at a symbol, and to which it looks ahead for one."""
TIP, ALONG = 0.9, 2.7
"""Length of a line, in letter heights, that tells where its end points, and where that is a barb of its head."""
SHORTEST = 1.0
"""Least length of a line, in letter heights."""
HEAD, MORE = 0.9, 0.3
"""Radius around an end in which ink is weighed, in letter heights, and how much more of it an end with a head has."""
MOST = 3000
"""Ends beyond which a picture is noise."""

Points = NDArray[np.float64]


class _Line(NamedTuple):
    """A line, its ends' directions outwards, and the length of its gaps in pixels."""

    points: Points
    gaps: float


def leftover(strokes: Mask, connectors: Sequence[Connector], nodes: Sequence[Symbol], letter: float) -> list[Connector]:
    """Connectors between symbols from the strokes that others left.

    Args:
        strokes: (H, W) bool, ink of connectors.
    """
    lines = _lines(strokes, connectors, letter)
    if not lines or len(lines) > MOST or len(nodes) < 2:
        return []
    covered = cover(strokes.shape, list(nodes))
    lines = _joined(lines, covered, letter)
    joined = {frozenset((c.source, c.target)) for c in connectors}
    out: list[Connector] = []
    for line in sorted(lines, key=lambda one: -_length(one.points)):
        length = _length(line.points)
        if length < SHORTEST * letter:
            continue
        first, last = (
            _symbol(p, way, covered, letter) or _symbol(p, whole, covered, letter)
            for (p, way), (_, whole) in zip(_tips(line.points, letter), _tips(line.points, letter, ALONG), strict=True)
        )
        if not first or not last or first == last or frozenset((first, last)) in joined:
            continue
        joined.add(frozenset((first, last)))
        found = Connector(first, last, line.points, False, False, line.gaps > 0.2 * length, 0.0)
        out.append(_pointed(found, strokes, letter))
    return out


def _pointed(c: Connector, strokes: Mask, letter: float) -> Connector:
    """The connector towards the end with more ink around it, else as one reads."""
    reach = min(HEAD * letter, 0.35 * _length(c.path))
    start, end = (float(_ink(strokes, p, reach)) for p in (c.path[0], c.path[-1]))
    more = (end - start) / max(1.0, min(start, end))
    forward = more > 0
    if abs(more) < MORE:
        (x0, y0), (x1, y1) = c.path[0], c.path[-1]
        forward = bool(y1 > y0 if abs(y1 - y0) > 0.6 * abs(x1 - x0) else x1 > x0)
    sure = 1.0 if abs(more) >= MORE else 0.0
    if forward:
        return replace(c, head=sure > 0, sure=sure)
    return replace(c, source=c.target, target=c.source, path=c.path[::-1], head=sure > 0, sure=sure)


def _ink(strokes: Mask, place: Points, reach: float) -> int:
    x, y, r = round(place[0]), round(place[1]), max(2, round(reach))
    view = strokes[max(0, y - r) : y + r + 1, max(0, x - r) : x + r + 1]
    ys, xs = np.nonzero(view)
    return int(np.count_nonzero(np.hypot(xs + max(0, x - r) - x, ys + max(0, y - r) - y) <= r))


def _lines(strokes: Mask, connectors: Sequence[Connector], letter: float) -> list[_Line]:
    """The longest way through each connected stroke."""
    used = np.zeros(strokes.shape, np.uint8)
    for c in connectors:
        cv2.polylines(used, [np.rint(c.path).astype(np.int32)], False, 1, max(3, round(2 * BESIDE * letter)))
    left = strokes & (used == 0)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(left.astype(np.uint8), connectivity=8)
    large = np.maximum(stats[:, 2], stats[:, 3]) >= SPECK * letter
    large[0] = False
    skeleton = graph(thin(large[labels]))
    if len(skeleton.places) > 4 * MOST:
        return []
    out: list[_Line] = []
    seen: set[int] = set()
    for node in range(len(skeleton.places)):
        if node in seen or not skeleton.at[node]:
            continue
        first, reached = _farthest(skeleton, node)
        seen |= reached
        last, _ = _farthest(skeleton, first)
        points = _way(skeleton, first, last)
        if len(points) >= 2:
            out.append(_Line(points, 0.0))
    return out


def _farthest(skeleton: Skeleton, start: int) -> tuple[int, set[int]]:
    """The free end farthest from a node along the strokes, any node where there is none, and what hangs together."""
    far, _ = _reached(skeleton, start)
    free = [n for n in far if n != start and skeleton.degree(n) == 1] or list(far)
    return max(free, key=lambda n: far[n]), set(far)


def _reached(skeleton: Skeleton, start: int) -> tuple[dict[int, float], dict[int, tuple[int, int]]]:
    """Every node's length from a node along the strokes, and the node and the stroke before it (Dijkstra 1959)."""
    far = {start: 0.0}
    back: dict[int, tuple[int, int]] = {}
    queue = [(0.0, start)]
    while queue:
        length, node = heapq.heappop(queue)
        if length > far[node]:
            continue
        for id in skeleton.at[node]:
            segment = skeleton.segments[id]
            other, to = segment.other(node), length + segment.length
            if to < far.get(other, np.inf):
                far[other], back[other] = to, (node, id)
                heapq.heappush(queue, (to, other))
    return far, back


def _way(skeleton: Skeleton, start: int, end: int) -> Points:
    """The shortest way between two nodes along the strokes; empty where they are one."""
    _, back = _reached(skeleton, start)
    pieces: list[Points] = []
    node = end
    while node in back and node != start:
        before, id = back[node]
        segment = skeleton.segments[id]
        pieces.append(segment.points if segment.a == before else segment.points[::-1])
        node = before
    return np.vstack(pieces[::-1]) if pieces else np.zeros((0, 2))


def _joined(lines: list[_Line], covered: NDArray[np.int32], letter: float) -> list[_Line]:
    """The lines, those joined whose ends face each other across a gap: nearest and straightest first."""
    tips = [tip for line in lines for tip in _tips(line.points, letter)]
    at, ways = np.array([p for p, _ in tips]), np.array([w for _, w in tips])
    size = np.repeat([_length(line.points) for line in lines], 2)
    own = np.repeat(np.arange(len(lines)), 2)
    across = at[None] - at[:, None]
    far = np.hypot(across[..., 0], across[..., 1])
    unit = across / np.maximum(far, 1e-6)[..., None]
    ahead = np.einsum("ijk,ik->ij", unit, ways)
    facing = -np.einsum("ijk,jk->ij", unit, ways)
    short = size < 0.6 * letter  # where such a dash points says little
    ahead[short] = np.maximum(ahead[short], 0.9)
    facing[:, short] = np.maximum(facing[:, short], 0.9)
    near = far <= 0.5 * letter
    straight = (np.minimum(ahead, facing) >= AHEAD) & (ahead + facing >= 1.8)
    both_long = np.minimum(size[:, None], size[None]) >= 2.0 * letter
    ok = (far <= GAP * letter) & (straight | (near & (np.minimum(ahead, facing) >= 0.3)))
    ok |= (far <= LONG_GAP * letter) & both_long & (np.minimum(ahead, facing) >= 0.97)
    ok |= (far <= GAP * letter) & _corner(across, ways, letter)
    ok |= (far <= LIFTED * letter) & (np.minimum(ahead, facing) >= BACK) & both_long
    ok &= own[:, None] < own[None]
    cost = far * (1 + 2 * (2 - ahead - facing))
    taken: set[int] = set()
    links: dict[int, int] = {}
    root = list(range(len(lines)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    pairs = np.argwhere(ok)
    for i, j in pairs[np.argsort(cost[ok], kind="stable")].tolist():
        a, b = find(int(own[i])), find(int(own[j]))
        if i in taken or j in taken or a == b or _over(at[i], at[j], covered):
            continue
        taken |= {i, j}
        links[i], links[j] = j, i
        root[a] = b
    out: list[_Line] = []
    done: set[int] = set()
    for k in range(2 * len(lines)):
        if k in links or k // 2 in done:
            continue
        points: list[Points] = []
        gaps, tip = 0.0, k
        while True:
            line = lines[tip // 2].points
            done.add(tip // 2)
            points.append(line if tip % 2 == 0 else line[::-1])
            tip = tip ^ 1
            if tip not in links:
                break
            gaps += float(far[tip, links[tip]])
            tip = links[tip]
        out.append(_Line(np.vstack(points), gaps))
    return out


def _corner(across: Points, ways: Points, letter: float) -> NDArray[np.bool_]:
    """(N, N) whether two ends look at one corner ahead of both, no farther than a gap from either."""
    u, v = ways[:, None], ways[None]
    cross = u[..., 0] * -v[..., 1] + u[..., 1] * v[..., 0]
    safe = np.where(np.abs(cross) > 0.7, cross, 1.0)
    s = (across[..., 0] * -v[..., 1] + across[..., 1] * v[..., 0]) / safe
    t = (u[..., 0] * across[..., 1] - u[..., 1] * across[..., 0]) / safe
    low, high = -0.15 * letter, 1.6 * letter
    return np.asarray((np.abs(cross) > 0.7) & (s >= low) & (t >= low) & (s <= high) & (t <= high))


def _over(p: Points, q: Points, covered: NDArray[np.int32]) -> bool:
    """Whether the way between two places leads over a symbol."""
    n = max(3, int(np.hypot(*(q - p))))
    xs, ys = np.linspace(p[0], q[0], n).astype(int), np.linspace(p[1], q[1], n).astype(int)
    return bool((covered[ys, xs] > 0).mean() > 0.3)


def _tips(points: Points, letter: float, along: float = TIP) -> list[tuple[Points, Points]]:
    """The ends of a line, and where each points.

    Args:
        along: length of line, in letter heights, that tells where it points.
    """
    out = []
    for way in (points, points[::-1]):
        far = np.hypot(*(way - way[0]).T)
        on = np.flatnonzero(far >= along * letter)
        back = way[0] - (way[on[0]] if len(on) else way[-1])
        out.append((way[0], back / max(1e-6, float(np.hypot(*back)))))
    return out


def _symbol(place: Points, way: Points, covered: NDArray[np.int32], letter: float) -> int:
    """The number of the symbol that an end touches or points at; 0 where there is none."""
    height, width = covered.shape
    x, y, r = int(place[0]), int(place[1]), round(TOUCH * letter)
    x0, y0 = max(0, x - r), max(0, y - r)
    view = covered[y0 : y + r + 1, x0 : x + r + 1]
    ys, xs = np.nonzero(view)
    if len(ys):
        far = np.hypot(xs + x0 - x, ys + y0 - y)
        k = int(far.argmin())
        if far[k] <= TOUCH * letter:
            return int(view[ys[k], xs[k]])
    for step in np.arange(TOUCH, REACH, 0.1) * letter:
        for lean in (0.0, 0.25, -0.25):
            px = int(place[0] + step * (way[0] - lean * way[1]))
            py = int(place[1] + step * (way[1] + lean * way[0]))
            if 0 <= px < width and 0 <= py < height and covered[py, px]:
                return int(covered[py, px])
    return 0


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
