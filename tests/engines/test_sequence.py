"""Sequence diagrams, read by the engine `embedded`: drawn by our own writer, and stroke by stroke."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray
from paper import GRAIN, Page
from PIL import ImageFont, ImageOps
from PIL.Image import Image, fromarray

from diagrasp.engines import Recognition, Request
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.scene import understand
from diagrasp.formats import FormatRegistry
from diagrasp.images import Picture, load_picture
from diagrasp.model import Diagram

SALE = """sequenceDiagram
    actor k as Клиент
    participant m as Менеджер
    participant s as Склад
    participant b as Банк
    k->>m: Оформить заказ
    m->>s: Проверить остатки
    s-->>m: Список товаров
    m->>m: Рассчитать стоимость
    alt товар есть
        m->>b: Выставить счёт
        b-->>k: Подтверждение оплаты
    else товара нет
        m-->>k: Отказ и извинения
    end
    loop каждый день
        s->>b: Сверить платежи
    end
"""
LOGIN = """sequenceDiagram
    participant a as Browser
    participant b as Gateway
    participant d as Storage
    a->>b: Open session
    b->>d: Read profile
    opt new device
        b->>d: Write defaults
    end
    d-->>b: Profile
    b-->>a: Show page
"""


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


@pytest.fixture(scope="module")
def registry() -> FormatRegistry:
    return FormatRegistry()


def recognize(engine: EmbeddedEngine, picture: Picture) -> Recognition:
    return asyncio.run(engine.recognize(picture, Request(), lambda share, what: None))


def seen(engine: EmbeddedEngine, pixels: NDArray[np.uint8] | Image) -> Recognition:
    return recognize(engine, Picture(b"", np.asarray(pixels, np.uint8), "image/png"))


def story(diagram: Diagram) -> list[str]:
    """Every message in its order: the frames and sections around it, who says what to whom, and how it is drawn."""
    names = {n.id: n.label for n in diagram.nodes}
    return [
        "".join(f"{g.label}: " for g in reversed(list(diagram.ancestors(e.group))))
        + f"{names[e.source]} {'..' if e.line == 'dashed' else '--'}{'>' if e.head == 'arrow' else ''} "
        + f"{names[e.target]}: {e.label}"
        for e in diagram.edges
    ]


def drawn(registry: FormatRegistry, source: str, **options: str) -> tuple[Diagram, Picture]:
    """The diagram of a Mermaid source, and our own drawing of it."""
    diagram = registry.reader("mermaid").read(source.encode()).diagram
    data = registry.writer("png").write(diagram, **options).data
    return diagram, load_picture(data, max_bytes=10**8, max_pixels=10**8)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("source", [SALE, LOGIN], ids=["Russian", "English"])
def test_our_own_drawing_is_read_back(
    engine: EmbeddedEngine, registry: FormatRegistry, source: str, theme: str
) -> None:  # fmt: skip
    diagram, picture = drawn(registry, source, theme=theme)
    found = recognize(engine, picture).diagram
    assert found.kind == "sequence"
    assert story(found) == story(diagram)
    assert [(n.label, n.shape) for n in found.nodes] == [(n.label, n.shape) for n in diagram.nodes]
    assert [(g.kind, g.label) for g in found.groups] == [(g.kind, g.label) for g in diagram.groups]


def test_every_element_has_a_confidence_and_a_place(engine: EmbeddedEngine, registry: FormatRegistry) -> None:
    found = recognize(engine, drawn(registry, SALE)[1])
    assert found.confidence > 0.8
    assert all(n.confidence and n.box for n in found.diagram.nodes)
    assert all(e.confidence and e.path for e in found.diagram.edges)
    assert all(g.confidence and g.box for g in found.diagram.groups)
    heights = [e.path[0].y for e in found.diagram.edges if e.path]
    assert heights == sorted(heights)


class Script(Page):
    """A sequence diagram drawn by hand: participants at fixed places, messages one under another."""

    def __init__(self, *names: str, feet: bool = True, height: int = 420, dash: float = 6) -> None:
        super().__init__(700, height)
        self.x = {name: 110 + 480 * k / (len(names) - 1) for k, name in enumerate(names)}
        bottom = height - 60 if feet else height - 20
        for name, x in self.x.items():
            self.symbol("process", x, 40, name, w=130, h=44)
            if feet:
                self.symbol("process", x, height - 38, name, w=130, h=44)
            for y in np.arange(63, bottom, 2 * dash):
                self.line((x, y), (x, min(y + dash, bottom)), width=1.5)

    def say(self, y: float, source: str, target: str, words: str, *, dashed: bool = False, inset: float = 1) -> None:
        """A message with its words above it, `inset` pixels short of both lifelines."""
        a, b = self.x[source], self.x[target]
        way = 1 if b > a else -1
        a, b = a + way * inset, b - way * inset
        if dashed:
            for x in np.arange(a, b - way * 14, way * 8):
                self.line((x, y), (x + way * 4, y), width=1.5)
            self.arrow((b - way * 14, y), (b, y))
        else:
            self.arrow((a, y), (b, y))
        self.write((a + b) / 2, y - 16, words, 15)


def test_participants_drawn_twice_are_one_node_each(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", "Store")
    page.say(120, "Client", "Server", "Order goods")
    page.say(180, "Server", "Store", "Reserve")
    page.say(240, "Store", "Server", "Reserved", dashed=True)
    page.say(300, "Server", "Client", "Confirm", dashed=True)
    found = seen(engine, page.pixels).diagram
    assert sorted(n.label for n in found.nodes) == ["Client", "Server", "Store"]
    assert story(found) == [
        "Client --> Server: Order goods",
        "Server --> Store: Reserve",
        "Store ..> Server: Reserved",
        "Server ..> Client: Confirm",
    ]


def test_light_on_dark(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", feet=False)
    page.say(140, "Client", "Server", "Order goods")
    page.say(220, "Server", "Client", "Confirm", dashed=True)
    found = seen(engine, ImageOps.invert(fromarray(page.pixels))).diagram
    assert story(found) == ["Client --> Server: Order goods", "Server ..> Client: Confirm"]


def test_a_label_across_another_lifeline_stays_whole(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", "Store")
    page.say(140, "Client", "Store", "Ask for the whole list")
    page.say(220, "Store", "Client", "Here it is")
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Store: Ask for the whole list",
        "Store --> Client: Here it is",
    ]


def test_numbers_before_the_labels_are_the_notations(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server")
    page.say(140, "Client", "Server", "1 Order goods")
    page.say(200, "Server", "Client", "2 Confirm")
    page.say(260, "Client", "Server", "3 Pay invoice")
    assert [e.label for e in seen(engine, page.pixels).diagram.edges] == ["Order goods", "Confirm", "Pay invoice"]


def test_messages_end_on_activations(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server")
    page.polygon((580, 140), (600, 140), (600, 260), (580, 260))
    page.say(150, "Client", "Server", "Order goods", inset=11)
    page.say(240, "Server", "Client", "Confirm", inset=11, dashed=True)
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Server: Order goods",
        "Server ..> Client: Confirm",
    ]


@pytest.mark.parametrize("shadow", [0, 4])
def test_activations_hide_nearly_all_of_their_lifelines(engine: EmbeddedEngine, shadow: int) -> None:
    page = Script("Client", "Server", "Store")
    for name, top, bottom in (("Client", 76, 348), ("Server", 90, 300), ("Store", 180, 240)):
        x = page.x[name]
        corners = (x - 9 + shadow, top + shadow, x + 9 + shadow, bottom + shadow)
        page.pen.rectangle([v * GRAIN for v in corners], "#aaa" if shadow else "white")
        page.polygon((x - 9, top), (x + 9, top), (x + 9, bottom), (x - 9, bottom))
    page.say(90, "Client", "Server", "Order goods", inset=10)
    page.say(180, "Server", "Store", "Reserve", inset=10)
    page.say(240, "Store", "Server", "Reserved", inset=10, dashed=True)
    page.say(300, "Server", "Client", "Confirm", inset=10, dashed=True)
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Server: Order goods",
        "Server --> Store: Reserve",
        "Store ..> Server: Reserved",
        "Server ..> Client: Confirm",
    ]


def test_a_reply_points_under_the_activation_that_it_ends(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", "Store")
    for name, top, bottom in (("Client", 100, 200), ("Server", 120, 340)):
        x = page.x[name]
        page.polygon((x - 9, top), (x + 9, top), (x + 9, bottom), (x - 9, bottom))
    page.say(120, "Client", "Server", "Order goods", inset=10)
    for x in range(130, 340, 8):  # to the lifeline itself: the activation's lower corner hides the head's tip
        page.line((x, 200), (x + 4, 200), width=1.5)
    page.line((127, 193), (114, 200), (127, 207), width=1.5)
    page.pen.rectangle([v * GRAIN for v in (102, 180, 118, 199)], "white")
    page.line((101, 180), (101, 200), width=1.5)
    page.line((119, 180), (119, 200), width=1.5)
    page.line((101, 200), (119, 200), width=1.5)
    page.write(225, 184, "Confirm", 15)
    page.say(260, "Server", "Store", "Reserve", inset=10)
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Server: Order goods",
        "Server ..> Client: Confirm",
        "Server --> Store: Reserve",
    ]


def test_a_lifeline_and_an_activation_between_two_messages_are_no_box(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", "Store")
    for name, top, bottom in (("Client", 90, 130), ("Store", 130, 290), ("Client", 290, 340)):
        x = page.x[name]
        page.pen.rectangle([v * GRAIN for v in (x - 9, top, x + 9, bottom)], "white")
        page.polygon((x - 9, top), (x + 9, top), (x + 9, bottom), (x - 9, bottom))
    page.say(130, "Client", "Store", "Ask for it", inset=10)
    page.say(210, "Store", "Server", "Look it up", inset=10)
    page.say(290, "Store", "Client", "Here it is", inset=10)
    page.say(330, "Client", "Server", "Thanks", inset=10)
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Store: Ask for it",
        "Store --> Server: Look it up",
        "Store --> Client: Here it is",
        "Client --> Server: Thanks",
    ]


def test_a_low_loop_below_which_its_head_hangs(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server")
    page.say(140, "Client", "Server", "Order goods")
    x = page.x["Client"]
    page.write(x + 50, 190, "Look again", 15)
    page.line((x, 206), (x + 42, 206), width=1.5)
    page.line((x + 42, 206), (x + 42, 220), width=1.5)
    page.line((x + 42, 220), (x + 10, 220), width=1.5)
    page.polygon((x + 1, 220), (x + 12, 214), (x + 12, 226), fill="black")
    page.say(280, "Server", "Client", "Confirm")
    assert story(seen(engine, page.pixels).diagram) == [
        "Client --> Server: Order goods",
        "Client --> Client: Look again",
        "Server --> Client: Confirm",
    ]


def test_a_note_is_no_participant_and_is_told_of(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server")
    page.say(140, "Client", "Server", "Order goods")
    page.symbol("process", 590, 210, "within a day", w=150, h=46)
    page.say(290, "Server", "Client", "Confirm")
    found = seen(engine, page.pixels)
    assert story(found.diagram) == ["Client --> Server: Order goods", "Server --> Client: Confirm"]
    assert len(found.diagram.nodes) == 2
    assert found.warnings == ("a note is left out: within a day",)


def test_a_title_stands_above_the_participants(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server")
    page.say(140, "Client", "Server", "Order goods")
    page.say(220, "Server", "Client", "Confirm")
    higher = np.vstack([np.full((60, 700, 3), 255, np.uint8), page.pixels])
    titled = Page(700, 60)
    titled.write(350, 28, "How goods are sold", 20)
    higher[:60] = titled.pixels
    assert seen(engine, higher).diagram.title == "How goods are sold"


def test_pale_lifelines_and_boxes_are_seen(engine: EmbeddedEngine) -> None:
    page = Script("Client", "Server", "Bank", feet=False, dash=400)
    drawn_ = page.pixels.copy()
    page.say(140, "Client", "Server", "Order goods")
    page.say(220, "Server", "Bank", "Charge card")
    page.say(300, "Bank", "Client", "Confirm", dashed=True)
    dark = (page.pixels != drawn_).any(axis=2)
    for x in page.x.values():
        dark[28:52, round(x) - 55 : round(x) + 55] = True
    pale = 255 - (255 - page.pixels.astype(float)) * np.where(dark, 1.0, 0.12)[..., None]
    found = seen(engine, pale.astype(np.uint8)).diagram
    assert [n.label for n in found.nodes] == ["Client", "Server", "Bank"]
    assert story(found) == [
        "Client --> Server: Order goods", "Server --> Bank: Charge card", "Bank ..> Client: Confirm"
    ]  # fmt: skip


def columns_of_steps() -> Page:
    """A flowchart with long parallel connectors, and cross connections between boxes."""
    page = Page(700, 520)
    for x, first, second in ((150, "Read", "Sort"), (350, "Take", "Keep"), (550, "Lend", "Send")):
        page.symbol("process", x, 60, first, w=120, h=50)
        page.symbol("process", x, 440, second, w=120, h=50)
        page.arrow((x, 86), (x, 414))
    page.arrow((211, 440), (289, 440))
    page.arrow((489, 60), (411, 60))
    return page


def swimlanes() -> Page:
    """Three lanes under their titles, with steps joined across the lanes' borders."""
    page = Page(700, 420)
    for k, name in enumerate(("Sales", "Store", "Bank")):
        left = 40 + 200 * k
        page.polygon((left, 20), (left + 200, 20), (left + 200, 400), (left, 400))
        page.line((left, 60), (left + 200, 60))
        page.write(left + 100, 40, name)
    for k, (y, name) in enumerate(((120, "Order"), (220, "Pack"), (320, "Charge"))):
        page.symbol("process", 140 + 200 * k, y, name, w=110, h=50)
    page.arrow((196, 120), (340, 120), (340, 194))
    page.arrow((396, 220), (540, 220), (540, 294))
    return page


