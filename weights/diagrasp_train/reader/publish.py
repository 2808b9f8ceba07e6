"""Put a trained reader into `diagrasp_weights`: calibrated, measured, with its model card.

python -m diagrasp_train.reader.publish --folder run --card
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import cv2

from diagrasp.engines.embedded.reading import LineReader
from diagrasp.engines.embedded.reading.onnx_reader import OnnxReader
from diagrasp.engines.embedded.reading.tesseract_reader import TesseractReader
from diagrasp_train.reader.alphabet import ALPHABET
from diagrasp_train.reader.evaluate import CLASSES, calibrate, examples, read, reliability, table
from diagrasp_train.reader.fonts import find_fonts

TARGET = Path(__file__).resolve().parents[2] / "diagrasp_weights"
_COLUMNS = ("all", "ru", "en", "mixed", "signs", "0-13 px", "13-20 px", "20-99 px", "lines right")


def measure(reader: OnnxReader, count: int, seed: int) -> list[dict[str, Any]]:
    """Rows of the card's table: our reader and Tesseract on the same crops, class by class."""
    readers: list[LineReader] = [reader, TesseractReader()]
    rows = []
    for number, (name, (kind, clean, written)) in enumerate(CLASSES.items()):
        lines = examples(count, seed=seed + 31 * number, kind=kind, clean=clean, written=written)
        for each in readers:
            readings, speed = read(each, lines)
            row = {"class": name, "reader": each.name, **table(lines, readings)}
            rows.append({**row, "ece": round(reliability(lines, readings), 3), "speed": round(speed)})
            print(json.dumps(rows[-1]), flush=True)
    return rows


def families(held_out: bool) -> str:
    """Names of the font families of one split, for the card."""
    return ", ".join(sorted({font.family for font in find_fonts(ALPHABET) if font.held_out == held_out}))


def card(about: dict[str, Any], rows: list[dict[str, Any]], notes: str, count: int) -> str:
    """The model card as Markdown."""
    training = about["training"]
    head = "| lines | reader | " + " | ".join(_COLUMNS) + " | ECE | lines/s |"
    rule = "|" + "---|" * (len(_COLUMNS) + 4)
    body = [
        f"| {row['class']} | {row['reader']} | "
        + " | ".join(f"{row[c]:.3f}" for c in _COLUMNS)
        + f" | {row['ece']} | {row['speed']} |"
        for row in rows
    ]
    log = ["| minutes | lines seen | loss | CER |", "|---|---|---|---|"]
    log += [f"| {e['minutes']} | {e['lines']} | {e['loss']} | {e['cer_unseen_fonts']} |" for e in about["log"]]
    template = (Path(__file__).with_name("card.md")).read_text("utf-8")
    values = {
        "revision": about["revision"],
        "sha256": about["sha256"],
        "size": f"{about['bytes'] / 1e6:.1f}",
        "classes": str(len(about["alphabet"])),
        "alphabet": about["alphabet"].replace("`", "(backtick)"),
        "seed": str(training["seed"]),
        "minutes": str(training["minutes"]),
        "seen": str(training["lines"]),
        "count": str(count),
        "table": "\n".join([head, rule, *body]),
        "log": "\n".join(log),
        "train_families": families(False),
        "held_out_families": families(True),
        "notes": notes.strip(),
    }
    for key, value in values.items():
        template = template.replace("{{" + key + "}}", value)
    return template


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="the run: reader.onnx, reader.json")
    parser.add_argument("--to", type=Path, default=TARGET)
    parser.add_argument("--card", action="store_true", help="measure beside Tesseract and write reader.md (minutes)")
    parser.add_argument("--notes", type=Path, help="Markdown: what it reads badly, seen on real errors")
    parser.add_argument("--count", type=int, default=1000, help="lines a class")
    parser.add_argument("--seed", type=int, default=90210, help="of the measured lines")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    about = json.loads((arguments.folder / "reader.json").read_text("utf-8"))
    reader = OnnxReader(threads=1, folder=arguments.folder)
    # Calibrated on other lines than are measured, half of them spoiled, in fonts that training never saw.
    about["calibration"] = [round(v, 4) for v in calibrate(reader, examples(1500, seed=5, clean=0.5))]
    reader.calibration = tuple(about["calibration"])
    if arguments.card:
        rows = measure(reader, arguments.count, arguments.seed)
        about["measured"] = rows
        about["bytes"] = (arguments.folder / "reader.onnx").stat().st_size
        notes = arguments.notes.read_text("utf-8") if arguments.notes else ""
        (arguments.to / "reader.md").write_text(card(about, rows, notes, arguments.count), "utf-8")
    shutil.copyfile(arguments.folder / "reader.onnx", arguments.to / "reader.onnx")
    about.pop("log", None)
    (arguments.to / "reader.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
