"""The family of pictures that nano reads: flowcharts of two to five symbols with one capital word each.

A chain runs down the page; one decision may send its second branch to a symbol on its right.  Words come from a closed
list.  Two styles: `plain`, and `sketch`, which only the LoRA is taught: strokes drawn twice with a trembling hand, each
letter placed for itself.  Picture number N of a seed is always the same.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Literal, cast

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.qwen3vl.pixels import LETTER
from diagrasp.model import Box, Diagram, Edge, Node, Shape
from diagrasp_train.lora.examples import Example

Style = Literal["plain", "sketch"]
STYLES: Final[tuple[Style, ...]] = ("plain", "sketch")

WORDS: Final = {
    "ru": {
        "terminal": ["НАЧАЛО", "КОНЕЦ", "СТАРТ"],
        "process": [
            "ЗАЯВКА", "ОПЛАТА", "СКЛАД", "ЗАКАЗ", "ПРИЁМ", "ОТЧЁТ", "ПИСЬМО", "ДОГОВОР", "ПРОВЕРКА", "ВОЗВРАТ",
            "ДОСТАВКА", "ЗВОНОК", "АРХИВ", "ВЫДАЧА", "ПОИСК", "РЕМОНТ",
        ],
        "decision": ["ВЕРНО?", "СРОЧНО?", "ЕСТЬ?"],
        "branch": ["ДА", "НЕТ"],
    },
    "en": {
        "terminal": ["START", "STOP", "DONE"],
        "process": ["ORDER", "PAYMENT", "STOCK", "CHECK", "SHIP", "INVOICE", "REPORT", "EMAIL", "RETURN", "ARCHIVE"],
        "decision": ["VALID?", "READY?", "NEW?"],
        "branch": ["YES", "NO"],
    },
}  # fmt: skip
ROWS: Final = (2, 2, 2, 3, 3, 3, 4, 4, 5)
"""How many symbols stand below each other, each as often as it is here."""

SIZE: Final = 20
"""Of the font, in pixels."""
CAPITALS: Final = 15
"""Height of its capitals, in pixels."""
UNIT: Final = 32 * CAPITALS / LETTER
"""What becomes a token's side once the letters have the height at which models are shown pictures."""
WIDE: Final = 4 * UNIT
"""Of a symbol."""
ROW: Final = 2 * UNIT
"""From a row to the next."""
BESIDE: Final = 6 * UNIT
"""From a column to the next."""
HEIGHTS: Final[dict[Shape, int]] = {"process": 42, "terminal": 42, "data": 42, "decision": 56}


@dataclass(frozen=True, slots=True)
class _Pen:
    """What a style draws with."""

    draw: ImageDraw.ImageDraw
    rng: random.Random
    style: Style
    ink: tuple[int, int, int]
    font: Any

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """A polyline, trembling in a sketch."""
        if self.style == "plain":
            self.draw.line(list(points), self.ink, 2)
            return
        for _ in range(2):
            for (ax, ay), (bx, by) in itertools.pairwise(points):
                steps = max(2, round(math.hypot(bx - ax, by - ay) / 14))
                way = [(ax + (bx - ax) * i / steps, ay + (by - ay) * i / steps) for i in range(steps + 1)]
                self.draw.line([(x + self.rng.gauss(0, 0.9), y + self.rng.gauss(0, 0.9)) for x, y in way], self.ink, 1)

    def outline(self, points: Sequence[tuple[float, float]], fill: tuple[int, int, int]) -> None:
        self.draw.polygon(list(points), fill)
        self.line([*points, points[0]])

    def head(self, x: float, y: float, dx: int, dy: int) -> None:
        """An arrow's head whose tip is at (x, y), pointing along (dx, dy)."""
        left, right = (x - 8 * dx - 5 * dy, y - 8 * dy - 5 * dx), (x - 8 * dx + 5 * dy, y - 8 * dy + 5 * dx)
        if self.style == "plain":
            self.draw.polygon([(x, y), left, right], self.ink)
        else:
            self.line([left, (x, y), right])

    def text(self, x: float, y: float, words: str) -> None:
        """Words centred on a point; in a sketch each letter for itself."""
        if self.style == "plain":
            self.draw.text((x, round(y + 7)), words, self.ink, self.font, anchor="ms")
            return
        widths = [self.draw.textlength(letter, self.font) for letter in words]
        at = x - sum(widths) / 2
        for letter, width in zip(words, widths, strict=True):
            place = (at + width / 2 + self.rng.gauss(0, 0.7), y + 7 + self.rng.gauss(0, 1.0))
            self.draw.text(place, letter, self.ink, self.font, anchor="ms")
            at += width


def picture(number: int, *, seed: int = 0, style: Style = "plain", most: int = 5) -> Example:
    """A picture of the family with its graph.

    Args:
        number: which one.
        seed: of a set; sets of different seeds are different.
        style: how it is drawn.
        most: symbols down the page.
    """
    rng = random.Random(f"{seed} {number}")
    words = WORDS["ru" if rng.random() < 0.6 else "en"]
    shapes, branch = _plan(rng, most)
    left, top = UNIT / 2 * rng.randint(1, 2), UNIT / 2 * rng.randint(0, 1)
    places: list[tuple[float, float]] = []  # centres
    y = top + ROW / 2
    for row in range(len(shapes)):
        places.append((left + WIDE / 2, y))
        y += ROW + (UNIT if row == branch else 0)
    if branch is not None:
        shapes.append(rng.choice(("process", "data", "terminal")))
        places.append((left + WIDE / 2 + BESIDE, places[branch][1]))
    width = 6 * UNIT + (BESIDE if branch is not None else 0)
    height = (math.ceil((y - ROW / 2) / UNIT - 0.01)) * UNIT
    return _drawn(number, rng, style, words, shapes, places, branch, (round(width), round(height)))


