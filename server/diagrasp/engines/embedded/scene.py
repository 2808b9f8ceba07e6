"""A drawing understood as far as geometry goes: nodes, frames, connectors and blocks of text."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.blobs import find_blobs
from diagrasp.engines.embedded.bpmn.pools import is_pocket, without_heads
from diagrasp.engines.embedded.bpmn.rings import as_symbol, find_rings, with_rings
from diagrasp.engines.embedded.connectors import Connector, terminals, trace
from diagrasp.engines.embedded.dashes import without_dashes, without_targets
from diagrasp.engines.embedded.fills import find_fills
from diagrasp.engines.embedded.frames import find_frames
from diagrasp.engines.embedded.inner import complete
from diagrasp.engines.embedded.raster import Image, Mask, Sheet, prepare
from diagrasp.engines.embedded.sequence import Sequence, find_sequence
from diagrasp.engines.embedded.shapes import Fit, classify
from diagrasp.engines.embedded.strokes import stroke_graph
from diagrasp.engines.embedded.symbols import CLOSED, Outline, Symbol, cover, find_symbols, outlines
from diagrasp.engines.embedded.text import Rect, Text, TextLine, extend, find_text
from diagrasp.engines.embedded.torn import mend
from diagrasp.engines.embedded.uml.actors import with_actors
from diagrasp.engines.embedded.uml.adornments import distinct, filled_heads, with_signs, without_marks
from diagrasp.engines.embedded.uml.bullseyes import with_bullseyes
from diagrasp.engines.embedded.uml.shadows import without_shadows
from diagrasp.engines.embedded.uml.tables import Table, find_tables, outside, symbols_of, without_signs


@dataclass
class Frame:
    """A rectangle around other symbols, by its outer bounds; `title` is the strip that names it, where it has one."""

    box: Rect
    rounded: bool = False
    title: Rect | None = None
    filled: bool = False


@dataclass
class Scene:
    """What was found on a sheet; connectors refer to nodes by their position, and to frames by len(nodes) + theirs.

    `clean` is a picture of the sheet's size to read text from, where the original will not do; `margin` is how far the
    sheet reaches beyond the picture on every side, in the sheet's pixels; `ruled` tells paper with lines on it.

    A sequence diagram has its own parts instead; remarks are for the reader of the result.
    """

    sheet: Sheet
    nodes: list[Symbol]
    frames: list[Frame]
    text: Text
    connectors: list[Connector]
    inside: dict[int, list[TextLine]] = field(default_factory=dict)
    outside: list[TextLine] = field(default_factory=list)
    strokes: Mask | None = None
    clean: Image | None = None
    margin: int = 0
    ruled: bool = False
    sequence: Sequence | None = None
    remarks: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def understand(pixels: Image) -> Scene:
    """Take a picture apart into symbols, connectors and text: as a printed drawing, else as one made by hand.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    from diagrasp.engines.embedded.hand.detect import better, convincing, hopeless
    from diagrasp.engines.embedded.hand.paper import without_hatching
    from diagrasp.engines.embedded.hand.scene import understand_hand

    scene = _printed(pixels)
    if scene.sequence is not None or convincing(scene) or hopeless(scene):
        return scene
    plain = _printed(without_hatching(pixels))
    if better(plain, scene):
        scene = plain
        if convincing(scene):
            return scene
    other = understand_hand(pixels)
    return other if other is not None and better(other, scene) else scene


def _printed(pixels: Image) -> Scene:
    sheet = prepare(pixels)
    sequence = find_sequence(sheet, pixels)
    if sequence is not None:
        return Scene(sheet, [], [], sequence.text, [], sequence=sequence)
    sheet = without_shadows(sheet)
    tables = find_tables(sheet)
    sheet = without_signs(sheet, tables)
    found = outside(mend(sheet, outlines(sheet)), tables)
    candidates = find_symbols(sheet, found) + symbols_of(sheet, tables)
    shape = sheet.ink.shape
    bands = np.zeros(shape, bool)
    rings = [as_symbol(sheet, ring) for ring in find_rings(sheet)]
    for symbol in candidates + rings:
        bands |= _band(shape, symbol)
    text = find_text(sheet, bands & sheet.ink, [c.outline.box for c in candidates if not c.container])
    text = without_targets(without_dashes(text, sheet.letter), sheet.letter)
    text = with_signs(sheet, text, tables)
    nodes, boxes = without_heads(sheet, *_sort_out(sheet, candidates, text))
    nodes = with_bullseyes(sheet, with_rings(sheet, find_blobs(sheet, _words(text), nodes), rings))
    nodes = with_actors(sheet, text, _words(text), without_marks(nodes, tables, sheet.letter))
    nodes += _bitten(sheet, found, nodes, text)
    nodes = [n for n in nodes if not _letter(n, text, sheet.letter)]
    nodes = _without_pockets(_without_dots(nodes), text)
    nodes, more = containers(nodes, sheet.letter)
    text = complete(sheet, nodes, text)
    frames = frames_of(sheet, text, [n for n in nodes if n.shape != "bar"], boxes + more)
    nodes = [n for n in nodes if n.shape != "bar" or not any(_side(n.box, f.box, sheet.letter) for f in frames)]
    connectors, strokes = connect(sheet, text, nodes, frames)
    text = extend(text, _beside_paths(strokes, connectors, sheet.letter), sheet.letter)
    scene = Scene(sheet, nodes, frames, text, connectors, strokes=strokes, tables=tables)
    share_text(scene)
    return scene


