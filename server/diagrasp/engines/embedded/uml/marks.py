"""The discs where activities and state machines begin and end: which is which, and what they are called."""

from __future__ import annotations

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.graph.kinds import Draft
from diagrasp.engines.embedded.labels.sharing import Sharing

CLOSE, ASIDE = 1.4, 0.9
"""How far above or below a disc its name stands, and how far beside its middle, in letter heights at most."""
MARKS = ("initial", "final")


def with_ends(scene: Scene, drafts: list[Draft]) -> None:
    """Make a dark disc to which arrows lead, and from which none leaves, an end: its thin ring has run into it."""
    inward = {c.target - 1 for c in scene.connectors if c.head}
    outward = {c.source - 1 for c in scene.connectors} | {c.target - 1 for c in scene.connectors if not c.head}
    for i, draft in enumerate(drafts):
        if draft.shape == "initial" and i in inward and i not in outward:
            draft.shape, draft.small_circle = "final", False


def name_marks(scene: Scene, drafts: list[Draft], sharing: Sharing) -> None:
    """Give a disc the text right above or below it that names nothing else."""
    letter = scene.sheet.letter
    offers = []
    for i, draft in enumerate(drafts):
        box = scene.nodes[i].outline.box
        if draft.shape not in MARKS or i in sharing.nodes:
            continue
        for k, block in enumerate(sharing.rest):
            b = block.box
            gap = max(box.y0 - b.y1, b.y0 - box.y1)
            if not block.lines[0].vertical and gap <= CLOSE * letter and abs(b.cx - box.cx) <= ASIDE * letter:
                offers.append((gap, k, i))
    given: set[int] = set()
    for _, k, i in sorted(offers):
        if k not in given and i not in sharing.nodes:
            sharing.nodes[i] = [sharing.rest[k]]
            given.add(k)
    sharing.rest = [block for k, block in enumerate(sharing.rest) if k not in given]
