"""Closed regions of paper that are symbols: their outline, shape, and what lies within them."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet, median_colour
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.barred import merge_barred
from diagrasp.engines.embedded.symbols.cubes import merge_cubes
from diagrasp.engines.embedded.symbols.outlines import CLOSED, LOOSE, Outline, cut_off, ring_around
from diagrasp.engines.embedded.symbols.stacks import merge_cylinders, merge_stacks, without_caps

WHOLE = 0.98
"""How well an outline fits its shape that is drawn whole, with nothing that bites into it."""
BITE = 0.15
"""Share of an outline's bounds from which on paper that has them within its own bounds runs around the outline."""


def cover(shape: tuple[int, int], symbols: list[Symbol]) -> NDArray[np.int32]:
    """(H, W) int32: the number (from 1, in order) of the symbol whose outline, border and shadow cover each pixel."""
    out = np.zeros(shape, np.int32)
    for number, symbol in sorted(enumerate(symbols, 1), key=lambda item: -item[1].outline.area):
        box, grown = _footprint(shape, symbol)
        out[box.y0 : box.y1, box.x0 : box.x1][grown] = number
    return out


def add_bands(bands: Mask, symbols: list[Symbol]) -> None:
    """Mark the pixels of symbols' borders, those apart that cross a smaller symbol: what is in it is its own."""
    for symbol in sorted(symbols, key=lambda s: -s.outline.area):
        if not symbol.container and symbol.drawn and symbol.outline.fit.score >= CLOSED:
            b = symbol.outline.box
            bands[b.y0 : b.y1, b.x0 : b.x1] &= (
                symbol.outline.mask[: bands.shape[0] - b.y0, : bands.shape[1] - b.x0] == 0
            )
        _add_band(bands, symbol)


def _add_band(bands: Mask, symbol: Symbol) -> None:
    """Mark the pixels of a symbol's border and shadow, what is within its outline apart."""
    box, grown = _footprint(bands.shape, symbol)
    b, mask = symbol.outline.box, symbol.outline.mask
    inner = grown[b.y0 - box.y0 : b.y1 - box.y0, b.x0 - box.x0 : b.x1 - box.x0]
    inner &= mask[: inner.shape[0], : inner.shape[1]] == 0
    if symbol.container and symbol.shape in ("process", "rounded"):
        # Text close to a container's side bites into its paper: inside of the sides there is no outline but in corners.
        r = symbol.border if symbol.shape == "process" else min(b.w, b.h) // 4
        inner[1:-1, r : b.w - r] = False
        inner[r : b.h - r, 1:-1] = False
    bands[box.y0 : box.y1, box.x0 : box.x1] |= grown


def _footprint(shape: tuple[int, ...], symbol: Symbol) -> tuple[Rect, Mask]:
    """What a symbol's outline, border and shadow cover: where on the sheet, and the pixels there."""
    box = symbol.outline.box
    pad = symbol.border + symbol.shadow + 1
    if symbol.shape in ("decision", "hexagon", "data", "manual_operation"):
        pad += round(symbol.border * min(6.0, max(box.w / box.h, box.h / box.w)))
    mask = np.pad(symbol.outline.mask, pad)
    side = 2 * symbol.border + 1
    round_ = symbol.shape in ("circle", "ellipse")
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE if round_ else cv2.MORPH_RECT, (side, side))
    grown = np.asarray(cv2.dilate(mask, kernel), np.uint8)
    if symbol.shape in ("decision", "hexagon", "data", "manual_operation"):
        _sharpen(grown, symbol.outline.mask, symbol.border, pad, diamond=symbol.shape == "decision")
    if symbol.shadow:
        square = np.ones((symbol.shadow + 1, symbol.shadow + 1), np.uint8)
        grown |= np.asarray(cv2.dilate(mask, square, anchor=(symbol.shadow, symbol.shadow)), np.uint8)  # down and right
    y0, x0 = box.y0 - pad, box.x0 - pad
    there = Rect(max(0, x0), max(0, y0), min(shape[1], box.x1 + pad), min(shape[0], box.y1 + pad))
    return there, grown[there.y0 - y0 : there.y1 - y0, there.x0 - x0 : there.x1 - x0] > 0


