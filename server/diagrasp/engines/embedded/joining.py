"""The connectors between nodes and frames, from the strokes that are neither text nor theirs."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.aside import aside
from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.labels.pockets import behind_labels
from diagrasp.engines.embedded.labels.worded import Words
from diagrasp.engines.embedded.lines.arrivals import converge, part, settle
from diagrasp.engines.embedded.lines.behind import behind
from diagrasp.engines.embedded.lines.borders import cross
from diagrasp.engines.embedded.lines.connectors import Connector, terminals, trace
from diagrasp.engines.embedded.lines.sideways import with_sideways_heads
from diagrasp.engines.embedded.lines.strokes import join, stroke_graph
from diagrasp.engines.embedded.lines.stubs import pointed
from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.holes import holes
from diagrasp.engines.embedded.picture.raster import Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.arcs import corner_arcs
from diagrasp.engines.embedded.symbols.find import Symbol, cover
from diagrasp.engines.embedded.text.textlines import Text
from diagrasp.engines.embedded.uml.adornments import distinct, filled_heads

CRUMB = 1.2
"""Letter heights that a connector between a symbol and another one that sits on it has at least."""
CROWD = 6000
"""Strokes that no drawing has: three hundred dashed connectors have 5000, a shadow turned into a raster has 10,000."""


def connect(
    sheet: Sheet, text: Text, nodes: list[Symbol], frames: list[Frame], *, related: bool = False
) -> tuple[list[Symbol], list[Connector], Mask]:
    """The nodes, those among them that are mere words, the connectors, and the ink that they were found in.

    Args:
        related: whether lines may end in figures that enclose paper, as relations do; boxes with compartments tell too.
            Relations join boxes only: no words, at which a bar across a line's dash seems to point.
    """
    if not nodes and not frames:  # nothing to join
        return nodes, [], sheet.ink & ~text.ink
    shape = sheet.ink.shape
    covered = cover(shape, nodes)
    _absorb_marks(sheet, text, covered)
    measured = aside(partial(_nearest, covered))
    own = _straight_sides(sheet, frames) | _dashed_sides(sheet, [f.box for f in frames if not f.lane])
    for frame in frames:
        arcs = corner_arcs(sheet.ink, frame.box, sheet.letter) if frame.rounded else None
        if arcs is not None:
            own |= arcs
    strokes = sheet.ink & ~text.ink & (covered == 0) & ~own
    near, owner = measured.result()
    outside = [t for t in text.lines if not covered[int(t.box.cy), int(t.box.cx)]]
    free = [t.box for t in outside]
    del covered, measured  # what follows takes most memory
    strokes &= ~(_slivers if sheet.hand else _rims)(strokes, near, sheet.letter)
    tables = sum(len(n.outline.parts) > 1 and n.shape != "database" for n in nodes)
    boxed = related or tables > 0.5 * len(nodes)
    related = related or any(len(n.outline.parts) > 1 for n in nodes)
    drawn = filled_heads(strokes, near, sheet.letter, own) if related else strokes
    graph, width = stroke_graph(drawn, sheet.letter, near, owner, None if sheet.hand else own, hand=sheet.hand)
    if len(graph.segments) > CROWD:  # each would be compared with those around it
        return nodes, [], strokes
    if not sheet.hand:
        cross(graph, own, sheet.ink, sheet.letter)
    edges = [(len(nodes) + k + 1, f.box, f.rounded and f.title is None) for k, f in enumerate(frames) if not f.lane]
    edges.sort(key=lambda e: e[1].w * e[1].h)
    words = None if sheet.hand or boxed else Words(sheet, outside, frames, edges, near, owner, drawn, width)
    named = words.pointed_at(graph) if words else []
    if not named:
        join(graph, sheet.letter, free, near)
        named = words.pointed_at(graph) or words.led_from(graph) if words else []  # dashes are whole now
    if named:
        del own, strokes, drawn, near, owner, graph, words
        return connect(sheet, text, nodes + named, frames, related=related)
    settle(graph, near, drawn, sheet.letter)
    if not sheet.hand:  # the legs of a head drawn by hand are as long as ends of lines
        converge(graph, near, drawn, sheet.letter)
        part(graph, near, drawn, sheet.letter)
    ends = terminals(
        graph, owner, near, drawn, sheet.letter, width, edges, [] if sheet.hand else free,
        signs=sheet.ink if related and not sheet.hand else None,
    )  # fmt: skip
    if not sheet.hand:
        ends = with_sideways_heads(graph, ends, drawn, near, owner, sheet.letter)
    found = trace(graph, ends, sheet.letter, even=not sheet.hand)
    if not sheet.hand:
        found = behind(found, [n.box for n in nodes], sheet.letter)
        found = behind_labels(found, drawn, near, owner, free, sheet.letter, width)
        found = pointed(found, drawn, near, owner, sheet.letter)
    if not sheet.hand or drawn is not strokes:
        found = distinct(found, sheet.letter)
    boxes = [n.box for n in nodes] + [f.box for f in frames]
    return nodes, [c for c in found if not _clings(c, boxes, len(nodes), sheet.letter)], strokes


def _below(sheet: Sheet, title: Rect, frame: Rect) -> Rect:
    """The body of a frame whose title is a tab on top of it, where a line goes on from the tab; else the title."""
    y, slack = title.y1, max(2, round(0.4 * sheet.letter))
    beside = sheet.ink[max(0, y - slack) : y + slack, title.x1 : frame.x1]
    goes_on = title.w < 0.95 * frame.w and beside.size and float(beside.mean(axis=1).max()) >= 0.6
    return Rect(frame.x0, y, frame.x1, frame.y1) if goes_on and title.h < title.w else title


def _clings(connector: Connector, boxes: list[Rect], nodes: int, letter: float) -> bool:
    """Whether a loop never leaves its node's neighbourhood: what is left of a border or a shadow.

    Or the frame's side that the node sits on, which a transaction has drawn twice.  A border is also what runs along
    a symbol, or a frame, from another symbol that sits on it.

    Args:
        boxes: of the nodes, of which there are `nodes`, and of the frames.
    """
    if min(connector.source, connector.target) > nodes:
        return False
    a, b = (boxes[end - 1] for end in (connector.source, connector.target))
    if connector.source == connector.target:
        near = a.grow(1.3 * letter)
        along = any(_beside(connector, f, letter) for f in boxes[nodes:] if 0 < f.overlap(a) < a.w * a.h)
        return along or all(near.inside(x, y) for x, y in connector.path)
    small, host = (a, b) if a.w * a.h < b.w * b.h else (b, a)
    if small.overlap(host) < 0.15 * small.w * small.h:
        return False
    if float(np.hypot(*np.diff(connector.path, axis=0).T).sum()) <= CRUMB * letter:
        return True
    return _beside(connector, host, letter)


def _beside(connector: Connector, host: Rect, letter: float) -> bool:
    """Whether a connector follows a symbol's or a frame's sides all the way."""
    outer, inner = host.grow(0.5 * letter), host.grow(-1.3 * letter)
    return all(outer.inside(x, y) and not inner.inside(x, y) for x, y in connector.path)


def _absorb_marks(sheet: Sheet, text: Text, covered: NDArray[np.int32]) -> None:
    """Give the small open circles at message flows' starts to the symbols that they sit on."""
    letter = sheet.letter
    for (x, y, x1, y1), mask, area in holes(sheet.ink | text.ink, 2.2 * letter, 0.3 * letter):
        w, h = x1 - x, y1 - y
        if not 0.7 <= w / h <= 1.43 or area < 0.62 * w * h or not _round(mask.view(np.uint8)):
            continue
        r = round(0.5 * max(w, h) + 0.3 * letter)
        cx, cy = x + w // 2, y + h // 2
        y0, y1, x0, x1 = max(0, cy - r), cy + r + 1, max(0, cx - r), cx + r + 1
        view = covered[y0:y1, x0:x1]
        numbers = np.unique(view[view > 0])
        if len(numbers) == 1 and 0.1 < float((view > 0).mean()) < 0.97:
            disc = np.zeros(view.shape, np.uint8)
            cv2.circle(disc, (cx - x0, cy - y0), r, 1, -1)
            view[(disc > 0) & (view == 0)] = numbers[0]


