"""`diagrasp serve --stdio` as a host starts it: a process, its pipes, both eras of the protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from doors import DIAGRAM, data_uri
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from diagrasp.formats import FormatRegistry

pytestmark = pytest.mark.anyio
COMMAND = [sys.executable, "-m", "diagrasp", "serve", "--stdio"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home with a picture that carries its own source."""
    found = tmp_path / "home"
    found.mkdir()
    (found / "Заявка.png").write_bytes(FormatRegistry().writer("png").write(DIAGRAM).data)
    return found


def environment(home: Path) -> dict[str, str]:
    ours = {"HOME": str(home), "DIAGRASP_DB": str(home / "cache.db"), "PYTHONIOENCODING": "ascii"}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("DIAGRASP_")}, **ours}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_host_starts_it_and_recognizes(home: Path, mode: str) -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(home), cwd=home)
    async with Client(parameters, mode=mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"recognize_diagram", "convert_format"}
        for image, cached in (("Заявка.png", False), (str(home / "Заявка.png"), True)):
            result = await client.call_tool("recognize_diagram", {"image": image, "format": "steps"})
            assert not result.is_error, result
            assert result.structured_content["cached"] is cached
            assert "Согласовать" in result.content[0].text
            assert "Директор" in result.content[0].text
        id = result.structured_content["id"]
        drawn = await client.call_tool("convert_format", {"source": f"diagram://{id}", "to_format": "mermaid"})
        assert "\nflowchart " in drawn.content[0].text
        refused = await client.call_tool("recognize_diagram", {"image": "/etc/passwd"})
        assert "outside the allowed folders" in refused.content[0].text


def speak(home: Path, *messages: dict[str, object], limit: float = 30) -> tuple[list[dict[str, object]], str, int]:
    """What comes back line by line, stderr and the exit status, once stdin is closed."""
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    done = subprocess.run(
        COMMAND, input=lines.encode(), capture_output=True, env=environment(home), cwd=home, timeout=limit, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode(), done.returncode


HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def test_nothing_but_the_protocol_on_stdout(home: Path) -> None:
    call = {
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "recognize_diagram", "arguments": {"image": data_uri(b"no picture")}},
    }  # fmt: skip
    answers, errors, status = speak(home, HELLO, READY, call)
    assert answers[0]["id"] == 1
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert status == 0
    assert "Traceback" not in errors


def test_what_is_no_message_does_not_end_it(home: Path) -> None:
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home), cwd=home
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"not json\n\xff\xfe\n{}\n" + json.dumps(HELLO).encode() + b"\n")
    process.stdin.flush()
    while (answer := json.loads(process.stdout.readline())).get("id") != 1:
        assert "error" in answer
    assert answer["result"]["serverInfo"]["name"] == "diagrasp"
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert b"Traceback" not in errors


def test_the_handshake_is_quick(home: Path) -> None:
    """Hosts wait for it.  Processor time, best of three, against the SDK alone: what else runs does not count."""

    def best(command: list[str], given: bytes) -> float:
        spent = []
        for _ in range(3):
            before = os.times()
            done = subprocess.run(
                command, input=given, capture_output=True, env=environment(home), cwd=home, timeout=60, check=True
            )
            after = os.times()
            assert done.stdout
            spent.append(after.children_user - before.children_user + after.children_system - before.children_system)
        return min(spent)

    bare = best([sys.executable, "-c", "import mcp.server; print(1)"], b"")
    assert best(COMMAND, json.dumps(HELLO).encode() + b"\n") < 2 * bare