def _sharpen(grown: NDArray[np.uint8], mask: NDArray[np.uint8], border: int, pad: int, *, diamond: bool) -> None:
    """Add the mitred corners that a stroke around slanted sides has and dilation does not reach.

    A diamond's corners are as sharp as it is flat, those of other shapes as their own sides slant.
    """
    h, w = mask.shape
    if diamond:
        kx, ky = border * float(np.hypot(w, h)) / h, border * float(np.hypot(w, h)) / w
    else:
        slant = int(np.argmax(mask[h // 12] > 0)) - int(np.argmax(mask[h // 2] > 0))
        kx, ky = border * max(1.0, float(np.hypot(abs(slant), 0.5 * h)) / (0.5 * h)), float(border)
    kx, ky = min(pad, round(kx)), min(pad, round(ky))
    larger = cv2.resize(mask, (w + 2 * kx, h + 2 * ky), interpolation=cv2.INTER_NEAREST)
    view = grown[pad - ky : pad + h + ky, pad - kx : pad + w + kx]
    np.maximum(view, larger, out=view)


@dataclass
class Symbol:
    """A node of the drawing, or a container of nodes.

    Attributes:
        outline: its closed outline.
        shape: a shape of the model's vocabulary.
        border: thickness of what is drawn around the outline, in pixels.
        icons: outlines inside that are part of its notation.
        rings: closed lines around the outline: 2 where it is drawn double.
        shadow: how far a shadow reaches, in pixels.
        drawn: whether there is a line around it.
        enclosed: share of the outline that other symbols border, where its paper is the page's: a pocket's mark.
    """

    outline: Outline
    shape: str
    border: int
    icons: list[Outline] = field(default_factory=list)
    rings: int = 1
    container: bool = False
    shadow: int = 0
    enclosed: float = 0.0
    drawn: bool = True

    @property
    def box(self) -> Rect:
        return self.outline.box.grow(self.border)


def find_symbols(sheet: Sheet, found: list[Outline]) -> list[Symbol]:
    """Which closed outlines are symbols: those of a symbol's shape that are not merely enclosed by connectors.

    Returns nodes and containers that are closed regions, smallest first.
    """
    letter = sheet.letter
    page = colour_of(sheet, sheet.page)
    kept: list[Outline] = []
    for outline in found:
        big = max(outline.box.w, outline.box.h)
        need = LOOSE if big > 3 * letter else 0.86
        if outline.fit.shape == "triangle" and big < 2.5 * letter:
            continue
        if outline.fit.score >= need:
            kept.append(outline)
    kept = merge_cubes(kept, found, letter)
    kept = without_caps(merge_cylinders(kept, found, letter, sheet), letter)
    kept = merge_barred(merge_stacks(kept, letter, sheet), letter)
    owner = np.zeros(sheet.ink.shape, np.int32)
    for number, outline in sorted(enumerate(kept, 1), key=lambda item: -item[1].area):
        if cut_off(sheet, outline):
            continue
        view = owner[outline.box.y0 : outline.box.y1, outline.box.x0 : outline.box.x1]
        view[outline.mask > 0] = number
    symbols: list[Symbol] = []
    for number, outline in enumerate(kept, 1):
        border, rings, drawn = border_of(sheet, outline)
        enclosed = 0.0
        small = max(outline.box.w, outline.box.h) <= 4 * letter and outline.fit.shape in (
            "circle",
            "ellipse",
            "decision",
        )
        if not small:
            around = ring_around(owner, outline.box, outline.mask, border + max(2, round(0.25 * letter)))
            inside_of = owner_of(owner, kept, outline, number)
            others = [] if outline.fit.score < WHOLE else wrapping(kept, outline)
            strangers = (around > 0) & (around != number) & ~np.isin(around, [*inside_of, *others])
            share = float(strangers.mean()) if len(around) else 0.0
            own = colour_of(sheet, outline.region)
            plain = np.abs(own - page).max() <= 8 or (share >= 0.15 and _goes_on(sheet, outline, border, own))
            enclosed = (1.0 if cut_off(sheet, outline) else share) if plain else 0.0
        symbols.append(
            Symbol(
                outline,
                outline.fit.shape,
                border,
                rings=rings,
                shadow=_shadow(sheet, outline),
                enclosed=enclosed,
                drawn=drawn,
            )
        )
    return _nest(symbols, letter)


def _goes_on(sheet: Sheet, outline: Outline, border: int, own: NDArray[np.int32]) -> bool:
    """Whether the paper within slanted sides is that beyond them: a container's, between two connectors."""
    if outline.fit.shape not in ("trapezoid", "manual_operation", "triangle", "manual_input"):
        return False
    around = ring_around(sheet.regions, outline.box, outline.mask, border + max(2, round(0.25 * sheet.letter)))
    found, counts = np.unique(around, return_counts=True)
    alike = [n for r, n in zip(found, counts, strict=True) if np.abs(colour_of(sheet, int(r)) - own).max() <= 8]
    return bool(sum(alike) >= 0.04 * max(1, len(around)))


def owner_of(owner: NDArray[np.int32], kept: list[Outline], outline: Outline, number: int) -> set[int]:
    """The numbers of the outlines that enclose an outline."""
    cx, cy = int(outline.box.cx), int(outline.box.cy)
    out = set()
    for other, candidate in enumerate(kept, 1):
        b = candidate.box
        holds = other != number and candidate.area > outline.area and b.inside(cx, cy)
        if holds and candidate.mask[cy - b.y0, cx - b.x0]:
            out.add(other)
    return out


def wrapping(kept: list[Outline], outline: Outline) -> list[int]:
    """The numbers (from 1) of outlines that are paper which lanes' sides and connectors close around a whole outline.

    Such paper is larger and of no clear shape, for the outline is cut out of it; two symbols share no bounds.
    """
    b, out = outline.box, []
    for number, other in enumerate(kept, 1):
        torn = other.fit.score < outline.fit.score and other.fit.score < WHOLE and other.area > outline.area
        if torn and other.box.overlap(b) >= BITE * b.w * b.h:
            out.append(number)
    return out


def colour_of(sheet: Sheet, region: int) -> NDArray[np.int32]:
    """(3,) the median colour of a paper region."""
    x, y, w, h, _ = (int(v) for v in sheet.stats[region])
    step = max(1, int((w * h / 4000) ** 0.5))
    crop = sheet.rgb[y : y + h : step, x : x + w : step]
    mine = (sheet.regions[y : y + h : step, x : x + w : step] == region) & sheet.paper[
        y : y + h : step, x : x + w : step
    ]
    if not mine.any():
        return np.zeros(3, np.int32)
    return np.asarray(median_colour(crop[mine]), np.int32)


def border_of(sheet: Sheet, outline: Outline) -> tuple[int, int, bool]:
    """How many pixels of stroke surround an outline, in how many rings, and whether there is a line at all."""
    most = int(max(8, 0.9 * sheet.letter))
    box = outline.box
    pad = most + 2
    y0, y1, x0, x1 = box.y0 - pad, box.y1 + pad, box.x0 - pad, box.x1 + pad
    mask = np.pad(outline.mask, pad)
    window = np.zeros(mask.shape, bool)
    cy0, cy1, cx0, cx1 = max(0, y0), min(sheet.height, y1), max(0, x0), min(sheet.width, x1)
    window[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0] = sheet.ink[cy0:cy1, cx0:cx1]
    # Ring after ring, each grown from the one before by a cross: a pixel's ring is its distance, along the axes.
    away = cv2.distanceTransform((mask == 0).view(np.uint8), cv2.DIST_L1, 3)
    near = np.flatnonzero((away > 0) & (away <= most))
    ring = away.ravel()[near].astype(np.intp) - 1
    sizes = np.bincount(ring, minlength=most)
    shares = (np.bincount(ring, window.ravel()[near], most) / np.maximum(sizes, 1)).tolist()
    border, rings, last = 0, 0, False
    round_ = outline.fit.shape in ("circle", "ellipse", "decision", "rounded", "process")
    quiet = 0
    for k, share in enumerate(shares):
        dark = share >= 0.55
        if dark:
            if not last:
                rings += 1
            border = k + 1
            quiet = 0
        else:
            quiet += 1
            if border and (quiet > (0.42 * sheet.letter if round_ else 1)):
                break
            if not border and k >= 3:
                break
        last = dark
    return max(border + 1, round(0.22 * sheet.letter)), max(1, rings), max(shares[:5]) >= 0.4


def _shadow(sheet: Sheet, outline: Outline) -> int:
    """How far a shadow reaches below and to the right of an outline, in pixels; 0 where there is none."""
    reach = int(1.2 * sheet.letter)
    b = outline.box
    if b.x0 < 2 or b.y0 < 2 or b.x1 + reach >= sheet.width or b.y1 + reach >= sheet.height:
        return 0
    third_w, third_h = b.w // 3, b.h // 3

    def run(shares: NDArray[np.float64]) -> int:
        drawn = np.flatnonzero(shares[:4] >= 0.35)
        if len(drawn) == 0:
            return 0
        low = np.flatnonzero(shares[drawn[0] :] < 0.35)
        return int(low[0] + drawn[0]) if len(low) else len(shares)

    ink = sheet.ink
    below = run(ink[b.y1 + 1 : b.y1 + 1 + reach, b.x0 + third_w : b.x1 - third_w // 2].mean(axis=1))
    right = run(ink[b.y0 + third_h : b.y1 - third_h // 2, b.x1 + 1 : b.x1 + 1 + reach].mean(axis=0))
    above = run(ink[max(0, b.y0 - 1 - reach) : b.y0 - 1, b.x0 + third_w : b.x1 - third_w].mean(axis=1)[::-1])
    left = run(ink[b.y0 + third_h : b.y1 - third_h, max(0, b.x0 - 1 - reach) : b.x0 - 1].mean(axis=0)[::-1])
    plain = max(above, left)
    if min(below, right) - plain < 2 or max(below, right) >= reach:
        return 0
    rows, columns = slice(b.y1 + 1 + plain, b.y1 + 1 + below), slice(b.x1 + 1 + plain, b.x1 + 1 + right)
    if not (
        _shady(sheet, rows, slice(b.x0 + third_w, b.x1 - third_w // 2))
        and _shady(sheet, slice(b.y0 + third_h, b.y1 - third_h // 2), columns)
    ):
        return 0
    return max(below, right) + 2


def _shady(sheet: Sheet, rows: slice, columns: slice) -> bool:
    """Whether the ink of a strip is grey and not dark: a shadow, not a line that passes close by."""
    ink = sheet.ink[rows, columns]
    if not ink.any():
        return False
    colour = np.median(sheet.rgb[rows, columns][ink], axis=0)
    return bool(colour.max() - colour.min() <= 40 and np.median(sheet.contrast[rows, columns][ink]) <= 170)


def _nest(symbols: list[Symbol], letter: float) -> list[Symbol]:
    """Tell containers from nodes, and give the marks drawn inside a node to that node."""
    symbols = sorted(symbols, key=lambda s: s.outline.area)
    parent: dict[int, Symbol] = {}
    for i, inner in enumerate(symbols):
        for other in symbols[i + 1 :]:
            b = other.outline.box
            cx, cy = int(inner.outline.box.cx), int(inner.outline.box.cy)
            if (
                other.outline.area > 1.05 * inner.outline.area
                and b.inside(cx, cy)
                and other.outline.mask[cy - b.y0, cx - b.x0]
            ):
                parent[id(inner)] = other
                break
    dropped: set[int] = set()
    for inner in symbols:
        outer = parent.get(id(inner))
        if outer is None:
            continue
        ib, ob = inner.outline.box, outer.outline.box
        side = max(ib.w, ib.h)
        tiny = side <= 2.3 * letter
        round_ = (
            outer.outline.fit.shape in ("circle", "ellipse", "decision", "hexagon") and max(ob.w, ob.h) <= 7 * letter
        )
        fills = inner.outline.area >= 0.45 * outer.outline.area
        twin = fills and inner.shape == outer.shape and abs(ib.cx - ob.cx) + abs(ib.cy - ob.cy) <= 0.5 * letter
        if (
            round_
            or twin
            or (tiny and max(ob.w, ob.h) <= 16 * letter and ob.h <= 9 * letter)
            or _icon(inner, outer, letter)
        ):
            dropped.add(id(inner))
            outer.icons.append(inner.outline)
            if twin and min(ob.w - ib.w, ob.h - ib.h) <= 1.2 * letter:
                outer.rings = 2
    kept = [s for s in symbols if id(s) not in dropped]
    for inner in kept:
        outer = parent.get(id(inner))
        if outer is not None and id(outer) not in dropped:
            outer.container = True
    return kept


def _icon(inner: Symbol, outer: Symbol, letter: float) -> bool:
    """Whether an outline is the sign in an activity's upper left corner, as the envelope of a task that sends."""
    b, o = inner.outline.box, outer.outline.box
    activity = outer.shape in ("process", "rounded") and o.w <= 20 * letter and 3 * letter <= o.h <= 14 * letter
    corner = b.x0 - o.x0 <= 0.12 * o.w and b.y0 - o.y0 <= 0.25 * o.h  # a person's shoulders are below the head
    return activity and corner and b.w <= 0.3 * o.w and b.h <= 0.35 * o.h
