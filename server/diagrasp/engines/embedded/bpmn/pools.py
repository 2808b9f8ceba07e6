"""Pools, lanes and expanded subprocesses: what the general search for frames does not know of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import TextLine

DOWN = 4.5
"""Letter heights that a strip's sides go on downwards at least."""
STRIP = 5.0
"""Height of a strip, in heights of its largest letters, at most."""
FLAT = ("process", "rounded", "note", "trapezoid", "data", "manual_operation")
"""What the pieces of a strip pass for: round corners and slanting connectors cut them."""


def is_pocket(box: Rect, nodes: list[Symbol]) -> bool:
    """Whether a frame without a title is only what flows enclose: its sides lead through gateways, tasks or events.

    Events may sit on a subprocess's border, gateways and tasks never do.
    """
    on = dict.fromkeys("ltrb", 0)
    for n in nodes:
        b = n.box
        slack = 0.25 * min(b.w, b.h)
        across = box.y0 - slack <= b.cy <= box.y1 + slack
        along = box.x0 - slack <= b.cx <= box.x1 + slack
        sides = [
            name
            for name, near in (
                ("l", across and abs(b.cx - box.x0) <= slack),
                ("r", across and abs(b.cx - box.x1) <= slack),
                ("t", along and abs(b.cy - box.y0) <= slack),
                ("b", along and abs(b.cy - box.y1) <= slack),
            )
            if near
        ]
        if sides and n.shape not in ("circle", "ellipse"):
            return True
        for side in sides:
            on[side] += 1
    return sum(count > 0 for count in on.values()) >= 3


def is_strip(box: Rect, lines: list[TextLine], letter: float) -> bool:
    """Whether an outline is the strip that names a pool or a lane: what it says reads upwards."""
    if all(t.vertical for t in lines):
        return True
    upright = sum(len(t.letters) for t in lines if t.vertical)
    flat = max((t.box.w for t in lines if not t.vertical), default=0)
    return box.w <= 4.6 * letter and box.h > 2 * box.w and upright >= 2 and flat < 2.2 * letter


