"""Which symbol is which: Mermaid's node shapes, old brackets and new names, beside the shapes of a diagram.

Names and aliases as in Mermaid 11.17's list of shapes (flowchart documentation, "Complete List of New Shapes").
"""

from __future__ import annotations

from typing import get_args

from diagrasp.model import GroupKind, Shape

BRACKETS: dict[str, tuple[str, str]] = {
    "process": ("[", "]"),
    "rounded": ("(", ")"),
    "stadium": ("([", "])"),
    "subprocess": ("[[", "]]"),
    "database": ("[(", ")]"),
    "circle": ("((", "))"),
    "double_circle": ("(((", ")))"),
    "decision": ("{", "}"),
    "hexagon": ("{{", "}}"),
    "data": ("[/", "/]"),
    "manual_operation": ("[\\", "/]"),
}
"""Shapes that every version of Mermaid draws."""

NAMED: dict[str, str] = {
    "document": "doc",
    "delay": "delay",
    "display": "curv-trap",
    "manual_input": "sl-rect",
    "annotation": "brace",
    "text": "text",
    "initial": "sm-circ",
    "final": "fr-circ",
    "bar": "fork",
}
"""Shapes that take `@{ shape: ... }` (Mermaid 11.3 and later)."""

STAND_INS: dict[str, str] = {
    "terminal": "stadium", "ellipse": "stadium", "connector": "circle", "merge": "decision", "note": "annotation",
    "actor": "rounded",
    "task": "process", "user_task": "process", "service_task": "process", "script_task": "process",
    "send_task": "process", "receive_task": "process", "manual_task": "process", "business_rule_task": "process",
    "call_activity": "subprocess",
    "start_event": "circle", "intermediate_event": "circle", "boundary_event": "circle", "end_event": "double_circle",
    "exclusive_gateway": "decision", "parallel_gateway": "decision", "inclusive_gateway": "decision",
    "event_gateway": "decision", "complex_gateway": "decision",
    "data_object": "document", "data_store": "database",
    "state": "rounded", "participant": "process", "boundary": "circle", "control": "circle", "entity": "process",
    "collections": "process", "class": "process", "usecase": "stadium",
}  # fmt: skip
"""What the other shapes are drawn as."""

BPMN = frozenset(
    shape for shape in STAND_INS if shape.endswith(("task", "event", "gateway")) or shape.startswith("data_")
) | {"call_activity"}

SIGNS: dict[str, str] = {
    "exclusive_gateway": "×",
    "parallel_gateway": "+",
    "inclusive_gateway": "○",
    "event_gateway": "⬠",
    "complex_gateway": "✱",
}
"""What stands in a gateway without a label, as BPMN draws it."""

EXACT = frozenset(BRACKETS) | frozenset(NAMED)

_ALIASES: dict[str, str] = {
    "process": "rect proc process rectangle squareRect",
    "rounded": "rounded event roundedRect",
    "stadium": "stadium pill",
    "terminal": "terminal",
    "subprocess": "fr-rect subprocess subproc framed-rectangle subroutine",
    "database": "cyl db database cylinder",
    "data_store": "datastore data-store",
    "circle": "circle circ",
    "double_circle": "dbl-circ double-circle",
    "decision": "diam decision diamond question",
    "hexagon": "hex hexagon prepare",
    "data": "lean-r lean-right in-out",
    "manual_operation": "trap-t manual trapezoid-top inv-trapezoid",
    "text": "text",
    "initial": "sm-circ start small-circle",
    "final": "fr-circ stop framed-circle",
    "bar": "fork join",
    "annotation": "brace comment brace-l",
    "document": "doc document",
    "delay": "delay half-rounded-rectangle",
    "display": "curv-trap curved-trapezoid display",
    "manual_input": "sl-rect manual-input sloped-rectangle",
    "actor": "person",
    "note": "note",
}
_NEAR: dict[str, str] = {
    "data": "lean-l lean-left out-in",
    "manual_operation": "trap-b priority trapezoid-bottom trapezoid",
    "annotation": "brace-r braces",
    "database": "h-cyl das horizontal-cylinder lin-cyl disk lined-cylinder bow-rect stored-data bow-tie-rectangle",
    "document": "lin-doc lined-document docs documents st-doc stacked-document tag-doc tagged-document flag paper-tape",
    "connector": "f-circ junction filled-circle cross-circ summary crossed-circle",
    "process": "notch-rect card notched-rectangle lin-rect lined-rectangle lined-process lin-proc shaded-process "
    "div-rect div-proc divided-rectangle divided-process win-pane internal-storage window-pane st-rect procs "
    "processes stacked-rectangle tag-rect tag-proc tagged-rectangle tagged-process odd notch-pent loop-limit "
    "notched-pentagon hourglass collate bolt com-link lightning-bolt tri extract triangle flip-tri manual-file "
    "flipped-triangle cloud bang folder directory bucket console browser icon image",
}

BY_NAME: dict[str, tuple[str, bool]] = {
    **{name: (shape, False) for shape, names in _NEAR.items() for name in names.split()},
    **{name: (shape, True) for shape, names in _ALIASES.items() for name in names.split()},
}
"""Mermaid's name of a shape -> ours, and whether it is the same and not only the nearest."""

BARE = frozenset(
    {
        "sm-circ", "start", "small-circle", "fr-circ", "stop", "framed-circle", "fork", "join", "f-circ", "junction",
        "filled-circle", "cross-circ", "summary", "crossed-circle", "hourglass", "collate", "bolt", "com-link",
        "lightning-bolt",
    }
)  # fmt: skip
"""Names of the shapes in which Mermaid shows no text."""

SHAPES = frozenset(get_args(Shape))
GROUPS = frozenset(get_args(GroupKind))


def drawn(shape: str) -> str:
    """What a shape is written as, one of EXACT."""
    return shape if shape in EXACT else STAND_INS[shape]


def class_name(shape: str) -> str:
    """The class that tells a shape from what it is drawn as."""
    if shape == "class":  # a word of Mermaid's
        return "uml_class"
    return f"bpmn_{shape}" if shape in BPMN else shape


def by_class(name: str) -> str | None:
    """The shape or kind of group that a class names, if it does."""
    bare = name.removeprefix("bpmn_").removeprefix("uml_")
    if bare in SHAPES and class_name(bare) == name:
        return bare
    return bare if bare in GROUPS and name == f"bpmn_{bare}" else None
