"""Relations that pass behind a box: two lines that end bare at it, opposite each other, on one slanted straight line.

Level and upright ones are left apart: boxes in a row are joined by such lines, too.
"""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.uml.relations import Ends

STRAIGHT, SLANTED = 3.0, 4.0
"""Degrees by which the two lines may differ, and from which on a line is slanted."""
OFF = 0.35
"""How far one line, drawn on, may miss the other, in letter heights."""


def joined_behind(connectors: list[Connector], ends: list[Ends], letter: float) -> tuple[list[Connector], list[Ends]]:
    """The connectors, and what stands at their ends, with those in one that go on behind a box."""
    lines, marks = list(connectors), list(ends)
    k = 0
    while k < len(lines):
        for j in range(k + 1, len(lines)):
            whole = _whole((lines[k], marks[k]), (lines[j], marks[j]), letter)
            if whole is not None:
                lines[k], marks[k] = whole
                del lines[j], marks[j]
                break
        else:
            k += 1
    return lines, marks


def _whole(one: tuple[Connector, Ends], two: tuple[Connector, Ends], letter: float) -> tuple[Connector, Ends] | None:
    """One connector of two that meet behind a box, from the first one's far end to the second one's."""
    (a, of_a), (b, of_b) = one, two
    if a.source == a.target or b.source == b.target or a.dashed != b.dashed:
        return None
    for box, first in _bare(a, of_a):
        for again, second in _bare(b, of_b):
            if box != again or _far(a, box) == _far(b, box) or not _collinear(first, second, letter):
                continue
            tail, few, marked = (of_a.head, of_a.many, a.head) if a.source == box else (of_a.tail, of_a.few, a.tail)
            head, many, points = (of_b.head, of_b.many, b.head) if b.source == box else (of_b.tail, of_b.few, b.tail)
            path = np.concatenate([first[::-1], second])
            sure = min(a.sure, b.sure)
            line = Connector(_far(a, box), _far(b, box), path, points, marked, a.dashed, sure)
            return line, Ends(head, tail, many, few)
    return None


def _bare(line: Connector, ends: Ends) -> list[tuple[int, Points]]:
    """The boxes at which a line ends without a head or a sign, with its path from there on."""
    out = []
    if not line.tail and ends.tail == "none" and ends.few == "none":
        out.append((line.source, line.path))
    if not line.head and ends.head == "none" and ends.many == "none":
        out.append((line.target, line.path[::-1]))
    return out


def _far(line: Connector, box: int) -> int:
    return line.target if line.source == box else line.source


def _collinear(first: Points, second: Points, letter: float) -> bool:
    """Whether two paths lead away from a box on one slanted straight line, to opposite sides."""
    ways = []
    for path in (first, second):
        along = lengths(path)
        near = path[min(int(np.searchsorted(along, 0.4 * letter)), len(path) - 1)]
        far = path[min(int(np.searchsorted(along, 2.5 * letter)), len(path) - 1)]
        ways.append((far - near) / (float(np.hypot(*(far - near))) or 1.0))
    across = second[0] - first[0]
    if float(np.hypot(*across)) < letter:
        return False
    turn = np.degrees(np.arccos(np.clip(-float(ways[0] @ ways[1]), -1, 1)))
    slant = np.degrees(np.arcsin(min(abs(float(ways[0][0])), abs(float(ways[0][1])))))
    off = max(abs(float(w[0] * across[1] - w[1] * across[0])) for w in ways)
    between = float(ways[1] @ across) > 0 > float(ways[0] @ across)
    return bool(turn <= STRAIGHT and slant >= SLANTED and off <= OFF * letter + 0.02 * np.hypot(*across) and between)
