from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from diagrasp.engines import EngineRegistry
from diagrasp.errors import (
    DiagraspError,
    EngineError,
    EngineUnavailable,
    InputError,
    NotFoundError,
    Overloaded,
    RecognitionTimeout,
    TooLargeError,
)
from diagrasp.model import Diagram, Edge, Node
from diagrasp.service import Service
from diagrasp.settings import Settings

pytestmark = pytest.mark.anyio
Make = Callable[..., Settings]
Registry = Callable[..., EngineRegistry]


async def test_a_second_request_is_answered_from_the_cache(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    engine = fake(warnings=("the engine's own word",))
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        first = await service.recognize(picture(), format="json")
        second = await service.recognize(picture(), format="json")
        other = await service.recognize(picture(1), format="json")
    assert (first.cached, second.cached, other.cached) == (False, True, False)
    assert first.id == second.id != other.id
    assert first.diagram == second.diagram
    assert second.warnings == first.warnings == ["the engine's own word"]
    assert (second.engine, second.model, second.confidence) == ("embedded", "embedded-net", 0.9)
    assert len(engine.runs) == 2
    assert engine.closed
    async with Service.open(made, engines=registry(made, engine)) as service:  # another process, later
        assert (await service.recognize(picture(), format="json")).cached
        assert (await service.diagram(first.id)) == first.diagram


async def test_everything_that_an_answer_depends_on_is_in_the_key(
    settings: Make, registry: Registry, fake: Any, picture: Any, encode: Any
) -> None:
    engine = fake()
    made = settings()
    tiff = encode(Image.radial_gradient("L"), "TIFF", save_all=True, append_images=[Image.linear_gradient("L")])

    async def runs(**how: Any) -> int:
        async with Service.open(made, engines=registry(made, engine)) as service:
            await service.recognize(**{"image": tiff, "format": "json", **how})
        return len(engine.runs)

    assert await runs() == 1
    assert await runs() == 1
    assert await runs(format="json") == 1  # what is written does not matter
    assert await runs(page=2) == 2
    assert await runs(languages=["en"]) == 3
    assert await runs(options={"sharp": "1"}) == 4
    assert await runs(options={"sharp": "2"}) == 5
    engine.revision = "r2"
    assert await runs() == 6
    assert await runs(use_cache=False) == 7
    assert await runs() == 7  # and what was read anew is kept
    assert engine.runs[3][1].options == {"sharp": "1"}
    assert engine.runs[2][1].languages == ("en",)


async def test_equal_pixels_are_the_same_picture_to_an_engine_of_pixels(
    settings: Make, registry: Registry, fake: Any, encode: Any
) -> None:
    image = Image.radial_gradient("L").convert("RGB")
    png, bmp = encode(image), encode(image, "BMP")
    for only, expected in ((True, 1), (False, 2)):
        engine = fake(pixels_only=only)
        made = settings(db=settings().db.with_name(f"{only}.db"))
        async with Service.open(made, engines=registry(made, engine)) as service:
            first = await service.recognize(png, format="json")
            second = await service.recognize(bmp, format="json")
            assert second.cached is only
            assert (second.id == first.id) is only
            assert (await service.recognize(bmp, format="json")).cached
        assert len(engine.runs) == expected


async def test_a_hundred_equal_requests_cost_one_run(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    engine = fake(seconds=0.05)
    made = settings(queue=0, workers=1)
    async with Service.open(made, engines=registry(made, engine)) as service:
        results = await asyncio.gather(*(service.recognize(picture(), format="json") for _ in range(100)))
    assert len(engine.runs) == 1
    assert len({result.id for result in results}) == 1


async def test_a_cancelled_leader_and_the_last_to_leave(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    engine = fake()
    engine.gate = asyncio.Event()
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        leader = asyncio.create_task(service.recognize(picture(), format="json"))
        await until(lambda: len(engine.runs) == 1)
        follower = asyncio.create_task(service.recognize(picture(), format="json"))
        await asyncio.sleep(0.05)
        leader.cancel()
        await asyncio.sleep(0.05)
        assert engine.cancelled == 0
        follower.cancel()
        await until(lambda: engine.cancelled == 1)
        with pytest.raises(asyncio.CancelledError):
            await follower
        engine.gate.set()
        assert not (await service.recognize(picture(), format="json")).cached
        lines = await service.recent()
    assert [line.status for line in lines] == ["ok", "cancelled", "cancelled"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_timeout_stops_the_engine(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    engine = fake(seconds=30)
    made = settings(timeout=0.2)
    async with Service.open(made, engines=registry(made, engine)) as service:
        with pytest.raises(RecognitionTimeout, match=r"slow.png took longer than 0.2 s \(DIAGRASP_TIMEOUT\)"):
            await service.recognize(picture(), format="json", filename="slow.png")
        assert engine.cancelled == 1
        (line,) = await service.recent()
    assert (line.status, line.error) == ("error", "timeout")


async def test_the_queue_is_bounded(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    engine = fake()
    engine.gate = asyncio.Event()
    made = settings(workers=2, queue=3)
    async with Service.open(made, engines=registry(made, engine)) as service:
        tasks = [asyncio.create_task(service.recognize(picture(i), format="json")) for i in range(8)]
        await until(lambda: sum(task.done() for task in tasks) == 3)
        figures = await service.statistics()
        assert (figures.running, figures.waiting) == (2, 3)
        engine.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, Overloaded)]
        assert len(refused) == 3
        assert refused[0].retry_after >= 1
        assert engine.most == 2
        assert len(engine.runs) == 5
        assert (await service.recognize(picture(0), format="json")).cached


@pytest.mark.parametrize(
    ("behaviour", "error", "message"),
    [
        ({"error": ValueError("odd\nthing")}, EngineError, "the engine 'embedded' failed: ValueError: odd"),
        ({"error": EngineError("its own words")}, EngineError, "its own words"),
        (
            {
                "diagram": Diagram.model_construct(
                    nodes=(Node(id="a"),), edges=(Edge(id="e", source="a", target="z"),), groups=()
                )
            },
            EngineError,
            "not valid: .*'z', which is neither",
        ),
    ],
)
async def test_an_engine_that_fails(
    settings: Make, registry: Registry, fake: Any, picture: Any, behaviour: Any, error: Any, message: str
) -> None:
    engine = fake(**behaviour)
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        for runs in (1, 2):  # a failure is not cached
            with pytest.raises(error, match=message):
                await service.recognize(picture(), format="json")
            assert len(engine.runs) == runs
        assert (await service.statistics()).errors == 2


@pytest.mark.parametrize(("confidence", "kept"), [(float("nan"), 0.0), (7.0, 1.0), (-1.0, 0.0)])
async def test_a_confidence_out_of_range(
    settings: Make, registry: Registry, fake: Any, picture: Any, confidence: float, kept: float
) -> None:
    made = settings()
    async with Service.open(made, engines=registry(made, fake(confidence=confidence))) as service:
        assert (await service.recognize(picture(), format="json")).confidence == kept


async def test_what_the_user_should_know(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    made = settings()
    unsure, empty = fake(confidence=0.41), fake("empty", diagram=Diagram(), confidence=1.0)
    async with Service.open(made, engines=registry(made, unsure, empty)) as service:
        found = await service.recognize(picture(), format="json")
        assert found.warnings == ["low confidence (0.41): compare the result with the picture"]
        found = await service.recognize(picture(), format="json", engine="empty")
        assert found.warnings == ["no diagram was found in the picture"]


async def test_pictures_with_nothing_to_see(settings: Make, registry: Registry, fake: Any, encode: Any) -> None:
    engine = fake()
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        for image, message in (
            (Image.new("RGB", (1, 1)), "has 1 x 1 pixels: too small"),
            (Image.new("L", (500, 400), 255), "is blank"),
            (Image.new("RGBA", (500, 400), (0, 0, 0, 0)), "is blank"),
        ):
            with pytest.raises(InputError, match=message):
                await service.recognize(encode(image), format="json")
        with pytest.raises(InputError, match="not a picture"):
            await service.recognize(b"hello", format="json")
        with pytest.raises(NotFoundError, match="no page 2"):
            await service.recognize(encode(Image.radial_gradient("L")), format="json", page=2)
        assert engine.runs == []


async def test_limits_hold_before_anything_is_done(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    engine = fake()
    made = settings(max_bytes=100)
    async with Service.open(made, engines=registry(made, engine)) as service:
        with pytest.raises(TooLargeError, match="DIAGRASP_MAX_BYTES"):
            await service.recognize(picture(), format="json")
    made = settings(max_pixels=100)
    async with Service.open(made, engines=registry(made, engine)) as service:
        with pytest.raises(TooLargeError, match="DIAGRASP_MAX_PIXELS"):
            await service.recognize(picture(), format="json")


async def test_unknown_names_are_refused_before_the_work(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    engine = fake()
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        for how, message in (
            ({"format": "nonesuch"}, "no format 'nonesuch'"),
            ({"format": "json", "engine": "nonesuch"}, "no engine 'nonesuch'; there are auto, embedded"),
            ({"format": "json", "languages": ["Klingon!"]}, "no language code"),
            ({"format": "json", "options": {"shrap": "1"}}, "no option 'shrap'; it has sharp"),
            ({"format": "json", "write_options": {"indnet": "1"}}, "no option 'indnet'; it has indent"),
        ):
            with pytest.raises(DiagraspError, match=message):
                await service.recognize(picture(), **how)
        assert engine.runs == []


async def test_auto_takes_the_source_where_there_is_one(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    exact = fake("source", pixels_only=False, confidence=1.0, diagram=Diagram(nodes=(Node(id="exact"),)))
    embedded = fake()
    made = settings()
    async with Service.open(made, engines=registry(made, exact, embedded)) as service:
        assert (await service.recognize(picture(), format="json")).engine == "source"
        assert (await service.recognize(picture(), format="json")).cached
        assert embedded.runs == []


@pytest.mark.parametrize(
    ("behaviour", "warned"),
    [
        ({"error": NotFoundError("nothing inside")}, False),
        ({"error": EngineUnavailable("not here")}, False),
        ({"diagram": Diagram()}, False),
        ({"error": EngineError("torn")}, True),
    ],
)
async def test_auto_goes_on_where_there_is_no_source(
    settings: Make, registry: Registry, fake: Any, picture: Any, behaviour: Any, warned: bool
) -> None:
    made = settings()
    engines = registry(made, fake("source", pixels_only=False, **behaviour), fake())
    async with Service.open(made, engines=engines) as service:
        found = await service.recognize(picture(), format="json")
    assert found.engine == "embedded"
    assert found.warnings == (["the source that the file carries could not be used: torn"] if warned else [])


async def test_auto_asks_a_vision_model_only_where_unsure_and_configured(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    better = Diagram(nodes=(Node(id="better"),))
    for confidence, model, expected in (
        (0.9, "some/model", "embedded"),
        (0.3, None, "embedded"),
        (0.3, "some/model", "qwen3-vl"),
    ):
        embedded, vision = fake(confidence=confidence), fake("qwen3-vl", diagram=better, confidence=0.8)
        made = settings(vlm_model=model, db=settings().db.with_name(f"{confidence}{model is None}.db"))
        async with Service.open(made, engines=registry(made, embedded, vision)) as service:
            found = await service.recognize(picture(), format="json")
            assert found.engine == expected
            assert (await service.recognize(picture(), format="json")).cached
            assert len(vision.runs) == (expected == "qwen3-vl")
            if vision.runs:
                assert vision.runs[0][1].draft == embedded.behaviour.get("diagram", vision.runs[0][1].draft)
                assert len(vision.runs[0][1].draft.nodes) == 2


async def test_auto_may_ask_a_server(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    made = settings(openai_url="http://localhost:1/v1")
    engines = registry(made, fake(confidence=0.1), fake("openai", confidence=0.8))
    async with Service.open(made, engines=engines) as service:
        assert (await service.recognize(picture(), format="json")).engine == "openai"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [({"error": EngineUnavailable("no weights")}, "no weights"), ({"seconds": 30}, "no answer within 0.5 s"),
     ({"error": RuntimeError("out of memory")}, "out of memory")],
)  # fmt: skip
async def test_a_vision_model_that_fails_costs_a_warning(
    settings: Make, registry: Registry, fake: Any, picture: Any, behaviour: Any, reason: str
) -> None:
    made = settings(vlm_model="some/model", timeout=0.5)
    vision = fake("qwen3-vl", **behaviour)
    async with Service.open(made, engines=registry(made, fake(confidence=0.3), vision)) as service:
        found = await service.recognize(picture(), format="json")
        assert found.engine == "embedded"
        assert any("qwen3-vl was asked for help and failed" in each and reason in each for each in found.warnings)
        await service.recognize(picture(), format="json")
        assert len(vision.runs) == 2  # it may work the next time


async def test_a_vision_model_that_sees_nothing_does_not_win(
    settings: Make, registry: Registry, fake: Any, picture: Any
) -> None:
    made = settings(vlm_model="some/model")
    engines = registry(made, fake(confidence=0.3), fake("qwen3-vl", diagram=Diagram(), confidence=1.0))
    async with Service.open(made, engines=engines) as service:
        assert (await service.recognize(picture(), format="json")).engine == "embedded"


async def test_progress(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    made = settings()
    heard: list[tuple[float, str]] = []
    async with Service.open(made, engines=registry(made, fake(seconds=0.02))) as service:
        await service.recognize(picture(), format="json", progress=lambda share, text: heard.append((share, text)))
    assert heard == [(0.0, "decoding"), (0.5, "half way")]


async def test_closing_the_service_stops_its_work(settings: Make, registry: Registry, fake: Any, picture: Any) -> None:
    engine = fake(seconds=30)
    made = settings()
    async with Service.open(made, engines=registry(made, engine)) as service:
        task = asyncio.create_task(service.recognize(picture(), format="json"))
        await until(lambda: len(engine.runs) == 1)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.cancelled == 1
    assert engine.closed
