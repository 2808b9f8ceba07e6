"""Icons that were taken for symbols: small filled squares and discs with a sign in them, and their name below.

Makers of cloud services draw each of these so.  To the general reading one is a step or an event, and the sign in it
text; by its full colour, the sign that says no word, and the name below it, it is told from both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.symbols.find import Symbol, colour_of
from diagrasp.engines.embedded.symbols.icons import SHAPE
from diagrasp.engines.embedded.symbols.marks import disc
from diagrasp.engines.embedded.symbols.vivid import captioned
from diagrasp.engines.embedded.text.textlines import TextLine

SHAPES = frozenset({"process", "rounded", "circle", "ellipse"})
"""Shapes that icons are drawn in."""
LEAST, MOST = 3.0, 8.5
"""Letter heights of an icon's sides, at least and at most."""
SQUARE = 1.4
"""How many times as long as the other one side is at most."""
FULL = 80
"""Levels by which a full colour differs from the page's: fills that words stand on are paler."""
SIGN, DRAWN = 60, (0.06, 0.5)
"""Levels by which a sign differs from what it is drawn on, and share of the icon that it covers, at least and at most.
"""
WORD = 3
"""Letters that a sign is not read as."""
SURE, LONG = 0.8, 0.6
"""Least confidence of a word that is no sign, and of a longer one."""


def with_emblems(scene: Scene, readings: dict[int, Reading]) -> None:
    """Make icons of the nodes that are some, and drop what was read in them; the scene is changed in place."""
    for i, symbol in enumerate(scene.nodes):
        if symbol.shape == SHAPE:
            if not any(_letters(readings[id(t)]) >= WORD for t in scene.inside.get(i, [])):
                scene.inside.pop(i, None)
        elif _is_emblem(scene, i, symbol, readings):
            scene.nodes[i] = replace(symbol, shape=SHAPE)
            scene.inside.pop(i, None)


def _is_emblem(scene: Scene, i: int, symbol: Symbol, readings: dict[int, Reading]) -> bool:
    sheet, b = scene.sheet, symbol.outline.box
    if not _has_form(symbol, sheet.letter) or any(
        _is_word(t, b, sheet.letter, readings) for t in scene.inside.get(i, [])
    ):
        return False
    full, drawn = _look(sheet, symbol)
    if not DRAWN[0] <= drawn <= DRAWN[1] or _is_mark(sheet, symbol):
        return False
    return full or (symbol.shape == "process" and _captioned(scene, symbol))


def emblems(scene: Scene) -> list[Symbol]:
    """The symbols that will be icons, unless a word should be read in one: by form, colour and the name below."""
    found = [n for n in scene.nodes if _has_form(n, scene.sheet.letter) and _captioned(scene, n)]
    looks = ((n, *_look(scene.sheet, n)) for n in found if not _is_mark(scene.sheet, n))
    return [n for n, full, drawn in looks if full and DRAWN[0] <= drawn <= DRAWN[1]]


def _has_form(symbol: Symbol, letter: float) -> bool:
    short, long = sorted((symbol.outline.box.w, symbol.outline.box.h))
    sized = LEAST * letter <= long <= min(MOST * letter, SQUARE * short)
    return symbol.shape in SHAPES and sized and len(symbol.outline.parts) < 2


def _is_mark(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether a disc is where a flow starts or ends."""
    look = disc(sheet, symbol) if symbol.shape == "circle" else None
    return look is not None and (look.solid or look.bullseye)


def _captioned(scene: Scene, symbol: Symbol) -> bool:
    return any(captioned(symbol.box, t, scene.sheet.letter) for t in scene.outside)


def _is_word(line: TextLine, box: Rect, letter: float, readings: dict[int, Reading]) -> bool:
    """Whether a line reads as a word or a number of the drawing's size, not as a sign's strokes."""
    count = _letters(readings[id(line)])
    return count >= WORD or (
        count > 0 and 0.6 * letter <= line.size <= 1.7 * letter and abs(line.box.cx - box.cx) <= 0.2 * box.w
    )


def _letters(reading: Reading) -> int:
    """How many letters and digits were read for sure."""
    count = sum(c.isalnum() for c in reading.text)
    return count if reading.confidence >= (SURE if count <= WORD else LONG) else 0


def _look(sheet: Sheet, symbol: Symbol) -> tuple[bool, float]:
    """Whether a symbol is filled with a full colour, and the share of it that is drawn on the fill."""
    b, page = symbol.outline.box, colour_of(sheet, sheet.page).astype(np.int16)
    inside = sheet.rgb[b.y0 : b.y1, b.x0 : b.x1][symbol.outline.mask > 0].astype(np.int16)
    fill = np.median(inside, axis=0)
    full = bool(np.abs(fill - page).max() >= FULL)
    return full, float((np.abs(inside - fill).max(axis=1) >= SIGN).mean())
