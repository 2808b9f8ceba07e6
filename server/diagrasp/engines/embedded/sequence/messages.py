"""Messages: horizontal strokes from lifeline to lifeline, loops at one lifeline, strokes that come from nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.heads import Head
from diagrasp.engines.embedded.sequence.lifelines import BEYOND, REACH, Column
from diagrasp.engines.embedded.sequence.lines import Stroke
from diagrasp.engines.embedded.text.textlines import TextLine

DISC = 2.6
"""Diameter of the disc with a message's number at most, in letter heights."""
GAP = 0.4
"""Widest gap within a loop, in letter heights."""
INKED, ROUND = 0.6, 1.5
"""Ink of a number's disc, as a share of its area, at least, and its longer side by its shorter one at most."""
LOOPED = 0.65
"""Share of a loop's height that its right side has at least: half of its head hangs below that."""


@dataclass(frozen=True)
class Message:
    """A message between two lifelines, by their indices; None is an end that meets no lifeline.

    Attributes:
        y: height of the stroke, of a loop its top, in pixels.
        x0, x1: where it begins and ends, from left to right.
        bottom: lowest row of it.
        head, tail: evidence of an arrow head at the target and the source; 1 is a clear one.
    """

    source: int | None
    target: int | None
    y: float
    x0: float
    x1: float
    bottom: float
    head: float
    tail: float
    dashed: bool

    @property
    def loop(self) -> bool:
        return self.source == self.target


def whole(strokes: list[Stroke], lines: list[TextLine], letter: float) -> list[Stroke]:
    """Join the two parts of a stroke that a line of text interrupts, standing on it, or that a disc parts."""
    out: list[Stroke] = []
    for stroke in sorted(strokes, key=lambda s: s.start):
        for k, other in enumerate(out):
            if abs(other.at - stroke.at) > 0.2 * letter:
                continue
            rim = 0.6 * letter if stroke.dashed and other.dashed else 0.0
            if other.end - DISC * letter <= stroke.start <= other.end + rim < stroke.end - letter:
                out[k] = _one(other, stroke)
                break
            if stroke.start <= other.end:
                continue
            between = [
                t.box for t in lines
                if t.box.y0 < stroke.at < t.box.y1
                and other.end - letter < t.box.x0 and t.box.x1 < stroke.start + letter
            ]  # fmt: skip
            if between and stroke.start - other.end <= max(b.w for b in between) + 3 * letter:
                out[k] = _one(other, stroke)
                break
        else:
            out.append(stroke)
    return sorted(out, key=lambda s: s.at)


def _one(left: Stroke, right: Stroke) -> Stroke:
    inked = (left.inked * left.length + right.inked * right.length) / (left.length + right.length)
    return Stroke(left.at, left.start, right.end, max(left.thick, right.thick), inked)


def parted(strokes: list[Stroke], columns: list[Column], ink: Mask, letter: float) -> list[Stroke]:
    """The strokes, cut where one message ends and the next begins: at an activation's upper or lower side, by a head.

    Args:
        ink: (H, W) bool, the drawing's ink without lifelines and activations.
    """
    out: list[Stroke] = []
    for stroke in strokes:
        rest = stroke
        for column in columns:
            near = 0.4 * letter
            if not any(min(abs(b.start - rest.at), abs(b.end - rest.at)) <= near for b in column.bars):
                continue
            left, right = column.sides(rest.at, letter)
            if min(left - rest.start, rest.end - right) < 2 * letter:
                continue
            if max(arrow(ink, x, rest.at, way, letter, rest.thick) for x, way in ((left, -1), (right, 1))) >= 1:
                out.append(replace(rest, end=round(left)))
                rest = replace(rest, start=round(right))
        out.append(rest)
    return out


