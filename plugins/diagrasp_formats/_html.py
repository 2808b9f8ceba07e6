"""The text of labels that are HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_UNSEEN = re.compile(r"(?:^|;)\s*font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|%)?\s*(?:;|$)", re.IGNORECASE)
"""A style of no size: draw.io leaves what was pasted into a label behind in it, and nobody sees it."""


class _Text(HTMLParser):
    """The text of HTML; blocks and line breaks become line breaks."""

    _blocks = frozenset({"br", "div", "p", "li", "tr", "td", "th", "hr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})

    _empty = frozenset({"br", "hr", "img", "input", "wbr", "col"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skip = 0
        self.unseen: list[str] = []
        """Elements of a kind since one without size began, that one first."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        begins = not self.unseen and tag not in self._empty and _UNSEEN.search(dict(attrs).get("style") or "")
        if begins or self.unseen[:1] == [tag]:
            self.unseen.append(tag)
        if tag in ("style", "script"):
            self.skip += 1
        if tag in self._blocks:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.unseen[:1] == [tag]:
            self.unseen.pop()
        if tag in ("style", "script"):
            self.skip = max(0, self.skip - 1)
        if tag in self._blocks:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skip and not self.unseen:
            self.parts.append(data)


def html_lines(text: str) -> list[str]:
    """The lines of an HTML label, without the empty ones."""
    parser = _Text()
    parser.feed(text)
    parser.close()
    return [line for line in (squeeze(line) for line in "".join(parser.parts).split("\n")) if line]


def html_text(text: str) -> str:
    """The text of an HTML label on one line."""
    return " ".join(html_lines(text))


def squeeze(text: str) -> str:
    """White space, line breaks among it, is one space."""
    return " ".join(text.split())
