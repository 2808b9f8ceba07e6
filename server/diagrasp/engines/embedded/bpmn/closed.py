"""Closed pools: partners of which nothing but the name is drawn, in a box that messages end on."""

from __future__ import annotations

from dataclasses import replace

from diagrasp.engines.embedded.drawing import Frame, Scene
from diagrasp.engines.embedded.graph.kinds import Draft
from diagrasp.engines.embedded.lines.connectors import Connector

FLAT = 3.2
"""How many times as wide as high, or as high as wide, a closed pool is at least."""
LARGE = 2.0
"""How many times as long as the longest task."""


def with_closed_pools(scene: Scene, drafts: list[Draft]) -> list[Draft]:
    """Make frames of the nodes that are pools; returns the drafts of the nodes that stay.

    A task has round corners, is seldom long, and sequence flows end on it.
    """
    tasks = [max(n.box.w, n.box.h) for n in scene.nodes if n.shape == "rounded"]
    pools = [k for k in range(len(scene.nodes)) if tasks and _is_pool(scene, k, LARGE * max(tasks))]
    if not pools:
        return drafts
    kept = [k for k in range(len(scene.nodes)) if k not in pools]
    before = len(scene.nodes)
    numbers = {k + 1: i for i, k in enumerate(kept, 1)}
    numbers |= {k + 1: len(kept) + len(scene.frames) + i for i, k in enumerate(pools, 1)}

    def moved(number: int) -> int:
        return numbers[number] if number <= before else number - before + len(kept)

    for k in pools:
        box = scene.nodes[k].box
        scene.frames.append(Frame(box, title=box))
        scene.outside.extend(scene.inside.pop(k, []))
    scene.inside = {numbers[k + 1] - 1: lines for k, lines in scene.inside.items()}
    scene.connectors[:] = [replace(c, source=moved(c.source), target=moved(c.target)) for c in scene.connectors]
    scene.nodes[:] = [scene.nodes[k] for k in kept]
    return [drafts[k] for k in kept]


def _is_pool(scene: Scene, k: int, least: float) -> bool:
    node = scene.nodes[k]
    b = node.box
    if node.shape != "process" or max(b.w, b.h) < FLAT * min(b.w, b.h) or max(b.w, b.h) < least:
        return False
    return bool(scene.inside.get(k)) and all(c.dashed for c in scene.connectors if _ends_on(c, k + 1))


def _ends_on(connector: Connector, number: int) -> bool:
    return number in (connector.source, connector.target)
