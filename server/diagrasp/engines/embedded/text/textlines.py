"""Lines of text, and what joins to a line that stands already: pieces of it, dots, accents and hyphens."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box

LISTED = 3.0
"""Letter heights between the number of a list and its line at most: a dash may stand there."""


@dataclass(frozen=True)
class TextLine:
    """A line of text: its box, the letters' boxes, the paper region it stands on, and whether it reads upwards.

    `tall` is the height of its letters where that is known better than from their boxes, as of joined writing.
    """

    box: Rect
    letters: tuple[Rect, ...]
    region: int
    vertical: bool = False
    tall: float = 0.0

    @cached_property
    def size(self) -> float:
        """Height of the line's tallest common letter, in pixels."""
        if self.tall:
            return self.tall
        sizes = [r.w if self.vertical else r.h for r in self.letters]
        return float(np.percentile(sizes, 80))

    def taking(self, more: list[Rect]) -> TextLine:
        """The line with more letters, which may be none."""
        if not more:
            return self
        return TextLine(bounding_box([self.box, *more]), (*self.letters, *more), self.region, self.vertical)


@dataclass(frozen=True)
class Text:
    """All the text of a sheet: its lines, and the ink that belongs to them."""

    lines: list[TextLine]
    ink: Mask


def numbering(column: list[Rect], lines: list[TextLine], letter: float) -> bool:
    """Whether signs above each other are the numbers of a list: most stand before a line of their own."""
    before: set[int] = set()
    for r in column:
        for k, line in enumerate(lines):
            b = line.box
            both = min(r.y1, b.y1) - max(r.y0, b.y0)
            if not line.vertical and 0 < b.x0 - r.x1 <= LISTED * letter and both >= 0.6 * min(r.h, b.h):
                before.add(k)
                break
    return len(before) >= max(3, 0.6 * len(column))


def merge_pieces(
    lines: list[TextLine], letter: float, dashes: list[Rect], outlines: Mask | None = None
) -> list[TextLine]:
    """Join a short piece to the line it continues, a lone letter or what a removed stroke split off, within a symbol.

    Args:
        outlines: (H, W) bool, ink known to be a symbol's outline.
    """
    lines = sorted(lines, key=lambda t: -t.box.w)
    out: list[TextLine] = []
    for line in lines:
        for k, other in enumerate(out):
            if line.vertical or other.vertical:
                continue
            a, b = line.box, other.box
            both = min(a.y1, b.y1) - max(a.y0, b.y0)
            gap = max(a.x0, b.x0) - min(a.x1, b.x1)
            if both < 0.6 * min(a.h, b.h) or gap > 3 * letter or max(a.h, b.h) > 2.2 * min(a.h, b.h):
                continue
            gap_between = slice(max(a.y0, b.y0), min(a.y1, b.y1)), slice(min(a.x1, b.x1), max(a.x0, b.x0))
            between = outlines[gap_between] if outlines is not None else None
            if between is not None and between.size and between.mean(axis=0).max() >= 0.9:
                continue
            dashed = any(
                min(a.x1, b.x1) - 1 <= d.x0 and d.x1 <= max(a.x0, b.x0) + 1 and a.y0 < d.cy < a.y1 for d in dashes
            )
            if gap <= 1.25 * letter or dashed:  # a dash parts words more widely
                out[k] = TextLine(a.union(b), (*other.letters, *line.letters), other.region)
                break
        else:
            out.append(line)
    return (
        out if len(out) == len(lines) else merge_pieces(out, letter, dashes, outlines)
    )  # the middle piece may have come last


def adopt(lines: list[TextLine], rects: dict[int, Rect], ids: list[int], letter: float) -> list[list[int]]:
    """Dots, commas, accents and hyphens: each to the line it lies within or beside."""
    out: list[list[int]] = [[] for _ in lines]
    size = max(1, int(4 * letter))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for k, line in enumerate(lines):
        b = line.box.grow(letter)
        for cx in range(b.x0 // size, b.x1 // size + 1):
            for cy in range(b.y0 // size, b.y1 // size + 1):
                cells[cx, cy].append(k)
    for i in ids:
        r = rects[i]
        for k in cells.get((int(r.cx) // size, int(r.cy) // size), ()):
            line = lines[k]
            b, s = line.box, line.size
            if line.vertical:
                near = b.x0 - 0.35 * s <= r.cx <= b.x1 + 0.35 * s and b.y0 - 0.8 * s <= r.cy <= b.y1 + 0.8 * s
            else:
                last = r.h <= 0.3 * s and b.y0 + 0.7 * b.h <= r.cy <= b.y1 + 0.1 * s  # the dots of an ellipsis
                beyond = b.x1 + (1.4 if last else 0.75) * s
                near = b.y0 - 0.45 * s <= r.cy <= b.y1 + 0.35 * s and b.x0 - 0.75 * s <= r.cx <= beyond
                inside = b.x0 <= r.cx <= b.x1
                near = near and (inside or (r.w <= 0.8 * s and not _dotted(i, rects, ids, line, letter)))
            if near and len(line.letters) >= (2 if r.w > 0.45 * letter else 1):
                out[k].append(i)
                break
    return out


def _dotted(i: int, rects: dict[int, Rect], ids: list[int], line: TextLine, letter: float) -> bool:
    """Whether a dot beside a line of text, at its middle height, is a dotted connector's and not a colon's."""
    r, b = rects[i], line.box
    if not b.y0 + 0.25 * b.h < r.cy < b.y1 - 0.25 * b.h or r.w > 0.45 * letter:
        return False
    return not any(
        j != i and abs(rects[j].cx - r.cx) <= 0.25 * letter and abs(rects[j].cy - r.cy) <= 0.9 * letter for j in ids
    )
