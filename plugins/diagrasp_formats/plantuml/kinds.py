"""Which kind of diagram a PlantUML source holds, and what a diagram is written as."""

from __future__ import annotations

import re
from collections.abc import Callable

from diagrasp.errors import ParseError
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses

Reading = Callable[[str, Losses], Diagram]

_SIGNS = {
    "activity": (
        r"(?:#\w+)?:[^\n:]*;?[ \t]*$(?!.*\bas\b)|start[ \t]*$|stop[ \t]*$|if[ \t]*\(.*\)[ \t]*(?:then|is|equals)|"
        r"while[ \t]*\(|repeat\b|fork[ \t]*$|split[ \t]*$|\|[^|\n]+\||switch[ \t]*\("
    ),
    "old activity": (r"\(\*\)|if[ \t]+\"|===\w+===|\"[^\"\n]*\"[ \t]*-+>[ \t]*\"|-+>[ \t]*\"[^\"]*\"[ \t]*$"),
    "state": r"\[\*\]|state[ \t]+[\w\"]",
    "class": (
        r"(?:abstract[ \t]+)?(?:class|interface|enum|annotation|entity)[ \t]+[\w\"][^\n]*(?:\{|$)|abstract[ \t]+\w|"
        r"[\w\"]+[^\n:]*(?:<\|--?|--?\|>|\*--|--\*|o--|--o|<\|\.\.|\.\.\|>)"
    ),
    "usecase": (
        r"usecase\b|\([^()\n*]+\)(?:[ \t]*as\b|[ \t]*$|[ \t]*[-.<])|:[^:\n]+:[ \t]*(?:as\b|$|[-.<])|"
        r"[^\n(]*[-.]+>?[ \t]*\([^()\n*]+\)"
    ),
    "sequence": (
        r"(?:participant|boundary|control|collections|queue|activate|deactivate|create|autonumber|return|alt|opt|loop|"
        r"par|ref|==)\b|==[^\n]+==|\.\.\.|[^\n]*(?:->>?|<<?-|-->>?|<<?--|-\\|->x)"
    ),
}
"""What a line of each kind begins with; the first that fits counts."""


def reader(text: str) -> Reading:
    """The reader of the kind that most lines speak for.  Raises ParseError."""
    counts: dict[str, int] = {}
    for line in text.split("\n"):
        line = line.strip()
        for kind, pattern in _SIGNS.items():
            if line and re.match(pattern, line, re.IGNORECASE):
                counts[kind] = counts.get(kind, 0) + 1
                break
    if re.search(r"^\s*(?:component|node|artifact|cloud|folder|frame|storage|\[[\w ]+\])\s", text, re.MULTILINE) and (
        not counts.get("sequence") or not counts
    ):
        raise ParseError("component and deployment diagrams are not read", line=1, expected=["a diagram of activities"])
    strong = [kind for kind in ("state", "class", "usecase", "old activity") if counts.get(kind)]
    if "state" in strong and not counts.get("activity", 0) > counts["state"]:
        best = "state"
    elif not counts:
        if not text.strip():
            raise ParseError("the diagram is empty", line=1, expected=["a statement"])
        best = "sequence"
    else:
        best = max(counts, key=lambda kind: counts[kind])
        if (
            best == "sequence"
            and strong
            and not re.search(r"^\s*(?:participant|autonumber|activate|alt)\b", text, re.MULTILINE)
        ):
            best = strong[0]
    return _load(best)


def _load(kind: str) -> Reading:
    if kind == "activity":
        from diagrasp_formats.plantuml import activity_read

        return activity_read.read
    if kind == "state":
        from diagrasp_formats.plantuml import state

        return state.read
    if kind == "sequence":
        from diagrasp_formats.plantuml import sequence

        return sequence.read
    raise ParseError(f"PlantUML {kind} diagrams are not read yet", line=1)


def write(diagram: Diagram, spec: FormatSpec, losses: Losses) -> str:
    """The statements of a diagram in the kind that fits it best."""
    from diagrasp_formats.plantuml import activity_write, classes, sequence, state

    if diagram.kind in ("class", "er", "usecase"):
        return classes.write(diagram, spec, losses)
    if diagram.kind == "sequence":
        return sequence.write(diagram, spec, losses)
    if diagram.kind in ("flowchart", "bpmn", "activity", "block", "mindmap"):
        found = activity_write.structured(diagram)
        if found is not None:
            return activity_write.ActivityWriter(diagram, spec, losses).write(found)
        what = "the flow is not structured, so it is written as a state diagram"
        losses.add("kind", "", what)
    return state.write(diagram, spec, losses)
