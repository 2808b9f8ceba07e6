"""How large pictures are shown, and what models take in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.memory import PUBLISHED, estimate, estimate_for, held_parameters, parameters, table
from diagrasp.engines.qwen3vl.pixels import LETTER, letter_height, plan, resized

from .conftest import Tiny


def page(size: int, *, dark: bool = False, width: int = 900) -> NDArray[np.uint8]:
    paper, ink = ((24, 24, 32), (230, 230, 230)) if dark else ((255, 255, 255), (20, 20, 20))
    picture = Image.new("RGB", (width, 500), paper)
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype("DejaVuSans.ttf", size)
    for row in range(3):
        pen.rectangle([40, 30 + 150 * row, 600, 120 + 150 * row], outline=ink, width=2)
        pen.text((60, 50 + 150 * row), "Проверить заявку HTTP", ink, font)
    return np.asarray(picture)


@pytest.mark.parametrize("size", [11, 16, 28, 40])
@pytest.mark.parametrize("dark", [False, True])
def test_letters_are_measured(size: int, dark: bool) -> None:
    assert letter_height(page(size, dark=dark)) == pytest.approx(0.68 * size, rel=0.35)


def test_no_letters_no_height() -> None:
    assert letter_height(np.full((300, 300, 3), 255, np.uint8)) == 0.0
    assert letter_height(np.full((1, 1, 3), 0, np.uint8)) == 0.0


@pytest.mark.parametrize(
    ("width", "height", "letters"), [(900, 500, 20), (900, 500, 9), (60, 2000, 0), (1, 1, 0), (5000, 40, 12)]
)
def test_a_plan_keeps_shape_and_budget(width: int, height: int, letters: float) -> None:
    shown = plan(width, height, letters, budget=2048)
    assert shown.width % 32 == shown.height % 32 == 0
    assert shown.tokens == shown.width * shown.height // 1024 <= 2048
    if letters and min(width, height) > 100:
        assert shown.letters == pytest.approx(LETTER, rel=0.1)
        assert shown.width / shown.height == pytest.approx(width / height, rel=0.12)


def test_twenty_megapixels_are_shown_by_their_letters_not_their_size() -> None:
    """A poster with large letters is legible within the budget; a plan of tiny ones is said not to be."""
    large = plan(6000, 3400, 60, budget=2048)
    assert large.legible
    assert large.tokens <= 2048
    small = plan(6000, 3400, 12, budget=2048)
    assert not small.legible
    picture = np.zeros((3400, 6000, 3), np.uint8)
    picture[1700:, 3000:] = 255
    assert resized(picture, large).shape == (large.height, large.width, 3)
    assert resized(picture, large)[-1, -1].tolist() == [255, 255, 255]


def test_parameters_are_those_that_the_file_holds(tiny: Tiny) -> None:
    import json

    shapes = json.loads((tiny.base / "config.json").read_text())
    assert sum(parameters(shapes)) == held_parameters(tiny.base)
    assert 100_000 < held_parameters(tiny.base) < 400_000


def test_published_models_have_the_published_size() -> None:
    billions = {name: round(sum(parameters(shapes)) / 1e9, 2) for name, shapes in PUBLISHED.items()}
    assert list(billions.values()) == [2.13, 4.44, 8.77]
    assert table().count("\n") == 4


def test_estimates_grow_with_what_they_count() -> None:
    shapes = PUBLISHED["Qwen/Qwen3-VL-2B-Instruct"]
    usual = estimate_for(shapes, "bfloat16")
    assert usual.weights == pytest.approx(2 * sum(parameters(shapes)), rel=0.01)
    assert estimate_for(shapes, "float32").weights == 2 * usual.weights
    assert estimate_for(shapes, "bfloat16", tokens=7000).cache == 2 * usual.cache
    assert estimate_for(shapes, "bfloat16", image_tokens=4096).vision > 1.9 * usual.vision
    assert estimate_for(shapes, "bfloat16", quantization="int4").weights < 0.6 * usual.weights
    four, eight = (estimate(Config(device="cpu", quantization=kind)) for kind in ("int4", "int8"))
    assert four == eight
    unknown = estimate(Config(model="Nobody/Nothing", dtype="bfloat16"))
    assert unknown == usual


def test_the_engine_says_what_it_takes(tiny: Tiny, tmp_path: Path) -> None:
    from diagrasp.engines.qwen3vl.engine import QwenEngine

    assert QwenEngine(Config()).spec.description.endswith(
        "Qwen/Qwen3-VL-2B-Instruct as float32 takes about 9.8 GB for a picture"
    )
    eight = Config("Qwen/Qwen3-VL-8B-Instruct", device="cuda", quantization="int4")
    assert "as bfloat16 with int4 takes about 8.2 GB" in QwenEngine(eight).spec.description
    assert f"{tiny.base} as float32 takes about 0.1 GB" in QwenEngine(Config(str(tiny.base))).spec.description
    (tmp_path / "config.json").write_text("{}")
    assert "cannot be estimated" in QwenEngine(Config(str(tmp_path))).spec.description


def test_too_little_memory_is_a_warning(tiny: Tiny, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from diagrasp.engines.qwen3vl import engine

    monkeypatch.setattr(engine, "free_memory", lambda _: 1000)
    problem = engine.QwenEngine(Config(model=str(tiny.base), device="cpu")).check()[0]
    assert not problem.fatal
    assert "GB are free" in problem.message
    assert "DIAGRASP_DTYPE=bfloat16" in problem.remedy
