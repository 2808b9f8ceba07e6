"""Icons by their colours and the name below them: pictures in several pieces, of thin strokes, or on tinted ground.

The general search for icons wants a solid thing.  Where a name stands right below something coloured, less will do.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

CHROMA = 45
"""Levels between the strongest and the weakest channel of a colour that is no shade of grey."""
GAP = 0.7
"""Letter heights between two pieces of one picture, at most."""
LEAST, MOST = 2.2, 9.5
"""Letter heights of a picture's sides, at least and at most."""
COVERED = 0.2
"""Share of its box that a picture covers at least, the gaps closed."""
MAIN = 0.55
"""Share of a symbol that its fill covers at least."""
BARE = 0.02
"""Share of what is inside a symbol that ink covers at most where nothing is drawn in it."""
SQUARE = 2.0
"""How many times as long as the other one side is at most."""


def vivid_pictures(sheet: Sheet, ground: Mask, nodes: list[Symbol], text: Text) -> list[tuple[Rect, NDArray[np.uint8]]]:
    """Coloured things that no named symbol holds, with a name right below or above: their bounds, and masks full of 1.

    Args:
        ground: (H, W) bool, what icons may stand on.
    """
    r, g, b = cv2.split(sheet.rgb)
    chroma = cv2.subtract(cv2.max(cv2.max(r, g), b), cv2.min(cv2.min(r, g), b))
    coloured = (chroma >= CHROMA) & ~ground
    letter = sheet.letter
    words = [t for t in text.lines if is_words(t)]
    for box in [t.box for t in words] + [n.box for n in nodes if _named(n, words, letter)]:
        coloured[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1] = False
    side = max(3, round(GAP * letter)) | 1
    if not coloured.any():
        return []
    closed = cv2.morphologyEx(coloured.view(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    out = []
    for x, y, w, h, area in components(np.asarray(closed, np.uint8)).stats[1:].tolist():
        box = Rect(x, y, x + w, y + h)
        if (
            min(w, h) >= LEAST * letter
            and max(w, h) <= min(MOST * letter, SQUARE * min(w, h))
            and area >= COVERED * w * h
            and any(captioned(box, t, letter) or _titled(box, t, letter) for t in words)
            and not any(_is_symbol(sheet, n, box) for n in nodes)
        ):
            out.append((box, np.ones((h, w), np.uint8)))
    return out


def _is_symbol(sheet: Sheet, node: Symbol, box: Rect) -> bool:
    """Whether a coloured thing is a symbol found already: a person, or an outline of one colour."""
    shared, own = box.overlap(node.box), node.box.w * node.box.h
    if node.shape == "actor":
        return shared > 0.3 * own
    b = node.outline.box
    if b.overlap(box) < 0.7 * max(b.w * b.h, box.w * box.h):
        return False
    return _plain(sheet, node) or not varied(sheet.rgb[b.y0 : b.y1, b.x0 : b.x1][node.outline.mask > 0])


def _plain(sheet: Sheet, node: Symbol) -> bool:
    """Whether nothing is drawn in a symbol: its colours may go over into one another."""
    b = node.outline.box
    size = 2 * max(1, round(max(0.35 * sheet.letter, 0.2 * min(b.w, b.h)))) + 1  # without a thick border
    inner = cv2.erode(np.pad(node.outline.mask, 1), np.ones((size, size), np.uint8))[1:-1, 1:-1] > 0
    return bool(inner.any()) and float(sheet.ink[b.y0 : b.y1, b.x0 : b.x1][inner].mean()) <= BARE


def varied(pixels: NDArray[np.uint8]) -> bool:
    """Whether no colour, of 512, fills most of it, as one does in a symbol.

    Args:
        pixels: (N, 3).
    """
    coarse = pixels.astype(np.int32) >> 5
    numbers = coarse[:, 0] * 64 + coarse[:, 1] * 8 + coarse[:, 2]
    return bool(np.bincount(numbers).max() < MAIN * len(numbers))


def captioned(box: Rect, line: TextLine, letter: float) -> bool:
    """Whether a line stands right below a thing, in its middle, as icons' names do."""
    b = line.box
    return -0.2 * letter <= b.y0 - box.y1 <= 1.2 * letter and abs(b.cx - box.cx) <= 0.8 * letter and is_words(line)


def _titled(box: Rect, line: TextLine, letter: float) -> bool:
    """Whether a line stands right above a thing, in its middle."""
    b = line.box
    return -0.2 * letter <= box.y0 - b.y1 <= 0.9 * letter and abs(b.cx - box.cx) <= 0.5 * letter


def is_words(line: TextLine) -> bool:
    """Whether a line is a row of letters, and not a piece of a picture."""
    return not line.vertical and (len(line.letters) >= 3 or line.box.w > 2 * line.box.h)


def _named(node: Symbol, words: list[TextLine], letter: float) -> bool:
    """Whether a symbol has a name in it; what is larger may hold pictures with theirs."""
    b = node.outline.box
    return min(b.w, b.h) <= 1.2 * MOST * letter and any(b.inside(t.box.cx, t.box.cy) for t in words)
