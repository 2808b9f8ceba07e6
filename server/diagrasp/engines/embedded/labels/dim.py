"""Names in symbols whose letters hardly differ from the fill: light grey on pastel, as dark themes leave them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.labels.inner import LEAST, holds_sign, rows_in
from diagrasp.engines.embedded.picture.raster import Image, Sheet
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine

DIM = 12, 75
"""Levels by which dim letters differ from their ground, at least and at most."""
FILLED = 0.3
"""Share of a symbol that letters cover at most."""
FLAT = 45
"""Grey levels between paper and letters below which a colour shows them better."""


def with_dim_names(sheet: Sheet, nodes: list[Symbol], text: Text) -> Text:
    """The text, its lines in symbols with dim letters found anew: they are too dim to be ink everywhere."""
    letter = sheet.letter
    lines, ink = list(text.lines), text.ink.copy()
    for symbol in nodes:
        b = symbol.outline.box
        inset = round(0.4 * letter)
        other = symbol.container or symbol.shape in ("bar", "actor") or min(b.w, b.h) < LEAST * letter
        if other or holds_sign(symbol, letter):
            continue
        contrast = sheet.contrast[b.y0 + inset : b.y1 - inset, b.x0 + inset : b.x1 - inset].copy()
        contrast[symbol.outline.mask[inset : b.h - inset, inset : b.w - inset] == 0] = 0
        dim = contrast >= DIM[0]
        if not DIM[0] < contrast.max(initial=0) <= DIM[1] or not 0.005 <= float(dim.mean()) <= FILLED:
            continue
        rows = rows_in(np.pad(dim, inset).astype(np.uint8), letter, b)
        rows = [(box, row) for box, row in rows if box.w >= 1.5 * letter and len(row) > 1 and box.h <= 1.7 * letter]
        if not rows or any(abs(box.cx - b.cx) > 0.1 * b.w for box, _ in rows):
            continue
        lines = [t for t in lines if not b.inside(t.box.cx, t.box.cy)]
        for box, row in rows:
            lines.append(TextLine(box, tuple(row), symbol.outline.region))
            ink[box.y0 : box.y1, box.x0 : box.x1] |= sheet.ink[box.y0 : box.y1, box.x0 : box.x1]
    return Text(lines, ink)


def grey_of(crop: Image) -> Image:
    """A crop in grey, (H, W); where letters are as light as their ground, the channel that tells them apart best."""
    colours = crop.astype(np.float32)
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    own = _spread(grey)
    spreads = [_spread(colours[..., k]) for k in range(3)] if own < FLAT else [0.0]
    best = int(np.argmax(spreads))
    return np.asarray(colours[..., best] if spreads[best] > 2 * own else grey, np.uint8)


def _spread(grey: NDArray[np.float32]) -> float:
    """The levels between the lightest and the darkest, a few outliers apart."""
    return float(np.ptp(np.percentile(grey, (1, 99)))) if grey.size else 0.0
