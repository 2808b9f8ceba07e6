"""MCP over streamable HTTP: both eras, progress, cancellation, pictures of many megabytes, tokens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import httpx2
import pytest
from doors import DIAGRAM, FakeEngine, data_uri, png
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

pytestmark = pytest.mark.anyio
TOKEN = "0123456789abcdef0123456789abcdef"
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def speaking(http: httpx.AsyncClient, mode: str = "auto", token: str = "") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as carrier:
        transport = streamable_http_client(f"{http.base_url}/mcp", http_client=carrier)
        async with Client(transport, mode=mode) as client:
            yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_recognizes_with_progress_in_both_eras(client: httpx.AsyncClient, mode: str) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    async with speaking(client, mode) as speaker:
        arguments = {"image": data_uri(png()), "format": "json"}
        result = await speaker.call_tool("recognize_diagram", arguments, progress_callback=hear)
        assert result.structured_content["diagram"]["title"] == DIAGRAM.title
        assert len(heard) >= 3
        again = await speaker.call_tool("recognize_diagram", arguments)
        assert again.structured_content["cached"] is True
        id = again.structured_content["id"]
        assert "Согласовать" in (await speaker.read_resource(f"diagram://{id}/svg")).contents[0].text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_two_servers_answer_one_client_by_turns(serve: Serve, mode: str) -> None:
    """No session state: what one server recognised, another with the same store hands out."""
    async with serve() as one, serve() as two:
        async with speaking(one, mode) as speaker:
            arguments = {"image": data_uri(png()), "format": "json"}
            id = (await speaker.call_tool("recognize_diagram", arguments)).structured_content["id"]
        async with speaking(two, mode) as speaker:
            assert (await speaker.read_resource(f"diagram://{id}")).contents[0].text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_leaving_stops_the_work(client: httpx.AsyncClient, engine: FakeEngine, mode: str) -> None:
    engine.hold = True

    async def call() -> None:
        async with speaking(client, mode) as speaker:
            await speaker.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})

    task = asyncio.create_task(call())
    await asyncio.wait_for(engine.started.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(engine.cancelled.wait(), 5)


async def test_sessions_let_older_clients_cancel_by_notification(serve: Serve, engine: FakeEngine) -> None:
    engine.hold = True
    async with serve(sessions=True) as http, speaking(http, "legacy") as speaker:
        arguments = {"image": data_uri(png()), "format": "json"}
        call = asyncio.ensure_future(speaker.call_tool("recognize_diagram", arguments))
        await asyncio.wait_for(engine.started.wait(), 5)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await asyncio.wait_for(engine.cancelled.wait(), 5)
        assert (await speaker.list_tools()).tools  # the session lives on


async def test_pictures_larger_than_the_sdk_expects(client: httpx.AsyncClient) -> None:
    """The SDK refuses bodies over 4 MiB unless told; DIAGRASP_MAX_BYTES is what counts here."""
    padded = png() + os.urandom(6_000_000)  # bytes after the end of a PNG are not looked at
    async with speaking(client) as speaker:
        result = await speaker.call_tool("recognize_diagram", {"image": data_uri(padded), "format": "json"})
        assert not result.is_error, result


async def test_files_of_the_server_are_out_of_reach(client: httpx.AsyncClient) -> None:
    async with speaking(client) as speaker:
        for reference in ("/etc/passwd", "file:///etc/passwd", "README.md"):
            for call in (
                speaker.call_tool("recognize_diagram", {"image": reference, "format": "json"}),
                speaker.call_tool("convert_format", {"source": reference, "to_format": "json"}),
            ):
                assert (await call).is_error


async def test_a_token_is_asked_of_mcp_too(serve: Serve) -> None:
    async with serve(token=TOKEN) as http:
        async with speaking(http, token=TOKEN) as speaker:
            assert (await speaker.list_tools()).tools
        for token in ("", "wrong"):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = await http.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)
            assert answer.status_code == 401


async def test_rest_and_mcp_are_counted_apart(client: httpx.AsyncClient) -> None:
    async with speaking(client) as speaker:
        await speaker.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    await client.post("/api/v1/recognize", files={"file": png()}, data={"format": "json"})
    await client.post("/api/v1/recognize", files={"file": b"no picture"})
    text = (await client.get("/metrics")).text
    assert 'diagrasp_calls_total{door="mcp",engine="embedded",operation="recognize",status="ok"} 1.0' in text
    assert 'diagrasp_calls_total{door="rest",engine="embedded",operation="recognize",status="ok"} 1.0' in text
    assert 'door="rest",engine="",operation="recognize",status="' in text
    assert "diagrasp_cache_hits_total 1.0" in text
    assert "diagrasp_cache_misses_total 1.0" in text
    assert 'diagrasp_http_requests_total{method="POST",route="/api/v1/recognize",status="200"} 1.0' in text
    assert 'diagrasp_http_request_seconds_count{route="/mcp"}' in text
    assert "diagrasp_queue_running 0.0" in text
    assert "diagrasp_http_requests_in_flight 1.0" in text
