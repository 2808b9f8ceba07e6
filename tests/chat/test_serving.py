"""Settings, the folder that Chainlit gets, uploads, and the guard in front."""

from __future__ import annotations

import asyncio
import json
import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from diagrasp_chat import examples, files, launch
from diagrasp_chat.guard import Guard
from diagrasp_chat.settings import ChatSettings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(("DIAGRASP_", "CHAINLIT_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("url", "mcp"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/mcp"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/mcp"),
        ("https://d.example/mcp", "https://d.example/mcp"),
        ("https://d.example/tools/", "https://d.example/tools/mcp"),
    ],
)
def test_the_address_of_the_server(url: str, mcp: str) -> None:
    assert ChatSettings(url=url).mcp_url == mcp


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAGRASP_URL", "http://10.0.0.1:9")
    monkeypatch.setenv("DIAGRASP_TOKEN", "secret")
    monkeypatch.setenv("DIAGRASP_CHAT_ORIGINS", "https://a.example, https://b.example/")
    settings = ChatSettings()
    assert settings.mcp_url == "http://10.0.0.1:9/mcp"
    assert settings.token is not None
    assert settings.token.get_secret_value() == "secret"
    assert "secret" not in repr(settings)
    assert settings.origins == ("https://a.example", "https://b.example")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="is no http"):
        ChatSettings(url="file:///etc/passwd")


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("chat", False)]
)
def test_loopback(host: str, loopback: bool) -> None:
    assert ChatSettings(host=host).loopback is loopback


def test_an_open_address_needs_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        launch.main(["--host", "0.0.0.0", "--no-server"])
    assert error.value.code == 2
    assert "needs a password: set DIAGRASP_CHAT_PASSWORD" in capsys.readouterr().err


def test_a_taken_port_is_one_line_and_leaves_the_other_chat_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGRASP_CHAT_DATA", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        kept = tmp_path / f"port-{port}" / "kept"
        kept.parent.mkdir()
        kept.touch()
        with pytest.raises(SystemExit, match=f"cannot listen on 127.0.0.1:{port}"):
            launch.main(["--port", str(port), "--no-server"])
        assert kept.exists()


