"""Boxes with a bar along either side, as a predefined process has: three outlines in a row that are one symbol."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

THIN = 0.25
"""Widths of the middle that a strip beside it has at most."""
LIKE = 0.25
"""How far the two strips' widths may differ, as a share of the wider."""


def merge_barred(kept: list[Outline], letter: float) -> list[Outline]:
    """A box and the two equal strips at its sides become one outline; rows of more cells stay as they are."""
    flat = [o for o in kept if o.fit.shape in ("process", "rounded") and not o.parts]
    strips = [o for o in flat if o.box.w <= 4.5 * letter and o.box.h >= 1.2 * letter]
    out = kept
    for middle in flat:
        if middle.box.w < 3 * letter:
            continue
        thin = [o for o in strips if o is not middle and o.box.w <= THIN * middle.box.w + 0.3 * letter]
        left = [o for o in thin if _meets(o.box, middle.box, letter)]
        right = [o for o in thin if _meets(middle.box, o.box, letter)]
        if len(left) != 1 or len(right) != 1:
            continue
        a, b = left[0], right[0]
        alike = abs(a.box.w - b.box.w) <= LIKE * max(a.box.w, b.box.w) + 2
        longer = any(_meets(o.box, a.box, letter) or _meets(b.box, o.box, letter) for o in flat)
        if alike and not longer:
            whole = _around(a, middle, b)
            out = [o for o in out if o is not a and o is not b and o is not middle]
            out.append(whole)
    return out if out is kept else sorted(out, key=lambda o: o.area)


def _meets(left: Rect, right: Rect, letter: float) -> bool:
    """Whether nothing but a line parts two boxes of one height, side by side."""
    slack = 0.25 * letter + 1
    level = abs(left.y0 - right.y0) <= slack and abs(left.y1 - right.y1) <= slack
    return level and 0 <= right.x0 - left.x1 <= 0.4 * letter + 2


def _around(left: Outline, middle: Outline, right: Outline) -> Outline:
    box = left.box.union(middle.box).union(right.box)
    mask = np.ones((box.h, box.w), np.uint8)
    score = min(left.fit.score, middle.fit.score, right.fit.score)
    return Outline(middle.region, box, mask, Fit("process", score), int(mask.sum()), middle.outside, barred=True)
