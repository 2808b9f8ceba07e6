"""The MCP App: bound to its tool, self-contained, and working in a real browser under a host of the test's own."""

from __future__ import annotations

import base64
import functools
import html
import io
import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import anyio.to_thread
import pytest
from doors import DIAGRAM, FakeEngine, data_uri, png
from mcp import Client
from mcp.client import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.shared.exceptions import MCPError
from PIL import Image

from diagrasp.mcp import DiagraspServer

pytestmark = pytest.mark.anyio
PAGE = resources.files("diagrasp.mcp").joinpath("viewer.html").read_text(encoding="utf-8")


async def test_the_tool_names_its_viewer(server: DiagraspServer) -> None:
    async with Client(server, extensions=[advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]) as client:
        assert EXTENSION_ID in (client.server_capabilities.extensions or {})
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        uri = tools["recognize_diagram"].meta["ui"]["resourceUri"]
        page = (await client.read_resource(uri)).contents[0]
    assert page.mime_type == APP_MIME_TYPE
    assert page.text == PAGE
    assert page.meta["ui"]["permissions"] == {"clipboardWrite": {}}


def test_the_page_loads_nothing() -> None:
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?\s*(?:https?:)?//|@import|url\(|fetch\(|XMLHttpRequest", PAGE)
    assert "innerHTML" not in PAGE  # labels are strangers' text
    assert "eval(" not in PAGE


async def test_the_picture_is_read_again_and_made_small(client: Client, folder: Path) -> None:
    (folder / "large.png").write_bytes(png(4000, 3000))
    result = await client.call_tool("recognize_diagram", {"image": "large.png", "format": "json"})
    found = (await client.read_resource(f"picture://{result.structured_content['id']}")).contents[0]
    assert Image.open(io.BytesIO(base64.b64decode(found.blob))).size == (2000, 1500)
    assert found.mime_type in ("image/png", "image/jpeg")
    assert found.meta == {"diagrasp/size": [4000, 3000]}
    (folder / "large.png").unlink()
    with pytest.raises(MCPError, match="no such file"):
        await client.read_resource(f"picture://{result.structured_content['id']}")


async def test_pictures_that_are_not_kept(client: Client, engine: FakeEngine) -> None:
    result = await client.call_tool("recognize_diagram", {"image": data_uri(png()), "format": "json"})
    for id in (result.structured_content["id"], "0123456789abcdef", "../../etc/passwd"):
        with pytest.raises(MCPError):
            await client.read_resource(f"picture://{id}")


HOST = """<!doctype html><title>host</title><body><pre id="log"></pre>
<iframe id="app" sandbox="allow-scripts" style="width:900px;height:700px" srcdoc="{page}"></iframe>
<script>
const app = document.getElementById("app"), log = [], answers = {answers};
const hello = {{protocolVersion: "2026-01-26", hostInfo: {{name: "test", version: "1"}},
  hostCapabilities: {{serverTools: {{}}, serverResources: {{}}}}, hostContext: {{theme: "light", locale: "ru-RU"}}}};
addEventListener("message", event => {{
  const m = event.data;
  if (event.source !== app.contentWindow) return;
  log.push(m);
  document.getElementById("log").textContent = JSON.stringify(log);
  const send = message => app.contentWindow.postMessage({{jsonrpc: "2.0", ...message}}, "*");
  if (m.method === "ui/initialize") send({{id: m.id, result: hello}});
  else if (m.method === "ui/notifications/initialized") {{
    send({{method: "ui/notifications/tool-input", params: {{arguments: {{image: "diagram.png"}}}}}});
    send({{method: "ui/notifications/tool-result", params: answers.result}});
  }}
  else if (m.method === "tools/call") send({{id: m.id, result: answers.svg}});
  else if (m.method === "resources/read") send({{id: m.id, result: answers[m.params.uri.split(":")[0]]}});
}});
</script>"""
# What a sandboxed frame shows can only be seen from within: it reports itself to the host once all is there.
PROBE = """<script>
const probe = setInterval(() => {
  const width = id => document.querySelector(`#${id} img`)?.naturalWidth ?? 0;
  const count = what => document.querySelectorAll(what).length;
  if (!width("redraw") || !width("original") || count("#format option") < 2) return;
  clearInterval(probe);
  parent.postMessage({probe: {
    text: document.body.innerText, boxes: count("#original .found rect"), width: width("original"),
    formats: [...document.querySelectorAll("#format option")].map(option => option.value),
    language: document.documentElement.lang, theme: document.documentElement.dataset.theme}}, "*");
}, 50);
</script>"""


async def test_it_works_in_a_browser(server: DiagraspServer, folder: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None, "packages.txt names chromium"
    (folder / "diagram.png").write_bytes(png(400, 200))
    async with Client(server) as client:
        result = await client.call_tool("recognize_diagram", {"image": "diagram.png", "format": "mermaid"})
        id = result.structured_content["id"]
        found = {
            "result": result,
            "svg": await client.call_tool("convert_format", {"source": f"diagram://{id}", "to_format": "svg"}),
            "formats": await client.read_resource("formats://"),
            "picture": await client.read_resource(f"picture://{id}"),
        }
    answers = {k: v.model_dump(by_alias=True, mode="json", exclude_none=True) for k, v in found.items()}
    page, file = html.escape(PAGE + PROBE, quote=True), tmp_path / "host.html"
    file.write_text(HOST.format(page=page, answers=json.dumps(answers).replace("<", "\\u003c")), encoding="utf-8")
    # The frame in the process of its host: virtual time does not wait for messages between processes.
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-features=IsolateSandboxedIframes", f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=10000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    run = functools.partial(subprocess.run, command, capture_output=True, text=True, timeout=120, check=False)
    done = await anyio.to_thread.run_sync(run)
    log = re.search(r'<pre id="log">(.*?)</pre>', done.stdout, re.DOTALL)
    assert log is not None, done.stderr
    heard = json.loads(html.unescape(log[1]))
    methods = [message.get("method") for message in heard]
    assert methods[0] == "ui/initialize"
    assert {"ui/notifications/initialized", "ui/notifications/size-changed", "tools/call"} <= set(methods)
    seen = [message["probe"] for message in heard if "probe" in message]
    assert len(seen) == 1, methods
    assert (seen[0]["boxes"], seen[0]["width"]) == (len(DIAGRAM.nodes), 400)
    assert (seen[0]["language"], seen[0]["theme"]) == ("ru", "light")
    assert {"mermaid", "json", "svg"} <= set(seen[0]["formats"])
    assert "символов: 4, связей: 4" in seen[0]["text"]
    assert "Согласовать" in seen[0]["text"]
