"""Frames as groups of the typed graph: their kinds and how they nest; expanded subprocesses as nodes."""

from __future__ import annotations

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.model import Box, Group, Node


def groups_of(scene: Scene, titles: dict[int, str], kind: str) -> tuple[list[Group], list[int]]:
    """The groups, from the largest to the smallest, and the frame, by position, of each.

    Args:
        titles: what each frame is called, by its position.
    """
    order = sorted(range(len(scene.frames)), key=lambda i: -scene.frames[i].box.w * scene.frames[i].box.h)
    groups: list[Group] = []
    for number, i in enumerate(order, 1):
        box = scene.frames[i].box
        outer = [k for k in range(len(groups)) if _within(box, scene.frames[order[k]].box)]
        parent = groups[outer[-1]].id if outer else None
        label = titles.get(i, "")
        groups.append(Group(id=f"g{number}", label=label, kind="subgraph", parent=parent, box=in_picture(scene, box)))
    return _with_kinds(groups, scene, order, kind), order


def home_of(scene: Scene, groups: list[Group], order: list[int], box: Rect) -> str | None:
    """The smallest group that holds the middle of a box."""
    inside = [g.id for g, i in zip(groups, order, strict=True) if scene.frames[i].box.inside(box.cx, box.cy)]
    return inside[-1] if inside else None


def in_picture(scene: Scene, rect: Rect) -> Box:
    """A rectangle of the sheet in pixels of the picture."""
    scale, margin = scene.sheet.scale, scene.margin
    return Box(*(round(v / scale, 1) for v in (rect.x0 - margin, rect.y0 - margin, rect.w, rect.h)))


def _with_kinds(groups: list[Group], scene: Scene, order: list[int], kind: str) -> list[Group]:
    """Pools and lanes by their title strips and by how they nest."""
    out = []
    for group, i in zip(groups, order, strict=True):
        frame = scene.frames[i]
        children = [g for g in groups if g.parent == group.id]
        what = "subgraph"
        if kind == "state":
            what = "composite"
        if frame.title is not None and not frame.tab and kind in ("bpmn", "flowchart", "activity"):
            what = "lane" if group.parent is not None else "pool" if kind == "bpmn" or children else "lane"
        elif kind == "bpmn":
            what = "subprocess" if frame.rounded else "lane" if group.parent is not None else "pool"
        out.append(group.replace(kind=what))
    return out


def subprocesses(
    nodes: list[Node], groups: list[Group], order: list[int], kind: str, numbered: int
) -> tuple[list[Node], dict[int, str]]:
    """An expanded subprocess is a node too: what flows end on.  Returns all nodes, and the node of each such frame.

    Args:
        numbered: numbers that nodes have already; some of those that had one may have been left out.
    """
    out = list(nodes)
    ids: dict[int, str] = {}
    for group, frame in zip(groups, order, strict=True):
        if kind == "bpmn" and group.kind == "subprocess":
            ids[frame] = f"n{numbered + len(ids) + 1}"
            out.append(Node(id=ids[frame], label=group.label, shape="subprocess", group=group.parent, box=group.box))
    return out, ids


def _within(inner: Rect, outer: Rect) -> bool:
    return inner.overlap(outer) >= 0.9 * inner.w * inner.h and inner.w * inner.h < 0.995 * outer.w * outer.h
