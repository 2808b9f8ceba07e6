"""The same diagram gives the same bytes in whatever process, however Python scatters its hashes."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import hashlib
from diagrasp.formats import FormatRegistry, Writer
from diagrasp.testing import HOSTILE, sample, with_labels
for each in FormatRegistry(external=False):
    if isinstance(each, Writer):
        for kind in sorted(each.spec.kinds):
            for diagram in (sample(each.spec, kind), with_labels(each.spec, kind, HOSTILE[:20])):
                written = each.write(diagram)
                told = repr(written.losses).encode()
                print(each.spec.id, kind, hashlib.sha256(written.data).hexdigest(), hashlib.sha256(told).hexdigest())
"""


def test_every_writer_gives_the_same_bytes_in_every_process() -> None:
    def run(seed: str) -> list[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True, timeout=280
        )
        return done.stdout.splitlines()

    first = run("1")
    assert len({line.split()[0] for line in first}) > 10
    for seed in ("2", "12345"):
        assert run(seed) == first
