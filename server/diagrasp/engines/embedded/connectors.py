"""Connectors: which symbols the strokes join, and which way they point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.gaps import under_label
from diagrasp.engines.embedded.headless import all_leave, arrival, joined_ends, led
from diagrasp.engines.embedded.paths import lengths
from diagrasp.engines.embedded.rect import Rect
from diagrasp.engines.embedded.skeleton import Segment, Skeleton
from diagrasp.engines.embedded.ways import bend, ways

LEAST, SMALL = 0.5, 0.4
"""Least evidence of a head, and the same as a share of what is usual in a drawing; 1 is always enough."""
LARGE, WEAK = 1.8, 0.72
"""Usual evidence of large heads, and what share of it an end has at least that is marked as the other one is."""

SHORT = 2.0
"""Longest line that has no room for heads at both ends, in letter heights."""

Points = NDArray[np.float64]


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
) -> list[Terminal]:
    """The free ends that meet a symbol, or else one of the frames that connectors may end on.

    Args:
        owner: (H, W) int32, the number of the nearest symbol for every pixel.
        near: (H, W) float32, the distance to it in pixels.
        ink: (H, W) bool, connector ink.
        frames: numbers, bounds, and whether what is inside may end on it too.
        texts: boxes of the text outside of the symbols, which may hide where a line begins.
    """
    out: list[Terminal] = []
    height, wide = owner.shape
    for node, place in enumerate(skeleton.places):
        if skeleton.degree(node) != 1:
            continue
        segment = skeleton.segments[skeleton.at[node][0]]
        x, y = int(place[0]), int(place[1])
        direction = -segment.leaving(node, 1.1 * letter)
        found = owner[y, x] if near[y, x] <= 0.45 * letter else 0
        if not found and segment.length >= 0.3 * letter:
            for step in np.arange(0.4, 1.6, 0.1) * letter:  # it may stop short of the symbol that it points at
                px, py = int(x + direction[0] * step), int(y + direction[1] * step)
                if not (0 <= px < wide and 0 <= py < height):
                    break
                if near[py, px] <= 1:
                    found = owner[py, px]
                    break
        if not found and segment.length >= 3 * letter:
            below = under_label(place, texts, near, owner, letter)
            axis = _axis(segment, node, letter)
            tips = (place, direction), axis, (axis[0] + letter * axis[1], axis[1])  # a letter may lengthen the line
            if below and max(_head(ink, *tip, letter, width, 1.7 * letter)[0] for tip in tips) < 0.4:
                out.append(Terminal(node, below, 0.0))
                continue
        if not found:
            reach = 0.7 * letter
            back = place - direction * min(1.5 * letter, segment.length)
            for number, box, both in frames:
                inner = box.grow(-reach)
                if not box.grow(reach).inside(x, y) or inner.inside(x, y):
                    continue
                if both or (not box.inside(*back) and box.inside(*(place + direction * letter))):
                    found = number
                    break
        if found:
            reach = min(1.7 * letter, 0.97 * segment.length)
            head, is_round = max(
                _head(ink, place, direction, letter, width, reach),
                _head(ink, *_axis(segment, node, letter), letter, width, reach),
            )
            if head < 0.4 and _hugs(segment, node, near, letter):  # the symbol covers the other half of the head
                head, is_round = _head(ink, *_axis(segment, node, letter), letter, width, reach, half=True)
            short = -segment.leaving(node, 0.4 * letter)
            if head < 0.4 and segment.length > 2 * letter and float(short @ direction) < 0.9:  # it turns in its head
                head, is_round = max((head, is_round), _head(ink, place, short, letter, width, 1.1 * letter))
            out.append(Terminal(node, int(found), head, is_round))
    return out


def _hugs(segment: Segment, node: int, near: NDArray[np.float32], letter: float) -> bool:
    """Whether a line's last part runs along the symbol's border instead of towards it."""
    points = segment.points if segment.a == node else segment.points[::-1]
    along = lengths(points)
    last = points[along <= 1.6 * letter].astype(int)
    return bool(along[-1] >= 1.6 * letter and (near[last[:, 1], last[:, 0]] <= 0.7 * letter).all())


def _axis(segment: Segment, node: int, letter: float) -> tuple[Points, Points]:
    """A line's tip and direction at one end, taken from its shaft: thinning bends the last pixels of a head."""
    points = segment.points if segment.a == node else segment.points[::-1]
    along = lengths(points)
    near = points[min(int(np.searchsorted(along, 1.2 * letter)), len(points) - 1)]
    far = points[min(int(np.searchsorted(along, 2.6 * letter)), len(points) - 1)]
    if along[-1] < 2.0 * letter:
        near, far = points[0], points[-1]
    way = near - far if along[-1] >= 2.0 * letter else points[0] - far
    norm = float(np.hypot(*way))
    if norm < 1e-6:
        return points[0], -segment.leaving(node, letter)
    direction = way / norm
    reach = float((points[0] - near) @ direction)
    return near + direction * reach, direction


