"""What the text formats share: reading with limits, parse errors, labels, identifiers, losses, options."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diagrasp.errors import InputError, NotFoundError, ParseError, TooLargeError
from diagrasp.formats import Loss, decode_text
from diagrasp.model import Diagram, Edge

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

MAX_TEXT = 8 * 2**20
"""Bytes of a source text; ten times what 10,000 nodes take."""


def source_text(data: bytes, format: str) -> str:
    """The text of a source.  Raises TooLargeError, ParseError (not UTF-8)."""
    if len(data) > MAX_TEXT:
        raise TooLargeError(f"the {format} source is {len(data):,} bytes; the limit is {MAX_TEXT:,}")
    return decode_text(data)


def head_text(data: bytes, size: int = 4096) -> str:
    """The beginning of the data as text for sniffing; empty where it looks binary."""
    head = data[:size]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "ignore")
    if b"\0" in head:
        return ""
    return head.decode("utf-8-sig", "ignore").replace("\r\n", "\n").replace("\r", "\n")


def only_page(page: int | None) -> None:
    """Formats of one diagram.  Raises NotFoundError for any page but the first."""
    if page is not None and page != 1:
        raise NotFoundError(f"no page {page}; there is 1")


def check_options(options: Mapping[str, Any], known: Mapping[str, str], format: str) -> None:
    """Raises InputError on an option that the format does not know."""
    for name in options:
        if name not in known:
            able = f"it has {', '.join(known)}" if known else "it has none"
            raise InputError(f"{format} has no option {name!r}; {able}")


def choice(options: Mapping[str, Any], name: str, allowed: Iterable[str], default: str) -> str:
    """An option's value among those allowed.  Raises InputError."""
    value = str(options.get(name) or default)
    able = list(allowed)
    if value not in able:
        raise InputError(f"option {name}={value!r} is none of {', '.join(able)}")
    return value


def encode(text: str) -> bytes:
    """UTF-8; halves of surrogate pairs, which are no characters, become `?`."""
    return text.encode("utf-8", "replace")


class Losses:
    """Collects losses, each once."""

    def __init__(self, losses: Iterable[Loss] = ()) -> None:
        self._losses: dict[Loss, None] = dict.fromkeys(losses)
        self._unsettled: list[tuple[int, str, str]] = []

    def add(self, feature: str, element: str = "", message: str = "") -> None:
        self._losses[Loss(feature, element, message)] = None

    def update(self, losses: Iterable[Loss]) -> None:
        self._losses.update(dict.fromkeys(losses))

    def of_edge(self, at: int, feature: str, message: str) -> None:
        """A loss of the edge at that place, whose id is not known yet; `settle` names it."""
        self._unsettled.append((at, feature, message))

    def settle(self, edges: Sequence[Edge]) -> None:
        for at, feature, message in self._unsettled:
            self.add(feature, edges[at].id, message)
        self._unsettled.clear()

    def done(self) -> tuple[Loss, ...]:
        return tuple(self._losses)


def parse_error(error: UnexpectedInput, names: Mapping[str, str], *, lines_before: int = 0) -> ParseError:
    """Lark's error as ours.

    Args:
        names: what a grammar's terminals are called for people; those without a name are left out.
        lines_before: lines cut off before the text was parsed.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    wanted: Iterable[str] = ()
    what = "unexpected text"
    line, column = error.line, error.column
    if isinstance(error, UnexpectedToken):
        wanted = error.accepts or error.expected
        token = str(error.token)
        what = "unexpected end" if error.token.type == "$END" else f"unexpected {_quoted(token)}"
        if error.token.type == "_NL":
            what = "unexpected end of line"
    elif isinstance(error, UnexpectedCharacters):
        wanted = error.allowed or ()
        what = f"unexpected character {error.char!r}"
    elif isinstance(error, UnexpectedEOF):
        wanted, what, line, column = error.expected, "unexpected end", None, None  # type: ignore[assignment]
    expected = sorted({names[name] for name in wanted if name in names})[:6]
    if line is None or line < 1:
        return ParseError(what, expected=expected)
    return ParseError(what, line=line + lines_before, column=column, expected=expected)


def _quoted(text: str) -> str:
    text = text.strip().split("\n")[0]
    return repr(text if len(text) <= 30 else text[:29] + "…")


def one_line(text: str) -> str:
    """White space of any kind as single spaces."""
    return " ".join(text.split())


def printable(text: str) -> str:
    """Without control characters other than line ends and tabs, which no text format can carry."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def language(diagram: Diagram) -> str:
    """`ru` where Cyrillic letters prevail in the labels, else `en`."""
    cyrillic = latin = 0
    texts = [n.label for n in diagram.nodes] + [e.label for e in diagram.edges] + [g.label for g in diagram.groups]
    for text in texts:
        for char in text:
            if "а" <= char <= "я" or "А" <= char <= "Я" or char in "ёЁ":
                cyrillic += 1
            elif "a" <= char <= "z" or "A" <= char <= "Z":
                latin += 1
    return "ru" if cyrillic and cyrillic * 2 >= latin else "en"


_SAFE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Names:
    """Identifiers for a target language: an id that is safe stays as it is, others get the first free `prefix1`, ...

    Args:
        reserved: words of the target language.
        fold: whether the language takes them in any case.
        safe: what an identifier looks like there; letters, digits and `_` of ASCII unless told.
    """

    def __init__(
        self,
        ids: Iterable[str],
        *,
        reserved: Iterable[str] = (),
        fold: bool = True,
        prefix: str = "n",
        safe: re.Pattern[str] = _SAFE,
    ) -> None:
        words = frozenset(word.lower() if fold else word for word in reserved)
        self._names: dict[str, str] = {}
        taken: set[str] = set()
        unsafe: list[str] = []
        for id in ids:
            if safe.fullmatch(id) and (id.lower() if fold else id) not in words and len(id) <= 60:
                self._names[id] = id
                taken.add(id)
            else:
                unsafe.append(id)
        number = 0
        for id in unsafe:
            while f"{prefix}{(number := number + 1)}" in taken:
                pass
            self._names[id] = f"{prefix}{number}"
            taken.add(f"{prefix}{number}")

    def __getitem__(self, id: str) -> str:
        return self._names[id]
