"""What stands at the ends of relations, made ready for tracing: hollow heads filled, lone signs read as text."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.labels.dashes import in_line, slope_of
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.picture.components import components
from diagrasp.engines.embedded.picture.holes import Hole, holes
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine
from diagrasp.engines.embedded.uml.tables import Table, in_columns
from diagrasp.engines.embedded.uml.vees import points_at

HEAD = 2.9
"""Longest hollow head, in letter heights."""
DISC, AWAY, SOLID, ROOMY = 1.3, 1.2, 0.55, 18.0
"""Diameter of a disc, in letter heights, and how far it is at least from a table to be no mark of it; its share of ink
within its bounds; and the width and height of what has compartments and holds such discs: a composite state."""
PART = 64
"""Points of a path measured at a time."""


def filled_heads(strokes: Mask, near: NDArray[np.float32], letter: float, sides: Mask | None = None) -> Mask:
    """The strokes with hollow triangles and diamonds at symbols' borders filled; a border may close them.

    Args:
        strokes: (H, W) bool, connector ink.
        near: (H, W) distance of every pixel to the next symbol, in pixels.
        sides: (H, W) bool, the ink of frames' sides, which a head may lie across.
    """
    out, closed = strokes.copy(), strokes | (near <= 0)
    for hole in holes(closed, HEAD * letter, 0.3 * letter):
        if _is_head(hole, near, letter):
            hole.fill(out)
    if sides is not None and sides.any():
        for hole in _across(closed, sides, letter):
            if _is_head(hole, near, letter):
                hole.fill(out)
    return out


def _is_head(hole: Hole, near: NDArray[np.float32], letter: float) -> bool:
    """Whether what is enclosed has a hollow head's size, place and shape."""
    (x0, y0, x1, y1), mask, area = hole
    if area < 0.12 * letter * letter or near[y0:y1, x0:x1][mask].min() > 0.6 * letter:
        return False
    contours, _ = cv2.findContours(np.pad(mask, 1).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(contours[0])
    if area < 0.8 * max(1.0, cv2.contourArea(hull)):
        return False
    return len(cv2.approxPolyDP(hull, 0.09 * cv2.arcLength(hull, True), True)) in (3, 4)


def _across(closed: Mask, sides: Mask, letter: float) -> list[Hole]:
    """What strokes enclose together with frames' sides, one with the sides' ink between two pieces of it."""
    parts = np.zeros_like(closed)
    for hole in holes(closed | sides, HEAD * letter):
        if hole.area >= 0.04 * letter * letter:
            hole.fill(parts)
    if not parts.any():
        return []
    n = max(3, round(0.6 * letter))
    whole = cv2.morphologyEx(parts.view(np.uint8), cv2.MORPH_CLOSE, np.ones((n, n), np.uint8)) > 0
    _, labels, stats, _ = components(whole & (parts | sides), 4)
    return [
        Hole(Rect(x, y, x + w, y + h), labels[y : y + h, x : x + w] == i, area)
        for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1)
        if max(w, h) <= HEAD * letter and min(w, h) >= 0.3 * letter
    ]


def with_signs(sheet: Sheet, text: Text, tables: list[Table]) -> Text:
    """The text, and the lone digits and asterisks that stand beside the borders of boxes with compartments."""
    letter = sheet.letter
    if not tables:
        return text
    loose = (sheet.ink & ~text.ink).astype(np.uint8)
    for table in tables:
        b = table.box.grow(1)
        loose[max(0, b.y0) : b.y1, max(0, b.x0) : b.x1] = 0
    _, labels, stats, _ = components(loose)
    lines, ink = list(text.lines), text.ink.copy()
    signs = []
    strokes: list[tuple[Rect, float]] = []
    for i, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if 0.4 * letter <= max(w, h) <= 2 * letter:
            slope = slope_of(labels, Rect(x, y, x + w, y + h), letter)
            if slope is not None:
                strokes.append((Rect(x, y, x + w, y + h), slope))
        tall = 0.7 * letter <= h <= 1.35 * letter and 0.2 * letter <= w <= 1.15 * letter
        star = 0.35 * letter <= h <= 0.75 * letter and 0.75 <= w / h <= 1.45
        if not (tall or star) or area < 0.2 * w * h:
            continue
        box = Rect(x, y, x + w, y + h)
        at = [t.box for t in tables if t.box.grow(2.6 * letter).overlap(box) > 0]
        if not at or not _sign(labels, i, box, letter):
            continue
        mask = labels[y : y + h, x : x + w] == i
        if not any(points_at(b, box, mask, loose > 0, letter) for b in at):
            signs.append((i, box))
    for i, box in signs:
        if any(t.box.grow(0.9 * letter).overlap(box) > 0.9 * box.w * box.h and _in_row(t, box) for t in lines):
            k = next(
                k for k, t in enumerate(lines)
                if t.box.grow(0.9 * letter).overlap(box) > 0.9 * box.w * box.h and _in_row(t, box)
            )  # fmt: skip
            lines[k] = TextLine(lines[k].box.union(box), (*lines[k].letters, box), lines[k].region)
        elif any(
            box == a and other != a and abs(s - t) <= 15 and in_line(a, other, s, letter)
            for a, s in strokes for other, t in strokes
        ):  # fmt: skip
            continue  # dashes of a line
        else:
            lines.append(TextLine(box, (box,), int(sheet.regions[int(box.cy), int(box.cx)])))
        ink |= labels == i
    return Text(lines, ink)


