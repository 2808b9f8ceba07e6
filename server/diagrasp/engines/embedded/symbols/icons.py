"""Icons that stand for a step or a part: coloured pictures of no symbol's shape, with their name beside them.

Diagrams of software are full of them: queues, stores and services drawn as their makers' signs.  What they are is not
told; that connectors end at them, and what they are called, is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.holes import holes
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol, colour_of
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit, classify
from diagrasp.engines.embedded.symbols.vivid import captioned, varied, vivid_pictures
from diagrasp.engines.embedded.text.textlines import Text, TextLine

SHAPE = "icon"
"""What such a symbol is called until it has a name."""
LEAST, MOST = 3.2, 14.0
"""Letter heights of an icon's sides, at least and at most."""
STANDS_OUT = 14
"""Levels by which an icon's colours differ from the page's."""
FILLED = 0.4
"""Share of its box that an icon covers at least."""
SYMBOLS, REGULAR = frozenset({"process", "rounded", "circle", "ellipse", "decision", "data"}), 0.95
"""Shapes that an icon has not, and how well they fit what is a symbol after all."""


def with_icons(sheet: Sheet, nodes: list[Symbol], text: Text) -> tuple[list[Symbol], Text]:
    """The nodes with icons among them, and the text without what is part of these; parts of icons are no nodes."""
    letter = sheet.letter
    ground = _ground(sheet)
    found = vivid_pictures(sheet, ground, nodes, text)
    more = [picture for picture in _pictures(sheet, ground, nodes, text) if _is_icon(sheet, picture, text)]
    found += [(box, mask) for box, mask in more if not any(box.overlap(other) > 0 for other, _ in found)]
    if not found:
        return nodes, text
    icons = []
    for box, mask in found:
        fit = Fit(SHAPE, 1.0)
        region = int(sheet.regions[int(box.cy), int(box.cx)])
        icons.append(Symbol(Outline(region, box, mask, fit, int(mask.sum())), SHAPE, max(2, round(0.22 * letter))))

    def within(b: Rect, beyond: float) -> bool:
        return any(i.box.grow(beyond * letter).overlap(b) >= 0.9 * b.w * b.h for i in icons)

    ink = text.ink.copy()
    lines: list[TextLine] = []
    for line in text.lines:
        b = line.box
        if within(b, 0.3):
            ink[b.y0 : b.y1, b.x0 : b.x1] = False
        else:
            lines.append(line)
    return [n for n in nodes if not within(n.outline.box, 1.0)] + icons, Text(lines, ink)


def _ground(sheet: Sheet) -> NDArray[np.bool_]:
    """(H, W) bool: what icons may stand on, the page and the flat areas too large for an icon."""
    page = colour_of(sheet, sheet.page)
    wide = np.asarray(sheet.stats[:, 2:4].min(axis=1) > 1.2 * MOST * sheet.letter)
    wide[0] = False
    low, high = (tuple(np.clip(page + way * (STANDS_OUT - 1), 0, 255).tolist()) for way in (-1, 1))
    paper = np.asarray(cv2.inRange(sheet.rgb, low, high)) > 0
    return paper | (looked_up(wide, sheet.regions) & (sheet.contrast < STANDS_OUT))


def _pictures(
    sheet: Sheet, ground: NDArray[np.bool_], nodes: list[Symbol], text: Text
) -> list[tuple[Rect, NDArray[np.uint8]]]:
    """Compact coloured things that no symbol of a known shape covers: their bounds and filled masks."""
    letter = sheet.letter
    far = ~ground
    for line in text.lines:
        if len(line.letters) > 1:
            b = line.box
            far[b.y0 : b.y1, b.x0 : b.x1] = False
    for node in nodes:
        b = node.box
        if max(b.w, b.h) > 3 * letter and _plain(sheet, node, text):
            far[max(0, b.y0) : b.y1, max(0, b.x0) : b.x1] = False
    for hole in holes(far, 2.5 * letter):
        hole.fill(far)
    side = max(3, round(letter)) | 1  # neither connectors nor their heads
    core = np.asarray(cv2.morphologyEx(far.view(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)
    if not core.any():
        return []
    gap = max(3, round(0.4 * letter)) | 1
    core = np.asarray(cv2.morphologyEx(core, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8)), np.uint8)
    count, labels, stats, _ = components(core)
    out = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if LEAST * letter <= min(w, h) and max(w, h) <= MOST * letter and area >= FILLED * w * h:
            out.append((Rect(x, y, x + w, y + h), np.asarray(labels[y : y + h, x : x + w] == i, np.uint8)))
    return out


def _plain(sheet: Sheet, node: Symbol, text: Text) -> bool:
    """Whether a symbol is more than a part of a picture: it is named, or on the page by itself."""
    b = node.outline.box
    named = any(b.inside(t.box.cx, t.box.cy) and len(t.letters) > 1 for t in text.lines)
    return named or _alone(sheet, b, node.outline.mask, node.border)


def _is_icon(sheet: Sheet, found: tuple[Rect, NDArray[np.uint8]], text: Text) -> bool:
    """Whether a coloured thing is a picture: of several shades, no box or disc, by itself, with words close by."""
    box, mask = found
    letter = sheet.letter
    inside = sheet.rgb[box.y0 : box.y1, box.x0 : box.x1][mask > 0]
    fit = classify(mask, letter=letter)
    regular = fit.shape in SYMBOLS and fit.score >= REGULAR
    if (regular and not _named_below(box, text, letter)) or not varied(inside) or not _alone(sheet, box, mask):
        return False
    near = box.grow(2.5 * letter)
    return any(
        t.box.overlap(near) > 0 and not t.vertical and any(r.h >= 0.5 * letter for r in t.letters)
        for t in text.lines
        if t.box.overlap(box) < 0.3 * t.box.w * t.box.h
    )


def _named_below(box: Rect, text: Text, letter: float) -> bool:
    """Whether a regular picture has its name below it and none in it."""
    within = [t for t in text.lines if box.inside(t.box.cx, t.box.cy) and len(t.letters) >= 3]
    square = max(box.w, box.h) <= 1.4 * min(box.w, box.h) and max(box.w, box.h) <= 8.5 * letter
    return square and not within and any(captioned(box, t, letter) for t in text.lines)


def _alone(sheet: Sheet, box: Rect, mask: NDArray[np.uint8], border: int = 0) -> bool:
    """Whether what is around a thing is the page, but for a few connectors that end at it."""
    pad = border + max(4, round(0.5 * sheet.letter))
    grown = np.asarray(cv2.dilate(np.pad(mask, pad), np.ones((2 * pad - 1, 2 * pad - 1), np.uint8)), np.uint8)
    ring = grown - np.asarray(cv2.erode(grown, np.ones((3, 3), np.uint8)), np.uint8)
    ys, xs = np.nonzero(ring)
    ys, xs = ys + box.y0 - pad, xs + box.x0 - pad
    ok = (ys >= 0) & (xs >= 0) & (ys < sheet.height) & (xs < sheet.width)
    ys, xs = ys[ok], xs[ok]
    page = colour_of(sheet, sheet.page)
    free = np.abs(sheet.rgb[ys, xs].astype(np.int16) - page).max(axis=1) <= 12
    return bool(free.size and free.mean() >= 0.6)
