"""Rectangles that hold other symbols: pools, lanes, subgraphs, composite states, also where connectors cut them up.

Long straight strokes are collected and closed to rectangles; dashed sides count as closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.picture.runs import long_runs, pieces_of, turned
from diagrasp.engines.embedded.symbols.arcs import round_frames

COVERED = 0.93
"""Least share of a side that must be drawn."""

HIDDEN = 0.35
"""Share of a side that words may hide."""

LEAST = 3.0
"""Length of a side, in letter heights, at least."""
TAB = 4.5
"""Letter heights by which a tab stands out above a frame at most."""


@dataclass(frozen=True)
class Stroke:
    """A long straight stroke: position across, first and last pixel along, thickness."""

    at: int
    start: int
    end: int
    thick: int


class _Drawn:
    """What is drawn along one axis: (N, M) bool, along its rows; and where words hide it."""

    def __init__(self, mask: Mask, words: Mask) -> None:
        self.mask, self.words = mask, words
        self._sums: dict[int, tuple[list[int], list[int]]] = {}

    def covered(self, at: int, start: int, end: int, slack: float) -> bool:
        """Whether a side is drawn, its rounded corners apart."""
        sums = self._sums.get(at)
        if sums is None:
            rows = self.mask[at], self.words[at] & ~self.mask[at]
            drawn, over = ([0, *np.cumsum(row).tolist()] for row in rows)
            sums = self._sums[at] = drawn, over
        inset = int(min(slack, 0.4 * (end - start)))
        drawn, over = sums
        a, b = start + inset, min(end - inset, len(drawn) - 1)
        if b <= a:
            return False
        seen, hidden = drawn[b] - drawn[a], over[b] - over[a]
        if hidden > HIDDEN * (b - a):
            return False
        share: float = seen / (b - a - hidden)
        return share >= (0.85 if b - a > 45 * slack else COVERED)  # a symbol may sit on a pool's border


def find_frames(ink: Mask, covered: Mask, letter: float, words: Mask | None = None) -> list[Rect]:
    """The smallest closed rectangles of straight strokes, by their outer bounds.

    Args:
        ink: (H, W) bool, strokes without text and without the nodes.
        covered: (H, W) bool, the nodes.
        letter: height of a capital letter, in pixels.
        words: (H, W) bool, where text hides what is below it.
    """
    dash = int(1.4 * letter)
    raw = ink.view(np.uint8)
    words = np.zeros(ink.shape, bool) if words is None else words
    across = cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((1, dash), np.uint8))
    down = cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((dash, 1), np.uint8))
    rows = _parted(straight_strokes(np.asarray(across, np.uint8), letter), raw, covered, letter)
    columns = _parted(straight_strokes(turned(np.asarray(down, np.uint8)), letter), raw.T, covered.T, letter)
    rows = _rejoined(_continued(rows, across > 0, words, letter), covered, letter)
    columns = _rejoined(_continued(columns, (down > 0).T, words.T, letter), covered.T, letter)
    if len(rows) > 160 or len(columns) > 160:
        rows = sorted(rows, key=lambda s: s.start - s.end)[:160]
        columns = sorted(columns, key=lambda s: s.start - s.end)[:160]
    wide = _Drawn(cv2.dilate(across, np.ones((5, 1), np.uint8)) > 0, words)
    tall = _Drawn((cv2.dilate(down, np.ones((1, 5), np.uint8)) > 0).T, words.T)
    slack = 1.75 * letter
    rows.sort(key=lambda s: s.at)
    columns.sort(key=lambda s: s.at)
    joins = _joins(rows, columns, letter)
    below = [[(j, rows[j]) for j in np.flatnonzero(met).tolist()] for met in joins.T]
    out: list[Rect] = []
    for i, top in enumerate(rows):
        beside = [(k, columns[k]) for k in np.flatnonzero(joins[i]).tolist()]
        for k, left in beside:
            if not (top.start - slack <= left.at <= top.end) or not (left.start - slack <= top.at <= left.end - slack):
                continue
            face = _close(top, left, below[k], beside, joins, wide, tall, letter, slack)
            if face is not None and face not in out:
                out.append(face)
    out += [face for face in _whole(rows, columns, joins, wide, tall, letter) if face not in out]
    out += round_frames(rows, columns, ink, letter)
    return _unique(out + _whole_strips(out, letter), letter)


def _whole(
    rows: list[Stroke], columns: list[Stroke], joins: Mask, wide: _Drawn, tall: _Drawn, letter: float
) -> list[Rect]:
    """Rectangles whose four sides end where they meet, whatever else begins or ends on those sides.

    The left one may go on upwards, as the side of a tab.
    """
    slack = 1.75 * letter
    out = []
    for i, top in enumerate(rows):
        for j, bottom in enumerate(rows[i + 1 :], i + 1):
            level = abs(top.start - bottom.start) <= 0.6 * letter and abs(top.end - bottom.end) <= 0.6 * letter
            if not level or bottom.at - top.at < 3 * letter:
                continue
            both = [columns[k] for k in np.flatnonzero(joins[i] & joins[j]).tolist()]
            sides = [
                [c for c in both if abs(c.at - x) <= slack
                 and c.start >= top.at - more * letter and c.end <= bottom.at + 0.6 * letter]
                for x, more in ((top.start, TAB), (top.end, 0.6))
            ]  # fmt: skip
            for left in sides[0]:
                for right in sides[1]:
                    if right.at - left.at > 3 * letter and all(
                        (
                            wide.covered(top.at, left.at, right.at, slack),
                            wide.covered(bottom.at, left.at, right.at, slack),
                            tall.covered(left.at, top.at, bottom.at, slack),
                            tall.covered(right.at, top.at, bottom.at, slack),
                        )
                    ):
                        half = top.thick // 2 + 1
                        out.append(
                            Rect(left.at - half, top.at - half, right.at + half + 1, bottom.at + half + 1)
                        )  # fmt: skip
    return out


def _joins(rows: list[Stroke], columns: list[Stroke], letter: float) -> Mask:
    """(rows, columns) whether two strokes meet: they touch, or both stop short of a round corner by about as much."""
    r = np.array([(s.at, s.start, s.end) for s in rows]).reshape(-1, 3, 1)
    c = np.array([(s.at, s.start, s.end) for s in columns]).reshape(-1, 3).T[None]
    aside = np.maximum(np.maximum(r[:, 1] - c[:, 0], c[:, 0] - r[:, 2]), 0)
    along = np.maximum(np.maximum(c[:, 1] - r[:, 0], r[:, 0] - c[:, 2]), 0)
    short, long = np.minimum(aside, along), np.maximum(aside, along)
    return np.asarray((long <= 0.6 * letter) | (short >= np.where(long <= 1.2 * letter, 0.2, 0.3) * long))


def _whole_strips(frames: list[Rect], letter: float) -> list[Rect]:
    """Flat rectangles side by side, as connectors across a title strip leave them, joined to one."""
    slack = 0.6 * letter
    chains: list[list[Rect]] = []
    for frame in sorted((f for f in frames if f.h <= 5 * letter), key=lambda f: f.x0):
        for chain in chains:
            last = chain[-1]
            level = abs(last.y0 - frame.y0) <= slack and abs(last.y1 - frame.y1) <= slack
            if level and abs(last.x1 - frame.x0) <= 1.2 * letter:
                chain.append(frame)
                break
        else:
            chains.append([frame])
    return [
        Rect(chain[0].x0, chain[0].y0, chain[-1].x1, max(f.y1 for f in chain)) for chain in chains if len(chain) > 1
    ]


def _close(
    top: Stroke, left: Stroke, rows: list[tuple[int, Stroke]], columns: list[tuple[int, Stroke]],
    joins: Mask, wide: _Drawn, tall: _Drawn, letter: float, slack: float,
) -> Rect | None:  # fmt: skip
    """The smallest rectangle with this top and left.

    Args:
        rows: those that meet the left side, with their numbers.
        columns: those that meet the top.
        joins: which of all rows and columns meet.
    """
    for k, right in columns:
        if right.at < left.at + 1.5 * letter or right.at > top.end + slack:
            continue
        if not right.start - slack <= top.at <= right.end - slack:
            continue
        if not wide.covered(top.at, left.at, right.at, slack):
            continue
        for j, bottom in rows:
            if bottom.at < top.at + 1.5 * letter or bottom.at > min(left.end, right.end) + slack:
                continue
            if bottom.start > left.at + slack or bottom.end < right.at - slack:
                continue
            if not joins[j, k]:
                continue
            if (
                wide.covered(bottom.at, left.at, right.at, slack)
                and tall.covered(left.at, top.at, bottom.at, slack)
                and tall.covered(right.at, top.at, bottom.at, slack)
            ):
                if _crossed(top, bottom, left, right, letter):
                    continue
                corners = [(x, y) for x in (left.at, right.at) for y in (top.at, bottom.at)]
                if not all(_turns(wide, tall, x, y, letter) for x, y in corners):
                    continue
                half = top.thick // 2 + 1
                return Rect(left.at - half, top.at - half, right.at + half + 1, bottom.at + half + 1)
    return None


def _turns(wide: _Drawn, tall: _Drawn, x: int, y: int, letter: float) -> bool:
    """Whether a frame's corner is drawn, sharp or round: where connectors meet at a symbol there is nothing."""
    r = round(0.85 * letter)
    rows, columns = slice(max(0, y - r), y + r + 1), slice(max(0, x - r), x + r + 1)
    return bool(wide.mask[rows, columns].any() or tall.mask[columns, rows].any())