def test_the_folder_for_chainlit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAINLIT_APP_ROOT", "CHAINLIT_AUTH_SECRET", "OTEL_SDK_DISABLED", "TRACELOOP_TELEMETRY"):
        monkeypatch.setenv(name, "")  # so that what is set below ends with the test
    settings = ChatSettings(data=tmp_path, port=8123, max_bytes=5_000_000, password="p")  # type: ignore[arg-type]
    launch.prepare(settings)
    root = tmp_path / "port-8123"
    config = tomllib.loads((root / ".chainlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["features"]["unsafe_allow_html"] is False
    assert config["project"]["allow_origins"] == []
    assert config["features"]["mcp"] == {"enabled": False}
    upload = config["features"]["spontaneous_file_upload"]
    assert upload["max_size_mb"] == 5
    assert "*/*" not in upload["accept"]
    assert upload["accept"]["image/png"] == []
    assert ".bpmn" in upload["accept"]["application/octet-stream"]
    page = (root / "frontend" / "index.html").read_text(encoding="utf-8")
    assert "https://" not in page
    russian = json.loads((root / ".chainlit" / "translations" / "ru-RU.json").read_text(encoding="utf-8"))
    assert russian["chat"]["input"]["placeholder"].startswith("Вставьте")
    assert russian["threadHistory"]["sidebar"]["title"], "what is not translated stays as Chainlit says it"
    assert (root / "public" / "elements" / "DiagramView.jsx").is_file()
    secret = tmp_path / "session-secret"
    assert secret.stat().st_mode & 0o077 == 0
    first = secret.read_text()
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", "")
    launch.prepare(settings)
    assert secret.read_text() == first


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize(
    ("name", "data", "kind", "media_type"),
    [
        ("a.png", PNG, "picture", "image/png"),
        ("a.txt", PNG, "picture", "image/png"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture", "image/webp"),
        ("a.pdf", b"%PDF-1.7\n\xff", "picture", "application/pdf"),
        (
            "a.svg",
            b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "binary",
            "image/svg+xml",
        ),
        ("a.bpmn", b'<?xml version="1.0"?><definitions/>', "text", "text/plain"),
        ("a.mmd", "flowchart LR\n а --> б".encode(), "text", "text/plain"),
        ("a.mmd", "flowchart LR".encode("utf-16"), "text", "text/plain"),
        ("a.vsdx", b"PK\x03\x04\xff", "binary", "application/vnd.ms-visio.drawing"),
    ],
)
def test_files_are_told_by_their_bytes(name: str, data: bytes, kind: str, media_type: str) -> None:
    upload = files.classify(name, data, url="/u")
    assert upload is not None
    assert (upload.kind, upload.media_type) == (kind, media_type)


@pytest.mark.parametrize(
    ("name", "data"), [("a.zip", b"PK\x03\x04\xff"), ("a.png", b"\xff\xfe\xfd\x00\x01"), ("a.exe", b"MZ\x90\x00")]
)
def test_other_files_are_not_taken(name: str, data: bytes) -> None:
    assert files.classify(name, data) is None


def test_a_pdf_has_no_preview() -> None:
    upload = files.classify("a.pdf", b"%PDF-1.7", url="/u")
    assert upload is not None
    assert upload.url is None


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    assert files.read(path, 100) == b"x" * 100
    assert files.read(path, 99) is None


def test_suffixes_name_formats() -> None:
    suffixes = {".bpmn": "bpmn", ".mmd": "mermaid", ".xml": "bpmn"}
    assert files.format_of("Order.BPMN", suffixes) == "bpmn"
    assert files.format_of("order.xml", suffixes) == "auto"
    assert files.format_of("order", suffixes) == "auto"


def test_examples_may_be_absent(tmp_path: Path) -> None:
    assert examples.find_examples(tmp_path / "nowhere") == []
    for name in ("order-approval-ru", "zz-en", "no-truth-en"):
        (tmp_path / f"{name}.png").write_bytes(PNG)
    for name in ("order-approval-ru", "zz-en"):
        (tmp_path / f"{name}.json").write_text("{}")
    found = examples.find_examples(tmp_path)
    assert [example.path.stem for example in found] == ["order-approval-ru", "zz-en"]
    assert [example.path.stem for example in examples.offered(found, "en")] == ["zz-en", "order-approval-ru"]
    named = examples.named(found, "Согласование заказа")
    assert named is not None
    assert named.path.stem == "order-approval-ru"
    assert examples.named(found, "../../etc/passwd") is None


def call(guard: Guard, scope: dict[str, Any]) -> dict[str, Any]:
    """The first message that the guard answers with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))  # type: ignore[arg-type]
    return sent[0]


async def through(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    else:
        await send({"type": "websocket.accept"})


def request(method: str = "GET", path: str = "/", type: str = "http", **headers: str) -> dict[str, Any]:
    named = {"host": "127.0.0.1:8001", **{key.replace("_", "-"): value for key, value in headers.items()}}
    encoded = [(key.encode(), value.encode()) for key, value in named.items()]
    return {"type": type, "method": method, "path": path, "headers": encoded}


@pytest.fixture
def guard() -> Guard:
    return Guard(through, max_bytes=1000, hosts={"127.0.0.1", "localhost"}, origins=["https://chat.example"])


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (request(), 200),
        (request(host="localhost:9"), 200),
        (request(host="chat.example"), 200),
        (request(host="evil.example"), 421),
        (request(host=""), 421),
        (request("POST", origin="http://127.0.0.1:8001"), 200),
        (request("POST", origin="https://chat.example"), 200),
        (request("POST", origin="http://127.0.0.1:9999"), 403),
        (request("POST", origin="null"), 403),
        (request("GET", origin="https://evil.example"), 200),
        (request("POST", "/project/file", content_length="60000"), 200),
        (request("POST", "/project/file", content_length="70000"), 413),
        (request("POST", "/project/file", transfer_encoding="chunked"), 411),
        (request("PUT", "/project/element", content_length="9000000"), 413),
    ],
)
def test_who_gets_through(guard: Guard, scope: dict[str, Any], status: int) -> None:
    assert call(guard, scope)["status"] == status


def test_web_sockets_of_other_pages_are_refused(guard: Guard) -> None:
    assert call(guard, request(type="websocket", origin="http://127.0.0.1:8001"))["type"] == "websocket.accept"
    refused = call(guard, request(type="websocket", origin="https://evil.example"))
    assert (refused["type"], refused["code"]) == ("websocket.close", 1008)


def test_answers_carry_a_policy(guard: Guard) -> None:
    headers = dict(call(guard, request())["headers"])
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    stored = dict(call(guard, request(path="/project/file/x"))["headers"])
    assert b"sandbox" in stored[b"content-security-policy"]
    assert b"default-src 'none'" in stored[b"content-security-policy"]
