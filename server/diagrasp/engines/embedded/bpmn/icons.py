"""Where a symbol of BPMN carries its signs, and crops of them for the net that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.bpmn.signs import Crop, normalised
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol, colour_of
from diagrasp.engines.embedded.text.textlines import TextLine

RIM: Final = 1.05
"""What of an event is shown to the net, in its radii: the ring is part of the sign."""
DIAMOND: Final = 0.62
"""Half the side of the square cut out of a gateway's middle, in halves of the gateway."""
INSIDE: Final = 0.84
"""The diamond within a gateway that is shown to the net, in halves of the gateway: its outline is not."""
STRONG: Final = 60
"""Levels by which a sign differs from the paper in its symbol at least."""
FAINT: Final = 28
"""The same of what belongs to it and is drawn fainter."""

Ink = NDArray[np.float32]


def event_crop(sheet: Sheet, symbol: Symbol) -> Crop | None:
    """An event with its ring; None where it reaches out of the picture."""
    b = symbol.outline.box
    radius = _outer_radius(sheet, symbol)
    cx, cy = (b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2
    half = 1.06 * radius
    x0, y0, x1, y1 = round(cx - half), round(cy - half), round(cx + half), round(cy + half)
    if x0 < 0 or y0 < 0 or x1 > sheet.width or y1 > sheet.height or x1 - x0 < 6:
        return None
    rgb = sheet.rgb[y0:y1, x0:x1].astype(np.int32)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    far = np.hypot(xs + 0.5 - cx, ys + 0.5 - cy) / radius
    paper = _paper(rgb, far)
    return normalised(np.abs(rgb - paper).max(axis=2).astype(np.float32), far < RIM)


def _paper(rgb: NDArray[np.int32], far: NDArray[np.float64]) -> NDArray[np.int32]:
    """The colour that an event is filled with: the commonest inside that is not its ring's, which may cover more.

    Args:
        far: distance from the middle, in radii.
    """
    page = commonest(rgb[far > 1.03])
    rim = rgb[(far > 0.88) & (far < 1.0)]
    drawn = rim[np.abs(rim - page).max(axis=1) > STRONG]
    inside = rgb[far < 0.88]
    if len(drawn):
        other = inside[np.abs(inside - commonest(drawn)).max(axis=1) > STRONG]
        if len(other) >= 0.1 * len(inside):
            return commonest(other)
    return commonest(inside)


def _outer_radius(sheet: Sheet, symbol: Symbol) -> float:
    """How far an event's outermost line reaches from its middle, in pixels."""
    b = symbol.outline.box
    cx, cy, r = (b.x0 + b.x1 - 1) / 2, (b.y0 + b.y1 - 1) / 2, (b.w + b.h) / 4
    t = np.arange(64) * (2 * np.pi / 64)
    last, missed = r, 0.0
    for k in np.arange(0.5, 0.6 * sheet.letter, 0.5):
        xs = np.clip(np.rint(cx + (r + k) * np.cos(t)), 0, sheet.width - 1).astype(int)
        ys = np.clip(np.rint(cy + (r + k) * np.sin(t)), 0, sheet.height - 1).astype(int)
        if sheet.ink[ys, xs].mean() >= 0.4:
            last, missed = r + float(k), 0.0
        else:
            missed += 0.5
            if missed > 0.25 * sheet.letter:
                break
    return last + 0.5


def gateway_crop(sheet: Sheet, symbol: Symbol) -> Crop | None:
    """The middle of a gateway, where its sign is; None where it reaches out of the picture."""
    b = symbol.outline.box
    cx, cy, half = (b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2, (b.w + b.h) / 4
    reach = DIAMOND * half
    x0, y0, x1, y1 = round(cx - reach), round(cy - reach), round(cx + reach), round(cy + reach)
    if x0 < 0 or y0 < 0 or x1 > sheet.width or y1 > sheet.height or x1 - x0 < 6:
        return None
    rgb = sheet.rgb[y0:y1, x0:x1].astype(np.int32)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    keep = np.abs(xs + 0.5 - cx) + np.abs(ys + 0.5 - cy) < INSIDE * half
    edge = keep & (np.abs(xs + 0.5 - cx) + np.abs(ys + 0.5 - cy) > 0.55 * half)
    return normalised(np.abs(rgb - commonest(rgb[edge])).max(axis=2).astype(np.float32), keep)


def corner_icon(sheet: Sheet, symbol: Symbol, lines: Sequence[TextLine]) -> tuple[Rect, Crop] | None:
    """What is drawn in a task's upper left corner and is none of its lines of text, with its place."""
    letter = sheet.letter
    b = symbol.outline.box
    zone = Rect(b.x0, b.y0, min(b.x1, b.x0 + round(4.6 * letter)), min(b.y1, b.y0 + round(4.4 * letter)))
    ink = _ink(sheet, symbol, zone)
    pieces = [
        r for r in _pieces(ink, zone)
        if r.x1 < zone.x1 and r.y1 < zone.y1 and r.cx - b.x0 <= 3.4 * letter and r.cy - b.y0 <= 3.2 * letter
        and max(r.w, r.h) <= 3.9 * letter and not _of_text(r, lines, letter)
    ]  # fmt: skip
    if not pieces:
        return None
    whole = min(pieces, key=lambda r: (r.cx - b.x0) + (r.cy - b.y0) - 0.5 * (r.w + r.h))
    whole = _grown(whole, pieces, (0.25 if min(whole.w, whole.h) >= 0.9 * letter else 0.42) * letter)
    faint = [
        r for r in _pieces(ink, zone, FAINT)
        if r.x1 < zone.x1 and r.y1 < zone.y1 and max(r.w, r.h) <= 3.9 * letter and not _of_text(r, lines, letter)
    ]  # fmt: skip
    whole = _grown(whole, faint, 0.1 * letter)
    if not 0.9 * letter <= max(whole.w, whole.h) <= 4 * letter or min(whole.w, whole.h) < 0.55 * letter:
        return None
    return whole, _crop(ink, zone, whole)


def foot_marks(sheet: Sheet, symbol: Symbol, lines: Sequence[TextLine]) -> list[tuple[Rect, Crop]]:
    """What is drawn on an activity's lower border, about its middle, and is none of its lines of text."""
    letter = sheet.letter
    b = symbol.outline.box
    reach = min(0.42 * b.w, 6 * letter)
    zone = Rect(round(b.cx - reach), max(b.y0, b.y1 - round(2.6 * letter)), round(b.cx + reach), b.y1)
    if zone.w < 4 or zone.h < 4:
        return []
    ink = _ink(sheet, symbol, zone)
    pieces = [
        r for r in _pieces(ink, zone)
        if r.y0 > zone.y0 and r.x0 > zone.x0 and r.x1 < zone.x1 and not _of_text(r, lines, letter)
    ]  # fmt: skip
    out: list[tuple[Rect, Crop]] = []
    left = sorted(pieces, key=lambda r: r.x0)
    while left:
        whole = _grown(left[0], left, 0.45 * letter)
        left = [r for r in left if r.overlap(whole) < 0.5 * r.w * r.h]
        if 0.65 * letter <= max(whole.w, whole.h) <= 2.9 * letter and b.y1 - whole.y1 <= 1.3 * letter:
            out.append((whole, _crop(ink, zone, whole)))
    spread = max((abs(r.cx - b.cx) for r, _ in out), default=0.0)
    return out if len(out) <= 4 and spread <= 4.5 * letter else []


def commonest(colours: NDArray[np.int32]) -> NDArray[np.int32]:
    """The commonest of some colours, in steps of 16 levels."""
    if len(colours) == 0:
        return np.array([255, 255, 255], np.int32)
    keys = (colours // 16) @ np.array([256, 16, 1])
    values, counts = np.unique(keys, return_counts=True)
    return np.asarray(np.median(colours[keys == values[counts.argmax()]], axis=0), np.int32)


def _ink(sheet: Sheet, symbol: Symbol, zone: Rect) -> Ink:
    """How far each pixel of a zone differs from the symbol's paper; nothing on its outline and outside of it.

    A sign close to the border bites into the outline's paper: its bounds, with round corners, tell inside from outside.
    """
    b = symbol.outline.box
    inset, r = max(1.0, 0.12 * sheet.letter), 0.9 * sheet.letter
    ys, xs = np.mgrid[zone.y0 : zone.y1, zone.x0 : zone.x1]
    near_x, near_y = np.minimum(xs - b.x0, b.x1 - 1 - xs), np.minimum(ys - b.y0, b.y1 - 1 - ys)
    corner = (near_x < r) & (near_y < r) & (np.hypot(r - near_x, r - near_y) > r - inset)
    part = (near_x >= inset) & (near_y >= inset) & ~corner
    rgb = sheet.rgb[zone.y0 : zone.y1, zone.x0 : zone.x1].astype(np.int32)
    paper = colour_of(sheet, symbol.outline.region)
    return np.where(part, np.abs(rgb - paper).max(axis=2), 0).astype(np.float32)


def _pieces(ink: Ink, zone: Rect, least: int = STRONG) -> list[Rect]:
    """The bounds of what hangs together, in the sheet's pixels."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((ink > least).astype(np.uint8), connectivity=8)
    out = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area >= 3:
            out.append(Rect(zone.x0 + x, zone.y0 + y, zone.x0 + x + w, zone.y0 + y + h))
    return out


def _of_text(piece: Rect, lines: Sequence[TextLine], letter: float) -> bool:
    """Whether a piece belongs to a line of text of several letters, which may run together."""
    return any(
        max(len(t.letters), t.box.w / letter) >= 3 and t.box.grow(1).overlap(piece) > 0.6 * piece.w * piece.h
        for t in lines
    )


def _grown(whole: Rect, pieces: list[Rect], gap: float) -> Rect:
    """A piece with all that lies no farther than `gap` from it, and from that in turn."""
    while True:
        near = [p for p in pieces if whole.grow(gap).overlap(p) > 0]
        union = whole
        for p in near:
            union = union.union(p)
        if union == whole:
            return whole
        whole = union


def _crop(ink: Ink, zone: Rect, place: Rect) -> Crop:
    view = ink[place.y0 - zone.y0 : place.y1 - zone.y0, place.x0 - zone.x0 : place.x1 - zone.x0]
    return normalised(np.pad(view, 1))
