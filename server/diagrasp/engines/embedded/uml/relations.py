"""What is drawn at the ends of relations: triangles, diamonds, arrows and crow's feet.

The ink around an end is laid out along the line: `d` is the distance from the symbol's border, `s` the distance to
either side.  Holes, spread and thin peaks of that strip tell the notation.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.connectors import Connector, Points
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.raster import Mask
from diagrasp.engines.embedded.text import Rect
from diagrasp.model import Edge, EdgeKind, Head

BEFORE, REACH, SIDE = 0.4, 2.9, 1.25
"""The strip: from before the border to beyond the largest head, and to either side; in letter heights."""


@dataclass(frozen=True)
class Ends:
    """The notation at the two ends of a connector, as classes and as entities draw them."""

    head: Head
    tail: Head
    many: Head
    few: Head

    @property
    def crows(self) -> bool:
        """Whether both ends say how many, as crow's feet do."""
        return self.many != "none" and self.few != "none"


def ends_of(
    connector: Connector, strokes: Mask, ink: Mask, boxes: tuple[Rect | None, Rect | None], letter: float
) -> Ends:
    """Look at both ends of a connector.

    Args:
        strokes: (H, W) bool, ink without text and symbols.
        ink: (H, W) bool, ink without text: a symbol's border may close a hollow head.
        boxes: bounds of its source and of its target, None where they are not known.
    """
    ends = [
        (_strip(connector.path[::way], strokes, box, letter), _strip(connector.path[::way], ink, box, letter))
        for way, box in ((-1, boxes[1]), (1, boxes[0]))
    ]
    head, tail = (_uml(bare, closed, letter) for bare, closed in ends)
    many, few = (_count(bare, letter) for bare, _ in ends)
    return Ends(head, tail, many, few)


def relation_ends(scene: Scene) -> list[Ends]:
    """The ends of every connector of a scene, in their order."""
    letter = scene.sheet.letter
    strokes = scene.strokes if scene.strokes is not None else scene.sheet.ink
    ink = scene.sheet.ink & ~scene.text.ink
    boxes = [n.box for n in scene.nodes]
    out = []
    for c in scene.connectors:
        a, b = (boxes[i - 1] if 0 < i <= len(boxes) else None for i in (c.source, c.target))
        out.append(ends_of(c, strokes, ink, (a, b), letter))
    return out


def related(edge: Edge, ends: Ends, kind: str) -> Edge:
    """An edge with the heads and the meaning that its kind of diagram gives it; the marked end is the target."""
    if kind == "er":
        path = edge.path or ()
        if len(path) > 1 and (path[-1].y, path[-1].x) < (path[0].y, path[0].x):  # as one reads
            return _turned(edge).replace(kind="relation", head=ends.few, tail=ends.many)
        return edge.replace(kind="relation", head=ends.many, tail=ends.few)
    if kind not in ("class", "usecase"):
        return edge
    head, tail = ends.head, ends.tail
    if tail != "none" and (head == "none" or (tail == "arrow" and head in ("diamond", "filled_diamond"))):
        edge, head, tail = _turned(edge), tail, head
    return edge.replace(kind=kind_of(head, edge.line), head=head, tail=tail)


def _turned(edge: Edge) -> Edge:
    """The same line, told from its other end."""
    return edge.replace(
        source=edge.target, target=edge.source, head=edge.tail, tail=edge.head,
        path=edge.path and tuple(reversed(edge.path)), source_label=edge.target_label, target_label=edge.source_label,
    )  # fmt: skip


def kind_of(head: Head, line: str) -> EdgeKind:
    """The relation that UML draws so."""
    if head == "triangle":
        return "realization" if line != "solid" else "inheritance"
    if head in ("diamond", "filled_diamond"):
        return "aggregation" if head == "diamond" else "composition"
    return "dependency" if head != "none" and line != "solid" else "association"


