"""Connectors: which symbols the strokes join, and which way they point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.gaps import under_label
from diagrasp.engines.embedded.lines.headless import all_leave, arrival, joined_ends, led
from diagrasp.engines.embedded.lines.heads import axis_of, head_at, mark
from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.lines.skeleton import Segment, Skeleton
from diagrasp.engines.embedded.lines.ways import bend, ways
from diagrasp.engines.embedded.picture.rect import Rect

LEAST, SMALL = 0.5, 0.4
"""Least evidence of a head, and the same as a share of what is usual in a drawing; 1 is always enough."""
LARGE, WEAK = 1.8, 0.72
"""Usual evidence of large heads, and what share of it an end has at least that is marked as the other one is."""

SIGNS = 3.2
"""How far from its symbol a dashed line ends at most where signs stand between, in letter heights."""
SIGNED = 0.08
"""Least share of the way there that is drawn."""
LOOP, LONG_LOOP = 3.2, 4.0
"""Least length of a line that leads back to its symbol, in letter heights: of one with a head, of any."""
ROUND = 0.62
"""Least roundness (4 pi area / circumference squared) of a loop that is short; half a circle has 0.75."""
SHORT = 2.0
"""Longest line that has no room for heads at both ends, in letter heights."""


@dataclass
class Terminal:
    """A free end of the stroke graph at a symbol.

    Attributes:
        node: in the stroke graph.
        owner: number of the symbol.
        head: evidence of an arrow head, about 0 for a plain end and above 1 for a clear head.
        round: evidence that the mark is a circle on the line rather than an arrow.
    """

    node: int
    owner: int
    head: float
    round: bool = False


@dataclass
class Connector:
    """A line from one symbol to another; `head`/`tail` say whether its ends are marked; `dashed` how it is drawn."""

    source: int
    target: int
    path: Points
    head: bool
    tail: bool
    dashed: bool
    sure: float


def terminals(
    skeleton: Skeleton,
    owner: NDArray[np.int32],
    near: NDArray[np.float32],
    ink: NDArray[np.bool_],
    letter: float,
    width: float,
    frames: list[tuple[int, Rect, bool]],
    texts: Sequence[Rect] = (),
    *,
    signs: NDArray[np.bool_] | None = None,
) -> list[Terminal]:
    """The free ends that meet a symbol, or else one of the frames that connectors may end on.

    Args:
        owner: (H, W) int32, the number of the nearest symbol for every pixel.
        near: (H, W) float32, the distance to it in pixels.
        ink: (H, W) bool, connector ink.
        frames: numbers, bounds, and whether what is inside may end on it too.
        texts: boxes of the text outside of the symbols, which may hide where a line begins.
        signs: (H, W) bool, all ink, where signs that say how many may stand between a line's last dash and its symbol.
    """
    out: list[Terminal] = []
    for node, place in enumerate(skeleton.places):
        if skeleton.degree(node) != 1:
            continue
        segment = skeleton.segments[skeleton.at[node][0]]
        found = owner_ahead(segment, node, place, owner, near, letter)
        if not found and segment.length >= 3 * letter:
            direction = -segment.leaving(node, 1.1 * letter)
            below = under_label(place, texts, near, owner, letter)
            axis = axis_of(segment, node, letter)
            tips = (place, direction), axis, (axis[0] + letter * axis[1], axis[1])  # a letter may lengthen the line
            if below and max(head_at(ink, *tip, letter, width, 1.7 * letter)[0] for tip in tips) < 0.4:
                out.append(Terminal(node, below, 0.0))
                continue
        if signs is not None and not found and segment.length >= letter:
            beyond = behind_signs(segment, node, place, owner, near, signs, letter)
            if beyond:
                out.append(Terminal(node, beyond, 0.0))
                continue
        found = found or frame_ahead(segment, node, place, frames, letter)
        if found:
            out.append(Terminal(node, found, *mark(segment, node, near, ink, letter, width)))
    return out


def owner_ahead(
    segment: Segment, node: int, place: Points, owner: NDArray[np.int32], near: NDArray[np.float32], letter: float
) -> int:
    """The number of the symbol that a line's end is at, or stops short of; 0 if none."""
    height, wide = owner.shape
    x, y = int(place[0]), int(place[1])
    if near[y, x] <= 0.45 * letter:
        return int(owner[y, x])
    if segment.length < 0.3 * letter:
        return 0
    direction = -segment.leaving(node, 1.1 * letter)
    for step in np.arange(0.4, 1.6, 0.1) * letter:
        px, py = int(x + direction[0] * step), int(y + direction[1] * step)
        if not (0 <= px < wide and 0 <= py < height):
            break
        if near[py, px] <= 1:
            return int(owner[py, px])
    return 0


