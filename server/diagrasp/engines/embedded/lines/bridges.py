"""Lines that a label interrupts, joined across it: from side to side, around a corner, and where three meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.gaps import corner_ahead, hidden
from diagrasp.engines.embedded.lines.skeleton import Skeleton
from diagrasp.engines.embedded.picture.rect import Rect

Vector = tuple[float, float]

REACHES = 1.0, 2.6
"""How far before a label lines may end that it interrupts, in letter heights: the near ones are joined first."""
RIM = 0.5
"""How far around a line of text the ground on which it stands reaches, in letter heights."""


def bridge(skeleton: Skeleton, letter: float, texts: Sequence[Rect], near: NDArray[np.float32]) -> None:
    """Join the ends of lines that a label interrupts: they look at it from its two sides."""
    free = [n for n in range(len(skeleton.places)) if skeleton.degree(n) == 1]
    place = {n: skeleton.places[n] for n in free}
    seg = {n: skeleton.segments[skeleton.at[n][0]] for n in free}
    out = {n: -seg[n].leaving(n, 1.5 * letter) for n in free}
    taken: set[int] = set()
    across: dict[int, tuple[int, int]] = {}
    pieces = Pieces(skeleton)

    def settled(n: int) -> bool:
        return bool(near[int(place[n][1]), int(place[n][0])] <= 0.3 * letter)

    def behind(n: int, m: int) -> bool:
        return hidden(near, place[n], place[m], letter)

    left = [n for n in free if seg[n].length >= 0.4 * letter]
    if not left or not texts:
        return
    loose = np.array([not settled(n) for n in left])
    places, ways = np.array([place[n] for n in left]), np.array([out[n] for n in left])
    others = np.array([skeleton.places[seg[n].other(n)] for n in left])
    paragraphs = [t.grow(0.15 * letter) for t in [*texts, *_paragraphs(texts)]]
    apart = np.array([near[int(y), int(x)] > 0.3 * letter for x, y in others])
    for rim in (box.grow(RIM * letter) for box in paragraphs):  # edges of the labels' grounds are no lines
        loose &= ~(apart & _inside(places, rim) & _inside(others, rim))
    for reach in REACHES:
        steps = np.linspace(0.0, reach * letter, 6)
        probes = places[:, None] + ways[:, None] * steps[None, :, None]
        for box in paragraphs:  # ends that touch it, or point into it from no farther than `reach`
            whole = box.grow(0.15 * letter)  # what lies within it is a letter's
            letters = _inside(places, whole) & _inside(others, whole)
            facing = np.flatnonzero(loose & ~letters & _inside(probes, box).any(axis=1))
            facing_it = [left[k] for k in facing if left[k] not in taken]
            if len(facing_it) != 2:
                continue
            alike = float(out[facing_it[0]] @ out[facing_it[1]])
            if alike > 0.7 or (abs(alike) < 0.5 and reach < REACHES[-1]):
                continue  # two arrows that end side by side, above a title; a corner, where a third line may come
            if not behind(*facing_it) and pieces.union(*facing_it):
                n, m = facing_it
                taken |= {n, m}
                across[skeleton.add(n, m, np.vstack([place[n], place[m]]), gap=True)] = n, m
    boxes = [t.grow(0.5 * letter) for t in texts]
    bounds = np.array(boxes)
    for corners in (False, True):
        for n in left:
            if n in taken:
                continue
            best: tuple[float, int] | None = None
            probe = place[n] + out[n] * 0.8 * letter
            touched = np.zeros(len(boxes), np.bool_)
            for x, y in (probe, place[n]):
                touched |= (bounds[:, 0] <= x) & (x < bounds[:, 2]) & (bounds[:, 1] <= y) & (y < bounds[:, 3])
            for k in np.flatnonzero(touched).tolist():
                for m in (left[i] for i in np.flatnonzero(_inside(places, boxes[k].grow(1.2 * letter)))):
                    if m == n or m in taken or seg[m] is seg[n]:
                        continue
                    way = place[m] - place[n]
                    far = float(np.hypot(*way))
                    if far < 1e-6 or (best is not None and far >= best[0]):
                        continue
                    straight = min(float(out[n] @ way), float(out[m] @ -way)) >= 0.9 * far
                    whole = boxes[k].grow(0.5 * letter)
                    if straight or (corners and _corner_in(whole, place[n], way, out[n], out[m])):
                        best = far, m
            if best is not None and not behind(n, best[1]) and pieces.union(n, best[1]):
                taken |= {n, best[1]}
                across[skeleton.add(n, best[1], np.vstack([place[n], place[best[1]]]), gap=True)] = n, best[1]
        for k, n in enumerate(left):
            if not corners and n not in taken and loose[k] and seg[n].length >= 1.5 * letter:
                taken |= _meet(skeleton, n, out[n], across, boxes, pieces, letter)


def _meet(
    skeleton: Skeleton, node: int, ahead: NDArray[np.float64], across: dict[int, tuple[int, int]], boxes: list[Rect],
    pieces: Pieces, letter: float,
) -> set[int]:  # fmt: skip
    """Lead an end that looks at a label from its broad side on to the line that the label hides there.

    Args:
        across: the pieces of lines that labels hide: numbers of segments, and the nodes that they join.
        boxes: of the labels.

    Returns:
        The end's node where that was done.
    """
    place = skeleton.places[node]
    for id, (a, b) in across.items():
        start, way = skeleton.places[a], skeleton.places[b] - skeleton.places[a]
        long = float(np.hypot(*way))
        far = corner_ahead(vector(start - place), vector(ahead), vector(way / max(long, 1e-6)))
        if far is None or not 0 < far[1] < long or far[0] > 2 * letter:
            continue
        spot = place + ahead * far[0]
        hides = any(box.inside(*(place + 0.3 * letter * ahead)) and box.inside(*spot) for box in boxes)
        if id not in skeleton.segments or not hides or not pieces.union(node, a):
            continue
        skeleton.remove(id)
        knot = skeleton.add_node(spot)
        for end in (a, b, node):
            skeleton.add(end, knot, np.vstack([skeleton.places[end], spot]), gap=True)
        return {node}
    return set()


def _corner_in(
    box: Rect, place: NDArray[np.float64], way: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]
) -> bool:
    """Whether two ends, `way` apart, that point along u and v look at one corner, which a label's box holds."""
    far = corner_ahead(vector(way), vector(u), vector(v))
    return far is not None and box.inside(*(place + u * far[0]).tolist())


