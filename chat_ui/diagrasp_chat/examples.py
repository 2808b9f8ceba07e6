"""The project's example pictures, where they are at hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from diagrasp_chat.texts import ASSETS, LANGUAGES, Language

SHOWN = 4
MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to try; `titles` are what users see and type, by language."""

    path: Path
    language: Language
    titles: dict[Language, str]


def find_examples(folder: Path | None) -> list[Example]:
    """The pictures of a folder that has NAME.png with the true graph NAME.json beside it, the best known first.

    Args:
        folder: where to look; None for `docs/examples` of the checkout that this file is in.  A wheel has no
            examples, and then there are none.
    """
    folder = folder or Path(__file__).parents[2] / "docs" / "examples"
    known = tomllib.loads((ASSETS / "examples.toml").read_text(encoding="utf-8"))
    order = {name: place for place, name in enumerate(known)}
    pictures = folder.glob("*.png") if folder.is_dir() else ()
    found = []
    for picture in sorted(pictures, key=lambda path: (order.get(path.stem, len(order)), path.stem)):
        if picture.with_suffix(".json").is_file() and picture.stat().st_size <= MAX_BYTES:
            titles = known.get(picture.stem) or dict.fromkeys(LANGUAGES, picture.stem)
            found.append(Example(picture, "ru" if picture.stem.endswith("-ru") else "en", titles))
    return found


def offered(examples: list[Example], language: Language) -> list[Example]:
    """The few to show first to a reader of that language."""
    return sorted(examples, key=lambda example: example.language != language)[:SHOWN]


def named(examples: list[Example], title: str) -> Example | None:
    """The example of that title in any language, or of that file name."""
    wanted = title.casefold()
    for example in examples:
        if wanted in {example.path.stem.casefold(), *(own.casefold() for own in example.titles.values())}:
            return example
    return None
