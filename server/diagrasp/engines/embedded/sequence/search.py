"""The sequence diagram in a picture, also where its lines are pale."""

from __future__ import annotations

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.faint import strengthened
from diagrasp.engines.embedded.picture.raster import Image, Sheet, retake
from diagrasp.engines.embedded.sequence.find import Sequence, find_sequence
from diagrasp.engines.embedded.sequence.pale import pale_lines

DARK = 100
"""Levels by which what is no pale line differs from the paper."""


def any_sequence(sheet: Sheet, pixels: Image) -> Sequence | None:
    """The sequence diagram in a drawing as it is, or with its pale lines made stronger where that shows more.

    Args:
        sheet: the drawing taken apart.
        pixels: (H, W, 3) uint8 RGB, the picture that it was made of.
    """
    found = find_sequence(sheet, pixels)
    strong = _bold(sheet) if pale_lines(sheet) else None
    other = find_sequence(strong, pixels) if strong is not None else None
    return max((s for s in (found, other) if s is not None), key=lambda s: s.size, default=None)


def _bold(sheet: Sheet) -> Sheet | None:
    """A drawing with what is pale in it stronger; letters stay as they are, or they would grow together."""
    strong, ground = strengthened(sheet.rgb), strengthened(sheet.ground)
    if strong is None or ground is None:
        return None
    near = round(0.15 * sheet.letter) * 2 + 1
    dark = cv2.dilate((sheet.contrast >= DARK).astype(np.uint8), np.ones((near, near), np.uint8)) > 0
    away = sheet.rgb[dark].astype(np.int16) - sheet.ground[dark]
    strong[dark] = np.clip(ground[dark] + away, 0, 255).astype(np.uint8)
    return retake(sheet, strong)
