"""The engine that works at once after install: classical vision, and a small net that reads the text."""

from __future__ import annotations

import asyncio
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

from diagrasp.engines import EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.engines.embedded.memory import Rest, give_back, one_heap
from diagrasp.errors import DiagraspError

if TYPE_CHECKING:
    from diagrasp.engines.embedded.reading import LineReader
    from diagrasp.images import Picture

REVISION = "9"
"""Part of cache keys: raised whenever the same picture may give another diagram."""

SMALL = 2_000_000
"""Pixels of a picture above which it finds no memory kept: what it takes would come on top of gaps in what was."""


class EmbeddedEngine:
    """Reads symbols, connectors and text with what the wheel brings along; no download, no GPU."""

    spec = EngineSpec(
        "embedded",
        "Embedded vision",
        description="OpenCV and a small text reader, shipped with diagrasp",
        options={"reader": "text reader: auto, net or tesseract"},
    )

    def __init__(self) -> None:
        one_heap()
        self._readers: dict[tuple[str, tuple[str, ...]], LineReader] = {}
        self._lock = threading.Lock()
        self._rest = Rest()

    @property
    def revision(self) -> str:
        """The engine's, its text reader's, and those of the nets for handwriting that are there."""
        from diagrasp.engines.embedded.reading.packaged import revision

        try:
            return f"{REVISION}/{self._reader('auto', ('ru', 'en')).revision}/{revision()}"
        except DiagraspError:
            return REVISION

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Read a picture in a worker thread; where the task is cancelled, the thread stops at its next stage."""
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(None, self._work, picture, request, progress, stop)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    def _work(self, picture: Picture, request: Request, progress: Progress, stop: threading.Event) -> Recognition:
        with self._rest.working():
            if picture.pixels.shape[0] * picture.pixels.shape[1] > SMALL:
                give_back()
            return self._read(picture, request, progress, stop)

    def _read(self, picture: Picture, request: Request, progress: Progress, stop: threading.Event) -> Recognition:
        from diagrasp.engines.embedded.graph.assemble import assemble
        from diagrasp.engines.embedded.graph.confidence import rate
        from diagrasp.engines.embedded.graph.verdict import doubtful, no_diagram
        from diagrasp.engines.embedded.picture.canvas import without_dots
        from diagrasp.engines.embedded.picture.page import without_surroundings
        from diagrasp.engines.embedded.picture.upright import upright
        from diagrasp.engines.embedded.scene import understand
        from diagrasp.model import Diagram

        def report(share: float, what: str) -> None:
            if stop.is_set():
                raise asyncio.CancelledError
            progress(share, what)

        report(0.05, "text reader")
        reader = self._reader(str(request.options.get("reader", "auto")), request.languages)
        report(0.1, "symbols and connectors")
        pixels, turn = upright(without_surroundings(without_dots(picture.pixels)))
        scene = understand(pixels, reader)
        report(0.6, "text")
        diagram, confidence = rate(*assemble(scene, pixels, reader))
        if turn is not None:
            diagram = turn.undo(diagram)
        report(1.0, "done")
        warnings = [] if reader.name != "tesseract" else ["the text was read by Tesseract"]
        warnings += scene.remarks
        reason = no_diagram(scene, diagram)
        if reason is not None:
            diagram, confidence = Diagram(kind="flowchart"), 0.0
        warnings += [said for said in (reason or doubtful(diagram),) if said]
        return Recognition(diagram, confidence, tuple(warnings), model=f"embedded/{self.revision}")

    def _reader(self, name: str, languages: tuple[str, ...]) -> LineReader:
        with self._lock:
            if (name, languages) not in self._readers:
                from diagrasp.engines.embedded.reading import load_reader

                self._readers[name, languages] = load_reader(name, languages)
            return self._readers[name, languages]

    def check(self) -> list[Problem]:
        """Missing packages, a missing reader."""
        problems = [
            Problem(f"the package {name} is missing", "pip install --force-reinstall diagrasp")
            for name in ("cv2", "numpy", "onnxruntime")
            if find_spec(name) is None
        ]
        if not problems:
            try:
                self._reader("auto", ("ru", "en"))
            except DiagraspError as error:
                problems.append(Problem(str(error), "pip install --force-reinstall diagrasp"))
        return problems

    async def aclose(self) -> None:
        """Let go of the reader and of memory kept."""
        self._readers.clear()
        self._rest.end()
