"""Orthogonal connectors between placed symbols.

Each connector is the cheapest path over a grid (A* over point and direction), where bends, crossings and shared
stretches cost and symbols are closed.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict

from diagrasp.model import Box, Diagram, Edge

GRID = 20.0
_SIDES = ((1, 0), (0, 1), (-1, 0), (0, -1))


def route(
    diagram: Diagram,
    boxes: dict[str, Box],
    soft: list[Box],
    area: tuple[float, float, float, float],
    borders: set[int],
) -> dict[str, list[tuple[float, float]]]:
    """An orthogonal path for each edge between nodes, in the order of their length, straight ones first.

    Args:
        soft: boxes to keep off where that is cheap.
        borders: rows of the grid along which nothing should run.
    """
    grid = _Grid(boxes, soft, area, borders)
    forward = {e.id: boxes[e.target].center[0] - boxes[e.source].center[0] for e in diagram.edges if _ends(e, boxes)}
    order = sorted(
        (e for e in diagram.edges if _ends(e, boxes)),
        key=lambda e: (forward[e.id] <= 0, abs(forward[e.id]) + 2 * _off(e, boxes)),
    )
    return {e.id: grid.connect(e, boxes) for e in order}


def _ends(edge: Edge, boxes: dict[str, Box]) -> bool:
    return edge.source in boxes and edge.target in boxes and edge.source != edge.target


def _off(edge: Edge, boxes: dict[str, Box]) -> float:
    return abs(boxes[edge.target].center[1] - boxes[edge.source].center[1])


class _Grid:
    def __init__(
        self, boxes: dict[str, Box], soft: list[Box], area: tuple[float, float, float, float], borders: set[int]
    ) -> None:
        left, top, right, bottom = area
        self.borders = borders
        self.x0, self.y0 = int(left // GRID) + 1, int(top // GRID)
        self.x1, self.y1 = int(right // GRID), int(bottom // GRID)
        self.closed: dict[tuple[int, int], str] = {}
        for id, box in boxes.items():
            for point in _cells(box, 9):
                self.closed[point] = id
        self.soft = {point for box in soft for point in _cells(box, 2)}
        self.lines: dict[tuple[int, int], set[bool]] = defaultdict(set)
        self.ports: dict[tuple[str, tuple[int, int]], int] = defaultdict(int)

    def connect(self, edge: Edge, boxes: dict[str, Box]) -> list[tuple[float, float]]:
        a, b = boxes[edge.source], boxes[edge.target]
        target = (round(b.center[0] / GRID), round(b.center[1] / GRID))
        heap: list[tuple[float, int, tuple[int, int], tuple[int, int], tuple[int, int] | None]] = []
        best: dict[tuple[tuple[int, int], tuple[int, int]], float] = {}
        came: dict[tuple[tuple[int, int], tuple[int, int]], tuple[tuple[int, int], tuple[int, int]] | None] = {}
        goals: dict[tuple[tuple[int, int], tuple[int, int]], float] = {}
        message = edge.kind == "message"
        for side in _SIDES:
            point, cost = self._outside(edge.target, target, side), self._port(edge.target, side)
            preferred = side == (-1, 0) or (message and side[1] != 0)
            goals[point, (-side[0], -side[1])] = cost + (0 if preferred else 4)
        count = 0
        origin = (round(a.center[0] / GRID), round(a.center[1] / GRID))
        for side in _SIDES:
            point = self._outside(edge.source, origin, side)
            preferred = side == (1, 0) or (message and side[1] != 0)
            cost = self._port(edge.source, side) + (0 if preferred else 3) + (6 if side == (-1, 0) else 0)
            if self._free(point, edge):
                best[point, side] = cost
                came[point, side] = None
                heapq.heappush(heap, (cost, count := count + 1, point, side, None))
        found: tuple[tuple[int, int], tuple[int, int]] | None = None
        total = math.inf
        while heap:
            guess, _, point, way, _ = heapq.heappop(heap)
            cost = best[point, way]
            if guess >= total:
                break
            if (point, way) in goals and cost + goals[point, way] < total:
                total, found = cost + goals[point, way], (point, way)
            for turn in _SIDES:
                if turn == (-way[0], -way[1]):
                    continue
                nxt = (point[0] + turn[0], point[1] + turn[1])
                if not self._free(nxt, edge):
                    continue
                step = cost + 1 + (2.5 if turn != way else 0) + self._crowd(nxt, turn[0] != 0)
                step += 6 if nxt in self.soft else 0
                if step < best.get((nxt, turn), math.inf):
                    best[nxt, turn] = step
                    came[nxt, turn] = (point, way)
                    ahead = abs(nxt[0] - target[0]) + abs(nxt[1] - target[1])
                    heapq.heappush(heap, (step + 0.9 * max(0, ahead - 6), count := count + 1, nxt, turn, None))
        if found is None:
            return [a.center, b.center]
        trail = [found]
        while (before := came[trail[-1]]) is not None:
            trail.append(before)
        trail.reverse()
        return self._finish(edge, a, b, trail)

    def _finish(
        self, edge: Edge, a: Box, b: Box, trail: list[tuple[tuple[int, int], tuple[int, int]]]
    ) -> list[tuple[float, float]]:
        for point, way in trail:
            self.lines[point].add(way[0] != 0)
        out, into = trail[0][1], (-trail[-1][1][0], -trail[-1][1][1])
        self.ports[edge.source, out] += 1
        self.ports[edge.target, into] += 1
        points = [_port_point(a, out), *((p[0] * GRID, p[1] * GRID) for p, _ in trail), _port_point(b, into)]
        kept = [points[0]]
        for before, here, after in zip(points, points[1:], points[2:], strict=False):
            straight = (before[0] == here[0] == after[0]) or (before[1] == here[1] == after[1])
            if not straight:
                kept.append(here)
        return [*kept, points[-1]]

    def _outside(self, id: str, middle: tuple[int, int], side: tuple[int, int]) -> tuple[int, int]:
        x, y = middle
        while self.closed.get((x, y)) == id:
            x, y = x + side[0], y + side[1]
        return x, y

    def _free(self, point: tuple[int, int], edge: Edge) -> bool:
        return self.x0 <= point[0] < self.x1 and self.y0 < point[1] < self.y1 and point not in self.closed

    def _port(self, id: str, side: tuple[int, int]) -> float:
        return 14.0 * self.ports[id, side]

    def _crowd(self, point: tuple[int, int], horizontal: bool) -> float:
        along = 8.0 if horizontal and point[1] in self.borders else 0.0
        here = self.lines.get(point)
        if not here:
            return along
        return along + (25.0 if horizontal in here else 3.0)


def _cells(box: Box, margin: float) -> list[tuple[int, int]]:
    xs = range(math.ceil((box.x - margin) / GRID), math.floor((box.right + margin) / GRID) + 1)
    ys = range(math.ceil((box.y - margin) / GRID), math.floor((box.bottom + margin) / GRID) + 1)
    return [(x, y) for x in xs for y in ys]


def _port_point(box: Box, side: tuple[int, int]) -> tuple[float, float]:
    cx, cy = box.center
    return cx + side[0] * box.w / 2, cy + side[1] * box.h / 2
