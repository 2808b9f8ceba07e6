"""The benchmark's commands on the tiny model: figures that do not depend on how busy the machine is."""

from __future__ import annotations

import pytest

from diagrasp.engines.qwen3vl.config import Config
from diagrasp_train import vlm_bench
from diagrasp_train.cli import main

from .conftest import Tiny
from .test_engine import config

pytestmark = pytest.mark.timeout(900)


def test_what_is_estimated_is_what_it_takes(tiny: Tiny) -> None:
    for number in (0, 5):
        found = vlm_bench.memory(Config(str(tiny.base), device="cpu", max_new_tokens=300), tiny.examples[number])
        assert abs(found["estimate_off_by"]) < 0.1, found
        assert found["measured_megabytes"] > found["weights_megabytes"] > 0.5


def test_cancelling_leaves_nothing_behind(tiny: Tiny) -> None:
    found = vlm_bench.cancelling(config(tiny, max_new_tokens=400), tiny.examples, times=25)
    assert found["cancelled"] > 10
    assert found["more_threads"] <= 0
    assert found["threads_left"] == 0
    assert found["grown_megabytes"] < 30
    assert found["answers_after"] == 1.0


def test_a_drafts_answer_is_the_same(tiny: Tiny) -> None:
    found = vlm_bench.drafts(config(tiny, max_new_tokens=300), tiny.examples[:3])
    assert found["identical"] == 1.0
    assert found["gain"] > 0


def test_its_command(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["bench", "--model", str(tiny.base), "--adapter", str(tiny.lora), "--data", str(tiny.dark), "--device", "cpu"]
    assert main([*run, "--only", "overhead", "batches", "--pictures", "2", "--rounds", "1"]) == 0
    told = capsys.readouterr().out
    assert "| overhead | overhead |" in told
    assert "| batches | gain |" in told
