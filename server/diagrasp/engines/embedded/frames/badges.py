"""Badges: small filled squares in the upper left corner of a container, which show what its title names.

Drawings of networks and clouds are full of them.  They hide the corner where the container's sides meet, and what is
drawn in them is no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.picture.raster import INK, Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

LEAST, MOST = 1.5, 4.5
"""Letter heights of a badge's sides, at least and at most."""
SQUARE = 1.2
"""How much longer one side is than the other at most."""
FULL = 0.35
"""Share of its bounds that a badge's ground covers at least: the rest is its picture."""
LIKE = 64
"""Levels by which a badge's rim changes along its sides at most: some are shaded."""
REACH = 2.5
"""Letter heights that a container's sides go on beyond its badge at least."""


def find_badges(sheet: Sheet) -> list[Rect]:
    """Small filled squares: the bounds of their grounds."""
    letter = sheet.letter
    x, y, w, h, area = sheet.stats.T
    sized = (np.minimum(w, h) >= LEAST * letter) & (np.maximum(w, h) <= MOST * letter)
    square = (np.maximum(w, h) <= SQUARE * np.minimum(w, h)) & (area >= FULL * w * h)
    out = []
    for i in np.flatnonzero(sized & square):
        b = Rect(int(x[i]), int(y[i]), int(x[i] + w[i]), int(y[i] + h[i]))
        own = sheet.regions[b.y0 : b.y1, b.x0 : b.x1] == i
        rim = np.concatenate([own[1], own[-2], own[:, 1], own[:, -2]])
        if rim.mean() >= 0.9 and _filled(sheet, b):
            out.append(b)
    return out


def _filled(sheet: Sheet, b: Rect) -> bool:
    """Whether a square's ground differs from the paper above it and to its left, by as much as ink does."""
    off = max(2, round(0.35 * sheet.letter))
    own = sheet.ground[b.y0 + 2, b.x0 + 2].astype(int)
    beyond = [sheet.ground[b.y1 - 2, b.x1 + off]] if b.x1 + off < sheet.width else []
    beyond += [sheet.ground[b.y1 + off, b.x1 - 2]] if b.y1 + off < sheet.height else []
    return bool(beyond) and all(int(np.abs(own - other.astype(int)).max()) >= INK for other in beyond)


def with_corners(ink: Mask, badges: Sequence[Rect], letter: float) -> Mask:
    """The ink, and the sides of containers where badges hide them: those that go on beyond them."""
    out = ink
    reach, wide = round(REACH * letter), max(2, round(0.25 * letter))
    for b in badges:
        down = ink[b.y1 + wide : b.y1 + reach, max(0, b.x0 - wide) : b.x0 + wide]
        on = ink[max(0, b.y0 - wide) : b.y0 + wide, b.x1 + wide : b.x1 + reach]
        if not down.size or not on.size or min(down.mean(axis=0).max(), on.mean(axis=1).max()) < 0.45:
            continue
        out = ink.copy() if out is ink else out
        column = max(0, b.x0 - wide) + int(down.sum(axis=0).argmax())
        row = max(0, b.y0 - wide) + int(on.sum(axis=1).argmax())
        out[b.y0 : b.y1, b.x0 : b.x1] = False
        out[row : b.y1 + wide, column : column + 2] = True
        out[row : row + 2, column : b.x1 + wide] = True
    return out


def without_badges(sheet: Sheet, nodes: list[Symbol], text: Text, frames: list[Frame]) -> tuple[list[Symbol], Text]:
    """The nodes and the text without what is a badge, or drawn in one; wipes the ink of badges."""
    mine = [f.badge for f in frames if f.badge is not None]
    if not mine:
        return nodes, text
    near = 0.3 * sheet.letter

    def within(r: Rect) -> bool:
        return any(b.grow(near).overlap(r) >= 0.7 * r.w * r.h for b in mine)

    lines: list[TextLine] = []
    for line in text.lines:
        kept = tuple(r for r in line.letters if not within(r))
        if len(kept) == len(line.letters):
            lines.append(line)
        elif kept:
            lines.append(replace(line, box=bounding_box(list(kept)), letters=kept))
    for b in mine:
        sheet.ink[b.y0 : b.y1, b.x0 : b.x1] = text.ink[b.y0 : b.y1, b.x0 : b.x1] = False
    return [n for n in nodes if not within(n.box)], Text(lines, text.ink)


def badge_of(sheet: Sheet, frame: Rect) -> Rect | None:
    """The badge in a frame's upper left corner: a square whose rim is of one colour, other than what is beside it."""
    letter = sheet.letter
    most = min(round(MOST * letter), frame.w // 2, frame.h - 2)
    for inset in (0.2, 0.3, 0.45):
        y, x = max(0, frame.y0) + round(inset * letter), max(0, frame.x0) + round(inset * letter)
        if y + most >= sheet.height or x + most >= sheet.width:
            return None
        colour = sheet.rgb[y, x].astype(int)
        w, h = (
            _run(strip, colour) + round(inset * letter)
            for strip in (sheet.rgb[y, x : x + most + 1], sheet.rgb[y : y + most + 1, x])
        )
        if min(w, h) < LEAST * letter or max(w, h) > min(SQUARE * min(w, h), most):
            continue
        b = Rect(max(0, frame.x0), max(0, frame.y0), max(0, frame.x0) + w, max(0, frame.y0) + h)
        off = round(inset * letter)
        ends = sheet.rgb[y : b.y1 - off, b.x1 - off], sheet.rgb[b.y1 - off, x : b.x1 - off]
        around = sheet.rgb[b.y1 - off, b.x1 + off], sheet.rgb[b.y1 + off, b.x1 - off]
        closed = all((np.abs(end.astype(int) - colour).max(axis=1) <= LIKE).mean() >= 0.85 for end in ends)
        if closed and all(int(np.abs(other.astype(int) - colour).max()) >= INK for other in around):
            return b
    return None


def _run(strip: NDArray[np.uint8], colour: NDArray[np.int_]) -> int:
    """How many pixels of a strip go on in a colour."""
    other = np.flatnonzero(np.abs(strip.astype(int) - colour).max(axis=1) > LIKE)
    return int(other[0]) if len(other) else len(strip)
