"""The engine `openai` over real HTTP, against a small server of that kind that generates with the tiny model."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from diagrasp.engines import Recognition, Request
from diagrasp.engines.openai import OpenAIEngine, create
from diagrasp.engines.qwen3vl import generation
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.gbnf import gbnf
from diagrasp.engines.qwen3vl.generation import Generator
from diagrasp.engines.qwen3vl.pixels import Plan, letter_height
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION
from diagrasp.engines.qwen3vl.tiles import Tile
from diagrasp.engines.qwen3vl.worker import Job, Told
from diagrasp.errors import EngineError, EngineUnavailable, Overloaded
from diagrasp.images import Picture, load_picture
from diagrasp.settings import Settings
from diagrasp_train.lora.scores import score

from .conftest import Tiny

pytestmark = pytest.mark.timeout(900)
KEY = "a-secret-key"


class Server:
    """Chat completions with the tiny model; `moods` are what it does instead, one a request."""

    def __init__(self, tiny: Tiny) -> None:
        config = Config(model=str(tiny.base), adapter=str(tiny.lora), device="cpu", max_new_tokens=512)
        self._generator = Generator(config)
        self._busy = threading.Lock()
        self.moods: list[Any] = []
        self.models = ["tiny-lora"]
        self.owner = "us"
        self.listing: Response | None = None
        self.seen: list[dict[str, Any]] = []
        self.cut_off = 0
        routes = [
            Route("/v1/chat/completions", self._complete, methods=["POST"]),
            Route("/v1/models", self._list),
        ]
        self.app = Starlette(routes=routes)

    def _list(self, request: HttpRequest) -> Response:
        if self.listing is not None:
            return self.listing
        return JSONResponse({"data": [{"id": name, "owned_by": self.owner} for name in self.models]})

    async def _complete(self, request: HttpRequest) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "no such key"}}, 401)
        body = await request.json()
        self.seen.append(body)
        mood = self.moods.pop(0) if self.moods else None
        if isinstance(mood, Response):
            return mood
        if body["model"] not in self.models:
            return JSONResponse({"error": {"message": f"no model {body['model']}"}}, 404)
        image, words = body["messages"][0]["content"]
        data = base64.b64decode(image["image_url"]["url"].partition(",")[2])
        pixels = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
        assert words["text"].startswith(INSTRUCTION)
        told = await asyncio.to_thread(self._tell, pixels, words["text"][len(INSTRUCTION) :])
        if mood == "whole":
            choice = {"message": {"content": f"```\n{told.text}\n```"}, "finish_reason": "stop"}
            return JSONResponse({"choices": [choice]})
        return StreamingResponse(self._stream(told, mood), media_type="text/event-stream")

    def _tell(self, pixels: np.ndarray, draft: str) -> Told:
        assert draft == "" or "draft" in draft
        # Servers take a picture whose sides are multiples of a token's as it is.
        height, width = pixels.shape[:2]
        assert height % 32 == width % 32 == 0
        as_it_is = Plan(width, height, width * height // 1024, 0.0)
        with self._busy, pytest.MonkeyPatch.context() as patch:
            patch.setattr(generation, "plan", lambda *_, **__: as_it_is)
            found = self._generator.tell([Job(pixels)])[0]
        assert isinstance(found, Told)
        return found

    async def _stream(self, told: Told, mood: Any) -> AsyncIterator[str]:
        lines = told.text.split("\n")
        shares = list(told.shares)
        if mood == "long":
            lines = [*lines[:-2], lines[-2][:3]]
        elif mood == "fenced":
            lines, shares = ["```text", *lines, "```"], [1.0, *shares, 1.0]
        try:
            for number, line in enumerate(lines):
                token = line + ("\n" if number + 1 < len(lines) else "")
                share = {"content": [{"token": token, "logprob": math.log(max(shares[number], 1e-9))}]}
                yield self._event({"delta": {"content": token}, "logprobs": share, "finish_reason": None})
                if mood == "slow":
                    await asyncio.sleep(0.3)
            yield self._event({"delta": {}, "finish_reason": "length" if mood == "long" else "stop"})
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.cut_off += 1
            raise

    @staticmethod
    def _event(choice: dict[str, Any]) -> str:
        return f"data: {json.dumps({'choices': [choice]})}\n\n"


@pytest.fixture(scope="module")
def running(tiny: Tiny) -> Iterator[tuple[Server, str]]:
    server = Server(tiny)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = uvicorn.Server(uvicorn.Config(server.app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=lambda: host.run(sockets=[listening]), daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not host.started and time.monotonic() < until:
            time.sleep(0.02)
        yield server, f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        host.should_exit = True
        thread.join(20)


@pytest.fixture
def server(running: tuple[Server, str]) -> Server:
    running[0].moods, running[0].seen, running[0].models = [], [], ["tiny-lora"]
    running[0].owner, running[0].listing = "us", None
    return running[0]


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagrasp.engines.openai.BACKOFF", 0.01)


def silent(share: float, doing: str) -> None:
    assert 0 <= share <= 1
    assert doing


def page(tiny: Tiny, number: int = 0) -> Picture:
    return load_picture((tiny.dark / f"{number}.png").read_bytes(), max_bytes=10**7, max_pixels=10**7)


def ask(
    tiny: Tiny, url: str, number: int = 0, *, key: str | None = KEY, model: str | None = "tiny-lora", **request: Any
) -> Recognition:
    async def main() -> Recognition:
        engine = OpenAIEngine(url, model, key, max_new_tokens=512, timeout=60)
        try:
            return await engine.recognize(page(tiny, number), Request(**request), silent)
        finally:
            await engine.aclose()

    return asyncio.run(main())


def test_reads_over_http(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    right = 0
    for number, example in enumerate(tiny.examples):
        found = ask(tiny, running[1], number)
        right += score(example.diagram, found.diagram).exact
        assert found.model == "tiny-lora"
        assert all(node.confidence for node in found.diagram.nodes)
    assert right == 8
    body = server.seen[0]
    assert body["temperature"] == 0
    assert body["max_tokens"] == 512
    assert KEY not in json.dumps(body)


def test_the_only_model_is_taken(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    assert ask(tiny, running[1], model=None).model == "tiny-lora"
    server.models = ["a", "b"]
    with pytest.raises(EngineUnavailable, match=r"lists 2 models \(a, b\); set DIAGRASP_OPENAI_MODEL"):
        ask(tiny, running[1], model=None)


def test_a_draft_goes_into_the_prompt(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    ask(tiny, running[1], draft=tiny.examples[0].diagram)
    assert tiny.examples[0].diagram.nodes[0].label in server.seen[0]["messages"][0]["content"][1]["text"]


def test_an_answer_in_one_piece_and_in_a_fence(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    server.moods = ["whole"]
    found = ask(tiny, running[1])
    assert found.diagram.nodes
    assert found.confidence == 0.5


def test_probabilities_of_other_lines_than_the_answers_are_left_aside(
    tiny: Tiny, running: tuple[Server, str], server: Server
) -> None:
    server.moods = ["fenced"]
    found = ask(tiny, running[1])
    assert found.confidence == 0.5
    assert {node.confidence for node in found.diagram.nodes} == {None}
    assert score(tiny.examples[0].diagram, found.diagram).exact


def test_an_answer_cut_off_keeps_its_whole_lines(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    server.moods = ["long"]
    found = ask(tiny, running[1])
    assert any("cut short" in warning for warning in found.warnings)
    assert len(found.diagram.edges) == len(tiny.examples[0].diagram.edges) - 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(tiny: Tiny, running: tuple[Server, str], server: Server, status: int) -> None:
    server.moods = [JSONResponse({"error": {"message": "busy"}}, status, headers={"retry-after": "0"})] * 2
    assert ask(tiny, running[1]).diagram.nodes
    assert len(server.seen) == 3


def test_but_not_for_ever(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    server.moods = [JSONResponse({"error": {"message": "busy"}}, 429)] * 9
    with pytest.raises(Overloaded, match="too busy: busy"):
        ask(tiny, running[1])
    assert len(server.seen) == 4


def test_a_server_that_knows_no_probabilities(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    server.moods = [JSONResponse({"error": {"message": "unknown field logprobs"}}, 400)]
    assert ask(tiny, running[1]).diagram.nodes
    assert ["logprobs" in body for body in server.seen] == [True, False]


@pytest.mark.parametrize("status", [400, 422])
def test_what_is_wrong_with_one_picture_costs_the_next_neither_grammar_nor_probabilities(
    tiny: Tiny, running: tuple[Server, str], server: Server, status: int
) -> None:
    server.owner = "vllm"
    server.moods = [JSONResponse({"error": {"message": "the context is 4096 tokens"}}, status)] * 3

    async def main() -> None:
        engine = OpenAIEngine(running[1], "tiny-lora", KEY, max_new_tokens=512, timeout=60)
        with pytest.raises(EngineError, match=f"refused the request with {status}: the context is 4096 tokens"):
            await engine.recognize(page(tiny), Request(), silent)
        assert (await engine.recognize(page(tiny), Request(), silent)).confidence > 0.5
        await engine.aclose()

    asyncio.run(main())
    held = [("structured_outputs" in body, "logprobs" in body) for body in server.seen]
    assert held == [(True, True), (False, True), (False, False), (True, True)]


def told_aside(**delta: Any) -> Response:
    return JSONResponse({"choices": [{"message": {"content": None, **delta}, "finish_reason": "stop"}]})


@pytest.mark.parametrize(
    ("mood", "kind", "said"),
    [
        (told_aside(refusal="I cannot help with that."), EngineError, "refused to answer: I cannot help"),
        (told_aside(reasoning_content="Let me see."), EngineError, "only thought .* serve an Instruct model"),
        (JSONResponse({"choices": [{"message": {"content": "flow"}, "finish_reason": "content_filter"}]}), EngineError,
         "refused to answer: a filter"),
        (JSONResponse({"error": {"message": "too long"}}, 413), EngineError, "refused the request with 413: too long"),
        (RedirectResponse("http://127.0.0.1:9/"), EngineUnavailable, "redirects elsewhere"),
        (Response("not json", 200), EngineError, "is no JSON"),
        (Response("[]", 200), EngineError, "is no JSON object"),
        (JSONResponse({"choices": []}), EngineError, "answered nothing"),
        (JSONResponse({"choices": [{"message": {"content": "I see a cat."}, "finish_reason": "stop"}]}), EngineError,
         "did not answer in the grammar .*I see a cat"),
        (JSONResponse({"error": {"message": "out of memory"}}), EngineError, "the server failed: out of memory"),
        (Response("data: {\"error\": \"gone\"}\n\n", media_type="text/event-stream"), EngineError, "failed: gone"),
        (Response(b"x" * 5_000_000, 200), EngineError, "exceeds"),
    ],
)  # fmt: skip
def test_errors_are_told(
    tiny: Tiny, running: tuple[Server, str], server: Server, mood: Response, kind: type[Exception], said: str
) -> None:
    server.moods = [mood]
    with pytest.raises(kind, match=said):
        ask(tiny, running[1])
    assert len(server.seen) == 1


def test_a_wrong_key_and_a_wrong_model(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    with pytest.raises(EngineUnavailable, match="DIAGRASP_OPENAI_KEY") as caught:
        ask(tiny, running[1], key="another-secret")
    assert "another-secret" not in str(caught.value)
    with pytest.raises(EngineUnavailable, match="for the model 'other'"):
        ask(tiny, running[1], model="other")


def test_no_server(tiny: Tiny) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=f"no server answers at http://127.0.0.1:{port}/v1"):
        ask(tiny, f"http://user:password@127.0.0.1:{port}/v1")


def test_a_silent_server(tiny: Tiny) -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
            engine = OpenAIEngine(url, "m", None, max_new_tokens=64, timeout=0.3)
            with pytest.raises(EngineError, match=r"silent for 0.3 s"):
                await engine.recognize(page(tiny), Request(), silent)
            await engine.aclose()

    asyncio.run(main())


def test_cancelling_hangs_up(tiny: Tiny, running: tuple[Server, str], server: Server) -> None:
    async def main() -> None:
        engine = OpenAIEngine(running[1], "tiny-lora", KEY, max_new_tokens=512, timeout=60)
        begun = asyncio.Event()

        def told(share: float, doing: str) -> None:
            if "tokens" in doing:
                begun.set()

        server.moods, before = ["slow"], server.cut_off
        task = asyncio.create_task(engine.recognize(page(tiny), Request(), told))
        await begun.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        for _ in range(100):
            if server.cut_off > before:
                break
            await asyncio.sleep(0.05)
        assert server.cut_off > before
        await engine.aclose()

    asyncio.run(main())


def test_settings_and_check() -> None:
    engine = create(Settings.load(openai_url="http://localhost:8001/v1/", openai_model="m", openai_key="k"))
    assert engine.check() == []
    assert engine.spec.id == "openai"
    other = create(Settings.load(openai_url="http://localhost:8001/v1", openai_model="n"))
    assert engine.revision != other.revision
    for url, said in ((None, "no server is configured"), ("ftp://x", "no http"), ("localhost", "no http")):
        problem = create(Settings.load(openai_url=url)).check()[0]
        assert said in problem.message
        assert "http://localhost:8001/v1" in problem.remedy


def test_a_server_that_holds_models_to_a_grammar_gets_ours(
    tiny: Tiny, running: tuple[Server, str], server: Server
) -> None:
    server.owner = "vllm"
    assert ask(tiny, running[1]).diagram.nodes
    assert server.seen[0]["structured_outputs"] == {"grammar": gbnf()}
    assert server.seen[0]["logprobs"] is True
    server.owner = "library"
    ask(tiny, running[1])
    assert "structured_outputs" not in server.seen[1]


def test_a_server_too_old_for_the_grammar_is_asked_without(
    tiny: Tiny, running: tuple[Server, str], server: Server
) -> None:
    server.owner = "llamacpp"
    server.moods = [JSONResponse({"error": {"message": "grammar: not supported"}}, 400)]
    assert ask(tiny, running[1]).diagram.nodes
    assert ["grammar" in body for body in server.seen] == [True, False]
    assert ["logprobs" in body for body in server.seen] == [True, True]


def test_a_server_that_lists_nothing_is_asked_all_the_same(
    tiny: Tiny, running: tuple[Server, str], server: Server
) -> None:
    server.models = ["tiny-lora"]
    server.listing = JSONResponse({"detail": "Not Found"}, 404)
    assert ask(tiny, running[1]).diagram.nodes
    with pytest.raises(EngineUnavailable, match="has nothing there"):
        ask(tiny, running[1], model=None)


def test_a_large_picture_is_asked_for_in_parts(
    tiny: Tiny, running: tuple[Server, str], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    upper, lower = page(tiny, 0), page(tiny, 1)
    halves = [Tile(0, 0, 160, upper.height), Tile(0, upper.height, 160, lower.height)]
    both = replace(upper, pixels=np.concatenate([upper.pixels, lower.pixels]))
    monkeypatch.setattr("diagrasp.engines.openai.cut", lambda *_, **__: halves)
    monkeypatch.setattr("diagrasp.engines.openai.letter_height", lambda _: letter_height(upper.pixels))

    async def main() -> Recognition:
        engine = OpenAIEngine(running[1], "tiny-lora", KEY, max_new_tokens=512, timeout=60)
        try:
            return await engine.recognize(both, Request(), silent)
        finally:
            await engine.aclose()

    found = asyncio.run(main())
    labels = [node.label for i in (0, 1) for node in tiny.examples[i].diagram.nodes]
    assert [node.label for node in found.diagram.nodes] == labels
    assert "the picture was read in 2 parts" in found.warnings
    assert found.diagram.nodes[-1].box is not None
    assert found.diagram.nodes[-1].box.y > upper.height
