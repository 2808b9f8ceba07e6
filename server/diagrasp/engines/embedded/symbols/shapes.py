"""What a closed outline is: the template of a diagram symbol that covers it best.

Templates are drawn at the outline's own size and compared by intersection over union, so that a shape is judged by the
area it covers, not by corners that noise moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Filled = NDArray[np.uint8]
SIDE = 96
"""Larger outlines are compared at this size, in pixels."""
CLEAN = 0.96
"""Intersection over union from which on an outline's corners are worth measuring."""
SMALL = 36
"""Side, in pixels, up to which a rhombus's corners may be blunt."""


class Fit(NamedTuple):
    """A shape of the model's vocabulary (or `triangle`, `trapezoid`), and its intersection over union, 0..1."""

    shape: str
    score: float


def classify(mask: Filled, *, letter: float, among: Collection[str] | None = None) -> Fit:
    """The template that fits a filled outline best.

    Args:
        mask: (H, W) uint8, 0 or 1, cropped to the outline.
        letter: height of a capital letter, in pixels: small symbols have fewer shapes to be.
        among: the shapes it may be (an ellipse may come out as a circle, a process as rounded); None: any.
    """
    mask = _without_spikes(mask, letter)
    h, w = mask.shape
    ratio = w / h
    factor = min(1.0, SIDE / max(w, h))
    if max(w, h) * factor < 24:
        factor = 24 / max(w, h)
    sw, sh = max(6, round(w * factor)), max(6, round(h * factor))
    small = cv2.resize(mask * 255, (sw, sh), interpolation=cv2.INTER_AREA) >= 128
    best = Fit("process", 0.0)
    templates = _templates(sw, sh)
    bits = _packed(small)
    own = int(np.count_nonzero(small))
    common = np.bitwise_count(templates.bits & bits).sum(axis=1, dtype=np.int64)
    scores = common / np.maximum(templates.areas + own - common, 1)
    for shape, score in zip(templates.shapes, scores.tolist(), strict=True):
        if among is not None and shape not in among:
            continue
        if shape == "limit":  # a step, and no pen's slip
            if score > max(best.score, CLEAN):
                best = Fit("process", score)
            continue
        if score > best.score:
            best = Fit("circle" if shape == "ellipse" and 0.88 <= ratio <= 1.14 else shape, score)
    if best.shape == "process" and max(w, h) > 2 * letter and _rounded(mask, letter):
        best = Fit("rounded", best.score)
    if best.shape in ("rounded", "stadium") and best.score >= CLEAN and min(w, h) >= 24:
        radius = _radius(mask)
        if radius < 0.42 or (radius > 0.46 and max(w, h) > 1.25 * min(w, h)):  # else either may be right
            best = Fit("rounded" if radius < 0.42 else "stadium", best.score)
    return best


def _radius(mask: Filled) -> float:
    """The radius of a box's corners, by the area that they lack, as a share of its shorter side."""
    low = int(min(mask.shape))
    half = low // 2
    corners = (mask, mask[:, ::-1], mask[::-1], mask[::-1, ::-1])
    lacking = [half * half - np.count_nonzero(corner[:half, :half]) for corner in corners]
    return float(np.sqrt(np.median(lacking) / (1 - np.pi / 4))) / low


def _without_spikes(mask: Filled, letter: float) -> Filled:
    """A mask without the few pixels that a head's tip adds to a straight side, by which all templates would be off."""
    h, w = mask.shape
    reach = max(2, round(0.2 * letter))
    if min(h, w) <= 4 * reach:
        return mask
    ends: list[int] = []
    for side in (mask, mask[::-1], mask.T, mask.T[::-1]):
        filled = np.count_nonzero(side[: reach + 1], axis=1) / side.shape[1]
        full = int(np.argmax(filled >= 0.6))
        ends.append(full if filled[full] >= 0.6 and (filled[:full] <= 0.2).all() else 0)
    return mask[ends[0] : h - ends[1], ends[2] : w - ends[3]]


