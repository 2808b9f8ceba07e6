"""Values of a scene's elements, whatever a file has in their place."""

from __future__ import annotations

import math
from typing import Any

from diagrasp.model import Box, Point

KEY = "diagrasp"
"""Of an element's custom data that holds what Excalidraw cannot say; Excalidraw keeps it."""


def own_data(element: dict[str, Any]) -> dict[str, Any]:
    """What was put into an element when it was written here."""
    custom = element.get("customData")
    own = custom.get(KEY) if isinstance(custom, dict) else None
    return own if isinstance(own, dict) else {}


def text_of(element: dict[str, Any]) -> str:
    """A text element's text on one line."""
    text = element.get("originalText") or element.get("text")
    return " ".join(text.split()) if isinstance(text, str) else ""


def lines_of(element: dict[str, Any]) -> list[str]:
    """A text element's lines, without the empty ones."""
    text = element.get("originalText") or element.get("text")
    lines = text.split("\n") if isinstance(text, str) else []
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def number(value: Any, default: float = 0.0) -> float:
    """A number, or the default in place of anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good else default


def box_of(element: dict[str, Any]) -> Box:
    """Where an element is; one that stands on its side has width and height swapped."""
    x, y, w, h = (number(element.get(k)) for k in ("x", "y", "width", "height"))
    box = Box(min(x, x + w), min(y, y + h), abs(w), abs(h))
    if is_upright(element):
        cx, cy = box.center
        return Box(cx - box.h / 2, cy - box.w / 2, box.h, box.w)
    return box


def is_upright(element: dict[str, Any]) -> bool:
    """Whether an element is turned by about a quarter."""
    return abs(number(element.get("angle")) % math.pi - math.pi / 2) < math.pi / 4


def points_of(element: dict[str, Any]) -> list[Point]:
    """The points of a line or arrow on the canvas."""
    x, y = number(element.get("x")), number(element.get("y"))
    points = element.get("points")
    found = [p for p in points if isinstance(p, list) and len(p) >= 2] if isinstance(points, list) else []
    return [Point(x + number(p[0]), y + number(p[1])) for p in found]
