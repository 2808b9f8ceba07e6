"""Outlines drawn one above the other that are one symbol: a cylinder's cap and body, a class's compartments."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.symbols.outlines import CLOSED, LOOSE, Outline, is_oval
from diagrasp.engines.embedded.symbols.shapes import Fit, classify

BOWED = 0.04
"""By how much a box may fit an outline worse than a cylinder that has no cap: real ones bulge by more."""


def merge_cylinders(kept: list[Outline], found: list[Outline], letter: float, sheet: Sheet) -> list[Outline]:
    """A cylinder's cap and body become one outline, also where the rings between them are too thin to be regions."""
    out = list(kept)
    for body in kept:
        if body not in out:
            continue
        for cap in found:
            if cap is body or cap.fit.shape not in ("ellipse", "circle", "stadium") or cap.box.h > 0.7 * body.box.h:
                continue
            same = abs(cap.box.x0 - body.box.x0) <= 0.5 * letter and abs(cap.box.x1 - body.box.x1) <= 0.5 * letter
            rings = _rings(cap, body, found, letter) if same else []  # a data store has two below its cap
            parts = [cap, *rings, body]
            gaps = [low.box.y0 - high.box.y1 for high, low in pairwise(parts)]  # wide ones: two cylinders in a column
            near = max(gaps) <= 0.6 * letter or (max(gaps) <= 2 * cap.box.h and _walled(sheet, cap, body))
            if same and -0.8 * cap.box.h <= min(gaps) and near and cap.box.y0 < body.box.y0:
                merged = _union(parts, Fit("database", body.fit.score))
                out = [o for o in out if o is not body and o is not cap and not any(o is r for r in rings)]
                out.append(merged)
                break
    return sorted(out, key=lambda o: o.area)


def _walled(sheet: Sheet, cap: Outline, body: Outline) -> bool:
    """Whether both sides of a cylinder are drawn from the middle of its cap down to its body."""
    top, bottom, b = round(cap.box.cy), body.box.y0, body.box
    reach = max(3, round(0.35 * sheet.letter))
    left = sheet.ink[top:bottom, max(0, b.x0 - reach) : b.x0 + 1]
    right = sheet.ink[top:bottom, b.x1 - 1 : b.x1 + reach]
    return all(bool(side.size) and bool(side.any(axis=1).mean() > 0.95) for side in (left, right))


def without_caps(kept: list[Outline], letter: float) -> list[Outline]:
    """The outlines, those that are no cylinders as boxes: none has a cap, and boxes fit them hardly worse.

    Sides that wobble bulge as a cylinder's ends do.
    """
    out = []
    for o in kept:
        if o.fit.shape == "database" and len(o.parts) < 2:
            box = classify(o.mask, letter=letter, among=("process", "rounded"))
            o = replace(o, fit=box) if box.score >= o.fit.score - BOWED else o
        out.append(o)
    return out


def _rings(cap: Outline, body: Outline, found: list[Outline], letter: float) -> list[Outline]:
    """The thin regions between a cylinder's cap and its body, as wide as they are, from above."""
    slack = 0.5 * letter
    return sorted(
        (
            o for o in found
            if o is not cap and o is not body and o.box.h <= 1.5 * cap.box.h + slack
            and abs(o.box.x0 - cap.box.x0) <= slack and abs(o.box.x1 - cap.box.x1) <= slack
            and cap.box.y0 < o.box.y0 < body.box.y0
        ),
        key=lambda o: o.box.y0,
    )  # fmt: skip


def merge_stacks(kept: list[Outline], letter: float, sheet: Sheet) -> list[Outline]:
    """Compartments drawn one above the other between the same two sides become one outline."""
    boxes = [o for o in kept if o.fit.shape in ("process", "rounded", "stadium", "document", "ellipse", "data", "note")]
    boxes = [o for o in boxes if o.fit.shape in ("process", "rounded", "note") or o.box.w > 3 * letter]

    inner = np.array([(p.box.cx, p.box.cy, p.area) for p in kept if p.box.h > 1.6 * letter]).reshape(-1, 3)

    def holds(o: Outline) -> bool:
        b, (x, y, area) = o.box, inner.T
        return bool(((b.x0 <= x) & (x < b.x1) & (b.y0 <= y) & (y < b.y1) & (area < 0.9 * o.area)).any())

    full = [o for o in boxes if o.fit.score >= CLOSED and not holds(o) and not is_oval(o)]
    out = list(kept)
    used: set[int] = set()
    full.sort(key=lambda o: o.box.y0)
    for i, top in enumerate(full):
        if id(top) in used:
            continue
        stack = [top]
        for other in full[i + 1 :]:
            last = stack[-1].box
            if other.box.y0 - last.y1 > 0.4 * letter + 2:
                break
            tight = 2.5 + 0.12 * letter
            if id(other) in used or abs(other.box.x0 - last.x0) > tight or abs(other.box.x1 - last.x1) > tight:
                continue
            if 0 <= other.box.y0 - last.y1 <= 0.4 * letter + 2:
                stack.append(other)
        if len(stack) > 1:
            used |= {id(o) for o in stack}
            rounded = any(o.fit.shape == "rounded" for o in stack)
            merged = _union(stack, Fit("rounded" if rounded else "process", min(o.fit.score for o in stack)))
            out = [o for o in out if not any(o is s for s in stack)]
            out.append(merged)
    return sorted(out, key=lambda o: o.area)


def _union(items: list[Outline], fit: Fit) -> Outline:
    box = items[0].box
    for item in items[1:]:
        box = box.union(item.box)
    mask = np.zeros((box.h, box.w), np.uint8)
    for item in items:
        view = mask[item.box.y0 - box.y0 : item.box.y1 - box.y0, item.box.x0 - box.x0 : item.box.x1 - box.x0]
        np.maximum(view, item.mask, out=view)
    closed = cv2.morphologyEx(np.pad(mask, 8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))[8:-8, 8:-8]
    main = max(items, key=lambda o: o.area)
    return Outline(
        main.region, box, np.asarray(closed, np.uint8), fit, int(closed.sum()), main.outside, parts=list(items)
    )


def whole_cylinder(sheet: Sheet, o: Outline) -> Outline | None:
    """A cylinder's body into whose upright sides a word as wide as it cuts notches, made whole; else None."""
    b, rim = o.box, max(2, round(0.2 * sheet.letter))
    if b.x0 < rim or b.x1 + rim > sheet.width:
        return None
    mask = o.mask.copy()
    for own, drawn in (
        (mask, sheet.ink[b.y0 : b.y1, b.x0 - rim : b.x0]),
        (mask[:, ::-1], sheet.ink[b.y0 : b.y1, b.x1 : b.x1 + rim]),
    ):
        rows = np.flatnonzero(own[:, :rim].any(axis=1))
        for y in range(int(rows[0]), int(rows[-1])):
            if not own[y, :rim].any() and drawn[y].any():
                own[y, : int(own[y].argmax()) or b.w] = 1
    contours, _ = cv2.findContours(np.pad(mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))
    cv2.drawContours(mask, contours, -1, 1, cv2.FILLED)
    fit = classify(mask, letter=sheet.letter)
    better = fit.shape == "database" and fit.score >= max(LOOSE, o.fit.score + 0.02)
    return Outline(o.region, b, mask, fit, int(mask.sum()), o.outside) if better else None
