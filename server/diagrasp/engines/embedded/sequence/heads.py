"""The participants' heads above the lifelines: boxes with a name, or icons with a name under them."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.lifelines import Column
from diagrasp.engines.embedded.sequence.lines import Stroke
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

TALLEST = 12.0
"""Height of the tallest head, in letter heights."""
NEAR = 1.9
"""From a head to its lifeline, in letter heights at most: an activation that begins at once hides the first dashes."""
HIDDEN = 9.0
"""How much of a lifeline right below its head something may hide, in letter heights."""
SMALLEST = 2.2
"""Height of the smallest icon, in letter heights: letters are lower."""


@dataclass
class Head:
    """A participant's symbol: its bounds with the name, the lines of the name, its shape, how sure it is."""

    box: Rect
    lines: list[TextLine] = field(default_factory=list)
    shape: str = "participant"
    sure: float = 1.0


def find_head(column: Column, ink: Mask, sheet: Sheet, symbols: list[Symbol], text: Text) -> Head | None:
    """The head that a column hangs under; the strokes above it, which are parts of its icon, are taken away.

    Args:
        ink: (H, W) bool, all the drawing's ink.
        sheet: the drawing without its lifelines.
    """
    for k, stroke in enumerate(column.strokes):
        if sum(s.length for s in column.strokes[k:]) < 2 * sheet.letter:
            break
        head = _box(column.x, stroke.start, ink, sheet, symbols, text) or _named(
            column.x, stroke, ink, sheet.letter, text
        )
        if head is not None:
            column.strokes = column.strokes[k:]
            return head
    return None


def _box(x: float, y: float, ink: Mask, sheet: Sheet, symbols: list[Symbol], text: Text) -> Head | None:
    """The closed symbol with a name in it at the upper end of a lifeline, which a note or a frame's tab may hide."""
    letter = sheet.letter

    def far(symbol: Symbol) -> bool:
        return y - symbol.box.y1 > NEAR * letter

    for symbol in sorted(symbols, key=lambda s: (not far(s), -s.outline.area)):
        b = symbol.box
        # Dashes may seem to run on into the name.
        if not -0.3 * letter - b.h <= y - b.y1 <= HIDDEN * letter or b.h > TALLEST * letter or b.w < 1.5 * letter:
            continue
        if abs(b.cx - x) > max(0.4 * letter, 0.05 * b.w) or (far(symbol) and not _begins(b, ink, letter)):
            continue
        inside = [t for t in text.lines if b.inside(t.box.cx, t.box.cy)]
        if inside:
            return Head(b, inside, _boxed(symbol, sheet), float(symbol.outline.fit.score))
    return None


def _begins(head: Rect, ink: Mask, letter: float) -> bool:
    """Whether a lifeline comes out of a box: a narrow stroke in the middle of its lower side, with paper beside it."""
    y0, y1, at, near = head.y1 + 1, head.y1 + 1 + round(0.3 * letter), round(head.cx), round(0.25 * letter)
    stub = ink[y0:y1, max(0, at - near) : at + near + 1]
    sides = ink[y0:y1, max(0, at - 3 * near) : at - near], ink[y0:y1, at + near + 1 : at + 3 * near + 1]
    return bool(stub.size and stub.any(axis=1).mean() >= 0.8 and not any(side.any() for side in sides))


