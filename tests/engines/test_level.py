"""The level that the embedded engine keeps: drawings read without a mistake, and what other ways to save them cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from graphs import differences
from PIL import Image, ImageOps

from diagrasp.bench.metric import Score, score
from diagrasp.engines import Request
from diagrasp.engines.embedded.engine import EmbeddedEngine
from diagrasp.images import Picture, load_picture
from diagrasp.model import Diagram

PICTURES = Path(__file__).parent / "pictures"
EXAMPLES = Path(__file__).parents[2] / "docs/examples"
EXACT = [
    *sorted(PICTURES.glob("*.png")),
    *(EXAMPLES / f"{name}.png" for name in ("incident-en", "delivery-drawio-ru", "login-sequence-en")),
]
STURDY = [p for p in EXACT if p.stem not in ("dot-179", "umlstate-197", "login-sequence-en")]
"""Those whose letters can still be read at 0.7 of their size."""
ALLOWED = 0.05


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine()
    yield made
    asyncio.run(made.aclose())


@lru_cache(maxsize=32)
def drawing(path: Path) -> tuple[Image.Image, Diagram]:
    shown = load_picture(path.read_bytes(), max_bytes=10**8, max_pixels=10**8)
    return Image.fromarray(shown.pixels), Diagram.from_json(path.with_suffix(".json").read_bytes())


def read(engine: EmbeddedEngine, image: Image.Image) -> Diagram:
    picture = Picture(b"", np.asarray(image, np.uint8), "image/png")
    return asyncio.run(engine.recognize(picture, Request(), lambda share, what: None)).diagram


def rotated(image: Image.Image) -> Image.Image:
    ground = image.getpixel((0, 0))
    return image.rotate(1, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)  # type: ignore[arg-type]


def scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: ImageOps.scale(image, factor, Image.Resampling.LANCZOS)


def compressed(image: Image.Image) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


def test_there_are_ten() -> None:
    assert len(EXACT) >= 10
    assert len({p.stem.split("-")[0] for p in EXACT}) >= 6


@pytest.mark.parametrize("path", EXACT, ids=lambda p: p.stem)
def test_a_drawing_is_read_without_a_mistake(engine: EmbeddedEngine, path: Path) -> None:
    image, truth = drawing(path)
    assert differences(truth, read(engine, image), exact=False) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(rotated, id="turned by a degree"),
        pytest.param(scaled(0.7), id="smaller"),
        pytest.param(scaled(1.4), id="larger"),
        pytest.param(compressed, id="JPEG of quality 60"),
        pytest.param(ImageOps.invert, id="light on dark"),
    ],
)
def test_drawings_otherwise_saved_are_read_nearly_as_well(
    engine: EmbeddedEngine, change: Callable[[Image.Image], Image.Image]
) -> None:
    """They are read without a mistake as they are, so what is missing to 1 is what the change costs."""
    reached: list[Score] = []
    for path in STURDY:
        image, truth = drawing(path)
        reached.append(score(truth, read(engine, change(image))))
    told = dict(zip((p.stem for p in STURDY), reached, strict=True))
    for figure in ("node", "edge", "labelled"):
        assert fmean(getattr(each, figure) for each in reached) >= 1 - ALLOWED, (figure, told)
