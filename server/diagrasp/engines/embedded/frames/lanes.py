"""Lanes without a frame: parallel lines of one length that divide a drawing, with a title at the head of each lane.

PlantUML draws its swimlanes so.  There is nothing at their heads and feet that would close them to rectangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.frames.find import Stroke, straight_strokes
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.runs import turned
from diagrasp.engines.embedded.text.textlines import TextLine

LEAST = 8.0
"""Length of a lane's line, in letter heights, at least."""
NARROWEST = 4.0
"""Width of a lane, in letter heights, at least."""
ALIGNED = 0.8
"""Letter heights by which the ends of lines of one length differ at most."""
HEAD = 4.0
"""Letter heights below a lane's head within which its title stands."""


@dataclass(frozen=True)
class Lane:
    """A lane from the middle of one line to that of the next, and where its title stands."""

    box: Rect
    title: Rect | None


def find_lanes(ink: Mask, lines: list[TextLine], nodes: list[Rect], letter: float) -> list[Lane]:
    """The upright lanes of a drawing, from left to right; none where nothing says that lines are lanes' lines.

    Args:
        ink: (H, W) bool, strokes without text and without the nodes.
        lines: the text.
        nodes: bounds of the nodes.
        letter: height of a capital letter, in pixels.
    """
    raw = ink.view(np.uint8)
    across = np.asarray(cv2.morphologyEx(raw, cv2.MORPH_OPEN, np.ones((1, int(3 * letter)), np.uint8)), np.uint8)
    best: list[Lane] = []
    for group in _of_one_length(_upright(raw, letter), letter):
        lanes = _between(group, lines, nodes, across, letter)
        if len(lanes) > len(best):
            best = lanes
    return best


def _upright(raw: NDArray[np.uint8], letter: float) -> list[Stroke]:
    """Long vertical strokes, dashes and what connectors and symbols interrupt made whole; `at` is across."""
    dash = int(1.4 * letter)
    down = np.asarray(cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((dash, 1), np.uint8)), np.uint8)
    pieces = sorted(straight_strokes(turned(down), letter), key=lambda s: s.start)
    out: list[Stroke] = []
    while pieces:
        first = pieces.pop(0)
        same = [s for s in pieces if abs(s.at - first.at) <= max(2.0, 0.2 * letter)]
        end, drawn = first.end, first.end - first.start
        for s in same:
            if s.start - end <= 4 * letter:
                drawn += s.end - max(s.start, end) if s.end > end else 0
                end = max(end, s.end)
                pieces.remove(s)
        if end - first.start >= LEAST * letter and drawn >= 0.8 * (end - first.start):
            out.append(Stroke(first.at, first.start, end, first.thick))
    return out


def _of_one_length(strokes: list[Stroke], letter: float) -> list[list[Stroke]]:
    """Strokes that begin and end at one height, from left to right, in groups of two and more, the longest first."""
    groups: list[list[Stroke]] = []
    for s in sorted(strokes, key=lambda s: s.start - s.end):
        for group in groups:
            g = group[0]
            if abs(g.start - s.start) <= ALIGNED * letter and abs(g.end - s.end) <= ALIGNED * letter:
                if all(abs(s.at - o.at) > NARROWEST * letter for o in group):
                    group.append(s)
                break
        else:
            groups.append([s])
    return [sorted(g, key=lambda s: s.at) for g in groups if len(g) >= 2]


def _between(
    group: list[Stroke], lines: list[TextLine], nodes: list[Rect], across: NDArray[np.uint8], letter: float
) -> list[Lane]:
    """The lanes between lines of one length; none where those are something else."""
    top, bottom = min(s.start for s in group), max(s.end for s in group)
    left, right = group[0].at, group[-1].at
    held = [n for n in nodes if left < n.cx < right]
    if not held or sum(top <= n.y0 and n.y1 <= bottom for n in held) < 0.9 * len(held) or len(held) < 0.7 * len(nodes):
        return []
    for y in (top, bottom):  # closed by a line: a frame, or a row of boxes
        rows = across[max(0, y - int(letter)) : y + int(letter), left:right]
        if rows.size and rows.any(axis=0).mean() > 0.5:
            return []
    lanes: list[Lane] = []
    titled = 0
    for a, b in pairwise(group):
        inside = [n for n in held if a.at < n.cx < b.at]
        first = min((n.y0 for n in inside), default=bottom)
        title = _title(lines, a.at, b.at, top, first, letter)
        titled += title is not None
        lanes.append(Lane(Rect(a.at, top, b.at, bottom), title))
    return lanes if titled >= max(1, len(lanes) - 1) else []


def _title(lines: list[TextLine], left: int, right: int, top: int, first: int, letter: float) -> Rect | None:
    """Where the text at the head of a lane stands: in its middle, above its first node."""
    inside = [
        t.box for t in lines
        if left < t.box.cx < right and top - 0.5 * letter <= t.box.y0 and t.box.cy < top + HEAD * letter
        and t.box.y1 <= first + 0.3 * letter and not t.vertical
    ]  # fmt: skip
    if not inside:
        return None
    box = min(inside, key=lambda b: b.y0)
    for other in sorted(inside, key=lambda b: b.y0):
        if other.y0 - box.y1 <= 0.6 * letter:
            box = box.union(other)
    if abs(box.cx - (left + right) / 2) > max(1.5 * letter, 0.12 * (right - left)):
        return None
    return box.grow(0.2 * letter)
