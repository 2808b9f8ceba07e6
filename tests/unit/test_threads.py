from __future__ import annotations

import asyncio
import contextvars
import threading
import time

import pytest

from diagrasp.threads import run_abandonable

pytestmark = pytest.mark.anyio


async def test_values_and_errors_come_back() -> None:
    here = threading.get_ident()
    assert await run_abandonable(threading.get_ident) != here
    with pytest.raises(ZeroDivisionError):
        await run_abandonable(lambda: 1 // 0)


async def test_context_goes_along() -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("mine")
    assert await run_abandonable(variable.get) == "mine"


async def test_the_caller_leaves_at_once() -> None:
    go, ended = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(30)
        ended.set()

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run_abandonable(work)
    assert time.monotonic() - started < 20
    assert not ended.is_set()
    go.set()
    assert await asyncio.to_thread(ended.wait, 20)  # its late outcome troubles nobody
