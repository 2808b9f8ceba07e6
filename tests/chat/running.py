"""Real processes for the tests in the browser: the diagrasp server and the chat."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
START_TIMEOUT = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def diagrasp() -> str:
    """The server's command: of this checkout's environment, else of the path."""
    own = ROOT / ".venv" / "bin" / "diagrasp"
    found = str(own) if own.is_file() else shutil.which("diagrasp")
    assert found, "the command diagrasp is missing: run make test-chat"
    return found


def chromium() -> str:
    """A Chromium of the system."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    raise AssertionError("the tests in the browser need Chromium: run make packages, or set CHROMIUM")


@contextlib.contextmanager
def process(command: list[str], port: int, log: Path, **environment: str) -> Iterator[str]:
    """A program that serves on a port; yields its address."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("DIAGRASP_", "CHAINLIT_"))}
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**inherited, **environment}, cwd=log.parent
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            ended = running.poll()
            assert ended is None, f"{command[0]} ended with code {ended}:\n{log.read_text(errors='replace')}"
            assert time.monotonic() < deadline, f"{command[0]} does not start:\n{log.read_text(errors='replace')}"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextlib.contextmanager
def server(folder: Path, port: int | None = None, **environment: str) -> Iterator[str]:
    """A real `diagrasp serve --http` with a cache of its own."""
    port = port or free_port()
    command = [diagrasp(), "serve", "--http", "--port", str(port)]
    with process(
        command, port, folder / f"server-{port}.log", DIAGRASP_DB=str(folder / f"{port}.db"), **environment
    ) as url:
        yield url


@contextlib.contextmanager
def chat(folder: Path, url: str, *, own_server: bool = False, **environment: str) -> Iterator[str]:
    """A real `diagrasp-chat` that speaks to that server, or starts one there."""
    port = free_port()
    command = [sys.executable, "-m", "diagrasp_chat", "--url", url, "--port", str(port)]
    if own_server:
        environment["PATH"] = os.pathsep.join([str(Path(diagrasp()).parent), os.environ.get("PATH", "")])
        environment["DIAGRASP_DB"] = str(folder / "own.db")
    else:
        command.append("--no-server")
    with process(
        command, port, folder / f"chat-{port}.log", DIAGRASP_CHAT_DATA=str(folder / "data"), **environment
    ) as at:
        yield at
