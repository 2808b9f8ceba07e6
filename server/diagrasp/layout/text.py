"""How wide text is and how it wraps: estimated, so that layouts need no font and are the same everywhere.

Advance widths are in hundredths of an em, the larger of Arial's and Roboto's, so that a box fitted here holds the
text in either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_HEIGHT = 1.25
"""Distance of base lines, in font sizes."""

_ASCII = (
    28, 28, 35, 62, 56, 89, 67, 19, 34, 35, 43, 58, 28, 33, 28, 41, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 28, 28, 58,
    58, 58, 56, 102, 67, 67, 72, 72, 67, 61, 78, 72, 28, 55, 67, 56, 87, 72, 78, 67, 78, 72, 67, 61, 72, 67, 94, 67, 67,
    61, 28, 41, 28, 47, 56, 33, 56, 56, 52, 56, 56, 35, 56, 56, 24, 24, 51, 24, 88, 56, 57, 56, 57, 34, 52, 33, 56, 50,
    75, 50, 50, 50, 34, 26, 34, 68,
)  # fmt: skip
_CYRILLIC = (
    67, 66, 67, 56, 75, 67, 92, 60, 72, 72, 64, 71, 87, 72, 78, 72, 67, 72, 61, 64, 77, 67, 74, 68, 94, 97, 79, 89, 66,
    72, 101, 72, 56, 57, 57, 42, 60, 56, 77, 51, 58, 58, 54, 58, 74, 58, 57, 58, 56, 52, 48, 50, 82, 50, 59, 54, 81, 83,
    62, 78, 54, 54, 82, 55,
)  # fmt: skip
_WIDTHS = {chr(32 + i): w for i, w in enumerate(_ASCII)} | {chr(0x410 + i): w for i, w in enumerate(_CYRILLIC)}
_WIDTHS |= {"ё": 56, "Ё": 67, "«": 56, "»": 56, "–": 66, "“": 35, "”": 36, "’": 22, "‘": 22, "•": 35, "×": 58, "°": 40}
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U0001f000-\U0003ffff]"
)
_BREAKS = re.compile(r"[^\s]+?[/\\.,;:_|\-–—](?=[^\s])|[^\s]+")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of one line in the unit of `size`."""
    total = 0
    for char in text:
        width = _WIDTHS.get(char)
        if width is None:
            width = (100 if _WIDE.match(char) else 62) if ord(char) < 0x10000 else 125
        total += width
    return total * size / 100 * (1.06 if bold else 1.0)


def text_height(lines: int, size: float) -> float:
    """The height of a block of lines in the unit of `size`."""
    return lines * size * LINE_HEIGHT


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break text into lines no wider than `width`, greedily; a word that is too long breaks inside."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_line(paragraph, width, size, bold))
    return lines


def _wrap_line(text: str, width: float, size: float, bold: bool) -> list[str]:
    space = text_width(" ", size, bold=bold)
    lines: list[str] = []
    line, used = "", 0.0
    for word in text.split():
        glue = space if line else 0.0
        needed = text_width(word, size, bold=bold)
        if line and used + glue + needed > width:
            lines.append(line)
            line, used, glue = "", 0.0, 0.0
        if needed <= width:
            line, used = f"{line} {word}" if line else word, used + glue + needed
            continue
        *whole, line = _break_word(word, width, size, bold)
        lines.extend(whole)
        used = text_width(line, size, bold=bold)
    return [*lines, line] if line or not lines else lines


def _break_word(word: str, width: float, size: float, bold: bool) -> list[str]:
    """Parts of a word that each fit, cut after punctuation where there is some, else anywhere."""
    parts: list[str] = []
    part, used = "", 0.0
    for piece in _BREAKS.findall(word) or [word]:
        needed = text_width(piece, size, bold=bold)
        if part and used + needed > width:
            parts.append(part)
            part, used = "", 0.0
        if needed <= width:
            part, used = part + piece, used + needed
            continue
        for char in piece:
            step = text_width(char, size, bold=bold)
            if part and used + step > width:
                parts.append(part)
                part, used = "", 0.0
            part, used = part + char, used + step
    return [*parts, part]


def balance(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Like `wrap`, with lines about equally long: the narrowest width that needs no more lines."""
    lines = wrap(text, width, size, bold=bold)
    if len(lines) < 2 or len(lines) > 12:
        return lines
    low, high = width / 2, width
    while high - low > size / 4:
        middle = (low + high) / 2
        trial = wrap(text, middle, size, bold=bold)
        if len(trial) > len(lines) or _splits_words(trial, text):
            low = middle
        else:
            lines, high = trial, middle
    return lines


def _splits_words(lines: list[str], text: str) -> bool:
    words = set(text.split())
    return any(word not in words for line in lines for word in line.split())


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text broken into lines at a size: what a label becomes in its box."""

    lines: tuple[str, ...]
    size: float
    width: float
    height: float
    whole: bool = True


def measure(lines: list[str], size: float, *, bold: bool = False, whole: bool = True) -> Fitted:
    width = max((text_width(line, size, bold=bold) for line in lines), default=0.0)
    return Fitted(tuple(lines), size, width, text_height(len(lines), size), whole)


def fit(
    text: str,
    width: float,
    height: float,
    size: float,
    *,
    smallest: float = 6.0,
    bold: bool = False,
    diamond: bool = False,
) -> Fitted:
    """Wrap text into a box, at `size` or the largest size below it that fits.

    Args:
        diamond: the box is a rhomb's bounding box, of which a text of w x h needs w/width + h/height <= 1.
        smallest: the size at which text is cut, with an ellipsis; `whole` then says so.
    """
    smallest = min(smallest, size)
    while True:
        lines = _fill_diamond(text, width, height, size) if diamond else balance(text, width, size, bold=bold)
        fitted = measure(lines, size, bold=bold)
        fits = (
            fitted.width / width + fitted.height / height <= 1.02
            if diamond
            else fitted.height <= height + 0.5 and fitted.width <= width + 0.5
        )
        if fits and (size <= smallest * 1.3 or not _splits_words(lines, text)):
            return fitted
        if size <= smallest:
            break
        size = max(smallest, size * 0.93)
    if fits:
        return fitted
    keep = max(1, int((height * (0.6 if diamond else 1.0)) / (size * LINE_HEIGHT)))
    if len(lines) > keep:
        lines = [*lines[: keep - 1], lines[keep - 1][: max(1, len(lines[keep - 1]) - 1)] + "…"]
        return measure(lines, size, bold=bold, whole=False)
    return fitted


def _fill_diamond(text: str, width: float, height: float, size: float) -> list[str]:
    best: list[str] | None = None
    slack = float("inf")
    for count in range(1, 9):
        inner = width * (1 - count * size * LINE_HEIGHT / height)
        if inner < size * 2:
            break
        lines = balance(text, inner, size)
        fitted = measure(lines, size)
        need = fitted.width / width + fitted.height / height
        if need < slack and not _splits_words(lines, text):
            best, slack = lines, need
    return best if best is not None else balance(text, width / 2, size)
