"""Bounds on what one request may take: the size of its body and the time it takes to arrive; and who still listens."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from diagrasp.http.answers import refuse

T = TypeVar("T")
LINGER = 2.0


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


def _lingering(receive: Receive, send: Send) -> Send:
    """Sends an answer whose end waits a moment, while what still arrives is thrown away.

    Once an answer has ended, the server closes a connection on which a body is under way, and that resets it: the
    client would never see the answer.
    """

    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        with anyio.move_on_after(LINGER):
            while (arrived := await receive())["type"] == "http.request" and arrived.get("more_body", False):
                pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sending


def _refusal_in(error: BaseException) -> _Refused | None:
    """Our signal, which a task group of the application may have wrapped."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := _refusal_in(each))), None)
    return error if isinstance(error, _Refused) else None


class BodyGuard:
    """Refuses bodies of more than `max_bytes` with 413, by their declared length or as they arrive, and those that
    take longer than `seconds` to arrive with 408.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, seconds: float) -> None:
        self.app, self._max, self._seconds = app, max_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        too_large = f"the request has more than {self._max} bytes (DIAGRASP_MAX_BYTES)"
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._max:
            await refuse(413 if declared.isdecimal() else 400, too_large)(scope, receive, _lingering(receive, send))
            return
        deadline = anyio.current_time() + self._seconds
        taken, complete, started = 0, False, False

        async def counted() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
                    message = await receive()
            except TimeoutError:
                raise _Refused(408, f"the request took longer than {self._seconds:g} s to arrive") from None
            taken += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if taken > self._max:
                raise _Refused(413, too_large)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except Exception as error:
            refused = _refusal_in(error)
            if refused is None or started:
                raise
            headers = {"Connection": "close"}
            if refused.status == 413:
                send = _lingering(receive, send)
            await refuse(refused.status, refused.message, headers=headers)(scope, receive, send)


async def while_listening(request: Request, work: Awaitable[T]) -> T:
    """Await some work, and cancel it when the client hangs up; the body must have been read.

    Raises:
        ClientDisconnect: nobody waits any more.
        Whatever the work raises.
    """
    outcome: list[T] = []
    failure: list[Exception] = []
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            outcome.append(await work)
        except Exception as error:  # raised below, outside the group, which would wrap it
            failure.append(error)
        group.cancel_scope.cancel()
    if failure:
        raise failure[0]
    if not outcome:
        raise ClientDisconnect
    return outcome[0]
