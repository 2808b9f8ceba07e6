"""Prompts: a diagram that was recognised, with what to do about it, in the user's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mcp.server.mcpserver.prompts.base import Message, UserMessage
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, EmbeddedResource, TextResourceContents

from diagrasp.errors import DiagraspError

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from diagrasp.mcp.calls import Calls

LANGUAGES = ("en", "ru")
PROGRAMMING_LANGUAGES = ("python", "typescript", "javascript", "java", "kotlin", "csharp", "go", "rust", "php", "sql")

EXPLAIN = {
    "en": (
        "Explain the process in this diagram to someone who has never seen it. Say in one sentence what it is for, "
        "then go through it in order: who does each step, what decides which way it goes, what runs in parallel, where "
        "it loops, where it ends. Keep to what the diagram says; name what it leaves open."
    ),
    "ru": (
        "Объясни процесс на этой диаграмме тому, кто видит её впервые. Сначала одной фразой скажи, для чего он, затем "
        "пройди его по порядку: кто выполняет каждый шаг, от чего зависит выбор пути, что идёт параллельно, где циклы, "
        "чем он заканчивается. Держись того, что есть на диаграмме; отдельно назови, что она оставляет неясным."
    ),
}
IMPLEMENT = {
    "en": (
        "Implement the algorithm in this diagram in {language}. One function for the flow and one for each step, named "
        "after its label; conditions become parameters or calls that can be tested; parallel parts stay parallel "
        "where the language can. Keep the diagram's order and every branch, and put the step's number in a comment. "
        "List what the diagram does not determine instead of inventing it."
    ),
    "ru": (
        "Реализуй алгоритм с этой диаграммы на языке {language}. Одна функция на весь ход и по одной на каждый шаг, "
        "названия по подписям; условия становятся параметрами или вызовами, которые можно проверить; параллельные "
        "части остаются параллельными там, где язык это умеет. Сохрани порядок и все ветви, номер шага укажи в "
        "комментарии. Перечисли то, чего диаграмма не определяет, и не выдумывай этого."
    ),
}
REVIEW = {
    "en": (
        "Review the process in this diagram. Look for steps without a role, decisions with an unlabelled or missing "
        "branch, dead ends, loops without a way out, parallel parts that never join, steps that cannot be reached, "
        "handovers that wait on one person, exceptions nobody handles. Give each finding with the step's number, why "
        "it matters and the smallest change that mends it, the gravest first. Say so where something is right."
    ),
    "ru": (
        "Проверь процесс на этой диаграмме. Ищи шаги без роли, решения с неподписанной или пропущенной ветвью, тупики, "
        "циклы без выхода, параллельные части, которые не сходятся, недостижимые шаги, передачи, которые держатся на "
        "одном человеке, исключения, которые никто не обрабатывает. К каждому замечанию укажи номер шага, чем это "
        "грозит и наименьшую правку, самое важное первым. Если что-то сделано верно, так и скажи."
    ),
}


def register(server: MCPServer, calls: Callable[[], Calls]) -> None:
    """Add the three prompts; each takes the id that `recognize_diagram` gave."""

    @server.prompt(title="Explain the algorithm", description="Explain a recognised diagram in plain words")
    async def explain_algorithm(diagram_id: str, language: str = "en") -> list[Message]:
        return await _messages(calls(), diagram_id, language, EXPLAIN)

    @server.prompt(title="Implement the algorithm", description="Write a recognised diagram as a program")
    async def implement_algorithm(
        diagram_id: str, programming_language: str = "python", language: str = "en"
    ) -> list[Message]:
        return await _messages(calls(), diagram_id, language, IMPLEMENT, programming_language)

    @server.prompt(title="Review the process", description="Find gaps, dead ends and missing roles in a process")
    async def review_process(diagram_id: str, language: str = "en") -> list[Message]:
        return await _messages(calls(), diagram_id, language, REVIEW)


async def _messages(
    calls: Calls, diagram_id: str, language: str, texts: dict[str, str], programming_language: str = ""
) -> list[Message]:
    """The task in words, then the diagram as steps and as Mermaid.  Raises MCPError: no such diagram."""
    id = diagram_id.removeprefix("diagram://").partition("/")[0].strip()
    words = texts["ru" if language.strip().lower().startswith(("ru", "рус")) else "en"]
    words = words.replace("{language}", " ".join(programming_language.split())[:60] or "python")
    messages: list[Message] = [UserMessage(words)]
    try:
        for format in ("steps", "mermaid"):
            written = await calls.service.write(id, format)
            messages.append(UserMessage(_embedded(f"diagram://{id}/{format}", written.text, calls, format)))
    except DiagraspError as error:
        raise MCPError(code=INVALID_PARAMS, message=" ".join(str(error).split())) from None
    return messages


def _embedded(uri: str, text: str, calls: Calls, format: str) -> EmbeddedResource:
    media_type = calls.service.formats.get(format).spec.media_type
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, text=text, mime_type=media_type))
