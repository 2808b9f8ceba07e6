"""Memory between pictures."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from diagrasp.engines.embedded.memory import give_back


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
