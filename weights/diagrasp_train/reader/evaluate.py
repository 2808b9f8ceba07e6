"""How well a reader reads lines in fonts that training never saw, beside Tesseract on the same crops.

python -m diagrasp_train.reader.evaluate --folder run --tesseract
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading import LineReader, Reading
from diagrasp.engines.embedded.reading.onnx_reader import OnnxReader
from diagrasp.engines.embedded.reading.tesseract_reader import TesseractReader
from diagrasp_train.reader.metrics import cer
from diagrasp_train.reader.render import Renderer


@dataclass(frozen=True, slots=True)
class Example:
    """A raw crop, as a detector would hand it over, with its truth and the classes it is counted in."""

    crop: NDArray[np.uint8]
    text: str
    kind: str
    language: str
    size: float
    family: str


def language_of(text: str) -> str:
    """ru, en, mixed or signs, by the letters."""
    cyrillic = any("Ѐ" <= c <= "ӿ" for c in text)
    latin = any(c.isalpha() and not "Ѐ" <= c <= "ӿ" for c in text)
    return "mixed" if cyrillic and latin else "ru" if cyrillic else "en" if latin else "signs"


def examples(
    count: int,
    *,
    seed: int = 4242,
    kind: str | None = None,
    clean: float = 1.0,
    written: float = 0.0,
    held_out: bool = True,
) -> list[Example]:
    """`count` lines of one font class (None: any); `clean` of them not spoiled, `written` of them as a pen writes."""
    share = 1.0 if kind == "hand" else 0.0 if kind else 0.2
    renderer = Renderer(seed, held_out=held_out, hand_share=share, clean=clean, written=written)
    found: list[Example] = []
    while len(found) < count:
        font = renderer.font()
        text = renderer.texts.sample(latin_only=not font.cyrillic)
        size = renderer.size()
        if (kind and font.kind != kind) or not set(text) <= font.characters:
            continue
        crop = renderer.crop(text, font, size)
        if crop is not None:
            found.append(Example(crop, text, font.kind, language_of(text), size, font.family))
    return found


def read(reader: LineReader, lines: list[Example], batch: int = 40) -> tuple[list[Reading], float]:
    """Readings, and lines read in a second; `batch` lines at a time, as in a diagram."""
    start = time.perf_counter()
    readings: list[Reading] = []
    for i in range(0, len(lines), batch):
        readings += reader.read([line.crop for line in lines[i : i + batch]])
    return readings, len(lines) / (time.perf_counter() - start)


def table(lines: list[Example], readings: list[Reading]) -> dict[str, float]:
    """CER of all, by language, by size; share of lines without an error."""
    pairs = [(r.text, e.text) for r, e in zip(readings, lines, strict=True)]
    rows = {"all": cer(pairs), "lines right": sum(a == b for a, b in pairs) / len(pairs)}
    rows["case ignored"] = cer((a.lower(), b.lower()) for a, b in pairs)
    for language in ("ru", "en", "mixed", "signs"):
        rows[language] = cer(p for p, e in zip(pairs, lines, strict=True) if e.language == language)
    for low, high in ((0, 13), (13, 20), (20, 99)):
        rows[f"{low}-{high} px"] = cer(p for p, e in zip(pairs, lines, strict=True) if low <= e.size < high)
    return {key: round(value, 4) for key, value in rows.items()}


def calibrate(reader: OnnxReader, lines: list[Example], rounds: int = 300) -> tuple[float, float]:
    """Slope and offset of the curve from log doubt to the chance that a line is right (logistic regression, Newton)."""
    reader.calibration = (1.0, 0.0)
    readings, _ = read(reader, lines)
    pairs = [(r, e) for r, e in zip(readings, lines, strict=True) if r.text]
    # With slope 1 and offset 0 the confidence is 1 / (1 + doubt): that gives the log doubt back.
    x = np.array([np.log(1.0 / max(r.confidence, 1e-9) - 1.0 + 1e-12) for r, _ in pairs])
    y = np.array([float(r.text == e.text) for r, e in pairs])
    features = np.stack([-x, np.ones_like(x)], axis=1)
    beta = np.zeros(2)
    for _ in range(rounds):
        p = 1.0 / (1.0 + np.exp(-features @ beta))
        hessian = (features * (p * (1 - p))[:, None]).T @ features + 1e-6 * np.eye(2)
        beta += np.linalg.solve(hessian, features.T @ (y - p))
    return float(beta[0]), float(beta[1])


def reliability(lines: list[Example], readings: list[Reading], bins: int = 10) -> float:
    """Expected calibration error of the confidences."""
    confidence = np.array([r.confidence for r in readings])
    right = np.array([r.text == e.text for r, e in zip(readings, lines, strict=True)], float)
    slot = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(confidence[slot == b].sum() - right[slot == b].sum()) for b in range(bins)) / len(lines))


CLASSES = {
    "print, clean": ("print", 1.0, 0.0),
    "print, spoiled": ("print", 0.0, 0.0),
    "mono, clean": ("mono", 1.0, 0.0),
    "hand, clean": ("hand", 1.0, 0.0),
    "written": ("hand", 0.6, 1.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="folder of reader.onnx and reader.json; default: those shipped")
    parser.add_argument("--count", type=int, default=600, help="lines a class")
    parser.add_argument("--seed", type=int, default=4242)
    parser.add_argument("--tesseract", action="store_true", help="read the same crops with Tesseract rus+eng")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, help="print that many wrong lines of each class")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    readers: list[LineReader] = [OnnxReader(threads=arguments.threads, folder=arguments.folder)]
    if arguments.tesseract:
        readers.append(TesseractReader())
    for name, (kind, clean, written) in CLASSES.items():
        lines = examples(arguments.count, seed=arguments.seed, kind=kind, clean=clean, written=written)
        for reader in readers:
            readings, speed = read(reader, lines)
            rows = table(lines, readings)
            print(
                json.dumps(
                    {
                        "class": name,
                        "reader": reader.name,
                        **rows,
                        "lines/s": round(speed),
                        "ece": round(reliability(lines, readings), 3),
                    }
                )
            )
            wrong = [(r, e) for r, e in zip(readings, lines, strict=True) if r.text != e.text]
            for r, e in wrong[: arguments.errors]:
                print(f"    {r.confidence:.2f} {r.text!r} for {e.text!r} ({e.family} {e.size:.0f} px)")


if __name__ == "__main__":
    main()
