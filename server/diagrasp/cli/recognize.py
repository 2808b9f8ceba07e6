"""`diagrasp recognize`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from diagrasp.cli.main import FAILED, complain, run_async
from diagrasp.cli.output import refuse_terminal, targets, write_stdout
from diagrasp.cli.reading import Reading, payload, read_input
from diagrasp.errors import DiagraspError


def run(arguments: argparse.Namespace) -> int:
    """Read the pictures named.  Returns the exit status."""
    reading = Reading(arguments)
    images: list[str] = list(dict.fromkeys(arguments.images))
    if len(images) == 1 and arguments.out is None:
        if reading.spec.binary:
            refuse_terminal(reading.spec.id, "give --out DIR")
        try:
            return run_async(_one(reading, images[0]))
        except DiagraspError as error:
            complain(error, where=images[0])
            return FAILED
    names = [Path("stdin" if image == "-" else image) for image in images]
    folder = Path(arguments.out or ".")
    work = list(zip(images, targets(names, folder, reading.spec.suffixes[0]), strict=True))
    return run_async(_many(reading, work))


async def _one(reading: Reading, image: str) -> int:
    data = read_input(image, reading.settings.max_bytes)
    async with reading.open() as service:
        with tqdm(  # only for someone who waits long
            total=100, delay=2, leave=False, disable=not sys.stderr.isatty(), file=sys.stderr, bar_format="{desc} {bar}"
        ) as bar:

            def progress(share: float, text: str) -> None:
                bar.set_description_str(text, refresh=False)
                bar.update(100 * share - bar.n)

            result = await reading.one(service, data, image, progress)
        write_stdout(payload(result))
    return 0


async def _many(reading: Reading, work: list[tuple[str, Path]]) -> int:
    async with reading.open() as service:
        failed = await reading.many(service, work)
    return FAILED if failed else 0
