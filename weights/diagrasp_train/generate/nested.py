"""What users of each tool draw around things: subgraphs, clusters, areas, composite states and subprocesses."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

from diagrasp.model import Box, Diagram, Node
from diagrasp_train.generate import bpmn, graphviz, mermaid, plantuml, scene, styles
from diagrasp_train.generate.bpmn import in_pixels
from diagrasp_train.generate.containers import (
    Room,
    composite_states,
    lay_out,
    nested_areas,
    subprocesses,
    titled,
)  # fmt: skip
from diagrasp_train.generate.place import Placed
from diagrasp_train.generate.process import Looks
from diagrasp_train.generate.styles import FONTS, PALETTES, TASK_SHAPES, Picture, Renderer, Workshop
from diagrasp_train.generate.text import text_width, wrap

TINTS = ("#f5f5f5", "#eaf2fb", "#fdf3e1", "#eef7ea", "#f8ecf1")


def subgraphs(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Mermaid flowchart with subgraphs in subgraphs, plain or styled."""
    style = styles.mermaid_style(rng)
    diagram = nested_areas(rng, language, shop.length(rng))
    if rng.random() < 0.4 and style.config["theme"] != "dark":
        strokes = ("stroke:#333", "stroke:#1f6feb,stroke-width:2px", "stroke:#999,stroke-dasharray: 5 5", "stroke:none")
        fills = ("fill:none", *(f"fill:{tint}" for tint in rng.sample(TINTS, 3)))
        stroke = rng.choice(strokes)
        chosen = fills[1:] if stroke == "stroke:none" else rng.choice((fills[:1], fills[1:]))
        style = replace(style, areas=tuple(f"{fill},{stroke}" for fill in chosen))
    truth, source = mermaid.draw(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".mmd", "flowchart", f"mermaid{style.version or '-12'} nested", path)


