"""Markdown and the card's properties."""

from __future__ import annotations

import re
import tomllib

import pytest

from diagrasp_chat import render, texts
from diagrasp_chat.client import Converted, Format, Loss, Recognised
from diagrasp_chat.graph import Graph, StepRow
from diagrasp_chat.render import Card, Steps, escape, fenced, file_name, parse_steps, plain, size
from diagrasp_chat.texts import ASSETS, count, language_of, language_of_browser, stage_name

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[press](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "a | b | c",
    "**bold** _em_ `code` ~~gone~~",
    "# title",
    "::alert[x]{y}",
    "&lt;b&gt;",
    "line\nbreak\r\nand\ttab",
    "\\ backslash \\| pipe",
    "https://evil.example www.evil.example a@b.example",
    "zero\u200bwidth \u202eright-to-left\u202c",
    "- item",
    "1. item",
    "$x$",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_escaped_labels_have_no_active_sign(label: str) -> None:
    escaped = escape(label)
    assert "\n" not in escaped
    # every sign that Markdown knows stands behind a backslash
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]()<>#+\-!|~:&$]", re.sub(r"\\.", "", escaped))
    assert not re.search(r"[\u200b-\u200f\u202a-\u202e]", escaped)
    # a link that nobody wrote is broken by an invisible joiner
    assert not re.search(r"(?:https?|www)\\?[:.]", escaped)


@pytest.mark.parametrize("label", [label for label in HOSTILE if not re.search(r"[\u200b\u202e\n]|http|&", label)])
def test_a_table_gives_the_labels_back(label: str) -> None:
    text = render.table([StepRow("1", label, label)], "en")
    assert parse_steps(text).rows == (StepRow("1", " ".join(label.split()), " ".join(label.split())),)


def test_code_cannot_leave_its_fence() -> None:
    text = "graph\n```\n# free\n````\n"
    block = fenced(text, "mermaid")
    opening, closing = block.split("\n")[0], block.split("\n")[-1]
    assert opening == "`````mermaid"
    assert closing == "`````"


def test_the_steps_format_is_taken_apart() -> None:
    steps = parse_steps(
        "| № | Наименование действия | Роль |\n"
        "| --- | :---: | --- |\n"
        "| 1 | Принять \\| записать &lt;заявку&gt; | Менеджер |\n"
        "| 2 | Проверить<br>остаток |  |\n"
        "\n## Алгоритм\n\n"
        "1. Принять **заявку**\n"
        "   - если «нет»:\n"
        "     1. Вернуться к шагу 1\n"
    )
    assert steps.head == ("№", "Наименование действия", "Роль")
    assert steps.language == "ru"
    assert steps.rows == (
        StepRow("1", "Принять | записать <заявку>", "Менеджер"),
        StepRow("2", "Проверить остаток", ""),
    )
    assert [(line.depth, line.text) for line in steps.outline] == [
        (0, "1. Принять заявку"),
        (1, "если «нет»:"),
        (2, "1. Вернуться к шагу 1"),
    ]


def test_plain_undoes_escapes() -> None:
    assert plain(r"a \| b \\ c \*d\* &amp;lt;") == r"a | b \ c *d* &lt;"


def test_a_card_has_everything_that_the_page_shows(graph: Graph, rows: list[StepRow], formats: list[Format]) -> None:
    warnings = ("low confidence (0.71): compare the result with the picture", "2 labels were hard to read")
    found = Recognised({}, 0.71, warnings, "embedded", False, 1234.0, 3)
    card = Card("a.pdf", graph, Steps((), tuple(rows)), "flowchart LR", formats, "k", found, page=2, original="/o")
    props = card.props("en")
    assert props["summary"] == "BPMN process: 5 steps, 1 condition, 3 roles"
    assert (props["level"], props["badge"]) == ("medium", "Fair confidence (71 %): look it over")
    assert props["notes"] == "1.2 s"
    assert props["warnings"] == [
        "2 labels were hard to read",
        "Not sure of the arrow “Выставить счёт” → (no label)",
        "Not sure of “Запросить документы”",
        "Page 2 of 3. Type “page 3” for another.",
    ]
    assert props["rows"][4] == ["5", "Отгрузить товар", "Склад"]
    assert [format["id"] for format in props["formats"]] == [f.id for f in formats if f.writes]
    assert set(props["texts"]) == set(render.VIEW_TEXTS)
    assert card.props("ru")["summary"] == "Процесс BPMN: 5 шагов, 1 условие, 3 роли"


@pytest.mark.parametrize(("confidence", "level"), [(0.99, "high"), (0.85, "high"), (0.6, "medium"), (0.2, "low")])
def test_confidence_has_three_words(confidence: float, level: str) -> None:
    assert render.confidence_level(confidence, "embedded") == level
    assert str(round(confidence * 100)) in render.confidence_line(confidence, "embedded", "ru")
    assert render.confidence_line(confidence, "source", "en") == "Read from the source inside the file"


