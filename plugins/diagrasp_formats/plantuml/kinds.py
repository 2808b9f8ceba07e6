"""Which kind of diagram a PlantUML source holds, and what a diagram is written as."""

from __future__ import annotations

import re
from collections.abc import Callable

from diagrasp.errors import ParseError
from diagrasp.formats import FormatSpec
from diagrasp.model import Diagram
from diagrasp_formats._common import Losses
from diagrasp_formats.plantuml._source import blocks

Reading = Callable[[str, Losses], Diagram]

_END = r"(?:\w[\w.]*|\"[^\"\n]*\"|\([^()\n*]+\)|:[^:\n]+:|\[[^\]\n*]+\])"
_MARKED = r"(?:\([^()\n*]+\)|:[^:\n]+:|\[[^\]\n*]+\])"
_STRUCTURE = (
    (
        r"(?:abstract[ \t]+class|abstract|class|interface|enum|annotation|object|map|usecase|component|node|cloud|"
        r"artifact|rectangle|package|folder|frame|storage|card|agent)\b/?[ \t]*[\w\"(:\[][^\n]*"
    ),
    r"entity[ \t]+[\w\"][^\n]*\{",
    # an end, a multiplicity, and a line that no message has
    (
        rf"{_END}[ \t]*(?:\"[^\"\n]*\"[ \t]*)?(?:<\||\}}[|o]?[-.]|\|[|o][-.]|[*o+^#][-.]|"
        r"[-.]+(?:\[[^\]]*\])?(?:left|right|up|down|[lrud])[-.]|[-.]*\.[-.]*>?|[-.]*--?(?:\|>|\{|[*o+^#|](?=[\s|{]))|"
        r"<?[-.]*\.|--+[ \t]|-[ \t])"
    ),
    r"[\w.]+[ \t]+\"[^\"\n]*\"[ \t]*[-.<*o]",
    rf"{_MARKED}(?:[ \t]*as\b|[ \t]*$|[ \t]*[-.<])",
    r"[^\n(\[]*(?:[-.]+>|[-.][ \t])[ \t]*(?:\([^()\n*]+\)|\[[^\]\n*]+\])",
    r"(?:left to right|top to bottom)[ ]direction",
)
_OLD = (
    r"\(\*\w*\)",
    r"if[ \t]+\"[^\"]*\"[ \t]+(?:as[ \t]+\w+[ \t]+)?then",
    r"={2,}[ \t]*\w+[ \t]*={2,}[ \t]*-",
    r"-+>(?:\[[^\]]*\])?[ \t]*(?:\"|={2})",
)
_SIGNS = {
    "activity_old": "|".join(_OLD),
    "activity": (
        r"(?:#\w+)?:(?!.*:[ \t]*(?:as\b|[-.<]))[^\n]*$|start[ \t]*$|stop[ \t]*$|if[ \t]*\(.*\)[ \t]*(?:then|is|equals)|"
        r"while[ \t]*\(|repeat\b|fork[ \t]*$|split[ \t]*$|\|[^|\n]+\||switch[ \t]*\("
    ),
    "state": r"(?:.*[-.>][ \t]*)?\[(?:\*|H\*?)\]|state[ \t]+[\w\"]",
    "classes": "|".join(_STRUCTURE),
    "sequence": (
        r"(?:participant|boundary|control|collections|queue|activate|deactivate|create|autonumber|return|alt|opt|loop|"
        r"par|ref|else)\b|==[^\n]+==|\.\.\.|[^\n]*(?:->>?|<<?-|-->>?|<<?--|-\\|->x)"
    ),
}
"""What a line of each kind begins with; the first that fits counts."""
MOST_LINES = 4000
"""Lines that the kind is told by."""
_SPOKEN = re.compile(
    r"^\s*(?:(?:participant|autonumber|activate|deactivate|alt|loop|opt|par|return|ref over|create|box|[hr]note)\b|"
    r"==[^\n]+==|\.\.\.|\|\|[|\d]|[\[?][ox]?[<-]|\S+[ \t]*[-<>ox]+[\]?][ \t]*(?::|$))",
    re.MULTILINE,
)


def kind_of(text: str) -> str:
    """The kind that most lines speak for, `activity_old` the old syntax of activities.  Raises ParseError."""
    counts = dict.fromkeys(_SIGNS, 0)
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    for block in blocks(lines):  # a note says nothing, of what has a body its first line counts
        first = block.first + (block.kind != "note")
        lines[first : block.last + 1] = [""] * (block.last + 1 - first)
    for raw in lines:
        line = raw.strip()
        kind = next((kind for kind, pattern in _SIGNS.items() if re.match(pattern, line, re.IGNORECASE)), None)
        if line and kind:
            counts[kind] += 1
    if not any(counts.values()):
        if not text.strip():
            raise ParseError("the diagram is empty", line=1, expected=["a statement"])
        return (
            "classes"
            if re.search(r"^\s*(?:actor|entity|database)\b", text, re.MULTILINE | re.IGNORECASE)
            else "sequence"
        )
    if counts["activity_old"] and counts["activity_old"] >= counts["activity"] and not _SPOKEN.search(text):
        return "activity_old"
    if counts["state"] and counts["state"] >= counts["activity"]:
        return "state"
    best = max(counts, key=lambda kind: counts[kind])
    if best == "sequence" and counts["classes"] and not _SPOKEN.search(text):
        return "classes"
    return best


def reader(text: str) -> Reading:
    """The reader of the kind that the source is of.  Raises ParseError."""
    kind = kind_of(text)
    if kind == "activity":
        from diagrasp_formats.plantuml import activity_read

        return activity_read.read
    if kind == "activity_old":
        from diagrasp_formats.plantuml import activity_old

        return activity_old.read
    if kind == "state":
        from diagrasp_formats.plantuml import state

        return state.read
    if kind == "classes":
        from diagrasp_formats.plantuml import classes_read

        return classes_read.read
    from diagrasp_formats.plantuml import sequence

    return sequence.read


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
