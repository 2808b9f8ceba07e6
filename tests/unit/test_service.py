from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagrasp.engines import EngineRegistry
from diagrasp.errors import NotFoundError, ParseError, TooLargeError, UnsupportedFormat
from diagrasp.formats import FormatRegistry, FormatSpec, Loss, Read, Written
from diagrasp.model import Diagram, Group, Node
from diagrasp.service import RecognitionResult, Service
from diagrasp.settings import Settings

pytestmark = pytest.mark.anyio
Make = Callable[..., Settings]
Registry = Callable[..., EngineRegistry]


class Poor:
    """A format that is no text and cannot express groups."""

    spec = FormatSpec(id="poor", title="Poor", media_type="application/x-poor", suffixes=(".poor",), binary=True)

    def sniff(self, data: bytes) -> float:
        return float(data.startswith(b"poor"))

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        if not data.startswith(b"poor"):
            raise ParseError("not poor", line=1, column=1)
        return Read(Diagram(nodes=(Node(id="p"),)), (Loss("richness", "p", "riches were lost"),), pages=2)

    def write(self, diagram: Diagram, **options: Any) -> Written:
        return Written(
            b"poor\xff",
            (
                Loss("box", "", "positions are lost"),
                *(Loss(f"group.{g.kind}", g.id, f"group {g.label!r} is lost") for g in diagram.groups),
            ),
        )


class _Point:
    name, value, dist = "poor", "tests:Poor", None

    def load(self) -> type[Poor]:
        return Poor


@pytest.fixture
def formats() -> FormatRegistry:
    from importlib.metadata import entry_points

    return FormatRegistry(points=[*entry_points(group="diagrasp.formats"), _Point()])  # type: ignore[list-item]


async def test_a_result_says_all_that_is_promised(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    made = settings()
    async with Service.open(made, engines=registry(made, fake())) as service:
        found = await service.recognize(picture(), format=".json", filename="x.png")
        assert set(RecognitionResult.model_fields) >= {
            "id", "diagram", "text", "format", "engine", "model", "confidence", "warnings", "cached", "elapsed_ms",
            "pages",
        }  # fmt: skip
        assert (found.format, found.media_type, found.pages, found.data) == ("json", "application/json", 1, None)
        assert found.text is not None
        assert Diagram.from_json(found.text) == found.diagram
        assert found.elapsed_ms > 0
        assert (await service.write(found.id, "json")).text == found.text
        assert RecognitionResult.model_validate_json(found.model_dump_json()) == found
        with pytest.raises(NotFoundError, match="no diagram 'nonesuch'"):
            await service.diagram("nonesuch")
        with pytest.raises(UnsupportedFormat):
            await service.write(found.id, "nonesuch")


async def test_losses_of_writing_are_warnings_and_data_is_base64(
    settings: Make, registry: Registry, fake: Any, picture: Any, formats: FormatRegistry
) -> None:
    groups = tuple(Group(id=f"g{i}", label=f"Lane {i}", kind="pool" if i else "lane") for i in range(3))
    made = settings()
    engine = fake(diagram=Diagram(nodes=(Node(id="n"),), groups=groups))
    async with Service.open(made, engines=registry(made, engine), formats=formats) as service:
        found = await service.recognize(picture(), format="poor")
    assert found.text is None
    assert base64.b64decode(found.data or "") == b"poor\xff"
    assert found.warnings == ["group 'Lane 0' is lost (and 2 more like it)"]


async def test_convert(settings: Make, formats: FormatRegistry) -> None:
    async with Service.open(settings(), formats=formats) as service:
        made = await service.convert(b"poor thing", "json", from_format="auto")
        assert (made.source_format, made.format, made.pages) == ("poor", "json", 2)
        assert [(each.feature, each.element, each.message) for each in made.losses] == [
            ("richness", "p", "riches were lost")
        ]
        assert made.text is not None
        back = await service.convert(made.text.encode(), "poor", filename="x.json")
        assert (back.text, base64.b64decode(back.data or "")) == (None, b"poor\xff")
        with pytest.raises(ParseError, match="line 1, column 1: not poor"):
            await service.convert(b"rich", "json", from_format="poor")
        figures = await service.statistics()
        assert figures.by_task == {"convert": 3}
        assert figures.errors == 1
    async with Service.open(settings(max_bytes=10), formats=formats) as service:
        with pytest.raises(TooLargeError, match="DIAGRASP_MAX_BYTES"):
            await service.convert(b"poor" * 10, "json")


async def test_statistics_and_the_log(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    made = settings()
    async with Service.open(made, engines=registry(made, fake(), fake("other"))) as service:
        empty = await service.statistics()
        assert (empty.requests, empty.since, empty.mean_ms, empty.p95_ms) == (0, None, None, None)
        for seed, engine in ((1, "embedded"), (1, "embedded"), (2, "embedded"), (1, "other")):
            await service.recognize(picture(seed), format="json", engine=engine, door="test")
        with pytest.raises(UnsupportedFormat):
            await service.recognize(picture(), format="nonesuch")
    async with Service.open(made) as service:
        figures = await service.statistics()
        assert (figures.requests, figures.errors, figures.cached, figures.results) == (5, 1, 1, 3)
        assert figures.by_engine == {"embedded": 3, "other": 1}
        assert figures.p50_ms is not None
        assert figures.p95_ms is not None
        assert figures.p50_ms <= figures.p95_ms
        lines = await service.recent(3)
        assert [(line.status, line.error) for line in lines] == [
            ("error", "unsupported_format"),
            ("ok", ""),
            ("ok", ""),
        ]
        assert (lines[1].door, lines[1].engine, lines[1].width, lines[1].height) == ("test", "other", 60, 40)
        assert lines[1].hash == lines[0].hash or len(lines[1].hash) == 64


async def test_nothing_private_is_logged(
    settings: Make, registry: Registry, fake: Any, picture: Any, tmp_path: Path
) -> None:
    made = settings(token="the-token", openai_key="the-key")
    async with Service.open(made, engines=registry(made, fake())) as service:
        await service.recognize(picture(), format="json", filename="secret project.png")
        lines = await service.recent()
        await service.clear_cache()
    assert "secret project" not in repr(lines)
    stored = b"".join(read(path) for path in files(tmp_path, "cache.db*"))
    assert b"secret project" not in stored
    assert b"the-token" not in stored
    assert b"the-key" not in stored


def files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


def read(path: Path) -> bytes:
    return path.read_bytes()


async def test_without_a_store_on_disk_all_works_with_a_warning(
    settings: Make, registry: Registry, fake: Any, picture: Any, closed_folder: Path
) -> None:
    made = settings(db=closed_folder / "cache.db")
    async with Service.open(made, engines=registry(made, fake())) as service:
        found = await service.recognize(picture(), format="json")
        assert len(found.warnings) == 1
        assert found.warnings[0].startswith("results are not kept")
        assert (await service.diagram(found.id)) == found.diagram
        assert (await service.statistics()).warning == found.warnings[0]


async def test_a_disk_that_fills_up_costs_a_warning(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    made = settings()
    engine = fake(diagram=Diagram(nodes=(Node(id="n", label="y" * 100_000),)))
    async with Service.open(made, engines=registry(made, engine)) as service:
        await service.store._connection.execute("PRAGMA max_page_count = 1")
        found = await service.recognize(picture(), format="json")
        assert found.warnings == ["the result could not be cached: database or disk is full"]
        assert (await service.diagram(found.id)) == found.diagram
