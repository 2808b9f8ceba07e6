"""Entities drawn as plain boxes, without attributes: what tells them is that crow's feet join them."""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text
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
    feet, barred = [], []
    for ring in rings if len(boxes) > 1 else []:
        b = ring.box
        if any(b.inside(t.box.cx, t.box.cy) for t in text.lines) or not _hollow(sheet, ring):
            continue
        host = min(boxes, key=lambda box: b.apart(box))
        seen = _between(sheet, b, host) if b.apart(host) <= AWAY * letter else []
        if any(count.foot for count in seen):
            feet.append(ring)
        elif any(count.bars for count in seen):
            barred.append(ring)
    return feet + barred if feet else []  # a bar alone may be the small head of an arrow


def _hollow(sheet: Sheet, ring: Symbol) -> bool:
    """Whether there is paper within a ring as around it: marks of starts and ends are filled."""
    b = ring.outline.box
    inner = sheet.rgb[b.y0 + b.h // 4 : b.y1 - b.h // 4, b.x0 + b.w // 4 : b.x1 - b.w // 4].reshape(-1, 3)
    o = ring.box.grow(0.3 * sheet.letter)
    around = sheet.ground[max(0, o.y0) : o.y1, max(0, o.x0) : o.x1].reshape(-1, 3)
    return bool(len(inner) and np.abs(np.median(inner, axis=0) - np.median(around, axis=0)).max() <= 40)


def are_entities(scene: Scene, ends: list[Ends]) -> bool:
    """Whether plain boxes are entities: most of the lines between them say at both ends how many there are."""
    count = len(scene.nodes)
    joining = [e for c, e in zip(scene.connectors, ends, strict=True) if max(c.source, c.target) <= count]
    plain = sum(n.shape in PLAIN for n in scene.nodes)
    return plain == count > 1 and len(joining) > 0 and sum(e.crows for e in joining) >= 0.6 * len(joining)


def _between(sheet: Sheet, ring: Rect, box: Rect) -> list[crowsfeet.Count]:
    """What stands between a ring and a box, on several ways from one to the other."""
    letter = sheet.letter
    centre, half = np.array([ring.cx, ring.cy]), 0.5 * max(ring.w, ring.h)
    nearest = np.array([np.clip(ring.cx, box.x0, box.x1), np.clip(ring.cy, box.y0, box.y1)], float)
    ink = sheet.ink.copy()
    for b in (ring, box):
        ink[max(0, b.y0) : b.y1, max(0, b.x0) : b.x1] = False
    out = []
    level = nearest[1] in (box.y0, box.y1)
    for step in np.arange(-1.2, 1.21, 0.3) * letter:
        tip = nearest + ([step, 0.0] if level else [0.0, step])
        reach = float(np.hypot(*(centre - tip))) - half
        if not box.grow(1).inside(*tip) or reach < 0.3 * letter:
            continue
        strip = sampled(ink, tip, centre, (0.0, reach, crowsfeet.ASIDE * letter), 0.5 * letter)
        out.append(crowsfeet.count(strip, letter))
    return out
