"""Events and gateways by their outlines alone: rings and diamonds in the ink, whatever crosses or fills them.

The general search starts from regions of paper; a label that touches an event, a sign that divides a gateway or a
task's border behind a boundary event spoils those.  Here every size is tried everywhere on a coarse picture of the
ink, and what looks right is measured along its outline on the fine one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.bpmn.correlate import best_outlines
from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

COARSE, COARSEST = 5.0, 3.0
"""Letter height of the coarse picture, in pixels; and of one that would have more pixels than this otherwise."""
ROOM = 3e6
"""Pixels that the coarse picture has at the most, unless its letters would be lower still."""
SMALLEST, LARGEST = 1.35, 4.6
"""Half the side of the symbols looked for, in letter heights; diamonds are a third larger than rings."""
DRAWN, DASHED = 0.9, 0.5
"""Share of an outline that must be inked: all but what anti-aliasing loses; dashes, where they alternate evenly."""
THICK = 0.25
"""Widest stroke of a diamond, as a share of half its side: what is thicker is an end event's ring, cut by a flow."""
LEAST = 0.33
"""How well an outline must be drawn on the coarse picture, less what is inked just outside of it."""
MOST, EACH = 160, 1500.0
"""Candidates measured at most; of drawings with room for more symbols one for so many squares of a letter's height."""
RAYS = 96
"""Directions in which an outline is measured."""

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Ring:
    """An outline found: `round` or a diamond, its middle, half its side, the share inked, the stroke's width."""

    round: bool
    x: float
    y: float
    r: float
    drawn: float
    width: float
    dashed: bool = False
    double: bool = False

    @property
    def box(self) -> Rect:
        return Rect(*(round(v) for v in (self.x - self.r, self.y - self.r, self.x + self.r, self.y + self.r)))


def find_rings(sheet: Sheet) -> list[Ring]:
    """Every ring and diamond of an event's or a gateway's size, the outermost of concentric ones."""
    found: list[Ring] = []
    candidates = _candidates(sheet.ink, sheet.letter)
    ink = _Ink(sheet.ink, round(2 * (LARGEST + 2.5) * sheet.letter)) if candidates else None
    for x, y, r, round_ in candidates:
        if any(abs(f.x - x) + abs(f.y - y) < 0.5 * f.r and f.round == round_ and r < 1.15 * f.r for f in found):
            continue
        ring = _measure(ink, x, y, r, round_, sheet.letter) if ink is not None else None
        if ring is not None:
            found.append(ring)
    usual = [f.r for f in found if f.round and not f.dashed]
    found = [f for f in found if not f.dashed or any(0.85 < f.r / r < 1.18 for r in usual)]
    found.sort(key=lambda f: -(f.r + (0.4 * f.r if not f.round else 0)) * (0.5 if f.dashed else 1))
    kept: list[Ring] = []
    for f in found:
        if not any(_clash(f, k) for k in kept):
            kept.append(f)
    return kept


def _clash(a: Ring, b: Ring) -> bool:
    """Whether two outlines overlap more than neighbours do."""
    far = float(np.hypot(a.x - b.x, a.y - b.y))
    return far < 0.9 * max(a.r, b.r)


def _candidates(ink: Mask, letter: float) -> list[tuple[float, float, float, bool]]:
    """Middle, size and form of what may be an outline, the most inked first."""
    factor = min(1.0, COARSE / letter)
    factor = max(min(1.0, COARSEST / letter), min(factor, (ROOM / ink.size) ** 0.5))
    coarse = min(COARSE, round(factor * letter, 2))
    size = max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor))
    grey = cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    pad = round(LARGEST * letter * factor) + 2
    grey = cv2.copyMakeBorder(np.minimum(grey * 2.5, 1.0), pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    thick = np.asarray(cv2.dilate(grey, np.ones((2, 2), np.uint8)), np.float32)
    del grey  # a large drawing's coarse picture is large, too
    out: list[tuple[float, float, float, float, bool]] = []
    for round_ in (True, False):
        low, high = SMALLEST * (1.0 if round_ else 1.3) * coarse, LARGEST * (0.78 if round_ else 1.0) * coarse
        sizes = tuple(float(r) for r in np.arange(low, high + 0.5, 1.0))
        best, which = best_outlines(thick, sizes, round_, LEAST)
        peak = (best >= LEAST) & (best >= cv2.dilate(best, np.ones((9, 9), np.uint8)))
        ys, xs = np.nonzero(peak)
        for y, x in zip(ys, xs, strict=True):
            r = float(np.float32(sizes[which[y, x]]) / factor)
            out.append((float(best[y, x]), (x - pad + 0.5) / factor, (y - pad + 0.5) / factor, r, round_))
        del best, which
    out.sort(key=lambda c: -c[0])
    return [(x, y, r, round_) for _, x, y, r, round_ in out[: max(MOST, int(ink.size / (EACH * letter**2)))]]


def _unit(round_: bool) -> Curve:
    """(RAYS, 2): points of the outline of half side 1, at equal distances."""
    t = (np.arange(RAYS) + 0.5) / RAYS
    if round_:
        return np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], axis=1)
    side, along = np.divmod(4 * t, 1)
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]], np.float64)
    k = side.astype(int)
    return np.asarray(corners[k] + (corners[k + 1] - corners[k]) * along[:, None], np.float64)


