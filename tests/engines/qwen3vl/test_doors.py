"""The vision model through the service and through MCP, and `auto` asking it for help."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from diagrasp.mcp import create_server
from diagrasp.model import Diagram
from diagrasp.service import Service
from diagrasp.settings import Settings
from diagrasp_train.lora.scores import score

from .conftest import Tiny

pytestmark = pytest.mark.timeout(900)


def settings_of(tiny: Tiny, tmp_path: Path, **changes: Any) -> Settings:
    return Settings.load(
        vlm_model=str(tiny.base), vlm_adapter=str(tiny.lora), device="cpu", max_new_tokens=512,
        db=tmp_path / "cache.db", roots=(tiny.dark,), **changes,
    )  # fmt: skip


def test_the_service_reads_and_remembers(tiny: Tiny, tmp_path: Path) -> None:
    async def main() -> None:
        shares: list[float] = []
        async with Service.open(settings_of(tiny, tmp_path)) as service:
            for number, example in enumerate(tiny.examples):
                image = (tiny.dark / f"{number}.png").read_bytes()
                first = await service.recognize(
                    image, engine="qwen3-vl", format="json", progress=lambda share, _: shares.append(share)
                )
                assert score(example.diagram, first.diagram).exact
                assert first.model == "base + lora (float32 on cpu)"
                assert not first.cached
                assert (await service.recognize(image, engine="qwen3-vl", format="mermaid")).cached
            bare = await service.recognize(image, engine="qwen3-vl", options={"adapter": "none"})
            assert not bare.cached
            assert bare.diagram != first.diagram
        assert 0 <= min(shares) < 0.2 < 0.8 < max(shares) <= 1

    asyncio.run(main())


def test_mcp_reads(tiny: Tiny, tmp_path: Path) -> None:
    async def main() -> None:
        server = create_server(settings_of(tiny, tmp_path))
        async with Client(server) as client:
            told = await client.call_tool(
                "recognize_diagram", {"image": str(tiny.dark / "0.png"), "engine": "qwen3-vl", "format": "json"}
            )
            assert not told.is_error, told
            assert told.structured_content is not None
            found = Diagram.model_validate(told.structured_content["diagram"])
            assert score(tiny.examples[0].diagram, found).exact

    asyncio.run(main())


def test_auto_asks_it_where_the_embedded_engine_is_unsure(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts: list[Any] = []

    def kept(diagram: Diagram, *_: int) -> str:
        drafts.append(diagram)
        return ""  # the tiny model was not taught to correct drafts

    monkeypatch.setattr("diagrasp.engines.qwen3vl.engine.draft_of", kept)

    async def main() -> None:
        image = (tiny.dark / "0.png").read_bytes()
        async with Service.open(settings_of(tiny, tmp_path, min_confidence=1.0)) as service:
            found = await service.recognize(image, format="json")
            assert found.engine == "qwen3-vl"
            assert score(tiny.examples[0].diagram, found.diagram).exact
            assert drafts
            assert drafts[0].nodes
        async with Service.open(settings_of(tiny, tmp_path, min_confidence=0.0)) as service:
            assert (await service.recognize(image, format="json", use_cache=False)).engine == "embedded"

    asyncio.run(main())
