"""From a sequence diagram's geometry and readings to the typed graph."""

from __future__ import annotations

import re
from collections.abc import Callable

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.captions import share_out
from diagrasp.engines.embedded.sequence.find import Sequence
from diagrasp.engines.embedded.sequence.fragments import Fragment
from diagrasp.engines.embedded.sequence.messages import Message
from diagrasp.engines.embedded.text.textlines import TextLine
from diagrasp.model import Box, Diagram, Edge, Group, Node, Point

NUMBERED = 0.6
"""Share of the messages that must bear their own number for numbers to be the notation's and not the text's."""


def to_diagram(
    sequence: Sequence, say: Callable[[list[TextLine]], str], sure: Callable[[list[TextLine]], float]
) -> tuple[Diagram, list[str]]:  # fmt: skip
    """The graph, boxes and paths in pixels of the picture, and what was left out.

    Notes are no part of a sequence's graph: each is named in a remark.

    Args:
        say: the words of lines of text, in reading order.
        sure: how sure the reader is of them, 0..1.
    """
    scale = sequence.sheet.scale
    captions = share_out(sequence, say)
    nodes = [
        Node(
            id=f"n{k}", label=say(head.lines), shape=head.shape, box=_box(head.box, scale),
            confidence=_share(head.sure * sure(head.lines) ** 0.25),
        )
        for k, head in enumerate(sequence.heads, 1)
    ]  # fmt: skip
    groups, sections = _groups(sequence.frames, captions.frames, scale)
    outside = f"n{len(nodes) + 1}"
    if any(None in (m.source, m.target) for m in sequence.messages):
        nodes.append(Node(id=outside, shape="connector", confidence=0.5))
    labels = _without_numbers([say(captions.labels.get(i, [])) for i in range(len(sequence.messages))])
    edges = []
    for i, message in enumerate(sequence.messages):
        ends = [outside if end is None else f"n{end + 1}" for end in (message.source, message.target)]
        both = message.tail >= 1 and message.tail >= 0.6 * message.head
        edges.append(
            Edge(
                id=f"e{i + 1}", source=ends[0], target=ends[1], label=labels[i],
                line="dashed" if message.dashed else "solid", head="arrow" if message.head >= 0.4 else "none",
                tail="arrow" if both else "none", group=_section(message, sequence.frames, sections),
                path=_path(message, sequence, scale),
                confidence=_share((0.5 + 0.45 * min(1.0, message.head)) * (1.0 if captions.labels.get(i) else 0.85)),
            )
        )  # fmt: skip
    diagram = Diagram(
        kind="sequence", title=captions.title, nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups)
    )
    return diagram, [f"a note is left out: {note}" for note in captions.notes if note]


def _groups(
    frames: list[Fragment], said: dict[int, tuple[str, list[str]]], scale: float
) -> tuple[list[Group], dict[tuple[int, int], str]]:
    """A group for each frame and each of its sections, and the sections' ids by frame and number."""
    groups: list[Group] = []
    sections: dict[tuple[int, int], str] = {}
    for i, frame in enumerate(frames):  # the largest first
        operator, conditions = said[i]
        around = [k for k in range(i) if _holds(frames[k].box, frame.box)]
        parent = sections[around[-1], frames[around[-1]].section(frame.box.cy)] if around else None
        id = f"g{i + 1}"
        groups.append(
            Group(id=id, label=operator, kind="frame", parent=parent, box=_box(frame.box, scale), confidence=0.8)
        )
        for k, (top, bottom) in enumerate(frame.bands()):
            sections[i, k] = f"{id}_{k + 1}"
            area = Rect(frame.box.x0, round(top), frame.box.x1, round(bottom))
            groups.append(
                Group(
                    id=sections[i, k], label=conditions[k], kind="section", parent=id, box=_box(area, scale),
                    confidence=0.8,
                )
            )  # fmt: skip
    return groups, sections


def _holds(outer: Rect, inner: Rect) -> bool:
    return outer.overlap(inner) >= 0.9 * inner.w * inner.h


def _section(message: Message, frames: list[Fragment], sections: dict[tuple[int, int], str]) -> str | None:
    """The section of the innermost frame around a message."""
    middle = (message.x0 + message.x1) / 2
    y = (message.y + message.bottom) / 2
    for i in range(len(frames) - 1, -1, -1):
        if frames[i].box.inside(middle, y):
            return sections[i, frames[i].section(y)]
    return None


def _without_numbers(labels: list[str]) -> list[str]:
    """Labels without the numbers that the notation put before them: bare ones that count the messages."""
    found = [re.match(r"(\d{1,3})\s+(?=\S)", label) for label in labels]
    counted = [k for k, m in enumerate(found) if m is not None]
    if len(labels) < 2 or len(counted) < NUMBERED * len(labels):
        return labels
    offsets = [int(found[k][1]) - k for k in counted]  # type: ignore[index]
    if max(offsets.count(o) for o in offsets) < NUMBERED * len(labels):
        return labels
    return [label[m.end() :] if m else label for label, m in zip(labels, found, strict=True)]


def _path(message: Message, sequence: Sequence, scale: float) -> tuple[Point, ...]:
    y, x0, x1 = message.y, message.x0, message.x1
    if message.loop:
        points = [(x0, y), (x1, y), (x1, message.bottom), (x0, message.bottom)]
    else:
        points = [(x0, y), (x1, y)]
        a, b = message.source, message.target
        if a is not None and b is not None:
            turned = sequence.columns[a].x > sequence.columns[b].x
        else:
            known = sequence.columns[a if a is not None else b or 0].x
            at_left = abs(known - x0) < abs(known - x1)
            turned = at_left == (a is None)
        if turned:
            points.reverse()
    return tuple(Point(round(x / scale, 1), round(v / scale, 1)) for x, v in points)


def _box(rect: Rect, scale: float) -> Box:
    return Box(*(round(v / scale, 1) for v in (rect.x0, rect.y0, rect.w, rect.h)))


def _share(value: float) -> float:
    return round(float(min(1.0, max(0.0, value))), 3)