def _plan(rng: random.Random, most: int) -> tuple[list[Shape], int | None]:
    """The shapes down the page, and the row of the decision that branches."""
    rows = rng.choice([rows for rows in ROWS if rows <= most])
    shapes: list[Shape] = [rng.choice(("process", "process", "process", "data", "decision")) for _ in range(rows)]
    if rng.random() < 0.6:
        shapes[0] = "terminal"
    if rng.random() < 0.6:
        shapes[-1] = "terminal"
    able = [row for row in range(rows - 1) if shapes[row] == "decision"] if rows < 5 else []
    return shapes, rng.choice(able) if able and rng.random() < 0.8 else None


def _drawn(
    number: int,
    rng: random.Random,
    style: Style,
    words: dict[str, list[str]],
    shapes: list[Shape],
    places: list[tuple[float, float]],
    branch: int | None,
    size: tuple[int, int],
) -> Example:
    paper = tuple(rng.randint(238, 255) for _ in range(3))
    ink = tuple(rng.randint(0, 50) for _ in range(3))
    weight = rng.choice(("Regular", "Bold"))
    image = Image.new("RGB", size, cast(Any, paper))
    pen = _Pen(ImageDraw.Draw(image), rng, style, cast(Any, ink), _font(weight))
    nodes = []
    for i, (shape, (x, y)) in enumerate(zip(shapes, places, strict=True)):
        kind = "process" if shape == "data" else shape
        label = rng.choice(words[kind])
        box = Box(x - WIDE / 2, y - HEIGHTS[shape] / 2, WIDE, HEIGHTS[shape])
        _symbol(pen, shape, box, cast(Any, tuple(rng.randint(200, 255) for _ in range(3))))
        pen.text(x, y, label)
        nodes.append(Node(id=f"n{i}", label=label, shape=shape, box=box))
    edges = []
    chain = len(nodes) - (branch is not None)
    sayings = rng.sample(words["branch"], 2)
    for i in range(chain - 1):
        (x, y), end = places[i], places[i + 1][1] - HEIGHTS[shapes[i + 1]] / 2
        start = y + HEIGHTS[shapes[i]] / 2
        pen.line([(x, start), (x, end - 4)])
        pen.head(x, end, 0, 1)
        if i == branch:
            pen.text(*words_at(_box(nodes[i]), _box(nodes[i + 1])), sayings[0])
        edges.append(Edge(source=f"n{i}", target=f"n{i + 1}", label=sayings[0] if i == branch else ""))
    if branch is not None:
        x, y = places[branch]
        end = places[-1][0] - WIDE / 2
        pen.line([(x + WIDE / 2, y), (end - 4, y)])
        pen.head(end, y, 1, 0)
        pen.text(*words_at(_box(nodes[branch]), _box(nodes[-1])), sayings[1])
        edges.append(Edge(source=f"n{branch}", target=f"n{chain}", label=sayings[1]))
    diagram = Diagram(nodes=tuple(nodes), edges=tuple(edges), direction="TB")
    return Example(f"{style}_{number:06d}", np.asarray(image), diagram)


def words_at(source: Box, target: Box) -> tuple[float, float]:
    """Where a connector's word stands: the middle of it, in pixels.

    Args:
        source, target: what it joins; the target lies below or on the right.
    """
    if target.y >= source.bottom:
        return source.center[0] + 26, (source.bottom + target.y) / 2 - 2
    return (source.right + target.x) / 2 - 3, source.center[1] - 13


def _box(node: Node) -> Box:
    assert node.box is not None  # noqa: S101  the family's all have one
    return node.box


def _symbol(pen: _Pen, shape: Shape, box: Box, fill: tuple[int, int, int]) -> None:
    x, y, right, bottom = box.x, box.y, box.right, box.bottom
    if shape == "decision":
        middle = (y + bottom) / 2
        pen.outline([((x + right) / 2, y), (right, middle), ((x + right) / 2, bottom), (x, middle)], fill)
    elif shape == "data":
        pen.outline([(x + 12, y), (right, y), (right - 12, bottom), (x, bottom)], fill)
    elif shape == "terminal":
        radius, turns = (bottom - y) / 2, [math.pi * i / 8 for i in range(9)]
        ends = [(right - radius + radius * math.sin(a), y + radius - radius * math.cos(a)) for a in turns]
        starts = [(x + radius - radius * math.sin(a), y + radius + radius * math.cos(a)) for a in turns]
        pen.outline([*ends, *starts], fill)
    else:
        pen.outline([(x, y), (right, y), (right, bottom), (x, bottom)], fill)


def write_folder(folder: Path, count: int, *, seed: int, style: Style) -> None:
    """Pictures 0 to `count` of a set as `NAME.png` with `NAME.json` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        made = picture(number, seed=seed, style=style)
        Image.fromarray(made.pixels).save(folder / f"{made.name}.png")
        (folder / f"{made.name}.json").write_text(made.diagram.to_json() + "\n", encoding="utf-8")


def _font(weight: str) -> Any:
    """Roboto (Apache-2.0), which comes with the server's dependencies."""
    with as_file(files("font_roboto") / "files") as folder:
        return ImageFont.truetype(str(folder / f"Roboto-{weight}.ttf"), SIZE)
