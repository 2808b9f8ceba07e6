"""Circles that number the steps of a drawing: single digits in them are no text to the general search, but signs."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.labels.inner import holds_sign
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import TextLine

FEWEST = 3
"""Circles that are numbers at least, with as many different ones."""
SURE = 0.8
"""Least confidence of a number."""
WITHIN = 0.74
"""Share of a circle's radius in which its number stands."""


def with_digits(scene: Scene) -> set[int]:
    """Offer to the reader what stands in small circles like digits, where there are enough of one size.

    Returns:
        The circles that were given a line of text, by position.
    """
    letter = scene.sheet.letter
    bare = [
        i for i, n in enumerate(scene.nodes)
        if n.shape == "circle" and n.rings < 2 and i not in scene.inside and holds_sign(n, letter)
    ]  # fmt: skip
    if len(bare) < FEWEST:
        return set()
    usual = float(np.median([scene.nodes[i].box.w for i in bare]))
    alike = [i for i in bare if abs(scene.nodes[i].box.w - usual) <= 0.15 * usual]
    found = {i: line for i in alike if (line := _digits(scene.sheet, scene.nodes[i])) is not None}
    if len(found) < FEWEST:
        return set()
    scene.text.lines.extend(found.values())
    scene.inside.update({i: [line] for i, line in found.items()})
    return set(found)


def without_digits(scene: Scene, circles: set[int]) -> None:
    """Take back what was offered of circles that are no numbers after all."""
    signs = {id(line) for i in circles for line in scene.inside.pop(i)}
    scene.text.lines[:] = [line for line in scene.text.lines if id(line) not in signs]


def _digits(sheet: Sheet, symbol: Symbol) -> TextLine | None:
    """The ink in the middle of a circle, if it is as high as a letter and no wider than two digits."""
    b, radius = symbol.outline.box, WITHIN * min(symbol.outline.box.w, symbol.outline.box.h) / 2
    x0, y0 = max(0, round(b.cx - radius)), max(0, round(b.cy - radius))
    ink = sheet.ink[y0 : round(b.cy + radius), x0 : round(b.cx + radius)].copy()
    ys, xs = np.ogrid[: ink.shape[0], : ink.shape[1]]
    ink &= np.hypot(xs + x0 + 0.5 - b.cx, ys + y0 + 0.5 - b.cy) <= radius
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    box = Rect(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
    fits = 0.65 * sheet.letter <= box.h <= 1.5 * sheet.letter and box.w <= 1.9 * box.h
    centred = abs(box.cx - b.cx) <= 0.15 * b.w and abs(box.cy - b.cy) <= 0.15 * b.h
    return TextLine(box, (box,), symbol.outline.region) if fits and centred else None


def numbered(scene: Scene, readings: dict[int, Reading]) -> set[int]:
    """The circles, by position, that number the steps of a drawing: three different at least, from 1 or 2 on."""
    found: dict[int, int] = {}
    for i, lines in scene.inside.items():
        symbol = scene.nodes[i]
        if symbol.shape == "circle" and len(lines) == 1 and holds_sign(symbol, scene.sheet.letter):
            name, sure = readings[id(lines[0])]
            if name.isdecimal() and len(name) <= 2 and sure >= SURE:
                found[i] = int(name)
    numbers = sorted(set(found.values()))
    while numbers and numbers[-1] > 2 * len(numbers):  # what stands alone far above the others is a sign
        numbers.pop()
    if len(numbers) < FEWEST or not {1, 2} & {*numbers}:
        return set()
    return {i for i, number in found.items() if number in numbers}
