"""Which text says what in a sequence diagram: labels of messages, words and conditions of frames, notes, the title."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.sequence.find import Sequence
from diagrasp.engines.embedded.sequence.fragments import Fragment
from diagrasp.engines.embedded.sequence.messages import DISC, Message
from diagrasp.engines.embedded.text.textlines import TextLine

OPERATORS = (
    "alt", "opt", "loop", "par", "break", "critical", "group", "ref", "neg", "strict", "seq", "assert", "ignore",
    "consider",
)  # fmt: skip
"""The words that UML and its notations put into a frame's tab."""
LATIN = str.maketrans("аеорсхуіАВЕКМНОРСТХтпг", "aeopcxyiABEKMHOPCTXtnr")
"""Cyrillic letters that a tab's word may be read with, being short."""

Say = Callable[[list[TextLine]], str]


@dataclass
class Captions:
    """The texts by what they belong to: messages by index, frames by index as operator and a condition a section."""

    labels: dict[int, list[TextLine]] = field(default_factory=dict)
    frames: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    title: str | None = None


def share_out(sequence: Sequence, say: Say) -> Captions:
    """Give each line of text to what it names.

    Args:
        say: the words of lines of text, in reading order.
    """
    letter = sequence.sheet.letter
    out = Captions()
    named = [t for h in sequence.heads for t in h.lines]
    lines = [t for t in sequence.text.lines if not any(t is n for n in named) and not t.vertical]
    first = min(h.box.y0 for h in sequence.heads)
    row = min(h.box.y1 for h in sequence.heads)
    above = [t for t in lines if t.box.y1 <= first + 0.3 * letter]
    out.title = say(above) or None
    lines = [t for t in lines if row - 0.3 * letter < t.box.cy < sequence.foot]
    for i in sorted(range(len(sequence.frames)), key=lambda i: sequence.frames[i].box.w * sequence.frames[i].box.h):
        lines = _frame(i, sequence.frames[i], lines, letter, say, out)
    for box in _notes(sequence, lines, letter):
        inside = [t for t in lines if box.inside(t.box.cx, t.box.cy)]
        if inside:
            out.notes.append(say(inside))
            lines = [t for t in lines if not any(t is n for n in inside)]
    lines = [t for t in lines if say([t]) and not any(_mark(t, m, sequence, letter) for m in sequence.messages)]
    _label(sequence.messages, _blocks(lines, sequence.messages, letter), letter, out)
    return out


def _frame(i: int, frame: Fragment, lines: list[TextLine], letter: float, say: Say, out: Captions) -> list[TextLine]:
    """Read a frame's tab and conditions; returns the lines that are left."""
    b = frame.box
    tabs = [
        t for t in lines
        if -0.6 * letter <= t.box.x0 - b.x0 <= 3.6 * letter and 0 <= t.box.cy - b.y0 <= 2.0 * letter
    ]  # fmt: skip
    tab = min(tabs, key=lambda t: t.box.x0 + 2 * abs(t.box.cy - b.y0 - letter), default=None)
    word, _, behind = say([tab]).partition("[") if tab else ("", "", "")
    used = [tab] if tab else []
    conditions = []
    for k, (top, _) in enumerate(frame.bands()):
        opening = k == 0
        near = [t for t in lines if t is not tab and 0 < t.box.cy - top <= 2.3 * letter and b.inside(t.box.cx, b.cy)]
        mine: list[TextLine] = []
        for line in sorted(near, key=lambda t: (t.box.cy, t.box.x0)):
            if mine:
                follows = line.box.y0 - mine[-1].box.y1 <= 0.6 * letter
                if follows and "]" not in say(mine) and "[" in say(mine):
                    mine.append(line)
                continue
            beside = opening and tab is not None and abs(line.box.cy - tab.box.cy) <= 0.5 * letter
            placed = abs(line.box.cx - b.cx) <= 2.5 * letter or (not opening and line.box.x0 - b.x0 <= 2 * letter)
            said = say([line])
            if beside or (placed and _bracketed(said)) or (said[:1] == "[" and said[-1:] == "]"):
                mine.append(line)
        used += mine
        more = [
            t for t in lines
            if mine and not any(t is u for u in used) and t.box.y0 - mine[-1].box.y1 <= 0.6 * letter
            and t.box.y0 > mine[0].box.cy and abs(t.box.cx - mine[0].box.cx) <= letter and "]" not in say(mine)
        ]  # fmt: skip
        mine += more
        used += more
        conditions.append(_unbracketed(say(mine)))
    if behind:
        conditions[0] = _unbracketed(f"{behind} {conditions[0]}".strip())
    operator = _operator(word)
    if operator is None and word.strip():
        conditions[0] = f"{word.strip()} {conditions[0]}".strip()
    out.frames[i] = operator or ("group" if word.strip() or not frame.cuts else "alt"), conditions
    return [t for t in lines if not any(t is u for u in used)]


