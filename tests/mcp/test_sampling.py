"""The engine `client`: a host's model is asked over MCP, here one that really reads the picture it is sent."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
from doors import FakeEngine, opener, png, settings_in
from mcp import Client
from mcp.types import CreateMessageRequestParams, CreateMessageResult, ImageContent, TextContent
from snippets import ROOT

from diagrasp.engines import EngineRegistry, Request
from diagrasp.engines.client import create as create_client_engine
from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION
from diagrasp.images import load_picture
from diagrasp.mcp import create_server
from diagrasp.model import Diagram
from diagrasp.service import Service
from diagrasp.settings import Settings

pytestmark = pytest.mark.anyio
EXAMPLE = ROOT / "docs/examples/order-approval-ru.png"


class Host:
    """A host application with a model of its own: it reads with the embedded engine and speaks the grammar."""

    def __init__(self, settings: Settings) -> None:
        self.asked: list[CreateMessageRequestParams] = []
        self.found = Diagram()
        self._settings = settings

    async def sample(self, context: Any, params: CreateMessageRequestParams) -> CreateMessageResult:
        self.asked.append(params)
        image, words = (message.content for message in params.messages)
        assert isinstance(image, ImageContent)
        assert isinstance(words, TextContent)
        assert words.text == INSTRUCTION
        data = base64.b64decode(image.data)
        picture = load_picture(data, name="asked.png", max_bytes=10**7, max_pixels=10**7)
        engine = EngineRegistry(self._settings, external=False).get("embedded")
        found = await engine.recognize(picture, Request(), lambda *_: None)
        self.found = found.diagram
        text = write(ordered(found.diagram), picture.width, picture.height)
        return CreateMessageResult(
            role="assistant", content=TextContent(type="text", text=f"```\n{text}\n```"), model="host-1"
        )


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_hosts_model_reads_the_picture(era: Any, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, roots=(tmp_path,))
    shutil.copy(EXAMPLE, tmp_path / "a.png")
    host = Host(settings)
    call = {"image": str(tmp_path / "a.png"), "engine": "client", "format": "json"}
    async with Client(create_server(settings), mode=era, sampling_callback=host.sample) as client:
        result = await client.call_tool("recognize_diagram", call)
        assert not result.is_error, result.content
        told = result.structured_content
        assert told is not None
        assert (told["engine"], told["model"], told["confidence"]) == ("client", "host-1", 0.5)
        truth = Diagram.from_json(EXAMPLE.with_suffix(".json").read_bytes())
        labels = {n["label"] for n in told["diagram"]["nodes"]}
        assert labels == {n.label for n in host.found.nodes}
        assert len(told["diagram"]["edges"]) == len(host.found.edges)
        # The picture is sent smaller than it is, and the host's model still knows it.
        assert len(labels & {n.label for n in truth.nodes}) >= len(truth.nodes) - 2
        box = next(n["box"] for n in told["diagram"]["nodes"] if n["label"])
        assert max(box) > 100  # in pixels of the picture that was sent in
        # What is known already is not asked again.
        again = await client.call_tool("recognize_diagram", call)
        assert again.structured_content is not None
        assert again.structured_content["cached"] is True
        assert len(host.asked) == 1


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_other_engines_ask_nobody(era: Any, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, roots=(tmp_path,))
    (tmp_path / "a.png").write_bytes(png())
    host = Host(settings)
    server = create_server(settings, open_service=opener(settings, FakeEngine()))
    async with Client(server, mode=era, sampling_callback=host.sample) as client:
        result = await client.call_tool("recognize_diagram", {"image": str(tmp_path / "a.png")})
        assert not result.is_error
    assert host.asked == []


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_host_without_sampling_is_told_so(era: Any, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, roots=(tmp_path,))
    (tmp_path / "a.png").write_bytes(png())
    async with Client(create_server(settings), mode=era) as client:
        result = await client.call_tool("recognize_diagram", {"image": str(tmp_path / "a.png"), "engine": "client"})
        assert result.is_error
        said = result.content[0]
        assert isinstance(said, TextContent)
        assert "this host offers no sampling" in said.text
        assert "engine auto" in said.text


async def test_an_answer_that_is_none_is_an_error(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, roots=(tmp_path,))
    (tmp_path / "a.png").write_bytes(png())

    async def refuse(context: Any, params: CreateMessageRequestParams) -> CreateMessageResult:
        content = TextContent(type="text", text="Sorry, I cannot help with pictures.")
        return CreateMessageResult(role="assistant", content=content, model="host-1")

    async with Client(create_server(settings), sampling_callback=refuse) as client:
        result = await client.call_tool("recognize_diagram", {"image": str(tmp_path / "a.png"), "engine": "client"})
        assert result.is_error
        said = result.content[0]
        assert isinstance(said, TextContent)
        assert "did not answer in the grammar" in said.text
        assert "Sorry, I cannot" in said.text


async def test_a_picture_that_is_none_is_said_before_anybody_is_asked(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, roots=(tmp_path,))
    (tmp_path / "a.png").write_bytes(b"no picture")
    host = Host(settings)
    async with Client(create_server(settings), sampling_callback=host.sample) as client:
        result = await client.call_tool("recognize_diagram", {"image": str(tmp_path / "a.png"), "engine": "client"})
        assert result.is_error
    assert host.asked == []


async def test_over_another_door_it_says_what_it_needs(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with Service.open(settings) as service:
        with pytest.raises(Exception, match="over MCP from a host that offers sampling"):
            await service.recognize(png(), engine="client")
    problem = create_client_engine(settings).check()[0]
    assert not problem.fatal
