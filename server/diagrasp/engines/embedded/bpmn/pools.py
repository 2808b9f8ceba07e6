"""Pools, lanes and expanded subprocesses: what the general search for frames does not know of them."""

from __future__ import annotations

from diagrasp.engines.embedded.symbols import Symbol
from diagrasp.engines.embedded.text import Rect


def is_pocket(box: Rect, nodes: list[Symbol]) -> bool:
    """Whether a frame without a title is only what flows enclose: its sides lead through gateways, tasks or events.

    Events may sit on a subprocess's border, gateways and tasks never do.
    """
    on = dict.fromkeys("ltrb", 0)
    for n in nodes:
        b = n.box
        slack = 0.25 * min(b.w, b.h)
        across = box.y0 - slack <= b.cy <= box.y1 + slack
        along = box.x0 - slack <= b.cx <= box.x1 + slack
        sides = [
            name
            for name, near in (
                ("l", across and abs(b.cx - box.x0) <= slack),
                ("r", across and abs(b.cx - box.x1) <= slack),
                ("t", along and abs(b.cy - box.y0) <= slack),
                ("b", along and abs(b.cy - box.y1) <= slack),
            )
            if near
        ]
        if sides and n.shape not in ("circle", "ellipse"):
            return True
        for side in sides:
            on[side] += 1
    return sum(count > 0 for count in on.values()) >= 3
