"""Tabs: a container's name in a small box within its upper left corner, as PlantUML's partitions have it.

Packages, whose tabs stand on the corner, are `uml.packages`' affair.
"""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text

RUNS = 3.0
"""Letter heights that a container's sides go on at least where its tab ends."""
HIGHEST = 4.5
"""Height of a tab, in letter heights, at most."""


def corner_tabs(sheet: Sheet, nodes: list[Symbol]) -> tuple[list[Symbol], list[Rect]]:
    """The nodes that are no tabs in a container's corner, and the bounds of those tabs."""
    tabs = [n for n in nodes if _is_corner(sheet, n)]
    return [n for n in nodes if not any(n is t for t in tabs)], [t.box for t in tabs]


def _is_corner(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether a flat box shares its upper and its left side with a larger one whose sides go on."""
    letter = sheet.letter
    b = symbol.outline.box
    reach = round(RUNS * letter)
    if symbol.shape not in ("process", "rounded", "note", "data", "manual_operation", "trapezoid", "manual_input"):
        return False
    if b.h > HIGHEST * letter or b.y1 + reach > sheet.height or b.x1 + reach > sheet.width:
        return False
    wide = symbol.border + 2
    down = sheet.ink[b.y1 : b.y1 + reach, max(0, b.x0 - wide) : b.x0 + wide].any(axis=1).mean()
    on = sheet.ink[max(0, b.y0 - wide) : b.y0 + wide, b.x1 : b.x1 + reach].any(axis=0).mean()
    beyond = sheet.ink[b.y1 + wide : b.y1 + reach, b.x1 - wide : b.x1 + wide].any(axis=1).mean()
    return bool(min(down, on) > 0.97 and beyond < 0.8)


def tab_in(ink: Mask, frame: Rect, text: Text, letter: float) -> Rect | None:
    """The tab in a container's upper left corner: a text with a line below it that ends near the text's end.

    Args:
        ink: (H, W) bool, strokes without text and without the nodes.
        frame: the container's outer bounds.
    """
    for line in text.lines:
        b = line.box
        if line.vertical or not _in_corner(b, frame, letter):
            continue
        y0, y1 = b.y1 - 1, min(frame.y1, b.y1 + round(1.1 * letter))
        start, end = frame.x0 + round(0.4 * letter), b.x1 - round(0.3 * letter)
        wide = max(2.5 * letter, b.x0 - frame.x0 + 1.5 * letter)  # the name may stand in the tab's middle
        beyond = min(frame.x1 - round(0.5 * letter), b.x1 + round(wide))
        if end <= start:
            continue
        rows = ink[y0:y1, start:end].mean(axis=1)
        under = np.flatnonzero(rows > 0.85)
        if len(under) == 0:
            continue
        y = y0 + int(under[-1])
        far = ink[y0 : y + 2, beyond : frame.x1 - round(0.5 * letter)]
        if far.shape[1] > 2 * letter and far.any(axis=0).mean() > 0.8:
            continue  # the line runs to the other side: a strip
        columns = np.flatnonzero(ink[y0 : y + 1, end:beyond].any(axis=0))
        right = end + int(columns[-1]) + 1 if len(columns) else b.x1
        return Rect(frame.x0, frame.y0, right, y + 2)
    return None


def _in_corner(b: Rect, frame: Rect, letter: float) -> bool:
    aside = b.x0 - frame.x0
    near = 0 <= aside <= max(2.0 * letter, min(7.0 * letter, 1.3 * b.w)) and 0 <= b.y0 - frame.y0 <= 1.5 * letter
    return near and b.x1 < frame.x1
