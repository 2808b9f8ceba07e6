"""`diagrasp serve --http` as a process: it says where it listens, and ends as it should."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "diagrasp", "serve", "--http"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ours = {"DIAGRASP_DB": str(tmp_path / "test.db"), "DIAGRASP_LOG_LEVEL": "info"}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("DIAGRASP_")}, **ours}


@pytest.fixture
def process(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    found = subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        cwd=tmp_path,
    )  # fmt: skip
    yield found
    if found.poll() is None:
        found.kill()
    found.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_it_serves_until_it_is_told_to_stop(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said = process.stderr.readline()
    where = re.match(r"diagrasp: (http://127\.0\.0\.1:\d+) ", said)
    assert where is not None, said
    with httpx.Client(base_url=where[1], trust_env=False, timeout=30) as client:
        assert client.get("/health").json()["status"] == "ok"
        converted = client.post(
            "/api/v1/convert", json={"source": "flowchart TD\n a[Проверить] --> b[Оплатить]", "to_format": "json"}
        )
        assert "Проверить" in converted.text
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert output == ""
    assert "Traceback" not in errors
    assert re.search(r"diagrasp\.access: [0-9a-f]{16} POST /api/v1/convert 200 ", errors)


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--host", "0.0.0.0"], {}, "needs a token"),
        ([], {"DIAGRASP_HOST": "::"}, "needs a token"),
        (["--host", "0.0.0.0"], {"DIAGRASP_TOKEN": "short"}, "fewer than 16 characters"),
        ([], {"DIAGRASP_TOKENS_FILE": "missing.txt"}, "missing.txt cannot be read"),
        (["--host", "no.such.host.invalid"], {"DIAGRASP_TOKEN": "0123456789abcdef"}, "cannot listen on"),
    ],
)
def test_what_it_refuses_to_be(
    environment: dict[str, str], tmp_path: Path, arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env={**environment, **variables}, cwd=tmp_path,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60,
            check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
