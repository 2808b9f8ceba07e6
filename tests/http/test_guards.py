"""Who may come in, how often and with how much."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
import uvicorn
from doors import FakeEngine, data_uri, opener, png, settings_in

from diagrasp.errors import ConfigurationError
from diagrasp.http import create_app
from diagrasp.http.guards import RateGuard, is_loopback

pytestmark = pytest.mark.anyio
TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
LISTED = "/api/v1/formats"
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_beyond_the_loopback_a_token_is_demanded(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigurationError, match="needs a token"):
        create_app(settings_in(tmp_path, host=host))
    create_app(settings_in(tmp_path, host=host, token=TOKEN))


def test_what_is_loopback() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "", "127.0.0.1.nip.io"]))


def test_tokens_that_will_not_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="fewer than 16"):
        create_app(settings_in(tmp_path, host="0.0.0.0", token="short"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        create_app(settings_in(tmp_path, tokens_file=tmp_path / "missing"))
    (tmp_path / "tokens").write_text("# none yet\n\n")
    with pytest.raises(ConfigurationError, match="holds no token"):
        create_app(settings_in(tmp_path, tokens_file=tmp_path / "tokens"))


async def test_tokens(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"# the chat\n{OTHER}\n")
    async with serve(token=TOKEN, tokens_file=tmp_path / "tokens") as client:
        for token in (TOKEN, OTHER):
            assert (await client.get(LISTED, headers=bearer(token))).status_code == 200
        wrong = [
            {},
            {"Authorization": "Bearer"},
            bearer(TOKEN[:-1]),
            bearer(TOKEN + "0"),
            bearer(TOKEN.upper()),
            bearer("# the chat"),
        ]
        wrong += [
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": TOKEN},
            {b"Authorization": b"Bearer \xff\xfe"},
        ]
        for headers in wrong:
            answer = await client.get(LISTED, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized"), headers
            assert answer.headers["www-authenticate"] == "Bearer"
            assert TOKEN[:8] not in answer.text
        for path in ("/health", "/health/ready", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200
        for path in ("/metrics", "/api/v1/recent", "/api/v1/statistics", "/api/v1/diagrams/x", "/health/../metrics"):
            assert (await client.get(path)).status_code == 401, path
        assert "bearer" in (await client.get("/openapi.json")).json()["components"]["securitySchemes"]


async def test_tokens_are_compared_in_constant_time_and_all_of_them(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def noted(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return real(a, b)

    (tmp_path / "tokens").write_text(OTHER)
    async with serve(token=TOKEN, tokens_file=tmp_path / "tokens") as client:
        monkeypatch.setattr("diagrasp.http.guards.hmac.compare_digest", noted)
        await client.get(LISTED, headers=bearer(TOKEN))
        assert compared == [(32, 32), (32, 32)]  # both, though the first one matched; digests, so of one length
        await client.get(LISTED, headers=bearer("x"))
        assert compared == [(32, 32)] * 4


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:9999", 200),
        ("[::1]:9999", 200),
        ("LOCALHOST:80", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:80", 421),
        ("", 421),
    ],
)
async def test_the_host_must_be_ours(client: httpx.AsyncClient, host: str, status: int) -> None:
    for method, path in (("GET", LISTED), ("POST", "/mcp"), ("GET", "/docs")):
        answer = await client.request(method, path, headers={"Host": host})
        assert (answer.status_code == 421) == (status == 421), path
    if status == 421:
        assert answer.json()["error"]["code"] == "wrong_host"


async def test_hosts_that_are_listed(serve: Serve) -> None:
    async with serve(allowed_hosts=("diagrams.example",)) as client:
        for host in ("diagrams.example", "diagrams.example:8000", "localhost"):
            assert (await client.get(LISTED, headers={"Host": host})).status_code == 200
        assert (await client.get(LISTED, headers={"Host": "evil.example"})).status_code == 421


async def test_beyond_the_loopback_any_host_will_do_unless_some_are_listed(serve: Serve) -> None:
    async with serve(host="0.0.0.0", token=TOKEN) as client:
        assert (await client.get("/health", headers={"Host": "server:8000"})).status_code == 200
    async with serve(host="0.0.0.0", token=TOKEN, allowed_hosts=("server",)) as client:
        assert (await client.get("/health", headers={"Host": "server:8000"})).status_code == 200
        assert (await client.get("/health", headers={"Host": "other"})).status_code == 421


async def test_pages_of_elsewhere_may_not_call(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        for path in ("/api/v1/recognize", "/mcp"):
            answer = await client.post(path, json={"image": data_uri(png())}, headers={"Origin": origin})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers
    assert engine.asked == []
    own = str(client.base_url).rstrip("/")
    assert (await client.get(LISTED, headers={"Origin": own})).status_code == 200


async def test_origins_that_are_listed(serve: Serve) -> None:
    async with serve(cors_origins=("https://app.example",), token=TOKEN) as client:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        preflight = await client.options(LISTED, headers={"Origin": "https://app.example", **asked})
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "https://app.example"
        answer = await client.get(LISTED, headers={"Origin": "https://app.example", **bearer(TOKEN)})
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in answer.headers
        assert (await client.options(LISTED, headers={"Origin": "https://evil.example", **asked})).status_code == 403


async def test_a_rate_for_each_client(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(OTHER)
    async with serve(rate_limit=3, token=TOKEN, tokens_file=tmp_path / "tokens") as client:
        sent = {"files": {"file": b"no picture"}, "headers": bearer(TOKEN)}
        assert [(await client.post("/api/v1/recognize", **sent)).status_code for _ in range(4)] == [400] * 3 + [429]
        answer = await client.post("/api/v1/recognize", **sent)
        assert answer.json()["error"]["code"] == "rate_limited"
        assert 1 <= int(answer.headers["retry-after"]) <= 20
        assert (await client.post("/api/v1/recognize", **{**sent, "headers": bearer(OTHER)})).status_code == 400
        assert (await client.get(LISTED, headers=bearer(TOKEN))).status_code == 200


async def test_the_rate_refills_and_forgets_old_clients() -> None:
    now = [0.0]

    async def nothing(*_: object) -> None: ...

    guard = RateGuard(nothing, per_minute=60, clients=2, clock=lambda: now[0])
    assert [guard._take("a") for _ in range(60)] == [0.0] * 60
    assert guard._take("a") == pytest.approx(1.0)
    now[0] = 1.5
    assert guard._take("a") == 0.0
    assert guard._take("a") == pytest.approx(0.5)
    guard._take("b")
    guard._take("c")
    assert len(guard._buckets) == 2


async def test_bodies_have_a_limit(serve: Serve, engine: FakeEngine) -> None:
    async with serve(max_bytes=30_000) as client:

        async def endless() -> object:
            for _ in range(500):
                yield b"x" * 10_000

        for path in ("/api/v1/recognize", "/mcp"):
            answer = await client.post(path, content=b"x" * 200_000, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
            answer = await client.post(path, content=endless(), headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
        picture = {"file": png() + b"\0" * 40_000}
        assert (await client.post("/api/v1/recognize", files=picture)).status_code == 413
        image = {"image": data_uri(png() + b"\0" * 40_000)}
        assert (await client.post("/api/v1/recognize", json=image)).status_code == 413
        assert (
            await client.post("/api/v1/recognize", files={"file": png()}, data={"format": "json"})
        ).status_code == 200
    async with serve(max_pixels=1000) as client:
        answer = await client.post("/api/v1/recognize", files={"file": png(400, 200, "B")}, data={"format": "json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert len(engine.asked) == 1


async def test_a_body_that_never_ends_is_given_up(serve: Serve) -> None:
    async with serve(timeout=0.5) as client:
        url = client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        head = "POST /api/v1/recognize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        assert b" 408 " in answer.partition(b"\r\n")[0]


async def test_the_queue_is_bounded(serve: Serve, engine: FakeEngine) -> None:
    engine.hold = True
    async with serve(workers=1, queue=1) as client:

        async def ask(label: str) -> httpx.Response:
            return await client.post("/api/v1/recognize", files={"file": png(label=label)}, data={"format": "json"})

        one, two = asyncio.create_task(ask("1")), asyncio.create_task(ask("2"))
        await asyncio.wait_for(engine.started.wait(), 5)
        while (await client.get("/api/v1/statistics")).json()["waiting"] < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        refused = await ask("3")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        engine.release.set()
        assert [(await task).status_code for task in (one, two)] == [200, 200]


async def test_what_is_under_way_is_finished_before_the_server_ends(tmp_path: Path, engine: FakeEngine) -> None:
    engine.hold = True
    settings = settings_in(tmp_path)
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, open_service=opener(settings, engine)), log_config=None, lifespan="on")
    )
    with socket.create_server(("127.0.0.1", 0)) as sock:
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            url = f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1/recognize"
            asked = asyncio.create_task(client.post(url, files={"file": png()}, data={"format": "json"}))
            await asyncio.wait_for(engine.started.wait(), 10)
            server.should_exit = True
            await asyncio.sleep(0.3)
            assert not engine.closed
            engine.release.set()
            assert (await asked).status_code == 200
        await asyncio.wait_for(serving, 10)
    assert engine.closed


async def test_a_picture_may_take_so_long(serve: Serve, engine: FakeEngine) -> None:
    engine.hold = True
    async with serve(timeout=0.6) as client:
        answer = await client.post("/api/v1/recognize", files={"file": png()}, data={"format": "json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timeout")


async def test_requests_are_traced_without_secrets(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "diagrasp.access")
    async with serve(token=TOKEN) as client:
        answer = await client.get(f"{LISTED}?key=hidden", headers={**bearer(TOKEN), "X-Request-ID": "mine-1"})
        assert answer.headers["x-request-id"] == "mine-1"
        forged = await client.get(LISTED, headers={**bearer(TOKEN), "X-Request-ID": "a b"})
        assert forged.headers["x-request-id"] != "a b"
        assert answer.headers["x-content-type-options"] == "nosniff"
        await client.get("/a%0Ab", headers=bearer("wrong-token-shown"))
    lines = [record.getMessage() for record in caplog.records if record.name == "diagrasp.access"]
    assert lines[0].startswith(f"mine-1 GET {LISTED} 200 ")
    assert len(lines) == 3
    assert not any(secret in line for line in lines for secret in (TOKEN, "hidden", "wrong-token", "\n"))


async def test_a_crash_is_answered_and_logged_but_not_shown(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: object) -> None:
        raise ZeroDivisionError("/secret/path")

    monkeypatch.setattr("diagrasp.http.api.describe_formats", crash)
    answer = await client.get(LISTED)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["error"]["message"]
    assert any(record.exc_info and "/secret/path" in str(record.exc_info[1]) for record in caplog.records)
