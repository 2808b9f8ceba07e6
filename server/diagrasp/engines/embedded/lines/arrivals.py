"""Free ends that miss the symbol they belong to because something small touches them there: a sign, a head, a dash."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.paths import lengths
from diagrasp.engines.embedded.lines.skeleton import Skeleton

TOUCHING = 0.45
"""How near to a symbol a line must come to be at it, in letter heights."""
HOOK = 2.0
"""Length of the end that may belong to a sign rather than to the line, in letter heights."""
CLOSE = 0.85
"""How near to a symbol the heads of two lines grow together, in letter heights."""
BLOT = 1.6
"""How near to a symbol lines meet whose heads are one blot, in letter heights."""
LEG = 1.3
"""Over what length of a line its direction is taken, in letter heights."""
LONG = 2.2
"""Length of the longest heads that hide a line's last turn, in letter heights."""
SOLID = 0.85
"""Least share of ink on the way through a head: the symbol's border is not among it."""
AHEAD = 3.0
"""How far before a symbol a line may break off where ink goes on from it, in letter heights."""


def settle(skeleton: Skeleton, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float) -> None:
    """Shorten ends that turn away once they are at a symbol, and lengthen those whose ink goes on to one.

    Args:
        skeleton: changed in place.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        ink: (H, W) bool, connector ink.
    """
    for node in range(len(skeleton.places)):
        if skeleton.degree(node) != 1:
            continue
        x, y = skeleton.places[node].astype(int)
        if near[y, x] <= TOUCHING * letter:
            continue
        id = skeleton.at[node][0]
        segment = skeleton.segments[id]
        points = segment.points if segment.a == node else segment.points[::-1]
        fresh = _cut(points, near, letter)
        for hook in (0.0, 0.5 * HOOK, HOOK):
            if fresh is None:
                fresh = _drawn_on(points, hook * letter, near, ink, letter)
        if fresh is None:
            fresh = _through_head(points, near, ink, letter)
        if fresh is None:
            continue
        far = segment.other(node)
        skeleton.remove(id)
        skeleton.places[node] = fresh[0]
        skeleton.add(node, far, fresh, gap=segment.gap, gaps=segment.gaps)


def _cut(points: NDArray[np.float64], near: NDArray[np.float32], letter: float) -> NDArray[np.float64] | None:
    """The points without the hook at their beginning; None where the line comes to no symbol there."""
    along = lengths(points)
    if along[-1] < 2 * HOOK * letter:
        return None
    hook = points[along <= HOOK * letter].astype(int)
    far = near[hook[:, 1], hook[:, 0]]
    k = int(far.argmin())
    return points[k:] if far[k] <= TOUCHING * letter else None


def _drawn_on(
    points: NDArray[np.float64], hook: float, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float
) -> NDArray[np.float64] | None:
    """The points from `hook` pixels on with a straight piece to the symbol ahead, if most of that piece is drawn."""
    along = lengths(points)
    if along[-1] < hook + 1.1 * letter and hook:
        return None
    rest = points[along >= hook]
    back = rest[min(int(np.searchsorted(along - hook, 1.1 * letter)), len(rest) - 1)] - rest[0]
    norm = float(np.hypot(*back))
    if norm < 1:
        return None
    height, width = near.shape
    steps = rest[0] - np.arange(1.0, AHEAD * letter)[:, None] * back / norm
    steps = steps[((steps >= 0) & (steps < [width, height])).all(axis=1)]
    x, y = steps[:, 0].astype(int), steps[:, 1].astype(int)
    at = np.flatnonzero(near[y, x] <= 1)
    if not len(at) or at[0] < 0.5 * letter or ink[y[: at[0]], x[: at[0]]].mean() < 0.55:
        return None
    return np.vstack([steps[at[0]], rest])


def _through_head(
    points: NDArray[np.float64], near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float
) -> NDArray[np.float64] | None:
    """The points with a piece through the head that hides a line's last turn: ink on the whole way to the symbol.

    The line may end in the head's other barb, which is left out.
    """
    along = lengths(points)
    if along[-1] < 2 * HOOK * letter:
        return None
    last = points[along <= HOOK * letter].astype(int)
    if not 0.5 * letter <= near[last[:, 1], last[:, 0]].min() <= LONG * letter:
        return None
    best: tuple[float, int, NDArray[np.float64]] | None = None
    for k in range(0, len(last), 2):
        x, y = (int(v) for v in last[k])
        tip = _nearest(near, (x, y))
        steps = points[k] + np.linspace(0, 1, max(2, int(near[y, x])))[:, None] * (tip - points[k])
        share = float(ink[steps[:, 1].astype(int), steps[:, 0].astype(int)].mean())
        if share >= SOLID and (best is None or share > best[0]):
            best = share, k, steps
    return None if best is None else np.vstack([best[2][::-1], points[best[1] :]])