def _measure(ink: _Ink, x: float, y: float, r: float, round_: bool, letter: float) -> Ring | None:
    """Fit a candidate to the ink; None where its outline is not drawn or is the edge of something filled."""
    unit = _unit(round_)
    reach = 0.35 * letter
    step = max(1.0, 0.08 * letter)
    offsets = np.arange(-reach, reach + 0.1, max(step, 0.09 * letter))
    best: tuple[float, float, float, float] = (0.0, x, y, r)
    for rays_used in (unit[::4], unit):
        _, x0, y0, r0 = best
        on = ink.shares(x0 + offsets, y0 + offsets, r0 + offsets, rays_used)
        if on.max() < DASHED - 0.03:
            return None
        shares = on - 0.3 * ink.shares(x0 + offsets, y0 + offsets, r0 + offsets + 0.3 * letter, rays_used)
        dx, dy, dr = (a.ravel() for a in np.meshgrid(offsets, offsets, offsets, indexing="ij"))
        # Of equal fits the middle one: a stroke of several pixels is met by several sizes.
        top = shares >= shares.max() - 0.01
        k = np.flatnonzero(top)
        centre = np.array([dx[k].mean(), dy[k].mean(), dr[k].mean()])
        near = k[np.argmin(np.abs(dx[k] - centre[0]) + np.abs(dy[k] - centre[1]) + np.abs(dr[k] - centre[2]))]
        best = float(on[near]), x0 + dx[near], y0 + dy[near], r0 + dr[near]
        offsets = np.arange(-step, step + 0.1, 0.5)
    share, x, y, r = best
    if share < DASHED:
        return None
    radii = np.arange(max(2.0, r - 1.6 * letter), r + 1.0 * letter, 0.5)
    rays = ink.rays(x, y, radii, unit)
    profile = rays.mean(axis=1)
    at = int(np.argmin(np.abs(radii - r)))
    level = 0.6 * share
    outer = at
    while outer + 1 < len(radii) and profile[outer + 1] >= level:
        outer += 1
    inner = at
    while inner > 0 and profile[inner - 1] >= level:
        inner -= 1
    # A second ring around this one, as of intermediate events, is the outline proper.
    beyond = profile[outer + 1 : outer + 1 + int(2 * 0.45 * letter) + 1]
    double = False
    if len(beyond) and beyond.max() >= 0.85 * share and share >= DRAWN:
        top = outer + 1 + int(beyond.argmax())
        inner = outer = top
        while outer + 1 < len(radii) and profile[outer + 1] >= level:
            outer += 1
        while inner > 0 and profile[inner - 1] >= level:
            inner -= 1
        share, double = float(profile[top]), True
    width = 0.5 * (outer - inner + 1)
    middle = 0.5 * float(radii[outer] + radii[inner])
    if round_ and 0.4 * middle + 1 < width <= 0.7 * middle:  # the ring has run together with what fills it
        middle, width = float(radii[outer]) - 0.12 * letter, 0.24 * letter
    thickest = 0.4 * middle + 1 if round_ else THICK * middle + 2
    if not SMALLEST * letter <= middle <= LARGEST * letter or width > thickest:
        return None
    around = profile[min(len(radii) - 1, outer + max(2, int(0.3 * letter))) :][: max(1, int(0.3 * letter))]
    within = profile[max(0, inner - max(2, int(0.25 * letter))) : max(1, inner - 1)]
    if around.mean() > 0.34 or (len(within) and within.min() > 0.6):
        return None
    if not double:
        inwards = profile[max(0, inner - int(2 * 0.55 * letter)) : inner][::-1]
        low = np.flatnonzero(inwards < 0.5 * share)
        double = bool(len(low) and inwards[low[0] :].max() >= 0.8 * share)
    line = np.asarray(rays[inner : outer + 1].any(axis=0), np.bool_)
    quarters = rays[inner : outer + 1].max(axis=0).reshape(4, -1).mean(axis=1)
    if not round_ and _corners(rays[(inner + outer) // 2]) < 0.5:
        return None  # a circle, whose sides a diamond may follow
    if line.mean() >= DRAWN and share >= 0.8 and quarters.min() >= 0.75:
        return Ring(round_, x, y, middle, float(share), width, double=double)
    if round_ and around.mean() <= 0.2 and _even(line):
        return Ring(round_, x, y, middle, float(share), width, dashed=True, double=double)
    return None


def _corners(line: NDArray[np.bool_]) -> float:
    """The share of a diamond's outline that is drawn next to its corners: of the worst corner."""
    near = max(1, RAYS // 48)
    shares = [np.roll(line, near - k * RAYS // 4)[: 2 * near].mean() for k in range(4)]
    return float(min(shares))


def _even(line: NDArray[np.bool_]) -> bool:
    """Whether an outline is dashed: many gaps of about one length all around."""
    turns = np.flatnonzero(line & ~np.roll(line, 1))
    if len(turns) < 6 or not 0.45 <= line.mean() <= 0.92:
        return False
    period = np.diff(np.concatenate([turns, [turns[0] + RAYS]]))
    return bool(period.max() <= 3.2 * np.median(period) and period.max() <= 0.32 * RAYS)


class _Ink:
    """Ink with so much paper around it that no outline reaches beyond: (H, W) bool, and the paper's width."""

    def __init__(self, ink: Mask, margin: int) -> None:
        padded = np.pad(ink, margin)
        self._flat = padded.ravel().view(np.uint8)
        self._wide = padded.shape[1]
        self._margin = margin

    def shares(self, xs: Curve, ys: Curve, radii: Curve, unit: Curve) -> Curve:
        """The share inked of the outline around every middle, of every size: by xs, then ys, then radii."""
        across = self._places(xs, radii, unit[:, 0])  # (RAYS, xs, radii)
        down = self._places(ys, radii, unit[:, 1]) * self._wide
        hits = self._flat[across[:, :, None, :] + down[:, None, :, :]].sum(axis=0, dtype=np.uint8)
        return np.asarray(hits.ravel() / len(unit), np.float64)

    def rays(self, x: float, y: float, radii: Curve, unit: Curve) -> NDArray[np.bool_]:
        """(len(radii), RAYS) whether there is ink at the points of the outlines around one middle."""
        across = self._places(np.array([x]), radii, unit[:, 0])[:, 0]
        down = self._places(np.array([y]), radii, unit[:, 1])[:, 0] * self._wide
        return np.ascontiguousarray(self._flat[across + down].T).view(np.bool_)

    def _places(self, middles: Curve, radii: Curve, unit: Curve) -> NDArray[np.int64]:
        """(RAYS, middles, radii) where the outlines' points lie along one axis."""
        at = np.rint(middles[None, :, None] + radii[None, None, :] * unit[:, None, None])
        return np.asarray(at, np.int64) + self._margin


def on_lines(sheet: Sheet, ring: Ring) -> bool:
    """Whether a ring follows straight lines that are longer than it is wide: those of a small box or a corner."""
    if not ring.round:
        return False
    pad = round(1.5 * ring.r)
    x0, y0 = max(0, round(ring.x - ring.r) - pad), max(0, round(ring.y - ring.r) - pad)
    view = sheet.ink[y0 : round(ring.y + ring.r) + pad, x0 : round(ring.x + ring.r) + pad].astype(np.uint8)
    n = max(3, round(1.6 * ring.r))
    across = np.asarray(cv2.morphologyEx(view, cv2.MORPH_OPEN, np.ones((1, n), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(view, cv2.MORPH_OPEN, np.ones((n, 1), np.uint8)), np.uint8)
    at = ring.x - x0, ring.y - y0, np.array([ring.r]), _unit(True)
    drawn, straight = (_Ink(mask > 0, 2 * pad).rays(*at) for mask in (view, across | down))
    return bool(straight.sum() > 0.45 * drawn.sum())


def of_letters(sheet: Sheet, ring: Ring) -> bool:
    """Whether a ring runs through rows of text: its ink is of pieces as small as letters that reach off its line."""
    if not ring.round:
        return False
    y0, x0 = max(0, round(ring.y - 2 * ring.r)), max(0, round(ring.x - 2 * ring.r))
    view = sheet.ink[y0 : round(ring.y + 2 * ring.r) + 1, x0 : round(ring.x + 2 * ring.r) + 1]
    count, labels, stats, _ = components(view)
    ys, xs = np.nonzero(labels)
    far, owner = np.hypot(ys + y0 - ring.y, xs + x0 - ring.x), labels[ys, xs]
    on = np.abs(far - ring.r) <= max(1.5, 0.5 * ring.width)
    inmost, outmost = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(inmost, owner, far)
    np.maximum.at(outmost, owner, far)
    small = stats[:, 2:4].max(axis=1) <= 1.8 * sheet.letter
    letters = small & (outmost - inmost >= 0.5 * sheet.letter)
    return bool(on.any() and letters[owner[on]].mean() > 0.5)


def with_rings(sheet: Sheet, nodes: list[Symbol], found: list[Symbol]) -> list[Symbol]:
    """The nodes, and the rings among them that the general search did not find; parts of rings are dropped.

    Args:
        nodes: what the general search found.
        found: the rings, as symbols.
    """
    out = list(nodes)
    for ring in found:
        b = ring.outline.box
        out = [
            n for n in out
            if (n.shape == "bar" and n.box.overlap(ring.box) < 0.5 * n.box.w * n.box.h)
            or (n.shape != "bar" and not (ring.box.inside(*n.box[:2]) and ring.box.inside(*n.box[2:])
                                          and max(n.box.w, n.box.h) < 0.75 * b.w))
        ]  # fmt: skip
        like = [
            n for n in out
            if abs(n.box.cx - b.cx) + abs(n.box.cy - b.cy) <= 0.25 * b.w and 0.75 <= n.box.w / ring.box.w <= 1.33
        ]  # fmt: skip
        if like and ring.shape == "circle" and like[0].outline.box.w < 0.75 * b.w:
            out = [ring if n is like[0] else n for n in out]  # the disc in a ring: a terminate event
            continue
        if like:
            if ring.rings == 2 and like[0].shape == "circle":
                like[0].rings = 2
            continue
        held = any(
            n.outline.box.inside(b.x0, b.y0) and n.outline.box.inside(b.x1, b.y1) and not n.container
            and (max(n.box.w, n.box.h) <= 25 * sheet.letter or len(n.outline.parts) > 1)
            for n in out
        )  # fmt: skip
        if held:
            continue  # an icon
        out = [n for n in out if n.box.overlap(ring.box) < 0.75 * n.box.w * n.box.h]
        out.append(ring)
    return out


def as_symbol(sheet: Sheet, ring: Ring) -> Symbol:
    """A ring as a node of the drawing."""
    inner = ring.r - 0.5 * ring.width
    half = max(3, round(inner))
    cx, cy = round(ring.x), round(ring.y)
    x0, y0 = max(0, cx - half), max(0, cy - half)
    x1, y1 = min(sheet.width, cx + half + 1), min(sheet.height, cy + half + 1)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    far = np.hypot(xs - ring.x, ys - ring.y) if ring.round else np.abs(xs - ring.x) + np.abs(ys - ring.y)
    mask = (far <= inner).astype(np.uint8)
    box = Rect(x0, y0, x1, y1)
    region = int(sheet.regions[min(sheet.height - 1, cy), min(sheet.width - 1, cx)])
    shape = "circle" if ring.round else "decision"
    border = max(2, round(ring.width) + 1)
    outline = Outline(region, box, mask, Fit(shape, max(0.93, ring.drawn)), int(mask.sum()))
    return Symbol(outline, shape, border, rings=2 if ring.double else 1)
