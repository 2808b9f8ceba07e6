"""Holes, rings and spots of a page that look like symbols: nothing is written in them and nothing leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text

CLOSE = 1.5
"""Distance, in letter heights, within which text may name a symbol."""

FILLED = 0.85
"""Share of ink inside a spot."""


def without_strays(
    sheet: Sheet, nodes: Sequence[Symbol], connectors: Sequence[Connector], text: Text
) -> tuple[list[Symbol], list[Connector]]:
    """The symbols that belong to the drawing, and the connectors by their new numbers.

    Symbols that connectors join are judged together: they stay where one of them has text in it or beside it.  Alone
    and without text only open circles and diamonds stay, which are events and gateways.
    """
    count = len(nodes)
    root = list(range(count + 1))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    joined: set[int] = set()
    for c in connectors:
        if c.source != c.target:
            joined |= {c.source, c.target}
            if c.source <= count and c.target <= count:
                root[find(c.source)] = find(c.target)
    named = {i for i, n in enumerate(nodes, 1) if _named(n, text, sheet.letter)}
    to_frames = {end for c in connectors if max(c.source, c.target) > count for end in (c.source, c.target)}
    good = {find(i) for i in named | {e for e in to_frames if e <= count}}
    kept = [
        i for i, n in enumerate(nodes, 1)
        if (find(i) in good if i in joined else i in named or _sign(sheet, n))
    ]  # fmt: skip
    if len(kept) == count:
        return list(nodes), list(connectors)
    number = {i: k for k, i in enumerate(kept, 1)}
    number |= {f: f - count + len(kept) for c in connectors for f in (c.source, c.target) if f > count}
    moved = [
        replace(c, source=number[c.source], target=number[c.target])
        for c in connectors
        if c.source in number and c.target in number
    ]
    return [nodes[i - 1] for i in kept], moved


def _sign(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether a symbol is an open circle or diamond."""
    b = symbol.outline.box
    within = symbol.outline.mask > 0
    return symbol.shape in ("circle", "decision") and sheet.ink[b.y0 : b.y1, b.x0 : b.x1][within].mean() < FILLED


def _named(symbol: Symbol, text: Text, letter: float) -> bool:
    near = symbol.box.grow(CLOSE * letter)
    return any(near.overlap(line.box) > 0 and line.box.w >= letter for line in text.lines)
