"""The weights of nano that the project keeps, through the doors of any other model: what its card says it reads."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from PIL import Image

from diagrasp.engines.qwen3vl.adapter import checked_adapter
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import load
from diagrasp.mcp import create_server
from diagrasp.model import Diagram
from diagrasp.service import Service
from diagrasp.settings import Settings
from diagrasp_train.lora.examples import Example
from diagrasp_train.lora.judging import evaluate
from diagrasp_train.lora.scores import mean, score
from diagrasp_train.nano.family import Style
from diagrasp_train.nano.train import held_out

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).parents[3]
NANO = ROOT / "weights" / "nano"
SKETCH = NANO / "sketch"
FEW = 6


def test_its_files_are_small_and_say_nothing_of_a_machine() -> None:
    files = [each for each in NANO.rglob("*") if each.is_file()]
    assert {"model.safetensors", "tokenizer.json", "config.json", "README.md", "adapter_model.safetensors"} <= {
        each.name for each in files
    }
    assert all(each.stat().st_size < 20e6 for each in files)
    for each in files:
        if each.suffix == ".json" and each.name != "tokenizer.json":
            told = each.read_text(encoding="utf-8")
            assert json.loads(told)
            assert not any(place in told for place in ('"/', "/tmp", "/home", "/root", "/work"))
    checked_adapter(str(SKETCH), NANO)


def test_it_is_never_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert not any(NANO.is_relative_to(ROOT / package) for package in packages)
    assert "force-include" not in project["tool"]["hatch"]["build"]["targets"]["wheel"]


def test_it_reads_its_family_and_with_its_adapter_the_other_style() -> None:
    base = load(Config(str(NANO), device="cpu"))
    assert not base.adapted
    plain = evaluate(base, held_out(FEW, "plain"))
    assert plain["node"] >= 0.8
    assert plain["edge"] >= 0.7
    both = load(Config(str(NANO), str(SKETCH), device="cpu"))
    sketch = held_out(FEW, "sketch")
    without, with_it = evaluate(both, sketch, plain=True), evaluate(both, sketch)
    assert with_it["node"] > without["node"] + 0.2
    assert with_it["edge"] > without["edge"]


def test_auto_never_asks_it(tmp_path: Path) -> None:
    """Its card's figures are of its own family: of other pictures it promises nothing."""
    example = held_out(1, "plain")[0]
    Image.fromarray(example.pixels).save(tmp_path / "picture.png")
    settings = Settings.load(
        vlm_model=str(NANO), vlm_adapter=str(SKETCH), device="cpu", db=tmp_path / "cache.db", min_confidence=1.0
    )

    async def read() -> Any:
        async with Service.open(settings) as service:
            return await service.recognize((tmp_path / "picture.png").read_bytes(), format="json")

    found = asyncio.run(read())
    assert found.engine == "embedded"
    assert any("was not asked" in warning for warning in found.warnings), found.warnings


@pytest.fixture(params=["plain", "sketch"])
def drawn(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[Example], dict[str, str]]:
    """Three pictures in the test's folder, and the settings that read them."""
    style: Style = request.param
    examples = held_out(3, style)
    for example in examples:
        Image.fromarray(example.pixels).save(tmp_path / f"{example.name}.png")
    settings = {"VLM_MODEL": str(NANO), "DEVICE": "cpu", "DB": str(tmp_path / "cache.db")}
    return examples, settings | ({"VLM_ADAPTER": str(SKETCH)} if style == "sketch" else {})


def test_the_command_line_reads_with_it(drawn: tuple[list[Example], dict[str, str]], tmp_path: Path) -> None:
    examples, settings = drawn
    files = [str(tmp_path / f"{each.name}.png") for each in examples]
    wanted = ["recognize", *files, "--engine", "qwen3-vl", "--to", "json", "--out", str(tmp_path / "found")]
    variables = {f"DIAGRASP_{name}": value for name, value in settings.items()} | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "diagrasp", *wanted], env={**os.environ, **variables}, capture_output=True, text=True,
        check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [Diagram.from_json((tmp_path / "found" / f"{each.name}.json").read_bytes()) for each in examples]
    figures = mean(score(each.diagram, one) for each, one in zip(examples, found, strict=True))
    assert figures["node"] >= 0.6
    assert figures["edge"] >= 0.5


def test_mcp_reads_with_it(drawn: tuple[list[Example], dict[str, str]], tmp_path: Path) -> None:
    examples, settings = drawn
    values: dict[str, Any] = {name.lower(): value for name, value in settings.items()}

    async def read() -> list[Diagram]:
        found = []
        async with Client(create_server(Settings.load(roots=(tmp_path,), **values))) as client:
            for example in examples:
                wanted = {"image": str(tmp_path / f"{example.name}.png"), "engine": "qwen3-vl", "format": "json"}
                told = await client.call_tool("recognize_diagram", wanted)
                assert not told.is_error, told
                assert told.structured_content is not None
                found.append(Diagram.model_validate(told.structured_content["diagram"]))
        return found

    figures = mean(score(each.diagram, one) for each, one in zip(examples, asyncio.run(read()), strict=True))
    assert figures["node"] >= 0.6
    assert figures["edge"] >= 0.5
