"""The graphs of a picture's tiles put together to one: on the graph, by place and label, not on strings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, TypeVar

from diagrasp.engines.qwen3vl.tiles import Tile
from diagrasp.model import Box, Diagram, Edge, Group, Node, Point

_Element = TypeVar("_Element", Node, Group)

SAME_PLACE: Final = 0.45
"""Two boxes are one symbol's where they share so much of the smaller one's area and their labels agree."""
SAME_PLACE_ALONE: Final = 0.75
"""... and where labels do not agree, for one of them was cut."""
SAME_LABEL: Final = 0.7
BORDER: Final = 0.012
"""A box this near to a tile's inner border, as a share of its side, is that of a symbol that was cut."""


@dataclass(frozen=True, slots=True)
class Part:
    """A tile and its graph, with boxes in the tile's pixels."""

    tile: Tile
    diagram: Diagram


def merged(parts: Sequence[Part], width: int, height: int) -> Diagram:
    """One graph of several tiles' graphs.

    Args:
        parts: in the order of reading.
        width, height: of the picture in pixels; a tile's border that is also the picture's cuts nothing.
    """
    if len(parts) == 1:
        return parts[0].diagram
    nodes: list[_Kept] = []
    groups: list[_Kept] = []
    names: list[dict[str, str]] = []
    for part in parts:
        new: dict[str, str] = {}
        for kept, elements, sign in ((groups, part.diagram.groups, "g"), (nodes, part.diagram.nodes, "n")):
            earlier = list(kept)
            for each in elements:
                element = each.replace(box=_moved(each.box, part.tile))
                whole = not _touches(each.box, part.tile, width, height)
                twin = _twin(element, earlier, spread=sign == "g")
                if twin is None:
                    twin = _Kept(f"{sign}{len(kept) + 1}", element, whole, part)
                    kept.append(twin)
                else:
                    earlier.remove(twin)
                    twin.see(element, whole, part)
                new[each.id] = twin.id
        names.append(new)
    of = dict(zip(map(id, parts), names, strict=True))
    every = [kept.named(of) for kept in nodes]
    head = max(parts, key=lambda part: len(part.diagram.nodes)).diagram
    title = next((part.diagram.title for part in parts if part.diagram.title), None)
    return Diagram(
        kind=Counter(part.diagram.kind for part in parts for _ in (0, *part.diagram.nodes)).most_common(1)[0][0],
        direction=head.direction,
        title=title,
        nodes=tuple(_unhosted(every)),
        groups=tuple(_uncircled([kept.named(of) for kept in groups])),
        edges=tuple(_edges(parts, names)),
    )


class _Kept:
    """An element of the whole, as the best of the tiles that show it has it."""

    def __init__(self, id: str, element: Any, whole: bool, part: Part) -> None:
        self.id, self.element, self.whole, self.part = id, element, whole, part

    def see(self, other: Any, whole: bool, part: Part) -> None:
        """The same element in another tile: one that was not cut knows better; a container grows over both."""
        box = self.element.box
        if isinstance(other, Group):
            label = max(self.element.label, other.label, key=len)
            self.element = self.element.replace(box=_union(box, other.box), label=label)
        elif (whole, _area(other.box)) > (self.whole, _area(box)) or (
            whole == self.whole and (other.confidence or 0) > (self.element.confidence or 0)
        ):
            self.element, self.whole, self.part = other, whole, part

    def named(self, of: dict[int, dict[str, str]]) -> Any:
        """The element under the whole's ids."""
        names = of[id(self.part)]
        if isinstance(self.element, Group):
            return self.element.replace(id=self.id, parent=names.get(self.element.parent or ""))
        group, host = self.element.group, self.element.attached_to
        return self.element.replace(id=self.id, group=names.get(group or ""), attached_to=names.get(host or ""))


def _twin(element: Any, kept: Sequence[_Kept], *, spread: bool) -> _Kept | None:
    """Which of those kept an element is, if any."""
    best, most = None, 0.0
    for each in kept:
        alike = _alike(element.label, each.element.label)
        shared = _shared(element.box, each.element.box)
        if spread:
            # A container may lie on both sides of a cut: it is one where the kinds agree, the labels do not disagree
            # (a lane's title stands at one end only), and both parts meet.
            fits = element.kind == each.element.kind and shared > 0.05 and _agree(element.label, each.element.label)
        elif element.box is None or each.element.box is None:
            fits = bool(element.label) and alike == 1.0
        else:
            fits = shared >= (SAME_PLACE if alike >= SAME_LABEL else SAME_PLACE_ALONE)
        if fits and alike + shared > most:
            best, most = each, alike + shared
    return best


def _edges(parts: Sequence[Part], names: Sequence[dict[str, str]]) -> list[Edge]:
    """The connectors of all parts; one seen in two parts counts once, two of one part stay two."""
    found: list[tuple[int, Edge]] = []
    counts: Counter[tuple[str, ...]] = Counter()
    for number, (part, new) in enumerate(zip(parts, names, strict=True)):
        here: Counter[tuple[str, ...]] = Counter()
        for edge in part.diagram.edges:
            source, target = new[edge.source], new[edge.target]
            key = (source, target, edge.kind, " ".join(edge.label.casefold().split()))
            here[key] += 1
            if here[key] > counts[key]:
                group = new.get(edge.group or "")
                path = edge.path and tuple(Point(x + part.tile.x, y + part.tile.y) for x, y in edge.path)
                found.append((number, edge.replace(source=source, target=target, group=group, path=path)))
        counts |= here
    # A connector may be seen without its label in one part, where that stood beyond the border, and with it in another.
    labelled: dict[tuple[str, ...], set[int]] = {}
    for number, edge in found:
        if edge.label:
            labelled.setdefault((edge.source, edge.target, edge.kind), set()).add(number)
    kept = [
        edge
        for number, edge in found
        if edge.label or not labelled.get((edge.source, edge.target, edge.kind), set()) - {number}
    ]
    return [edge.replace(id=f"e{i}") for i, edge in enumerate(kept, 1)]


