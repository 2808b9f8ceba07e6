"""Work in a thread that nobody has to wait for."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def run_abandonable(work: Callable[[], T]) -> T:
    """Run work in a thread of its own; when the caller is cancelled, it is left behind.

    The threads of `asyncio.to_thread` are waited for when the loop closes, so one that never ends would keep a program
    from ending that gave up on it long ago.  These are daemons.

    Raises:
        Whatever the work raises.
    """
    future: Future[T] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(context.run(work))
        except BaseException as error:  # it belongs to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="diagrasp work", daemon=True).start()
    return await asyncio.wrap_future(future)
