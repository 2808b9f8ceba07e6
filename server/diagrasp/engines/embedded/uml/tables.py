"""Boxes with compartments: classes, entities, states with activities.

Such a box is a ladder: straight lines of one length, one above the other, between the same two sides.  Found by its
strokes rather than by the paper between them, it survives text and icons that touch its lines, and compartments too
thin to be regions.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.frames.find import Stroke, straight_strokes
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.runs import turned
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import TextLine

DRAWN = 0.9
"""Least share of a side that must be drawn between two lines of a ladder."""
SHORT = 0.4
"""By how much, in letter heights, a line is shorter than from side to side where it meets neither straight."""
BEYOND = 2.0
"""How far a line may run beyond a ladder's side, in letter heights."""


@dataclass(frozen=True)
class Table:
    """A box with compartments.

    Attributes:
        box: its outer bounds.
        rows: the compartments, top to bottom, without the lines between them.
        icon: the circled letter beside the name, where there is one.
        signs: the figures that stand for visibility, with the signs that they mean.
    """

    box: Rect
    rows: tuple[Rect, ...]
    icon: Rect | None = None
    signs: tuple[tuple[Rect, str], ...] = ()


HELD = frozenset({"ellipse", "circle", "decision", "rounded", "stadium", "hexagon"})
"""Shapes of symbols that no compartment has: where they stand in a box, it is a container."""


def find_tables(sheet: Sheet) -> list[Table]:
    """Every box with two compartments or more; none that hold other boxes, as pools hold lanes."""
    letter = sheet.letter
    lines = straight_strokes(sheet.ink.view(np.uint8), letter, 2.4)
    sides = straight_strokes(turned(sheet.ink), letter, 2.0)
    if len(lines) > 600 or len(sides) > 600:
        return []
    wide = sheet.ink | np.roll(sheet.ink, 1, 1) | np.roll(sheet.ink, -1, 1)
    ladders: dict[tuple[int, int], list[Stroke]] = defaultdict(list)
    slack = 0.75 * letter
    for line in lines:
        left = _side(line.start, line.at, sides, slack, BEYOND * letter, 1)
        right = _side(line.end, line.at, sides, slack, BEYOND * letter, -1)
        if left is not None and right is not None and right - left >= 2 * letter:
            ladders[left, right].append(line)
    found: list[Table] = []
    # Of two boxes one above the other whose sides hardly differ, the lesser one is found by its own.
    for (left, right), rungs in [*_gathered(ladders, 0.25 * letter + 1).items(), *ladders.items()]:
        for run in _runs(rungs, left, right, wide, letter):
            table = _table(sheet, left, right, run)
            if table is not None and not any(t.box.overlap(table.box) for t in found):
                found.append(table)
    ruled = [t.box for t in found if _ruled(t, sides, letter)]
    found = [t for t in found if not any(b.overlap(t.box) > 0.8 * t.box.w * t.box.h for b in ruled)]
    return [t for t in found if not _contains(t, found, lines, sides, letter)]


def _ruled(table: Table, sides: list[Stroke], letter: float) -> bool:
    """Whether lines between columns go through the first compartment, which holds a name otherwise: a ruled table."""
    name, box = table.rows[0], table.box
    return any(
        box.x0 + 0.5 * letter < s.at < box.x1 - 0.5 * letter
        and s.start <= name.y0 + 0.2 * letter and s.end >= name.y1 - 0.2 * letter
        and min(s.end, box.y1) - max(s.start, box.y0) >= 0.8 * box.h
        for s in sides
    )  # fmt: skip


def _side(x: int, y: int, sides: list[Stroke], slack: float, beyond: float, inwards: int) -> int | None:
    """The position of the vertical stroke that a line's end at (x, y) meets, or runs beyond: a crow's foot may join it.

    Args:
        inwards: the way from the end along the line, 1 or -1.
    """
    near = [s for s in sides if s.start - slack <= y <= s.end + slack and -slack <= inwards * (s.at - x) <= beyond]
    exact = [s for s in near if abs(s.at - x) <= slack]
    return min(exact or near, key=lambda s: abs(s.at - x)).at if near else None


