"""What BPMN's symbols carry: icons and markers of activities, events' triggers and rings, gateways' signs, flows."""

from __future__ import annotations

import hashlib
import json
import math
import random
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
from paper import Page

from diagrasp.engines.embedded.bpmn.flows import with_kinds
from diagrasp.engines.embedded.bpmn.icons import commonest
from diagrasp.engines.embedded.bpmn.signs import HEADS, SIDE, SignNet, normalised
from diagrasp.engines.embedded.graph.assemble import assemble
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader, load_reader
from diagrasp.engines.embedded.scene import understand
from diagrasp.engines.embedded.text.rows import split_rows
from diagrasp.engines.embedded.text.textlines import TextLine
from diagrasp.errors import EngineUnavailable
from diagrasp.images import load_picture
from diagrasp.model import Diagram, Edge, Group, Node
from diagrasp_train.icons.crops import examples, own
from diagrasp_train.icons.draw import Pen, bars, clock, envelope

EXAMPLES = Path(__file__).parents[2] / "docs/examples"


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return load_reader("net")


def read(page: Page, reader: LineReader) -> Diagram:
    return assemble(understand(page.pixels), page.pixels, reader)[0]


def stamp(page: Page, x: float, y: float, pen: Pen, side: float) -> None:
    """Put a sign on a page, by its middle and size in pixels of the page."""
    zoom = round(side * 4)
    small = cv2.resize(255 - pen.canvas, (zoom, zoom), interpolation=cv2.INTER_AREA)
    from PIL import Image

    page.image.paste(Image.fromarray(small).convert("RGB"), (round(x * 4 - zoom / 2), round(y * 4 - zoom / 2)))


def process(page: Page, y: float = 120) -> None:
    """An event, two tasks and an end, joined."""
    page.oval(32, y - 20, 72, y + 20)
    for k, name in enumerate(("check the order", "ship the goods")):
        x = 200 + 230 * k
        page.rounded(x - 80, y - 44, x + 80, y + 44, 10)
        page.write(x, y + 4, name)
    page.oval(570, y - 20, 610, y + 20, width=5)
    for a, b in ((72, 120), (280, 350), (510, 570)):
        page.arrow((a, y), (b, y))


def test_the_net_is_the_one_that_its_card_describes() -> None:
    package = resources.files("diagrasp_weights")
    about = json.loads(package.joinpath("signs.json").read_text("utf-8"))
    weights = package.joinpath("signs.onnx").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == about["sha256"]
    assert len(weights) < 200_000
    assert about["revision"] in package.joinpath("signs.md").read_text("utf-8")
    assert about["heads"] == {name: list(words) for name, words in HEADS.items()}


def test_a_net_for_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"signs\.onnx"):
        SignNet(tmp_path)
    (tmp_path / "signs.json").write_text(json.dumps({"heads": {}, "side": SIDE}))
    (tmp_path / "signs.onnx").write_bytes(b"none")
    with pytest.raises(EngineUnavailable, match="another version"):
        SignNet(tmp_path)


def test_signs_in_hands_of_its_own_are_read() -> None:
    rng = random.Random(90210)
    crops, truth = examples([own(rng) for _ in range(160)], 3, 17)
    said = SignNet().read(list(crops))
    for k, name in enumerate(HEADS):
        asked = np.flatnonzero(truth[:, k] >= 0)
        right = sum(said[i][name].what == HEADS[name][truth[i, k]] for i in asked)
        assert right >= 0.85 * len(asked), name


