"""Single flight: equal work asked for at the same time is done once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
Progress = Callable[[float, str], None]

log = logging.getLogger(__name__)


class _Flight(Generic[T]):
    """Work under way, and who waits for it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[T] | None = None
        self.waiting = 0
        self.listeners: list[Progress] = []
        self.latest: tuple[float, str] | None = None


class Flights(Generic[T]):
    """Runs work in tasks of its own, so that no caller's cancellation reaches another's.

    The work is cancelled when the last of those who wait for it is gone.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()

    def __len__(self) -> int:
        return len(self._flights)

    async def join(
        self, key: Hashable, work: Callable[[Progress], Awaitable[T]], progress: Progress | None = None
    ) -> T:
        """The outcome of the work under that key, started here unless it is under way.

        Args:
            work: gets a function to report progress with, which may be called from any thread.
            progress: called in the event loop's thread with every report; a late comer hears the latest at once.

        Raises:
            Whatever the work raises, to everyone who waits.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._start(key, work)
        assert flight.task is not None  # noqa: S101
        if progress is not None:
            flight.listeners.append(progress)
            if flight.latest is not None:
                progress(*flight.latest)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if progress is not None:
                flight.listeners.remove(progress)
            if flight.waiting == 0:
                flight.task.cancel()  # no effect where it is done
                if self._flights.get(key) is flight:
                    del self._flights[key]

    async def aclose(self) -> None:
        """Cancel whatever is under way and wait until it has stopped."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, key: Hashable, work: Callable[[Progress], Awaitable[T]]) -> _Flight[T]:
        flight = self._flights[key] = _Flight[T]()
        loop = asyncio.get_running_loop()

        def tell(share: float, text: str) -> None:
            flight.latest = (share, text)
            for listener in list(flight.listeners):
                try:
                    listener(share, text)
                except Exception:  # a listener's fault is not the work's
                    log.exception("a listener to progress failed")

        def report(share: float, text: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, min(1.0, max(0.0, share)), text)

        async def run() -> T:
            return await work(report)

        def done(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if self._flights.get(key) is flight:
                del self._flights[key]
            if not task.cancelled():
                task.exception()  # it was told to whoever waited; asyncio need not complain

        flight.task = asyncio.create_task(run())
        self._tasks.add(flight.task)
        flight.task.add_done_callback(done)
        return flight
