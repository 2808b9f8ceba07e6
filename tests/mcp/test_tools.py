"""The two tools through a real client, in both eras of the protocol."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from doors import DIAGRAM, FakeEngine, data_uri, opener, png, settings_in
from mcp import Client
from mcp.types import CallToolResult, ResourceLink, TextContent

from diagrasp import __version__
from diagrasp.errors import EngineError
from diagrasp.mcp import create_server
from diagrasp.mcp.calls import Call
from diagrasp.service import ConversionResult, RecognitionResult

pytestmark = pytest.mark.anyio


def text(result: CallToolResult, index: int = 0) -> str:
    block = result.content[index]
    assert isinstance(block, TextContent)
    return block.text


async def test_says_who_it_is_and_what_it_offers(client: Client) -> None:
    assert client.server_info.name == "diagrasp"
    assert client.server_info.version == __version__
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"recognize_diagram", "convert_format"}
    recognize = tools["recognize_diagram"]
    assert list(recognize.input_schema["properties"]) == ["image", "format", "engine", "language", "page", "use_cache"]
    assert recognize.input_schema["required"] == ["image"]
    assert set(recognize.output_schema["properties"]) >= {
        "id", "diagram", "text", "format", "engine", "model", "confidence", "warnings", "cached", "elapsed_ms", "pages",
    }  # fmt: skip
    convert = tools["convert_format"]
    assert list(convert.input_schema["properties"]) == ["source", "to_format", "from_format", "page"]
    assert set(convert.output_schema["properties"]) >= {"text", "data", "format", "media_type", "losses", "diagram"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint
        assert tool.annotations.idempotent_hint
        assert not tool.annotations.destructive_hint


async def test_recognizes_a_file_and_remembers_it(client: Client, folder: Path, engine: FakeEngine) -> None:
    (folder / "Заявка.png").write_bytes(png())
    first = await client.call_tool("recognize_diagram", {"image": str(folder / "Заявка.png"), "format": "json"})
    assert not first.is_error, first
    found = RecognitionResult.model_validate(first.structured_content)
    assert found.diagram == DIAGRAM
    assert (found.engine, found.model, found.confidence, found.cached) == ("embedded", "fake-1", 0.9, False)
    assert text(first) == found.text
    assert "Согласовать" in text(first)
    link = first.content[1]
    assert isinstance(link, ResourceLink)
    assert link.uri == f"diagram://{found.id}"
    second = await client.call_tool("recognize_diagram", {"image": "Заявка.png", "format": "json"})
    assert second.structured_content["cached"] is True
    assert len(engine.asked) == 1
    third = await client.call_tool("recognize_diagram", {"image": "Заявка.png", "format": "json", "use_cache": False})
    assert third.structured_content["cached"] is False
    assert len(engine.asked) == 2


async def test_takes_a_data_uri_and_a_file_uri(client: Client, folder: Path) -> None:
    (folder / "два слова.png").write_bytes(png())
    uri = (folder / "два слова.png").as_uri()
    assert "%20" in uri
    for image in (uri, data_uri(png())):
        result = await client.call_tool("recognize_diagram", {"image": image, "format": "json"})
        assert not result.is_error, result


async def test_warnings_reach_those_who_read_only_the_text(client: Client, engine: FakeEngine) -> None:
    engine.confidence, engine.warnings = 0.2, ("an arrow ends nowhere",)
    result = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    assert result.structured_content["warnings"][0] == "an arrow ends nowhere"
    assert "an arrow ends nowhere" in text(result, 2)
    assert "low confidence" in text(result, 2)


async def test_the_language_comes_first_and_the_others_stay(client: Client, engine: FakeEngine) -> None:
    await client.call_tool("recognize_diagram", {"image": data_uri(png()), "language": "en", "format": "json"})
    await client.call_tool("recognize_diagram", {"image": data_uri(png()), "language": None, "format": "json"})
    assert [request.languages for request in engine.asked] == [("en", "ru"), ("ru", "en")]


async def test_progress_grows_and_arrives(client: Client) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    image = {"image": data_uri(png()), "format": "json"}
    await client.call_tool("recognize_diagram", image, progress_callback=hear)
    shares = [share for share, _, _ in heard]
    assert len(shares) >= 3
    assert shares == sorted(set(shares))
    assert shares[-1] >= 0.75
    assert all(total == 1.0 for _, total, _ in heard)
    assert any("400 x 200" in (message or "") for _, _, message in heard)


async def test_cancellation_stops_the_work(client: Client, engine: FakeEngine) -> None:
    engine.hold = True
    call = asyncio.ensure_future(client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"}))
    await asyncio.wait_for(engine.started.wait(), 5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(engine.cancelled.wait(), 5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"image": "", "format": "json"}, "the image is empty"),
        ({"image": "nowhere.png", "format": "json"}, "nowhere.png: no such file"),
        ({"image": "/etc/passwd", "format": "json"}, "/etc/passwd lies outside the allowed folders"),
        ({"image": "../secret.png", "format": "json"}, "../secret.png lies outside the allowed folders"),
        ({"image": "https://example.com/a.png", "format": "json"}, "DIAGRASP_ALLOW_URLS"),
        ({"image": "ftp://example.com/a.png", "format": "json"}, "ftp:// is not understood"),
        ({"image": "data:image/png;base64,????", "format": "json"}, "not valid base64"),
        ({"image": base64.b64encode(png()).decode(), "format": "json"}, "put `data:image/png;base64,`"),
        ({"image": "upload://" + "0" * 32, "format": "json"}, "takes no uploads"),
        ({"image": data_uri(b"no picture at all"), "format": "json"}, "no"),
        ({"image": data_uri(png()), "format": "nonsense"}, "no format 'nonsense'; there are"),
        (
            {"image": data_uri(png()), "engine": "nonsense", "format": "json"},
            "no engine 'nonsense'; there are auto, embedded",
        ),
        ({"image": data_uri(png()), "language": "русский", "format": "json"}, "is no language code"),
    ],
)
async def test_bad_input_is_one_clear_line(client: Client, arguments: dict[str, object], said: str) -> None:
    result = await client.call_tool("recognize_diagram", arguments)
    assert result.is_error
    assert said in text(result)
    assert "\n" not in text(result)
    assert "Traceback" not in text(result)


async def test_an_engine_that_fails_is_said_so(client: Client, engine: FakeEngine) -> None:
    engine.error = EngineError("the net is missing; run `diagrasp doctor`")
    result = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    assert result.is_error
    assert "the net is missing; run `diagrasp doctor`" in text(result)


async def test_what_crashes_says_nothing_of_itself(client: Client, engine: FakeEngine) -> None:
    engine.error = MemoryError("at 0xdeadbeef in /secret/path")
    result = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    assert result.is_error
    assert "internal" in text(result) or "failed" in text(result) or "Error executing" in text(result)


async def test_converts_text(client: Client) -> None:
    arguments = {"source": DIAGRAM.to_json(), "to_format": "json"}
    result = await client.call_tool("convert_format", arguments)
    assert not result.is_error, result
    found = ConversionResult.model_validate(result.structured_content)
    assert found.diagram == DIAGRAM
    assert (found.format, found.source_format) == ("json", "json")
    assert text(result) == found.text


async def test_converts_what_was_recognized(client: Client, engine: FakeEngine) -> None:
    first = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    id = first.structured_content["id"]
    result = await client.call_tool("convert_format", {"source": f"diagram://{id}", "to_format": "json"})
    assert result.structured_content["diagram"] == first.structured_content["diagram"]
    assert len(engine.asked) == 1
    missing = await client.call_tool("convert_format", {"source": "diagram://0123456789abcdef", "to_format": "json"})
    assert missing.is_error
    assert "no diagram" in text(missing)


async def test_converts_a_file(client: Client, folder: Path) -> None:
    (folder / "flow.json").write_text(DIAGRAM.to_json(), encoding="utf-8")
    result = await client.call_tool("convert_format", {"source": "flow.json", "to_format": "json"})
    assert ConversionResult.model_validate(result.structured_content).diagram == DIAGRAM


async def test_a_file_that_is_no_source_is_never_quoted(client: Client, folder: Path) -> None:
    (folder / "secrets.json").write_text('{"password": "hunter2hunter2"}', encoding="utf-8")
    result = await client.call_tool("convert_format", {"source": "secrets.json", "to_format": "json"})
    assert result.is_error
    assert "hunter2" not in text(result)
    assert "password" not in text(result)


@pytest.mark.parametrize("name", [".env.json", ".ssh/config.json", "id_rsa", "notes.key"])
async def test_hidden_files_and_other_kinds_are_no_sources(client: Client, folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(DIAGRAM.to_json(), encoding="utf-8")
    result = await client.call_tool("convert_format", {"source": path.as_uri(), "to_format": "json"})
    assert result.is_error
    assert "Согласовать" not in text(result)


async def test_calls_are_told_of(tmp_path: Path) -> None:
    calls: list[Call] = []
    settings, engine = settings_in(tmp_path), FakeEngine()
    server = create_server(settings, open_service=opener(settings, engine), observe=calls.append)
    async with Client(server) as client:
        for _ in range(2):
            await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
        await client.call_tool("recognize_diagram", {"image": "data:,nothing", "format": "json"})
        await client.call_tool("convert_format", {"source": DIAGRAM.to_json(), "to_format": "json"})
    told = [(call.door, call.operation, call.status, call.engine, call.cached) for call in calls]
    assert told == [
        ("mcp", "recognize", "ok", "embedded", False),
        ("mcp", "recognize", "ok", "embedded", True),
        ("mcp", "recognize", "bad_input", "", False),
        ("mcp", "convert", "ok", "", False),
    ]
    assert engine.closed
