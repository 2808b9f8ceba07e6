"""Lines without arrow heads that merge and fork: who leads to whom.

Where nothing points, ISO 5807 (and its Russian text, GOST 19.701-90) lets a flow run downwards and to the right, and
people keep to the sides of symbols: a flow leaves below and arrives above, so that a loop's way back up needs no head
to be understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLANTED: Final = 0.35
"""Least of the two parts of a direction, as a share of its length, for a line that is neither level nor upright."""

Vector = NDArray[np.float64]


def joined_ends(ways: Mapping[int, Mapping[int, float]]) -> list[list[int]]:
    """The free ends of lines without heads, those together that ways join, in order.

    Args:
        ways: from each end to others, with how bent the way is.
    """
    groups: list[list[int]] = []
    seen: set[int] = set()
    for first in ways:
        if first in seen:
            continue
        group, waiting = {first}, [first]
        seen.add(first)
        while waiting:
            end = waiting.pop()
            group.add(end)
            for other in ways[end]:
                if other in ways and other not in seen:
                    seen.add(other)
                    waiting.append(other)
        groups.append([end for end in ways if end in group])
    return groups


def all_leave(group: list[int], leaving: Mapping[int, Vector]) -> bool:
    """Whether every line leaves its symbol below, so that none of them can be where the others arrive."""
    return all(leaving[end][1] > 1 - SLANTED for end in group)


def arrival(bent: Mapping[int, float], leaving: Mapping[int, Vector]) -> int | None:
    """The straightest reached of the ends that are above a symbol; None where there is none."""
    above = [end for end in bent if leaving[end][1] < SLANTED - 1]
    return min(above, key=lambda end: bent[end]) if above else None


def led(
    group: list[int], ways: Mapping[int, Mapping[int, float]], leaving: Mapping[int, Vector]
) -> list[tuple[int, int]] | None:
    """Pairs of ends, source and target, for three ends or more that junctions join; None where nothing tells.

    Args:
        group: the ends.
        ways: as for `joined_ends`.
        leaving: for each end the direction, of length 1 and y downwards, in which its line leaves the symbol.
    """
    if any(min(abs(leaving[end])) > SLANTED for end in group):
        return _star(group, ways)
    down = [end for end in group if leaving[end][1] > SLANTED]
    up = [end for end in group if leaving[end][1] < -SLANTED]
    right = [end for end in group if leaving[end][0] > SLANTED]
    left = [end for end in group if leaving[end][0] < -SLANTED]
    if up:
        sources, targets = down + right + left, up
    elif down:
        sources, targets = down, right + left
    else:
        sources, targets = right, left
    pairs: list[tuple[int, int]] = []
    for source in sources:
        reached = [t for t in targets if t in ways[source]]
        if reached:
            pairs.append((source, min(reached, key=lambda t: ways[source][t])))
    for target in targets:
        reaching = [s for s in sources if target in ways[s]]
        if reaching and all(t != target for _, t in pairs):
            pairs.append((min(reaching, key=lambda s: ways[s][target]), target))
    return pairs or None


def _star(group: list[int], ways: Mapping[int, Mapping[int, float]]) -> list[tuple[int, int]] | None:
    """Slanted lines that run together into one end: that end with each of the others."""
    hubs = [end for end in group if all(end in ways[other] for other in group if other != end)]
    if not hubs:
        return None
    hub = min(hubs, key=lambda end: sum(ways[other][end] for other in group if other != end))
    return [(other, hub) for other in group if other != hub]
