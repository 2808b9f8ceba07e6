"""One model for long: adapters switched on the loaded base, one merged, weights let go when idle."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from diagrasp.engines import Request
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.errors import EngineError, EngineUnavailable
from diagrasp.settings import Settings

from .conftest import Tiny
from .test_engine import config, figures, picture, silent, told

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def idle_lora(tiny: Tiny, tmp_path: Path) -> Path:
    """An adapter that changes nothing."""
    folder = Path(shutil.copytree(tiny.lora, tmp_path / "idle-lora"))
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({k: torch.zeros_like(v) for k, v in weights.items()}, folder / "adapter_model.safetensors")
    return folder


def test_adapters_are_switched_without_loading_again(tiny: Tiny, idle_lora: Path) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, adapter=f"{idle_lora},taught={tiny.lora}"))
        assert engine.check() == []
        first = await told(engine, tiny)  # the first one is used where none is named
        taught = await told(engine, tiny, options={"adapter": "taught"})
        again = await told(engine, tiny, options={"adapter": "idle-lora"})
        plain = await told(engine, tiny, options={"adapter": "none"})
        assert figures(tiny, taught)["exact"] == 1.0
        assert taught[0].model == "base + lora (float32 on cpu)"
        assert [each.diagram for each in first] == [each.diagram for each in again] == [p.diagram for p in plain]
        assert figures(tiny, first)["exact"] < 0.3
        assert engine.statistics.loads == 1
        with pytest.raises(EngineError, match=r"has no adapter=other: choose idle-lora, taught or none"):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(options={"adapter": "other"}), silent)
        await engine.aclose()

    asyncio.run(main())


def test_requests_for_different_adapters_wait_for_each_other_only(tiny: Tiny, idle_lora: Path) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, adapter=f"taught={tiny.lora},idle={idle_lora}"))
        pages = [picture(tiny.dark / f"{i}.png") for i in range(4)]
        wanted = [(page, name) for page in pages for name in ("taught", "idle")]
        found = await asyncio.gather(
            *(engine.recognize(page, Request(options={"adapter": name}), silent) for page, name in wanted)
        )
        exact = [
            [n.label for n in answer.diagram.nodes] == [n.label for n in tiny.examples[i // 2].diagram.nodes]
            for i, answer in enumerate(found)
        ]
        assert exact[::2] == [True] * 4
        assert not all(exact[1::2])
        await engine.aclose()

    asyncio.run(main())


def test_two_adapters_of_one_name_are_refused(tiny: Tiny) -> None:
    engine = QwenEngine(config(tiny, adapter=f"{tiny.lora},{tiny.lora}"))
    assert "name the adapters" in engine.check()[0].message + engine.check()[0].remedy


def test_an_adapter_merged_answers_the_same(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, merge=True))
        assert figures(tiny, await told(engine, tiny))["exact"] == 1.0
        assert engine.revision != QwenEngine(config(tiny)).revision
        with pytest.raises(EngineError, match="DIAGRASP_VLM_MERGE"):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(options={"adapter": "none"}), silent)
        await engine.aclose()
        lonely = QwenEngine(config(tiny, merge=True, adapter=None))
        with pytest.raises(EngineUnavailable, match="names 0"):
            await lonely.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        await lonely.aclose()

    asyncio.run(main())


def wait_for_unload(engine: QwenEngine) -> None:
    until = time.monotonic() + 60
    while engine.statistics.unloads == 0 and time.monotonic() < until:
        time.sleep(0.05)


def test_weights_are_let_go_when_idle_and_come_back(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, idle=0.2))
        page = picture(tiny.dark / "0.png")
        before = await engine.recognize(page, Request(), silent)
        assert engine.statistics.load_seconds > 0
        await asyncio.to_thread(wait_for_unload, engine)
        assert engine.statistics.unloads == 1
        after = await engine.recognize(page, Request(), silent)
        assert after.diagram == before.diagram
        assert engine.statistics.loads == 2
        await engine.aclose()

    asyncio.run(main())


def test_settings_reach_it(tiny: Tiny) -> None:
    settings = Settings.load(vlm_model=str(tiny.base), vlm_adapter="a=x/one,y/two.v2", vlm_merge=True, vlm_idle=90)
    made = Config.of(settings)
    assert made.adapters == {"a": "x/one", "two_v2": "y/two.v2"}
    assert (made.merge, made.idle) == (True, 90.0)
