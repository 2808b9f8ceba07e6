"""Mermaid's SVG of sequence diagrams -> Diagram: lifelines, messages from top to bottom, frames by their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast, get_args

from diagrasp.model import Box, Diagram, Edge, Group, Head, Node, Shape
from diagrasp.structure import geometry
from diagrasp.xmltree import Tag


@dataclass(slots=True)
class _Frame:
    box: Box
    bounds: list[float]
    operator: str
    titles: list[str]
    id: str = ""
    sections: list[str] = field(default_factory=list)


def read(root: Tag) -> Diagram | None:
    """None where a message's ends cannot be told."""
    view = geometry.numbers(root.get("viewBox"))
    origin: geometry.Matrix = (1, 0, 0, 1, -view[0], -view[1]) if len(view) == 4 else geometry.IDENTITY
    lines: dict[str, float] = {}
    labels: dict[str, str] = {}
    shapes: dict[str, Shape] = {}
    boxes: dict[str, Box] = {}
    frames: list[_Frame] = []
    notes: list[tuple[Box, str]] = []
    messages: list[tuple[float, Tag, list[float], str]] = []
    said = ""
    for tag, at in geometry.placed(root, origin):
        words = tag.get("class").split()
        if tag.name == "line" and "actor-line" in words:
            lines[tag.get("name") or tag.get("id")] = geometry.apply(at, geometry.outline(tag))[0].x
        elif tag.name == "rect" and "actor-top" in words and tag.get("name"):
            box = geometry.bounds(geometry.apply(at, geometry.outline(tag)))
            if box is not None:
                boxes[tag.get("name")] = box
            shapes.setdefault(tag.get("name"), "participant")
        elif tag.name == "g" and "actor-man" in words and tag.get("name"):
            shapes[tag.get("name")] = "actor"
            drawn = [
                p for child, where in geometry.placed(tag, at) for p in geometry.apply(where, geometry.outline(child))
            ]
            if "actor-top" in words and (box := geometry.bounds(drawn)) is not None:
                boxes[tag.get("name")] = box
        if tag.get("data-et") == "participant" and tag.get("data-type") in get_args(Shape):
            shapes[tag.get("data-id")] = cast(Shape, tag.get("data-type"))
        if tag.name == "text" and "actor" in words:
            x = geometry.apply(at, [(geometry.number(tag, "x"), 0.0)])[0].x
            labels.setdefault(f"{x:.0f}", _lines(tag))
        elif tag.name == "g" and any("loopLine" in child.get("class") for child in tag.children):
            frame = _frame(tag, at)
            if frame is not None:
                frames.append(frame)
        elif tag.name == "rect" and "note" in words:
            box = geometry.bounds(geometry.apply(at, geometry.outline(tag)))
            notes.append((box or Box(0, 0, 0, 0), ""))
        elif tag.name == "text" and "noteText" in words and notes:
            notes[-1] = (notes[-1][0], "\n".join(part for part in (notes[-1][1], _lines(tag)) if part))
        elif tag.name == "text" and "messageText" in words:
            said = "\n".join(part for part in (said, _lines(tag)) if part)
        elif tag.name in ("line", "path") and re.search(r"messageLine[01]", tag.get("class")):
            points = geometry.apply(at, geometry.outline(tag))
            if points:
                messages.append((points[0].y, tag, [points[0].x, points[-1].x], said))
            said = ""
    if not lines or geometry.too_many(
        (len(frames), len(frames) + len(messages)), (len(lines), len(messages) + len(notes))
    ):
        return None
    nodes = {
        id: Node(id=id, label=labels.get(f"{x:.0f}", id), shape=shapes.get(id, "participant"), box=boxes.get(id))
        for id, x in sorted(lines.items(), key=lambda item: item[1])
    }
    groups = _groups(frames)
    edges: list[Edge] = []
    for y, tag, ends, text in sorted(messages, key=lambda item: item[0]):
        source = tag.get("data-from") or _nearest(lines, ends[0])
        target = tag.get("data-to") or _nearest(lines, ends[1])
        if source not in nodes or target not in nodes:
            return None
        dashed = "messageLine1" in tag.get("class") or "stroke-dasharray: 3" in tag.get("style")
        edges.append(
            Edge(
                source=source, target=target, label=text, line="dashed" if dashed else "solid",
                head=_head(tag.get("marker-end")), tail=_head(tag.get("marker-start")), group=_section(frames, y),
            )
        )  # fmt: skip
    for i, (box, text) in enumerate(notes, 1):
        id = f"note{i}"
        while id in nodes:
            id += "_"
        nodes[id] = Node(id=id, label=text, shape="note", box=box)
        about = [name for name, x in lines.items() if box.x <= x <= box.right] or [_nearest(lines, box.center[0])]
        edges += [Edge(source=id, target=n, kind="association", line="dashed", head="none") for n in about]
    bare = [child for child in root.children if child.name == "text" and not child.get("class")]
    title = " ".join(_lines(child) for child in bare) or None
    return Diagram(kind="sequence", title=title, nodes=tuple(nodes.values()), edges=tuple(edges), groups=groups)