def _head(
    ink: NDArray[np.bool_], tip: Points, direction: Points, letter: float, width: float, reach: float,
    *, half: bool = False,
) -> tuple[float, bool]:  # fmt: skip
    """How much the strokes spread behind a tip, and whether they spread most at the tip itself.

    An arrow's outer extent, filled or open, grows from the tip backwards and then falls to the line's width.

    Args:
        half: only one side of the head can be seen.
    """
    side = 0.95 * letter
    x0, y0 = int(tip[0] - reach - side), int(tip[1] - reach - side)
    x1, y1 = int(tip[0] + reach + side) + 1, int(tip[1] + reach + side) + 1
    x0, y0 = max(0, x0), max(0, y0)
    crop = ink[y0:y1, x0:x1]
    _, labels = cv2.connectedComponents(crop.astype(np.uint8), connectivity=8)
    ys, xs = np.nonzero(crop)
    if len(ys) == 0:
        return 0.0, False
    dx, dy = xs + x0 - tip[0], ys + y0 - tip[1]
    back = -(dx * direction[0] + dy * direction[1])
    across = dx * -direction[1] + dy * direction[0]
    ok = (back >= -0.3 * letter) & (back <= reach) & (np.abs(across) <= side)
    if not ok.any():
        return 0.0, False
    close = ok & (np.hypot(dx, dy) <= 0.45 * letter)
    mine = np.unique(labels[ys[close], xs[close]])
    ok &= np.isin(labels[ys, xs], mine)
    if not ok.any():
        return 0.0, False
    back, across = back[ok], across[ok]
    found = _spread(back, across, letter, width, half=half)
    aside = _aside(back, across, letter, width, reach)
    if not aside:
        return found
    shifted = _spread(back, across - aside, letter, width, half=half)
    return max(found, shifted) if shifted[0] >= 0.6 else found  # a doubt is no better beside the axis than on it


def _aside(back: Points, across: Points, letter: float, width: float, reach: float) -> float:
    """How far the shaft's middle lies beside the axis: thinning moves the tip of a small head by a pixel or two."""
    shaft = across[(back >= 0.85 * letter) & (back <= reach) & (np.abs(across) <= width)]
    aside = float(np.median(shaft)) if len(shaft) >= 4 else 0.0
    return aside if 0.4 <= abs(aside) <= 0.15 * letter else 0.0


def _spread(back: Points, across: Points, letter: float, width: float, *, half: bool) -> tuple[float, bool]:
    """`_head` of ink by its distances behind the tip and beside the axis."""
    bins = np.clip(((back + 0.3 * letter) / 1.0).astype(int), 0, None)
    n = int(bins.max()) + 1
    left, right = np.zeros(n), np.zeros(n)
    np.maximum.at(right, bins, np.clip(across, 0, None))
    np.maximum.at(left, bins, np.clip(-across, 0, None))
    # A head spreads to both sides; a bend or a neighbour to one.
    both = np.maximum(left, right) if half else np.minimum(left, right)
    smooth = np.convolve(both, np.ones(3) / 3, mode="same") if n >= 3 else both
    start = int(0.3 * letter)
    window = smooth[: start + int(1.4 * letter)]
    if len(window) == 0:
        return 0.0, False
    peak = int(window.argmax())
    spread = float(window[peak]) - 0.5 * width
    need = max(1.6, 0.145 * letter)
    tip_spread = float(smooth[max(0, start - 1) : start + 2].max(initial=0)) - 0.5 * width
    # Towards its tip a head tapers; seen from the far end of a short line it begins at once.
    before = smooth[start : max(peak, start + 1)] - 0.5 * width
    taper = float(np.clip(before, 0, None).mean()) / spread if spread > 0 and peak > start else 1.0
    if taper < 0.2:
        return 0.25 * spread / need, False
    is_round = spread > need and peak < start + 0.28 * letter and tip_spread > 0.75 * spread
    return spread / need, is_round


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
    return [c for c in found if c.source != c.target or _length(c.path) >= 4 * letter]


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
        (x0, y0), (x1, y1) = points[0], points[-1]
        forward = bool(y1 - y0 > 0 if abs(y1 - y0) > 0.6 * abs(x1 - x0) else x1 > x0)
    if not forward:
        a, b, points, head, tail = b, a, points[::-1], tail, head
    marked = head >= 1.0 or (head >= 0.4 and head > tail + 0.35)
    count = sum(s.gaps[0] for s, _ in path)
    return Connector(
        a.owner, b.owner, points, marked, both, count >= 3 and gaps > 0.2 * total, min(1.0, abs(head - tail) / 1.5)
    )
