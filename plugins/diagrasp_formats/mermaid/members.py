"""Members of a class as Mermaid shows them, and as they are written so that it shows them.

A member is stored in a row as it is shown: `setPoints(List~int~ points) void*` is the row
`setPoints(List<int> points) : void`, and that it is abstract is lost.  What is a member, a method, its parameters and
its result is as in Mermaid's `ClassMember` and `parseGenericTypes` (12.3).
"""

from __future__ import annotations

import re

from diagrasp_formats.mermaid._text import SPECIAL, decode, escaped

_METHOD = re.compile(r"([#+~-](?!\w+;))?(.+)\((.*)\)([\s$*])?(.*)([$*])?")
_RESULT = re.compile(r"(.*\)) : (\S.*)")
_ROW = re.compile(SPECIAL.pattern + r"|[;{}~]|[*$](?=\Z)")
_PLAIN = re.compile(SPECIAL.pattern + r"|[;{}~()]|[*$](?=\Z)|\A\s|\s\Z")
MODIFIERS = {"*": "abstract", "$": "static"}


def shown(raw: str) -> tuple[str, set[str], str]:
    """What a member shows, the features of it that are not kept (as `decode`), and whether it is abstract or static."""
    text = raw.strip()
    mark = ""
    if text.find(")") > 0 and (match := _METHOD.match(text)) is not None:
        visible, name, parameters, after, result, _ = match.groups()
        mark, result = (after or "").strip(), result.strip()
        if not mark and result[-1:] in MODIFIERS:
            mark, result = result[-1], result[:-1]
        text = f"{visible or ''}{_generics(name.strip())}({_generics(parameters.strip())})"
        text += f" : {_generics(result)}" if result else ""
    else:
        if text[-1:] in MODIFIERS:
            mark, text = text[-1], text[:-1]
        visible = text[:1] if text[:1] in "+-~" else ""
        text = visible + _generics(text[len(visible) :])
    label, lost = decode(text)
    return label, lost, MODIFIERS.get(mark, "")


def written(row: str) -> str:
    """The source of a row: as people write it where it is then read as it is, else with more of it in codes."""
    result = _RESULT.fullmatch(row)
    if result is not None:
        source = escaped(f"{result[1]} {result[2]}", special=_ROW)
        if shown(source)[0] == row:
            return source
    source = escaped(row, special=_ROW)
    return source if shown(source)[0] == row else escaped(row, special=_PLAIN)


def generic_name(raw: str) -> tuple[str, str]:
    """The id and the label of a class by its name: `Map~K, V~` is `Map`, shown as `Map<K, V>`."""
    name, tilde, rest = raw.partition("~")
    return name, f"{name}<{rest.rstrip('~')}>" if tilde else raw


def _generics(text: str) -> str:
    """`~` in pairs as angle brackets, from the outside in; codes, so that they are no tags."""
    parts = re.split(r"(,)", text)
    done: list[str] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        if part == "," and 0 < at < len(parts) - 1 and parts[at - 1].count("~") == parts[at + 1].count("~") == 1:
            done.pop()
            part, at = parts[at - 1] + "," + parts[at + 1], at + 1
        done.append(_pairs(part))
        at += 1
    return "".join(done)


def _pairs(text: str) -> str:
    count = text.count("~")
    if count < 2:
        return text
    before = ""
    if count % 2 and text.startswith("~"):
        before, text = "~", text[1:]
    chars = list(text)
    places = [i for i, char in enumerate(chars) if char == "~"]
    while len(places) > 1:
        chars[places.pop(0)] = "#lt;"
        chars[places.pop()] = "#gt;"
    return before + "".join(chars)
