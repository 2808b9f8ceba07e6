"""Small letters or capitals: in Russian most small letters are capitals drawn smaller.

A word without ascenders, alone on its line, fills its crop as capitals would.  Beside it stand lines of the same label
that show how tall capitals are there.
"""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.text.textlines import TextLine

SMALL = 0.87
"""Height of small letters, in heights of capitals, at most: between 0.68 and 0.77 in common typefaces."""
FEWEST, ALIKE = 4, 1.2
"""Lines that tell one size of letters, and how much those of one size differ."""
ASCENDING = frozenset("бйёф" + "bdfhijklt" + "0123456789")
"""Small letters and figures as tall as capitals, or taller."""


def with_small_letters(lines: list[TextLine], readings: list[Reading]) -> list[Reading]:
    """The readings; lines read as capitals whose letters are small beside those of the same label are small letters.

    Args:
        lines: of all labels.
        readings: of the lines, in their order.
    """
    out = list(readings)
    tall = [_ascent(t, 100) if _has_tall(r.text) else 0.0 for t, r in zip(lines, readings, strict=True)]
    usual = _usual([t for t in tall if t])
    for i, (line, reading) in enumerate(zip(lines, readings, strict=True)):
        letters = [c for c in reading.text if c.isalpha()]
        if line.vertical or not letters or not all(c.isupper() for c in letters):
            continue
        if len(letters) < 2:
            above = [tall[k] for k, other in enumerate(lines) if tall[k] and _below(line, other, tall[k])]
            if above and _ascent(line, 90) <= SMALL * float(np.median(above)):
                out[i] = reading._replace(text=reading.text.lower())
            continue
        beside = [tall[k] for k, other in enumerate(lines) if k != i and tall[k] and _together(line, other, tall[k])]
        if (beside or usual) and _ascent(line, 90) <= SMALL * (float(np.median(beside)) if beside else usual):
            out[i] = reading._replace(text=reading.text.lower())
    return out


def _usual(tall: list[float]) -> float:
    """The height of capitals in a drawing whose lines are all of one size; 0 in others."""
    if len(tall) < FEWEST:
        return 0.0
    low, middle, high = (float(v) for v in np.percentile(tall, (20, 50, 80)))
    return middle if high <= ALIKE * low else 0.0


def _has_tall(text: str) -> bool:
    """Whether a line has small letters, and something that is as tall as capitals are."""
    small = any(c.islower() for c in text)
    return small and any(c.isupper() or c in ASCENDING for c in text)


def _ascent(line: TextLine, percent: float) -> float:
    """How far letters rise above the line that they stand on, in pixels."""
    foot = float(np.median([r.y1 for r in line.letters]))
    return foot - float(np.percentile([r.y0 for r in line.letters], 100 - percent))


def _below(a: TextLine, b: TextLine, tall: float) -> bool:
    """Whether a line stands right below the middle of another one, as what did not fit into that."""
    p, q = a.box, b.box
    return not b.vertical and abs(p.cx - q.cx) <= 0.3 * tall and 0 <= p.y0 - q.y1 <= 1.5 * tall


def _together(a: TextLine, b: TextLine, tall: float) -> bool:
    """Whether two lines may be of one label: beside each other, or few rows above or below."""
    if b.vertical:
        return False
    p, q = a.box, b.box
    down = max(p.y0, q.y0) - min(p.y1, q.y1)
    across = max(p.x0, q.x0) - min(p.x1, q.x1)
    return down <= 4.5 * tall and across <= (0.0 if down > 0 else 1.2 * tall)
