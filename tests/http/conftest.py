from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from doors import FakeEngine, opener, settings_in

from diagrasp.http import create_app
from diagrasp.settings import Settings

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@asynccontextmanager
async def serving(settings: Settings, *engines: FakeEngine) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real uvicorn on a free loopback port, and a client that knows where."""
    config = uvicorn.Config(
        create_app(settings, open_service=opener(settings, *engines)), log_config=None, lifespan="on",
        timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        task = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def serve(tmp_path: Path, engine: FakeEngine) -> Serve:
    def with_settings(**values: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return serving(settings_in(tmp_path, **values), engine)

    return with_settings


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as found:
        yield found
