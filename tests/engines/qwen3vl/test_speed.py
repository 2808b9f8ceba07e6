"""How long a picture takes, what is remembered of it, and what `auto` makes of that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from doors import FakeEngine, opener, png, settings_in

from diagrasp.cli import main
from diagrasp.engines import Outlook, Request
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.engines.qwen3vl.speed import Measured, expected_seconds, guessed, keep, processor, recall, speed_key
from diagrasp.http.metrics import Metrics
from diagrasp.images import load_picture
from diagrasp.settings import Settings

from .conftest import Tiny
from .test_engine import config, picture, silent

pytestmark = pytest.mark.timeout(900)


def test_measurements_are_kept_and_whatever_else_lies_there_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "vision.json"
    measured = Measured(1.5, 20.0, 900.0, 10**9, 4)
    assert recall(file, "a") is None
    keep(file, "a", measured)
    keep(file, "b", Measured(2.0, 1.0, 1.0, 1, 1))
    assert recall(file, "a") == measured
    assert list(file.parent.iterdir()) == [file]
    for wrong in ("", "[]", "{", '{"a": {"x": 1}}', '{"a": 3}'):
        file.write_text(wrong)
        assert recall(file, "a") is None
        keep(file, "a", measured)
        assert recall(file, "a") == measured
    keep(None, "a", measured)
    assert recall(None, "a") is None


def test_seconds_follow_tokens_and_drafts_save_some() -> None:
    speed = Measured(0.0, 10.0, 1000.0, 0, 1)
    assert expected_seconds(speed, 2000, 300, drafted=False) == pytest.approx(32.0)
    assert expected_seconds(speed, 2000, 300, drafted=True) == pytest.approx(17.0)


def test_a_guess_falls_with_the_models_size() -> None:
    operations, bandwidth = processor()
    assert operations > 1e8
    assert bandwidth > 1e8
    small, large = guessed(Config("Qwen/Qwen3-VL-2B-Instruct")), guessed(Config("Qwen/Qwen3-VL-8B-Instruct"))
    assert small is not None
    assert large is not None
    assert small.tokens_per_second > 3 * large.tokens_per_second
    assert small.prefill_per_second > 3 * large.prefill_per_second


def test_the_engine_remembers_its_speed(tiny: Tiny, tmp_path: Path) -> None:
    async def run() -> None:
        notes = tmp_path / "vision.json"
        engine = QwenEngine(config(tiny, notes=notes))
        page = picture(tiny.dark / "0.png")
        before = engine.outlook(page, None)
        assert before.seconds is not None  # a guess
        await engine.recognize(page, Request(), silent)
        known = recall(notes, speed_key(config(tiny)))
        assert known is not None
        assert known.tokens_per_second > 0
        assert known.prefill_per_second > 0
        assert known.load_seconds > 0
        assert known.answers == 1
        figures = engine.figures()
        assert figures["loaded"] == figures["answers"] == 1
        assert figures["memory_bytes"] > 0
        said = Metrics().render(_nothing(), {"qwen3-vl": figures}).decode()
        assert 'diagrasp_engine_tokens_per_second{engine="qwen3-vl"}' in said
        assert 'diagrasp_engine_load_seconds{engine="qwen3-vl"}' in said
        await engine.aclose()
        fresh = QwenEngine(config(tiny, notes=notes))
        assert fresh.outlook(page, None).seconds is not None
        assert fresh.outlook(page, None).quality is None  # its card states nothing of other pictures

    asyncio.run(run())


def _nothing() -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(running=0, waiting=0, results=0, cache_bytes=0)


def test_a_card_promises(tiny: Tiny, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(tiny.lora, tmp_path / "lora"))
    card = json.loads((folder / "diagrasp.json").read_text())
    card["outcome"]["figures"] = {"node": 0.9, "edge": 0.7, "exact": 0.2}
    (folder / "diagrasp.json").write_text(json.dumps(card))
    outlook = QwenEngine(config(tiny, adapter=str(folder))).outlook(picture(tiny.dark / "0.png"), None)
    assert outlook.quality == pytest.approx(0.8)


class Helper(FakeEngine):
    """A vision model that says what is to be expected of it."""

    expects = Outlook()

    def outlook(self, picture: Any, draft: Any) -> Outlook:
        assert draft.nodes
        return self.expects


@pytest.mark.parametrize(
    ("expects", "asked", "said"),
    [
        (Outlook(), True, ""),
        (Outlook(seconds=19.0), True, ""),
        (Outlook(seconds=21.0), False, "it would take about 21 s here, and DIAGRASP_AUTO_SECONDS allows 20"),
        (Outlook(seconds=5.0, quality=0.5), True, ""),
        (Outlook(seconds=5.0, quality=0.3), False, "by its card it gets no more right than this (0.30)"),
    ],
)
def test_auto_asks_where_it_is_worth_it(expects: Outlook, asked: bool, said: str, tmp_path: Path) -> None:
    first, second = FakeEngine(confidence=0.4), Helper(id="qwen3-vl", confidence=0.8)
    second.expects = expects
    settings = settings_in(tmp_path, vlm_model="somewhere")

    async def run() -> None:
        async with opener(settings, first, second)() as service:
            found = await service.recognize(png())
            assert (found.engine == "qwen3-vl") is asked
            assert bool(second.asked) is asked
            assert any(said in warning for warning in found.warnings) if said else True
            # Whoever asks for it by name gets it.
            assert (await service.recognize(png(), engine="qwen3-vl")).engine == "qwen3-vl"

    asyncio.run(run())


def test_no_limit_and_no_model(tmp_path: Path) -> None:
    async def run() -> None:
        slow = Helper(id="qwen3-vl", confidence=0.8)
        slow.expects = Outlook(seconds=500.0)
        free = settings_in(tmp_path, vlm_model="somewhere", auto_seconds=0)
        async with opener(free, FakeEngine(confidence=0.4), slow)() as service:
            assert (await service.recognize(png())).engine == "qwen3-vl"
        unset = settings_in(tmp_path / "b")
        quick = Helper(id="qwen3-vl", confidence=0.8)
        async with opener(unset, FakeEngine(confidence=0.4), quick)() as service:
            assert (await service.recognize(png())).engine == "embedded"
        assert quick.asked == []

    asyncio.run(run())


def test_doctor_tells_memory_and_speed(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIAGRASP_VLM_MODEL", str(tiny.base))
    monkeypatch.setenv("DIAGRASP_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("DIAGRASP_DEVICE", "cpu")
    main(["doctor"])
    told = capsys.readouterr().out
    assert "its memory" in told
    assert "not measured yet" in told
    settings = Settings.load()
    keep(Config.of(settings).notes, speed_key(Config.of(settings)), Measured(1.5, 20.0, 900.0, 2 * 10**9, 4))
    main(["doctor"])
    told = capsys.readouterr().out
    assert "cold start 1.5 s, 20.0 tokens/s, prompts 900 tokens/s, 2.00 GB at the peak" in told
    assert "measured here over 4 answers" in told


def test_large_pictures_take_longer(tiny: Tiny) -> None:
    from .test_tiles import poster

    pixels, _ = poster(6, 6)
    small, _ = poster(2, 2)
    engine = QwenEngine(config(tiny))

    def seconds(made: Any) -> float:
        from io import BytesIO

        from PIL import Image

        buffer = BytesIO()
        Image.fromarray(made).save(buffer, "PNG")
        page = load_picture(buffer.getvalue(), name="p", max_bytes=10**8, max_pixels=10**8)
        found = engine.outlook(page, None).seconds
        assert found is not None
        return found

    assert seconds(pixels) > seconds(small)
