"""English handwriting, read by the PP-OCRv6 net that the package `rapidocr` carries.

That net saw the writing of many people; ours saw drawn faces only, and reads a stranger's hand far worse (CER 0.5
against 0.1 on photographed notes).  The net's alphabet has no Cyrillic letter, so that Russian handwriting stays with
ours.  Only the file is used: `rapidocr` itself is never imported.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading import Reading
from diagrasp.engines.embedded.reading.lexicon import Lexicon, lexicon
from diagrasp.engines.embedded.reading.packaged import open_packaged, packaged
from diagrasp.engines.embedded.reading.search import beam_search
from diagrasp.errors import EngineUnavailable

FILES: Final = "models/PP-OCR*_rec_*.onnx"
HEIGHT: Final = 48
"""Rows of the lines that the net takes."""
STEP: Final = 8
"""Columns of a line for one step of the net's output."""
ROUNDED: Final = 32
"""Widths of lines are padded to multiples of this many columns, so that several go through the net together."""
NARROWEST, WIDEST = 16, 1600
"""Columns that a line is drawn on at least and at most."""
_BATCH_COLUMNS: Final = 1024
"""Padded columns a batch may hold: more take as long, and memory for 18,710 classes of each step."""

Colour = NDArray[np.uint8]


class LatinHandReader:
    """Reads single lines of handwriting in Latin letters, digits and signs of ASCII."""

    name = "pp-ocr"

    def __init__(self, *, threads: int = 2) -> None:
        """Raises EngineUnavailable where the package is missing or its net is not as expected."""
        path = packaged(FILES)
        self._session = open_packaged(FILES, threads=threads)
        alphabet = str(self._session.get_modelmeta().custom_metadata_map.get("character", "")).splitlines()
        if "a" not in alphabet:
            raise EngineUnavailable(f"{path.name} names no alphabet")
        self.revision = f"{path.stem}.1"
        self._input: str = self._session.get_inputs()[0].name
        code = {c: i for i, c in reversed(list(enumerate(alphabet, 1)))}
        code[" "] = len(alphabet) + 1  # the net's last class
        known = [chr(c) for c in range(32, 127) if chr(c) in code]
        self._alphabet = "".join(known)
        self._classes = np.array([0, *(code[c] for c in known)])
        self._lexicon: Lexicon = lexicon(self._alphabet)

    def read(self, lines: Sequence[Colour]) -> list[Reading]:
        """One reading a line, in order.

        `lines`: (H, W, 3) RGB crops of one upright line each, as photographed, with a little paper around the ink.
        """
        out: list[Reading] = []
        for seen in self._seen([_drawn(line) for line in lines]):
            if not len(seen):
                out.append(Reading("", 0.0))
                continue
            found, probability = beam_search(seen, self._alphabet)
            text = " ".join(self._lexicon.settle([seen], found.text).split()) if found.text.strip() else ""
            out.append(Reading(text, math.exp(min(0.0, probability)) if text else 0.0))
        return out

    def _seen(self, lines: Sequence[Colour | None]) -> list[NDArray[np.float32]]:
        """(T, classes) log-probabilities of each line's steps; no steps for a line that cannot be drawn."""
        found: list[NDArray[np.float32]] = [np.zeros((0, len(self._classes)), np.float32)] * len(lines)
        by_width: dict[int, list[int]] = defaultdict(list)
        for i, line in enumerate(lines):
            if line is not None:
                by_width[-(-line.shape[1] // ROUNDED) * ROUNDED].append(i)
        for width, places in by_width.items():
            size = max(1, _BATCH_COLUMNS // width)
            for start in range(0, len(places), size):
                chosen = places[start : start + size]
                batch = np.zeros((len(chosen), 3, HEIGHT, width), np.float32)
                for row, i in zip(batch, chosen, strict=True):
                    line = lines[i]
                    if line is not None:
                        row[:, :, : line.shape[1]] = line.transpose(2, 0, 1) / 127.5 - 1.0
                output: Any = self._session.run(None, {self._input: batch})[0]
                for one, i in zip(output, chosen, strict=True):
                    line = lines[i]
                    steps = -(-(line.shape[1] if line is not None else 0) // STEP)
                    share = one[:steps, self._classes]
                    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
                    found[i] = np.log(np.maximum(share, 1e-7)).astype(np.float32)
        return found


def _drawn(line: Colour) -> Colour | None:
    """A crop at the height that the net takes; None for an empty one."""
    height, width = line.shape[:2]
    if min(height, width) < 2:
        return None
    to = min(WIDEST, max(NARROWEST, math.ceil(HEIGHT * width / height)))
    how = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(line, (to, HEIGHT), interpolation=how), np.uint8)
