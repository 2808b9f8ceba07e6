"""Text inside Mermaid: entity codes, line breaks, markup, and the quoting that survives any label."""

from __future__ import annotations

import html
import re

from diagrasp_formats._common import printable

_CODE = re.compile(r"#(\d{1,7}|[A-Za-z]\w{1,30});")
_BREAK = re.compile(r"<br\s*/?>|\\n", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|small|big|sub|sup|span|font|div|p|code|pre|center|img|a|h[1-6]|hr|ul|ol|li)\b[^<>]*>",
    re.IGNORECASE,
)
_ICON = re.compile(r"\bfa[bklrs]?:fa-[\w-]+\s*|\bmdi:[\w-]+\s*")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_]+)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_]+)(?<=\S)\1(?![\w*])")
_BLANK = " \t"


def decode(text: str) -> tuple[str, set[str]]:
    """What a label shows, and the features of it that a diagram does not keep (`label.markup`, `icon`).

    Line breaks (`<br/>`, backslash n, the source's own) become `\\n`; entity codes (`#quot;`, `#9829;`, `&lt;`) are
    decoded last, so that a code stands for its character and nothing more.
    """
    lost: set[str] = set()
    text = text.strip(_BLANK + "\n")
    if len(text) >= 2 and text[0] == text[-1] == "`":
        text = text[1:-1].strip(_BLANK + "\n")
        plain = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", text))
        if plain != text:
            lost.add("label.markup")
        text = plain
    text = _BREAK.sub("\n", text)
    for pattern, feature in ((_TAG, "label.markup"), (_ICON, "icon")):
        text, count = pattern.subn("", text)
        if count:
            lost.add(feature)
    text = "\n".join(line.strip(_BLANK) for line in text.split("\n")).strip(_BLANK + "\n")
    return entities(text), lost


def entities(text: str) -> str:
    """Entity codes decoded."""
    if "#" not in text and "&" not in text:
        return text
    parts: list[str] = []
    end = 0
    for match in _CODE.finditer(text):
        parts.append(html.unescape(text[end : match.start()]))
        parts.append(_decoded(match))
        end = match.end()
    return "".join(parts) + html.unescape(text[end:])


def _decoded(match: re.Match[str]) -> str:
    code = match.group(1)
    entity = f"&#{code};" if code.isdigit() else f"&{code};"
    decoded = html.unescape(entity)
    return match.group(0) if decoded == entity else decoded


# Quotes and codes mean something to the lexer, tags to the browser, `:fa-` is an icon, `$$` a formula, `%%` a comment,
# and `ﬂ°`, `¶ß` are what Mermaid keeps codes as.
SPECIAL = re.compile(r'["#<>]|\\(?=[nN])|&(?=#?\w)|\$(?=\$)|:(?=fa-)|%(?=%)|(?<=mdi):|\A`|`\Z|ﬂ(?=°)|¶(?=ß)')
_NAMED = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"}


def quoted(text: str, *, special: re.Pattern[str] = SPECIAL) -> str:
    """A label as a quoted string; an empty one is a space, which is the least that Mermaid takes."""
    return f'"{escaped(text, special=special)}"'


def escaped(text: str, *, special: re.Pattern[str] = SPECIAL) -> str:
    """A label with everything that would end it or change it as entity codes; `<br/>` at line breaks."""
    text = printable(text)
    if not text:
        return " "
    start, end = 0, len(text)
    while start < end and text[start] == "\n":  # would go with the white space around the label
        start += 1
    while end > start and text[end - 1] == "\n":
        end -= 1
    lines = [_edges(special.sub(_code, line)) for line in text[start:end].split("\n")]
    return "#10;" * start + "<br/>".join(lines) + "#10;" * (len(text) - end)


def _edges(line: str) -> str:
    if line and line[0] in _BLANK:
        line = f"#{ord(line[0])};" + line[1:]
    if line and line[-1] in _BLANK:
        line = line[:-1] + f"#{ord(line[-1])};"
    return line


def _code(match: re.Match[str]) -> str:
    return _NAMED.get(match.group(0)) or f"#{ord(match.group(0))};"