def _sign(labels: NDArray[np.int32], number: int, box: Rect, letter: float) -> bool:
    """Whether a mark may be a digit or an asterisk: no plain bar, no solid block, no outline of a head."""
    mask = labels[box.y0 : box.y1, box.x0 : box.x1] == number
    share = float(mask.mean())
    if share > 0.86 or (box.w > 0.35 * letter and share > 0.8):
        return False
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.contourArea(cv2.convexHull(contours[0]))
    return hull > 0 and not (share < 0.45 and hull < 0.62 * box.w * box.h)


def _in_row(line: TextLine, box: Rect) -> bool:
    return not line.vertical and abs(line.box.cy - box.cy) <= 0.6 * line.size


def without_marks(sheet: Sheet, nodes: list[Symbol], tables: list[Table], text: Text) -> list[Symbol]:
    """The nodes without the small circles and diamonds that mark the ends of relations: at tables, and where these are
    entities at boxes without attributes too.

    A dark disc away from them is where a state machine begins: its states have compartments, too.
    """
    letter = sheet.letter
    entities = in_columns(tables, text.lines)
    if len(tables) < 2 and not entities:
        return nodes
    boxes = [t.box for t in tables]
    if entities:
        boxes += [n.box for n in nodes if n.shape in ("process", "rounded") and min(n.box.w, n.box.h) > 2.9 * letter]

    def mark(n: Symbol) -> bool:
        b = n.box
        if max(b.w, b.h) > 2.9 * letter or n.shape not in ("circle", "ellipse", "decision", "triangle", "bar"):
            return False
        if n.shape == "circle" and max(b.w, b.h) >= DISC * letter:
            about = [box for box in boxes if min(box.w, box.h) < ROOMY * letter or not box.inside(b.cx, b.cy)]
            apart = all(box.apart(n.outline.box) >= AWAY * letter for box in about)
            if apart and sheet.ink[b.y0 : b.y1, b.x0 : b.x1].mean() >= SOLID:
                return False
        return any(box.grow(3.2 * letter).overlap(b) > 0 for box in boxes)

    return [n for n in nodes if not mark(n)]


def distinct(connectors: list[Connector], letter: float) -> list[Connector]:
    """The connectors, each line once: a hollow head or a sign at a line's start may be passed on either side.

    The rest of the way is one stroke.
    """
    between: dict[frozenset[int], list[Connector]] = {}
    twice: set[int] = set()
    for c in sorted(connectors, key=lambda c: len(c.path)):
        alike = between.setdefault(frozenset((c.source, c.target)), [])
        if any(_along(c.path, other.path, letter) for other in alike):
            twice.add(id(c))
        else:
            alike.append(c)
    return [c for c in connectors if id(c) not in twice]


def _along(path: Points, other: Points, letter: float) -> bool:
    """Whether nearly all of a path is close to another, and much of it the same."""
    near = 0.9 * letter
    beside = ((path < other.min(axis=0) - near) | (path > other.max(axis=0) + near)).any(axis=1)
    if beside.mean() >= 0.15:
        return False
    if np.count_nonzero(_away(path[::4], other) > near) >= 0.15 * len(path):
        return False  # whatever the other points do
    away = _away(path, other)
    return float((away <= near).mean()) > 0.85 and float((away <= 1).mean()) > 0.2


def _away(path: Points, other: Points) -> Points:
    """(N,) how far each point of a path is from the nearest of another: of whole pixels where both are long."""
    low = np.floor(np.minimum(path.min(axis=0), other.min(axis=0))).astype(np.int64)
    size = np.ceil(np.maximum(path.max(axis=0), other.max(axis=0))).astype(np.int64) + 1 - low
    if int(size[0]) * int(size[1]) < len(path) * len(other):
        free = np.ones(size, np.uint8)
        free[tuple((np.rint(other).astype(np.int64) - low).T)] = 0
        far = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(far[tuple((np.rint(path).astype(np.int64) - low).T)], np.float64)
    return np.concatenate([
        np.hypot(*(path[k : k + PART, None, :] - other[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        for k in range(0, len(path), PART)
    ])  # fmt: skip
