"""What kind of diagram a scene is: the marks of each notation are counted, where they are joined up as it does."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.uml.entities import are_entities
from diagrasp.engines.embedded.uml.members import columns
from diagrasp.engines.embedded.uml.relations import Ends
from diagrasp.engines.embedded.uml.tables import in_columns
from diagrasp.model import DiagramKind

GATEWAYS = ("exclusive_gateway", "parallel_gateway", "inclusive_gateway", "event_gateway", "complex_gateway")
EVENT = 1.9
"""Least diameter of a BPMN event, in letter heights; what is smaller marks the end of a line."""


@dataclass
class Draft:
    """A node being decided on; `signs` are the places in it where BPMN's signs were found."""

    shape: str
    label: str = ""
    sure: float = 1.0
    small_circle: bool = False
    rows: tuple[str, ...] = ()
    trigger: str | None = None
    markers: tuple[str, ...] = ()
    signs: set[str] = field(default_factory=set)


def kind_of_diagram(scene: Scene, drafts: list[Draft], ends: list[Ends]) -> DiagramKind:
    """The kind that the shapes and the connectors speak for.

    Args:
        drafts: of the nodes, in their order.
        ends: the notation at the ends of the connectors, in their order.
    """
    shapes = [d.shape for d in drafts]
    letter = scene.sheet.letter
    inward = {c.target - 1 for c in scene.connectors if c.head}
    outward = {c.source - 1 for c in scene.connectors}
    # What starts has no way in, what ends no way out: other dark spots are pieces of lines.
    initial = [i for i, s in enumerate(shapes) if s == "initial" and i not in inward]
    final = [i for i, s in enumerate(shapes) if s == "final" and i not in outward]
    tables = _tables(scene)
    joined = {end - 1 for c in scene.connectors for end in (c.source, c.target)}
    plain = [
        d
        for i, d in enumerate(drafts)
        if not d.small_circle
        and d.shape not in ("note", "annotation", "initial", "final", "merge", "bar")
        and (i in joined or d.label or d.rows or len(scene.nodes[i].outline.parts) > 1)  # no symbol of a palette
    ]
    tasks = shapes.count("rounded") + shapes.count("process")
    if tables and len(tables) >= 0.5 * len(plain) and not initial and not final:
        return _structure(scene, tables, ends)
    if are_entities(scene, ends):
        return "er"
    if in_columns(scene.tables, scene.text.lines) and len(tables) + tasks >= 0.8 * len(plain) and not final:
        return "er"
    if "actor" in shapes and not initial and any(s in ("ellipse", "usecase", "circle", "stadium") for s in shapes):
        return "usecase"
    events = sum(
        d.small_circle and max(n.box.w, n.box.h) >= EVENT * letter for d, n in zip(drafts, scene.nodes, strict=True)
    )
    # A start mark in colour is UML's only where an end mark stands beside it.
    coloured = sum(drafts[i].small_circle for i in initial)
    marks = len(initial) - coloured + len(final)
    if final:
        marks, events = marks + coloured, events - coloured
    gates = sum(s in GATEWAYS for s in shapes)
    # BPMN has neither hexagons nor lanes without a frame: a circle beside a start mark is the end of a flow.
    uml = bool(initial) and ("hexagon" in shapes or any(f.lane for f in scene.frames))
    icons = sum(n.shape == "icon" for n in scene.nodes)  # pictures of services and machines: BPMN has none
    uml = uml or icons > max(2, events)
    if (events and tasks and events >= marks and not uml) or gates >= 2 or (gates and tasks and not marks):
        return "bpmn"
    if marks:
        activity = shapes.count("merge") + shapes.count("hexagon") + shapes.count("bar") + shapes.count("decision")
        return "activity" if activity else "state"
    return "flowchart"


def _tables(scene: Scene) -> list[int]:
    """The nodes with compartments, by position."""
    return [i for i, n in enumerate(scene.nodes) if len(n.outline.parts) >= 2 and n.shape != "database"]


def _structure(scene: Scene, tables: list[int], ends: list[Ends]) -> DiagramKind:
    """Entities where lines end in crow's feet or attributes stand in columns, else classes."""
    filled = [i for i in tables if len(scene.inside.get(i, [])) > 1]
    tabular = sum(columns(scene.nodes[i], scene.inside[i]) for i in filled)
    crows = sum(e.crows for e in ends)
    heads = sum(e.head in ("triangle", "diamond", "filled_diamond") and not e.crows for e in ends)
    if tabular > 0.5 * max(1, len(filled)) or (crows > heads and crows >= 0.5 * max(1, len(ends))):
        return "er"
    return "class"
