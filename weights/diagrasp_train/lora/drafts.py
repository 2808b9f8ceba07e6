"""Drafts to train on: truths spoilt the way that another engine misreads, so that the model learns to correct them."""

from __future__ import annotations

import random
from typing import Any, Final

from diagrasp.model import Diagram, Edge, Node

LOST: Final = 0.08
"""Share of nodes that are missing, with all that hangs on them."""
MISREAD: Final = 0.15
"""Share of labels with a wrong letter."""
MISTAKEN: Final = 0.08
"""Share of nodes taken for a plain symbol."""
UNLINKED: Final = 0.12
TURNED: Final = 0.04
UNLABELLED: Final = 0.15
_LOOKALIKES: Final = "аaоoеeсcрpхxуyВBНHКKТTМMлпшщиийьъ0О1l"


def spoilt(diagram: Diagram, seed: str) -> Diagram:
    """A draft of a diagram, about four fifths of it right.  The same seed spoils the same way."""
    rng = random.Random(seed)
    nodes = [_misjudged(node, rng) for node in diagram.nodes if rng.random() >= LOST]
    left = {node.id for node in nodes}
    ends = left | {group.id for group in diagram.groups}
    nodes = [node if node.attached_to in left else node.replace(attached_to=None) for node in nodes]
    edges = [
        _misdrawn(edge, rng)
        for edge in diagram.edges
        if edge.source in ends and edge.target in ends and rng.random() >= UNLINKED
    ]
    return diagram.replace(nodes=tuple(nodes), edges=tuple(edges))


def _misjudged(node: Node, rng: random.Random) -> Node:
    changes: dict[str, Any] = {}
    if node.label and rng.random() < MISREAD:
        changes["label"] = _misread(node.label, rng)
    if rng.random() < MISTAKEN:
        changes["shape"] = "process"
    return node.replace(**changes) if changes else node


def _misdrawn(edge: Edge, rng: random.Random) -> Edge:
    changes: dict[str, Any] = {}
    if rng.random() < TURNED:
        changes |= {"source": edge.target, "target": edge.source}
    if edge.label and rng.random() < UNLABELLED:
        changes["label"] = ""
    return edge.replace(**changes) if changes else edge


def _misread(label: str, rng: random.Random) -> str:
    place = rng.randrange(len(label))
    return label[:place] + rng.choice(_LOOKALIKES) + label[place + 1 :]
