"""Diagram -> DOT."""

from __future__ import annotations

import re

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, printable
from diagrasp_formats._nesting import nesting
from diagrasp_formats.dot import shapes

FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.flowchart", "kind.block", "kind.bpmn", "kind.activity",
        "kind.state",
        "kind.mindmap", "kind.c4", "group", "group.subgraph", "group.nested", "edge.label", "edge.source_label",
        "edge.target_label", "edge.to_group", "edge.kind.flow", "line.*",
        *(f"head.{head}" for head in shapes.HEADS), *(f"tail.{head}" for head in shapes.HEADS),
        *(f"shape.{shape}" for shape in shapes.SHAPES),
    }
)  # fmt: skip
MAX_STRING = 2000
"""Characters of a quoted string; Graphviz' scanner takes 16,384 bytes, longer ones are joined with `+`."""
MAX_LINE = 1500
"""Characters of a line in letters of the usual size: two such nodes in a row stay below an edge's 65,535 points."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORDS = frozenset({"graph", "digraph", "subgraph", "node", "edge", "strict"})


def name(id: str) -> str:
    """An id as DOT takes it; quotes around it unless it is a plain word."""
    if _PLAIN.match(id) and id.lower() not in _WORDS:
        return id
    return '"' + printable(id).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def text(label: str) -> str:
    """A label as a quoted string."""
    label = re.sub(r"&(?=#?\w+;)", "&amp;", printable(label))
    parts = [label[i : i + MAX_STRING] for i in range(0, len(label), MAX_STRING)] or [""]
    escaped = (part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for part in parts)
    return " + ".join(f'"{part}"' for part in escaped)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The whole source."""
    losses.update(missing(diagram, FEATURES, format=spec.title))
    lines = ["digraph {", f'  comment="kind: {diagram.kind}";', "  compound=true;"]
    if diagram.direction:
        lines.append(f"  rankdir={diagram.direction};")
    if diagram.title:
        lines += [f"  label={text(diagram.title)};", "  labelloc=t;"]
    clusters = {group.id: name(f"cluster_{group.id}") for group in diagram.groups}
    for group, nodes, outer, inner, closing in nesting(diagram, "  ", 1):
        if closing:
            lines.append(outer + "}")
            continue
        if group is not None:
            lines += [f"{outer}subgraph {clusters[group.id]} {{", f"{inner}label={text(group.label)};"]
            lines += [f"{inner}{small.removeprefix(', ')};"] if (small := _small(group.label)) else []
        lines += [inner + _node(node) for node in nodes]
    inside = _members(diagram)
    for edge in diagram.edges:
        line = _edge(edge, clusters, inside)
        if line is None:
            losses.add("edge.to_group", edge.id, f"the edge {edge.id} ends on an empty group and is left out")
        else:
            lines.append("  " + line)
    return "\n".join([*lines, "}"]) + "\n"


def _node(node: Node) -> str:
    shape, style = shapes.SHAPES.get(node.shape) or shapes.STAND_INS.get(node.shape, ("box", ""))
    label = node.label
    if node.rows:
        label = "\n".join([label, *node.rows])
    look = f', style="{style}"' if style else ""
    return f"{name(node.id)} [label={text(label)}, shape={shape}{look}{_small(label)}];"


def _small(label: str) -> str:
    """Smaller letters where a line is so long that `dot` would refuse the width of its node."""
    longest = max(map(len, label.split("\n")))
    return f", fontsize={max(1, 14 * MAX_LINE // longest)}" if longest > MAX_LINE else ""


def _members(diagram: Diagram) -> dict[str, str]:
    """For each group a node in it, for edges to end on."""
    found: dict[str, str] = {}
    parents = {group.id: group.parent for group in diagram.groups}
    for node in diagram.nodes:
        here = node.group
        while here is not None and here not in found:
            found[here] = node.id
            here = parents[here]
    return found


def _edge(edge: Edge, clusters: dict[str, str], inside: dict[str, str]) -> str | None:
    attributes: list[str] = []
    ends = []
    for end, word in ((edge.source, "ltail"), (edge.target, "lhead")):
        if end in clusters:
            if end not in inside:
                return None
            attributes.append(f"{word}={clusters[end]}")
            end = inside[end]
        ends.append(name(end))
    for word, label in (("label", edge.label), ("taillabel", edge.source_label), ("headlabel", edge.target_label)):
        if label:
            attributes.append(f"{word}={text(label)}")
    attributes += [small.removeprefix(", ")] if (small := _small(edge.label)) else []
    style = {"dashed": "dashed", "dotted": "dotted", "thick": "bold"}.get(edge.line)
    if style:
        attributes.append(f"style={style}")
    way = {(False, False): "none", (True, False): "", (False, True): "back", (True, True): "both"}[
        edge.head != "none", edge.tail != "none"
    ]
    if way:
        attributes.append(f"dir={way}")
    if edge.head not in ("none", "arrow"):
        attributes.append(f"arrowhead={shapes.HEADS.get(edge.head, 'normal')}")
    if edge.tail not in ("none", "arrow"):
        attributes.append(f"arrowtail={shapes.HEADS.get(edge.tail, 'normal')}")
    tail = f" [{', '.join(attributes)}]" if attributes else ""
    return f"{ends[0]} -> {ends[1]}{tail};"
