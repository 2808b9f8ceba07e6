"""A drawing by hand understood as far as geometry goes: the same scene as a printed one's."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from diagrasp.engines.embedded.blobs import find_blobs
from diagrasp.engines.embedded.drawing import Frame, Scene, share_text
from diagrasp.engines.embedded.enclosing import frames_of
from diagrasp.engines.embedded.hand.boxes import open_boxes
from diagrasp.engines.embedded.hand.heads import pointed
from diagrasp.engines.embedded.hand.sheet import Inked, hand_page
from diagrasp.engines.embedded.hand.strays import without_strays
from diagrasp.engines.embedded.hand.symbols import pen_symbols
from diagrasp.engines.embedded.hand.words import known_text, pen_text
from diagrasp.engines.embedded.joining import connect
from diagrasp.engines.embedded.raster import Image
from diagrasp.engines.embedded.sorting import containers
from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Text

HEAD = 0.62
"""Size of an arrow's head, in letter heights, over what it is in print: handwriting is larger than its arrows."""

SPAN = 0.7
"""Width or height of a frame, as a share of what all symbols span."""


def understand_hand(pixels: Image, seen: Inked | None = None) -> Scene | None:
    """Take a drawing by hand apart; None where there is no writing.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        seen: its ink, where that is known.
    """
    page = hand_page(pixels, seen)
    if page is None:
        return None
    sheet = page.sheet
    nodes, boxes = pen_symbols(sheet, page.words, known=page.known is not None)
    if page.known is None:
        text = pen_text(sheet, page.words, nodes)
    else:
        more = open_boxes(sheet, sheet.ink & ~page.words, page.known.lines, nodes)
        nodes = [n for n in nodes if not any(_marker(n, box, sheet.letter) for box in more)] + more
        text = known_text(sheet, page.words, page.known, page.written, nodes)
    nodes = find_blobs(sheet, text.ink, nodes)
    nodes, more = containers(nodes, sheet.letter)
    frames = _wide(frames_of(sheet, text, nodes, boxes + more), nodes)
    connectors, strokes = connect(replace(sheet, letter=HEAD * sheet.letter), text, nodes, frames)
    if page.known is not None:
        nodes = [_as_paper(n, text, sheet.letter) for n in nodes]
    connectors = pointed(connectors, strokes, sheet.letter)
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
        written=page.written,
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
