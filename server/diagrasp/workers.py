"""A bounded queue: so many pictures are read at a time, so many wait; who comes on top is told when to come again."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from diagrasp.errors import Overloaded


class Workers:
    """Places for those who read pictures, and for those who wait.

    Attributes:
        running: pictures being read now.
        waiting: pictures waiting for a place now.
    """

    def __init__(self, places: int, queue: int) -> None:
        self.running = 0
        self.waiting = 0
        self._places = places
        self._queue = queue
        self._free = asyncio.Semaphore(places)
        self._seconds: deque[float] = deque([1.0], maxlen=20)

    def took(self, seconds: float) -> None:
        """Say how long one picture took: what those are told who must come again goes by the last ones."""
        self._seconds.append(seconds)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, as soon as there is one.  Raises Overloaded where as many as may wait already do."""
        if self._free.locked() and self.waiting >= self._queue:
            mean = sum(self._seconds) / len(self._seconds)
            seconds = math.ceil(min(60.0, max(1.0, mean * (self.waiting + 1) / self._places)))
            raise Overloaded(
                f"{self.running} pictures are being read and {self.waiting} are waiting; try again in {seconds} s",
                retry_after=seconds,
            )
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._free.release()
