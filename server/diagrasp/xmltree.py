"""XML from strangers: parsed by expat with every dangerous part refused and limits kept while parsing.

Entities cannot be declared (no bombs, no external entities), nothing is fetched, depth and size are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from diagrasp.errors import ParseError, TooLargeError

MAX_BYTES = 64_000_000
MAX_DEPTH = 256
MAX_ELEMENTS = 1_000_000


@dataclass(slots=True)
class Tag:
    """An element: `name` without its prefix, `space` its namespace; attributes by local name, first wins.

    Attributes:
        text: the character data directly inside, joined.
        line: where it starts, counted from 1.
        comments: those directly inside, and processing instructions with a question mark in front.
        before: how many characters of the parent's text stand before this element.
    """

    name: str
    space: str = ""
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Tag] = field(default_factory=list)
    text: str = ""
    line: int = 0
    comments: list[str] = field(default_factory=list)
    before: int = 0

    def get(self, key: str, default: str = "") -> str:
        return self.attrs.get(key, default)

    def find(self, *names: str) -> Tag | None:
        """The first child of one of these local names."""
        return next((c for c in self.children if c.name in names), None)

    def all(self, *names: str) -> list[Tag]:
        """The children of these local names."""
        return [c for c in self.children if c.name in names]

    def walk(self) -> Iterator[Tag]:
        """This element and everything inside, in document order."""
        stack = [self]
        while stack:
            here = stack.pop()
            yield here
            stack.extend(reversed(here.children))

    def full_text(self) -> str:
        """The character data of this element and everything inside."""
        return "".join(t.text for t in self.walk())


def parse_xml(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Tag:
    """Parse a document.

    Raises:
        ParseError: not well-formed, an entity is declared, or nested deeper than `max_depth`.
        TooLargeError: larger than `max_bytes` or of more than a million elements.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise TooLargeError(f"the XML has {len(raw):,} bytes, more than the {max_bytes:,} allowed")
    parser = expat.ParserCreate("utf-8" if isinstance(data, str) else None, namespace_separator="\n")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    builder = _Builder(parser, max_depth)
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise ParseError(f"the XML is not well-formed: {reason}", line=error.lineno, column=error.offset + 1) from None
    except (ValueError, LookupError) as error:
        raise ParseError(f"the XML cannot be decoded: {error}") from None
    if builder.root is None:
        raise ParseError("the XML has no element", line=1, column=1)
    return builder.root


class _Builder:
    def __init__(self, parser: Any, max_depth: int) -> None:
        self.parser, self.max_depth = parser, max_depth
        self.root: Tag | None = None
        self.stack: list[Tag] = []
        self.text: list[list[str]] = []
        self.length: list[int] = []
        self.count = 0
        self.early: list[str] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data
        parser.CommentHandler = self.comment
        parser.ProcessingInstructionHandler = self.instruction
        parser.EntityDeclHandler = self.refuse
        parser.UnparsedEntityDeclHandler = self.refuse

    def refuse(self, *_: Any) -> None:
        raise ParseError(
            "the XML declares entities, which are not allowed",
            line=self.parser.CurrentLineNumber,
            column=self.parser.CurrentColumnNumber + 1,
        )

    def start(self, name: str, attrs: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise TooLargeError(f"the XML has more than {MAX_ELEMENTS:,} elements")
        if len(self.stack) >= self.max_depth:
            raise ParseError(f"the XML is nested deeper than {self.max_depth} elements", line=line)
        space, _, local = name.rpartition("\n")
        own: dict[str, str] = {}
        for key, value in attrs.items():
            own.setdefault(key.rpartition("\n")[2], value)
        tag = Tag(local, space, own, line=line)
        if self.stack:
            self.stack[-1].children.append(tag)
            tag.before = self.length[-1]
        else:
            self.root = tag
            tag.comments.extend(self.early)
        self.stack.append(tag)
        self.text.append([])
        self.length.append(0)

    def end(self, _: str) -> None:
        self.stack.pop().text = "".join(self.text.pop())
        self.length.pop()

    def data(self, text: str) -> None:
        if self.text:
            self.text[-1].append(text)
            self.length[-1] += len(text)

    def instruction(self, target: str, data: str) -> None:
        self.comment(f"?{target} {data}")

    def comment(self, text: str) -> None:
        if self.stack:
            self.stack[-1].comments.append(text)
        elif self.root is not None:
            self.root.comments.append(text)
        else:
            self.early.append(text)


_FORBIDDEN = {c: "\ufffd" for c in [*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)] if c not in (9, 10, 13)}
_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def clean(text: str) -> str:
    """The text with the characters that XML 1.0 cannot hold replaced by U+FFFD."""
    return text.translate(_FORBIDDEN)


def xml_text(text: str) -> str:
    """The text as character data."""
    return escape(clean(text), {"\r": "&#13;"})


def xml_attr(text: str) -> str:
    """The text as an attribute's value between double quotes; line breaks survive."""
    return escape(clean(text), _ATTRIBUTE)
