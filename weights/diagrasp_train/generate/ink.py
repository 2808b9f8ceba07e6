"""Flowcharts as a pen on a tablet leaves them: strokes of one width, outlines that overshoot or gape, loose heads.

No tool draws these: everything here is strokes, drawn point by point.  Words are written by `reader.handwriting` in
one hand a picture.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.model import Box, Diagram, Edge, Node, Point
from diagrasp_train.generate.place import Placed, Spacing, label_spot, obstacles, place
from diagrasp_train.generate.text import wrap
from diagrasp_train.reader.algorithms import Steps
from diagrasp_train.reader.alphabet import ALPHABET
from diagrasp_train.reader.fonts import Font, find_fonts
from diagrasp_train.reader.handwriting import write

Stroke = NDArray[np.float64]
"""(N, 2) x, y in pixels."""
Ink = NDArray[Any]
HEADS: Final = ("loose", "loose", "stroke", "hollow", "scribbled")
"""Two strokes, one stroke with a corner, a triangle, a triangle filled by a zigzag."""
FINE: Final = 16
"""OpenCV draws in sixteenths of a pixel."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One writer on one tablet.

    Attributes:
        faces: files of the faces that letters come from.
        size: font size, in pixels.
        pen: width of the pen, in pixels.
        wobble: how far strokes stray, as a share of their length.
        care: 1 closes every outline and reaches every symbol, 0 seldom does.
        head: one of `HEADS`.
        reach: length of a head's strokes, in pixels.
    """

    faces: tuple[str, ...]
    size: float
    pen: float
    wobble: float
    care: float
    head: str
    reach: float


def random_hand(rng: random.Random, language: str) -> Hand:
    """Somebody's hand, who can write the language."""
    faces = [f for f in find_fonts(ALPHABET) if f.kind == "hand" and (language != "ru" or f.cyrillic)]
    regular: list[Font] = [f for f in faces if "Bold" not in f.style]
    size = rng.uniform(22.0, 40.0)
    return Hand(
        tuple(str(f.path) for f in rng.choices(regular, k=rng.randint(1, 3))),
        size,
        size * rng.uniform(0.045, 0.09),
        rng.uniform(0.004, 0.016),
        rng.random(),
        rng.choice(HEADS),
        size * rng.uniform(0.3, 0.6),
    )


def as_algorithm(rng: random.Random, diagram: Diagram) -> Diagram:
    """The same graph with the steps of some algorithm as labels."""
    steps = Steps(rng)
    said: set[str] = set()
    nodes = []
    for node in diagram.nodes:
        make = steps.condition if node.shape == "decision" else steps.exchange if node.shape == "data" else steps.change
        label = node.label if node.shape in ("stadium", "ellipse") else make()
        while label in said:
            label = make()
        said.add(label)
        nodes.append(node.replace(label=label))
    return diagram.replace(nodes=tuple(nodes))


def draw(diagram: Diagram, hand: Hand, rng: random.Random) -> tuple[Ink, Diagram]:
    """(H, W) uint8, dark on white, and the diagram with its boxes and paths."""
    words = Words(hand, rng)
    vertical = diagram.direction != "LR"
    space = Spacing(column=hand.size * rng.uniform(1.6, 2.6), row=hand.size * rng.uniform(1.2, 2.0), vertical=vertical)
    placed = place(diagram, words.size_of, space)
    label_connectors(placed, words)
    return Canvas(placed, hand, rng, words).finish()


def label_connectors(placed: Placed, words: Words) -> None:
    """Find room beside its connector for each label, in their order."""
    taken = obstacles(placed)
    for edge in placed.diagram.edges:
        if edge.label and edge.path:
            ink = words.line(edge.label)
            spot = label_spot(edge.path, (ink.shape[1] + 6.0, ink.shape[0] + 4.0), taken)
            placed.labels[edge.id] = spot
            taken.append(spot)


class Words:
    """Labels written once each, so that symbols can be drawn around them."""

    def __init__(self, hand: Hand, rng: random.Random) -> None:
        self.hand, self.rng = hand, rng
        self.noise = np.random.default_rng(rng.randrange(1 << 30))
        self.written: dict[str, Ink] = {}

    def line(self, text: str) -> Ink:
        """(h, w) share of ink."""
        if text not in self.written:
            pen = self.hand.pen / self.hand.size
            ink = write(text, self.hand.faces, self.hand.size, self.rng, self.noise, pen=pen)
            self.written[text] = np.zeros((8, 8), np.float32) if ink is None else ink
        return self.written[text]

    def block(self, label: str) -> list[Ink]:
        """The lines of a node's label."""
        return [self.line(line) for line in wrap(label, self.hand.size, 7.5 * self.hand.size)]

    def size_of(self, node: Node) -> tuple[float, float]:
        """Width and height of a symbol around its words."""
        size = self.hand.size
        lines = self.block(node.label)
        width = max(line.shape[1] for line in lines) + 0.9 * size
        height = sum(max(line.shape[0], 0.6 * size) for line in lines) + 0.35 * size * len(lines) + 0.35 * size
        if node.shape == "decision":
            width, height = 1.55 * width + 0.6 * size, 1.7 * height + 0.5 * size
        elif node.shape in ("ellipse", "circle"):
            width, height = 1.25 * width, 1.35 * height
        elif node.shape == "data":
            width += 1.1 * size
        return round(width / 2) * 2.0, round(height / 2) * 2.0


