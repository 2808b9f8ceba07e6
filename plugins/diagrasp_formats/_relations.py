"""Which relation of UML a line and its end stand for."""

from __future__ import annotations

from diagrasp.model import EdgeKind


def kind_of(head: str, line: str) -> EdgeKind:
    """The relation that UML draws so."""
    if head == "triangle":
        return "realization" if line != "solid" else "inheritance"
    if head in ("diamond", "filled_diamond"):
        return "aggregation" if head == "diamond" else "composition"
    return "dependency" if head != "none" and line != "solid" else "association"
