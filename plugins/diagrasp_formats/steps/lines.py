"""The lines of an instruction as a tree: numbers with or without points, letters, bullets, headings, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diagrasp.errors import ParseError
from diagrasp_formats._common import Losses
from diagrasp_formats.steps import phrases
from diagrasp_formats.steps.phrases import tidy

MAX_DEPTH = 60
_ROLE_WORDS = re.compile(r"рол|исполнител|ответствен|кто|role|owner|actor|who|responsib|performer", re.IGNORECASE)
_TEXT_WORDS = re.compile(
    r"действи|наименован|описани|что|операци|action|step|task|what|descript|activity", re.IGNORECASE
)


_NUMBER_WORDS = re.compile(r"№(?:\s*п/п)?|#|no\.?|n|номер|number|шаг|этап|step|п/п|№\s*шага", re.IGNORECASE)


@dataclass(slots=True)
class Item:
    """A line of an instruction.

    Attributes:
        number: as written, `3.1`; empty for bullets and letters.
        role: who does it, as headings, columns and marks tell.
    """

    line: int
    number: str
    text: str
    role: str = ""
    children: list[Item] = field(default_factory=list)


def read_lines(text: str, losses: Losses) -> tuple[str, list[Item]]:
    """The title and the steps.  Raises ParseError."""
    reader = _Lines(losses)
    for number, raw in enumerate(text.split("\n"), 1):
        reader.line(number, raw.expandtabs(4).rstrip())
    return reader.done()


class _Lines:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.title = ""
        self.items: list[Item] = []
        self.stack: list[tuple[float, Item]] = []
        self.headings: list[str] = []
        self.heading = ""
        self.columns: list[str] = []
        self.said = False

    def line(self, number: int, raw: str) -> None:
        text = raw.strip()
        if not text or re.fullmatch(r"[-=*_]{3,}|```\w*", text):
            return
        if text.startswith("|"):
            self._row(number, text)
        elif (found := re.match(r"#+\s+(.*)", text)) is not None or (
            found := re.fullmatch(r"\*\*(.+?):?\*\*:?", text)
        ) is not None:
            self._head(tidy(found.group(1)).rstrip(":"), first=text.startswith("# "))
        elif (match := phrases.ITEM.match(raw)) is not None:
            self._item(number, match)
        else:
            self._loose(number, raw, text)

    def _row(self, number: int, text: str) -> None:
        cells = [tidy(cell) for cell in re.split(r"(?<!\\)\|", text.strip("|"))]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            return
        if not self.columns and not re.match(r"\d", cells[0]):
            self.columns = cells
            return
        if len(cells) < 2:
            return
        place, action, role = self._places()
        said = cells[role] if 0 <= role < len(cells) else ""
        step = re.sub(r"[^\d.]", "", cells[place]).strip(".") if 0 <= place < len(cells) else ""
        if place >= 0 and not step:
            self.columns = cells  # another table, or a row that parts it
            return
        text = cells[action] if action < len(cells) else ""
        if text:
            self._add(0.0, Item(number, step, text, said))

    def _places(self) -> tuple[int, int, int]:
        """The columns of the number, the deed and the role; -1 where there is none."""
        names = self.columns
        place = next((i for i, name in enumerate(names) if _NUMBER_WORDS.fullmatch(name)), -1)
        if place < 0 and not (names and any(_TEXT_WORDS.search(name) for name in names[:1])):
            place = 0
        able = [i for i in range(len(names)) if i != place]
        role = next((i for i in able if _ROLE_WORDS.search(names[i]) and not _TEXT_WORDS.search(names[i])), -1)
        action = next((i for i in able if i != role and _TEXT_WORDS.search(names[i])), -1)
        if action < 0:
            action = next((i for i in able if i != role), 1)
        for i, name in enumerate(names):
            if i not in (place, action, role) and name:
                self.losses.add("column", "", f"the column '{name[:40]}' is left out")
        return place, action, role

    def _head(self, name: str, *, first: bool) -> None:
        if not self.title and not self.items and first:
            self.title = name
        elif name:
            if not self.title and not self.items and self.headings:  # a heading right before another
                self.title = self.headings.pop()
            self.heading = name
            self.headings.append(name)

    def _item(self, number: int, match: re.Match[str]) -> None:
        pad = float(len(match.group("pad")))
        place = match.group("step") or match.group("number") or ""
        item = Item(number, place, match.group("text").strip(), self.heading)
        if "." in place:  # the number tells where it belongs
            parent = next(
                (above for _, above in reversed(self.stack) if place.startswith(above.number + ".") and above.number),
                None,
            )
            if parent is not None:
                while self.stack[-1][1] is not parent:
                    self.stack.pop()
                pad = max(pad, self.stack[-1][0] + 0.5)
        elif match.group("letter") and self.stack and not any(depth == pad for depth, _ in self.stack[1:]):
            pad = max(pad, self.stack[-1][0] + (0.25 if self.stack[-1][1].number else 0.0))
        self._add(pad, item)

    def _add(self, depth: float, item: Item) -> None:
        while self.stack and self.stack[-1][0] >= depth:
            self.stack.pop()
        if len(self.stack) >= MAX_DEPTH:
            raise ParseError(f"the steps nest deeper than {MAX_DEPTH}", line=item.line)
        (self.stack[-1][1].children if self.stack else self.items).append(item)
        self.stack.append((depth, item))

    def _loose(self, number: int, raw: str, text: str) -> None:
        """A line without number or bullet: an answer or `else` under a step, the rest of a step, a role, a title."""
        pad = len(raw) - len(raw.lstrip())
        if self.stack and (phrases.ELSE.match(text) or phrases.ANSWER.match(text)):
            last = self.stack[-1][1]
            deep = float(pad) if pad > self.stack[0][0] else self.stack[0][0]
            if phrases.ANSWER.match(text):
                top = next(
                    (i for i, (_, item) in enumerate(self.stack) if item.text.rstrip().endswith("?")),
                    len(self.stack) - 1,
                )
                del self.stack[top + 1 :]
                deep = self.stack[-1][0] + 0.5
            self._add(deep, Item(number, "", text, last.role))
        elif (
            text.endswith(":")
            and len(text.split()) <= 5
            and (not self.items or pad == 0)
            and not phrases.NO_ROLE.match(text)
        ):
            self._head(tidy(text.rstrip(":")), first=False)
        elif self.stack and pad > self.stack[-1][0]:
            self.stack[-1][1].text += " " + text
        elif not self.items and not self.title and len(text) <= 120:
            self.title = tidy(text).rstrip(":")
        else:
            self.losses.add("text", "", f"line {number}, '{text[:40]}', is no step and is left out")

    def done(self) -> tuple[str, list[Item]]:
        if not self.items:
            raise ParseError("no steps were found", line=1, expected=["a table of steps", "numbered lines"])
        if len(set(self.headings)) == 1 and not self.title:
            self.title = self.headings[0]
        if len(set(self.headings)) < 2:  # one heading is a title, several are who does what
            stack = list(self.items)
            while stack:
                item = stack.pop()
                if item.role in self.headings:
                    item.role = ""
                stack.extend(item.children)
        return self.title, self.items
