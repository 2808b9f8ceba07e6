"""Tesseract as a line reader, through the `tesserocr` wheel (extra `tesseract`), which brings no language data."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading import Reading
from diagrasp.errors import EngineUnavailable

LANGUAGES: Final = {
    "ru": "rus",
    "en": "eng",
    "de": "deu",
    "uk": "ukr",
    "be": "bel",
    "kk": "kaz",
    "fr": "fra",
    "es": "spa",
}
"""ISO 639-1 to Tesseract's names; what is not here is passed as it is."""
_FOLDERS: Final = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_CAP_HEIGHT: Final = 32
"""Tesseract reads best at capitals of about 30 pixels: smaller ink is enlarged to that."""


def find_data(names: Sequence[str]) -> Path:
    """The folder that holds `NAME.traineddata` for all names; EngineUnavailable says which are missing."""
    folders = [Path(f) for f in (os.environ.get("TESSDATA_PREFIX", ""), *_FOLDERS) if f]
    folders += [f / "tessdata" for f in folders[:1]]
    best, missing = None, list(names)
    for folder in folders:
        lacking = [n for n in names if not (folder / f"{n}.traineddata").is_file()]
        if not lacking:
            return folder
        if folder.is_dir() and len(lacking) <= len(missing):
            best, missing = folder, lacking
    files = ", ".join(f"{n}.traineddata" for n in missing)
    packages = " ".join(f"tesseract-ocr-{n}" for n in missing)
    where = f" in {best}" if best else ""
    raise EngineUnavailable(
        f"Tesseract lacks {files}{where}: install them (Debian and Ubuntu: apt-get install {packages}) "
        "or put them into a folder and name it in TESSDATA_PREFIX"
    )


class TesseractReader:
    """Tesseract 5 in single-line mode. One line at a time; a lock keeps its one API object to one thread."""

    name = "tesseract"

    def __init__(self, languages: Sequence[str] = ("ru", "en")) -> None:
        """Raises EngineUnavailable without tesserocr or without the languages' data."""
        try:
            import tesserocr
        except ImportError as error:
            raise EngineUnavailable("Tesseract is not installed: pip install 'diagrasp[tesseract]'") from error
        names = [LANGUAGES.get(language, language) for language in languages] or ["eng"]
        folder = find_data(names)
        self._lock = threading.Lock()
        self._api: Any = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang="+".join(names), psm=tesserocr.PSM.SINGLE_LINE)
        self.revision = f"{tesserocr.tesseract_version().split()[1]}-{'+'.join(names)}"

    def read(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """See `LineReader.read`."""
        from PIL import Image

        readings = []
        for crop in lines:
            page = tesseract_page(crop)
            if page is None:
                readings.append(Reading("", 0.0))
                continue
            with self._lock:
                self._api.SetImage(Image.fromarray(page))
                text = " ".join(self._api.GetUTF8Text().split())
                confidence = self._api.MeanTextConf() / 100.0
            readings.append(Reading(text, min(1.0, max(0.0, confidence)) if text else 0.0))
        return readings


def tesseract_page(crop: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A crop as Tesseract likes it: dark on light, enlarged, with a white frame; None for a blank crop."""
    from diagrasp.engines.embedded.reading.prepare import dark_on_light, ink_rows

    if crop.ndim != 2:
        raise ValueError(f"a line is a greyscale picture (H, W), got shape {crop.shape}")
    ink = dark_on_light(crop)
    rows = ink_rows(ink) if ink is not None else None
    if ink is None or rows is None:
        return None
    scale = float(np.clip(_CAP_HEIGHT / (rows[1] - rows[0]), 0.2, 4.0))
    height, width = ink.shape
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    large = cv2.resize(ink, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=method)
    framed = cv2.copyMakeBorder(np.clip(large, 0.0, 1.0), 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=0.0)
    return (255.0 - 255.0 * framed).astype(np.uint8)
