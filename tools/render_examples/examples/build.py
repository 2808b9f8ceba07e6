"""A short notation for diagrams: one line a node, chains of edges."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from diagrasp.model import Diagram

EDGE_LOOKS: dict[str, dict[str, str]] = {
    ">": {},
    "-": {"head": "none"},
    "..>": {"line": "dashed"},
    "~>": {"kind": "message", "line": "dashed"},
    "..": {"kind": "association", "line": "dotted", "head": "none"},
}


def diagram(kind: str, nodes: str, edges: str, groups: str = "", direction: str | None = None, **more: Any) -> Diagram:
    """A diagram from its notation.

    Args:
        nodes: lines `id shape[:trigger][+marker] [@group] [^host] label`.
        edges: lines `a > b > c`, `a > b : label`, `a > b :: label` (the default flow), other arrows of EDGE_LOOKS;
            a line `[group]` says which frame section the messages below stand in.
        groups: lines `id kind [@parent] label`.
    """
    return Diagram.model_validate(
        {
            "kind": kind,
            "direction": direction,
            "nodes": [_node(line) for line in _lines(nodes)],
            "edges": _edges(edges),
            "groups": [_group(line) for line in _lines(groups)],
            **more,
        }
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in textwrap.dedent(text).splitlines() if line.strip()]


def _node(line: str) -> dict[str, Any]:
    found = re.fullmatch(r"(\w+) (\w+)(?::(\w+))?((?:\+\w+)*)(?: @(\w+))?(?: \^(\w+))?(?: (.*))?", line)
    if not found:
        raise ValueError(f"no node: {line}")
    id, shape, trigger, markers, group, host, label = found.groups()
    return {
        "id": id,
        "label": label or "",
        "shape": shape,
        "trigger": trigger,
        "markers": markers.split("+")[1:],
        "group": group,
        "attached_to": host,
    }


def _group(line: str) -> dict[str, Any]:
    found = re.fullmatch(r"(\w+) (\w+)(?: @(\w+))?(?: (.*))?", line)
    if not found:
        raise ValueError(f"no group: {line}")
    id, kind, parent, label = found.groups()
    return {"id": id, "kind": kind, "parent": parent, "label": label or ""}


def _edges(text: str) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = []
    section: str | None = None
    for line in _lines(text):
        if found := re.fullmatch(r"\[(\w*)\]", line):
            section = found[1] or None
            continue
        chain, colon, label = line.partition(" :")
        default = label.startswith(":")
        parts = chain.split()
        for a, arrow, b in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            edge = {"source": a, "target": b, "label": label.lstrip(":").strip() if colon else "", "group": section}
            edges.append({**edge, **({"default": True} if default else {}), **EDGE_LOOKS[arrow]})
    return edges
