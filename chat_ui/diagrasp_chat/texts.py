"""Every sentence that the chat itself says; the words are in `assets/phrases`, one file a language."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")

ASSETS = Path(__file__).parent / "assets"
# browsers of people who are likelier to read Russian than English
_RUSSIAN_READERS = {"ru", "be", "kk", "ky", "tg", "uz"}


@cache
def vocabulary(language: Language) -> dict[str, Any]:
    """The phrases, kinds, nouns and stages of a language."""
    return tomllib.loads((ASSETS / "phrases" / f"{language}.toml").read_text(encoding="utf-8"))


def say(language: Language, key: str, **values: object) -> str:
    """The phrase of that name in that language."""
    return str(vocabulary(language)["phrases"][key]).format(**values)


def kind_name(language: Language, kind: str) -> str:
    """What people call a diagram of that kind."""
    return str(vocabulary(language)["kinds"].get(kind, kind))


def stage_name(language: Language, message: str) -> str:
    """A stage of recognition in that language; one that is not known here stays as the server says it."""
    return str(vocabulary(language)["stages"].get(message.strip().lower(), message))


def feature_name(language: Language, feature: str) -> str:
    """A feature of diagrams in words, by its dotted name or the nearest part of it; empty where it is not known."""
    names = vocabulary(language)["features"]
    parts = feature.split(".")
    for length in range(len(parts), 0, -1):
        if name := names.get(".".join(parts[:length])):
            return str(name)
    return ""


def said(language: Language, message: str) -> str:
    """A line of the server's in that language, where it is known here; empty where the page says the same anyway."""
    for pattern, words in vocabulary(language)["said"]:
        if hit := re.search(pattern, message):
            return str(hit.expand(words))
    return message


def count(language: Language, number: int, noun: str) -> str:
    """`3 steps`, `3 шага`."""
    forms = vocabulary(language)["nouns"][noun]
    if language == "en":
        return f"{number} {forms[number != 1]}"
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {forms[0]}"
    few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    return f"{number} {forms[1 if few else 2]}"


def language_of(text: str, default: Language = "en") -> Language:
    """Russian where the text has Cyrillic letters, English where it has only Latin ones, else the default."""
    if re.search(r"[а-яё]", text, re.IGNORECASE):
        return "ru"
    return "en" if re.search(r"[a-z]{2}", text, re.IGNORECASE) else default


def language_of_browser(tag: str | None) -> Language:
    """The chat's language for a browser's language tag such as `ru-RU`."""
    return "ru" if (tag or "").lower().split("-")[0] in _RUSSIAN_READERS else "en"