@pytest.mark.parametrize("draw", [columns_of_steps, swimlanes])
def test_other_drawings_with_long_upright_lines_are_no_sequences(draw: type[Page]) -> None:
    scene = understand(draw().pixels)
    assert scene.sequence is None
    assert len(scene.nodes) >= 3


def test_lifelines_begin_under_a_note_and_a_frame(engine: EmbeddedEngine) -> None:
    """All that is seen of them between their heads and what hides them is a few pixels."""
    page = Script("Client", "Server", "Store")
    page.polygon((80, 72), (620, 72), (620, 104), (80, 104), fill="#ffa")
    page.write(350, 88, "Once a day, at night")
    page.say(150, "Client", "Server", "Order goods")
    page.say(210, "Server", "Store", "Reserve")
    found = seen(engine, page.pixels).diagram
    assert story(found) == ["Client --> Server: Order goods", "Server --> Store: Reserve"]


def test_messages_without_heads(engine: EmbeddedEngine) -> None:
    """Lifelines that run from a row of boxes to the same boxes again tell a sequence."""
    page = Script("Client", "Server", "Store")
    for y, a, b, words in ((140, "Client", "Server", "Order goods"), (210, "Server", "Store", "Reserve")):
        page.line((page.x[a], y), (page.x[b], y))
        page.write((page.x[a] + page.x[b]) / 2, y - 16, words, 15)
    found = seen(engine, page.pixels).diagram
    assert found.kind == "sequence"
    assert sorted(e.label for e in found.edges) == ["Order goods", "Reserve"]


