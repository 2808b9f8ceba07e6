"""What a drawing is, and what its parts mean in it."""

from __future__ import annotations

from diagrasp_formats._kinds import diagram_kind, fit
from diagrasp_formats.drawio.places import touch
from diagrasp_formats.drawio.sheet import Sheet


def kind_of_sheet(sheet: Sheet) -> str:
    """The kind of a drawing that was not made here."""
    kind = diagram_kind(sheet.nodes, sheet.groups, sheet.edges)
    if kind == "flowchart" and sheet.nodes and all(e["head"] == e["tail"] == "none" for e in sheet.edges):
        folding = sum(sheet.style(id).get("treeFolding") == "1" for id in sheet.nodes)
        return "mindmap" if folding > len(sheet.nodes) / 2 else kind
    return kind


def fit_sheet(sheet: Sheet, kind: str) -> None:
    """Read what several notations share as this kind of diagram means it."""
    fit(kind, sheet.nodes.values(), (e for e in sheet.edges if "diagraspKind" not in sheet.style(e["id"])))
    if kind == "bpmn":
        _pools(sheet)


def _pools(sheet: Sheet) -> None:
    """Lanes that lie in nothing and touch no other are pools."""
    top = [g for g in sheet.groups.values() if g["kind"] == "lane" and g["parent"] is None]
    for group in top:
        if not any(touch(group["box"], other["box"]) for other in top if other is not group):
            group["kind"] = "pool"
