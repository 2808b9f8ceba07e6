"""Lines of text set under one another gathered into blocks, each of which says one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine

CLOSE, WIDE = 0.95, 1.3
"""Greatest gap between two lines of a label, in heights of its letters: set anyhow, and one centred below the other."""


@dataclass
class Block:
    """Lines of text that belong together, top to bottom."""

    lines: list[TextLine]

    @property
    def box(self) -> Rect:
        box = self.lines[0].box
        for line in self.lines[1:]:
            box = box.union(line.box)
        return box


def blocks(
    lines: list[TextLine], letter: float, frames: list[Frame], marks: Sequence[Rect] = (), every: Sequence[Rect] = (),
    paths: Sequence[NDArray[np.float64]] = (),
) -> list[Block]:  # fmt: skip
    """Gather lines set under one another: close, and overlapping or aligned; a frame's title stands alone.

    Args:
        marks: boxes of small symbols; a line centred over one of them does not go on what is set aside of it.
        every: these and the small symbols that have a name already; what stands on both sides of one may be one line.
        paths: the connectors' points, close to one another: a connector between two lines parts them.
    """

    def over(line: TextLine) -> list[Rect]:
        """The small symbols that a line is centred over."""
        b = line.box
        return [m for m in marks if abs(b.cx - m.cx) <= 0.8 * letter and 0 <= m.y0 - b.y1 <= 1.6 * letter]

    def heads(line: TextLine, block: Block) -> bool:
        return any(abs(block.box.cx - m.cx) > 1.6 * letter for m in over(line))

    def title_of(line: TextLine) -> int:
        for i, frame in enumerate(frames):
            b = frame.box
            if b.x0 <= line.box.cx <= b.x1 and 0 <= line.box.cy - b.y0 <= 1.9 * letter:
                return i
        return -1

    def goes_on(line: TextLine, last: TextLine) -> bool:
        """Whether a title has another line, set as the one before it."""
        a, b = line.box, last.box
        flush = min(abs(a.cx - b.cx), abs(a.x0 - b.x0), abs(a.x1 - b.x1)) <= 0.35 * letter
        if not (title_of(last) >= 0 > title_of(line) and flush and 0.65 <= line.size / last.size <= 1.5):
            return False
        box = frames[title_of(last)].box  # the name of a symbol below a side stands where no title does
        elsewhere = min(abs(b.cx - box.cx), b.x0 - box.x0) > 4 * letter
        return not over(line) or (elsewhere and abs(a.cx - b.cx) <= 0.35 * letter)

    out: list[Block] = []
    ends: list[TextLine] = []  # the last row of each block, in one piece
    for row in _rows(sorted(lines, key=lambda t: t.box.y0), letter, every):
        line = row[0] if len(row) == 1 else TextLine(Block(row).box, row[0].letters + row[1].letters, row[0].region)
        if line.vertical:
            out.append(Block(row))
            ends.append(line)
            continue
        for k in range(len(out) - 1, -1, -1):
            block, last = out[k], ends[k]
            if last.vertical or (title_of(last) != title_of(line) and not goes_on(line, last)):
                continue
            gap = line.box.y0 - last.box.y1
            size = max(line.size, *(t.size for t in block.lines if _alike(line, t)), last.size)
            both = min(line.box.x1, last.box.x1) - max(line.box.x0, last.box.x0)
            alike = _alike(line, last)
            aligned = (
                abs(line.box.cx - block.box.cx) <= 0.9 * letter
                or abs(line.box.x0 - block.box.x0) <= 0.6 * letter
                or (both >= 0.75 * min(line.box.w, last.box.w) and min(line.box.w, last.box.w) >= 0.42 * block.box.w)
            )
            centred = abs(line.box.cx - last.box.cx) <= 0.3 * letter
            alone = title_of(last) == title_of(line) and not over(line)
            widest = CLOSE * size
            if centred and alone and min(last.box.h, line.box.h) >= 0.7 * letter:
                widest = WIDE * max(size, letter)  # letters without ascenders are lower than their line
            near = -0.5 * size <= gap <= widest and both > 0
            if near and alike and aligned and not heads(line, block) and not _between(last.box, line.box, paths):
                block.lines.extend(row)
                ends[k] = line
                break
        else:
            out.append(Block(row))
            ends.append(line)
    return out


def _between(upper: Rect, lower: Rect, paths: Sequence[NDArray[np.float64]]) -> bool:
    """Whether a connector runs along between two lines of text, one above the other."""
    x0, x1 = max(upper.x0, lower.x0), min(upper.x1, lower.x1)
    y0, y1 = min(upper.y1, lower.y0), max(upper.y1, lower.y0)
    for path in paths:
        x, y = path[:, 0], path[:, 1]
        along = x[(y >= y0) & (y <= y1) & (x >= x0) & (x <= x1)]
        if len(along) > 1 and np.ptp(along) >= 0.6 * (x1 - x0):
            return True
    return False


def _alike(a: TextLine, b: TextLine) -> bool:
    """Whether two lines are set in one size: where letters run together, a line is as tall as the tallest of them."""
    joined = any(r.w > 2.2 * r.h for line in (a, b) for r in line.letters)
    return 0.6 <= a.size / b.size <= 1.65 or (joined and 0.6 <= a.box.h / b.box.h <= 1.65)


def _rows(lines: list[TextLine], letter: float, marks: Sequence[Rect]) -> list[list[TextLine]]:
    """The lines, the two pieces of one that a small symbol stands on together."""
    out: list[list[TextLine]] = []
    for line in lines:
        b = line.box
        for row in out:
            a = row[0].box
            if len(row) > 1 or line.vertical or row[0].vertical or abs(a.cy - b.cy) > 0.3 * letter:
                continue
            left, right = min(a.x1, b.x1), max(a.x0, b.x0)
            slack = 1.5 * letter
            if any(
                m.y0 < b.cy < m.y1 and left <= m.cx <= right and right - left <= m.w + slack
                and left - slack <= m.x0 and m.x1 <= right + slack
                for m in marks
            ):  # fmt: skip
                row.append(line)
                break
        else:
            out.append([line])
    return out
