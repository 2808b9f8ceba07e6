"""The whole drawing: containers, connectors, symbols, then the labels that look for their place."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagrasp.layout import arrange, known_boxes
from diagrasp.layout.sizes import DATA, EVENTS, GATEWAYS, OUTSIDE, POINTED, TASKS, is_compartmented, twins
from diagrasp.layout.text import balance, fit, measure, text_width, wrap
from diagrasp.model import Box, Diagram, Edge, Node
from diagrasp_formats.svg.canvas import Canvas
from diagrasp_formats.svg.edges import attach, draw_edge, tidy
from diagrasp_formats.svg.groups import draw_group, strips
from diagrasp_formats.svg.outline import Point, ellipse, outline
from diagrasp_formats.svg.placing import Taken, along, beside
from diagrasp_formats.svg.sequence import draw_lifelines
from diagrasp_formats.svg.symbols import Look, draw_symbol
from diagrasp_formats.svg.theme import Theme

_BPMN = EVENTS | GATEWAYS | (TASKS - {"subprocess", "task"})


@dataclass(slots=True)
class Drawing:
    """What `draw` makes: the elements, the view box and the ids of elements whose text was cut to fit."""

    canvas: Canvas
    view: Box
    font: float
    cut: list[str] = field(default_factory=list)


def draw(diagram: Diagram, theme: Theme) -> Drawing:
    """Lay out what has no place yet, then draw everything."""
    placed = arrange(diagram)
    return _Painter(placed, theme, 14.0 if placed.nodes and _made(diagram, placed) else None).run()


def _made(before: Diagram, after: Diagram) -> bool:
    return all(a.box != b.box for a, b in zip(before.nodes, after.nodes, strict=True))


class _Painter:
    def __init__(self, diagram: Diagram, theme: Theme, font: float | None) -> None:
        self.diagram = diagram
        self.boxes = known_boxes(diagram)
        bpmn = diagram.kind == "bpmn" or any(n.shape in _BPMN for n in diagram.nodes)
        self.look = Look(theme, font or natural_font(diagram), bpmn)
        self.canvas = Canvas()
        self.taken = Taken(self.look.font * 6)
        self.hidden = set(twins(diagram).values())
        self.pointed = {n.id for n in diagram.nodes if n.shape in POINTED}
        self.paths: dict[str, list[Point]] = {}
        self.cut: list[str] = []
        self.bounds: list[Box] = []

    def run(self) -> Drawing:
        self._groups()
        self._paths()
        lifelines = self.diagram.kind == "sequence"
        if lifelines:
            draw_lifelines(self.canvas, self.diagram, self.boxes, self.paths, self.look, self.bounds)
        for edge in self.diagram.edges:
            self.canvas.open(f"edge {edge.kind}", edge.id, edge.label)
            if len(self.paths[edge.id]) > 1:
                draw_edge(self.canvas, edge, self.paths[edge.id], self.look)
            self.canvas.close()
        nodes = [n for n in self.diagram.nodes if n.id not in self.hidden]
        nodes.sort(key=lambda n: (n.attached_to is not None, -self.boxes[n.id].area))
        for node in nodes:
            self._node(node)
        for node in nodes:
            if _label_outside(node) and node.label:
                self._outside_label(node)
        for edge in self.diagram.edges:
            self._edge_labels(edge)
        return Drawing(self.canvas, self._view(), self.look.font, self.cut)

    # -- containers and connectors --------------------------------------------------------------------------------

    def _groups(self) -> None:
        bands = strips(self.diagram, self.boxes, self.look.font)
        parents = {g.id: g.parent for g in self.diagram.groups}

        def depth(id: str | None) -> int:
            count = 0
            while id is not None:
                id, count = parents[id], count + 1
            return count

        for group in sorted(self.diagram.groups, key=lambda g: (depth(g.id), -self.boxes[g.id].area)):
            box = self.boxes[group.id]
            self.bounds.append(box)
            draw_group(self.canvas, group, box, self.look, bands.get(group.id))
            if group.id in bands:
                self.taken.add(bands[group.id][0], 6.0)
            elif group.label:
                self.taken.add(Box(box.x, box.y, box.w, self.look.font * 1.7), 3.0)

    def _paths(self) -> None:
        outlines: dict[str, list[Point]] = {}
        sequence = self.diagram.kind == "sequence"
        for node in self.diagram.nodes:
            box = self.boxes[node.id]
            outlines[node.id] = (
                [] if sequence and node.shape not in ("note", "annotation", "text") else _reach(node, box)
            )
            if node.id not in self.hidden:
                self.taken.add(box, 10.0, node.id)
        for group in self.diagram.groups:
            x, y, w, h = self.boxes[group.id]
            outlines[group.id] = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        for edge in self.diagram.edges:
            path = tidy([(p.x, p.y) for p in edge.path or ()], self.look.font)
            gap = self.look.font * 2
            path = attach(path, outlines[edge.source], gap)
            path = attach(path[::-1], outlines[edge.target], gap)[::-1]
            self.paths[edge.id] = path
            self.taken.add_line(path, self.look.unit * 3, 3.0, edge.id)
            for x, y in path:
                self.bounds.append(Box(x, y, 0.0, 0.0))

    # -- symbols --------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> None:
        box = self.boxes[node.id]
        self.bounds.append(box)
        self.canvas.open(f"node {node.shape}", node.id, node.label)
        draw_symbol(self.canvas, node, box, self.look)
        if is_compartmented(node, self.diagram.kind):
            self._compartments(node, box)
        elif node.label and not _label_outside(node):
            self._inside_label(node, box)
        self.canvas.close()

    def _inside_label(self, node: Node, box: Box) -> None:
        look = self.look
        area, diamond = _text_area(node, box, look)
        fitted = fit(
            node.label, max(area.w, 4.0), max(area.h, 4.0), look.font, smallest=look.font * 0.55, diamond=diamond
        )
        if not fitted.whole:
            self.cut.append(node.id)
        cx, cy = area.center
        color = look.theme.ink
        if node.shape in ("annotation", "text", "note"):
            left = node.shape != "text"
            self.canvas.text(
                fitted.lines, area.x if left else cx, cy, fitted.size, color, anchor="start" if left else "middle"
            )
        else:
            self.canvas.text(fitted.lines, cx, cy, fitted.size, color)

    def _compartments(self, node: Node, box: Box) -> None:
        look, theme = self.look, self.look.theme
        u = look.unit
        size = look.font
        while size > look.font * 0.5:  # the size at which title and rows fit
            title = fit(node.label, max(10.0, box.w - 12 * u), box.h, size, smallest=size * 0.8, bold=True)
            rows = [wrap(row, max(10.0, box.w - 14 * u), size * 0.93) for row in node.rows]
            step = size * 0.93 * 1.4
            need = title.height + 12 * u + sum(len(r) * step for r in rows) + (8 * u if rows else 0)
            if need <= box.h + 1:
                break
            size *= 0.94
        else:
            self.cut.append(node.id)
        top = box.y + title.height + 10 * u if rows else box.bottom
        self.canvas.text(title.lines, box.center[0], (box.y + top) / 2, title.size, theme.ink, bold=True)
        if not rows:
            return
        stroke = theme.paint(node.shape).stroke
        line = f"M{box.x:.1f} {{:.1f}}h{box.w:.1f}"
        self.canvas.path(line.format(top), stroke=stroke, width=look.stroke)
        y = top + 5 * u
        methods = False
        for row, lines in zip(node.rows, rows, strict=True):
            if "(" in row and not methods and y > top + 6 * u:
                self.canvas.path(line.format(y + 1.5 * u), stroke=stroke, width=look.stroke * 0.8)
                y += 4 * u
            methods = methods or "(" in row
            for text in lines:
                if y + step <= box.bottom + step * 0.5:
                    self.canvas.text([text], box.x + 8 * u, y + step / 2, size * 0.93, theme.ink, anchor="start")
                y += step

    # -- labels that look for their place -------------------------------------------------------------------------

    def _outside_label(self, node: Node) -> None:
        look, box = self.look, self.boxes[node.id]
        size = look.font * 0.93
        best = None
        longest = min(max(text_width(word, size) for word in node.label.split() or [""]) + 1, size * 18)
        for limit in (8.0, 12.0):
            fitted = measure(balance(node.label, max(look.font * limit, box.w, longest), size), size)
            for rank, (place, anchor) in enumerate(beside(box, fitted.width, fitted.height, 3 * look.unit)):
                cost = self.taken.cost(place, own=node.id) + rank * 0.06 + (0.15 if limit > 8 else 0)
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, place, anchor, fitted)
        if best is None:
            return
        _, place, anchor, fitted = best
        self.taken.add(place, 12.0)
        self.bounds.append(place)
        x = {"middle": place.center[0], "start": place.x, "end": place.right}[anchor]
        self.canvas.text(
            fitted.lines, x, place.center[1], size, look.theme.ink, anchor=anchor, halo=look.theme.background
        )

    def _edge_labels(self, edge: Edge) -> None:
        path = self.paths[edge.id]
        if len(path) < 2:
            return
        look = self.look
        size = look.font * 0.88
        if edge.label:
            early = edge.source in self.pointed
            width = look.font * 11
            if self.diagram.kind == "sequence":
                width = max(abs(path[0][0] - path[-1][0]) - look.font, width)
            fitted = measure(balance(edge.label, width, size), size)
            if self.diagram.kind == "sequence" and edge.source == edge.target:
                x = max(p[0] for p in path) + look.font * 0.4
                self._put(Box(x, path[1][1] - fitted.height * 0.1, fitted.width, fitted.height), fitted.lines, size)
            elif self.diagram.kind == "sequence" and abs(path[0][1] - path[-1][1]) < look.font:
                y = path[0][1] - fitted.height - 2 * look.unit
                x = (path[0][0] + path[-1][0] - fitted.width) / 2
                self._put(Box(x, y, fitted.width, fitted.height), fitted.lines, size)
            else:
                self._put(
                    self._freest(along(path, fitted.width, fitted.height, 5 * look.unit, early=early), edge.id),
                    fitted.lines,
                    size,
                )
        for text, ends in ((edge.source_label, path), (edge.target_label, path[::-1])):
            if text:
                fitted = measure([text], size)
                short = _start(ends, look.font * 2.6)
                self._put(
                    self._freest(along(short, fitted.width, fitted.height, 4 * look.unit, early=False), edge.id),
                    fitted.lines,
                    size,
                )

    def _freest(self, places: list[tuple[Box, float]], own: str) -> Box:
        best, least = places[0][0], float("inf")
        for place, away in sorted(places, key=lambda p: p[1]):
            if away >= least:  # the rest is farther off already than the best is in all
                break
            cost = self.taken.cost(place, own=own) + away
            if cost < least:
                best, least = place, cost
        return best

    def _put(self, place: Box, lines: tuple[str, ...], size: float) -> None:
        self.taken.add(place, 12.0)
        self.bounds.append(place)
        self.canvas.text(lines, *place.center, size, self.look.theme.ink, halo=self.look.theme.background)

    def _view(self) -> Box:
        margin = self.look.font * 1.4
        if not self.bounds:
            return Box(0.0, 0.0, 120.0, 60.0)
        x, y = min(b.x for b in self.bounds) - margin, min(b.y for b in self.bounds) - margin
        return Box(
            x, y, max(b.right for b in self.bounds) + margin - x, max(b.bottom for b in self.bounds) + margin - y
        )


def _start(path: list[Point], length: float) -> list[Point]:
    """The first part of a path, of about that length."""
    (ax, ay), (bx, by) = path[0], path[1]
    away = ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5
    share = min(1.0, length / away) if away else 1.0
    return [(ax, ay), (ax + (bx - ax) * share, ay + (by - ay) * share)]


def _label_outside(node: Node) -> bool:
    if node.shape == "entity" and node.rows:
        return False
    return node.shape in OUTSIDE


def _reach(node: Node, box: Box) -> list[Point]:
    """The outline that connectors end on."""
    if node.shape in ("boundary", "control", "entity") and not node.rows:
        return ellipse(*box.center, box.w / 2, box.h / 2)
    if node.shape in DATA:
        x, y, w, h = box
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    return outline(node.shape, box)


def _text_area(node: Node, box: Box, look: Look) -> tuple[Box, bool]:
    """Where the label stands inside a symbol, and whether that is a rhomb."""
    x, y, w, h = box
    u = look.unit
    pad = min(6 * u, w * 0.08)
    shape = node.shape
    if shape == "decision":
        return box, True
    if shape in ("ellipse", "usecase", "circle", "double_circle", "connector"):
        return Box(x + w * 0.13, y + h * 0.13, w * 0.74, h * 0.74), False
    if shape in ("data", "manual_operation", "hexagon", "delay", "display"):
        slant = min(w * 0.25, h * 0.4) * 0.7
        return Box(x + slant, y + 2 * u, w - 2 * slant, h - 4 * u), False
    if shape in ("terminal", "stadium"):
        side = min(w, h) * 0.22
        return Box(x + side, y + u, w - 2 * side, h - 2 * u), False
    if shape == "database":
        cap = min(h * 0.16, w * 0.18)
        return Box(x + pad, y + 2 * cap, w - 2 * pad, h - 3 * cap), False
    if shape == "document":
        return Box(x + pad, y + 2 * u, w - 2 * pad, h * 0.82 - 2 * u), False
    if shape == "annotation":
        return Box(x + 7 * u, y, w - 8 * u, h), False
    if shape == "text":
        return box, False
    if shape == "subprocess" and not look.bpmn:
        inset = min(10 * u, w * 0.1) + 2 * u
        return Box(x + inset, y + 2 * u, w - 2 * inset, h - 4 * u), False
    marked = bool(node.markers) or shape == "subprocess"
    foot = min(16 * u, h * 0.3) if marked and shape in TASKS else 2 * u
    head = 2 * u if shape in ("task", "subprocess", "call_activity") or shape not in TASKS else min(8 * u, h * 0.12)
    return Box(x + pad, y + head, w - 2 * pad, h - head - foot), False


def natural_font(diagram: Diagram) -> float:
    """The size of text that suits a picture's boxes: most labels fit, and it is no more than boxes usually have."""
    inside = [n for n in diagram.nodes if n.label and n.box is not None and not _label_outside(n) and not n.rows]
    heights = sorted(n.box.h for n in diagram.nodes if n.box is not None)
    if not heights:
        return 14.0
    middle = heights[len(heights) // 2]
    cap = max(6.0, min(middle * 0.34, 200.0))
    if not inside:
        return max(6.0, middle * 0.28)
    sample = inside[:: max(1, len(inside) // 60)]
    sizes = []
    for node in sample:
        if node.box is None:
            continue
        probe = Look(_ANY, cap)
        area, diamond = _text_area(node, node.box, probe)
        # Drawings leave room around their text: letters that fill their box would be larger than the picture's.
        w, h = (area.w * 0.92, area.h * 0.88) if diamond else (area.w * 0.98, area.h * 0.72)
        fitted = fit(node.label, max(w, 4.0), max(h, 4.0), cap, smallest=4.0, diamond=diamond)
        sizes.append(fitted.size)
    sizes.sort()
    return max(5.0, sizes[int(len(sizes) * 0.2)])


_ANY = Theme("", "", "", "", "", "", "", "", {})
