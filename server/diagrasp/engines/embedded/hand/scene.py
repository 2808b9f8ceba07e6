"""A drawing by hand understood as far as geometry goes: the same scene as a printed one's."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.drawing import Frame, Scene, share_text
from diagrasp.engines.embedded.frames.enclosing import frames_of
from diagrasp.engines.embedded.frames.sorting import containers
from diagrasp.engines.embedded.hand.boxes import blocks_of, open_boxes, unheld
from diagrasp.engines.embedded.hand.enclosed import enclosed, off_line
from diagrasp.engines.embedded.hand.heads import pointed
from diagrasp.engines.embedded.hand.leftover import leftover
from diagrasp.engines.embedded.hand.ringed import ringed
from diagrasp.engines.embedded.hand.rings import whole_signs
from diagrasp.engines.embedded.hand.sense import as_it_flows, with_whole_outlines
from diagrasp.engines.embedded.hand.sheet import Inked, hand_page
from diagrasp.engines.embedded.hand.short import is_word
from diagrasp.engines.embedded.hand.strays import without_strays
from diagrasp.engines.embedded.hand.symbols import pen_symbols
from diagrasp.engines.embedded.hand.words import apart, known_text, pen_text
from diagrasp.engines.embedded.joining import connect
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader
from diagrasp.engines.embedded.symbols.blobs import find_blobs
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text

HEAD = 0.62
"""Size of an arrow's head, in letter heights, over what it is in print: handwriting is larger than its arrows."""

BAR = 8.0
"""Length of the longest bar on paper, in letter heights."""
SPAN = 0.7
"""Width or height of a frame, as a share of what all symbols span."""


def understand_hand(pixels: Image, seen: Inked | None = None, reader: LineReader | None = None) -> Scene | None:
    """Take a drawing by hand apart; None where there is no writing.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        seen: its ink, where that is known.
        reader: tells short words from signs.
    """
    page = hand_page(pixels, seen, reader)
    if page is None:
        return None
    sheet, written = page.sheet, page.written
    nodes, boxes = pen_symbols(sheet, page.words, known=page.known is not None)
    if page.known is None:
        text = pen_text(sheet, page.words, nodes)
    else:
        nodes = whole_signs(sheet, page.walls & ~page.known.ink, nodes)
        blocks = blocks_of(unheld(page.known.lines, nodes), sheet.letter)
        walls = page.walls | off_line(page.known, sheet.letter)
        more = enclosed(sheet, walls, [*blocks, *page.written], nodes)
        nodes = [n for n in nodes if not any(_marker(n, box, sheet.letter) for box in more)] + more
        if page.pale is not None:
            blocks = blocks_of(unheld(page.known.lines, nodes), sheet.letter)
            nodes = nodes + enclosed(sheet, walls | page.pale, blocks, nodes)
        more = open_boxes(sheet, sheet.ink & ~page.words, page.known.lines, nodes)
        nodes = [n for n in nodes if not any(_marker(n, box, sheet.letter) for box in more)] + more
        blocks = blocks_of(unheld(page.known.lines, nodes), sheet.letter)
        drawn = sheet.ink & ~page.known.ink
        blocks += _letters(page.written, sheet.letter)
        nodes = nodes + ringed(sheet, drawn, page.pale, blocks, nodes)
        nodes = [n for n in nodes if not any(_within(n, f.title) for f in page.pools if f.title is not None)]

        def is_word_there(box: Rect) -> bool:
            there = Rect(*(round((v - page.margin) / sheet.scale) for v in box))
            return is_word(pixels if page.plain is None else page.plain, there, reader)

        known, written = apart(page.known, page.written, nodes, sheet.letter, is_word_there)
        text = known_text(sheet, page.words & ~(page.known.ink & ~known.ink), known, written, nodes, page.words_read)
    nodes = find_blobs(sheet, text.ink, nodes)
    if page.known is not None:  # a table's edge beside the paper
        nodes = [n for n in nodes if n.shape != "bar" or max(n.box.w, n.box.h) <= BAR * sheet.letter]
    nodes, more = containers(nodes, sheet.letter)
    frames = page.pools or _wide(frames_of(sheet, text, nodes, boxes + more), nodes)
    _, connectors, strokes = connect(replace(sheet, letter=HEAD * sheet.letter), text, nodes, frames)
    if page.known is not None:
        nodes = [_as_paper(n, text, sheet.letter) for n in nodes]
    connectors += leftover(strokes, connectors, nodes, sheet.letter)
    nodes, connectors = with_whole_outlines(nodes, connectors)
    connectors = as_it_flows(pointed(connectors, strokes, sheet.ink & ~text.ink, sheet.letter), nodes)
    nodes, connectors = without_strays(sheet, nodes, connectors, text)
    scene = Scene(
        sheet,
        nodes,
        frames,
        text,
        connectors,
        strokes=strokes,
        margin=page.margin,
        ruled=page.rulings > 0,
        plain=page.plain,
        written=written,
    )
    near = cv2.dilate(text.ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    scene.clean = np.where(near[:, :, None], page.clean, 255).astype(np.uint8)
    share_text(scene)
    return scene


def _wide(frames: list[Frame], nodes: list[Symbol]) -> list[Frame]:
    """The frames as wide or as high as nearly all of the drawing: pools and lanes; connectors enclose smaller areas."""
    if not nodes:
        return []
    box = nodes[0].box
    for node in nodes[1:]:
        box = box.union(node.box)
    return [f for f in frames if f.box.w >= SPAN * box.w or f.box.h >= SPAN * box.h]


def _letters(written: list[Rect], letter: float) -> list[Rect]:
    """The bounds of what may be single letters."""
    return [r for r in written if max(r.w, r.h) <= 2.2 * letter]


def _within(symbol: Symbol, title: Rect) -> bool:
    """Whether a symbol is letters of a pool's name."""
    b = symbol.outline.box
    return title.inside(int(b.cx), int(b.cy))


def _marker(symbol: Symbol, host: Symbol, letter: float) -> bool:
    """Whether a symbol is a mark in a box."""
    b = symbol.outline.box
    return max(b.w, b.h) <= 3.2 * letter and b.overlap(host.outline.box) >= 0.7 * b.w * b.h


def _as_paper(symbol: Symbol, text: Text, letter: float) -> Symbol:
    """A small upright box with nothing written in it is a sheet of paper: a data object."""
    b = symbol.outline.box
    if symbol.shape not in ("process", "rounded", "hexagon") or not (b.h >= 1.15 * b.w and b.h <= 6 * letter):
        return symbol
    if any(b.inside(int(t.box.cx), int(t.box.cy)) for t in text.lines):
        return symbol
    return replace(symbol, shape="note")
