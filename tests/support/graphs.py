"""Whether two diagrams are the same graph, whatever their ids, and what differs where they are not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict

from diagrasp.model import Diagram, Node

_COARSE = (
    ("end", ("event", "initial", "final", "terminal", "ellipse", "circle", "stadium", "usecase")),
    ("decision", ("gateway", "decision", "hexagon", "merge")),
    ("data", ("data", "document", "annotation", "note", "text")),
    ("actor", ("actor", "participant", "boundary", "control", "collections")),
    ("class", ("class", "entity")),
    ("bar", ("bar",)),
)


def plain(text: str) -> str:
    """A label as people compare it: case, quotes, dashes, a closing stop and the dots of ё do not count."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    text = re.sub(r"[«»“”„\"'`’]", "", text)
    text = re.sub(r"[‐‑–—−]", "-", text)
    return " ".join(text.split()).strip(" .,:;")


def coarse(shape: str) -> str:
    """The class of a shape, as the benchmark tells them apart; whatever is none of these is a step."""
    return next((name for name, parts in _COARSE if any(part in shape for part in parts)), "step")


def _names(diagram: Diagram) -> dict[str, str]:
    """What to call each node and group: its label, else its shape and what it is connected with."""
    near: dict[str, list[str]] = defaultdict(list)
    label = {n.id: plain(n.label) for n in diagram.nodes}
    for edge in diagram.edges:
        near[edge.target].append("after " + (label.get(edge.source) or "?"))
        near[edge.source].append("before " + (label.get(edge.target) or "?"))
    names = {g.id: plain(g.label) for g in diagram.groups}
    for node in diagram.nodes:
        names[node.id] = plain(node.label) or f"<{coarse(node.shape)} {', '.join(sorted(set(near[node.id])))}>"
    return names


def _where(diagram: Diagram, node: Node) -> str:
    """The titled containers that a node lies in, innermost first."""
    return " < ".join(plain(g.label) for g in diagram.ancestors(node.group) if g.label)


def differences(truth: Diagram, found: Diagram, *, exact: bool = True) -> list[str]:
    """What of `truth` is missing in `found` and what is too much, a line each; empty where the graphs are equal.

    Args:
        exact: whether shapes must be the same, or only of the same class.
    """

    def facts(diagram: Diagram) -> Counter[str]:
        names = _names(diagram)
        out: Counter[str] = Counter()
        for node in diagram.nodes:
            out[f"node {names[node.id]}"] += 1
            out[f"shape of {names[node.id]}: {node.shape if exact else coarse(node.shape)}"] += 1
            out[f"place of {names[node.id]}: {_where(diagram, node) or 'none'}"] += 1
        for edge in diagram.edges:
            ends = names[edge.source], names[edge.target]
            arrow = "->" if edge.head != "none" else "--"
            if edge.head == edge.tail == "none":
                ends = (min(ends), max(ends))
            out[f"edge {ends[0]} {arrow} {ends[1]}" + (f" [{plain(edge.label)}]" if edge.label else "")] += 1
        return out

    want, have = facts(truth), facts(found)
    lines = [f"missing: {fact}" for fact in (want - have).elements()]
    return lines + [f"too much: {fact}" for fact in (have - want).elements()]