def converge(skeleton: Skeleton, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float) -> None:
    """Lead lines that meet right before a symbol on to it: their heads are one blot, which thins to a knot.

    Args:
        skeleton: changed in place.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        ink: (H, W) bool, connector ink.
    """
    for knot in range(len(skeleton.places)):
        if skeleton.degree(knot) < 3:
            continue
        kx, ky = skeleton.places[knot].astype(int)
        if near[ky, kx] > BLOT * letter:
            continue
        lines, spurs = _lines_and_spurs(skeleton, knot, near, letter)
        if len(lines) < 2 or len(lines) + len(spurs) != skeleton.degree(knot):
            continue
        tip = _nearest(near, (int(kx), int(ky)))
        way = tip - skeleton.places[knot]
        norm = float(np.hypot(*way))
        turns = [float(skeleton.segments[id].leaving(knot, LEG * letter) @ way) / max(norm, 1.0) for id in lines]
        if min(turns) > -0.4 or max(turns) > 0.3:
            continue
        steps = skeleton.places[knot] + np.linspace(0, 1, max(2, int(norm)))[:, None] * way
        if ink[steps[:, 1].astype(int), steps[:, 0].astype(int)].mean() < 0.5:
            continue
        for id in spurs:
            skeleton.remove(id)
        skeleton.add(knot, skeleton.add_node(tip), np.vstack([skeleton.places[knot], tip]))


def _nearest(near: NDArray[np.float32], place: tuple[int, int]) -> NDArray[np.float64]:
    """The pixel (x, y) of a symbol that is nearest to a place."""
    x, y = place
    reach = int(near[y, x]) + 2
    x0, y0 = max(0, x - reach), max(0, y - reach)
    ys, xs = np.nonzero(near[y0 : y + reach + 1, x0 : x + reach + 1] <= 1)
    k = int(np.hypot(xs + x0 - x, ys + y0 - y).argmin())
    return np.array([xs[k] + x0, ys[k] + y0], np.float64)


def _lines_and_spurs(
    skeleton: Skeleton, knot: int, near: NDArray[np.float32], letter: float
) -> tuple[list[int], list[int]]:
    """The segments at a knot that are lines, and those that are a head's barbs: short, and they reach no symbol."""
    lines: list[int] = []
    spurs: list[int] = []
    for id in skeleton.at[knot]:
        segment = skeleton.segments[id]
        far = segment.other(knot)
        if far == knot:
            continue
        x, y = skeleton.places[far].astype(int)
        free = skeleton.degree(far) == 1
        if free and segment.length <= 1.9 * letter and near[y, x] > TOUCHING * letter:
            spurs.append(id)
        elif not free or segment.length > 1.9 * letter:
            lines.append(id)
    return lines, spurs


def part(skeleton: Skeleton, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float) -> None:
    """Part lines that were traced into one because they leave or reach a symbol at the same place.

    Such a line comes to a symbol, turns back on the spot and goes away again.

    Args:
        skeleton: changed in place.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        ink: (H, W) bool, connector ink.
    """
    for id in list(skeleton.segments):
        segment = skeleton.segments[id]
        k = _turn(segment.points, near, ink, letter)
        if k is None:
            continue
        skeleton.remove(id)
        share = float(k) / len(segment.points)
        for end, points, part_of in (
            (segment.a, segment.points[k::-1], share), (segment.b, segment.points[k:], 1 - share)
        ):  # fmt: skip
            tip = _onto(points, near, letter)
            gaps = round(segment.gaps[0] * part_of), segment.gaps[1] * part_of
            skeleton.add(skeleton.add_node(tip[0]), end, tip, gaps=gaps)


def _turn(points: NDArray[np.float64], near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float) -> int | None:
    """Where a line comes to a symbol and goes back; None where it does not."""
    along = lengths(points)
    leg = LEG * letter
    inner = np.flatnonzero((along >= 1.5 * leg) & (along <= along[-1] - 1.5 * leg))
    if not len(inner):
        return None
    at = points[inner].astype(int)
    far = near[at[:, 1], at[:, 0]]
    best = int(far.argmin())
    k = int(inner[best])
    if far[best] > CLOSE * letter and not (far[best] <= LONG * letter and _inked(points[k], near, ink)):
        return None
    before = points[int(np.searchsorted(along, along[k] - leg))] - points[k]
    after = points[min(int(np.searchsorted(along, along[k] + leg)), len(points) - 1)] - points[k]
    size = float(np.hypot(*before) * np.hypot(*after))
    if size < 1 or float(before @ after) / size < -0.4:
        return None
    ends = np.searchsorted(along, [along[k] - 1.5 * leg, along[k] + 1.5 * leg])
    away = points[np.minimum(ends, len(points) - 1)].astype(int)
    return k if near[away[:, 1], away[:, 0]].min() >= far[best] + 0.5 * leg else None


def _inked(place: NDArray[np.float64], near: NDArray[np.float32], ink: NDArray[np.bool_]) -> bool:
    """Whether there is ink all the way from a place to the nearest symbol: the head of two lines that meet there."""
    x, y = (int(v) for v in place)
    steps = place + np.linspace(0, 1, max(2, int(near[y, x])))[:, None] * (_nearest(near, (x, y)) - place)
    return float(ink[steps[:, 1].astype(int), steps[:, 0].astype(int)].mean()) >= SOLID


def _onto(points: NDArray[np.float64], near: NDArray[np.float32], letter: float) -> NDArray[np.float64]:
    """The points with a straight piece to the symbol at their beginning."""
    if near[int(points[0][1]), int(points[0][0])] > CLOSE * letter:  # through the head
        tip = _nearest(near, (int(points[0][0]), int(points[0][1])))
        return np.vstack([np.linspace(tip, points[0], 3), points])
    back = points[min(int(LEG * letter), len(points) - 1)] - points[0]
    norm = float(np.hypot(*back)) or 1.0
    height, width = near.shape
    for step in np.arange(0.0, 2 * CLOSE * letter):
        x, y = points[0] - step * back / norm
        if not (0 <= x < width and 0 <= y < height):
            break
        if near[int(y), int(x)] <= 1:
            return np.vstack([[x, y], points])
    return points
