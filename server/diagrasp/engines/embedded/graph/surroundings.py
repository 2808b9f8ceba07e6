"""What stands around a drawing and looks like symbols: bars of a window, a panel of shapes to choose from, a legend.

Nothing leads to them.  A bar of a window is cut off by the edge of the picture on three sides, without a line; shapes
to choose from, and samples in a legend, are alike, stand in a column, and hold no words: theirs stand to the right.
"""

from __future__ import annotations

from collections.abc import Collection

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.labels.sharing import Sharing
from diagrasp.engines.embedded.picture.rect import Rect

SAMPLES = frozenset({"process", "rounded", "ellipse", "stadium", "decision", "hexagon", "data", "document", "circle"})
"""Shapes that have their words inside, where they are steps."""
ALIKE = 0.5
"""By how much places and sizes of samples may differ, in letter heights."""
SMALL = 4.0
"""Height of the largest sample, in letter heights."""


def surroundings(scene: Scene, sharing: Sharing, joined: Collection[int]) -> set[int]:
    """Nodes, by position, that are no part of the graph; none where connectors join nothing.

    Args:
        sharing: whose the text outside of the nodes is.
        joined: nodes at which a connector ends, by position.
    """
    if len(joined) < 2:
        return set()
    alone = [i for i in range(len(scene.nodes)) if i not in joined]
    bars = {i for i in alone if _cut_off(scene, scene.nodes[i].box)}
    empty = [i for i in alone if i not in bars and _sample(scene, sharing, i)]
    slack = ALIKE * scene.sheet.letter

    def in_column(i: int) -> bool:
        a = scene.nodes[i].box
        return any(
            j != i and max(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.h - b.h)) <= slack
            for j in empty
            for b in (scene.nodes[j].box,)
        )

    return bars | {i for i in empty if in_column(i)}


def _cut_off(scene: Scene, box: Rect) -> bool:
    """Whether a box reaches beyond the picture on three sides at least: an outline that is drawn lies within."""
    high, wide = scene.sheet.ink.shape
    return sum((box.x0 < 0, box.y0 < 0, box.x1 > int(wide), box.y1 > int(high))) >= 3


def _sample(scene: Scene, sharing: Sharing, i: int) -> bool:
    """Whether a symbol is small, holds no words, and has its name to the right, if any."""
    node = scene.nodes[i]
    if node.shape not in SAMPLES or scene.inside.get(i) or node.box.h > SMALL * scene.sheet.letter:
        return False
    return all(b.box.x0 >= node.box.x1 - 1 and node.box.y0 < b.box.cy < node.box.y1 for b in sharing.nodes.get(i, []))
