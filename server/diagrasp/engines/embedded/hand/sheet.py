"""A sheet made of a pen's ink alone: black strokes on white, outlines closed, at a size that suits the letters."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.hand.borders import margin_lines
from diagrasp.engines.embedded.hand.gaps import bridge
from diagrasp.engines.embedded.hand.paper import OF_OTHER, Share, all_over, darkness_and_tint, pen, without
from diagrasp.engines.embedded.hand.parting import GAPING, closed_gaps, letter_of, part, scaled
from diagrasp.engines.embedded.hand.pools import find_pools
from diagrasp.engines.embedded.hand.rulings import without_rulings
from diagrasp.engines.embedded.hand.short import with_words_known
from diagrasp.engines.embedded.hand.stacked import single_rows
from diagrasp.engines.embedded.hand.writing import Writing, find_writing
from diagrasp.engines.embedded.lines.skeleton import thin
from diagrasp.engines.embedded.picture.camera import on_paper
from diagrasp.engines.embedded.picture.letters import letter_height
from diagrasp.engines.embedded.picture.raster import Image, Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.reading import LineReader
from diagrasp.engines.embedded.text.textlines import Text, TextLine

SMALLEST, LARGEST = 15.0, 34.0
"""Letter heights, in pixels, that drawings are worked on at: thin strokes of small letters would run together."""
USUAL = 22.0
"""The height that others are scaled to."""
MOST = 6e6
"""Pixels that a drawing by hand is scaled down to: its letters are large."""
SOME = 2.5e6
"""Pixels in which ruled lines are still seen."""
HEAVY = 0.65
"""Darkness of ruled lines, as a share of the pen's, from which on they spoil words."""
SPARSE = 1.75
"""Length of stroke, in letter heights for a square of that side, that outlines and connectors stay below."""
TABLE = 5.0
"""Least length, in letter heights, of a dark area beside the paper."""
WORD, LINE = 9.0, 2.2
"""Length and height, in letter heights, that a word written in one go stays below."""
CONVEX = 0.82
"""Share of its hull that a small outline encloses."""
SLENDER = 0.3
"""Extent of a connector across its way, in letter heights, over most of its length."""
FILLED = 0.3
"""Share of a head's or a ring's ink that is thick; blots in words have less."""
NEAR = 5.0
"""Distance from the writing, in letter heights, within which a drawing's ink begins."""
AT_RIM = 0.72
"""Share of an outline's strokes that lies near its hull."""


class Inked(NamedTuple):
    """A picture's ink.

    Attributes:
        scale: pixels here for one of the picture.
        dark: (H, W) how dark every pixel is.
        ink: (H, W) bool, the pen's ink.
        rulings: how many ruled lines the paper has.
        heavy: (H, W) bool, the ink of these where it is nearly as dark as the pen's; None where it is not.
    """

    scale: float
    dark: Share
    ink: Mask
    rulings: int
    heavy: Mask | None


class Page(NamedTuple):
    """A sheet with a margin around it.

    Attributes:
        clean: (H, W, 3) uint8, the picture that its text is read from.
        words: (H, W) bool, ink that is no part of outlines or connectors.
        walls: (H, W) bool, outlines and connectors, gaps closed, and what of the writing hangs together with them.
        pale: (H, W) bool, what a paler pen than the usual one may have drawn; None on ruled paper.
        margin: width of the margin, in the sheet's pixels.
        rulings: how many ruled lines were taken away.
        known: writing that was found before all else, where it was looked for; the words hold its ink as well.
        written: bounds of its lines as seen in the picture, on the sheet.
        pools: pools and lanes, whose borders are no part of the sheet's ink any more.
        words_read: bounds of its short lines that are words.
        plain: (H, W, 3) RGB, the picture without ruled lines; None where these do not disturb.
    """

    sheet: Sheet
    clean: Image
    words: Mask
    walls: Mask
    pale: Mask | None
    margin: int
    rulings: int
    known: Text | None
    written: list[Rect]
    pools: list[Frame]
    words_read: list[Rect]
    plain: Image | None = None