def _crossed(top: Stroke, bottom: Stroke, left: Stroke, right: Stroke, letter: float) -> bool:
    """Whether a side runs on beyond both its corners over strokes that run on too: a connector across a frame."""
    slack = 0.8 * letter

    def through(a: Stroke, b: Stroke) -> bool:
        return a.start < b.at - slack and a.end > b.at + slack and b.start < a.at - slack and b.end > a.at + slack

    tl, tr, bl, br = through(top, left), through(top, right), through(bottom, left), through(bottom, right)
    return (tl and bl) or (tr and br) or (tl and tr) or (bl and br)


def straight_strokes(image: NDArray[np.uint8], letter: float, least: float = LEAST) -> list[Stroke]:
    """Horizontal strokes of at least `least` letter heights, no thicker than one."""
    runs = long_runs(image, int(least * letter))
    out = []
    for piece in pieces_of(runs):
        x, y, right, below = piece.bounds
        w, h = right - x, below - y
        if h <= 0.9 * letter:
            long = piece.end - piece.start
            out.append(Stroke(round(float((piece.y * long).sum() / long.sum())), x, right, h))
        else:  # strokes grown together: take each run of rows apart
            strip = runs.within(x, y, right, below)
            filled = strip.sum(axis=1)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], (filled > 0.5 * w).astype(int), [0]])))
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                if b - a <= 0.9 * letter:
                    xs = np.flatnonzero(strip[a:b].any(axis=0))
                    out.append(Stroke(y + int(a + b) // 2, x + int(xs[0]), x + int(xs[-1]) + 1, int(b - a)))
    return out


def _parted(strokes: list[Stroke], raw: NDArray[np.uint8], covered: Mask, letter: float) -> list[Stroke]:
    """Strokes parted where closing has joined what does not belong together: a frame's side and the next frame's.

    Gaps of a dashed line are all alike; a solid line has gaps only where a symbol sits on it, or a message's ring.

    Args:
        raw: (H, W) uint8, the ink as it is, the strokes lying along its rows.
        covered: (H, W) bool, the nodes.
    """
    out = []
    for s in strokes:
        half = s.thick // 2 + 1
        line = raw[max(0, s.at - half) : s.at + half + 1, s.start : s.end].any(axis=0)
        turns = np.flatnonzero(np.diff(np.concatenate([[False], line | covered[s.at, s.start : s.end], [False]])))
        starts, ends = turns[::2], turns[1::2]
        gaps = starts[1:] - ends[:-1]
        usual = float(np.median(gaps)) if len(gaps) > 4 else 0.0
        cuts = np.flatnonzero(gaps > (max(3.0, 2.2 * usual) if usual else 0.45 * letter))
        if len(cuts):
            cuts = cuts[[not _ringed(raw, s, int(ends[k]), int(starts[k + 1]), letter) for k in cuts]]
        for first, last in zip([0, *(cuts + 1)], [*cuts, len(starts) - 1], strict=True):
            if last >= first and ends[last] - starts[first] >= LEAST * letter:
                out.append(Stroke(s.at, s.start + int(starts[first]), s.start + int(ends[last]), s.thick))
    return out


def _ringed(raw: NDArray[np.uint8], stroke: Stroke, start: int, end: int, letter: float) -> bool:
    """Whether a small ring sits on a gap of a stroke: it is drawn above the gap and below it.

    Args:
        start, end: of the gap, counted from the stroke's start.
    """
    if end - start > 1.2 * letter:
        return False
    reach, columns = round(0.7 * letter), slice(stroke.start + start, stroke.start + end)
    sides = raw[max(0, stroke.at - reach) : stroke.at, columns], raw[stroke.at + 1 : stroke.at + 1 + reach, columns]
    return all(bool(side.size) and float(side.any(axis=0).mean()) >= 0.9 for side in sides)


def _continued(strokes: list[Stroke], drawn: Mask, words: Mask, letter: float) -> list[Stroke]:
    """Also the strokes that words interrupt near an end, with the short rest beyond the words."""
    out = list(strokes)
    near = round(0.8 * letter)
    for s in strokes:
        start, end = s.start, s.end
        line: Mask = np.asarray(drawn[max(0, s.at - 1) : s.at + 2].any(axis=0))
        hidden = words[s.at]
        for way in (1, -1):
            here = end if way > 0 else start
            ahead = slice(here, here + near) if way > 0 else slice(max(0, here - near), here)
            if not hidden[ahead].any():
                continue
            at = here
            while (
                0 <= at + way < len(line)
                and abs(at - here) <= 8 * letter
                and not (line[at] and not hidden[at] and abs(at - here) > near)
            ):
                at += way
            last = at
            while 0 <= last + way < len(line) and line[last]:
                last += way
            if line[at] and abs(last - at) >= 0.4 * letter:
                start, end = (start, last) if way > 0 else (last, end)
        if (start, end) != (s.start, s.end):
            out.append(Stroke(s.at, start, end, s.thick))
    return out


def _rejoined(strokes: list[Stroke], covered: Mask, letter: float) -> list[Stroke]:
    """Also the strokes that a symbol sitting on them interrupts, as one."""
    out = list(strokes)
    for first in strokes:
        here = first
        for other in sorted(strokes, key=lambda s: s.start):
            long = min(here.end - here.start, other.end - other.start) >= 8 * letter
            if long and abs(other.at - first.at) <= 3 and 0 < other.start - here.end <= 16 * letter:
                if covered[first.at, here.end : other.start].mean() < 0.7:
                    continue
                here = Stroke(first.at, here.start, other.end, first.thick)
        if here is not first:
            out.append(here)
    return out


def _unique(frames: list[Rect], letter: float) -> list[Rect]:
    out: list[Rect] = []
    for frame in sorted(frames, key=lambda r: r.w * r.h):
        if not any(max(abs(a - b) for a, b in zip(frame, other, strict=True)) <= 0.6 * letter for other in out):
            out.append(frame)
    return out
