"""`diagrasp cache`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from diagrasp.cli.main import FAILED, complain, run_async
from diagrasp.cli.reading import settings_of
from diagrasp.errors import ConfigurationError
from diagrasp.service import Service, Statistics
from diagrasp.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    """Do the action named.  Returns the exit status."""
    try:
        return run_async(_run(arguments, settings_of()))
    except ConfigurationError as error:
        if arguments.action == "stats":
            raise
        complain(error)
        return FAILED


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    async with Service.open(settings) as service:
        if arguments.action == "clear":
            if service.store.warning:
                raise ConfigurationError(service.store.warning)
            count = await service.clear_cache()
            print(f"diagrasp: {count} results dropped from {settings.db}", file=sys.stderr)
        elif arguments.action == "backup":
            await service.backup(Path(arguments.file))
        else:
            found = await service.statistics()
            if arguments.json:
                print(found.model_dump_json(indent=1))
            else:
                print(_text(found))
    return 0


def _text(found: Statistics) -> str:
    since = "" if found.since is None else f" since {time.strftime('%Y-%m-%d %H:%M', time.localtime(found.since))}"
    lines = [
        f"file      {found.db}",
        f"results   {found.results} ({found.cache_bytes:,} bytes)",
        f"requests  {found.requests}{since}, {found.errors} failed, {found.cached} answered from the cache",
    ]
    lines += [f"  by {engine}: {count}" for engine, count in sorted(found.by_engine.items())]
    if found.p50_ms is not None and found.p95_ms is not None:
        lines.append(f"time      median {found.p50_ms:.0f} ms, 95 of 100 within {found.p95_ms:.0f} ms, not cached")
    if found.warning:
        lines.append(f"warning   {found.warning}")
    return "\n".join(lines)
