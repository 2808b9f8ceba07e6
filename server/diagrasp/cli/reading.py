"""What `recognize` and `batch` share: many pictures through one service, failures reported one by one."""

from __future__ import annotations

import argparse
import asyncio
import base64
import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from diagrasp.cli.main import Misuse, complain
from diagrasp.cli.output import write_file
from diagrasp.engines import EngineRegistry, Progress
from diagrasp.errors import DiagraspError, InputError, TooLargeError, UnsupportedFormat
from diagrasp.formats import FormatRegistry, FormatSpec
from diagrasp.recognition import AUTO
from diagrasp.service import ConversionResult, RecognitionResult, Service
from diagrasp.settings import Settings


def settings_of(**values: Any) -> Settings:
    """The settings, and logging set up as they say.  Raises ConfigurationError."""
    settings = Settings.load(**{name: value for name, value in values.items() if value is not None})
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    return settings


def target_spec(formats: FormatRegistry, name: str) -> FormatSpec:
    """What `--to` names.  Raises Misuse where it is none that can be written."""
    try:
        return formats.writer(name).spec
    except UnsupportedFormat as error:
        raise Misuse(error) from None


def check_engine(engines: EngineRegistry, name: str | None) -> None:
    """Raises Misuse where `--engine` names none."""
    if name is not None and name != AUTO and name not in engines.ids:
        raise Misuse(f"no engine {name!r}; there are {', '.join([AUTO, *engines.ids])}")


def split_options(spec: FormatSpec, pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """`--option`s into the engine's and the writer's: the writer's are those that its format names."""
    engine: dict[str, str] = {}
    writer: dict[str, str] = {}
    for key, value in pairs:
        (writer if key in spec.options else engine)[key] = value
    return engine, writer


def read_input(name: str, limit: int) -> bytes:
    """The bytes of a file, or of stdin for `-`, never many more than the limit.

    Raises:
        InputError: absent, a folder, unreadable.
        TooLargeError: over the limit.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit + 1)
        elif Path(name).is_dir():
            raise InputError(f"{name} is a folder; `diagrasp batch {name}` reads the pictures in it")
        else:
            with Path(name).open("rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > limit:
        raise TooLargeError(f"{name} has more than the {limit:,} bytes allowed (DIAGRASP_MAX_BYTES)")
    return data


def payload(result: RecognitionResult | ConversionResult) -> bytes:
    """What a result's writer wrote."""
    return base64.b64decode(result.data or "") if result.text is None else result.text.encode("utf-8", "replace")


class Reading:
    """Reads pictures as the command line asks.

    Raises:
        Misuse: no such format or engine.
        ConfigurationError: a setting cannot be used.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.settings = settings_of()
        self._arguments = arguments
        self._formats = FormatRegistry(external=self.settings.plugins)
        self._engines = EngineRegistry(self.settings, external=self.settings.plugins)
        self.spec = target_spec(self._formats, arguments.to)
        check_engine(self._engines, arguments.engine)
        self._options, self._write_options = split_options(self.spec, arguments.options)

    def open(self) -> AbstractAsyncContextManager[Service]:
        """The service that reads."""
        return Service.open(self.settings, formats=self._formats, engines=self._engines)

    async def one(
        self, service: Service, data: bytes, name: str, progress: Progress | None = None
    ) -> RecognitionResult:
        """One picture, its warnings told on stderr.  Raises what `Service.recognize` does."""
        result = await service.recognize(
            data,
            filename=name,
            format=self.spec.id,
            engine=self._arguments.engine,
            languages=self._arguments.lang,
            page=getattr(self._arguments, "page", None),
            use_cache=not self._arguments.no_cache,
            options=self._options,
            write_options=self._write_options,
            progress=progress,
            door="cli",
        )
        for warning in result.warnings:
            self._tell(warning, name, "warning")
        return result

    async def many(self, service: Service, work: Sequence[tuple[str, Path]]) -> int:
        """Pictures into files, a few at a time, with a bar on stderr.  Returns how many failed."""
        todo = iter(work)
        failed = 0
        bar = tqdm(total=len(work), unit="picture", file=sys.stderr, dynamic_ncols=True)

        async def worker() -> None:
            nonlocal failed
            for source, target in todo:
                try:
                    data = await asyncio.to_thread(read_input, source, self.settings.max_bytes)
                    result = await self.one(service, data, source)
                    await asyncio.to_thread(_write, target, payload(result))
                except DiagraspError as error:
                    failed += 1
                    self._tell(error, source, "error")
                bar.update()

        with bar:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.settings.workers, len(work))):
                    group.create_task(worker())
        return failed

    def _tell(self, message: object, where: str, kind: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):  # a bar under way makes room for the line
            complain(message, where=where, kind=kind)


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, data)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}") from None
