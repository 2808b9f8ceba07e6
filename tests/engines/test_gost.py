"""Flowcharts as GOST 19.701-90 has them, in Russian, drawn here: lines without heads, limits of loops, lists."""

from __future__ import annotations

import pytest
from paper import GRAIN, Page, edges, read
from PIL import ImageFont

from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.engines.embedded.lines.headless import led
from diagrasp.formats import FormatRegistry

FACE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


class Sheet(Page):
    """A page with Russian letters."""

    def write(self, x: float, y: float, words: str, size: int = 15) -> None:
        font = ImageFont.truetype(FACE, size * GRAIN)
        self.pen.multiline_text((x * GRAIN, y * GRAIN), words, "black", font, anchor="mm", align="left")

    def limit(self, x: float, y: float, words: str, *, begins: bool, w: float = 210, h: float = 60) -> None:
        """Where a loop begins or ends: a box with its upper or its lower corners cut."""
        left, top, right, bottom, cut = x - w / 2, y - h / 2, x + w / 2, y + h / 2, 16
        if begins:
            self.polygon((left + cut, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom),
                         (left, top + cut))  # fmt: skip
        else:
            self.polygon((left, top), (right, top), (right, bottom - cut), (right - cut, bottom), (left + cut, bottom),
                         (left, bottom - cut))  # fmt: skip
        self.write(x, y, words)


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def _counting() -> Sheet:
    """A loop between its limits; the way around a step joins the one below it, and nothing points anywhere."""
    page = Sheet(620, 860)
    page.line((260, 60), (260, 800))
    page.line((260, 430), (460, 430), (460, 630), (260, 630))
    page.symbol("stadium", 260, 60, "Начало", w=160, h=50)
    page.symbol("data", 260, 165, "Ввод массива", w=230, h=56)
    page.limit(260, 280, "Начало цикла\nпо элементам", begins=True)
    page.symbol("decision", 260, 430, "Элемент > 0?", w=220, h=110)
    page.symbol("process", 260, 560, "Увеличить счётчик", w=210, h=56)
    page.limit(260, 690, "Конец цикла\nпо элементам", begins=False)
    page.symbol("stadium", 260, 800, "Конец", w=160, h=50)
    page.write(415, 414, "Нет")
    page.write(285, 502, "Да")
    return page


def test_lines_without_heads_run_down_and_merge(engine: EmbeddedEngine) -> None:
    assert edges(read(engine, _counting())) == {
        ("Начало", "", "Ввод массива"),
        ("Ввод массива", "", "Начало цикла по элементам"),
        ("Начало цикла по элементам", "", "Элемент > 0?"),
        ("Элемент > 0?", "Да", "Увеличить счётчик"),
        ("Элемент > 0?", "Нет", "Конец цикла по элементам"),
        ("Увеличить счётчик", "", "Конец цикла по элементам"),
        ("Конец цикла по элементам", "", "Конец"),
    }


def test_limits_of_loops_are_steps(engine: EmbeddedEngine) -> None:
    diagram = read(engine, _counting())
    assert {n.shape for n in diagram.nodes if "цикла" in n.label} == {"process"}
    said = FormatRegistry().writer("steps").write(diagram).data.decode()
    at = [said.index(words) for words in ("Ввод массива", "Начало цикла", "Увеличить счётчик", "Конец цикла")]
    assert at == sorted(at)
    assert "Отдельная часть" not in said


def test_a_way_back_up_ends_on_the_line_that_it_meets(engine: EmbeddedEngine) -> None:
    """The ways back come from both sides and meet on the line above the menu, where they look like a crossing."""
    page = Sheet(760, 560)
    page.line((380, 50), (380, 350))
    page.line((380, 330), (200, 330), (200, 480), (200, 520), (40, 520), (40, 110), (720, 110), (720, 520), (560, 520),
              (560, 330), (380, 330))  # fmt: skip
    page.symbol("stadium", 380, 50, "Начало", w=160, h=50)
    page.symbol("data", 380, 190, "Выбор команды", w=230, h=60)
    page.symbol("decision", 380, 330, "Поиск?", w=190, h=90)
    page.symbol("process", 200, 450, "Добавить запись", w=200, h=60)
    page.symbol("process", 560, 450, "Найти запись", w=200, h=60)
    page.write(255, 314, "нет")
    page.write(505, 314, "да")
    assert edges(read(engine, page)) == {
        ("Начало", "", "Выбор команды"),
        ("Выбор команды", "", "Поиск?"),
        ("Поиск?", "нет", "Добавить запись"),
        ("Поиск?", "да", "Найти запись"),
        ("Добавить запись", "", "Выбор команды"),
        ("Найти запись", "", "Выбор команды"),
    }


def test_numbers_of_a_list_are_no_turned_text(engine: EmbeddedEngine) -> None:
    page = Sheet(560, 420)
    page.line((260, 60), (260, 330))
    page.symbol("stadium", 260, 60, "Начало", w=160, h=50)
    page.symbol("data", 260, 200, w=400, h=140)
    page.write(260, 200, "1 - добавить запись\n2 - удалить запись\n3 - показать все\n4 - выход")
    page.symbol("stadium", 260, 340, "Конец", w=160, h=50)
    (said,) = (n.label for n in read(engine, page).nodes if n.shape == "data")
    assert said == "1 - добавить запись 2 - удалить запись 3 - показать все 4 - выход"


def test_slanted_lines_run_together_into_one_symbol() -> None:
    from numpy import array

    away = {1: array([0.8, -0.6]), 2: array([0.8, 0.6]), 3: array([-1.0, 0.0])}
    ways = {1: {2: 90.0, 3: 10.0}, 2: {1: 90.0, 3: 10.0}, 3: {1: 10.0, 2: 10.0}}
    assert led([1, 2, 3], ways, away) == [(1, 3), (2, 3)]
