"""Graphviz: DOT from a diagram, drawn by `dot`, whose own JSON output says where everything stands."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagrasp.model import Box, Diagram, Point
from diagrasp_train.generate.browser import RenderError

SHAPES = {
    "process": "box", "rounded": "box", "decision": "diamond", "ellipse": "ellipse", "circle": "circle",
    "double_circle": "doublecircle", "hexagon": "hexagon", "data": "parallelogram", "database": "cylinder",
    "subprocess": "box", "note": "note", "terminal": "box", "stadium": "box", "text": "plaintext",
    "manual_operation": "invtrapezium",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GraphvizStyle:
    """Attributes of the graph, of nodes, of edges and of clusters, the layout program and the dots an inch."""

    graph: tuple[tuple[str, str], ...] = ()
    node: tuple[tuple[str, str], ...] = ()
    edge: tuple[tuple[str, str], ...] = ()
    fills: tuple[str, ...] = ()
    clusters: tuple[tuple[str, str], ...] = ()
    program: str = "dot"
    dpi: int = 96
    wrap: int = 18


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(label: str, width: int) -> str:
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return '"' + "\\n".join(_quote(line)[1:-1] for line in lines) + '"'


def _attributes(pairs: dict[str, str]) -> str:
    return ", ".join(f"{k}={v}" for k, v in pairs.items())


def source(diagram: Diagram, style: GraphvizStyle) -> str:
    """The DOT text."""
    out = ["digraph process {"]
    graph = {"rankdir": diagram.direction or "TB", **dict(style.graph)}
    out += [f"    {k}={_quote(v)};" for k, v in graph.items()]
    for word, pairs in (("node", style.node), ("edge", style.edge)):
        if pairs:
            out.append(f"    {word} [{_attributes({k: _quote(v) for k, v in pairs})}];")

    def inside(group: str | None, indent: str) -> None:
        for g in diagram.groups:
            if g.parent == group:
                out.append(f"{indent}subgraph cluster_{g.id} {{")
                out.append(f"{indent}    label={_quote(g.label)};")
                out.extend(f"{indent}    {k}={_quote(v)};" for k, v in style.clusters)
                inside(g.id, indent + "    ")
                out.append(f"{indent}}}")
        for i, n in enumerate(diagram.nodes):
            if n.group != group:
                continue
            attributes = {"label": _lines(n.label, style.wrap), "shape": SHAPES[n.shape]}
            looks = {"rounded": "rounded", "terminal": "rounded", "stadium": "rounded"}.get(n.shape, "")
            if style.fills and n.shape != "text":
                looks = f"{looks},filled".strip(",")
                attributes["fillcolor"] = _quote(style.fills[i % len(style.fills)])
            if looks:
                attributes["style"] = _quote(looks)
            if n.shape == "subprocess":
                attributes["peripheries"] = "2"
            out.append(f"{indent}{_quote(n.id)} [{_attributes(attributes)}];")

    inside(None, "    ")
    heads = {"arrow": "normal", "open_arrow": "vee", "triangle": "empty", "diamond": "odiamond", "circle": "odot"}
    nodes = {n.id for n in diagram.nodes}
    for e in diagram.edges:
        if not {e.source, e.target} <= nodes:
            continue  # on a cluster: dot has none
        more: dict[str, str] = {"label": _lines(e.label, 24)} if e.label else {}
        if e.line in ("dashed", "dotted"):
            more["style"] = e.line
        elif e.line == "thick":
            more["style"] = "bold"
        if e.head == "none":
            more["dir"] = "none"
        elif e.tail != "none":
            more["dir"] = "both"
        elif heads[e.head] != "normal":
            more["arrowhead"] = heads[e.head]
        tail = f" [{_attributes(more)}]" if more else ""
        out.append(f"    {_quote(e.source)} -> {_quote(e.target)}{tail};")
    return "\n".join([*out, "}"]) + "\n"


def draw(diagram: Diagram, style: GraphvizStyle, out: Path) -> tuple[Diagram, str]:
    """Draw into a PNG file; the diagram with boxes in the picture's pixels and the source.

    Raises:
        RenderError: `dot` is missing or refuses the source.
    """
    text = source(diagram, style)
    _run(style.program, text, "-Tpng", f"-Gdpi={style.dpi}", "-o", str(out))
    found = json.loads(_run(style.program, text, "-Tjson"))
    return _located(diagram, found, style), text


def _run(program: str, text: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run([program, *arguments], input=text.encode(), capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"{program}: {error}") from error
    if done.returncode:
        raise RenderError(f"{program}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Layout:
    """Where Graphviz put nodes and clusters, by their names, and edges: in their order, and by their `id`s."""

    boxes: dict[str, Box]
    lines: list[tuple[Point, ...]]
    paths: dict[str, tuple[Point, ...]]


def layout(text: str, program: str = "dot") -> Layout:
    """Where everything in a DOT source goes, in points from the upper left.  Raises RenderError as `draw` does."""
    return _read(json.loads(_run(program, text, "-Tjson")), 0.0, 1.0)


def _located(diagram: Diagram, found: dict[str, Any], style: GraphvizStyle) -> Diagram:
    read = _read(found, float(dict(style.graph).get("pad", 4 / 72)) * 72, style.dpi / 72)
    nodes = {n.id for n in diagram.nodes}
    lines = iter(read.lines)
    return diagram.replace(
        nodes=tuple(n.replace(box=read.boxes.get(n.id)) for n in diagram.nodes),
        groups=tuple(g.replace(box=read.boxes.get(g.id)) for g in diagram.groups),
        edges=tuple(e.replace(path=next(lines)) if {e.source, e.target} <= nodes else e for e in diagram.edges),
    )


def _read(found: dict[str, Any], pad: float, k: float) -> Layout:
    """What `-Tjson` says, with `pad` points around the drawing and `k` units a point."""
    _, _, _, top = (float(v) for v in found["bb"].split(","))

    def point(x: float, y: float) -> Point:
        return Point((x + pad) * k, (top - y + pad) * k)

    boxes: dict[str, Box] = {}
    for thing in found.get("objects", []):
        if "pos" in thing:
            x, y = (float(v) for v in thing["pos"].split(","))
            w, h = float(thing["width"]) * 72, float(thing["height"]) * 72
            left = point(x - w / 2, y + h / 2)
            boxes[thing["name"]] = Box(left.x, left.y, w * k, h * k)
        elif "bb" in thing:
            x0, y0, x1, y1 = (float(v) for v in thing["bb"].split(","))
            left = point(x0, y1)
            boxes[thing["name"].removeprefix("cluster_")] = Box(left.x, left.y, (x1 - x0) * k, (y1 - y0) * k)
    lines: list[tuple[Point, ...]] = []
    paths: dict[str, tuple[Point, ...]] = {}
    for thing in found.get("edges", []):
        parts = thing["pos"].split()
        start = [p[2:] for p in parts if p.startswith("s,")]
        end = [p[2:] for p in parts if p.startswith("e,")]
        middle = [p for p in parts if p[1:2] != ","]
        control = [tuple(float(v) for v in p.split(",")) for p in middle]
        points = _bezier(control)
        points = [tuple(float(v) for v in p.split(",")) for p in start] + points
        points += [tuple(float(v) for v in p.split(",")) for p in end]
        lines.append(tuple(point(x, y) for x, y in points))
        if "id" in thing:
            paths[thing["id"]] = lines[-1]
    return Layout(boxes, lines, paths)


def _bezier(control: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    points = [control[0]]
    for i in range(0, len(control) - 3, 3):
        a, b, c, d = control[i : i + 4]
        for step in range(1, 9):
            t = step / 8
            s = 1 - t
            points.append(
                tuple(
                    s**3 * p + 3 * s * s * t * q + 3 * s * t * t * r + t**3 * z
                    for p, q, r, z in zip(a, b, c, d, strict=True)
                )
            )
    return points
