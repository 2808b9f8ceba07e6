"""Memory between pictures."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from diagrasp.engines.embedded.memory import give_back

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
