"""An orthogonal way between two boxes around others: A* over the lines beside the boxes, few bends preferred.

The grid is that of Wybrow, Marriott and Stuckey, "Orthogonal connector routing" (Graph Drawing 2009), without the
nudging.  The search looks only near the two ends, and gives up for a plain route after a bounded number of steps.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterable

from diagrasp.model import Box, Edge, Point

MARGIN = 14.0
_LIMIT = 12_000
_BEND = 60.0


class Router:
    """Finds ways among obstacles.

    Args:
        obstacles: boxes that lines should not run through.
    """

    def __init__(self, obstacles: Iterable[Box]) -> None:
        self._boxes = sorted(obstacles)
        self._lefts = [box.x for box in self._boxes]
        self._widest = max((box.w for box in self._boxes), default=0.0)
        self._used: set[tuple[float, float, bool]] = set()

    def route(
        self, start: Box, end: Box, *, horizontal: bool = True, upright: bool = False, down: bool = False
    ) -> list[Point]:
        """Points from the outline of one box to the other's, at least two.

        Args:
            horizontal: whether a plain route leaves sideways, where no way is found.
            upright: both ends are at the top or bottom.
            down: the route starts at the bottom, as from an event on an activity's border.
        """
        window = _around(start, end, 160.0)
        near = [
            b for b in self._near(window) if b not in (start, end) and not _inside(start, b) and not _inside(end, b)
        ]
        if len(near) > 60:
            cx, cy = (start.center[0] + end.center[0]) / 2, (start.center[1] + end.center[1]) / 2
            near = sorted(near, key=lambda b: abs(b.center[0] - cx) + abs(b.center[1] - cy))[:60]
        found = self._search(start, end, near, upright, down)
        return found or plain(start, end, horizontal=horizontal)

    def _near(self, window: Box) -> list[Box]:
        first = bisect_left(self._lefts, window.x - self._widest)
        found = []
        for box in self._boxes[first:]:
            if box.x > window.right:
                break
            if box.y < window.bottom and box.bottom > window.y and box.right > window.x:
                found.append(box)
        return found

    def _search(self, start: Box, end: Box, near: list[Box], upright: bool, down: bool) -> list[Point]:
        start_x, start_y = start.center
        goal_x, goal_y = (b if abs(a - b) > 1 else a for a, b in zip(start.center, end.center, strict=True))
        xs, ys = {start_x, goal_x}, {start_y, goal_y}
        for box in (start, end, *near):
            xs |= {box.x - MARGIN, box.right + MARGIN}
            ys |= {box.y - MARGIN, box.bottom + MARGIN}
        if start.right < end.x or end.right < start.x:
            xs.add((min(start.right, end.right) + max(start.x, end.x)) / 2)
        if start.bottom < end.y or end.bottom < start.y:
            ys.add((min(start.bottom, end.bottom) + max(start.y, end.y)) / 2)
        grid_x, grid_y = sorted(xs), sorted(ys)
        blocked = [Box(b.x - 4, b.y - 4, b.w + 8, b.h + 8) for b in near]
        # An event on an activity's border starts inside its activity, which cannot stop it then.
        blocked = [b for b in blocked if not b.contains(start_x, start_y) and not b.contains(goal_x, goal_y)]
        sx, sy = grid_x.index(start_x), grid_y.index(start_y)
        tx, ty = grid_x.index(goal_x), grid_y.index(goal_y)
        best: dict[tuple[int, int, int], float] = {}
        back: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        queue: list[tuple[float, float, int, int, int]] = []
        first = (1,) if down else (1, 3) if upright else (0, 1, 2, 3)
        for direction in first:
            state = (sx, sy, direction)
            best[state] = 0.0
            heapq.heappush(queue, (abs(goal_x - grid_x[sx]) + abs(goal_y - grid_y[sy]), 0.0, *state))
        steps = 0
        while queue:
            _, cost, i, j, direction = heapq.heappop(queue)
            if cost > best[i, j, direction]:
                continue
            if (i, j) == (tx, ty) and (direction in (1, 3) or not upright):
                return self._finish(start, end, self._trace((i, j, direction), back, grid_x, grid_y))
            steps += 1
            if steps > _LIMIT:
                break
            for turn, (di, dj) in enumerate(((1, 0), (0, 1), (-1, 0), (0, -1))):
                if (turn + 2) % 4 == direction:
                    continue
                if (i, j) == (sx, sy) and turn not in first:
                    continue
                ni, nj = i + di, j + dj
                if not (0 <= ni < len(grid_x) and 0 <= nj < len(grid_y)):
                    continue
                a, b = (grid_x[i], grid_y[j]), (grid_x[ni], grid_y[nj])
                if any(_cuts(box, a, b) for box in blocked):
                    continue
                length = abs(a[0] - b[0]) + abs(a[1] - b[1])
                step = cost + length + (_BEND if turn != direction else 0.0)
                on_start = a[0] == b[0] == start_x or a[1] == b[1] == start_y
                on_goal = a[0] == b[0] == goal_x or a[1] == b[1] == goal_y
                if (not on_start and _cuts(start, a, b)) or (not on_goal and _cuts(end, a, b)):
                    step += 400.0
                step += 25.0 if (a[1] if di else a[0], min(a, b)[0 if di else 1], bool(di)) in self._used else 0.0
                state = (ni, nj, turn)
                if step < best.get(state, float("inf")):
                    best[state] = step
                    back[state] = (i, j, direction)
                    guess = abs(goal_x - b[0]) + abs(goal_y - b[1])
                    heapq.heappush(queue, (step + guess, step, ni, nj, turn))
        return []

    def _trace(
        self,
        state: tuple[int, int, int],
        back: dict[tuple[int, int, int], tuple[int, int, int]],
        grid_x: list[float],
        grid_y: list[float],
    ) -> list[Point]:
        points = [Point(grid_x[state[0]], grid_y[state[1]])]
        while state in back:
            state = back[state]
            here = Point(grid_x[state[0]], grid_y[state[1]])
            flat = here.y == points[-1].y
            low = min(here, points[-1])
            self._used.add((here.y if flat else here.x, low.x if flat else low.y, flat))
            points.append(here)
        return simplify(points[::-1])

    def _finish(self, start: Box, end: Box, points: list[Point]) -> list[Point]:
        return clip(points, start, end)


def plain(start: Box, end: Box, *, horizontal: bool) -> list[Point]:
    """A route of at most three straight parts, whatever stands in its way."""
    (ax, ay), (bx, by) = start.center, end.center
    if horizontal and (end.x > start.right or end.right < start.x):
        middle = (start.right + end.x) / 2 if end.x > start.right else (start.x + end.right) / 2
        points = [Point(ax, ay), Point(middle, ay), Point(middle, by), Point(bx, by)]
    elif end.y > start.bottom or end.bottom < start.y:
        middle = (start.bottom + end.y) / 2 if end.y > start.bottom else (start.y + end.bottom) / 2
        points = [Point(ax, ay), Point(ax, middle), Point(bx, middle), Point(bx, by)]
    else:
        points = [Point(ax, ay), Point(bx, ay), Point(bx, by)]
    return clip(simplify(points), start, end)


def simplify(points: list[Point]) -> list[Point]:
    """Without repeated points and without points on a straight line between upright neighbours."""
    result: list[Point] = []
    for point in points:
        if result and abs(result[-1].x - point.x) < 0.01 and abs(result[-1].y - point.y) < 0.01:
            continue
        if len(result) > 1:
            a, b = result[-2], result[-1]
            if (abs(a.x - b.x) < 0.01 and abs(b.x - point.x) < 0.01) or (
                abs(a.y - b.y) < 0.01 and abs(b.y - point.y) < 0.01
            ):
                result[-1] = point
                continue
        result.append(point)
    return result


def clip(points: list[Point], start: Box, end: Box) -> list[Point]:
    """Cut off what runs inside the end boxes, which the first and last point lie in."""
    if len(points) < 2:
        points = [Point(*start.center), Point(*end.center)]
    head = _leave(points, start)
    tail = _leave(head[::-1], end)[::-1]
    return tail if len(tail) > 1 else [Point(*start.center), Point(*end.center)]


def spread_ends(
    paths: dict[str, list[Point]], edges: Iterable[Edge], boxes: dict[str, Box], fixed: Collection[str]
) -> None:
    """Move apart the ends that several routes have at one side of a box; items in `fixed` (rhombs) keep theirs."""
    sides: dict[tuple[str, str], list[tuple[float, str, bool]]] = {}
    for edge in edges:
        path = paths.get(edge.id, [])
        if len(path) < 3 or edge.source == edge.target:  # moving a straight line would tear it off at its other end
            continue
        for id, at_end in ((edge.source, False), (edge.target, True)):
            line = path[::-1] if at_end else path
            upright = abs(line[0].x - line[1].x) < 0.01
            if id not in fixed and (upright or abs(line[0].y - line[1].y) < 0.01):
                box = boxes[id]
                side = (
                    ("b" if line[1].y > box.center[1] else "t")
                    if upright
                    else ("r" if line[1].x > box.center[0] else "l")
                )
                beyond = line[2].x if upright else line[2].y
                sides.setdefault((id, side), []).append((beyond, edge.id, at_end))
    for (id, side), ends in sides.items():
        if len(ends) < 2:
            continue
        ends.sort()
        box = boxes[id]
        upright = side in "bt"
        room = (box.w if upright else box.h) * 0.6
        step = min(14.0, room / (len(ends) - 1))
        for k, (_, edge_id, at_end) in enumerate(ends):
            shift = (k - (len(ends) - 1) / 2) * step
            path = paths[edge_id]
            for n in (-1, -2) if at_end else (0, 1):
                path[n] = Point(path[n].x + shift, path[n].y) if upright else Point(path[n].x, path[n].y + shift)


def _leave(points: list[Point], box: Box) -> list[Point]:
    for k in range(len(points) - 1, 0, -1):
        a, b = points[k - 1], points[k]
        if _within(box, a) and not _within(box, b):
            return [_exit(box, a, b), *points[k:]]
    return points


def _within(box: Box, p: Point) -> bool:
    return box.x - 0.01 <= p.x <= box.right + 0.01 and box.y - 0.01 <= p.y <= box.bottom + 0.01


def _exit(box: Box, a: Point, b: Point) -> Point:
    """Where the line from a (inside) to b (outside) leaves the box."""
    share = 1.0
    for start, end, low, high in ((a.x, b.x, box.x, box.right), (a.y, b.y, box.y, box.bottom)):
        if abs(end - start) < 0.02:
            continue
        if end > high:
            share = min(share, (high - start) / (end - start))
        elif end < low:
            share = min(share, (low - start) / (end - start))
    share = max(0.0, share)
    return Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)


def _cuts(box: Box, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether an upright or level line runs through the inside of the box."""
    return (
        max(a[0], b[0]) > box.x + 0.01
        and min(a[0], b[0]) < box.right - 0.01
        and max(a[1], b[1]) > box.y + 0.01
        and min(a[1], b[1]) < box.bottom - 0.01
    )


def _inside(inner: Box, outer: Box) -> bool:
    return outer.x <= inner.x and outer.y <= inner.y and outer.right >= inner.right and outer.bottom >= inner.bottom


def _around(a: Box, b: Box, margin: float) -> Box:
    x, y = min(a.x, b.x) - margin, min(a.y, b.y) - margin
    return Box(x, y, max(a.right, b.right) + margin - x, max(a.bottom, b.bottom) + margin - y)
