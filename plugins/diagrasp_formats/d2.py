"""D2, written."""

from __future__ import annotations

from typing import Any

from diagrasp.features import missing
from diagrasp.formats import FormatSpec, Written
from diagrasp.model import Diagram, Edge, Node
from diagrasp_formats._common import Losses, Names, check_options, encode, printable
from diagrasp_formats._nesting import nesting

SHAPES: dict[str, str] = {
    "process": "rectangle", "rounded": "rectangle", "decision": "diamond", "ellipse": "oval", "circle": "circle",
    "double_circle": "circle", "hexagon": "hexagon", "data": "parallelogram", "database": "cylinder",
    "document": "document", "text": "text", "actor": "person", "class": "class", "entity": "class",
    "note": "page", "usecase": "oval",
}  # fmt: skip
STAND_INS: dict[str, str] = {
    "terminal": "oval", "stadium": "oval", "merge": "diamond", "annotation": "page", "data_object": "page",
    "data_store": "cylinder", "initial": "circle", "final": "circle", "start_event": "circle", "end_event": "circle",
    "intermediate_event": "circle", "boundary_event": "circle", "connector": "circle", "delay": "stored_data",
}  # fmt: skip
HEADS: dict[str, str] = {
    "arrow": "", "none": "", "open_arrow": "arrow", "triangle": "triangle", "diamond": "diamond",
    "filled_diamond": "diamond", "circle": "circle", "one": "cf-one-required", "many": "cf-many-required",
    "zero_or_one": "cf-one", "zero_or_many": "cf-many", "one_or_many": "cf-many-required", "cross": "cross",
}  # fmt: skip
RESERVED = frozenset(
    {
        "shape", "label", "style", "direction", "class", "classes", "constraint", "tooltip", "link", "near", "icon",
        "width", "height", "top", "left", "vars", "layers", "scenarios", "steps", "source", "target", "null",
    }
)  # fmt: skip
WAYS = {"TB": "down", "BT": "up", "LR": "right", "RL": "left"}


class D2Format:
    """Writes D2."""

    spec = FormatSpec(
        id="d2",
        title="D2",
        media_type="text/x-d2",
        suffixes=(".d2",),
        kinds=frozenset({"flowchart", "bpmn", "activity", "state", "class", "er", "usecase", "c4", "mindmap", "block"}),
        features=frozenset(
            {
                "label", "title", "direction", "rows", "group", "group.*", "edge.label", "edge.to_group", "kind.*",
                "edge.kind.flow", "line.*", "tail.arrow", "edge.source_label", "edge.target_label",
                *(f"head.{head}" for head in HEADS), *(f"shape.{shape}" for shape in SHAPES),
            }
        ),
    )  # fmt: skip

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Raises InputError."""
        check_options(options, self.spec.options, "d2")
        losses = Losses(missing(diagram, self.spec.features, format=self.spec.title, but=("edge.kind.*",)))
        lines: list[str] = []
        if diagram.title:
            lines.append(f"title: {_text(_seen(diagram.title))} {{near: top-center; shape: text}}")
        if diagram.direction:
            lines.append(f"direction: {WAYS[diagram.direction]}")
        ids = [node.id for node in diagram.nodes] + [group.id for group in diagram.groups]
        reserved = RESERVED | {"title"} | {id for id in ids if not id.strip("_")}  # a path goes upwards by `_`
        names = Names(ids, reserved=reserved)
        paths = _paths(diagram, names)
        for group, nodes, outer, inner, closing in nesting(diagram, "  "):
            if closing:
                lines.append(outer + "}")
                continue
            if group is not None:
                lines.append(f"{outer}{names[group.id]}: {_text(group.label)} {{")
            lines += [inner + _node(node, names[node.id]) for node in nodes]
        lines += [_edge(edge, paths) for edge in diagram.edges]
        return Written(encode("\n".join(lines) + "\n"), losses.done())


def _paths(diagram: Diagram, names: Names) -> dict[str, str]:
    """The full name of each node and group, through the groups around it."""
    parents = {group.id: group.parent for group in diagram.groups} | {node.id: node.group for node in diagram.nodes}
    paths: dict[str, str] = {}
    for id in parents:
        chain = [id]
        while chain[-1] not in paths and (parent := parents[chain[-1]]) is not None:
            chain.append(parent)
        for each in reversed(chain):
            if each not in paths:
                around = parents[each]
                paths[each] = (f"{paths[around]}." if around is not None else "") + names[each]
    return paths


def _text(text: str) -> str:
    """A quoted string."""
    text = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{text}"'


def _seen(label: str) -> str:
    """A label for D2's text, which takes none of blanks alone: then a space of no width."""
    return label if label.strip() else "\u200b"


def _node(node: Node, name: str) -> str:
    look = [f"shape: {SHAPES.get(node.shape) or STAND_INS.get(node.shape, 'rectangle')}"]
    if node.shape in ("rounded", "state"):
        look.append("style.border-radius: 8")
    if node.shape in ("double_circle", "final"):
        look.append("style.double-border: true")
    if node.rows:
        look += [f'{_text(row)}: ""' for row in dict.fromkeys(node.rows) if row]
    label = _seen(node.label) if node.shape == "text" else node.label
    return f"{name}: {_text(label)} {{{'; '.join(look)}}}"


def _edge(edge: Edge, paths: dict[str, str]) -> str:
    arrow = {(False, False): "--", (True, False): "->", (False, True): "<-", (True, True): "<->"}[
        edge.head != "none", edge.tail != "none"
    ]
    look: list[str] = []
    if edge.line != "solid":
        look.append("style.stroke-width: 4" if edge.line == "thick" else "style.stroke-dash: 3")
    for side, head, label in (
        ("source", edge.tail, edge.source_label), ("target", edge.head, edge.target_label)
    ):  # fmt: skip
        shape = HEADS.get(head, "")
        filled = {"filled_diamond": "; style.filled: true", "diamond": "; style.filled: false"}.get(head, "")
        if shape or label:
            text = f": {_text(label)}" if label else ":"
            inner = f" {{shape: {shape}{filled}}}" if shape else ""
            look.append(f"{side}-arrowhead{text}{inner}")
    label = f": {_text(edge.label)}" if edge.label else (": " if look else "")
    block = f" {{{'; '.join(look)}}}" if look else ""
    return f"{paths[edge.source]} {arrow} {paths[edge.target]}{label.rstrip()}{block}"
