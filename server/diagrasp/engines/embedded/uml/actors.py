"""Stick figures: a circle on an upright line, arms across it, two legs; its name stands beneath."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import Text, TextLine

ROUND = ("circle", "ellipse", "database")
"""What a head may pass for: a small circle drawn in steps, scaled up, has a cylinder's outline."""


def with_actors(sheet: Sheet, text: Text, words: Mask, nodes: list[Symbol]) -> tuple[list[Symbol], Text]:
    """The nodes, circles that are the heads of stick figures made whole figures with their names; the text with those
    names whole, also where connectors touch their letters.

    Args:
        words: (H, W) bool, ink of text of more than a letter.
    """
    letter = sheet.letter
    heads = [n for n in nodes if n.shape in ROUND and 0.9 * letter <= n.box.h <= 6 * letter and _empty(sheet, n)]
    if not heads:
        return nodes, text
    ink = (sheet.ink & ~words).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(ink, connectivity=8)[1], np.int32)
    figures: dict[int, Symbol] = {}
    for head in heads:
        body = _body(labels, head.box)
        if body is not None and not _holds_steps(body, head, nodes, text):
            text = _named(sheet, body, text)
            body = _with_name(body, text, letter)
            outline = Outline(0, body, np.ones((body.h, body.w), np.uint8), Fit("actor", 0.95), body.w * body.h)
            figures[id(head)] = Symbol(outline, "actor", max(2, round(0.22 * letter)))
    out = [figures.get(id(n), n) for n in nodes]
    kept = [
        n
        for n in out
        if n.shape == "actor" or not any(f.box.overlap(n.box) > 0.8 * n.box.w * n.box.h for f in figures.values())
    ]
    return kept, text


def _holds_steps(body: Rect, head: Symbol, nodes: list[Symbol], text: Text) -> bool:
    """Whether what hangs at a circle are symbols with words in them that a connector joins to it, no arms and legs."""
    return any(
        n is not head and b.w >= head.box.w and body.grow(2).overlap(b) > 0.9 * b.w * b.h
        and any(b.inside(t.box.cx, t.box.cy) for t in text.lines)
        for n, b in ((n, n.outline.box) for n in nodes)
    )  # fmt: skip


def _named(sheet: Sheet, body: Rect, text: Text) -> Text:
    """The text with the name under a figure whole, where only one side of it was seen: names are centred."""
    letter = sheet.letter
    for line in text.lines:
        b = line.box
        under = -0.5 * letter <= b.y0 - body.y1 <= 1.1 * letter and not line.vertical
        half = max(abs(b.x0 - body.cx), abs(b.x1 - body.cx))
        if not under or abs(b.cx - body.cx) <= 0.6 * letter + 0.03 * b.w or half > 9 * letter:
            continue
        if min(abs(b.x0 - body.cx), abs(b.x1 - body.cx)) > 2 * letter and not b.x0 < body.cx < b.x1:
            continue
        x0, x1 = max(0, round(body.cx - half)), min(sheet.width, round(body.cx + half))
        missing = (x0, b.x0) if b.x0 - x0 > x1 - b.x1 else (b.x1, x1)
        seen = np.asarray(sheet.ink[b.y0 : b.y1, missing[0] : missing[1]].any(axis=0), bool)
        rim = round(0.5 * letter)
        end = seen[:rim] if missing[0] == x0 else seen[-rim:]
        if not seen.size or float(seen.mean()) < 0.5 or not end.any():
            continue
        whole = Rect(x0, b.y0, x1, b.y1)
        lines = [t for t in text.lines if t.box.overlap(whole) < 0.5 * t.box.w * t.box.h]
        ink = text.ink.copy()
        ink[b.y0 : b.y1, x0:x1] |= sheet.ink[b.y0 : b.y1, x0:x1]
        return Text([*lines, TextLine(whole, (whole,), line.region)], ink)
    return text


def _empty(sheet: Sheet, head: Symbol) -> bool:
    """Whether a circle is bare or filled: an event with its sign above an arrow to a task is no figure."""
    b = head.outline.box.grow(-0.3 * head.outline.box.w)
    inside = sheet.ink[b.y0 : b.y1, b.x0 : b.x1]
    return not inside.size or not 0.12 <= float(inside.mean()) <= 0.9


def _with_name(body: Rect, text: Text, letter: float) -> Rect:
    """A figure's bounds and those of the lines centred beneath it: lines end at both."""
    out = body
    for line in sorted((t for t in text.lines if not t.vertical), key=lambda t: t.box.y0):
        b = line.box
        under = -0.5 * letter <= b.y0 - out.y1 <= 1.1 * letter and b.cy > body.y1
        if under and abs(b.cx - body.cx) <= 0.6 * letter + 0.03 * b.w:
            out = out.union(b.grow(0.15 * letter))
    return out