def behind_signs(
    segment: Segment, node: int, place: Points, owner: NDArray[np.int32], near: NDArray[np.float32],
    signs: NDArray[np.bool_], letter: float,
) -> int:  # fmt: skip
    """The number of the symbol before which a dashed line stops, signs between them; 0 if none.

    Args:
        signs: (H, W) bool, all ink: two bars may pass for letters.
    """
    height, wide = signs.shape
    for way in (-segment.leaving(node, 1.1 * letter), *np.array([[0.0, -1.0], [0.0, 1.0], [-1.0, 0.0], [1.0, 0.0]])):
        steps = place + np.arange(0.0, SIGNS * letter)[:, None] * way
        steps = steps[((steps >= 0) & (steps < [wide, height])).all(axis=1)]
        x, y = steps.astype(int).T
        reached = np.flatnonzero(near[y, x] <= 1)
        last = int(reached[0]) if len(reached) else 0
        if last and signs[y[:last], x[:last]][round(0.2 * letter) :].mean() >= SIGNED:
            return int(owner[y[last], x[last]])
    return 0


def frame_ahead(segment: Segment, node: int, place: Points, frames: list[tuple[int, Rect, bool]], letter: float) -> int:
    """The number of the frame on whose border a line ends; 0 if none."""
    reach = 0.7 * letter
    direction = -segment.leaving(node, 1.1 * letter)
    back = place - direction * min(1.5 * letter, segment.length)
    x, y = int(place[0]), int(place[1])
    for number, box, both in frames:
        inner = box.grow(-reach)
        if not box.grow(reach).inside(x, y) or inner.inside(x, y):
            continue
        if both or (not box.inside(*back) and box.inside(*(place + direction * letter))):
            return number
    return 0


def _least(ends: list[Terminal]) -> float:
    """The least evidence that is taken for a head.

    Heads of one drawing are alike: where they are small beside the letters, less will do.
    """
    some = [t.head for t in ends if t.head >= LEAST]
    return min(1.0, max(LEAST, SMALL * float(np.percentile(some, 60)))) if len(some) >= 3 else 1.0


def _large(ends: list[Terminal]) -> float:
    """The evidence of a drawing's clear heads, 0 where they are too few or small."""
    clear = [t.head for t in ends if t.head >= 0.9]
    usual = float(np.percentile(clear, 75)) if len(clear) >= 4 else 0.0
    return usual if usual >= LARGE else 0.0


def trace(skeleton: Skeleton, ends: list[Terminal], letter: float, *, even: bool = True) -> list[Connector]:
    """Resolve the stroke graph into connectors.

    From every plain end the strokes are followed to marked ends: straight on over crossings, either way where lines
    merge or fork.  Ends without a mark on either side are paired by the smoothest way.

    Args:
        even: whether heads are all alike, as those are that a program draws.
    """
    at_node = {t.node: t for t in ends}
    least, usual = (_least(ends), _large(ends)) if even else (1.0, 0.0)
    marked = {t.node for t in ends if t.head >= least}
    marked -= _shadowed([t for t in ends if t.node in marked], skeleton, letter) if even else set()
    found: list[Connector] = []
    reached: set[int] = set()
    started: set[int] = set()
    for start in ends:
        if start.node in marked:
            continue
        met: set[int] = set()
        for path, node in sorted(ways(skeleton, start.node, marked, at_node, letter), key=lambda w: bend(w[0])):
            if at_node[node].owner not in met:  # heads side by side at one symbol are those of several lines
                found.append(_connector(at_node, skeleton, start.node, node, path))
            met.add(at_node[node].owner)
            reached.add(node)
            started.add(start.node)
    # Heads at both ends; what is much smaller than the drawing's heads is none.
    for first in ends:
        if first.node not in marked or first.node in reached:
            continue
        several = ways(skeleton, first.node, marked - {first.node}, at_node, letter)
        several = [w for w in several if w[1] not in reached] or several
        if several:
            path, node = min(several, key=lambda w: bend(w[0]))
            low, high = sorted((at_node[first.node].head, at_node[node].head))
            both = not usual or low >= WEAK * usual or high < 0.85 * usual
            found.append(_connector(at_node, skeleton, first.node, node, path, both=both))
            reached |= {first.node, node}
    plain = [t.node for t in ends if t.node not in marked and t.node not in started]
    found += _headless(skeleton, plain, at_node, letter, even=even)
    return [c for c in found if c.source != c.target or _is_loop(c, letter)]


