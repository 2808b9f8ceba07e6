"""Colours of the redraw, light and dark, by what a symbol is for."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.model import Shape

FAMILY = "Roboto, Arial, 'Liberation Sans', Arimo, Helvetica, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Paint:
    fill: str
    stroke: str


@dataclass(frozen=True, slots=True)
class Theme:
    """`paints` by family of shapes; `band` fills title strips, `panel` the inside of groups."""

    name: str
    background: str
    ink: str
    soft: str
    line: str
    band: str
    border: str
    panel: str
    paints: dict[str, Paint]

    def paint(self, shape: Shape) -> Paint:
        return self.paints[_FAMILIES.get(shape, "step")]


_FAMILIES: dict[str, str] = {
    **dict.fromkeys(("decision", "merge", "exclusive_gateway", "parallel_gateway", "inclusive_gateway"), "choice"),
    **dict.fromkeys(("event_gateway", "complex_gateway", "hexagon"), "choice"),
    **dict.fromkeys(("start_event",), "start"),
    **dict.fromkeys(("end_event",), "end"),
    **dict.fromkeys(("intermediate_event", "boundary_event"), "event"),
    **dict.fromkeys(("data", "document", "database", "data_object", "data_store", "collections"), "data"),
    **dict.fromkeys(("manual_input", "display", "delay", "manual_operation"), "data"),
    **dict.fromkeys(("note",), "note"),
    **dict.fromkeys(("annotation", "text", "actor", "bar", "initial", "final"), "plain"),
    **dict.fromkeys(("terminal", "stadium", "circle", "double_circle", "connector", "ellipse"), "terminal"),
}

LIGHT = Theme(
    "light", "#ffffff", "#1e293b", "#64748b", "#475569", "#eaeff5", "#a3b1c2", "#f8fafc",
    {
        "step": Paint("#eef4fe", "#4a74b8"),
        "choice": Paint("#fff6de", "#b9852a"), "start": Paint("#e4f6ea", "#2f8a57"),
        "end": Paint("#fdeaea", "#c2413b"), "event": Paint("#fdf5e6", "#9a7426"), "data": Paint("#eaf5f4", "#3f8580"),
        "note": Paint("#fffbe0", "#c2ad4d"),
        "plain": Paint("#ffffff", "#475569"), "terminal": Paint("#f1effc", "#6b5bb8"),
    },
)  # fmt: skip
DARK = Theme(
    "dark", "#12161d", "#e6ebf2", "#93a1b5", "#9fb0c6", "#222b38", "#435066", "#181e27",
    {
        "step": Paint("#1b2a43", "#6d9be6"),
        "choice": Paint("#352b14", "#dcae4f"), "start": Paint("#15301f", "#55b983"),
        "end": Paint("#3a1c1d", "#e57873"), "event": Paint("#30281a", "#d0a856"), "data": Paint("#15302f", "#62b8b1"),
        "note": Paint("#343018", "#d3c067"),
        "plain": Paint("#12161d", "#9fb0c6"), "terminal": Paint("#272244", "#9c8df0"),
    },
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}