def _boxed(symbol: Symbol, sheet: Sheet) -> str:
    """A participant's shape where its name stands inside: a box, a cylinder, or a stack of boxes."""
    if symbol.shape == "database":
        return "database"
    b = symbol.outline.box
    step = symbol.border + max(2, round(0.7 * sheet.letter))
    over = sheet.ink[max(0, b.y0 - step) : max(0, b.y0 - symbol.border - 2), b.x0 + b.w // 3 : b.x1 - b.w // 8]
    right = sheet.ink[b.y0 + b.h // 8 : b.y1 - b.h // 3, b.x1 + symbol.border + 2 : b.x1 + step]
    stacked = over.size and right.size and over.mean(axis=1).max() > 0.9 and right.mean(axis=0).max() > 0.9
    return "collections" if stacked else "participant"


def _named(x: float, stroke: Stroke, ink: Mask, letter: float, text: Text) -> Head | None:
    """The icon with its name below it, at the upper end of a lifeline; dashes may run on from the icon's body."""
    beneath = [
        t for t in text.lines
        if not t.vertical
        and stroke.start - NEAR * letter <= t.box.y1 <= min(stroke.start + TALLEST * letter, stroke.end - letter)
    ]  # fmt: skip
    beneath += _across(x, beneath, letter)
    names = [(t, _freed(t, text, letter).box) for t in beneath]
    centred = [t for t, b in names if abs(b.cx - x) <= max(0.6 * letter, 0.06 * b.w)]
    for line in sorted(centred, key=lambda t: -t.box.y1):
        head = _under_icon(x, line, ink, letter, text)
        if head is not None:
            return head
    return None


def _across(x: float, lines: list[TextLine], letter: float) -> list[TextLine]:
    """Names whose middle letter went with the dashes below it: the two pieces on both sides of the lifeline."""
    return [
        TextLine(a.box.union(b.box), a.letters + b.letters, a.region)
        for a in lines for b in lines
        if a.box.x1 <= x + 0.6 * letter and b.box.x0 >= x - 0.6 * letter and 0 < b.box.x0 - a.box.x1 <= 2.2 * letter
        and min(a.box.y1, b.box.y1) - max(a.box.y0, b.box.y0) >= 0.6 * min(a.box.h, b.box.h)
    ]  # fmt: skip


def _under_icon(x: float, last: TextLine, ink: Mask, letter: float, text: Text) -> Head | None:
    """The head whose name ends with a line of text; None where no icon stands above that."""
    lines = [_freed(last, text, letter)]
    name = lines[0].box
    mask, icon = _ink_over(x, name, ink, letter)
    if icon is None:
        return None
    for line in sorted(text.lines, key=lambda t: -t.box.y1):
        gap = name.y0 - line.box.y1
        if (
            -0.3 * letter <= gap <= 0.8 * letter
            and abs(line.box.cx - x) <= 0.6 * letter
            and line is not last
            and line is not lines[-1]
        ):
            if line.box.overlap(icon) > 0.3 * line.box.w * line.box.h:
                break
            lines.append(line)
            name = name.union(line.box)
    return Head(name.union(icon), lines[::-1], _icon(mask, icon, letter), 0.9)


def _freed(line: TextLine, text: Text, letter: float) -> TextLine:
    """A name without the icon's legs that touch its letters, and with the letters beside those that do."""
    if line.box.h <= 1.9 * letter:
        return line
    box = Rect(line.box.x0, line.box.y1 - round(1.25 * letter), line.box.x1, line.box.y1)
    for other in text.lines:
        if other is not line and other.box.overlap(line.box) and abs(other.box.y1 - box.y1) <= 0.5 * letter:
            box = Rect(min(box.x0, other.box.x0), min(box.y0, other.box.y0), max(box.x1, other.box.x1), box.y1)
    return TextLine(box, (box,), line.region)


def _ink_over(x: float, name: Rect, ink: Mask, letter: float) -> tuple[NDArray[np.uint8], Rect | None]:
    """The icon drawn over a name: the large connected ink there with what touches it, and its bounds."""
    y0, y1 = max(0, round(name.y0 - (TALLEST + 3) * letter)), max(0, round(name.y0 + 0.35 * letter))
    x0, x1 = max(0, round(x - 6 * letter)), min(ink.shape[1], round(x + 6 * letter))
    crop = ink[y0:y1, x0:x1].astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(crop, connectivity=8)
    best = 0
    for i in range(1, count):
        left, top, w, h, _ = (int(v) for v in stats[i])
        if not SMALLEST * letter <= h <= TALLEST * letter or w > TALLEST * letter or w < 1.2 * letter:
            continue
        if y0 + top + h < name.y0 - 2.2 * letter or abs(x0 + left + w / 2 - x) > 1.6 * letter + 0.1 * w:
            continue
        if not best or stats[i][4] > stats[best][4]:
            best = i
    if not best:
        return crop, None
    left, top, w, h, _ = (int(v) for v in stats[best])
    over = np.zeros_like(crop)
    for i in range(1, count):  # an arrow's head on top of a control's circle
        sx, sy, sw, sh, _ = (int(v) for v in stats[i])
        touching = left <= sx + sw / 2 <= left + w and top - 0.4 * h <= sy and sy + sh <= top + 0.6 * h
        if i == best or (touching and sy + sh >= top - 0.1 * h):
            over |= np.asarray(labels == i, np.uint8)
    ys, xs = np.nonzero(over)
    box = Rect(x0 + int(xs.min()), y0 + int(ys.min()), x0 + int(xs.max()) + 1, y0 + int(ys.max()) + 1)
    return over[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0], box


def _icon(mask: NDArray[np.uint8], box: Rect, letter: float) -> str:
    """Which icon it is: by the round hole in its ink, and what is drawn on which side of that."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - np.pad(mask, 1), connectivity=4)
    holes = [tuple(int(v) for v in stats[i]) for i in range(1, count)]
    holes = [h for h in holes if h[0] > 0 and h[1] > 0 and h[4] >= 0.4 * letter * letter]  # not what surrounds it
    if not holes:
        return "actor" if _balanced(mask) else "participant"
    x, y, w, h, area = max(holes, key=lambda v: v[4])
    x, y = x - 1, y - 1
    round_ = 0.75 <= w / h <= 1.34 and area <= 0.9 * w * h
    if not round_ or sum(v[4] >= 0.15 * area for v in holes) >= 2:
        return "database"
    side = max(w, h)
    if box.h - (y + h) >= 0.8 * side:
        return "actor"
    if x >= 0.35 * side:
        return "boundary"
    t = max(2, round(0.12 * side))
    if mask[max(0, y + h) : y + h + 3 * t].sum(axis=1).max(initial=0) >= 0.8 * side:
        return "entity"
    return "control" if y >= 0.1 * side else "participant"


def _balanced(mask: NDArray[np.uint8]) -> bool:
    """Whether a filled ball stands on something thin that goes on: a person's head, neck and body."""
    widths = mask.sum(axis=1)
    half = widths[: max(1, len(widths) // 2)]
    ball = float(half.max(initial=0))
    neck = np.flatnonzero((widths <= 0.4 * ball) & (np.arange(len(widths)) > int(half.argmax())))
    return bool(len(neck) and 0.7 * ball <= neck[0] <= 1.4 * ball and len(widths) - neck[0] >= 0.8 * ball)


def feet(column: Column, head: Head, symbols: list[Symbol], letter: float) -> list[Rect]:
    """The boxes under a lifeline that are as large as its head: the second row of heads."""
    return [
        s.box for s in symbols
        if s.box.y0 > head.box.y1 + 3 * letter and abs(s.box.cx - column.x) <= max(0.4 * letter, 0.05 * s.box.w)
        and abs(s.box.w - head.box.w) <= 0.6 * letter and abs(s.box.h - head.box.h) <= 0.6 * letter
    ]  # fmt: skip


def common_foot(columns: list[Column], heads: list[Head], symbols: list[Symbol], text: Text, letter: float) -> float:
    """Where the lifelines end: above the participants' second row of heads, or with the last of the strokes."""
    ends: list[float] = []
    for column, head in zip(columns, heads, strict=True):
        below = head.box.y1 + 3 * letter
        boxes = feet(column, head, symbols, letter)
        if boxes:
            ends.append(max(b.y0 for b in boxes))
            continue
        width = sum(t.box.w for t in head.lines)
        names = [
            t.box.y0 for t in text.lines
            if t.box.y0 > below and abs(t.box.cx - column.x) <= 0.6 * letter and abs(t.box.w - width) <= 0.5 * letter
        ]  # fmt: skip
        if names and head.shape != "participant":
            ends.append(min(max(names), max(s.end for s in column.strokes if s.length > 2 * letter)))
    if ends:
        ends.sort()
        usual = [e for e in ends if e >= ends[-1] - 4 * letter]
        return min(usual)
    return float(max(c.bottom for c in columns)) + letter