def hand_page(pixels: Image, seen: Inked | None = None, reader: LineReader | None = None) -> Page | None:
    """The ink of a drawing by hand as a sheet; None where there is none.

    Args:
        pixels: (H, W, 3) RGB.
        seen: its ink, where that is known.
        reader: tells short words from signs.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, (MOST / (height * width)) ** 0.5)
    plain = without(pixels, seen.heavy) if seen is not None and seen.heavy is not None else None
    writing = find_writing(pixels if plain is None else plain) if seen is not None or on_paper(pixels) else None
    if writing is not None:
        writing = with_words_known(writing, pixels, reader)
    known = letter_of(writing) if writing is not None else None
    if writing is not None and known is None:
        return None
    found = seen if seen is not None and seen.scale == scale else _inked(pixels, scale)
    letter = letter_height(found.ink) if known is None else known * scale
    if letter is None:
        return None
    factor = USUAL / letter if not SMALLEST <= letter <= LARGEST else 1.0
    factor = min(factor, (MOST / found.ink.size) ** 0.5, 3.0)
    if abs(factor - 1) > 0.1:
        found = _inked(pixels, scale * factor)
        letter *= factor
    return _page(found, letter, writing)._replace(plain=plain)


def ink_on_paper(pixels: Image) -> Inked | None:
    """The ink of a photograph or a scan of paper, small enough to see ruled lines in; None for another picture."""
    if not on_paper(pixels):
        return None
    height, width = pixels.shape[:2]
    return _inked(pixels, min(1.0, (SOME / (height * width)) ** 0.5))


def _inked(pixels: Image, scale: float) -> Inked:
    if abs(scale - 1) > 1e-6:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how), np.uint8)
    dark, tints = darkness_and_tint(pixels)
    every = pen(dark)
    ink, rulings = without_rulings(dark, every, tints)
    ruled = every & ~ink
    heavy = rulings > 0 and ruled.any() and float(np.median(dark[ruled])) >= HEAVY * float(np.median(dark[ink]))
    return Inked(scale, dark, ink, rulings, ruled if heavy else None)


def _page(found: Inked, letter: float, writing: Writing | None) -> Page:
    scale, dark, ink, rulings, _ = found
    pad = round(2 * letter)  # outlines at the picture's rim are closed by the rim
    ink = np.pad(_without_specks(_without_table(ink, letter), letter), pad)
    dark = np.pad(dark, pad)
    text = touching = np.zeros_like(ink)
    written: list[Rect] = []
    words_read: list[Rect] = []
    lines: list[TextLine] = []
    frames: list[Frame] = []
    if writing is not None:
        writing = scaled(writing, ink.shape, pad)
        text, touching, lines = part(ink, writing, letter)
        words_read = [line.box for line in writing.lines if line.word]
        rows = single_rows(lines, text, letter)
        written = _seen_anew([t.box for t in writing.lines], lines, rows, letter)
        lines = rows
        pools = find_pools(ink, text, lines, letter)
        if pools is not None:
            written = _seen_anew(written, lines, pools.lines, letter)
            ink, text, lines = ink & ~pools.borders, text & ~pools.borders, pools.lines
            frames = pools.frames
        if rulings and lines:
            margins = margin_lines(ink, text, bounding_box([t.box for t in lines]), letter)
            ink, text = ink & ~margins, text & ~margins
        ink = _around(ink, lines, letter)
    drawn = structure(ink & ~text, letter, known=writing is not None)
    closed = bridge(drawn, letter, corners=writing is None) | (
        touching & ink
    )  # an outline may be closed by letters on it
    grey = np.where(ink, 0, 255).astype(np.uint8)
    rgb = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~closed).astype(np.uint8), connectivity=4)
    side = np.minimum(stats[:, 2], stats[:, 3])
    kept = np.flatnonzero((side >= 0.6 * letter) & (stats[:, 4] >= 0.4 * letter * letter) & (np.arange(count) > 0))
    renumber = np.zeros(count, np.int32)
    renumber[kept] = np.arange(1, len(kept) + 1)
    flat = renumber[labels]
    paper = flat > 0
    white = np.full_like(rgb, 255)
    both = closed | ink
    table = np.vstack([np.zeros((1, 5), np.int32), stats[kept]])
    page = int(table[1:, 4].argmax()) + 1 if len(kept) else 0
    sheet = Sheet(
        rgb, scale, white, np.where(both, 255, 0).astype(np.uint8), both, _spread(flat, paper), table, paper, letter,
        page, hand=True,
    )  # fmt: skip
    usual = float(np.percentile(dark[ink], 70)) if ink.any() else 1.0
    shade = np.clip(dark / max(usual, 1e-3), 0.0, 1.0)
    near = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    grey = np.where(near, 255 - 255 * shade, 255).astype(np.uint8)
    known = Text(lines, text & ink) if writing is not None else None
    clean = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    pale = pen(dark, OF_OTHER) & ~ink if writing is not None and not rulings else None
    if pale is not None and all_over(pale & ~near, letter):
        pale = None
    return Page(sheet, clean, ink & ~drawn, closed, pale, pad, rulings, known, written, frames, words_read)


def _seen_anew(written: list[Rect], before: list[TextLine], after: list[TextLine], letter: float) -> list[Rect]:
    """The bounds of lines as seen, with those of lines that were parted or joined since."""
    gone = [t.box for t in before if not any(t is o for o in after)]
    bounds = [r for r in written if not any(r.overlap(b) >= 0.5 * b.w * b.h for b in gone)]
    return bounds + [t.box.grow(0.15 * letter) for t in after if not any(t is o for o in before)]


def _spread(flat: NDArray[np.int32], paper: Mask) -> NDArray[np.int32]:
    """The nearest paper region of every pixel."""
    if not paper.any():
        return flat
    _, index = cv2.distanceTransformWithLabels(
        (~paper).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    where = np.zeros(int(index.max()) + 1, np.int32)
    where[index[paper]] = flat[paper]
    return np.asarray(where[index], np.int32)


def _around(ink: Mask, lines: list[TextLine], letter: float) -> Mask:
    """The ink of the drawing, which is where its writing is: rims, rings and holes of the page are beside it."""
    if not lines:
        return ink
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    box = box.grow(NEAR * letter)
    _, labels, _, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    keep = np.zeros(int(labels.max()) + 1, bool)
    keep[np.unique(labels[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1])] = True
    keep[0] = False
    return np.asarray(keep[labels])


def structure(ink: Mask, letter: float, *, known: bool = False) -> Mask:
    """The ink that may be outlines and connectors: long simple strokes and what encloses something.

    Args:
        known: nearly all writing has been taken out of the ink.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    bones = thin(ink)
    length = np.bincount(labels[bones], minlength=count)
    w, h = stats[:, 2], stats[:, 3]
    diagonal = np.hypot(w, h)
    large = np.maximum(w, h)
    sparse = length * letter <= SPARSE * w * h
    keep = (large >= 12 * letter) | ((large >= 2.2 * letter) & (np.minimum(w, h) >= 1.5 * letter) & sparse)
    keep |= (large >= 2.2 * letter) & (length <= 1.9 * diagonal)
    for i in np.flatnonzero(keep & (large < WORD * letter) & (np.minimum(w, h) < LINE * letter)):
        x, y = int(stats[i, 0]), int(stats[i, 1])
        keep[i] = not _written(bones[y : y + h[i], x : x + w[i]] & (labels[y : y + h[i], x : x + w[i]] == i), letter)
    keep |= (large >= 1.5 * letter) & (length <= 1.25 * diagonal)
    keep |= _thick(ink, bones, np.asarray(labels, np.int32), count, letter) & (large >= 0.5 * letter)
    for i in np.flatnonzero(~keep & (np.minimum(w, h) >= (0.7 if known else 1.1) * letter)):
        x, y = int(stats[i, 0]), int(stats[i, 1])
        by = max(1, round(0.5 * GAPING * letter)) if known else 0
        piece = np.pad((labels[y : y + h[i], x : x + w[i]] == i).astype(np.uint8), by + 1)
        piece = closed_gaps(piece, by) if by else piece
        contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        inside = sum(cv2.contourArea(c) for c in contours)
        # Words enclose paper too, but their outer shape is full of dents.
        whole = cv2.contourArea(cv2.convexHull(max(contours, key=len)))
        keep[i] = inside >= 0.42 * w[i] * h[i] and inside >= CONVEX * whole
    if known:
        keep |= (large >= 0.35 * letter) & ((length <= 1.6 * diagonal) | (large >= 1.8 * letter))
    keep[0] = False
    return np.asarray(keep[labels])


