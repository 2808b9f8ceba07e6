"""What every door offers: recognize, convert, look up, count.  One object, opened from the settings."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from diagrasp.engines import EngineRegistry, Progress, Said
from diagrasp.errors import DiagraspError, EngineError, InputError, NotFoundError, TooLargeError
from diagrasp.features import WHOLE
from diagrasp.formats import FormatRegistry, FormatSpec, Loss, Written, convert
from diagrasp.images import Picture
from diagrasp.model import Diagram
from diagrasp.recognition import Job, Recognizer
from diagrasp.results import ConversionResult, LossInfo, RecognitionResult, RequestInfo, Statistics
from diagrasp.settings import Settings
from diagrasp.store import Entry, Store
from diagrasp.threads import run_abandonable

__all__ = ["ConversionResult", "LossInfo", "RecognitionResult", "RequestInfo", "Service", "Statistics"]

T = TypeVar("T")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Service:
    """The application.  Make one with `async with Service.open(settings) as service`."""

    def __init__(
        self, settings: Settings, formats: FormatRegistry, engines: EngineRegistry, store: Store, recognizer: Recognizer
    ) -> None:
        self.settings = settings
        self.formats = formats
        self.engines = engines
        self.store = store
        self._recognizer = recognizer
        self._background: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, *, formats: FormatRegistry | None = None, engines: EngineRegistry | None = None
    ) -> AsyncIterator[Service]:
        """Open the store and the registries (those installed, unless others are given); close all at the end.

        Raises:
            PluginError: two plugins claim one id.
        """
        formats = formats or FormatRegistry(external=settings.plugins)
        engines = engines or EngineRegistry(settings, external=settings.plugins)
        async with Store.open(settings) as store:
            recognizer = Recognizer(settings, engines, store)
            service = cls(settings, formats, engines, store, recognizer)
            try:
                yield service
            finally:
                await recognizer.aclose()
                await engines.aclose()
                await asyncio.gather(*service._background, return_exceptions=True)

    async def recognize(
        self,
        image: bytes,
        *,
        filename: str = "",
        format: str = "mermaid",
        engine: str | None = None,
        languages: Sequence[str] | None = None,
        page: int | None = None,
        use_cache: bool = True,
        options: Mapping[str, Any] | None = None,
        write_options: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        door: str = "library",
        said: Said | None = None,
    ) -> RecognitionResult:
        """Read a picture and write its diagram.

        Args:
            image: the file's bytes.
            filename: for messages and the format of ambiguous input.
            format: id, alias or suffix of the format written.
            engine: an engine's id or `auto`; None is the settings' choice.
            languages: of the labels, ISO 639-1, most likely first.
            page: counted from 1.
            use_cache: whether an answer already known will do; a new answer is kept in any case.
            options, write_options: the engine's, the writer's.
            progress: called in the event loop's thread with the share done and what is being done.
            door: who asked, for the request log.
            said: what the caller's own model said of the picture, for the engine `client`.

        Raises:
            InputError (TooLargeError, NotFoundError, UnsupportedFormat), EngineError (EngineUnavailable,
            RecognitionTimeout), PluginError, Overloaded.
        """
        started = time.perf_counter()
        chosen = engine or self.settings.engine
        entry: dict[str, Any] = {
            "door": door,
            "task": "recognize",
            "engine": chosen,
            "format": format,
            "size": len(image),
        }
        try:
            entry["hash"] = await self._hash(image)
            writer = self.formats.writer(format)
            spec = writer.spec
            entry["format"] = spec.id
            _check_options(spec, write_options)
            languages = _languages(languages)
            job = Job(image, entry["hash"], filename, chosen, page, languages, dict(options or {}), use_cache, said)
            outcome = await self._recognizer.run(job, progress)
            stored = outcome.stored
            written = await self._in_thread(writer.write, stored.diagram, **(write_options or {}))
        except DiagraspError as error:
            await self.store.record(_failure(entry, started, error.code))
            raise
        except BaseException as error:
            self._record_later(_failure(entry, started, error))
            raise
        elapsed = _milliseconds(started)
        entry |= {"engine": stored.engine, "width": outcome.width, "height": outcome.height, "result": stored.id}
        await self.store.record(Entry(**entry, elapsed_ms=elapsed, cached=outcome.cached))
        warnings = [*stored.warnings, *outcome.warnings, *self._remarks(stored.diagram, stored.confidence)]
        warnings += _summary(written.losses)
        text, data = _text_or_data(spec, written)
        return RecognitionResult(
            id=stored.id,
            diagram=stored.diagram,
            text=text,
            data=data,
            format=spec.id,
            media_type=spec.media_type,
            engine=stored.engine,
            model=stored.model,
            confidence=stored.confidence,
            warnings=list(dict.fromkeys(warnings)),
            cached=outcome.cached,
            elapsed_ms=elapsed,
            pages=stored.pages,
        )

    async def unknown(
        self,
        image: bytes,
        *,
        engine: str,
        filename: str = "",
        languages: Sequence[str] | None = None,
        page: int | None = None,
        use_cache: bool = True,
    ) -> Picture | None:
        """The decoded picture, unless an answer of that engine is cached.  Raises InputError, EngineUnavailable."""
        hash = await self._hash(image)
        return await self._recognizer.unknown(
            Job(image, hash, filename, engine, page, _languages(languages), use_cache=use_cache)
        )

    async def convert(
        self,
        source: bytes,
        to_format: str,
        *,
        from_format: str | None = None,
        filename: str | None = None,
        page: int | None = None,
        options: Mapping[str, Any] | None = None,
        door: str = "library",
    ) -> ConversionResult:
        """Read a diagram in one format and write it in another.

        Raises:
            UnsupportedFormat, ParseError, NotFoundError, TooLargeError, InputError.
        """
        started = time.perf_counter()
        entry: dict[str, Any] = {"door": door, "task": "convert", "format": to_format, "size": len(source)}
        try:
            entry["hash"] = await self._hash(source)
            if len(source) > self.settings.max_bytes:
                raise TooLargeError(
                    f"{filename or 'the input'} has {len(source):,} bytes, more than the "
                    f"{self.settings.max_bytes:,} allowed (DIAGRASP_MAX_BYTES)"
                )
            target = self.formats.writer(to_format).spec
            _check_options(target, options)
            made = await self._in_thread(
                convert,
                self.formats,
                source,
                to_format,
                from_format=None if from_format in (None, "", "auto") else from_format,
                filename=filename,
                page=page,
                options=options,
            )
        except DiagraspError as error:
            await self.store.record(_failure(entry, started, error.code))
            raise
        except BaseException as error:
            self._record_later(_failure(entry, started, error))
            raise
        entry["format"] = made.target.id
        await self.store.record(Entry(**entry, elapsed_ms=_milliseconds(started)))
        text, data = _text_or_data(made.target, made.written)
        return ConversionResult(
            text=text,
            data=data,
            format=made.target.id,
            media_type=made.target.media_type,
            source_format=made.source.id,
            losses=[LossInfo.of(loss) for loss in made.losses],
            diagram=made.diagram,
            pages=made.pages,
        )

    async def diagram(self, id: str) -> Diagram:
        """A diagram recognized before.  Raises NotFoundError."""
        found = await self.store.result(id)
        if found is None:
            raise NotFoundError(f"no diagram {id!r}; it may have left the cache: recognize the picture again")
        return found.diagram

    async def write(self, id: str, format: str, *, options: Mapping[str, Any] | None = None) -> Written:
        """A diagram recognized before, in a format.  Raises NotFoundError, UnsupportedFormat, InputError."""
        writer = self.formats.writer(format)
        _check_options(writer.spec, options)
        return await self._in_thread(writer.write, await self.diagram(id), **(options or {}))

    async def recent(self, limit: int = 50) -> list[RequestInfo]:
        """The latest requests, newest first."""
        return [RequestInfo.model_validate(row) for row in await self.store.recent(limit)]

    async def statistics(self) -> Statistics:
        """What was asked for so far, and what the cache holds."""
        figures = await self.store.figures()
        by_task, by_engine = Counter[str](), Counter[str]()
        errors = cached = 0
        for group in figures["groups"]:
            by_task[group["task"]] += group["count"]
            errors += group["count"] * (group["status"] == "error")
            if group["task"] == "recognize" and group["status"] == "ok":
                by_engine[group["engine"]] += group["count"]
                cached += group["count"] * bool(group["cached"])
        times: list[float] = figures["times"]
        return Statistics(
            since=figures["since"],
            requests=by_task.total(),
            errors=errors,
            cached=cached,
            by_task=dict(by_task),
            by_engine=dict(by_engine),
            mean_ms=sum(times) / len(times) if times else None,
            p50_ms=_quantile(times, 0.5),
            p95_ms=_quantile(times, 0.95),
            results=figures["results"],
            cache_bytes=figures["bytes"],
            running=self._recognizer.running,
            waiting=self._recognizer.waiting,
            db=str(self.settings.db),
            warning=self.store.warning,
        )

    async def clear_cache(self) -> int:
        """Drop every cached result.  Returns how many.  Raises ConfigurationError."""
        return await self.store.clear()

    async def backup(self, target: Path) -> None:
        """Copy the store's file while in use.  Raises ConfigurationError."""
        await self.store.backup(target)

    def _remarks(self, diagram: Diagram, confidence: float) -> list[str]:
        """What the user should know about a result before trusting it."""
        remarks = [self.store.warning] if self.store.warning else []
        if not diagram.nodes and not diagram.groups:
            remarks.append("no diagram was found in the picture")
        elif confidence < self.settings.min_confidence:
            remarks.append(f"low confidence ({confidence:.2f}): compare the result with the picture")
        return remarks

    async def _hash(self, data: bytes) -> str:
        return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()

    async def _in_thread(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Reading or writing a format, off the event loop and within the time limit.  Raises EngineError on timeout."""
        try:
            async with asyncio.timeout(self.settings.timeout):
                return await run_abandonable(functools.partial(work, *args, **kwargs))
        except TimeoutError:
            raise EngineError(f"no answer within {self.settings.timeout:g} s (DIAGRASP_TIMEOUT)") from None

    def _record_later(self, line: Entry) -> None:
        """Log from a task of its own: the caller's was cancelled and cannot wait."""
        task = asyncio.get_running_loop().create_task(self.store.record(line))
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _failure(entry: dict[str, Any], started: float, error: BaseException | str) -> Entry:
    """A failed request's line in the log: the error's code or name, never its words, which may name files."""
    cancelled = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
    text = error if isinstance(error, str) else type(error).__name__
    return Entry(**entry, elapsed_ms=_milliseconds(started), status="cancelled" if cancelled else "error", error=text)


def _check_options(spec: FormatSpec, options: Mapping[str, Any] | None) -> None:
    """Raises InputError on an option that the writer does not know, before any work is done for it."""
    for name in options or {}:
        if name not in spec.options:
            known = f"it has {', '.join(spec.options)}" if spec.options else "it has none"
            raise InputError(f"the format {spec.id} has no option {name!r}; {known}")


def _languages(languages: Sequence[str] | None) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(code.strip().lower() for code in languages or () if code.strip()))
    for code in found:
        if not _LANGUAGE.fullmatch(code):
            raise InputError(f"{code!r} is no language code; give ISO 639-1 codes such as ru,en")
    return found or ("ru", "en")


def _summary(losses: Sequence[Loss]) -> list[str]:
    """One warning for each sort of content that the format cannot express.

    Where things lie and how sure the engine was is the picture's and the engine's, not the diagram's: of that, only
    a conversion reports the loss.
    """
    sorts: dict[str, list[Loss]] = {}
    for loss in losses:
        if loss.feature not in WHOLE:
            sorts.setdefault(loss.feature.partition(".")[0], []).append(loss)
    return [
        f"{found[0].message or sort}{f' (and {len(found) - 1} more like it)' if len(found) > 1 else ''}"
        for sort, found in sorts.items()
    ]


def _text_or_data(spec: FormatSpec, written: Written) -> tuple[str | None, str | None]:
    return (None, base64.b64encode(written.data).decode()) if spec.binary else (written.text, None)


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
