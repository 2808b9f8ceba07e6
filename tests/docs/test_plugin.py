"""The plugin that docs/plugins.md builds: taken from the page, installed, used through the command line and MCP."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from snippets import ROOT, Block, Place, agrees, blocks, steps

PAGE = [*blocks(ROOT / "docs/plugins.md")]
FILES = [b for b in PAGE if b.note.startswith("file: ")]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place where the plugin is installed, in a folder of its own."""
    folder = tmp_path_factory.mktemp("plugin")
    project, target = folder / "diagrasp-edges", folder / "site"
    project.mkdir()
    for block in FILES:
        (project / block.note.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", str(target), str(project)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place = Place.make(folder / "here", PYTHONPATH=str(target))
    shutil.copy(project / "test_edges.py", place.folder)
    return place


def test_the_page_holds_the_whole_plugin() -> None:
    assert [b.note for b in FILES] == ["file: pyproject.toml", "file: diagrasp_edges.py", "file: test_edges.py"]


@pytest.mark.parametrize("block", [b for b in PAGE if b.note == "plugin"], ids=str)
def test_cli(block: Block, installed: Place) -> None:
    for step in steps(block):
        done = installed.shell(step.command)
        assert done.returncode == 0, done.stdout
        assert step.shown is not None
        assert agrees(step.shown, done.stdout), f"{step.command}\n{done.stdout}"


@pytest.mark.anyio
async def test_mcp(installed: Place) -> None:
    program = StdioServerParameters(
        command=str(Path(sys.executable).with_name("diagrasp")),
        args=["serve", "--stdio"],
        env=installed.environment,
        cwd=installed.folder,
    )
    async with Client(stdio_client(program)) as client:
        source = "from,to,label\nПроверить заявку,Склад?,\nСклад?,Отгрузить,да\n"
        there = await client.call_tool("convert_format", {"source": source, "to_format": "json"})
        assert there.structured_content is not None
        diagram = there.structured_content["diagram"]
        assert [n["label"] for n in diagram["nodes"]] == ["Проверить заявку", "Склад?", "Отгрузить"]
        back = await client.call_tool(
            "convert_format", {"source": there.structured_content["text"], "to_format": "edges"}
        )
        assert back.structured_content is not None
        assert back.structured_content["text"] == source


def test_a_plugin_is_left_out_on_request(installed: Place) -> None:
    done = installed.shell("DIAGRASP_PLUGINS=false diagrasp formats")
    assert done.returncode == 0
    assert "edges" not in done.stdout


def test_hostile_input_is_a_parse_error_with_its_line(installed: Place) -> None:
    done = installed.shell("printf 'from,to\\na,b\\n,c\\n' | diagrasp convert - --from edges --to json")
    assert done.returncode == 1
    assert "line 3" in done.stdout
