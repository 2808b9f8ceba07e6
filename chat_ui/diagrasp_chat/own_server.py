"""A diagrasp server for a chat on one machine: started where none runs, stopped with the chat."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from diagrasp_chat.guard import LOOPBACK
from diagrasp_chat.settings import ChatSettings

START_TIMEOUT = 20.0
STOP_TIMEOUT = 10.0


@contextlib.contextmanager
def own_server(settings: ChatSettings) -> Iterator[str]:
    """Run `diagrasp serve --http` for as long as the block lasts, where that is wanted and possible.

    Nothing is started when something answers already, when the address is another machine's, or when there is no
    `diagrasp` command; the chat then works with what there is, or tells how to start one.

    Yields:
        a line for the terminal.
    """
    parts = urlsplit(settings.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    command = shutil.which("diagrasp")
    if _answers(host, port):
        yield f"using the server at {settings.url}"
        return
    if host not in LOOPBACK or parts.scheme != "http" or parts.path.strip("/") not in ("", "mcp") or command is None:
        yield f"no server answers at {settings.url}; start it with: diagrasp serve --http"
        return
    arguments = [command, "serve", "--http", "--host", host, "--port", str(port)]
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)  # noqa: S603 - the command of this project
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while process.poll() is None and not _answers(host, port) and time.monotonic() < deadline:
            time.sleep(0.1)
        failed = process.poll()
        yield f"started a server at {settings.url}" if failed is None else f"the server ended with code {failed}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