def _gathered(ladders: dict[tuple[int, int], list[Stroke]], slack: float) -> dict[tuple[int, int], list[Stroke]]:
    """Ladders whose sides differ by a pixel or two are one."""
    out: dict[tuple[int, int], list[Stroke]] = {}
    for (left, right), rungs in sorted(ladders.items(), key=lambda item: -len(item[1])):
        like = next((k for k in out if abs(k[0] - left) <= slack and abs(k[1] - right) <= slack), None)
        if like is None:
            out[left, right] = list(rungs)
        else:
            out[like] += rungs
    return out


def _runs(rungs: list[Stroke], left: int, right: int, wide: Mask, letter: float) -> list[list[Stroke]]:
    """Rungs in order, apart where a side is not drawn between them; three or more."""
    rungs = sorted(rungs, key=lambda s: s.at)
    runs: list[list[Stroke]] = []
    for rung in rungs:
        last = runs[-1][-1] if runs else None
        if last is not None and rung.at - last.at < 0.3 * letter:
            continue
        a, b = _between(last, rung, letter) if last is not None else (0, 0)
        joined = last is not None and (b - a < 2 or (_drawn(wide, left, a, b) and _drawn(wide, right, a, b)))
        if joined:
            runs[-1].append(rung)
        else:
            runs.append([rung])
    return [run for run in runs if len(run) >= 3]


def _between(above: Stroke, below: Stroke, letter: float) -> tuple[int, int]:
    """The rows between two lines that tell whether their sides are drawn: a thin gap's middle, where there is one."""
    inset = int(0.35 * letter)
    if below.at - above.at - 2 * inset >= 2:
        return above.at + inset, below.at - inset
    top, bottom = above.at + above.thick // 2 + 2, below.at - below.thick // 2 - 1
    return top, bottom


def _drawn(wide: Mask, x: int, a: int, b: int) -> bool:
    return max(float(wide[a:b, max(0, x - 1)].mean()), float(wide[a:b, x].mean())) >= DRAWN