def _band(shape: tuple[int, int], symbol: Symbol) -> Mask:
    """The pixels of a symbol's outline."""
    whole = cover(shape, [symbol]) > 0
    b = symbol.outline.box
    whole[b.y0 : b.y1, b.x0 : b.x1] &= symbol.outline.mask == 0
    return whole


def _words(text: Text) -> Mask:
    """Ink of text of more than one letter: a single letter may be a gateway's sign."""
    out = text.ink.copy()
    for line in text.lines:
        if len(line.letters) == 1:
            b = line.box
            out[b.y0 : b.y1, b.x0 : b.x1] = False
    return out


def _sort_out(sheet: Sheet, candidates: list[Symbol], text: Text) -> tuple[list[Symbol], list[Symbol]]:
    """Nodes, and outlines that may be containers; a large plain outline without text in it is only enclosed."""
    letter = sheet.letter
    nodes: list[Symbol] = []
    boxes: list[Symbol] = []
    for symbol in candidates:
        if symbol.container:
            if symbol.enclosed < 0.15 and symbol.outline.fit.score >= CLOSED:
                boxes.append(symbol)
            continue
        b = symbol.outline.box
        mask = symbol.outline.mask
        inside = [
            line for line in text.lines
            if b.inside(line.box.cx, line.box.cy) and mask[int(line.box.cy) - b.y0, int(line.box.cx) - b.x0]
        ]  # fmt: skip
        doubtful = symbol.outline.fit.score < CLOSED or symbol.enclosed >= 0.15
        if not symbol.drawn and inside and _tight(inside, b) and (b.h <= 2.2 * letter or _faint(sheet, symbol)):
            continue  # the ground of an edge's label
        if doubtful and not (inside and _centred(inside, b)):
            continue
        small = max(b.w, b.h) <= 7 * letter and symbol.shape in ("circle", "ellipse", "decision")
        if small or (symbol.shape in ("database", "document", "note") and max(b.w, b.h) <= 7 * letter):
            nodes.append(symbol)
        elif inside:
            hull = inside[0].box
            for line in inside[1:]:
                hull = hull.union(line.box)
            narrow = min(b.w, b.h) <= 6.5 * letter and max(b.w, b.h) > 9 * min(b.w, b.h)
            if (narrow or all(line.vertical for line in inside)) and symbol.shape in ("process", "rounded"):
                boxes.append(symbol)
            else:
                nodes.append(symbol)
        elif symbol.shape in ("process", "rounded") and min(b.w, b.h) > 1.6 * letter and _stands_out(sheet, symbol):
            nodes.append(symbol)
        else:
            boxes.append(symbol)
    return nodes, boxes


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


def _letter(symbol: Symbol, text: Text, letter: float) -> bool:
    """Whether a small circle stands in a row of text: an O that a connector runs through."""
    b = symbol.outline.box
    if symbol.shape not in ("circle", "ellipse") or max(b.w, b.h) > 1.5 * letter:
        return False
    return any(
        not t.vertical
        and t.box.y0 - 0.2 * t.size <= b.cy <= t.box.y1 + 0.2 * t.size
        and max(t.box.x0 - b.x1, b.x0 - t.box.x1) <= 0.5 * t.size
        and b.h <= 1.3 * t.size
        for t in text.lines
    )


