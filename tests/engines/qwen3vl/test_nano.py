"""Nano: its family is always the same, its words are one token each, and its training command goes on where it was."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from diagrasp.engines.qwen3vl.adapter import checked_adapter
from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import load
from diagrasp.engines.qwen3vl.memory import held_parameters
from diagrasp.engines.qwen3vl.pixels import letter_height, plan
from diagrasp.engines.qwen3vl.prompt import encode, instruction, prompt_tokens
from diagrasp_train.cli import main
from diagrasp_train.lora.examples import read_folder
from diagrasp_train.nano.family import STYLES, WORDS, Style, picture
from diagrasp_train.nano.train import HELD_OUT, LEARNT, build

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("style", STYLES)
def test_a_number_is_always_the_same_picture(style: Style) -> None:
    for number in range(20):
        one, again = picture(number, seed=3, style=style), picture(number, seed=3, style=style)
        assert np.array_equal(one.pixels, again.pixels)
        assert one.diagram == again.diagram
    assert not np.array_equal(picture(0, seed=LEARNT).pixels, picture(0, seed=HELD_OUT).pixels)


@pytest.mark.parametrize("style", STYLES)
def test_the_family_is_what_its_card_says(style: Style) -> None:
    words = {word for each in WORDS.values() for group in each.values() for word in group}
    shapes: Counter[str] = Counter()
    for number in range(200):
        made = picture(number, style=style)
        assert 2 <= len(made.diagram.nodes) <= 5
        assert len(made.diagram.edges) == len(made.diagram.nodes) - 1
        for node in made.diagram.nodes:
            shapes[node.shape] += 1
            assert node.label in words
            assert node.box is not None
            assert node.box.x >= 0
            assert node.box.right <= made.width
            assert node.box.bottom <= made.height
            inside = made.pixels[int(node.box.y) + 6 : int(node.box.bottom) - 6, int(node.box.x) : int(node.box.right)]
            assert int(inside.max()) - int(inside.min()) > 80  # something is written there
        shown = plan(made.width, made.height, letter_height(made.pixels), budget=2048)
        assert shown.tokens <= 160
    assert set(shapes) == {"process", "terminal", "data", "decision"}


def test_the_prompt_is_one_token_and_so_is_each_word(tmp_path: Path) -> None:
    build(tmp_path, seed=0)
    assert 5e6 < held_parameters(tmp_path) < 12e6
    loaded = load(Config(str(tmp_path), device="cpu"))
    assert len(encode(loaded.tokenizer, instruction())) == 1
    assert len(prompt_tokens(loaded.tokenizer, 4).ids) < 30
    for language in WORDS.values():
        for word in language["process"]:
            assert len(encode(loaded.tokenizer, f" {word}")) == 1
    # The prompt's tokens are read, never said.
    assert loaded.vocabulary.bytes_of(encode(loaded.tokenizer, instruction())[0]) is None
    made = picture(0)
    answer = write(ordered(made.diagram), made.width, made.height)
    assert loaded.tokenizer.decode(encode(loaded.tokenizer, answer)) == answer
    assert (
        loaded.vocabulary.text(encode(loaded.tokenizer, answer + " Щука 17.5 ёж")).decode() == answer + " Щука 17.5 ёж"
    )


def test_its_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, lora, pictures = tmp_path / "nano", tmp_path / "sketch", tmp_path / "pictures"
    few = ["--steps", "2", "--every", "1", "--batch", "2", "--judged", "0", "--pictures", "4", "--length", "0.001"]
    assert main(["nano", "--out", str(base), *few, "--warmup", "1"]) == 0
    assert "step 1: loss" in capsys.readouterr().err
    assert main(["nano", "--out", str(base), *few, "--steps", "3"]) == 0  # goes on
    said = capsys.readouterr().err
    assert "step 3: loss" in said
    assert "step 1: loss" not in said
    assert main(["nano", "--out", str(lora), "--lora-of", str(base), *few, "--float32"]) == 0
    assert checked_adapter(str(lora), base) == lora
    assert main(["family", str(pictures), "--count", "2", "--style", "sketch"]) == 0
    assert [each.name for each in read_folder(pictures)] == ["sketch_000000", "sketch_000001"]
