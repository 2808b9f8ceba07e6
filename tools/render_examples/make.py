"""Draw docs/examples anew.

    python tools/render_examples/make.py [NAME ...] [--out docs/examples]

Needs `npm install` in this folder, Chromium, Graphviz, PlantUML and the fonts that README.md names.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from examples import bpmn_processes, charts, scenes  # noqa: E402
from PIL import Image  # noqa: E402

from diagrasp.model import Diagram  # noqa: E402
from diagrasp_train.generate import bpmn, graphviz, mermaid, plantuml, scene  # noqa: E402
from diagrasp_train.generate.browser import Browser  # noqa: E402

Image.MAX_IMAGE_PIXELS = None


def shrink(path: Path, colours: int = 0) -> None:
    """Write the PNG again without metadata, as small as it gets; `colours` > 0 makes a palette of so many."""
    with Image.open(path) as picture:
        pixels = picture.convert("RGB")
    if colours:
        pixels = pixels.quantize(colours, dither=Image.Dither.NONE)
    pixels.save(path, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "examples")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    def wanted(name: str) -> bool:
        return not arguments.names or name in arguments.names

    def keep(name: str, truth: Diagram, source: str, suffix: str, colours: int = 64) -> None:
        picture = arguments.out / f"{name}.png"
        shrink(picture, colours)
        (arguments.out / f"{name}.json").write_text(truth.to_json() + "\n", encoding="utf-8")
        (arguments.out / f"{name}{suffix}").write_text(source, encoding="utf-8")
        with Image.open(picture) as image:
            size = f"{image.width}x{image.height}, {picture.stat().st_size // 1024} KiB"
        print(f"{name}: {size}, {len(truth.nodes)} nodes, {len(truth.edges)} edges")

    with Browser(HERE) as browser:
        for name, (diagram, style) in bpmn_processes.EXAMPLES.items():
            if wanted(name):
                keep(name, *bpmn.draw(diagram, style, browser, arguments.out / f"{name}.png"), ".bpmn")
        for name, (diagram, style) in charts.MERMAID.items():
            if wanted(name):
                keep(name, *mermaid.draw(diagram, style, browser, arguments.out / f"{name}.png"), ".mmd")
        for name, (diagram, style) in scenes.EXCALIDRAW.items():
            if wanted(name):
                keep(
                    name, *scene.draw_excalidraw(diagram, style, browser, arguments.out / f"{name}.png"), ".excalidraw"
                )
        for name, (diagram, style) in scenes.DRAWIO.items():
            if wanted(name):
                keep(name, *scene.draw_drawio(diagram, style, browser, arguments.out / f"{name}.png"), ".drawio")
    for name, (diagram, style) in charts.GRAPHVIZ.items():
        if wanted(name):
            keep(name, *graphviz.draw(diagram, style, arguments.out / f"{name}.png"), ".dot")
    for name, (diagram, text) in charts.PLANTUML.items():
        if wanted(name):
            plantuml.draw(text, arguments.out / f"{name}.png")
            keep(name, diagram, text, ".puml")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
