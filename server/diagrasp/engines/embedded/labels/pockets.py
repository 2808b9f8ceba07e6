"""Connectors of which little is seen: text between two symbols, and right behind it a head or two stubs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.slight import short_arrows
from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.rect import Rect

LONG = 3.0
"""Longest piece of a connector that is told only from the label beside it, in letter heights."""
BESIDE = 0.7
"""Widest gap between the label and that piece, in letter heights."""
ASIDE = 0.4
"""How far beside the label's end the piece may stand, and how far it may reach into the label, in letter heights."""
BEYOND = 1.5
"""Widest gap between the label and the symbol on its other side, in letter heights."""
CLOSE = 0.4
"""Widest gap between the label and a symbol that hides a whole head, in letter heights."""
BROAD = 0.4
"""Least breadth of a head, in letter heights."""
WHOLE_HEAD = 0.7
"""Breadth from which on a piece is a head however thick the strokes: where only heads are seen, they are those."""
TAPER = 0.75
"""Greatest breadth of a head's tip, as a share of its breadth."""
SURE = 0.8
"""How sure the direction of such a connector is where its head is seen."""


@dataclass(frozen=True)
class _Piece:
    """What is left of a connector at the symbol `owner`: its box, its ink within that, and its middle."""

    box: Rect
    owner: int
    ink: NDArray[np.bool_]
    at: tuple[float, float]

    def is_head(self, text: Rect, along: int, broad: float) -> bool:
        """Whether it tapers from a breadth in pixels towards the side where the label is not."""
        lines = self.ink if along else self.ink.T
        across = np.array([np.ptp(np.flatnonzero(line)) + 1 if line.any() else 0 for line in lines], float)
        if self.at[along] > (text[along] + text[along + 2]) / 2:
            across = across[::-1]
        tip = across[: max(1, len(across) // 4)]
        return bool(across.max() >= broad and tip.mean() <= TAPER * across.max())

    def leads_into(self, text: Rect, end: tuple[float, float], along: int, letter: float) -> bool:
        """Whether it is a line's piece that a label goes on from to `end`, at a symbol right behind the label."""
        thin = self.ink.shape[along] <= 0.3 * letter
        gap = max(text[along] - end[along], end[along] - text[along + 2])
        return thin and gap <= CLOSE * letter


def behind_labels(
    found: list[Connector], ink: NDArray[np.bool_], near: NDArray[np.float32], owner: NDArray[np.int32],
    texts: Sequence[Rect], letter: float, width: float,
) -> list[Connector]:  # fmt: skip
    """The connectors, and those of which a label between two symbols, or the gap itself, leaves little.

    Args:
        ink: (H, W) bool, connector ink.
        near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
        texts: boxes of lines of text outside of the symbols.
        width: the strokes' usual width, in pixels.
    """
    pieces = _pieces(found, ink, near, owner, letter)
    out = list(found)
    taken: set[int] = set()
    broad = max(2.2 * width, BROAD * letter)
    for text, (k, piece), along in product(texts, enumerate(pieces), (1, 0)):
        far = None if k in taken else _far_side(piece, text, texts, ink, near, owner, along, letter)
        if far is None:
            continue
        other, end = far
        facing = {j for j, p in enumerate(pieces) if j != k and p.owner == other and _meets(p, text, along, letter)}
        head = piece.is_head(text, along, broad)
        if not (head or facing) and piece.leads_into(text, end, along, letter):  # its head touches the letters
            source, target, tips = piece.owner, other, (piece.at, end)
            out.append(Connector(source, target, np.array(tips, np.float64), True, False, False, 0.0))
            taken.add(k)
            continue
        if not (head or facing) or facing & taken or any(pieces[j].is_head(text, along, broad) for j in facing):
            continue  # nothing is seen of it on the other side, or its head
        path = np.array([end, piece.at], np.float64)
        if not head and path[1].sum() < path[0].sum():
            continue  # without a head as one reads
        if not any({c.source, c.target} == {other, piece.owner} and _through(c, text) for c in out):
            out.append(Connector(other, piece.owner, path, head, False, False, SURE if head else 0.0))
        taken |= {k, *facing}
    left = ((p.box, p.ink) for k, p in enumerate(pieces) if k not in taken)
    return out + short_arrows(left, out, near, owner, letter, min(broad, WHOLE_HEAD * letter))


def _pieces(
    found: list[Connector], ink: NDArray[np.bool_], near: NDArray[np.float32], owner: NDArray[np.int32], letter: float
) -> list[_Piece]:
    """Small pieces of ink at one symbol that no connector has."""
    _, labels, stats, _ = components(ink)
    w, h = stats[:, 2], stats[:, 3]
    small = (np.maximum(w, h) <= LONG * letter) & (np.maximum(w, h) >= 0.2 * letter)
    small[0] = False
    for c in found:
        at = c.path.astype(int)
        small[labels[at[:, 1], at[:, 0]]] = False
    out: list[_Piece] = []
    for i in np.flatnonzero(small):
        x, y, bw, bh = (int(v) for v in stats[i, :4])
        view = slice(y, y + bh), slice(x, x + bw)
        mine = labels[view] == i
        far = np.where(mine, near[view], np.inf)
        k = int(far.argmin())
        py, px = divmod(k, bw)
        if far[py, px] > 0.45 * letter:
            continue
        out.append(_Piece(Rect(x, y, x + bw, y + bh), int(owner[y + py, x + px]), mine, (x + bw / 2, y + bh / 2)))
    return out


def _meets(piece: _Piece, text: Rect, along: int, letter: float) -> bool:
    """Whether a piece ends at a label, above or below it (along = 1) or beside it (along = 0)."""
    middle, slack = piece.at[1 - along], ASIDE * letter
    gap = max(text[along] - piece.box[along + 2], piece.box[along] - text[along + 2])
    aside = max(text[1 - along] - middle, middle - text[3 - along])
    return -ASIDE * letter <= gap <= BESIDE * letter and aside <= slack


def _far_side(
    piece: _Piece, text: Rect, texts: Sequence[Rect], ink: NDArray[np.bool_], near: NDArray[np.float32],
    owner: NDArray[np.int32], along: int, letter: float,
) -> tuple[int, tuple[float, float]] | None:  # fmt: skip
    """The symbol on a label's other side, seen from a piece of connector, and where the way to it ends."""
    low, high = text[along], text[along + 2]
    if not _meets(piece, text, along, letter):
        return None
    forward = -1 if piece.at[along] > (low + high) / 2 else 1
    spot = list(piece.at)
    spot[along] = low if forward < 0 else high
    free = 0.0
    height, wide = near.shape
    while 0 <= spot[0] < wide and 0 <= spot[1] < height and free <= BEYOND * letter:
        x, y = int(spot[0]), int(spot[1])
        if near[y, x] <= 1:
            number = int(owner[y, x])
            return (number, (spot[0], spot[1])) if number != piece.owner else None
        if not ink[y, x]:
            free = 0.0 if any(t is not text and t.inside(x, y) for t in texts) else free + 1
        spot[along] += forward
    return None


def _through(connector: Connector, text: Rect) -> bool:
    box = text.grow(0.5 * text.h)
    p = connector.path
    return bool(((box.x0 <= p[:, 0]) & (p[:, 0] < box.x1) & (box.y0 <= p[:, 1]) & (p[:, 1] < box.y1)).any())
