"""Pictures that are no diagram: pages of text, charts, tables, photographs, empty ones; and why they are not."""

from __future__ import annotations

import re
from statistics import median
from typing import Final

import numpy as np

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.model import Diagram, Edge, Node

EMPTY = 0.0004
"""Share of a picture that is ink, up to which it is empty."""
PLAIN = 60
"""Levels between the darkest and the lightest of an empty picture."""
PAGE = 5
"""Lines of text from which a picture without symbols is a page of text."""
CROWDED = 10
"""Lines of text in a lone box from which on it is a window or a sheet of paper around a page of text."""
LISTED, BESIDE = 20, 4
"""Lines of text outside of boxes that nothing joins, and their number over that inside, from which on it is a page."""
UNSURE, UNLIKELY = 0.6, 0.35
"""Confidence of the usual symbol, and of the surest connector, below which a drawing is doubtful where words lack.

Strokes of a photograph or a formula that look like symbols by chance bear no words, and hardly ever join two of them.
A drawing by hand may be as doubtful, but its words can be read.
"""
WORDY = 0.4
"""Share of the symbols that bear a word from which on it may be a drawing, however doubtful; at least two do."""
JOINED, HOLDING = 4, 0.7
"""Symbols that connectors join, and their share of all, from which on it is a drawing in which
nothing is named yet."""
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
SILENT = frozenset({
    "initial", "final", "bar", "merge", "connector", "start_event", "intermediate_event", "boundary_event", "end_event",
    "exclusive_gateway", "parallel_gateway", "inclusive_gateway", "event_gateway", "complex_gateway",
})  # fmt: skip
"""Shapes that mostly bear no words."""


def no_diagram(scene: Scene, diagram: Diagram) -> str | None:
    """Why what was found is no diagram; None where it is one."""
    if not diagram.nodes:
        if float(scene.sheet.ink.mean()) <= EMPTY and float(np.ptp(np.percentile(scene.sheet.rgb, (1, 99)))) <= PLAIN:
            return "the picture is empty"
        if scene.strokes is None and not scene.sheet.hand:
            return "no diagram was found: the picture shows a table, a pattern, or more lines than a drawing has"
        if len(scene.text.lines) >= PAGE:
            return "no diagram was found: the picture shows text without symbols"
        return "no diagram was found: there are no symbols in the picture"
    labels = [n.label for n in diagram.nodes] + [e.label for e in diagram.edges] + [g.label for g in diagram.groups]
    pointed = sum(e.head != "none" for e in diagram.edges)
    if not any(labels) and 2 * pointed <= len(diagram.edges):
        return "no diagram was found: what looks like symbols bears no words and no arrows join it"
    if scene.sequence is None and (reason := _page(scene, diagram)):
        return reason
    if _bars(diagram):
        return "no diagram was found: the picture shows a bar chart"
    if scene.sequence is None and _by_chance(diagram, sum(len(t.letters) > 1 for t in scene.text.lines)):
        return "no diagram was found: what looks like symbols and connectors does so by chance"
    return None


def doubtful(diagram: Diagram) -> str | None:
    """What makes a diagram doubtful as a whole; None where nothing does."""
    steps = [n for n in diagram.nodes if n.shape not in SILENT and not n.rows]
    if len(steps) > 1 and not diagram.edges and not diagram.groups and diagram.kind in ("flowchart", "state"):
        return "no connectors were found: the picture may show no diagram"
    return None


def _page(scene: Scene, diagram: Diagram) -> str | None:
    """Why a picture is rather a page of text, with a box or a few that nothing joins; None where it is none."""
    if any(e.source != e.target for e in diagram.edges):
        return None
    outside = sum(not any(n.box.inside(t.box.cx, t.box.cy) for n in scene.nodes) for t in scene.text.lines)
    inside = len(scene.text.lines) - outside
    listed = any(n.rows for n in diagram.nodes)
    if len(diagram.nodes) == 1 and not diagram.groups:
        if outside >= PAGE:
            return "no diagram was found: the picture shows text around a lone box"
        if inside >= CROWDED and not listed:
            return "no diagram was found: the picture shows a page of text in a lone box"
    if outside >= max(LISTED, BESIDE * inside) and not listed:
        return "no diagram was found: the picture shows text beside boxes that nothing joins"
    return None


def _by_chance(diagram: Diagram, lines: int) -> bool:
    """Whether hardly any symbol bears a word, and symbols and connectors are all doubtful.

    Args:
        lines: of text in the picture, lone signs apart: what nobody has named yet bears none, and holds together.
    """
    if median(n.confidence or 0.0 for n in diagram.nodes) >= UNSURE:
        return False
    if max((e.confidence or 0.0 for e in diagram.edges), default=0.0) >= UNLIKELY:
        return False
    joined = {end for e in diagram.edges if e.source != e.target for end in (e.source, e.target)}
    if lines == 0 and len(joined) >= max(JOINED, HOLDING * len(diagram.nodes)):
        return False
    steps = [n for n in diagram.nodes if n.shape not in SILENT]
    worded = sum(any(map(_WORD.search, (n.label, *n.rows))) for n in steps)
    return worded < max(2 if diagram.edges else 1, WORDY * len(steps))


def _bars(diagram: Diagram) -> bool:
    """Whether boxes stand side by side on one line, and nothing else joins them: the bars of a chart on its axis."""
    places = {n.id: n for n in diagram.nodes}
    if len(diagram.nodes) < 3 or len(diagram.edges) < 2 or diagram.groups:
        return False
    standing = sum(_on_axis(e, places) for e in diagram.edges)
    return standing >= 0.8 * len(diagram.edges) and not any(e.head != "none" and e.label for e in diagram.edges)


def _on_axis(edge: Edge, places: dict[str, Node]) -> bool:
    """Whether a connector without heads is level and goes along the lower sides of both its boxes."""
    boxes = [places[k].box if k in places else None for k in (edge.source, edge.target)]
    if edge.head != "none" or edge.tail != "none" or not edge.path:
        return False
    heights = np.array([p.y for p in edge.path])
    return all(b is not None and abs(heights - b.bottom).max() <= max(2.0, 0.05 * b.h) for b in boxes)
