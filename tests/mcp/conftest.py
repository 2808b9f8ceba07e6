from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doors import FakeEngine, opener, settings_in
from mcp import Client

from diagrasp.mcp import DiagraspServer, create_server
from diagrasp.settings import Settings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The one allowed root."""
    found = tmp_path / "pictures"
    found.mkdir()
    return found


@pytest.fixture
def settings(tmp_path: Path, folder: Path) -> Settings:
    return settings_in(tmp_path, roots=(folder,))


@pytest.fixture
async def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def server(settings: Settings, engine: FakeEngine) -> DiagraspServer:
    return create_server(settings, open_service=opener(settings, engine))


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, server: DiagraspServer) -> AsyncIterator[Client]:
    """A client in memory: protocol 2026-07-28 without a handshake, and the handshake of the protocols before."""
    async with Client(server, mode=request.param) as found:
        yield found
