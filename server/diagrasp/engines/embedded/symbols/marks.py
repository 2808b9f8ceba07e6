"""What a small symbol's inside says: start and end marks, event rings, gateway signs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.symbols.find import Symbol


class Disc(NamedTuple):
    """A circle's look: `solid` (all filled), `bullseye` (filled centre, gap, ring), thickness of the ring as a share of
    the radius, whether the ring is double, whether something is drawn inside, whether a
    solid one is nearly black.
    """

    solid: bool
    bullseye: bool
    ring: float
    double: bool
    icon: bool
    dark: bool


def disc(sheet: Sheet, symbol: Symbol) -> Disc:
    """Look at a circle along its radii, by contrast with the paper around it."""
    b = symbol.outline.box
    radius = (b.w + b.h) / 4 + symbol.border
    y0, y1 = max(0, int(b.cy - 1.6 * radius)), min(sheet.height, int(b.cy + 1.6 * radius) + 1)
    x0, x1 = max(0, int(b.cx - 1.6 * radius)), min(sheet.width, int(b.cx + 1.6 * radius) + 1)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    far = np.hypot(xs - b.cx, ys - b.cy) / radius
    crop = sheet.rgb[y0:y1, x0:x1].astype(np.int32)
    outer = crop[(far > 1.15) & (far < 1.5)]
    page = np.median(outer, axis=0) if len(outer) else np.array([255, 255, 255])
    inner = crop[far < 0.75]
    paper = np.median(inner, axis=0) if len(inner) else page
    differs = np.abs(crop - page).max(axis=2)
    core = differs[far < 0.42]
    dark = float((core > 90).mean()) if len(core) else 0.0
    middle = differs[(far > 0.55) & (far < 0.85)]
    gap = float((middle < 60).mean()) if len(middle) else 0.0
    contrast = np.abs(crop - paper).max(axis=2)
    bins = np.clip((far * 32).astype(int), 0, 47)
    total = np.bincount(bins.ravel(), minlength=48)
    profile = np.bincount(bins.ravel(), weights=contrast.ravel(), minlength=48) / np.maximum(total, 1)
    rim = profile[16:36]
    top = float(rim.max(initial=1.0))
    high = rim > 0.5 * top
    ring = float(high.sum()) / 32
    rises = int(((high[1:] == 1) & (high[:-1] == 0)).sum() + int(high[0]))
    drawn = contrast[far < 0.5]
    icon = float((drawn > 70).mean()) > 0.03 if len(drawn) else False
    ringed = dark > 0.9 and _ringed(np.bincount(bins[differs > 90], minlength=48) / np.maximum(total, 1))
    return Disc(
        dark > 0.9 and gap < 0.35 and not ringed,
        ringed or (gap >= 0.35 and (dark > 0.8 or _dot(differs > 90, far))),
        ring,
        rises >= 2,
        icon and dark <= 0.9,
        _dark(crop[far < 0.42]),
    )


def _ringed(shares: NDArray[np.float64]) -> bool:
    """Whether a thin ring of paper, and another of ink, lie around a disc, however close.

    Args:
        shares: (48,) how much is dark on each of the circles around its middle, up to 1.5 radii.
    """
    paper = np.flatnonzero(shares < 0.35)
    return bool(len(paper) and 16 <= paper[0] <= 30 and (shares[paper[0] + 1 : 36] > 0.6).any())


def _dot(dark: NDArray[np.bool_], far: NDArray[np.float64]) -> bool:
    """Whether the dark part of a circle's middle is a small disc."""
    inner = dark & (far < 0.6)
    if not inner.any() or float(dark[far < 0.25].mean()) < 0.95:
        return False
    radius = float(np.sqrt(inner.sum() / max(1, (far < 1).sum())))
    disc = far <= radius
    return radius >= 0.25 and float((inner & disc).sum() / (inner | disc).sum()) > 0.82


def _dark(colours: NDArray[np.int32]) -> bool:
    """Nearly black, or nearly white on a dark page: what start marks of UML are filled with."""
    if len(colours) == 0:
        return False
    middle = np.median(colours, axis=0)
    return bool(middle.max() < 110 or middle.min() > 215)


def gateway(sheet: Sheet, symbol: Symbol) -> str | None:
    """The kind of a small diamond by the sign drawn in it; None where it is empty.

    A cross leaves ink along the diagonals, a plus along the axes, a circle a ring of it, a pentagon in rings a lot.
    """
    b = symbol.outline.box
    half = 0.5 * min(b.w, b.h)
    y0, y1, x0, x1 = int(b.cy - half), int(b.cy + half) + 1, int(b.cx - half), int(b.cx + half) + 1
    if y0 < 0 or x0 < 0 or y1 > sheet.height or x1 > sheet.width:
        return None
    crop = sheet.rgb[y0:y1, x0:x1].astype(np.int32)
    ys, xs = np.mgrid[y0:y1, x0:x1]
    u, v = (xs - b.cx) / half, (ys - b.cy) / half
    inside = np.abs(u) + np.abs(v) < 0.78
    paper = _paper(crop[inside])
    ink = (np.abs(crop - paper).max(axis=2) > 70) & inside
    if ink.sum() < 0.03 * inside.sum():
        return None
    radius = np.hypot(u, v)
    near = (radius > 0.12) & (radius < 0.5)
    angle = np.abs(np.arctan2(v, u))
    diagonal = near & (np.abs(np.mod(angle, np.pi / 2) - np.pi / 4) < 0.32)
    axis = near & (np.abs(np.mod(angle + np.pi / 4, np.pi / 2) - np.pi / 4) < 0.32)
    on_diagonal, on_axis = _share(ink, diagonal), _share(ink, axis)
    centre = _share(ink, radius < 0.13)
    if centre > 0.5:
        return "exclusive_gateway" if on_diagonal > on_axis else "parallel_gateway"
    rings = _share(ink, near)
    return "event_gateway" if rings > 0.42 else "inclusive_gateway"


def _share(ink: NDArray[np.bool_], where: NDArray[np.bool_]) -> float:
    return float(ink[where].mean()) if where.any() else 0.0


def _paper(colours: NDArray[np.int32]) -> NDArray[np.int32]:
    """The commonest colour, in steps of 16 levels."""
    if len(colours) == 0:
        return np.array([255, 255, 255], np.int32)
    keys = (colours // 16) @ np.array([256, 16, 1])
    values, counts = np.unique(keys, return_counts=True)
    return np.asarray(np.median(colours[keys == values[counts.argmax()]], axis=0), np.int32)
