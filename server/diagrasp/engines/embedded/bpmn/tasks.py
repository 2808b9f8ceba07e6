"""Tasks: what of the ink inside one is notation and not its name."""

from __future__ import annotations

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.text.textlines import TextLine


def without_icons(lines: list[TextLine], box: Rect, letter: float) -> list[TextLine]:
    """A task's lines of text without the icon in its upper left corner and the markers at its foot.

    Both have a place of their own, apart from the name, and hardly more than a letter's width; what stands there alone
    is kept as a name all the same.

    Args:
        box: the task's outline.
    """
    if min(box.w, box.h) < 4 * letter:
        return lines
    kept = [t for t in lines if _heads_column(t, lines, letter) or not _is_mark(t, lines, box, letter)]
    return kept or lines


def _is_mark(line: TextLine, lines: list[TextLine], box: Rect, letter: float) -> bool:
    marks = _in_corner(line, lines, box, letter) or _at_foot(line, lines, box, letter)
    return marks or _hides_states(line, lines, box, letter)


def _hides_states(line: TextLine, lines: list[TextLine], box: Rect, letter: float) -> bool:
    """Whether a line is the two joined ovals in the lower right corner of a state whose own states are not shown."""
    b = line.box
    if len(line.letters) != 1 or not 2.2 * b.h <= b.w <= 4.5 * letter or len(lines) < 2:
        return False
    cornered = box.x1 - b.x1 <= 1.3 * letter and box.y1 - b.y1 <= 1.3 * letter
    return cornered and b.x0 > box.cx and all(t.box.y1 <= b.y0 + 2 for t in lines if t is not line)


def _heads_column(line: TextLine, lines: list[TextLine], letter: float) -> bool:
    """Whether a line is one of three or more of like height that begin at the same place: a list, set to the left."""
    level = [
        t for t in lines
        if abs(t.box.x0 - line.box.x0) <= 0.3 * letter and 0.7 * line.size <= t.size <= line.size / 0.7
    ]  # fmt: skip
    return len(level) >= 3


def _in_corner(line: TextLine, lines: list[TextLine], box: Rect, letter: float) -> bool:
    """Whether a line is a mark within two letters' width of the upper left corner, with no text above it."""
    b = line.box
    if any(t.box.y1 <= b.cy and t.box.x0 < b.x1 and b.x0 < t.box.x1 for t in lines if t is not line):
        return False
    small = max(b.w, b.h) <= (3.3 if len(line.letters) == 1 else 2.9) * letter and len(line.letters) <= 3
    return small and b.x1 - box.x0 <= 3.6 * letter and b.y1 - box.y0 <= 3.4 * letter and b.x1 < box.cx


def _at_foot(line: TextLine, lines: list[TextLine], box: Rect, letter: float) -> bool:
    """Whether a line is a row of narrow marks on the lower border, in the middle."""
    b = line.box
    low = box.y1 - b.y1 <= 1.1 * letter and b.cy > box.cy + 0.25 * box.h and abs(b.cx - box.cx) <= 2.5 * letter
    if not low or b.w > 3.2 * letter or len(line.letters) > 3:
        return False
    above = [t.box.y1 for t in lines if t is not line and t.box.cy < b.y0]
    bars = all(r.w <= 0.4 * r.h for r in line.letters) and len(line.letters) >= 2
    return bool(above) and (bars or len(line.letters) == 1)
