"""How long conversions take as graphs grow, beside Graphviz and Mermaid's own program.

python tools/bench_formats.py [--nodes 1000 10000] [--mmdc PATH] [--mermaid mermaid.min.js]

Prints Markdown: for each format the seconds of CPU to write and to read a flowchart of so many nodes and half as many
edges again, by this process alone; then the layout; then `dot -Tsvg` and, where they are given, `mmdc` and Mermaid
itself in Chromium (seconds by the clock) on the same graphs.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagrasp.errors import DiagraspError
from diagrasp.formats import FormatRegistry, Reader, Writer
from diagrasp.layout import arrange
from diagrasp.model import Diagram


def flowchart(nodes: int, *, seed: int = 1) -> Diagram:
    """So many steps in ranks, each following an earlier one near by; half as many further edges, some of them back."""
    chance = random.Random(seed)  # noqa: S311
    pairs = [(max(0, i - chance.randint(1, 6)), i) for i in range(1, nodes)]
    while len(pairs) < nodes * 3 // 2:
        start = chance.randrange(nodes)
        pairs.append((start, max(0, min(nodes - 1, start + chance.randint(-3, 12)))))
    shapes = ("process", "decision", "rounded")
    return Diagram.model_validate(
        {
            "nodes": [{"id": f"n{i}", "label": f"Step {i}", "shape": chance.choice(shapes)} for i in range(nodes)],
            "edges": [{"source": f"n{a}", "target": f"n{b}"} for a, b in pairs],
        }
    )


def seconds(work: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """CPU seconds of this process, and what came out."""
    started = time.process_time()
    found = work(*given)
    return time.process_time() - started, found


def children(command: list[str], timeout: float) -> str:
    """CPU seconds of a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return f"over {timeout:.0f}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{spent:.2f}" if done.returncode == 0 else f"fails after {spent:.2f}"


PAGE = """<!doctype html><meta charset="utf-8"><body><script src="{0}"></script><script>
(async () => {{
  let told;
  try {{
    mermaid.initialize({{startOnLoad: false, maxTextSize: 1e9, maxEdges: 1e9}});
    const begun = performance.now();
    await mermaid.render("m", {1});
    told = ((performance.now() - begun) / 1000).toFixed(1);
  }} catch (error) {{ told = "fails"; }}
  document.body.innerHTML = "<pre id=told>" + told + "</pre>";
}})();
</script>"""


def in_chromium(mermaid: Path, source: str, folder: Path, timeout: float) -> str:
    """Seconds by the clock that Mermaid's own `render` takes in a browser."""
    page = folder / "page.html"
    page.write_text(PAGE.format(mermaid.resolve().as_uri(), json.dumps(source)), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--virtual-time-budget={timeout * 1000:.0f}"]
    try:
        done = subprocess.run(
            [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return f"over {timeout:.0f}"
    found = re.search(r'<pre id="told">([^<]*)', done.stdout)
    return found[1] if found else "fails"


def row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Seconds of CPU that conversions take.")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--mmdc", help="mermaid-cli's program")
    parser.add_argument("--mermaid", type=Path, help="mermaid.min.js, to be run in Chromium")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for another program")
    args = parser.parse_args()
    graphs = [flowchart(count) for count in args.nodes]
    registry = FormatRegistry(external=False)
    print(row("", [f"{part}, {count:,} nodes" for count in args.nodes for part in ("write", "read")]))
    print(row("---", ["---:"] * (2 * len(graphs))))
    placed = [seconds(arrange, graph) for graph in graphs]
    for each in registry:
        if not isinstance(each, Writer):
            continue
        cells = []
        for _, arranged in placed:
            spent, written = seconds(each.write, arranged)
            cells.append(f"{spent:.2f}")
            try:
                cells.append(f"{seconds(each.read, written.data)[0]:.2f}" if isinstance(each, Reader) else "")
            except DiagraspError as error:
                cells.append(f"refused: {str(error)[:60]}")
        print(row(f"`{each.spec.id}`", cells), flush=True)
    print(row("layout", [cell for spent, _ in placed for cell in (f"{spent:.2f}", "")]))
    with tempfile.TemporaryDirectory() as folder:
        programs = {"dot": ["dot", "-Tsvg"]} | ({"mermaid": [args.mmdc]} if args.mmdc else {})
        for name, command in programs.items():
            cells = []
            for graph in graphs:
                source = Path(folder) / f"graph.{name}"
                writer = registry.get(name)
                assert isinstance(writer, Writer)
                source.write_bytes(writer.write(graph).data)
                out = str(Path(folder) / "out.svg")
                more = ["-o", out, str(source)] if name == "dot" else ["-i", str(source), "-o", out]
                cells += [children([*command, *more], args.timeout), ""]
            print(row(f"`{' '.join(Path(word).name for word in command)}`", cells), flush=True)
        if args.mermaid is not None:
            writer = registry.writer("mermaid")
            sources = [writer.write(graph).text for graph in graphs]
            told = [in_chromium(args.mermaid, source, Path(folder), args.timeout) for source in sources]
            print(row("Mermaid in Chromium", [cell for seconds_ in told for cell in (seconds_, "")]), flush=True)


if __name__ == "__main__":
    main()
