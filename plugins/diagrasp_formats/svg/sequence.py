"""Lifelines of sequence diagrams, with the foot symbols that mark their end."""

from __future__ import annotations

from diagrasp.model import Box, Diagram
from diagrasp_formats.svg.canvas import Canvas, num
from diagrasp_formats.svg.outline import Point
from diagrasp_formats.svg.symbols import Look


def draw_lifelines(
    canvas: Canvas,
    diagram: Diagram,
    boxes: dict[str, Box],
    paths: dict[str, list[Point]],
    look: Look,
    bounds: list[Box],
) -> None:
    """A dashed line under each participant down to below the last message; widens `bounds`."""
    people = [n for n in diagram.nodes if n.shape not in ("note", "annotation", "text")]
    if not people:
        return
    ends = [y for path in paths.values() for _, y in path]
    ends += [boxes[g.id].bottom for g in diagram.groups] + [boxes[n.id].bottom for n in diagram.nodes]
    end = max(ends) + look.font * 1.6
    for node in people:
        box = boxes[node.id]
        outside = node.shape in ("actor", "boundary", "control", "entity") and bool(node.label)
        start = box.bottom + (look.font * 1.6 if outside else 0.0)
        dash = f' stroke-dasharray="{num(5 * look.unit)} {num(4 * look.unit)}"'
        x = box.center[0]
        canvas.path(f"M{num(x)} {num(start)}V{num(end)}", stroke=look.theme.soft, width=look.stroke * 0.8, extra=dash)
        bounds.append(Box(x, start, 0.0, max(0.0, end - start)))
