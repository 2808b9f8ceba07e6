"""The generator of pictures: realistic, repeatable, and true to what it draws."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import font_roboto
import numpy as np
import pytest
from graphs import differences
from PIL import Image

from diagrasp.formats import FormatRegistry
from diagrasp.model import Box, Diagram, Node
from diagrasp_train.generate import bpmn, degrade, graphviz, ink, mermaid, plantuml, scene, svg
from diagrasp_train.generate.behaviour import random_sequence, random_states
from diagrasp_train.generate.beside import collaboration, decorate_bpmn
from diagrasp_train.generate.domains import domains
from diagrasp_train.generate.place import Spacing, place
from diagrasp_train.generate.process import Looks, random_process, write

SEEDS = range(12)


def _bpmn(seed: int) -> Diagram:
    rng = random.Random(seed)
    process = random_process(rng, "ru" if seed % 2 else "en", 8)
    looks = Looks(
        kind="bpmn", shapes=("task", "user_task"), decision="exclusive_gateway", start="start_event",
        end="end_event", ends="events", groups="lane", joins=seed % 3 > 0,
    )  # fmt: skip
    if seed % 4 == 0:
        return collaboration(rng, "ru", 10, replace(looks, groups="none"))
    return decorate_bpmn(rng, write(rng, process, looks), process)


def _flow(seed: int) -> Diagram:
    rng = random.Random(seed)
    return write(rng, random_process(rng, "en" if seed % 2 else "ru", 9), Looks())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_texts_are_of_their_language_and_many(language: str) -> None:
    texts = {step for d in domains(language) for step in d.steps}
    assert len(texts) >= 80
    cyrillic = [any("а" <= c <= "я" for c in text.lower()) for text in texts]
    assert sum(cyrillic) == (len(texts) if language == "ru" else 0)


def test_a_seed_gives_the_same_process_and_another_seed_another() -> None:
    assert _bpmn(3) == _bpmn(3)
    assert len({_bpmn(seed).to_json() for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_processes_hang_together(seed: int) -> None:
    diagram = _flow(seed)
    out: dict[str, set[str]] = {n.id: set() for n in diagram.nodes}
    for edge in diagram.edges:
        out[edge.source].add(edge.target)
    reached, todo = set(), [diagram.nodes[0].id]
    while todo:
        here = todo.pop()
        if here not in reached:
            reached.add(here)
            todo += out[here]
    assert reached == set(out)
    labels = [e.label for e in diagram.edges if diagram.node(e.source).shape == "decision"]
    assert all(labels)


@pytest.mark.parametrize("seed", SEEDS)
def test_placed_symbols_and_their_connectors_keep_apart(seed: int) -> None:
    diagram = _bpmn(seed)
    placed = place(diagram, bpmn.size, Spacing(), outside=bpmn.outside).diagram
    boxes = {n.id: n.box for n in placed.nodes if n.box and n.attached_to is None}
    for a, b in itertools.combinations(boxes.values(), 2):
        assert not _overlap(a, b)
    for node in placed.nodes:
        lane = next((g for g in placed.groups if g.id == node.group), None)
        if lane is not None and lane.box is not None and node.box is not None:
            assert lane.box.contains(*node.box.center)
    for edge in placed.edges:
        assert edge.path is not None
        for id, box in boxes.items():
            if id not in (edge.source, edge.target) and edge.source not in _guests(placed, id):
                for a, b in itertools.pairwise(edge.path):
                    inside = Box(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x) + 0.01, abs(a.y - b.y) + 0.01)
                    assert not _overlap(inside, box), f"{edge.id} runs through {placed.node(id).label}"


def _guests(diagram: Diagram, host: str) -> set[str]:
    return {n.id for n in diagram.nodes if n.attached_to == host}


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right - 1 and b.x < a.right - 1 and a.y < b.bottom - 1 and b.y < a.bottom - 1


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_say_what_the_truth_says(seed: int) -> None:
    formats = FormatRegistry(external=False)
    drawn = _bpmn(seed)
    looks = bpmn.BpmnStyle()
    xml = bpmn.source(bpmn.lay_out(drawn, looks), looks)
    assert differences(drawn, formats.reader("bpmn").read(xml.encode()).diagram) == []
    flow = _flow(seed)
    text = mermaid.source(flow, mermaid.MermaidStyle())
    assert differences(flow, formats.reader("mermaid").read(text.encode()).diagram) == []
    style = scene.SceneStyle(seed=seed)
    dots = graphviz.source(flow.replace(nodes=_drawn(flow)), graphviz.GraphvizStyle())
    assert differences(flow.replace(nodes=_drawn(flow)), formats.reader("dot").read(dots.encode()).diagram) == []
    page = scene.drawio(scene.lay_out(flow, vertical=True), style)
    assert differences(flow, formats.reader("drawio").read(page.encode()).diagram) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_of_other_kinds_say_what_the_truth_says(seed: int) -> None:
    formats = FormatRegistry(external=False)
    rng, language = random.Random(seed), "ru" if seed % 2 else "en"
    activity, text = plantuml.random_activity(rng, language, 9)
    states, messages = random_states(rng, language), random_sequence(rng, language)
    style = mermaid.MermaidStyle()
    sources = [
        (activity, "plantuml", text),
        (states, "plantuml", plantuml.state_source(states, rng)),
        (states, "mermaid", mermaid.source(states, style)),
        (messages, "mermaid", mermaid.source(messages, style)),
    ]
    for truth, format, source in sources:
        assert differences(truth, formats.reader(format).read(source.encode()).diagram) == [], source


def _drawn(flow: Diagram) -> tuple[Node, ...]:
    """The nodes in the shapes that Graphviz has."""
    return tuple(n.replace(shape="rounded") if n.shape == "stadium" else n for n in flow.nodes)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_other_source_is_well_formed(seed: int) -> None:
    flow, rng = _flow(seed), random.Random(seed)
    style = scene.SceneStyle(seed=seed)
    placed = scene.lay_out(flow, vertical=bool(seed % 2))
    assert len(ET.fromstring(scene.drawio(placed, style)).findall(".//mxCell")) > len(flow.nodes)
    assert '"type": "arrow"' in scene.excalidraw(placed, style)
    own = svg.random_style(rng)
    ET.fromstring(svg.source(svg.lay_out(flow, own), own))
    activity, text = plantuml.random_activity(rng, "ru", 7)
    assert text.count(";\n") == sum(n.shape == "process" for n in activity.nodes)
    assert text.count("repeat while") + text.count("endif") <= sum(n.shape == "decision" for n in activity.nodes)
    states = random_states(rng, "en")
    assert plantuml.state_source(states, rng).count("-->") == len(states.edges)


@pytest.mark.parametrize("seed", [1, 2])
def test_boxes_lie_on_what_graphviz_drew(seed: int, tmp_path: Path) -> None:
    style = graphviz.GraphvizStyle(fills=("#ff0000",), graph=(("pad", "0.2"),))
    truth, _ = graphviz.draw(_flow(seed), style, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    red = (pixels[..., 0] > 200) & (pixels[..., 1] < 60)
    for node in truth.nodes:
        assert node.box is not None
        x, y, w, h = (round(v) for v in node.box)
        inside = red[y : y + h, x : x + w]
        assert inside.mean() > 0.3, node.label
        red[y - 1 : y + h + 1, x - 1 : x + w + 1] = False
    assert red.sum() == 0, "something red lies outside every box"


@pytest.mark.parametrize("seed", SEEDS)
def test_degrading_moves_the_boxes_with_the_picture(seed: int) -> None:
    rng = random.Random(seed)
    picture = Image.new("RGB", (400, 300), "white")
    box = Box(120, 90, 80, 50)
    picture.paste((20, 20, 20), (120, 90, 200, 140))
    truth = Diagram.model_validate({"nodes": [{"id": "a", "box": box}]})
    worse, moved, names = degrade.degrade(rng, picture, truth)
    assert names
    found = moved.nodes[0].box
    assert found is not None
    gray = np.asarray(worse.convert("L")).astype(int)
    x, y, w, h = (round(v) for v in found)
    assert gray[y + h // 4 : y + h * 3 // 4, x + w // 4 : x + w * 3 // 4].mean() < 150
    beside = gray[y + h // 4 : y + h * 3 // 4, max(0, x - 25) : max(1, x - 5)]
    assert beside.mean() > gray[y + h // 2, x + w // 2] + 40


@pytest.mark.parametrize("head", ["loose", "stroke", "hollow", "scribbled"])
@pytest.mark.parametrize("algorithm", [False, True])
def test_a_pens_drawing_has_its_ink_where_the_truth_says(head: str, algorithm: bool) -> None:
    rng = random.Random(head)
    looks = Looks(shapes=("process", "data"), start="stadium", end="ellipse")
    diagram = write(rng, random_process(rng, "en", 6), looks)
    diagram = ink.as_algorithm(rng, diagram) if algorithm else diagram
    hand = ink.Hand((str(font_roboto.RobotoLight),), 28.0, 2.0, 0.008, 0.5, head, 12.0)
    picture, truth = ink.draw(diagram, hand, random.Random(7))
    assert [n.label for n in truth.nodes] == [n.label for n in diagram.nodes]
    assert len({n.label for n in truth.nodes}) == len(truth.nodes)
    again, _ = ink.draw(diagram, hand, random.Random(7))
    assert (picture == again).all()
    height, width = picture.shape
    for node in truth.nodes:
        assert node.box is not None
        x, y, w, h = (round(v) for v in node.box)
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= height
        assert (picture[y : y + h, x : x + w] < 128).mean() > 0.01
        inner = picture[y + h // 4 : y + h - h // 4, x + w // 4 : x + w - w // 4]
        assert (inner < 128).any()  # its words
    for edge in truth.edges:
        points = [(round(p.x), round(p.y)) for p in edge.path or ()]
        near = [picture[max(0, y - 9) : y + 10, max(0, x - 9) : x + 10].min() for x, y in points]
        assert max(near) < 128
