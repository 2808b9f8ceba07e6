"""The outlines of symbols as polygons: what they are drawn by, and where connectors meet them."""

from __future__ import annotations

import math

from diagrasp.layout.sizes import GATEWAYS, ROUND
from diagrasp.model import Box, Shape

Point = tuple[float, float]


def outline(shape: Shape, box: Box) -> list[Point]:
    """The polygon of a symbol; curves are cut into short parts."""
    x, y, w, h = box
    r, b = x + w, y + h
    if shape in ROUND and shape not in ("boundary", "control", "entity"):
        return ellipse(*box.center, w / 2, h / 2)
    if shape in GATEWAYS or shape in ("decision", "merge"):
        return [(x + w / 2, y), (r, y + h / 2), (x + w / 2, b), (x, y + h / 2)]
    slant = min(w * 0.25, h * 0.4)
    if shape == "data":
        return [(x + slant, y), (r, y), (r - slant, b), (x, b)]
    if shape == "manual_operation":
        return [(x, y), (r, y), (r - slant, b), (x + slant, b)]
    if shape == "manual_input":
        return [(x, y + h * 0.25), (r, y), (r, b), (x, b)]
    if shape == "hexagon":
        return [(x + slant, y), (r - slant, y), (r, y + h / 2), (r - slant, b), (x + slant, b), (x, y + h / 2)]
    if shape in ("terminal", "stadium"):
        return _stadium(box)
    return [(x, y), (r, y), (r, b), (x, b)]


def ellipse(cx: float, cy: float, rx: float, ry: float, parts: int = 48) -> list[Point]:
    return [
        (cx + rx * math.cos(2 * math.pi * k / parts), cy + ry * math.sin(2 * math.pi * k / parts)) for k in range(parts)
    ]


def _stadium(box: Box) -> list[Point]:
    x, y, w, h = box
    radius = min(w, h) / 2
    points = []
    for cx, cy, start in (
        (x + w - radius, y + radius, -90),
        (x + w - radius, y + h - radius, 0),
        (x + radius, y + h - radius, 90),
        (x + radius, y + radius, 180),
    ):
        for k in range(7):
            angle = math.radians(start + 15 * k)
            points.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return points


def inside(polygon: list[Point], p: Point) -> bool:
    """Whether a point lies inside (even-odd rule)."""
    found = False
    x, y = p
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def crossing(polygon: list[Point], a: Point, b: Point, *, ray: bool = False) -> Point | None:
    """Where the line from a to b first meets the outline; with `ray` it goes on beyond b."""
    best: float | None = None
    dx, dy = b[0] - a[0], b[1] - a[1]
    for (px, py), (qx, qy) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        ex, ey = qx - px, qy - py
        down = dx * ey - dy * ex
        if abs(down) < 1e-9:
            continue
        t = ((px - a[0]) * ey - (py - a[1]) * ex) / down
        u = ((px - a[0]) * dy - (py - a[1]) * dx) / down
        if -1e-9 <= u <= 1 + 1e-9 and t >= -1e-9 and (ray or t <= 1 + 1e-9) and (best is None or t < best):
            best = t
    return None if best is None else (a[0] + best * dx, a[1] + best * dy)


def nearest(polygon: list[Point], p: Point) -> Point:
    """The point of the outline nearest to p."""
    best, least = polygon[0], float("inf")
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = 0.0 if length == 0 else max(0.0, min(1.0, ((p[0] - ax) * dx + (p[1] - ay) * dy) / length))
        q = (ax + t * dx, ay + t * dy)
        away = (q[0] - p[0]) ** 2 + (q[1] - p[1]) ** 2
        if away < least:
            best, least = q, away
    return best
