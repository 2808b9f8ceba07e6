"""Mermaid: flowchart, state and sequence sources from a diagram, drawn by Mermaid in Chromium."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagrasp.model import Box, Diagram, Edge, Node, Point
from diagrasp_train.generate.browser import Browser

SHAPES = {
    "process": ("[", "]"), "rounded": ("(", ")"), "decision": ("{", "}"), "stadium": ("([", "])"),
    "terminal": ("([", "])"), "circle": ("((", "))"), "double_circle": ("(((", ")))"), "hexagon": ("{{", "}}"),
    "data": ("[/", "/]"), "database": ("[(", ")]"), "subprocess": ("[[", "]]"), "manual_operation": ("[\\", "/]"),
}  # fmt: skip
NAMED = {
    "document": "doc", "manual_input": "manual-input", "delay": "delay", "display": "curv-trap", "ellipse": "stadium",
    "merge": "diamond",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MermaidStyle:
    """Mermaid's version ("" is 12, "-11" the last 11), configuration, page colour, font and pixels a unit.

    `classes` are rules that nodes take in turn, `areas` those of subgraphs.
    """

    version: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    background: str = "white"
    font: str = "Liberation Sans"
    scale: float = 1.0
    classes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()

    @property
    def hand_drawn(self) -> bool:
        return self.config.get("look") == "handDrawn"


def source(diagram: Diagram, style: MermaidStyle) -> str:
    """The Mermaid text of a diagram.  Raises ValueError for kinds that it has no notation for."""
    writers = {"flowchart": _flowchart, "state": _state, "sequence": _sequence}
    if diagram.kind not in writers:
        raise ValueError(f"no Mermaid for a diagram of kind {diagram.kind}")
    return "\n".join(writers[diagram.kind](diagram, style)) + "\n"


def _text(label: str) -> str:
    return '"' + label.replace('"', "#quot;") + '"'


def _arrow(edge: Edge) -> str:
    head = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}[edge.head]
    tail = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}[edge.tail]
    body = {
        "solid": "--" if head else "---",
        "dashed": "-.-",
        "dotted": "-.-",
        "thick": "==" if head else "===",
    }[edge.line]
    return tail + body + head


def _flowchart(diagram: Diagram, style: MermaidStyle) -> list[str]:
    out = [f"flowchart {diagram.direction or 'TB'}"]

    def node(n: Node, indent: str) -> str:
        if n.shape in SHAPES:
            a, b = SHAPES[n.shape]
            return f"{indent}{n.id}{a}{_text(n.label)}{b}"
        return f"{indent}{n.id}@{{ shape: {NAMED[n.shape]}, label: {_text(n.label)} }}"

    def inside(group: str | None, indent: str) -> None:
        for g in diagram.groups:
            if g.parent == group:
                out.append(f"{indent}subgraph {g.id} [{_text(g.label or ' ')}]")
                inside(g.id, indent + "    ")
                out.append(f"{indent}end")
        out.extend(node(n, indent) for n in diagram.nodes if n.group == group)

    inside(None, "    ")
    for e in diagram.edges:
        label = f"|{_text(e.label)}|" if e.label else ""
        out.append(f"    {e.source} {_arrow(e)}{label} {e.target}")
    for i, rule in enumerate(style.classes):
        out.append(f"    classDef c{i} {rule}")
        members = [n.id for k, n in enumerate(diagram.nodes) if k % (len(style.classes) + 1) == i]
        if members:
            out.append(f"    class {','.join(members)} c{i}")
    if style.areas:
        out += [f"    style {g.id} {style.areas[k % len(style.areas)]}" for k, g in enumerate(diagram.groups)]
    return out


def _state(diagram: Diagram, style: MermaidStyle) -> list[str]:
    out = ["stateDiagram-v2"]
    if diagram.direction:
        out.append(f"    direction {diagram.direction}")
    stars = {n.id for n in diagram.nodes if n.shape in ("initial", "final")}
    where = {n.id: n.group for n in diagram.nodes}

    def name(id: str) -> str:
        return "[*]" if id in stars else id

    def inside(group: str | None, indent: str) -> None:
        for n in diagram.nodes:
            if n.group == group and n.shape == "decision":
                out.append(f"{indent}state {n.id} <<choice>>")
            elif n.group == group and n.shape == "bar":
                out.append(f"{indent}state {n.id} <<fork>>")
            elif n.group == group and n.id not in stars:
                out.append(f"{indent}state {_text(n.label)} as {n.id}")
        for g in diagram.groups:
            if g.parent == group:
                out.append(f"{indent}state {_text(g.label)} as {g.id} {{")
                inside(g.id, indent + "    ")
                out.append(f"{indent}}}")
        for e in diagram.edges:
            inner = where.get(e.source)
            inner = inner if inner is not None and inner == where.get(e.target) else None
            if inner == group:
                out.append(_transition(e, indent))

    def _transition(e: Edge, indent: str) -> str:
        label = f" : {e.label}" if e.label else ""
        return f"{indent}{name(e.source)} --> {name(e.target)}{label}"

    inside(None, "    ")
    return out


def _sequence(diagram: Diagram, style: MermaidStyle) -> list[str]:
    out = ["sequenceDiagram"]
    for n in diagram.nodes:
        word = "actor" if n.shape == "actor" else "participant"
        out.append(f"    {word} {n.id} as {n.label}")
    sections = {g.id: g for g in diagram.groups if g.kind == "section"}
    frames = {g.id: g for g in diagram.groups if g.kind == "frame"}
    open_frame: str | None = None
    open_section: str | None = None
    for e in diagram.edges:
        section = e.group
        frame = sections[section].parent if section in sections else section
        if frame != open_frame and open_frame is not None:
            out.append("    end")
        if frame is not None and frame != open_frame:
            first = sections[section].label if section in sections else ""
            out.append(f"    {frames[frame].label} {first}".rstrip())
        elif section != open_section and section is not None:
            word = "and" if frame and frames[frame].label == "par" else "else"
            out.append(f"    {word} {sections[section].label}".rstrip())
        open_frame, open_section = frame, section
        arrow = "-->>" if e.line == "dashed" else "->>"
        arrow = arrow if e.head == "arrow" else arrow.replace(">>", "-)")
        out.append(f"    {'    ' if frame else ''}{e.source}{arrow}{e.target}: {e.label}")
    if open_frame is not None:
        out.append("    end")
    return out


def draw(diagram: Diagram, style: MermaidStyle, browser: Browser, out: Path) -> tuple[Diagram, str]:
    """Draw into a PNG file; the diagram with boxes in the picture's pixels and the source."""
    text = source(diagram, style)
    geometry = browser.draw(
        "mermaid", text, out, version=style.version, config=style.config, background=style.background,
        font=style.font, scale=style.scale,
    )  # fmt: skip
    return _located(diagram, geometry, paths=not style.hand_drawn), text