def _is_loop(c: Connector, letter: float) -> bool:
    """Whether a line from a symbol back to it is one: a short one is round, and the two sides of a head are not."""
    length = _length(c.path)
    if length >= LONG_LOOP * letter:
        return True
    if not c.head or length < LOOP * letter:
        return False
    around = length + float(np.hypot(*(c.path[-1] - c.path[0])))
    return bool(4 * np.pi * abs(cv2.contourArea(c.path.astype(np.float32))) >= ROUND * around * around)


def _headless(
    skeleton: Skeleton, plain: list[int], at_node: dict[int, Terminal], letter: float, *, even: bool
) -> list[Connector]:
    """The connectors between ends of which none is marked; a pen's lines meet by chance, and go in pairs."""
    found: list[Connector] = []
    goals = {*plain}
    reached = {n: {to: path for path, to in ways(skeleton, n, goals - {n}, at_node, letter)} for n in plain}
    bent = {n: {to: bend(path) for to, path in others.items()} for n, others in reached.items()}
    leaving = {n: skeleton.segments[skeleton.at[n][0]].leaving(n, 1.1 * letter) for n in plain}
    for group in joined_ends(bent):
        if even and len(group) > 1 and all_leave(group, leaving):  # what nobody arrives by ends on a line that it meets
            for n in group:
                over = {to: path for path, to in ways(skeleton, n, goals - {*group}, at_node, letter, over=True)}
                to = arrival({to: bend(path) for to, path in over.items()}, leaving)
                if to is not None:
                    found.append(_connector(at_node, skeleton, n, to, over[to], straight=True))
            if found and any(c.source in {at_node[n].owner for n in group} for c in found):
                continue
        pairs = led(group, bent, leaving) if even and len(group) > 2 else None
        if pairs is not None:
            found += [_connector(at_node, skeleton, a, b, reached[a][b], straight=True) for a, b in pairs]
            continue
        paired: set[int] = set()
        for first in group:
            others = {to: bend for to, bend in bent[first].items() if to not in paired}
            if first not in paired and others:
                node = min(others, key=lambda to: others[to])
                found.append(_connector(at_node, skeleton, first, node, reached[first][node]))
                paired |= {first, node}
    return found


def _shadowed(ends: list[Terminal], skeleton: Skeleton, letter: float) -> set[int]:
    """The ends of lines too short for two heads, whose evidence is the head at the other end."""
    out: set[int] = set()
    for end in ends:
        near = {end.node: 0.0}
        for node in (end.node, *(skeleton.segments[id].other(end.node) for id in skeleton.at[end.node])):
            for id in skeleton.at[node]:
                segment = skeleton.segments[id]
                far = near.get(node, 0.0) + segment.length
                near[segment.other(node)] = min(near.get(segment.other(node), far), far)
        for other in ends:
            close = other.owner != end.owner and near.get(other.node, np.inf) <= SHORT * letter
            if close and end.head <= WEAK * other.head:
                out.add(end.node)
    return out


def _length(path: Points) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _connector(
    at_node: dict[int, Terminal], skeleton: Skeleton, start: int, end: int, path: list[tuple[Segment, int]],
    *, both: bool = False, straight: bool = False,
) -> Connector:  # fmt: skip
    """The connector of a way; `both`: its ends are both marked; `straight`: neither is, and it runs as given."""
    a, b = at_node[start], at_node[end]
    pieces = [s.points if s.a == n else s.points[::-1] for s, n in path]
    gaps = sum(s.gaps[1] for s, _ in path)
    total = sum(s.length for s, _ in path) or 1.0
    points = np.vstack(pieces)
    head, tail = b.head, a.head
    forward = b.head > a.head
    if straight:
        forward = True
    elif both or abs(b.head - a.head) < 0.25:  # no mark to go by: as one reads
        forward = _as_read(points[0], points[-1], path[0][0].leaving(start, 12.0), path[-1][0].leaving(end, 12.0))
    if not forward:
        a, b, points, head, tail = b, a, points[::-1], tail, head
    marked = head >= 1.0 or (head >= 0.4 and head > tail + 0.35)
    count = sum(s.gaps[0] for s, _ in path)
    return Connector(
        a.owner, b.owner, points, marked, both, count >= 3 and gaps > 0.2 * total, min(1.0, abs(head - tail) / 1.5)
    )


def _as_read(first: Points, last: Points, out: Points, back: Points) -> bool:
    """Whether a line without a head runs as one reads: down where it leaves both its ends upright, else as it lies."""
    dx, dy = (last - first).tolist()
    upright = min(abs(out[1]), abs(back[1])) > 0.9 and out[1] * back[1] < 0
    return bool(dy > 0 if upright or abs(dy) > 0.6 * abs(dx) else dx > 0)
