"""The reader that ships with diagrasp: a CTC net under ONNX Runtime, on the CPU."""

from __future__ import annotations

import copy
import math
import threading
from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.nets import open_net
from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.reading.decode import Decoder
from diagrasp.engines.embedded.reading.latin_hand import LatinHandReader
from diagrasp.engines.embedded.reading.lexicon import Lexicon, lexicon
from diagrasp.engines.embedded.reading.prepare import HEIGHT, MARGIN, prepare_line
from diagrasp.engines.embedded.reading.spelling import Spelling
from diagrasp.errors import EngineUnavailable

RULES: Final = 4
"""Counts up when preparation or decoding changes what a line reads as: part of the revision."""
THREADS: Final = 2
HANDWRITING: Final = "handwriting"
"""Folder of the net that reads handwriting, beside the one that reads print."""
WIDEST: Final = 1024
"""Prepared lines wider than this are read in pieces, cut at a gap between words."""
_BATCH_COLUMNS: Final = 8192
"""Padded columns a batch may hold: bounds memory, and larger batches are no faster on a CPU."""

LOOKS: Final = (0.85, 1.15)
"""Widths at which handwriting is looked at again; people's letters are wider and narrower than those of any face."""

Gray = NDArray[np.uint8]


def cut_at_gaps(line: Gray, widest: int = WIDEST) -> list[Gray]:
    """Pieces of a prepared line none of which is wider than `widest`, cut in the widest gap of each last half."""
    pieces = []
    while line.shape[1] > widest:
        blank = (line[:, :widest] > 230).all(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], blank.astype(np.int8), [0]))))
        gaps = [
            (int(b - a), (int(a) + int(b)) // 2)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
            if a > widest // 2
        ]
        cut = max(gaps)[1] if gaps else widest
        pieces.append(line[:, :cut])
        line = line[:, cut:]
    return [*pieces, line]


def _drawn(line: Gray, width: float) -> Gray:
    """A prepared line drawn wider or narrower."""
    to = max(2 * MARGIN, round(line.shape[1] * width)), line.shape[0]
    return np.asarray(cv2.resize(line, to, interpolation=cv2.INTER_AREA if width < 1 else cv2.INTER_LINEAR), np.uint8)


class OnnxReader:
    """Our net.

    Lines of the same padded width go through it together; padding depends on the line alone, and so does its reading.
    """

    name = "diagrasp-reader"

    def __init__(
        self, languages: Sequence[str] = ("ru", "en"), *, threads: int = THREADS, folder: Traversable | None = None
    ) -> None:
        """`folder` holds reader.onnx and reader.json, by default those that diagrasp ships.

        Raises EngineUnavailable when onnxruntime or the weights are missing or do not belong together.
        """

        def fits(about: dict[str, Any]) -> str | None:
            rows = about["height"]
            return None if rows == HEIGHT else f"takes lines of {rows} rows, this diagrasp makes {HEIGHT}"

        self._session, about = open_net("reader", fits, threads=threads, folder=folder)
        self.revision = f"{about['revision']}.{RULES}"
        self._step: int = about["step"]
        self._ink_height: int = about["ink_height"]
        self._temperature: float = about["temperature"]
        self.calibration: tuple[float, float] = tuple(about.get("calibration", (1.0, 0.0)))
        self._decoder = Decoder(about["alphabet"], languages)
        if folder is None:
            self._decoder.spelling = Spelling()
        self._languages, self._threads = tuple(languages), threads
        self._lexicon: Lexicon | None = None
        self._by_hand: OnnxReader | None = None
        self._latin_hand: LatinHandReader | None = None
        self._no_latin_hand = "en" not in languages
        self._lock = threading.Lock()

    def for_handwriting(self) -> OnnxReader:
        """The reader of handwriting: a net that saw more of it, leaning on words that diagrams are likely to say.

        Loaded when first asked for; this very net where it is missing.
        """
        with self._lock:
            if self._by_hand is None:
                folder = resources.files("diagrasp_weights").joinpath(HANDWRITING)
                try:
                    other = OnnxReader(self._languages, threads=self._threads, folder=folder)
                except EngineUnavailable:
                    other = copy.copy(self)
                other._lexicon = lexicon(other._decoder.alphabet)
                self._by_hand = other
            return self._by_hand

    def for_latin_handwriting(self) -> LatinHandReader | None:
        """The reader of English handwriting, where its package is there and English is among the languages."""
        with self._lock:
            if self._latin_hand is None and not self._no_latin_hand:
                try:
                    self._latin_hand = LatinHandReader(threads=self._threads)
                except EngineUnavailable:
                    self._no_latin_hand = True
            return self._latin_hand

    def read(self, lines: Sequence[Gray]) -> list[Reading]:
        """See `LineReader.read`."""
        return self._read(lines, latin=False)

    def read_latin(self, lines: Sequence[Gray]) -> list[Reading]:
        """See `LatinReader.read_latin`."""
        return self._read(lines, latin=True)

    def _read(self, lines: Sequence[Gray], *, latin: bool) -> list[Reading]:
        pieces: list[tuple[int, Gray]] = []
        for index, crop in enumerate(lines):
            prepared = prepare_line(crop, self._ink_height)
            if prepared is not None:
                pieces += [(index, piece) for piece in cut_at_gaps(prepared)]
        found = self._seen([piece for _, piece in pieces])
        looks = [[logp] for logp in found]
        if self._lexicon is not None:
            for width in LOOKS:
                for several, logp in zip(looks, self._seen([_drawn(p, width) for _, p in pieces]), strict=True):
                    several.append(logp)
        parts: dict[int, list[Reading]] = defaultdict(list)
        for (index, _), several in zip(pieces, looks, strict=True):
            parts[index].append(self._decode(several, latin))
        return [self._join(parts[index]) for index in range(len(lines))]

    def _seen(self, pieces: list[Gray]) -> list[NDArray[np.float32]]:
        """The net's output for prepared lines, in order."""
        by_width: dict[int, list[int]] = defaultdict(list)
        for position, piece in enumerate(pieces):
            by_width[-(-piece.shape[1] // self._step) * self._step].append(position)
        found: dict[int, NDArray[np.float32]] = {}
        for width, positions in by_width.items():
            size = max(1, _BATCH_COLUMNS // width)
            for start in range(0, len(positions), size):
                chosen = positions[start : start + size]
                batch = np.full((len(chosen), HEIGHT, width), 255, np.uint8)
                for row, position in zip(batch, chosen, strict=True):
                    row[:, : pieces[position].shape[1]] = pieces[position]
                (output,) = self._session.run(["logp"], {"lines": batch})
                found.update(zip(chosen, output, strict=True))
        return [found[position] for position in range(len(pieces))]

    def _decode(self, looks: list[NDArray[np.float32]], latin: bool) -> Reading:
        text, probability = self._decoder.decode(looks[0], latin=latin)
        if not text:
            return Reading("", 0.0)
        if self._lexicon is not None:
            text = self._lexicon.settle(looks, text)
        # The chance that all is right: a logistic curve over the log of the net's doubt, fitted on lines in fonts that
        # training never saw (reader.md).
        slope, offset = self.calibration
        doubt = math.log(1e-4 - min(0.0, probability * self._temperature))
        return Reading(text, 1.0 / (1.0 + math.exp(min(60.0, slope * doubt - offset))))

    @staticmethod
    def _join(parts: list[Reading]) -> Reading:
        text = " ".join(part.text for part in parts if part.text)
        return Reading(text, math.prod(part.confidence for part in parts) if text else 0.0)
