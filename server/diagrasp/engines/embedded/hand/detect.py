"""Whether a picture was drawn by hand: its outlines fit no template, and no long stroke of it is straight for long.

A printed drawing that was understood as one is never looked at again: its outlines fit their templates to a pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diagrasp.engines.embedded.graph.emblems import emblems
from diagrasp.engines.embedded.lines.skeleton import graph, thin
from diagrasp.engines.embedded.picture.components import components, looked_up
from diagrasp.engines.embedded.picture.letters import letter_height
from diagrasp.engines.embedded.picture.raster import Mask, Sheet

if TYPE_CHECKING:
    from diagrasp.engines.embedded.drawing import Scene

PRINTED = 0.962
"""Least median fit of the outlines with text in a printed drawing."""
FEWEST = 3
"""Nodes with text from which on that can be told."""
MANY = 6
"""Nodes joined to one another, with hardly one that is not, from which on nearly well fitting outlines are enough."""
WHOLE = 0.85
"""Share of a printed drawing's nodes that are joined to one another in a photograph of it."""
WOBBLY = 0.5
"""Share of straight pieces below which strokes were drawn by hand."""
MOSTLY = 0.5
"""Share of ink that no drawing has."""
TOO_WELL = 0.98
"""Median fit of outlines with text that hands do not reach."""
MARGIN = 1.5
"""How many times more must hang together, where strokes are straight, for a picture to count as drawn by hand."""


UNSTEADY, UNLIKE, FEWER = 0.75, 0.957, 0.8
"""Share of straight pieces and median fit of outlines with text below which a hand is seen in a drawing: then as much
need not hang together."""

IN_PIECES = 0.6
"""Share of the joined nodes that a drawing has left when boxes whose pale parts were nodes of their own are whole."""


def convincing(scene: Scene, *, photographed: bool = False) -> bool:
    """Whether a scene is a printed drawing, well understood.

    Args:
        photographed: a camera took the picture: some people draw as straight as print, and only the whole tells.
    """
    if photographed and _joined(scene) < WHOLE * len(scene.nodes):
        return False
    named = [float(scene.nodes[i].outline.fit.score) for i in scene.inside if scene.nodes[i].drawn]
    named += [float(n.outline.fit.score) for n in emblems(scene)]
    if _wordless(scene):
        return False
    joined = _joined(scene)
    if len(named) >= FEWEST and float(np.median(named)) >= PRINTED and len(named) >= 0.3 * len(scene.nodes):
        return True
    if _joined(scene, words=True) >= FEWEST and bool(named) and float(np.median(named)) >= 0.98:
        return True
    if joined >= MANY and joined >= 0.85 * len(scene.nodes) and bool(named) and float(np.median(named)) >= 0.94:
        straight = straightness(scene.sheet, scene.text.ink)
        return straight is not None and straight >= 0.75
    return False


def _wordless(scene: Scene) -> bool:
    """Whether most boxes with compartments have no name in the first: hatching hides it, and such boxes always fit."""
    tables = [i for i, n in enumerate(scene.nodes) if len(n.outline.parts) > 1 and n.shape != "database"]

    def named(i: int) -> bool:
        head = scene.nodes[i].outline.parts[0].box
        return any(len(t.letters) > 1 and head.inside(t.box.cx, t.box.cy) for t in scene.inside.get(i, []))

    return len(tables) > 1 and sum(map(named, tables)) < 0.5 * len(tables)


def hopeless(scene: Scene) -> bool:
    """Whether most of a picture is ink, as noise is, or a pattern: no drawing, however it is looked at.

    Args:
        scene: the picture taken for print.
    """
    return (scene.strokes is None and scene.sequence is None) or float(scene.sheet.ink.mean()) > MOSTLY


def better(hand: Scene, printed: Scene) -> bool:
    """Whether more of a picture hangs together when it is taken for a drawing by hand."""
    wobbly = straightness(printed.sheet, printed.text.ink)
    margin = 1.0 if wobbly is not None and wobbly < WOBBLY else MARGIN
    named = [float(printed.nodes[i].outline.fit.score) for i in printed.inside if printed.nodes[i].drawn]
    if wobbly is not None and wobbly < UNSTEADY and named and float(np.median(named)) < UNLIKE:
        margin = FEWER
    joined = _joined(hand)
    if hand.ruled:  # taken for print, squares of the paper are boxes and its lines connectors
        return joined >= 2
    return joined >= 2 and joined > margin * _joined(printed)


def as_joined(bold: Scene, scene: Scene) -> bool:
    """Whether not many fewer nodes are joined in a drawing in stronger colours than in its own."""
    return _joined(bold) >= IN_PIECES * _joined(scene)


def unsteady(ink: Mask) -> bool:
    """Whether a page's strokes were drawn by hand, as far as that shows before anything is known of the drawing.

    Args:
        ink: (H, W) bool, what is darker than the paper.
    """
    letter = letter_height(ink)
    if letter is None:
        return False
    straight = _straightness(ink, letter)
    return straight is not None and straight < WOBBLY


def surely_by_hand(scene: Scene, *, wobbly: bool = False) -> bool:
    """Whether a drawing by hand holds together so well that it need not be taken for print as well.

    Args:
        wobbly: on paper without lines, strokes were drawn by hand.
    """
    named = [float(scene.nodes[i].outline.fit.score) for i in scene.inside]
    if not named:
        return False
    joined, fit = _joined(scene), float(np.median(named))
    if scene.ruled:
        return joined >= MANY and fit < TOO_WELL
    return wobbly and joined >= max(FEWEST, WHOLE * len(scene.nodes)) and fit < UNLIKE


def _joined(scene: Scene, *, words: bool = False) -> int:
    """Nodes with text, icons and what is of an event's size, that a connector joins to another such node.

    Args:
        words: text with nothing around it counts, too; a hand's letters and lines may look so by chance.
    """
    good = {
        i
        for i, n in enumerate(scene.nodes, 1)
        if (i - 1 in scene.inside and (words or n.shape != "text"))
        or n.shape == "icon"
        or (n.shape in ("circle", "decision") and max(n.box.w, n.box.h) <= 7 * scene.sheet.letter)
    }
    ends = {
        end
        for c in scene.connectors
        if c.source != c.target and c.source in good and c.target in good
        for end in (c.source, c.target)
    }
    return len(ends)


def straightness(sheet: Sheet, text: Mask) -> float | None:
    """The share of long strokes' length that lies in straight pieces of three letter heights; None without strokes."""
    return _straightness(sheet.ink & ~text, sheet.letter)


def _straightness(ink: Mask, letter: float) -> float | None:
    _, labels, stats, _ = components(ink)
    large = np.maximum(stats[:, 2], stats[:, 3]) >= 4 * letter
    large[0] = False
    bones = thin(looked_up(large, labels))
    total = straight = 0.0
    for segment in graph(bones).segments.values():
        if segment.length < 3 * letter:
            continue
        line = segment.points.astype(np.float32).reshape(-1, 1, 2)
        corners = cv2.approxPolyDP(line, max(0.9, 0.06 * letter), closed=False).reshape(-1, 2)
        pieces = np.hypot(*np.diff(corners, axis=0).T)
        total += float(pieces.sum())
        straight += float(pieces[pieces >= 3 * letter].sum())
    return straight / total if total > 8 * letter else None
