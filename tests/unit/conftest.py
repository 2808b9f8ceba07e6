"""Fakes and pictures for the rooms between the settings and the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from diagrasp.engines import EngineRegistry, EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.images import Picture
from diagrasp.model import Diagram, Edge, Node
from diagrasp.settings import Settings

DIAGRAM = Diagram(
    nodes=(Node(id="a", label="Проверить заявку"), Node(id="b", label="Ship")), edges=(Edge(source="a", target="b"),)
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own settings, and its cache left alone."""
    import os

    for name in list(os.environ):
        if name.startswith("DIAGRASP_") or name in ("REQUEST_TIMEOUT", "DEVICE", "TORCH_DTYPE", "MAX_NEW_TOKENS"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


class FakeEngine:
    """An engine that counts its runs and does what it is told."""

    def __init__(self, id: str = "embedded", **behaviour: Any) -> None:
        self.spec = EngineSpec(
            id=id, title=f"fake {id}", pixels_only=behaviour.get("pixels_only", True), options={"sharp": "how sharp"}
        )
        self.revision = behaviour.get("revision", "r1")
        self.behaviour = behaviour
        self.runs: list[tuple[Picture, Request]] = []
        self.cancelled = 0
        self.most = 0
        self._now = 0
        self.gate: asyncio.Event | None = None
        self.closed = False

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        self.runs.append((picture, request))
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            progress(0.5, "half way")
            if self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(self.behaviour.get("seconds", 0))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self._now -= 1
        if (error := self.behaviour.get("error")) is not None:
            raise error
        return Recognition(
            self.behaviour.get("diagram", DIAGRAM),
            self.behaviour.get("confidence", 0.9),
            tuple(self.behaviour.get("warnings", ())),
            f"{self.spec.id}-net",
        )

    def check(self) -> list[Problem]:
        return []

    async def aclose(self) -> None:
        self.closed = True


class _Point:
    """What the registry needs of an entry point."""

    dist = None

    def __init__(self, engine: FakeEngine) -> None:
        self.name, self.value, self._engine = engine.spec.id, f"tests:{engine.spec.id}", engine

    def load(self) -> Callable[[Settings], FakeEngine]:
        return lambda settings: self._engine


@pytest.fixture
def fake() -> type[FakeEngine]:
    return FakeEngine


@pytest.fixture
def registry() -> Callable[..., EngineRegistry]:
    def make(settings: Settings, *engines: FakeEngine) -> EngineRegistry:
        return EngineRegistry(settings, points=[_Point(engine) for engine in engines])  # type: ignore[misc]

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**values: Any) -> Settings:
        return Settings.load(**{"db": tmp_path / "cache.db", **values})

    return make


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """An image into a file's bytes."""

    def make(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
        out = BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    return make


@pytest.fixture
def picture(encode: Callable[..., bytes]) -> Callable[..., bytes]:
    """A PNG of noise, another for each seed."""

    def make(seed: int = 0, size: tuple[int, int] = (60, 40)) -> bytes:
        noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        return encode(Image.fromarray(noise))

    return make


@pytest.fixture
def closed_folder(tmp_path: Path) -> Path:
    """A path that no user, not even root, can make a file under."""
    blocker = tmp_path / "a file"
    blocker.write_text("no folder")
    return blocker / "below"
