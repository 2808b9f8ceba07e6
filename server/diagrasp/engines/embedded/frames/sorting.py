"""Which closed outlines are nodes, which may be containers, and which are space that connectors and letters enclose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.bpmn.pools import crossed, is_strip, is_upright, on_gateway
from diagrasp.engines.embedded.bpmn.tasks import without_icons
from diagrasp.engines.embedded.picture.raster import Sheet, median_colour
from diagrasp.engines.embedded.picture.rect import Rect, bounding_box
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.forks import hollow_bar
from diagrasp.engines.embedded.symbols.outlines import CLOSED, Outline, is_oval, running_on
from diagrasp.engines.embedded.symbols.shapes import Fit, classify
from diagrasp.engines.embedded.text.textlines import Text, TextLine

TORN = frozenset({"document", "note", "data", "manual_input", "manual_operation", "trapezoid", "delay", "display"})
"""Shapes that an activity seems to have of which an event covers a corner or part of a side."""

ROUND = 0.98
"""How well round corners fit an outline that is surely no strip of a container."""


HELD = 0.8
"""Share of a symbol's bounds from which on an outline holds it."""
RHOMBUS = 0.95
"""How well an outline fits at least that is a rhombus for sure: lines that connect hardly ever make one."""
HIGHEST = 8.0
"""Height of an outline that surely is a box and holds a word whose letters run together, in letter heights, at most."""
EVENT = 6.0
"""Diameter of an event, in letter heights, at most."""
LONE = 0.98
"""How well a box fits at least in which a single letter is its name: spaces between lines hold a letter at times."""
LARGEST_EMPTY = 14.0
"""Side of a rhombus in which nothing is written, in letter heights, at most."""


def sort_out(sheet: Sheet, candidates: list[Symbol], text: Text) -> tuple[list[Symbol], list[Symbol]]:
    """Nodes, and outlines that may be containers; a large plain outline without text in it is only enclosed."""
    letter = sheet.letter
    nodes: list[Symbol] = []
    boxes: list[Symbol] = []
    others = _pools_or_classes(candidates, letter)
    for symbol in candidates:
        if symbol.container:
            most = 0.5 if symbol.shape == "rounded" and symbol.outline.fit.score >= ROUND else 0.15
            if symbol.enclosed < most and symbol.outline.fit.score >= CLOSED:  # flows out of it enclose paper beside it
                boxes.append(symbol)
            continue
        b = symbol.outline.box
        mask = symbol.outline.mask
        inside = [
            line for line in text.lines
            if b.inside(line.box.cx, line.box.cy) and mask[int(line.box.cy) - b.y0, int(line.box.cx) - b.x0]
        ]  # fmt: skip
        bar = None if inside else hollow_bar(sheet, symbol)
        if bar is not None:
            nodes.append(bar)
            continue
        doubtful = symbol.outline.fit.score < CLOSED or symbol.enclosed >= 0.15
        low = b.h <= 2.2 * letter
        if not symbol.drawn and inside and _tight(inside, b) and (low or _faint(sheet, symbol)):
            continue  # the ground of an edge's label
        if not symbol.drawn and inside and low and symbol.outline.fit.score < CLOSED:
            continue  # the same, letters close to its rim biting into it
        middle = _body(symbol)
        if doubtful and not (_centred(without_icons(inside, b, letter), middle) if inside else _blank(symbol, letter)):
            continue
        if symbol.shape == "process" and crossed(sheet, symbol):
            boxes.append(symbol)
            continue
        slanted = symbol.shape in ("trapezoid", "manual_operation", "data", "manual_input")
        if slanted and symbol.enclosed >= (0.15 if symbol.outline.fit.score < CLOSED else 0.5):
            continue  # between two connectors
        small = max(b.w, b.h) <= 7 * letter and symbol.shape in ("circle", "ellipse", "decision")
        icon = symbol.shape in ("database", "document", "note") and max(b.w, b.h) <= min(9 * letter, 2 * min(b.w, b.h))
        if icon and not inside and all(running_on(sheet, b)):
            continue  # where connectors cross and turn
        if small or icon:
            nodes.append(symbol)
        elif inside:
            hull = bounding_box([t.box for t in inside])
            narrow = min(b.w, b.h) <= 6.5 * letter and max(b.w, b.h) > 9 * min(b.w, b.h)
            written = symbol.shape == "rounded" and symbol.drawn and hull.w >= 0.6 * b.w  # from end to end
            titled = (narrow and not written) or is_strip(b, inside, letter) or is_upright(b, inside, letter)
            beside = all(t.vertical for t in inside) and abs(hull.cx - b.cx) > 0.25 * b.w  # part of a lane
            plain = symbol.shape in ("process", "rounded") and not _by_itself(sheet, symbol, others)
            if beside and symbol.shape != "process":
                continue
            if beside or (titled and plain):
                boxes.append(symbol)
            else:
                nodes.append(symbol)
        elif _means_something(sheet, symbol):
            nodes.append(symbol)
        else:
            boxes.append(symbol)
    return nodes, boxes


