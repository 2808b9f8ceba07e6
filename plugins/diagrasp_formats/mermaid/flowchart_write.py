"""Diagram -> Mermaid flowchart."""

from __future__ import annotations

from collections import defaultdict

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, Names, one_line
from diagrasp_formats._nesting import nesting
from diagrasp_formats.mermaid import _shapes
from diagrasp_formats.mermaid._text import quoted

RESERVED = frozenset(
    {
        "end",
        "subgraph",
        "graph",
        "flowchart",
        "flowchart-elk",
        "style",
        "linkStyle",
        "classDef",
        "class",
        "click",
        "default",
        "direction",
        "call",
        "href",
        "interpolate",
        "acctitle",
        "accdescr",
    }
)

HEADS = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}
TAILS = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}
FEATURES = frozenset(
    {
        "ids", "label", "title", "direction", "kind.flowchart", "group", "group.subgraph", "group.nested", "edge.label",
        "edge.to_group", "edge.kind.flow", "line.solid", "line.dashed", "line.thick",
        *(f"head.{head}" for head in HEADS), *(f"shape.{shape}" for shape in _shapes.EXACT),
    }
)  # fmt: skip

MAX_CHARACTERS, MAX_EDGES = 50_000, 500
"""What Mermaid draws unless its configuration says otherwise (`maxTextSize`, `maxEdges`)."""


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The body, without front matter."""
    losses.update(missing(diagram, FEATURES, format=spec.title, but=("tail.*", "kind.bpmn")))
    nodes = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED, fold=False)
    lines = [f"flowchart {'TD' if diagram.direction in (None, 'TB') else diagram.direction}"]
    classes: dict[str, list[str]] = defaultdict(list)
    lines += _symbols(diagram, nodes, classes, losses)
    for edge in diagram.edges:
        lines.append("    " + _edge(edge, nodes, losses))
    for name in sorted(classes):
        lines.append(f"    class {','.join(classes[name])} {name}")
    text = "\n".join(lines) + "\n"
    if len(text) > MAX_CHARACTERS:
        losses.add("size", "", f"Mermaid draws over {MAX_CHARACTERS:,} characters only where maxTextSize is raised")
    if len(diagram.edges) > MAX_EDGES:
        losses.add("size", "", f"Mermaid draws over {MAX_EDGES} edges only where maxEdges is raised")
    return text


def _symbols(diagram: Diagram, names: Names, classes: dict[str, list[str]], losses: Losses) -> list[str]:
    lines: list[str] = []
    for group, nodes, outer, inner, closing in nesting(diagram, "    ", 1):
        if closing:
            lines.append(outer + "end")
            continue
        if group is not None:
            lines.append(f"{outer}subgraph {names[group.id]}[{quoted(group.label)}]")
            if group.kind != "subgraph":
                classes[f"bpmn_{group.kind}"].append(names[group.id])
        lines.extend(inner + _node(node, names[node.id], classes, losses) for node in nodes)
    return lines


def _node(node: Node, name: str, classes: dict[str, list[str]], losses: Losses) -> str:
    shape = _shapes.drawn(node.shape)
    own = _shapes.class_name(node.shape)
    label = node.label or _shapes.SIGNS.get(node.shape, "")
    if shape in _shapes.BRACKETS:
        opening, closing = _shapes.BRACKETS[shape]
        text = f"{name}{opening}{quoted(label)}{closing}"
    else:
        text = f"{name}@{{ shape: {_shapes.NAMED[shape]}, label: {quoted(label).replace(chr(92), '#92;')} }}"
        if label and shape in ("initial", "final", "bar"):
            losses.add("label", node.id, f"Mermaid keeps but does not draw the label '{one_line(label)}' of a {shape}")
        if shape != node.shape:  # Mermaid takes no `:::` after `@{ }`
            classes[own].append(name)
        return text
    return text if shape == node.shape else f"{text}:::{own}"


def _edge(edge: Edge, names: Names, losses: Losses) -> str:
    source, target, head, tail = edge.source, edge.target, edge.head, edge.tail
    if head == "none" and tail == "arrow":  # Mermaid has no mark at the beginning alone
        source, target, head, tail = target, source, tail, head
        losses.add("tail.arrow", edge.id, f"the edge from {edge.source} to {edge.target} is written from its end")
    end = HEADS.get(head, ">")
    start = ""
    if tail != "none":
        start = TAILS.get(tail, "<") if tail == head else ""
        if not start or tail not in TAILS:
            losses.add(f"tail.{tail}", edge.id, f"Mermaid does not express the tail {tail} of {edge.id}")
    if edge.line == "thick":
        line = "==" + (end or "=")
    elif edge.line in ("dashed", "dotted"):
        line = "-.-" + end
    else:
        line = "--" + (end or "-")
    label = f"|{quoted(edge.label)}|" if edge.label else ""
    return f"{names[source]} {start}{line}{label} {names[target]}"
