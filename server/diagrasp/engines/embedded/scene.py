"""A drawing understood as far as geometry goes: nodes, frames, connectors and blocks of text."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.blobs import find_blobs
from diagrasp.engines.embedded.connectors import Connector, terminals, trace
from diagrasp.engines.embedded.frames import find_frames
from diagrasp.engines.embedded.raster import Image, Mask, Sheet, prepare
from diagrasp.engines.embedded.strokes import stroke_graph
from diagrasp.engines.embedded.symbols import Symbol, cover, find_symbols, outlines
from diagrasp.engines.embedded.text import Rect, Text, TextLine, find_text


@dataclass
class Frame:
    """A rectangle around other symbols, by its outer bounds; `title` is the strip that names it, where it has one."""

    box: Rect
    rounded: bool = False
    title: Rect | None = None
    filled: bool = False


@dataclass
class Scene:
    """What was found on a sheet; connectors refer to nodes by their position, and to frames by len(nodes) + theirs."""

    sheet: Sheet
    nodes: list[Symbol]
    frames: list[Frame]
    text: Text
    connectors: list[Connector]
    inside: dict[int, list[TextLine]] = field(default_factory=dict)
    outside: list[TextLine] = field(default_factory=list)
    strokes: Mask | None = None


def understand(pixels: Image) -> Scene:
    """Take a picture apart into symbols, connectors and text.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    sheet = prepare(pixels)
    candidates = find_symbols(sheet, outlines(sheet))
    shape = sheet.ink.shape
    bands = np.zeros(shape, bool)
    for symbol in candidates:
        bands |= _band(shape, symbol)
    text = find_text(sheet, bands & sheet.ink)
    nodes, boxes = _sort_out(sheet, candidates, text)
    nodes += find_blobs(sheet, _words(text), nodes)
    frames = _frames(sheet, text, nodes, boxes)
    connectors, strokes = _connect(sheet, text, nodes, frames)
    scene = Scene(sheet, nodes, frames, text, connectors, strokes=strokes)
    _share_text(scene)
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
            boxes.append(symbol)
            continue
        b = symbol.outline.box
        inside = [
            line for line in text.lines
            if b.inside(line.box.cx, line.box.cy) and symbol.outline.mask[int(line.box.cy) - b.y0, int(line.box.cx) - b.x0]
        ]  # fmt: skip
        small = max(b.w, b.h) <= 5.5 * letter and symbol.shape in ("circle", "ellipse", "decision")
        if small or (symbol.shape in ("database", "document", "note") and max(b.w, b.h) <= 7 * letter):
            nodes.append(symbol)
        elif inside:
            hull = inside[0].box
            for line in inside[1:]:
                hull = hull.union(line.box)
            narrow = min(b.w, b.h) <= 3.4 * letter and max(b.w, b.h) > 9 * min(b.w, b.h)
            if (narrow or all(line.vertical for line in inside)) and symbol.shape in ("process", "rounded"):
                boxes.append(symbol)
            else:
                nodes.append(symbol)
        elif symbol.shape in ("process", "rounded") and min(b.w, b.h) > 1.6 * letter and _stands_out(sheet, symbol):
            nodes.append(symbol)
        else:
            boxes.append(symbol)
    return nodes, boxes


def _stands_out(sheet: Sheet, symbol: Symbol) -> bool:
    """Whether an outline has a fill of its own."""
    b = symbol.outline.box
    own = sheet.rgb[int(b.cy), int(b.cx)].astype(int)
    x, y, w, h, _ = (int(v) for v in sheet.stats[symbol.outline.outside])
    around = sheet.ground[max(0, b.y0 - 6), min(sheet.width - 1, int(b.cx))].astype(int)
    del x, y, w, h
    return bool(np.abs(own - around).max() > 12)


def _frames(sheet: Sheet, text: Text, nodes: list[Symbol], boxes: list[Symbol]) -> list[Frame]:
    """Containers, from closed regions and from long strokes, with the strips that name them."""
    letter = sheet.letter
    shape = sheet.ink.shape
    ink = sheet.ink & ~text.ink & ~(cover(shape, nodes) > 0)
    found = [(r, False) for r in find_frames(ink, letter)]
    for symbol in boxes:
        if symbol.shape in ("process", "rounded"):
            found.append((symbol.box, symbol.shape == "rounded"))
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
        tall = rect.w <= 5 * letter and rect.h > 2.5 * rect.w
        if not held and words and (flat or (tall and any(t.vertical for t in words))):
            strips.append(rect)
        elif held or (max(rect.w, rect.h) > 25 * letter and min(rect.w, rect.h) > 6 * letter and not words):
            if any(_same(rect, n.box, 1.2 * letter) for n in nodes):
                continue
            bodies.append((rect, rounded))
    return _with_titles(bodies, strips, letter)


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


def _connect(sheet: Sheet, text: Text, nodes: list[Symbol], frames: list[Frame]) -> tuple[list[Connector], Mask]:
    shape = sheet.ink.shape
    covered = cover(shape, nodes)
    lines = np.zeros(shape, np.uint8)
    for frame in frames:
        b = frame.box
        for rect in (b, frame.title or b):
            cv2.rectangle(lines, (rect.x0 + 2, rect.y0 + 2), (rect.x1 - 3, rect.y1 - 3), 1, 5)
    band = lines > 0
    strokes = sheet.ink & ~text.ink & (covered == 0) & ~_straight(band, sheet, sheet.letter)
    near, owner = _nearest(covered)
    free = [t.box for t in text.lines if not covered[int(t.box.cy), int(t.box.cx)]]
    graph, width = stroke_graph(strokes, sheet.letter, free, near)
    ends = terminals(graph, owner, near, strokes, sheet.letter, width)
    return trace(graph, ends, sheet.letter), strokes


def _straight(band: Mask, sheet: Sheet, letter: float) -> Mask:
    """The frames' own strokes within their bands: connectors that cross a band keep the pixels that they share."""
    ink = (sheet.ink & band).astype(np.uint8)
    n = int(1.2 * letter)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, n), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((n, 1), np.uint8))
    return np.asarray((cv2.dilate(across | down, np.ones((3, 3), np.uint8)) > 0) & band)


def _nearest(covered: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Distance to, and number of, the nearest symbol of every pixel."""
    if not covered.any():
        return np.full(covered.shape, 1e6, np.float32), covered
    near, index = cv2.distanceTransformWithLabels(
        (covered == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    where = np.zeros(int(index.max()) + 1, np.int32)
    flat = np.flatnonzero(covered.ravel())
    where[index.ravel()[flat]] = covered.ravel()[flat]
    return near, where[index]


def _share_text(scene: Scene) -> None:
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
