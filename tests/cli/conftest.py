"""The real program in a process of its own, with an engine that comes as a plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

_ENGINE = '''
import asyncio

from diagrasp.engines import EngineSpec, Problem, Recognition
from diagrasp.errors import EngineError
from diagrasp.model import Diagram, Edge, Node


class Fake:
    """Two steps; the picture's name and size tell it what to do."""

    spec = EngineSpec(id="fake", title="Fake", options={"label": "of the first step"})
    revision = "1"

    def __init__(self, settings):
        self.settings = settings

    async def recognize(self, picture, request, progress):
        progress(0.5, "half way")
        if picture.name.endswith("slow.png"):
            await asyncio.sleep(60)
        if picture.name.endswith("crash.png"):
            raise EngineError("the net fell over")
        nodes = (Node(id="a", label=request.options.get("label", "Проверить заявку")), Node(id="b", label="Ship"))
        diagram = Diagram(nodes=nodes, edges=(Edge(source="a", target="b"),))
        return Recognition(diagram, 0.2 if picture.name.endswith("unsure.png") else 0.9)

    def check(self):
        return [Problem("its language data is missing", "install it", fatal=False)]

    async def aclose(self):
        pass


class Bytes:
    """A format that is no text."""

    from diagrasp.formats import FormatSpec

    spec = FormatSpec(id="bytes", title="Bytes", media_type="application/x-bytes", suffixes=(".bin",), binary=True)

    def write(self, diagram, **options):
        import time

        from diagrasp.formats import Loss, Written

        if diagram.title == "endless":
            time.sleep(600)
        return Written(b"\\x00\\xff" + diagram.nodes[0].label.encode(), (Loss("edge", "e1", "edges are lost"),))
'''


@dataclass(frozen=True)
class Done:
    """What a run of the program left."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def error_lines(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("diagrasp")]


class Program:
    """Runs `diagrasp` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.db = folder / "cache" / "diagrasp.db"
        plugins = folder / "plugins"
        info = plugins / "diagrasp_fake-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: diagrasp-fake\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[diagrasp.engines]\nfake = fake_plugin:Fake\n\n"
            "[diagrasp.formats]\nbytes = fake_plugin:Bytes\nruined = fake_plugin:Nonesuch\n"
        )
        (plugins / "fake_plugin.py").write_text(_ENGINE)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "SYSTEMROOT", "LD_LIBRARY_PATH")}
        self.environment = {
            **kept,
            "HOME": str(folder),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(plugins), os.environ.get("PYTHONPATH")])),
            "DIAGRASP_DB": str(self.db),
            "COLUMNS": "100",
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "diagrasp", *map(str, arguments)]

    def __call__(self, *arguments: str | Path, input: bytes = b"", environment: dict[str, str] | None = None) -> Done:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            input=input,
            capture_output=True,
            timeout=120,
        )
        text = done.stdout.decode("utf-8", "backslashreplace")
        return Done(done.returncode, text, done.stderr.decode("utf-8", "backslashreplace"), done.stdout)


@pytest.fixture
def diagrasp(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def draw(diagrasp: Program) -> Callable[..., Path]:
    """A picture of two boxes and an arrow in the program's folder; another for each seed."""

    def make(name: str, seed: int = 0, size: Sequence[int] = (240, 120)) -> Path:
        image = Image.new("RGB", tuple(size), "white")  # type: ignore[arg-type]
        pen = ImageDraw.Draw(image)
        pen.rectangle((10, 30, 90, 80), outline="black", width=2)
        pen.rectangle((150, 30 + seed % 8, 230, 80), outline="black", width=2)
        pen.line((90, 55, 150, 55), fill="black", width=2)
        path = diagrasp.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
        return path

    return make


@pytest.fixture
def noise() -> Callable[..., Image.Image]:
    """Like a photo: soft coloured shapes under noise, without a line of text."""

    def make(seed: int = 3, size: tuple[int, int] = (640, 480)) -> Image.Image:
        random = np.random.default_rng(seed)
        y, x = np.mgrid[0 : size[1], 0 : size[0]]
        layers = [
            128 + 60 * np.sin(x / random.uniform(40, 160) + i) + 60 * np.cos(y / random.uniform(40, 160) - i)
            for i in range(3)
        ]
        pixels = np.stack(layers, axis=-1) + random.normal(0, 14, (size[1], size[0], 3))
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))

    return make
