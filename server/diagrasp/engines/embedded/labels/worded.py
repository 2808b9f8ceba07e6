"""Words that arrows point at, and from which lines lead on: nodes around which nothing is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Frame
from diagrasp.engines.embedded.labels.blocks import Block, blocks
from diagrasp.engines.embedded.lines.connectors import frame_ahead, owner_ahead
from diagrasp.engines.embedded.lines.heads import mark
from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.lines.skeleton import Segment, Skeleton
from diagrasp.engines.embedded.picture.raster import Sheet
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol
from diagrasp.engines.embedded.symbols.outlines import Outline
from diagrasp.engines.embedded.symbols.shapes import Fit
from diagrasp.engines.embedded.text.textlines import TextLine

SHAPE, SURE = "text", 0.9
"""What such a node is called, and how sure it is of its shape."""
REACH, FAR = 2.8, 4.5
"""How far from the words an arrow ends, in letter heights: at most, and where it points at their middle."""
MIDDLE = 0.8
"""How far beside their middle it then points at most, in letter heights."""
HEAD, LINE = 1.0, 2.0
"""Least evidence of a head, and least length of the line behind it, in letter heights."""
SAMPLE = 6.0
"""Length of the longest arrow that shows in a legend how arrows look, in letter heights."""
PLAIN = 0.4
"""Evidence of a head that a plain end has not."""
GAP = 0.15
"""Letter heights that every arrow stops short of the words."""
CLOSE, FILLED = 0.6, 0.8
"""How close to the words a head is filled, in letter heights, and what share of it: else it may be a letter."""
WORD = 4
"""Letters that words at a line's beginning have at least: shorter ones are answers, which name a line."""
WIDEST = 40.0
"""Letter heights that words go on for at most."""
BEHIND = 1.3
"""How close behind the words a symbol stands, in letter heights, whose name they are."""


