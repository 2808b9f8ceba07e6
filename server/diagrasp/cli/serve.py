"""`diagrasp serve`."""

from __future__ import annotations

import argparse

from diagrasp.cli.main import Misuse
from diagrasp.cli.reading import settings_of


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped.  Returns the exit status."""
    if arguments.door == "http":
        from diagrasp.http import run_http

        run_http(settings_of(host=arguments.host, port=arguments.port))
        return 0
    if arguments.host is not None or arguments.port is not None:
        raise Misuse("--host and --port belong to --http")
    from diagrasp.mcp import run_stdio

    run_stdio(settings_of())
    return 0
