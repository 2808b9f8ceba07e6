"""How many stand at each end of an association: short signs beside its ends, told apart from its name."""

from __future__ import annotations

import re

import numpy as np

from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.picture.rect import Rect

KINDS = frozenset({"class", "er", "usecase"})
"""Kinds of diagram whose connectors have them."""
NEAR = 5.0
"""How far from the end they stand at the most, in letter heights."""

_COUNT = r"(?:\d{1,4}|[*nmNM])"
_MULTIPLICITY = re.compile(rf"[\[(]?{_COUNT}(?:\s?(?:\.\.|-|,)\s?{_COUNT})?[\])]?")
_LOOKS_LIKE = str.maketrans({"O": "0", "О": "0", "o": "0", "о": "0", "l": "1", "I": "1", "|": "1", "і": "1", "«": "*",
                             "‘": "*", "°": "*", "×": "*", "х": "*", "x": "*", "…": ".."})  # fmt: skip
"""What single signs are misread as."""


def multiplicity(text: str) -> str | None:
    """A text as a multiplicity, such as `0..*`; None where it is none."""
    plain = text.replace(" ", "")
    if len(plain) > 9:
        return None
    for said in (plain, plain.translate(_LOOKS_LIKE)):
        said = re.sub(r"(?<=[\d*nmNM])\.{1,3}(?=[\d*nmNM])", "..", said)
        if _MULTIPLICITY.fullmatch(said):
            return said
    return None


def nearer_end(box: Rect, path: Points, letter: float) -> str | None:
    """`source` or `target`: the end of a path that a text stands at; None where it stands in between."""
    far = {}
    for end, point in (("source", path[0]), ("target", path[-1])):
        dx = max(box.x0 - point[0], point[0] - box.x1, 0)
        dy = max(box.y0 - point[1], point[1] - box.y1, 0)
        far[end] = float(np.hypot(dx, dy))
    end = min(far, key=lambda e: far[e])
    return end if far[end] <= NEAR * letter else None
