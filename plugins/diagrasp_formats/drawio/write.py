"""The typed graph as a draw.io file."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import quote

from diagrasp.features import missing
from diagrasp.formats import Loss, Written
from diagrasp.layout import arrange, known_boxes
from diagrasp.layout.sizes import EVENTS, GATEWAYS, is_compartmented, twins
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp.xmltree import xml_attr, xml_text
from diagrasp_formats._html import html_text
from diagrasp_formats._kinds import edge_kind
from diagrasp_formats.drawio.ids import cell_id
from diagrasp_formats.drawio.pages import LABEL
from diagrasp_formats.drawio.styles import edge_style, heads_of, line_of, node_style, parse_like

FEATURES = frozenset(
    {
        "ids", "label", "title", "kind.*", "shape.*", "rows", "trigger", "marker.*", "attached_to", "group", "group.*",
        "edge.*", "line.*", "head.*", "tail.*", "box", "path",
    }
)  # fmt: skip
_GROUPS = {
    "pool": "swimlane;startSize=30;horizontal={0};html=1;fontStyle=1;collapsible=0;",
    "lane": "swimlane;startSize=26;horizontal={0};html=1;collapsible=0;swimlaneLine=0;",
    "subprocess": "rounded=1;absoluteArcSize=1;arcSize=16;html=1;container=1;verticalAlign=top;collapsible=0;",
    "subgraph": "rounded=0;html=1;container=1;verticalAlign=top;collapsible=0;fillColor=none;",
    "composite": "rounded=1;absoluteArcSize=1;arcSize=16;html=1;container=1;verticalAlign=top;fillColor=none;",
    "frame": "shape=umlFrame;html=1;container=1;collapsible=0;",
    "section": "rounded=0;dashed=1;html=1;container=1;verticalAlign=top;align=left;collapsible=0;fillColor=none;",
}


def write_drawio(diagram: Diagram, *, compressed: bool = False) -> Written:
    """One page; geometry as known or laid out."""
    return _Writer(diagram).run(compressed)


class _Writer:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.placed = arrange(diagram)
        self.boxes = known_boxes(self.placed)
        self.twins = set(twins(diagram).values())
        self.losses: list[Loss] = []
        self.lines: list[str] = []
        taken = {n.id for n in diagram.nodes} | {e.id for e in diagram.edges} | {g.id for g in diagram.groups}
        self.taken = taken
        self.root, self.layer = self._fresh("0"), self._fresh("1")
        self.bpmn = diagram.kind == "bpmn" or any(n.shape in EVENTS | GATEWAYS for n in diagram.nodes)

    def _fresh(self, name: str) -> str:
        while name in self.taken:
            name = f"_{name}"
        self.taken.add(name)
        return name

    def run(self, compressed: bool) -> Written:
        self.lines += [f'<mxCell id="{xml_attr(self.root)}"/>']
        self.lines += [f'<mxCell id="{xml_attr(self.layer)}" parent="{xml_attr(self.root)}"/>']
        for group in self._outer_first():
            self._group(group)
        for node in self.diagram.nodes:
            self._node(node)
        for edge in self.placed.edges:
            self._edge(edge)
        self.losses += missing(self.diagram, FEATURES, format="draw.io")
        head = f'<mxGraphModel grid="1" gridSize="10" guides="1" tooltips="1" connect="1" arrows="1" fold="1" page="0" diagraspKind="{self.diagram.kind}">'  # noqa: E501
        model = "\n".join([head, "<root>", *self.lines, "</root>", "</mxGraphModel>"])
        if compressed:
            raw = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = raw.compress(quote(model, safe="~()*!.'").encode()) + raw.flush()
            model = base64.b64encode(packed).decode()
        name = xml_attr(self.diagram.title or "Page-1")
        text = f'<mxfile host="diagrasp"><diagram id="diagrasp" name="{name}">{model}</diagram></mxfile>\n'
        return Written(text.encode("utf-8", "replace"), tuple(self.losses))

    def _outer_first(self) -> list[Group]:
        """Groups so that each follows what it lies in; otherwise in their order."""
        done: dict[str, Group] = {}
        groups = {g.id: g for g in self.diagram.groups}

        def add(group: Group) -> None:
            chain = [group]
            while chain[-1].parent is not None and chain[-1].parent not in done:
                chain.append(groups[chain[-1].parent])
            for item in reversed(chain):
                done.setdefault(item.id, item)

        for group in self.diagram.groups:
            add(group)
        if list(done) != list(groups):
            self.losses.append(Loss("group.order", "", "containers are written before what lies in them"))
        return list(done.values())

    def _cell(self, id: str, value: str, style: str, parent: str, box: Box, *, relative_to: str | None = None) -> None:
        origin = self.boxes[relative_to] if relative_to is not None else Box(0, 0, 0, 0)
        style += _kept(value)
        x, y = box.x - origin.x, box.y - origin.y
        self.lines.append(
            f'<mxCell id="{xml_attr(cell_id(id))}" value="{xml_attr(xml_text(value))}" style="{xml_attr(style)}" '
            f'vertex="1" parent="{xml_attr(cell_id(parent))}"><mxGeometry x="{_n(x)}" y="{_n(y)}" '
            f'width="{_n(box.w)}" height="{_n(box.h)}" as="geometry"/></mxCell>'
        )

    def _group(self, group: Group) -> None:
        box = self.boxes[group.id]
        peers = [self.boxes[g.id] for g in self.diagram.groups if g.parent == group.parent and g.kind == group.kind]
        upright = len(peers) > 1 and max(b.x for b in peers) - min(b.x for b in peers) > max(b.y for b in peers) - min(
            b.y for b in peers
        )
        title_on_top = upright or (len(peers) == 1 and box.h > box.w)
        style = _GROUPS[group.kind].format("1" if title_on_top else "0") + f"diagraspGroup={group.kind};"
        self._cell(group.id, group.label, style, group.parent or self.layer, box, relative_to=group.parent)

    def _node(self, node: Node) -> None:
        box = self.boxes[node.id]
        parent = node.group or self.layer
        if is_compartmented(node, self.diagram.kind) and node.rows:
            self._table(node, box, parent)
            return
        style = node_style(node, bpmn=self.bpmn)
        if node.shape == "participant":
            ends = [p.y for e in self.placed.edges for p in e.path or ()]
            style += f"size={_n(box.h)};"
            box = Box(box.x, box.y, box.w, max(box.h, max(ends, default=box.bottom) + 30 - box.y))
        if node.id in self.twins:  # drawn once, as its group
            style += "fillColor=none;strokeColor=none;noLabel=1;pointerEvents=0;"
        if node.attached_to is not None:
            style += f"diagraspOn={quote(node.attached_to, safe='')};"
        self._cell(node.id, node.label, style, parent, box, relative_to=node.group)

    def _table(self, node: Node, box: Box, parent: str) -> None:
        title = min(26.0, box.h / (len(node.rows) + 1))
        style = (
            "swimlane;fontStyle=1;align=center;verticalAlign=top;childLayout=stackLayout;horizontal=1;horizontalStack=0;html=1;"
            f"resizeParent=1;resizeParentMax=0;resizeLast=0;collapsible=0;marginBottom=0;startSize={_n(title)};"
        )
        style += "" if node.shape == "class" else f"diagraspShape={node.shape};"
        if node.trigger or node.markers or node.attached_to:
            self.losses.append(Loss("marker", node.id, f"{node.label!r} loses its signs: it is written as a table"))
        self._cell(node.id, node.label, style, parent, box, relative_to=node.group)
        row_style = (
            "text;html=1;strokeColor=none;fillColor=none;align=left;verticalAlign=middle;spacingLeft=6;overflow=hidden;"
        )
        height = (box.h - title) / len(node.rows)
        for k, row in enumerate(node.rows):
            id = self._fresh(f"{node.id}-row-{k + 1}")
            self._cell(id, row, row_style, node.id, Box(0, title + k * height, box.w, height))

    def _edge(self, edge: Edge) -> None:
        style = edge_style(edge, natural=_natural(edge))
        path = edge.path or ()
        points = ends = ""
        if len(path) > 1:
            style += "diagraspPath=1;" + self._ports(edge)
            inner = "".join(f'<mxPoint x="{_n(p.x)}" y="{_n(p.y)}"/>' for p in path[1:-1])
            points = f'<Array as="points">{inner}</Array>' if inner else ""
            ends = "".join(
                f'<mxPoint x="{_n(p.x)}" y="{_n(p.y)}" as="{name}"/>'
                for p, name in ((path[0], "sourcePoint"), (path[-1], "targetPoint"))
            )
        if edge.default:
            style += "diagraspDefault=1;"
        if edge.group is not None:
            style += f"diagraspSection={quote(edge.group, safe='')};"
        style += _kept(edge.label)
        self.lines.append(
            f'<mxCell id="{xml_attr(cell_id(edge.id))}" value="{xml_attr(xml_text(edge.label))}" style="'
            f'{xml_attr(style)}" edge="1" parent="{xml_attr(self.layer)}" source="{xml_attr(cell_id(edge.source))}" '
            f'target="{xml_attr(cell_id(edge.target))}">'
            f'<mxGeometry relative="1" as="geometry">{ends}{points}</mxGeometry></mxCell>'
        )
        for text, place, end in ((edge.source_label, "-0.8", "source"), (edge.target_label, "0.8", "target")):
            if text:
                id = self._fresh(f"{edge.id}-{end}")
                self.lines.append(
                    f'<mxCell id="{xml_attr(cell_id(id))}" value="{xml_attr(xml_text(text))}" style="edgeLabel;html=1;'
                    f'align=center;verticalAlign=middle;resizable=0;points=[];diagraspEnd={end};{_kept(text)}" '
                    'vertex="1" '
                    f'connectable="0" parent="{xml_attr(cell_id(edge.id))}"><mxGeometry x="{place}" relative="1" '
                    'as="geometry"/></mxCell>'
                )

    def _ports(self, edge: Edge) -> str:
        """Fixed points on the symbols' borders, so that draw.io keeps the way that was drawn."""
        if self.diagram.kind == "sequence":
            return ""
        parts = []
        path = edge.path or ()
        for key, id, point in (("exit", edge.source, path[0]), ("entry", edge.target, path[-1])):
            box = self.boxes[id]
            if box.w <= 0 or box.h <= 0:
                continue
            x, y = (point.x - box.x) / box.w, (point.y - box.y) / box.h
            if -0.05 <= x <= 1.05 and -0.05 <= y <= 1.05:
                parts.append(f"{key}X={_n(round(x, 3))};{key}Y={_n(round(y, 3))};{key}Dx=0;{key}Dy=0;")
        return "".join(parts)


def _kept(label: str) -> str:
    """A mark with the label to the letter, where reading what is shown would change it."""
    return "" if html_text(xml_text(label)) == label else f"{LABEL}={quote(label, safe='')};"


def _natural(edge: Edge) -> str:
    """The kind that reading would guess, or a word that is none where it would change the ends."""
    style = parse_like(edge_style(edge, natural=edge.kind))
    head, tail = heads_of(style)
    guess = edge_kind({"head": head, "tail": tail, "line": line_of(style)})
    return "" if guess == "message" else guess


def _n(value: float) -> str:
    text = repr(float(value))
    return text.removesuffix(".0")
