"""Lines of text set so tightly that a descender touches a letter of the next line: taken apart again."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.text.textlines import Text, TextLine, merge_pieces


def with_rows_apart(text: Text, letter: float) -> Text:
    """Text in which no two rows are one line."""
    lines = [row for line in text.lines for row in split_rows(line)]
    return text if len(lines) == len(text.lines) else Text(merge_pieces(lines, letter, []), text.ink)


def split_rows(line: TextLine) -> list[TextLine]:
    """The rows of what was taken for one line: two where letters stand in two rows and hardly one reaches over both.

    A letter that reaches over both is two that touch; it is cut where the rows meet.
    """
    if line.vertical or len(line.letters) < 6:
        return [line]
    heights = sorted(r.h for r in line.letters)
    usual = heights[len(heights) // 2]
    if line.box.h < 1.9 * usual or line.box.h > 3.4 * usual:
        return [line]
    middles = sorted(r.cy for r in line.letters if r.h <= 1.45 * usual)
    if len(middles) < 5:
        return [line]
    gaps = np.diff(middles)
    at = int(gaps.argmax())
    tall = sum(r.h > 1.45 * usual for r in line.letters)
    if gaps[at] < 0.7 * usual or min(at + 1, len(middles) - at - 1) + tall < 2:
        return [line]
    upper = [r for r in line.letters if r.h <= 1.45 * usual and r.cy <= middles[at]]
    lower = [r for r in line.letters if r.h <= 1.45 * usual and r.cy > middles[at]]
    # Dots and accents are no row, and the rows of two lines hardly overlap.
    small = min(float(np.median([r.h for r in row])) for row in (upper, lower)) < 0.65 * usual
    if small or np.median([r.y0 for r in lower]) < np.median([r.y1 for r in upper]) - 0.2 * usual:
        return [line]
    cut = round((float(np.median([r.y1 for r in upper])) + float(np.median([r.y0 for r in lower]))) / 2)
    for r in line.letters:
        if r.h <= 1.45 * usual:
            continue
        if r.y0 >= cut - 0.4 * usual or r.y1 <= cut + 0.4 * usual:
            (lower if r.cy > cut else upper).append(r)
        else:
            upper.append(Rect(r.x0, r.y0, r.x1, cut))
            lower.append(Rect(r.x0, cut, r.x1, r.y1))
    return [TextLine(bounding_box(row), tuple(sorted(row, key=lambda r: r.x0)), line.region) for row in (upper, lower)]
