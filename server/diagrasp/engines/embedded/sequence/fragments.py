"""Frames around messages (alt, opt, loop, par, ...): rectangles with a tab, cut into sections by dashed lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.lifelines import Column
from diagrasp.engines.embedded.sequence.lines import Stroke
from diagrasp.engines.embedded.sequence.messages import Message


@dataclass
class Fragment:
    """A frame, the heights of the lines between its sections, and of the line under its tab, where it has one."""

    box: Rect
    cuts: list[float] = field(default_factory=list)
    header: float | None = None

    def section(self, y: float) -> int:
        """Which section a height lies in, from 0."""
        return sum(y > cut for cut in self.cuts)

    def bands(self) -> list[tuple[float, float]]:
        """Top and bottom of each section."""
        top = float(self.box.y0) if self.header is None else self.header
        return list(pairwise([top, *self.cuts, float(self.box.y1)]))


def find_fragments(strokes: list[Stroke], ink: Mask, letter: float) -> list[Fragment]:
    """The rectangles made by horizontal strokes of one extent whose ends are joined by vertical ink, largest first.

    Args:
        strokes: horizontal ones.
        ink: (H, W) bool.
    """
    slack = 0.6 * letter
    rows: list[list[Stroke]] = []
    for stroke in sorted(strokes, key=lambda s: s.at):
        if stroke.length < 4 * letter:
            continue
        for row in rows:
            if abs(row[0].start - stroke.start) <= slack and abs(row[0].end - stroke.end) <= slack:
                row.append(stroke)
                break
        else:
            rows.append([stroke])
    out: list[Fragment] = []
    for row in rows:
        run: list[Stroke] = []
        for stroke in row:
            if run and not _sides(run[-1], stroke, ink, letter):
                _keep(run, letter, out)
                run = []
            if not run or stroke.at - run[-1].at > 0.6 * letter:
                run.append(stroke)
        _keep(run, letter, out)
    return sorted(out, key=lambda f: -f.box.w * f.box.h)


def across_bars(strokes: list[Stroke], columns: list[Column], letter: float) -> list[Stroke]:
    """Strokes with those that activations drawn over them interrupt as one."""
    out: list[Stroke] = []
    for stroke in sorted(strokes, key=lambda s: s.start):
        for k, other in enumerate(out):
            gap = stroke.start - other.end
            if abs(other.at - stroke.at) > 0.2 * letter or not 0 < gap <= 3 * letter:
                continue
            middle = other.end + gap / 2
            if any(abs(c.x - middle) <= 1.5 * letter and c.bars and c.at(stroke.at, letter) for c in columns):
                share = (other.inked * other.length + stroke.inked * stroke.length) / (other.length + stroke.length)
                out[k] = Stroke(other.at, other.start, stroke.end, max(other.thick, stroke.thick), share)
                break
        else:
            out.append(stroke)
    return out


def _keep(run: list[Stroke], letter: float, out: list[Fragment]) -> None:
    if len(run) >= 2 and run[-1].at - run[0].at >= 2.2 * letter:
        x0, x1 = min(s.start for s in run), max(s.end for s in run)
        out.append(Fragment(Rect(x0, round(run[0].at), x1, round(run[-1].at)), [s.at for s in run[1:-1]]))


def _sides(upper: Stroke, lower: Stroke, ink: Mask, letter: float) -> bool:
    """Whether the ends of two horizontal strokes are joined on both sides, also by dashes."""
    y0, y1 = round(upper.at) + 1, round(lower.at)
    if y1 - y0 < 2:
        return True
    gap = max(2, round(0.7 * letter))
    for x in ((upper.start + lower.start) / 2, (upper.end + lower.end) / 2):
        x0, x1 = max(0, round(x - 0.45 * letter)), round(x + 0.45 * letter) + 1
        band = ink[y0:y1, x0:x1]
        if not band.size:
            return False
        # The best single column, and its neighbours: a side is straight.
        columns = band.sum(axis=0)
        k = int(columns.argmax())
        rows = np.flatnonzero(band[:, max(0, k - 1) : k + 2].any(axis=1))
        steps = np.diff(np.concatenate([[-1], rows, [y1 - y0]]))
        bare = steps[steps > gap].sum() if len(rows) else y1 - y0
        if bare > max(0.12 * (y1 - y0), 1.1 * gap if y1 - y0 > 4 * gap else 0):
            return False
    return True


def with_messages(found: list[Fragment], messages: list[Message], letter: float) -> list[Fragment]:
    """The frames that messages stand in: others are notes and boxes.  A line close under the top is the tab's."""

    def holds(b: Rect, y0: float, y1: float) -> bool:
        return any(
            y0 < m.y < y1 and b.x0 - letter <= m.x0 and m.x1 <= b.x1 + letter for m in messages
        )  # fmt: skip

    out = []
    for frame in found:
        b, cuts = frame.box, frame.cuts
        if not holds(b, b.y0, b.y1):
            continue
        if cuts and cuts[0] - b.y0 <= 3.2 * letter and not holds(b, b.y0, cuts[0]):
            frame = Fragment(b, cuts[1:], cuts[0])
        out.append(frame)
    return out


def ink_of(found: list[Fragment], ink: Mask, letter: float) -> Mask:
    """The pixels of the frames' own lines."""
    out = np.zeros(ink.shape, bool)
    half = max(2, round(0.25 * letter))
    for frame in found:
        b = frame.box
        for y in (b.y0, *(round(c) for c in frame.cuts), b.y1):
            out[max(0, y - half) : y + half + 1, max(0, b.x0 - half) : b.x1 + half] = True
        for x in (b.x0, b.x1):
            out[max(0, b.y0 - half) : b.y1 + half, max(0, x - half) : x + half + 1] = True
    return out & ink
