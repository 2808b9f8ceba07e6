"""Lines that a reader doubts, read again: at other widths, and by a net that knows Latin letters and signs only.

Print at screen size is what our net doubts most: brackets, pluses and stars of code are two or three pixels wide there.
PP-OCRv6 reads them better, at ten times the cost a line, so that it is asked about few.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import cv2
import numpy as np

from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.reading import HandwritingReader, LineReader, Reading

SURE: Final = 0.97
"""A reader's confidence above which a line is not read again."""
STRETCHES: Final = (0.92, 1.09)
"""Widths at which doubtful lines are read again: a letter read twice or skipped at one width seldom is at another."""
DOUBTFUL: Final = 0.7
"""Confidence below which a line in Latin letters is shown to the other net."""
SHORT, DOUBTFUL_SHORT = 4, 0.9
"""The same for lines of at most so many characters, of which one is a large part: they cost little."""
SLACK: Final = 0.2
"""How much less sure the other net may be and still be believed."""
BLANK: Final = 0.5
"""Confidence from which the other net is believed where ours saw nothing at all."""
MOST: Final = 24
"""Lines shown to it at most, the most doubtful first."""
_LATIN: Final = re.compile(r"[bdfghijklmnqrstuvwzDFGIJLNQRSUVWYZ\[\]{}<>=+;()*/]")
"""What no Russian word has, not even by its letters' shapes, but code and formulas do."""


def second_look(crops: list[Image], reader: LineReader, *, brief: bool = False) -> list[Reading]:
    """Read every crop; a doubtful one again a little narrower, then, where that differs, wider: two of three decide.

    Args:
        brief: look again at lone signs only: the reader of handwriting itself looks at words several times.
    """
    first = reader.read(crops)
    doubtful = [
        i for i, r in enumerate(first) if r.confidence < SURE and crops[i].size and not (brief and len(r.text) > 2)
    ]
    votes = {i: [first[i]] for i in doubtful}
    for fx in STRETCHES:
        open_still = [i for i in doubtful if len(votes[i]) == 1 or votes[i][0].text != votes[i][1].text]
        stretched = [
            np.asarray(cv2.resize(crops[i], None, fx=fx, fy=1.0, interpolation=cv2.INTER_LINEAR), np.uint8)
            for i in open_still
        ]
        for i, again in zip(open_still, reader.read(stretched), strict=True):
            votes[i].append(again)
    out = list(first)
    for i, several in votes.items():
        out[i] = max(several, key=lambda r: (sum(v.text == r.text for v in several), r.confidence))
    return out


def by_latin_net(
    readings: list[Reading], crops: list[Image], reader: LineReader, signs: Collection[int] = ()
) -> list[Reading]:
    """Doubtful lines of Latin letters, digits and signs as the other net reads them, where it is as sure.

    Args:
        readings: of the lines of one drawing, in order.
        crops: (h, w) grey, one a line.
        reader: whose readings they are; where it knows no other net, nothing changes.
        signs: lines that stand where an event or a gateway has its sign: only a word is believed there.
    """
    russian = len(re.findall(r"[Ѐ-ӿ]", "".join(r.text for r in readings))) > 2
    doubtful = [
        i
        for i, r in enumerate(readings)
        if r.confidence < (DOUBTFUL_SHORT if len(r.text) <= SHORT else DOUBTFUL)
        and r.text.isascii()
        and crops[i].size
        and (not russian or _LATIN.search(r.text))
    ]
    other = reader.for_latin_handwriting() if doubtful and isinstance(reader, HandwritingReader) else None
    if other is None:
        return readings
    doubtful = sorted(doubtful, key=lambda i: readings[i].confidence)[:MOST]
    colour = [np.asarray(cv2.cvtColor(crops[i], cv2.COLOR_GRAY2RGB), np.uint8) for i in doubtful]
    out = list(readings)
    for i, seen in zip(doubtful, other.read(colour), strict=True):
        enough = readings[i].confidence - SLACK if readings[i].text else BLANK
        word = i not in signs or sum(c.isalnum() for c in seen.text) > 1
        if seen.text and word and seen.confidence > enough:
            out[i] = seen
    return out
