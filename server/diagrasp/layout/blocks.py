"""Finished parts of a drawing."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagrasp.model import Box, Point


@dataclass(slots=True)
class Block:
    """A finished part of the drawing: boxes and paths relative to its own origin."""

    w: float = 0.0
    h: float = 0.0
    boxes: dict[str, Box] = field(default_factory=dict)
    paths: dict[str, list[Point]] = field(default_factory=dict)


def move(block: Block, dx: float, dy: float) -> None:
    """Move everything in a block."""
    block.boxes = {id: Box(b.x + dx, b.y + dy, b.w, b.h) for id, b in block.boxes.items()}
    block.paths = {id: [Point(p.x + dx, p.y + dy) for p in path] for id, path in block.paths.items()}


def shift(block: Block, top: bool) -> None:
    """Bring the block's upper left corner to the origin and set its size."""
    xs = [b.x for b in block.boxes.values()] + [p.x for path in block.paths.values() for p in path]
    ys = [b.y for b in block.boxes.values()] + [p.y for path in block.paths.values() for p in path]
    if not xs:
        return
    right = max([b.right for b in block.boxes.values()] + xs)
    bottom = max([b.bottom for b in block.boxes.values()] + ys)
    x, y = min(xs), min(ys)
    block.w, block.h = right - x, bottom - y
    margin = 20.0 if top else 0.0
    move(block, margin - x, margin - y)
