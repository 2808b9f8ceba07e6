"""Which text names what: blocks of text outside the nodes are shared out among nodes, connectors and frames.

All candidates are scored by their distance and settled cheapest first, so that a clear case is never taken by a
doubtful one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from diagrasp.engines.embedded.labels.blocks import Block, blocks
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
CENTRAL = 1.3
"""Letter heights by which a frame's title stands beside its middle at most: a picture in it may not be text."""
SHORT = 24
"""Letters of an answer at most."""


@dataclass
class Sharing:
    """The blocks of every node, connector and frame, by position; `rest` names nothing."""

    nodes: dict[int, list[Block]] = field(default_factory=dict)
    connectors: dict[int, list[Block]] = field(default_factory=dict)
    frames: dict[int, list[Block]] = field(default_factory=dict)
    rest: list[Block] = field(default_factory=list)


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
