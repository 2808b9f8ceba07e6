"""Where boxes of a drawing are to one another, and what is dark."""

from __future__ import annotations

from diagrasp.model import Box
from diagrasp_formats.drawio.pages import Cell


def placed(cell: Cell, around: Box) -> Box:
    """Where a vertex is on the page.

    Args:
        around: what its place is told from: its parent's box, or one at the origin.
    """
    box = cell.box or Box(0, 0, 0, 0)
    if cell.relative:
        x, y = around.x + box.x * around.w + cell.offset.x, around.y + box.y * around.h + cell.offset.y
    else:
        x, y = around.x + box.x, around.y + box.y
    w, h = box.w, box.h
    if _is_upright(cell.style.get("rotation")):
        x, y, w, h = x + (w - h) / 2, y + (h - w) / 2, h, w
    return Box(round(x, 6), round(y, 6), w, h)


def _is_upright(rotation: str | None) -> bool:
    """Whether a turn, in degrees, swaps width and height."""
    try:
        return abs(float(rotation or 0) % 180 - 90) < 45
    except ValueError:
        return False


def touch(a: Box, b: Box) -> bool:
    """Whether two boxes stand side by side, or one under the other, with a common border."""
    beside = abs(a.y - b.y) < 3 and abs(a.h - b.h) < 3 and (abs(a.right - b.x) < 3 or abs(b.right - a.x) < 3)
    under = abs(a.x - b.x) < 3 and abs(a.w - b.w) < 3 and (abs(a.bottom - b.y) < 3 or abs(b.bottom - a.y) < 3)
    return beside or under


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box lies within a larger one."""
    x, y = inner.center
    return outer.contains(x, y) and inner.w < outer.w and inner.h < outer.h and outer.contains(inner.x + 1, inner.y + 1)


def is_dark(style: dict[str, str]) -> bool:
    """Whether a shape is filled so darkly that it is a bar or a dot."""
    color = style.get("fillColor", "").lstrip("#").lower()
    if color == "strokecolor":
        return True
    try:
        return len(color) == 6 and sum(bytes.fromhex(color)) < 200
    except ValueError:
        return False