def _end(x: float, y: float, inward: int, columns: list[Column], heads: list[Head], letter: float) -> int | None:
    """The lifeline at which a stroke's end stands: at the line, an activation on it, or a head drawn lower down."""
    best: tuple[float, int] | None = None
    for k, (column, head) in enumerate(zip(columns, heads, strict=True)):
        if column.at(y, letter):
            left, right = column.sides(y, letter)
        elif head.box.y0 < y < head.box.y1:
            left, right = head.box.x0, head.box.x1
        else:
            continue
        away = (x - (right if inward > 0 else left)) * inward
        # The stroke may run along an activation's upper or lower side.
        if left - right - BEYOND * letter <= away <= REACH * letter and (best is None or abs(away) < best[0]):
            best = abs(away), k
    return best[1] if best else None


def straight(
    strokes: list[Stroke], columns: list[Column], heads: list[Head], ink: Mask, letter: float
) -> list[Message]:
    """The messages among horizontal strokes.

    Args:
        ink: (H, W) bool, the drawing's ink without lifelines and activations.
    """
    out = []
    for stroke in strokes:
        y = stroke.at
        a = _end(stroke.start, y, 1, columns, heads, letter)
        b = _end(stroke.end, y, -1, columns, heads, letter)
        if a == b:
            continue
        left = columns[a].sides(y, letter)[1] if a is not None else float(stroke.start)
        right = columns[b].sides(y, letter)[0] if b is not None else float(stroke.end)
        if a is not None and not columns[a].at(y, letter):
            left = float(heads[a].box.x1)
        if b is not None and not columns[b].at(y, letter):
            right = float(heads[b].box.x0)
        if right - left < 1.5 * letter:
            continue
        at_left = arrow(ink, left, y, 1, letter, stroke.thick)
        at_right = arrow(ink, right, y, -1, letter, stroke.thick)
        if a is not None and _disc(ink, columns[a].x, y, -1, letter):
            at_left = 0.0
        if b is not None and _disc(ink, columns[b].x, y, 1, letter):
            at_right = 0.0
        message = Message(a, b, y, left, right, y, at_right, at_left, stroke.dashed)
        if at_left > at_right:
            message = replace(message, source=b, target=a, head=at_left, tail=at_right)
        if None in (a, b) and not _from_outside(message, columns, letter):
            continue
        out.append(message)
    return out


def _disc(ink: Mask, x: float, y: float, outward: int, letter: float) -> bool:
    """Whether a message's number stands on the lifeline in a disc: thick ink beyond it, where no message comes from."""
    side = round(0.45 * letter)
    column = round(x + outward * side)
    y0, y1 = max(0, round(y - 0.35 * letter)), round(y + 0.35 * letter) + 1
    if not 1 <= column < ink.shape[1] - 1:
        return False
    part = ink[y0:y1, column - 1 : column + 2].any(axis=1)
    return bool(part.size and part.mean() > 0.95)


def _from_outside(message: Message, columns: list[Column], letter: float) -> bool:
    """Whether a stroke with one end at a lifeline is a message from, or to, beyond the participants."""
    if message.head < 1 or message.x1 - message.x0 < 3 * letter:
        return False
    return message.x0 < columns[0].x - letter or message.x1 > columns[-1].x + letter


