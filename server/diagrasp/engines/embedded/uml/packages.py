"""Packages: frames with a tab on their upper left, which holds the name."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text

TALLEST = 3.6
"""Height of a tab, in letter heights."""
ON = 2.0
"""How far a frame's lines go on beyond its tab, in letter heights."""


def without_tabs(sheet: Sheet, nodes: list[Symbol], text: Text) -> tuple[list[Symbol], list[Rect]]:
    """The nodes that are no tabs, and the tabs: their lower line goes on to the right, their left side down."""
    ink = sheet.ink & ~text.ink
    tabs = [n for n in nodes if _is_tab(ink, n.box, text, sheet.letter)]
    return [n for n in nodes if not any(n is t for t in tabs)], [t.box for t in tabs]


def _is_tab(ink: Mask, box: Rect, text: Text, letter: float) -> bool:
    if not 1.2 * letter <= box.h <= TALLEST * letter or not any(box.inside(t.box.cx, t.box.cy) for t in text.lines):
        return False
    slack = max(2, round(0.3 * letter))
    upper, lower = (_goes_on(ink, box.x1 + slack, y, slack) for y in (box.y0, box.y1))
    left, right = (_goes_on(ink.T, box.y1 + slack, x, slack) for x in (box.x0, box.x1))
    crossed = upper > ON * letter  # by a connector, which is all there is of its right side
    return min(left, lower - upper) >= ON * letter and (crossed or right < ON * letter)


def _goes_on(ink: Mask, start: int, at: int, slack: int) -> int:
    """How far a horizontal line near row `at` is drawn to the right of `start`, in pixels."""
    strip = ink[max(0, at - slack) : at + slack, start:]
    if not strip.size:
        return 0
    gone = ~(strip | np.roll(strip, -1, 1))  # a missing pixel is none
    return int(np.where(gone.any(axis=1), gone.argmax(axis=1), strip.shape[1]).max())


def named_by_tabs(sheet: Sheet, frames: list[Frame], tabs: list[Rect], text: Text) -> list[Frame]:
    """Give every tab to the frame below it; where connectors cut a tab up, its words and its left side tell of it."""
    letter = sheet.letter
    slack = 0.9 * letter
    for tab in tabs:
        below = [f for f in frames if abs(f.box.x0 - tab.x0) <= slack and abs(f.box.y0 - tab.y1) <= slack]
        around = [f for f in frames if abs(f.box.x0 - tab.x0) <= slack and abs(f.box.y0 - tab.y0) <= slack]
        for frame in sorted([f for f in below or around if f.badge is None], key=lambda f: f.box.w * f.box.h)[:1]:
            frame.title = Rect(tab.x0, tab.y0, tab.x1, frame.box.y0 if frame in below else tab.y1)
            frame.tab = True
            frame.box = frame.box.union(tab)
    ink = sheet.ink & ~text.ink
    for frame in frames:
        words = _words_above(ink, frame, text, letter) if frame.title is None else None
        if words is not None:
            frame.title, frame.tab = words, True
            frame.box = frame.box.union(words)
    return frames


def _words_above(ink: Mask, frame: Frame, text: Text, letter: float) -> Rect | None:
    """The place of the words over a frame's upper left corner whose left side goes on up beside them."""
    b = frame.box
    slack = max(2, round(0.3 * letter))
    for line in text.lines:
        t = line.box
        if line.vertical or not -0.3 * letter <= t.x0 - b.x0 <= 2 * letter or not 0 <= b.y0 - t.cy <= 2 * letter:
            continue
        side = ink[max(0, t.y0 - slack) : b.y0, max(0, b.x0 - slack) : b.x0 + slack]
        lid = ink[max(0, t.y0 - round(letter)) : t.y0, b.x0 : t.x1]
        if side.size and side.mean(axis=0).max() >= 0.85 and lid.size and lid.mean(axis=1).max() >= 0.7:
            return Rect(b.x0, max(0, t.y0 - slack), t.x1 + slack, b.y0)
    return None
