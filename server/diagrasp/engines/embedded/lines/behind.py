"""Connectors that pass behind a symbol: two pieces, one of them without a head, on one line that misses its middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.picture.rect import Rect

STRAIGHT = 0.97
"""Least cosine between the pieces and the way from one to the other."""
ASIDE = 0.2
"""How far the line passes from the symbol's middle at least, as a share of its shorter side: connectors aim there."""


def behind(found: list[Connector], boxes: Sequence[Rect], letter: float) -> list[Connector]:
    """The connectors, pieces that go on on the other side of a symbol joined.

    Args:
        boxes: of the symbols, in order of their numbers, which begin at 1.
    """
    if sum(c.head for c in found) < 0.7 * len(found):
        return found
    out = list(found)
    for piece in found:
        if piece.head or piece.tail or max(piece.source, piece.target) > len(boxes):
            continue
        best: tuple[float, Connector, Connector] | None = None
        for path, near, far in (
            (piece.path, piece.target, piece.source), (piece.path[::-1], piece.source, piece.target)
        ):  # fmt: skip
            for rest in out:
                if rest is piece or rest.source != near or not rest.head or rest.tail or rest.target in (near, far):
                    continue
                cost = _turn(path, rest.path, boxes[near - 1], letter)
                if cost is not None and (best is None or cost < best[0]):
                    whole = replace(rest, source=far, path=np.vstack([path, rest.path]))
                    best = cost, rest, whole
        if best is not None and any(c is piece for c in out):
            out = [c for c in out if c is not piece and c is not best[1]] + [best[2]]
    return out


def _turn(first: Points, second: Points, box: Rect, letter: float) -> float | None:
    """How much a line turns that goes on from one path to the next behind a symbol; None where it does not."""
    way = second[0] - first[-1]
    far = float(np.hypot(*way))
    if far < letter:
        return None
    way /= far
    a, b = _direction(first[::-1], letter), _direction(second, letter)
    least = min(float(way @ -a), float(way @ b))
    middle = np.array([box.cx, box.cy]) - first[-1]
    aside = abs(float(way[0] * middle[1] - way[1] * middle[0]))
    on = float(way @ _direction(second, 4 * letter))  # of two that begin alike, the one that goes on straight
    return 2 - least - on if least >= STRAIGHT and aside >= ASIDE * min(box.w, box.h) else None


def _direction(path: Points, letter: float) -> Points:
    """Unit vector from a path's beginning along it, over two letter heights."""
    along = lengths(path)
    k = min(int(np.searchsorted(along, 2 * letter)), len(path) - 1)
    way = path[k] - path[0]
    return np.asarray(way / (float(np.hypot(*way)) or 1.0))