class Words:
    """The blocks of text outside of the nodes, and what may point at them."""

    def __init__(
        self, sheet: Sheet, lines: list[TextLine], frames: list[Frame], edges: list[tuple[int, Rect, bool]],
        near: NDArray[np.float32], owner: NDArray[np.int32], ink: NDArray[np.bool_], width: float,
    ) -> None:  # fmt: skip
        """
        Args:
            lines: of text, outside of the nodes.
            edges: the frames' numbers and bounds, and whether what is inside may end on them too.
            near, owner: (H, W) distance of every pixel to the next symbol, in pixels, and its number.
            ink: (H, W) bool, connector ink.
            width: the strokes' usual width, in pixels.
        """
        self.letter, self.near, self.owner, self.ink, self.width = sheet.letter, near, owner, ink, width
        self.edges, self.frames = edges, frames
        self.blocks = [b for b in blocks(lines, sheet.letter, frames) if self._says(b) and not self._title(b)]

    def pointed_at(self, skeleton: Skeleton) -> list[Symbol]:
        """The nodes at which heads point, before lines are joined across words."""
        facing = self._facing(skeleton)
        named = {node for _, _, node, _ in facing}
        tips: dict[int, list[Points]] = {}
        for far, k, node, place in facing:
            segment = skeleton.segments[skeleton.at[node][0]]
            if segment.length < LINE * self.letter or self._sample(skeleton, segment, segment.other(node), named):
                continue
            if self.blocks[k].box.grow(self.letter).inside(*skeleton.places[segment.other(node)]):
                continue  # an ornament
            head, is_round = mark(segment, node, self.near, self.ink, self.letter, self.width)
            if head < HEAD or is_round or self._settled(skeleton, node, place):
                continue
            if far < GAP * self.letter or (far < CLOSE * self.letter and self._solid(segment, node, place) < FILLED):
                continue  # a letter that touches the line which the words name
            if not self._named_behind(k, segment, node, place, ink=False):
                tips.setdefault(k, []).append(place)
        for far, k, node, place in facing:  # other lines stop as far from the words
            if k in tips and far <= REACH * self.letter and not self._settled(skeleton, node, place):
                tips[k].append(place)
        return [self._node(self.blocks[k], places) for k, places in tips.items()]

    def led_from(self, skeleton: Skeleton) -> list[Symbol]:
        """The nodes from which lines lead, their arrows at symbols, once lines are joined across words."""
        facing = self._facing(skeleton)
        tips: dict[int, list[Points]] = {}
        for _, k, node, place in facing:
            segment = skeleton.segments[skeleton.at[node][0]]
            far = segment.other(node)
            if segment.length < 1.5 * LINE * self.letter or skeleton.degree(far) != 1 or not self._alone(skeleton, k):
                continue
            if sum(len(t.letters) for t in self.blocks[k].lines) < WORD:
                continue
            at = skeleton.places[far]
            if not owner_ahead(segment, far, at, self.owner, self.near, self.letter):
                continue
            ends = [mark(segment, n, self.near, self.ink, self.letter, self.width) for n in (node, far)]
            if ends[0][0] >= PLAIN or ends[1][0] < HEAD or ends[1][1] or self._settled(skeleton, node, place):
                continue
            if not self._named_behind(k, segment, node, place, ink=True):
                tips[k] = [place]
        return [self._node(self.blocks[k], places) for k, places in tips.items()]

    def _sample(self, skeleton: Skeleton, segment: Segment, begin: int, named: set[int]) -> bool:
        """Whether a short arrow comes from nothing: a legend says what such arrows mean."""
        if segment.length > SAMPLE * self.letter or skeleton.degree(begin) > 1 or begin in named:
            return False
        return not self._settled(skeleton, begin, skeleton.places[begin])

    def _alone(self, skeleton: Skeleton, k: int) -> bool:
        """Whether one line only ends at a block: one that words interrupt has two ends there."""
        near = self.blocks[k].box.grow(CLOSE * self.letter)
        return sum(skeleton.degree(n) == 1 and near.inside(x, y) for n, (x, y) in enumerate(skeleton.places)) <= 1

    def _says(self, block: Block) -> bool:
        """Whether a block is more than a sign."""
        return sum(len(t.letters) for t in block.lines) >= 2 and not block.lines[0].vertical

    def _title(self, block: Block) -> bool:
        b = block.box
        return any(f.title is not None and f.title.inside(b.cx, b.cy) for f in self.frames)

    def _facing(self, skeleton: Skeleton) -> list[tuple[float, int, int, Points]]:
        """(distance in pixels, block, node, place) of the free ends that look at a block."""
        free = [n for n in range(len(skeleton.places)) if skeleton.degree(n) == 1]
        if not free or not self.blocks:
            return []
        places = np.array([skeleton.places[n] for n in free])
        found: dict[int, tuple[float, int]] = {}
        for k, block in enumerate(self.blocks):
            b = block.box
            around = b.grow(FAR * self.letter)
            x, y = places.T
            for i in np.flatnonzero((around.x0 <= x) & (x < around.x1) & (around.y0 <= y) & (y < around.y1)):
                n = free[i]
                if any(t.box.inside(*places[i]) for t in block.lines):  # a line on which the words stand
                    continue
                far = self._ahead(places[i], -skeleton.segments[skeleton.at[n][0]].leaving(n, 1.1 * self.letter), b)
                if far is not None and (n not in found or far < found[n][0]):
                    found[n] = far, k
        return [(far, k, n, skeleton.places[n]) for n, (far, k) in found.items()]

    def _ahead(self, place: Points, way: Points, box: Rect) -> float | None:
        """How far ahead of an end a box of words is, in pixels, if the end looks at it; it may look past a corner."""
        grown = box.grow(0.25 * self.letter)
        steps = place + np.arange(0.0, FAR * self.letter)[:, None] * way
        inside = (grown.x0 <= steps[:, 0]) & (steps[:, 0] < grown.x1)
        inside &= (grown.y0 <= steps[:, 1]) & (steps[:, 1] < grown.y1)
        if not inside.any():
            return None
        k = int(inside.argmax())
        if k <= REACH * self.letter:
            return float(k)
        aside = abs(float((box.cx - place[0]) * way[1] - (box.cy - place[1]) * way[0]))
        return float(k) if aside <= MIDDLE * self.letter else None

    def _solid(self, segment: Segment, node: int, place: Points) -> float:
        """The share of ink between the two sides of what is at a line's end: 1 in a filled head, less in a letter."""
        letter = self.letter
        box = Rect(int(place[0]), int(place[1]), int(place[0]) + 1, int(place[1]) + 1).grow(1.2 * letter)
        ys, xs = np.nonzero(self.ink[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1])
        dx, dy = xs + max(0, box.x0) - place[0], ys + max(0, box.y0) - place[1]
        way = -segment.leaving(node, 1.6 * letter)
        back, across = -(dx * way[0] + dy * way[1]), dy * way[0] - dx * way[1]
        ok = (back >= -0.3 * letter) & (back <= letter) & (np.abs(across) <= 0.8 * letter)
        rows = np.round(back[ok]).astype(int)
        wide = drawn = 0.0
        for row in np.unique(rows):
            here = across[ok][rows == row]
            wide, drawn = wide + float(np.ptp(here)) + 1, drawn + len(here)
        return drawn / max(wide, 1.0)

    def _named_behind(self, k: int, segment: Segment, node: int, place: Points, *, ink: bool) -> bool:
        """Whether a symbol, or `ink`, stands right behind the words that a line's end looks at: they name that."""
        way = -segment.leaving(node, 1.1 * self.letter)
        steps = place + np.arange(0.0, (FAR + WIDEST) * self.letter)[:, None] * way
        height, width = self.near.shape
        steps = steps[((steps >= 0) & (steps < [width, height])).all(axis=1)]
        b = self.blocks[k].box
        inside = (b.x0 <= steps[:, 0]) & (steps[:, 0] < b.x1) & (b.y0 <= steps[:, 1]) & (steps[:, 1] < b.y1)
        last = int(np.flatnonzero(inside)[-1]) if inside.any() else 0
        x, y = steps[last : last + int(BEHIND * self.letter)].astype(int).T
        return bool((self.near[y, x] <= 1).any() or (ink and self.ink[y, x].any()))

    def _settled(self, skeleton: Skeleton, node: int, place: Points) -> bool:
        """Whether an end is at a symbol or at a frame."""
        segment = skeleton.segments[skeleton.at[node][0]]
        if owner_ahead(segment, node, place, self.owner, self.near, self.letter):
            return True
        return bool(frame_ahead(segment, node, place, self.edges, self.letter))

    def _node(self, block: Block, tips: list[Points]) -> Symbol:
        """A node of a block's bounds and, where arrows stop far from it, what is between, on its other side as well."""
        b = block.box
        plain = whole = b.grow(0.3 * self.letter)
        for x, y in tips:
            tip = Rect(int(x), int(y), int(x) + 1, int(y) + 1)
            across = Rect(int(2 * b.cx - x), int(2 * b.cy - y), int(2 * b.cx - x) + 1, int(2 * b.cy - y) + 1)
            plain, whole = plain.union(tip), whole.union(tip).union(across)
        height, width = self.near.shape
        others = [o.box for o in self.blocks if o is not block]
        whole, plain = (
            Rect(max(1, r.x0), max(1, r.y0), min(width - 1, r.x1), min(height - 1, r.y1)) for r in (whole, plain)
        )
        free = self.near[whole.y0 : whole.y1, whole.x0 : whole.x1].min() > 0
        box = whole if free and not any(whole.overlap(o) for o in others) else plain
        outline = Outline(0, box, np.ones((box.h, box.w), np.uint8), Fit(SHAPE, SURE), box.w * box.h)
        return Symbol(outline, SHAPE, 1, drawn=False)