def clusters(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Graphviz drawing with clusters in clusters: dashed, rounded, filled, titled above, below, left or right."""
    diagram = nested_areas(rng, language, shop.length(rng))
    nodes = tuple(n.replace(shape="rounded") if n.shape == "stadium" else n for n in diagram.nodes)
    font = rng.choice(FONTS)
    looks = rng.choice(("", "", "dashed", "rounded", "rounded,dashed", "filled", "rounded,filled", "dotted"))
    cluster = [("style", looks)] if looks else []
    if "filled" in looks:
        cluster += [("fillcolor", rng.choice(TINTS)), ("color", rng.choice(("black", "gray60", "transparent")))]
    elif rng.random() < 0.4:
        cluster.append(("color", rng.choice(("gray50", "blue", "#aa3333"))))
    if rng.random() < 0.4:
        cluster.append(("labeljust", rng.choice("lr")))
    if rng.random() < 0.2:
        cluster.append(("labelloc", "b"))
    if rng.random() < 0.3:
        cluster.append(("fontsize", rng.choice(("12", "16", "18"))))
    style = graphviz.GraphvizStyle(
        graph=(("fontname", font), ("pad", "0.1")),
        node=(("fontname", font), ("fontsize", rng.choice(("11", "12", "14")))),
        edge=(("fontname", font), ("fontsize", "11")),
        fills=() if rng.random() < 0.5 else rng.choice(PALETTES),
        clusters=tuple(cluster),
        dpi=rng.choice((72, 96, 96, 120, 150)),
        wrap=rng.choice((12, 18, 30)),
    )
    truth, source = graphviz.draw(diagram.replace(nodes=nodes), style, path)
    return shop.finish(rng, truth, source, ".dot", "graphviz", f"dot clusters {looks}", path)


def composites(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A state diagram with composite states, by Mermaid or PlantUML."""
    diagram = composite_states(rng, language)
    if rng.random() < 0.4:
        style = styles.mermaid_style(rng)
        truth, source = mermaid.draw(diagram, style, shop.browser, path)
        return shop.finish(rng, truth, source, ".mmd", "state", f"mermaid{style.version or '-12'} composite", path)
    source = plantuml.state_source(diagram, rng)
    jar = styles.plantuml_jar(shop, rng)
    plantuml.draw(source, path, jar=jar)
    return shop.finish(rng, diagram, source, ".puml", "state", "plantuml composite", path)


def expanded(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A BPMN process by bpmn-js with expanded subprocesses, some of them triggered by events."""
    looks = Looks(
        kind="bpmn", shapes=("task",) if rng.random() < 0.4 else TASK_SHAPES[:-2], decision="exclusive_gateway",
        start="start_event", end="end_event", ends="events", groups="none", joins=rng.random() < 0.5,
    )  # fmt: skip
    diagram = subprocesses(rng, language, shop.length(rng), looks)
    placed = lay_out(diagram, bpmn.size, Room(margin=24, title=26, size=12), ortho=True)
    pools = tuple(
        g.replace(box=Box(titled(g).x - 30, titled(g).y, titled(g).w + 30, titled(g).h)) if g.kind == "pool" else g
        for g in placed.groups
    )
    labels = {
        n.id: Box(n.box.center[0] - 45, n.box.bottom + 4, 90, 26)
        for n in placed.nodes
        if n.box and n.label and bpmn.outside(n)
    }
    style = bpmn.BpmnStyle(scale=rng.choice((0.8, 1, 1, 1.5, 2)), cross=rng.random() < 0.7)
    truth, source = bpmn.draw_placed(Placed(placed.replace(groups=pools), labels), style, shop.browser, path)
    return shop.finish(rng, truth, source, ".bpmn", "bpmn", "bpmn-js expanded", path)


def areas(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A draw.io page with containers of all sorts: dashed, rounded, tinted, with title bars or words in a corner."""
    diagram = nested_areas(rng, language, shop.length(rng), depth=2)
    nodes = tuple(n.replace(shape="rounded") if n.shape == "stadium" else n for n in diagram.nodes)
    bar = rng.random() < 0.35
    room = Room(margin=18, title=30, size=14)
    placed = lay_out(diagram.replace(nodes=nodes), drawio_size, room)
    text = drawio_page(placed, rng, bar=bar)
    geometry = shop.browser.draw("drawio", text, path, scale=rng.choice((0.8, 1, 1, 1.5, 2)), background="#ffffff")
    truth = in_pixels(placed, geometry)
    return shop.finish(rng, truth, text, ".drawio", "drawio", "draw.io containers", path)


def drawio_size(node: Node) -> tuple[float, float]:
    """A symbol wide enough for its longest word."""
    width = max(110.0, *(text_width(w, 14) * 1.15 + 24 for w in node.label.split()))
    lines = len(wrap(node.label, 15.5, width - 16))
    return width, max(50.0, lines * 19 + (34 if node.shape == "database" else 20))


def drawio_page(diagram: Diagram, rng: random.Random, *, bar: bool) -> str:
    """An uncompressed draw.io file; draw.io itself finds the ways of the edges."""
    cells = ['<mxCell id="0"/>', '<mxCell id="1" parent="0"/>']
    font = f"fontFamily={rng.choice(FONTS)};fontSize=14;whiteSpace=wrap;html=1;"
    tint = rng.random() < 0.5
    looks = f"swimlane;startSize=30;horizontal=1;rounded={rng.randint(0, 1)};"
    if not bar:
        looks = f"rounded={rng.randint(0, 1)};arcSize=6;verticalAlign=top;spacingLeft=8;spacingRight=8;"
        looks += f"align={rng.choice(('left', 'center', 'right'))};dashed={int(not tint and rng.random() < 0.6)};"
    strokes = ("none",) if tint and not bar and rng.random() < 0.4 else ("#000000", "#666666", "#6c8ebf", "#82b366")
    stroke = rng.choice(strokes)
    if rng.random() < 0.3:
        looks += "fontStyle=1;"

    def cell(id: str, label: str, style: str, box: Box) -> str:
        place = f'<mxGeometry x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" as="geometry"/>'
        return f'<mxCell id="{id}" value={quoteattr(label)} style="{style}" vertex="1" parent="1">{place}</mxCell>'

    for k, g in enumerate(diagram.groups):
        fill = TINTS[k % len(TINTS)] if tint else "none"
        cells.append(cell(g.id, g.label, f"{looks}{font}fillColor={fill};strokeColor={stroke};", titled(g)))
    fills = rng.choice(PALETTES)
    for k, n in enumerate(diagram.nodes):
        if n.box:
            paint = f"fillColor={fills[k % len(fills)]};strokeColor={'#333333' if stroke == 'none' else stroke};"
            cells.append(cell(n.id, n.label, f"{scene.DRAWIO_SHAPES[n.shape]}{font}{paint}", n.box))
    way = rng.choice(("edgeStyle=orthogonalEdgeStyle;rounded=0;", "edgeStyle=orthogonalEdgeStyle;rounded=1;", ""))
    for e in diagram.edges:
        value = quoteattr(e.label)
        cells.append(
            f'<mxCell id="{e.id}" value={value} style="{way}html=1;fontSize=12;labelBackgroundColor=#ffffff;" edge="1" '
            f'parent="1" source="{e.source}" target="{e.target}"><mxGeometry relative="1" as="geometry"/></mxCell>'
        )
    body = "\n        ".join(cells)
    return (
        '<mxfile host="diagrasp"><diagram id="page1" name="Page-1">\n    <mxGraphModel><root>\n        '
        f"{body}\n    </root></mxGraphModel>\n</diagram></mxfile>\n"
    )


NESTED: dict[str, Renderer] = {
    "subgraphs": subgraphs,
    "clusters": clusters,
    "composites": composites,
    "expanded": expanded,
    "areas": areas,
}
