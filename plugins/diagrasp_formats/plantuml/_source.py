"""What stands around a diagram's statements in PlantUML: pages, comments, preprocessor, blocks of text, looks.

The lines keep their numbers: what is taken out leaves empty lines.  Everything here is linear in the source's length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagrasp.errors import NotFoundError, ParseError
from diagrasp_formats._common import Losses
from diagrasp_formats.plantuml._text import decode

_BLOCK_COMMENT = re.compile(r"/'.*?'/", re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*'[^\n]*", re.MULTILINE)
_START = re.compile(r"^[ \t]*@start(\w+)[^\n]*$", re.MULTILINE)
_END = re.compile(r"^[ \t]*@end\w+", re.MULTILINE)
_TITLE = re.compile(r"\s*title[ \t]+(\S.*)", re.IGNORECASE)
_LEFT = re.compile(r"\s*(left to right|top to bottom) direction\s*", re.IGNORECASE)
_LOOKS = re.compile(
    r"\s*(skinparam|hide|show|scale|header|footer|caption|legend|center|autonumber|autoactivate|set|page|newpage|"
    r"allowmixing|mainframe|sprite|remove|restore)\b(?!\s*(?:[-<=.:]|o--))",
    re.IGNORECASE,
)
_DEFINE = re.compile(
    r"^[ \t]*!(?:define[ \t]+(?P<name>[^\W\d]\w*)(?!\()(?:[ \t]+(?P<value>[^\n]*))?|"
    r"(?:local[ \t]+|global[ \t]+)?\$(?P<variable>[^\W\d]\w*)[ \t]*\??=[ \t]*"
    r"(?P<text>\"[^\"\n]*\"|'[^'\n]*'|[\w.]+)[ \t]*)$",
    re.MULTILINE,
)
_INCLUDE = re.compile(r"^[ \t]*!(include\w*|import|theme|pragma|assert|log|dump_memory)\b[ \t]*([^\n]*)$", re.MULTILINE)
_COMPUTED = re.compile(r"^[ \t]*!\$?\w+[^\n]*$", re.MULTILINE)
MOST_DEFINED = 200
MOST_PUT_IN = 2**21
"""Characters that definitions may bring in."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, `first` to `last`.

    Attributes:
        kind: `note`, `body` (of a class), `action`, `title` or `looks`.
        word: what the block begins with.
    """

    kind: str
    word: str
    first: int
    last: int


_BLOCKS = tuple(
    (kind, re.compile(head, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for kind, head, end in (
        ("note", r"\s*(?:floating\s+|/\s*)?([hr]?note)\b(?:[^:\"]|::)*$", r"\s*end ?[hr]?note\s*$"),
        ("note", r"\s*(ref)\b[^:]*$", r"\s*end ?ref\s*$"),
        (
            "body",
            r"\s*(abstract|class|interface|enum|annotation|entity|object|map|struct)\b.*\{\s*$",
            r"\s*\}\s*$",
        ),
        (
            "action",
            r"\s*(?:#[^:\s]+)?(:)(?![^:]+:\s*(?:as\b|[-.<]|$))(?!.*[;|<>/\]}\\]\s*(?:<<[^>]*>>)?\s*$)",
            r".*[;|<>/\]}\\]\s*(?:<<[^>]*>>)?\s*$",
        ),
        ("title", r"\s*(title)\s*$", r"\s*end ?title\s*$"),
        ("looks", r"\s*(skinparam)\b[^{]*\{\s*$", r"\s*\}\s*$"),
        ("looks", r"\s*(<style>)", r".*</style>"),
        *(
            (
                "looks",
                rf"\s*(?:(?:left|right|center)\s+)?({word})(?:\s+(?:left|right|center|top|bottom))*\s*$",
                rf"\s*end ?{word}\s*$",
            )
            for word in ("legend", "header", "footer")
        ),
    )
)


_HEAD = re.compile(
    r"\s*(?:[:#</]|(?:floating|[hr]?note|ref|abstract|class|interface|enum|annotation|entity|object|map|struct|title|"
    r"skinparam|left|right|center|legend|header|footer)\b)",
    re.IGNORECASE,
)
"""What any of them may begin with: most lines begin with none."""


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """The blocks of several lines, in their order; what is not closed is none."""
    ends: dict[int, list[int]] = {}
    at = 0
    while at < len(lines):
        for number, (kind, head, end) in enumerate(_BLOCKS if _HEAD.match(lines[at]) else ()):
            if (match := head.match(lines[at])) is None:
                continue
            if number not in ends:
                ends[number] = [i for i, line in enumerate(lines) if end.match(line)]
            place = bisect_left(ends[number], at + 1)
            if place < len(ends[number]):
                last = ends[number][place]
                yield Block(kind, match.group(1), at, last)
                at = last
                break
        at += 1


def pages(text: str) -> int:
    return max(1, sum(1 for _ in _START.finditer(text)))


def body(text: str, losses: Losses, page: int | None = None) -> tuple[str, str, str]:
    """The statements of one diagram, their lines where they were; its title and direction (empty if not told).

    Raises:
        NotFoundError: there is no such page.
        ParseError: it is no UML.
    """
    text = _preprocessed(_LINE_COMMENT.sub("", _BLOCK_COMMENT.sub(_blank, _page(text, page))), losses)
    lines = text.split("\n")
    title = direction = ""
    inside: set[int] = set()
    for block in blocks(lines):
        span = range(block.first, block.last + 1)
        inside.update(span)
        if block.kind == "title":
            title = decode("\n".join(lines[block.first + 1 : block.last]), block=True)[0]
        elif block.kind == "looks":
            losses.add("style", "", f"'{block.word}' is not kept")
        if block.kind in ("title", "looks"):
            for at in span:
                lines[at] = ""
    for at, line in enumerate(lines):
        if at in inside:
            continue
        if (found := _TITLE.fullmatch(line)) is not None:
            title = decode(found.group(1))[0]
        elif (found := _LEFT.fullmatch(line)) is not None:
            direction = "LR" if found.group(1).lower().startswith("left") else "TB"
        elif (found := _LOOKS.match(line)) is not None:
            _tell(found.group(1).lower(), losses)
        else:
            continue
        lines[at] = ""
    return "\n".join(lines), title, direction


def _tell(word: str, losses: Losses) -> None:
    if word == "autonumber":
        losses.add("numbering", "", "the numbers of the messages are not kept")
    else:
        losses.add("style", "", f"'{word}' is not kept")


def _page(text: str, page: int | None) -> str:
    """The lines of one diagram, those before it empty."""
    starts = list(_START.finditer(text))
    if page is not None and not 1 <= page <= max(1, len(starts)):
        raise NotFoundError(f"no page {page}; there {'is' if len(starts) < 2 else 'are'} {max(1, len(starts))}")
    if starts:
        start = starts[(page or 1) - 1]
        if start.group(1).lower() != "uml":
            raise ParseError(
                f"'@start{start.group(1)}' begins no diagram that is read",
                line=text.count("\n", 0, start.start()) + 1,
                expected=["@startuml"],
            )
        text = "\n" * text.count("\n", 0, start.end()) + text[start.end() :]
    end = _END.search(text)
    return text[: end.start()] if end is not None else text


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group(0).count("\n")


def _preprocessed(text: str, losses: Losses) -> str:
    """The source with plain definitions put in and what it would include told.  Raises ParseError on what computes."""
    if "!" not in text:
        return text

    def told(match: re.Match[str]) -> str:
        word, rest = match.group(1), match.group(2).strip()
        if word.startswith(("include", "import")):
            losses.add("include", "", f"what '!{word} {rest[:60]}' brings is not read")
        else:
            losses.add("style", "", f"'!{word} {rest[:40]}' is not kept")
        return ""

    text = _INCLUDE.sub(told, text)
    words: dict[str, str] = {}
    for match in _DEFINE.finditer(text):
        if match["name"]:
            words[match["name"]] = (match["value"] or "").strip()
        else:
            words["$" + match["variable"]] = match["text"].strip("\"'")
    text = _DEFINE.sub("", text)
    if (left := _COMPUTED.search(text)) is not None:
        word = left.group(0).split()[0]
        raise ParseError(
            f"'{word}' of PlantUML's preprocessor is not read; write its outcome first: plantuml -preproc FILE",
            line=text.count("\n", 0, left.start()) + 1,
        )
    return _put_in(text, words) if words else text


def _put_in(text: str, words: dict[str, str]) -> str:
    if len(words) > MOST_DEFINED:
        raise ParseError(f"there are more than {MOST_DEFINED} definitions")
    names = "|".join(re.escape(name) for name in sorted(words, key=len, reverse=True))
    room = MOST_PUT_IN

    def value(match: re.Match[str]) -> str:
        nonlocal room
        found = words[match.group(0)]
        room -= len(found)
        if room < 0:
            raise ParseError(f"definitions bring in more than {MOST_PUT_IN:,} characters")
        return found

    return re.sub(rf"(?<![\w$])(?:{names})(?!\w)", value, text)
