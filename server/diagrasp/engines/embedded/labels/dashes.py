"""Dashes of slanted connectors that text finding took for letters, given back to the connectors."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import dense
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.text.textlines import Text, TextLine

UPRIGHT = 65.0
"""Slope, in degrees, from which a stroke may be a letter: l, I, 1."""

DOTS = 12
"""Dots of a dotted line at least: small words have fewer letters of one size."""


def without_dashes(text: Text, letter: float) -> Text:
    """The text without dashes: thin strokes of one slope, alone in a line or beyond its last letter."""
    labels = np.asarray(cv2.connectedComponents(text.ink.astype(np.uint8), connectivity=8)[1], np.int32)
    lines: list[TextLine] = []
    ink = text.ink.copy()
    changed = False
    for line in text.lines:
        if line.vertical:
            lines.append(line)
            continue
        letters = sorted(line.letters, key=lambda r: r.x0)
        dots = _dotted(letters, letter)
        if dots:
            changed = True
            for r in dots:
                ink[r.y0 : r.y1, r.x0 : r.x1] = False
            letters = [r for r in letters if not any(r is d for d in dots)]
            if not letters:
                continue
            line = TextLine(bounding_box(letters), tuple(letters), line.region)
        slopes = [_slope(labels, r, letter) for r in letters]
        kept = list(range(len(letters)))
        dashes = [k for k in kept if slopes[k] is not None]
        if len(dashes) >= max(1, 0.75 * len(letters)) and _alike([slopes[k] for k in dashes]):
            kept = [] if len(letters) > 1 or abs(slopes[0] or 0.0) > 8 else kept
        else:
            while len(kept) > 1 and _loose(kept[-1], kept[-2], letters, slopes, letter):
                kept.pop()
            while len(kept) > 1 and _loose(kept[0], kept[1], letters, slopes, letter):
                kept.pop(0)
            kept = [k for k in kept if not _under(k, letters, slopes)]
        if len(kept) == len(letters):
            lines.append(line)
            continue
        changed = True
        for k in set(range(len(letters))) - set(kept):
            r = letters[k]
            ink[r.y0 : r.y1, r.x0 : r.x1] = False
        if kept:
            letters = [letters[k] for k in kept]
            lines.append(TextLine(bounding_box(letters), tuple(letters), line.region))
    if not changed:
        return text
    for line in lines:  # a letter's box may overlap a dash's
        for r in line.letters:
            view = (slice(r.y0, r.y1), slice(r.x0, r.x1))
            ink[view] |= text.ink[view]
    return Text(lines, ink)


def _dotted(letters: list[Rect], letter: float) -> list[Rect]:
    """The dots of a dotted line among the letters of a line: many, alike, level and equally far apart."""
    small = [r for r in letters if max(r.w, r.h) <= 0.5 * letter and 0.6 <= r.w / r.h <= 1.67]
    best: list[Rect] = []
    for first in small:
        row = [r for r in small if abs(r.cy - first.cy) <= 1 and abs(r.h - first.h) <= 1]
        if len(row) > len(best):
            best = row
    if len(best) < DOTS:
        return []
    steps = np.diff([r.x0 for r in best])
    usual = float(np.median(steps))
    return best if usual <= 1.5 * letter and np.mean(np.abs(steps - usual) <= 0.15 * usual + 1) >= 0.7 else []


def not_on_dashed(lines: list[TextLine], connectors: list[Connector], letter: float) -> list[TextLine]:
    """The lines that are more than one bar right on the way of a dashed connector: its first or its last dash."""
    paths = [dense(c.path, 0.25 * letter) for c in connectors if c.dashed]

    def dash(line: TextLine) -> bool:
        b = line.box
        if len(line.letters) != 1 or max(b.w, b.h) < 2 * min(b.w, b.h):
            return False
        middle = (b.cx, b.cy)
        return any(
            float(np.hypot(*(path - middle).T).min()) <= max(0.5 * min(b.w, b.h), 0.15 * letter) for path in paths
        )

    return [line for line in lines if not dash(line)] if paths else lines


def without_targets(text: Text, letter: float) -> Text:
    """The text without rings around a dot: where a state machine ends, not letters."""

    def target(line: TextLine) -> bool:
        if not 1 <= len(line.letters) <= 2 or line.vertical:
            return False
        outer = max(line.letters, key=lambda r: r.w * r.h)
        if min(outer.w, outer.h) < 0.95 * letter or not 0.85 <= outer.w / outer.h <= 1.18 or outer != line.box:
            return False
        view = text.ink[outer.y0 : outer.y1, outer.x0 : outer.x1]
        h, w = view.shape
        ys, xs = np.mgrid[0:h, 0:w]
        far = np.hypot((xs + 0.5 - w / 2) / (w / 2), (ys + 0.5 - h / 2) / (h / 2))
        ring, middle = view[(far > 0.8) & (far < 0.98)], view[far < 0.25]
        return bool(ring.mean() > 0.8 and middle.mean() > 0.9)

    rings = [line for line in text.lines if target(line)]
    if not rings:
        return text
    ink = text.ink.copy()
    for line in rings:
        ink[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1] = False
    return Text([line for line in text.lines if not any(line is r for r in rings)], ink)


def _slope(labels: NDArray[np.int32], r: Rect, letter: float) -> float | None:
    """The slope of a thin straight stroke that is not upright, in degrees; None for anything else."""
    slope = slope_of(labels, r, letter)
    return slope if slope is not None and abs(slope) < UPRIGHT else None


def slope_of(labels: NDArray[np.int32], r: Rect, letter: float) -> float | None:
    """The slope of a thin straight stroke, in degrees from -90 to 90; None for anything else."""
    view = labels[r.y0 : r.y1, r.x0 : r.x1]
    ys, xs = np.nonzero(view)
    if len(xs) < 5:
        return None
    numbers = view[ys, xs]
    if (numbers != numbers[0]).any():
        found, counts = np.unique(numbers, return_counts=True)
        if counts.max() < 0.9 * counts.sum():
            return None
        mine = numbers == found[counts.argmax()]
        ys, xs = ys[mine], xs[mine]
        if len(xs) < 5:
            return None
    # Most are letters, and far too thick: what is close is worked out more exactly.
    if _thickness(xs, ys) > 0.35 * letter:
        return None
    dx, dy = xs - xs.mean(), ys - ys.mean()
    covariance = np.cov(np.stack([dx, dy]))
    values, vectors = np.linalg.eigh(covariance)
    length, thick = float(np.sqrt(12 * values[1])), float(np.sqrt(12 * max(values[0], 0.0)))
    if length < 0.45 * letter or thick > 0.34 * letter or length < 2.2 * thick:
        return None
    slope = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    return slope - 180 if slope > 90 else slope + 180 if slope < -90 else slope


def _thickness(xs: NDArray[np.int64], ys: NDArray[np.int64]) -> float:
    """The thickness, in pixels, of a bar with the same second moments as some points."""
    n = len(xs)
    sx, sy = int(xs.sum()), int(ys.sum())
    xx, yy = (int(xs @ xs) - sx * sx / n) / (n - 1), (int(ys @ ys) - sy * sy / n) / (n - 1)
    xy = (int(xs @ ys) - sx * sy / n) / (n - 1)
    least = 0.5 * (xx + yy) - math.hypot(0.5 * (xx - yy), xy)
    return math.sqrt(12 * max(0.0, least))


def in_line(a: Rect, b: Rect, slope: float, letter: float) -> bool:
    """Whether one dash continues another of the given slope, within three letter heights."""
    way = np.array([b.cx - a.cx, b.cy - a.cy])
    far = float(np.hypot(*way))
    if far < 1 or far > 3.2 * letter:
        return False
    unit = np.array([np.cos(np.radians(slope)), np.sin(np.radians(slope))])
    return abs(float(way @ unit)) > 0.96 * far


def _alike(slopes: list[float | None]) -> bool:
    known = [s for s in slopes if s is not None]
    return max(known) - min(known) <= 22


def _loose(k: int, beside: int, letters: list[Rect], slopes: list[float | None], letter: float) -> bool:
    """Whether an outer letter is a dash apart from the next one."""
    if slopes[k] is None:
        return False
    a, b = letters[k], letters[beside]
    gap = max(a.x0, b.x0) - min(a.x1, b.x1)
    return abs(slopes[k] or 0.0) > 8 and (gap > 0.2 * letter or abs(a.cy - b.cy) > 0.25 * letter)


def _under(k: int, letters: list[Rect], slopes: list[float | None]) -> bool:
    """Whether a flat dash runs below letters: a connector's, as an underscore stands beside them."""
    if slopes[k] is None or abs(slopes[k] or 0.0) > 8:
        return False
    r = letters[k]
    above = sum(
        max(0, min(r.x1, o.x1) - max(r.x0, o.x0))
        for j, o in enumerate(letters) if j != k and slopes[j] is None and o.y1 <= r.y0 + 1
    )  # fmt: skip
    return above > 0.5 * r.w
