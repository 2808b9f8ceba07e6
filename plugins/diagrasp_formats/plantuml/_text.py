"""Text inside PlantUML: markup, codes, and the quoting that survives any label."""

from __future__ import annotations

import html
import re

from diagrasp_formats._common import printable

_UNICODE = re.compile(r"<U\+([0-9A-Fa-f]{1,6})>|&#(\d{1,7});")
_TAG = re.compile(
    r"</?(?:b|i|u(?!\+)|s|w|strike|sub|sup|size|color|back|font|img|code|plain|:)\b[^<>]*>", re.IGNORECASE
)
_CREOLE = re.compile(r"(\*\*|//|__|~~|--|\"\")(?=\S)([^\n]+?)(?<=\S)\1")
_RULE = re.compile(r"^[ \t]*(?:-{4,}|={4,}|\.{4,}|_{4,})[ \t]*\n?", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*(\*+|#+)[ \t]+(?=\S)", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\|(.*)\|[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"\[\[([^\s\]{]+)(?:[ \t]*\{[^}\]]*\})?(?:[ \t]+([^\]]+))?\]\]")
_ICON = re.compile(r"<[&$][\w-]+>[ \t]*")
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


def decode(text: str, *, block: bool = False) -> tuple[str, bool]:
    """What a label shows, and whether markup was dropped.

    Args:
        block: whether it may have lines across, bullets and tables, as notes and actions.
    """
    text = text.strip(" \t\n")
    plain = text
    if (block and "\n" in text) or "[[" in text or text[:1] == "|":
        plain = _RULE.sub("", plain)
        plain = _BULLET.sub(lambda match: "• " if match.group(1)[0] == "*" else "", plain)
        plain = _TABLE.sub(lambda match: " | ".join(cell.strip(" \t=") for cell in match.group(1).split("|")), plain)
        plain = _LINK.sub(lambda match: match.group(2) or match.group(1), plain)
    plain = _ICON.sub("", _TAG.sub("", plain))
    for _ in range(3):  # one in another
        plain, count = _CREOLE.subn(r"\2", plain)
        if not count:
            break
    lost = plain != text
    plain = _ESCAPED.sub("", plain).replace("\\n", "\n").replace("\\t", "\t")
    plain = "\n".join(line.strip(" \t") for line in plain.split("\n")).strip(" \t\n")
    return _UNICODE.sub(_character, plain), lost


def guillemets(text: str) -> str:
    """A relation's label with the quotes that PlantUML draws around a keyword."""
    return re.sub(r"<<[ \t]*([^<>\n]*[^<>\s])[ \t]*>>", r"«\1»", text)


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    return html.unescape(f"&#{code};") if code > 31 else chr(code)