def _without_dots(nodes: list[Symbol]) -> list[Symbol]:
    """Drop circles much smaller than the others: the marks of connectors' ends."""
    sizes = sorted((n.outline.box.w for n in nodes if n.shape == "circle"), reverse=True)
    if len(sizes) < 3:
        return nodes
    usual = sizes[len(sizes) // 3]
    return [n for n in nodes if n.shape != "circle" or n.outline.box.w > 0.58 * usual]


def _without_pockets(nodes: list[Symbol], text: Text) -> list[Symbol]:
    """Drop outlines that reach into other nodes: space enclosed by connectors that happens to hold a label."""

    def pocket(n: Symbol) -> bool:
        b = n.outline.box
        cut = [
            o for o in nodes
            if o is not n and o.enclosed < 0.15 and o.outline.area < n.outline.area
            and 0.15 * o.outline.box.w * o.outline.box.h < b.overlap(o.outline.box)
        ]  # fmt: skip
        if not cut or (n.enclosed < 0.15 and len(cut) < 2):
            return False
        inside = [t for t in text.lines if b.inside(t.box.cx, t.box.cy)]
        return n.enclosed >= 0.15 or not inside or not _centred(inside, b)

    return [n for n in nodes if not pocket(n)]


def _bitten(sheet: Sheet, found: list[Outline], nodes: list[Symbol], text: Text) -> list[Symbol]:
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
        whole = outline.mask.copy()
        for n in sitting:
            o = n.box
            whole[max(0, o.y0 - b.y0) : max(0, o.y1 - b.y0), max(0, o.x0 - b.x0) : max(0, o.x1 - b.x0)] = 1
        fit = classify(whole, letter=letter)
        if fit.score >= 0.9 and fit.shape in ("process", "rounded"):
            shape = Outline(outline.region, b, whole, Fit("rounded", fit.score), int(whole.sum()), outline.outside)
            out.append(Symbol(shape, "rounded", max(3, round(0.3 * letter))))
    return out


def _centred(lines: list[TextLine], box: Rect) -> bool:
    """Whether the text stands in the middle of a box."""
    hull = lines[0].box
    for line in lines[1:]:
        hull = hull.union(line.box)
    return abs(hull.cx - box.cx) <= 0.12 * box.w and abs(hull.cy - box.cy) <= 0.16 * box.h


def _stands_out(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline has a fill that nothing around it has."""
    b = symbol.outline.box
    own = np.median(sheet.rgb[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3), axis=0)
    ring = b.grow(symbol.border + max(3, 0.3 * sheet.letter))
    y0, y1, x0, x1 = max(0, ring.y0), min(sheet.height, ring.y1), max(0, ring.x0), min(sheet.width, ring.x1)
    ground = sheet.ground[y0:y1, x0:x1].astype(np.float32)
    around = np.vstack([ground[0], ground[-1], ground[:, 0], ground[:, -1]])
    return bool((np.abs(around - own).max(axis=1) > 12).mean() > 0.9)


def _tight(lines: list[TextLine], box: Rect) -> bool:
    """Whether text fills a box but for a small margin."""
    hull = lines[0].box
    for line in lines[1:]:
        hull = hull.union(line.box)
    return hull.h >= 0.45 * box.h and hull.w >= 0.7 * box.w


def _faint(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline's fill hardly differs from what is around it."""
    b = symbol.outline.box
    own = np.median(sheet.ground[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3), axis=0)
    y0, x0, y1, x1 = max(0, b.y0 - 7), max(0, b.x0 - 7), min(sheet.height, b.y1 + 7), min(sheet.width, b.x1 + 7)
    ground = sheet.ground[y0:y1, x0:x1].astype(np.float32)
    around = np.vstack([ground[0], ground[-1], ground[:, 0], ground[:, -1]])
    return bool(np.median(np.abs(around - own).max(axis=1)) < 48)


def frames_of(sheet: Sheet, text: Text, nodes: list[Symbol], boxes: list[Symbol]) -> list[Frame]:
    """Containers, from closed regions and from long strokes, with the strips that name them."""
    letter = sheet.letter
    shape = sheet.ink.shape
    ink = sheet.ink & ~text.ink & ~(cover(shape, nodes) > 0)
    found = [(r, False) for r in find_frames(ink, cover(shape, nodes) > 0, letter)]
    found += [(s.box, s.shape == "rounded") for s in boxes if s.shape in ("process", "rounded")]
    fills = find_fills(sheet)
    found += [(r, False) for r in fills]
    rects: list[tuple[Rect, bool]] = []
    for rect, rounded in sorted(found, key=lambda item: -item[0].w * item[0].h):
        like = [k for k, (r, _) in enumerate(rects) if _same(r, rect, 0.9 * letter)]
        if like:
            rects[like[0]] = rects[like[0]][0], rects[like[0]][1] or rounded
        else:
            rects.append((rect, rounded))
    bodies: list[tuple[Rect, bool]] = []
    strips: list[Rect] = []
    for rect, rounded in rects:
        held = sum(
            1 for n in nodes if rect.inside(n.box.cx, n.box.cy) and rect.overlap(n.box) > 0.8 * n.box.w * n.box.h
        )
        words = [t for t in text.lines if rect.inside(t.box.cx, t.box.cy)]
        flat = rect.h <= 5 * letter and rect.w > 2.5 * rect.h
        tall = rect.w <= 6.5 * letter and rect.h > 2 * rect.w
        if not held and words and (flat or (tall and any(t.vertical for t in words))):
            strips.append(rect)
        elif held or (max(rect.w, rect.h) > 25 * letter and min(rect.w, rect.h) > 5 * letter and not words):
            if any(_same(rect, n.box, 1.2 * letter) for n in nodes):
                continue
            bodies.append((rect, rounded))
    frames = _with_titles(bodies, strips, letter)
    frames = [f for f in frames if f.title is not None or any(f.box.inside(n.box.cx, n.box.cy) for n in nodes)]
    filled = [f for f in frames if any(_same(f.box, r, 0.9 * letter) for r in fills)]
    return [f for f in frames if f in filled or f.title is not None or not is_pocket(f.box, nodes)]


def _side(bar: Rect, frame: Rect, letter: float) -> bool:
    """Whether a bar lies along a frame's side: then it is the frame's own thick line."""
    near = 0.6 * letter
    if not frame.grow(near).overlap(bar) > 0.9 * bar.w * bar.h:
        return False
    if bar.w > bar.h:
        return min(abs(bar.cy - frame.y0), abs(bar.cy - frame.y1)) <= near
    return min(abs(bar.cx - frame.x0), abs(bar.cx - frame.x1)) <= near


def _same(a: Rect, b: Rect, slack: float) -> bool:
    return max(abs(p - q) for p, q in zip(a, b, strict=True)) <= slack


def _with_titles(bodies: list[tuple[Rect, bool]], strips: list[Rect], letter: float) -> list[Frame]:
    """Join each strip to the bodies beside or below it: one body makes a titled frame, several a frame around them."""
    slack = 1.0 * letter
    frames = [Frame(rect, rounded) for rect, rounded in bodies]
    out = list(frames)
    for strip in sorted(strips, key=lambda r: r.w * r.h):
        tall = strip.h > strip.w
        if tall:
            mates = [
                f for f in out
                if abs(f.box.x0 - strip.x1) <= slack and f.box.y0 >= strip.y0 - slack and f.box.y1 <= strip.y1 + slack
            ]  # fmt: skip
            length = sum(f.box.h for f in mates)
            whole = strip.h
        else:
            mates = [
                f for f in out
                if abs(f.box.y0 - strip.y1) <= slack and f.box.x0 >= strip.x0 - slack and f.box.x1 <= strip.x1 + slack
            ]  # fmt: skip
            length = sum(f.box.w for f in mates)
            whole = strip.w
        if not mates:
            inner = [
                f
                for f in out
                if f.title is None
                and _holds(f.box, strip, slack)
                and (abs(f.box.y0 - strip.y0) <= slack or abs(f.box.x0 - strip.x0) <= slack)
            ]
            if inner:
                min(inner, key=lambda f: f.box.w * f.box.h).title = strip
            continue
        if len(mates) == 1 and mates[0].title is None and length > 0.85 * whole:
            mates[0].title = strip
            mates[0].box = mates[0].box.union(strip)
        elif length > 0.7 * whole:
            box = strip
            for f in mates:
                box = box.union(f.box)
            existing = [f for f in out if _same(f.box, box, 1.5 * slack) and f.title is None and f not in mates]
            if existing:
                existing[0].title = strip
            else:
                out.append(Frame(box, False, strip))
    return out


def _holds(outer: Rect, inner: Rect, slack: float) -> bool:
    return (
        outer.x0 - slack <= inner.x0
        and outer.y0 - slack <= inner.y0
        and inner.x1 <= outer.x1 + slack
        and inner.y1 <= outer.y1 + slack
    )


def connect(sheet: Sheet, text: Text, nodes: list[Symbol], frames: list[Frame]) -> tuple[list[Connector], Mask]:
    shape = sheet.ink.shape
    covered = cover(shape, nodes)
    _absorb_marks(sheet, text, covered)
    lines = np.zeros(shape, np.uint8)
    thick = max(5, 2 * round(0.25 * sheet.letter) + 1)
    for frame in frames:
        b = frame.box
        for rect in (b, frame.title or b):
            # Where a title has a strip of its own, frames may be drawn double.
            inset, wide = (2, thick) if frame.title is None else (round(0.28 * sheet.letter), round(0.7 * sheet.letter))
            cv2.rectangle(
                lines, (rect.x0 + inset, rect.y0 + inset), (rect.x1 - inset - 1, rect.y1 - inset - 1), 1, wide
            )
    band = lines > 0
    strokes = sheet.ink & ~text.ink & (covered == 0) & ~_straight(band, sheet, sheet.letter)
    near, owner = _nearest(covered)
    free = [t.box for t in text.lines if not covered[int(t.box.cy), int(t.box.cx)]]
    drawn = filled_heads(strokes, near, sheet.letter) if any(len(n.outline.parts) > 1 for n in nodes) else strokes
    graph, width = stroke_graph(drawn, sheet.letter, free, near, owner)
    edges = [(len(nodes) + k + 1, f.box) for k, f in enumerate(frames) if f.rounded and f.title is None]
    ends = terminals(graph, owner, near, drawn, sheet.letter, width, edges)
    found = trace(graph, ends, sheet.letter)
    if drawn is not strokes:
        found = distinct(found, sheet.letter)
    return [c for c in found if not _clings(c, nodes, sheet.letter)], strokes


def _clings(connector: Connector, nodes: list[Symbol], letter: float) -> bool:
    """Whether a loop never leaves its node's neighbourhood: what is left of a border or a shadow."""
    if connector.source != connector.target or connector.source > len(nodes):
        return False
    near = nodes[connector.source - 1].box.grow(1.3 * letter)
    return all(near.inside(x, y) for x, y in connector.path)


def _absorb_marks(sheet: Sheet, text: Text, covered: NDArray[np.int32]) -> None:
    """Give the small open circles at message flows' starts to the symbols that they sit on."""
    letter = sheet.letter
    open_ = (~sheet.ink) & ~text.ink
    count, labels, stats, _ = cv2.connectedComponentsWithStats(open_.astype(np.uint8), connectivity=4)
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if not (
            0.3 * letter <= min(w, h) and max(w, h) <= 2.2 * letter and 0.7 <= w / h <= 1.43 and area >= 0.62 * w * h
        ):
            continue
        mask = np.asarray(labels[y : y + h, x : x + w] == i, np.uint8)
        if classify(mask, letter=letter).shape not in ("circle", "ellipse", "hexagon", "rounded", "stadium"):
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


def _beside_paths(strokes: Mask, connectors: list[Connector], letter: float) -> Mask:
    """Ink left when the connectors' own strokes are taken away: letters that touched them."""
    lines = np.zeros(strokes.shape, np.uint8)
    for connector in connectors:
        cv2.polylines(lines, [connector.path.astype(np.int32)], False, 1, max(3, round(0.34 * letter)))
    return np.asarray(strokes & (lines == 0))


def _straight(band: Mask, sheet: Sheet, letter: float) -> Mask:
    """The frames' own strokes within their bands: connectors that cross a band keep the pixels that they share."""
    ink = (sheet.ink & band).astype(np.uint8)
    n = int(1.2 * letter)
    across = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, n), np.uint8)), np.uint8)
    down = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((n, 1), np.uint8)), np.uint8)
    return np.asarray((cv2.dilate(across | down, np.ones((3, 3), np.uint8)) > 0) & band)


def _nearest(covered: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Distance to, and number of, the nearest symbol of every pixel."""
    if not covered.any():
        return np.full(covered.shape, 1e6, np.float32), covered
    near, index = cv2.distanceTransformWithLabels(
        (covered == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels count the covered pixels in the order in which they lie in memory, from 1.
    return near, np.concatenate([np.zeros(1, np.int32), covered[covered > 0]])[index]


def share_text(scene: Scene) -> None:
    """Give each line of text to the smallest node that holds its middle; the others are outside."""
    order = sorted(range(len(scene.nodes)), key=lambda i: scene.nodes[i].outline.area)
    for line in scene.text.lines:
        x, y = line.box.cx, line.box.cy
        for i in order:
            o = scene.nodes[i].outline
            if o.box.inside(x, y) and o.mask[int(y) - o.box.y0, int(x) - o.box.x0]:
                scene.inside.setdefault(i, []).append(line)
                break
        else:
            scene.outside.append(line)
