"""What a layered drawing is made of: items to place and links between them."""

from __future__ import annotations

from dataclasses import dataclass, field

ITEM_GAP = 34.0
DUMMY_GAP = 18.0
BAND_PAD = 26.0
SIDE = 24.0
"""How far a way back runs beside the items it joins."""
BIG = 4000
"""Items above which rounds are fewer."""


@dataclass(slots=True)
class Item:
    """A box to place: its size along and across the flow, and its band."""

    along: float
    across: float
    band: int = 0
    rank: int = -1
    order: int = 0
    c: float = 0.0
    dummy: bool = False
    inert: bool = False  # without any link


@dataclass(slots=True)
class Link:
    """A connection of two items by index; `length` is the least number of ranks between them."""

    source: int
    target: int
    length: int = 1
    weight: float = 1.0
    room: float = 0.0  # across, for a label that travels with the link
    chain: list[int] = field(default_factory=list)
    flipped: bool = False
    rank_only: bool = False  # counts for the ranks; its line is drawn by others


Near = list[list[tuple[int, float]]]
"""For each item its neighbours on one side, with weights."""
