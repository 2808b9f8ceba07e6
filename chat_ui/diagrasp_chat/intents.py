"""What a typed message asks for, in Russian and English.  Pure functions of the text and the server's formats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from diagrasp_chat import words
from diagrasp_chat.client import Format


@dataclass(frozen=True, slots=True)
class Help:
    """What can be done here."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a diagram; `format` is a name from a code fence, empty where there is none."""

    text: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Convert:
    """Write the current diagrams in these formats (ids of the server); `unknown` is a word that names none."""

    formats: tuple[str, ...]
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """Show a part of the result again."""

    what: Literal["steps", "outline", "result"]


@dataclass(frozen=True, slots=True)
class Page:
    """Read another page of the last file."""

    number: int


@dataclass(frozen=True, slots=True)
class Example:
    """Read one of the pictures that come with the project."""

    name: str


Topic = Literal[
    "next", "previous", "who", "role_steps", "roles", "count", "conditions", "when", "start", "end", "loops", "describe"
]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the graph answers.

    Attributes:
        number: of the step that it is about, empty where none is given.
        about: the other words, to be matched with labels and roles.
        noun: what to count.
    """

    topic: Topic
    number: str = ""
    about: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """None of the above."""


Intent = Help | Source | Convert | Show | Page | Example | Question | Unknown


LONGEST = 300
"""Characters of the longest request that is looked at; longer ones are talk."""


def parse(text: str, formats: Sequence[Format] = ()) -> Intent:
    """What a message asks for."""
    whole = text.strip()
    if (source := find_source(whole)) is not None:
        return source
    if named := words.EXAMPLE.fullmatch(whole):
        return Example(named[1].strip())
    flat = " ".join(whole.casefold().replace("ё", "е").split())
    bare = flat.strip(" .!?…")
    if len(bare) > LONGEST:
        return Unknown()
    if bare in words.HELP or words.HELP_QUESTION.fullmatch(bare):
        return Help()
    if page := words.PAGE.fullmatch(bare):
        return Page(int(page[1]))
    if (show := _show(bare)) is not None:
        return show
    question = _question(bare)
    commanded = re.match(rf"(?:{words.POLITE}\s+)?{words.VERB}\b", bare)
    if question is not None and not commanded:
        return question
    return _convert(bare, formats) or question or Unknown()


def find_source(text: str) -> Source | None:
    """The text of a diagram in a message: fenced, or told by its first words."""
    for source in _fenced(text):
        if source.format or _starts_a_source(source.text):
            return source
    if _starts_a_source(text):
        return Source(text)
    return Source(text, "steps") if len(words.NUMBERED_LINE.findall(text)) >= 2 else None


def _fenced(text: str) -> Iterator[Source]:
    """The code blocks of a message."""
    language = ""
    block: list[str] | None = None
    for line in text.split("\n"):
        fence = words.FENCE.match(line)
        if block is None and fence:
            language, block = fence[1].lower(), []
        elif block is not None and fence:
            yield Source("\n".join(block), language)
            block = None
        elif block is not None:
            block.append(line)


def _starts_a_source(text: str) -> bool:
    """Whether a text begins like a diagram; Mermaid's comments, directives and front matter before it do not count."""
    lines = text.split("\n")
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith("%%")):
        start += 1
    if start < len(lines) and lines[start].strip() == "---":
        closing = (place for place in range(start + 1, min(len(lines), start + 50)) if lines[place].strip() == "---")
        start = next(closing, start) + 1
    while start < len(lines) and lines[start].lstrip().startswith("%%"):
        start += 1
    return bool(words.SOURCE_START.match("\n".join(lines[start : start + 5]) + "\n"))


def find_formats(text: str, formats: Sequence[Format]) -> list[str]:
    """Ids of the formats that a text in lower case names, in the order named."""
    found: list[tuple[int, str]] = []
    for format in formats:
        names = {format.id, format.title, *format.aliases, *(suffix.lstrip(".") for suffix in format.suffixes)}
        patterns = [re.escape(name.casefold()) for name in names if name and name.casefold() not in ("txt", "text")]
        patterns.append(words.SPOKEN_FORMATS.get(format.id, r"(?!)"))
        # longest first: "plant uml" before "plant"
        pattern = "|".join(sorted(patterns, key=len, reverse=True))
        if hit := re.search(rf"(?<![\w-])\.?(?:{pattern})(?![\w-])", text):
            found.append((hit.start(), format.id))
    return [id for _, id in sorted(found)]


def _convert(text: str, formats: Sequence[Format]) -> Convert | None:
    able = [format.id for format in formats if format.writes]
    if re.search(words.ALL_FORMATS, text):
        return Convert(tuple(able))
    verb = re.search(rf"\b{words.VERB}\b", text)
    aim = re.search(rf"\b{words.TO}\s+(?:(?:the|формат\w*|format)\s+)?([\w.+-]+)", text)
    named = find_formats(text, formats)
    if named and (verb or aim or re.search(rf"\b{words.SHOW}\b", text) or len(text.split()) <= 2):
        # "from drawio to bpmn": the target stands after the preposition
        after = find_formats(text[aim.start() :], formats) if aim else []
        wanted = [id for id in after if id in able] or [id for id in named if id in able]
        return Convert(tuple(wanted), "" if wanted else named[0])
    if verb and aim and aim[1] not in words.NOT_LABELS and re.search(words.SURE_VERB, text):
        return Convert((), aim[1])
    return None


def _show(text: str) -> Show | None:
    if words.SHOW_STEPS.fullmatch(text):
        return Show("steps")
    if words.SHOW_OUTLINE.fullmatch(text):
        return Show("outline")
    return Show("result") if words.SHOW_RESULT.fullmatch(text) else None


def _question(text: str) -> Question | None:
    hit = words.STEP_NUMBER.search(text)
    number = (hit[1] or hit[2]) if hit else ""
    forward = words.FORWARD.search(text)
    for topic, pattern in words.TOPICS:
        if not pattern.search(text) or (topic == "previous" and forward):
            continue
        if topic == "describe" and not number:
            return None
        noun = next(name for name, nouns in words.NOUNS if nouns.search(text)) if topic == "count" else ""
        return Question(cast(Topic, topic), number, _about(text), noun)
    return None


def _about(text: str) -> str:
    """The words that may be part of a label: what is quoted, else all that carry meaning."""
    if quoted := re.search(r"[«\"“„]([^»\"”“]+)[»\"”“]", text):
        return quoted[1].strip()
    found = re.findall(r"[\w-]+", text)
    return " ".join(word for word in found if word not in words.NOT_LABELS and not word.isdigit())