def _round(mask: NDArray[np.uint8]) -> bool:
    """Whether a mask of a few pixels is a disc."""
    h, w = mask.shape
    ys, xs = np.mgrid[0:h, 0:w]
    disc = ((xs + 0.5 - w / 2) / (w / 2)) ** 2 + ((ys + 0.5 - h / 2) / (h / 2)) ** 2 <= 1
    return float((disc & (mask > 0)).sum() / (disc | (mask > 0)).sum()) >= 0.87


def beside_paths(strokes: Mask, connectors: list[Connector], letter: float) -> Mask:
    """Ink left when the connectors' own strokes are taken away: letters that touched them."""
    lines = np.zeros(strokes.shape, np.uint8)
    for connector in connectors:
        cv2.polylines(lines, [connector.path.astype(np.int32)], False, 1, max(3, round(0.34 * letter)))
    return np.asarray(strokes & (lines == 0))


def _slivers(strokes: Mask, near: NDArray[np.float32], letter: float) -> Mask:
    """What a hull leaves of a wobbly outline: ink on a symbol's border that no line further out goes on to."""
    band = max(2.0, 0.2 * letter)
    rim = strokes & (near <= band)
    size = 2 * round(1.5 * band) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(rim & (cv2.dilate((strokes & ~rim).astype(np.uint8), disc) == 0))


