"""Pools, lanes and expanded subprocesses: what the general search for frames does not know of them."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.raster import Sheet
from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Rect, TextLine


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


def is_strip(box: Rect, lines: list[TextLine], letter: float) -> bool:
    """Whether an outline is the strip that names a pool or a lane: what it says reads upwards."""
    if all(t.vertical for t in lines):
        return True
    upright = sum(len(t.letters) for t in lines if t.vertical)
    flat = max((t.box.w for t in lines if not t.vertical), default=0)
    return box.w <= 4.6 * letter and box.h > 2 * box.w and upright >= 2 and flat < 2.2 * letter


def on_gateway(symbol: Symbol, nodes: list[Symbol]) -> bool:
    """Whether a gateway sits on an outline's border: then flows out of the gateway are two of its sides."""
    b = symbol.outline.box
    if symbol.shape not in ("process", "rounded"):
        return False
    for n in nodes:
        o = n.outline.box
        slack = 0.25 * min(o.w, o.h)
        if n.shape != "decision" or o.w * o.h > 0.5 * b.w * b.h or not b.grow(slack).inside(o.cx, o.cy):
            continue
        if min(abs(o.cx - b.x0), abs(o.cx - b.x1), abs(o.cy - b.y0), abs(o.cy - b.y1)) <= slack:
            return True
    return False


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
