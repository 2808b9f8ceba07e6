"""Pools, lanes and expanded subprocesses: what the general search for frames does not know of them."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.raster import Sheet
from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Rect


def is_pocket(box: Rect, nodes: list[Symbol]) -> bool:
    """Whether a frame without a title is only what flows enclose: its sides lead through gateways, tasks or events.

    Events may sit on a subprocess's border, gateways and tasks never do.
    """
    on = dict.fromkeys("ltrb", 0)
    for n in nodes:
        b = n.box
        slack = 0.25 * min(b.w, b.h)
        across = box.y0 - slack <= b.cy <= box.y1 + slack
        along = box.x0 - slack <= b.cx <= box.x1 + slack
        sides = [
            name
            for name, near in (
                ("l", across and abs(b.cx - box.x0) <= slack),
                ("r", across and abs(b.cx - box.x1) <= slack),
                ("t", along and abs(b.cy - box.y0) <= slack),
                ("b", along and abs(b.cy - box.y1) <= slack),
            )
            if near
        ]
        if sides and n.shape not in ("circle", "ellipse"):
            return True
        for side in sides:
            on[side] += 1
    return sum(count > 0 for count in on.values()) >= 3


def without_heads(sheet: Sheet, nodes: list[Symbol], boxes: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
    """The nodes and the boxes, with the title strips of pools moved from the first to the second."""
    heads = [n for n in nodes if _is_head(sheet, n)]
    return [n for n in nodes if not any(n is h for h in heads)], boxes + heads


def _is_head(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether a flat rectangle is a strip whose sides run on downwards, around what the pool or the lane holds."""
    letter = sheet.letter
    b = symbol.outline.box
    reach = round(8 * letter)
    if symbol.shape != "process" or b.h > 5 * letter or b.w < 2.5 * b.h or b.y1 + reach > sheet.height:
        return False
    width = symbol.border + 2
    left = sheet.ink[b.y1 : b.y1 + reach, max(0, b.x0 - width) : b.x0 + 1]
    right = sheet.ink[b.y1 : b.y1 + reach, b.x1 - 1 : b.x1 + width]
    return all(bool(side.size) and float(np.mean(side.any(axis=1))) > 0.97 for side in (left, right))
