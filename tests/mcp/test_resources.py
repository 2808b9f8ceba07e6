"""Resources, prompts and completion."""

from __future__ import annotations

import base64
import json

import pytest
from doors import DIAGRAM, data_uri, png
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    EmbeddedResource,
    PromptReference,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)

from diagrasp.model import Diagram

pytestmark = pytest.mark.anyio


async def recognized(client: Client) -> str:
    result = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    return result.structured_content["id"]


async def test_lists_resources_and_templates(client: Client) -> None:
    listed = {resource.uri for resource in (await client.list_resources()).resources}
    assert {"formats://", "engines://"} <= listed
    templates = {template.uri_template for template in (await client.list_resource_templates()).resource_templates}
    assert {"diagram://{id}", "diagram://{id}/{format}"} <= templates


async def test_formats_and_engines(client: Client) -> None:
    formats = {f["id"]: f for f in json.loads((await client.read_resource("formats://")).contents[0].text)}
    assert formats["json"]["read"] is True
    assert formats["json"]["write"] is True
    engines = json.loads((await client.read_resource("engines://")).contents[0].text)
    assert engines == [{"id": "embedded", "title": "Fake", "description": "", "available": True, "problems": []}]


async def test_a_diagram_and_the_same_in_a_format(client: Client) -> None:
    id = await recognized(client)
    bare = (await client.read_resource(f"diagram://{id}")).contents[0]
    assert bare.mime_type == "application/json"
    assert Diagram.from_json(bare.text) == DIAGRAM
    written = (await client.read_resource(f"diagram://{id}/svg")).contents[0]
    assert written.mime_type == "image/svg+xml"
    assert "Согласовать" in written.text


async def test_a_binary_format_comes_as_a_blob(client: Client) -> None:
    id = await recognized(client)
    found = (await client.read_resource(f"diagram://{id}/png")).contents[0]
    assert found.mime_type == "image/png"
    assert base64.b64decode(found.blob).startswith(b"\x89PNG")
    result = await client.call_tool("convert_format", {"source": f"diagram://{id}", "to_format": "png"})
    assert result.content[0].type == "image"
    assert result.structured_content["text"] is None


@pytest.mark.parametrize("uri", ["diagram://0123456789abcdef", "diagram://../../etc/passwd", "diagram://"])
async def test_no_such_diagram(client: Client, uri: str) -> None:
    with pytest.raises(MCPError, match=r"no (diagram|format)"):
        await client.read_resource(uri)


async def test_no_such_format(client: Client) -> None:
    id = await recognized(client)
    with pytest.raises(MCPError, match="no format 'nonsense'; there are"):
        await client.read_resource(f"diagram://{id}/nonsense")


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("explain_algorithm", {}, "Explain the process"),
        ("explain_algorithm", {"language": "ru"}, "Объясни процесс"),
        ("implement_algorithm", {"programming_language": "rust"}, "in rust"),
        ("implement_algorithm", {"language": "ru"}, "на языке python"),
        ("review_process", {"language": "русский"}, "Проверь процесс"),
    ],
)
async def test_prompts_bring_the_diagram(client: Client, name: str, arguments: dict[str, str], words: str) -> None:
    id = await recognized(client)
    messages = (await client.get_prompt(name, {"diagram_id": id, **arguments})).messages
    task = messages[0].content
    assert isinstance(task, TextContent)
    assert words in task.text
    for message, format in zip(messages[1:], ("steps", "mermaid"), strict=True):
        content = message.content
        assert isinstance(content, EmbeddedResource)
        assert isinstance(content.resource, TextResourceContents)
        assert content.resource.uri == f"diagram://{id}/{format}"
        assert "Согласовать" in content.resource.text


async def test_a_prompt_without_its_diagram(client: Client) -> None:
    with pytest.raises(MCPError, match="no diagram"):
        await client.get_prompt("explain_algorithm", {"diagram_id": "0123456789abcdef"})


async def test_completion(client: Client) -> None:
    id = await recognized(client)
    template = ResourceTemplateReference(type="ref/resource", uri="diagram://{id}/{format}")
    formats = (await client.complete(template, {"name": "format", "value": "j"})).completion.values
    assert formats == ["json"]
    assert id in (await client.complete(template, {"name": "id", "value": id[:4]})).completion.values
    prompt = PromptReference(type="ref/prompt", name="implement_algorithm")
    offered = await client.complete(prompt, {"name": "programming_language", "value": "Py"})
    assert offered.completion.values == ["python"]
    assert (await client.complete(prompt, {"name": "nothing", "value": ""})).completion.values == []
