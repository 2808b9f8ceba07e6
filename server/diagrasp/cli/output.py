"""Where results go: stdout, or files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from diagrasp.cli.main import Misuse


def write_stdout(data: bytes) -> None:
    """Bytes as they are.  Raises BrokenPipeError."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def refuse_terminal(format: str, remedy: str) -> None:
    """Raises Misuse where data that is no text would go to a terminal."""
    if sys.stdout.isatty():
        raise Misuse(f"{format} is no text and would garble the terminal; {remedy}")


def write_file(path: Path, data: bytes) -> None:
    """Write beside the target under another name, then put it in place.

    Raises:
        OSError.
    """
    path = path.resolve()  # a link keeps pointing where it does
    if path.exists() and not path.is_file():  # a device or a pipe: there is nothing to replace
        path.write_bytes(data)
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def targets(images: Sequence[Path], folder: Path, suffix: str) -> list[Path]:
    """Where each picture's result goes: NAME + suffix, or NAME.ext + suffix where two share a stem.

    Names that are still equal are numbered: `NAME.ext-2` + suffix.  No result takes a picture's own place.
    """
    counts = Counter(image.stem.casefold() for image in images)
    taken = {str(image.resolve()).casefold() for image in images}
    found = []
    for image in images:
        names = [image.name, *(f"{image.name}-{number}" for number in range(2, len(images) + 2))]
        if counts[image.stem.casefold()] == 1:
            names.insert(0, image.stem)
        places = (folder / f"{name}{suffix}" for name in names)
        place = next(place for place in places if str(place.resolve()).casefold() not in taken)
        taken.add(str(place.resolve()).casefold())
        found.append(place)
    return found