def _inside(points: NDArray[np.float64], box: Rect) -> NDArray[np.bool_]:
    """Which points, (..., 2) x and y, lie in a box."""
    x, y = points[..., 0], points[..., 1]
    return np.asarray((box.x0 <= x) & (x < box.x1) & (box.y0 <= y) & (y < box.y1))


def _paragraphs(texts: Sequence[Rect]) -> list[Rect]:
    """Lines of text that stand close above each other, as one box."""
    out: list[Rect] = []
    for text in sorted(texts, key=lambda t: t.y0):
        for k, box in enumerate(out):
            near = -0.2 * text.h <= text.y0 - box.y1 <= 1.2 * text.h
            if near and abs(text.cx - box.cx) <= 0.15 * max(text.w, box.w):
                out[k] = box.union(text)
                break
        else:
            out.append(text)
    return [box for box in out if box not in texts]


class Pieces:
    """Which nodes hang together (union-find): joining two ends of one piece would close a loop."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._parent = list(range(len(skeleton.places)))
        for segment in skeleton.segments.values():
            self.union(segment.a, segment.b)

    def _root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def union(self, a: int, b: int) -> bool:
        """Join two pieces; False where they are one already."""
        a, b = self._root(a), self._root(b)
        self._parent[a] = b
        return a != b


def vector(pair: NDArray[np.float64]) -> Vector:
    x, y = pair.tolist()
    return x, y