def _strip(path: Points, ink: Mask, box: Rect | None, letter: float) -> Mask:
    """The ink around a path's first point, upright: rows along the line from the border on, columns across it."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    far = path[min(int(np.searchsorted(along, min(REACH * letter, 0.6 * along[-1]))), len(path) - 1)]
    tip = _entry(path[0], far, box) if box is not None else path[0]
    way = far - tip
    norm = float(np.hypot(*way)) or 1.0
    direction = way / norm
    reach = int(min(REACH * letter, max(letter, 0.62 * along[-1])))
    d = np.arange(-int(BEFORE * letter), reach, dtype=np.float32)
    s = np.arange(-int(SIDE * letter), int(SIDE * letter) + 1, dtype=np.float32)
    x = tip[0] + d[:, None] * direction[0] - s[None, :] * direction[1]
    y = tip[1] + d[:, None] * direction[1] + s[None, :] * direction[0]
    left, top = max(0, int(x.min()) - 1), max(0, int(y.min()) - 1)  # the part of the sheet that the strip is of
    part = ink[top : int(y.max()) + 3, left : int(x.max()) + 3].astype(np.uint8) * 255
    if part.size == 0:
        return np.zeros(x.shape, bool)
    at = (x - left).astype(np.float32), (y - top).astype(np.float32)
    strip = cv2.remap(part, *at, cv2.INTER_LINEAR, borderValue=0)
    mask = (strip > 110).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((3, 3), np.uint8)), connectivity=8)
    half = max(1, round(0.2 * letter))
    middle = labels[int(BEFORE * letter) :, len(s) // 2 - half : len(s) // 2 + half + 1]
    mine = np.unique(middle[middle > 0])
    return np.asarray((mask > 0) & np.isin(labels, mine))


def _entry(start: Points, far: Points, box: Rect) -> Points:
    """Where the line from `far` to `start`, drawn on, enters a box."""
    way = start - far
    best = 1.6
    for axis, edges in ((0, (box.x0, box.x1)), (1, (box.y0, box.y1))):
        if abs(way[axis]) < 1e-6:
            continue
        for edge in edges:
            t = (edge - far[axis]) / way[axis]
            other = far[1 - axis] + t * way[1 - axis]
            low, high = (box.y0, box.y1) if axis == 0 else (box.x0, box.x1)
            if 0.2 < t < best and low - 3 <= other <= high + 3:
                best = float(t)
    return np.asarray(far + way * (best if best < 1.6 else 1.0), np.float64)


def _extents(strip: Mask) -> NDArray[np.float64]:
    """How far the ink reaches to both sides at least, for every row, in pixels."""
    middle = strip.shape[1] // 2
    right, left = strip[:, middle:], strip[:, middle::-1]

    def reach(side: Mask) -> NDArray[np.float64]:
        n = side.shape[1]
        return np.where(side.any(axis=1), n - side[:, ::-1].argmax(axis=1), 0).astype(np.float64)

    return np.minimum(reach(right), reach(left))


def _holes(strip: Mask, least: float) -> list[tuple[int, int, int, int, Mask]]:
    """Paper that the ink encloses: bounds and masks, the nearest to the border first."""
    padded = np.pad(~strip, 1, constant_values=True).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(padded, connectivity=4)
    page = int(labels[0, 0])
    out = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if i != page and area >= least:
            out.append((x - 1, y - 1, w, h, np.asarray(labels[y : y + h, x : x + w] == i)))
    return sorted(out, key=lambda hole: hole[1])


def _uml(strip: Mask, closed: Mask, letter: float) -> Head:
    """Triangle, diamond, arrow or none."""
    start = int(BEFORE * letter)
    middle = strip.shape[1] // 2
    extents = _extents(strip)
    holes = [
        h for h in _holes(closed, max(6.0, 0.07 * letter * letter))
        if h[0] <= middle + 0.2 * letter and h[0] + h[2] >= middle - 0.2 * letter and h[3] >= 0.3 * letter
    ]  # fmt: skip
    if holes:
        top, bottom = min(h[1] for h in holes), max(h[1] + h[3] for h in holes)
        if bottom - start <= 2.7 * letter and top - start <= 1.1 * letter:
            rows = np.zeros(bottom - top)
            for _, y, _, h, mask in holes:
                rows[y - top : y - top + h] += mask.sum(axis=1)
            peak = float(np.flatnonzero(rows >= 0.85 * rows.max()).mean() + 0.5) / len(rows)
            return "triangle" if peak > 0.66 else "diamond"
    line = float(np.median(extents[extents > 0])) if (extents > 0).any() else 1.0
    body = extents[max(0, start - 2) : start + int(2.4 * letter)]
    if len(body) == 0 or body.max() < max(line + 1.0, 0.2 * letter):
        return "none"
    peak_at = int(np.flatnonzero(body >= 0.92 * body.max()).mean())
    high = float(body.max())
    after = body[peak_at:]
    low = np.flatnonzero(after <= max(line + 0.5, 0.4 * high))
    fall = float(low[0]) if len(low) else float(len(after))
    first = np.flatnonzero(body[: peak_at + 1] <= max(line + 0.5, 0.4 * high))
    rise = float(peak_at - first[-1]) if len(first) else float(peak_at)
    area = strip[max(0, start - 2) : start + int(2.4 * letter), middle - int(high) + 1 : middle + int(high)]
    filled = float(area[max(0, peak_at - 2) : peak_at + 3].mean()) if area.size else 0.0
    if filled > 0.74 and fall > 0.5 * rise and fall >= 0.22 * letter:
        return "filled_diamond"
    return "arrow"


def _count(strip: Mask, letter: float) -> Head:
    """Crow's foot, circle and bars."""
    start = int(BEFORE * letter)
    extents = _extents(strip)
    holes = [
        h for h in _holes(strip, 0.12 * letter * letter)
        if 0.6 <= h[2] / h[3] <= 1.7 and h[1] >= start + 0.25 * letter and h[4].mean() > 0.6
    ]  # fmt: skip
    circle = bool(holes)
    foot = extents[start + int(0.1 * letter) : start + int(0.45 * letter)]
    fan = len(foot) > 0 and float(np.median(foot)) >= 0.3 * letter
    taken = np.zeros(len(extents), bool)
    for _, y, _, h, _ in holes:
        taken[max(0, y - int(0.3 * letter)) : y + h + int(0.3 * letter)] = True
    if fan:
        narrow = np.flatnonzero(extents[start:] < 0.25 * letter)
        taken[: start + (int(narrow[0]) if len(narrow) else 0)] = True
    wide = (extents >= 0.32 * letter) & ~taken
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wide.astype(int), [0]])))
    bars = sum(1 for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a <= 0.5 * letter)
    if fan:
        return "zero_or_many" if circle else "one_or_many" if bars else "many"
    if circle:
        return "zero_or_one"
    return "one" if bars else "none"
