"""The engine `embedded`: what it reads exactly, how much of the rest, and what single drawings must become."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from graphs import differences
from numpy.typing import NDArray
from paper import Page
from PIL import Image, ImageOps

from diagrasp.bench.metric import score
from diagrasp.engines import Engine, Recognition, Request
from diagrasp.engines.embedded import create
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.lines.skeleton import graph, thin
from diagrasp.engines.embedded.scene import understand
from diagrasp.images import Picture, load_picture
from diagrasp.model import Diagram
from diagrasp.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "docs/examples"

EXACT = ("incident-en", "order-approval-ru")
"""Examples that are read without a single mistake."""

FLOORS = {
    "backup-activity-en": (0.95, 0.95),
    "claim-bpmn-en": (0.85, 0.49),
    "delivery-drawio-ru": (0.89, 0.71),
    "deploy-dark-en": (0.95, 0.90),
    "document-states-ru": (0.95, 0.75),
    "hiring-graphviz-ru": (0.90, 0.86),
    "idea-excalidraw-en": (0.95, 0.95),
    "login-sequence-en": (0.95, 0.95),
    "pipeline-graphviz-en": (0.89, 0.82),
    "purchase-large-ru": (0.84, 0.66),
    "quality-sequence-ru": (0.83, 0.90),
    "repair-handdrawn-ru": (0.95, 0.80),
    "return-activity-ru": (0.95, 0.95),
    "vacation-ru": (0.95, 0.78),
}
"""What the others reach at least: F1 of nodes, F1 of edges, 0.05 below what was measured."""


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def recognize(engine: EmbeddedEngine, picture: Picture) -> Recognition:
    return asyncio.run(engine.recognize(picture, Request(), lambda share, what: None))


def picture(image: Image.Image | NDArray[np.uint8]) -> Picture:
    return Picture(b"", np.asarray(image, np.uint8), "image/png")


def example(name: str) -> tuple[Picture, Diagram]:
    """An example's picture and its true graph."""
    path = EXAMPLES / f"{name}.png"
    truth = Diagram.from_json(path.with_suffix(".json").read_bytes())
    return load_picture(path.read_bytes(), max_bytes=10**8, max_pixels=10**8), truth


# The examples ------------------------------------------------------------------------------------------------------


def test_the_settings_make_the_engine() -> None:
    made = create(Settings())
    assert isinstance(made, Engine)
    assert made.spec.id == "embedded"
    assert [p for p in made.check() if p.fatal] == []


def test_every_example_is_judged() -> None:
    assert {*EXACT, *FLOORS} == {p.stem for p in EXAMPLES.glob("*.png")}


@pytest.mark.parametrize("name", EXACT)
def test_an_example_is_read_without_a_mistake(engine: EmbeddedEngine, name: str) -> None:
    shown, truth = example(name)
    found = recognize(engine, shown)
    assert differences(truth, found.diagram) == []
    assert found.diagram.kind == truth.kind
    assert found.confidence > 0.8
    assert found.model.startswith("embedded/")


def test_lanes_lie_in_their_pool(engine: EmbeddedEngine) -> None:
    found = recognize(engine, example("order-approval-ru")[0]).diagram
    names = {g.id: g.label for g in found.groups}
    assert {(g.kind, g.label, names.get(g.parent or "")) for g in found.groups} == {
        ("pool", "ООО «Северный ветер»", None),
        ("lane", "Менеджер по продажам", "ООО «Северный ветер»"),
        ("lane", "Финансовый отдел", "ООО «Северный ветер»"),
        ("lane", "Склад", "ООО «Северный ветер»"),
    }


def test_boxes_are_in_pixels_of_the_picture(engine: EmbeddedEngine) -> None:
    shown, truth = example("incident-en")
    found = {n.label: n.box for n in recognize(engine, shown).diagram.nodes}
    for node in truth.nodes:
        box = found[node.label]
        assert box is not None
        assert node.box is not None
        assert math.dist(box.center, node.box.center) < 6


@pytest.mark.parametrize("name", FLOORS)
def test_an_example_is_read_about_as_well_as_measured(engine: EmbeddedEngine, name: str) -> None:
    shown, truth = example(name)
    reached = score(truth, recognize(engine, shown).diagram)
    nodes, edges = FLOORS[name]
    assert reached.node >= nodes, reached
    assert reached.edge is not None
    assert reached.edge >= edges, reached