def test_a_crop_is_scaled_to_its_darkest_ink_and_keeps_its_proportions() -> None:
    ink = np.zeros((10, 40), np.float32)
    ink[:, 5:35] = 90
    crop = normalised(ink)
    assert crop.shape == (SIDE, SIDE)
    assert crop.max() == 255
    assert crop[: SIDE // 4].max() == crop[-SIDE // 4 :].max() == 0


def test_the_commonest_colour_is_the_papers() -> None:
    colours = np.array([[250, 250, 250]] * 30 + [[0, 0, 0]] * 20 + [[200, 30, 30]] * 5, np.int32)
    assert commonest(colours).tolist() == [250, 250, 250]


def test_triggers_and_gateways_of_an_example_are_read(reader: LineReader) -> None:
    picture = load_picture((EXAMPLES / "claim-bpmn-en.png").read_bytes(), max_bytes=10**7, max_pixels=10**7)
    truth = Diagram.from_json((EXAMPLES / "claim-bpmn-en.json").read_text("utf-8"))
    found = assemble(understand(picture.pixels), picture.pixels, reader)[0]
    by_label = {n.label: n for n in found.nodes if n.label}
    shared = [(n, by_label[n.label]) for n in truth.nodes if n.label in by_label]
    assert len(shared) >= 6
    assert [f.shape for _, f in shared] == [n.shape for n, _ in shared]
    assert [f.trigger for _, f in shared] == [n.trigger for n, _ in shared]


def test_an_icon_names_the_task_and_bars_mark_it(reader: LineReader) -> None:
    page = Page(650, 260)
    process(page)
    stamp(page, 134, 92, envelope_in_outline(), 24)
    stamp(page, 430, 152, bars_upright(), 14)
    found = {n.label: n for n in read(page, reader).nodes}
    assert found["check the order"].shape == "receive_task"
    assert found["ship the goods"].shape == "task"
    assert found["ship the goods"].markers == ("parallel",)


def envelope_in_outline() -> Pen:
    pen = Pen(random.Random(4), 0.1, 0.9)
    envelope(pen)
    return pen


def bars_upright() -> Pen:
    pen = Pen(random.Random(3), 0.2, 0.9)
    bars(pen)
    return pen


def test_a_clock_in_a_double_ring_is_a_timer(reader: LineReader) -> None:
    page = Page(650, 260)
    process(page)
    page.oval(32, 190, 76, 234)
    page.oval(37, 195, 71, 229)
    pen = Pen(random.Random(8), 0.1, 0.95)
    clock(pen)
    stamp(page, 54, 212, pen, 23)
    page.line((76, 212), (430, 212), (430, 164))
    (event,) = [n for n in read(page, reader).nodes if n.trigger]
    assert (event.shape, event.trigger) == ("intermediate_event", "timer")


def test_a_thick_border_is_a_call_activity(reader: LineReader) -> None:
    page = Page(650, 260)
    process(page)
    for inset in (3, 2, 1, 0):
        page.rounded(350 - inset, 76 - inset, 510 + inset, 164 + inset, 10)
    page.write(430, 124, "ship the goods")
    shapes = {n.label: n.shape for n in read(page, reader).nodes if n.label}
    assert shapes == {"check the order": "task", "ship the goods": "call_activity"}


def test_a_flowcharts_steps_have_no_icons(reader: LineReader) -> None:
    page = Page(700, 420)
    for k, name in enumerate(("check the order", "ship the goods", "write an invoice")):
        page.symbol("process", 350, 70 + 130 * k, name)
        if k:
            page.arrow((350, 70 + 130 * (k - 1) + 40), (350, 70 + 130 * k - 40))
    stamp(page, 282, 42, envelope_in_outline(), 18)
    diagram = read(page, reader)
    assert diagram.kind == "flowchart"
    assert {n.shape for n in diagram.nodes} == {"process"}


def test_an_activity_that_dashed_events_open_is_found(reader: LineReader) -> None:
    page = Page(650, 300)
    process(page)
    page.erase(466, 148, 506, 188)
    for r in (20, 15):
        for k in range(12):
            turns = [math.radians(30 * k + t) for t in (0, 6, 12, 18)]
            page.line(*[(486 + r * math.cos(t), 168 + r * math.sin(t)) for t in turns])
    page.arrow((486, 188), (486, 250))
    page.rounded(400, 250, 572, 292, 10)
    page.write(486, 272, "ask for it again")
    diagram = read(page, reader)
    (event,) = [n for n in diagram.nodes if n.shape == "boundary_event"]
    assert diagram.node(event.attached_to or "").label == "ship the goods"
    assert "non_interrupting" in event.markers


def test_rows_that_touch_are_two() -> None:
    upper = [Rect(10 + 14 * k, 10, 20 + 14 * k, 24) for k in range(8)]
    lower = [Rect(10 + 14 * k, 28, 20 + 14 * k, 42) for k in range(7)]
    both = Rect(10 + 14 * 7, 28, 20 + 14 * 7, 42).union(Rect(122, 10, 132, 24))
    line = TextLine(Rect(10, 10, 132, 42), (*upper, *lower, both), 1)
    rows = split_rows(line)
    assert [(r.box.y0, r.box.y1) for r in rows] == [(10, 26), (26, 42)]
    assert split_rows(rows[0]) == [rows[0]]


def test_lines_between_pools_are_messages_and_notes_are_associated() -> None:
    groups = [Group(id="g1", kind="pool"), Group(id="g2", kind="pool"), Group(id="g3", kind="lane", parent="g1")]
    nodes = [
        Node(id="a", shape="task", group="g3"), Node(id="b", shape="task", group="g1"),
        Node(id="c", shape="task", group="g2"), Node(id="d", shape="annotation", group="g1"),
        Node(id="e", shape="data_store", group="g1"),
    ]  # fmt: skip
    edges = [
        Edge(id="1", source="a", target="b"),
        Edge(id="2", source="b", target="c", line="dashed"),
        Edge(id="3", source="a", target="d", line="dashed", head="none"),
        Edge(id="4", source="a", target="e", line="dashed"),
        Edge(id="5", source="b", target="g2", line="dashed"),
    ]
    kinds = [e.kind for e in with_kinds(edges, nodes, groups)]
    assert kinds == ["flow", "message", "association", "data", "message"]
