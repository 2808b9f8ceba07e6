"""Drawings made stroke by stroke, and what the embedded engine takes their connectors to join."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines import Request
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.scene import understand
from diagrasp.images import load_picture
from diagrasp.model import Diagram

GRAIN = 4
"""Drawings are made this many times larger and averaged down, which smooths their edges as a browser does."""


class Page:
    """A drawing on white paper, in black ink two pixels wide."""

    def __init__(self, width: int = 700, height: int = 420) -> None:
        self.size = width, height
        self.image = Image.new("RGB", (width * GRAIN, height * GRAIN), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.names: dict[tuple[float, float], str] = {}

    @property
    def pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self.image.resize(self.size, Image.Resampling.BOX))

    def erase(self, left: float, top: float, right: float, bottom: float) -> None:
        self.pen.rectangle([v * GRAIN for v in (left, top, right, bottom)], "white")

    def line(self, *points: tuple[float, float], width: float = 2) -> None:
        self.pen.line([(x * GRAIN, y * GRAIN) for x, y in points], "black", round(width * GRAIN), joint="curve")

    def polygon(self, *points: tuple[float, float], fill: str = "white") -> None:
        self.pen.polygon([(x * GRAIN, y * GRAIN) for x, y in points], fill)
        self.line(*points, *points[:2])

    def oval(self, left: float, top: float, right: float, bottom: float, *, width: float = 2) -> None:
        corners = [v * GRAIN for v in (left, top, right, bottom)]
        self.pen.ellipse(corners, "white", "black", round(width * GRAIN))

    def rounded(self, left: float, top: float, right: float, bottom: float, radius: float) -> None:
        corners = [v * GRAIN for v in (left, top, right, bottom)]
        self.pen.rounded_rectangle(corners, radius * GRAIN, "white", "black", 2 * GRAIN)

    def write(self, x: float, y: float, words: str, size: int = 16) -> None:
        self.pen.text((x * GRAIN, y * GRAIN), words, "black", ImageFont.load_default(size * GRAIN), anchor="mm")

    def arrow(self, *points: tuple[float, float]) -> None:
        """A line whose last point carries a filled head."""
        self.line(*points)
        (x0, y0), (x, y) = points[-2:]
        u, v = (x - x0) / math.dist((x0, y0), (x, y)), (y - y0) / math.dist((x0, y0), (x, y))
        self.polygon(
            (x, y), (x - 12 * u - 5 * v, y - 12 * v + 5 * u), (x - 12 * u + 5 * v, y - 12 * v - 5 * u), fill="black"
        )

    def symbol(self, shape: str, x: float, y: float, words: str = "", *, w: float = 180, h: float = 80) -> None:
        """A symbol with its name in it, by its middle and size."""
        left, top, right, bottom = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        if shape == "process":
            self.polygon((left, top), (right, top), (right, bottom), (left, bottom))
        elif shape == "rounded":
            self.rounded(left, top, right, bottom, 14)
        elif shape == "stadium":
            self.rounded(left, top, right, bottom, h / 2)
        elif shape == "decision":
            self.polygon((x, top), (right, y), (x, bottom), (left, y))
        elif shape in ("ellipse", "circle"):
            self.oval(left, top, right, bottom)
        elif shape == "data":
            self.polygon((left + 45, top), (right, top), (right - 45, bottom), (left, bottom))
        elif shape == "hexagon":
            self.polygon((left + 20, top), (right - 20, top), (right, y), (right - 20, bottom), (left + 20, bottom),
                         (left, y))  # fmt: skip
        elif shape == "database":
            self.oval(left, bottom - 24, right, bottom)
            self.erase(left, top + 12, right, bottom - 12)
            self.line((left + 1, top + 12), (left + 1, bottom - 12))
            self.line((right - 1, top + 12), (right - 1, bottom - 12))
            self.oval(left, top, right, top + 24)
        else:
            raise ValueError(shape)
        self.write(x, y + 8 * (shape == "database"), words)
        self.names[x, y] = words

    def edges(self) -> Iterator[tuple[str, str]]:
        """The names of what the connectors found join; a line without a head is written with its ends sorted."""
        scene = understand(self.pixels)
        for connector in scene.connectors:
            ends = [self._name(scene, k) for k in (connector.source, connector.target)]
            yield ends[0], ends[1] + (" and back" if connector.tail else "" if connector.head else " without a head")

    def _name(self, scene: Scene, number: int) -> str:
        box = scene.nodes[number - 1].box
        scale = scene.sheet.scale
        return next(name for (x, y), name in self.names.items() if box.inside(x * scale, y * scale))


def read(engine: EmbeddedEngine, page: Page) -> Diagram:
    """What the whole engine makes of a drawing that comes as a file."""
    file = BytesIO()
    Image.fromarray(page.pixels).save(file, "PNG")
    picture = load_picture(file.getvalue(), max_bytes=10**8, max_pixels=10**8)
    return asyncio.run(engine.recognize(picture, Request(), lambda share, doing: None)).diagram


def edges(diagram: Diagram) -> set[tuple[str, str, str]]:
    """Connectors as source, label and target, by the names of what they join."""
    names = {n.id: n.label for n in diagram.nodes}
    return {(names[e.source], e.label, names[e.target]) for e in diagram.edges}


def shapes(diagram: Diagram) -> list[str]:
    """The shapes of all symbols, sorted."""
    return sorted(n.shape for n in diagram.nodes)
