"""Which text names what: blocks of text outside the nodes are shared out among nodes, connectors and frames.

All candidates are scored by their distance and settled cheapest first, so that a clear case is never taken by a
doubtful one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.drawing import Frame, Scene
from diagrasp.engines.embedded.labels.answers import (
    SHARED,
    answer,
    is_answer,
    make_room,
    question,
    shared_parts,
    spread,
)
from diagrasp.engines.embedded.lines.paths import away, dense
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.vivid import captioned
from diagrasp.engines.embedded.text.struck import runs_through
from diagrasp.engines.embedded.text.textlines import TextLine

QUIET = 0.4
"""What a text must be closer, in letter heights, to name a connector where it most often names something else."""
ASKS = 0.9
"""The same where the text is a question and a decision without a name is close."""
OVER = 0.5
"""What a text costs a small symbol less right above or below which it stands on a connector that leads there."""

LOW = 0.6
"""What a text costs a small symbol at most that it names rather than the frame along whose lower side it stands."""


CLOSE, WIDE = 0.95, 1.3
"""Greatest gap between two lines of a label, in heights of its letters: set anyhow, and one centred below the other."""


CENTRAL = 1.3
"""Letter heights by which a frame's title stands beside its middle at most: a picture in it may not be text."""

SHORT = 24
"""Letters of an answer at most."""


@dataclass
class Block:
    """Lines of text that belong together, top to bottom."""

    lines: list[TextLine]

    @property
    def box(self) -> Rect:
        box = self.lines[0].box
        for line in self.lines[1:]:
            box = box.union(line.box)
        return box


@dataclass
class Sharing:
    """The blocks of every node, connector and frame, by position; `rest` names nothing."""

    nodes: dict[int, list[Block]] = field(default_factory=dict)
    connectors: dict[int, list[Block]] = field(default_factory=dict)
    frames: dict[int, list[Block]] = field(default_factory=dict)
    rest: list[Block] = field(default_factory=list)


def blocks(
    lines: list[TextLine], letter: float, frames: list[Frame], marks: Sequence[Rect] = (), every: Sequence[Rect] = (),
    paths: Sequence[NDArray[np.float64]] = (),
) -> list[Block]:  # fmt: skip
    """Gather lines set under one another: close, and overlapping or aligned; a frame's title stands alone.

    Args:
        marks: boxes of small symbols; a line centred over one of them does not go on what is set aside of it.
        every: these and the small symbols that have a name already; what stands on both sides of one may be one line.
        paths: the connectors' points, close to one another: a connector between two lines parts them.
    """

    def over(line: TextLine) -> list[Rect]:
        """The small symbols that a line is centred over."""
        b = line.box
        return [m for m in marks if abs(b.cx - m.cx) <= 0.8 * letter and 0 <= m.y0 - b.y1 <= 1.6 * letter]

    def heads(line: TextLine, block: Block) -> bool:
        return any(abs(block.box.cx - m.cx) > 1.6 * letter for m in over(line))

    def title_of(line: TextLine) -> int:
        for i, frame in enumerate(frames):
            b = frame.box
            if b.x0 <= line.box.cx <= b.x1 and 0 <= line.box.cy - b.y0 <= 1.9 * letter:
                return i
        return -1

    def goes_on(line: TextLine, last: TextLine) -> bool:
        """Whether a title has another line, set as the one before it."""
        a, b = line.box, last.box
        flush = min(abs(a.cx - b.cx), abs(a.x0 - b.x0), abs(a.x1 - b.x1)) <= 0.35 * letter
        if not (title_of(last) >= 0 > title_of(line) and flush and 0.65 <= line.size / last.size <= 1.5):
            return False
        box = frames[title_of(last)].box  # the name of a symbol below a side stands where no title does
        elsewhere = min(abs(b.cx - box.cx), b.x0 - box.x0) > 4 * letter
        return not over(line) or (elsewhere and abs(a.cx - b.cx) <= 0.35 * letter)

    out: list[Block] = []
    ends: list[TextLine] = []  # the last row of each block, in one piece
    for row in _rows(sorted(lines, key=lambda t: t.box.y0), letter, every):
        line = row[0] if len(row) == 1 else TextLine(Block(row).box, row[0].letters + row[1].letters, row[0].region)
        if line.vertical:
            out.append(Block(row))
            ends.append(line)
            continue
        for k in range(len(out) - 1, -1, -1):
            block, last = out[k], ends[k]
            if last.vertical or (title_of(last) != title_of(line) and not goes_on(line, last)):
                continue
            gap = line.box.y0 - last.box.y1
            size = max(line.size, *(t.size for t in block.lines if _alike(line, t)), last.size)
            both = min(line.box.x1, last.box.x1) - max(line.box.x0, last.box.x0)
            alike = _alike(line, last)
            aligned = (
                abs(line.box.cx - block.box.cx) <= 0.9 * letter
                or abs(line.box.x0 - block.box.x0) <= 0.6 * letter
                or (both >= 0.75 * min(line.box.w, last.box.w) and min(line.box.w, last.box.w) >= 0.42 * block.box.w)
            )
            centred = abs(line.box.cx - last.box.cx) <= 0.3 * letter
            alone = title_of(last) == title_of(line) and not over(line)
            widest = CLOSE * size
            if centred and alone and min(last.box.h, line.box.h) >= 0.7 * letter:
                widest = WIDE * max(size, letter)  # letters without ascenders are lower than their line
            near = -0.5 * size <= gap <= widest and both > 0
            if near and alike and aligned and not heads(line, block) and not _between(last.box, line.box, paths):
                block.lines.extend(row)
                ends[k] = line
                break
        else:
            out.append(Block(row))
            ends.append(line)
    return out


