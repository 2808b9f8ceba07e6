"""The pipeline: bytes -> cache -> engine -> checks -> result."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from diagrasp import model
from diagrasp.engines import Engine, EngineRegistry, Outlook, Progress, Recognition, Request, Said
from diagrasp.errors import (
    DiagraspError,
    EngineError,
    EngineUnavailable,
    InputError,
    NotFoundError,
    PluginError,
    RecognitionTimeout,
    TooLargeError,
)
from diagrasp.flights import Flights
from diagrasp.images import Picture, load_picture
from diagrasp.model import Diagram
from diagrasp.settings import Settings
from diagrasp.store import Store, Stored
from diagrasp.textlayer import corrected
from diagrasp.workers import Workers

log = logging.getLogger(__name__)

AUTO = "auto"
SOURCE = "source"
EMBEDDED = "embedded"
SMALLEST = 8  # pixels a side; no symbol fits into less
_PLAIN = 3  # levels of difference below which a picture is of one colour


@dataclass(frozen=True, slots=True)
class Job:
    """One recognition asked for.

    Attributes:
        hash: SHA-256 of the data in hexadecimal.
        engine: an engine's id, or `auto`.
        page: counted from 1; None is the first, or whichever the engine finds fitting.
        options: the engine's own.
        said: what the caller's own model said of the picture, where it was asked.
    """

    data: bytes
    hash: str
    name: str = ""
    engine: str = AUTO
    page: int | None = None
    languages: tuple[str, ...] = ("ru", "en")
    options: Mapping[str, Any] = field(default_factory=dict)
    use_cache: bool = True
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: the result, whether it was cached, the picture's size where it was decoded."""

    stored: Stored
    cached: bool
    warnings: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None