def test_numbers_in_discs_part_neither_labels_nor_frames(engine: EmbeddedEngine) -> None:
    """The disc of the message before a frame reaches over the frame's dotted side."""
    page = Script("Client", "Server", "Store", height=460)
    page.say(130, "Client", "Server", "Order goods")
    page.say(190, "Server", "Store", "Reserve")
    page.say(300, "Store", "Server", "Reserved")
    for x0, y0, x1, y1 in ((70, 204, 640, 204), (70, 340, 640, 340), (70, 204, 70, 340), (640, 204, 640, 340)):
        for t in np.arange(0, (x1 - x0) + (y1 - y0), 6):
            x, y = (x0 + t, y0) if y0 == y1 else (x0, y0 + t)
            page.line((x, y), (x + 3, y) if y0 == y1 else (x, y + 3))
    page.line((70, 228), (120, 228), (130, 218), (130, 204))
    page.write(98, 216, "loop", 14)
    for k, (name, y) in enumerate((("Client", 130), ("Server", 190), ("Store", 300)), 1):
        x = page.x[name]
        page.pen.ellipse([v * GRAIN for v in (x - 15, y - 15, x + 15, y + 15)], "black")
        page.pen.text((x * GRAIN, y * GRAIN), str(k), "white", ImageFont.load_default(12 * GRAIN), anchor="mm")
    found = seen(engine, page.pixels).diagram
    assert story(found) == [
        "Client --> Server: Order goods",
        "Server --> Store: Reserve",
        "loop: : Store --> Server: Reserved",
    ]