def _rims(strokes: Mask, near: NDArray[np.float32], letter: float) -> Mask:
    """What is left of outlines drawn twice: straight slivers on a symbol's border, no lines that run along it."""
    rim = strokes & (near <= max(2.0, 0.12 * letter))
    image, n = rim.astype(np.uint8), int(1.8 * letter)
    across = np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((1, n), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, np.ones((n, 1), np.uint8)), np.uint8)
    count, labels, stats, _ = components(across | down)
    beyond = strokes & ~rim
    out = np.zeros(strokes.shape, bool)
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        around = slice(max(0, y - 2), y + h + 2), slice(max(0, x - 2), x + w + 2)
        mine = labels[around] == i
        grown = cv2.dilate(mine.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        if np.count_nonzero(beyond[around] & grown) < max(w, h):  # two pixels deep: half of it free
            out[around] |= mine
    return out


def _straight_sides(sheet: Sheet, frames: list[Frame]) -> Mask:
    """The straight strokes of frames' sides: connectors that cross a side keep the pixels that they share with it."""
    own = np.zeros(sheet.ink.shape, bool)
    thick = max(5, 2 * round(0.25 * sheet.letter) + 1)
    for upright in (False, True):  # apart, for two sides close to each other are as wide as a connector is long
        lines = np.zeros(own.shape, np.uint8)
        for frame in frames:
            b = frame.box
            if frame.lane:
                for x in (b.x0, b.x1) if upright else ():
                    cv2.line(lines, (x, b.y0), (x, b.y1 - 1), 1, thick)
                continue
            # Where a title has a strip of its own, frames may be drawn double.
            inset, wide = (2, thick) if frame.title is None else (round(0.28 * sheet.letter), round(0.7 * sheet.letter))
            for rect in [b] if frame.title is None else [b, _below(sheet, frame.title, b)]:
                x0, y0, x1, y1 = rect.x0 + inset, rect.y0 + inset, rect.x1 - inset - 1, rect.y1 - inset - 1
                sides = ((x0, y0, x0, y1), (x1, y0, x1, y1)) if upright else ((x0, y0, x1, y0), (x0, y1, x1, y1))
                for side in sides:
                    cv2.line(lines, side[:2], side[2:], 1, wide)
        own |= _straight(lines > 0, sheet, upright)
    return own


def _straight(band: Mask, sheet: Sheet, upright: bool) -> Mask:
    """The straight strokes that lie along a band."""
    ink = (sheet.ink & band).astype(np.uint8)
    n = int(1.2 * sheet.letter)
    kernel = np.ones((n, 1) if upright else (1, n), np.uint8)
    along = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)
    return np.asarray((cv2.dilate(along, np.ones((3, 3), np.uint8)) > 0) & band)


def _dashed_sides(sheet: Sheet, boxes: list[Rect]) -> Mask:
    """The dashes of frames' sides: as thin as they are, and in one row."""
    near, n = max(2, round(0.2 * sheet.letter)), round(1.4 * sheet.letter)
    out = np.zeros(sheet.ink.shape, bool)
    for b in boxes:
        for ink, mine, at, start, end in (
            (sheet.ink, out, b.y0, b.x0, b.x1), (sheet.ink, out, b.y1, b.x0, b.x1),
            (sheet.ink.T, out.T, b.x0, b.y0, b.y1), (sheet.ink.T, out.T, b.x1, b.y0, b.y1),
        ):  # fmt: skip
            rows, columns = slice(max(0, at - 2 * near), at + 2 * near), slice(max(0, start), end)
            view = ink[rows, columns]
            if not view.size:
                continue
            row = int(view.sum(axis=1).argmax())
            if not 0.3 <= view[row].mean() <= 0.85:
                continue
            line = np.ascontiguousarray(view[max(0, row - near) : row + near + 1]).astype(np.uint8)
            whole = cv2.morphologyEx(line, cv2.MORPH_CLOSE, np.ones((1, n), np.uint8))
            long = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, 3 * n), np.uint8)), np.uint8)
            mine[rows, columns][max(0, row - near) : row + near + 1] |= long > 0
    return out & sheet.ink


def _nearest(covered: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Distance to, and number of, the nearest symbol of every pixel."""
    if not covered.any():
        return np.full(covered.shape, 1e6, np.float32), covered
    near, index = cv2.distanceTransformWithLabels(
        (covered == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels count the covered pixels in the order in which they lie in memory, from 1.
    numbers = np.concatenate([np.zeros(1, np.int32), covered[covered > 0]])
    return near, looked_up(numbers, np.asarray(index, np.int32), out=index)
