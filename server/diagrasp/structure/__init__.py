"""The structure that drawing tools leave in an SVG: Mermaid's and Graphviz's ids and titles say what connects what.

Only drawings whose every connector is understood are answered, for half a graph is worse than none.
"""

from __future__ import annotations

from diagrasp.model import Diagram
from diagrasp.xmltree import Tag


def read_structure(root: Tag) -> Diagram | None:
    """The diagram that an SVG of Mermaid or Graphviz shows; None where it is none of these or not understood."""
    from diagrasp.structure import graphviz, mermaid, mermaid_sequence

    role = root.get("aria-roledescription")
    if role.startswith("sequence"):
        return mermaid_sequence.read(root)
    if role.startswith(("flowchart", "graph", "state", "class", "er")):
        return mermaid.read(root, role)
    return graphviz.read(root)
