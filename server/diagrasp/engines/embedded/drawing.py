"""What a drawing is made of: nodes, frames, connectors and blocks of text; and whose the text within the nodes is."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.picture.raster import Image, Mask, Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence import Sequence
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.text.textlines import Text, TextLine
from diagrasp.engines.embedded.uml.tables import Table


@dataclass
class Frame:
    """A rectangle around other symbols, by its outer bounds; `title` is the strip that names it, where it has one.

    `tab` tells a strip that covers a corner only, `lane` a column between lines that no frame closes, `badge` is a
    small filled square in the upper left corner.
    """

    box: Rect
    rounded: bool = False
    title: Rect | None = None
    filled: bool = False
    tab: bool = False
    lane: bool = False
    badge: Rect | None = None


@dataclass
class Scene:
    """What was found on a sheet; connectors refer to nodes by their position, and to frames by len(nodes) + theirs.

    `clean` is a picture of the sheet's size to read text from, where the original will not do; `margin` is how far the
    sheet reaches beyond the picture on every side, in the sheet's pixels; `ruled` tells paper with lines on it,
    and `plain` is the picture without these where they disturb;
    `written` are the bounds of lines of writing as they were seen in the picture, on the sheet.

    `doubtful` are the lines of text that count only where they read as words.

    A sequence diagram has its own parts instead; remarks are for the reader of the result.
    """

    sheet: Sheet
    nodes: list[Symbol]
    frames: list[Frame]
    text: Text
    connectors: list[Connector]
    inside: dict[int, list[TextLine]] = field(default_factory=dict)
    outside: list[TextLine] = field(default_factory=list)
    strokes: Mask | None = None
    clean: Image | None = None
    margin: int = 0
    ruled: bool = False
    plain: Image | None = None
    written: list[Rect] = field(default_factory=list)
    sequence: Sequence | None = None
    remarks: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    doubtful: list[TextLine] = field(default_factory=list)


BOXES = ("process", "rounded")
"""Symbols that hold what lies between their sides, an icon in the corner too that parts paper from them."""


def share_text(scene: Scene) -> None:
    """Give each line of text to the smallest node that holds its middle; the others are outside."""
    order = sorted(range(len(scene.nodes)), key=lambda i: scene.nodes[i].outline.area)
    for line in scene.text.lines:
        x, y = line.box.cx, line.box.cy
        for i in order:
            o, shape, b = scene.nodes[i].outline, scene.nodes[i].shape, line.box
            within = shape in BOXES and o.box.inside(b.x0, b.y0) and o.box.inside(b.x1 - 1, b.y1 - 1)
            if within or (o.box.inside(x, y) and o.mask[int(y) - o.box.y0, int(x) - o.box.x0]):
                scene.inside.setdefault(i, []).append(line)
                break
        else:
            scene.outside.append(line)