def _lines(tag: Tag) -> str:
    parts = [" ".join(child.text.split()) for child in tag.walk() if child.name in ("text", "tspan")]
    return "\n".join(part for part in parts if part)


def _nearest(lines: dict[str, float], x: float) -> str:
    return min(lines, key=lambda one: abs(lines[one] - x))


def _head(marker: str) -> Head:
    if not marker:
        return "none"
    if "crosshead" in marker:
        return "cross"
    return "open_arrow" if "filled-head" in marker else "arrow"


def _frame(tag: Tag, at: geometry.Matrix) -> _Frame | None:
    points = [geometry.apply(at, geometry.outline(child)) for child in tag.children if "loopLine" in child.get("class")]
    box = geometry.bounds([point for line in points for point in line])
    if box is None:
        return None
    level = sorted({line[0].y for line in points if len(line) == 2 and abs(line[0].y - line[1].y) < 1})
    texts = {word: [_lines(child) for child in tag.walk() if word in child.get("class")] for word in _TITLES}
    titles = _titles(texts["loopText"]) + _titles(texts["sectionTitle"])
    return _Frame(box, level, (texts["labelText"] or ["group"])[0], titles)


def _titles(lines: list[str]) -> list[str]:
    """Titles in brackets, each of the lines that it is broken into."""
    made: list[str] = []
    is_open = False
    for line in lines:
        if is_open:
            made[-1] += " " + line
        else:
            made.append(line)
        is_open = made[-1].startswith("[") and not made[-1].endswith("]")
    return [re.sub(r"^\[(.*)\]$", r"\1", title, flags=re.DOTALL) for title in made]


_TITLES = ("labelText", "loopText", "sectionTitle")


def _groups(frames: list[_Frame]) -> tuple[Group, ...]:
    """Frames, from the outermost inwards, each with its sections."""
    frames.sort(key=lambda frame: (frame.box.y, -frame.box.area))
    made: list[Group] = []
    for i, frame in enumerate(frames, 1):
        frame.id = f"frame{i}"
        parent = _section(frames[: i - 1], frame.box.y + 1)
        made.append(Group(id=frame.id, label=frame.operator, kind="frame", parent=parent, box=frame.box))
        for k in range(max(1, len(frame.bounds) - 1)):
            frame.sections.append(f"{frame.id}_{k + 1}")
            title = frame.titles[k] if k < len(frame.titles) else ""
            made.append(Group(id=frame.sections[-1], label=title, kind="section", parent=frame.id))
    return tuple(made)


def _section(frames: list[_Frame], y: float) -> str | None:
    """The section of the innermost frame at a height."""
    around = [frame for frame in frames if frame.sections and frame.box.y <= y <= frame.box.bottom]
    if not around:
        return None
    frame = min(around, key=lambda frame: frame.box.h)
    at = sum(bound <= y for bound in frame.bounds[1:-1])
    return frame.sections[min(at, len(frame.sections) - 1)]
