"""Every picture of a benchmark through the whole pipeline, timed and judged; nothing is remembered or kept."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagrasp.bench.calibration import Pair
from diagrasp.bench.cases import Case
from diagrasp.bench.metric import Marks, Score, mark, score
from diagrasp.engines import EngineRegistry
from diagrasp.errors import DiagraspError
from diagrasp.model import Diagram
from diagrasp.service import Service
from diagrasp.settings import Settings


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a picture.

    Attributes:
        found: None where there was no answer; `error` says why.
        seconds: decoding, recognition and checks; None where the answer was there already.
        confidence: the engine's, of the whole diagram.
        megapixels: the picture's area; None where only drawing it would tell (PDF, SVG).
    """

    case: Case
    found: Diagram | None
    marks: Marks
    score: Score
    seconds: float | None = None
    confidence: float | None = None
    error: str = ""
    megapixels: float | None = None

    @property
    def share(self) -> float:
        """The share of the graph that is right."""
        return self.marks.share(self.case.truth, self.found or Diagram())


@dataclass(frozen=True, slots=True)
class Run:
    """A whole benchmark.

    Attributes:
        startup: seconds of the first, uncounted recognition, which loads the engine; None where none was run.
        memory: largest resident size of the process in bytes; None where the system does not say.
    """

    engine: str
    results: Sequence[Result]
    startup: float | None = None
    memory: int | None = None
    models: Sequence[str] = field(default=())

    @property
    def failed(self) -> int:
        """Pictures without an answer."""
        return sum(r.found is None for r in self.results)

    def confidences(self) -> dict[str, list[Pair]]:
        """Confidence and what was right: of nodes, of edges (ends, direction and label), of whole diagrams."""
        pairs: dict[str, list[Pair]] = {"nodes": [], "edges": [], "diagrams": []}
        for result in self.results:
            if result.found is None:
                continue
            marks = result.marks
            for node in result.found.nodes:
                if node.confidence is not None:
                    pairs["nodes"].append((node.confidence, float(node.id in marks.nodes)))
            for edge in result.found.edges:
                if edge.confidence is not None and edge.id in marks.scored:
                    pairs["edges"].append((edge.confidence, float(edge.id in marks.labelled)))
            if result.confidence is not None:
                pairs["diagrams"].append((result.confidence, result.share))
        return pairs


def judge(case: Case, found: Diagram | None, **more: Any) -> Result:
    """A result from what was found."""
    marks = mark(case.truth, found or Diagram())
    return Result(case, found, marks, score(case.truth, found, marks), **more)


def judge_found(cases: Sequence[Case], folder: Path) -> Run:
    """Judge diagrams that were found before: NAME.json of a folder; one that is missing or broken is no answer."""
    results = []
    for case in cases:
        path = folder / f"{case.name}.json"
        try:
            results.append(judge(case, Diagram.from_json(path.read_bytes())))
        except OSError as error:
            results.append(judge(case, None, error=f"{path}: {error.strerror or error}"))
        except ValueError:
            results.append(judge(case, None, error=f"{path} is no diagram JSON"))
    return Run(str(folder), results)


async def recognize(
    cases: Sequence[Case],
    settings: Settings,
    engines: EngineRegistry,
    engine: str,
    *,
    jobs: int = 1,
    languages: Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    done: Callable[[Result], None] = lambda result: None,
) -> Run:
    """Read the pictures, each once, with an engine that is warm.

    Args:
        engine: its id, or `auto`.
        jobs: pictures read at a time; times are those of a busy machine where it is more than one.
        options: the engine's own.
        done: called with each result as it comes.

    Raises:
        EngineUnavailable, PluginError: the engine cannot be had, told by the first picture.
    """
    with tempfile.TemporaryDirectory(prefix="diagrasp-bench-") as folder:
        apart = settings.model_copy(update={"db": Path(folder, "bench.db"), "workers": jobs})
        async with Service.open(apart, engines=engines) as service:

            async def read(case: Case) -> Result:
                started = time.perf_counter()
                try:
                    data = await asyncio.to_thread(case.picture.read_bytes)
                    made = await service.recognize(
                        data,
                        filename=case.picture.name,
                        format="json",
                        engine=engine,
                        languages=languages,
                        use_cache=False,
                        options=dict(options or {}),
                        door="cli",
                    )
                except (DiagraspError, OSError) as error:
                    return judge(case, None, seconds=time.perf_counter() - started, error=str(error))
                seconds = time.perf_counter() - started
                models.add(made.model)
                return await asyncio.to_thread(
                    judge,
                    case,
                    made.diagram,
                    seconds=seconds,
                    confidence=made.confidence,
                    megapixels=megapixels(case.picture),
                )

            models: set[str] = set()
            first = min(cases, key=lambda case: case.picture.stat().st_size)
            startup = (await read(first)).seconds
            results: dict[str, Result] = {}
            todo = iter(cases)

            async def worker() -> None:
                for case in todo:
                    results[case.name] = await read(case)
                    done(results[case.name])

            async with asyncio.TaskGroup() as group:
                for _ in range(min(jobs, len(cases))):
                    group.create_task(worker())
    return Run(engine, [results[case.name] for case in cases], startup, peak_memory(), sorted(models))


def megapixels(path: Path) -> float | None:
    """The area of a picture by its header."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return float(picture.width * picture.height / 1e6)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def peak_memory() -> int | None:
    """The largest resident size that this process has had, in bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else most * 1024)
