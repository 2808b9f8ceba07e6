"""One user's conversation: what was read so far, and what to do with what comes next."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import chainlit as cl

from diagrasp_chat import files, intents
from diagrasp_chat.answers import answer
from diagrasp_chat.client import (
    ChatError,
    Converted,
    Diagrasp,
    Format,
    Recognised,
    ServerDown,
    ServerRefused,
    TooLarge,
    ToolFailed,
    connect,
)
from diagrasp_chat.examples import Example, named
from diagrasp_chat.files import Upload
from diagrasp_chat.graph import Graph
from diagrasp_chat.render import (
    Card,
    Steps,
    bullets,
    conversion,
    escape,
    file_name,
    parse_steps,
    table,
)
from diagrasp_chat.settings import ChatSettings
from diagrasp_chat.texts import Language, language_of, said, say, stage_name

log = logging.getLogger(__name__)

PROGRESS_INTERVAL = 0.2
KEPT = 50


class Conversation:
    """The diagrams of one chat.

    Args:
        settings: where the server is.
        examples: pictures that can be asked for by name.
        language: of the browser; a message in another language is answered in that one.
    """

    def __init__(self, settings: ChatSettings, examples: list[Example], language: Language) -> None:
        self.settings, self.examples, self.language = settings, examples, language
        self.shown: dict[str, tuple[Card, dict[str, Any]]] = {}
        self.current: list[str] = []
        self.paged: Upload | None = None
        self.formats: list[Format] = []

    async def message(self, message: cl.Message) -> None:
        """Answer a message: its files first, then its text."""
        text = message.content or ""
        language = language_of(text, self.language)
        uploads = await self._uploads(message, language)
        if uploads is None:
            return

        async def work(server: Diagrasp) -> None:
            self.formats = await server.formats()
            intent = intents.parse(text, self.formats)
            queue = list(uploads)
            if isinstance(intent, intents.Example):
                queue += await self._example(intent.name, language)
            if isinstance(intent, intents.Source):
                queue.append(Upload("diagram", intent.text.encode(), "text", intent.format))
            if queue:
                self.current = []
            for upload in queue:
                await self._read(server, upload, language)
            if not queue or (
                text.strip() and not isinstance(intent, intents.Example | intents.Source | intents.Unknown)
            ):
                await self._respond(server, intent, language)

        if uploads or text.strip():
            await self._with_server(work, language)

    async def press(self, key: str, format: str) -> None:
        """Convert a diagram because a button was pressed."""
        known = next((f for f in self.formats if f.id == format), None)
        if key in self.shown and known is not None:
            card = self.shown[key][0]
            await self._with_server(
                lambda server: self._convert(server, [key], [known], self.language), self.language, card.name
            )

    async def _with_server(
        self, work: Callable[[Diagrasp], Awaitable[None]], language: Language, name: str = ""
    ) -> None:
        """Do something in a session with the server; whatever fails becomes one line."""
        try:
            async with connect(self.settings) as server:
                await work(server)
        except ChatError as error:
            await _say(self._explain(error, language, name))
        except Exception as error:
            log.exception("a message could not be answered")
            await _say(say(language, "unexpected", reason=escape(type(error).__name__)))

    def _explain(self, error: ChatError, language: Language, name: str = "") -> str:
        url = self.settings.url
        if isinstance(error, ServerDown):
            return say(language, "server_down", url=url)
        if isinstance(error, ServerRefused):
            return say(language, "server_refused", url=url)
        if isinstance(error, TooLarge):
            limit = self.settings.max_bytes // 1_000_000
            return say(language, "too_large", name=escape(name), limit=limit)
        reason = escape(said(language, str(error)) or str(error))
        return (
            say(language, "tool_failed", name=f"**{escape(name)}**", reason=reason)
            if name
            else say(language, "failed", reason=reason)
        )

    async def _uploads(self, message: cl.Message, language: Language) -> list[Upload] | None:
        """The files of a message that can be read; the others are named in a line each."""
        found: list[Upload] = []
        elements = [element for element in message.elements or [] if element.path]
        if len(elements) > self.settings.max_files:
            elements = elements[: self.settings.max_files]
            await _say(say(language, "too_many", count=self.settings.max_files))
        for element in elements:
            name = f"**{escape(element.name)}**"
            data = await asyncio.to_thread(files.read, Path(str(element.path)), self.settings.max_bytes)
            if data is None:
                await _say(say(language, "too_large", name=name, limit=self.settings.max_bytes // 1_000_000))
            elif not data.strip():
                await _say(say(language, "empty_file", name=name))
            elif upload := files.classify(element.name, data, url=_file_url(str(element.chainlit_key))):
                found.append(upload)
            else:
                await _say(say(language, "not_taken", name=name))
        return None if elements and not found and not message.content.strip() else found

    async def _example(self, name: str, language: Language) -> list[Upload]:
        example = named(self.examples, name)
        data = await asyncio.to_thread(files.read, example.path, self.settings.max_bytes) if example else None
        if example is None or data is None:
            await _say(say(language, "no_example", name=escape(name)))
            return []
        upload = files.classify(example.path.name, data, url=await _keep(example.path.name, data, "image/png"))
        return [upload] if upload else []

    async def _read(self, server: Diagrasp, upload: Upload, language: Language, page: int | None = None) -> None:
        """Read a picture or a source and show what it says; a failure is told and does not stop the next one."""
        key = "reading" if upload.kind == "picture" else "converting"
        view = cl.CustomElement(
            name="DiagramView",
            props={"state": "working", "title": say(language, key, name=upload.name), "share": 0.0, "stage": ""},
        )
        message = cl.Message(content="", elements=[view])
        await message.send()
        try:
            if upload.kind == "picture":
                recognised = await server.recognize(
                    upload.data, upload.media_type, page=page, progress=_progress(view, language)
                )
                diagram = recognised.diagram
            else:
                recognised, diagram = None, await self._read_source(server, upload)
            card = await self._card(server, upload, diagram, recognised, page or 1)
        except BaseException as error:
            await view.remove()
            message.elements = []
            if not isinstance(error, ToolFailed | TooLarge):
                await message.remove()
                raise
            message.content = self._explain(error, language, upload.name)
            await message.update()
            return
        self._remember(card, diagram)
        if recognised and recognised.pages > 1:
            self.paged = upload
        if not diagram.get("nodes"):
            message.content = say(language, "empty", name=f"**{escape(upload.name)}**")
            if recognised and recognised.warnings:
                warnings = [said(language, warning) for warning in recognised.warnings]
                message.content += "\n" + bullets(escape(warning) for warning in warnings if warning)
            await view.remove()
            message.elements = []
        else:
            view.props = card.props(language)
        await message.update()

    async def _read_source(self, server: Diagrasp, upload: Upload) -> dict[str, Any]:
        suffixes = {suffix: format.id for format in self.formats for suffix in format.suffixes}
        named = {name: format.id for format in self.formats for name in (format.id, *format.aliases)}
        known = named.get(upload.media_type) or files.format_of(upload.name, suffixes)
        return (await server.convert(upload.source, "json", from_format=known)).diagram

    async def _card(
        self,
        server: Diagrasp,
        upload: Upload,
        diagram: dict[str, Any],
        recognised: Recognised | None,
        page: int,
    ) -> Card:
        source = json.dumps(diagram, ensure_ascii=False)
        warnings: list[str] = []

        async def written(format: str) -> Converted | None:
            if not diagram.get("nodes") or not any(f.id == format and f.writes for f in self.formats):
                return None
            try:
                return await server.convert(source, format, from_format="json")
            except ToolFailed as error:  # a part of the result is missing; the rest is of use
                warnings.append(f"{format}: {error}")
                return None

        svg, steps, mermaid = [await written(format) for format in ("svg", "steps", "mermaid")]
        parts = parse_steps(steps.text) if steps else Steps()
        return Card(
            name=upload.name,
            graph=Graph.build(diagram, parts.rows),
            steps=parts,
            mermaid=mermaid.text if mermaid else "",
            formats=self.formats,
            key=uuid4().hex,
            recognised=recognised,
            page=page,
            original=upload.url,
            redraw=await _keep("redraw.svg", svg.data, "image/svg+xml") if svg else None,
            warnings=warnings,
        )

    def _remember(self, card: Card, diagram: dict[str, Any]) -> None:
        self.shown[card.key] = (card, diagram)
        self.current.append(card.key)
        while len(self.shown) > KEPT:
            self.shown.pop(next(iter(self.shown)))

    async def _respond(self, server: Diagrasp, intent: intents.Intent, language: Language) -> None:
        """Do what the text asks for with the diagrams at hand."""
        if isinstance(intent, intents.Help):
            listed = ", ".join(escape(format.name) for format in self.formats if format.writes)
            await _say(say(language, "help", formats=listed, url=self.settings.url))
            return
        if isinstance(intent, intents.Unknown):
            await _say(say(language, "not_understood"))
            return
        if not self.current:
            await _say(say(language, "nothing_yet"))
            return
        if isinstance(intent, intents.Convert):
            if intent.unknown:
                known = ", ".join(escape(format.id) for format in self.formats if format.writes)
                await _say(say(language, "unknown_format", format=escape(intent.unknown), known=known))
            chosen = [format for format in self.formats if format.id in intent.formats]
            await self._convert(server, self.current, chosen, language)
        elif isinstance(intent, intents.Page):
            await self._page(server, intent.number, language)
        else:
            for key in self.current:
                await self._tell(key, intent, language)

    async def _tell(self, key: str, intent: intents.Intent, language: Language) -> None:
        card = self.shown[key][0]
        head = f"**{escape(card.name)}**\n\n" if len(self.current) > 1 else ""
        if isinstance(intent, intents.Question):
            await _say(head + answer(intent, card.graph, language))
        elif isinstance(intent, intents.Show) and intent.what == "steps":
            await _say(head + (table(card.steps.rows, language) if card.steps.rows else say(language, "no_steps")))
        elif isinstance(intent, intents.Show) and intent.what == "outline":
            lines = [f"{'  ' * line.depth}- {escape(line.text)}" for line in card.steps.outline]
            await _say(head + ("\n".join(lines) or say(language, "no_steps")))
        elif isinstance(intent, intents.Show):
            view = cl.CustomElement(name="DiagramView", props=card.props(language))
            await cl.Message(content="", elements=[view]).send()

    async def _convert(self, server: Diagrasp, keys: list[str], formats: list[Format], language: Language) -> None:
        for key in keys:
            card, diagram = self.shown[key]
            source = json.dumps(diagram, ensure_ascii=False)
            for format in formats:
                try:
                    made = await server.convert(source, format.id, from_format="json")
                except ToolFailed as error:
                    await _say(self._explain(error, language, format.name))
                    continue
                name = file_name(card.name, format)
                elements: list[Any] = []
                if made.media_type.startswith("image/"):
                    elements.append(cl.Image(name=name, content=made.data, mime=made.media_type, size="large"))
                elements.append(cl.File(name=name, content=made.data or b"\n", mime=made.media_type))
                await cl.Message(content=conversion(made, format, name, language, card.graph), elements=elements).send()

    async def _page(self, server: Diagrasp, number: int, language: Language) -> None:
        if self.paged is None:
            await _say(say(language, "no_page"))
            return
        self.current = []
        await self._read(server, self.paged, language, number)


def _progress(view: cl.CustomElement, language: Language) -> Callable[[float, str], Awaitable[None]]:
    """Moves the bar, but not more often than anybody can see."""
    last = 0.0

    async def progress(share: float, stage: str) -> None:
        nonlocal last
        if view.props.get("state") != "working" or time.monotonic() - last < PROGRESS_INTERVAL:
            return
        last = time.monotonic()
        view.props = {**view.props, "share": share, "stage": stage_name(language, stage)}
        await view.update()

    return progress


async def _say(markdown: str) -> None:
    await cl.Message(content=markdown).send()


async def _keep(name: str, data: bytes, media_type: str) -> str:
    """Put a file into the session's folder and return where the page finds it."""
    kept = await cl.context.session.persist_file(name=name, mime=media_type, content=data)
    return _file_url(kept["id"])


def _file_url(id: str) -> str:
    return f"/project/file/{id}?session_id={cl.context.session.id}"
