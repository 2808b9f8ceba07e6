"""What typed messages are taken to mean."""

from __future__ import annotations

import pytest

from diagrasp_chat.client import Format
from diagrasp_chat.intents import Convert, Example, Help, Page, Question, Show, Source, Unknown, parse


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("convert to bpmn", ("bpmn",)),
        ("Convert it to BPMN, please", ("bpmn",)),
        ("export as draw.io", ("drawio",)),
        ("save as .puml", ("plantuml",)),
        ("please give me the plantuml", ("plantuml",)),
        ("from drawio to bpmn", ("bpmn",)),
        ("bpmn", ("bpmn",)),
        ("show mermaid", ("mermaid",)),
        ("as python", ("python",)),
        ("convert to bpmn and plantuml", ("bpmn", "plantuml")),
        ("в формат plantuml", ("plantuml",)),
        ("переведи в mermaid", ("mermaid",)),
        ("Переведи, пожалуйста, в BPMN 2.0!", ("bpmn",)),
        ("переведи схему в мермейд", ("mermaid",)),
        ("сконвертируй в drawio", ("drawio",)),
        ("преобразуй в graphviz", ("dot",)),
        ("скачать как svg", ("svg",)),
        ("сохрани картинку в png", ("png",)),
        ("дай плантюмл", ("plantuml",)),
        ("выведи джейсон", ("json",)),
        ("convert to all formats", None),
        ("во все форматы", None),
    ],
)
def test_conversions(text: str, wanted: tuple[str, ...] | None, formats: list[Format]) -> None:
    everything = tuple(f.id for f in formats if f.writes)
    assert parse(text, formats) == Convert(everything if wanted is None else wanted)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("convert to visio2000", "visio2000"), ("переведи в формат абвг", "абвг"), ("convert to vsdx", "vsdx")],
)
def test_a_format_that_cannot_be_written_is_named(text: str, unknown: str, formats: list[Format]) -> None:
    assert parse(text, formats) == Convert((), unknown)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("show steps", "steps"),
        ("Show me the steps.", "steps"),
        ("покажи шаги", "steps"),
        ("Шаги", "steps"),
        ("таблица шагов", "steps"),
        ("outline", "outline"),
        ("покажи алгоритм", "outline"),
        ("explain the process", "outline"),
        ("опиши процесс", "outline"),
        ("покажи схему", "result"),
    ],
)
def test_showing(text: str, what: str, formats: list[Format]) -> None:
    assert parse(text, formats) == Show(what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "topic", "number"),
    [
        ("what does step 3 lead to?", "next", "3"),
        ("What follows step 2", "next", "2"),
        ("what happens after step 10?", "next", "10"),
        ("where does step 4 go", "next", "4"),
        ("что после шага 2?", "next", "2"),
        ("куда ведёт шаг 3", "next", "3"),
        ("что дальше после 2-го шага", "next", "2"),
        ("what leads to step 3?", "previous", "3"),
        ("what comes before step 4", "previous", "4"),
        ("что перед шагом 3", "previous", "3"),
        ("что ведёт к шагу 5?", "previous", "5"),
        ("откуда приходят в шаг 1", "previous", "1"),
        ("who does step 3?", "who", "3"),
        ("кто выполняет шаг 3", "who", "3"),
        ("кто ответственный за шаг №4?", "who", "4"),
        ("when is step 5 done?", "when", "5"),
        ("при каком условии выполняется шаг 5", "when", "5"),
        ("step 2", "describe", "2"),
        ("что такое шаг 2?", "describe", "2"),
        ("step 1.2", "describe", "1.2"),
    ],
)
def test_questions_about_a_step(text: str, topic: str, number: str, formats: list[Format]) -> None:
    found = parse(text, formats)
    assert isinstance(found, Question)
    assert (found.topic, found.number) == (topic, number)


@pytest.mark.parametrize(
    ("text", "topic", "about"),
    [
        ("who checks the stock?", "who", "checks stock"),
        ("кто проверяет остаток?", "who", "проверяет остаток"),
        ("что после «Принять заявку»?", "next", "принять заявку"),
        ("what follows “Receive order”", "next", "receive order"),
        ("what does the warehouse do?", "role_steps", "warehouse"),
        ("что делает склад?", "role_steps", "склад"),
        ("что должен делать менеджер", "role_steps", "менеджер"),
    ],
)
def test_questions_by_words(text: str, topic: str, about: str, formats: list[Format]) -> None:
    found = parse(text, formats)
    assert isinstance(found, Question)
    assert (found.topic, found.number, found.about) == (topic, "", about)


