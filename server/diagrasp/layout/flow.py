"""Positions for everything but sequence diagrams: groups inside out, lanes as bands, the rest in layers."""

from __future__ import annotations

from collections.abc import Iterable

from diagrasp.layout.bands import Band, band_boxes, plan_bands
from diagrasp.layout.blocks import Block, move, shift
from diagrasp.layout.layered import arrange_layers
from diagrasp.layout.parts import Item, Link
from diagrasp.layout.router import Router, clip, plain, spread_ends
from diagrasp.layout.sizes import DATA, FONT, POINTED, ROUND, Footprint, footprint, twins
from diagrasp.layout.straight import direct, holds, loop
from diagrasp.layout.text import balance, measure, text_width
from diagrasp.layout.tracks import Symbol, route
from diagrasp.model import Box, Diagram, Edge, Node, Point

PAD = 20.0
TITLE = 30.0
_SATELLITES = DATA | {"annotation", "note", "text"}
_MAX_ROUTED = 400


class FlowLayout:
    """One use: `FlowLayout(diagram, direction).run()` gives boxes and paths by id."""

    def __init__(self, diagram: Diagram, direction: str) -> None:
        self.diagram = diagram
        self.horizontal = direction in ("LR", "RL")
        self.mirrored = direction in ("BT", "RL")
        self.nodes = {n.id: n for n in diagram.nodes}
        self.groups = {g.id: g for g in diagram.groups}
        self.twin_of = twins(diagram)
        self.twin_node = {node: group for group, node in self.twin_of.items()}
        self.bands: list[Band] = plan_bands(diagram, self.horizontal)
        self.chains: dict[str, list[str]] = {}
        self.hosts = self._hosts()
        self.inner: dict[str | None, list[str]] = {}
        self.links: dict[str | None, list[tuple[Edge, str, str]]] = {}
        self.loose: list[Edge] = []
        self.rank_only: set[str] = set()
        self.footprints: dict[str, Footprint] = {}

    def run(self) -> tuple[dict[str, Box], dict[str, list[Point]]]:
        self._sort_items()
        for edge in self.diagram.edges:
            self._sort_edge(edge)
        block = self._block(None)
        self._route_rest(block)
        if self.diagram.kind == "usecase":  # drawn with straight lines by custom
            for edge in self.diagram.edges:
                if edge.source != edge.target:
                    start, end = block.boxes[edge.source], block.boxes[edge.target]
                    block.paths[edge.id] = clip([Point(*start.center), Point(*end.center)], start, end)
        return block.boxes, block.paths

    # -- what lies where ------------------------------------------------------------------------------------------

    def _chain(self, group: str | None) -> list[str]:
        """The containers around something, outermost first, lanes and pools left out."""
        if group is None:
            return []
        if group not in self.chains:
            here = self.groups[group]
            above = self._chain(here.parent)
            self.chains[group] = above if here.kind in ("pool", "lane") else [*above, group]
        return self.chains[group]

    def _hosts(self) -> dict[str, str]:
        """Nodes placed on or beside another one: boundary events, and notes and data of one neighbour."""
        hosts = {n.id: n.attached_to for n in self.diagram.nodes if n.attached_to and n.attached_to != n.id}
        ends: dict[str, list[tuple[str, Edge]]] = {}
        for edge in self.diagram.edges:
            ends.setdefault(edge.source, []).append((edge.target, edge))
            ends.setdefault(edge.target, []).append((edge.source, edge))
        for node in self.diagram.nodes:
            near = ends.get(node.id, [])
            if node.shape not in _SATELLITES or not near or node.id in hosts:
                continue
            other = self.nodes.get(near[0][0])
            soft = all(e.kind in ("association", "data") or e.line in ("dashed", "dotted") for _, e in near)
            if not soft or other is None or other.shape in _SATELLITES or other.id in hosts or other.id == node.id:
                continue
            if other.id not in self.twin_node and other.group == node.group:
                hosts[node.id] = other.id
        # An event on an event on ... must end somewhere: cut chains that go round.
        for id in list(hosts):
            seen = {id}
            here = id
            while here in hosts and hosts[here] not in seen:
                here = hosts[here]
                seen.add(here)
            if here in hosts:
                del hosts[id]
        return hosts

    def _chain_of(self, id: str) -> list[str]:
        if id in self.groups:
            return self._chain(self.groups[id].parent)
        if id in self.twin_node:
            return self._chain(self.groups[self.twin_node[id]].parent)
        while id in self.hosts:
            id = self.hosts[id]
        return self._chain(self.nodes[id].group)

    def _leaf(self, id: str) -> str:
        while id in self.hosts:
            id = self.hosts[id]
        return self.twin_node.get(id, id)

    def _sort_items(self) -> None:
        for node in self.diagram.nodes:
            if node.id not in self.twin_node and node.id not in self.hosts:
                chain = self._chain(node.group)
                self.inner.setdefault(chain[-1] if chain else None, []).append(node.id)
        for group in self.diagram.groups:
            if group.kind not in ("pool", "lane"):
                chain = self._chain(group.parent)
                self.inner.setdefault(chain[-1] if chain else None, []).append(group.id)

    def _sort_edge(self, edge: Edge) -> None:
        ends = [edge.source, edge.target]
        leaves = [self._leaf(end) for end in ends]
        if any(leaf in self.groups and self.groups[leaf].kind in ("pool", "lane") for leaf in leaves):
            self.loose.append(edge)
            return
        chains = [self._chain_of(end) for end in ends]
        level = 0
        while level < min(len(chains[0]), len(chains[1])) and chains[0][level] == chains[1][level]:
            level += 1
        items = [chain[level] if level < len(chain) else leaf for chain, leaf in zip(chains, leaves, strict=True)]
        container = chains[0][level - 1] if level else None
        self.links.setdefault(container, []).append((edge, items[0], items[1]))
        if self.bands and not level and self._is_message(edge):
            self.rank_only.add(edge.id)
            self.loose.append(edge)
        elif items != ends and items != [self.twin_node.get(end, end) for end in ends]:
            self.loose.append(edge)

    def _is_message(self, edge: Edge) -> bool:
        """Whether the edge goes between pools, drawn as messages are."""
        if edge.kind == "message":
            return True
        pools = [self._pool(self.nodes[id].group) for id in (edge.source, edge.target) if id in self.nodes]
        return edge.line in ("dashed", "dotted") and len(pools) == 2 and pools[0] != pools[1]

    def _pool(self, group: str | None) -> str | None:
        key = self._band_key(group)
        while key is not None and (parent := self.groups[key].parent) is not None:
            key = parent
        return key

    # -- one container --------------------------------------------------------------------------------------------

    def _block(self, container: str | None) -> Block:
        members = self.inner.get(container, [])
        inner = {id: self._group_block(id) for id in members if id in self.groups}
        index = {id: k for k, id in enumerate(members)}
        items, symbols, prints = [], [], []
        guests = self._guests(members)
        loops = {a for _, a, b in self.links.get(container, []) if a == b}
        for id in members:
            item, symbol, size = self._item(id, inner.get(id), guests.get(id, []), id in loops)
            items.append(item)
            symbols.append(symbol)
            prints.append(size)
        bands = self.bands if container is None and self.bands else []
        for k, band in enumerate(bands):
            for id in members:
                group = self.groups[id].parent if id in self.groups else self.nodes[id].group
                if band.key is not None and self._band_key(group) == band.key:
                    items[index[id]].band = k
        for id in members:
            group = self.groups[id].parent if id in self.groups else self.nodes[id].group
            if bands and self._band_key(group) is None:
                items[index[id]].band = next(k for k, b in enumerate(bands) if b.key is None and not b.spacer)
        links, edges, rooms = self._links(container, index)
        ranked = arrange_layers(items, links, [b.least for b in bands] if bands else (0.0,))
        routed = route(ranked, symbols, rooms, flush=self.diagram.kind == "mindmap")
        block = self._assemble(members, symbols, prints, inner, guests, routed.ends[-1] if routed.ends else 0.0)
        extent = routed.ends[-1] if routed.ends else 0.0
        for edge, _link, points in zip(edges, ranked.links, routed.paths, strict=True):
            path = [self._point(a, c, extent) for a, c in points]
            block.paths[edge.id] = path[::-1] if self._upward(edge) else path
        for edge, a, b in self.links.get(container, []):
            if a == b and edge.source == edge.target and edge.source not in self.hosts:
                block.paths[edge.id] = loop(block.boxes[self._leaf(edge.source)])
        if bands:
            boxes = band_boxes(self.diagram, bands, ranked.bands, extent, self.horizontal)
            block.boxes.update(boxes)
        shift(block, container is None)
        return block

    def _band_key(self, group: str | None) -> str | None:
        while group is not None and self.groups[group].kind not in ("pool", "lane"):
            group = self.groups[group].parent
        return group

    def _guests(self, members: Iterable[str]) -> dict[str, list[Node]]:
        guests: dict[str, list[Node]] = {}
        here = set(members)
        for id, host in self.hosts.items():
            while host in self.hosts:
                host = self.hosts[host]
            host = self.twin_node.get(host, host)
            if host in here:
                guests.setdefault(host, []).append(self.nodes[id])
        return guests

    def _size(self, id: str) -> Footprint:
        if id not in self.footprints:
            self.footprints[id] = footprint(self.nodes[id], horizontal=self.horizontal, kind=self.diagram.kind)
        return self.footprints[id]

    def _item(self, id: str, block: Block | None, guests: list[Node], loop: bool) -> tuple[Item, Symbol, Footprint]:
        if block is not None:
            size = Footprint(block.w, block.h)
            pointed = rounded = False
        else:
            size = self._size(id)
            shape = self.nodes[id].shape
            pointed, rounded = shape in POINTED, shape in ROUND or shape == "actor"
        if self.horizontal:
            along, across, label = size.full_w, size.h + 2 * size.label_h, (size.w, size.h)
        else:
            along, across, label = (
                size.h + size.label_h,
                size.w + (2 * size.label_w + 12 if size.label_w else 0),
                (size.h, size.w),
            )
        above = below = 0.0
        for k, guest in enumerate(g for g in guests if not g.attached_to):
            small = self._size(guest.id)
            room = (small.h + small.label_h if self.horizontal else small.full_w) + 22
            above, below = (above + room, below) if k % 2 == 0 else (above, below + room)
            along = max(along, small.full_w if self.horizontal else small.h + small.label_h)
        across += 2 * max(above, below) + (44 if loop else 0)
        if any(g.attached_to for g in guests):
            across += 76 if self.horizontal else 0
        blocked = [side for side, room in ((-1, above), (1, below)) if room]
        if self.horizontal and any(g.attached_to for g in guests):
            blocked.append(1)
        if not self.horizontal:  # guests stand right first
            blocked = [-side for side in blocked]
        symbol = Symbol(*label, pointed=pointed, round=rounded, blocked=tuple(blocked))
        return Item(along, across), symbol, size

    def _links(self, container: str | None, index: dict[str, int]) -> tuple[list[Link], list[Edge], list[float]]:
        links, edges, rooms = [], [], []
        for edge, a, b in self.links.get(container, []):
            if a == b:
                continue
            if self._upward(edge):
                a, b = b, a
            weight = 0.5 if edge.kind in ("message", "association", "data") else 1.0
            width = min(150.0, text_width(edge.label, FONT * 0.9)) if edge.label else 0.0
            lines = measure(balance(edge.label, 150.0, FONT * 0.9), FONT * 0.9) if edge.label else None
            room = 0.0 if lines is None else (lines.width + 16 if self.horizontal else lines.height + 10)
            ends = max(text_width(edge.source_label, FONT), text_width(edge.target_label, FONT))
            room += (ends + 8 if self.horizontal else 20) if ends else 0.0
            # Use cases stand under one another, however they include and extend each other.
            hidden = edge.id in self.rank_only or (
                self.diagram.kind == "usecase" and not any(self._is_actor(end) for end in (edge.source, edge.target))
            )
            length = 0 if hidden else 1
            links.append(Link(index[a], index[b], length, weight, 0.0 if self.horizontal else width, rank_only=hidden))
            if not hidden:
                edges.append(edge)
                rooms.append(room)
        return links, edges, rooms

    def _is_actor(self, id: str) -> bool:
        return id in self.nodes and self.nodes[id].shape == "actor"

    def _upward(self, edge: Edge) -> bool:
        """Whether the edge points against the flow: parents of classes stand above their children."""
        return edge.kind in ("inheritance", "realization") or edge.head == "triangle"

    def _group_block(self, id: str) -> Block:
        block = self._block(id)
        group = self.groups[id]
        title = TITLE if group.label else PAD
        need = text_width(group.label, FONT, bold=True) + 2 * PAD + (30 if group.kind == "frame" else 0)
        side = max(PAD, (need - block.w) / 2)
        block.w, block.h = max(block.w, 60.0) + 2 * side, max(block.h, 30.0) + title + PAD + 4
        move(block, side, title + 4)
        block.boxes[id] = Box(0.0, 0.0, block.w, block.h)
        return block

    # -- putting together -----------------------------------------------------------------------------------------

    def _point(self, a: float, c: float, extent: float) -> Point:
        a = extent - a if self.mirrored else a
        return Point(a, c) if self.horizontal else Point(c, a)

    def _assemble(
        self,
        members: list[str],
        symbols: list[Symbol],
        prints: list[Footprint],
        inner: dict[str, Block],
        guests: dict[str, list[Node]],
        extent: float,
    ) -> Block:
        block = Block()
        for id, symbol, size in zip(members, symbols, prints, strict=True):
            x, y = self._point(symbol.a, symbol.c, extent)
            box = Box(x - size.w / 2, y - size.h / 2, size.w, size.h)
            if id in inner:
                part = inner[id]
                move(part, box.x, box.y)
                block.boxes.update(part.boxes)
                block.paths.update(part.paths)
                if id in self.twin_of:
                    block.boxes[self.twin_of[id]] = box
            else:
                block.boxes[id] = box
            self._place_guests(block, box, size, guests.get(id, []))
        return block

    def _place_guests(self, block: Block, box: Box, size: Footprint, guests: list[Node]) -> None:
        events = [g for g in guests if g.attached_to]
        for k, event in enumerate(events):
            x = box.x + box.w * (k + 1) / (len(events) + 1)
            block.boxes[event.id] = Box(x - 18, box.bottom - 18, 36.0, 36.0)
        above = below = 20.0
        for k, guest in enumerate(g for g in guests if not g.attached_to):
            small = self._size(guest.id)
            down = k % 2 == 1
            if self.horizontal:
                y = box.bottom + below + size.label_h if down else box.y - above - small.h - small.label_h
                block.boxes[guest.id] = Box(box.center[0] - small.w / 2, y, small.w, small.h)
                room = small.h + small.label_h + 12
            else:
                away = size.label_w + 12 if size.label_w else 0.0
                x = box.right + above + away if not down else box.x - below - small.w - away
                block.boxes[guest.id] = Box(x, box.center[1] - small.h / 2, small.w, small.h)
                room = small.full_w + 12
            above, below = (above, below + room) if down else (above + room, below)

    def _route_rest(self, block: Block) -> None:
        """Edges across borders, on guests and to pools; they find their own way."""
        taken = [box for id, box in block.boxes.items() if id in self.nodes and id not in self.twin_node]
        router = Router(taken)
        for number, edge in enumerate(self.loose):
            start, end = block.boxes[edge.source], block.boxes[edge.target]
            ends = [self.groups[id].kind for id in (edge.source, edge.target) if id in self.groups]
            tied = self.hosts.get(edge.source) == edge.target or self.hosts.get(edge.target) == edge.source
            if edge.source == edge.target:
                block.paths[edge.id] = loop(start)
            elif "pool" in ends or "lane" in ends or tied or holds(start, end) or holds(end, start):
                block.paths[edge.id] = direct(start, end)
            elif number < _MAX_ROUTED:
                block.paths[edge.id] = router.route(
                    start,
                    end,
                    horizontal=self.horizontal,
                    upright=edge.id in self.rank_only and self.horizontal,
                    down=edge.source in self.hosts and self.nodes[edge.source].attached_to is not None,
                )
            else:
                block.paths[edge.id] = plain(start, end, horizontal=self.horizontal)
        fixed = {n.id for n in self.diagram.nodes if n.shape in POINTED}
        spread_ends(block.paths, self.loose, block.boxes, fixed)
