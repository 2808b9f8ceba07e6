"""What the tests of the network doors share: an engine that is not one, pictures, services on a fresh store."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image, ImageDraw

from diagrasp.engines import EngineRegistry, EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.images import Picture
from diagrasp.model import Box, Diagram, Edge, Group, Node
from diagrasp.service import Service
from diagrasp.settings import Settings

DIAGRAM = Diagram(
    kind="bpmn",
    title="Заявка",
    nodes=(
        Node(id="n1", label="Получить заявку", shape="task", group="g1", box=Box(20, 20, 120, 60)),
        Node(id="n2", label="Сумма больше 1000?", shape="exclusive_gateway", group="g1", box=Box(180, 30, 40, 40)),
        Node(id="n3", label="Согласовать", shape="user_task", group="g2", box=Box(260, 120, 120, 60)),
        Node(id="n4", label="Оплатить", shape="task", group="g1", box=Box(260, 20, 120, 60)),
    ),
    edges=(
        Edge(id="e1", source="n1", target="n2"),
        Edge(id="e2", source="n2", target="n3", label="да"),
        Edge(id="e3", source="n2", target="n4", label="нет"),
        Edge(id="e4", source="n3", target="n4"),
    ),
    groups=(Group(id="g1", label="Бухгалтерия", kind="lane"), Group(id="g2", label="Директор", kind="lane")),
)


@dataclass
class FakeEngine:
    """Answers every picture with one diagram, on request slowly; counts what it is asked and what was cancelled.

    Attributes:
        hold: where set, an answer waits for `release`.
    """

    id: str = "embedded"
    confidence: float = 0.9
    warnings: tuple[str, ...] = ()
    hold: bool = False
    error: Exception | None = None
    problems: list[Problem] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(self.id, "Fake")

    @property
    def revision(self) -> str:
        return "1"

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        self.asked.append(request)
        self.started.set()
        try:
            for done in (0.25, 0.5, 0.75):
                await asyncio.to_thread(progress, done, f"reading {picture.width} x {picture.height}")
                await asyncio.sleep(0.12)
            if self.hold:
                await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if self.error is not None:
            raise self.error
        return Recognition(DIAGRAM, self.confidence, self.warnings, model="fake-1")

    def check(self) -> list[Problem]:
        return self.problems

    async def aclose(self) -> None:
        self.closed = True


def opener(settings: Settings, *engines: FakeEngine) -> Callable[[], AbstractAsyncContextManager[Service]]:
    """Opens a service whose engines are those."""

    @asynccontextmanager
    async def open_service() -> AsyncIterator[Service]:
        points: Any = [
            SimpleNamespace(name=e.id, value=f"fake:{e.id}", dist=None, load=lambda e=e: lambda _settings: e)
            for e in engines
        ]
        registry = EngineRegistry(settings, points=points)
        async with Service.open(settings, engines=registry) as service:
            yield service

    return open_service


def settings_in(folder: Path, **values: Any) -> Settings:
    """Settings with a store of their own, whatever the environment says."""
    return Settings.load(**{"db": folder / "store" / "test.db", "_env_file": None, **values})


def png(width: int = 400, height: int = 200, label: str = "A") -> bytes:
    """A small picture that is not blank; another label makes another picture."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, width // 2, height // 2), outline="black", width=2)
    draw.text((20, 20), label, fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def data_uri(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
