"""Text annotations: words beside a bracket, an upright line with two short feet that point at them."""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.frames.find import Stroke, straight_strokes
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.runs import turned
from diagrasp.engines.embedded.symbols.find import Symbol, cover
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LEAST = 1.5
"""Height of a bracket, in letter heights, at least."""
FOOT = (0.35, 2.6)
"""Length of its feet, in letter heights."""
DOT = 0.5
"""Letter heights that the dot of a dotted line reaches beyond a bracket's back at most."""
HOLDS = 2
"""Symbols in another one, itself among them, at most: what holds more is a lane, or the like."""
BROKEN = 0.6
"""Greatest share of ink in what goes on from a bracket's end: a dotted line, which leads to the bracket."""
WIDEST = 40.0
"""Letter heights from a bracket to the end of its words at most."""


def with_annotations(sheet: Sheet, text: Text, nodes: list[Symbol]) -> list[Symbol]:
    """The nodes and the annotations: their bounds are the bracket's and its words'."""
    letter = sheet.letter
    lanes = [n for n in nodes if sum(n.box.inside(o.box.cx, o.box.cy) for o in nodes) > HOLDS]
    every, nodes = nodes, [n for n in nodes if not any(n is lane for lane in lanes)]
    whole = sheet.ink & (cover(sheet.ink.shape, nodes) == 0)
    ink = whole & ~text.ink
    upright = straight_strokes(turned(ink), letter, LEAST)
    out: list[Symbol] = []
    for s in upright:
        for way in (1, -1):
            foot = _feet(ink, whole, s, way, letter)
            words = _words(s, way, foot, text.lines, nodes, letter) if foot else []
            if not words:
                continue
            box = Rect(s.at - s.thick // 2, s.start, s.at + s.thick // 2 + 1, s.end)
            for line in words:
                box = box.union(line.box)
            box = box.grow(1)
            box = Rect(max(0, box.x0), max(0, box.y0), min(sheet.width, box.x1), min(sheet.height, box.y1))
            if any(box.overlap(n.box) for n in [*nodes, *out]):
                continue
            shape = Outline(0, box, np.ones((box.h, box.w), np.uint8), Fit("annotation", 0.97), box.w * box.h)
            out.append(Symbol(shape, "annotation", max(2, round(0.22 * letter))))
            break
    return every + out


def _feet(ink: Mask, whole: Mask, s: Stroke, way: int, letter: float) -> int:
    """The length of a stroke's feet to one side, in pixels; 0 where it has none, or goes on, or has others.

    Args:
        ink: without letters.
        whole: with them, as the words below a bracket's last line stand on its foot.
    """
    near = max(2, round(0.2 * letter))
    lengths, hidden = [], False
    for y in (s.start, s.end - 1):
        if not near <= y < ink.shape[0] - near:
            return 0
        length, back = (_run(ink, s, y, side, near, letter) for side in (way, -way))
        if back > max(near, min(DOT * letter, 0.5 * length)):
            return 0
        under = _run(whole, s, y, way, near, letter)
        if under > length + 0.3 * letter:  # letters stand on the foot
            length, hidden = under, True
        lengths.append(length)
        first = max(0, s.start - near - round(letter)) if y == s.start else s.end + near
        beyond = ink[first : first + round(letter), max(0, s.at - near) : s.at + near + 1].any(axis=1)
        if beyond.size and beyond.mean() > BROKEN:
            return 0
    low, high = sorted(lengths)
    if not FOOT[0] * letter <= low <= FOOT[1] * letter or (high - low > 0.3 * letter and not hidden):
        return 0
    x0, x1 = (s.at + s.thick, s.at + s.thick + low) if way > 0 else (s.at - s.thick - low, s.at - s.thick)
    inset = 2 * near + s.thick
    middle = ink[s.start + inset : s.end - inset, max(0, x0) : x1].astype(np.uint8)
    if not middle.size:
        return low
    bars = cv2.morphologyEx(middle, cv2.MORPH_OPEN, np.ones((1, max(3, round(0.8 * low))), np.uint8))
    return 0 if np.any(bars) else low


def _run(ink: Mask, s: Stroke, y: int, side: int, near: int, letter: float) -> int:
    """How far ink goes on from a stroke to one side at a height, in pixels."""
    reach = round((FOOT[1] + 1) * letter)
    x0 = s.at + side * (s.thick // 2 + 1)
    columns = slice(x0, x0 + reach) if side > 0 else slice(max(0, x0 - reach + 1), x0 + 1)
    rows: Mask = np.asarray(ink[y - near : y + near + 1, columns][:, ::side].any(axis=0))
    gaps = np.flatnonzero(~rows)
    return int(gaps[0]) if len(gaps) else len(rows)


def _words(s: Stroke, way: int, foot: int, lines: list[TextLine], nodes: list[Symbol], letter: float) -> list[TextLine]:
    """The lines that a bracket embraces: one below another, all beginning beside it."""
    slack = 0.6 * letter
    out = []
    for line in lines:
        b = line.box
        gap = b.x0 - s.at if way > 0 else s.at - b.x1
        if (
            line.vertical
            or not s.start - slack <= b.cy <= s.end + slack
            or any(n.box.inside(b.cx, b.cy) for n in nodes)
        ):
            continue
        if -0.2 * letter <= gap <= foot + 1.5 * letter and b.w <= WIDEST * letter:
            out.append(line)
    return out if any(s.start <= t.box.cy <= s.end for t in out) else []
