"""Entities drawn as plain boxes, without attributes: what tells them is that crow's feet join them."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.raster import Sheet
from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Rect, Text
from diagrasp.engines.embedded.uml import crowsfeet
from diagrasp.engines.embedded.uml.relations import Ends
from diagrasp.engines.embedded.uml.strips import sampled

RING = 2.0
"""Outer diameter of the circle of a crow's foot at most, in letter heights."""
AWAY = 2.4
"""How far from its box the circle stands at most, in letter heights."""
PLAIN = ("process", "rounded")


def crow_rings(sheet: Sheet, nodes: list[Symbol], text: Text) -> list[Symbol]:
    """The small empty circles that are parts of crow's feet: between each and a box is a foot, or a bar."""
    letter = sheet.letter
    boxes = [n.box for n in nodes if n.shape in PLAIN and min(n.box.w, n.box.h) > 2.2 * letter]
    rings = [n for n in nodes if n.shape in ("circle", "ellipse") and max(n.box.w, n.box.h) <= RING * letter]
    out = []
    for ring in rings if len(boxes) > 1 else []:
        b = ring.box
        if any(b.inside(t.box.cx, t.box.cy) for t in text.lines):
            continue
        host = min(boxes, key=lambda box: _gap(b, box))
        if _gap(b, host) <= AWAY * letter and _foot(sheet, b, host):
            out.append(ring)
    return out


def are_entities(scene: Scene, ends: list[Ends]) -> bool:
    """Whether plain boxes are entities: most of the lines between them say at both ends how many there are."""
    plain = sum(n.shape in PLAIN for n in scene.nodes)
    return plain == len(scene.nodes) > 1 and len(ends) > 0 and sum(e.crows for e in ends) >= 0.6 * len(ends)


def _gap(a: Rect, b: Rect) -> float:
    """How far two boxes are from each other."""
    return float(np.hypot(max(a.x0 - b.x1, b.x0 - a.x1, 0), max(a.y0 - b.y1, b.y0 - a.y1, 0)))


def _foot(sheet: Sheet, ring: Rect, box: Rect) -> bool:
    """Whether a foot or a bar stands between a ring and a box, on some way from one to the other."""
    letter = sheet.letter
    centre, half = np.array([ring.cx, ring.cy]), 0.5 * max(ring.w, ring.h)
    nearest = np.array([np.clip(ring.cx, box.x0, box.x1), np.clip(ring.cy, box.y0, box.y1)], float)
    ink = sheet.ink.copy()
    for b in (ring, box):
        ink[max(0, b.y0) : b.y1, max(0, b.x0) : b.x1] = False
    level = nearest[1] in (box.y0, box.y1)
    for step in np.arange(-1.2, 1.21, 0.3) * letter:
        tip = nearest + ([step, 0.0] if level else [0.0, step])
        reach = float(np.hypot(*(centre - tip))) - half
        if not box.grow(1).inside(*tip) or reach < 0.3 * letter:
            continue
        strip = sampled(ink, tip, centre, (0.0, reach, crowsfeet.ASIDE * letter), 0.5 * letter)
        found = crowsfeet.count(strip, letter)
        if found.foot or found.bars:
            return True
    return False
