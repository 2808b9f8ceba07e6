"""Graphviz' node shapes and arrows beside those of a diagram."""

from __future__ import annotations

SHAPES: dict[str, tuple[str, str]] = {
    "process": ("box", ""),
    "rounded": ("box", "rounded"),
    "decision": ("diamond", ""),
    "ellipse": ("ellipse", ""),
    "circle": ("circle", ""),
    "double_circle": ("doublecircle", ""),
    "hexagon": ("hexagon", ""),
    "data": ("parallelogram", ""),
    "manual_operation": ("invtrapezium", ""),
    "database": ("cylinder", ""),
    "note": ("note", ""),
    "text": ("plaintext", ""),
    "initial": ("point", ""),
    "document": ("folder", ""),
    "subprocess": ("component", ""),
}
"""Our shape -> Graphviz' shape and style, both ways."""

STAND_INS: dict[str, tuple[str, str]] = {
    "terminal": ("box", "rounded"), "stadium": ("box", "rounded"), "final": ("doublecircle", ""),
    "bar": ("box", "filled"),
    "merge": ("diamond", ""), "connector": ("circle", ""), "annotation": ("note", ""), "actor": ("box", ""),
    "start_event": ("circle", ""), "intermediate_event": ("doublecircle", ""), "boundary_event": ("doublecircle", ""),
    "end_event": ("circle", "bold"), "exclusive_gateway": ("diamond", ""), "parallel_gateway": ("diamond", ""),
    "inclusive_gateway": ("diamond", ""), "event_gateway": ("diamond", ""), "complex_gateway": ("diamond", ""),
    "data_object": ("note", ""), "data_store": ("cylinder", ""), "state": ("box", "rounded"),
    "usecase": ("ellipse", ""),
    "manual_input": ("trapezium", ""),
}  # fmt: skip

READ: dict[str, str] = {
    **{shape: ours for ours, (shape, style) in SHAPES.items() if not style},
    "rect": "process", "rectangle": "process", "square": "process", "oval": "ellipse", "none": "text", "plain": "text",
    "record": "process", "Mrecord": "rounded", "Mdiamond": "decision", "Msquare": "process", "Mcircle": "circle",
}  # fmt: skip
NEAR: dict[str, str] = {
    "trapezium": "manual_input", "tab": "document", "doubleoctagon": "double_circle", "octagon": "hexagon",
    "egg": "ellipse", "house": "process", "invhouse": "process", "triangle": "process", "invtriangle": "process",
    "box3d": "process", "cds": "process", "polygon": "process", "septagon": "hexagon", "pentagon": "hexagon",
}  # fmt: skip
FOLDED = {name.lower(): name for name in (*READ, *NEAR)}

HEADS: dict[str, str] = {
    "none": "none", "arrow": "normal", "open_arrow": "vee", "triangle": "empty", "diamond": "odiamond",
    "filled_diamond": "diamond", "circle": "odot", "many": "crow", "one": "tee", "zero_or_many": "crowodot",
    "one_or_many": "crowtee", "zero_or_one": "teeodot",
}  # fmt: skip
READ_HEADS = {name: head for head, name in HEADS.items()} | {
    "open": "open_arrow", "onormal": "triangle", "dot": "circle", "ovee": "open_arrow", "teetee": "one",
    "ediamond": "diamond", "": "arrow",
}  # fmt: skip
LINES = {"dashed": "dashed", "dotted": "dotted", "bold": "thick"}
