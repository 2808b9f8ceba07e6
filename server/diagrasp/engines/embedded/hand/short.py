"""Short lines of writing: words of two or three letters, or heads of arrows, signs and folds.

Seen as ink, "No" and a head with its shaft are alike: a piece or two, hardly larger than a letter.  Read, they are not:
a head or a sign reads as one letter, or as none.
"""

from __future__ import annotations

import numpy as np

from diagrasp.engines.embedded.hand.writing import Line, Writing
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import HandwritingReader, LineReader

SQUARE = 1.6
"""Width over height below which a found line may be a sign or the head of an arrow."""
SPELLED = 2
"""Letters and digits of a word at least, one of them a letter: a double stroke reads as 11."""


def squarish(line: Line) -> bool:
    """Whether a line is hardly longer than high."""
    long, short = (line.box.h, line.box.w) if line.vertical else (line.box.w, line.box.h)
    return long < SQUARE * short


def with_words_known(writing: Writing, pixels: Image, reader: LineReader | None) -> Writing:
    """The same writing; of its short lines it is known which are words.

    Args:
        pixels: (H, W, 3) RGB, the picture that the lines were found in.
        reader: what knows a reader of handwriting; without one, nothing is known.
    """
    latin = reader.for_latin_handwriting() if isinstance(reader, HandwritingReader) else None
    short = [k for k, line in enumerate(writing.lines) if squarish(line) and not line.vertical]
    if latin is None or not short:
        return writing
    boxes = [writing.lines[k].box for k in short]
    found = latin.read([np.asarray(pixels[b.y0 : b.y1, b.x0 : b.x1], np.uint8) for b in boxes])
    words = {k for k, reading in zip(short, found, strict=True) if _word(reading.text)}
    lines = [line._replace(word=k in words) for k, line in enumerate(writing.lines)]
    return Writing(lines, writing.areas)


def is_word(pixels: Image, box: Rect, reader: LineReader | None) -> bool:
    """Whether what stands in a part of a picture reads as a word.

    Args:
        pixels: (H, W, 3) RGB.
        box: in its pixels.
    """
    latin = reader.for_latin_handwriting() if isinstance(reader, HandwritingReader) else None
    if latin is None:
        return False
    crop = np.asarray(pixels[max(0, box.y0) : max(0, box.y1), max(0, box.x0) : max(0, box.x1)], np.uint8)
    return crop.size > 0 and _word(latin.read([crop])[0].text)


def _word(text: str) -> bool:
    return sum(c.isalnum() for c in text) >= SPELLED and any(c.isalpha() for c in text)
