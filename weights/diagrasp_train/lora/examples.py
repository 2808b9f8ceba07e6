"""Pictures with their true graphs: folders of `NAME.png` beside `NAME.json`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from diagrasp.errors import InputError
from diagrasp.images import SUFFIXES, load_picture
from diagrasp.model import Diagram

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES: Final = 64_000_000
MOST_PIXELS: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A picture, (H, W, 3) RGB, and what it shows; boxes in the picture's pixels."""

    name: str
    pixels: NDArray[np.uint8]
    diagram: Diagram

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def read_folder(folder: Path) -> list[Example]:
    """Every picture of a folder that has a graph of its name beside it, by name.

    Raises:
        InputError: there is none, a graph is no diagram, or a picture cannot be read; names the file.
    """
    found = []
    for truth in sorted(folder.glob("*.json")):
        picture = next((each for s in SUFFIXES if (each := truth.with_suffix(s)).is_file()), None)
        if picture is None:
            continue
        try:
            diagram = Diagram.from_json(truth.read_bytes())
        except ValidationError as error:
            raise InputError(f"{truth} is no diagram: {error.errors()[0]['msg']}") from None
        loaded = load_picture(picture.read_bytes(), name=picture.name, max_bytes=MOST_BYTES, max_pixels=MOST_PIXELS)
        found.append(Example(truth.stem, loaded.pixels, diagram))
    if not found:
        raise InputError(f"{folder} holds no pictures with a NAME.json beside them")
    return found


def read_folders(folders: Iterable[Path]) -> list[Example]:
    """The pictures of several folders.  Raises InputError."""
    return [example for folder in folders for example in read_folder(folder)]