def _rounded(mask: Filled, letter: float) -> bool:
    """Whether the corners are cut in an arc; a sharp corner of an anti-aliased outline loses a pixel or two only."""
    h, w = mask.shape
    need = max(2.0, 0.12 * letter)
    cuts = []
    for corner in (mask, mask[:, ::-1], mask[::-1], mask[::-1, ::-1]):
        n = int(min(h, w) // 2)
        diagonal = corner[np.arange(n), np.arange(n)]
        first = int(np.argmax(diagonal > 0)) if diagonal.any() else n
        cuts.append(first)
    return sum(c >= need for c in cuts) >= 3 and float(np.median(cuts)) <= 0.35 * min(h, w)


@dataclass(frozen=True)
class _Templates:
    """The templates of one size, in order: shapes, (N, bytes / 8) uint64 pixels eight to a byte, (N,) areas."""

    shapes: tuple[str, ...]
    bits: NDArray[np.uint64]
    areas: NDArray[np.int64]


@lru_cache(maxsize=1024)
def _templates(w: int, h: int) -> _Templates:
    shapes, masks = zip(*_draw(w, h), strict=True)
    return _Templates(shapes, np.stack([_packed(m) for m in masks]), np.array([np.count_nonzero(m) for m in masks]))


def _packed(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A mask's pixels as bits, filled up with zeros to whole words."""
    flat = np.zeros(-(-mask.size // 64) * 64, np.bool_)
    flat[: mask.size] = mask.ravel()
    return np.packbits(flat).view(np.uint64)


def _draw(w: int, h: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    scale = 8  # vertices in eighths of a pixel
    right, bottom = w - 1, h - 1
    xs, ys = np.arange(w), np.arange(h)[:, None]

    def polygon(*points: tuple[float, float]) -> NDArray[np.bool_]:
        canvas = np.zeros((h, w), np.uint8)
        corners = np.rint(np.array(points, np.float64) * scale).astype(np.int32)
        cv2.fillPoly(canvas, [corners], 1, shift=3)
        return canvas > 0

    def box(radius: float) -> NDArray[np.bool_]:
        dx = np.maximum(radius - xs - 0.5, xs + 0.5 - (w - radius)).clip(0)
        dy = np.maximum(radius - ys - 0.5, ys + 0.5 - (h - radius)).clip(0)
        return np.asarray(dx * dx + dy * dy <= radius * radius)

    low = min(w, h)
    yield "process", box(0)
    for share in (0.1, 0.2, 0.3):
        yield "rounded", box(share * low)
    if max(w, h) > 1.25 * low:
        yield "stadium", box(0.5 * low)
        yield "stadium", box(0.43 * low)
    yield "ellipse", ((xs + 0.5 - w / 2) / (w / 2)) ** 2 + ((ys + 0.5 - h / 2) / (h / 2)) ** 2 <= 1
    yield "decision", polygon((right / 2, 0), (right, bottom / 2), (right / 2, bottom), (0, bottom / 2))
    if low <= SMALL:  # a stroke's width blunts the corners inside of it
        across = abs(xs - right / 2) / (right / 2 + 1) + abs(ys - bottom / 2) / (bottom / 2 + 1)
        yield "decision", np.asarray(across <= 1)
    for skew in (0.08, 0.16, 0.24, 0.32, 0.42):
        d = skew * right
        yield "data", polygon((d, 0), (right, 0), (right - d, bottom), (0, bottom))
        yield "data", polygon((0, 0), (right - d, 0), (right, bottom), (d, bottom))
    for cut in (0.06, 0.12, 0.18, 0.25):
        d = cut * right
        yield (
            "hexagon",
            polygon((d, 0), (right - d, 0), (right, bottom / 2), (right - d, bottom), (d, bottom), (0, bottom / 2)),
        )
        yield "manual_operation", polygon((0, 0), (right, 0), (right - d, bottom), (d, bottom))
        yield "trapezoid", polygon((d, 0), (right - d, 0), (right, bottom), (0, bottom))
    for cut in (0.15 * low, 0.25 * low, 0.4 * low):  # the limits of a loop: two corners cut, above or below
        if w > 1.3 * h:
            yield "limit", polygon((cut, 0), (right - cut, 0), (right, cut), (right, bottom), (0, bottom), (0, cut))
            low_cut = bottom - cut
            ends = (right, low_cut), (right - cut, bottom), (cut, bottom), (0, low_cut)
            yield "limit", polygon((0, 0), (right, 0), *ends)
    for cut in (0.25, 0.4):
        yield "manual_input", polygon((0, cut * bottom), (right, 0), (right, bottom), (0, bottom))
    yield "triangle", polygon((right / 2, 0), (right, bottom), (0, bottom))
    yield "triangle", polygon((0, 0), (right, 0), (right / 2, bottom))
    yield "triangle", polygon((0, 0), (right, bottom / 2), (0, bottom))
    yield "triangle", polygon((right, 0), (right, bottom), (0, bottom / 2))
    turn = np.linspace(0, 1, 32)
    for depth in (0.08, 0.14):  # wavy bottom: one period, the right half higher
        wave = bottom * (1 - depth) + depth * bottom * np.sin(2 * np.pi * turn)
        yield "document", polygon((right, 0), (0, 0), *zip(turn * right, wave, strict=True))
    for depth in (0.06, 0.12, 0.2, 0.3):  # a cylinder's body: both ends bulge downwards
        arc = depth * bottom * np.sqrt(np.clip(1 - (2 * turn - 1) ** 2, 0, 1))
        top = list(zip(turn * right, arc, strict=True))
        under = list(zip(turn[::-1] * right, bottom * (1 - depth) + arc, strict=True))
        yield "database", polygon(*top, *under)
    for depth in (0.1, 0.2, 0.3):  # a whole cylinder, cap and body
        arc = depth * bottom * np.sqrt(np.clip(1 - (2 * turn - 1) ** 2, 0, 1))
        top = list(zip(turn * right, depth * bottom - arc, strict=True))
        under = list(zip(turn[::-1] * right, bottom * (1 - depth) + arc, strict=True))
        yield "database", polygon(*top, *under)
    for fold in (0.3 * low, 0.42 * low, 0.6 * low):
        yield "note", polygon((0, 0), (right - fold, 0), (right, fold), (right, bottom), (0, bottom))
    yield "delay", box(0.5 * low) | (xs < w / 2) if w > 1.1 * h else box(0)