class Recognizer:
    """Runs jobs: a cached answer where there is one, else one engine run for all who ask for the same.

    At most `settings.workers` pictures are read at a time and `settings.queue` wait.
    """

    def __init__(self, settings: Settings, engines: EngineRegistry, store: Store) -> None:
        self._settings = settings
        self._engines = engines
        self._store = store
        self._flights: Flights[Outcome] = Flights()
        self._workers = Workers(settings.workers, settings.queue)

    @property
    def running(self) -> int:
        """Pictures being read now."""
        return self._workers.running

    @property
    def waiting(self) -> int:
        """Pictures waiting for a worker now."""
        return self._workers.waiting

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._flights.aclose()

    async def run(self, job: Job, progress: Progress | None = None) -> Outcome:
        """Recognize a picture.

        Args:
            progress: called in the event loop's thread.

        Raises:
            InputError, EngineError (EngineUnavailable, RecognitionTimeout among them), Overloaded.
        """
        if len(job.data) > self._settings.max_bytes:
            raise TooLargeError(
                f"{job.name or 'the picture'} has {len(job.data):,} bytes, more than the "
                f"{self._settings.max_bytes:,} allowed (DIAGRASP_MAX_BYTES)"
            )
        self._check_options(job)
        name = self._name(job, job.hash)
        if job.use_cache and (stored := await self._store.find(name)) is not None:
            return Outcome(stored, cached=True)

        async def work(report: Progress) -> Outcome:
            async with self._workers.one():
                return await self._recognize(job, name, report)

        return await self._flights.join((name, job.use_cache), work, progress)

    async def unknown(self, job: Job) -> Picture | None:
        """The picture of a job that no cached answer will do for; None where one will.

        Raises:
            InputError, EngineUnavailable.
        """
        if job.use_cache:
            for name in (self._name(job, job.hash), self._name(job, job.hash, self._engines.get(job.engine))):
                if await self._store.find(name) is not None:
                    return None
        picture = await asyncio.to_thread(self._load, job)
        _check_readable(picture)
        return picture

    async def _recognize(self, job: Job, name: str, report: Progress) -> Outcome:
        deadline = asyncio.get_running_loop().time() + self._settings.timeout
        try:
            async with asyncio.timeout_at(deadline):
                report(0.0, "decoding")
                picture = await asyncio.to_thread(self._load, job)
            if job.engine == AUTO:
                found = await self._auto(job, picture, report, deadline)
            else:
                found = await self._cached(self._engines.get(job.engine), job, picture, report, deadline)
        except TimeoutError:
            raise RecognitionTimeout(
                f"{job.name or 'the picture'} took longer than {self._settings.timeout:g} s (DIAGRASP_TIMEOUT)"
            ) from None
        if not found.warnings:  # what went wrong on the way may go right the next time
            await self._store.name(found.stored.id, [name])
        return replace(found, width=picture.width, height=picture.height)

    async def _auto(self, job: Job, picture: Picture, report: Progress, deadline: float) -> Outcome:
        """Source, then embedded, then, where that is unsure, the vision model that the user configured.

        The vision model gets the embedded engine's diagram as a draft; its failure costs nothing but a warning.
        """
        warnings: list[str] = []
        if SOURCE in self._engines.ids:
            try:
                exact = await self._cached(self._engines.get(SOURCE), job, picture, report, deadline)
                if exact.stored.diagram.nodes:
                    return exact
            except NotFoundError:
                pass
            except EngineUnavailable as error:
                log.info("source: %s", error)
            except (EngineError, InputError) as error:
                warnings.append(f"the source that the file carries could not be used: {error}")
        second = self._vision()
        first: Outcome | None = None
        try:
            first = await self._cached(self._engines.get(EMBEDDED), job, picture, report, deadline)
        except EngineUnavailable:
            if second is None:
                raise
        if first is not None and (second is None or first.stored.confidence >= self._settings.min_confidence):
            return replace(first, warnings=(*first.warnings, *warnings))
        assert second is not None  # noqa: S101
        draft = None if first is None else first.stored.diagram
        if first is not None and (reason := await self._not_worth_it(second, picture, first)):
            return replace(first, warnings=(*first.warnings, *warnings, reason))
        try:
            better = await self._cached(self._engines.get(second), job, picture, report, deadline, draft)
        except (EngineError, PluginError, TimeoutError) as error:
            if first is None:
                raise
            reason = str(error) or f"no answer within {self._settings.timeout:g} s"
            warnings.append(f"{second} was asked for help and failed: {reason}")
            better = first
        if first is not None and not better.stored.diagram.nodes:
            better = first
        return replace(better, warnings=(*better.warnings, *warnings))

    async def _not_worth_it(self, second: str, picture: Picture, first: Outcome) -> str:
        """Why the vision model is not asked for help; empty where it is.

        It must not take longer than the settings allow, and where its card says how much it usually gets right, that
        must be more than the first engine is likely to have right in this very picture: its confidence is calibrated.
        """
        try:
            outlook = getattr(self._engines.get(second), "outlook", None)
        except (EngineUnavailable, PluginError):
            return ""
        if outlook is None:
            return ""
        found: Outlook = await asyncio.to_thread(outlook, picture, first.stored.diagram)
        allowed = self._settings.auto_seconds
        if found.quality is not None and found.quality <= first.stored.confidence:
            log.info(
                "%s is right about %.2f, which is no more than %.2f", second, found.quality, first.stored.confidence
            )
            return f"{second} was not asked: by its card it gets no more right than this ({found.quality:.2f})"
        if allowed and found.seconds is not None and found.seconds > allowed:
            return (
                f"{second} was not asked: it would take about {found.seconds:.0f} s here, and DIAGRASP_AUTO_SECONDS "
                f"allows {allowed:g}; engine {second} asks it all the same"
            )
        return ""

    def _vision(self) -> str | None:
        """The engine of the vision model that the user configured."""
        wanted = {"qwen3-vl": self._settings.vlm_model, "openai": self._settings.openai_url}
        return next((id for id, value in wanted.items() if value and id in self._engines.ids), None)

    async def _cached(
        self,
        engine: Engine,
        job: Job,
        picture: Picture,
        report: Progress,
        deadline: float,
        draft: Diagram | None = None,
    ) -> Outcome:
        """One engine's answer, from the cache by the file or by its pixels, else made and kept."""
        names = [self._name(job, job.hash, engine, draft)]
        if engine.spec.pixels_only and not picture.words:
            names.append(self._name(job, await self._pixels_hash(picture), engine, draft, pixels=True))
        if job.use_cache:
            for name in names:
                if (stored := await self._store.find(name)) is not None:
                    await self._store.name(stored.id, names)
                    return Outcome(stored, cached=True)
        if engine.spec.id != SOURCE:
            _check_readable(picture)
        options = {name: value for name, value in job.options.items() if name in engine.spec.options}
        made = await self._ask(engine, picture, Request(job.languages, options, draft, job.said), report, deadline)
        stored = Stored(
            id=names[0][:16],
            diagram=made.diagram,
            confidence=made.confidence,
            engine=engine.spec.id,
            model=made.model,
            warnings=tuple(made.warnings),
            pages=picture.pages,
        )
        problem = await self._store.save(stored, names)
        return Outcome(stored, cached=False, warnings=(problem,) if problem else ())

    async def _ask(
        self, engine: Engine, picture: Picture, request: Request, report: Progress, deadline: float
    ) -> Recognition:
        """An engine's checked answer.  Raises EngineError, InputError, TimeoutError."""
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(deadline):
                made = await engine.recognize(picture, request, report)
            if picture.words and engine.spec.id != SOURCE:
                diagram, changed = await asyncio.to_thread(corrected, made.diagram, picture.words)
                told = f"{changed} labels are those of the PDF's own text" if changed else ""
                made = replace(made, diagram=diagram, warnings=(*made.warnings, *((told,) if told else ())))
            made = replace(made, diagram=_checked(made.diagram), confidence=_share(made.confidence))
        except (DiagraspError, TimeoutError):
            raise
        except Exception as error:
            log.info("the engine %s failed", engine.spec.id, exc_info=True)
            raise EngineError(f"the engine {engine.spec.id!r} failed: {type(error).__name__}: {error}") from error
        self._workers.took(asyncio.get_running_loop().time() - started)
        return made

    def _load(self, job: Job) -> Picture:
        return load_picture(
            job.data,
            name=job.name,
            page=job.page,
            max_bytes=self._settings.max_bytes,
            max_pixels=self._settings.max_pixels,
        )

    def _name(
        self, job: Job, hash: str, engine: Engine | None = None, draft: Diagram | None = None, *, pixels: bool = False
    ) -> str:
        """The name that an answer is cached under: everything that it depends on.

        Without an engine, the name of the job itself: for `auto` that is every engine which might answer.
        """
        engines = self._candidates(job.engine) if engine is None else [engine]
        parts = {
            "pixels" if pixels else "file": hash,
            "page": None if pixels else job.page,
            "engine": job.engine if engine is None else engine.spec.id,
            "revisions": [[each.spec.id, each.spec.version, each.revision] for each in engines],
            "confidence": [self._settings.min_confidence, self._settings.auto_seconds]
            if engine is None and job.engine == AUTO
            else None,
            "languages": job.languages,
            "options": job.options,
            "draft": None if draft is None else hashlib.sha256(draft.model_dump_json().encode()).hexdigest(),
            "model": model.VERSION,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _candidates(self, id: str) -> list[Engine]:
        """The engines that may answer a job.  Raises EngineUnavailable, PluginError where that one cannot be had."""
        if id != AUTO:
            return [self._engines.get(id)]
        found = []
        for each in (SOURCE, EMBEDDED, self._vision()):
            if each is not None and each in self._engines.ids:
                try:
                    found.append(self._engines.get(each))
                except DiagraspError as error:
                    log.info("%s: %s", each, error)
        return found

    def _check_options(self, job: Job) -> None:
        """Raises InputError on an option that no engine asked knows."""
        if job.options:
            known = dict.fromkeys(name for engine in self._candidates(job.engine) for name in engine.spec.options)
            for name in job.options:
                if name not in known:
                    able = f"it has {', '.join(known)}" if known else "it has none"
                    raise InputError(f"the engine {job.engine} has no option {name!r}; {able}")

    async def _pixels_hash(self, picture: Picture) -> str:
        def digest() -> str:
            made = hashlib.sha256(f"{picture.width}x{picture.height}:".encode())
            made.update(picture.pixels.data if picture.pixels.flags.c_contiguous else picture.pixels.tobytes())
            return made.hexdigest()

        return await asyncio.to_thread(digest)


def _check_readable(picture: Picture) -> None:
    """Raises InputError where there is nothing to be seen."""
    label = picture.name or "the picture"
    if min(picture.width, picture.height) < SMALLEST:
        raise InputError(f"{label} has {picture.width} x {picture.height} pixels: too small to show a diagram")
    pixels = picture.pixels
    if all(int(pixels[..., i].max()) - int(pixels[..., i].min()) < _PLAIN for i in range(3)):
        raise InputError(f"{label} is blank: all its pixels have one colour")


def _checked(diagram: Diagram) -> Diagram:
    """The same diagram, its invariants tested anew: an engine may have built it without.  Raises EngineError."""
    try:
        return Diagram.model_validate_json(diagram.model_dump_json(warnings="error"))
    except (ValidationError, ValueError) as error:
        raise EngineError(f"the engine made a diagram that is not valid: {_first_line(error)}") from error


def _share(value: float) -> float:
    return min(1.0, max(0.0, float(value))) if math.isfinite(value) else 0.0


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors(include_url=False, include_input=False)[0]["msg"])
    return str(error).partition("\n")[0]