@pytest.mark.parametrize(
    ("text", "topic", "noun"),
    [
        ("how many steps are there?", "count", "step"),
        ("сколько шагов", "count", "step"),
        ("how many conditions", "count", "decision"),
        ("сколько всего условий?", "count", "decision"),
        ("сколько ролей", "count", "role"),
        ("how many arrows are there", "count", "arrow"),
        ("which conditions are there?", "conditions", ""),
        ("какие условия", "conditions", ""),
        ("which roles take part", "roles", ""),
        ("кто участвует в процессе", "roles", ""),
        ("where does it start?", "start", ""),
        ("с чего начинается процесс", "start", ""),
        ("how does it end", "end", ""),
        ("чем заканчивается", "end", ""),
        ("are there loops?", "loops", ""),
        ("есть ли циклы", "loops", ""),
    ],
)
def test_questions_about_the_whole(text: str, topic: str, noun: str, formats: list[Format]) -> None:
    found = parse(text, formats)
    assert isinstance(found, Question)
    assert (found.topic, found.noun) == (topic, noun)


@pytest.mark.parametrize("text", ["help", "Помощь", "?", "Что ты умеешь?", "what can you do", ""])
def test_help(text: str) -> None:
    assert parse(text) == Help()


@pytest.mark.parametrize("text", ["hello there", "привет", "спасибо", "42", "the weather is fine"])
def test_small_talk_is_not_understood(text: str, formats: list[Format]) -> None:
    assert parse(text, formats) == Unknown()


def test_pages_and_examples() -> None:
    assert parse("page 2") == Page(2)
    assert parse("Покажи страницу 12") == Page(12)
    assert parse("Example: order approval") == Example("order approval")
    assert parse("пример:  согласование заказа ") == Example("согласование заказа")


@pytest.mark.parametrize(
    "text",
    [
        "flowchart TD\n  a --> b",
        "graph LR; a-->b",
        "%%{init: {'theme': 'dark'}}%%\nflowchart LR\n a --> b",
        "---\ntitle: Order\n---\nflowchart LR\n a --> b",
        "sequenceDiagram\n  A->>B: hi",
        "stateDiagram-v2\n  [*] --> Idle",
        "@startuml\nstart\n:One;\nstop\n@enduml",
        '<?xml version="1.0"?><definitions/>',
        "<mxfile><diagram/></mxfile>",
        "digraph g { a -> b }",
        "strict graph { a -- b }",
        '{"version": 1, "kind": "flowchart", "nodes": [], "edges": []}',
        "| № | Наименование действия | Роль |\n| --- | --- | --- |\n| 1 | Принять | Склад |",
    ],
)
def test_pasted_sources(text: str, formats: list[Format]) -> None:
    assert parse(text, formats) == Source(text.strip())


def test_a_fenced_source_is_taken_out_of_its_fence() -> None:
    assert parse("convert this:\n```mermaid\nflowchart TD\n  a --> b\n```\nthanks") == Source(
        "flowchart TD\n  a --> b", "mermaid"
    )
    assert parse("```\ngraph TD\n a-->b\n```") == Source("graph TD\n a-->b")


def test_numbered_instructions_are_a_source() -> None:
    text = "1. Принять заявку\n2. Если неполная, вернуться к шагу 1\n3. Отгрузить"
    assert parse(text) == Source(text, "steps")


@pytest.mark.parametrize(
    "text", ["graph please", "flowchart of the process?", "what is a state diagram", "1) only one"]
)
def test_talk_about_diagrams_is_no_source(text: str, formats: list[Format]) -> None:
    assert not isinstance(parse(text, formats), Source)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["a ", "шаг ", "convert ", "%%{", "---\n", "what does ", "<!--", "1. x\n", "`" * 3])
def test_long_input_is_answered_quickly(unit: str, formats: list[Format]) -> None:
    parse(unit * 20_000, formats)
