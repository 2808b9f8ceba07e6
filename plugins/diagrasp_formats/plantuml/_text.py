"""Text inside PlantUML, and what surrounds a diagram there."""

from __future__ import annotations

import html
import re

from diagrasp.errors import ParseError
from diagrasp_formats._common import Losses, printable

_UNICODE = re.compile(r"<U\+([0-9A-Fa-f]{1,6})>|&#(\d{1,7});")
_TAG = re.compile(
    r"</?(?:b|i|u(?!\+)|s|w|strike|sub|sup|size|color|back|font|img|code|plain|:)\b[^<>]*>", re.IGNORECASE
)
_CREOLE = re.compile(r"(\*\*|//|__|~~|--|\"\")(?=\S)([^\n]+?)(?<=\S)\1")
_ESCAPED = re.compile(r"~(?=[*/_~\"\-<#=|])")
_SPECIAL = re.compile(
    r"[«»<>\\\"|;{}\[\]#~%$!'@^&=()]|\*(?=\*)|(?<=\*)\*|/(?=/)|(?<=/)/|_(?=_)|(?<=_)_|-(?=[->])|(?<=-)-"
)


def quoted(text: str) -> str:
    """A label that means nothing but itself anywhere in PlantUML: characters with a meaning as `<U+XXXX>`."""
    text = printable(text)
    inner = text.strip("\n")
    before = len(text) - len(text.lstrip("\n")) if inner else len(text)
    after = len(text) - len(inner) - before
    return "<U+000A>" * before + _lines(inner) + "<U+000A>" * after


def _lines(text: str) -> str:
    lines = [_SPECIAL.sub(lambda match: f"<U+{ord(match.group(0)):04X}>", line) for line in text.split("\n")]
    return r"\n".join(_edges(line) for line in lines)


def _edges(line: str) -> str:
    if line and (line[0] in " \t:*+-." or (line[0] == "/" and len(line) > 1)):
        line = f"<U+{ord(line[0]):04X}>" + line[1:]
    if line and line[-1] in " \t/":
        line = line[:-1] + f"<U+{ord(line[-1]):04X}>"
    return line


def decode(text: str) -> tuple[str, bool]:
    """What a label shows, and whether markup was dropped."""
    text = text.strip(" \t\n")
    plain = _TAG.sub("", text)
    plain = _CREOLE.sub(r"\2", plain)
    lost = plain != text
    plain = _ESCAPED.sub("", plain).replace("\\n", "\n").replace("\\t", "\t")
    plain = "\n".join(line.strip(" \t") for line in plain.split("\n")).strip(" \t\n")
    return _UNICODE.sub(_character, plain), lost


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    return html.unescape(f"&#{code};") if code > 31 else chr(code)


_BLOCK_COMMENT = re.compile(r"/'.*?'/", re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*'[^\n]*", re.MULTILINE)
_START = re.compile(r"^[ \t]*@start(\w+)[^\n]*$", re.MULTILINE)
_END = re.compile(r"^[ \t]*@end\w+", re.MULTILINE)
_TITLE = re.compile(r"^[ \t]*title[ \t]+(\S[^\n]*)$", re.MULTILINE | re.IGNORECASE)
_TITLE_BLOCK = re.compile(
    r"^[ \t]*title[ \t]*\n(.*?)\n[ \t]*end[ ]?title[ \t]*$", re.MULTILINE | re.IGNORECASE | re.DOTALL
)
_BLOCKS = re.compile(
    r"^[ \t]*(?:(skinparam)\b[^\n{]*\{[^}]*\}|(<style>).*?</style>|"
    r"(legend|header|footer)\b[^\n]*\n.*?\n[ \t]*end[ ]?\3)",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
_LOOKS = re.compile(
    r"^[ \t]*(skinparam|hide|show|scale|header|footer|caption|legend|center|!\w+|autonumber|autoactivate|set|page|"
    r"newpage|allowmixing|mainframe|sprite|remove|restore)\b[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_LEFT = re.compile(r"^[ \t]*(left to right|top to bottom) direction[ \t]*$", re.MULTILINE | re.IGNORECASE)


def body(text: str, losses: Losses) -> tuple[str, str, str]:
    """The statements of the first diagram, their lines where they were; its title and direction (empty if not told).

    Raises ParseError where it is no UML.
    """

    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group(0).count("\n")

    def looks(match: re.Match[str]) -> str:
        word = next((group for group in match.groups() if group), "looks")
        losses.add("style", "", f"'{word}' is not kept")
        return blank(match)

    start = _START.search(text)
    if start is not None:
        if start.group(1).lower() != "uml":
            raise ParseError(
                f"'@start{start.group(1)}' begins no diagram that is read",
                line=text.count("\n", 0, start.start()) + 1,
                expected=["@startuml"],
            )
        text = "\n" * text.count("\n", 0, start.end()) + text[start.end() :]
    if (end := _END.search(text)) is not None:
        text = text[: end.start()]
    text = _BLOCK_COMMENT.sub(blank, text)
    text = _LINE_COMMENT.sub("", text)
    title = ""
    for pattern in (_TITLE_BLOCK, _TITLE):
        if (found := pattern.search(text)) is not None:
            title = decode(found.group(1))[0]
            text = pattern.sub(blank, text)
    direction = ""
    if (found := _LEFT.search(text)) is not None:
        direction = "LR" if found.group(1).lower().startswith("left") else "TB"
        text = _LEFT.sub("", text)
    return _LOOKS.sub(looks, _BLOCKS.sub(looks, text)), title, direction