def crossed(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline is what two connectors leave between them where they cross a container's side.

    The side runs on past both of its upper corners, or both of its lower ones, and so do the connectors.
    """
    b = symbol.outline.box
    wide, far, near = symbol.border + 2, round(1.2 * sheet.letter), max(3, round(0.4 * sheet.letter))

    def runs_on(ink: Mask, at: int, start: int, end: int) -> bool:
        """Whether the line near row `at` is drawn all along the columns from `start` to `end`."""
        strip = ink[max(0, at - wide) : at + wide, max(0, start) : end]
        return bool(strip.shape[1] >= 0.9 * (end - start) and strip.any(axis=0).mean() > 0.97)

    ink = sheet.ink
    for x0, x1, y0, y1, view in ((b.x0, b.x1, b.y0, b.y1, ink), (b.y0, b.y1, b.x0, b.x1, ink.T)):
        for y, out in ((y0, -1), (y1, 1)):
            level = runs_on(view, y, x0 - wide - far, x0 - wide) and runs_on(view, y, x1 + wide, x1 + wide + far)
            beyond = (y - wide - near, y - wide) if out < 0 else (y + wide, y + wide + near)
            if level and all(runs_on(view.T, x, *beyond) for x in (x0, x1)):
                return True
    return False


def largest(box: Rect, lines: list[TextLine], letter: float) -> float:
    """The height of the letters in a strip, where they are larger than others are."""
    return max([letter, *(t.size for t in lines if len(t.letters) > 2 and box.inside(t.box.cx, t.box.cy))])


def on_gateway(symbol: Symbol, nodes: list[Symbol]) -> bool:
    """Whether a gateway sits on an outline's border: then flows out of the gateway are two of its sides."""
    b = symbol.outline.box
    if symbol.shape not in FLAT:
        return False
    for n in nodes:
        o = n.outline.box
        slack = 0.25 * min(o.w, o.h)
        if n.shape != "decision" or o.w * o.h > 0.5 * b.w * b.h or not b.grow(slack).inside(o.cx, o.cy):
            continue
        if min(abs(o.cx - b.x0), abs(o.cx - b.x1), abs(o.cy - b.y0), abs(o.cy - b.y1)) <= slack:
            return True
    return False


def sole_lanes(frames: list[Frame], lines: list[TextLine], nodes: list[Symbol], letter: float) -> list[Frame]:
    """The lanes of pools with one lane, which no line parts from the pool: a second title stands beside the pool's own.

    Args:
        lines: text outside the nodes.
    """
    out: list[Frame] = []
    for frame in frames:
        strip = frame.title
        if strip is None or frame.tab:
            continue
        turned = strip.h > strip.w
        body = Rect(strip.x1, frame.box.y0, frame.box.x1, frame.box.y1)
        if not turned:
            body = Rect(frame.box.x0, strip.y1, frame.box.x1, frame.box.y1)
        if any(f is not frame and body.overlap(f.box) > 0.9 * f.box.w * f.box.h and f.title is None and not f.rounded
               for f in frames):  # fmt: skip
            continue
        for line in lines:
            b = line.box
            if turned or line.vertical:
                beside = 0 <= b.x0 - body.x0 <= 1.6 * letter and abs(b.cy - body.cy) <= 0.1 * body.h + letter
                if turned and line.vertical and beside:
                    out.append(Frame(body))
                    break
                continue
            central = abs(b.cx - body.cx) <= 0.6 * letter and 0 <= b.y0 - body.y0 <= 1.6 * letter
            under = [
                r.y0 for r in (*(n.box for n in nodes), *(t.box for t in lines if t is not line))
                if abs(r.cx - b.cx) <= 2 * letter and 0 <= r.y0 - b.y1 <= 2.5 * letter
            ]  # fmt: skip
            named = bool(under) and min(under) in [n.box.y0 for n in nodes]
            if central and not named:
                out.append(Frame(body))
                break
    return out


def without_heads(
    sheet: Sheet, nodes: list[Symbol], boxes: list[Symbol], lines: list[TextLine]
) -> tuple[list[Symbol], list[Symbol]]:
    """The nodes and the boxes, with the title strips of pools moved from the first to the second, in one piece."""
    flat = [
        s for s in (*nodes, *boxes)
        if s.shape in FLAT and s.outline.box.h <= STRIP * largest(s.outline.box, lines, sheet.letter)
    ]  # fmt: skip
    heads: list[Symbol] = []
    for row in _rows(flat, lines, sheet.letter):
        whole = row[0] if len(row) == 1 and row[0].shape == "process" else _joined(row)
        if _is_head(sheet, whole, lines) and (len(row) == 1 or any(any(s is n for n in nodes) for s in row)):
            heads.append(whole)
            nodes = [n for n in nodes if not any(n is s for s in row)]
            boxes = [b for b in boxes if not any(b is s for s in row)]
    turned = [n for n in nodes if _is_turned_head(sheet, n)]
    return [n for n in nodes if not any(n is t for t in turned)], boxes + heads + turned


def _rows(flat: list[Symbol], lines: list[TextLine], letter: float) -> list[list[Symbol]]:
    """Flat outlines, those side by side that only a line parts put together: a connector cuts a strip in pieces."""
    rows: list[list[Symbol]] = []
    for s in sorted(flat, key=lambda s: s.outline.box.x0):
        b = s.outline.box
        for row in rows:
            last = row[-1].outline.box
            level = abs(last.y0 - b.y0) <= 0.3 * letter and abs(last.y1 - b.y1) <= 0.3 * letter
            if level and 0 < b.x0 - last.x1 <= 0.7 * letter:
                row.append(s)
                break
        else:
            rows.append([s])
    return [part for row in rows for part in ([[s] for s in row] if _titled(row, lines) else [row])]


def _titled(row: list[Symbol], lines: list[TextLine]) -> bool:
    """Whether each outline of a row has a title in its middle: then they are strips of lanes side by side."""
    return len(row) > 1 and all(
        any(abs(t.box.cx - s.box.cx) <= 0.06 * s.box.w and s.box.inside(t.box.cx, t.box.cy) for t in lines) for s in row
    )


def _joined(row: list[Symbol]) -> Symbol:
    box = row[0].outline.box
    for s in row[1:]:
        box = box.union(s.outline.box)
    first = row[0].outline
    whole = Outline(first.region, box, np.ones((box.h, box.w), np.uint8), Fit("process", 1.0), box.w * box.h)
    return replace(row[0], outline=replace(whole, outside=first.outside), shape="process")


def _is_head(sheet: Sheet, symbol: Symbol, lines: list[TextLine]) -> bool:
    """Whether a flat rectangle is a strip whose sides run on downwards, around what the pool or the lane holds."""
    letter = sheet.letter
    b = symbol.outline.box
    reach = round(DOWN * letter)
    deep = STRIP * largest(b, lines, letter)
    if symbol.shape != "process" or b.h > deep or b.w < 2.5 * b.h or b.y1 + reach > sheet.height:
        return False
    width = symbol.border + 2
    left = sheet.ink[b.y1 : b.y1 + reach, max(0, b.x0 - width) : b.x0 + 1]
    right = sheet.ink[b.y1 : b.y1 + reach, b.x1 - 1 : b.x1 + width]
    return all(bool(side.size) and float(np.mean(side.any(axis=1))) > 0.97 for side in (left, right))


def _is_turned_head(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether a tall rectangle is a strip whose upper and lower side run on to the right."""
    letter = sheet.letter
    b = symbol.outline.box
    reach = round(DOWN * letter)
    if symbol.shape != "process" or b.w > 5 * letter or b.h < 3 * b.w or b.x1 + reach > sheet.width:
        return False
    width = symbol.border + 2
    upper = sheet.ink[max(0, b.y0 - width) : b.y0 + 1, b.x1 : b.x1 + reach]
    lower = sheet.ink[b.y1 - 1 : b.y1 + width, b.x1 : b.x1 + reach]
    return all(bool(side.size) and float(np.mean(side.any(axis=0))) > 0.97 for side in (upper, lower))


def is_upright(box: Rect, lines: list[TextLine], letter: float) -> bool:
    """Whether a tall rectangle holds nothing but a title that reads upwards in its middle, in large letters.

    Args:
        lines: what is written in it; letters of a title may stand in lines of their own.
    """
    if sum(len(t.letters) for t in lines) < 4:
        return False
    size = max([letter, *(t.size if t.vertical else t.box.w for t in lines)])
    hull = bounding_box([t.box for t in lines])
    central = all(abs(t.box.cx - box.cx) <= 0.6 * size for t in lines) and abs(hull.cy - box.cy) <= 0.2 * box.h
    column = hull.h >= 1.8 * hull.w and all(t.vertical or len(t.letters) < 3 for t in lines)
    return central and column and size <= 2.5 * letter and box.w <= 9 * size and box.h > 1.3 * box.w