def _between(upper: Rect, lower: Rect, paths: Sequence[NDArray[np.float64]]) -> bool:
    """Whether a connector runs along between two lines of text, one above the other."""
    x0, x1 = max(upper.x0, lower.x0), min(upper.x1, lower.x1)
    y0, y1 = min(upper.y1, lower.y0), max(upper.y1, lower.y0)
    for path in paths:
        x, y = path[:, 0], path[:, 1]
        along = x[(y >= y0) & (y <= y1) & (x >= x0) & (x <= x1)]
        if len(along) > 1 and np.ptp(along) >= 0.6 * (x1 - x0):
            return True
    return False


def _alike(a: TextLine, b: TextLine) -> bool:
    """Whether two lines are set in one size: where letters run together, a line is as tall as the tallest of them."""
    joined = any(r.w > 2.2 * r.h for line in (a, b) for r in line.letters)
    return 0.6 <= a.size / b.size <= 1.65 or (joined and 0.6 <= a.box.h / b.box.h <= 1.65)


def _rows(lines: list[TextLine], letter: float, marks: Sequence[Rect]) -> list[list[TextLine]]:
    """The lines, the two pieces of one that a small symbol stands on together."""
    out: list[list[TextLine]] = []
    for line in lines:
        b = line.box
        for row in out:
            a = row[0].box
            if len(row) > 1 or line.vertical or row[0].vertical or abs(a.cy - b.cy) > 0.3 * letter:
                continue
            left, right = min(a.x1, b.x1), max(a.x0, b.x0)
            slack = 1.5 * letter
            if any(
                m.y0 < b.cy < m.y1 and left <= m.cx <= right and right - left <= m.w + slack
                and left - slack <= m.x0 and m.x1 <= right + slack
                for m in marks
            ):  # fmt: skip
                row.append(line)
                break
        else:
            out.append([line])
    return out


