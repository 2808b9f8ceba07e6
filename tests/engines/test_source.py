"""The engine `source`: exact where the file carries its source, silent elsewhere, and the right page of several."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from diagrasp.carriers import put_png_text
from diagrasp.engines import Engine, Request
from diagrasp.engines.source import SourceEngine
from diagrasp.errors import EngineError, NotFoundError
from diagrasp.formats import FormatRegistry
from diagrasp.images import Picture, load_picture
from diagrasp.layout import arrange
from diagrasp.model import Diagram
from diagrasp_formats.bpmn import BpmnFormat
from diagrasp_formats.drawio import DrawioFormat
from diagrasp_formats.png import PngFormat

pytestmark = pytest.mark.anyio


def diagram(*labels: str, direction: str = "TB") -> Diagram:
    nodes = [
        {"id": f"n{k}", "label": label, "shape": "rounded" if k % 2 else "process"} for k, label in enumerate(labels)
    ]
    edges = [{"id": f"e{k}", "source": f"n{k}", "target": f"n{k + 1}"} for k in range(len(labels) - 1)]
    placed = arrange(Diagram(nodes=nodes, edges=edges), direction=direction)
    return placed.model_copy(update={"title": labels[0]})


FIRST = diagram("Принять", "Проверить", "Отгрузить")
SECOND = diagram("Забрать", "Упаковать", "Отправить", "Закрыть", direction="LR")
THIRD = diagram("Один", "Два", "Три", "Четыре", "Пять", "Шесть")


def picture(data: bytes) -> Picture:
    return load_picture(data, max_bytes=10**8, max_pixels=10**8)


def drawing(shown: Diagram, scale: float = 1.0) -> bytes:
    return PngFormat().write(shown, carry="no", scale=scale).data


def pages(*diagrams: Diagram) -> str:
    parts = [
        DrawioFormat().write(d).text.partition('<mxfile host="diagrasp">')[2].partition("</mxfile>")[0]
        for d in diagrams
    ]
    return f"<mxfile>{''.join(parts)}</mxfile>"


async def recognize(data: bytes) -> tuple[Diagram, float, tuple[str, ...]]:
    engine = SourceEngine(FormatRegistry())
    assert isinstance(engine, Engine)
    found = await engine.recognize(picture(data), Request(), lambda share, what: None)
    return found.diagram, found.confidence, found.warnings


async def test_our_own_picture_comes_back_exactly() -> None:
    assert await recognize(PngFormat().write(FIRST).data) == (FIRST, 1.0, ())


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0, 3.3])
@pytest.mark.parametrize("shown", [FIRST, SECOND, THIRD])
async def test_of_several_pages_the_one_in_the_picture(shown: Diagram, scale: float) -> None:
    data = put_png_text(drawing(shown, scale), "mxfile", pages(FIRST, SECOND, THIRD))
    found, confidence, warnings = await recognize(data)
    assert found.title == shown.title
    assert confidence == 1.0
    assert "of 3" in warnings[0]


async def test_no_page_fits_a_picture_of_something_else() -> None:
    out = BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(out, "PNG")
    with pytest.raises(EngineError, match="none of the 2 pages"):
        await recognize(put_png_text(out.getvalue(), "mxfile", pages(FIRST, SECOND)))


async def test_a_file_without_a_source_is_left_to_others() -> None:
    with pytest.raises(NotFoundError):
        await recognize(drawing(FIRST))


async def test_a_damaged_source_is_told() -> None:
    with pytest.raises(EngineError, match="drawio source is damaged"):
        await recognize(put_png_text(drawing(FIRST), "mxfile", "<mxfile><diagram>"))


async def test_a_source_that_nobody_reads_is_told() -> None:
    data = put_png_text(drawing(FIRST), "mxfile", pages(FIRST))
    engine = SourceEngine(FormatRegistry(points=[]))
    with pytest.raises(EngineError, match="no reader"):
        await engine.recognize(picture(data), Request(), lambda share, what: None)


async def test_the_better_of_two_sources_is_taken_and_the_other_stands_in() -> None:
    both = put_png_text(put_png_text(drawing(FIRST), "mxfile", pages(FIRST)), "diagrasp", "{damaged")
    found, _, _ = await recognize(both)
    assert found.title == FIRST.title


def test_the_cache_learns_of_changed_readers() -> None:
    revision = SourceEngine(FormatRegistry()).revision
    assert f"bpmn={BpmnFormat.spec.version}" in revision
    assert "drawio=" in revision
