"""What of a drawing its graph does not tell: ink and text that nothing explains, and how surely words were read.

A graph that explains all of a picture is seldom wrong; strokes that lead nowhere, texts that name nothing and letters
that read as nothing say that something was misunderstood, most likely what is next to them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.labels.blocks import Block
from diagrasp.engines.embedded.labels.sharing import Sharing
from diagrasp.engines.embedded.lines.paths import away, dense
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.text.textlines import TextLine

Signs = dict[str, float]
"""Features by name; each between about -1 and 1, or the logarithm of something."""

HEAD = 1.4
"""Width of a connector with its head, in letter heights: ink so near to its path is its own."""
NEAR = 1.5
"""How far from an element, in letter heights, something unexplained speaks against it."""
AT_MOST = 64
"""Points of a path at which what lies beside it is looked at."""


NODE: Signs = {"strokes beside it": 0.0, "text beside it": 0.0, "read with doubt": 0.0}
EDGE: Signs = {"strokes beside it": 0.0, "text beside it": 0.0, "read with doubt": 0.0, "label apart": 0.0}
WHOLE: Signs = {"strokes unexplained": 0.0, "text unexplained": 0.0, "read with doubt": 0.0}
"""What these signs are where nothing is known of the drawing, or nothing speaks against it."""


@dataclass
class Evidence:
    """Signs of nodes and of edges by their ids, and of the whole drawing; what is not told is no sign of anything."""

    nodes: dict[str, Signs] = field(default_factory=dict)
    edges: dict[str, Signs] = field(default_factory=dict)
    whole: Signs = field(default_factory=dict)

    def of_node(self, id_: str) -> Signs:
        """A node's own signs and the drawing's."""
        return NODE | self.nodes.get(id_, {}) | self._around()

    def of_edge(self, id_: str) -> Signs:
        """An edge's own signs and the drawing's."""
        return EDGE | self.edges.get(id_, {}) | self._around()

    def of_whole(self) -> Signs:
        """The drawing's signs, but for those that its elements' confidences tell."""
        told = WHOLE | self.whole
        return {name: told[name] for name in ("strokes unexplained", "text unexplained")}

    def _around(self) -> Signs:
        return {f"drawing: {name}": value for name, value in (WHOLE | self.whole).items()}


def gather(
    scene: Scene, readings: Mapping[int, Reading], sharing: Sharing, nodes: Sequence[str], edges: Sequence[str | None]
) -> Evidence:
    """The evidence of a drawing.

    Args:
        readings: of every line of text, by its identity.
        sharing: whose the text outside of the nodes is.
        nodes: the ids of the scene's nodes.
        edges: the ids of its connectors, None for one that is no edge.
    """
    letter = scene.sheet.letter
    left = _unexplained(scene)
    sums = np.asarray(cv2.integral(left.view(np.uint8)), np.int32)
    loose = [block.box for block in sharing.rest]
    out = Evidence()
    for i, (id_, node) in enumerate(zip(nodes, scene.nodes, strict=True)):
        lines = scene.inside.get(i, []) + _lines(sharing.nodes.get(i, []))
        out.nodes[id_] = {
            "strokes beside it": _amount(_within(sums, node.box.grow(NEAR * letter)), letter),
            "text beside it": float(any(node.box.apart(box) <= NEAR * letter for box in loose)),
            "read with doubt": _doubt(lines, readings),
        }
    for i, (edge, connector) in enumerate(zip(edges, scene.connectors, strict=True)):
        if edge is None:
            continue
        path = dense(connector.path, letter, AT_MOST)
        blocks = sharing.connectors.get(i, [])
        beside = max((_within(sums, _around(p, 2 * NEAR * letter)) for p in path), default=0)
        out.edges[edge] = {
            "strokes beside it": _amount(beside, letter),
            "text beside it": float(any(away(path, box).min() <= NEAR * letter for box in loose)),
            "read with doubt": _doubt(_lines(blocks), readings),
            "label apart": max((float(away(path, b.box).min()) for b in blocks), default=0.0) / letter,
        }
    drawn = scene.strokes.sum() if scene.strokes is not None else 0
    lines = scene.text.lines
    out.whole = {
        "strokes unexplained": float(left.sum()) / max(1.0, float(drawn)),
        "text unexplained": len(_lines(sharing.rest)) / max(1, len(lines)),
        "read with doubt": _mean([_doubt([line], readings) for line in lines]),
    }
    return out


def _unexplained(scene: Scene) -> NDArray[np.bool_]:
    """(H, W) strokes that are neither symbols', nor frames', nor text, nor a connector's."""
    if scene.strokes is None:
        return np.zeros(scene.sheet.ink.shape, bool)
    letter = scene.sheet.letter
    left = scene.strokes.astype(np.uint8)
    for connector in scene.connectors:
        path = np.rint(connector.path).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(left, [path], False, 0, max(3, round(HEAD * letter)))
    return left > 0


def _within(sums: NDArray[np.int32], box: Rect) -> int:
    """How many pixels of a mask lie in a box, by the mask's integral."""
    high, wide = sums.shape[0] - 1, sums.shape[1] - 1
    x0, x1 = (min(wide, max(0, round(x))) for x in (box.x0, box.x1))
    y0, y1 = (min(high, max(0, round(y))) for y in (box.y0, box.y1))
    return int(sums[y1, x1]) - int(sums[y0, x1]) - int(sums[y1, x0]) + int(sums[y0, x0])


def _amount(pixels: int, letter: float) -> float:
    """Ink as a logarithm: a stroke as long as three letters are high is about 1."""
    return math.log1p(pixels / (0.3 * letter * letter))


def _around(point: NDArray[np.float64], side: float) -> Rect:
    x, y = float(point[0]), float(point[1])
    return Rect(round(x - side / 2), round(y - side / 2), round(x + side / 2), round(y + side / 2))


def _lines(blocks: Iterable[Block]) -> list[TextLine]:
    return [line for block in blocks for line in block.lines]


def _doubt(lines: Sequence[TextLine], readings: Mapping[int, Reading]) -> float:
    """How doubtful the reading of the most doubtful of some lines is: 0 for none, 1 for an even chance."""
    return max((-math.log2(min(1.0, max(0.05, readings[id(t)].confidence))) for t in lines), default=0.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
