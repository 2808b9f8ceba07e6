"""What a line's end tells: whether it spreads like an arrow's head, which way it points, where its tip is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.lines.skeleton import Segment

STRAY = 1.3
"""How far from its tip a line traced into a head may end, in letter heights."""
STEADY, TURNED = 0.99, 0.96
"""How straight a line's end is that runs straight, and cosine of the angle at which its shaft has turned away."""


def mark(
    segment: Segment, node: int, near: NDArray[np.float32], ink: NDArray[np.bool_], letter: float, width: float
) -> tuple[float, bool]:
    """Evidence of a head at a line's end, and whether it is round."""
    place = segment.points[0] if segment.a == node else segment.points[-1]
    direction = -segment.leaving(node, 1.1 * letter)
    reach = min(1.7 * letter, 0.97 * segment.length)
    head, is_round = max(
        head_at(ink, place, direction, letter, width, reach),
        head_at(ink, *axis_of(segment, node, letter), letter, width, reach),
    )
    if head < 0.4 and _hugs(segment, node, near, letter):  # the symbol covers the other half of the head
        head, is_round = head_at(ink, *axis_of(segment, node, letter), letter, width, reach, half=True)
    short = -segment.leaving(node, 0.4 * letter)
    if head < 0.4 and segment.length > 2 * letter and float(short @ direction) < 0.9:  # it turns in its head
        head, is_round = max((head, is_round), head_at(ink, place, short, letter, width, 1.1 * letter))
    if head < 0.4 and segment.length > 3 * letter:
        tip, way = _drawn_on(segment, node, near, letter)
        if 0.2 * letter <= float(np.hypot(*(tip - place))) <= STRAY * letter:
            head, is_round = max((head, is_round), head_at(ink, tip, way, letter, width, reach))
    if head < 0.4 and segment.length > 3 * letter:
        tip, way = axis_of(segment, node, letter)
        if _aslant(tip, way, near, letter):
            beside = head_at(ink, tip, way, letter, width, reach, half=True)
            farther = head_at(ink, tip - 1.3 * letter * way, way, letter, width, 0.5 * letter, half=True)
            if farther[0] < 0.35 * beside[0]:  # another line that begins there spreads on and on
                head, is_round = beside
    return head, is_round


def _drawn_on(segment: Segment, node: int, near: NDArray[np.float32], letter: float) -> tuple[Points, Points]:
    """Where a line's shaft, drawn on, comes to a symbol, and in which direction; else its end as it is.

    Thinning may lead a line into a head's barb, or end it within the head.
    """
    points = segment.points if segment.a == node else segment.points[::-1]
    along = lengths(points)
    a, b = (points[min(int(np.searchsorted(along, k * letter)), len(points) - 1)] for k in (0.5, 1.4))
    way = (a - b) / max(1.0, float(np.hypot(*(a - b))))
    steps = a + np.arange(0.0, (0.5 + STRAY) * letter)[:, None] * way
    steps = steps[((steps >= 0) & (steps < [near.shape[1], near.shape[0]])).all(axis=1)]
    at = np.flatnonzero(near[steps[:, 1].astype(int), steps[:, 0].astype(int)] <= 1)
    return (np.asarray(steps[at[0]], np.float64) if len(at) else points[0]), way


def _aslant(tip: Points, way: Points, near: NDArray[np.float32], letter: float) -> bool:
    """Whether a line comes to a symbol at so flat an angle that the symbol covers one barb of its head."""
    aside = np.array([-way[1], way[0]])
    shares = []
    for side in (-1, 1):
        spots = [tip - k * letter * way + side * s * letter * aside for k in (0.3, 0.6, 0.9) for s in (0.3, 0.45)]
        x, y = np.array(spots).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < near.shape[1]) & (y < near.shape[0])
        shares.append(float((near[y[inside], x[inside]] <= 1).sum()) / len(spots))
    return max(shares) >= 0.4 and min(shares) == 0.0


def _hugs(segment: Segment, node: int, near: NDArray[np.float32], letter: float) -> bool:
    """Whether a line's last part runs along the symbol's border instead of towards it."""
    points = segment.points if segment.a == node else segment.points[::-1]
    along = lengths(points)
    last = points[along <= 1.6 * letter].astype(int)
    return bool(along[-1] >= 1.6 * letter and (near[last[:, 1], last[:, 0]] <= 0.7 * letter).all())


def axis_of(segment: Segment, node: int, letter: float) -> tuple[Points, Points]:
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
    end = points[0] - near
    chord = float(np.hypot(*end))
    straight = chord >= max(1.0, STEADY * min(1.2 * letter, float(along[-1])))
    if straight and float(end @ direction) < TURNED * chord:  # it bends right behind a straight end
        return points[0], end / chord
    reach = float((points[0] - near) @ direction)
    return near + direction * reach, direction


def head_at(
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
