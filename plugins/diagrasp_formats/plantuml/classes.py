"""PlantUML class, entity and use case diagrams, written (read by classes_read)."""

from __future__ import annotations

from diagrasp.features import missing
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, Names
from diagrasp_formats._nesting import nesting
from diagrasp_formats.plantuml._text import quoted
from diagrasp_formats.plantuml.relations import FEET

KEYWORDS = {
    "class": "class",
    "entity": "entity",
    "actor": "actor",
    "usecase": "usecase",
    "database": "database",
    "circle": "circle",
}
FEATURES = frozenset(
    {
        "label", "title", "direction", "kind.class", "kind.er", "kind.usecase", "rows", "edge.label",
        "edge.source_label", "edge.target_label", "edge.to_group", "group", "group.subgraph", "group.nested",
        "line.solid", "line.dashed", "shape.class", "shape.entity", "shape.actor", "shape.usecase", "shape.circle",
        "shape.note", "head.none", "head.arrow", "head.triangle", "head.diamond", "head.filled_diamond", "head.one",
        "head.many", "head.zero_or_one", "head.zero_or_many", "head.one_or_many",
    }
)  # fmt: skip
LEFT = {
    "none": "", "arrow": "<", "open_arrow": "<", "triangle": "<|", "diamond": "o", "filled_diamond": "*", "one": "||",
    "many": "}", "zero_or_one": "|o", "zero_or_many": "}o", "one_or_many": "}|", "circle": "o", "cross": "x",
}  # fmt: skip
RIGHT = {
    "none": "", "arrow": ">", "open_arrow": ">", "triangle": "|>", "diamond": "o", "filled_diamond": "*", "one": "||",
    "many": "{", "zero_or_one": "o|", "zero_or_many": "o{", "one_or_many": "|{", "circle": "o", "cross": "x",
}  # fmt: skip
RESERVED = frozenset(
    {
        "class", "entity", "actor", "usecase", "database", "note", "package", "as", "end", "left", "right", "top",
        "bottom", "of", "on", "link", "hide", "show", "abstract", "interface", "enum", "annotation", "together",
    }
)  # fmt: skip


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements."""
    losses.update(missing(diagram, FEATURES, format=f"{spec.title} {diagram.kind}", but=("edge.kind.*", "tail.*")))
    names = Names([n.id for n in diagram.nodes] + [g.id for g in diagram.groups], reserved=RESERVED)
    lines: list[str] = []
    other = "usecase" if diagram.kind == "usecase" else "class"
    for group, nodes, outer, inner, closing in nesting(diagram, "  "):
        if closing:
            lines.append(outer + "}")
            continue
        if group is not None:
            container = "rectangle" if diagram.kind == "usecase" else "package"
            lines.append(f'{outer}{container} "{quoted(group.label) or " "}" as {names[group.id]} {{')
        for node in nodes:
            lines += [inner + line for line in _node(node, names[node.id], other)]
    if _mixed(diagram, other):
        lines.insert(0, "allowmixing")
    lines += [_edge(edge, names) for edge in diagram.edges]
    return "\n".join(lines) + "\n"


def _mixed(diagram: Diagram, other: str) -> bool:
    """Whether classes or their ends of lines stand beside what belongs to use cases: PlantUML takes it only if told."""
    words = {KEYWORDS.get(node.shape, other) for node in diagram.nodes}
    ends = {end for edge in diagram.edges for end in (edge.head, edge.tail)}
    more = words - {"actor", "usecase", "database"} or ends & (FEET | {"cross"})
    return bool(words & {"actor", "usecase"}) and bool(more)


def _node(node: Node, name: str, other: str) -> list[str]:
    if node.shape in ("note", "annotation", "text"):
        return [f'note "{quoted(node.label) or " "}" as {name}']
    keyword = KEYWORDS.get(node.shape, other)
    if keyword == "database":
        keyword = other
    head = f'{keyword} "{quoted(node.label) or " "}" as {name}'
    if keyword in ("actor", "usecase", "circle") or not node.rows:
        return [head]
    return [head + " {", *(f"  {{field}} {quoted(row)}" for row in node.rows), "}"]


def _edge(edge: Edge, names: Names) -> str:
    shaft = "--" if edge.line in ("solid", "thick") else ".."
    near = f' "{quoted(edge.source_label)}"' if edge.source_label else ""
    far = f'"{quoted(edge.target_label)}" ' if edge.target_label else ""
    label = f" : {quoted(edge.label)}" if edge.label else ""
    arrow = f"{LEFT.get(edge.tail, '<')}{shaft}{RIGHT.get(edge.head, '>')}"
    return f"{names[edge.source]}{near} {arrow} {far}{names[edge.target]}{label}"
