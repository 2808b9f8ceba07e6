"""REST through a real server."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from doors import DIAGRAM, FakeEngine, data_uri, png

from diagrasp.engines import Problem
from diagrasp.errors import EngineError, EngineUnavailable
from diagrasp.model import Diagram
from diagrasp.service import ConversionResult, RecognitionResult, RequestInfo, Statistics

pytestmark = pytest.mark.anyio
RECOGNIZE, CONVERT = "/api/v1/recognize", "/api/v1/convert"


async def test_a_form_with_a_file(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    for cached in (False, True):
        answer = await client.post(
            RECOGNIZE, files={"file": ("Заявка.png", png(), "image/png")}, data={"format": "json", "language": "en"}
        )
        assert answer.status_code == 200, answer.text
        found = RecognitionResult.model_validate_json(answer.text)
        assert (found.diagram, found.format, found.cached) == (DIAGRAM, "json", cached)
    assert [request.languages for request in engine.asked] == [("en", "ru")]
    assert "Согласовать" in answer.text  # as it is, not escaped


async def test_json_with_a_data_uri(client: httpx.AsyncClient) -> None:
    answer = await client.post(RECOGNIZE, json={"image": data_uri(png()), "format": "json", "use_cache": False})
    assert RecognitionResult.model_validate_json(answer.text).diagram == DIAGRAM


async def test_the_picture_itself_and_fields_in_the_query(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{RECOGNIZE}?format=json&page=1&use_cache=false&engine=embedded", content=png(),
        headers={"Content-Type": "image/png"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json()["format"] == "json"


async def test_the_body_wins_over_the_query(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{RECOGNIZE}?format=nonsense", files={"file": png()}, data={"format": "json", "page": ""}
    )
    assert answer.status_code == 200, answer.text


async def test_an_upload_is_named_later(client: httpx.AsyncClient) -> None:
    kept = await client.post("/api/v1/uploads", files={"file": ("a.png", png(), "image/png")})
    assert kept.status_code == 201
    id = kept.json()["id"]
    assert re.fullmatch(r"upload://[0-9a-f]{32}", id)
    answer = await client.post(RECOGNIZE, json={"image": id, "format": "json"})
    assert answer.status_code == 200, answer.text
    assert (await client.post("/api/v1/uploads", files={"file": ("a.png", b"", "image/png")})).status_code == 400


async def test_convert(client: httpx.AsyncClient) -> None:
    for sent in (
        {"json": {"source": DIAGRAM.to_json(), "to_format": "json"}},
        {"files": {"file": ("a.json", DIAGRAM.to_json().encode())}, "data": {"to_format": "json"}},
        {
            "content": DIAGRAM.to_json().encode(),
            "headers": {"Content-Type": "text/plain"},
            "params": {"to_format": "json"},
        },
    ):
        answer = await client.post(CONVERT, **sent)
        assert answer.status_code == 200, answer.text
        assert ConversionResult.model_validate_json(answer.text).diagram == DIAGRAM


async def test_a_diagram_again_in_any_format(client: httpx.AsyncClient) -> None:
    id = (await client.post(RECOGNIZE, files={"file": png()}, data={"format": "json"})).json()["id"]
    bare = await client.get(f"/api/v1/diagrams/{id}")
    assert bare.headers["content-type"] == "application/json"
    assert Diagram.from_json(bare.content) == DIAGRAM
    drawn = await client.get(f"/api/v1/diagrams/{id}.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert f'filename="diagram-{id}.svg"' in drawn.headers["content-disposition"]
    assert (await client.get("/api/v1/diagrams/0123456789abcdef")).status_code == 404
    refused = await client.get(f"/api/v1/diagrams/{id}.nonsense")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unsupported_format")


async def test_lists(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await client.post(RECOGNIZE, files={"file": png()}, data={"format": "json"})
    formats = (await client.get("/api/v1/formats")).json()
    assert {"json", "svg"} <= {found["id"] for found in formats}
    assert (await client.get("/api/v1/engines")).json()[0]["id"] == "embedded"
    recent = (await client.get("/api/v1/recent?limit=1")).json()
    assert [RequestInfo.model_validate(entry).door for entry in recent] == ["rest"]
    statistics = await client.get("/api/v1/statistics")
    assert Statistics.model_validate(statistics.json()).requests == 1
    assert str(tmp_path) not in statistics.text
    assert (await client.get("/api/v1/recent?limit=0")).status_code == 400


@pytest.mark.parametrize(
    ("sent", "status", "code", "said"),
    [
        ({"files": {"file": ("a.txt", b"no picture")}}, 400, "bad_input", ""),
        ({"files": {"file": png()[:60]}}, 400, "bad_input", ""),
        ({"files": {"other": png()}}, 400, "bad_input", "the field `file`"),
        ({"files": [("file", png()), ("file", png())]}, 400, "bad_input", ""),
        ({"data": {"format": "json"}}, 415, "unsupported_media_type", "multipart/form-data"),
        ({"files": {"x": (None, "y")}}, 400, "bad_input", ""),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "bad_input", "well-formed JSON"),
        ({"content": b"[" * 10**5, "headers": {"Content-Type": "application/json"}}, 400, "bad_input", "JSON"),
        ({"json": [1]}, 400, "bad_input", "must be an object"),
        ({"json": {"format": "json"}}, 400, "bad_input", "the field 'image' is missing"),
        ({"json": {"image": data_uri(png()), "fromat": "json"}}, 400, "bad_input", "no field 'fromat'; there are"),
        ({"json": {"image": data_uri(png()), "page": 0}}, 400, "bad_input", "page: input should be greater"),
        ({"json": {"image": data_uri(png()), "page": 9, "format": "json"}}, 404, "not_found", ""),
        ({"json": {"image": data_uri(png()), "format": "nonsense"}}, 422, "unsupported_format", "there are"),
        ({"json": {"image": data_uri(png()), "engine": "x", "format": "json"}}, 400, "bad_input", "auto, embedded"),
        ({"json": {"image": "/etc/passwd", "format": "json"}}, 403, "forbidden", "DIAGRASP_ROOTS"),
        ({"json": {"image": "file:///etc/passwd", "format": "json"}}, 403, "forbidden", "DIAGRASP_ROOTS"),
        ({"json": {"image": "https://example.com/", "format": "json"}}, 403, "forbidden", "DIAGRASP_ALLOW_URLS"),
        ({"json": {"image": "upload://" + "0" * 32, "format": "json"}}, 404, "not_found", "upload the file again"),
    ],
)  # fmt: skip
async def test_what_is_refused(
    client: httpx.AsyncClient, sent: dict[str, object], status: int, code: str, said: str
) -> None:
    answer = await client.post(RECOGNIZE, **sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    message = answer.json()["error"]["message"]
    assert said in message
    assert "\n" not in message


async def test_what_does_not_parse(client: httpx.AsyncClient) -> None:
    answer = await client.post(CONVERT, json={"source": '{"version": 1,', "to_format": "json", "from_format": "json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "parse_error")
    answer = await client.post(CONVERT, json={"source": "x"})
    assert answer.json()["error"]["message"] == "the field 'to_format' is missing"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineError("the engine stopped"), 500, "engine_error"),
        (EngineUnavailable("weights are missing"), 503, "engine_unavailable"),
        (ZeroDivisionError("/secret/path"), 500, "engine_error"),
    ],
)
async def test_engines_that_fail(
    client: httpx.AsyncClient, engine: FakeEngine, error: Exception, status: int, code: str
) -> None:
    engine.error = error
    answer = await client.post(RECOGNIZE, files={"file": png()}, data={"format": "json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_paths_and_methods_that_are_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["error"] == {"code": "not_found", "message": "no such path: /nowhere"}
    answer = await client.get(RECOGNIZE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


async def test_a_client_that_hangs_up_stops_the_work(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.hold = True
    call = asyncio.create_task(client.post(RECOGNIZE, files={"file": png()}, data={"format": "json"}))
    await asyncio.wait_for(engine.started.wait(), 5)
    call.cancel()
    await asyncio.wait_for(engine.cancelled.wait(), 5)


async def test_health_and_readiness(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.problems = [Problem("the reader's net is missing", "reinstall diagrasp")]
    assert (await client.get("/health")).json()["status"] == "ok"
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["the reader's net is missing"]


async def test_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_openapi_describes_every_route(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = set(document["paths"])
    assert {RECOGNIZE, CONVERT, "/api/v1/uploads", "/api/v1/formats", "/api/v1/engines", "/api/v1/recent"} <= described
    assert {"/api/v1/statistics", "/api/v1/diagrams/{id}", "/api/v1/diagrams/{id}.{format}"} <= described
    assert {"/health", "/health/ready", "/metrics"} <= described
    text = json.dumps(document)
    for name in re.findall(r"#/components/(\w+)/(\w+)", text):
        assert name[1] in document["components"][name[0]]


async def test_the_documentation_needs_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/api/v1/recognize", "/api/v1/diagrams/{id}.{format}", "RecognitionResult"):
        assert path in page.text
