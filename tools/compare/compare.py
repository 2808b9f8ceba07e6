"""`python tools/compare/compare.py DIR`: the embedded engine beside what one would take instead, on the same pictures.

Words: the share of the words of all true labels that are in the answer, each word as often as it is there.  Labels:
the share of true labels, of nodes, connectors and containers, that some text of the answer agrees with (similarity 0.8,
as everywhere); from readers of text alone, lines set under one another are joined to a block first.  Nodes and edges:
the benchmark's F1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from diagrasp.bench.cases import Case, load_cases
from diagrasp.bench.metric import SAME, alike, plain, score
from diagrasp.bench.report import percentile
from diagrasp.bench.truths import Truths
from diagrasp.errors import DiagraspError
from diagrasp.model import Diagram

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = ("rapidocr>=3.10", "onnxruntime", "diagram2code[ocr]>=0.1.8")
Answer = dict[str, Any]


def ask(python: Path, name: str, cases: Sequence[Case]) -> Iterator[Answer]:
    """A rival's answers, picture by picture, after one that is not counted."""
    command = [str(python), str(HERE / "rival.py"), name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rival:
        assert rival.stdin is not None
        assert rival.stdout is not None
        rival.stdout.readline()
        for case in cases:
            print(case.picture.resolve(), file=rival.stdin, flush=True)
            line = rival.stdout.readline()
            yield json.loads(line) if line else {"error": f"{name} ended", "seconds": 0.0}
        rival.stdin.close()


def ours(cases: Sequence[Case]) -> Iterator[Answer]:
    """The embedded engine's answers, the same way."""
    from time import perf_counter

    from diagrasp.engines.embedded.graph.assemble import assemble
    from diagrasp.engines.embedded.reading import load_reader
    from diagrasp.engines.embedded.scene import understand
    from diagrasp.images import load_picture

    reader = load_reader()
    for k, case in enumerate([min(cases, key=lambda c: c.picture.stat().st_size), *cases]):
        started = perf_counter()
        data = case.picture.read_bytes()
        pixels = load_picture(data, name=case.name, max_bytes=len(data), max_pixels=200_000_000).pixels
        found = assemble(understand(pixels), pixels, reader)[0]
        if k:
            yield {"diagram": found, "seconds": perf_counter() - started}


def judge(case: Case, answer: Answer) -> dict[str, float]:
    """What of a picture is in an answer."""
    found: Diagram | None = answer.get("diagram")
    if found is None and "nodes" in answer:
        found = Diagram.model_validate({"nodes": answer["nodes"], "edges": answer["edges"]})
    texts = _labels(found) if found is not None else [line[4] for line in answer.get("lines", [])]
    blocks = texts if found is not None else texts + _blocks(answer.get("lines", []))
    want = [plain(label) for label in _labels(case.truth)]
    true, have = (Counter(" ".join(map(plain, each)).split()) for each in (want, texts))
    seen = [plain(text) for text in blocks]
    out = {"seconds": float(answer["seconds"])}
    if true:
        out["words"] = sum((true & have).values()) / sum(true.values())
        out["labels"] = fmean(float(any(alike(label, text) >= SAME for text in seen)) for label in want)
    if found is not None:
        reached = score(case.truth, found)
        out["node"] = reached.node
        if reached.edge is not None:
            out["edge"] = reached.edge
    return out


def _labels(diagram: Diagram) -> list[str]:
    labels = [n.label for n in diagram.nodes] + [e.label for e in diagram.edges] + [g.label for g in diagram.groups]
    return [label for label in labels if plain(label)]


def _blocks(lines: Sequence[Sequence[Any]]) -> list[str]:
    """Lines set under one another, joined."""
    blocks: list[list[Sequence[Any]]] = []
    for line in sorted(lines, key=lambda each: each[1]):
        x0, y0, x1, y1, _ = line
        for block in blocks:
            a0, _, a1, bottom, _ = block[-1]
            if min(x1, a1) - max(x0, a0) > 0.5 * min(x1 - x0, a1 - a0) and -0.5 < (y0 - bottom) / (y1 - y0 or 1) < 0.8:
                block.append(line)
                break
        else:
            blocks.append([line])
    return [" ".join(line[4] for line in block) for block in blocks if len(block) > 1]


def table(rows: dict[str, list[dict[str, float]]]) -> str:
    """Means, and the times' percentiles."""
    names = ("words", "labels", "node", "edge")
    lines = [f"| reader | n | {' | '.join(names)} | p50 s | p95 s |", "|---|" + "---:|" * (len(names) + 3)]
    for reader, found in rows.items():
        cells = []
        for name in names:
            values = [each[name] for each in found if name in each]
            cells.append(f"{fmean(values):.3f}" if values else "-")
        seconds = [each["seconds"] for each in found]
        cells += [f"{percentile(seconds, share):.2f}" for share in (0.5, 0.95)]
        lines.append(f"| {reader} | {len(found)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask everyone, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="pictures NAME.png with truths NAME.json, as for `diagrasp bench`")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv-rivals", help="the rivals' environment")
    parser.add_argument("--largest", type=float, default=4e6, help="pixels of the largest picture (%(default)g)")
    parser.add_argument("--readers", default="embedded,tesseract,rapidocr,diagram2code", help="who is asked (all)")
    options = parser.parse_args(arguments)
    subprocess.run([ROOT / "tools/venv.sh", options.venv, ".rivals", *PACKAGES], check=True)
    try:
        cases = [c for c in load_cases(options.folder, Truths()) if _pixels(c) <= options.largest]
    except DiagraspError as error:
        print(error, file=sys.stderr)
        return 1
    rows = {}
    for name in options.readers.split(","):
        python = Path(sys.executable) if name == "tesseract" else options.venv / "bin/python"
        answers = ours(cases) if name == "embedded" else ask(python, name, cases)
        rows[name] = []
        for case, answer in zip(cases, answers, strict=True):
            if "error" in answer:
                print(f"{name}: {case.name}: {answer['error']}", file=sys.stderr)
            rows[name].append(judge(case, answer))
    print(table(rows))
    return 0


def _pixels(case: Case) -> int:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(case.picture) as image:
        return image.width * image.height


if __name__ == "__main__":
    raise SystemExit(main())