def share(
    scene: Scene,
    nameless: set[int],
    quiet: Mapping[int, float] | None = None,
    say: Callable[[list[TextLine]], str] = lambda _: "",
    *,
    many: bool = False,
) -> Sharing:
    """Decide what every block outside the nodes names.

    Args:
        nameless: nodes, by position, that no text outside can name.
        quiet: what a text must be closer, in letter heights, to name connectors that hardly ever have a name.
        say: what lines of text read as; decisions ask questions, connectors answer them.
        many: connectors may have several labels each.
    """
    letter = scene.sheet.letter
    sharing = Sharing()
    named = set(scene.inside) | nameless
    offers: list[tuple[float, int, str, int]] = []
    names: dict[tuple[int, int], float] = {}
    paths = [dense(c.path, 0.5 * letter) for c in scene.connectors]
    small = [n.box for i, n in enumerate(scene.nodes) if i not in named and max(n.box.w, n.box.h) <= 7.5 * letter]
    every = [n.box for n in scene.nodes if max(n.box.w, n.box.h) <= 7.5 * letter]
    found: list[Block] = []
    for block in blocks(scene.outside, letter, scene.frames, small, every, paths):
        rows = block.lines
        apart = len(rows) > 1 and all(is_answer(say([t])) for t in rows)
        found += [Block([t]) for t in rows] if apart else [block]
    questions = {k for k, block in enumerate(found) if say(block.lines).endswith("?")}
    brief = {k for k, block in enumerate(found) if _is_brief(block, say, letter)} | _wordless(found, say)
    costs = [[_frame_cost(block, frame, letter) for frame in scene.frames] for block in found]
    low = [i for i, _ in enumerate(scene.frames) if all(row[i] is None for row in costs)]
    shared = shared_parts(scene, paths)
    lines: dict[tuple[int, int], float] = {}
    for k, block in enumerate(found):
        for i, cost in enumerate(costs[k]):
            if cost is not None:
                offers.append((cost, k, "frame", i))
        foot = [i for i in low if _along_foot(block, scene.frames[i], letter)]
        if foot and not any((_node_cost(block.box, box, letter) or LOW) < LOW for box in small):
            offers += [(-0.3, k, "frame", i) for i in foot]
        asking = False
        for i, node in enumerate(scene.nodes):
            box = node.outline.box
            if i in named or max(box.w, box.h) > (14 if node.shape == "icon" else 7.5) * letter or node.shape == "bar":
                continue
            cost = _node_cost(block.box, box, letter)
            if node.shape == "icon" and captioned(node.box, block.lines[0], letter):
                cost = -0.6 + 0.1 * abs(block.box.cx - box.cx) / letter  # a connector that leaves below goes through it
            if cost is not None and k in brief:
                cost += 0.7  # a name has more than a letter or two
            elif cost is not None and _stands_on(scene, paths, i, block.box):
                cost -= OVER
            asking |= cost is not None and node.shape == "decision" and k in questions
            if cost is not None:
                offers.append((cost, k, "node", i))
                if k not in brief:
                    names[k, i] = cost
        for i, path in enumerate(paths):
            cost = _path_cost(block.box, path, shared[i], letter)
            if cost is not None:
                less = ASKS if asking else QUIET if k in questions else 0.0
                lines[k, i] = cost + max((quiet or {}).get(i, 0.0), less)
                offers.append((lines[k, i], k, "connector", i))
    done: set[int] = set()
    owner: dict[int, int] = {}
    for cost, k, what, i in sorted(offers):
        target = {"frame": sharing.frames, "node": sharing.nodes, "connector": sharing.connectors}[what]
        turned = found[k].lines[0].vertical
        several = (what == "connector" and cost <= 0.5) or (
            what == "frame" and (turned or scene.frames[i].title is not None)
        )
        full = i in target and not several
        if k in done or full:
            continue
        done.add(k)
        target.setdefault(i, []).append(found[k])
        if what == "connector":
            owner[k] = i
    for i, frame in enumerate(scene.frames):
        left = [k for k in range(len(found)) if k not in done and i not in sharing.frames]
        for k in [k for k in left if _along_foot(found[k], frame, letter)][:1]:
            sharing.frames[i] = [found[k]]
            done.add(k)
    done |= make_room(sharing.nodes, found, names, done)
    done |= _afar(scene, found, done, named, sharing)
    for k, i in question(scene, {k: found[k].box for k in questions}, owner, named | set(sharing.nodes)).items():
        del owner[k]
        sharing.nodes[i] = [found[k]]
    spread(owner, lines, {k for k in owner if many or _letters(found[k]) < 2})
    short = {k: b.box for k, b in enumerate(found) if (k in owner or k not in done) and _letters(b) <= SHORT}
    answer(scene, {k: box for k, box in short.items() if k not in questions}, owner, paths)
    done |= set(owner)
    sharing.connectors = {}
    for k, i in sorted(owner.items()):
        sharing.connectors.setdefault(i, []).append(found[k])
    sharing.rest = [block for k, block in enumerate(found) if k not in done]
    return sharing


def _afar(scene: Scene, found: list[Block], done: set[int], named: set[int], sharing: Sharing) -> set[int]:
    """Give what is left over to the nearest small symbols that have no name yet; the positions of what was given."""
    letter = scene.sheet.letter
    offers = []
    for k, block in enumerate(found):
        if k in done or block.lines[0].vertical or sum(len(t.letters) for t in block.lines) < 3:
            continue
        for i, node in enumerate(scene.nodes):
            b, t = node.outline.box, block.box
            small = 2.2 * letter <= max(b.w, b.h) <= 7.5 * letter and node.shape in ("circle", "decision")
            if i in named or i in sharing.nodes or not small:
                continue
            far = b.apart(t)
            if far <= (3.0 if scene.written else 6.0) * letter:  # on paper much is written that names nothing
                offers.append((far, k, i))
    given: set[int] = set()
    for _, k, i in sorted(offers):
        if k not in given and i not in sharing.nodes:
            sharing.nodes[i] = [found[k]]
            given.add(k)
    return given


