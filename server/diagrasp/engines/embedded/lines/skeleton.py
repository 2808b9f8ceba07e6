"""Thin strokes to one pixel and take the result apart into a graph of polylines.

Thinning is Guo and Hall's two-subiteration algorithm (Parallel thinning with two-subiteration algorithms, CACM 32,
1989), run by table look-up on the eight neighbours' code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

# The neighbours' bits, clockwise from north: P2..P9 of the paper.
_OFFSETS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


_KNOT = 2
"""Marks junctions among a skeleton's pixels."""


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    first, second = np.ones(256, np.uint8), np.ones(256, np.uint8)
    for code in range(256):
        p = [(code >> k) & 1 for k in range(8)]
        p2, p3, p4, p5, p6, p7, p8, p9 = p
        c = (
            ((not p2) and (p3 or p4))
            + ((not p4) and (p5 or p6))
            + ((not p6) and (p7 or p8))
            + ((not p8) and (p9 or p2))
        )
        n = min((p9 or p2) + (p3 or p4) + (p5 or p6) + (p7 or p8), (p2 or p3) + (p4 or p5) + (p6 or p7) + (p8 or p9))
        if c == 1 and 2 <= n <= 3:
            if not ((p6 or p7 or not p9) and p8):
                first[code] = 0
            if not ((p2 or p3 or not p5) and p4):
                second[code] = 0
    return first, second


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The skeleton of a mask, eight-connected, at most 40 pixels deep."""
    image = np.pad(mask.astype(np.uint8), 1)
    flat = image.ravel()
    ink = np.flatnonzero(flat)  # a small part of the sheet, and less after every pass
    offsets = [dy * image.shape[1] + dx for dy, dx in _OFFSETS]
    tables = _tables()
    for _ in range(40):
        before = len(ink)
        for table in tables:
            code = np.zeros(len(ink), np.uint8)
            for bit, offset in enumerate(offsets):
                code |= flat[ink + offset] << bit
            stays = table[code] > 0
            flat[ink[~stays]] = 0
            ink = ink[stays]
        if len(ink) == before:
            break
    return np.asarray(image[1:-1, 1:-1] > 0)


@dataclass
class Segment:
    """A polyline of the skeleton between two graph nodes; points are (N, 2) x, y in order from `a` to `b`."""

    a: int
    b: int
    points: NDArray[np.float64]
    gap: bool = False
    gaps: tuple[int, float] = (0, 0.0)
    _ways: dict[tuple[bool, float], NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def length(self) -> float:
        """Pixels along the polyline."""
        steps = self.points[1:] - self.points[:-1]
        return float(np.hypot(steps[:, 0], steps[:, 1]).sum())

    def other(self, node: int) -> int:
        return self.b if node == self.a else self.a

    def leaving(self, node: int, reach: float) -> NDArray[np.float64]:
        """Unit vector pointing from `node` along the segment, over the first `reach` pixels."""
        key = node == self.a, reach
        if key not in self._ways:
            self._ways[key] = self._leaving(node, reach)
        return self._ways[key]

    def _leaving(self, node: int, reach: float) -> NDArray[np.float64]:
        points = self.points if node == self.a else self.points[::-1]
        x, y = points[0].tolist()
        for most in (int(3 * reach) + 2, len(points)):
            far = np.hypot(points[:most, 0] - x, points[:most, 1] - y) >= reach
            k = int(far.argmax())
            if far[k]:
                break
        else:
            k = len(points) - 1
        vector = points[k] - points[0]
        norm = math.hypot(*vector.tolist())
        return vector / norm if norm else np.zeros(2)


@dataclass
class Skeleton:
    """A graph: positions of nodes (x, y), segments, and the segments at every node."""

    places: list[NDArray[np.float64]] = field(default_factory=list)
    segments: dict[int, Segment] = field(default_factory=dict)
    at: list[list[int]] = field(default_factory=list)
    _next: int = 0
    _rings: set[int] = field(default_factory=set)
    """Segments that end where they begin."""

    def add_node(self, place: NDArray[np.float64]) -> int:
        self.places.append(place)
        self.at.append([])
        return len(self.places) - 1

    def add(
        self, a: int, b: int, points: NDArray[np.float64], *, gap: bool = False, gaps: tuple[int, float] | None = None
    ) -> int:
        self._next += 1
        segment = Segment(a, b, points, gap)
        segment.gaps = gaps or ((1, segment.length) if gap else (0, 0.0))
        self.segments[self._next] = segment
        self.at[a].append(self._next)
        if b != a:
            self.at[b].append(self._next)
        else:
            self._rings.add(self._next)
        return self._next

    def remove(self, id: int) -> None:
        segment = self.segments.pop(id)
        self._rings.discard(id)
        for node in {segment.a, segment.b}:
            self.at[node].remove(id)

    def degree(self, node: int) -> int:
        ids = self.at[node]
        return len(ids) + len(self._rings.intersection(ids)) if self._rings else len(ids)

    def dissolve(self, node: int) -> None:
        """Join the two segments at a node of degree two into one."""
        if len(self.at[node]) != 2:
            return
        first, second = (self.segments[s] for s in self.at[node])
        ids = list(self.at[node])
        if first.other(node) == node or second.other(node) == node:
            return
        head = first.points if first.b == node else first.points[::-1]
        rest = second.points if second.a == node else second.points[::-1]
        a, b = first.other(node), second.other(node)
        gap = first.gap and second.gap
        for id in ids:
            self.remove(id)
        gaps = (first.gaps[0] + second.gaps[0], first.gaps[1] + second.gaps[1])
        self.add(a, b, np.concatenate([head, rest]), gap=gap, gaps=gaps)


def graph(skeleton: NDArray[np.bool_]) -> Skeleton:
    """Trace a one-pixel skeleton: nodes are ends, loops and junctions (clusters of pixels with over two neighbours)."""
    out = Skeleton()
    image = np.pad(skeleton.astype(np.uint8), 1)
    wide = image.shape[1]
    flat = image.ravel()
    pixels = np.flatnonzero(flat)
    if len(pixels) == 0:
        return out
    steps = [dy * wide + dx for dy, dx in (*_OFFSETS[::2], *_OFFSETS[1::2])]
    # Straight neighbours first, so that a staircase is walked without skipping pixels.
    neighbours = np.zeros(len(pixels), np.uint8)
    for step in steps:
        neighbours += flat[pixels + step]
    knots = pixels[neighbours >= 3]
    labels, centres = _clusters(knots, wide)
    for centre in centres:
        out.add_node(centre)
    knot_of = dict(zip(knots.tolist(), labels.tolist(), strict=True))
    flat[knots] = _KNOT
    rest = bytearray(flat.tobytes())
    flat[:] = 0
    for step in steps:
        flat[knots + step] = 1
    beside = flat.tobytes()  # most pixels have no junction beside them, and the first pixel onward will do

    def points_of(path: list[int]) -> NDArray[np.float64]:
        out = np.empty((len(path), 2))
        out[:, 1], out[:, 0] = np.divmod(np.array(path), wide)
        return out - 1

    def walk(start: int, origin: int | None) -> None:
        path = [start]
        rest[start] = 0
        here = start
        while True:
            knot = onward = -1
            for step in steps:
                state = rest[here + step]
                if state and not beside[here]:
                    onward = here + step
                    break
                if state == _KNOT:
                    if not (len(path) == 1 and origin is not None and knot_of[here + step] == origin):
                        knot = here + step
                        break
                elif state and onward < 0:
                    onward = here + step
            if knot < 0 and onward < 0 and len(path) > 2 and origin is not None:
                back = [here + step for step in steps if knot_of.get(here + step) == origin]
                knot = back[0] if back else -1
            if knot >= 0 or onward < 0:
                break
            rest[onward] = 0
            path.append(onward)
            here = onward
        points = points_of(path)
        a = origin if origin is not None else out.add_node(points[0])
        if origin is not None:
            points = np.concatenate([out.places[origin][None], points])
        if knot >= 0:
            b = knot_of[knot]
            points = np.concatenate([points, out.places[b][None]])
        else:
            b = out.add_node(points[-1])
        out.add(a, b, points)

    for p in pixels[neighbours == 1].tolist():
        if rest[p] == 1:
            walk(p, None)
    for p, label in knot_of.items():
        for step in steps:
            if rest[p + step] == 1:
                walk(p + step, label)
    for p in pixels.tolist():  # closed loops, and single pixels
        if rest[p] == 1:
            walk(p, None)
    return out


def _clusters(pixels: NDArray[np.int64], wide: int) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Pixels that touch each other, gathered: each one's cluster, numbered from 0, and the clusters' middles (x, y).

    Args:
        pixels: flat indices, ascending, in a picture with a rim of one pixel, which does not count.
        wide: its width.
    """
    parents = list(range(len(pixels)))

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    position = {p: i for i, p in enumerate(pixels.tolist())}
    for i, p in enumerate(pixels.tolist()):
        for q in (p - 1, p - wide - 1, p - wide, p - wide + 1):
            if q in position:
                parents[root(position[q])] = root(i)
    _, labels = np.unique([root(i) for i in range(len(pixels))], return_inverse=True)
    y, x = np.divmod(pixels, wide)
    size = np.bincount(labels)
    middles = np.stack([np.bincount(labels, x - 1) / size, np.bincount(labels, y - 1) / size], axis=1)
    # Numbered as they come, two rows at a time.
    first = np.full(len(size), np.iinfo(np.int64).max)
    np.minimum.at(first, labels, (y - 1) // 2 * wide + (x - 1) // 2)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return number[labels], list(middles[order])
