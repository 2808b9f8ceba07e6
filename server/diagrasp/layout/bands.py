"""Pools and lanes as bands across the flow, and the boxes they get."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.layout.sizes import FONT
from diagrasp.layout.text import balance, text_width
from diagrasp.model import Box, Diagram, Group

HEADER = 30.0
"""Thickness of a title strip."""
BETWEEN = 44.0
ENDS = 28.0


@dataclass(frozen=True, slots=True)
class Band:
    """A strip of the drawing: a lane or a pool without lanes (`key`), the space between pools, or what has no pool."""

    key: str | None
    least: float
    spacer: bool = False


def plan_bands(diagram: Diagram, horizontal: bool) -> list[Band]:
    """The bands in order; none where the diagram has no pools and lanes."""
    groups = [g for g in diagram.groups if g.kind in ("pool", "lane")]
    if not groups:
        return []
    kinds = {g.id: g for g in groups}
    children: dict[str | None, list[Group]] = {}
    for group in groups:
        children.setdefault(group.parent if group.parent in kinds else None, []).append(group)
    holders = set()
    inner = {g.id: g for g in diagram.groups}
    for group_id in [n.group for n in diagram.nodes] + [
        g.parent for g in diagram.groups if g.kind not in ("pool", "lane")
    ]:
        here = group_id
        while here is not None and here not in kinds:
            here = inner[here].parent
        holders.add(here)
    bands: list[Band] = []

    def visit(group: Group) -> None:
        below = children.get(group.id, [])
        if not below or group.id in holders:
            bands.append(Band(group.id, _least(group, horizontal, leaf=not below)))
        for child in below:
            visit(child)

    for top in children.get(None, []):
        if bands and (top.kind == "pool" or kinds[bands[-1].key or ""].kind == "pool"):
            bands.append(Band(None, BETWEEN, spacer=True))
        visit(top)
    if None in holders:
        bands += [Band(None, BETWEEN / 2, spacer=True), Band(None, 0.0)]
    return bands


def _least(group: Group, horizontal: bool, *, leaf: bool) -> float:
    if not leaf:
        return 40.0
    lines = balance(group.label, 170.0, FONT, bold=True)
    return max(60.0 if horizontal else 110.0, max(text_width(line, FONT, bold=True) for line in lines) + 24)


def band_boxes(
    diagram: Diagram, bands: list[Band], spans: list[tuple[float, float]], extent: float, horizontal: bool
) -> dict[str, Box]:
    """Boxes of pools and lanes around their bands; titles stand before the flow, outermost first."""
    kinds = {g.id: g for g in diagram.groups if g.kind in ("pool", "lane")}
    depth: dict[str, int] = {}
    height: dict[str, int] = {}

    def level(id: str) -> int:
        if id not in depth:
            parent = kinds[id].parent
            depth[id] = level(parent) + 1 if parent in kinds and parent is not None else 0
        return depth[id]

    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for band, (start, end) in zip(bands, spans, strict=True):
        here = band.key
        above = 0
        while here is not None and here in kinds:
            low[here], high[here] = min(low.get(here, start), start), max(high.get(here, end), end)
            height[here] = max(height.get(here, 0), above)
            above += 1
            here = kinds[here].parent
    deepest = max((level(id) for id in kinds), default=0)
    boxes = {}
    for id in kinds:
        if id not in low:
            continue
        begin = -ENDS - HEADER * (deepest + 1 - level(id))
        length = extent + ENDS - begin
        if horizontal:
            boxes[id] = Box(begin, low[id], length, high[id] - low[id])
        else:
            boxes[id] = Box(low[id], begin, high[id] - low[id], length)
    return boxes
