from __future__ import annotations

import asyncio

import pytest

from diagrasp.flights import Flights, Progress

pytestmark = pytest.mark.anyio


class Work:
    def __init__(self) -> None:
        self.started = self.cancelled = 0
        self.go = asyncio.Event()
        self.report: Progress | None = None

    async def __call__(self, report: Progress) -> str:
        self.started += 1
        self.report = report
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "done"


async def test_equal_work_is_done_once() -> None:
    flights, work = Flights[str](), Work()
    waiting = [asyncio.create_task(flights.join("key", work)) for _ in range(100)]
    other = asyncio.create_task(flights.join("other key", work))
    await asyncio.sleep(0.01)
    assert work.started == 2
    work.go.set()
    assert await asyncio.gather(*waiting, other) == ["done"] * 101
    assert len(flights) == 0
    await flights.join("key", work)
    assert work.started == 3  # what is finished is not remembered here


async def test_a_cancelled_leader_leaves_the_followers_alone() -> None:
    flights, work = Flights[str](), Work()
    leader = asyncio.create_task(flights.join("key", work))
    await asyncio.sleep(0)
    followers = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
    await asyncio.sleep(0.01)
    leader.cancel()
    followers[0].cancel()
    await asyncio.sleep(0.01)
    assert leader.cancelled()
    assert work.cancelled == 0
    work.go.set()
    assert await asyncio.gather(*followers[1:]) == ["done", "done"]
    assert work.started == 1


async def test_the_last_to_leave_stops_the_work() -> None:
    flights, work = Flights[str](), Work()
    waiting = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert work.cancelled == 1
    assert len(flights) == 0
    again = asyncio.create_task(flights.join("key", work))
    await asyncio.sleep(0.01)
    work.go.set()
    assert await again == "done"


async def test_everybody_hears_of_a_failure() -> None:
    async def fail(report: Progress) -> str:
        await asyncio.sleep(0.01)
        raise ValueError("no")

    flights = Flights[str]()
    outcomes = await asyncio.gather(*(flights.join("key", fail) for _ in range(5)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["no"] * 5


async def test_progress_reaches_all_in_the_loops_thread() -> None:
    import threading

    flights, work = Flights[str](), Work()
    heard: list[tuple[int, float, str]] = []
    here = threading.get_ident()

    def listen(share: float, text: str) -> None:
        assert threading.get_ident() == here
        heard.append((1, share, text))

    def broken(share: float, text: str) -> None:
        raise RuntimeError("a listener's own fault")

    first = asyncio.create_task(flights.join("key", work, broken))
    await asyncio.sleep(0.01)
    assert work.report is not None
    await asyncio.to_thread(work.report, 0.25, "lines")
    await asyncio.sleep(0.01)
    second = asyncio.create_task(flights.join("key", work, listen))  # a late comer hears the latest
    await asyncio.sleep(0.01)
    await asyncio.to_thread(work.report, 7.0, "symbols")
    await asyncio.sleep(0.01)
    assert heard == [(1, 0.25, "lines"), (1, 1.0, "symbols")]
    work.go.set()
    await asyncio.gather(first, second)


async def test_closing_stops_everything() -> None:
    flights, work = Flights[str](), Work()
    waiting = asyncio.create_task(flights.join("key", work))
    await asyncio.sleep(0.01)
    await flights.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled == 1