def _jpeg(image: Image.Image) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: ImageOps.scale(image, 0.7, Image.Resampling.LANCZOS), id="smaller"),
        pytest.param(lambda image: ImageOps.scale(image, 1.4, Image.Resampling.LANCZOS), id="larger"),
        pytest.param(_jpeg, id="JPEG of quality 60"),
        pytest.param(ImageOps.invert, id="light on dark"),
    ],
)
def test_the_same_drawing_otherwise_saved_is_read_the_same(
    engine: EmbeddedEngine, change: Callable[[Image.Image], Image.Image]
) -> None:
    shown, truth = example("incident-en")
    reached = score(truth, recognize(engine, picture(change(Image.fromarray(shown.pixels)))).diagram)
    assert reached.node >= 0.95
    assert reached.edge is not None
    assert reached.edge >= 0.9
    assert reached.labelled is not None
    assert reached.labelled >= 0.85  # the smaller one has letters of eight pixels


# Pictures that are no diagrams -------------------------------------------------------------------------------------


def _noise() -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (600, 800, 3)).astype(np.uint8)


def _photo(seed: int) -> NDArray[np.uint8]:
    """Blobs of colour under grain, as unsharp photographs have; textures of closed outlines may pass for symbols."""
    random = np.random.default_rng(seed)
    soft = cv2.GaussianBlur(random.integers(0, 256, (600, 800, 3)).astype(np.float32), (0, 0), 9)
    soft = 255 * (soft - soft.min()) / np.ptp(soft) + random.normal(0, 6, soft.shape)
    return np.clip(soft, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.full((600, 800, 3), 255, np.uint8), id="white"),
        pytest.param(np.full((600, 800, 3), 0, np.uint8), id="black"),
        pytest.param(np.full((1, 1, 3), 90, np.uint8), id="one pixel"),
        pytest.param(_noise(), id="noise"),
        pytest.param(_photo(8), id="photo"),
        pytest.param(_photo(9), id="another photo"),
    ],
)
def test_where_nothing_is_drawn_nothing_is_found(engine: EmbeddedEngine, pixels: NDArray[np.uint8]) -> None:
    found = recognize(engine, picture(pixels))
    assert found.diagram.nodes == ()
    assert found.diagram.edges == ()
    assert found.confidence == 0


# Single drawings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "w", "h"),
    [
        ("process", 180, 80), ("rounded", 180, 80), ("stadium", 180, 80), ("decision", 220, 120), ("ellipse", 180, 80),
        ("circle", 150, 150), ("data", 230, 80), ("hexagon", 220, 80), ("database", 180, 100),
    ],
)  # fmt: skip
def test_a_symbol_is_named_by_its_outline(shape: str, w: int, h: int) -> None:
    page = Page(520, 320)
    page.symbol(shape, 260, 160, "Check the order", w=w, h=h)
    scene = understand(page.pixels)
    (node,) = scene.nodes
    assert node.shape == shape
    assert abs(node.box.w / scene.sheet.scale - w) <= 6
    assert abs(node.box.h / scene.sheet.scale - h) <= 6


def _two() -> Page:
    page = Page()
    page.symbol("process", 140, 160, "Order")
    page.symbol("process", 540, 160, "Payment")
    return page


def test_an_arrow_is_one_directed_edge() -> None:
    page = _two()
    page.arrow((230, 160), (450, 160))
    assert list(page.edges()) == [("Order", "Payment")]


def test_the_head_says_where_an_arrow_leads() -> None:
    page = _two()
    page.arrow((450, 160), (230, 160))
    assert list(page.edges()) == [("Payment", "Order")]


def test_an_open_head_is_a_head() -> None:
    page = _two()
    page.line((450, 160), (230, 160))
    page.line((246, 152), (231, 160), (246, 168))
    assert list(page.edges()) == [("Payment", "Order")]


def test_a_line_without_heads_is_an_edge_without_heads() -> None:
    page = _two()
    page.line((230, 160), (450, 160))
    assert list(page.edges()) == [("Order", "Payment without a head")]


def test_heads_at_both_ends() -> None:
    page = _two()
    page.arrow((340, 160), (450, 160))
    page.arrow((340, 160), (230, 160))
    assert list(page.edges()) == [("Order", "Payment and back")]


def test_dashes_join_to_one_line() -> None:
    page = _two()
    for x in range(231, 425, 16):
        page.line((x, 160), (x + 9, 160))
    page.arrow((432, 160), (450, 160))
    assert list(page.edges()) == [("Order", "Payment")]


