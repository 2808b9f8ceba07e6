#!/usr/bin/env python3
"""Time how long the program takes to start, beside a bare Python.

    tools/startup.py [RUNS]

Prints the median of each command in milliseconds and how many bare starts it is worth.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "diagrasp --help": [sys.executable, "-m", "diagrasp", "--help"],
    "diagrasp formats": [sys.executable, "-m", "diagrasp", "formats"],
}


def milliseconds(command: list[str], runs: int) -> float:
    """The median of so many runs, after one that warms the disk's cache."""
    times = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[1:])


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    bare = None
    for name, command in COMMANDS.items():
        median = milliseconds(command, runs)
        bare = bare or median
        print(f"{name:20} {median:7.0f} ms {median / bare:6.1f} x")


if __name__ == "__main__":
    main()
