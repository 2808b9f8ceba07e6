"""What a reader made of a source, in lines that a person can review.

    flowchart LR "Order"
    group g1 lane "Warehouse" in pool
    node a decision "In stock?" in g1
    edge a -> b "yes" line=dashed
    loss edge.line e3

Nothing that has its default is written; texts are quoted as in JSON.  An edge is `->`, `<-`, `<->` where its ends are
arrows, `--` where it has none; every other end is told by `head=` and `tail=` after `--`.  Its id stands after it where
it is not `e` and its number.

    python tests/support/graphtext.py FILE [PAGE]

drafts the expectation of a corpus source: what the format's documentation says about it decides, line by line.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from visio import source

from diagrasp.formats import FormatRegistry, Read
from diagrasp.model import Diagram, Edge, Group, Node

_BARE = re.compile(r"[^\s\"\[\]=]+")
_ARROWS = {("none", "arrow"): "->", ("arrow", "none"): "<-", ("arrow", "arrow"): "<->", ("none", "none"): "--"}


def graph_text(read: Read) -> str:
    """The lines of a reading: the diagram, its groups, nodes and edges in their order, losses by name."""
    diagram = read.diagram
    head = " ".join(part for part in (diagram.kind, diagram.direction or "", _label(diagram.title or "")) if part)
    lines = [head, *([f"pages {read.pages}"] if read.pages != 1 else [])]
    lines += [_group(group) for group in diagram.groups]
    lines += [_node(node) for node in diagram.nodes]
    lines += [_edge(edge, f"e{number}") for number, edge in enumerate(diagram.edges, 1)]
    lines += sorted(_words("loss", loss.feature, _id(loss.element) if loss.element else "") for loss in read.losses)
    return "\n".join(lines) + "\n"


def geometry(diagram: Diagram) -> str:
    """Whether nodes and groups have boxes and edges paths: `boxes all, paths none`, and `some` between."""
    boxes = [node.box is not None for node in diagram.nodes] + [group.box is not None for group in diagram.groups]
    paths = [edge.path is not None for edge in diagram.edges]
    return f"boxes {_share(boxes)}, paths {_share(paths)}"


def _share(flags: Sequence[bool]) -> str:
    return "none" if not any(flags) else "all" if all(flags) else "some"


def _group(group: Group) -> str:
    return _words("group", _id(group.id), group.kind, _label(group.label), _within(group.parent))


def _node(node: Node) -> str:
    return _words(
        "node", _id(node.id), node.shape, _label(node.label), _within(node.group),
        f"trigger={node.trigger}" if node.trigger else "",
        f"markers={','.join(node.markers)}" if node.markers else "",
        f"attached={_id(node.attached_to)}" if node.attached_to else "",
        f"rows={_json(node.rows)}" if node.rows else "",
    )  # fmt: skip


def _edge(edge: Edge, usual: str) -> str:
    arrow = _ARROWS.get((edge.tail, edge.head))
    marks = () if arrow else (("tail", edge.tail), ("head", edge.head))
    return _words(
        "edge", _id(edge.source), arrow or "--", _id(edge.target), _label(edge.label),
        *(f"{name}={mark}" for name, mark in marks if mark != "none"),
        f"line={edge.line}" if edge.line != "solid" else "",
        f"kind={edge.kind}" if edge.kind != "flow" else "",
        f"from={_json(edge.source_label)}" if edge.source_label else "",
        f"to={_json(edge.target_label)}" if edge.target_label else "",
        "default" if edge.default else "",
        f"group={_id(edge.group)}" if edge.group else "",
        f"id={_id(edge.id)}" if edge.id != usual else "",
    )  # fmt: skip


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _within(group: str | None) -> str:
    return f"in {_id(group)}" if group is not None else ""


def _id(id: str) -> str:
    return id if _BARE.fullmatch(id) else _json(id)


def _label(text: str) -> str:
    return _json(text) if text else ""


def _json(value: str | Iterable[str]) -> str:
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)


def main(arguments: Sequence[str]) -> None:
    path = Path(arguments[0])
    page = int(arguments[1]) if len(arguments) > 1 else None
    data = source(path)
    read = FormatRegistry(external=False).detect(data).read(data, page=page)
    sys.stdout.write(f"covers:\n# geometry: {geometry(read.diagram)}\n{graph_text(read)}")


if __name__ == "__main__":
    main(sys.argv[1:])
