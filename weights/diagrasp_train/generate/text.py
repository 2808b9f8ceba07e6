"""How wide a text is, measured with a real font."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_FONTS = (
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """A plain font with Cyrillic, of a height in pixels."""
    return _font(None).font_variant(size=size)


@lru_cache
def _font(path: str | None) -> ImageFont.FreeTypeFont:
    for candidate in (path, *_FONTS):
        if candidate and Path(candidate).is_file():
            return ImageFont.truetype(candidate, 100)
    raise FileNotFoundError("no font to measure with: install Debian's fonts-liberation")


def text_width(text: str, size: float, font: str | None = None) -> float:
    """The width of one line in the unit of `size` (the font's height in pixels); `font` is a file."""
    return _font(font).getlength(text) * size / 100


def wrap(text: str, size: float, width: float, font: str | None = None) -> list[str]:
    """The lines of a text broken at spaces so that none is wider than `width` where a word allows it."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size, font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]