def _frame_cost(block: Block, frame: Frame, letter: float) -> float | None:
    """A frame's title stands in its strip, else along its upper edge."""
    box, b = frame.box, block.box
    if frame.title is not None:
        return -2.0 if frame.title.inside(b.cx, b.cy) else None
    if block.lines[0].vertical:
        near = abs(b.cx - box.x0) <= 2.5 * letter and box.y0 <= b.cy <= box.y1
        halfway = abs(b.cy - box.cy) <= 0.2 * box.h + letter  # a letter elsewhere may be of a line that reads across
        inner = 0.5 * box.h / (box.h + 100 * letter)  # of lanes and what holds them the lane
        return inner - 1.5 if near and (halfway or _letters(block) > 3) else None
    if not (box.x0 - 0.5 * letter <= b.x0 and b.x1 <= box.x1 + 0.5 * letter):
        return None
    top = b.y0 - box.y0
    badge = frame.badge
    if badge is not None and abs(b.x0 - badge.x1) <= 1.6 * letter and -0.5 * letter <= top <= badge.h:
        return -0.5
    if -1.2 * letter <= top <= 1.9 * letter:
        central = abs(b.cx - box.cx) <= 1.5 * letter or b.x0 - box.x0 <= 2.0 * letter
        corner = min(b.x0 - box.x0, box.x1 - b.x1) <= 1.6 * letter and b.x1 < box.x1
        if top >= 0 and (corner or abs(b.cx - box.cx) <= max(CENTRAL * letter, 0.12 * b.w)):
            return -0.5 + 0.1 * top / letter  # a connector that enters below its title is no owner of it
        return (0.05 if central else 0.75) + 0.1 * max(0.0, top) / letter
    return None


def _along_foot(block: Block, frame: Frame, letter: float) -> bool:
    """Whether a block stands in the middle of a frame's lower side or at its end, where Graphviz can have the title."""
    box, b = frame.box, block.box
    if frame.title is not None or frame.lane or block.lines[0].vertical or not 0 <= box.y1 - b.y1 <= 1.6 * letter:
        return False
    return abs(b.cx - box.cx) <= 0.6 * letter or 0 <= min(b.x0 - box.x0, box.x1 - b.x1) <= 1.6 * letter


def _node_cost(text: Rect, node: Rect, letter: float) -> float | None:
    """A small symbol's name stands below it, above it or beside it; in letter heights, below preferred."""
    dx = max(node.x0 - text.x1, text.x0 - node.x1, 0)
    dy = max(node.y0 - text.y1, text.y0 - node.y1, 0)
    if dx > 3.0 * letter or dy > 3.0 * letter or dx + dy > 3.6 * letter:
        return None
    below = text.cy > node.cy
    if dx == 0:
        aside = abs(text.cx - node.cx) / letter
        return 0.1 + 0.35 * dy / letter + 0.09 * aside + (0.0 if below else 0.1)
    if dy == 0:
        return 0.4 + 0.25 * dx / letter
    return 0.5 + 0.35 * (dx + dy) / letter


def _stands_on(scene: Scene, paths: list[NDArray[np.float64]], i: int, text: Rect) -> bool:
    """Whether a text right above or below a small symbol, centred, has a connector of the symbol drawn through it."""
    letter, box = scene.sheet.letter, scene.nodes[i].outline.box
    if abs(text.cx - box.cx) > 0.8 * letter or max(box.y0 - text.y1, text.y0 - box.y1) > 1.5 * letter:
        return False
    return any(
        runs_through(scene.sheet.ink, paths[k], text, dashed=c.dashed)
        for k, c in enumerate(scene.connectors) if i + 1 in (c.source, c.target)
    )  # fmt: skip


def _is_brief(block: Block, say: Callable[[list[TextLine]], str], letter: float) -> bool:
    """Whether a block is an answer or has a letter or two, and not a word whose letters run together."""
    if _letters(block) >= 3 or block.box.w >= 3.2 * letter:
        return False
    said = say(block.lines)
    return sum(c.isalpha() for c in said) < 3 or is_answer(said)


def _wordless(found: list[Block], say: Callable[[list[TextLine]], str]) -> set[int]:
    """The blocks, by position, that say nothing where others do: dashes, heads."""
    silent = {k for k, block in enumerate(found) if not any(c.isalnum() for c in say(block.lines))}
    return silent if len(silent) < len(found) else set()


def _letters(block: Block) -> int:
    return sum(len(t.letters) for t in block.lines)


def _path_cost(
    text: Rect, dense: NDArray[np.float64], shared: NDArray[np.bool_], letter: float
) -> float | None:  # fmt: skip
    """How far a text is from a connector, in letter heights; on the line costs nothing.

    Args:
        dense: (N, 2) points of the connector.
        shared: (N,) where others run along with it.
    """
    far = away(dense, text) / letter
    if float(far.min()) > 2.2:
        return None
    far = far + SHARED * shared
    nearest = float(far.min())
    # How centred the text is on the part of the line beside it settles between parallel lines.
    k = int(far.argmin())
    centre = float(np.hypot(dense[k, 0] - text.cx, dense[k, 1] - text.cy)) / letter
    return 0.35 * nearest + 0.015 * centre
