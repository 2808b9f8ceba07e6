"""Lifelines: long vertical strokes that hang side by side under the participants' heads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.sequence.lines import Stroke, collinear

LEAST = 5.0
"""Letter heights of line that a lifeline shows at least."""
REACH = 2.4
"""How far from a lifeline a message may end, in letter heights: activations and numbers stand between."""
WIDE = 1.35
"""Width of an activation that the lifeline is a side of, in letter heights, at most."""
BEYOND = 1.6
"""How far past it: the discs of numbers reach to its other side."""
WIDEST = 2.7
"""Width of the widest activation, in letter heights."""
SOLID = 0.86
"""Share of its length that is ink from which on a stroke is no row of dashes."""
APART = 1.8
"""Letter heights between two lifelines at least."""


@dataclass
class Column:
    """Vertical strokes one under another: a lifeline, or what looks like one.

    Attributes:
        x: position, in pixels.
        strokes: from the top down.
        bars: sides of activations beside it, as strokes.
    """

    x: float
    strokes: list[Stroke]
    bars: list[Stroke] = field(default_factory=list)

    @property
    def top(self) -> int:
        return self.strokes[0].start

    @property
    def bottom(self) -> int:
        return max(s.end for s in self.strokes)

    @property
    def length(self) -> int:
        return sum(s.length for s in self.strokes)

    @property
    def thick(self) -> int:
        return max(s.thick for s in self.strokes)

    def at(self, y: float, letter: float) -> bool:
        """Whether the lifeline, or an activation on it, is drawn at a height."""
        near = 1.2 * letter  # a number's disc hides it
        return self.top - near <= y <= max(s.end for s in (*self.strokes, *self.bars)) + near

    def drawn(self) -> float:
        """Share of its extent that strokes, or activations on it, cover."""
        rows = np.zeros(self.bottom - self.top, bool)
        for s in (*self.strokes, *self.bars):
            rows[max(0, s.start - self.top) : max(0, s.end - self.top)] = True
        return float(rows.mean())

    def through(self, y: float, letter: float) -> bool:
        """Whether it runs on above and below a height, which is no corner of a box then."""
        return self.top + 0.8 * letter < y < self.bottom - 0.3 * letter

    def sides(self, y: float, letter: float) -> tuple[float, float]:
        """Where what stands on the lifeline at a height begins and ends: the line itself, or activations."""
        left = right = self.x
        for bar in self.bars:
            if bar.start - 0.3 * letter <= y <= bar.end + 0.3 * letter:
                left, right = min(left, bar.at), max(right, bar.at)
        return left - 0.5 * self.thick, right + 0.5 * self.thick


def without_boxes(strokes: list[Stroke], flat: list[Stroke], letter: float) -> list[Stroke]:
    """The vertical strokes that are no sides of boxes: no other one ends at the same heights, joined by horizontals."""
    slack = 0.6 * letter
    ends: dict[int, list[Stroke]] = defaultdict(list)
    for stroke in strokes:
        ends[round(stroke.start / slack)].append(stroke)

    beds: dict[int, list[Stroke]] = defaultdict(list)
    for stroke in flat:
        beds[round(stroke.at / slack)].append(stroke)

    def joined_at(y: float, x0: float, x1: float) -> bool:
        row = round(y / slack)
        return any(
            abs(f.at - y) <= slack and abs(f.start - x0) <= 1.2 * letter and abs(f.end - x1) <= 1.2 * letter
            for k in range(row - 2, row + 3) for f in beds.get(k, ())
        )  # fmt: skip

    def side(s: Stroke) -> bool:
        cell = round(s.start / slack)
        for o in (o for k in (cell - 1, cell, cell + 1) for o in ends.get(k, ())):
            if abs(o.at - s.at) < letter or abs(o.start - s.start) > slack or abs(o.end - s.end) > slack:
                continue
            if o.dashed != s.dashed:  # a lifeline, and an activation of another one, between the same two messages
                continue
            x0, x1 = min(s.at, o.at), max(s.at, o.at)
            if joined_at(s.start, x0, x1) and joined_at(s.end, x0, x1):
                return not _on_lifeline(s, strokes, letter)
        return False

    return [s for s in strokes if not side(s)]


def _on_lifeline(stroke: Stroke, strokes: list[Stroke], letter: float) -> bool:
    """Whether a stroke is a side of an activation: it has a twin, and a lifeline goes in or comes out between them."""
    for other in strokes:
        if not 0.5 * letter <= abs(other.at - stroke.at) <= WIDEST * letter or not _twins(stroke, other, letter):
            continue
        x = (stroke.at + other.at) / 2
        if any(
            abs(s.at - x) <= 0.3 * letter and s.length >= 1.2 * letter
            and min(abs(s.end - stroke.start), abs(s.start - stroke.end)) <= 1.2 * letter
            for s in strokes
        ):  # fmt: skip
            return True
    return False


def columns(strokes: list[Stroke], letter: float) -> list[Column]:
    """The columns of strokes that are long enough for a lifeline, from left to right.

    Of strokes closer to each other than participants can be, the middle one is the lifeline where two enclose it (the
    sides of an activation), else the longest.
    """
    found = []
    for row in collinear(strokes, 0.3 * letter):
        long = [s for s in row if s.length >= 1.2 * letter]
        if sum(s.length for s in long) >= LEAST * letter:
            main = max(long, key=lambda s: s.length)
            found.append(Column(main.at, long))
    found = [c for c in found if c.drawn() >= 0.3 or max(s.length for s in c.strokes) >= LEAST * letter]
    found.sort(key=lambda c: c.x)

    sides = [
        (a.x, b.x) for a in found for b in found
        if 0 < b.x - a.x <= WIDEST * letter and _paired(a, b, letter) > 0.5 * a.length
    ]  # fmt: skip

    def enclosed(c: Column) -> bool:
        return any(a < c.x < b and abs((a + b) / 2 - c.x) <= 0.3 * letter for a, b in sides)

    middle = [c for c in found if enclosed(c)] + _hidden(found, strokes, letter)
    found += [c for c in middle if not any(c is f for f in found)]
    out: list[Column] = []
    for column in sorted(found, key=lambda c: (not any(c is m for m in middle), -c.length)):
        if all(abs(column.x - other.x) > APART * letter for other in out):
            out.append(column)
    return sorted(out, key=lambda c: c.x)


def _hidden(found: list[Column], strokes: list[Stroke], letter: float) -> list[Column]:
    """The lifelines of which hardly more is seen than an activation: midway between its sides."""
    out = []
    for a in found:
        for b in found:
            if not 0.5 * letter <= b.x - a.x <= WIDEST * letter or _paired(a, b, letter) < 0.7 * a.length:
                continue
            x = (a.x + b.x) / 2
            if any(abs(c.x - x) <= 0.3 * letter for c in found):
                continue
            stubs = [s for s in strokes if abs(s.at - x) <= 0.3 * letter and s.length >= letter]
            sides = [s for s in _mended(a.strokes, letter) if s.inked >= SOLID] or a.strokes  # not of a person above
            if stubs and min(s.start for s in stubs) > sides[0].start:
                continue  # it comes out of its activation above
            bars = [Stroke(x, s.start, s.end, 1, 1.0) for s in sides]
            out.append(Column(x, sorted(stubs + bars, key=lambda s: s.start)))
    return out


def _paired(a: Column, b: Column, letter: float) -> int:
    """Length of the strokes of one column that have a twin beside them in the other: sides of activations."""
    others = _mended(b.strokes, letter)
    return sum(s.length for s in _mended(a.strokes, letter) if any(_twins(s, o, letter) for o in others))


def _mended(strokes: list[Stroke], letter: float) -> list[Stroke]:
    """Solid strokes one under another, from the top down, joined where text or a head cut them."""
    out: list[Stroke] = []
    for s in sorted(strokes, key=lambda s: s.start):
        last = out[-1] if out else None
        if last and min(last.inked, s.inked) >= SOLID and s.start - last.end <= 3 * letter:
            inked = (last.inked * last.length + s.inked * s.length) / (last.length + s.length)
            out[-1] = replace(last, end=max(last.end, s.end), inked=inked)
        else:
            out.append(s)
    return out


def _twins(a: Stroke, b: Stroke, letter: float) -> bool:
    """Whether two strokes side by side begin and end together, or within each other at one end where one is cut."""
    slack = 0.6 * letter
    first, last = abs(a.start - b.start) <= slack, abs(a.end - b.end) <= slack
    both = min(a.end, b.end) - max(a.start, b.start)
    return (first and last) or ((first or last) and both >= max(3 * letter, 0.9 * max(a.length, b.length)))


def spans(stroke: Stroke, found: list[Column], letter: float) -> tuple[int, int] | None:
    """The two columns between which a horizontal stroke runs, as indices; None where it does not."""
    ends = []
    for x, inward in ((stroke.start, 1), (stroke.end, -1)):
        best: tuple[float, int] | None = None
        for k, column in enumerate(found):
            if not column.at(stroke.at, letter):
                continue
            left, right = column.sides(stroke.at, letter)
            edge = right if inward > 0 else left
            away = (x - edge) * inward
            if left - right - BEYOND * letter <= away <= REACH * letter and (best is None or abs(away) < best[0]):
                best = abs(away), k
        if best is None:
            return None
        ends.append(best[1])
    return (ends[0], ends[1]) if ends[0] != ends[1] else None


def joined(found: list[Column], strokes: list[Stroke], letter: float) -> list[Column]:
    """The columns that horizontal strokes join half-way down, and those that hang beside them as they do.

    Empty where there are no two: the drawing is no sequence diagram.
    """
    out: set[int] = set()
    for stroke in strokes:
        pair = spans(stroke, found, letter)
        if pair is None:
            continue
        if all(found[k].through(stroke.at, letter) and found[k].drawn() >= 0.5 for k in pair):
            out |= set(pair)
    for k, column in enumerate(found):
        if any(
            abs(column.top - found[j].top) <= 1.6 * letter and abs(column.bottom - found[j].bottom) <= 3 * letter
            and column.drawn() >= 0.5
            for j in list(out)
        ):  # fmt: skip
            out.add(k)
    return [found[k] for k in sorted(out)]


def activations(found: list[Column], strokes: list[Stroke], ink: Mask, letter: float) -> None:
    """Give each column the sides of the bars that stand on it: strokes close by, both sides or one behind another.

    Args:
        ink: (H, W) bool, the drawing's ink.
    """
    for column in found:
        near = [
            s for s in strokes
            if 0.3 * letter < abs(s.at - column.x) <= 1.7 * letter
            and s.length >= 1.2 * letter
            and (s.start >= column.top - letter or abs(s.end - column.top) <= 1.2 * letter)
            and s.start <= column.bottom + letter
            and not any(abs(s.at - other.x) <= 0.3 * letter for other in found)
        ]  # fmt: skip
        near = [s for row in collinear(near, 0.2 * letter) for s in _mended(row, letter)]
        column.bars = [
            s for s in near
            if any(
                o is not s and 0.4 * letter <= abs(o.at - s.at) <= WIDEST * letter and min(o.inked, s.inked) >= SOLID
                and min(o.at, s.at) - 0.4 * letter <= column.x <= max(o.at, s.at) + 0.4 * letter
                and _twins(s, o, letter)
                for o in near
            )
            or _beside(s, column, ink, letter)
        ]  # fmt: skip
        first = min((b.start for b in column.bars), default=column.top)
        if first < column.top - letter:  # it begins with an activation
            column.strokes.insert(0, Stroke(column.x, first, column.top, 1, 1.0))
        last = max((b.end for b in column.bars), default=column.bottom)
        if last > column.bottom + letter:  # and ends with one
            column.strokes.append(Stroke(column.x, column.bottom, last, 1, 1.0))


def _beside(side: Stroke, column: Column, ink: Mask, letter: float) -> bool:
    """Whether a stroke is a side of a bar of which the lifeline is the other one: level strokes close it."""
    wide = abs(side.at - column.x)  # a frame's side is farther away
    if side.inked < SOLID or not 0.4 * letter <= wide <= WIDE * letter or side.length < 2.5 * letter:
        return False
    if not any(s.start <= side.start and side.end <= s.end for s in column.strokes):
        return False
    x0, x1 = sorted((round(side.at), round(column.x)))
    near = max(2, round(0.3 * letter))
    for y in (side.start, side.end - 1):
        rows = ink[max(0, y - near) : y + near + 1, x0 : x1 + 1]
        if not rows.size or float(rows.mean(axis=1).max()) < 0.9:
            return False
    return True


def ink_of(found: list[Column], sheet: Sheet, *, crossed: bool = False) -> Mask:
    """The pixels of the columns themselves; unless `crossed`, letters and messages across them keep theirs."""
    out = np.zeros(sheet.ink.shape, bool)
    for column in found:
        for stroke in column.strokes:
            half = 0.5 * stroke.thick + max(1.0, 0.1 * sheet.letter)
            x0, x1 = max(0, round(stroke.at - half)), min(sheet.width, round(stroke.at + half) + 1)
            left = sheet.ink[stroke.start : stroke.end, max(0, x0 - 2) : x0]
            right = sheet.ink[stroke.start : stroke.end, x1 : x1 + 2]
            bare = np.ones(stroke.end - stroke.start, bool) if crossed else ~(left.any(axis=1) | right.any(axis=1))
            out[stroke.start : stroke.end, x0:x1] |= np.asarray(bare, bool)[:, None]
    return out
