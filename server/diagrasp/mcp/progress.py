"""Progress from an engine's threads to the client that waits, without flooding it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagrasp.engines import Progress

INTERVAL = 0.1
"""Seconds between two reports: enough to see movement, too few to cost anything."""

Send = Callable[[float, float | None, str | None], Awaitable[None]]


@asynccontextmanager
async def reporting(send: Send) -> AsyncIterator[Progress]:
    """A callback that may be called from any thread; what it is told goes out in order, and never goes back.

    Protocol 2025-11-25 asks that progress only grows, so a report that does not is dropped; of reports closer
    together than `INTERVAL` the latest one goes out.
    """
    loop = asyncio.get_running_loop()
    news = asyncio.Event()
    latest: list[tuple[float, str]] = []

    def note(share: float, message: str) -> None:
        latest[:] = [(share, message)]
        news.set()

    def progress(share: float, message: str = "") -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone: a thread outlived its caller
            loop.call_soon_threadsafe(note, min(1.0, max(0.0, share)), message)

    reached = -1.0

    async def flush() -> None:
        nonlocal reached
        if latest and (report := latest.pop())[0] > reached:
            reached = report[0]
            await send(reached, 1.0, report[1] or None)

    async def pump() -> None:
        with contextlib.suppress(Exception):  # a client that left does not fail the work
            while True:
                await news.wait()
                news.clear()
                started = time.monotonic()
                await flush()
                await asyncio.sleep(max(0.0, INTERVAL - (time.monotonic() - started)))

    task = asyncio.create_task(pump(), name="diagrasp-progress")
    try:
        yield progress
        await asyncio.sleep(0)  # lets what threads reported last arrive
    finally:
        task.cancel()
    with contextlib.suppress(Exception):
        await flush()
