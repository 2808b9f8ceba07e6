"""A tiny Qwen3-VL that really reads: built, trained, saved and adapted here, loaded by the engine's own path.

Training takes a minute or two, so its outcome is kept in pytest's cache under a hash of all the code that it depends
on; `pytest --cache-clear` makes it anew.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

import diagrasp.engines.qwen3vl
import diagrasp_train.lora
from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import load
from diagrasp.model import Box, Diagram, Edge, Node, Shape
from diagrasp_train.lora.examples import Example, read_folder
from diagrasp_train.lora.scratch import Size, make_model, make_tokenizer, save
from diagrasp_train.lora.training import Options, adapt, train

WORDS = ["Старт", "Приём", "Оплата", "Склад", "Отказ", "Отчёт", "Check", "Ship", "Pack", "Done"]
SHAPES: list[Shape] = ["process", "terminal", "decision"]
LIGHT = ((255, 255, 255), (0, 0, 0), (150, 250))
DARK = ((30, 30, 40), (235, 235, 235), (20, 120))


@dataclass(frozen=True)
class Tiny:
    """Folders: the base checkpoint, its LoRA, the pictures that each was taught."""

    base: Path
    lora: Path
    light: Path
    dark: Path

    @property
    def examples(self) -> list[Example]:
        """The pictures that only the LoRA can tell."""
        return read_folder(self.dark)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny(request: pytest.FixtureRequest) -> Tiny:
    assert request.config.cache is not None
    home = request.config.cache.mkdir(f"tiny-qwen3vl-{_code()}")
    made = Tiny(home / "base", home / "lora", home / "light", home / "dark")
    if not (home / "complete").is_file():
        _make(made)
        (home / "complete").touch()
    return made


def draw(folder: Path, seed: int, style: tuple[tuple[int, ...], tuple[int, ...], tuple[int, int]], count: int) -> None:
    """Write pictures of two or three symbols in a column, each with its graph beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    font = ImageFont.truetype("DejaVuSans.ttf", 14)
    paper, ink, fills = style
    for number in range(count):
        rows = rng.choice([2, 3])
        picture = Image.new("RGB", (160, 64 * rows), paper)
        pen = ImageDraw.Draw(picture)
        nodes = []
        for row in range(rows):
            shape, label = rng.choice(SHAPES), rng.choice(WORDS)
            x, y, w, h = 32, 12 + 64 * row, 96, 34
            fill = tuple(rng.randint(*fills) for _ in range(3))
            if shape == "process":
                pen.rectangle([x, y, x + w, y + h], fill, ink, 2)
            elif shape == "terminal":
                pen.rounded_rectangle([x, y, x + w, y + h], 16, fill, ink, 2)
            else:
                corners = [(x + w // 2, y - 4), (x + w, y + h // 2), (x + w // 2, y + h + 4), (x, y + h // 2)]
                pen.polygon(corners, fill, ink)
            pen.text((x + w // 2, y + h // 2), label, ink, font, anchor="mm")
            if row:
                pen.line([(80, y - 30), (80, y)], ink, 2)
                pen.polygon([(75, y - 7), (85, y - 7), (80, y)], ink)
            nodes.append(Node(id=f"n{row}", label=label, shape=shape, box=Box(x, y, w, h)))
        edges = tuple(Edge(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes))
        graph = Diagram(nodes=tuple(nodes), edges=edges, direction="TB")
        picture.save(folder / f"{number}.png")
        (folder / f"{number}.json").write_text(graph.to_json(), encoding="utf-8")


def _make(made: Tiny) -> None:
    draw(made.light, 1, LIGHT, 8)
    draw(made.dark, 2, DARK, 8)
    torch.set_num_threads(1)
    light, dark = read_folder(made.light), read_folder(made.dark)
    tokenizer = make_tokenizer([write(ordered(e.diagram), e.width, e.height) for e in [*light, *dark]], 768)
    save(made.base, make_model(Size(vocabulary=768), tokenizer, seed=1), tokenizer)
    # A base that has seen a little: it says flowcharts, and tells its own eight apart after a fashion.
    config = Config(model=str(made.base), device="cpu", dtype="float32", timeout=600.0, max_new_tokens=256)
    base = load(config)
    quick = Options(steps=300, batch=8, accumulate=1, rate=6e-3, warmup=10, every=1000, target=0.06)
    told = train(base, light, quick, made.base.with_name("state"))
    save(made.base, base.model, tokenizer)
    print(f"base: {told}")
    # So small a base has not learnt to see, so its vision tower is adapted too.
    slow = Options(steps=400, batch=8, accumulate=1, rate=6e-3, warmup=10, every=1000, target=0.01, tower=True)
    print(f"LoRA: {train(adapt(load(config), slow), dark, slow, made.lora)}")


def _code() -> str:
    """A hash of what the trained weights depend on."""
    digest = hashlib.sha256()
    home = Path(diagrasp.engines.qwen3vl.__path__[0])
    files = [home / f"{name}.py" for name in ("answer", "grammar", "pixels", "prompt")]
    for file in [*files, *sorted(Path(diagrasp_train.lora.__path__[0]).glob("*.py"))]:
        digest.update(file.read_bytes())
    digest.update(Path(__file__).read_bytes())
    for name in ("torch", "transformers", "peft", "tokenizers", "pillow"):
        digest.update(importlib.metadata.version(name).encode())
    return digest.hexdigest()[:12]


def pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB"))