def _unhosted(nodes: list[Node]) -> list[Node]:
    """No node may sit on itself: two that were one may have sat on each other."""
    return [node.replace(attached_to=None) if node.attached_to == node.id else node for node in nodes]


def _uncircled(groups: list[Group]) -> list[Group]:
    """Containers whose parents come from different parts may not hold each other."""
    parents = {group.id: group.parent for group in groups}
    for id in parents:
        seen, here = {id}, parents[id]
        while here is not None:
            if here in seen:
                parents[id] = None
                break
            seen.add(here)
            here = parents.get(here)
    return [group.replace(parent=parents[group.id]) for group in groups]


def bridged(whole: Diagram, draft: Diagram | None, tiles: Sequence[Tile]) -> Diagram:
    """The whole with those connectors of a draft that no tile could show, for their ends lie too far apart.

    Args:
        whole: what the tiles' graphs make.
        draft: what an engine that sees the whole picture made of it.
        tiles: what was looked at.
    """
    if draft is None or len(tiles) < 2:
        return whole
    kept = [_Kept(node.id, node, True, Part(tiles[0], whole)) for node in whole.nodes]
    boxes = {node.id: node.box for node in draft.nodes}
    twins = {node.id: twin.id for node in draft.nodes if node.box and (twin := _twin(node, kept, spread=False))}
    known = {(edge.source, edge.target) for edge in whole.edges}
    added: list[Edge] = []
    for edge in draft.edges:
        ends = (twins.get(edge.source), twins.get(edge.target))
        if ends[0] is None or ends[1] is None or ends in known:
            continue
        if any(_centred(boxes[edge.source], tile) and _centred(boxes[edge.target], tile) for tile in tiles):
            continue  # the model saw both ends, and no connector
        number = f"e{len(whole.edges) + len(added) + 1}"
        added.append(edge.replace(id=number, source=ends[0], target=ends[1], group=None))
    return whole.replace(edges=(*whole.edges, *added)) if added else whole


def _centred(box: Box | None, tile: Tile) -> bool:
    if box is None:
        return False
    x, y = box.center
    return tile.x <= x < tile.right and tile.y <= y < tile.bottom


def within(diagram: Diagram, tile: Tile) -> Diagram:
    """What of a whole graph a tile shows: symbols whose centre lies in it, connectors between those; in its pixels."""

    nodes = [node for node in diagram.nodes if _centred(node.box, tile)]
    held = {node.id for node in nodes}
    groups = [group for group in diagram.groups if _shared(group.box, Box(tile.x, tile.y, tile.width, tile.height)) > 0]
    known = {group.id for group in groups}
    ends = held | known
    new_nodes = tuple(
        node.replace(
            box=_clipped(node.box, tile),
            group=node.group if node.group in known else None,
            attached_to=node.attached_to if node.attached_to in held else None,
        )
        for node in nodes
    )
    new_groups = tuple(
        group.replace(box=_clipped(group.box, tile), parent=group.parent if group.parent in known else None)
        for group in groups
    )
    edges = tuple(
        edge.replace(group=edge.group if edge.group in known else None, path=None)
        for edge in diagram.edges
        if edge.source in ends and edge.target in ends
    )
    return diagram.replace(nodes=new_nodes, groups=new_groups, edges=edges)


def _clipped(box: Box | None, tile: Tile) -> Box | None:
    if box is None:
        return None
    left, top = max(box.x, tile.x), max(box.y, tile.y)
    right, bottom = min(box.right, tile.right), min(box.bottom, tile.bottom)
    return Box(left - tile.x, top - tile.y, max(0.0, right - left), max(0.0, bottom - top))


def _moved(box: Box | None, tile: Tile) -> Box | None:
    return None if box is None else Box(box.x + tile.x, box.y + tile.y, box.w, box.h)


def _touches(box: Box | None, tile: Tile, width: int, height: int) -> bool:
    """Whether a box reaches a border of its tile that is not the picture's."""
    if box is None:
        return False
    across, down = BORDER * tile.width, BORDER * tile.height
    return (
        (tile.x > 0 and box.x <= across)
        or (tile.y > 0 and box.y <= down)
        or (tile.right < width and box.right >= tile.width - across)
        or (tile.bottom < height and box.bottom >= tile.height - down)
    )


def _shared(a: Box | None, b: Box | None) -> float:
    """The share of the smaller box that both cover."""
    if a is None or b is None:
        return 0.0
    wide = min(a.right, b.right) - max(a.x, b.x)
    tall = min(a.bottom, b.bottom) - max(a.y, b.y)
    return max(0.0, wide) * max(0.0, tall) / max(1.0, min(_area(a), _area(b)))


def _area(box: Box | None) -> float:
    return box.w * box.h if box else 0.0


def _union(a: Box | None, b: Box | None) -> Box | None:
    if a is None or b is None:
        return a or b
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.right, b.right) - x, max(a.bottom, b.bottom) - y)


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    return SequenceMatcher(None, a.casefold(), b.casefold(), autojunk=False).ratio()


def _agree(a: str, b: str) -> bool:
    return not a or not b or _alike(a, b) >= SAME_LABEL
