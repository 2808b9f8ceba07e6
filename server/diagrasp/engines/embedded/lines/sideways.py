"""Heads that lie along a symbol's border: those of stepped lines, whose last step has no length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Terminal
from diagrasp.engines.embedded.lines.skeleton import Skeleton
from diagrasp.engines.embedded.picture.components import components

REACH = 3.5
"""How far from the line's end such a head may lie, in letter heights."""
LOOSE = 3.0
"""Letter heights of what belongs to such a head at most: what is longer is a line."""


def with_sideways_heads(
    skeleton: Skeleton, ends: list[Terminal], ink: NDArray[np.bool_], near: NDArray[np.float32],
    owner: NDArray[np.int32], letter: float,
) -> list[Terminal]:  # fmt: skip
    """The ends, those marked beside which a head lies on the border; ends of the head's own are left out.

    Args:
        ink: (H, W) bool, connector ink.
        near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
    """
    _, labels, stats, _ = components(ink)
    x, y, w, h, area = stats.T
    small = (np.minimum(w, h) >= 0.25 * letter) & (np.maximum(w, h) <= 1.2 * letter) & (area >= 0.42 * w * h)
    small[0] = False
    out = list(ends)
    for i in np.flatnonzero(small):
        view = slice(y[i], y[i] + h[i]), slice(x[i], x[i] + w[i])
        mine = labels[view] == i
        numbers = np.unique(owner[view][mine])
        flat = max(w[i], h[i]) > 1.2 * min(w[i], h[i])
        if len(numbers) != 1 or near[view][mine].min() > 0.25 * letter or not flat or not _solid(mine):
            continue
        cx, cy = x[i] + w[i] / 2, y[i] + h[i] / 2
        own = [t for t in out if labels[tuple(skeleton.places[t.node][::-1].astype(int))] == i]
        if any(skeleton.segments[skeleton.at[t.node][0]].length > LOOSE * letter for t in own):
            continue  # the last dash of a line
        best: tuple[float, Terminal] | None = None
        for end in out:
            px, py = skeleton.places[end.node]
            across, along = (abs(py - cy), abs(px - cx)) if w[i] > h[i] else (abs(px - cx), abs(py - cy))
            beside = end.owner == numbers[0] and across <= 0.8 * letter and along <= REACH * letter
            if beside and end.head < 0.5 and not any(end is t for t in own) and (best is None or along < best[0]):
                best = along, end
        if best is not None:
            out = [replace(t, head=1.5) if t is best[1] else t for t in out if not any(t is o for o in own)]
    return out


def _solid(mask: NDArray[np.bool_]) -> bool:
    """Whether ink is one mass that tapers along its longer side."""
    sizes = mask.sum(axis=0 if mask.shape[1] >= mask.shape[0] else 1)
    n = max(1, len(sizes) // 3)
    low, high = sorted((float(sizes[:n].mean()), float(sizes[-n:].mean())))
    return low <= 0.7 * high