def _body(symbol: Symbol) -> Rect:
    """Where a symbol is written in: a cylinder below its cap, a callout beside its tail."""
    parts = symbol.outline.parts if symbol.shape in ("database", "note") else []
    return max(parts, key=lambda o: o.area).box if parts else symbol.outline.box


def _means_something(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline in which no text was found is a symbol still: by its fill, or by what is written in it."""
    b = symbol.outline.box
    if symbol.shape in ("process", "rounded"):
        small = min(b.w, b.h) <= 1.6 * sheet.letter
        seen = _stands_out(sheet, symbol) or _written_in(sheet, symbol) or _blank(symbol, sheet.letter)
        return not small and seen
    sure = symbol.drawn and symbol.outline.fit.score >= RHOMBUS and symbol.enclosed < 0.03
    if sure and (symbol.shape == "decision" or (symbol.shape == "circle" and _stands_out(sheet, symbol))):
        return max(b.w, b.h) <= LARGEST_EMPTY * sheet.letter  # the disc where all begins may be large
    return symbol.shape in ("ellipse", "stadium", "hexagon", "decision") and _written_in(sheet, symbol)


def _pools_or_classes(candidates: list[Symbol], letter: float) -> bool:
    """Whether a long box alone may be a pool seen from outside, among events, or a remark, among boxes of classes."""
    if any(c.shape == "circle" and max(c.box.w, c.box.h) <= EVENT * letter for c in candidates):
        return True
    symbols = [c for c in candidates if not c.container and c.enclosed < 0.15 and c.outline.fit.score >= CLOSED]
    classes = sum(len(c.outline.parts) > 1 and c.shape not in ("database", "note") for c in symbols)
    return classes > 0.5 * len(symbols)


def _by_itself(sheet: Sheet, symbol: Symbol, others: bool) -> bool:
    """Whether a long outline is no strip of a container: of round corners, its fill its own, or alone on the paper.

    A strip's sides are its container's, too, and go on beyond its corners.

    Args:
        others: whether a long box alone may be something else than a step.
    """
    fit = symbol.outline.fit
    if fit.score < ROUND or symbol.enclosed >= 0.03:
        return False
    if symbol.shape == "rounded" and _stands_out(sheet, symbol):
        return True
    return (
        not others
        and symbol.drawn
        and _evenly_surrounded(sheet, symbol)
        and not any(running_on(sheet, symbol.outline.box))
    )


def _evenly_surrounded(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether the paper around an outline is of one colour: a strip has its container's fill on one side."""
    around = _around(sheet, symbol)
    return bool((np.abs(around - np.median(around, axis=0)).max(axis=1) <= 12).mean() > 0.8)


def _blank(symbol: Symbol, letter: float) -> bool:
    """Whether an outline is an activity in which nothing is written: of round corners, no pocket between flows."""
    b, fit = symbol.outline.box, symbol.outline.fit
    sized = 2.5 * letter <= min(b.w, b.h) and max(b.w, b.h) <= 20 * letter and b.h <= b.w <= 2.2 * b.h
    alone = fit.score >= (CLOSED if symbol.enclosed < 0.03 else 0.985)
    return symbol.shape == "rounded" and symbol.drawn and sized and alone


def _written_in(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether there is ink in the middle of an outline, and only there: a word whose letters run together."""
    b = symbol.outline.box
    most = HIGHEST if symbol.outline.fit.score >= ROUND else 6.0
    if symbol.enclosed >= 0.05 or not 1.5 * sheet.letter <= b.h <= most * sheet.letter:
        return False
    ink = sheet.ink[b.y0 : b.y1, b.x0 : b.x1] & (symbol.outline.mask > 0)
    ys, xs = np.nonzero(ink)
    if not len(ys):
        return False
    x, y, w, h = int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1
    centred = abs(x + w / 2 - b.w / 2) <= 0.12 * b.w and abs(y + h / 2 - b.h / 2) <= 0.16 * b.h
    sure = symbol.drawn and symbol.outline.fit.score >= LONE and symbol.enclosed < 0.03
    if sure and centred and 0.7 * sheet.letter <= h <= 1.4 * sheet.letter and w <= 1.4 * sheet.letter:
        return True  # a letter, or a digit
    if len(ys) < 0.03 * symbol.outline.area:
        return False
    wide = 0.93 if symbol.shape in ("process", "rounded") else 0.85
    return centred and w <= wide * b.w and h <= 0.75 * b.h and w > 1.5 * h


def containers(nodes: list[Symbol], letter: float) -> tuple[list[Symbol], list[Symbol]]:
    """Nodes, and those among them that hold other nodes of a task's or an event's size: containers after all."""
    holding = []
    for n in nodes:
        b = n.outline.box
        inside = [
            o for o in nodes
            if o is not n and b.inside(o.box.cx, o.box.cy) and o.outline.area < 0.5 * n.outline.area
            and min(o.box.w, o.box.h) >= 2.3 * letter and b.overlap(o.box) > 0.9 * o.box.w * o.box.h
        ]  # fmt: skip
        if inside and n.shape in ("process", "rounded") and max(b.w, b.h) > 12 * letter:
            holding.append(n)
    return [n for n in nodes if not any(n is h for h in holding)], holding


def is_letter(symbol: Symbol, text: Text, letter: float) -> bool:
    """Whether a circle stands in a row of text: an O that a connector runs through, or one amid a large word."""
    b = symbol.outline.box
    if symbol.shape not in ("circle", "ellipse"):
        return False
    if any(
        t.vertical and len(t.letters) > 2 and abs(t.box.cx - b.cx) <= 0.4 * t.size and b.w <= 1.3 * t.size
        and max(t.box.y0 - b.y1, b.y0 - t.box.y1) <= t.size for t in text.lines
    ):  # fmt: skip
        return True
    if max(b.w, b.h) > 1.5 * letter:
        row = [
            t.box.cx < b.cx for t in text.lines
            if not t.vertical and abs(t.box.cy - b.cy) <= 0.2 * t.size and 0.75 * t.size <= b.h <= 1.3 * t.size
            and max(t.box.x0 - b.x1, b.x0 - t.box.x1) <= 0.5 * t.size
        ]  # fmt: skip
        return len(set(row)) == 2 or any(
            t.box.inside(b.cx, b.cy) and b.h <= 1.3 * t.size for t in text.lines if t.size > 1.5 * letter
        )
    return any(
        not t.vertical
        and t.box.y0 - 0.2 * t.size <= b.cy <= t.box.y1 + 0.2 * t.size
        and max(t.box.x0 - b.x1, b.x0 - t.box.x1) <= 0.5 * t.size
        and b.h <= 1.3 * t.size
        and any(b.grow(0.5 * letter).overlap(own) < 0.6 * own.w * own.h for own in t.letters)  # more than itself
        for t in text.lines
    )


def without_dots(nodes: list[Symbol], text: Text) -> list[Symbol]:
    """Drop circles much smaller than the others, with no word in them: the marks of connectors' ends."""

    def worded(n: Symbol) -> bool:
        b = n.outline.box
        return any(len(t.letters) > 2 and t.box.w < b.w and b.inside(t.box.cx, t.box.cy) for t in text.lines)

    sizes = sorted((n.outline.box.w for n in nodes if n.shape == "circle"), reverse=True)
    if len(sizes) < 3:
        return nodes
    usual = sizes[len(sizes) // 3]
    return [n for n in nodes if n.shape != "circle" or n.outline.box.w > 0.58 * usual or worded(n)]


def without_pockets(nodes: list[Symbol], text: Text, letter: float) -> list[Symbol]:
    """Drop outlines that reach into other nodes or fill what is between two: space that connectors enclose."""

    def pocket(n: Symbol) -> bool:
        b = n.outline.box
        cut = [
            o for o in nodes
            if o is not n and o.enclosed < 0.15 and o.outline.area < n.outline.area
            and 0.15 * o.outline.box.w * o.outline.box.h < b.overlap(o.outline.box)
        ]  # fmt: skip
        large = any(o.shape != "circle" and o.outline.area > 0.2 * n.outline.area for o in cut)
        if n.enclosed >= 0.5 and n.shape in ("circle", "ellipse", "decision") and not _named(n, text):
            return True
        if not cut or (n.enclosed < 0.15 and len(cut) < 2 and not large):
            return False
        inside = [t for t in text.lines if b.inside(t.box.cx, t.box.cy)]
        return n.enclosed >= 0.15 or not inside or not _centred(inside, b)

    return [
        n for n in nodes
        if _is_named_oval(n, nodes, text) or not (pocket(n) or on_gateway(n, nodes) or _gap_of(n, nodes, letter))
    ]  # fmt: skip


def _is_named_oval(n: Symbol, nodes: list[Symbol], text: Text) -> bool:
    """Whether an outline is an oval that has a word in its middle and no symbol: it may touch others, all the same."""
    b = n.outline.box
    if not is_oval(n.outline) or any(o is not n and b.overlap(o.box) > HELD * o.box.w * o.box.h for o in nodes):
        return False
    inside = [t for t in text.lines if b.inside(t.box.cx, t.box.cy) and not t.vertical]
    return any(len(t.letters) > 1 for t in inside) and _centred(inside, b)


def _gap_of(n: Symbol, nodes: list[Symbol], letter: float) -> bool:
    """Whether an outline is the space between two symbols that connectors there and back enclose, with their labels.

    It touches both; where it is a rectangle, as compartments are, it ends short of both their corners.
    """
    a = n.outline.box

    def touching(start: int, end: int, low: int, high: int) -> bool:
        return any(
            o is not n and abs(o.outline.box[end] - a[start]) <= 0.6 * letter
            and (n.shape not in ("process", "rounded")
                 or (o.outline.box[low] + 0.8 * letter <= a[low] and a[high] <= o.outline.box[high] - 0.8 * letter))
            and min(o.outline.box[high], a[high]) - max(o.outline.box[low], a[low]) >= 0.4 * (a[high] - a[low])
            for o in nodes
        )  # fmt: skip

    x0, y0, x1, y1 = range(4)
    stacked = touching(y0, y1, x0, x1) and touching(y1, y0, x0, x1)
    return stacked or (touching(x0, x1, y0, y1) and touching(x1, x0, y0, y1))


def _named(node: Symbol, text: Text) -> bool:
    """Whether there is text in a node."""
    return any(node.outline.box.inside(t.box.cx, t.box.cy) and not t.vertical for t in text.lines)


def bitten(sheet: Sheet, found: list[Outline], nodes: list[Symbol], text: Text) -> list[Symbol]:
    """Outlines with text in them that fit their shape only with the small symbols that sit on their border."""
    letter = sheet.letter
    out = []
    small = [n for n in nodes if max(n.box.w, n.box.h) <= 5.5 * letter]
    for outline in found:
        b = outline.box
        if outline.fit.score >= CLOSED or min(b.w, b.h) < 2.5 * letter or outline.fit.score < 0.6:
            continue
        if any(n.outline is outline or n.box.inside(b.cx, b.cy) for n in nodes):
            continue
        lines = [
            t
            for t in text.lines
            if b.inside(t.box.cx, t.box.cy) and outline.mask[int(t.box.cy) - b.y0, int(t.box.cx) - b.x0]
        ]
        sitting = [n for n in small if b.grow(0.3 * max(n.box.w, n.box.h)).overlap(n.box) > 0]
        if not lines or not sitting:
            continue
        whole = _with_events(outline, sitting)
        fit = classify(whole, letter=letter)
        if fit.score >= 0.9 and fit.shape in ("process", "rounded"):
            shape = Outline(outline.region, b, whole, Fit("rounded", fit.score), int(whole.sum()), outline.outside)
            out.append(Symbol(shape, "rounded", max(3, round(0.3 * letter))))
    return out


def unbitten(nodes: list[Symbol], letter: float) -> list[Symbol]:
    """The nodes; those with slanted or torn sides that are whole with the events on their border are activities."""
    events = [n for n in nodes if n.shape == "circle" and max(n.box.w, n.box.h) <= 5.5 * letter]
    out = []
    for n in nodes:
        b = n.outline.box
        sitting = [e for e in events if b.grow(0.3 * e.box.w).overlap(e.box) > 0] if n.shape in TORN else []
        if sitting and min(b.w, b.h) >= 2.5 * letter and len(n.outline.parts) < 2:
            whole = _with_events(n.outline, sitting)
            fit = classify(whole, letter=letter)
            if fit.score >= max(0.9, n.outline.fit.score) and fit.shape in ("process", "rounded"):
                o = n.outline
                shape = Outline(o.region, b, whole, Fit("rounded", fit.score), int(whole.sum()), o.outside)
                n = Symbol(shape, "rounded", n.border, n.icons, n.rings)
        out.append(n)
    return out


def _with_events(outline: Outline, sitting: list[Symbol]) -> NDArray[np.uint8]:
    """An outline's mask with the boxes of the events that sit on its border."""
    b, whole = outline.box, outline.mask.copy()
    for n in sitting:
        o = n.box
        whole[max(0, o.y0 - b.y0) : max(0, o.y1 - b.y0), max(0, o.x0 - b.x0) : max(0, o.x1 - b.x0)] = 1
    return whole


def _centred(lines: list[TextLine], box: Rect) -> bool:
    """Whether the text stands in the middle of a box."""
    hull = bounding_box([t.box for t in lines])
    return abs(hull.cx - box.cx) <= 0.12 * box.w and abs(hull.cy - box.cy) <= 0.16 * box.h


def _stands_out(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline has a fill that nothing around it has."""
    b = symbol.outline.box
    own = median_colour(sheet.rgb[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3))
    return bool((np.abs(_around(sheet, symbol) - own).max(axis=1) > 12).mean() > 0.9)


def _around(sheet: Sheet, symbol: Symbol) -> NDArray[np.float32]:
    """(N, 3) float32: the paper's colours along a rectangle a little outside of an outline."""
    ring = symbol.outline.box.grow(symbol.border + max(3, 0.3 * sheet.letter))
    y0, y1, x0, x1 = max(0, ring.y0), min(sheet.height, ring.y1), max(0, ring.x0), min(sheet.width, ring.x1)
    ground = sheet.ground[y0:y1, x0:x1]
    return np.vstack([ground[0], ground[-1], ground[:, 0], ground[:, -1]]).astype(np.float32)


def _tight(lines: list[TextLine], box: Rect) -> bool:
    """Whether text fills a box but for a small margin."""
    hull = bounding_box([t.box for t in lines])
    return hull.h >= 0.45 * box.h and hull.w >= 0.7 * box.w


def _faint(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline's fill hardly differs from what is around it."""
    b = symbol.outline.box
    own = median_colour(sheet.ground[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3))
    y0, x0, y1, x1 = max(0, b.y0 - 7), max(0, b.x0 - 7), min(sheet.height, b.y1 + 7), min(sheet.width, b.x1 + 7)
    ground = sheet.ground[y0:y1, x0:x1]
    around = np.vstack([ground[0], ground[-1], ground[:, 0], ground[:, -1]]).astype(np.float32)
    return bool(np.median(np.abs(around - own).max(axis=1)) < 48)
