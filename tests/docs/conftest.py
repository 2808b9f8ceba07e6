from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from snippets import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.make(tmp_path_factory.mktemp("docs") / "here")


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[str]:
    """A server for the pages that speak to one; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = (place.folder / "server.log").open("w")
    process = subprocess.Popen(
        ["diagrasp", "serve", "--http", "--port", port], cwd=place.folder, env=place.environment, stdout=log, stderr=log
    )
    try:
        for _ in range(150):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None, Path(log.name).read_text()
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        log.close()
