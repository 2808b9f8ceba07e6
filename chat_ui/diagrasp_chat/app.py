"""Chainlit's callbacks: what happens when somebody opens the page, sends a message, presses a button."""

from __future__ import annotations

import asyncio
import hmac
import logging

import chainlit as cl

from diagrasp_chat.conversation import Conversation
from diagrasp_chat.examples import find_examples, offered
from diagrasp_chat.settings import ChatSettings
from diagrasp_chat.texts import language_of_browser, say

log = logging.getLogger("diagrasp_chat")

# Chainlit says this, in English, when a user stops the work
_CHAINLIT_STOPPED = "Task manually stopped."


def register(settings: ChatSettings) -> None:
    """Tell Chainlit what to do.  Chainlit keeps its callbacks for the whole process."""
    examples = find_examples(settings.examples)

    def conversation() -> Conversation:
        kept = cl.user_session.get("conversation")
        if not isinstance(kept, Conversation):
            kept = Conversation(settings, examples, language_of_browser(_browser_language()))
            cl.user_session.set("conversation", kept)
        return kept

    @cl.on_message
    async def message(message: cl.Message) -> None:
        if not message.content and message.elements:
            # the page has a button to stop only once it knows a first request with words
            await cl.context.emitter.init_thread(message.elements[0].name)
        await conversation().message(message)

    @cl.action_callback("convert")
    async def convert(action: cl.Action) -> None:
        key, format = action.payload.get("key"), action.payload.get("format")
        if isinstance(key, str) and isinstance(format, str):
            await conversation().press(key, format)

    @cl.on_stop
    async def stop() -> None:
        messages = cl.chat_context.get()
        if messages and messages[-1].content == _CHAINLIT_STOPPED:
            messages[-1].content = say(conversation().language, "stopped")
            await messages[-1].update()

    @cl.set_starters
    async def starters(user: cl.User | None, language: str | None = None) -> list[cl.Starter]:
        own = language_of_browser(language)
        shown = [
            (say(own, "example", name=example.titles[own]), "/public/example.svg") for example in offered(examples, own)
        ]
        shown.append((say(own, "help_starter"), "/public/help.svg"))
        return [cl.Starter(label=text, message=text, icon=icon) for text, icon in shown]

    if settings.password is not None:
        password = settings.password.get_secret_value()

        @cl.password_auth_callback
        async def sign_in(username: str, given: str) -> cl.User | None:
            right = hmac.compare_digest(username.encode(), settings.user.encode())
            right &= hmac.compare_digest(given.encode(), password.encode())
            if right:
                return cl.User(identifier=settings.user)
            await asyncio.sleep(1)  # slows guessing down
            return None


def _browser_language() -> str:
    return str(getattr(cl.context.session, "language", "en"))
