"""Memory between pictures."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from diagrasp.engines.embedded.memory import Rest, give_back

PROGRAM = """
import ctypes, sys, tempfile, threading
from diagrasp.engines.embedded.memory import one_heap
if sys.argv[1] == "one":
    assert one_heap()
both = threading.Barrier(4)
def work():
    kept = [bytes(3000) for _ in range(100)]
    both.wait(10)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count(b"<heap nr="))
"""


def resident() -> int:
    """Pages that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")
def test_freed_memory_goes_back() -> None:
    blocks = [bytes(5000) for _ in range(20_000)]
    last = blocks[-1]  # it stands above all others
    full = resident()
    blocks.clear()
    assert give_back()
    assert full - resident() > 60e6 / 4096
    assert len(last) == 5000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about the heaps of glibc")
def test_threads_share_one_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)

    def heaps(how: str) -> int:
        command = [sys.executable, "-c", PROGRAM, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert heaps("one") == 1
    assert heaps("several") > 1


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Counts how often memory went back."""
    times = threading.Semaphore(0)
    monkeypatch.setattr("diagrasp.engines.embedded.memory.give_back", times.release)
    return times


def test_memory_is_kept_for_a_picture_that_follows_and_goes_back_once_none_does(
    given_back: threading.Semaphore,
) -> None:
    rest = Rest(seconds=0.05)
    with rest.working():
        with rest.working():
            pass
        assert not given_back.acquire(timeout=0.2), "another picture is still being read"
    assert given_back.acquire(timeout=10)
    assert not given_back.acquire(timeout=0.2), "once is enough"


def test_memory_goes_back_at_the_end(given_back: threading.Semaphore) -> None:
    rest = Rest(seconds=3600)
    with rest.working():
        rest.end()
        assert not given_back.acquire(blocking=False), "somebody works with it"
    rest.end()
    assert given_back.acquire(blocking=False)


def test_memory_goes_back_after_work_that_failed(given_back: threading.Semaphore) -> None:
    rest = Rest(seconds=0.01)
    with pytest.raises(ValueError, match="no picture"), rest.working():
        raise ValueError("no picture")
    assert given_back.acquire(timeout=10)