def _body(labels: NDArray[np.int32], head: Rect) -> Rect | None:
    """The bounds of the figure whose head this is."""
    side = max(head.w, head.h)
    if not 0.75 <= head.w / head.h <= 1.34:
        return None
    x0, x1 = int(head.cx - 2.2 * side), int(head.cx + 2.2 * side)
    y0, y1 = head.y0, int(head.y1 + 3.4 * side)
    if x0 < 0 or y0 < 0 or x1 > labels.shape[1] or y1 > labels.shape[0] + side:
        x0, y0 = max(0, x0), max(0, y0)
    x1, y1 = min(labels.shape[1], x1), min(labels.shape[0], y1)
    view = labels[y0:y1, x0:x1]
    neck = labels[min(head.y1, labels.shape[0]) - 2 : head.y1 + max(3, side // 5), int(head.cx) - 2 : int(head.cx) + 3]
    numbers = np.unique(neck[neck > 0])
    if len(numbers) != 1:
        return None
    mine = view == numbers[0]
    return _figure(mine, x0, y0, head) or _figure(_even(mine, head.cx - x0, 1.6 * side), x0, y0, head)


def _even(mine: Mask, middle: float, reach: float) -> Mask:
    """What of a figure is drawn alike on both sides, and hangs together: not the connectors that touch it.

    Args:
        mine: (H, W) bool.
        middle: of the figure, in columns of that.
        reach: how far from its middle a figure goes at most.
    """
    out = np.zeros_like(mine)
    columns = np.arange(mine.shape[1])
    other = np.rint(2 * middle - 1 - columns).astype(int)
    ok = (np.abs(columns - middle) <= reach) & (other >= 0) & (other < mine.shape[1])
    near = np.asarray(cv2.dilate(mine.astype(np.uint8), np.ones((5, 5), np.uint8)), np.uint8) > 0
    out[:, columns[ok]] = mine[:, columns[ok]] & near[:, other[ok]]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(out.astype(np.uint8), connectivity=8)
    largest = int(stats[1:, 4].argmax()) + 1 if len(stats) > 1 else 1
    return np.asarray(labels == largest)


def _figure(mine: Mask, x0: int, y0: int, head: Rect) -> Rect | None:
    """The bounds of what hangs at a head, where that is a body with arms and legs.

    Args:
        mine: (H, W) bool, its ink; the first column and row are `x0` and `y0` on the sheet.
    """
    side = max(head.w, head.h)
    rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if not len(rows):
        return None
    box = Rect(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
    # Alone, as tall as two to four heads, arms and legs to both sides.
    tall = 1.9 * side <= box.h <= 4.6 * side
    wide = 1.1 * side <= box.w <= 3.6 * side and abs(box.cx - head.cx) <= 0.25 * side
    if not tall or not wide:
        return None
    below = mine[head.y1 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0]
    h = below.shape[0]
    if h < 4:
        return None
    spread = [float(np.ptp(np.flatnonzero(row))) + 1 if row.any() else 0.0 for row in below]
    arms = max(spread[: int(0.62 * h)]) >= 0.8 * side
    legs = max(spread[int(0.7 * h) :]) >= 0.7 * side and below[int(0.8 * h) :].mean() < 0.4
    waist = min(spread[int(0.35 * h) : int(0.75 * h)]) <= 0.35 * side
    return box if arms and legs and waist and not _arrives(spread, side) and not _encloses(below, side) else None


def _encloses(below: Mask, side: int) -> bool:
    """Whether what hangs at a circle encloses paper: a box with a word in it, no limbs.

    The two strokes of a limb drawn by hand enclose a slit, which fills little of its bounds.
    """
    paper = np.pad(~below, 1, constant_values=True).astype(np.uint8)
    stats = np.asarray(cv2.connectedComponentsWithStats(paper, connectivity=4)[2])
    w, h, area = stats[2:, 2:5].T  # the first two: the ink, and what is around it
    return bool(((area >= (0.5 * side) ** 2) & (area >= 0.6 * w * h)).any())


def _arrives(spread: list[float], side: int) -> bool:
    """Whether an arrow's head stands between a circle and what is as wide as arms: it narrows again before that.

    Args:
        spread: width of the ink below the circle, row by row.
    """
    first = next((k for k, wide in enumerate(spread) if wide >= 0.8 * side), len(spread))
    neck = spread[round(0.15 * side) : first]  # without what is left of the circle's rim
    if len(neck) < 3:
        return False
    barbs = int(np.argmax(neck))
    wide = neck[barbs]
    before, after = min(neck[: barbs + 1]), min(neck[barbs:])
    return wide >= 0.25 * side and max(before, after) <= 0.6 * wide
