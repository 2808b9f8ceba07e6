"""What large pictures cost: BPMN exports of some megapixels with text of ordinary size, read as a user would.

python tools/bench_large.py [--megapixels 4 16 64] [--nodes-per-megapixel 4.7] [--keep FOLDER]

Draws processes in lanes, runs `diagrasp recognize` on each in a process of its own, and prints Markdown: seconds of
wall clock and of processor, largest resident size, F1 of nodes and edges.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from diagrasp.bench.metric import score
from diagrasp.formats import FormatRegistry
from diagrasp.model import Diagram

VERBS = ("Проверить", "Согласовать", "Отправить", "Получить", "Зарегистрировать", "Утвердить", "Подписать", "Оплатить")
THINGS = ("заявку", "договор", "счёт", "документы", "отчёт", "акт", "заказ", "письмо")
TASK, GATEWAY, EVENT = (120, 80), (50, 50), (36, 36)
ROWS_OF_LANE = 3


def process(megapixels: float, nodes: int, *, seed: int = 1) -> Diagram:
    """A pool with lanes, rows of steps in them, at places that fill so many pixels at scale 1."""
    chance = random.Random(seed)  # noqa: S311
    columns = max(3, round((1.25 * nodes) ** 0.5))
    rows = max(1, round(nodes / columns))
    side = (megapixels * 1e6 * 0.97 / (columns * rows)) ** 0.5
    wide, high = min(1.15, 0.9 + 0.25 * side / 400) * side, side / min(1.15, 0.9 + 0.25 * side / 400)
    lanes = [range(first, min(rows, first + ROWS_OF_LANE)) for first in range(0, rows, ROWS_OF_LANE)]
    pool = [0.0, 0.0, columns * wide + 60, rows * high]
    groups = [{"id": "pool", "label": "Закупки", "kind": "pool", "box": pool}]
    groups += [
        {"id": f"lane{k}", "label": f"Отдел {k + 1}", "kind": "lane", "parent": "pool",
         "box": [30.0, lane[0] * high, pool[2] - 30, len(lane) * high]}
        for k, lane in enumerate(lanes)
    ]  # fmt: skip
    placed: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for row in range(rows):
        for column in range(columns):
            shape, size = "task", TASK
            if column in (0, columns - 1):
                shape, size = ("start_event" if column == 0 else "end_event"), EVENT
            elif column % 4 == 3:
                shape, size = "exclusive_gateway", GATEWAY
            label = f"{chance.choice(VERBS)} {chance.choice(THINGS)} {len(placed) + 1}" if shape == "task" else ""
            x, y = 70 + (column + 0.5) * wide - size[0] / 2, (row + 0.5) * high - size[1] / 2
            node = {"id": f"n{len(placed) + 1}", "label": label, "shape": shape, "box": [x, y, *size],
                    "group": f"lane{row // ROWS_OF_LANE}"}  # fmt: skip
            if column:
                before = placed[-1]
                path = [[before["box"][0] + before["box"][2], y + size[1] / 2], [x, y + size[1] / 2]]
                edges.append({"source": before["id"], "target": node["id"], "path": path})
                edges[-1]["label"] = "да" if before["shape"] == "exclusive_gateway" else ""
            placed.append(node)
            if row and shape == "exclusive_gateway":  # from the gateway above, an alternative
                above = placed[-1 - columns]
                path = [[x + size[0] / 2, above["box"][1] + size[1]], [x + size[0] / 2, y]]
                edges.append({"source": above["id"], "target": node["id"], "path": path, "label": "нет"})
    return Diagram.model_validate({"kind": "bpmn", "nodes": placed, "edges": edges, "groups": groups})


def read(picture: Path) -> tuple[Diagram, float, float, int]:
    """What the embedded engine says; seconds of wall clock and of processor, and the largest resident size in bytes."""
    command = [sys.executable, "-m", "diagrasp", "recognize", str(picture), "--engine", "embedded", "--to", "json"]
    started = time.perf_counter()
    patient = {**os.environ, "DIAGRASP_TIMEOUT": "3600"}
    with subprocess.Popen([*command, "--no-cache"], stdout=subprocess.PIPE, env=patient) as running:
        out = running.stdout.read() if running.stdout else b""
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"diagrasp recognize failed on {picture}")
    unit = 1 if sys.platform == "darwin" else 1024
    spent = time.perf_counter() - started
    return Diagram.model_validate(json.loads(out)), spent, used.ru_utime + used.ru_stime, used.ru_maxrss * unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[4, 16, 64])
    parser.add_argument("--nodes-per-megapixel", type=float, default=4.7)
    parser.add_argument("--keep", type=Path, help="a folder for the pictures and their truths")
    options = parser.parse_args()
    write = FormatRegistry().writer("png").write
    print("| megapixels | nodes | edges | wall s | CPU s | peak MB | node | edge |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for megapixels in options.megapixels:
            truth = process(megapixels, round(megapixels * options.nodes_per_megapixel))
            picture = folder / f"large-{megapixels:g}.png"
            picture.write_bytes(write(truth, carry=False, scale=1).data)
            picture.with_suffix(".json").write_text(truth.to_json(), "utf-8")
            found, wall, cpu, peak = read(picture)
            marks = score(truth, found)
            row = [
                f"{megapixels:g}",
                len(truth.nodes),
                len(truth.edges),
                f"{wall:.1f}",
                f"{cpu:.1f}",
                f"{peak / 1e6:.0f}",
            ]
            print("| " + " | ".join(map(str, [*row, f"{marks.node:.3f}", f"{marks.edge:.3f}"])) + " |", flush=True)


if __name__ == "__main__":
    main()
