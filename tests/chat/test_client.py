"""The MCP client against the real server: mcp 1.x speaking to mcp 2.x."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import running

from diagrasp_chat.client import (
    ChatError,
    Diagrasp,
    ServerDown,
    ServerRefused,
    TooLarge,
    ToolFailed,
    connect,
    parse_formats,
)
from diagrasp_chat.settings import ChatSettings

T = TypeVar("T")
FLOW = "flowchart TD\n  a[Принять заявку] -->|да| b[Проверить остаток]\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running.server(tmp_path_factory.mktemp("server")) as url:
        yield url


def talk(work: Callable[[Diagrasp], Awaitable[T]], **settings: object) -> T:
    """Do something in one session."""

    async def session() -> T:
        async with connect(ChatSettings(**settings)) as server:  # type: ignore[arg-type]
            return await work(server)

    return asyncio.run(session())


def test_formats_are_listed(server: str) -> None:
    formats = {format.id: format for format in talk(lambda s: s.formats(), url=server)}
    assert {"json", "mermaid", "steps", "svg"} <= set(formats)
    assert formats["mermaid"].suffix == ".mmd"
    assert formats["svg"].media_type == "image/svg+xml"
    assert formats["mermaid"].reads
    assert formats["mermaid"].writes


def test_text_is_converted_with_its_structure(server: str) -> None:
    made = talk(lambda s: s.convert(FLOW, "json"), url=server)
    assert [node["label"] for node in made.diagram["nodes"]] == ["Принять заявку", "Проверить остаток"]
    assert json.loads(made.text)["edges"][0]["label"] == "да"
    assert not made.binary


def test_a_diagram_goes_there_and_back(server: str) -> None:
    async def there_and_back(session: Diagrasp) -> tuple[dict[str, object], dict[str, object]]:
        first = await session.convert(FLOW, "mermaid")
        again = await session.convert(json.dumps(first.diagram), "json", from_format="json")
        return first.diagram, again.diagram

    one, other = talk(there_and_back, url=server)
    assert one == other


def test_what_is_lost_is_named(server: str) -> None:
    diagram = {
        "version": 1,
        "kind": "bpmn",
        "nodes": [{"id": "a", "shape": "task", "label": "A", "box": [0, 0, 9, 9]}],
        "edges": [],
    }
    made = talk(lambda s: s.convert(json.dumps(diagram), "mermaid", from_format="json"), url=server)
    assert {"box", "shape.task"} <= {loss.feature for loss in made.losses}
    assert all(loss.message for loss in made.losses)


def test_binary_formats_arrive_whole(server: str) -> None:
    made = talk(lambda s: s.convert(FLOW, "png"), url=server)
    assert made.binary
    assert made.data.startswith(b"\x89PNG\r\n\x1a\n")


def test_a_picture_is_read_with_progress_and_then_from_the_cache(server: str) -> None:
    shares: list[float] = []

    async def twice(session: Diagrasp) -> tuple[bool, bool, dict[str, Any]]:
        async def progress(share: float, stage: str) -> None:
            shares.append(share)

        data = (running.EXAMPLES / "incident-en.png").read_bytes()
        first = await session.recognize(data, "image/png", progress=progress)
        second = await session.recognize(data, "image/png")
        assert first.diagram == second.diagram
        return first.cached, second.cached, first.diagram

    first, second, diagram = talk(twice, url=server)
    assert (first, second) == (False, True)
    assert "Find probable cause" in {node["label"] for node in diagram["nodes"]}
    assert shares == sorted(shares)
    assert shares
    assert shares[-1] <= 1


@pytest.mark.parametrize(
    ("source", "to", "said"),
    [(FLOW, "nonsense", "nonsense"), ("flowchart TD\n  a -->", "json", "line"), ("@@@", "json", "format")],
)
def test_the_servers_own_words_arrive(server: str, source: str, to: str, said: str) -> None:
    with pytest.raises(ToolFailed, match=said) as error:
        talk(lambda s: s.convert(source, to), url=server)
    assert "Error executing tool" not in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_picture_is_one_line(server: str) -> None:
    with pytest.raises(ToolFailed) as error:
        talk(lambda s: s.recognize(b"\x89PNG\r\n\x1a\nhalf", "image/png"), url=server)
    assert str(error.value)
    assert "\n" not in str(error.value)


def test_nobody_there() -> None:
    start = time.monotonic()
    with pytest.raises(ServerDown):
        talk(lambda s: s.formats(), url=f"http://127.0.0.1:{running.free_port()}")
    assert time.monotonic() - start < 10


def test_something_else_there(tmp_path: Path) -> None:
    """A web server that knows no MCP."""
    import http.server
    import threading

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            with pytest.raises(ChatError):
                talk(lambda s: s.formats(), url=f"http://127.0.0.1:{other.server_address[1]}")
        finally:
            other.shutdown()
            thread.join()


def test_tokens_and_sizes(tmp_path: Path) -> None:
    with running.server(tmp_path, DIAGRASP_TOKEN="right", DIAGRASP_MAX_BYTES="100000") as url:
        for token in (None, "wrong"):
            with pytest.raises(ServerRefused):
                talk(lambda s: s.formats(), url=url, token=token)
        assert talk(lambda s: s.formats(), url=url, token="right")
        with pytest.raises((TooLarge, ToolFailed)):
            talk(lambda s: s.recognize(b"\x89PNG" * 500_000, "image/png"), url=url, token="right")


def test_cancelling_stops_the_servers_work(server: str) -> None:
    """The large example takes the engine a while; the server counts the call as cancelled, not as done."""
    data = (running.EXAMPLES / "purchase-large-ru.png").read_bytes()

    async def cancelled() -> None:
        async with connect(ChatSettings(url=server)) as session:
            begun = asyncio.Event()

            async def progress(share: float, stage: str) -> None:
                begun.set()

            work = asyncio.create_task(session.recognize(data, "image/png", progress=progress))
            await asyncio.wait_for(begun.wait(), 30)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert await session.formats(), "the session lives on"

    asyncio.run(cancelled())
    deadline = time.monotonic() + 10
    while 'status="cancelled"' not in (metrics := _metrics(server)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert 'status="cancelled"' in metrics


def _metrics(server: str) -> str:
    with urllib.request.urlopen(f"{server}/metrics", timeout=5) as answer:
        return answer.read().decode()  # type: ignore[no-any-return]


def test_the_chat_starts_a_server_and_stops_it_with_itself(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{running.free_port()}"
    with running.chat(tmp_path, url, own_server=True) as chat:
        with urllib.request.urlopen(f"{chat}/health", timeout=60) as answer:  # it answers when its server does
            assert answer.status == 200
        assert talk(lambda s: s.formats(), url=url)
        assert list((tmp_path / "data").glob("port-*/.files"))
    with pytest.raises(ServerDown):
        talk(lambda s: s.formats(), url=url)
    assert not list((tmp_path / "data").glob("port-*/.files")), "uploads are removed at the end"


def test_lists_of_formats_in_other_shapes() -> None:
    text = json.dumps({"formats": [{"id": "a", "writes": False}, {"id": "b", "broken": "why"}, {"no": "id"}, "c"]})
    assert [(format.id, format.writes, format.suffix) for format in parse_formats(text)] == [("a", False, ".a")]
