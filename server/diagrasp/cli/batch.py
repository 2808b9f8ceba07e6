"""`diagrasp batch`: every picture of a folder."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from diagrasp.cli.main import FAILED, Misuse, run_async
from diagrasp.cli.output import targets
from diagrasp.cli.reading import Reading
from diagrasp.errors import InputError
from diagrasp.images import SUFFIXES


def run(arguments: argparse.Namespace) -> int:
    """Read the folder's pictures.  Returns the exit status."""
    reading = Reading(arguments)
    root = Path(arguments.folder)
    out = Path(arguments.out) if arguments.out else root
    if reading.spec.suffixes[0] in SUFFIXES and out.resolve().is_relative_to(root.resolve()):
        raise Misuse(
            f"{reading.spec.id} files are pictures, which the next run would read: give --out outside of {root}"
        )
    work: list[tuple[str, Path]] = []
    found = 0
    for folder, images in sorted(pictures(root).items()):
        found += len(images)
        places = targets(images, out / folder.relative_to(root), reading.spec.suffixes[0])
        for image, target in zip(images, places, strict=True):
            if arguments.force or not _fresh(target, image):
                work.append((str(image), target))
    failed = run_async(_many(reading, work)) if work else 0
    print(
        f"diagrasp: {found} pictures: {len(work) - failed} written, {found - len(work)} up to date, {failed} failed",
        file=sys.stderr,
    )
    return FAILED if failed else 0


def pictures(root: Path) -> dict[Path, list[Path]]:
    """The pictures under a folder by the folder they lie in; hidden folders and files are left out.

    Raises:
        InputError: no such folder, or no picture in it.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder" if root.exists() else f"{root}: no such folder")
    found: dict[Path, list[Path]] = {}

    def failed(error: OSError) -> None:
        raise InputError(f"{error.filename}: {error.strerror}")

    for here, folders, files in os.walk(root, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        images = sorted(name for name in files if name.lower().endswith(SUFFIXES) and not name.startswith("."))
        if images:
            found[Path(here)] = [Path(here, name) for name in images]
    if not found:
        raise InputError(f"{root} holds no pictures ({', '.join(suffix[1:] for suffix in SUFFIXES)})")
    return found


def _fresh(target: Path, image: Path) -> bool:
    try:
        return target.stat().st_mtime_ns > image.stat().st_mtime_ns
    except OSError:
        return False


async def _many(reading: Reading, work: list[tuple[str, Path]]) -> int:
    async with reading.open() as service:
        return await reading.many(service, work)
