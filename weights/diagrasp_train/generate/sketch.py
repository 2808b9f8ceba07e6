"""BPMN by hand: pools and lanes with upright titles, events, gateways with their signs, data, dashed messages."""

from __future__ import annotations

import itertools
import random
from typing import Final

import numpy as np

from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp_train.generate.bpmn import outside
from diagrasp_train.generate.ink import Canvas, Hand, Ink, Stroke, Words, label_connectors
from diagrasp_train.generate.place import Spacing, place
from diagrasp_train.generate.text import wrap

SIGNS: Final = {"exclusive_gateway": "x", "parallel_gateway": "+", "inclusive_gateway": "o", "event_gateway": "o"}
DASH: Final = (0.5, 0.45)
"""Length of a dash and of the gap behind it, in sizes of the writing."""


def draw(diagram: Diagram, hand: Hand, rng: random.Random) -> tuple[Ink, Diagram]:
    """(H, W) uint8, dark on white, and the diagram with its boxes and paths."""
    words = Words(hand, rng)

    def size(node: Node) -> tuple[float, float]:
        s = hand.size
        if "event" in node.shape and "gateway" not in node.shape:
            return 1.6 * s, 1.6 * s
        if node.shape in SIGNS or node.shape.endswith("_gateway"):
            return 2.0 * s, 2.0 * s
        if node.shape in ("data_object", "data_store"):
            return 1.6 * s, 2.1 * s
        width, height = words.size_of(node)
        return width + 0.4 * s, height + 0.3 * s

    def beside(node: Node) -> tuple[float, float]:
        lines = _lines(words, node.label)
        return max(line.shape[1] for line in lines) + 4.0, 1.15 * hand.size * len(lines)

    s = hand.size
    space = Spacing(
        column=s * rng.uniform(1.6, 2.6), row=s * rng.uniform(1.6, 2.6), title=1.7 * s, label_below=2.4 * s,
        label_width=5.5 * s,
    )  # fmt: skip
    placed = place(diagram, size, space, outside=outside, size_of_label=beside)
    label_connectors(placed, words)
    return _Process(placed, hand, rng, words).finish()


def _lines(words: Words, label: str) -> list[Ink]:
    size = words.hand.size
    return [words.line(line) for line in wrap(label, size, 5.5 * size)] or [np.zeros((2, 2), np.float32)]


class _Process(Canvas):
    def finish(self) -> tuple[Ink, Diagram]:
        for group in self.placed.diagram.groups:
            if group.box:
                self._frame(group, group.box)
        for node in self.placed.diagram.nodes:
            spot = self.placed.labels.get(node.id)
            if node.label and spot is not None:
                y = spot.y
                for line in _lines(self.words, node.label):
                    self.stamp(line, spot.x + (spot.w - line.shape[1]) / 2, y)
                    y += 1.15 * self.hand.size
        return super().finish()

    def written_in(self, node: Node) -> list[Ink]:
        return [] if outside(node) or not node.label else super().written_in(node)

    def line_of(self, edge: Edge, path: list[Stroke]) -> None:
        if edge.kind == "flow":
            super().line_of(edge, path)
            return
        if edge.kind == "message":
            self.draw(self.loop(path[0], 0.22 * self.hand.size, 0.22 * self.hand.size, 2.0))
        self._dashed(path)
        if edge.head != "none":
            way = path[-1] - path[-2]
            self.head(path[-1], way / max(1e-6, float(np.hypot(*way))))

    def symbol(self, shape: str, box: Box) -> None:
        x, y, w, h = box
        middle = np.array([x + w / 2, y + h / 2])
        if "event" in shape and "gateway" not in shape:
            self.draw(self.loop(middle, w / 2, h / 2, 2.0))
            if shape in ("intermediate_event", "boundary_event"):
                self.draw(self.loop(middle, 0.36 * w, 0.36 * h, 2.0))
            if shape == "end_event":
                for share in (0.47, 0.44):
                    self.draw(self.loop(middle, share * w, share * h, 2.0))
        elif shape.endswith("_gateway"):
            super().symbol("decision", box)
            self._sign(SIGNS.get(shape, "x"), middle, 0.19 * w)
        elif shape in ("data_object", "data_store"):
            fold = 0.35 * w
            corners = [(x, y), (x + w - fold, y), (x + w, y + fold), (x + w, y + h), (x, y + h), (x, y)]
            self.draw(self.along([np.array(c) for c in corners], 0.0))
            tip = [(x + w - fold, y), (x + w - fold, y + fold), (x + w, y + fold)]
            self.draw(self.along([np.array(c) for c in tip], 0.0))
        elif shape == "annotation":
            corners = [(x + 0.2 * h, y), (x, y), (x, y + h), (x + 0.2 * h, y + h)]
            self.draw(self.along([np.array(c) for c in corners], 0.0))
        else:
            super().symbol("rounded" if self.rng.random() < 0.6 else "process", box)

    def _sign(self, sign: str, middle: Stroke, r: float) -> None:
        if sign == "o":
            self.draw(self.loop(middle, r, r, 2.0))
            return
        ends = [(-r, -r), (r, r), (-r, r), (r, -r)] if sign == "x" else [(-r, 0), (r, 0), (0, -r), (0, r)]
        for a, b in (ends[:2], ends[2:]):
            self.draw(self.along([middle + np.array(a), middle + np.array(b)], 0.0))

    def _frame(self, group: Group, box: Box) -> None:
        """A pool or a lane, its title upright in a strip at its left."""
        title = 1.7 * self.hand.size
        x, y, right, low = box.x, box.y, box.right, box.bottom
        for stroke in (
            [(x, y), (right, y)], [(right, y), (right, low)], [(right, low), (x, low)], [(x, low), (x, y)],
            [(x + title, y), (x + title, low)],
        ):  # fmt: skip
            self.draw(self.along([np.array(p, float) for p in stroke], 0.0))
        if group.label:
            text = np.ascontiguousarray(np.rot90(self.words.line(group.label)))
            text = text[: max(1, round(box.h))]
            self.stamp(text, x + (title - text.shape[1]) / 2, y + (box.h - text.shape[0]) / 2)

    def _dashed(self, path: list[Stroke]) -> None:
        dash, gap = (share * self.hand.size for share in DASH)
        for a, b in itertools.pairwise(path):
            length = float(np.hypot(*(b - a)))
            at = 0.0
            while at < length:
                to = min(length, at + dash * self.rng.uniform(0.7, 1.3))
                self.draw(self.along([a + (b - a) * at / length, a + (b - a) * to / length], 0.0))
                at = to + gap * self.rng.uniform(0.7, 1.3)