class Canvas:
    """What one hand draws of a placed diagram, stroke by stroke."""

    def __init__(self, placed: Placed, hand: Hand, rng: random.Random, words: Words) -> None:
        self.placed, self.hand, self.rng, self.words = placed, hand, rng, words
        self.pad = 0.8 * hand.size
        shape = round(placed.height + 2 * self.pad), round(placed.width + 2 * self.pad)
        self.ink = np.zeros(shape, np.uint8)

    def finish(self) -> tuple[Ink, Diagram]:
        diagram, pad = self.placed.diagram, self.pad
        for node in diagram.nodes:
            if node.box:
                self.symbol(node.shape, node.box)
                lines = self.written_in(node)
                step = 0.35 * self.hand.size
                y = node.box.center[1] - (sum(line.shape[0] for line in lines) + step * (len(lines) - 1)) / 2
                for line in lines:
                    self.stamp(line, node.box.center[0] - line.shape[1] / 2, y)
                    y += line.shape[0] + step
        for edge in diagram.edges:
            if edge.path:
                self.line_of(edge, [np.array(p, float) for p in edge.path])
                if edge.id in self.placed.labels:
                    spot = self.placed.labels[edge.id]
                    self.stamp(self.words.line(edge.label), spot.x + 3, spot.y + 2)
        nodes = tuple(n.replace(box=_moved(n.box, pad)) if n.box else n for n in diagram.nodes)
        edges = tuple(
            e.replace(path=tuple(Point(p.x + pad, p.y + pad) for p in e.path)) if e.path else e for e in diagram.edges
        )
        return 255 - self.ink, diagram.replace(nodes=nodes, edges=edges)

    def written_in(self, node: Node) -> list[Ink]:
        """The lines inside of a symbol."""
        return self.words.block(node.label)

    def line_of(self, edge: Edge, path: list[Stroke]) -> None:
        """A connector with its head."""
        self.arrow(path)

    def stamp(self, ink: Ink, x: float, y: float) -> None:
        left, top = max(0, round(x + self.pad)), max(0, round(y + self.pad))
        view = self.ink[top : top + ink.shape[0], left : left + ink.shape[1]]
        dark = (255 * ink[: view.shape[0], : view.shape[1]]).astype(np.uint8)
        np.maximum(view, dark, out=view)

    def draw(self, stroke: Stroke) -> None:
        points = np.round((stroke + self.pad) * FINE).astype(np.int32).reshape(-1, 1, 2)
        width = max(1, round(self.hand.pen))
        cv2.polylines(self.ink, [points], False, 255, width, cv2.LINE_AA, 4)

    # -- symbols

    def symbol(self, shape: str, box: Box) -> None:
        x, y, w, h = box
        rng, slant = self.rng, min(0.35 * h, 0.2 * w)
        right, low = x + w, y + h
        if shape in ("stadium", "rounded", "ellipse", "circle"):
            round_ = 2.0 if shape in ("ellipse", "circle") else rng.choice((2.6, 3.4))
            self.draw(self.loop(np.array([x + w / 2, y + h / 2]), w / 2, h / 2, round_))
            return
        corners = {
            "decision": [(x + w / 2, y), (right, y + h / 2), (x + w / 2, low), (x, y + h / 2)],
            "data": [(x + slant, y), (right, y), (right - slant, low), (x, low)],
        }.get(shape, [(x, y), (right, y), (right, low), (x, low)])
        points = [np.array(c) + np.array([rng.gauss(0, 0.02 * w), rng.gauss(0, 0.03 * h)]) for c in corners]
        first = rng.randrange(4)
        points = points[first:] + points[:first]
        gap = (1.0 - self.hand.care) * 0.22 * self.hand.size
        if rng.random() < 0.6:  # in one go
            last = points[0] + np.array([rng.gauss(0, gap), rng.gauss(0, gap)])
            self.draw(self.along([*points, last], rng.uniform(0.0, 0.25) * self.hand.size))
            return
        for a, b in zip(points, [*points[1:], points[0]], strict=True):  # side by side
            way = (b - a) / max(1e-6, float(np.hypot(*(b - a))))
            self.draw(self.along([a + way * rng.gauss(0, gap), b + way * rng.gauss(0.3 * gap, gap)], 0.0))

    def loop(self, center: Stroke, rx: float, ry: float, power: float) -> Stroke:
        """A closed curve: an ellipse, or with more power a box with round ends; it may overrun or not meet."""
        rng = self.rng
        over = rng.gauss(0.0, 0.12) * (1.2 - self.hand.care)
        start = rng.uniform(0, 2 * np.pi)
        t = start + np.linspace(0, 2 * np.pi + over, 90) * rng.choice((1, -1))
        c, s = np.cos(t), np.sin(t)
        drift = 1 + np.linspace(0, rng.gauss(0, 0.05) * (1.2 - self.hand.care), 90)
        x = rx * np.sign(c) * np.abs(c) ** (2 / power) * drift
        y = ry * np.sign(s) * np.abs(s) ** (2 / power) * drift
        return self._strayed(np.stack([x, y], axis=1) + center)

    # -- strokes

    def along(self, points: list[Stroke], radius: float) -> Stroke:
        """A stroke through points, its corners cut by `radius`."""
        out: list[Stroke] = [points[0]]
        for a, b, c in zip(points, points[1:], points[2:], strict=False):
            into, onto = (b + _unit(p - b) * min(radius, float(np.hypot(*(p - b))) / 2) for p in (a, c))
            t = np.linspace(0, 1, 6)[:, None]
            out += list((1 - t) ** 2 * into + 2 * t * (1 - t) * b + t**2 * onto) if radius else [b]
        out.append(points[-1])
        dense = [
            a + (b - a) * t
            for a, b in itertools.pairwise(out)
            for t in np.arange(0.0, 1.0, 1.0 / max(1, round(float(np.hypot(*(b - a))) / 6)))
        ]
        return self._strayed(np.array([*dense, out[-1]]))

    def _strayed(self, stroke: Stroke) -> Stroke:
        """A stroke moved off its way smoothly."""
        length = float(np.hypot(*np.diff(stroke, axis=0).T).sum())
        knots = max(3, round(length / (2.5 * self.hand.size)) + 2)
        noise = np.array([[self.rng.gauss(0, 1) for _ in range(knots)] for _ in range(2)])
        reach = self.hand.wobble * min(length, 8 * self.hand.size)
        at = np.linspace(0, knots - 1, len(stroke))
        shift = [np.interp(at, np.arange(knots), row) * reach for row in noise]
        moved: Stroke = stroke + np.stack(shift, axis=1)
        kernel = np.ones(5) / 5
        if len(moved) > 12:  # no hand turns at a point
            moved[2:-2] = np.stack([np.convolve(moved[:, k], kernel, "valid") for k in range(2)], axis=1)
        return moved

    def arrow(self, path: list[Stroke]) -> None:
        hand, rng = self.hand, self.rng
        loose = (1.0 - hand.care) * hand.size
        a, b = _unit(path[1] - path[0]), _unit(path[-1] - path[-2])
        path = [path[0] - a * rng.gauss(0.02, 0.1) * loose, *path[1:-1], path[-1] + b * rng.gauss(-0.08, 0.14) * loose]
        path = [
            p + np.array([rng.gauss(0, 0.06), rng.gauss(0, 0.06)]) * hand.size if 0 < k < len(path) - 1 else p
            for k, p in enumerate(path)
        ]
        radius = rng.choice((0.0, 0.0, 0.3, 0.8)) * hand.size
        if len(path) > 2 and rng.random() < 0.25:  # two strokes
            cut = rng.randrange(1, len(path) - 1)
            self.draw(self.along(path[: cut + 1], radius))
            start = path[cut] + np.array([rng.gauss(0, 0.08), rng.gauss(0, 0.08)]) * loose
            self.draw(self.along([start, *path[cut + 1 :]], radius))
        else:
            self.draw(self.along(path, radius))
        self.head(path[-1], b)

    def head(self, tip: Stroke, way: Stroke) -> None:
        hand, rng = self.hand, self.rng
        tip = tip + np.array([rng.gauss(0, 0.05), rng.gauss(0, 0.05)]) * hand.size * (1.0 - hand.care)
        sides = []
        for sign in (1, -1):
            angle = sign * np.radians(rng.uniform(20, 42))
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            sides.append(tip - turn @ way * hand.reach * rng.uniform(0.75, 1.25))
        if hand.head == "loose":
            for side in sides:
                apex = tip + np.array([rng.gauss(0, 0.04), rng.gauss(0, 0.04)]) * hand.size
                self.draw(self.along([side, apex], 0.0))
            return
        if hand.head == "stroke":
            self.draw(self.along([sides[0], tip, sides[1]], 0.0))
            return
        self.draw(self.along([tip, sides[0], sides[1], tip], 0.0))
        if hand.head == "scribbled":
            steps = np.linspace(0, 1, 9)
            zigzag = [tip + (sides[k % 2] - tip) * t for k, t in enumerate(steps)]
            self.draw(self.along(zigzag, 0.0))


def _unit(v: Stroke) -> Stroke:
    out: Stroke = v / max(1e-6, float(np.hypot(*v)))
    return out


def _moved(box: Box, by: float) -> Box:
    return Box(box.x + by, box.y + by, box.w, box.h)
