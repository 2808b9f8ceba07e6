"""The project's example pictures, where they are at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from diagrasp_chat.texts import Language

SHOWN = 4
MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to try; `name` is what users see and type."""

    name: str
    path: Path
    language: Language


def find_examples(folder: Path | None) -> list[Example]:
    """The pictures of a folder that has NAME.png with the true graph NAME.json beside it.

    Args:
        folder: where to look; None for `docs/examples` of the checkout that this file is in.  A wheel has no
            examples, and then there are none.
    """
    folder = folder or Path(__file__).parents[2] / "docs" / "examples"
    found = []
    for picture in sorted(folder.glob("*.png")) if folder.is_dir() else []:
        truth = picture.with_suffix(".json")
        if truth.is_file() and picture.stat().st_size <= MAX_BYTES:
            found.append(Example(picture.stem.replace("_", "-"), picture, _language(truth)))
    return found


def offered(examples: list[Example], language: Language) -> list[Example]:
    """The few to show first to a reader of that language."""
    return sorted(examples, key=lambda example: example.language != language)[:SHOWN]


def _language(truth: Path) -> Language:
    try:
        text = json.dumps(json.loads(truth.read_text(encoding="utf-8")), ensure_ascii=False)
    except (OSError, ValueError):
        return "en"
    return "ru" if any("\u0400" <= ch <= "\u04ff" for ch in text) else "en"