def _written(bones: Mask, letter: float) -> bool:
    """Whether a piece is a word: it goes up and down all along, and keeps to the inside of its hull.

    Args:
        bones: (h, w) bool, the middle of its strokes.
    """
    ys, xs = np.nonzero(bones)
    if len(xs) < 3:
        return False
    spans = []
    for at, along in ((xs, ys), (ys, xs)):
        low, high = np.full(int(at.max()) + 1, 1 << 30), np.full(int(at.max()) + 1, -1)
        np.minimum.at(low, at, along)
        np.maximum.at(high, at, along)
        used = high >= 0
        spans.append(float(np.median((high - low)[used])))
    if min(spans) <= SLENDER * letter:
        return False
    hull = cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.int32).reshape(-1, 1, 2))
    rim = np.full((bones.shape[0] + 2, bones.shape[1] + 2), 1, np.uint8)
    cv2.polylines(rim, [hull + 1], True, 0, 1)
    away = cv2.distanceTransform(rim, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return float((away[ys, xs] <= min(0.3 * letter, 0.18 * min(bones.shape))).mean()) < AT_RIM


def _thick(ink: Mask, bones: Mask, labels: NDArray[np.int32], count: int, letter: float) -> NDArray[np.bool_]:
    """Which components are filled, as heads and event rings are: mostly far thicker than the pen's strokes."""
    depth = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)
    usual = float(np.median(depth[bones])) if bones.any() else 1.0
    limit = max(2.4 * usual, 0.17 * letter)
    reach = 2 * round(limit) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    filled = cv2.dilate((depth >= limit).astype(np.uint8), disc) > 0
    area = np.bincount(labels.ravel(), minlength=count)
    return np.asarray(np.bincount(labels[filled & ink], minlength=count) >= np.maximum(1, FILLED * area))


def _without_table(ink: Mask, letter: float) -> Mask:
    """Drop what is dark beside the paper: large areas without a hole, mostly at the picture's rim."""
    side = 2 * round(0.45 * letter) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    solid = cv2.morphologyEx(np.pad(ink, side, mode="edge").astype(np.uint8), cv2.MORPH_OPEN, disc)
    solid = solid[side:-side, side:-side]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    x, y, w, h = (stats[:, i] for i in range(4))
    rim = (x <= letter) | (y <= letter) | (x + w >= ink.shape[1] - letter) | (y + h >= ink.shape[0] - letter)
    table = (rim & (np.maximum(w, h) >= TABLE * letter)) | (np.maximum(w, h) >= 2.4 * TABLE * letter)
    table[0] = False
    if not table.any():
        return ink
    return np.asarray(ink & (cv2.dilate(table[labels].astype(np.uint8), disc) == 0))


def _without_specks(ink: Mask, letter: float) -> Mask:
    """Drop what is too small to be a dot of a letter or of a line."""
    _count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    keep = (np.maximum(stats[:, 2], stats[:, 3]) >= 0.14 * letter) & (stats[:, 4] >= 0.012 * letter * letter)
    keep[0] = False
    return np.asarray(keep[labels])
