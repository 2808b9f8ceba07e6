"""What is drawn at the ends of relations: triangles, diamonds, arrows and crow's feet.

The ink around an end is laid out along the line: `d` is the distance from the symbol's border, `s` the distance to
either side.  Holes, spread and thin peaks of that strip tell the notation.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points, lengths
from diagrasp.engines.embedded.picture.raster import Mask
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.uml import crowsfeet
from diagrasp.engines.embedded.uml.strips import entry, sampled
from diagrasp.model import Edge, EdgeKind, Head, Point

BEFORE, REACH, SIDE = 0.4, 2.9, 1.25
"""The strip: from before the border to beyond the largest head, and to either side; in letter heights."""

FEW = 4
"""Lines whose ends tell whether those of a drawing say how many there are."""


@dataclass(frozen=True)
class Ends:
    """The notation at the two ends of a connector, as classes and as entities draw them."""

    head: Head
    tail: Head
    many: Head = "none"
    few: Head = "none"

    @property
    def plural(self) -> bool:
        """Whether an end says that there may be many."""
        return any(end.endswith("many") for end in (self.many, self.few))

    @property
    def crows(self) -> bool:
        """Whether both ends say how many, as crow's feet do."""
        return self.many != "none" and self.few != "none"


def ends_of(
    connector: Connector,
    strokes: Mask,
    ink: Mask,
    boxes: tuple[Rect | None, Rect | None],
    letter: float,
    *,
    signs: Mask | None = None,
) -> Ends:
    """Look at both ends of a connector.

    Args:
        strokes: (H, W) bool, ink without text and symbols.
        ink: (H, W) bool, ink without text: a symbol's border may close a hollow head.
        boxes: bounds of its source and of its target, None where they are not known.
        signs: (H, W) bool, ink without symbols, where ends may say how many: toes may pass for letters.
    """
    ways = ((connector.path[::-1], boxes[1]), (connector.path, boxes[0]))
    ends = [(_strip(path, strokes, box, letter), _strip(path, ink, box, letter)) for path, box in ways]
    head, tail = (_uml(bare, closed, letter) for bare, closed in ends)
    if signs is None:
        return Ends(head, tail)
    many, few = (crowsfeet.look(path, signs, box, letter) for path, box in ways)
    return Ends(head, tail, many.head, few.head)


def relation_ends(scene: Scene) -> list[Ends]:
    """The ends of every connector of a scene, in their order; none are looked at where nothing stands in relations.

    How many there are is said in drawings with compartments, and where the first few lines between boxes say so.
    """
    plain = all(n.shape in ("process", "rounded") for n in scene.nodes)
    if not (plain or scene.tables or any(n.shape == "actor" or len(n.outline.parts) >= 2 for n in scene.nodes)):
        return [Ends("none", "none")] * len(scene.connectors)
    letter = scene.sheet.letter
    strokes = scene.strokes if scene.strokes is not None else scene.sheet.ink
    ink = scene.sheet.ink & ~scene.text.ink
    signs = strokes | scene.text.ink
    boxes = [n.box for n in scene.nodes]

    def look(c: Connector, signs: Mask | None) -> Ends:
        a, b = (boxes[i - 1] if 0 < i <= len(boxes) else None for i in (c.source, c.target))
        return ends_of(c, strokes, ink, (a, b), letter, signs=signs)

    few = scene.connectors[:FEW] if plain else []
    many = bool(scene.tables) or any(look(c, signs).crows for c in few)
    return [look(c, signs if many else None) for c in scene.connectors]


def related(edge: Edge, ends: Ends, kind: str, *, level: bool = False, many: bool = True) -> Edge:
    """An edge with the heads and the meaning that its kind of diagram gives it; the marked end is the target.

    A relation between entities goes as one reads, however many there are of either: so layouts place what is told.

    Args:
        level: whether what it joins stands side by side.
        many: whether the drawing has a line whose end says that there may be many.
    """
    if kind == "er":
        if not many and (edge.head == "none") != (edge.tail == "none"):  # tables that arrows join
            return (edge if edge.tail == "none" else _turned(edge)).replace(kind="relation")
        turned = edge.path is not None and len(edge.path) > 1 and _backwards(edge.path, level)
        if turned:
            return _turned(edge).replace(kind="relation", head=ends.few, tail=ends.many)
        return edge.replace(kind="relation", head=ends.many, tail=ends.few)
    if kind not in ("class", "usecase"):
        return edge
    head, tail = ends.head, ends.tail
    if (head, tail) == ("none", "arrow") and edge.head != "none" and edge.tail == "none":
        head, tail = tail, head  # the line's own ends say so: something else stands close to its tail
    if tail != "none" and (head == "none" or (tail == "arrow" and head in ("diamond", "filled_diamond"))):
        edge, head, tail = _turned(edge), tail, head
    return edge.replace(kind=kind_of(head, edge.line), head=head, tail=tail)


def side_by_side(scene: Scene, connector: Connector) -> bool:
    """Whether the symbols that a connector joins stand in one row."""
    ends = (connector.source, connector.target)
    if any(not 0 < end <= len(scene.nodes) for end in ends):
        return False
    a, b = (scene.nodes[end - 1].box for end in ends)
    return min(a.y1, b.y1) > max(a.y0, b.y0)


def _backwards(path: tuple[Point, ...], level: bool) -> bool:
    """Whether a line goes against the way one reads: up, or to the left in a row."""
    (x0, y0), (x1, y1) = ((p.x, p.y) for p in (path[0], path[-1]))
    return x1 < x0 if level else (y1, x1) < (y0, x0)


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
    along = lengths(path)
    far = path[min(int(np.searchsorted(along, min(REACH * letter, 0.6 * along[-1]))), len(path) - 1)]
    tip = entry(path[0], far, box) if box is not None else path[0]
    reach = min(REACH * letter, max(letter, 0.62 * along[-1]))
    return sampled(ink, tip, far, (BEFORE * letter, reach, SIDE * letter), 0.2 * letter)


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