def _table(sheet: Sheet, left: int, right: int, run: list[Stroke]) -> Table | None:
    """A table of these rungs, with its icons; None where it holds no text of a label's size."""
    letter = sheet.letter
    rows = tuple(Rect(left + 2, a.at + a.thick // 2 + 1, right - 1, b.at - b.thick // 2) for a, b in pairwise(run))
    box = Rect(left - 1, run[0].at - run[0].thick // 2, right + 2, run[-1].at + run[-1].thick // 2 + 1)
    if not any(r.h >= 1.2 * letter and sheet.ink[r.y0 : r.y1, r.x0 : r.x1].mean() > 0.01 for r in rows):
        return None
    if max(r.h for r in rows) > 45 * letter or _bent(run[1:-1], left, right, letter):
        return None
    icon = _icon(sheet, rows[0])
    signs = tuple(sign for row in rows[1:] for sign in _signs(sheet, row))
    return Table(box, rows, icon, signs if len(signs) else ())


def _bent(rungs: list[Stroke], left: int, right: int, letter: float) -> bool:
    """Whether all of these lines stop short of both sides: the rings of a cylinder bend up there."""
    return all(left < s.start and s.end < right and right - left - (s.end - s.start) >= SHORT * letter for s in rungs)


def _parts(sheet: Sheet, row: Rect) -> tuple[NDArray[np.int32], list[Rect]]:
    """The connected ink of a compartment: labels, and bounds on the sheet; the first stands for label 1."""
    crop = sheet.ink[row.y0 : row.y1, row.x0 : row.x1].astype(np.uint8)
    if crop.size == 0:
        return np.zeros((0, 0), np.int32), []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(crop, connectivity=8)
    boxes = [Rect(row.x0 + int(x), row.y0 + int(y), row.x0 + int(x + w), row.y0 + int(y + h))
             for x, y, w, h, _ in stats[1:]]  # fmt: skip
    return np.asarray(labels, np.int32), boxes


def _icon(sheet: Sheet, row: Rect) -> Rect | None:
    """The circle with a letter in it that PlantUML draws left of a name."""
    letter = sheet.letter
    pad = int(0.3 * letter)
    grown = Rect(row.x0, max(0, row.y0 - pad), row.x1, row.y1 + pad)
    labels, boxes = _parts(sheet, row)
    best: Rect | None = None
    for number, box in enumerate(boxes, 1):
        if not (1.3 * letter <= box.h <= 4.2 * letter and 0.8 <= box.w / box.h <= 1.25):
            continue
        filled = _filled(labels, number, box, row)
        if _disc(filled) > 0.85 and (best is None or box.x0 < best.x0):
            best = box
    return best.grow(1) if best is not None and grown.inside(best.cx, best.cy) else None


def _signs(sheet: Sheet, row: Rect) -> list[tuple[Rect, str]]:
    """The small figures at the left of members, where they stand in a column."""
    letter = sheet.letter
    labels, boxes = _parts(sheet, row)
    lines: list[list[tuple[int, Rect]]] = []
    for number, box in sorted(enumerate(boxes, 1), key=lambda item: item[1].cy):
        if max(box.w, box.h) < 0.25 * letter or box.x0 <= row.x0 + 1 or box.x1 >= row.x1 - 1:
            continue
        if lines and box.cy - lines[-1][0][1].cy <= 0.7 * letter:
            lines[-1].append((number, box))
        else:
            lines.append([(number, box)])
    out: list[tuple[Rect, str]] = []
    for line in lines:
        line.sort(key=lambda item: item[1].x0)
        number, box = line[0]
        size = max(box.w, box.h)
        if not (0.4 * letter <= size <= 1.15 * letter and min(box.w, box.h) >= 0.7 * size):
            continue
        if len(line) < 2 or line[1][1].x0 - box.x1 < 0.22 * letter or box.x0 - row.x0 > 2.2 * letter:
            continue
        sign, likeness = _sign(_filled(labels, number, box, row))
        if likeness >= 0.8:
            out.append((box.grow(1), sign))
    xs = sorted(box.cx for box, _ in out)
    middle = xs[len(xs) // 2] if xs else 0.0
    return [(box, sign) for box, sign in out if abs(box.cx - middle) <= 0.3 * letter]


def _filled(labels: NDArray[np.int32], number: int, box: Rect, row: Rect) -> NDArray[np.uint8]:
    """One connected part of a compartment's ink, its holes filled."""
    view = labels[box.y0 - row.y0 : box.y1 - row.y0, box.x0 - row.x0 : box.x1 - row.x0]
    mask = np.asarray(view == number, np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled


def _grid(h: int, w: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates from -1 to 1 over an area of pixels."""
    ys, xs = np.mgrid[0:h, 0:w]
    return (xs + 0.5 - w / 2) / (w / 2), (ys + 0.5 - h / 2) / (h / 2)


def _iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum()) / float(max(1, (a | b).sum()))


def _disc(filled: NDArray[np.uint8]) -> float:
    """How well a disc covers a filled figure, 0..1."""
    u, v = _grid(*filled.shape)
    return _iou(filled > 0, u * u + v * v <= 1)


def _sign(filled: NDArray[np.uint8]) -> tuple[str, float]:
    """The visibility that a figure stands for: disc public, square private, diamond protected, triangle package."""
    u, v = _grid(*filled.shape)
    figure = filled > 0
    likeness = {
        "+": _iou(figure, u * u + v * v <= 1),
        "#": _iou(figure, abs(u) + abs(v) <= 1.05),
        "~": _iou(figure, abs(u) <= (v + 1) / 2),
        "-": float(figure.mean()),
    }
    sign = max(likeness, key=lambda sign: likeness[sign])
    return sign, likeness[sign]


def _contains(table: Table, tables: list[Table], lines: list[Stroke], sides: list[Stroke], letter: float) -> bool:
    """Whether a ladder holds other boxes: another ladder, or a pair of sides that stop short of its lines."""
    b = table.box.grow(-0.3 * letter)
    for other in tables:
        o = other.box
        if other is not table and b.inside(o.cx, o.cy) and o.w * o.h < 0.9 * table.box.w * table.box.h:
            columns = any(abs(o.y1 - r.y1) <= 0.5 * letter for r in table.rows)
            if not columns or not _aligned(o, table, letter):
                return True
    for side in sides:
        inside = b.x0 + 0.3 * letter < side.at < b.x1 - 0.3 * letter
        if not inside or min(side.end, b.y1) - max(side.start, b.y0) < 1.2 * letter:
            continue
        if table.icon is not None and table.icon.grow(2).inside(side.at, (side.start + side.end) / 2):
            continue
        # A column's line may go on as a connector below the table, or come from one above it.
        below, above = side.end > b.y1, side.start < b.y0
        meets = (above or _on_line(side.start, table, letter)) and (below or _on_line(side.end, table, letter))
        meets = meets and not (above and below and not _on_line(side.start, table, letter))
        if not meets and not _ends_free(side, table, lines, letter):
            return True
    return False


def _ends_free(side: Stroke, table: Table, lines: list[Stroke], letter: float) -> bool:
    """Whether a line between columns runs from a line of the table to where its rows end: nothing goes on from there.

    A box that hangs from a line is closed below.
    """
    ends = (side.start, side.end) if _on_line(side.start, table, letter) else (side.end, side.start)
    if not _on_line(ends[0], table, letter) or not table.rows[0].y1 - letter <= ends[0] <= table.box.y1:
        return False
    reach = BEYOND * letter
    return not any(
        abs(s.at - ends[1]) <= reach and s.start - reach <= side.at <= s.end + reach
        for s in lines
        if not _on_line(s.at, table, 0.5 * letter)
    )


def _aligned(inner: Rect, table: Table, letter: float) -> bool:
    return _on_line(inner.y0, table, letter) and _on_line(inner.y1, table, letter)


def _on_line(y: float, table: Table, letter: float) -> bool:
    """Whether a height is that of one of a table's lines."""
    lines = [table.box.y0, *(r.y1 for r in table.rows)]
    return any(abs(y - line) <= 0.6 * letter for line in lines)


def symbols_of(sheet: Sheet, tables: list[Table]) -> list[Symbol]:
    """The tables as symbols, their compartments as parts."""
    letter = sheet.letter
    out = []
    for table in tables:
        b = table.box
        inner = Rect(b.x0 + 1, b.y0 + 1, b.x1 - 1, b.y1 - 1)
        region = int(sheet.regions[int(inner.cy), int(inner.cx)])
        parts = [Outline(region, r, np.ones((max(1, r.h), max(1, r.w)), np.uint8), Fit("process", 1.0), r.w * r.h)
                 for r in table.rows]  # fmt: skip
        mask = np.ones((inner.h, inner.w), np.uint8)
        outline = Outline(region, inner, mask, Fit("process", 1.0), inner.w * inner.h, sheet.page, parts)
        out.append(Symbol(outline, "process", max(3, round(0.22 * letter))))
    return out


def without_signs(sheet: Sheet, tables: list[Table]) -> Sheet:
    """The sheet without the icons of tables: they are neither text nor symbols."""
    marks = [t.icon for t in tables if t.icon is not None] + [box for t in tables for box, _ in t.signs]
    if not marks:
        return sheet
    ink = sheet.ink.copy()
    for box in marks:
        ink[box.y0 : box.y1, box.x0 : box.x1] = False
    return replace(sheet, ink=ink)


def in_columns(tables: list[Table], lines: list[TextLine]) -> bool:
    """Whether the tables are entities: in most of them words stand beside each other in a row."""
    filled = tabular = 0
    for table in tables:
        rows = [[t for t in lines if row.inside(t.box.cx, t.box.cy)] for row in table.rows[1:]]
        rows = [row for row in rows if row]
        filled += bool(rows)
        tabular += bool(rows) and sum(len(row) > 1 for row in rows) >= 0.6 * len(rows)
    return tabular > 0.5 * filled


def outside(found: list[Outline], tables: list[Table]) -> list[Outline]:
    """The outlines that are no part of a table."""
    boxes = [t.box.grow(2) for t in tables]
    return [o for o in found if not any(b.overlap(o.box) > 0.9 * o.box.w * o.box.h for b in boxes)]


def without_containers(tables: list[Table], found: list[Outline], letter: float) -> list[Table]:
    """The tables; a box with a title's strip in which symbols stand apart from its sides and lines is a container."""

    def symbol(o: Outline) -> bool:
        low = min(o.box.w, o.box.h)
        return o.fit.shape in HELD and o.fit.score >= 0.95 and low >= 2.3 * letter

    def holds(table: Table) -> bool:
        room = table.box.grow(-0.5 * letter)
        held = [o.box for o in found if symbol(o) and room.overlap(o.box) == o.box.w * o.box.h]
        apart = [b for b in held if not any(b.y0 <= row.y1 <= b.y1 for row in table.rows)]
        return len(apart) >= 2

    return [t for t in tables if not holds(t)]
