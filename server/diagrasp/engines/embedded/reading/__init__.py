"""Reading text lines: a crop of one line in, its text and how sure the reader is out.

The default reader is our own net (`diagrasp_weights/reader.onnx`): Russian and English letters, digits and signs in one
alphabet. Tesseract is there for comparison and for other languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from diagrasp.errors import ConfigurationError, EngineUnavailable

__all__ = ["HandwritingReader", "LatinReader", "LineReader", "Reading", "load_reader"]


class Reading(NamedTuple):
    """What a line says; `confidence` is the estimated chance, 0..1, that every character is right. Blank: ("", 0)."""

    text: str
    confidence: float


class LineReader(Protocol):
    """Reads single lines of text. Instances may be shared by threads."""

    @property
    def name(self) -> str:
        """What the reader is called, e.g. for a report."""
        ...

    @property
    def revision(self) -> str:
        """Changes whenever the same crop may read otherwise: part of cache keys."""
        ...

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """One reading a line, in order.

        `lines`: grey crops (H, W) uint8 of one upright text line each; any height, polarity and contrast; 10 to 25 per
        cent of margin around the ink is best, none to 50 per cent is fine. A line reads the same alone as among others.
        Raises ValueError for an array of another shape.
        """
        ...


@runtime_checkable
class LatinReader(LineReader, Protocol):
    """A reader that can be told that the text is in the Latin script."""

    def read_latin(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """As `read`, with no letter read as a Cyrillic one that looks like it."""
        ...


@runtime_checkable
class HandwritingReader(LineReader, Protocol):
    """A reader that knows others that read handwriting better than it does."""

    def for_handwriting(self) -> LineReader:
        """The reader of handwriting in every script."""
        ...

    def for_latin_handwriting(self) -> LineReader | None:
        """One that reads handwriting in Latin letters, from crops in colour, (H, W, 3); None where there is none."""
        ...


def load_reader(name: str = "auto", languages: Sequence[str] = ("ru", "en")) -> LineReader:
    """The reader called `name`.

    `auto` is the net that ships with diagrasp, or Tesseract where its weights are absent; `net` and `tesseract` name
    one of the two.
    `languages` (ISO 639-1, most likely first) choose Tesseract's models and, for the net, the alphabet of a word of
    letters common to both when nothing else tells.
    Raises EngineUnavailable when the reader cannot work here (the message says what to install), ConfigurationError for
    an unknown name.
    """
    if name not in ("auto", "net", "tesseract"):
        raise ConfigurationError(f"no text reader is called {name!r}: use auto, net or tesseract")
    if name == "tesseract":
        from diagrasp.engines.embedded.reading.tesseract_reader import TesseractReader

        return TesseractReader(languages)
    from diagrasp.engines.embedded.reading.onnx_reader import OnnxReader

    try:
        return OnnxReader(languages)
    except EngineUnavailable as missing:
        if name == "net":
            raise
        try:
            return load_reader("tesseract", languages)
        except EngineUnavailable:
            raise missing from None
