"""Callouts: boxes with a pointed tail on one side, as speech has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline
from diagrasp.engines.embedded.symbols.shapes import Fit, classify

LEAST = 1.8
"""Least side of the box, in letter heights."""
IN_DOUBT = CLOSED - 0.01
"""How well an outline fits that is a symbol only with a word in its middle."""
FULL = 0.93
"""Share of the box's width that its rows have."""
BASE = 0.6
"""Width of the tail where it leaves the box, as a share of the box's, at most."""
TIP = 0.12
"""The same where it ends."""
LONG, SHORT = 0.9, 0.12
"""Length of the tail, as a share of the box's height, at most and at least."""
CONVEX = 0.9
"""Least share of the triangle over its base that the tail fills; it may be as much larger, too."""
CORNER = 0.06
"""Rows below the box, as a share of its height, that round corners may still fill: no part of the tail."""
LARGEST = 40.0
"""Greatest side of the whole, in letter heights."""
ALIKE = 0.5
"""Fit of the whole outline below which it is not even roughly a box."""


def with_callouts(found: list[Outline], letter: float) -> list[Outline]:
    """The outlines; those among them that are a box with a tail are notes, the box their part.

    They stay in doubt until something is written in the middle of the box.
    """
    return [_callout(o, letter) or o for o in found]


def _callout(o: Outline, letter: float) -> Outline | None:
    """The outline as a note, its box as a part; None where it is no box with a tail on any side."""
    b = o.box
    if not ALIKE <= o.fit.score < CLOSED or min(b.w, b.h) < LEAST * letter or max(b.w, b.h) > LARGEST * letter:
        return None
    turned = o.mask, o.mask[::-1], o.mask.T, o.mask.T[::-1]
    for k, view in enumerate(turned):
        n = body_of(view, letter)
        if n is None:
            continue
        box = (
            Rect(b.x0, b.y0, b.x1, b.y0 + n), Rect(b.x0, b.y1 - n, b.x1, b.y1),
            Rect(b.x0, b.y0, b.x0 + n, b.y1), Rect(b.x1 - n, b.y0, b.x1, b.y1),
        )[k]  # fmt: skip
        mask = o.mask[box.y0 - b.y0 : box.y1 - b.y0, box.x0 - b.x0 : box.x1 - b.x0]
        part = Outline(o.region, box, mask, Fit("process", 1.0), int(mask.sum()), o.outside)
        return replace(o, fit=Fit("note", IN_DOUBT), parts=[part])
    return None


def body_of(view: NDArray[np.uint8], letter: float) -> int | None:
    """How many rows of a filled outline are a box, the others its tail; None where it is no such thing.

    Args:
        view: (h, w) uint8, the filled outline, its tail below.
        letter: height of a letter, in pixels.
    """
    body = _body(view)
    if body is None or min(view.shape[1], body) < LEAST * letter:
        return None
    fit = classify(np.ascontiguousarray(view[:body]), letter=letter)
    return body if fit.shape in ("process", "rounded") and fit.score >= CLOSED and _is_tail(view[body:], body) else None


def _body(view: NDArray[np.uint8]) -> int | None:
    """How many rows a box has above its tail, which does not leave its side at full width; None without a tail."""
    widths = np.count_nonzero(view, axis=1)
    full = np.flatnonzero(widths >= FULL * view.shape[1])
    if len(full) < 2:
        return None
    body = int(full[-1]) + 1
    rest = len(widths) - body
    whole = bool((widths[full[0] : body] >= FULL * view.shape[1]).all())
    return body if whole and SHORT * body <= rest <= LONG * body else None


def _is_tail(rows: NDArray[np.uint8], body: int) -> bool:
    """Whether rows narrow evenly to a tip, each in one piece.

    Args:
        rows: (n, w) uint8, what is below a box.
        body: the box's height, in pixels.
    """
    rows = rows[round(CORNER * body) :]
    widths = np.count_nonzero(rows, axis=1)
    if len(widths) < 4 or not widths.all():
        return False
    spans = rows.shape[1] - np.argmax(rows[:, ::-1] > 0, axis=1) - np.argmax(rows > 0, axis=1)
    base, n = float(widths[0]), len(widths)
    triangle = 0.5 * base * n
    return bool(
        (spans == widths).all()
        and base <= BASE * rows.shape[1]
        and widths[-1] <= max(2.0, TIP * rows.shape[1])
        and (np.diff(widths) <= 1).all()
        and CONVEX * triangle <= widths.sum() <= (2 - CONVEX) * triangle + n
    )