def _located(diagram: Diagram, geometry: dict[str, Any], *, paths: bool) -> Diagram:
    scale, (ox, oy) = geometry["scale"], geometry["origin"]

    def box(found: list[float] | None) -> Box | None:
        if not found:
            return None
        return Box((found[0] - ox) * scale, (found[1] - oy) * scale, found[2] * scale, found[3] * scale)

    nodes: dict[str, list[float]] = {}
    for dom, found in geometry["nodes"].items():
        if match := re.search(r"(?:flowchart|state)-(.+)-\d+$", dom):
            nodes[match[1]] = found
    stars = {n.id: "root_start" if n.shape == "initial" else "root_end" for n in diagram.nodes if n.group is None}
    clusters = geometry["clusters"]
    lines: dict[str, list[list[float]]] = {
        re.sub(r"^m\d+-", "", dom): points for dom, points in geometry["edges"].items()
    }
    seen: Counter[tuple[str, str]] = Counter()
    edges = []
    for e in diagram.edges:
        points = lines.get(f"L_{e.source}_{e.target}_{seen[e.source, e.target]}") if paths else None
        seen[e.source, e.target] += 1
        path = points and tuple(Point((x - ox) * scale, (y - oy) * scale) for x, y in points)
        edges.append(e.replace(path=path) if path else e)
    return diagram.replace(
        nodes=tuple(
            n.replace(
                box=box(nodes.get(n.id) or nodes.get(stars.get(n.id, "") if n.shape in ("initial", "final") else ""))
            )
            for n in diagram.nodes
        ),
        groups=tuple(
            g.replace(
                box=box(next((b for dom, b in clusters.items() if re.search(rf"(^|-){re.escape(g.id)}$", dom)), None))
            )
            for g in diagram.groups
        ),
        edges=tuple(edges),
    )