def _operator(word: str) -> str | None:
    """The operator that a tab says, also where a letter is misread."""
    said = re.sub(r"[^a-z]", "", word.strip().translate(LATIN).lower().replace("1", "l").replace("0", "o"))
    if said in OPERATORS:
        return said
    return next(iter(get_close_matches(said, OPERATORS, 1, 0.66)), None) if len(word.strip()) <= 9 else None


def _bracketed(text: str) -> bool:
    return text[:1] in "[(|{" or text[-1:] in "])|}" if text else False


def _unbracketed(text: str) -> str:
    return text.strip().lstrip("[(").rstrip("])").strip() if _bracketed(text.strip()) else text.strip()


def _notes(sequence: Sequence, lines: list[TextLine], letter: float) -> list[Rect]:
    """Closed boxes with text in them that are neither frames nor their tabs."""
    out = []
    for box in sequence.notes:
        tab = any(
            abs(box.x0 - f.box.x0) <= letter and abs(box.y0 - f.box.y0) <= letter for f in sequence.frames
        )  # fmt: skip
        crossed = any(box.y0 < m.y < box.y1 and m.x0 < box.cx < m.x1 for m in sequence.messages if not m.loop)
        if not tab and not crossed:
            out.append(box)
    return sorted(out, key=lambda r: r.w * r.h)


def _mark(line: TextLine, message: Message, sequence: Sequence, letter: float) -> bool:
    """Whether a line of text is no text but a message's number in a disc, or its head."""
    b = line.box
    if b.w > DISC * letter or not b.y0 - 0.3 * letter <= message.y <= b.y1 + 0.3 * letter:
        return False
    if message.loop:
        return b.inside(b.cx, b.cy) and message.x0 <= b.cx <= message.x1
    return any(abs(b.cx - x) <= 1.6 * letter for x in (message.x0, message.x1))


def _blocks(lines: list[TextLine], messages: list[Message], letter: float) -> list[list[TextLine]]:
    """Lines one under another, or side by side, with no message between them."""
    blocks: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda t: (t.box.y0, t.box.x0)):
        b = line.box
        for block in blocks:
            last = block[-1].box
            row = abs(last.cy - b.cy) <= 0.4 * letter and max(b.x0 - last.x1, last.x0 - b.x1) <= 1.5 * letter
            shared = min(b.x1, last.x1) - max(b.x0, last.x0)
            under = -0.3 * letter <= b.y0 - last.y1 <= 0.75 * letter and shared > 0.4 * min(b.w, last.w)
            between = any(last.cy < m.y < b.cy and m.x0 < b.cx < m.x1 for m in messages)
            if (row or under) and not between:
                block.append(line)
                break
        else:
            blocks.append([line])
    return blocks


def _label(messages: list[Message], blocks: list[list[TextLine]], letter: float, out: Captions) -> None:
    """Settle the blocks of text among the messages, the nearest first."""
    offers = []
    for k, block in enumerate(blocks):
        hull = block[0].box
        for line in block[1:]:
            hull = hull.union(line.box)
        for i, message in enumerate(messages):
            cost = _cost(hull, message, letter)
            if cost is not None:
                offers.append((cost, k, i))
    taken: set[int] = set()
    for _, k, i in sorted(offers):
        if k not in taken and i not in out.labels:
            taken.add(k)
            out.labels[i] = blocks[k]


def _cost(text: Rect, message: Message, letter: float) -> float | None:
    """What it costs to read a block of text as a message's label, about in letter heights; None where it cannot be."""
    reach = 1.0 * letter if message.loop else 0.5 * letter
    x0, x1 = message.x0 - reach, message.x1 + reach
    shared = min(text.x1, x1) - max(text.x0, x0)
    above = (message.y - text.y1) / letter
    beside = 0.015 * abs(text.cx - (message.x0 + message.x1) / 2) / letter
    if message.loop and message.y - 0.5 * letter <= text.cy <= message.bottom + 0.5 * letter:
        gap = (text.x0 - message.x1) / letter
        return 0.4 + gap if -0.3 <= gap <= 2 else None
    if shared < (0.3 if message.loop else 0.5) * min(text.w, x1 - x0):
        return None
    if text.y0 < message.y < text.y1 and not message.loop:
        return 0.1 + beside
    if -0.4 <= above <= 2.0:
        return max(0.0, above) + beside
    below = (text.y0 - message.bottom) / letter
    return 2.5 + below + beside if 0 <= below <= 1.2 else None
