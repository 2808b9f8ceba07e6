"""Rings around a dark disc, where state machines and activities end, also where arrow heads crowd around them."""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.holes import holes
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit


def with_bullseyes(sheet: Sheet, nodes: list[Symbol]) -> list[Symbol]:
    """The nodes, and the rings of paper between a disc and its ring that no node has yet."""
    letter = sheet.letter
    out = list(nodes)
    for hole in holes(sheet.ink, 4 * letter, 0.75 * letter):
        x, y, w, h = hole.box.x0, hole.box.y0, hole.box.w, hole.box.h
        if not 0.85 <= w / h <= 1.18:
            continue
        mask = hole.mask.view(np.uint8)
        contours, _ = cv2.findContours(np.pad(mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        filled = np.zeros((h + 2, w + 2), np.uint8)
        cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
        filled = filled[1:-1, 1:-1]
        ys, xs = np.mgrid[0:h, 0:w]
        far = np.hypot((xs + 0.5 - w / 2) / (w / 2), (ys + 0.5 - h / 2) / (h / 2))
        disc = far <= 1
        if np.count_nonzero(disc & (filled > 0)) < 0.88 * np.count_nonzero(disc | (filled > 0)):
            continue
        core = filled & ~mask
        radius = float(np.sqrt(core.sum() / max(1, filled.sum())))
        inner = far <= radius
        alike = float((inner & (core > 0)).sum()) / float(max(1, (inner | (core > 0)).sum()))
        if not 0.35 <= radius <= 0.85 or alike < 0.8:
            continue
        box = Rect(x, y, x + w, y + h)
        if any(n.box.inside(box.cx, box.cy) and max(n.box.w, n.box.h) <= 6 * letter for n in out):
            continue
        outline = Outline(int(sheet.regions[y, x]), box, filled, Fit("circle", 0.95), int(filled.sum()))
        out.append(Symbol(outline, "circle", max(2, round(0.22 * letter))))
    return out