def arrow(ink: Mask, x: float, y: float, inward: int, letter: float, thick: int) -> float:
    """Evidence of an arrow head whose tip is near (x, y) on a horizontal stroke that leads `inward` (1: rightwards).

    A head spreads to both sides of the stroke and tapers towards its tip.
    """
    reach, side = round(1.7 * letter), max(3, round(0.85 * letter))
    row = round(y)
    y0, y1 = max(0, row - side), min(ink.shape[0], row + side + 1)
    x0, x1 = (round(x), round(x) + reach) if inward > 0 else (round(x) - reach, round(x))
    x0, x1 = max(0, x0), min(ink.shape[1], x1)
    crop = ink[y0:y1, x0:x1]
    if inward < 0:
        crop = crop[:, ::-1]
    if not crop.size:
        return 0.0
    _, labels = cv2.connectedComponents(crop.astype(np.uint8), connectivity=8)
    middle = row - y0
    half = max(1, thick // 2)
    mine = np.unique(labels[max(0, middle - half) : middle + half + 1])
    own = np.isin(labels, mine[mine > 0])
    up, down = np.zeros(own.shape[1]), np.zeros(own.shape[1])
    for c in range(own.shape[1]):
        rows = np.flatnonzero(own[:, c])
        if len(rows):
            up[c], down[c] = max(0, middle - int(rows[0])), max(0, int(rows[-1]) - middle)
    both = np.minimum(up, down)
    both[np.maximum(up, down) > 2.6 * both + 0.35 * letter] = 0  # a letter above, a bend
    inked = np.flatnonzero(own.any(axis=0))
    if not len(inked) or inked[0] > 1.2 * letter:
        return 0.0
    tip = int(inked[0])
    peak = int(both[tip : tip + round(1.4 * letter)].argmax()) + tip
    spread = float(both[peak]) - 0.5 * thick
    blunt = float(both[tip : tip + max(2, round(0.12 * letter))].mean()) - 0.5 * thick
    if peak - tip < 0.12 * letter or blunt > 0.7 * spread:
        blunted = 0.2 * max(0.0, spread) / (0.2 * letter)
        return max(blunted, float(_wings(crop, own, middle, letter)))
    return spread / (0.2 * letter)


def _wings(crop: Mask, own: Mask, middle: int, letter: float) -> bool:
    """Whether a head's two wings are seen beside a stroke that is not joined to them: an activation hides its tip.

    Args:
        crop: (H, W) bool, the ink at the stroke's end, which is to the left.
        own: (H, W) bool, that of the stroke.
        middle: the stroke's row.
    """
    near = max(2, round(0.7 * letter))
    wings = crop[:, :near] & ~own[:, :near]
    slack = max(1, round(0.2 * letter))
    for axis in range(2 * middle - slack, 2 * middle + slack + 1):  # twice the row that one wing mirrors the other at
        above = wings[: axis // 2 + 1][::-1] if axis % 2 else wings[: axis // 2][::-1]
        below = wings[axis // 2 + 1 :]
        rows = min(len(above), len(below))
        both, either = above[:rows] & below[:rows], above[:rows] | below[:rows]
        spread = np.flatnonzero(both.any(axis=1))
        if len(spread) and 0.2 * letter <= spread[-1] + 1 <= 0.85 * letter and both.sum() >= 0.6 * either.sum():
            return True
    return False


def loops(ink: Mask, discs: Mask, columns: list[Column], letter: float) -> list[Message]:
    """Messages from a lifeline to itself: strokes that leave it to the right and come back lower down.

    Args:
        ink: (H, W) bool, what is left of the ink without lifelines, activations, frames, text and straight messages.
        discs: (H, W) bool, those of numbers.
    """
    image = (ink & ~discs).astype(np.uint8)
    near = max(2, round(GAP * letter))
    closed = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((near, near), np.uint8))
    _, joined, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    out = _loops(image, np.asarray(joined, np.int32), np.asarray(stats[1:, :5], np.int64), discs, columns, letter)
    # Dots around a bend stand corner to corner: they are one where they grow together.
    grown = cv2.dilate(image, np.ones((near, near), np.uint8))
    labels = np.asarray(cv2.connectedComponents(grown, connectivity=8)[1], np.int32)
    for ring in _loops(image, labels, _bounds(labels, image), discs, columns, letter):
        if ring.dashed and not any(
            ring.y <= r.bottom and r.y <= ring.bottom and r.source == ring.source for r in out
        ):  # fmt: skip
            out.append(ring)
    return out


def _bounds(labels: NDArray[np.int32], image: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N, 5) left, top, width, height and number of the pixels that each label, from 1 on, has in an image."""
    ys, xs = np.nonzero(image)
    which = labels[ys, xs]
    count = int(labels.max()) + 1
    low = np.full((count, 2), np.iinfo(np.int64).max)
    high = np.full((count, 2), -1)
    for k, at in enumerate((xs, ys)):
        np.minimum.at(low[:, k], which, at)
        np.maximum.at(high[:, k], which, at)
    area = np.bincount(which, minlength=count)
    return np.concatenate([low, high - low + 1, area[:, None]], axis=1)[1:]


def _loops(
    ink: NDArray[np.uint8], labels: NDArray[np.int32], stats: NDArray[np.int64], discs: Mask,
    columns: list[Column], letter: float,
) -> list[Message]:  # fmt: skip
    """The loops among labelled pieces of ink.

    Args:
        stats: (N, 5) left, top, width, height and area of each label, from 1 on.
    """
    near = max(2, round(GAP * letter))
    out = []
    for i, (x, y, w, h, area) in enumerate(stats.tolist(), 1):
        if not (1.4 * letter <= w <= 12 * letter and 0.6 * letter <= h <= 4.5 * letter):
            continue
        if area > (0.6 if h >= 1.5 * letter else 0.75) * w * h:  # a number's disc
            continue
        for k, column in enumerate(columns):
            if not column.at(y, letter) and not column.at(y + h, letter):
                continue
            edge = max(column.sides(y, letter)[1], column.sides(y + h, letter)[1])
            if not -1.6 * letter <= x - edge <= 0.9 * letter or abs(x - column.x) > 2.2 * letter:
                continue
            if x + w - edge < 1.3 * letter:  # what is left of a number's disc
                continue
            own = labels[y : y + h, x : x + w] == i
            rows = slice(max(0, y - near), y + round(0.8 * letter))  # its number stands where it begins
            numbered = discs[rows, max(0, round(column.x)) : x + round(DISC / 2 * letter)].any()
            touch = np.flatnonzero(own[:, : max(2, round((1.8 if numbered else 0.9) * letter))].any(axis=1))
            holes = np.diff(touch)
            far = np.flatnonzero(own[:, round(0.5 * w) :].any(axis=1))
            if len(holes) and holes.max() > 0.3 * letter and len(far) > LOOPED * h:
                pieces = cv2.connectedComponents(ink[y : y + h, x : x + w] * own, connectivity=8)[0]
                sure = 1.0 if len(holes) else 0.5
                out.append(
                    Message(k, k, float(y), float(x), float(x + w), float(y + h), sure, 0.0, bool(pieces - 1 > 5))
                )
                break
    return out


def discs_in(ink: Mask, letter: float) -> Mask:
    """The discs that messages' numbers stand in, with their rims: larger than heads, and round, unlike words."""
    n = max(3, round(1.4 * letter)) | 1
    image = ink.astype(np.uint8)
    gap = max(3, round(0.7 * letter)) | 1  # digits, and the lifeline
    solid = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (n, n)))
    _, labels, stats, _ = components(solid)
    inked = np.bincount(labels.ravel(), image.ravel(), len(stats)) / np.maximum(stats[:, 4], 1)
    w, h = stats[:, 2], stats[:, 3]
    kept = (inked >= INKED) & (np.maximum(w, h) <= ROUND * np.minimum(w, h))
    kept[0] = False
    rim = max(3, round(0.3 * letter)) | 1
    return np.asarray(cv2.dilate(looked_up(kept, labels).view(np.uint8), np.ones((rim, rim), np.uint8)) > 0)


def erased(messages: list[Message], ink: Mask, letter: float) -> Mask:
    """The ink without that of the messages: their strokes with what hangs on them close by, the heads."""
    out = ink.copy()
    for message in messages:
        if message.loop:
            continue
        side = max(2, round(0.5 * letter))
        y0, y1 = max(0, round(message.y) - side), min(ink.shape[0], round(message.y) + side + 1)
        x0, x1 = max(0, round(message.x0 - 0.3 * letter)), min(ink.shape[1], round(message.x1 + 0.3 * letter))
        crop = ink[y0:y1, x0:x1]
        _, labels = cv2.connectedComponents(crop.astype(np.uint8), connectivity=8)
        middle = round(message.y) - y0
        mine = np.unique(labels[max(0, middle - 1) : middle + 2])
        out[y0:y1, x0:x1] &= ~np.isin(labels, mine[mine > 0])
    return out


def bounds(message: Message, letter: float) -> Rect:
    """The box around a message."""
    return Rect(round(message.x0), round(message.y - 0.2 * letter), round(message.x1), round(message.bottom + 1))
