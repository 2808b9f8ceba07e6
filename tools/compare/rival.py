"""`rival.py NAME`: a rival as its users call it.  Reads paths of pictures, a line each; answers a line of JSON each.

The first answer is to an empty picture and means that the models are loaded.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


def tesseract() -> Callable[[str], Answer]:
    """Lines of text with their boxes."""
    import tesserocr
    from PIL import Image

    api = tesserocr.PyTessBaseAPI(psm=tesserocr.PSM.SPARSE_TEXT, lang="rus+eng", path=_data())

    def read(path: str) -> Answer:
        with Image.open(path) as image:
            api.SetImage(image.convert("RGB"))
        api.Recognize()
        lines = []
        for line in tesserocr.iterate_level(api.GetIterator(), tesserocr.RIL.TEXTLINE):
            box = line.BoundingBox(tesserocr.RIL.TEXTLINE)
            try:
                text = line.GetUTF8Text(tesserocr.RIL.TEXTLINE)
            except RuntimeError:  # nothing was read
                continue
            if box and text.strip():
                lines.append([*box, text.strip()])
        return {"lines": lines}

    return read


def _data() -> str:
    found = sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"))
    return str(found[-1]) if found else ""


def rapidocr() -> Callable[[str], Answer]:
    """Lines of text with their boxes."""
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(path: str) -> Answer:
        out = engine(path)
        lines = []
        for box, text in zip(out.boxes if out.boxes is not None else (), out.txts or (), strict=True):
            xs, ys = [float(p[0]) for p in box], [float(p[1]) for p in box]
            lines.append([min(xs), min(ys), max(xs), max(ys), text])
        return {"lines": lines}

    return read


def diagram2code() -> Callable[[str], Answer]:
    """A graph."""
    import cv2
    from diagram2code.benchmark.predictors_vision import VisionPredictor
    from diagram2code.schema import Node
    from diagram2code.vision.extract_labels import extract_node_labels

    predictor = VisionPredictor()

    def read(path: str) -> Answer:
        found = predictor(Path(path))
        nodes = [Node(id=n["id"], bbox=tuple(n["bbox"])) for n in found.nodes]
        labels = extract_node_labels(cv2.imread(path), nodes)
        return {
            "nodes": [{"id": str(n.id), "label": labels.get(n.id) or ""} for n in nodes],
            "edges": [{"source": e["from"], "target": e["to"]} for e in found.edges],
        }

    return read


RIVALS = {"tesseract": tesseract, "rapidocr": rapidocr, "diagram2code": diagram2code}


def main() -> None:
    """Answer until there are no more pictures."""
    import cv2
    import numpy as np

    answers, sys.stdout = sys.stdout, sys.stderr  # libraries chatter
    read = RIVALS[sys.argv[1]]()
    with tempfile.TemporaryDirectory() as folder:
        blank = str(Path(folder, "blank.png"))
        cv2.imwrite(blank, np.full((64, 64, 3), 255, np.uint8))
        for path in _paths(blank):
            started = time.perf_counter()
            try:
                answer = read(path)
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            answer["seconds"] = time.perf_counter() - started
            print(json.dumps(answer), file=answers, flush=True)


def _paths(first: str) -> Iterator[str]:
    yield first
    for line in sys.stdin:
        yield line.rstrip("\n")


if __name__ == "__main__":
    main()
