"""Boxes drawn as solids, of which the upper side and one flank are seen: one outline, not three."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline
from diagrasp.engines.embedded.symbols.shapes import Fit

DEEP = (0.3, 4.5)
"""Depth of a solid as it is drawn, in letter heights, at least and at most."""
OFF = 0.5
"""By how much, in letter heights, a face may miss where it should be: lines lie between two faces."""
STEP = 2.0
"""Least side of what stands in a solid that is a container, in letter heights."""


def merge_cubes(kept: list[Outline], found: list[Outline], letter: float) -> list[Outline]:
    """The outlines with every solid as one; of a container only the front stays.

    Args:
        kept: outlines that may be symbols.
        found: all outlines: faces may be of no symbol's shape.
    """
    slim = [o for o in found if DEEP[0] * letter <= min(o.box.w, o.box.h) <= DEEP[1] * letter]
    if len(slim) < 2:
        return kept
    out, gone = list(kept), set[int]()
    for k, front in enumerate(kept):
        b = front.box
        if front.fit.shape not in ("process", "rounded") or front.fit.score < CLOSED or min(b.w, b.h) < STEP * letter:
            continue
        faces = _faces(b, slim, letter)
        if faces is None:
            continue
        gone |= {id(face) for face in faces}
        if not any(b.inside(o.box.cx, o.box.cy) and min(o.box.w, o.box.h) >= STEP * letter and o is not front
                   for o in kept):  # fmt: skip
            out[k] = _whole(front, faces)
    return [o for o in out if id(o) not in gone]


def _faces(front: Rect, slim: list[Outline], letter: float) -> tuple[Outline, Outline] | None:
    """The upper side and the flank, right or left, that go with a front; None where there are none."""
    off = OFF * letter
    for top in slim:
        t = top.box
        deep = t.h
        if not (0 <= front.y0 - t.y1 <= off and abs(t.w - deep - front.w) <= 2 * off):
            continue
        for flank in slim:
            f = flank.box
            right = 0 <= f.x0 - front.x1 <= off and abs(t.x1 - f.x1) <= off and abs(t.x0 - front.x0) <= off
            left = 0 <= front.x0 - f.x1 <= off and abs(t.x0 - f.x0) <= off and abs(t.x1 - front.x1) <= off
            level = abs(f.y0 - t.y0) <= off and abs(f.y1 - front.y1) <= off and abs(f.w - deep) <= off
            if level and (right or left):
                return top, flank
    return None


def _whole(front: Outline, faces: tuple[Outline, Outline]) -> Outline:
    """One outline of a front and its faces: what their corners span."""
    box = bounding_box([o.box for o in (front, *faces)])
    mask = np.zeros((box.h, box.w), np.uint8)
    for part in (front, *faces):
        p = part.box
        mask[p.y0 - box.y0 : p.y1 - box.y0, p.x0 - box.x0 : p.x1 - box.x0] |= part.mask
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.fillPoly(mask, [cv2.convexHull(np.concatenate(contours))], 1)
    return replace(front, box=box, mask=mask, fit=Fit("process", 1.0), area=int(mask.sum()))


def without_hulls(rects: list[tuple[Rect, bool]], letter: float) -> list[tuple[Rect, bool]]:
    """Rectangles, largest first, without the bounds of solids whose front is among them."""
    return [(r, round_) for r, round_ in rects if not any(_is_front(o, r, letter) for o, _ in rects)]


def _is_front(front: Rect, hull: Rect, letter: float) -> bool:
    """Whether a rectangle lies in the bounds of a solid as its front does: as far below as from the flank's side."""
    off = OFF * letter
    up, left, right = front.y0 - hull.y0, front.x0 - hull.x0, hull.x1 - front.x1
    aside = max(left, right)
    deep = DEEP[0] * letter <= min(up, aside) and max(up, aside) <= DEEP[1] * letter
    return deep and abs(up - aside) <= off and abs(min(left, right)) <= off and abs(hull.y1 - front.y1) <= off