def test_a_line_round_corners() -> None:
    page = _two()
    page.arrow((140, 200), (140, 320), (540, 320), (540, 200))
    assert list(page.edges()) == [("Order", "Payment")]


def test_a_line_back_to_its_own_symbol() -> None:
    page = _two()
    page.arrow((180, 200), (180, 300), (100, 300), (100, 200))
    assert list(page.edges()) == [("Order", "Order")]


def test_a_label_on_the_line_does_not_cut_it() -> None:
    page = _two()
    page.arrow((230, 160), (450, 160))
    page.erase(310, 148, 370, 172)
    page.write(340, 160, "if paid")
    assert list(page.edges()) == [("Order", "Payment")]


def test_crossing_lines_keep_their_ends() -> None:
    page = Page(700, 500)
    for name, x, y in (("North", 350, 60), ("South", 350, 440), ("West", 110, 250), ("East", 590, 250)):
        page.symbol("process", x, y, name)
    page.arrow((200, 250), (500, 250))
    page.arrow((350, 100), (350, 400))
    assert sorted(page.edges()) == [("North", "South"), ("West", "East")]


def test_lines_that_merge_share_a_head() -> None:
    page = Page(760, 520)
    for name, x, y in (("Order", 150, 80), ("Request", 150, 420), ("Review", 620, 250)):
        page.symbol("process", x, y, name)
    page.arrow((240, 80), (400, 80), (400, 250), (530, 250))
    page.line((240, 420), (400, 420), (400, 250))
    assert sorted(page.edges()) == [("Order", "Review"), ("Request", "Review")]


def test_a_line_that_forks_leads_to_both() -> None:
    page = Page(760, 520)
    for name, x, y in (("Order", 150, 250), ("Request", 600, 80), ("Review", 600, 420)):
        page.symbol("process", x, y, name)
    page.line((240, 250), (400, 250))
    page.arrow((400, 250), (400, 80), (510, 80))
    page.arrow((400, 250), (400, 420), (510, 420))
    assert sorted(page.edges()) == [("Order", "Request"), ("Order", "Review")]


@pytest.mark.parametrize("end", [(360, 40), (40, 360), (360, 360), (360, 200)])
def test_a_thick_line_thins_to_one_pixel(end: tuple[int, int]) -> None:
    canvas = np.zeros((400, 400), np.uint8)
    cv2.line(canvas, (40, 40), end, 1, 9)
    bones = thin(canvas > 0)
    assert not (bones & (canvas == 0)).any()
    block = bones[1:, 1:] & bones[:-1, 1:] & bones[1:, :-1] & bones[:-1, :-1]
    assert not block.any()
    lines = sorted(graph(bones).segments.values(), key=lambda s: -s.length)
    assert len(lines[0].points) == pytest.approx(320, abs=9)  # one for each row or column that it crosses
    assert sum(s.length for s in lines[1:]) <= 9  # a fork at a square end at most


# The engine among others -------------------------------------------------------------------------------------------


def test_progress_rises_to_the_end(engine: EmbeddedEngine) -> None:
    page = _two()
    page.arrow((230, 160), (450, 160))
    told: list[tuple[float, str]] = []
    found = asyncio.run(engine.recognize(picture(page.pixels), Request(), lambda *news: told.append(news)))
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1] == (1.0, "done")
    assert {(n.label, n.shape) for n in found.diagram.nodes} == {("Order", "process"), ("Payment", "process")}


def test_cancelling_returns_at_once_and_ends_the_work(engine: EmbeddedEngine) -> None:
    """The worker is held in its second stage: the caller is free nevertheless, and no later stage begins."""
    told: list[str] = []
    go_on = threading.Event()

    async def cancel() -> None:
        loop, workers, held = asyncio.get_running_loop(), ThreadPoolExecutor(1), asyncio.Event()
        loop.set_default_executor(workers)

        def progress(share: float, what: str) -> None:
            told.append(what)
            if what == "symbols and connectors":
                loop.call_soon_threadsafe(held.set)
                go_on.wait(60)

        task = asyncio.create_task(engine.recognize(picture(_two().pixels), Request(), progress))
        await asyncio.wait_for(held.wait(), 30)
        task.cancel()
        try:
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 5)
            assert not go_on.is_set()
        finally:
            go_on.set()
            workers.shutdown(wait=True)

    asyncio.run(cancel())
    assert told == ["text reader", "symbols and connectors"]
