"""Activities that a boundary event opens: through a dashed ring on its border the paper inside meets the page outside.

The event is a known symbol by then.  Filled with ink it closes its host again, whose outline is taken with the event
cut out of it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit, classify
from diagrasp.engines.embedded.text.textlines import Text
from diagrasp.model import Node

HOSTS = ("call_activity", "subprocess")
"""What carries boundary events beside tasks of every kind."""
LARGEST = 40.0
"""Longest side of a host, in letter heights."""
WHOLE = 0.9
"""Least fit of a host's outline, its events given back to it."""
BITTEN = 0.75
"""Least share of a host that its events leave."""


def with_hosts(sheet: Sheet, nodes: list[Symbol], text: Text) -> list[Symbol]:
    """The nodes, and the activities with text in them that only their boundary events kept from being found."""
    letter = sheet.letter
    events = [
        n for n in nodes
        if n.shape == "circle" and 1.8 * letter <= max(n.box.w, n.box.h) <= 7 * letter and n.rings == 2
    ]  # fmt: skip
    events = [e for e in events if not _hosted(e, nodes)]
    if not events:
        return nodes
    closed = sheet.ink.astype(np.uint8)
    for n in nodes:
        if n.shape == "circle" and max(n.box.w, n.box.h) <= 7 * letter:
            b = n.box
            cv2.ellipse(closed, (round(b.cx), round(b.cy)), (b.w // 2, b.h // 2), 0, 0, 360, 1, -1)
    count, found, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    labels = np.asarray(found, np.int32)
    out = list(nodes)
    for i in sorted(_beside(labels, events, letter) & set(range(1, count))):
        x, y, w, h, _ = (int(v) for v in stats[i])
        big = max(w, h) > LARGEST * letter or min(w, h) < 3 * letter
        if big or x == 0 or y == 0 or x + w == sheet.width or y + h == sheet.height:
            continue
        box = Rect(x, y, x + w, y + h)
        if any(min(box.overlap(n.box) / (box.w * box.h), box.overlap(n.box) / (n.box.w * n.box.h)) > 0.6 for n in out):
            continue
        host = _host(labels, i, box, events, text, letter)
        if host is not None:
            region = int(np.bincount(sheet.regions[y : y + h, x : x + w][labels[y : y + h, x : x + w] == i]).argmax())
            outline = Outline(region, box, host[0], host[1], int(host[0].sum()), sheet.page)
            out.append(Symbol(outline, "rounded", max(3, round(0.3 * letter))))
    return out


def _hosted(event: Symbol, nodes: list[Symbol]) -> bool:
    """Whether an event sits on a known node's border already."""
    b = event.box
    reach = 0.3 * max(b.w, b.h)
    for n in nodes:
        o = n.box
        if n is event or max(o.w, o.h) < 1.5 * b.w or not o.grow(reach).inside(b.cx, b.cy):
            continue
        if min(abs(b.cx - o.x0), abs(b.cx - o.x1), abs(b.cy - o.y0), abs(b.cy - o.y1)) <= reach:
            return True
    return False


def _beside(labels: NDArray[np.int32], events: list[Symbol], letter: float) -> set[int]:
    """The regions that border an event."""
    height, width = labels.shape
    t = np.arange(48) * (2 * np.pi / 48)
    out: set[int] = set()
    for e in events:
        b = e.box
        for far in (0.5 * b.w + 0.25 * letter, 0.5 * b.w + 0.5 * letter):
            xs = np.clip(np.rint(b.cx + far * np.cos(t)), 0, width - 1).astype(int)
            ys = np.clip(np.rint(b.cy + far * np.sin(t)), 0, height - 1).astype(int)
            found, times = np.unique(labels[ys, xs], return_counts=True)
            out |= {int(f) for f, k in zip(found, times, strict=True) if f and k >= 6}
    return out


def _host(
    labels: NDArray[np.int32], i: int, box: Rect, events: list[Symbol], text: Text, letter: float
) -> tuple[NDArray[np.uint8], Fit] | None:
    """A region's filled outline without its events, and how well it fits with them; None where it is no activity."""
    region = np.asarray(labels[box.y0 : box.y1, box.x0 : box.x1] == i, np.uint8)
    contours, _ = cv2.findContours(np.pad(region, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = np.zeros((box.h + 2, box.w + 2), np.uint8)
    cv2.drawContours(mask, [max(contours, key=len)], -1, 1, cv2.FILLED)
    mask = mask[1:-1, 1:-1]
    whole = mask.copy()
    for e in events:
        b = e.box
        cv2.rectangle(whole, (b.x0 - box.x0, b.y0 - box.y0), (b.x1 - box.x0, b.y1 - box.y0), 1, -1)
    if float(mask.sum()) < BITTEN * float(whole.sum()):
        return None
    fit = classify(whole, letter=letter)
    inside = [
        t for t in text.lines if box.inside(t.box.cx, t.box.cy) and mask[int(t.box.cy) - box.y0, int(t.box.cx) - box.x0]
    ]
    if fit.score < WHOLE or fit.shape not in ("process", "rounded", "stadium") or not inside:
        return None
    return mask, Fit("rounded", fit.score)


def on_hosts(nodes: list[Node]) -> list[Node]:
    """An event whose middle lies on an activity's border is a boundary event of it, and stands where its host does."""
    out = []
    hosts = [n for n in nodes if (n.shape.endswith("task") or n.shape in HOSTS) and n.box is not None]
    for node in nodes:
        host = None
        if node.shape in ("start_event", "intermediate_event") and node.box is not None:
            x, y = node.box.center
            for n in hosts:
                b = n.box
                if b is None or not (b.x - 3 <= x <= b.right + 3 and b.y - 3 <= y <= b.bottom + 3):
                    continue
                if min(abs(x - b.x), abs(x - b.right), abs(y - b.y), abs(y - b.bottom)) <= 0.3 * node.box.w:
                    host = n
        out.append(node.replace(shape="boundary_event", attached_to=host.id, group=host.group) if host else node)
    return out
