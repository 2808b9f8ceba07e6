"""Small holes in ink: paper that ink encloses, which open heads, signs and rings are known by.

Paper is nearly all of a drawing, so that numbering its pieces to keep the small ones takes four times as long as to
follow the ink's outlines (Suzuki and Abe 1985, "Topological Structural Analysis of Digitized Binary Images").
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.rect import Rect

Mask = NDArray[np.bool_]


class Hole(NamedTuple):
    """A piece of paper in ink: its bounds, its pixels within them as (h, w) bool, and how many these are."""

    box: Rect
    mask: Mask
    area: int

    def fill(self, out: Mask) -> None:
        """Set its pixels in a mask of the whole drawing."""
        b = self.box
        out[b.y0 : b.y1, b.x0 : b.x1] |= self.mask


def holes(ink: Mask, largest: float, least: float = 1.0) -> list[Hole]:
    """The pieces of paper that ink encloses, from the top down; pixels that touch at corners only are apart.

    Args:
        ink: (H, W) bool.
        largest: pixels of the longer side at the most.
        least: pixels of the shorter side at the least.
    """
    outlines, tree = cv2.findContours(ink.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return []
    found = []
    for k in np.flatnonzero(tree[0, :, 3] >= 0).tolist():  # what has a parent is a hole
        x, y, w, h = cv2.boundingRect(outlines[k])  # of the ink around it
        if max(w, h) - 2 <= largest and min(w, h) - 2 >= least:
            found.append(_hole(ink, Rect(x + 1, y + 1, x + w - 1, y + h - 1)))
    return sorted(found, key=lambda hole: (hole.box.y0, hole.box.x0))


def _hole(ink: Mask, box: Rect) -> Hole:
    """The hole with these bounds: of the pieces of paper within them the only one that reaches all four."""
    paper = ~ink[box.y0 : box.y1, box.x0 : box.x1]
    if paper.all():
        return Hole(box, paper, paper.size)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(paper.view(np.uint8), connectivity=4)
    reach = (stats[1:, cv2.CC_STAT_WIDTH] == box.w) & (stats[1:, cv2.CC_STAT_HEIGHT] == box.h)
    piece = 1 + int(reach.argmax())
    return Hole(box, labels == piece, int(stats[piece, cv2.CC_STAT_AREA]))