def test_a_conversion_names_losses_and_shows_text(formats: list[Format], graph: Graph) -> None:
    mermaid = next(f for f in formats if f.id == "mermaid")
    losses = (
        Loss("shape.task", "b", "Mermaid does not express the task symbol of 'b'"),
        Loss("shape.task", "c", "Mermaid does not express the task symbol of 'c'"),
        Loss("box", "", "Mermaid does not express positions and sizes"),
        Loss("group.lane", "l1", "Mermaid does not express lane 'l1'"),
        Loss("something.new", "", "a thing of *its own*"),
    )
    made = Converted(b"flowchart LR\n a --> b\n", False, "mermaid", "text/plain", losses, {})
    text = render.conversion(made, mermaid, "a.mmd", "ru", graph)
    assert "**Mermaid** — a\\.mmd, 22 B" in text
    assert "- виды фигур: «Запросить документы», «Проверить остаток»\n" in text
    assert "- положение и размеры\n- дорожки: «Менеджер»\n- a thing of \\*its own\\*\n" in text
    assert "```mermaid\nflowchart LR\n a --> b\n```" in text
    binary = Converted(b"\x89PNG", True, "png", "image/png", (), {})
    assert "```" not in render.conversion(binary, formats[6], "a.png", "ru")


def test_many_losses_are_counted(graph: Graph) -> None:
    many = [Loss("shape.task", id) for id in ("a", "b", "c", "d", "h")] + [
        Loss(f"x{i}", "", f"x{i}") for i in range(20)
    ]
    lines = render.lost(many, "en", graph)
    assert lines[0] == "the kinds of symbols: “Принять заявку”, “Запросить документы”, “Проверить остаток” and 2 more"
    assert len(lines) == render.MAX_LOSSES + 1
    assert lines[-1] == "and 11 more"


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("the picture is damaged: image file is truncated", "картинка повреждена: файл обрывается"),
        ("low confidence (0.37): compare the result with the picture", ""),
        ("no format 'x'; there are json, svg", "формата «x» нет; есть json, svg"),
        ("line 2, column 5: unknown arrow", "строка 2, столбец 5: unknown arrow"),
        ("something else", "something else"),
    ],
)
def test_the_servers_words_in_russian(message: str, wanted: str) -> None:
    assert texts.said("ru", message) == wanted


def test_a_long_text_is_shortened_and_says_so() -> None:
    shown, note = render.shortened("line\n" * 1000, "en")
    assert len(shown.split("\n")) == render.MAX_LINES
    assert note == "The first 200 of 1000 lines; the file is whole."
    assert len(render.shortened("x" * 10**6, "en")[0]) == render.MAX_CHARACTERS
    assert render.shortened("a\nb\n", "en") == ("a\nb", "")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("order.png", "order.bpmn"),
        ("Согласование заказа.jpeg", "Согласование заказа.bpmn"),
        ("../../etc/passwd.png", "passwd.bpmn"),
        ("C:\\temp\\a b.png", "a b.bpmn"),
        ('<"x">|?*.png', "x.bpmn"),
        ("....", "diagram.bpmn"),
        ("x" * 300 + ".png", "x" * 80 + ".bpmn"),
    ],
)
def test_file_names_are_safe(source: str, name: str) -> None:
    assert file_name(source, Format("bpmn", suffixes=(".bpmn",))) == name


def test_sizes() -> None:
    assert [size(n) for n in (0, 999, 1000, 123_456, 2_500_000)] == ["0 B", "999 B", "1.0 kB", "123.5 kB", "2.5 MB"]


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (1, "1 шаг"),
        (2, "2 шага"),
        (5, "5 шагов"),
        (11, "11 шагов"),
        (21, "21 шаг"),
        (104, "104 шага"),
        (112, "112 шагов"),
    ],
)
def test_russian_numerals(number: int, wanted: str) -> None:
    assert count("ru", number, "step") == wanted


def test_languages() -> None:
    assert [language_of(t, "ru") for t in ("show steps", "покажи steps", "?")] == ["en", "ru", "ru"]
    assert [language_of_browser(t) for t in ("ru-RU", "ru", "en-GB", "de", None)] == ["ru", "ru", "en", "en", "en"]
    assert stage_name("ru", "Symbols and connectors") == "ищу фигуры и стрелки"
    assert stage_name("ru", "something new") == "something new"


def test_both_languages_say_the_same_things() -> None:
    english, russian = (
        tomllib.loads((ASSETS / "phrases" / f"{language}.toml").read_text(encoding="utf-8"))
        for language in ("en", "ru")
    )
    assert english.keys() == russian.keys()
    assert english["phrases"].keys() == russian["phrases"].keys()
    for part in ("kinds", "nouns", "features"):
        assert english[part].keys() == russian[part].keys()
    for key, phrase in english["phrases"].items():
        blanks = set(re.findall(r"\{(\w+)\}", phrase))
        assert blanks == set(re.findall(r"\{(\w+)\}", russian["phrases"][key])), key
    assert all(len(forms) == 3 for forms in russian["nouns"].values())
    used = set()
    for module in ASSETS.parent.glob("*.py"):
        used |= set(
            re.findall(r'say\((?:language|own|self\.language|conversation\(\)\.language), "(\w+)"', module.read_text())
        )
    assert used <= set(texts.vocabulary("en")["phrases"])
